// Package growth owns the customer statement: who came, stayed, returned and
// left, what each moved in revenue, and how much of the growth was earned. It
// works on bounded statistics that a ledger of lines gives (sums over groups
// of customers), so it reads no rows itself; Tally makes the same statistics
// of lines in memory. Definitions: Reichheld, Darnell & Burns, Winning on
// Purpose (2021), appendix B; the same, "Net Promoter 3.0", HBR Nov–Dec 2021.
//
// The invariant: prior − lost − contraction + expansion + returning + new +
// other = current, to the last decimal, or there is no statement.
package growth

import (
	"fmt"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// State is what became of a customer between the comparison period and the
// period.
type State string

// A customer is in exactly one state. Idle are active in neither period, but
// have lines in one of them: returns, zero amounts.
const (
	Retained  State = "retained"
	Lost      State = "lost"
	Returning State = "returning"
	New       State = "new"       // first purchase in the period
	NewBefore State = "newbefore" // first purchase between the comparison period and the period
	Idle      State = "idle"
)

// Active says what makes a customer active in a period.
type Active string

// Net is the product's definition: net revenue above zero. AnyLine, for
// comparison with published figures, counts any line at all.
const (
	Net     Active = "net"
	AnyLine Active = "any-line"
)

// Windows are a period and the one that it is compared with.
type Windows struct {
	Period   calendar.Period
	Compared calendar.Period
}

// Check refuses a comparison that is not wholly before the period.
func (w Windows) Check() error {
	if w.Compared.End > w.Period.Start {
		return fmt.Errorf("the comparison period %s must end before the period %s begins", w.Compared, w.Period)
	}
	return nil
}

// Cell sums over the customers of one state and origin. Origins matter only
// for the new.
type Cell struct {
	State       State
	Origin      Origin
	Customers   int64
	Prior       money.Amount // Σ r(c, Q)
	Current     money.Amount // Σ r(c, P)
	Contraction money.Amount // Σ max(r(c, Q) − r(c, P), 0)
	Expansion   money.Amount // Σ max(r(c, P) − r(c, Q), 0)
	Kept        money.Amount // Σ min(max(r(c, P), 0), r(c, Q)) over customers active in Q
	Squares     *big.Int     // Σ r(c, P)² in squared millionths, of new customers
	Undated     int64        // of the new: known to be new by their lines alone
}

// Coverage says how much of the period's revenue the statement can see.
type Coverage struct {
	Lines               int64        `json:"lines"`
	LinesIdentified     int64        `json:"lines_identified"`
	LinesUnidentified   int64        `json:"lines_unidentified"`
	LinesExcluded       int64        `json:"lines_excluded"`
	LinesRefused        int64        `json:"lines_refused"`
	LinesRefusedUndated int64        `json:"lines_refused_undated"`
	LinesRounded        int64        `json:"lines_rounded"`
	Revenue             money.Amount `json:"-"`
	RevenueIdentified   money.Amount `json:"-"`
	RevenueUnidentified money.Amount `json:"-"`
	RevenueExcluded     money.Amount `json:"-"`
	RevenueRefused      money.Amount `json:"-"`
	HistoryMonths       int          `json:"history_months"`

	// The comparison period's, for the warning about a moving share.
	PriorRevenue           money.Amount `json:"-"`
	PriorRevenueIdentified money.Amount `json:"-"`
}

// RollForward counts customers: opening − lost + returning + new = closing.
type RollForward struct {
	Opening            int64 `json:"opening"`
	Lost               int64 `json:"lost"`
	Retained           int64 `json:"retained"`
	Returning          int64 `json:"returning"`
	NewEarned          int64 `json:"new_earned"`
	NewBought          int64 `json:"new_bought"`
	NewUnattributed    int64 `json:"new_unattributed"`
	NewSinceComparison int64 `json:"new_since_comparison"` // of the new: first bought before the period
	Closing            int64 `json:"closing"`
}

// New counts all new customers.
func (r RollForward) New() int64 { return r.NewEarned + r.NewBought + r.NewUnattributed }

// Bridge leads from the comparison period's revenue to the period's. Lost and
// Contraction are positive amounts that are subtracted; Exchange is a memo
// and not part of the sum.
type Bridge struct {
	Prior, Lost, Contraction, Expansion, Returning money.Amount
	NewEarned, NewBought, NewUnattributed          money.Amount
	Exchange, Other, Current                       money.Amount
}

// New sums the revenue of all new customers.
func (b Bridge) New() money.Amount { return money.Sum(b.NewEarned, b.NewBought, b.NewUnattributed) }

// Sum is what the bridge's lines come to; it must be Current.
func (b Bridge) Sum() money.Amount {
	return money.Sum(b.Prior, b.Lost.Neg(), b.Contraction.Neg(), b.Expansion, b.Returning, b.New(), b.Other)
}

// Statement is the customer statement of one pair of windows.
type Statement struct {
	Windows
	Currency      money.Currency
	Coverage      Coverage
	Customers     RollForward
	Revenue       Bridge
	ActivePrior   money.Amount // A0
	ActiveCurrent money.Amount // A1
	Origins       Origins      // of the new customers
	Undated       int64        // new customers whose acquired_on is empty

	Growth              evidence.Figure // R1/R0 − 1
	NetRetention        evidence.Figure
	GrossRetention      evidence.Figure
	ReturningShare      evidence.Figure // returning ÷ A0, in neither earned nor bought
	EarnedNew           evidence.Figure // ENC: best figure that the origins allow
	EarnedNewBounds     evidence.Figure
	BoughtNew           evidence.Figure
	UnattributedNew     evidence.Figure
	EarnedGrowth        evidence.Figure
	EarnedGrowthBounds  evidence.Figure
	EarnedGrowthRatio   evidence.Figure
	Reconciliation      []Reconciled
	ReconciliationLacks *evidence.Refusal
}

// Input is what a ledger gives for one pair of windows.
type Input struct {
	Windows
	Active   Active // by which the cells were tallied; empty is Net
	Currency money.Currency
	Cells    []Cell
	Coverage Coverage
	Exchange money.Amount
}

// State makes the statement of what a ledger gave.
func (in Input) State() (Statement, error) {
	s := Statement{Windows: in.Windows, Currency: in.Currency, Coverage: in.Coverage}
	if err := in.Windows.Check(); err != nil {
		return s, err
	}
	var netRetained, kept money.Amount
	idle := money.Amount{}
	for _, c := range in.Cells {
		s.Revenue.Prior = s.Revenue.Prior.Add(c.Prior)
		s.Revenue.Current = s.Revenue.Current.Add(c.Current)
		kept = kept.Add(c.Kept)
		switch c.State {
		case Retained:
			s.Customers.Retained += c.Customers
			s.Revenue.Contraction = s.Revenue.Contraction.Add(c.Contraction)
			s.Revenue.Expansion = s.Revenue.Expansion.Add(c.Expansion)
			s.ActivePrior, s.ActiveCurrent = s.ActivePrior.Add(c.Prior), s.ActiveCurrent.Add(c.Current)
			netRetained = netRetained.Add(c.Current)
		case Lost:
			s.Customers.Lost += c.Customers
			s.Revenue.Lost = s.Revenue.Lost.Add(c.Prior)
			s.ActivePrior = s.ActivePrior.Add(c.Prior)
			netRetained = netRetained.Add(c.Current)
		case Returning:
			s.Customers.Returning += c.Customers
			s.Revenue.Returning = s.Revenue.Returning.Add(c.Current)
			s.ActiveCurrent = s.ActiveCurrent.Add(c.Current)
		case New, NewBefore:
			if err := s.addNew(c, in.Active); err != nil {
				return s, err
			}
		case Idle:
			idle = idle.Add(c.Current)
		default:
			return s, fmt.Errorf("customer statement: unknown state %q", c.State)
		}
	}
	s.Customers.Opening = s.Customers.Lost + s.Customers.Retained
	s.Customers.Closing = s.Customers.Retained + s.Customers.Returning + s.Customers.New()
	s.Revenue.Exchange = in.Exchange
	s.Revenue.Other = s.Revenue.Current.Sub(s.ActiveCurrent).Sub(s.Revenue.Prior.Sub(s.ActivePrior))
	if err := s.check(netRetained, idle); err != nil {
		return s, err
	}
	s.rates(netRetained, kept, in.Active)
	return s, nil
}

func (s *Statement) addNew(c Cell, active Active) error {
	class, err := c.Origin.Class()
	if err != nil {
		return fmt.Errorf("customer statement: %w", err)
	}
	count, revenue := &s.Customers.NewUnattributed, &s.Revenue.NewUnattributed
	switch class {
	case Earned:
		count, revenue = &s.Customers.NewEarned, &s.Revenue.NewEarned
	case Bought:
		count, revenue = &s.Customers.NewBought, &s.Revenue.NewBought
	}
	*count += c.Customers
	s.Undated += c.Undated
	*revenue = revenue.Add(c.Current)
	if c.State == NewBefore {
		s.Customers.NewSinceComparison += c.Customers
	}
	s.ActiveCurrent = s.ActiveCurrent.Add(c.Current)
	if active == AnyLine {
		return nil // by any line a new customer may have brought nothing or less, which is no spend
	}
	return s.Origins.Add(c.Origin, Spend{Customers: c.Customers, Revenue: c.Current, Squares: c.Squares})
}

// check holds the identities that the statement prints. A failure is a defect
// of the ledger that gave the cells, never of the user's data.
func (s *Statement) check(netRetained, idle money.Amount) error {
	if sum := s.Revenue.Sum(); !sum.Equal(s.Revenue.Current) {
		return fmt.Errorf("customer statement: the bridge comes to %s and not to %s", sum, s.Revenue.Current)
	}
	printed := money.Sum(netRetained, s.Revenue.New(), s.Revenue.Returning, idle)
	if !printed.Equal(s.Revenue.Current) {
		return fmt.Errorf("customer statement: retained, new, returning and idle come to %s and not to %s", printed, s.Revenue.Current)
	}
	if !s.Coverage.RevenueIdentified.Equal(s.Revenue.Current) {
		return fmt.Errorf("customer statement: coverage sees %s of identified revenue and the bridge %s", s.Coverage.RevenueIdentified, s.Revenue.Current)
	}
	return nil
}

// minimumGrowth is the growth below which a share of it means nothing.
var minimumGrowth = big.NewRat(5, 1000)

// rates fills in the figures that are ratios to A0.
func (s *Statement) rates(netRetained, kept money.Amount, active Active) {
	a0 := s.ActivePrior
	if a0.Sign() <= 0 {
		s.refuseRates("no customer was active in the comparison period "+s.Compared.String(), "lines of that period, or another comparison period (--compare)")
		return
	}
	over := func(a money.Amount, n int64, method string) evidence.Figure {
		return evidence.Exact(ratio(a, a0), n, method)
	}
	opening := s.Customers.Opening
	s.NetRetention = over(netRetained, opening, "Σ r(c, P) over customers active in Q ÷ A0")
	s.GrossRetention = over(kept, opening, "Σ min(max(r(c, P), 0), r(c, Q)) over customers active in Q ÷ A0")
	s.ReturningShare = over(s.Revenue.Returning, s.Customers.Returning, "revenue of returning customers ÷ A0; in neither earned nor bought")
	s.BoughtNew = over(s.Revenue.NewBought, s.Customers.NewBought, "revenue of new customers that were bought ÷ A0")
	s.UnattributedNew = over(s.Revenue.NewUnattributed, s.Customers.NewUnattributed, "revenue of new customers of unknown origin ÷ A0")
	s.Growth = s.growth()
	s.earned(a0, ratio(netRetained, a0), active)
}

func (s *Statement) growth() evidence.Figure {
	if s.Revenue.Prior.Sign() <= 0 {
		return evidence.Refuse("revenue of the comparison period is not above zero", "another comparison period (--compare)")
	}
	g := ratio(s.Revenue.Current, s.Revenue.Prior)
	return evidence.Exact(g.Sub(g, big.NewRat(1, 1)), s.Customers.Opening+s.Customers.Closing-s.Customers.Retained, "R1 ÷ R0 − 1")
}

// earned adds the earned share of new revenue to retention: as a fact when
// every origin is one, as an estimate when enough of the rest were asked, and
// otherwise as the bounds, which always stand beside it.
func (s *Statement) earned(a0 money.Amount, nrr *big.Rat, active Active) {
	scale := new(big.Rat).Inv(a0.Rat())
	shift := new(big.Rat).Sub(nrr, big.NewRat(1, 1))
	zero := new(big.Rat)
	bounds, best := s.Origins.Bounds(), s.Origins.EarnedRevenue()
	if active == AnyLine {
		bounds, best = s.earnedByBridge()
	}
	s.EarnedNewBounds = bounds.Affine(scale, zero, "earned new revenue ÷ A0: all unattributed bought … all earned")
	s.EarnedGrowthBounds = bounds.Affine(scale, shift, "NRR + ENC − 1: all unattributed bought … all earned")
	if e, ok := best.Estimate(); ok {
		s.EarnedNew = best.Affine(scale, zero, "earned new revenue ÷ A0; "+e.Method)
		s.EarnedGrowth = best.Affine(scale, shift, "NRR + ENC − 1; "+e.Method)
	} else {
		s.EarnedNew, s.EarnedGrowth = s.EarnedNewBounds, s.EarnedGrowthBounds
	}
	s.EarnedGrowthRatio = s.share()
}

// earnedByBridge is the earned revenue of new customers, and its bounds, from
// the bridge's lines alone. It serves the definition by any line, under which
// a customer's revenue need not be above zero and no sampling interval holds.
func (s *Statement) earnedByBridge() (bounds, best evidence.Figure) {
	low := s.Revenue.NewEarned.Rat()
	high := s.Revenue.NewEarned.Add(s.Revenue.NewUnattributed).Rat()
	bounds = evidence.Bounds(smaller(low, high), larger(low, high), s.Customers.New(), "all unattributed bought to all unattributed earned")
	if s.Customers.NewUnattributed > 0 {
		return bounds, bounds
	}
	return bounds, evidence.Exact(low, s.Customers.New(), "no origin is unknown")
}

// share is earned growth ÷ growth.
func (s *Statement) share() evidence.Figure {
	g, ok := s.Growth.Estimate()
	if !ok {
		return s.Growth
	}
	if g.Value.Cmp(minimumGrowth) < 0 {
		return evidence.Refuse("growth is below 0.5%, so a share of it means nothing", "a period with growth of 0.5% or more")
	}
	e, ok := s.EarnedGrowth.Estimate()
	if !ok {
		return s.EarnedGrowth
	}
	return s.EarnedGrowth.Affine(new(big.Rat).Inv(g.Value), new(big.Rat), "earned growth ÷ growth; "+e.Method)
}

func (s *Statement) refuseRates(reason, need string) {
	r := evidence.Refuse(reason, need)
	for _, f := range []*evidence.Figure{
		&s.Growth, &s.NetRetention, &s.GrossRetention, &s.ReturningShare, &s.EarnedNew, &s.EarnedNewBounds,
		&s.BoughtNew, &s.UnattributedNew, &s.EarnedGrowth, &s.EarnedGrowthBounds, &s.EarnedGrowthRatio,
	} {
		*f = r
	}
}

// ratio divides exactly; b is not zero.
func ratio(a, b money.Amount) *big.Rat { return new(big.Rat).Quo(a.Rat(), b.Rat()) }
