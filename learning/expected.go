package learning

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/workforce"
)

// holding is what is carried of one item by somebody employed, with what staying it depends on.
type holding struct {
	item    *item
	carried units
	tenure  float64 // months
}

// held are the holdings at a marked end, of the individual policy: nothing is written off of a group.
func (in *Input) held(at int, m calendar.Month) []holding {
	var out []holding
	for i := range in.items {
		x := &in.items[i]
		if k := x.marks[at]; k.carried > 0 && k.employed && x.policy.Method == Individual {
			out = append(out, holding{x, k.carried, float64(m.Next().First()-x.spell.Hired) / monthDays})
		}
	}
	return out
}

// path is what is carried of one holding, after amortisation, at the end of each of the next months, and the chance that it still hangs on the
// role: a change of role impairs it first, and what is impaired does not leave.
func (in *Input) path(h holding, m calendar.Month, months int, moves float64) []float64 {
	left := in.life(h.item, m.Next()) - int(m-h.item.month) - 1
	var out []float64
	keeps := 1.0
	for k := 1; k <= min(left, months); k++ {
		if h.item.kind == workforce.OfRole {
			keeps *= 1 - moves
		}
		out = append(out, float64(float64(h.carried)*float64(left-k)/float64(left))*keeps)
	}
	return out
}

// loss is what one person is expected to take along within some months, and the mean of its square.
func loss(carried []float64, tenure, factor float64, c *curve) (mean, square float64) {
	here := 1.0
	for k, x := range carried {
		stays := math.Pow(c.stays(tenure, float64(k+1)), factor)
		leaves := here - stays
		mean += float64(x * leaves)
		square += float64(float64(x*x) * leaves)
		here = stays
	}
	return mean, square
}

// outlook is what is expected to be written off of some holdings, and how far what comes may be from it.
type outlook struct {
	value     float64
	low, high float64 // distances: the hazards are known only as well as the number of those who have left allows
	variance  float64 // each person leaves or stays
	people    int64
}

// look adds up what each person is expected to take along.
func (in *Input) look(holdings []holding, m calendar.Month, months int, of known) outlook {
	people := map[string][]float64{}
	tenure := map[string]float64{}
	var order []string
	for _, h := range holdings {
		who := h.item.record.Person
		if _, ok := people[who]; !ok {
			order = append(order, who)
		}
		sum := people[who]
		for k, x := range in.path(h, m, months, of.moves) {
			if k == len(sum) {
				sum = append(sum, 0)
			}
			sum[k] += x
		}
		people[who], tenure[who] = sum, h.tenure
	}
	total := func(factor float64) (sum, variance float64) {
		for _, who := range order {
			mean, square := loss(people[who], tenure[who], factor, of.curve)
			sum += mean
			variance += square - float64(mean*mean)
		}
		return sum, max(0, variance)
	}
	out := outlook{people: int64(len(order))}
	if of.curve == nil {
		return out
	}
	few, many := of.curve.factors()
	out.value, out.variance = total(1)
	low, _ := total(few)
	high, _ := total(many)
	out.low, out.high = out.value-low, high-out.value
	return out
}

// missed is how far, as a share, the same way of expecting was off in the twelve months after a marked end, beyond what chance explains.
func (in *Input) missed(at int, m calendar.Month) float64 {
	of, holdings := in.knownAt(m+1), in.held(at, m)
	if of.curve == nil || len(holdings) == 0 {
		return 0
	}
	x := in.look(holdings, m, 12, of)
	z := distuv.UnitNormal.Quantile(0.975)
	chance := x.variance + math.Pow(max(x.low, x.high)/z, 2)
	if x.value <= 0 {
		return 0
	}
	off := float64(lost(holdings, m, m+12)) - x.value
	return math.Sqrt(max(0, float64(off*off)-chance)) / x.value
}

// lost is what of some holdings was written off after a month, up to another.
func lost(holdings []holding, after, until calendar.Month) units {
	var sum units
	for _, h := range holdings {
		if h.item.left > after && h.item.left <= until {
			sum += h.item.written
		}
	}
	return sum
}

// figure is what is expected to be written off. Three things make what comes differ from it, and their distances are squared and added (Zou &
// Donner, Statistics in Medicine 27, 2008): the hazards, chance, and how far the same way of expecting missed the year before.
func (in *Input) figure(holdings []holding, m calendar.Month, months int, of known, missed float64) evidence.Figure {
	x := in.look(holdings, m, months, of)
	switch {
	case of.curve == nil:
		return evidence.Refuse("expected write-offs: too few have left to draw a curve of staying", fmt.Sprintf("%d people who were taught and left, with hired_on and left_on", LeastLeavers))
	case len(holdings) == 0:
		return evidence.Refuse("expected write-offs: nothing is carried that would be written off when somebody leaves", "training under the policy individual")
	case x.people < int64(in.least()):
		return evidence.Refuse("expected write-offs: fewer people carry the asset than the minimum group", "more people, so that nobody can be told apart")
	}
	z := distuv.UnitNormal.Quantile(0.975)
	rest := math.Hypot(z*math.Sqrt(x.variance), z*missed*x.value)
	money := func(x float64) *big.Rat {
		return evidence.Float(math.Round(max(0, x)) / math.Pow10(in.scale.places))
	}
	return evidence.Confidence(money(x.value), money(x.value-math.Hypot(x.low, rest)), money(x.value+math.Hypot(x.high, rest)), 0.95, x.people,
		"Σ carried × chance to leave, occurrence–exposure rates of the taught by time since hiring; the interval holds what is not known of the chance, chance itself, and by how much the same was off the year before")
}

// known is what is known on a day of who leaves and who goes to another role.
type known struct {
	curve *curve
	moves float64 // the chance a month to go to a role that is not alike
}

// knownAt is what was known at the beginning of a month.
func (in *Input) knownAt(m calendar.Month) known {
	if k, ok := in.knowns[m]; ok {
		return k
	}
	changes, exposure := 0.0, 0.0
	until := m.First()
	careers := in.careers(until)
	for _, c := range careers {
		for i := range c.Spells {
			s := &c.Spells[i]
			if s.Seen >= until || s.Left < s.Seen {
				continue
			}
			exposure += float64(min(s.Left+1, until)-s.Seen) / monthDays
			for k := 1; k < len(s.Stretches); k++ {
				if !in.alike(s.Stretches[k-1].Role, s.Stretches[k].Role) {
					changes++
				}
			}
		}
	}
	if _, ok := in.curves[m]; !ok {
		in.curves[m] = in.curveOf(careers, until)
	}
	out := known{curve: in.curves[m]}
	if exposure > 0 {
		out.moves = 1 - math.Exp(-changes/exposure)
	}
	in.knowns[m] = out
	return out
}

// expected discloses what leaves with people, and what had been expected for the period.
func (in *Input) expected() Expected {
	end, before := in.To-1, in.From-1
	holdings, of, missed := in.held(0, end), in.knownAt(in.To), in.missed(1, end-12)
	e := Expected{Year: in.figure(holdings, end, 12, of, missed), Life: in.figure(holdings, end, in.longest, of, missed)}
	opening := in.held(2, before)
	e.Was = in.figure(opening, before, int(in.To-in.From), in.knownAt(in.From), in.missed(3, before-12))
	e.WrittenOff = in.scale.amount(lost(opening, before, end))
	return e
}
