package web

import (
	"math/big"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// coverageView is what the statement sees of the books, and what it does not.
type coverageView struct {
	Rows    []coverageRow
	Without numView
	Lines   string // read
	Months  numView
	Memo    []coverageMemo
}

// coverageRow is a kind of lines: how many, and what they come to.
type coverageRow struct {
	Label, Class               string
	Lines, Revenue             numView
	BesideLines, BesideRevenue numView
}

// coverageMemo is a count that is of the books and not of the period.
type coverageMemo struct {
	Label string
	Value numView
}

var coverageLines = []struct{ lines, revenue, class string }{
	{"coverage.lines_identified", "coverage.revenue_identified", ""},
	{"coverage.lines_unidentified", "coverage.revenue_unidentified", ""},
	{"coverage.lines_excluded", "coverage.revenue_excluded", ""},
	{"coverage.lines", "coverage.revenue", "total"},
	{"coverage.lines_refused", "coverage.revenue_refused", ""},
}

func (o *opened) coverage() coverageView {
	var view coverageView
	other, two := o.doc.Beside(o.lead)
	for _, l := range coverageLines {
		f, ok := o.doc.Figure(o.lead, l.revenue)
		if !ok {
			continue
		}
		row := coverageRow{Label: o.t(f.Label), Class: l.class}
		row.Lines, _, _ = o.num(o.lead, l.lines)
		row.Revenue, _, _ = o.num(o.lead, l.revenue)
		if two {
			row.BesideLines, _, _ = o.num(other, l.lines)
			row.BesideRevenue, _, _ = o.num(other, l.revenue)
		}
		view.Rows = append(view.Rows, row)
	}
	view.Without, _, _ = o.num(o.lead, "coverage.unidentified_share")
	s := o.doc.Statement(o.lead)
	view.Lines = o.units(s.Counted["lines_identified"]+s.Counted["lines_unidentified"], sealed.Lines)
	view.Months, _, _ = o.num(o.lead, "coverage.history_months")
	for _, name := range []string{"coverage.lines_refused_undated", "coverage.lines_rounded"} {
		if f, ok := o.doc.Figure(o.lead, name); ok && f.Value.Count > 0 {
			n, _, _ := o.num(o.lead, name)
			view.Memo = append(view.Memo, coverageMemo{o.t(f.Label), n})
		}
	}
	return view
}

// ledgerView sets the general ledger beside the books, or says why it is not there.
type ledgerView struct {
	Accounts []ledgerAccount
	Refused  string
	Need     string
	None     bool // the books hold no figures of the ledger
}

// ledgerAccount leads from an account's figure to what is left unexplained.
type ledgerAccount struct {
	Name string
	Rows []ledgerRow
}

// ledgerRow is one line of it.
type ledgerRow struct {
	Label, Class string
	Lead, Beside numView
}

// ledger is nil where the document says nothing of a ledger.
func (o *opened) ledger() *ledgerView {
	s := o.doc.Statement(o.lead)
	r := s.Reconciliation
	switch {
	case r == nil:
		return nil
	case r.Reason != "":
		return &ledgerView{Refused: r.Reason, Need: r.Need}
	case len(r.Accounts) == 0:
		return &ledgerView{None: true}
	}
	view := &ledgerView{}
	for _, name := range r.Names {
		view.Accounts = append(view.Accounts, o.ledgerAccount(name))
	}
	return view
}

// ledgerLabels are the lines, in their order; what explains the ledger is taken off it.
var ledgerLabels = []struct{ key, label, class string }{
	{"ledger", "General ledger", "sub"}, {"identified", "With a customer id", ""}, {"unidentified", "Without a customer id", ""}, {"excluded", "Excluded", ""},
	{"refused", "Refused", ""}, {"difference", "Difference, unexplained", "total"},
}

func (o *opened) ledgerAccount(name string) ledgerAccount {
	view := ledgerAccount{Name: name}
	other, two := o.doc.Beside(o.lead)
	single := len(o.doc.Statement(o.lead).Reconciliation.Names) == 1
	for _, l := range ledgerLabels {
		row := ledgerRow{Label: o.t(l.label), Class: l.class, Lead: o.accountNum(o.lead, name, l.key, single)}
		if two {
			row.Beside = o.accountNum(other, name, l.key, single)
		}
		view.Rows = append(view.Rows, row)
	}
	return view
}

func (o *opened) accountNum(b sealed.Block, account, key string, single bool) numView {
	a, ok := o.doc.Statement(b).Reconciliation.Account(account)[key]
	if !ok {
		return numView{}
	}
	if key != "ledger" && key != "difference" {
		return numView{Text: o.cash(a.Neg())}
	}
	n := numView{Text: o.cash(a)}
	if single {
		n.Note = o.note("coverage.reconciliation." + key)
	}
	return n
}

// restatedView is what a restatement moved, and why.
type restatedView struct {
	Of     string // fingerprint of the earlier seal
	Column string // whose lines these are
	Books  []string
	Lines  []movedRow
	More   int // lines that are only in the document
}

// movedRow is a figure that moved.
type movedRow struct {
	Label                 string
	Before, After, Change string
}

// mostMoved is how many moved figures stand on the page.
const mostMoved = 12

// restated is nil for a seal that restates nothing.
func (o *opened) restated() *restatedView {
	if o.doc.Restatement == nil {
		return nil
	}
	return o.restatedBy(o.doc.Restatement)
}

func (o *opened) restatedBy(r *sealed.Restatement) *restatedView {
	view := &restatedView{Of: r.Of, Column: o.head(o.lead)}
	for _, c := range r.Books {
		view.Books = append(view.Books, o.changed(c))
	}
	told, more := r.Told()
	for _, m := range told {
		row := o.moved(m)
		if row.Before == row.After || m.Block != o.lead || len(view.Lines) == mostMoved {
			more++ // it moved by less than the page prints, or in the other column
			continue
		}
		view.Lines = append(view.Lines, row)
	}
	view.More = more
	return view
}

// changed is a book's month, or a setting, that is not what it was.
func (o *opened) changed(c sealed.Change) string {
	if c.What != "" {
		return c.What
	}
	if c.Before == c.After {
		return o.tn(c.After, "%s of %s: %s row, as before, with other content", "%s of %s: %s rows, as before, with other content", c.Book, c.Month, count(c.After))
	}
	return o.tn(c.After, "%s of %s: %s row, before %s", "%s of %s: %s rows, before %s", c.Book, c.Month, count(c.After), count(c.Before))
}

// moved is a figure's values before and after, as the page prints them.
func (o *opened) moved(m sealed.Told) movedRow {
	row := movedRow{Label: o.within(m.Definition), Before: o.printed(m.Definition, m.Before), After: o.printed(m.Definition, m.After)}
	switch m.Part {
	case "low":
		row.Label = o.t("%s, low end", row.Label)
	case "high":
		row.Label = o.t("%s, high end", row.Label)
	}
	before, ok := rational(m.Before)
	after, also := rational(m.After)
	if !ok || !also {
		return row
	}
	d := new(big.Rat).Sub(after, before)
	if m.Taken {
		d.Neg(d)
	}
	row.Change = o.difference(m.Unit, d)
	return row
}

// within is a figure's label where its section does not stand above it.
func (o *opened) within(d sealed.Definition) string {
	label := o.t(d.Label)
	switch block, _, _ := strings.Cut(d.Name, "."); block {
	case "revenue":
		return o.t("Revenue: %s", label)
	case "customers":
		return o.t("Customers: %s", label)
	case "coverage":
		return o.t("Coverage: %s", label)
	}
	return label
}

// printed is a value as a document prints it, as a page does.
func (o *opened) printed(d sealed.Definition, text string) string {
	r, ok := rational(text)
	switch {
	case !ok && (text == "" || text == "none" || text == "<nil>"):
		return o.t("none")
	case !ok:
		return text
	case d.Unit == sealed.Share || d.Unit == sealed.Multiple:
		return ratio(d.Unit, r, false)
	}
	if d.Taken {
		r.Neg(r)
	}
	return o.plainNumber(d.Unit, r)
}

func (o *opened) plainNumber(unit sealed.Unit, r *big.Rat) string {
	places := 0
	if unit == sealed.Money {
		places = o.currency.Places()
	}
	return decimal(r, places)
}

// difference is a change with its sign: of shares in points.
func (t teller) difference(unit sealed.Unit, d *big.Rat) string {
	var text string
	switch unit {
	case sealed.Share:
		text = t.t("%s points", points(d))
	case sealed.Multiple:
		text = multiple(d)
	case sealed.Money:
		text = decimal(d, t.currency.Places())
	default:
		text = decimal(d, 0)
	}
	if d.Sign() > 0 {
		return "+" + text
	}
	return text
}

// rational reads a number that a document prints. Exponents are refused: written out, one could fill the memory.
func rational(text string) (*big.Rat, bool) {
	if len(text) > 64 || strings.Trim(text, "-0123456789.") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}
