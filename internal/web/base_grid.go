package web

import (
	"math/big"
	"slices"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// gridView is what cohorts did: one of them as it ages, all at equal age, and all together over time.
type gridView struct {
	Refused []lockedView
	Whose   *groupName // nil: all customers'
	ByLine  bool       // the group is of lines: counts are of all who began, whatever they first bought
	Spans   []door     // months, quarters, years
	Unit    string     // of an age
	Life    *lifeView
	Ages    []int
	Equal   []equalRow
	Key     string
	Stack   *stackView
}

// lifeView is one cohort as it ages.
type lifeView struct {
	Name    string
	Others  []door
	Size    string
	Rows    []lifeRow
	Profit  bool
	Picture bool
}

// lifeRow is the cohort at one age.
type lifeRow struct {
	Age                                                 int
	Span, Active, Share, Orders, Order, Revenue, Profit string
	Sum                                                 string // revenue so far for each of them
	Y                                                   string
}

// equalRow is a cohort's revenue for each of its first customers, up to each age.
type equalRow struct {
	Name, Size string
	Cells      []cohortCell
	Empty      int
}

// stackView is the revenue of each span by cohort.
type stackView struct {
	Heads []string
	Rows  []stackRow
	Total []string
}

// stackRow is a cohort's revenue in each span.
type stackRow struct {
	Name  string
	Cells []stackCell
}

type stackCell struct{ X, Label, Text, Y string }

func (o *opened) gridView(c chosen) gridView {
	var view gridView
	var grid *sealed.CohortGrid
	var open []string
	for i, g := range o.doc.Views.Grids {
		switch {
		case g.Refused != "":
			view.Refused = append(view.Refused, lockedView{o.spansName(g.Name), g.Refused, g.UnlockedBy})
		case len(g.Rows) > 0:
			open = append(open, g.Name)
			if g.Name == c.span {
				grid = &o.doc.Views.Grids[i]
			}
		}
	}
	if grid == nil {
		return view
	}
	if kind, own := o.groupGrid(c); own != nil {
		grid = own
		view.ByLine = o.byLine(c)
		name := o.chosenName(c, kind)
		view.Whose = &name
	}
	view.Spans = choices(c.span, open, func(s string) string { d := c; d.span, d.cohort = s, ""; return d.path(o.seal, "life") }, o.spansName)
	view.Unit = o.ageName(c.span)
	view.Life = o.life(c, grid)
	view.Ages, view.Equal, view.Key = o.equalAge(grid)
	view.Stack = o.stack(grid)
	return view
}

func (l *locale) spansName(kind string) string {
	switch kind {
	case "month":
		return l.t("by month")
	case "quarter":
		return l.t("by quarter")
	case "year":
		return l.t("by year")
	case "fiscal period":
		return l.t("by fiscal period")
	case "fiscal quarter":
		return l.t("by fiscal quarter")
	}
	return l.t("by fiscal year")
}

func (l *locale) ageName(kind string) string {
	switch kind {
	case "month":
		return l.t("months since the first purchase")
	case "quarter", "fiscal quarter":
		return l.t("quarters since the first purchase")
	case "fiscal period":
		return l.t("periods since the first purchase")
	}
	return l.t("years since the first purchase")
}

// life is the oldest cohort whose first span is shown, or the one that is asked for.
func (o *opened) life(c chosen, g *sealed.CohortGrid) *lifeView {
	rows := g.Begun()
	if len(rows) == 0 {
		return nil
	}
	at := max(0, slices.IndexFunc(rows, func(r sealed.CohortRow) bool { return r.Name == c.cohort }))
	row := rows[at]
	view := &lifeView{Name: o.spanName(row.Name), Size: count(g.Size(row)), Profit: !slices.Contains(row.Profit, nil)}
	for _, r := range rows {
		view.Others = append(view.Others, door{Path: c.ofCohort(r.Name).path(o.seal, "life"), Text: o.spanName(r.Name), Current: r.Name == row.Name})
	}
	first := len(g.Spans) - len(row.Active)
	var sum money.Amount
	size := new(big.Rat).SetInt64(g.Size(row))
	_, unexplained := o.doc.Views.Slice("period").RevenuePerOrder.Refusal() // orders do not explain the revenue
	explained := !unexplained
	for age, n := range row.Active {
		sum = sum.Add(row.Revenue[age])
		life := lifeRow{Age: age, Span: o.spanName(g.Spans[first+age]), Active: count(n), Share: percent(big.NewRat(n, g.Size(row))), Revenue: o.cash(row.Revenue[age])}
		life.Orders, life.Order = "–", "–"
		if n > 0 && row.Orders[age] > 0 && explained {
			life.Orders = multiple(big.NewRat(row.Orders[age], n))
			life.Order = decimal(new(big.Rat).Quo(row.Revenue[age].Rat(), new(big.Rat).SetInt64(row.Orders[age])), 2)
		}
		if view.Profit {
			life.Profit = o.cash(*row.Profit[age])
		}
		each := new(big.Rat).Quo(sum.Rat(), size)
		life.Sum, life.Y = decimal(each, 2), row.Revenue[age].Rat().FloatString(2)
		view.Rows = append(view.Rows, life)
	}
	view.Picture = len(view.Rows) > 1
	return view
}

// equalAge is the revenue up to each age for each customer of the cohort's first span.
func (o *opened) equalAge(g *sealed.CohortGrid) (ages []int, out []equalRow, key string) {
	rows := g.Begun()
	longest := 0
	for _, r := range rows {
		longest = max(longest, len(r.Active))
	}
	var low, high *big.Rat
	sums := make([][]*big.Rat, len(rows))
	for i, r := range rows {
		var sum money.Amount
		for age := range r.Active {
			sum = sum.Add(r.Revenue[age])
			each := new(big.Rat).Quo(sum.Rat(), new(big.Rat).SetInt64(g.Size(r)))
			sums[i] = append(sums[i], each)
			if low == nil || each.Cmp(low) < 0 {
				low = each
			}
			if high == nil || each.Cmp(high) > 0 {
				high = each
			}
		}
	}
	for i, r := range rows {
		row := equalRow{Name: o.spanName(r.Name), Size: count(g.Size(r)), Empty: longest - len(r.Active)}
		for age, each := range sums[i] {
			row.Cells = append(row.Cells, cohortCell{Age: age, Text: decimal(each, 0), Y: each.FloatString(2), Class: heat(age+1, each, low, high)})
		}
		out = append(out, row)
	}
	if len(rows) > 0 {
		for age := range longest {
			ages = append(ages, age)
		}
		key = o.t("under %s to over %s", decimal(new(big.Rat).Add(low, sixth(low, high)), 0), decimal(new(big.Rat).Sub(high, sixth(low, high)), 0))
	}
	return ages, out, key
}

// stack is every cohort's revenue in every span, those before all spans first.
func (o *opened) stack(g *sealed.CohortGrid) *stackView {
	if len(g.Spans) < 2 {
		return nil
	}
	view := &stackView{}
	totals := make([]money.Amount, len(g.Spans))
	for _, s := range g.Spans {
		view.Heads = append(view.Heads, o.spanName(s))
	}
	for _, r := range g.Rows {
		first := len(g.Spans) - len(r.Active)
		row := stackRow{Name: o.spanName(r.Name)}
		if r.Name == sealed.Before {
			row.Name = o.t("before")
		}
		for i := range g.Spans {
			cell := stackCell{X: g.Spans[i], Label: view.Heads[i], Y: "0"}
			if age := i - first; age >= 0 && age < len(r.Revenue) {
				cell.Text, cell.Y = decimal(r.Revenue[age].Rat(), 0), r.Revenue[age].Rat().FloatString(2)
				totals[i] = totals[i].Add(r.Revenue[age])
			}
			row.Cells = append(row.Cells, cell)
		}
		view.Rows = append(view.Rows, row)
	}
	for _, t := range totals {
		view.Total = append(view.Total, decimal(t.Rat(), 0))
	}
	return view
}

// partView is the base by one dimension.
type partView struct {
	ID, Name string
	Rows     []partRow
	Profit   bool
}

// partRow is one of its groups.
type partRow struct {
	Name                                           groupName
	Opening, Retained, New, Closing, Was, Is, Each string
	Net, Gross                                     numView
}

func (o *opened) parts() []partView {
	var out []partView
	for _, d := range o.doc.Views.Groups {
		view := partView{ID: "by-" + d.Name, Name: o.dimensionName(d.Name)}
		if view.Name == "" {
			continue
		}
		names, others := make([]string, len(d.Groups)), make([]string, len(d.Groups))
		for i, g := range d.Groups {
			if names[i] = g.Name; g.Of > 0 {
				others[i] = o.t("%s others", count(g.Of))
			}
		}
		_, called := o.groupNames(d.Name, "", names, others)
		for i, g := range d.Groups {
			row := partRow{
				Name:    called[i],
				Opening: count(g.Opening), Retained: count(g.Retained), New: count(g.New), Closing: count(g.Closing),
				Was: o.cash(g.Was.Revenue), Is: o.cash(g.Is.Revenue), Net: o.rateOf(sealed.Value{Unit: sealed.Share, Figure: g.NetRetention}), Gross: o.rateOf(sealed.Value{Unit: sealed.Share, Figure: g.GrossRetention}),
			}
			row.Each = "–"
			if g.Closing > 0 {
				row.Each = decimal(new(big.Rat).Quo(g.Is.Revenue.Rat(), new(big.Rat).SetInt64(g.Closing)), 2)
			}
			view.Rows = append(view.Rows, row)
		}
		out = append(out, view)
	}
	return out
}

// rateOf is a figure of a row, which has no page of its own.
func (o *opened) rateOf(v sealed.Value) numView {
	_, refused := v.Figure.Refusal()
	return numView{Text: o.value(v), Refused: refused}
}

func (l *locale) viaName(via string) string {
	switch via {
	case "referral":
		return l.t("referral")
	case "reputation":
		return l.t("reputation")
	case "paid":
		return l.t("paid promotion")
	case "sales":
		return l.t("sales")
	case "partner":
		return l.t("partner")
	}
	return via
}
