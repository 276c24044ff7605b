package books

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
)

// Suggestion is a change of a mapping by which rows that are refused would be
// read. It has been tried.
type Suggestion struct {
	Code    string // the same for the same change
	Text    string // what it does
	Mends   int64  // fewer refused rows, of those looked at
	LeftOut int64  // more rows left out, of those looked at
	Mapping Mapping
}

// maxSuggestions bounds how many changes are tried.
const maxSuggestions = 10

// Suggest proposes changes by which rows that a trial refused would be read,
// each tried: only what mends rows and loses none is suggested. When the time
// is over it returns those that were tried, with the context's error.
func (t *Trial) Suggest(ctx context.Context, g *Glanced, tried *Tried) ([]Suggestion, error) {
	found := candidates(t.Config.Books[tried.Book], g, tried)
	var out []Suggestion
	for _, x := range found[:min(len(found), maxSuggestions)] {
		config := *t.Config
		config.Books = maps.Clone(t.Config.Books)
		config.Books[tried.Book] = x.Mapping
		after, err := (&Trial{Config: &config, Engine: t.Engine, Progress: t.Progress, Most: t.Most}).Run(ctx, tried.Book)
		if err != nil {
			if ctx.Err() != nil {
				return bestFirst(out), err
			}
			continue // it cannot be said of these files
		}
		x.Mends, x.LeftOut = tried.Refused-after.Refused, after.Skipped-tried.Skipped
		broken := slices.ContainsFunc(after.Files, func(f TriedFile) bool { return f.Problem != "" })
		if x.Mends > 0 && after.Rows >= tried.Rows && !broken {
			out = append(out, x)
		}
	}
	return bestFirst(out), nil
}

func bestFirst(s []Suggestion) []Suggestion {
	slices.SortStableFunc(s, func(a, b Suggestion) int { return int(b.Mends - a.Mends) })
	return s
}

// candidates are the changes worth trying.
func candidates(m Mapping, g *Glanced, tried *Tried) []Suggestion {
	book, _ := fact.Find(tried.Book)
	s := &suggester{book: book, mapping: m, glanced: g}
	for i := range tried.Reasons {
		s.consider(&tried.Reasons[i])
	}
	return s.found
}

// Combine makes one mapping of several suggestions, in their order. One that
// an earlier one has made needless is passed over; missing are those that were
// never suggested.
func Combine(m Mapping, g *Glanced, tried *Tried, codes []string) (out Mapping, missing []string) {
	first := candidates(m, g, tried)
	for _, code := range codes {
		is := func(s Suggestion) bool { return s.Code == code }
		if !slices.ContainsFunc(first, is) {
			missing = append(missing, code)
		} else if now := candidates(m, g, tried); slices.ContainsFunc(now, is) {
			m = now[slices.IndexFunc(now, is)].Mapping
		}
	}
	return m, missing
}

// suggester collects changes worth trying.
type suggester struct {
	book    fact.Book
	mapping Mapping
	glanced *Glanced
	found   []Suggestion
}

// consider looks for changes that speak to one reason.
func (s *suggester) consider(r *TriedReason) {
	c, ok := s.book.Column(r.Column)
	if !ok {
		s.clash(r)
		return
	}
	switch {
	case strings.HasPrefix(r.Reason, "is not a date"):
		s.dates(c, r)
	case strings.HasPrefix(r.Reason, "is not a number"):
		s.numbers(c, r)
	case strings.HasPrefix(r.Reason, "is required and empty"):
		s.leaveOut(c)
	case strings.HasPrefix(r.Reason, "is not one of") && slices.Contains(c.Choices, "unknown"):
		s.unknown(c)
	}
	if !strings.HasPrefix(r.Reason, "is required") {
		s.nothing(c, r)
		s.withoutColumn(c)
	}
}

// add keeps a change of a copy of the mapping.
func (s *suggester) add(code, text string, change func(*Mapping)) {
	if slices.ContainsFunc(s.found, func(x Suggestion) bool { return x.Code == code }) {
		return
	}
	m := s.mapping
	m.Columns = maps.Clone(m.Columns)
	m.Dates = slices.Clone(m.Dates)
	change(&m)
	s.found = append(s.found, Suggestion{Code: code, Text: text, Mapping: m})
}

// whole tells whether a column is mapped to one column of the source as it is.
func (s *suggester) whole(c fact.Column) (*GlancedColumn, bool) {
	g := s.glanced.column(s.mapping.Columns[c.Name])
	return g, g != nil
}

// leaveOut leaves rows without a required value out: totals, blank lines.
func (s *suggester) leaveOut(c fact.Column) {
	g, ok := s.whole(c)
	if !ok {
		return
	}
	condition := term(g.Name) + " IS NOT NULL"
	s.add("leave-out:"+c.Name, fmt.Sprintf("leave out the rows without %s: totals and blank lines are no rows", g.Name), func(m *Mapping) {
		if m.Where != "" {
			condition = "(" + m.Where + ") AND " + condition
		}
		m.Where = condition
	})
}

// unknown reads other words as unknown.
func (s *suggester) unknown(c fact.Column) {
	g, ok := s.whole(c)
	if !ok {
		return
	}
	var words []string
	for _, w := range c.Choices {
		words = append(words, "'"+w+"'")
	}
	s.add("unknown:"+c.Name, fmt.Sprintf("read every other word of %s as unknown", g.Name), func(m *Mapping) {
		m.Columns[c.Name] = fmt.Sprintf("CASE WHEN lower(%[1]s) IN (%[2]s) THEN lower(%[1]s) WHEN %[1]s IS NOT NULL THEN 'unknown' END", term(g.Name), strings.Join(words, ", "))
	})
}

// meansNothing are texts that stand for an empty cell.
var meansNothing = []string{"n/a", "#n/a", "na", "n.a.", "null", "none", "nil", "nan", "-", "--", "?", "(blank)", "#value!", "#ref!"}

// nothing reads texts that stand for an empty cell as one.
func (s *suggester) nothing(c fact.Column, r *TriedReason) {
	g, ok := s.whole(c)
	if !ok || c.Required {
		return
	}
	var said []string
	for _, v := range r.Values() {
		if slices.Contains(meansNothing, strings.ToLower(strings.TrimSpace(v.Value))) && !slices.Contains(said, v.Value) {
			said = append(said, strings.TrimSpace(v.Value))
		}
	}
	slices.Sort(said)
	if len(said) == 0 || len(said) > 4 {
		return
	}
	text := term(g.Name)
	for _, v := range said {
		text = fmt.Sprintf("nullif(%s, '%s')", text, strings.ReplaceAll(v, "'", "''"))
	}
	s.add("nothing:"+c.Name, fmt.Sprintf("read %s in %s as empty", strings.Join(said, " and "), g.Name), func(m *Mapping) { m.Columns[c.Name] = text })
}

// withoutColumn leaves an optional column out.
func (s *suggester) withoutColumn(c fact.Column) {
	if c.Required || slices.Contains(s.book.OneOf, c.Name) || c.Name == "customer_id" {
		return
	}
	s.add("without:"+c.Name, fmt.Sprintf("leave the column %s out of the book: its rows are read, without it", c.Name), func(m *Mapping) { delete(m.Columns, c.Name) })
}

// clash gives up a natural key that does not identify rows.
func (s *suggester) clash(r *TriedReason) {
	if len(s.book.Key) == 0 || !strings.Contains(r.Reason, "stands earlier in the file with other content") {
		return
	}
	key, _ := s.book.Column(s.book.Key[0])
	if key.Required || s.mapping.Columns[key.Name] == "" {
		return
	}
	s.add("no-key:"+key.Name, fmt.Sprintf("do not take %s for what identifies a row", s.mapping.Columns[key.Name]), func(m *Mapping) { delete(m.Columns, key.Name) })
}

// Meaning is an expression that reads words of a source as what they mean; an
// empty meaning is unknown. Other words stay as they are.
func Meaning(expression string, means map[string]string) string {
	if len(means) == 0 {
		return expression
	}
	inner := expression
	if !strings.ContainsAny(inner, "()'|*/+") && !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(inner)), "CASE ") {
		inner = term(strings.Trim(strings.TrimSpace(inner), `"`))
	}
	text := "CASE lower(trim(" + inner + "))"
	for _, word := range slices.Sorted(maps.Keys(means)) {
		to := "NULL"
		if means[word] != "" {
			to = "'" + strings.ReplaceAll(means[word], "'", "''") + "'"
		}
		text += fmt.Sprintf(" WHEN '%s' THEN %s", strings.ReplaceAll(strings.ToLower(strings.TrimSpace(word)), "'", "''"), to)
	}
	return text + " ELSE " + inner + " END"
}
