package web

import (
	"fmt"
	"math/big"

	"github.com/throughline/throughline/internal/sealed"
)

// changedView is who moved between the tenths of two periods.
type changedView struct {
	Measure string
	Heads   []string
	Rows    []tenthRow
	Notes   []string
	N       string
}

// tenthRow is where those of one tenth went.
type tenthRow struct {
	Name, All string
	Cells     []tenthCell
}

// tenthCell is how many went there.
type tenthCell struct {
	Text, Share, Class string
}

func (o *opened) changedBase(c chosen) *changedView {
	var moves []sealed.DecileMove
	for _, m := range o.doc.Views.Moves {
		if m.Name == c.by {
			moves = m.Moves
		}
	}
	if len(moves) == 0 {
		return nil
	}
	var at [11][11]int64
	var all int64
	for _, m := range moves {
		if m.From < 0 || m.From > 10 || m.To < 0 || m.To > 10 {
			return nil
		}
		at[m.From][m.To] = m.Customers
		all += m.Customers
	}
	view := &changedView{Measure: o.measureName(c.by), N: o.units(all, sealed.Customers)}
	order := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0}
	for _, to := range order {
		view.Heads = append(view.Heads, o.tenthName(to, o.t("gone")))
	}
	var up, down, same int64
	for _, from := range order {
		row := tenthRow{Name: o.tenthName(from, o.t("not a customer then"))}
		var sum, most int64
		for _, to := range order {
			sum, most = sum+at[from][to], max(most, at[from][to])
			switch {
			case from == 0 || to == 0:
			case to < from:
				up += at[from][to]
			case to > from:
				down += at[from][to]
			default:
				same += at[from][to]
			}
		}
		row.All = count(sum)
		for _, to := range order {
			row.Cells = append(row.Cells, o.tenthCell(at[from][to], sum, from == 0 && to == 0))
		}
		view.Rows = append(view.Rows, row)
	}
	if stayed := up + down + same; stayed > 0 {
		share := func(n int64) string { return percent(big.NewRat(n, stayed)) }
		view.Notes = append(view.Notes, o.t("Of %s who were active in both periods, %s rose by a tenth or more, %s fell, and %s stayed where they were.", count(stayed), share(up), share(down), share(same)))
	}
	if top, gone := o.topGone(at); top > 0 {
		view.Notes = append(view.Notes, o.t("Of the %s in the highest tenth, %s are gone.", count(top), percent(big.NewRat(gone, top))))
	}
	return view
}

func (o *opened) topGone(at [11][11]int64) (top, gone int64) {
	for to := range 11 {
		top += at[1][to]
	}
	return top, at[1][0]
}

func (o *opened) tenthName(n int, none string) string {
	if n == 0 {
		return none
	}
	return fmt.Sprint(n)
}

// tenthCell is shaded by the share of its row.
func (o *opened) tenthCell(n, of int64, none bool) tenthCell {
	switch {
	case none:
		return tenthCell{Class: "no"}
	case of == 0:
		return tenthCell{Text: "0", Class: "q0"}
	}
	share := float64(n) / float64(of)
	level := 0
	for i, edge := range []float64{0.02, 0.05, 0.1, 0.2, 0.35} {
		if share >= edge {
			level = i + 1
		}
	}
	return tenthCell{Text: count(n), Share: percent(big.NewRat(n, of)), Class: fmt.Sprintf("q%d", level)}
}

// baseFinding says in a sentence or two what the views show.
func (o *opened) baseFinding() []string {
	now := o.doc.Views.Slice("period")
	if now.Customers == 0 {
		return []string{o.t("Nobody was active in the period.")}
	}
	out := []string{o.tn(now.Customers, "%s customer was active.", "%s customers were active.", count(now.Customers))}
	value := func(name string) (*big.Rat, bool) {
		f, ok := o.doc.Figure(sealed.Views, name)
		if !ok {
			return nil, false
		}
		r := f.Value.Rat()
		return r, r != nil
	}
	if r, ok := value("slices.period.top_tenth_of_revenue"); ok {
		out = append(out, o.t("The tenth who spent most brought %s of the revenue.", percent(r)))
	}
	if r, ok := value("slices.period.one_order_share"); ok {
		out = append(out, o.t("%s bought once.", percent(r)))
	}
	return out
}
