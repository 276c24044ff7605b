package sim

import (
	"math"

	"github.com/throughline/throughline/calendar"
)

// Interviews are scored from 0 to 100. Of those who get an offer the scores are
// normal with this middle and deviation; of the others the middle lies lower.
const (
	middleScore   = 70
	rejectedScore = 62
	scoreSpread   = 12
)

// vacancy is how somebody came to a place; the zero one is that of who was there
// before anybody kept books.
type vacancy struct {
	opened, seen, offered calendar.Day // of the vacancy, the interview and the offer
	score                 int
	training              int // hours offered
	others                []applicant
}

// known tells whether there is anything to know of it.
func (v vacancy) known() bool { return v.opened > 0 }

// z is an interview's score in standard units.
func (v vacancy) z() float64 { return float64(v.score-middleScore) / scoreSpread }

// applicant is somebody who was seen for a vacancy and did not come.
type applicant struct {
	seen, offered calendar.Day // offered is 0 where nothing was
	score         int
	pay           int64 // per cent of the department's annual cost
	training      int   // hours offered
}

// on is the day from which the applicant's row holds.
func (a applicant) on() calendar.Day { return max(a.seen, a.offered) }

// recruit draws how the nth person of a place came to it, after it had been
// empty since a day; 0 is not known. The vacancy's days lie in their order:
// opened, seen, offered, hired.
func (st *staff) recruit(p *person, opened calendar.Day, nth int) {
	s := newStream()
	s.begin(st.Seed, ofHiring, who{kind: seat, month: nth, index: int64(p.place)})
	p.score, p.pay, p.training = s.score(middleScore), s.offered(), s.hours()
	if opened == 0 {
		return
	}
	p.opened = opened
	p.offered = p.hired - 1 - calendar.Day(s.Int64N(max(1, int64(p.hired-opened)/2)))
	p.seen = p.offered - calendar.Day(s.Int64N(int64(p.offered-opened)/2+1))
	for range s.poisson(st.Staff.Candidates) {
		p.others = append(p.others, applicant{seen: s.between(opened, p.offered), score: s.score(rejectedScore)})
	}
	for s.Float64() < st.Staff.Declined && len(p.others) < 1000 {
		a := applicant{offered: s.between(opened, p.offered), score: s.score(middleScore), pay: s.offered(), training: s.hours()}
		a.seen = s.between(opened, a.offered)
		p.others = append(p.others, a)
	}
}

// between draws a day from a to b, both included.
func (s *stream) between(a, b calendar.Day) calendar.Day {
	return a + calendar.Day(s.Int64N(int64(b-a)+1))
}

func (s *stream) score(middle int) int {
	return int(min(max(0, math.Floor(float64(middle)+float64(scoreSpread*s.normal())+0.5)), 100))
}

// offered draws an offer's pay, in per cent of the department's annual cost.
func (s *stream) offered() int64 { return 95 + s.Int64N(11) }

// hours draws how many hours of training an offer holds for the first year.
func (s *stream) hours() int { return 8 * s.IntN(6) }
