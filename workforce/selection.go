package workforce

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/survival"
)

// Selection is whether the money that is spent on hiring returns, as far as the books tell: whether who scored higher in interviews stays longer
// and does better in the first course, and what those cost who leave in their first year. Only people who were hired are seen. Scores of those
// who were not would spread more, so what is found is nearer to nothing than among all candidates (Thorndike 1949). That scores go with staying
// does not say that they are why.
type Selection struct {
	Spent             evidence.Figure // on hiring in the period
	StayHazard        evidence.Figure // of leaving in the first year, for a score higher by one standard deviation
	StayCorrelation   evidence.Figure // of the score with having stayed the first year
	CourseCorrelation evidence.Figure // of the score with that of the first course
	EarlyLeaving      evidence.Figure // first-year exits of the period × the cost of replacement
	CostPerStayer     evidence.Figure // spending on those hired a year before, for each who stayed the first year
	Reading           Reading
}

// Reading is what the hazard ratio of the score says, in a word.
type Reading string

// The readings.
const (
	NotKnown     Reading = "not_known"
	WithStaying  Reading = "higher_scores_go_with_staying"
	WithLeaving  Reading = "higher_scores_go_with_leaving"
	NotToldApart Reading = "not_told_apart_from_none"
)

// hiresWithScores are as many as a correlation needs: with 60, one of 0.36 has an even chance of 0.8 to be found at 5% (Cohen 1988, table 3.4.1).
const hiresWithScores = 60

var (
	fewScores  = evidence.Refusal{Reason: "fewer hirings than it takes have an interview with a score", Need: fmt.Sprintf("%d hirings with a score: trainings of stage interview, before the day of hiring", hiresWithScores)}
	sameScores = evidence.Refusal{Reason: "the scores or what they are held to do not vary", Need: "scores that differ"}
	onlyHired  = "; only those hired are seen, which brings it nearer to none than among all candidates"
)

func (w *world) selection(r Replacement) Selection {
	var s Selection
	s.Spent = w.tell(hired, whole, func() evidence.Figure {
		total, why := w.spentOnHiring(w.p)
		if why != nil {
			return refuse(*why)
		}
		return evidence.Exact(total.Rat(), w.tallies[whole].roll.Hired, "costs of kind hire in the period")
	})
	s.StayHazard = w.scoreHazard()
	s.StayCorrelation, s.CourseCorrelation = w.scoreCorrelations()
	s.EarlyLeaving = w.earlyLeaving(r)
	s.CostPerStayer = w.tell(earlier, whole, w.costPerStayer)
	s.Reading = NotKnown
	if e, ok := s.StayHazard.Estimate(); ok {
		one := big.NewRat(1, 1)
		switch {
		case e.High.Cmp(one) < 0:
			s.Reading = WithStaying
		case e.Low.Cmp(one) > 0:
			s.Reading = WithLeaving
		default:
			s.Reading = NotToldApart
		}
	}
	return s
}

// score is that of the last interview before a stay began, and after the one before it ended.
func (w *world) score(s *stay) (float64, bool) {
	found, score := false, 0.0
	for i := range w.records[s.person] {
		r := w.records[s.person][i]
		if r.Stage == Interview && r.Score != nil && r.Completed <= s.Hired && r.Completed > s.before {
			score, _ = r.Score.Rat().Float64()
			found = true
		}
	}
	return score, found && s.hire() && !s.unknown
}

// scoreHazard is the hazard ratio of leaving in the first year for one standard deviation of the score.
func (w *world) scoreHazard() evidence.Figure {
	if !w.has.left {
		return refuse(noLeft)
	}
	rows, scores := w.firstYears()
	switch people := len(slices.Compact(slices.Clone(rows.person))); {
	case len(scores) < hiresWithScores || int64(people) < w.in.minimum():
		return refuse(fewScores)
	case rows.events() < perCovariate:
		return evidence.Refuse("too few of those with a score left in their first year", fmt.Sprintf("%d who left in their first year", perCovariate))
	}
	sd := math.Sqrt(variance(scores))
	if sd == 0 {
		return refuse(sameScores)
	}
	for i := range scores {
		scores[i] /= sd
	}
	model := survival.Cox{Spells: rows.Spells, Stratum: rows.stratum, Covariates: []survival.Covariate{{Name: "score", Values: scores}}}
	words := clustered(&model, rows, nil) + within(rows)
	fit, err := model.Fit()
	if err != nil {
		return refuse(refusalOf(err))
	}
	return hazard(fit, "score", int64(len(scores)), "of leaving in the first year, for a score higher by one standard deviation: "+words+onlyHired)
}

// firstYears are the first years of the stays that have a score.
func (w *world) firstYears() (rows spells, scores []float64) {
	for i := range w.stays {
		s := &w.stays[i]
		score, ok := w.score(s)
		x, ended, employed := w.employed(s)
		if !ok || !employed {
			continue
		}
		if start, stop, risk := s.atRisk(&x); risk && start < year {
			rows.add(start, math.Min(stop, year), ended && stop <= year, s.cluster, s.person, w.roleOn(s, s.Hired))
			scores = append(scores, score)
		}
	}
	return rows, scores
}

func variance(x []float64) float64 {
	m, total := mean(x), 0.0
	for _, v := range x {
		total += float64((v - m) * (v - m))
	}
	return total / float64(len(x)-1)
}

// scoreCorrelations are those of the score with having stayed the first year, of hires whose first year is over, and with the score of the
// first course.
func (w *world) scoreCorrelations() (stayed, course evidence.Figure) {
	var scores, stays, with, courses []float64
	for i := range w.stays {
		s := &w.stays[i]
		score, ok := w.score(s)
		if !ok {
			continue
		}
		over := s.Hired.AddMonths(12)
		if over <= w.p.End && s.Seen <= s.Hired+31 {
			y := 0.0
			if s.Left >= over {
				y = 1
			}
			scores, stays = append(scores, score), append(stays, y)
		}
		if y, ok := w.firstCourse(s); ok {
			with, courses = append(with, score), append(courses, y)
		}
	}
	stayed = refuse(noLeft)
	if w.has.left {
		stayed = correlated(scores, stays, "point-biserial correlation of the interview’s score with having stayed the first year, of hires whose first year is over", fewScores)
	}
	return stayed, correlated(with, courses, "correlation of the interview’s score with that of the first course", evidence.Refusal{
		Reason: "fewer hirings than it takes have scores of an interview and of a first course", Need: fmt.Sprintf("%d hirings with both scores", hiresWithScores)})
}

func correlated(x, y []float64, how string, few evidence.Refusal) evidence.Figure {
	if len(x) < hiresWithScores {
		return refuse(few)
	}
	r := correlation(x, y)
	if math.IsNaN(r) || math.Abs(r) > 1-1e-9 {
		return refuse(sameScores)
	}
	low, high := fisher(r, len(x))
	return evidence.Confidence(evidence.Float(r), evidence.Float(low), evidence.Float(high), level, int64(len(x)), how+"; "+fisherWords+onlyHired)
}

// firstCourse is the score of the first course after hiring that has one.
func (w *world) firstCourse(s *stay) (float64, bool) {
	for i := range w.records[s.person] {
		r := w.records[s.person][i]
		if r.Stage != Interview && r.Score != nil && s.Here(r.Completed) {
			score, _ := r.Score.Rat().Float64()
			return score, true
		}
	}
	return 0, false
}

// earlyLeaving is what those cost who left in the period before their first year was over.
func (w *world) earlyLeaving(r Replacement) evidence.Figure {
	return w.tell(leavers, whole, func() evidence.Figure {
		cost, ok := r.Total.Estimate()
		switch {
		case !w.has.left:
			return refuse(noLeft)
		case !w.covers(w.p.Start):
			return refuse(lateBooks)
		case !ok:
			return partMissing("the cost of replacement", r.Total)
		}
		k := w.tallies[whole].early
		low, high := garwood(k)
		times := func(x *big.Rat) *big.Rat { return x.Mul(x, cost.Value) }
		return evidence.Confidence(times(rat(k)), times(evidence.Float(low)), times(evidence.Float(high)), level, w.size[present][whole],
			"people who left in the period in their first year × the cost of replacement; "+garwoodWords)
	})
}

// costPerStayer is what was spent on hiring in the year before, for each of those hired then who stayed the first year.
func (w *world) costPerStayer() evidence.Figure {
	total, why := w.spentOnHiring(w.cohort)
	t := &w.tallies[whole]
	switch {
	case why != nil:
		return evidence.Refuse(why.Reason, "rows of kind hire in costs, for the months of the year before")
	case !w.has.left:
		return refuse(noLeft)
	case !w.covers(w.cohort.Start):
		return refuse(lateBooks)
	case t.cohort == t.gone:
		return evidence.Refuse("nobody hired in the year before stayed a year", "a year with hires who stayed")
	}
	return evidence.Exact(new(big.Rat).Quo(total.Rat(), rat(t.cohort-t.gone)), t.cohort, "costs of kind hire in the year before ÷ those hired in it who stayed their first year")
}

// offer is one that was answered.
type offer struct {
	day      calendar.Day
	dated    bool // the books say on which day it was made
	row      *Row // the last that says something of it
	answer   string
	accepted bool
	cost     *float64 // a year
	training *float64 // hours in the first year
}
