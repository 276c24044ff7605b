package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/money"
)

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(line, ":")
}

// checkedText writes what a check found for a manager: problems first.
type checkedText struct {
	w   io.Writer
	err error
}

func (t *checkedText) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", args...)
	}
}

func writeChecked(w io.Writer, found *books.Checked, imported books.Report) error {
	t := &checkedText{w: w}
	t.line("%s: snapshot %d, %d files read now, %d unchanged", found.Company, found.Snapshot, len(imported.Read), imported.Kept)
	if found.Allowed {
		t.line("A close is allowed.")
	} else {
		t.line("A close would be refused:")
	}
	for _, r := range found.Refusals {
		t.advice("✗", r.What, r.Do, nil)
	}
	if len(found.Findings) > 0 {
		t.line("\ncustomer ids of all books")
		for _, f := range found.Findings {
			t.advice("!", f.Text, f.Do, f.Examples)
		}
	}
	for _, b := range found.Books {
		t.book(b)
	}
	if len(found.Next) > 0 {
		t.line("\nNext:")
		for i, n := range found.Next {
			if i == 0 && !found.Allowed {
				n += "    (after mending what is marked ✗)"
			}
			t.line("  %s", n)
		}
	}
	return t.err
}

// advice writes a problem, its examples and what to do.
func (t *checkedText) advice(mark, what, do string, examples []string) {
	lines := strings.Split(what, "\n")
	t.line("  %s %s", mark, lines[0])
	for _, l := range lines[1:] {
		t.line("    %s", l)
	}
	if short := strings.Join(examples, ", "); len(short) <= 100 {
		examples = []string{short}
	}
	for _, e := range examples {
		if e != "" {
			t.line("      %s", e)
		}
	}
	if do != "" {
		t.line("    → %s", do)
	}
}

func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func shareText(x float64) string {
	if x > 0 && x < 0.001 {
		return "under 0.1%"
	}
	return fmt.Sprintf("%.1f%%", 100*x)
}

func (t *checkedText) book(b books.CheckedBook) {
	days := "no dates"
	if b.FirstDay != nil {
		days = fmt.Sprintf("%s to %s", b.FirstDay, b.LastDay)
	}
	t.line("\n%s: %s rows, %s", b.Book, grouped(b.Rows), days)
	if b.Dropped > 0 {
		t.line("  %s older rows of its files are no longer kept (settings: how long rows are kept)", grouped(b.Dropped))
	}
	t.refused(b)
	for _, f := range b.Findings {
		t.advice("!", f.Text, f.Do, f.Examples)
	}
	if b.Refused == 0 && len(b.Findings) == 0 {
		t.line("  ✓ nothing looks wrong")
	}
	if b.Identified != nil && b.Unidentified != nil && b.Book != "customers" && b.Rows > 0 {
		t.line("  %s rows of %s customers (%s)%s; %s rows without a customer (%s)%s",
			grouped(b.Identified.Rows), grouped(b.Customers), shareText(b.Identified.Share), amountText(b.Identified),
			grouped(b.Unidentified.Rows), shareText(b.Unidentified.Share), amountText(b.Unidentified))
	}
	for _, name := range slices.Sorted(maps.Keys(b.Values)) {
		var parts []string
		for _, v := range b.Values[name] {
			if v.Value == "" {
				v.Value = "unknown"
			}
			parts = append(parts, v.Value+" "+grouped(v.Rows))
		}
		t.line("  %s: %s", name, strings.Join(parts, ", "))
	}
	t.sources(b)
}

func amountText(c *books.Covered) string {
	if c.Amount == nil {
		return ""
	}
	if a, err := money.Parse(*c.Amount); err == nil {
		return ", " + a.Grouped(2)
	}
	return ", " + *c.Amount
}

func (t *checkedText) refused(b books.CheckedBook) {
	if b.Refused == 0 {
		return
	}
	mark, than := "!", "within the"
	if b.Above {
		mark, than = "✗", "above the"
	}
	t.line("  %s %s of %s rows were refused (%s, %s threshold of %g%%)", mark, grouped(b.Refused), grouped(b.Read+b.Refused), shareText(b.RefusedShare), than, 100*b.Threshold)
	for _, r := range b.Reasons {
		t.line("      %s × %s", grouped(r.Count), strings.TrimSpace(r.Column+" "+r.Reason))
		for _, e := range r.Examples {
			t.line("        %s:%d: %s %q: %s", e.File, e.Line, r.Column, e.Value, r.Reason)
		}
	}
}

// maxSources is how many files of a book are listed.
const maxSources = 20

func (t *checkedText) sources(b books.CheckedBook) {
	if t.err != nil {
		return
	}
	w := tabwriter.NewWriter(t.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "    rows\trefused\tskipped\trounded\trepeated\tduplicate\tnewest row\tread\t  file")
	for i, s := range b.Sources {
		if i == maxSources {
			break
		}
		newest := "–"
		if s.NewestDay != nil {
			newest = s.NewestDay.String()
		}
		fmt.Fprintf(w, "    %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t  %s\n", grouped(s.Rows), grouped(s.Refused), grouped(s.Skipped), grouped(s.Rounded),
			grouped(s.Repeated), grouped(s.Duplicates), newest, s.ReadAt.Format("2006-01-02 15:04"), s.Path)
	}
	t.err = w.Flush()
	if more := len(b.Sources) - maxSources; more > 0 {
		t.line("    … and %d files more; --json lists them all", more)
	}
}
