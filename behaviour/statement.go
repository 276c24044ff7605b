package behaviour

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Input is what a statement is made of. The last month ends with the period; Year is how many months a year has (13 in some
// fiscal calendars).
type Input struct {
	Question
	Names    []string // of the months
	Period   calendar.Period
	Year     int
	Currency money.Currency
	Tally    Tally
}

// watched is how many of the last months are watched: a year, or fewer where that would leave too few before them.
func (in Input) watched() int { return min(in.Year, max(1, len(in.Months)-fewestMonths)) }

// chance is what series of as many months before the watched ones do by chance.
func (in Input) chance(baseline int) *chance { return chanceOf(baseline, in.watched(), in.Year) }

// now is how many of the watched months lie in the period.
func (in Input) now() int {
	n := 0
	for _, m := range in.Months[len(in.Months)-in.watched():] {
		if m.Start >= in.Period.Start {
			n++
		}
	}
	return n
}

// Statement is the block of a close.
type Statement struct {
	Input
	Year   map[Measure]evidence.Figure // of all customers, over the watched months
	Series []Series
	Counts Counts
	// ByChance is how many alarms are expected in the period if nothing changed.
	ByChance evidence.Figure
	Limits   []Limit
	Exact    float64 // the limit of SelfStarting
}

// Counts are of series and alarms.
type Counts struct {
	Watched, Refused int64
	Now, Standing    int64 // raised in the period; of these, against chance over all series
	Earlier          int64
}

// Limit is that of CUSUM where the course is estimated from so many months.
type Limit struct {
	Months int
	Limit  float64
}

// State makes every series, its course and its alarms.
func (in Input) State() (Statement, error) {
	s := Statement{Input: in, Year: map[Measure]evidence.Figure{}}
	for _, g := range in.groups() {
		months := in.monthsOf(g)
		for _, of := range Measures {
			x := in.series(g, of, months)
			x.course()
			if x.Refused == "" {
				s.Counts.Watched++
			} else {
				s.Counts.Refused++
			}
			s.Series = append(s.Series, x)
			if g.of == "all" {
				s.Year[of] = in.year(of, months)
			}
		}
	}
	var err error
	if s.Exact, err = exactLimit(in.Year, 1); err != nil {
		return s, err
	}
	for i := range s.Series {
		if err := in.watch(&s.Series[i], int(s.Counts.Watched)); err != nil {
			return s, err
		}
		s.count(&s.Series[i])
	}
	s.byChance()
	return s, nil
}

func (s *Statement) count(x *Series) {
	for _, a := range x.Alarms {
		if !a.Now {
			s.Counts.Earlier++
			continue
		}
		s.Counts.Now++
		if a.Stands {
			s.Counts.Standing++
		}
	}
}

// byChance adds up both methods over the series that are watched.
func (s *Statement) byChance() {
	if s.Counts.Watched == 0 {
		s.ByChance = evidence.Refuse("no series has a course to be held against", "two years of orders")
		return
	}
	sum, seen := 0.0, map[int]bool{}
	for _, x := range s.Series {
		if x.Refused != "" {
			continue
		}
		c := s.chance(x.Baseline)
		rate := c.last(s.now()) + float64(s.now())/float64(s.Input.Year*YearsPerAlarm)
		if x.Measure == Mix {
			rate /= 2 // of two sides one is told
		}
		sum += rate
		if !seen[x.Baseline] {
			seen[x.Baseline] = true
			s.Limits = append(s.Limits, Limit{x.Baseline, c.limit})
		}
	}
	s.ByChance = evidence.Exact(rounded(sum), s.Counts.Watched, "series × months of the period × rate of false alarms, both methods")
}

// year is a measure of all customers over the watched months together.
func (in Input) year(of Measure, months []month) evidence.Figure {
	var sum month
	for _, m := range months[len(months)-in.watched():] {
		sum.Visits, sum.Buyers, sum.Logs, sum.Followed, sum.Waits = sum.Visits+m.Visits, sum.Buyers+m.Buyers, sum.Logs+m.Logs, sum.Followed+m.Followed, sum.Waits+m.Waits
	}
	n := sum.rests(of)
	if of == Mix {
		return in.moved(months)
	}
	if n == 0 {
		return evidence.Refuse("there are no "+unit[of]+" in the watched months", "orders with a customer id in them")
	}
	switch of {
	case Frequency:
		return evidence.Exact(big.NewRat(sum.Visits, n), n, "purchase days ÷ customers who bought, month by month")
	case Gap:
		return evidence.Exact(big.NewRat(sum.Waits, n), n, "days until the next purchase day, 90 at most ÷ purchase days")
	}
	return evidence.Exact(rounded(sum.value(Spend)), n, "geometric mean over purchase days of what was bought on each")
}

// moved is how much of the revenue of the watched months lies with other products than in as many months before.
func (in Input) moved(months []month) evidence.Figure {
	if len(in.Tally.Products) == 0 {
		return evidence.Refuse("the lines do not say which product they are of", "product of orders")
	}
	w := in.watched()
	if len(months) < 2*w {
		return evidence.Refuse("there is no year before the watched months to compare with", "two years of orders")
	}
	year := func(of []month) month {
		sum := month{products: make([]money.Amount, len(in.Tally.Products)+1)}
		for _, m := range of {
			sum.lines += m.lines
			for i, a := range m.products {
				sum.products[i] = sum.products[i].Add(a)
			}
		}
		return sum
	}
	is, was := year(months[len(months)-w:]), year(months[len(months)-2*w:len(months)-w])
	if is.lines < fewest[Mix] || was.lines < fewest[Mix] {
		return evidence.Refuse("one of the two years has fewer than 100 lines", "more orders with a product")
	}
	return evidence.Exact(rounded(apart(is.shares(), was.shares())), is.lines, "½ Σ |share − share a year earlier| over the products with most revenue and all others")
}
