package pricing

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/regress"
)

// WatchOf is the watch of a window: its last 36 months, and twelve before them to know how customers were served. A shorter window
// has a shorter watch; ok is false where none is left.
func WatchOf(w Window) (Watch, bool) {
	x := Watch{Start: max(w.Start+servedMonths, w.End-watchLong), End: w.End}
	return x, x.End-x.Start >= fewestMonths
}

const serviceMethod = "log of the quantity of the well-served less that of the poorly served, by product and month, on log list price, with a trend of each product; who was served how is fixed before; lasting shocks by restricted likelihood, t on price changes"

// serviceOf sets the elasticity of the well-served beside that of the poorly served. Whatever happens to all customers of a product in a
// month is the same for both and falls out of their difference, so it needs no effects of months and assumes less than either alone.
func serviceOf(measure string, watch Watch, d Demand, s Served, all []series) ServiceLine {
	l := ServiceLine{Measure: measure}
	refuse := func(reason, need string) ServiceLine {
		l.Well, l.Poorly, l.Difference = evidence.Refuse(reason, need), evidence.Refuse(reason, need), evidence.Refuse(reason, need)
		return l
	}
	if watch == (Watch{}) {
		return refuse(fmt.Sprintf("the months known leave none to watch: %d to know how customers were served, and %d after", servedMonths, fewestMonths), "more months of orders")
	}
	if !s.Known[measure] {
		return refuse(map[string]string{"resolved": "the books do not know which interactions of a customer were resolved", "nps": "the books do not know how customers answered nps"}[measure],
			map[string]string{"resolved": "interactions with customer_id and resolved", "nps": "answers to nps with customer_id and score"}[measure])
	}
	for _, g := range s.Groups {
		if g.Measure == measure && g.Well {
			l.WellCustomers += g.Customers
		} else if g.Measure == measure {
			l.PoorlyCustomers += g.Customers
		}
	}
	well, poorly := served(measure, true, watch, s, all), served(measure, false, watch, s, all)
	window := Window(watch)
	apart := minus(well, poorly)
	changes := changesIn(all, apart, window)
	if changes < fewestChanges {
		return refuse(fmt.Sprintf("%s of a list price by 1%% or more in months in which %d of the well-served and %d of the poorly served bought, of products with %d such months: need %d",
			counted(changes, "change"), fewestBuyers, fewestBuyers, fewestMonths, fewestChanges), "more customers whose service is known before they buy, or list prices that change")
	}
	f, _, err := fit(apart, append(effects(apart, false), column{"price", price(all)}))
	if err != nil {
		return refuse(refusalOf(failed(err)))
	}
	l.Difference = figure(f, "price", changes, len(apart), serviceMethod)
	l.Well, _ = together(all, well, countProducts(well), changesIn(all, well, window))
	l.Poorly, _ = together(all, poorly, countProducts(poorly), changesIn(all, poorly, window))
	return l
}

func refusalOf(f evidence.Figure) (string, string) {
	r, _ := f.Refusal()
	return r.Reason, r.Need
}

// served are the rows of one group: its quantity by product and month, where enough bought, of products with months enough.
func served(measure string, well bool, watch Watch, s Served, all []series) []row {
	of := map[int][]row{}
	for _, c := range s.Cells {
		if c.Measure != measure || c.Well != well || c.Buyers < fewestBuyers || c.Month < watch.Start || c.Month >= watch.End || c.Product >= len(all) || dispersed(all[c.Product]) {
			continue
		}
		if _, priced := all[c.Product].path.logs[c.Month]; priced {
			of[c.Product] = append(of[c.Product], row{c.Product, c.Month, math.Log(number(c.Quantity))})
		}
	}
	return enough(of, len(all))
}

// dispersed tells whether a product has no one list price.
func dispersed(s series) bool { return s.path.lines == 0 || 2*s.path.at < s.path.lines }

// enough are the rows of products with months enough, in order.
func enough(of map[int][]row, products int) []row {
	var out []row
	for k := range products {
		if rows := of[k]; len(rows) >= fewestMonths {
			slices.SortFunc(rows, func(a, b row) int { return int(a.month - b.month) })
			out = append(out, rows...)
		}
	}
	return out
}

// minus is one group less the other, where both have rows.
func minus(well, poorly []row) []row {
	other := map[row]float64{}
	for _, r := range poorly {
		other[row{product: r.product, month: r.month}] = r.log
	}
	of, products := map[int][]row{}, 0
	for _, r := range well {
		if log, both := other[row{product: r.product, month: r.month}]; both {
			of[r.product] = append(of[r.product], row{r.product, r.month, r.log - log})
			products = max(products, r.product+1)
		}
	}
	return enough(of, products)
}

// difference is one coefficient less another.
func difference(f *regress.Fit, a, b string, df, n int, how string) evidence.Figure {
	i, j := slices.Index(f.Names, a), slices.Index(f.Names, b)
	value := f.Coefficients[i] - f.Coefficients[j]
	se := math.Sqrt(f.Covariance[i][i] + f.Covariance[j][j] - float64(2*f.Covariance[i][j]))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: max(1, min(float64(df), f.DF))}.Quantile(0.975)
	half := float64(t * se)
	return evidence.Confidence(evidence.Float(value), evidence.Float(value-half), evidence.Float(value+half), 0.95, int64(n), how)
}
