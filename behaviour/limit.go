package behaviour

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/throughline/throughline/change"
)

// What a limit is chosen for: half of the shift that matters, one standard deviation, does not add up; one false alarm in so
// many years a series.
const (
	Slack         = 0.5
	YearsPerAlarm = 10
)

// chance is what series on course do that are held against a course which is estimated from some months: the greatest sum of
// either side in the watched months, and when sums pass the limit.
//
// With the mean and the spread known, the run length of a CUSUM solves an integral equation (change.RunLength). Estimated from
// n months they are off for all watched months at once, and alarms come more often: Jones, Champ & Rigdon (2004). So the
// limit is taken from simulated courses instead, each with its own mean (normal, variance 1/n) and spread (χ² of n − 1).
type chance struct {
	limit    float64   // which one course in YearsPerAlarm years passes within the watched months
	greatest []float64 // ascending: the greatest sum of each course
	alarms   []float64 // by watched month: alarms a course
}

// courses is how many are simulated, always the same ones; the share of a tenth is then right to 0.3 points.
const courses = 40_000

var chances sync.Map // setting → *chance

type setting struct{ baseline, watched, year int }

// chanceOf is the same for the same numbers of months, whenever it is asked; year is how many months a year has.
func chanceOf(baseline, watched, year int) *chance {
	at := setting{baseline, watched, year}
	if known, ok := chances.Load(at); ok {
		return known.(*chance)
	}
	known, _ := chances.LoadOrStore(at, simulate(at))
	return known.(*chance)
}

func simulate(at setting) *chance {
	draw := func(visit func(z []float64)) {
		r := rand.New(rand.NewPCG(uint64(at.baseline), uint64(at.watched)))
		z := make([]float64, at.watched)
		for range courses {
			mean, spread := r.NormFloat64()/math.Sqrt(float64(at.baseline)), 0.0
			for range at.baseline - 1 {
				x := r.NormFloat64()
				spread += float64(x * x)
			}
			sd := math.Sqrt(spread / float64(at.baseline-1))
			for i := range z {
				z[i] = (r.NormFloat64() - mean) / sd
			}
			visit(z)
		}
	}
	c := &chance{alarms: make([]float64, at.watched)}
	draw(func(z []float64) {
		high, low, most := 0.0, 0.0, 0.0
		for _, x := range z {
			high, low = max(0, high+x-Slack), max(0, low-x-Slack)
			most = max(most, high, low)
		}
		c.greatest = append(c.greatest, most)
	})
	slices.Sort(c.greatest)
	// Rounded, so that the last digit of a machine's arithmetic decides nothing.
	c.limit = math.Round(c.greatest[courses-courses*at.watched/(at.year*YearsPerAlarm)]*1000) / 1000
	draw(func(z []float64) {
		high, low, rang, tolled := 0.0, 0.0, false, false
		for i, x := range z {
			high, low = max(0, high+x-Slack), max(0, low-x-Slack)
			if rang = rang && high > 0; high > c.limit && !rang {
				rang = true
				c.alarms[i]++
			}
			if tolled = tolled && low > 0; low > c.limit && !tolled {
				tolled = true
				c.alarms[i]++
			}
		}
	})
	for i := range c.alarms {
		c.alarms[i] /= courses
	}
	return c
}

// p is how often a series on course comes to a sum as great; never told as nothing.
func (c *chance) p(size float64) float64 {
	at, _ := slices.BinarySearch(c.greatest, size)
	return float64(courses-at+1) / float64(courses+1)
}

// last is how many alarms come by chance in the last of the watched months.
func (c *chance) last(months int) float64 {
	sum := 0.0
	for _, a := range c.alarms[max(0, len(c.alarms)-months):] {
		sum += a
	}
	return sum
}

var exact sync.Map // months of a year and series → limit

// exactLimit is that of values which are independent and normal without anything estimated: one alarm in YearsPerAlarm years,
// of a year's number of months, over so many series together.
func exactLimit(months, series int) (float64, error) {
	at := [2]int{months, series}
	if known, ok := exact.Load(at); ok {
		return known.(float64), nil
	}
	limit, err := change.LimitFor(Slack, float64(months*YearsPerAlarm*max(1, series)))
	if err != nil {
		return 0, err
	}
	limit = math.Round(limit*1000) / 1000
	exact.Store(at, limit)
	return limit, nil
}
