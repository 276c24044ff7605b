package equity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/likelihood"
	"github.com/throughline/throughline/money"
)

// Input is what a statement is made of beside the books.
type Input struct {
	Opened, Until calendar.Day
	Began         calendar.Day // from when on the books tell of purchases
	Discount      *float64     // a year, such as 0.10; nil: not stated, and nothing is worth anything
	// CostEach is what winning one new customer cost in the twelve months up to the end, or why that is not known.
	CostEach evidence.Figure
}

// leastDays is how long the books must reach for a hold-out: half of a year to learn from and half of one to check.
const leastDays = 360

// Question is what is asked for an input: the last year is held out, or half of what there is where that is less.
func (in Input) Question() (Question, error) {
	days := int(in.Until - in.Began)
	if days < leastDays {
		return Question{}, evidence.Refusal{
			Reason: fmt.Sprintf("the books tell of %d days up to %s, too few to fit a model on one part and check it on the other", max(0, days), in.Until-1),
			Need:   fmt.Sprintf("%d days of purchases", leastDays),
		}
	}
	q := Question{Opened: in.Opened, Until: in.Until, Cut: in.Until.AddMonths(-12)}
	if half := in.Until - calendar.Day(days/2); half > q.Cut {
		q.Cut = half
	}
	q.long = q.Cut > in.Began.AddMonths(24)
	return q, nil
}

// Statement is what the base is worth.
type Statement struct {
	Input
	Customers int64
	Models    Models
	Terms     Terms
	Check     Check
	Base      Figures
	Parts     map[Dimension][]Part
	Top       []Top
	Change    []Movement
	Moved     Change
	ToCome    ToCome
	Quiet     QuietOnes
	worth     Worth
}

// Models are the fitted models, for a reader who wants to work out a customer's value.
type Models struct {
	Life  clv.Fit[clv.ParetoNBD]
	Spend *clv.SpendFit // nil: refused, for the reason beside it
	Lacks evidence.Refusal
}

// Figures are what is expected of a part of the base.
type Figures struct {
	Customers                        int64
	Alive, Purchases, Revenue, Value evidence.Figure
}

// Part is one group of a dimension.
type Part struct {
	Name string // empty: not known
	Rest bool   // all others
	Figures
}

// Top is the share of the value that the most valuable share of all who ever bought has.
type Top struct {
	Name  string
	Share evidence.Figure
}

// Movement is a line of the change of value.
type Movement struct {
	Name   string
	Figure evidence.Figure
}

// ToCome are the customers of the next years.
type ToCome struct {
	Years                 int
	Arrivals, Each, Value evidence.Figure
	CostEach, AfterCost   evidence.Figure // of winning one, and what all are worth after it
}

// QuietOnes are the customers who bought twice or more and are likelier gone than not.
type QuietOnes struct {
	Customers int64
	AtStake   evidence.Figure
}

// Terms are what turns purchases into value.
type Terms struct {
	Margins []Margin
	Margin  evidence.Figure // of all
	Returns evidence.Figure // net revenue ÷ revenue of the days of purchase
}

// Margin is what a segment's lines earned of each unit of revenue.
type Margin struct {
	Name   string
	Rest   bool
	Margin evidence.Figure
}

// State fits, checks and values. The error is an evidence.Refusal where the books do not allow it.
func (in Input) State(ctx context.Context, ledger Ledger) (Statement, error) {
	s := Statement{Input: in}
	q, err := in.Question()
	if err != nil {
		return s, err
	}
	delta := math.Log1p(0.1) / perYear // any rate, where nothing in which it stands is told
	if in.Discount != nil {
		if delta, err = (clv.Terms{Discount: *in.Discount, PerYear: perYear}).Rate(); err != nil {
			return s, err
		}
	}
	facts, err := ledger.Holdings(ctx, q)
	if err != nil {
		return s, err
	}
	s.Customers = facts.Customers
	now, was, err := in.fitted(ctx, ledger, q)
	if err != nil {
		return s, refused(err)
	}
	t := termsOf(facts)
	if s.Check, err = check(ctx, ledger, q, delta, returnsOf(facts.Sold[2])); err != nil {
		return s, refused(err)
	}
	v := &valuation{now: now.judge(delta), terms: t, covariance: now.logCovariance()}
	if v.changes = was != nil && was.priced && now.priced; v.changes {
		v.was = was.judge(delta)
	}
	if err := v.valued(ctx, ledger, q, facts.Customers); err != nil {
		return s, err
	}
	s.Models = modelsOf(now)
	s.Terms = termsTold(facts, t[1])
	f := figurer{s: &s, v: v, m: now, priced: now.priced && s.Check.priced, facts: facts}
	f.all(was)
	return s, nil
}

// fitted fits the models at the end and at the opening; was is nil where there were too few customers to fit one then.
func (in Input) fitted(ctx context.Context, ledger Ledger, q Question) (now models, was *models, err error) {
	now, err = fit(func(visit func(shared) error) error {
		return ledger.Histories(ctx, q, func(c Customer) error { return visit(shared{c.History, c.Mean, c.Together}) })
	})
	if err != nil {
		return now, nil, err
	}
	then, err := fit(func(visit func(shared) error) error {
		return ledger.Histories(ctx, q, func(c Customer) error {
			if !c.Known {
				return nil
			}
			return visit(shared{c.Was, c.WasMean, c.Together})
		})
	})
	var lacks likelihood.Refusal
	switch {
	case errors.As(err, &lacks):
		return now, nil, nil
	case err != nil:
		return now, nil, err
	}
	return now, &then, nil
}

// refused is an error as what a reader is told, where it is a refusal.
func refused(err error) error {
	var r likelihood.Refusal
	if errors.As(err, &r) {
		return r.Refusal
	}
	return err
}

func modelsOf(m models) Models {
	out := Models{Life: m.life}
	if m.priced {
		out.Spend = &m.spend
		return out
	}
	out.Lacks = lacksOf(m.noPrice)
	return out
}

func lacksOf(err error) evidence.Refusal {
	var r evidence.Refusal
	if errors.As(err, &r) {
		return r
	}
	return evidence.Refusal{Reason: "spend: " + err.Error(), Need: "spends that a model fits"}
}

// termsOf are the terms at the opening and at the end. Where nothing is known of the year before the opening, those at the end serve.
func termsOf(f Facts) [2]terms {
	var out [2]terms
	for i := range out {
		t := terms{margins: map[int]float64{}}
		var known, profit money.Amount
		for _, e := range f.Earned[i] {
			known, profit = known.Add(e.Known), profit.Add(e.Profit)
			if e.Known.Sign() > 0 {
				t.margins[e.Segment] = quotient(e.Profit, e.Known)
			}
		}
		if t.known = known.Sign() > 0; t.known {
			t.whole = quotient(profit, known)
		}
		t.returns = returnsOf(f.Sold[i])
		out[i] = t
	}
	if !out[0].known {
		out[0].margins, out[0].whole, out[0].known = out[1].margins, out[1].whole, out[1].known
	}
	if f.Sold[0].Bought.Sign() <= 0 {
		out[0].returns = out[1].returns
	}
	return out
}

// returnsOf is what is left of a year's purchases after returns; all of it where there were none.
func returnsOf(s Sold) float64 {
	if s.Bought.Sign() <= 0 {
		return 1
	}
	return quotient(s.Net, s.Bought)
}

func quotient(a, b money.Amount) float64 {
	r, err := money.Rate(a, b)
	if err != nil {
		return math.NaN()
	}
	x, _ := r.Float64()
	return x
}

func termsTold(f Facts, t terms) Terms {
	var out Terms
	var known, profit money.Amount
	var n int64
	for _, e := range f.Earned[1] {
		known, profit, n = known.Add(e.Known), profit.Add(e.Profit), n+1
		m := Margin{Margin: marginOf(e.Profit, e.Known), Rest: e.Segment == Rest}
		if !m.Rest {
			m.Name = f.Segments[e.Segment]
		}
		out.Margins = append(out.Margins, m)
	}
	out.Margin = marginOf(profit, known)
	out.Returns = evidence.Exact(evidence.Float(t.returns), f.Customers, "net revenue ÷ revenue of the days of purchase, of the twelve months up to the end")
	return out
}

func marginOf(profit, known money.Amount) evidence.Figure {
	if known.Sign() <= 0 {
		return evidence.Refuse("no line of the twelve months up to the end says what it earned", "cost of orders, or margin in settings")
	}
	r, err := money.Rate(profit, known)
	if err != nil {
		return evidence.Refuse("margin: "+err.Error(), "cost of orders, or margin in settings")
	}
	return evidence.Exact(r, 1, "gross profit ÷ revenue of the lines whose profit is known, of the twelve months up to the end")
}

func yearName(year int) string { return strconv.Itoa(year) }
