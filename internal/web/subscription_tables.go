package web

import (
	"math/big"
	"slices"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// The tables of the page of subscriptions below its roll-forward.

func (o *opened) recurringCounts(lead, beside sealed.Block) []countTable {
	table := func(caption string, lines []string, down []string, words map[string]string, of func(*sealed.RecurringWindow) map[string]int64) countTable {
		t := countTable{Caption: caption}
		for _, line := range lines {
			say := func(b sealed.Block) string {
				n := of(o.doc.RecurringWindow(b))[line]
				switch {
				case line == "opening" || line == "closing":
					return count(n)
				case slices.Contains(down, line):
					n = -n
				}
				if n > 0 {
					return "+" + count(n)
				}
				return count(n)
			}
			row := countLine{Label: words[line], Class: map[string]string{"opening": "sub", "closing": "total"}[line], Lead: numView{Text: say(lead)}}
			if beside != "" {
				row.Beside.Text = say(beside)
			}
			t.Rows = append(t.Rows, row)
		}
		return t
	}
	customers := table(o.t("Customers, opening to closing"), sealed.RecurringCustomers, []string{"lost", "paused"}, map[string]string{
		"opening": o.t("At opening"), "new": o.t("New"), "reactivated": o.t("Reactivated"), "resumed": o.t("Resumed"), "lost": o.t("Lost"), "paused": o.t("Paused"), "closing": o.t("At closing"),
	}, func(w *sealed.RecurringWindow) map[string]int64 { return w.Customers })
	subscriptions := table(o.t("Subscriptions, opening to closing"), sealed.RecurringSubscriptions, []string{"ended", "paused"}, map[string]string{
		"opening": o.t("At opening"), "began": o.t("Began"), "resumed": o.t("Resumed"), "paused": o.t("Paused"), "ended": o.t("Ended"), "closing": o.t("At closing"),
	}, func(w *sealed.RecurringWindow) map[string]int64 { return w.Subscriptions })
	for i, name := range map[int]string{0: "customers.opening", len(customers.Rows) - 1: "customers.closing"} {
		customers.Rows[i].Lead, _, _ = o.num(lead, name)
	}
	subscriptions.Rows[len(subscriptions.Rows)-1].Lead, _, _ = o.num(lead, "subscriptions.closing")
	return []countTable{customers, subscriptions}
}

func (o *opened) recurringPlans(w *sealed.RecurringWindow) []planRow {
	var out []planRow
	for _, p := range w.Plans {
		m := p.MRR
		row := planRow{
			Name: p.Name, Given: p.Of == "plan", Opening: o.cash(m["opening"]), Closing: o.cash(m["closing"]),
			Began:     o.gained(m["began"].Add(m["resumed"])),
			Changed:   o.gained(money.Sum(m["came"], m["went"].Neg(), m["price"], m["exchange"])),
			Stopped:   o.gained(money.Sum(m["paused"], m["ended"]).Neg()),
			Customers: count(p.Customers["closing"]), Subscriptions: count(p.Subscriptions["closing"]),
		}
		switch p.Of {
		case "not_given":
			row.Name = o.t("no plan given")
		case "rest":
			row.Name = o.t("all other plans")
		}
		if e, ok := p.Churn.Estimate(); ok {
			row.Churn = numView{Text: percent(e.Value)}
		} else {
			row.Churn = numView{Text: o.t("refused"), Refused: true}
		}
		row.Churn.Note = o.note(sealed.Key(sealed.RecurringPeriod, "plans.churn_rate"))
		out = append(out, row)
	}
	return out
}

func (o *opened) recurringPath() []pathRow {
	var out []pathRow
	for _, s := range o.doc.Recurring.Path {
		row := pathRow{X: s.Period.Start.String(), Label: o.spanName(s.Name), Closing: o.cash(s.MRR["closing"]), Customers: count(s.Customers["closing"])}
		for _, series := range pathSeries {
			a := taken(series.name, s.MRR[series.name])
			if series.name == "back" {
				a = s.MRR["reactivated"].Add(s.MRR["resumed"])
			}
			row.Cells = append(row.Cells, pathCell{series.name, o.gained(a), a.Text(0)})
		}
		out = append(out, row)
	}
	return out
}

// starts are cohorts of subscriptions by the span in which they began: how many still pay at the end of each span since.
func (o *opened) starts() *cohortsView {
	list := o.doc.Recurring.Starts
	if len(list) == 0 {
		return nil
	}
	ages := 0
	var low, high *big.Rat
	shares := make([][]*big.Rat, len(list))
	for i, c := range list {
		ages = max(ages, len(c.Ages))
		for age, a := range c.Ages {
			var share *big.Rat
			if first := c.Ages[0].MRR; first.Sign() > 0 {
				share = new(big.Rat).Quo(a.MRR.Rat(), first.Rat())
				if age > 0 && (low == nil || share.Cmp(low) < 0) {
					low = share
				}
				if age > 0 && (high == nil || share.Cmp(high) > 0) {
					high = share
				}
			}
			shares[i] = append(shares[i], share)
		}
	}
	if low == nil {
		low, high = new(big.Rat), big.NewRat(1, 1)
	}
	view := &cohortsView{Axis: o.t("spans since they began")}
	for age := range ages {
		view.Ages = append(view.Ages, age)
	}
	for i, c := range list {
		row := cohortRow{Name: o.spanName(c.Name), Size: count(c.Ages[0].Subscriptions), Empty: ages - len(c.Ages)}
		for age, a := range c.Ages {
			cell := cohortCell{Age: age, Count: count(a.Subscriptions)}
			if share := shares[i][age]; share == nil {
				cell.None, cell.Class, cell.Text = true, "few", "–"
			} else {
				hundred := new(big.Rat).Mul(share, big.NewRat(100, 1))
				cell.Text, cell.Y, cell.Class = hundred.FloatString(0), hundred.FloatString(1), heat(age, share, low, high)
			}
			row.Cells = append(row.Cells, cell)
		}
		view.Rows = append(view.Rows, row)
	}
	view.Key = o.t("under %s to over %s", percentWhole(new(big.Rat).Add(low, sixth(low, high))), percentWhole(new(big.Rat).Sub(high, sixth(low, high))))
	return view
}

// deferred is nil where it is not known, and why is then among what is refused.
func (o *opened) deferred(view *subscriptionsView) *deferredView {
	d := o.doc.Recurring.Deferred
	switch {
	case d == nil:
		return nil
	case d.Refused != "" || d.Amount == nil:
		view.Refused = append(view.Refused, lockedView{o.t("Deferred revenue"), d.Refused, d.UnlockedBy})
		return nil
	}
	out := &deferredView{}
	out.Amount, _, _ = o.num(sealed.RecurringWhole, "deferred.amount")
	words := map[string]string{"monthly": o.t("Monthly"), "quarterly": o.t("Quarterly"), "annual": o.t("Annual")}
	for _, b := range d.By {
		out.Rows = append(out.Rows, [5]string{words[b.Name], count(b.Subscriptions), o.cash(b.Billed), o.cash(b.Accrued), o.cash(b.Deferred)})
	}
	return out
}
