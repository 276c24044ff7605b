package pricing

import (
	"errors"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/regress"
)

// What an estimate needs. Fewer price changes than these leave an interval that says nothing or, worse, one that looks as if it did:
// with G clusters tests reject far too often, the more so the fewer change (Cameron & Miller 2015, VI).
const (
	fewestMonths   = 12 // of a product, with enough buyers
	fewestProducts = 3  // to tell a month from a price
	fewestChanges  = 6  // of all products together
	fewestOfOne    = 3  // of one product
	fewestInHalf   = 4  // of all products together, in each half of the window
)

// Statement is what is stated of prices.
type Statement struct {
	Window
	Watch    Watch // the zero Watch: there is no measure of service
	Currency money.Currency

	Elasticity evidence.Figure // of all products together
	Halves     Halves
	Products   []ProductLine // largest first
	Rest       Rest
	Service    []ServiceLine

	Estimated, Months, Changes int64 // products, product-months and price changes that the elasticity rests on
}

// Halves are the elasticity in the first and the second half of the window.
type Halves struct {
	Split                  calendar.Month // the first month of the second
	Earlier, Later, Change evidence.Figure
}

// ProductLine is one product.
type ProductLine struct {
	Product
	Customers   int64 // who bought it in the window
	Months      int64 // used
	Changes     int64 // of its list price, between the months used
	First, Last *money.Amount
	Elasticity  evidence.Figure
}

// ServiceLine is the elasticity by how customers were served, by one measure.
type ServiceLine struct {
	Measure                  string
	WellCustomers            int64 // of each product, summed
	PoorlyCustomers          int64
	Well, Poorly, Difference evidence.Figure // the difference: well − poorly
}

// series is a product with what is estimated of.
type series struct {
	points []point
	path   path
	why    *evidence.Refusal // it has no part in any estimate
}

// State makes the statement of what a ledger summed.
func State(w Window, watch Watch, d Demand, s Served, currency money.Currency) (Statement, error) {
	out := Statement{Window: w, Watch: watch, Currency: currency, Rest: d.Rest, Service: []ServiceLine{}}
	all := make([]series, len(d.Products))
	for k := range d.Products {
		all[k] = seriesOf(k, w, d)
	}
	rows := rowsOf(all)
	for k, p := range d.Products {
		out.Products = append(out.Products, lineOf(k, p, all[k], d))
	}
	changes := changesIn(all, rows, w)
	products := countProducts(rows)
	out.Estimated, out.Months, out.Changes = int64(products), int64(len(rows)), int64(changes)
	var n noise
	out.Elasticity, n = together(all, rows, products, changes)
	out.each(all, rows, products, n)
	out.halves(all, rows, products, n)
	for _, measure := range Measures {
		out.Service = append(out.Service, serviceOf(measure, watch, d, s, all))
	}
	return out, out.check()
}

// check holds that every figure is one.
func (s *Statement) check() error {
	errs := []error{s.Elasticity.Err(), s.Halves.Earlier.Err(), s.Halves.Later.Err(), s.Halves.Change.Err()}
	for _, p := range s.Products {
		errs = append(errs, p.Elasticity.Err())
	}
	for _, l := range s.Service {
		errs = append(errs, l.Well.Err(), l.Poorly.Err(), l.Difference.Err())
	}
	return errors.Join(errs...)
}

func seriesOf(k int, w Window, d Demand) series {
	s := series{path: pathOf(pick(d.Prices, func(p Price) bool { return p.Product == k }), w)}
	s.points = slices.DeleteFunc(index(pick(d.Cells, func(c Cell) bool { return c.Product == k })), func(p point) bool {
		_, priced := s.path.logs[p.month]
		return !priced
	})
	switch {
	case s.path.lines == 0:
		s.why = &evidence.Refusal{Reason: "none of its lines has a list price", Need: "list_price of orders"}
	case 2*s.path.at < s.path.lines:
		s.why = &evidence.Refusal{
			Reason: fmt.Sprintf("no one list price stood in a month: %d of %d lines are at, or within 1%% of, the middle price of their month", s.path.at, s.path.lines),
			Need:   "list_price as the price that stands for everybody, or a product for each price",
		}
	case len(s.points) < fewestMonths:
		s.why = &evidence.Refusal{
			Reason: fmt.Sprintf("%s after the first purchase in which %d customers or more bought it, need %d", counted(len(s.points), "month"), fewestBuyers, fewestMonths),
			Need:   "more months, or a product that more customers buy again",
		}
	}
	if s.why != nil {
		s.points = nil
	}
	return s
}

func pick[T any](of []T, keep func(T) bool) []T {
	var out []T
	for _, x := range of {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func rowsOf(all []series) []row {
	var out []row
	for k, s := range all {
		for _, p := range s.points {
			out = append(out, row{k, p.month, p.log})
		}
	}
	return out
}

// between are a product's price changes after its first month used and up to its last.
func between(s series, points []point, w Window) int {
	n := 0
	for _, c := range s.path.changes {
		if len(points) > 0 && c.month > points[0].month && c.month <= points[len(points)-1].month && c.month > w.Start && c.month < w.End {
			n++
		}
	}
	return n
}

// changesIn counts price changes between the months that rows have, by product.
func changesIn(all []series, rows []row, w Window) int {
	n := 0
	for k, s := range all {
		var points []point
		for _, r := range rows {
			if r.product == k && r.month >= w.Start && r.month < w.End {
				points = append(points, point{month: r.month})
			}
		}
		n += between(s, points, w)
	}
	return n
}

func countProducts(rows []row) int {
	seen := map[int]bool{}
	for _, r := range rows {
		seen[r.product] = true
	}
	return len(seen)
}

// price is the logarithm of the list price of a row.
func price(all []series) func(row) float64 {
	return func(r row) float64 { return all[r.product].path.logs[r.month] }
}

const method = "log of quantity by product and month, each customer's level taken out, on log list price, with an effect of each month and a trend of each product; lasting shocks by restricted likelihood, t on price changes"

// lacking says what an estimate of all products together lacks; nil: nothing.
func lacking(products, changes, fewest int) *evidence.Refusal {
	switch {
	case products == 0:
		return &evidence.Refusal{Reason: "no product has months enough with a list price and buyers", Need: "list_price and quantity of orders over more months"}
	case products < fewestProducts:
		return &evidence.Refusal{
			Reason: fmt.Sprintf("%s with months enough, need %d to tell what a month does from what a price does", counted(products, "product"), fewestProducts),
			Need:   "more products with list prices",
		}
	case changes < fewest:
		return &evidence.Refusal{Reason: fmt.Sprintf("%s of a list price by 1%% or more, need %d", counted(changes, "change"), fewest), Need: "list prices that change, at different times for different products"}
	}
	return nil
}

func refused(r *evidence.Refusal) evidence.Figure { return evidence.Refuse(r.Reason, r.Need) }

// failed is a fit that was refused.
func failed(err error) evidence.Figure {
	var r *regress.Refusal
	switch {
	case errors.As(err, &r) && r.Covariate == "":
		return evidence.Refuse("what was bought never differs from what the products and months alone make it, so no price has anything to explain", "quantities that change")
	case r != nil, errors.Is(err, errCollinear):
		return evidence.Refuse("list prices cannot be told from months and trends, because they moved together", "list prices that change at different times for different products")
	}
	return evidence.Refuse("not estimated: "+err.Error(), "more months or products")
}

func figure(f *regress.Fit, name string, df int, n int, how string) evidence.Figure {
	value, low, high := interval(f, name, df)
	return evidence.Confidence(evidence.Float(value), evidence.Float(low), evidence.Float(high), 0.95, int64(n), how)
}

// together is one elasticity of all products, with the noise about it.
func together(all []series, rows []row, products, changes int) (evidence.Figure, noise) {
	if why := lacking(products, changes, fewestChanges); why != nil {
		return refused(why), noise{}
	}
	f, n, err := fit(rows, append(effects(rows, true), column{"price", price(all)}))
	if err != nil {
		return failed(err), noise{}
	}
	return figure(f, "price", changes, len(rows), method), n
}

func lineOf(k int, p Product, s series, d Demand) ProductLine {
	l := ProductLine{Product: p, Months: int64(len(s.points))}
	for _, c := range d.Cells {
		if c.Product == k && c.Entry == c.Month {
			l.Customers += c.Buyers
		}
	}
	if s.path.lines > 0 {
		l.First, l.Last = &s.path.first, &s.path.last
	}
	return l
}

// each estimates products one by one, each beside all others: they tell what the months do. The noise is that about all together.
func (s *Statement) each(all []series, rows []row, products int, n noise) {
	moving := map[int]bool{}
	for k := range all {
		logs := map[float64]bool{}
		for _, p := range all[k].points {
			logs[all[k].path.logs[p.month]] = true
		}
		moving[k] = len(logs) > 1
		s.Products[k].Changes = int64(between(all[k], all[k].points, s.Window))
	}
	why := lacking(products, int(s.Changes), fewestChanges)
	var f *regress.Fit
	var err error
	if why == nil {
		f, err = slopes(all, rows, moving, n)
	}
	for k := range s.Products {
		l := &s.Products[k]
		switch {
		case all[k].why != nil:
			l.Elasticity = refused(all[k].why)
		case l.Changes < fewestOfOne:
			l.Elasticity = evidence.Refuse(fmt.Sprintf("%s of its list price by 1%% or more, need %d", counted(int(l.Changes), "change"), fewestOfOne), "more months, with list prices that change")
		case why != nil:
			l.Elasticity = refused(why)
		case err != nil:
			l.Elasticity = failed(err)
		case !moving[k]:
			l.Elasticity = evidence.Refuse("its list price cannot be told from months and trends", "list prices that change at different times for different products")
		default:
			l.Elasticity = figure(f, slopeOf(k), int(l.Changes), len(all[k].points), method)
		}
	}
}

// slopes fits an elasticity of each product whose price moves; those that cannot be told from months and trends are struck from moving.
func slopes(all []series, rows []row, moving map[int]bool, n noise) (*regress.Fit, error) {
	for {
		columns := effects(rows, true)
		for k := range all {
			if moving[k] {
				columns = append(columns, column{slopeOf(k), func(r row) float64 { return only(r.product == k) * price(all)(r) }})
			}
		}
		f, _, err := n.fit(tableOf(rows, columns))
		var r *regress.Refusal
		if !errors.As(err, &r) {
			return f, err
		}
		k := -1
		for i := range all {
			if moving[i] && slopeOf(i) == r.Covariate {
				k = i
			}
		}
		if k < 0 {
			return nil, err
		}
		moving[k] = false
	}
}

// halves sets the elasticity of the window's second half beside that of the first. Each product has a level in each, so that what lies
// between the halves is no price change.
func (s *Statement) halves(all []series, rows []row, products int, n noise) {
	h := &s.Halves
	h.Split = s.Start + calendar.Month((s.Window.Months()+1)/2)
	first, second := Window{s.Start, h.Split}, Window{h.Split, s.End}
	early, late := changesIn(all, rows, first), changesIn(all, rows, second)
	why := lacking(products, min(early, late), fewestInHalf)
	if why != nil && products >= fewestProducts {
		why.Reason = fmt.Sprintf("%s of a list price by 1%% or more up to %s and %s after, need %d in each half", counted(early, "change"), h.Split-1, counted(late, "change"), fewestInHalf)
	}
	if why != nil {
		h.Earlier, h.Later, h.Change = refused(why), refused(why), refused(why)
		return
	}
	later := func(r row) float64 { return only(r.month >= h.Split) }
	columns := effects(rows, true)
	for _, k := range straddling(rows, h.Split) {
		columns = append(columns, column{constantOf(k) + " later", func(r row) float64 { return only(r.product == k) * later(r) }})
	}
	f, _, err := n.fit(tableOf(rows, append(columns,
		column{"earlier", func(r row) float64 { return (1 - later(r)) * price(all)(r) }}, column{"later", func(r row) float64 { return later(r) * price(all)(r) }})))
	if err != nil {
		h.Earlier, h.Later, h.Change = failed(err), failed(err), failed(err)
		return
	}
	h.Earlier, h.Later = figure(f, "earlier", early, len(rows), method), figure(f, "later", late, len(rows), method)
	h.Change = difference(f, "later", "earlier", min(early, late), len(rows), method+"; later − earlier")
}

// straddling are the products with rows in both halves, but one, whose level the months take up.
func straddling(rows []row, split calendar.Month) []int {
	early, late := map[int]bool{}, map[int]bool{}
	var out []int
	for _, r := range rows {
		if r.month < split {
			early[r.product] = true
		} else if !late[r.product] && early[r.product] {
			late[r.product] = true
			out = append(out, r.product)
		}
	}
	return out[min(1, len(out)):]
}
