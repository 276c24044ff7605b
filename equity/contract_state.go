package equity

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// ContractStatement is what customers under contract are worth.
type ContractStatement struct {
	ContractInput
	Customers  int64
	Monthly    float64
	Kinds      []Kind
	Terms      Terms // of what accrued; nothing comes back
	Base       ContractFigures
	Parts      map[Dimension][]ContractPart
	Change     []Movement
	Came, Went int64
	Unjudged   struct {
		Customers int64
		Monthly   float64
	}
	WithOrders evidence.Figure // the worth of the base of orders and of contracts together
	Check      ContractCheck
}

// Kind is a kind of renewal with its model.
type Kind struct {
	Months    int
	Customers int64
	Monthly   float64
	Model     *tenure // nil: refused, for the reason beside it
	Lacks     evidence.Refusal
	Retention []float64 // of those who are there at the n-th renewal, the share that renews
}

// mostRetention is how many renewals are told of.
const mostRetention = 12

// ContractFigures are what is expected of a part of the contracts.
type ContractFigures struct {
	Customers            int64
	Monthly              float64
	Stay, Revenue, Value evidence.Figure
}

// ContractPart is one group of a dimension.
type ContractPart struct {
	Name string
	Rest bool
	ContractFigures
}

// State fits, checks and values. The error is an evidence.Refusal where the books do not allow it.
func (in ContractInput) State(ctx context.Context, ledger ContractLedger) (ContractStatement, error) {
	s := ContractStatement{ContractInput: in, WithOrders: evidence.Refuse("what orders are worth is stated apart", "the statement of customer equity")}
	delta := math.Log1p(0.1) / perYear // any rate, where nothing in which it stands is told
	if in.Discount != nil {
		var err error
		if delta, err = (clv.Terms{Discount: *in.Discount, PerYear: perYear}).Rate(); err != nil {
			return s, err
		}
	}
	first, ended, err := ledger.FirstEnded(ctx, in.Until)
	if err != nil {
		return s, err
	}
	if !ended {
		return s, evidence.Refusal{Reason: fmt.Sprintf("no contract had ended before %s, so nobody can tell how long they last", in.Until), Need: "subscriptions with ended_on, of those that ended too"}
	}
	q, err := in.question(first)
	if err != nil {
		return s, err
	}
	facts, err := ledger.ContractFacts(ctx, q)
	if err != nil {
		return s, err
	}
	fits, err := contractFits(ctx, ledger, q, first)
	if err != nil {
		return s, err
	}
	p := &portfolio{q: q, now: betsOf(fits.now, delta), was: betsOf(fits.was, delta), judged: fits.judged(), terms: contractTerms(facts)}
	p.changes = true
	for months := range p.judged {
		p.changes = p.changes && p.was[months] != nil
	}
	if len(p.judged) > 0 {
		if s.Check, err = checkContracts(ctx, ledger, q, fits.cut.only(p.judged), facts); err != nil {
			return s, err
		}
	}
	if err := p.valued(ctx, ledger); err != nil {
		return s, err
	}
	if len(p.judged) == 0 {
		return s, fits.lacks(p.parts)
	}
	if p.parts[group{}].monthly <= 0 || s.Check.Total.Brought <= 0 {
		return s, evidence.Refusal{Reason: "the credits of customers under contract come to as much as they pay, or to more", Need: "credits that are less than what is paid, or a book of subscriptions without them"}
	}
	s.Terms = termsTold(Facts{Earned: facts.Earned, Segments: facts.Segments}, p.terms[1])
	f := contractFigurer{&s, p, facts, fits}
	f.all()
	return s, nil
}

// fits are the models at the end, at the opening and at the cut.
type fits struct{ now, was, cut tenures }

func contractFits(ctx context.Context, ledger ContractLedger, q Question, first calendar.Day) (f fits, err error) {
	var endings []Ending
	if err := ledger.Endings(ctx, q, func(e Ending) error { endings = append(endings, e); return nil }); err != nil {
		return f, err
	}
	for _, m := range []struct {
		at calendar.Day
		to *tenures
	}{{q.Until, &f.now}, {q.Opened, &f.was}, {q.Cut, &f.cut}} {
		if *m.to, err = fitTenures(endings, first, m.at); err != nil {
			return f, err
		}
	}
	return f, nil
}

// judged are the kinds that have a model both at the end and at the cut: without the second nobody can tell how far it misses.
func (f fits) judged() map[int]bool {
	out := map[int]bool{}
	for months := range f.now.of {
		if _, ok := f.cut.of[months]; ok {
			out[months] = true
		}
	}
	return out
}

func (t tenures) only(kinds map[int]bool) tenures {
	out := tenures{of: map[int]tenure{}}
	for months, of := range t.of {
		if kinds[months] {
			out.of[months] = of
		}
	}
	return out
}

// lack says why a kind is not judged.
func (f fits) lack(months int) evidence.Refusal {
	r, now := f.now.lacks[months]
	when := ""
	if !now {
		r, when = f.cut.lacks[months], ", before the cut of the hold-out"
	}
	return evidence.Refusal{Reason: fmt.Sprintf("of contracts that are renewed %s%s: %s", map[int]string{1: "every month", 3: "every quarter", 12: "every year"}[months], when, r.Reason), Need: r.Need}
}

// lacks is why nothing is judged: of the kind that most customers have.
func (f fits) lacks(parts map[group]*pledge) evidence.Refusal {
	most, at := int64(-1), Renewals[0]
	for _, months := range Renewals {
		if p := parts[group{Renewal, months}]; p != nil && p.customers > most {
			most, at = p.customers, months
		}
	}
	return f.lack(at)
}

// contractTerms are the margins; nothing comes back of what accrued.
func contractTerms(f ContractFacts) [2]terms {
	return termsOf(Facts{Earned: f.Earned})
}

// contractFigurer turns sums into figures.
type contractFigurer struct {
	s     *ContractStatement
	p     *portfolio
	facts ContractFacts
	fits  fits
}

const contractMethod = "models of renewal by kind (one churn, sBG or BdW); 95 % interval of the parameters, widened by the error of the hold-out by cohort"

func (f *contractFigurer) all() {
	whole := f.p.parts[group{}]
	f.s.Customers, f.s.Monthly = whole.customers, whole.monthly
	f.s.Unjudged.Customers, f.s.Unjudged.Monthly = f.p.unjudged.customers, f.p.unjudged.monthly
	f.s.Base = f.figures(group{})
	f.s.Parts = map[Dimension][]ContractPart{}
	for _, d := range ContractDimensions {
		f.s.Parts[d] = f.parts(d)
	}
	for _, months := range Renewals {
		if kind := f.kind(months); kind.Customers > 0 {
			f.s.Kinds = append(f.s.Kinds, kind)
		}
	}
	f.s.Came, f.s.Went = f.p.change.came, f.p.change.went
	f.s.Change = f.change()
}

func (f *contractFigurer) kind(months int) Kind {
	k := Kind{Months: months, Lacks: f.fits.lack(months)}
	if p := f.p.parts[group{Renewal, months}]; p != nil {
		k.Customers, k.Monthly = p.customers, p.monthly
	}
	if !f.p.judged[months] {
		return k
	}
	t := f.fits.now.of[months]
	k.Model = &t
	d := t.dues(t.Values, 0.01) // any discount: retention does not depend on it
	for n := range mostRetention {
		k.Retention = append(k.Retention, d.stay(n, 1))
	}
	return k
}

func (f *contractFigurer) figures(g group) ContractFigures {
	p := f.p.parts[g]
	return ContractFigures{p.customers, p.monthly, f.figure(g, stay), f.figure(g, yearly), f.figure(g, allTime)}
}

// wide is what the hold-out adds to the logarithm of a measure.
func (f *contractFigurer) wide(g group, measure int) float64 {
	kind, own := revenue, 0.0
	if measure == stay {
		kind = alive
	}
	if g.of == Cohort {
		own = f.s.Check.own(g.at, kind)
	}
	return f.s.Check.error(kind).widening(own)
}

func (f *contractFigurer) lacks(measure int) *evidence.Refusal {
	switch {
	case f.s.Check.error(alive).Cohorts == 0 || measure != stay && f.s.Check.error(revenue).Cohorts == 0:
		return &evidence.Refusal{Reason: "the hold-out has no cohort of whom enough was foretold, so nobody can tell how far the models miss", Need: "more customers under contract"}
	case measure != allTime:
		return nil
	case f.s.Discount == nil:
		return &evidence.Refusal{Reason: "value: no discount rate is stated", Need: "discount_rate in settings"}
	case !f.p.terms[1].known:
		return &evidence.Refusal{Reason: "value: no margin of what subscriptions brought is known", Need: "margin in settings"}
	}
	if f.p.endless {
		return &evidence.Refusal{Reason: "value: at so low a discount rate what some contracts are worth has no sum", Need: "discount_rate in settings, of 0.002 or more"}
	}
	return nil
}

func (f *contractFigurer) figure(g group, measure int) evidence.Figure {
	if lacks := f.lacks(measure); lacks != nil {
		return evidence.Refuse(lacks.Reason, lacks.Need)
	}
	p := f.p.parts[g]
	switch {
	case p.judged == 0:
		return evidence.Refuse("the models judge none of these contracts: too few of their kind have ended", "more contracts that ended")
	case g.of != "" && p.judged < leastTold:
		return evidence.Refuse(fmt.Sprintf("these are fewer than %d customers, and the models tell of many, not of few", leastTold), fmt.Sprintf("%d customers", leastTold))
	}
	if p.size[measure] == 0 { // a margin of nothing, or contracts that are never renewed
		return around(0, f.wide(g, measure), math.Inf(1), p.judged, contractMethod)
	}
	wide := f.wide(g, measure)
	if sum := p.sum[measure]; sum <= 0 || p.size[measure] > sum*(1+1e-9) {
		// Worths of both signs may nearly cancel: the width is that of what they are without their signs.
		half := math.Hypot(normal*p.slopes[measure].se(f.p.now)/p.size[measure], wide)
		return betweenBy(sum, math.Expm1(math.Min(half, mostMissed))*p.size[measure], half, p.judged, contractMethod)
	}
	high := math.Inf(1)
	if measure == stay {
		high = float64(p.judged)
	}
	return around(p.sum[measure], math.Hypot(normal*p.slopes[measure].se(f.p.now)/p.sum[measure], wide), high, p.judged, contractMethod)
}

func (f *contractFigurer) parts(d Dimension) []ContractPart {
	of := named[*pledge]{f.facts.Segments, f.facts.Entities, f.p.parts, func(p *pledge) bool { return p.customers == f.s.Customers }}
	var out []ContractPart
	for _, p := range of.places(d) {
		out = append(out, ContractPart{Name: p.name, Rest: p.rest, ContractFigures: f.figures(group{d, p.at})})
	}
	return out
}

// change are the lines from opening to closing.
func (f *contractFigurer) change() []Movement {
	c := f.p.change
	lacks := f.lacks(allTime)
	if lacks == nil && !f.p.changes {
		lacks = &evidence.Refusal{Reason: "no model could be fitted to what was known when the period opened", Need: "a later period"}
	}
	both := math.Hypot(c.openingSlope.se(f.p.was), c.slopes["seen"].se(f.p.now))
	told := []struct {
		name   string
		is, se float64
		scaled bool // by what the hold-out missed
	}{
		{"opening", c.opening, c.openingSlope.se(f.p.was), true}, {"new", c.fresh, c.slopes["new"].se(f.p.now), true}, {"lost", c.lost, c.slopes["lost"].se(f.p.now), true},
		{"behaviour", c.behaviour, c.slopes["behaviour"].se(f.p.now), true}, {"margin", c.margin, c.slopes["margin"].se(f.p.now), true}, {"model", c.model, both, false},
	}
	var out []Movement
	wide := f.wide(group{}, allTime)
	for _, l := range told {
		m := Movement{Name: l.name}
		width := normal * l.se
		if l.scaled {
			width = math.Hypot(width, math.Expm1(math.Min(wide, mostMissed))*math.Abs(l.is))
		}
		switch {
		case lacks != nil:
			m.Figure = evidence.Refuse(lacks.Reason, lacks.Need)
		case l.name == "model":
			m.Figure = betweenBy(l.is, width, 0, f.s.Customers, "difference of two fits; 95 % interval as if they rested on different facts")
		default:
			m.Figure = betweenBy(l.is, width, wide, f.s.Customers, contractMethod)
		}
		out = append(out, m)
	}
	closing := Movement{Name: "closing", Figure: f.s.Base.Value}
	if lacks != nil {
		closing.Figure = evidence.Refuse(lacks.Reason, lacks.Need)
	}
	return append(out, closing)
}

// Together is the worth of the base of orders and of contracts. The two may be off the same way, so the widths are added.
func Together(orders, contracts evidence.Figure) evidence.Figure {
	a, ok := orders.Estimate()
	if !ok {
		r, _ := orders.Refusal()
		return evidence.Refuse("of orders: "+r.Reason, r.Need)
	}
	b, ok := contracts.Estimate()
	if !ok {
		r, _ := contracts.Refusal()
		return evidence.Refuse("of contracts: "+r.Reason, r.Need)
	}
	return evidence.Confidence(sumOf(a.Value, b.Value), sumOf(a.Low, b.Low), sumOf(a.High, b.High), 0.95, a.N+b.N, "sum of both; the ends are the sums of theirs, as both may be off the same way")
}

func sumOf(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
