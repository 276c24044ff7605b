package web

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// bridgeView leads from one period's revenue to the other's.
type bridgeView struct {
	Currency string
	Rows     []bridgeRow
	Cut      bool // the scale does not begin at zero
	Memo     *bridgeRow
	Returned string // what the returning would add to earned growth
	Differs  string // what the lines miss their total by; empty: nothing
}

// bridgeRow is a line of the bridge.
type bridgeRow struct {
	Label     string
	Class     string // sub, total or none
	Step      step
	Amount    numView
	Customers string
	Share     string // of the revenue that it starts from
	Beside    numView
	BesideOf  string
}

// bridgeLines are the lines in the order of the page: with the customers of each, and its paint.
var bridgeLines = []struct{ name, customers, paint string }{
	{"revenue.prior", "customers.opening", ""},
	{"revenue.lost", "customers.lost", "f-clay"},
	{"revenue.contraction", "", "f-clay"},
	{"revenue.expansion", "", "f-petrol"},
	{"revenue.returning", "customers.returning", "f-band s-petrol l1"},
	{"revenue.new_earned", "customers.new_earned", "f-petrol"},
	{"revenue.new_unattributed", "customers.new_unattributed", "f-hatch s-ink3 l1"},
	{"revenue.new_bought", "customers.new_bought", "f-bought"},
	{"revenue.other", "", "f-ink"},
	{"revenue.current", "customers.closing", ""},
}

func (o *opened) bridge() bridgeView {
	view := bridgeView{Currency: string(o.currency)}
	s := o.doc.Statement(o.lead)
	var falls []fall
	for _, l := range bridgeLines {
		row, v, ok := o.bridgeRow(l.name, l.customers)
		if !ok {
			continue
		}
		falls = append(falls, fall{amount: v.Amount, paint: l.paint, total: l.paint == ""})
		view.Rows = append(view.Rows, row)
	}
	var steps []step
	steps, view.Cut = waterfall(falls)
	var sum money.Amount
	for i := range steps {
		view.Rows[i].Step = steps[i]
		if !falls[i].total || i == 0 {
			sum = sum.Add(falls[i].amount)
		}
	}
	if missed := sum.Sub(s.Revenue["current"]); len(falls) == len(bridgeLines) && !missed.IsZero() {
		view.Differs = o.cash(missed)
	}
	if a, ok := s.Revenue["exchange"]; ok && !a.IsZero() {
		if row, _, ok := o.bridgeRow("revenue.exchange", ""); ok {
			view.Memo = &row
		}
	}
	view.Returned = o.returned()
	return view
}

func (o *opened) bridgeRow(name, customers string) (bridgeRow, sealed.Value, bool) {
	f, ok := o.doc.Figure(o.lead, name)
	if !ok {
		return bridgeRow{}, sealed.Value{}, false
	}
	row := bridgeRow{Label: o.t(f.Label)}
	line := o.line
	switch name {
	case "revenue.prior":
		row.Class, line, row.Label = "sub", o.num, o.t("Revenue, %s", o.comparedName(o.lead))
	case "revenue.current":
		row.Class, line, row.Label = "total", o.num, o.t("Revenue, %s", o.spanOf(o.lead))
	}
	var v sealed.Value
	row.Amount, v, _ = line(o.lead, name)
	row.Share = o.shareOfPrior(o.lead, name, v.Amount)
	if n, ok := o.doc.Figure(o.lead, customers); ok {
		row.Customers = count(n.Value.Count)
	}
	if other, two := o.doc.Beside(o.lead); two {
		var w sealed.Value
		row.Beside, w, _ = line(other, name)
		row.BesideOf = o.shareOfPrior(other, name, w.Amount)
	}
	return row, v, true
}

// shareOfPrior is what a line is of the revenue that the bridge starts from; of its end, the growth.
func (o *opened) shareOfPrior(b sealed.Block, name string, a money.Amount) string {
	prior, ok := o.doc.Statement(b).Revenue["prior"]
	if !ok || prior.Sign() <= 0 || name == "revenue.prior" {
		return ""
	}
	if name == "revenue.current" {
		a = a.Sub(prior)
	}
	r := new(big.Rat).Quo(a.Rat(), prior.Rat())
	text := percent(r)
	if r.Sign() > 0 && text != "0.0%" {
		return "+" + text
	}
	return text
}

// spanOf and comparedName are the two ends of a bridge, in words.
func (o *opened) spanOf(b sealed.Block) string {
	if b == sealed.Trailing {
		return o.t("year to %s", o.name)
	}
	return o.name
}

func (o *opened) comparedName(b sealed.Block) string {
	s := o.doc.Statement(b)
	switch {
	case s == nil || s.Compared == nil:
		return o.t("the comparison period")
	case b == sealed.Trailing && o.kind == calendar.Months:
		y, m, _ := (s.Compared.End - 1).Date()
		return o.t("year to %s", o.t("%s %d", o.t(m.String()), y))
	case b == sealed.Trailing:
		return o.t("year to %s", o.day(s.Compared.End-1))
	case calendarNamed(o.kind) && wholePeriod(o.kind, *s.Compared):
		return o.periodName(o.kind, *s.Compared, "")
	}
	return o.days(*s.Compared)
}

// returned says what those who returned would change, since they are in neither earned nor bought.
func (o *opened) returned() string {
	r, ok := o.estimate(o.lead, "returning_customers")
	if !ok || r.Value.Sign() == 0 {
		return ""
	}
	text := o.t("Revenue of those who returned is in neither earned nor bought.")
	e, ok := o.estimate(o.lead, "earned_growth_rate")
	if !ok || e.Value == nil {
		return text + " " + o.t("Counted as earned, it would add %s to earned growth.", percent(r.Value))
	}
	return text + " " + o.t("Counted as earned, it would move earned growth from %s to %s.", percent(e.Value), percent(new(big.Rat).Add(e.Value, r.Value)))
}

// rollRow is a line of the roll-forward of customers.
type rollRow struct {
	Label, Class string
	Lead, Beside numView
	Share        string
}

var rollLines = []string{
	"customers.opening", "customers.lost", "customers.returning", "customers.new_earned", "customers.new_unattributed", "customers.new_bought", "customers.closing",
	"customers.new_since_comparison",
}

func (o *opened) roll() []rollRow {
	var out []rollRow
	other, two := o.doc.Beside(o.lead)
	for _, name := range rollLines {
		f, ok := o.doc.Figure(o.lead, name)
		if !ok {
			continue
		}
		row, line := rollRow{Label: o.t(f.Label)}, o.line
		switch name {
		case "customers.opening":
			row.Class, line = "sub", o.num
		case "customers.closing":
			row.Class, line = "total", o.num
		case "customers.new_since_comparison":
			line = o.num
			if o.nobodySince() {
				continue
			}
		}
		row.Lead, _, _ = line(o.lead, name)
		if two {
			row.Beside, _, _ = line(other, name)
		}
		out = append(out, row)
	}
	return out
}

// nobodySince tells that the memo of those who first bought between the two periods says nothing.
func (o *opened) nobodySince() bool {
	for _, b := range o.doc.Blocks(sealed.Period) {
		if o.doc.Statement(b).Customers["new_since_comparison"] != 0 {
			return false
		}
	}
	return true
}
