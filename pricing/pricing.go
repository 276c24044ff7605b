// Package pricing owns the observed price elasticity: by how many per cent the quantity that customers buy moves when a
// product's list price moves by one, product by product and together, for the well-served and the poorly served, and early
// and late. It owns the definitions, the estimator, its refusals and the JSON. It does not own rows or SQL: a [Ledger]
// answers with exact sums over groups of customers.
//
// What identifies it. A list price is the same for all customers and moves over months only, so a product by itself cannot
// tell a price from the month in which it stood. Several products can: each customer has a level of its own for each product
// (a fixed effect: Mundlak, Econometrica 46, 1978), each month an effect that all products share (season, the company's
// growth, what customers can spend), each product a straight trend; what is left of a product's quantity is set against what
// is left of its list price, as Baltagi & Griffin (European Economic Review 22, 1983) do with countries and years. What a
// customer pays is not used: who gets a discount is decided by what they buy. It assumes that a product does not change its
// list price because its own demand moves, that seasons are shared, and that customers do not move to another product
// when one gets dearer. It is what was observed, not what a change would cause.
//
// Zeros count: months in which a customer of a product bought none of it are months of quantity 0, so that the mean is
// modelled and not the logarithm of what is above zero (Santos Silva & Tenreyro, Review of Economics and Statistics 88,
// 2006). The Poisson pseudo-likelihood with one effect a customer depends, where the covariates are the same for all
// customers, on sums over the customers who entered in one month alone (see [Demand]); so all customers are used and
// none is drawn, and a ledger's answer is small.
//
// Errors. A price that moves by months has as many observations as it has moves, not as it has customers (Donald & Lang,
// Review of Economics and Statistics 89, 2007; Cameron & Miller, Journal of Human Resources 50, 2015). So customers are
// taken out first, and the second step rests on products and months, whose disturbances last (see [fit]).
//
// The invariant: every figure is an estimate with its interval, or a refusal that says what is missing.
package pricing

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Window is a stretch of whole months, the end excluded.
type Window struct{ Start, End calendar.Month }

// Months is how many it has.
func (w Window) Months() int { return int(w.End - w.Start) }

// LongestWindow is how many months are looked at: what customers minded longer ago is not what they mind.
const LongestWindow = 60

// MostProducts is how many products are looked at, the largest by revenue.
const MostProducts = 20

// Ledger answers the questions about prices and quantities. Its answers are exact and do not depend on the order of rows. It
// counts customers (merged ids led to the one that stands, the excluded left out), whatever the grain of the statement.
// A sale is a line of a known customer with a product, a quantity above 0 and an amount above 0; returns are not taken off.
type Ledger interface {
	// Demand sums what customers bought of the largest products, by the month in which they first bought it in the window.
	Demand(ctx context.Context, w Window) (Demand, error)
	// Served sums what the well-served and the poorly served bought of those products from a month on.
	Served(ctx context.Context, w Watch, products []string) (Served, error)
}

// Demand is what a ledger tells of quantities and list prices. Products are named by their place in Products.
//
// The panel is customer × month for each product: from the month after the one in which a customer first bought it in the window
// (that month is positive because it was chosen so) to the window's end (to end at the last purchase would select on
// the outcome), 0 where none was bought. Customers who entered in the same month have the same months and the same
// covariates, and the conditional likelihood of each, Σ_t q_it ln(μ_t ÷ Σ_s μ_s), differs by q alone: so it depends on Cells.
type Demand struct {
	Products []Product // largest first
	Rest     Rest
	Prices   []Price
	Cells    []Cell
}

// Product is one of the largest by revenue of the window's sales in the currency of the statement; of equal ones the first by name.
type Product struct {
	Name    string
	Revenue money.Amount
}

// Rest are the products beyond the largest.
type Rest struct {
	Products int64
	Revenue  money.Amount
}

// Price is the list price that stood for a product in a month: the (lower) median over the lines that have one above 0, in the currency
// of the statement, of known customers or not, with a quantity above 0.
type Price struct {
	Product int
	Month   calendar.Month
	Price   money.Amount
	Lines   int64
	At      int64 // of the lines, those whose list price is within 1% of it
}

// Cell is what customers bought in a month who entered in another, or in the same: then Buyers are all who entered.
type Cell struct {
	Product      int
	Entry, Month calendar.Month
	Buyers       int64 // customers who bought
	Quantity     money.Amount
}

// Watch is when customers are watched, by how they were served before: in the twelve months before Start they bought the
// product, and were served.
type Watch struct{ Start, End calendar.Month }

// watchLong is for how many months they are watched: what was long ago is not how they are served.
const watchLong = 36

// servedMonths is how long before the watch service is looked at.
const servedMonths = 12

// Since is the first month in which service counts.
func (w Watch) Since() calendar.Month { return w.Start - servedMonths }

// Measures are the ways in which the books know how a customer was served, known before what is bought. Of each, others
// than the two kinds are left apart:
//
//	resolved   interactions that say whether they were resolved: well, all were; poorly, one was not
//	nps        the last answer to nps with a score: well, 9 or 10; poorly, 0 to 6
var Measures = []string{"resolved", "nps"}

// Served is what a ledger tells of service.
type Served struct {
	Known  map[string]bool // measures that the books have columns for
	Groups []Group
	Cells  []ServedCell
}

// Group is the customers of a product by how they were served.
type Group struct {
	Measure   string
	Product   int
	Well      bool
	Customers int64
}

// ServedCell is what a group bought in a month of the watch.
type ServedCell struct {
	Measure  string
	Product  int
	Well     bool
	Month    calendar.Month
	Buyers   int64
	Quantity money.Amount
}

// Names are those of the products, in their order.
func (d Demand) Names() []string {
	out := make([]string, len(d.Products))
	for i, p := range d.Products {
		out[i] = p.Name
	}
	return out
}
