package equity

import (
	"context"
	"fmt"
	"math"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// Renewal parts contracts by how often they are renewed.
const Renewal Dimension = "renewal"

// ContractDimensions are by what the contracts are parted.
var ContractDimensions = [...]Dimension{Segment, Entity, Acquisition, Cohort, Renewal}

// The measures of contracts: to be there in a year, revenue within it, and the discounted revenue of all time to come.
const (
	stay = iota
	yearly
	allTime
)

// promise is what is expected of a contract, of each unit that it pays a month; stay is of one contract.
type promise [3]float64

// monthDays is how many days make a month.
const monthDays = perYear / 12

// promised is what is expected of a contract that ran on the day before a midnight.
func promised(d dues, began, at calendar.Day, months int, delta float64) promise {
	n := Passed(began, at-1, months)
	next := began.AddMonths((n + 1) * months)
	year := at.AddMonths(12)
	later := Passed(began, year-1, months) - n
	running := float64(next-at) / monthDays
	out := promise{stay: d.stay(n, later), yearly: running}
	for k := 1; k <= later; k++ {
		from, to := began.AddMonths((n+k)*months), min(year, began.AddMonths((n+k+1)*months))
		out[yearly] += d.stay(n, k) * float64(to-from) / monthDays
	}
	out[allTime] = running + math.Exp(-delta*float64(next-at))*d.residual(n)*float64(months)
	return out
}

// bet is a kind's model with one set of parameters. Contracts that began on one day are judged once.
type bet struct {
	dues
	months int
	delta  float64
	known  map[bond]promise
}

type bond struct{ began, at calendar.Day }

func (t tenure) bet(values []float64, months int, delta float64) *bet {
	d := t.dues(values, math.Expm1(delta*monthDays*float64(months)))
	residuals := map[int]float64{}
	residual := d.residual
	d.residual = func(n int) float64 {
		r, ok := residuals[n]
		if !ok {
			r = residual(n)
			residuals[n] = r
		}
		return r
	}
	return &bet{d, months, delta, map[bond]promise{}}
}

func (b *bet) promise(began, at calendar.Day) promise {
	k := bond{began, at}
	p, ok := b.known[k]
	if !ok {
		p = promised(b.dues, began, at, b.months, b.delta)
		b.known[k] = p
	}
	return p
}

// bets are a kind's model as it was fitted, and with each parameter moved up and down.
type bets struct {
	tenure
	plain *bet
	moved [2][]*bet
}

func betsOf(t tenures, delta float64) map[int]*bets {
	out := map[int]*bets{}
	for months, of := range t.of {
		b := &bets{tenure: of, plain: of.bet(of.Values, months, delta)}
		for side, by := range []float64{math.Exp(step), math.Exp(-step)} {
			for i := range of.Values {
				b.moved[side] = append(b.moved[side], of.bet(of.moved(i, by), months, delta))
			}
		}
		out[months] = b
	}
	return out
}

// slope is a sum's derivative by the logarithms of the parameters, by kind.
type slope map[int][]float64

func (s slope) add(months, parameters, i int, by float64) {
	if s[months] == nil {
		s[months] = make([]float64, parameters)
	}
	s[months][i] += by
}

// se is the standard error of the sum; kinds are fitted to different contracts.
func (s slope) se(of map[int]*bets) float64 {
	var sum float64
	for _, months := range Renewals { // in one order, as floats are summed
		g := s[months]
		for i := range g {
			for k := range g {
				sum += g[i] * of[months].log[i][k] * g[k]
			}
		}
	}
	return math.Sqrt(math.Max(0, sum))
}

// pledge is a part of the base while it is summed.
type pledge struct {
	customers, judged int64
	monthly           float64
	sum               promise
	size              [3]float64 // the sums without signs
	slopes            [3]slope
}

func newPledge() *pledge { return &pledge{slopes: [3]slope{{}, {}, {}}} }

// contractChange are the parts of the change that are summed.
type contractChange struct {
	opening, model, margin, fresh, lost, behaviour float64
	slopes                                         map[string]slope // of those that the models at the end decide
	openingSlope                                   slope            // by the models of then
	came, went                                     int64
}

// portfolio sums the contracts.
type portfolio struct {
	q        Question
	now, was map[int]*bets
	judged   map[int]bool // the kinds that are judged
	terms    [2]terms
	parts    map[group]*pledge
	unjudged struct {
		customers int64
		monthly   float64
	}
	change  contractChange
	changes bool
	endless bool // the worth of all time has no sum
}

func contractGroups(a Agreement) [6]group {
	year, _, _ := a.Began.Date()
	return [...]group{{}, {Segment, a.Segment}, {Entity, a.Entity}, {Acquisition, wayOf(a.Via)}, {Cohort, year}, {Renewal, a.Months}}
}

// brought are the measures of an agreement by one bet, in money where they are money.
func (p *portfolio) brought(b *bet, a Agreement, at calendar.Day, monthly float64, t terms) promise {
	is := b.promise(a.Began, at)
	return promise{float64(a.Together) * is[stay], monthly * is[yearly], monthly * is[allTime] * t.margin(a.Segment)}
}

func (p *portfolio) visit(a Agreement) {
	if a.Runs {
		p.counted(a)
	}
	if p.judged[a.Months] && p.changes && (a.Runs || a.Opened) {
		p.moved(a)
	}
}

func (p *portfolio) counted(a Agreement) {
	kind := p.now[a.Months]
	judged := p.judged[a.Months]
	if !judged {
		p.unjudged.customers += a.Together
		p.unjudged.monthly += a.Is
	}
	for _, g := range contractGroups(a) {
		to := p.parts[g]
		if to == nil {
			to = newPledge()
			p.parts[g] = to
		}
		to.customers += a.Together
		to.monthly += a.Is
		if !judged {
			continue
		}
		to.judged += a.Together
		for k, x := range p.brought(kind.plain, a, p.q.Until, a.Is, p.terms[1]) {
			to.sum[k] += x
			to.size[k] += math.Abs(x)
		}
		for i := range kind.Values {
			up, down := p.brought(kind.moved[0][i], a, p.q.Until, a.Is, p.terms[1]), p.brought(kind.moved[1][i], a, p.q.Until, a.Is, p.terms[1])
			for k := range up {
				to.slopes[k].add(a.Months, len(kind.Values), i, (up[k]-down[k])/(2*step))
			}
		}
	}
}

// contractLines are the parts of the change of one agreement by one bet.
func (p *portfolio) contractLines(b *bet, a Agreement) (seen float64, l lines) {
	var is float64
	if a.Runs {
		is = p.brought(b, a, p.q.Until, a.Is, p.terms[1])[allTime]
	}
	if !a.Opened {
		return 0, lines{fresh: is}
	}
	seen = p.brought(b, a, p.q.Opened, a.Was, p.terms[0])[allTime]
	margined := p.brought(b, a, p.q.Opened, a.Was, p.terms[1])[allTime]
	l.margin = margined - seen
	if a.Runs {
		l.behaviour = is - margined
	} else {
		l.lost = -margined
	}
	return seen, l
}

func (p *portfolio) moved(a Agreement) {
	kind, then := p.now[a.Months], p.was[a.Months]
	c := &p.change
	seen, l := p.contractLines(kind.plain, a)
	c.fresh, c.lost, c.behaviour, c.margin = c.fresh+l.fresh, c.lost+l.lost, c.behaviour+l.behaviour, c.margin+l.margin
	if a.Opened {
		opening := p.brought(then.plain, a, p.q.Opened, a.Was, p.terms[0])[allTime]
		c.opening += opening
		c.model += seen - opening
		for i := range then.Values {
			up, down := p.brought(then.moved[0][i], a, p.q.Opened, a.Was, p.terms[0])[allTime], p.brought(then.moved[1][i], a, p.q.Opened, a.Was, p.terms[0])[allTime]
			c.openingSlope.add(a.Months, len(then.Values), i, (up-down)/(2*step))
		}
	}
	switch {
	case !a.Opened:
		c.came += a.Together
	case !a.Runs:
		c.went += a.Together
	}
	for i := range kind.Values {
		_, up := p.contractLines(kind.moved[0][i], a)
		_, down := p.contractLines(kind.moved[1][i], a)
		for name, by := range map[string]float64{"new": up.fresh - down.fresh, "lost": up.lost - down.lost, "behaviour": up.behaviour - down.behaviour, "margin": up.margin - down.margin} {
			c.slopes[name].add(a.Months, len(kind.Values), i, by/(2*step))
		}
		if a.Opened {
			up, _ := p.contractLines(kind.moved[0][i], a)
			down, _ := p.contractLines(kind.moved[1][i], a)
			c.slopes["seen"].add(a.Months, len(kind.Values), i, (up-down)/(2*step))
		}
	}
}

func (p *portfolio) valued(ctx context.Context, ledger ContractLedger) error {
	p.parts = map[group]*pledge{{}: newPledge()}
	p.change.openingSlope, p.change.slopes = slope{}, map[string]slope{"new": {}, "lost": {}, "behaviour": {}, "margin": {}, "seen": {}}
	if err := ledger.Agreements(ctx, p.q, func(a Agreement) error { p.visit(a); return nil }); err != nil {
		return err
	}
	whole := p.parts[group{}]
	if whole.customers == 0 {
		return evidence.Refusal{Reason: fmt.Sprintf("nobody is under contract on %s", p.q.Until-1), Need: "a period at whose end contracts run"}
	}
	none := func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
	if none(whole.sum[stay]) || none(whole.sum[yearly]) {
		return evidence.Refusal{Reason: "the models have no answer for some contract", Need: "other books"}
	}
	p.endless = none(whole.sum[allTime]) || none(p.change.opening)
	return nil
}
