package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// The lines of the statement of subscriptions.
var (
	recurringWords = map[string]string{
		"opening": "MRR at opening", "new": "New", "reactivated": "Reactivated", "resumed": "Resumed", "expansion": "Expansion", "contraction": "Contraction",
		"paused": "Paused", "churned": "Churned", "exchange": "Exchange", "other": "Other: credits", "closing": "MRR at closing",
	}
	causeWords = map[string]string{
		"plan": "another plan", "price": "another price", "added": "added", "dropped": "dropped",
		"voluntary": "voluntary", "payment": "payment failed", "other": "other reasons", "not_given": "no reason given",
	}
	turnWords = map[string]string{
		"opening": "Customers at opening", "new": "New", "reactivated": "Reactivated", "resumed": "Resumed", "lost": "Lost", "paused": "Paused", "closing": "Customers at closing",
	}
	recurringRateLines = []line{
		{"net_revenue_retention", "Net revenue retention (NRR)"}, {"gross_revenue_retention", "Gross revenue retention (GRR)"}, {"logo_retention", "Logo retention"},
		{"logo_churn", "Logo churn"}, {"logo_churn_monthly", "Logo churn, a month"}, {"quick_ratio", "Quick ratio"},
	}
)

// recurring are the windows of the statement of subscriptions under the heads
// of the page: that of the period comes last.
func (d *document) recurring(heads []string) []*sealed.RecurringWindow {
	out := make([]*sealed.RecurringWindow, len(heads))
	if n := len(heads); n > 0 {
		out[n-1] = d.Recurring.InPeriod
		if n > 1 {
			out[0] = d.Recurring.Trailing
		}
	}
	return out
}

// subscriptionTables are the sections of subscriptions, none where the books
// hold none.
func (d *document) subscriptionTables(heads []string) []table {
	if !d.Recurring.Open() {
		return nil
	}
	windows := d.recurring(heads)
	tables := []table{d.recurringRevenue(windows), d.recurringCustomers(windows), d.recurringRates(windows)}
	return slices.DeleteFunc(tables, func(t table) bool { return len(t.rows) == 0 })
}

// beneath makes one row of what each window has.
func beneath(t *table, windows []*sealed.RecurringWindow, r row, of func(*sealed.RecurringWindow) (cell, bool)) {
	any := false
	for _, w := range windows {
		c := cell{}
		if w.Open() {
			var ok bool
			c, ok = of(w)
			any = any || ok
		}
		r.cells = append(r.cells, c)
	}
	if any {
		t.rows = append(t.rows, r)
	}
}

func (d *document) recurringRevenue(windows []*sealed.RecurringWindow) table {
	t := table{title: "SUBSCRIPTIONS: MONTHLY RECURRING REVENUE (MRR)", value: d.unit(), unit: "of opening"}
	for _, key := range sealed.RecurringLines {
		taken := func(a money.Amount) money.Amount {
			if slices.Contains(sealed.RecurringSubtracted, key) {
				return a.Neg()
			}
			return a
		}
		r := row{label: "  " + recurringWords[key]}
		switch key {
		case "opening":
			r.label = recurringWords[key]
		case "closing":
			r.label, r.rules = recurringWords[key], totalBelow
		}
		beneath(&t, windows, r, func(w *sealed.RecurringWindow) (cell, bool) {
			a, ok := w.MRR[key]
			if a = taken(a); !ok || a.IsZero() && (key == "exchange" || key == "other") {
				return cell{}, false
			}
			return cell{value: d.money(a), share: share(a, w.MRR["opening"])}, true
		})
		for _, cause := range sealed.RecurringCauses[key] {
			beneath(&t, windows, row{label: "    " + causeWords[cause]}, func(w *sealed.RecurringWindow) (cell, bool) {
				a := taken(w.Causes(key)[cause])
				return cell{share: d.money(a)}, !a.IsZero()
			})
		}
	}
	beneath(&t, windows, row{label: "ARR at closing (12 × MRR)"}, func(w *sealed.RecurringWindow) (cell, bool) {
		a, ok := w.ARR["closing"]
		return cell{value: d.money(a)}, ok
	})
	t.after = d.recurringAfter()
	return t
}

// recurringAfter is what stands below the roll-forward.
func (d *document) recurringAfter() []string {
	var out []string
	r := d.Recurring
	if n := r.CutShort; n > 0 {
		out = append(out, count(n)+" rows had not ended when the next row of their subscription began; each counts up to that day.")
	}
	switch {
	case r.Deferred == nil:
	case r.Deferred.Amount != nil:
		out = append(out, "Deferred revenue at the end, billed and not yet accrued: "+strings.TrimSpace(d.money(*r.Deferred.Amount))+".")
	default:
		out = append(out, sentence("deferred revenue refused: "+clean(r.Deferred.Refused)+" — unlocked by "+clean(r.Deferred.UnlockedBy)))
	}
	if w := r.Trailing; w != nil && w.Refused != "" {
		out = append(out, sentence("trailing year refused: "+clean(w.Refused)+" — unlocked by "+clean(w.UnlockedBy)))
	}
	return out
}

func (d *document) recurringCustomers(windows []*sealed.RecurringWindow) table {
	t := table{title: "SUBSCRIPTIONS: CUSTOMERS", value: "number", unit: "of opening"}
	for _, key := range sealed.RecurringCustomers {
		r := row{label: "  " + turnWords[key]}
		switch key {
		case "opening":
			r.label = turnWords[key]
		case "closing":
			r.label, r.rules = turnWords[key], totalBelow
		}
		beneath(&t, windows, r, func(w *sealed.RecurringWindow) (cell, bool) {
			n, ok := w.Customers[key]
			if key == "lost" || key == "paused" {
				n = -n
			}
			return cell{value: count(n), share: share(whole(n), whole(w.Customers["opening"]))}, ok
		})
	}
	beneath(&t, windows, row{label: "Subscriptions at closing"}, func(w *sealed.RecurringWindow) (cell, bool) {
		n, ok := w.Subscriptions["closing"]
		return cell{value: count(n)}, ok
	})
	return t
}

func (d *document) recurringRates(windows []*sealed.RecurringWindow) table {
	t := table{title: "SUBSCRIPTIONS: RATES"}
	for _, l := range recurringRateLines {
		beneath(&t, windows, row{label: l.label}, func(w *sealed.RecurringWindow) (cell, bool) {
			f := w.Rate(l.key)
			if r, ok := f.Refusal(); ok {
				return cell{share: "refused", mark: t.mark(sentence(clean(r.Reason) + " — needs " + clean(r.Need)))}, true
			}
			e, ok := f.Estimate()
			if !ok || e.Value == nil {
				return cell{}, false
			}
			if l.key == "quick_ratio" {
				return cell{share: e.Value.FloatString(2)}, true
			}
			return cell{share: percent(e.Value)}, true
		})
	}
	if len(t.rows) > 0 {
		t.after = append(t.after, "These compare what ran on two days; the retention of the customer statement compares the revenue of two periods.")
	}
	return t
}

// recurringRecords have the plan or the span in their lines.
func (d *document) recurringRecords() []record {
	r := d.Recurring
	if r == nil {
		return nil
	}
	if r.Refused != "" {
		return []record{{statement: "subscriptions", kind: "refused", note: unlocked(r.Locked)}}
	}
	out := d.recurringWindow("subscriptions", r.InPeriod)
	out = append(out, d.recurringWindow("subscriptions_trailing_year", r.Trailing)...)
	at := record{statement: "subscriptions", period: window(d.Period)}
	if f := r.Deferred; f != nil {
		a := at
		a.line, a.kind, a.unit = "deferred", "exact", string(d.Currency)
		if f.Amount != nil {
			a.value = f.Amount.Text(d.places())
		} else {
			a.kind, a.unit, a.note = "refused", "", unlocked(f.Locked)
		}
		out = append(out, a)
	}
	out = append(out, number(at, "rows_cut_short", r.CutShort, "lines"))
	for _, s := range r.Path {
		p := record{statement: "subscriptions_path", period: s.Name}
		out = append(out, d.amounts(p, "mrr.", keys(sealed.RecurringLines), s.MRR)...)
		out = append(out, number(p, "customers.closing", s.Customers["closing"], "customers"), number(p, "subscriptions", s.Subscriptions, "subscriptions"))
	}
	for _, c := range r.Starts {
		for _, age := range c.Ages {
			p := record{statement: "subscriptions_starts", period: age.Name, note: "age " + strconv.Itoa(age.Age)}
			out = append(out, number(p, c.Name+".subscriptions", age.Subscriptions, "subscriptions"))
			p.line, p.value, p.kind, p.unit = c.Name+".mrr", age.MRR.Text(d.places()), "exact", string(d.Currency)
			out = append(out, p)
		}
	}
	return out
}

func (d *document) recurringWindow(name string, w *sealed.RecurringWindow) []record {
	if w == nil {
		return nil
	}
	if !w.Open() {
		return []record{{statement: name, kind: "refused", note: unlocked(w.Locked)}}
	}
	at := record{statement: name, period: window(w.Period)}
	out := d.amounts(at, "mrr.", keys(sealed.RecurringLines), w.MRR)
	out = append(out, d.amounts(at, "arr.", keys([]string{"opening", "closing"}), w.ARR)...)
	for _, l := range []string{"expansion", "contraction", "churned"} {
		out = append(out, d.amounts(at, l+".", keys(sealed.RecurringCauses[l]), w.Causes(l))...)
	}
	out = append(out, counts(at, "customers.", keys(append(slices.Clone(sealed.RecurringCustomers), "retained")), w.Customers, "customers")...)
	out = append(out, counts(at, "customers_lost.", keys(sealed.RecurringCauses["churned"]), w.CustomersLost, "customers")...)
	out = append(out, counts(at, "subscriptions.", keys(sealed.RecurringSubscriptions), w.Subscriptions, "subscriptions")...)
	out = append(out, d.amounts(at, "customers_at_opening.", keys([]string{"mrr_opening", "mrr_closing", "mrr_closing_capped"}), w.AtOpening)...)
	for _, l := range recurringRateLines {
		if f := w.Rate(l.key); f.Err() == nil {
			out = append(out, figure(at, l.key, f))
		}
	}
	for _, p := range w.Plans {
		prefix := "plans." + p.Name + "."
		out = append(out, d.amounts(at, prefix+"mrr.", keys([]string{"opening", "began", "resumed", "came", "went", "price", "paused", "ended", "exchange", "closing"}), p.MRR)...)
		out = append(out, counts(at, prefix+"customers.", keys([]string{"opening", "closing"}), p.Customers, "customers")...)
		out = append(out, counts(at, prefix+"subscriptions.", keys([]string{"opening", "began", "ended", "closing"}), p.Subscriptions, "subscriptions")...)
		if p.Churn.Err() == nil {
			out = append(out, figure(at, prefix+"churn_rate", p.Churn))
		}
	}
	return out
}

func number(at record, line string, n int64, unit string) record {
	at.line, at.value, at.kind, at.unit = line, strconv.FormatInt(n, 10), "exact", unit
	return at
}

// keys are lines that are printed by their names in the JSON alone.
func keys(names []string) []line {
	out := make([]line, len(names))
	for i, n := range names {
		out[i].key = n
	}
	return out
}
