package learning

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/workforce"
)

// monthDays is the mean length of a month.
const monthDays = 365.25 / 12

// LeastLeavers is how many must have left for a curve of staying to be drawn.
const LeastLeavers = 10

// curve is the chance to stay by time since hiring, as it was known on a day: of each stretch of it the number of those who left ÷ the months
// that people were under observation in it (occurrence–exposure rates; Berkson & Gage, Proceedings of the Mayo Clinic 25, 1950). A stretch ends
// with the month in which the fifth leaves, so that no chance rests on few; the last one holds for all longer stays.
type curve struct {
	ends    []float64 // of the stretches, in months since hiring; the last is +Inf
	hazards []float64 // a month
	hazard  float64   // of all together
	leavers int64
}

// expectedInStretch is how many would leave in each stretch of a curve by the hazard of all.
const expectedInStretch = 10

// curveOf draws the curve of employees as it was known before a day. Whoever is taught something that is carried enters then, and not before:
// those who are taught may stay longer than others, and it is they who can take it along. nil: too few had left.
func (in *Input) curveOf(careers []workforce.Career, until calendar.Day) *curve {
	var left, months [mostTenure]float64
	c := &curve{}
	all := 0.0
	for _, who := range careers {
		for i := range who.Spells {
			x := &who.Spells[i]
			from := in.carries(who.Person, x)
			if from >= until || x.Left < from || x.At(x.Left).Contractor() {
				continue
			}
			stop := until
			gone := x.Left < workforce.Open
			if gone {
				stop = x.Left + 1
				c.leavers++
			}
			a, b := float64(from-x.Hired)/monthDays, float64(stop-x.Hired)/monthDays
			all += b - a
			for k := tenureMonth(a); ; k++ {
				end := float64(k + 1)
				if k == mostTenure-1 || b <= end {
					months[k] += b - a
					if gone {
						left[k]++
					}
					break
				}
				months[k] += end - a
				a = end
			}
		}
	}
	if c.leavers < LeastLeavers {
		return nil
	}
	c.hazard = float64(c.leavers) / all
	c.stretch(left[:], months[:])
	return c
}

// mostTenure is up to how many months since hiring stays are told apart.
const mostTenure = 720

func tenureMonth(months float64) int { return min(max(0, int(months)), mostTenure-1) }

// stretch cuts the months since hiring into parts of enough observation. Where nobody left of the longest stays, they are one part, and half of
// one is counted in it: nobody stays for ever.
func (c *curve) stretch(left, months []float64) {
	type part struct{ end, gone, under float64 }
	var parts []part
	enough := expectedInStretch / c.hazard
	rest := 0.0
	for _, m := range months {
		rest += m
	}
	now := part{}
	for k := range left {
		now.gone, now.under, rest = now.gone+left[k], now.under+months[k], rest-months[k]
		if now.under >= enough && rest >= enough {
			now.end = float64(k + 1)
			parts, now = append(parts, now), part{}
		}
	}
	for now.gone == 0 && len(parts) > 0 && parts[len(parts)-1].gone == 0 {
		now.under += parts[len(parts)-1].under
		parts = parts[:len(parts)-1]
	}
	now.gone, now.end = max(now.gone, 0.5), math.Inf(1)
	for _, p := range append(parts, now) {
		c.ends, c.hazards = append(c.ends, p.end), append(c.hazards, p.gone/p.under)
	}
}

// carries is the day from which a person carries something in a spell, as far as the books have seen them; after it where they never do.
func (in *Input) carries(person string, s *workforce.Spell) calendar.Day {
	for _, d := range in.taught[person] {
		if s.Here(d) {
			return max(d, s.Seen)
		}
	}
	return workforce.Open
}

// cumulated is the hazard added up until a time in months since hiring.
func (c *curve) cumulated(t float64) (sum float64) {
	from := 0.0
	for i, end := range c.ends {
		if t <= end {
			return sum + float64(c.hazards[i]*(t-from))
		}
		sum += float64(c.hazards[i] * (end - from))
		from = end
	}
	return sum
}

// stays is the chance of somebody who has stayed until u to stay another k months.
func (c *curve) stays(u, k float64) float64 {
	return math.Exp(float64(c.cumulated(u) - c.cumulated(u+k)))
}

// factors are by what the hazards may have to be multiplied: the exact Poisson interval at 95 % of the number who have left, over that number
// (Garwood, Biometrika 28, 1936).
func (c *curve) factors() (few, many float64) {
	d := float64(c.leavers)
	return distuv.ChiSquared{K: 2 * d}.Quantile(0.025) / 2 / d, distuv.ChiSquared{K: 2*d + 2}.Quantile(0.975) / 2 / d
}

// shares are the mean chance of those who completed a course in a month to be here so many months later, in running sums: sums[k] is of the
// months before k.
type shares struct{ sums []float64 }

// used is what of a base is used up at an age, where done months of the life were over when it was the base.
func (s *shares) used(base units, done, age, life int) units {
	whole := s.sums[life] - s.sums[done]
	if !(whole > 0) { // nobody is expected to be here by then: what is left is used up evenly
		return portion(base, units(age-done), units(life-done))
	}
	return units(math.Round(float64(base) * ((s.sums[age] - s.sums[done]) / whole)))
}

// cohort is who completed a course in a month.
type cohort struct {
	course string
	month  calendar.Month
}

// sharesOf are those of an item's cohort by the curve that was known when the fiscal year of a month began.
func (in *Input) sharesOf(x *item, m calendar.Month) *shares {
	year := in.yearOf(m)
	key := sharesKey{cohort{x.record.Course, x.month}, year}
	if s, ok := in.shared[key]; ok {
		return s
	}
	c := in.curveAt(year)
	in.even = in.even || c == nil
	most := in.longest
	s := &shares{sums: make([]float64, most+1)}
	tenures := in.cohorts[key.cohort]
	for k := range most {
		mean := 1.0
		if c != nil && len(tenures) > 0 {
			mean = 0
			for _, u := range tenures {
				mean += c.stays(u, float64(k))
			}
			mean /= float64(len(tenures))
		}
		s.sums[k+1] = s.sums[k] + mean
	}
	in.shared[key] = s
	return s
}

type sharesKey struct {
	cohort
	year calendar.Month
}

// curveAt is the curve as it was known at the beginning of a month.
func (in *Input) curveAt(m calendar.Month) *curve {
	if c, ok := in.curves[m]; ok {
		return c
	}
	c := in.curveOf(in.careers(m.First()), m.First())
	in.curves[m] = c
	return c
}

// yearBegins tells whether a fiscal year begins with a month.
func (in *Input) yearBegins(m calendar.Month) bool { return int(m)%12 == in.first }

// yearOf is the month with which the fiscal year of a month began.
func (in *Input) yearOf(m calendar.Month) calendar.Month {
	return m - calendar.Month(((int(m)-in.first)%12+12)%12)
}
