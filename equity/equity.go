// Package equity owns what a customer base is worth: how many of those who ever bought are customers still, what they will buy, what that is
// worth by segment, entity, way of coming and year of coming, how much of it hangs on few, what customers to come would add, what
// changed since the period opened, and whether a reader should believe any of it. It owns the definitions, the hold-out check and the JSON.
// It does not own rows or SQL (a [Ledger] answers with histories), nor the models (package clv).
//
// A purchase is a day on which a customer's lines come to more than nothing, net of what came back that day. What comes back on other days
// lowers the value of all by one factor. A customer is worth margin × returns factor × expected spend × discounted expected purchases
// (Fader, Hardie & Lee, Journal of Marketing Research 42(4), 2005); the base is worth their sum.
//
// The interval of a value has two parts: what the parameters could also be, and how far the same model, fitted to what was known at an
// earlier day, missed what came after (the hold-out). Without the second it would tell how well a model is fitted, not how well it forecasts.
//
// The invariant: the value of the base is the sum over the groups of each dimension, and opening + new + lost + behaviour + margin + model
// = closing.
package equity

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/money"
)

// Question is what is asked of the books: what was known at three midnights.
type Question struct {
	Opened calendar.Day // when the period began
	Until  calendar.Day // when it ended
	Cut    calendar.Day // what comes from here on is held out of the check
	long   bool         // more than two years lie before the cut
}

// Held is how many days are held out.
func (q Question) Held() int { return int(q.Until - q.Cut) }

// Lead is the window before the cut that is as long as what is held out: what a naive forecast repeats.
func (q Question) Lead() calendar.Period {
	return calendar.Period{Start: q.Cut - (q.Until - q.Cut), End: q.Cut}
}

// quarters is into how many parts of about equal length the held-out time is cut.
const quarters = 4

// Quarters are the parts of the held-out time.
func (q Question) Quarters() [quarters]calendar.Period {
	var out [quarters]calendar.Period
	for i := range out {
		out[i] = calendar.Period{Start: q.Cut + calendar.Day(q.Held()*i/quarters), End: q.Cut + calendar.Day(q.Held()*(i+1)/quarters)}
	}
	return out
}

// Year is the twelve months that end at a midnight, over which margins and returns are taken.
func Year(end calendar.Day) calendar.Period {
	return calendar.Period{Start: end.AddMonths(-12), End: end}
}

// Rest is the place of a group that is not named.
const Rest = -1

// MostNames is how many segments or entities are named.
const MostNames = 40

// Earned is what the lines of a segment brought in a year, and what they earned as far as it is known.
type Earned struct {
	Segment int // place among the names, or Rest
	Revenue money.Amount
	Known   money.Amount // revenue of the lines whose profit is known
	Profit  money.Amount // of these
}

// Sold is a year's revenue: all of it, and that of the days on which customers bought.
type Sold struct{ Net, Bought money.Amount }

// Arrived are the customers who first bought in the n-th year back.
type Arrived struct {
	Back      int // 0: the year that ends with the period
	Customers int64
	First     money.Amount // what they spent on their first day
}

// Facts are what the books say beside the histories. Index 0 is of the year up to the opening, 1 of that up to the end, 2 of that up to the cut.
type Facts struct {
	Segments, Entities []string // the largest, by customers; "" is not known
	Customers          int64    // who bought before the end
	Earned             [2][]Earned
	Sold               [3]Sold
	Arrived            []Arrived // by Back
}

// Customer is what is known of customers who have all of it in common.
type Customer struct {
	Segment, Entity int // places among the names, or Rest
	Via             string
	Year            int // of the first purchase
	clv.History
	Mean     float64 // of the repeat purchases; 0 without
	Known    bool    // bought before the period opened
	Was      clv.History
	WasMean  float64
	Together int64 // how many they are
}

// HeldOut is what customers who have their history at the cut in common did after it.
type HeldOut struct {
	Month calendar.Month // of the first purchase
	clv.History
	Mean          float64
	Together      int64
	After         [quarters]int64 // purchases, by part
	Revenue       float64         // net
	Before        int64           // purchases in the lead, without the first
	RevenueBefore float64
}

// Ledger answers the questions about what customers bought. Its answers do not depend on the order of rows, and come in an order of
// their own.
type Ledger interface {
	// Holdings are the facts beside the histories.
	Holdings(ctx context.Context, q Question) (Facts, error)
	// Histories hands over every customer who bought before the end.
	Histories(ctx context.Context, q Question, visit func(Customer) error) error
	// HeldOut hands over every customer who bought before the cut.
	HeldOut(ctx context.Context, q Question, visit func(HeldOut) error) error
}
