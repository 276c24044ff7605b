package learning

import (
	"math"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/survival"
	"github.com/throughline/throughline/workforce"
)

// monthDays is the mean length of a month.
const monthDays = 365.25 / 12

// LeastLeavers is how many must have left for a curve of staying to be drawn.
const LeastLeavers = 10

// curve is the chance to stay by months since hiring, as it was known on a day. Beyond the longest stay that was seen it goes on at the mean
// hazard of all months seen.
type curve struct {
	months  []float64 // at the end of month k; months[0] is 1
	hazard  float64   // mean, a month
	leavers int64
}

// curveOf draws the curve of employees as it was known before a day, by Kaplan–Meier. Whoever is taught something that is carried enters then,
// and not before: those who are taught may stay longer than others, and it is they who can take it along. nil: too few had left.
func (in *Input) curveOf(careers []workforce.Career, until calendar.Day) *curve {
	var s survival.Spells
	var exposure float64
	leavers := int64(0)
	for _, c := range careers {
		for i := range c.Spells {
			x := &c.Spells[i]
			from := in.carries(c.Person, x)
			if from >= until || x.Left < from || x.At(x.Left).Contractor() {
				continue
			}
			left := x.Left < workforce.Open
			stop := until
			if left {
				stop = x.Left + 1
				leavers++
			}
			s.Start = append(s.Start, float64(from-x.Hired)/monthDays)
			s.Stop = append(s.Stop, float64(stop-x.Hired)/monthDays)
			s.Event = append(s.Event, left)
			exposure += float64(stop-from) / monthDays
		}
	}
	if leavers < LeastLeavers {
		return nil
	}
	km, err := survival.KaplanMeier(s, survival.Log, 0.95)
	if err != nil {
		return nil
	}
	c := &curve{leavers: leavers, hazard: float64(leavers) / exposure, months: []float64{1}}
	for k := 1; k <= 1200; k++ {
		p, err := km.At(float64(k))
		if err != nil || p.Survival <= 0 {
			break
		}
		c.months = append(c.months, p.Survival)
	}
	return c
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

// at is the chance to stay until a time in months since hiring.
func (c *curve) at(t float64) float64 {
	last := float64(len(c.months) - 1)
	if t >= last {
		return float64(c.months[len(c.months)-1] * math.Exp(float64(-c.hazard*(t-last))))
	}
	k := math.Floor(t)
	a, b := c.months[int(k)], c.months[int(k)+1]
	return a + float64((b-a)*(t-k))
}

// stays is the chance of somebody who has stayed until u to stay another k months.
func (c *curve) stays(u, k float64) float64 { return c.at(u+k) / c.at(u) }

// shares are the mean chance of those who completed a course in a month to be here so many months later, in running sums: sums[k] is of the
// months before k.
type shares struct{ sums []float64 }

// used is what of a base is used up at an age, where done months of the life were over when it was the base.
func (s *shares) used(base units, done, age, life int) units {
	whole := s.sums[life] - s.sums[done]
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
