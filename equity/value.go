package equity

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// Dimension is by what the base is parted.
type Dimension string

// The dimensions, in the order in which they are told.
const (
	Segment     Dimension = "segment"
	Entity      Dimension = "entity"
	Acquisition Dimension = "acquisition"
	Cohort      Dimension = "cohort"
)

// Dimensions are all of them.
var Dimensions = [...]Dimension{Segment, Entity, Acquisition, Cohort}

// group names a part of the base by place; the whole has no dimension.
type group struct {
	of Dimension
	at int
}

// Ways of coming, by place.
const (
	earned = iota
	paidFor
	unattributed
)

func wayOf(via string) int {
	switch via {
	case "referral", "reputation":
		return earned
	case "paid", "sales", "partner":
		return paidFor
	}
	return unattributed
}

// part is a part of the base while it is summed. up and down are its measures with each parameter moved, over the sample.
type part struct {
	customers int64
	sum       measures
	size      float64 // of value: the sum without its signs
	sampled   int64
	up, down  [parameters]measures
}

// side is the sums with a parameter moved up, 0, or down, 1.
func (p *part) side(parameter, side int) *measures {
	if side == 0 {
		return &p.up[parameter]
	}
	return &p.down[parameter]
}

// terms turn discounted revenue into value: margin by segment, and what comes back.
type terms struct {
	margins map[int]float64 // by place of the segment
	whole   float64         // of all, for segments without a line of their own
	returns float64
	known   bool
}

func (t terms) margin(segment int) float64 {
	if m, ok := t.margins[segment]; ok {
		return m
	}
	return t.whole
}

// brought are a customer's measures in money: what comes back is off, and value has the margin.
func (t terms) brought(m measures, segment int) measures {
	m[revenue] *= t.returns
	m[value] *= t.returns * t.margin(segment)
	return m
}

// mostSampled is about how many rows the gradient is taken over: a relative error changes little from one row to the next.
const mostSampled = 10_000

// valuation sums the base.
type valuation struct {
	now, was     judge // by the parameters at the end, and at the opening
	terms        [2]terms
	covariance   *mat.SymDense
	parts        map[group]*part
	change       Change
	worths       worths
	seen, opened memo // histories at the opening, by the models at the end and then
	quiet        struct {
		customers int64
		stake     float64
	}
	slopes  [2][parameters]lines  // of the change, of the sample, likewise
	tops    [2][parameters]worths // of the sample, with each parameter moved up and down
	sample  []Customer
	rows    int64
	every   int64
	changes bool
}

// Change is what the value of the base did between opening and closing.
type Change struct {
	Opening, New, Lost, Behaviour, Margin, Model, Closing float64
	LostCustomers                                         int64 // likelier than not customers at the opening, and no longer
	NewCustomers                                          int64
}

func (v *valuation) visit(c Customer, last *memo) {
	n := float64(c.Together)
	b := last.at(v.now, c.History)
	m := v.terms[1].brought(b.at(v.now.price(c.Repeats, c.Mean)), c.Segment)
	for _, g := range groupsOf(c) {
		p := v.parts[g]
		if p == nil {
			p = &part{}
			v.parts[g] = p
		}
		p.customers += c.Together
		for i := range m {
			p.sum[i] += n * m[i]
		}
		p.size += n * math.Abs(m[value])
	}
	v.worths.add(m[value], c.Together)
	if stake, quiet := Quiet(c.Repeats, b.alive, m[value]); quiet {
		v.quiet.customers += c.Together
		v.quiet.stake += n * stake
	}
	if v.rows++; v.every <= 1 || v.rows%v.every == 0 {
		v.sample = append(v.sample, c)
	}
	if v.changes {
		v.moved(c, b, m[value])
	}
}

// lines are the parts of the change that the parameters at the end decide.
type lines struct{ fresh, lost, behaviour, margin float64 }

// lines of a customer by a judge, whose verdict on them is b; seen is what they were worth at the opening by the same judge, at the margin of
// then, and gone that they became likelier gone than not.
func (v *valuation) lines(j judge, c Customer, b behaviour, before *memo) (l lines, seen float64, gone bool) {
	is := v.terms[1].brought(b.at(j.price(c.Repeats, c.Mean)), c.Segment)[value]
	if !c.Known {
		return lines{fresh: is}, 0, false
	}
	was := before.at(j, c.Was)
	expected := was.at(j.price(c.Was.Repeats, c.WasMean))
	seen = v.terms[0].brought(expected, c.Segment)[value]
	margined := v.terms[1].brought(expected, c.Segment)[value]
	l.margin = margined - seen
	if gone = was.alive >= 0.5 && b.alive < 0.5; gone {
		l.lost = is - margined
	} else {
		l.behaviour = is - margined
	}
	return l, seen, gone
}

// moved adds what became of the value of customers since the opening.
func (v *valuation) moved(c Customer, b behaviour, is float64) {
	n := float64(c.Together)
	v.change.Closing += n * is
	l, seen, gone := v.lines(v.now, c, b, &v.seen)
	v.change.New += n * l.fresh
	v.change.Lost += n * l.lost
	v.change.Behaviour += n * l.behaviour
	v.change.Margin += n * l.margin
	if !c.Known {
		v.change.NewCustomers += c.Together
		return
	}
	if gone {
		v.change.LostCustomers += c.Together
	}
	opening := v.terms[0].brought(v.opened.at(v.was, c.Was).at(v.was.price(c.Was.Repeats, c.WasMean)), c.Segment)[value]
	v.change.Opening += n * opening
	v.change.Model += n * (seen - opening)
}

// Quiet tells whether a customer has gone quiet: they bought twice or more, and are likelier gone than not. stake is what of their worth is as
// good as lost: what they would be worth were they certainly customers still, less what they are worth.
func Quiet(repeats int64, alive, value float64) (stake float64, quiet bool) {
	if repeats < 1 || !(alive < 0.5) || !(alive > 0) {
		return 0, false
	}
	return value / alive * (1 - alive), true
}

func groupsOf(c Customer) [1 + len(Dimensions)]group {
	return [...]group{{}, {Segment, c.Segment}, {Entity, c.Entity}, {Acquisition, wayOf(c.Via)}, {Cohort, c.Year}}
}

// memo keeps the last history, because equal ones follow each other.
type memo struct {
	history clv.History
	known   bool
	b       behaviour
}

func (m *memo) at(j judge, h clv.History) behaviour {
	if !m.known || m.history != h {
		m.history, m.known, m.b = h, true, j.behaviour(h)
	}
	return m.b
}

// valued goes over the customers once.
func (v *valuation) valued(ctx context.Context, ledger Ledger, q Question, customers int64) error {
	v.parts, v.every = map[group]*part{}, (customers+mostSampled-1)/mostSampled
	last := &memo{}
	if err := ledger.Histories(ctx, q, func(c Customer) error {
		v.visit(c, last)
		return nil
	}); err != nil {
		return err
	}
	whole := v.parts[group{}]
	if whole == nil {
		return fmt.Errorf("customer equity: no customer came of %d", customers)
	}
	for _, x := range whole.sum {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return evidence.Refusal{Reason: "the models have no answer for some customer", Need: "other books"}
		}
	}
	v.gradient()
	return nil
}

// gradient sums the sample with each parameter moved up and down.
func (v *valuation) gradient() {
	for i := range parameters {
		for side, by := range []float64{math.Exp(step), math.Exp(-step)} {
			j := v.now.moved(i, by)
			last, before := &memo{}, &memo{}
			for _, c := range v.sample {
				m := v.terms[1].brought(last.at(j, c.History).at(j.price(c.Repeats, c.Mean)), c.Segment)
				v.tops[side][i].add(m[value], c.Together)
				if v.changes {
					l, _, _ := v.lines(j, c, last.b, before)
					n := float64(c.Together)
					to := &v.slopes[side][i]
					*to = lines{to.fresh + n*l.fresh, to.lost + n*l.lost, to.behaviour + n*l.behaviour, to.margin + n*l.margin}
				}
				for _, g := range groupsOf(c) {
					p := v.parts[g]
					to := p.side(i, side)
					for k := range m {
						to[k] += float64(c.Together) * m[k]
					}
					if i == 0 && side == 0 {
						p.sampled++
					}
				}
			}
		}
	}
}

// leastSampled is how many rows of the sample a group must have for a standard error of its own; others have that of the whole.
const leastSampled = 50

// spread is the standard error of the logarithm of a measure of a group, of the parameters alone.
func (v *valuation) spread(g group, measure int) float64 {
	p := v.parts[g]
	if p == nil || p.sampled < leastSampled {
		p = v.parts[group{}]
	}
	var up, down [parameters]float64
	for i := range parameters {
		up[i], down[i] = math.Abs(p.up[i][measure]), math.Abs(p.down[i][measure])
	}
	return relative(v.covariance, up, down)
}

// worths are customers by what they are worth, on a grid of equal ratios.
type worths struct {
	at        map[int]*worth
	customers int64
	below     bool // somebody is worth less than nothing
}

type worth struct {
	customers int64
	sum       float64
}

// worthsPer is how many steps of the grid make a factor of e.
const worthsPer = 256

func (w *worths) add(value float64, n int64) {
	if w.at == nil {
		w.at = map[int]*worth{}
	}
	place := math.MinInt
	if value > 0 {
		place = int(math.Floor(math.Log(value) * worthsPer))
	}
	k := w.at[place]
	if k == nil {
		k = &worth{}
		w.at[place] = k
	}
	k.customers += n
	k.sum += value * float64(n)
	w.customers += n
	w.below = w.below || value < 0
}

// top is the share of the value that the most valuable share of the customers has. Within a step of the grid customers count as alike, which
// changes a share by less than a four-hundredth part of it.
func (w *worths) top(share float64) float64 {
	places := make([]int, 0, len(w.at))
	total := 0.0
	for p := range w.at {
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(b, a) })
	for _, p := range places {
		total += w.at[p].sum
	}
	left, sum := share*float64(w.customers), 0.0
	for _, p := range places {
		k := w.at[p]
		if float64(k.customers) >= left {
			sum += k.sum * left / float64(k.customers)
			break
		}
		left -= float64(k.customers)
		sum += k.sum
	}
	return sum / total
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
