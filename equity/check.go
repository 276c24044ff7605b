package equity

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
)

// Forecast is what was foretold of customers beside what they did, and beside the naive forecast that they do what they did in the lead.
type Forecast struct {
	Name               string
	Customers          int64
	Purchases, Revenue float64 // foretold
	Bought             int64
	Brought            float64 // revenue
	NaivePurchases     int64
	NaiveRevenue       float64
	place              int // the year of a cohort, or the place of a tenth
}

func (f *Forecast) add(h HeldOut, purchases, revenue float64) {
	f.Customers += h.Together
	f.Purchases += purchases
	f.Revenue += revenue
	f.Brought += h.Revenue
	f.NaivePurchases += h.Before
	f.NaiveRevenue += h.RevenueBefore
	for _, n := range h.After {
		f.Bought += n
	}
}

// join adds other customers.
func (f *Forecast) join(o Forecast) {
	f.Customers += o.Customers
	f.Purchases += o.Purchases
	f.Revenue += o.Revenue
	f.Bought += o.Bought
	f.Brought += o.Brought
	f.NaivePurchases += o.NaivePurchases
	f.NaiveRevenue += o.NaiveRevenue
}

// Check is the hold-out: the models fitted to what was known at the cut, and what came after.
type Check struct {
	Question
	Total   Forecast
	Cohorts []Forecast // by year of the first purchase
	Tenths  []Forecast // by what was foretold, the most first
	Parts   []Forecast // of the held-out time
	// Missed and NaiveMissed are the sums over years of coming of |foretold − revenue| ÷ revenue: of purchases where spend is not known.
	Missed, NaiveMissed float64
	Purchases, Revenue  Error
	priced              bool
}

// Error is how far the forecasts of cohorts were off, as what came ÷ what was foretold − 1, by foretold weight: the mean, which all of them
// have in common; its standard error, of how they differ from each other; and how many cohorts of equal weight tell it (L. Kish, Survey
// Sampling, 1965: (Σw)²/Σw²).
type Error struct{ Mean, SE, Cohorts float64 }

// widening is the half width that the hold-out adds to the logarithm of a forecast at 95 %. What the cohorts have in common may come
// again, in either direction; that its size is known from few cohorts only widens it by Student's t. own is the error of the cohort itself,
// where it is one.
func (e Error) widening(own float64) float64 {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: math.Max(1, e.Cohorts-1)}.Quantile(0.975)
	return math.Hypot(normal*math.Max(math.Abs(e.Mean), own), t*e.SE)
}

// cell is the cohort by which errors are measured: a month of coming, and a quarter of a year where more than two years lie before the cut.
func (q Question) cell(m calendar.Month) calendar.Month {
	if q.long {
		return m / 3
	}
	return m
}

// check fits the models at the cut, foretells, and compares.
func check(ctx context.Context, ledger Ledger, q Question, delta, returns float64) (Check, error) {
	c := Check{Question: q}
	m, err := fit(func(visit func(shared) error) error {
		return ledger.HeldOut(ctx, q, func(h HeldOut) error { return visit(shared{h.History, h.Mean, h.Together}) })
	})
	if err != nil {
		return c, err
	}
	j := m.judge(delta)
	c.priced = m.priced
	cohorts, cells, parts := map[int]*Forecast{}, map[calendar.Month]*Forecast{}, make([]Forecast, quarters)
	var each []tenth
	err = ledger.HeldOut(ctx, q, func(h HeldOut) error {
		n := float64(h.Together)
		price := 0.0
		if m.priced {
			price = j.price(h.Repeats, h.Mean) * returns
		}
		until, ahead := [quarters + 1]float64{}, j.ahead.Of(h.History)
		for i, p := range q.Quarters() {
			until[i+1] = ahead.Purchases(float64(p.End - q.Cut))
			parts[i].Purchases += n * (until[i+1] - until[i])
			parts[i].Revenue += n * (until[i+1] - until[i]) * price
			parts[i].Bought += h.After[i]
		}
		foretold := until[quarters]
		c.Total.add(h, n*foretold, n*foretold*price)
		year := int(h.Month) / 12
		of := cohorts[year]
		cell := cells[q.cell(h.Month)]
		if cell == nil {
			cell = &Forecast{}
			cells[q.cell(h.Month)] = cell
		}
		cell.add(h, n*foretold, n*foretold*price)
		if of == nil {
			of = &Forecast{Name: yearName(year), place: year}
			cohorts[year] = of
		}
		of.add(h, n*foretold, n*foretold*price)
		each = together(each, h, foretold, price)
		return nil
	})
	if err != nil {
		return c, err
	}
	for _, year := range sorted(cohorts) {
		c.Cohorts = append(c.Cohorts, *cohorts[year])
	}
	for i, p := range q.Quarters() {
		parts[i].Name = p.String()
		parts[i].Customers = c.Total.Customers
	}
	c.Parts, c.Tenths = parts, tenths(each, c.Total.Customers)
	c.judge(cells)
	return c, nil
}

// tenth is what was foretold of each of some customers, and their sums.
type tenth struct {
	foretold float64
	of       Forecast
}

// together adds a row to those of whom the same is foretold, where these came last: customers with one history follow each other, and a base has
// far fewer histories than means of spend, so that no more is kept than a number of sums for each history.
func together(each []tenth, h HeldOut, foretold, price float64) []tenth {
	if n := len(each); n == 0 || each[n-1].foretold != foretold {
		each = append(each, tenth{foretold: foretold})
	}
	n := float64(h.Together)
	each[len(each)-1].of.add(h, n*foretold, n*foretold*price)
	return each
}

// tenths cuts customers by what was foretold of them into ten parts of about equal size; who is foretold the same is in one part.
func tenths(each []tenth, customers int64) []Forecast {
	slices.SortStableFunc(each, func(a, b tenth) int {
		switch {
		case a.foretold > b.foretold:
			return -1
		case a.foretold < b.foretold:
			return 1
		}
		return 0
	})
	var out []Forecast
	var seen int64
	for from := 0; from < len(each); {
		to, n := from, int64(0)
		for to < len(each) && each[to].foretold == each[from].foretold {
			n += each[to].of.Customers
			to++
		}
		at := int(math.Min(9, math.Floor(10*(float64(seen)+float64(n)/2)/float64(customers))))
		if len(out) == 0 || out[len(out)-1].place != at {
			out = append(out, Forecast{place: at})
		}
		for _, t := range each[from:to] {
			out[len(out)-1].join(t.of)
		}
		seen, from = seen+n, to
	}
	return out
}

// judge states how far the cohorts were missed.
func (c *Check) judge(cells map[calendar.Month]*Forecast) {
	var off, naive, all float64
	for _, f := range c.Cohorts {
		foretold, came, before := c.compared(f)
		off += math.Abs(foretold - came)
		naive += math.Abs(before - came)
		all += came
	}
	if all > 0 {
		c.Missed, c.NaiveMissed = off/all, naive/all
	}
	c.Purchases = errorOf(cells, func(f *Forecast) (foretold, came float64) { return f.Purchases, float64(f.Bought) })
	c.Revenue = errorOf(cells, func(f *Forecast) (foretold, came float64) { return f.Revenue, f.Brought })
}

// compared is revenue, or purchases where spend is not known: foretold, as it came, and by the naive forecast.
func (c *Check) compared(f Forecast) (foretold, came, naive float64) {
	if c.priced {
		return f.Revenue, f.Brought, f.NaiveRevenue
	}
	return f.Purchases, float64(f.Bought), float64(f.NaivePurchases)
}

func errorOf(cells map[calendar.Month]*Forecast, of func(*Forecast) (foretold, came float64)) Error {
	var weights, squares, came float64
	counts := func(f *Forecast) bool { foretold, _ := of(f); return f.Purchases >= leastForetold && foretold > 0 }
	for _, month := range sorted(cells) {
		if f := cells[month]; counts(f) {
			w, is := of(f)
			weights, squares, came = weights+w, squares+w*w, came+is
		}
	}
	if weights == 0 {
		return Error{}
	}
	e := Error{Mean: came/weights - 1, Cohorts: weights * weights / squares}
	var sum float64
	for _, month := range sorted(cells) {
		if f := cells[month]; counts(f) {
			w, is := of(f)
			off := is/w - 1 - e.Mean
			sum += w / weights * w / weights * off * off
		}
	}
	if e.SE = math.Sqrt(sum); e.Cohorts < 2 {
		e.SE = math.Max(math.Abs(e.Mean), 1/math.Sqrt(weights)) // one cohort does not tell how they differ
	} else {
		e.SE *= math.Sqrt(e.Cohorts / (e.Cohorts - 1))
	}
	return e
}

// leastForetold is from how many foretold purchases on a cohort's error says more about the model than about chance.
const leastForetold = 20

// own is the error of a year's cohort, 0 where it was not checked.
func (c Check) own(year, measure int) float64 {
	for _, f := range c.Cohorts {
		if f.place != year || f.Purchases < leastForetold {
			continue
		}
		if measure < revenue {
			return math.Abs(float64(f.Bought)/f.Purchases - 1)
		}
		return math.Abs(f.Brought/f.Revenue - 1)
	}
	return 0
}

// error is that by which a measure is widened.
func (c Check) error(measure int) Error {
	if measure < revenue {
		return c.Purchases
	}
	return c.Revenue
}
