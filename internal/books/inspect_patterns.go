package books

import (
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// suspicions are the patterns of one book; docs/check.md lists the codes.
func (c *Check) suspicions(book fact.Book, b CheckedBook, found engine.Inspected) (out []Finding) {
	add := func(f Finding) {
		if f.Code != "" {
			out = append(out, f)
		}
	}
	add(c.overlaps(book.Name))
	add(withoutCustomer(book.Name, found))
	add(placeholders(found))
	add(future(found, c.Today))
	add(missingMonths(b))
	add(duplicates(b))
	add(crowded(found))
	if book.Name == "orders" {
		several := c.several(found)
		add(currencies(found, c.Held))
		add(negativeOnly(found, several))
		if !several {
			add(dominant(found))
		}
	}
	if book.Name == "customers" {
		add(unknownOrigin(b, found))
	}
	return out
}

// overlaps tells of sources that seem to hold the same rows.
func (c *Check) overlaps(book string) Finding {
	f := Finding{Code: "overlaps", Do: "say under the book `overlaps: once` if they are the same rows, or `overlaps: keep` if each stands for itself; a natural key settles it for good"}
	for _, o := range c.Held.Snapshot.Overlaps {
		if o.Book != book {
			continue
		}
		f.Count += o.Rows
		if len(f.Examples) < 5 {
			f.Examples = append(f.Examples, fmt.Sprintf("%s and %s: %d rows, %s to %s", o.A, o.B, o.Rows, o.First, o.Last))
		}
	}
	if f.Count == 0 {
		return Finding{}
	}
	f.Text = fmt.Sprintf("two exports seem to hold the same %s", plural(f.Count, "row"))
	return f
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// withoutCustomer tells when a large share of the lines cannot be led to
// anyone; the statement covers the rest alone.
func withoutCustomer(book string, found engine.Inspected) Finding {
	all := found.Identified.Rows + found.Unidentified.Rows
	if s := share(found.Unidentified.Rows, all); book == "orders" && s >= 0.05 {
		return Finding{Code: "without_customer", Count: found.Unidentified.Rows,
			Text: fmt.Sprintf("%s of the lines (%d) name no customer; the statement covers the others alone", percent(s), found.Unidentified.Rows),
			Do:   "see whether another column or a join tells the customer"}
	}
	return Finding{}
}

// placeholders tells of ids that stand for nobody: words for nothing and zeros
// whenever they occur, nines when they hold at least 1% of the lines.
func placeholders(found engine.Inspected) Finding {
	f := Finding{Code: "placeholder_ids", Do: "make them unknown: map customer_id to `nullif(COLUMN, 'ID')`, so that they are not counted as one customer"}
	for _, n := range found.Placeholders {
		nines := strings.Trim(strings.TrimSuffix(n.ID, ".0"), "9") == ""
		part := share(n.Rows, found.Identified.Rows)
		if nines && part < 0.01 {
			continue
		}
		f.Count += n.Rows
		f.Examples = append(f.Examples, fmt.Sprintf("%q: %s, %s of those with a customer", n.ID, plural(n.Rows, "row"), percent(part)))
	}
	if f.Count == 0 {
		return Finding{}
	}
	f.Text = fmt.Sprintf("%s with a customer id that looks like “unknown”", plural(f.Count, "row"))
	return f
}

func future(found engine.Inspected, today calendar.Day) Finding {
	if found.Future.Rows == 0 {
		return Finding{}
	}
	return Finding{Code: "future_days", Count: found.Future.Rows,
		Text: fmt.Sprintf("%s after today (%s), the last of %s", plural(found.Future.Rows, "row"), today, found.Future.Day),
		Do:   "see whether day and month are mistaken for each other (`dates`), or leave planned rows out with `where`"}
}

// missingMonths looks for exports that are missing. Rows of who the customers
// are come when they come.
func missingMonths(b CheckedBook) Finding {
	if len(b.Missing) == 0 || b.Book == "customers" || b.Book == "people" {
		return Finding{}
	}
	return Finding{Code: "months_without_rows", Count: int64(len(b.Missing)), Examples: b.Missing[:min(12, len(b.Missing))],
		Text: fmt.Sprintf("%s between the first and the last day without any row", plural(int64(len(b.Missing)), "month")),
		Do:   "see whether an export is missing"}
}

func duplicates(b CheckedBook) Finding {
	f := Finding{Code: "duplicate_rows", Do: "if they are the same sale said twice, map what tells lines apart as line_id; otherwise nothing: they are kept and counted"}
	for _, s := range b.Sources {
		if s.Duplicates == 0 {
			continue
		}
		f.Count += s.Duplicates
		if len(f.Examples) < 5 {
			f.Examples = append(f.Examples, fmt.Sprintf("%s: %d", s.Path, s.Duplicates))
		}
	}
	if f.Count == 0 {
		return Finding{}
	}
	f.Text = fmt.Sprintf("%s repeat another row of the same file in every mapped column (%s)", plural(f.Count, "row"), percent(share(f.Count, b.Rows)))
	return f
}

func crowded(found engine.Inspected) Finding {
	if len(found.Crowded) == 0 {
		return Finding{}
	}
	f := Finding{Code: "crowded_days", Count: int64(len(found.Crowded)), Do: "see whether a migration or a default date put them there"}
	for _, d := range found.Crowded {
		f.Examples = append(f.Examples, fmt.Sprintf("%s: %d", d.Day, d.Rows))
	}
	f.Text = fmt.Sprintf("%s with more than 20 times the rows of a usual day (%g)", plural(f.Count, "day"), found.Median)
	return f
}

// currencies tells of lines that need a rate which no book gives.
func currencies(found engine.Inspected, h *Held) Finding {
	f := Finding{Code: "several_currencies"}
	for _, v := range found.Tallies["currency"] {
		if v.Value != "" && v.Value != h.Config.Settings.Currency {
			f.Count += v.Rows
			f.Examples = append(f.Examples, fmt.Sprintf("%s: %d", v.Value, v.Rows))
		}
	}
	if f.Count == 0 {
		return Finding{}
	}
	f.Text = fmt.Sprintf("%s in another currency than %s", plural(f.Count, "line"), h.Config.Settings.Currency)
	if _, ok := h.Config.Books["rates"]; !ok {
		f.Do = "map the book rates: a close is refused while a line of its period has no rate"
	}
	return f
}

func negativeOnly(found engine.Inspected, several bool) Finding {
	n := found.NegativeOnly
	if n.Rows == 0 || n.Amount == nil {
		return Finding{}
	}
	amount := ""
	if !several {
		amount = fmt.Sprintf(", %s in all", money.FromBig(n.Amount).Grouped(2))
	}
	return Finding{Code: "negative_only", Count: n.Rows,
		Text: fmt.Sprintf("%s (%s) with returns alone and no purchase%s", plural(n.Rows, "customer"), percent(share(n.Rows, found.Customers)), amount),
		Do:   "normal where the first sales lie before the first export; many of them mean that sales are missing"}
}

// dominant tells of a customer who is more than a fifth of all revenue.
func dominant(found engine.Inspected) Finding {
	l := found.Largest
	if l == nil || l.Amount == nil || found.Customers < 5 {
		return Finding{}
	}
	total := money.Amount{}
	for _, s := range []engine.Side{found.Identified, found.Unidentified} {
		if s.Amount != nil {
			total = total.Add(money.FromBig(s.Amount))
		}
	}
	if total.Sign() <= 0 {
		return Finding{}
	}
	all, _ := total.Rat().Float64()
	one, _ := money.FromBig(l.Amount).Rat().Float64()
	if one/all <= 0.2 {
		return Finding{}
	}
	return Finding{Code: "dominant_customer", Count: l.Rows, Examples: []string{fmt.Sprintf("%q: %s in %s", l.ID, money.FromBig(l.Amount).Grouped(2), plural(l.Rows, "line"))},
		Text: fmt.Sprintf("one customer is %s of all revenue", percent(one/all)),
		Do:   "see whether it is a collective account, a marketplace or the company itself (`excluded: inter-company` in customers leaves it out)"}
}

// unknownOrigin tells how many customers have no day or way of coming.
func unknownOrigin(b CheckedBook, found engine.Inspected) Finding {
	missing := func(column string) (n int64, mapped bool) {
		if !slices.Contains(found.Columns, column) {
			return b.Rows, false
		}
		for _, v := range found.Tallies[column] {
			if v.Value == "" {
				n = v.Rows
			}
		}
		return n, true
	}
	days, hasDays := missing("acquired_on")
	ways, hasWays := missing("acquired_via")
	if days == 0 && ways == 0 || b.Rows == 0 {
		return Finding{}
	}
	var parts []string
	for _, c := range []struct {
		name string
		n    int64
	}{{"acquired_on", days}, {"acquired_via", ways}} {
		switch {
		case c.n == 0:
		case len(parts) == 0:
			parts = append(parts, fmt.Sprintf("%s is missing for %s of the customers", c.name, percent(share(c.n, b.Rows))))
		default:
			parts = append(parts, fmt.Sprintf("%s for %s", c.name, percent(share(c.n, b.Rows))))
		}
	}
	text := strings.Join(parts, ", ")
	if !hasDays && !hasWays {
		text = "neither acquired_on nor acquired_via is mapped"
	}
	return Finding{Code: "unknown_origin", Count: max(days, ways), Text: text,
		Do: "without acquired_on the first order counts as the beginning; without acquired_via new customers are unattributed and earned growth is an interval or refused"}
}

// aboutIDs are the patterns of ids across books.
func aboutIDs(ids engine.Identities) (out []Finding) {
	if ids.Floats > 0 {
		out = append(out, Finding{Code: "float_ids", Count: ids.Floats, Examples: []string{fmt.Sprintf("%q", ids.FloatOf)},
			Text: fmt.Sprintf("%d of %d customer ids end in .0, as when a spreadsheet or data frame wrote numbers", ids.Floats, ids.IDs),
			Do:   "map customer_id to `replace(COLUMN, '.0', '')` in the books concerned, or export ids as text"})
	}
	if ids.Twins > 0 {
		f := Finding{Code: "id_twins", Count: ids.Twins, Do: "map customer_id to `lower(COLUMN)` where case means nothing, or list the pairs in customer_links",
			Text: fmt.Sprintf("%d customer ids are the same as another but for case, blanks or a final .0, and count as different customers", ids.Twins)}
		for _, t := range ids.TwinsLike {
			f.Examples = append(f.Examples, fmt.Sprintf("%q and %q", t[0], t[1]))
		}
		out = append(out, f)
	}
	return out
}
