package closing

import (
	"context"
	"errors"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/profit"
)

// equity adds what the base is worth at the period's end.
func (c *Closer) equity(ctx context.Context, ledger Ledger, state State, o Order, doc *document) error {
	began, lacks := c.purchasesBegan(state)
	if lacks != nil {
		doc.Equity = *lacks
		return nil
	}
	c.Progress("compute what the customer base is worth at the end of " + o.Named.Text)
	in := equity.Input{Opened: o.Named.Start, Until: o.Named.End, Began: began, Discount: c.discount(), CostEach: c.winning(o, doc)}
	s, err := in.State(ctx, ledger)
	doc.Equity, err = stated(s, err)
	return err
}

// discount is the discount rate a year; nil where none is stated.
func (c *Closer) discount() *float64 {
	if c.Settings.Discount == nil {
		return nil
	}
	rate, _ := c.Settings.Discount.Float64()
	return &rate
}

// contracts adds what customers under contract are worth at the period's end.
func (c *Closer) contracts(ctx context.Context, ledger Ledger, state State, o Order, doc *document) error {
	if _, held := state.First["subscriptions"]; !held {
		doc.Contracts = evidence.Locked{Refused: "there are no subscriptions", UnlockedBy: "the book subscriptions: subscription_id, customer_id, started_on, monthly_amount"}
		return nil
	}
	c.Progress("compute what customers under contract are worth at the end of " + o.Named.Text)
	in := equity.ContractInput{Opened: o.Named.Start, Until: o.Named.End, Discount: c.discount()}
	s, err := in.State(ctx, ledger)
	s.WithOrders = c.withOrders(doc.Equity, s.Base.Value)
	doc.Contracts, err = stated(s, err)
	return err
}

// withOrders is the worth of the whole base, where revenue is of both books. By another basis the orders may be the bills of the subscriptions.
func (c *Closer) withOrders(orders any, contracts evidence.Figure) evidence.Figure {
	if c.Settings.Basis != "both" {
		return evidence.Refuse("statement_basis is "+c.Settings.Basis+", so orders and subscriptions may tell of the same revenue", "statement_basis: both, where they do not")
	}
	switch e := orders.(type) {
	case equity.Statement:
		return equity.Together(e.Base.Value, contracts)
	case evidence.Locked:
		return evidence.Refuse("of orders: "+e.Refused, e.UnlockedBy)
	}
	return evidence.Refuse("what orders are worth is not told", "a later close")
}

// stated is a statement, or why it is none.
func stated[S interface{ Err() error }](s S, err error) (any, error) {
	var refusal evidence.Refusal
	switch {
	case errors.As(err, &refusal):
		return evidence.Locked{Refused: refusal.Reason, UnlockedBy: refusal.Need}, nil
	case err != nil:
		return nil, err
	case s.Err() != nil:
		return evidence.Locked{Refused: "its figures could not be stated (" + s.Err().Error() + "; this is a defect of Throughline, please report it)", UnlockedBy: "a later release"}, nil
	}
	return s, nil
}

// winning is what a new customer of the twelve months up to the period's end cost to win, as the statement of profit of these months has it. Profit
// is stated before equity, so nothing is asked twice.
func (c *Closer) winning(o Order, doc *document) evidence.Figure {
	if s, ok := doc.ProfitTrailing.(profit.Statement); ok {
		return s.CostPerNew
	}
	if s, ok := doc.Profit.(profit.Statement); ok && (o.Named.Kind == calendar.Years || o.Named.Kind == calendar.FiscalYears) {
		return s.CostPerNew
	}
	if lacks, ok := doc.Profit.(evidence.Locked); ok {
		return evidence.Refuse(lacks.Refused, "costs: what departments spend, by period and kind (kind acquire)")
	}
	return evidence.Refuse("profit is not stated of the twelve months up to the end, so what a new customer of these costs to win is not known", "a close of a month, a quarter or a year, with its usual comparison")
}

// purchasesBegan is the day from which the books tell of purchases.
func (c *Closer) purchasesBegan(state State) (calendar.Day, *evidence.Locked) {
	switch {
	case c.Settings.Basis == "subscriptions" || len(state.Prints["orders"]) == 0:
		return 0, &evidence.Locked{Refused: "there are no orders that revenue is made of, so nobody's purchases tell how long they stay", UnlockedBy: "the book orders, and statement_basis orders or both"}
	case c.Settings.Orders == "by quantity":
		return 0, &evidence.Locked{Refused: "the lines of orders are sums of several purchases (orders_counted: by quantity), which do not tell when somebody bought", UnlockedBy: "orders with a line for each purchase"}
	}
	if kept, dropped := state.Kept["orders"]; dropped {
		return kept, nil
	}
	return state.First["orders"], nil
}
