package journey

import (
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/survival"
)

// PutRight is how fast customers who were left with something got it put right.
type PutRight struct {
	Customers int64           `json:"customers"` // who were left with something
	Median    evidence.Figure `json:"median_days"`
	Within    []Days          `json:"within"`
}

// Days is the share put right within so many days.
type Days struct {
	Name  string          `json:"name"` // 1, 7, 30
	Share evidence.Figure `json:"share"`
}

const (
	howKaplan  = "Kaplan–Meier"
	fewRemedy  = "fewer than 30 customers were left with something to be put right"
	needRemedy = "a longer period"
	notSeen    = "too few were seen so long within the period"
	needSeen   = "a longer period, such as a quarter or a year"
	needHalf   = "more of them put right, or a longer period to see them in"
)

// putRight is the curve of remedies (Kaplan & Meier, JASA 1958): who is last seen without one is taken out of those who wait.
func putRight(remedies []Remedy) *PutRight {
	var s survival.Spells
	p := &PutRight{Within: []Days{}}
	still := map[int]int64{}
	put := map[int]int64{}
	add := func(days int, n int64, event bool) {
		if n > 0 {
			s.Stop, s.Event, s.Weight = append(s.Stop, float64(days)), append(s.Event, event), append(s.Weight, float64(n))
			p.Customers += n
		}
	}
	for _, r := range remedies {
		add(r.Days, r.Put, true)
		add(r.Days, r.Still, false)
		put[r.Days] += r.Put
		still[r.Days] += r.Still
	}
	s.Weighting = survival.Repeats
	curve, err := survival.KaplanMeier(s, survival.LogLog, level)
	p.Median = evidence.Refuse(fewRemedy, needRemedy)
	if p.Customers >= Least && err == nil {
		p.Median = median(curve, s.Stop)
	}
	for _, days := range []int{1, 7, 30} {
		share := evidence.Refuse(fewRemedy, needRemedy)
		if p.Customers >= Least && err == nil {
			share = within(curve, days, put, still, p.Customers)
		}
		p.Within = append(p.Within, Days{fmt.Sprint(days), share})
	}
	return p
}

// median is after how many days half were put right. Where the curve, or the low end of its interval, does not come down to the half within the days that can be
// seen, it is refused in words of remedies.
func median(c *survival.Curve, seen []float64) evidence.Figure {
	m, days := c.Median(), "one day"
	if last := slices.Max(seen); last > 1 {
		days = fmt.Sprintf("%v days", last)
	}
	switch {
	case math.IsInf(m.Value, 1):
		return evidence.Refuse("not yet half were put right within the "+days+" that can be seen", needHalf)
	case math.IsInf(m.High, 1):
		return evidence.Refuse(fmt.Sprintf("half were put right within %v days, but the %s that can be seen are too few to say how sure that is", m.Value, days), needHalf)
	}
	return shortened(c.MedianFigure(), howKaplan)
}

// within is the share put right by a day. While nobody has been lost from sight it is a plain share; where nobody was put right, or all, it is one
// of those of whom that is known.
func within(c *survival.Curve, days int, put, still map[int]int64, n int64) evidence.Figure {
	done, unseen := int64(0), int64(0)
	for d := 0; d <= days; d++ {
		done += put[d]
		if d < days {
			unseen += still[d]
		}
	}
	if unseen == 0 {
		return plainShare(done, n)
	}
	at, err := c.At(float64(days))
	told := n - unseen // put right by that day, or still seen waiting on it
	switch {
	case err != nil || told == 0:
		return evidence.Refuse(notSeen, needSeen)
	case at.Survival <= 0 || at.Survival >= 1: // Greenwood's variance would be nothing
		return plainShare(min(done, told), told)
	case math.IsNaN(at.Low) || math.IsNaN(at.High):
		return evidence.Refuse(notSeen, needSeen)
	}
	return evidence.Confidence(short(1-at.Survival), short(1-at.High), short(1-at.Low), level, n, howKaplan)
}
