package web

import (
	"math/big"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// apartView is how different the customers of the period are: their averages, and deciles and bands by one measure.
type apartView struct {
	Now, Then string // heads of the columns
	Rows      []averageRow
	By        []door
	Measure   string
	Deciles   []decileRow
	Few       bool // too few for deciles
	Bands     []bandRow
	BandHead  string
	Profit    bool // gross profit is known
	Counted   string
}

// averageRow is one average or share, in both periods.
type averageRow struct {
	Label     string
	Now, Then numView
	Change    numView
}

// decileRow is a tenth of the customers.
type decileRow struct {
	Name, Customers, Orders, Revenue, Profit string
	Share                                    string
	Width                                    string
	Range                                    string
	X, Y                                     string // for the picture
}

// bandRow is the customers between two values.
type bandRow struct {
	Name, Customers, Share, Width, Revenue string
}

var averages = []struct{ name, change string }{
	{"customers", "customers"}, {"orders_per_customer", "orders_per_customer"}, {"revenue_per_order", "revenue_per_order"}, {"revenue_per_customer", ""},
	{"profit_per_customer", ""}, {"gross_margin", ""}, {"one_order_share", ""}, {"top_tenth_of_revenue", ""}, {"top_tenth_of_profit", ""}, {"revenue", "revenue"},
}

func (o *opened) apart(c chosen) *apartView {
	now := o.doc.Views.Slice("period")
	view := &apartView{Now: o.t("Period"), Then: o.t("Before"), Measure: o.measureName(c.by), Profit: now.Profit != nil, Counted: o.countedName(o.doc.Views.Counted)}
	if o.doc.Views.NoOrders() != nil {
		view.Counted = o.t("Revenue is not made of orders alone, so orders are not told.")
	}
	for _, a := range averages {
		d, _ := sealed.Define(sealed.Key(sealed.Views, "slices.period."+a.name))
		row := averageRow{Label: o.t(d.Label)}
		row.Now, _, _ = o.num(sealed.Views, "slices.period."+a.name)
		row.Then, _, _ = o.num(sealed.Views, "slices.comparison."+a.name)
		if a.change != "" {
			n, v, ok := o.num(sealed.Views, "changes."+a.change)
			if r := v.Rat(); ok && r != nil && r.Sign() > 0 {
				n.Text = "+" + n.Text
			}
			row.Change = n
		}
		view.Rows = append(view.Rows, row)
	}
	var ranked []string
	for _, r := range now.Ranked {
		if len(r.Bands) > 0 {
			ranked = append(ranked, r.Name)
		}
	}
	view.By = choices(c.by, ranked, func(m string) string { d := c; d.by = m; return d.path(o.seal, "apart") }, o.measureName)
	by := now.By(c.by)
	if by == nil {
		return view
	}
	view.Few = len(by.Deciles) == 0
	view.Deciles = o.deciles(c.by, by.Deciles)
	view.BandHead = o.t("Spent, in %s", string(o.currency))
	switch c.by {
	case "orders":
		view.BandHead = o.t("Orders")
	case "profit":
		view.BandHead = o.t("Earned us, in %s", string(o.currency))
	}
	view.Bands = o.banded(by.Bands)
	return view
}

func (o *opened) countedName(counted string) string {
	switch counted {
	case "by day":
		return o.t("An order is all that a customer bought on one day.")
	case "by quantity":
		return o.t("The books are a summary: its quantity says how many orders a line stands for.")
	}
	return o.t("An order is the lines with one order id; of lines without, those of one day.")
}

// of is the sum by which customers are ranked.
func measureOf(by string, s sealed.Sums) money.Amount {
	switch {
	case by == "orders":
		return money.FromMicros(s.Orders * 1_000_000)
	case by == "profit" && s.Profit != nil:
		return *s.Profit
	}
	return s.Revenue
}

func (o *opened) deciles(by string, list []sealed.Decile) []decileRow {
	var whole, most big.Rat
	for _, d := range list {
		m := measureOf(by, d.Sums).Rat()
		whole.Add(&whole, m)
		if m.Cmp(&most) > 0 {
			most.Set(m)
		}
	}
	text := o.cash
	if by == "orders" {
		text = func(a money.Amount) string { return decimal(a.Rat(), 0) }
	}
	var out []decileRow
	for i, d := range list {
		m := measureOf(by, d.Sums)
		row := decileRow{
			Name: d.Name, Customers: count(d.Customers), Orders: "–", Revenue: o.cash(d.Revenue), Range: o.t("%s to %s", text(d.Least), text(d.Most)),
			X: o.t("Tenth %d", i+1), Y: m.Rat().FloatString(2),
		}
		if o.doc.Views.NoOrders() == nil {
			row.Orders = count(d.Orders)
		}
		if d.Profit != nil {
			row.Profit = o.cash(*d.Profit)
		}
		if whole.Sign() > 0 {
			row.Share = percent(new(big.Rat).Quo(m.Rat(), &whole))
		}
		if most.Sign() > 0 {
			row.Width = place(max(0, 100*float(new(big.Rat).Quo(m.Rat(), &most))))
		}
		out = append(out, row)
	}
	return out
}

func (o *opened) banded(list []sealed.Banded) []bandRow {
	var all, most int64
	for _, b := range list {
		all, most = all+b.Customers, max(most, b.Customers)
	}
	var out []bandRow
	for _, b := range list {
		row := bandRow{Name: o.bandName(b), Customers: count(b.Customers), Revenue: o.cash(b.Revenue)}
		row.Share = percent(big.NewRat(b.Customers, max(all, 1)))
		row.Width = place(100 * float64(b.Customers) / float64(max(most, 1)))
		out = append(out, row)
	}
	return out
}

func (o *opened) bandName(b sealed.Banded) string {
	text := func(s string) string { return grouped(s) }
	switch {
	case b.From == nil && b.To == nil:
		return b.Name
	case b.To == nil:
		return o.t("%s or more", text(*b.From))
	case b.From == nil:
		return o.t("%s or less", text(*b.To))
	case *b.From == *b.To:
		return o.t("nothing")
	case b.Name == *b.From:
		return text(b.Name) // a number of orders
	}
	return o.t("%s to %s", text(*b.From), text(*b.To))
}
