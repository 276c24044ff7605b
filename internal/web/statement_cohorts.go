package web

import (
	"fmt"
	"math/big"

	"github.com/throughline/throughline/internal/sealed"
)

// cohortsView shows who stays: a row for each span of first purchase, a column for each age.
type cohortsView struct {
	Caption, Axis string
	Ages          []int
	Rows          []cohortRow
	Key           string
	N             string
	Unit          string
	Source        string
}

// cohortRow is one cohort.
type cohortRow struct {
	Name, Size string
	Cells      []cohortCell
	Empty      int // ages that the books have not reached
}

// cohortCell is the share of a cohort that still buys.
type cohortCell struct {
	Age   int
	Text  string
	Class string
	Y     string // per cent, for the picture
	Count string
	None  bool // nobody of it was active in its first span
}

// cohorts is nil where there are none.
func (o *opened) cohorts() *cohortsView {
	kept := o.doc.Cohorts.Kept()
	if len(kept) == 0 {
		return nil
	}
	view := &cohortsView{Source: o.t(sealed.CohortSource)}
	view.Caption, view.Axis = o.cohortWords()
	low, high := heatEnds(kept)
	var all int64
	for _, k := range kept {
		row := cohortRow{Name: o.spanName(k.First), Size: count(k.Size()), Empty: len(kept[0].Active) - len(k.Active)}
		all += k.Size()
		for age, share := range k.Shares {
			cell := cohortCell{Age: age, Count: count(*k.Active[age])}
			if share == nil {
				cell.None, cell.Class, cell.Text = true, "few", "–"
			} else {
				hundred := new(big.Rat).Mul(share, big.NewRat(100, 1))
				cell.Text, cell.Y, cell.Class = hundred.FloatString(0), hundred.FloatString(1), heat(age, share, low, high)
			}
			row.Cells = append(row.Cells, cell)
		}
		view.Rows = append(view.Rows, row)
	}
	for age := range kept[0].Active {
		view.Ages = append(view.Ages, age)
	}
	view.N = o.units(all, sealed.Customers)
	view.Key = o.t("under %s to over %s", percentWhole(new(big.Rat).Add(low, sixth(low, high))), percentWhole(new(big.Rat).Sub(high, sixth(low, high))))
	return view
}

func (o *opened) cohortWords() (caption, axis string) {
	switch o.doc.Cohorts.Kind {
	case "quarter", "fiscal quarter":
		return o.t("by quarters since the first purchase"), o.t("quarters since the first purchase")
	case "year", "fiscal year":
		return o.t("by years since the first purchase"), o.t("years since the first purchase")
	case "fiscal period":
		return o.t("by periods since the first purchase"), o.t("periods since the first purchase")
	}
	return o.t("by months since the first purchase"), o.t("months since the first purchase")
}

// heatEnds are the lowest and highest share after the first span, which is all of a cohort and so is its own colour.
func heatEnds(kept []sealed.Kept) (low, high *big.Rat) {
	for _, k := range kept {
		for age, share := range k.Shares {
			if age == 0 || share == nil {
				continue
			}
			if low == nil || share.Cmp(low) < 0 {
				low = share
			}
			if high == nil || share.Cmp(high) > 0 {
				high = share
			}
		}
	}
	if low == nil {
		return new(big.Rat), big.NewRat(1, 1)
	}
	return low, high
}

func sixth(low, high *big.Rat) *big.Rat {
	d := new(big.Rat).Sub(high, low)
	return d.Quo(d, big.NewRat(6, 1))
}

// heat is a cell's colour, from q0 to q5 by sixths; q6 is the first span.
func heat(age int, share, low, high *big.Rat) string {
	if age == 0 {
		return "q6"
	}
	if low.Cmp(high) == 0 {
		return "q3"
	}
	span := new(big.Rat).Sub(high, low)
	at := float(new(big.Rat).Quo(new(big.Rat).Sub(share, low), span))
	return fmt.Sprintf("q%d", min(int(at*6), 5))
}

func percentWhole(r *big.Rat) string {
	return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(0) + "%"
}

// tenureRow is what customers of a time with us spent in the last span.
type tenureRow struct {
	Label     string
	Width     string
	Share     string
	Customers string
}

func (o *opened) tenures() []tenureRow {
	list := o.doc.Cohorts.Tenures()
	var whole, most big.Rat
	for _, t := range list {
		whole.Add(&whole, t.Revenue.Rat())
		if t.Revenue.Rat().Cmp(&most) > 0 {
			most.Set(t.Revenue.Rat())
		}
	}
	if whole.Sign() <= 0 || most.Sign() <= 0 {
		return nil
	}
	var out []tenureRow
	for i, t := range list {
		if t.To == 0 && t.Customers == 0 && t.Revenue.IsZero() {
			continue // nobody is older than the books
		}
		row := tenureRow{Label: o.years(i, t.To == 0), Share: percent(new(big.Rat).Quo(t.Revenue.Rat(), &whole)), Customers: count(t.Customers)}
		row.Width = place(max(0, 100*float(new(big.Rat).Quo(t.Revenue.Rat(), &most))))
		out = append(out, row)
	}
	return out
}

// years is how long somebody has been with us.
func (o *opened) years(from int, longer bool) string {
	switch {
	case longer && from == 0:
		return o.t("Any time")
	case longer:
		return o.tn(int64(from), "Over %d year", "Over %d years", from)
	case from == 0:
		return o.t("Under 1 year")
	}
	return o.t("%d to %d years", from, from+1)
}
