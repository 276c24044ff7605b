package learning

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// holding is what is carried of one item by somebody employed, with what staying it depends on.
type holding struct {
	item    *item
	carried units
	tenure  float64 // months
}

// held are the holdings at the end of a month, of the individual policy: nothing is written off of a group.
func (in *Input) held(m calendar.Month) []holding {
	var out []holding
	for i := range in.items {
		x := &in.items[i]
		if x.reason != "" || x.policy.Method != Individual || x.month > m || int(m-x.month) >= in.longest {
			continue
		}
		in.run(x, m, func(s *step) {
			if u := s.closing(); s.month == m && u > 0 && !s.at.Contractor() {
				out = append(out, holding{x, u, float64(m.Next().First()-x.spell.Hired) / monthDays})
			}
		})
	}
	return out
}

// expectedOf is Σ carried × hazard × staying over the months to come, at most so many; hazards are multiplied by a factor.
func (in *Input) expectedOf(holdings []holding, m calendar.Month, months int, c *curve, factor float64) float64 {
	sum := 0.0
	for _, h := range holdings {
		life := in.life(h.item, m.Next())
		left := life - int(m-h.item.month) - 1
		here := 1.0
		for k := 1; k <= min(left, months); k++ {
			stays := math.Pow(c.stays(h.tenure, float64(k)), factor)
			carried := float64(h.carried) * float64(left-k) / float64(left)
			sum += float64(carried * (here - stays))
			here = stays
		}
	}
	return sum
}

// figure is what is expected to be written off, with the exact Poisson interval of the number who had left laid on the hazards (Garwood,
// Biometrika 28, 1936). It is of the expectation: what will come of few people varies more.
func (in *Input) figure(holdings []holding, m calendar.Month, months int, c *curve) evidence.Figure {
	least := in.MinimumGroup
	if least <= 0 {
		least = 5
	}
	people := map[string]bool{}
	for _, h := range holdings {
		people[h.item.record.Person] = true
	}
	switch {
	case c == nil:
		return evidence.Refuse("expected write-offs: too few have left to draw a curve of staying", fmt.Sprintf("%d people who left, with hired_on and left_on", LeastLeavers))
	case len(holdings) == 0:
		return evidence.Refuse("expected write-offs: nothing is carried that would be written off when somebody leaves", "training under the policy individual")
	case len(people) < least:
		return evidence.Refuse("expected write-offs: fewer people carry the asset than the minimum group", "more people, so that nobody can be told apart")
	}
	d := float64(c.leavers)
	low, high := distuv.ChiSquared{K: 2 * d}.Quantile(0.025)/2/d, distuv.ChiSquared{K: 2*d + 2}.Quantile(0.975)/2/d
	value := func(factor float64) float64 {
		return math.Round(in.expectedOf(holdings, m, months, c, factor)) / math.Pow10(in.scale.places)
	}
	return evidence.Confidence(evidence.Float(value(1)), evidence.Float(value(low)), evidence.Float(value(high)), 0.95, int64(len(people)),
		"Σ carried × chance to leave, Kaplan–Meier by time since hiring; the interval is that of the number who have left")
}

// expected discloses what leaves with people, and what had been expected for the period.
func (in *Input) expected() Expected {
	end, before := in.To-1, in.From-1
	holdings := in.held(end)
	c := in.curveAt(in.To)
	e := Expected{Year: in.figure(holdings, end, 12, c), Life: in.figure(holdings, end, in.longest, c)}
	opening := in.held(before)
	e.Was = in.figure(opening, before, int(in.To-in.From), in.curveAt(in.From))
	var sum units
	for _, h := range opening {
		in.run(h.item, end, func(s *step) {
			if s.month >= in.From {
				sum += s.written
			}
		})
	}
	e.WrittenOff = in.scale.amount(sum)
	return e
}
