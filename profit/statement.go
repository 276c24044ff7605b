package profit

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Input is what a statement of profit is asked for.
type Input struct {
	Period   calendar.Period
	Months   []calendar.Period // that tile the period; none: it is not made of whole months
	AnyLine  bool              // whoever has a line is active
	Currency money.Currency
	// Earned are the departments and touchpoints whose acquire costs earn customers (settings: acquire_earned).
	Earned []string
	Named  func(string) (calendar.Period, error) // reads a period's name
	// NoCosts and NoContacts say why there are no costs, or no contacts that could be led to customers; nil: there are.
	NoCosts, NoContacts *evidence.Refusal
}

// Statement is what the customers of a period left after what serving them took.
type Statement struct {
	Period    calendar.Period
	Currency  money.Currency
	Customers int64 // with a line or a contact in the period; 0 where their profits are refused
	Known     []Known

	GrossProfit                                               evidence.Figure
	CostToServe, CostAssigned, AssignedShare                  evidence.Figure
	Profit, ProfitPerCustomer                                 evidence.Figure
	Peak, PeakCustomers, LosingCustomers, Losses, LossesShare evidence.Figure

	Split       *Split // nil: refused
	Touchpoints []Touchpoint
	Deciles     []Group
	Curve       []Point

	New                                                       New
	AcquisitionCost, CostPerNew, CostPerBought, CostPerEarned evidence.Figure
	Payback                                                   evidence.Figure

	Kinds []Kind
}

// Kind is what all departments spent on one kind of thing in the period, as far as the costs book says; of which days it
// says nothing is Missing.
type Kind struct {
	Name    string
	Amount  money.Amount
	Missing string
	Lacks   *evidence.Refusal // why it is not known
	Rows    int64
}

// State asks the ledger and states what it answers.
func (in Input) State(ctx context.Context, l Ledger) (Statement, error) {
	s := Statement{Period: in.Period, Currency: in.Currency}
	var err error
	if s.Known, err = l.GrossProfit(ctx, in.Period); err != nil {
		return s, err
	}
	gross, sizes := s.gross()
	var costs []Cost
	if in.NoCosts == nil {
		if costs, err = l.Costs(ctx, in.Named); err != nil {
			return s, err
		}
	}
	by, lacks := map[string][]Cost{}, map[string]*evidence.Refusal{}
	for _, kind := range kinds {
		if in.NoCosts != nil {
			lacks[kind] = in.NoCosts
			continue
		}
		by[kind], lacks[kind] = covered(costs, kind, in.Period)
		s.Kinds = append(s.Kinds, memo(costs, kind, in.Period))
	}
	if err := in.served(ctx, l, &s, by["serve"], lacks["serve"], gross, sizes); err != nil {
		return s, err
	}
	return s, in.won(ctx, l, &s, by["acquire"], lacks["acquire"])
}

// gross states the gross profit: refused as a number when a line's is not known.
func (s *Statement) gross() (profit, sizes money.Amount) {
	var revenue, unknown money.Amount
	var lines, without int64
	for _, k := range s.Known {
		lines, revenue = lines+k.Lines, revenue.Add(k.Revenue)
		profit, sizes = profit.Add(k.Profit), sizes.Add(k.Sizes)
		if k.By == "" {
			without, unknown = k.Lines, k.Revenue
		}
	}
	switch {
	case lines == 0:
		s.GrossProfit = evidence.Refuse("no line of an identified customer lies in the period", "orders with a customer_id")
	case without > 0:
		part := fmt.Sprintf("%d of %d lines", without, lines)
		if revenue.Sign() > 0 {
			part = share(unknown, revenue) + " of the revenue of identified customers"
		}
		s.GrossProfit = evidence.Refuse(part+" has neither a cost on its line nor a stated margin", "cost of orders, or margin in settings (by product, by segment, or default)")
	default:
		s.GrossProfit = evidence.Exact(profit.Rat(), lines, s.how())
	}
	return profit, sizes
}

// how says by what the profit of the lines is known.
func (s *Statement) how() string {
	var stated []string
	for _, k := range s.Known {
		if by, margin := strings.CutPrefix(k.By, "margin "); margin {
			stated = append(stated, by)
		}
	}
	switch {
	case len(stated) == 0:
		return "Σ amount − cost over lines"
	case len(stated) == len(s.Known):
		return "Σ amount × stated margin over lines (" + strings.Join(stated, ", ") + ")"
	}
	return "Σ amount − cost over lines with a cost, amount × stated margin over the others (" + strings.Join(stated, ", ") + ")"
}

func share(part, whole money.Amount) string {
	r := new(big.Rat).Quo(part.Rat(), whole.Rat())
	return r.Mul(r, big.NewRat(100, 1)).FloatString(1) + "%"
}

// served states the cost to serve, and the profit that it leaves.
func (in Input) served(ctx context.Context, l Ledger, s *Statement, costs []Cost, lacks *evidence.Refusal, gross, sizes money.Amount) error {
	if lacks != nil {
		s.refuseServe(*lacks)
		return nil
	}
	all := total(costs)
	s.CostToServe = evidence.Exact(all.Rat(), rowsOf(costs), "Σ costs of kind serve")
	if in.NoContacts != nil {
		s.refuseAssigned(*in.NoContacts)
		return nil
	}
	spans := cuts(costs, in.Period)
	contacts, err := l.Contacts(ctx, spans)
	if err != nil {
		return err
	}
	for _, c := range costs {
		sizes = sizes.Add(c.Amount.Abs())
	}
	scale := fitting(sizes)
	led, refused := serve(costs, in.Period, spans, contacts, scale)
	switch {
	case refused != nil:
		s.refuseAssigned(*refused)
		return nil
	case !led.anyone:
		s.refuseAssigned(evidence.Refusal{Reason: "no contact of the period names a customer", Need: "interactions of the period with a customer_id"})
		return nil
	}
	if sum := led.split.Total(); !sum.Equal(all) {
		return fmt.Errorf("profit: serve costs of %s are led to %s", all, sum)
	}
	s.Split = &led.split
	var n int64
	for _, x := range led.points {
		s.Touchpoints = append(s.Touchpoints, x.Touchpoint)
		n += x.Contacts
	}
	s.CostAssigned = evidence.Exact(led.split.Customers.Rat(), n, "Σ rate × own driver, over touchpoints and the periods of their costs")
	s.AssignedShare = quotient(led.split.Customers, all, n)
	return in.ranked(ctx, l, s, led, gross)
}

func quotient(part, whole money.Amount, n int64) evidence.Figure {
	if whole.Sign() <= 0 {
		return evidence.Refuse("the serve costs of the period are not above zero", "a period with serve costs")
	}
	return evidence.Exact(new(big.Rat).Quo(part.Rat(), whole.Rat()), n, "cost to serve led to customers ÷ cost to serve")
}

// ranked states profit and how it is spread.
func (in Input) ranked(ctx context.Context, l Ledger, s *Statement, led *serving, gross money.Amount) error {
	if r, refused := s.GrossProfit.Refusal(); refused {
		s.refuseProfit(r)
		return nil
	}
	hundredths, err := l.Ranking(ctx, Question{Period: in.Period, Spans: led.spans, Prices: led.prices, Scale: led.scale})
	if err != nil {
		return err
	}
	r := rank(hundredths, led.scale, led.split.Customers)
	if err := r.check(gross, led.identified, led.scale); err != nil {
		return err
	}
	s.Customers = r.customers
	profit := gross.Sub(led.split.Customers)
	s.Profit = evidence.Exact(profit.Rat(), r.customers, "gross profit − cost to serve led to customers")
	s.ProfitPerCustomer = evidence.Exact(new(big.Rat).Quo(profit.Rat(), new(big.Rat).SetInt64(r.customers)), r.customers, "profit ÷ customers with a line or a contact")
	r.fill(s, led.scale)
	return nil
}

func (s *Statement) refuseServe(r evidence.Refusal) {
	s.CostToServe = evidence.Refuse(r.Reason, r.Need)
	s.refuseAssigned(r)
}

func (s *Statement) refuseAssigned(r evidence.Refusal) {
	no := evidence.Refuse(r.Reason, r.Need)
	s.CostAssigned, s.AssignedShare = no, no
	s.refuseProfit(r)
}

func (s *Statement) refuseProfit(r evidence.Refusal) {
	no := evidence.Refuse(r.Reason, r.Need)
	s.Profit, s.ProfitPerCustomer = no, no
	s.Peak, s.PeakCustomers, s.LosingCustomers, s.Losses, s.LossesShare = no, no, no, no, no
}

// won states what it cost to win customers, and how soon that is paid back.
func (in Input) won(ctx context.Context, l Ledger, s *Statement, costs []Cost, lacks *evidence.Refusal) error {
	if lacks != nil {
		no := evidence.Refuse(lacks.Reason, lacks.Need)
		s.AcquisitionCost, s.CostPerNew, s.CostPerBought, s.CostPerEarned, s.Payback = no, no, no, no, no
		return nil
	}
	months := in.Months
	if len(months) == 0 {
		months = []calendar.Period{in.Period}
	}
	cohorts, err := l.Acquired(ctx, months, in.AnyLine)
	if err != nil {
		return err
	}
	s.acquire(costs, in.Earned, counted(cohorts))
	switch r, refused := s.GrossProfit.Refusal(); {
	case len(in.Months) == 0:
		s.Payback = evidence.Refuse("the period is not made of whole months", "a close of a month, quarter or year")
	case refused:
		s.Payback = evidence.Refuse(r.Reason, r.Need)
	default:
		s.Payback = payback(s.CostPerBought, cohorts, len(months), in.Currency)
	}
	return nil
}
