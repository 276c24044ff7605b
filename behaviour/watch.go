package behaviour

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/change"
	"github.com/throughline/throughline/evidence"
)

// Method is how an alarm was raised.
type Method string

// The methods. CUSUM holds the watched months against the course of those before; SelfStarting holds every month of the series
// against all before it, so it also tells of what happened earlier, and nothing has to be estimated first.
const (
	CUSUM        Method = "cusum"
	SelfStarting Method = "self_starting"
)

// Alarm says that a series left its course, which way, when and by how much. It says nothing of why.
type Alarm struct {
	Method           Method
	Direction        change.Direction
	Signalled, Since int  // places of months: when it was raised, and the first month after the sum was last at 0
	Last             int  // of the months since then; where the sum is back at 0, the one before
	Now              bool // raised in the closed period
	Stands           bool // would also be raised if all series together raised one false alarm in YearsPerAlarm years
	Before, After    evidence.Figure
	Change           evidence.Figure
}

// watch finds the alarms of a series whose values are there; together is how many series are watched.
func (in Input) watch(s *Series, together int) error {
	if s.Refused != "" {
		return nil
	}
	limit, err := exactLimit(in.Year, 1)
	if err != nil {
		return err
	}
	strict, err := exactLimit(in.Year, together)
	if err != nil {
		return err
	}
	chance := in.chance(s.Baseline)
	watched := make([]float64, in.watched())
	for i := range watched {
		watched[i] = (s.values[s.Baseline+i] - s.Course.mean) / s.Course.sd
	}
	if err := in.raise(s, CUSUM, watched, chance.limit, func(size float64) bool {
		return chance.p(size)*float64(together*YearsPerAlarm*in.Year) <= float64(in.watched())
	}); err != nil {
		return err
	}
	scores, err := change.SelfStarting(s.values)
	if err != nil {
		return err
	}
	return in.raise(s, SelfStarting, scores, limit, func(size float64) bool { return size > strict })
}

// raise follows the scores, which end with the last month.
func (in Input) raise(s *Series, m Method, scores []float64, limit float64, stands func(size float64) bool) error {
	path, alarms, err := change.CUSUM{Slack: Slack, Limit: limit}.Run(scores)
	if err != nil {
		return err
	}
	first := len(in.Months) - len(scores)
	for _, a := range alarms {
		if s.Measure == Mix && a.Direction == change.Down {
			continue // nearer than usual is no other mix; with more lines in a month it comes by itself
		}
		last, size := a.At, a.Size
		for last+1 < len(path) && (a.Direction == change.Up && path[last+1].HighRun > 0 || a.Direction == change.Down && path[last+1].LowRun > 0) {
			last++
			size = max(size, map[bool]float64{true: path[last].High, false: path[last].Low}[a.Direction == change.Up])
		}
		alarm := Alarm{Method: m, Direction: a.Direction, Signalled: first + a.At, Since: first + a.Since, Last: first + last, Stands: stands(size)}
		// What rang before the watched months is history, however long the period is: the reckoning of chance is of these months.
		alarm.Now = in.Months[alarm.Signalled].Start >= in.Period.Start && alarm.Signalled >= len(in.Months)-in.watched()
		course := s.Course
		if m == SelfStarting {
			course = levelOf(s.values[:alarm.Since-s.First])
		}
		alarm.levels(s, course)
		s.Alarms = append(s.Alarms, alarm)
	}
	return nil
}

const confidence = 0.95

// student is as many standard errors as the interval reaches to either side.
func (l level) student() float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(l.n - 1)}.Quantile((1 + confidence) / 2)
}

// level is the course as a figure.
func (s *Series) level() evidence.Figure {
	return s.figure(s.Course.mean, s.Course.student()*s.Course.sd/math.Sqrt(float64(s.Course.n)), int64(s.Course.n), "mean of the months before the watched ones")
}

// levels states where the series was and where it is since.
//
// The spread of months is that of the course, with its degrees of freedom. When the change came was chosen because it looks
// greatest from there, so the change is told as greater than it is, the more so the fewer months it has.
func (a *Alarm) levels(s *Series, course level) {
	if course.n < 2 || course.sd == 0 {
		no := evidence.Refuse("there are fewer than two months before", "an alarm that is raised later")
		a.Before, a.After, a.Change = no, no, no
		return
	}
	after := levelOf(s.values[a.Since-s.First : a.Last-s.First+1])
	half := func(share float64) float64 { return course.student() * course.sd * math.Sqrt(share) }
	before, now := 1/float64(course.n), 1/float64(after.n)
	a.Before = s.figure(course.mean, half(before), int64(course.n), "mean of the months before")
	a.After = s.figure(after.mean, half(now), int64(after.n), "mean of the months since, spread of the months before")
	// Of distances the change is a difference, of all else a ratio less 1.
	d, h := after.mean-course.mean, half(before+now)
	if s.Measure == Mix {
		a.Change = confident(d, d-h, d+h, int64(after.n), "difference of the means, Student’s t")
		return
	}
	a.Change = confident(math.Expm1(d), math.Expm1(d-h), math.Expm1(d+h), int64(after.n), "ratio of the geometric means less 1, Student’s t")
}

// figure is a level in the unit of the series: of distances as it is, of all else back from its logarithm.
func (s *Series) figure(mean, half float64, n int64, method string) evidence.Figure {
	if s.Measure == Mix {
		return confident(mean, max(0, mean-half), mean+half, n, method)
	}
	return confident(math.Exp(mean), math.Exp(mean-half), math.Exp(mean+half), n, "geometric "+method)
}

func confident(value, low, high float64, n int64, method string) evidence.Figure {
	return evidence.Confidence(rounded(value), rounded(low), rounded(high), confidence, n, method)
}

// rounded is a number to nine digits: what is beyond them depends on the machine.
func rounded(x float64) *big.Rat {
	r, ok := new(big.Rat).SetString(fmt.Sprintf("%.9g", x))
	if !ok {
		return nil // no figure accepts it
	}
	return r
}

func levelOf(values []float64) level {
	l := level{n: len(values)}
	for _, x := range values {
		l.mean += x / float64(l.n)
	}
	for _, x := range values {
		d := x - l.mean
		l.sd += float64(d * d)
	}
	if l.n > 1 {
		l.sd = math.Sqrt(l.sd / float64(l.n-1))
	}
	return l
}

// neighbours is the correlation of neighbouring months (lag 1).
func neighbours(values []float64, l level) float64 {
	top, bottom := 0.0, 0.0
	for i, x := range values {
		d := x - l.mean
		bottom += float64(d * d)
		if i > 0 {
			top += float64(d * (values[i-1] - l.mean))
		}
	}
	return top / bottom
}

// dependent is from where on neighbouring months are taken to depend on each other: what independent ones pass in 5 of 100
// cases (Bartlett, Journal of the Royal Statistical Society Supplement 8, 1946).
const dependent = 1.6448536269514722

// course estimates what a series is held against, or says why it has none.
func (s *Series) course() {
	if s.Refused != "" {
		return
	}
	base := s.values[:s.Baseline]
	s.Course = levelOf(base)
	if s.Course.sd <= 1e-9 {
		s.Refused, s.Need = "the months before the watched ones do not vary, so nothing says what is usual", "months that differ"
		return
	}
	if r := neighbours(base, s.Course); r*math.Sqrt(float64(s.Baseline)) > dependent {
		s.Refused = fmt.Sprintf("neighbouring months before the watched ones depend on each other (correlation %.2f over %d months), so there is no course to leave: a rate of false alarms cannot be stated", r, s.Baseline)
		s.Need = "months that do not drift"
	}
}
