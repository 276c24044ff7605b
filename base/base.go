// Package base owns the five views of a customer base: how different the
// customers of one period are, what changed from one period to another and who
// moved, one cohort's life, cohorts side by side at equal age, and the whole
// base as its cohorts on top of each other. It works on bounded sums that a
// ledger gives (by band, decile, move, group, cohort) and reads no rows itself;
// Audit makes the same sums of customers in memory. Definitions: Fader, Hardie
// & Ross, The Customer-Base Audit (2022), chapters 3 to 7.
//
// Customers are ranked by value, and those of equal value by their other sums
// in both windows, so that which of two falls into a decile never depends on
// the order of rows, only on what they did. Who is active, new and lost is
// decided as in the customer statement.
//
// The invariant: every view of a window adds up to the same customers, orders,
// revenue and profit, or there is no view.
package base

import (
	"context"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Windows are a period and the one that it is compared with. AnyLine counts as
// active whoever has a line in a window; otherwise it takes net revenue above
// zero.
type Windows struct {
	Period, Compared calendar.Period
	AnyLine          bool
}

// Window is one of the two.
type Window int

// The comparison period and the period.
const (
	Compared Window = iota
	Current
)

var windowNames = []string{"comparison", "period"}

func (w Window) String() string { return windowNames[w] }

// Measure is by what customers are ranked.
type Measure string

// Spend is net revenue, Orders how often they bought, Profit what their lines
// earned.
const (
	Spend  Measure = "spend"
	Orders Measure = "orders"
	Profit Measure = "profit"
)

// Measures are all of them, in the order in which they are shown.
var Measures = []Measure{Spend, Orders, Profit}

// Sums are what some customers did in one window. Unknown counts the lines
// whose profit nobody knows; Profit is the sum over the others.
type Sums struct {
	Customers, Orders int64
	Revenue, Profit   money.Amount
	Unknown           int64
}

// Add gives the sums of both.
func (s Sums) Add(t Sums) Sums {
	return Sums{s.Customers + t.Customers, s.Orders + t.Orders, s.Revenue.Add(t.Revenue), s.Profit.Add(t.Profit), s.Unknown + t.Unknown}
}

// Band are the active customers of a window whose value lies between two
// edges: see Place.
type Band struct {
	Window  Window
	Measure Measure
	Index   int
	Sums
}

// Decile is a tenth of the active customers of a window, the first the
// highest. Least and Most are of the values that rank them.
type Decile struct {
	Window  Window
	Measure Measure
	Rank    int // 1 to 10
	Sums
	Least, Most money.Amount
}

// Move counts those who were in decile From of the comparison period and are
// in decile To of the period; 0 is not active. Prior and Current are their
// revenue in each.
type Move struct {
	Measure        Measure
	From, To       int
	Customers      int64
	Prior, Current money.Amount
}

// Dimension is by what the base is divided.
type Dimension string

// Acquisition is acquired_via, Segment the customers' segment, Entity the
// brand or legal entity of the lines, or else of the customers.
const (
	Acquisition Dimension = "acquisition"
	Segment     Dimension = "segment"
	Entity      Dimension = "entity"
)

// Dimensions are all of them.
var Dimensions = []Dimension{Segment, Entity, Acquisition}

// Group is what became of a part of the base. By entities of lines a customer
// may be in several, and is active in one by what was bought there.
type Group struct {
	Dimension                       Dimension
	Name                            string // empty: not known
	ByLine                          bool   // of lines, not of customers
	Opening, Retained, Closing, New int64
	Was, Is                         Sums         // of those of its customers who are active in each window
	Base, Net, Kept                 money.Amount // over those active in the comparison period: r(c, Q), r(c, P), min(max(r(c, P), 0), r(c, Q))
}

// Ledger answers the views' questions over the books. Its answers are exact
// and do not depend on the order of rows.
type Ledger interface {
	// Bands counts the active customers of each window by their values.
	Bands(ctx context.Context, w Windows) ([]Band, error)
	// Deciles sums each tenth of them.
	Deciles(ctx context.Context, w Windows) ([]Decile, error)
	// Moves counts who moved between deciles; who is active in neither window
	// is in no cell.
	Moves(ctx context.Context, w Windows) ([]Move, error)
	// Groups sums the base by each dimension that the books know.
	Groups(ctx context.Context, w Windows) ([]Group, error)
	// Cohorts sums each span's customers by the day range in which they first
	// bought: all of them, and those of each group that is asked for.
	Cohorts(ctx context.Context, c Cut) ([]Cell, error)
}

// mostOrders is the last band of orders: so many or more.
const mostOrders = 10

// edges are where bands of money end, in units of the currency; the last band
// has no end.
var edges = func() []int64 {
	var out []int64
	for scale := int64(1); scale <= 100_000_000; scale *= 10 {
		out = append(out, scale, 2*scale, 5*scale)
	}
	return out
}()

// Edges are where bands of money end, in units of the currency, ascending.
func Edges() []int64 { return slices.Clone(edges) }

// MostOrders is the last band of orders: so many or more.
func MostOrders() int { return mostOrders }

// Place is the band of a value: for orders their number up to MostOrders; for
// money k for at least edge k−1 and less than edge k, −k for its negative, 0
// for nothing at all.
func Place(m Measure, value money.Amount) int {
	if m == Orders {
		n := mostOrders
		if most := money.FromMicros(mostOrders * 1_000_000); value.Cmp(most) < 0 {
			f, _ := value.Rat().Float64()
			n = int(f)
		}
		return n
	}
	size := value.Abs()
	k := 1
	for k <= len(edges) && size.Cmp(money.FromMicros(edges[k-1]*1_000_000)) >= 0 {
		k++
	}
	return k * value.Sign()
}
