package calendar

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Kind is a sort of period.
type Kind string

// The kinds of period. Years, quarters and months without "fiscal" are those
// of the Gregorian calendar, whatever the company's own is.
const (
	Years          Kind = "year"           // 2011
	Quarters       Kind = "quarter"        // 2011-Q3
	Months         Kind = "month"          // 2011-09
	Weeks          Kind = "week"           // 2011-W07
	FiscalYears    Kind = "fiscal year"    // FY2011
	FiscalQuarters Kind = "fiscal quarter" // FY2011-Q3
	FiscalPeriods  Kind = "fiscal period"  // FY2011-P03
	Ranges         Kind = "range"          // 2011-01-01..2012-01-01
)

// Fiscal reports whether the company's own calendar decides the kind's bounds.
func (k Kind) Fiscal() bool {
	return k == FiscalYears || k == FiscalQuarters || k == FiscalPeriods
}

// Named is a period with the name it goes by. It comes from Parse, At or Split.
type Named struct {
	Text string `json:"text"`
	Kind Kind   `json:"kind"`
	Period
}

// String returns the name, which Parse reads.
func (n Named) String() string { return n.Text }

// Names are given to the years 1000 to 9998, so that the end of every period
// that can be named, and the year before it, can be written as a date.
const (
	firstYear = 1000
	lastYear  = 9998
)

const forms = "2011, 2011-Q3, 2011-09, 2011-W07, FY2011, FY2011-Q3, FY2011-P03 or 2011-01-01..2012-01-01 (end excluded)"

// name is a period's name taken apart. The number counts from 1 within the
// year, and is 0 for years.
type name struct {
	kind   Kind
	year   int
	number int
}

func (n name) String() string {
	switch n.kind {
	case Years:
		return fmt.Sprintf("%04d", n.year)
	case Quarters:
		return fmt.Sprintf("%04d-Q%d", n.year, n.number)
	case Months:
		return fmt.Sprintf("%04d-%02d", n.year, n.number)
	case Weeks:
		return fmt.Sprintf("%04d-W%02d", n.year, n.number)
	case FiscalYears:
		return fmt.Sprintf("FY%04d", n.year)
	case FiscalQuarters:
		return fmt.Sprintf("FY%04d-Q%d", n.year, n.number)
	default:
		return fmt.Sprintf("FY%04d-P%02d", n.year, n.number)
	}
}

var nameForm = regexp.MustCompile(`^(FY)?([0-9]{4})(?:-(Q|W|P)?([0-9]{1,2}))?$`)

// kinds maps the letters of a name to its kind: "FY" or none, then Q, W, P,
// "#" for a bare number, or none. The width of the number is beside it.
var kinds = map[string]struct {
	kind  Kind
	width int
}{
	"": {Years, 0}, "Q": {Quarters, 1}, "#": {Months, 2}, "W": {Weeks, 2},
	"FY": {FiscalYears, 0}, "FYQ": {FiscalQuarters, 1}, "FYP": {FiscalPeriods, 2},
}

// parseName takes a name apart without asking whether there is such a period.
func parseName(text string) (name, error) {
	parts := nameForm.FindStringSubmatch(text)
	if parts == nil {
		return name{}, errForm
	}
	letter := parts[3]
	if letter == "" && parts[4] != "" {
		letter = "#"
	}
	form, ok := kinds[parts[1]+letter]
	if !ok || len(parts[4]) != form.width {
		return name{}, errForm
	}
	n := name{kind: form.kind}
	var err error
	if n.year, err = strconv.Atoi(parts[2]); err != nil {
		return name{}, err
	}
	if form.width > 0 {
		if n.number, err = strconv.Atoi(parts[4]); err != nil {
			return name{}, err
		}
	}
	return n, n.check()
}

// check refuses years to which no name is given.
func (n name) check() error {
	if n.year < firstYear || n.year > lastYear {
		return fmt.Errorf("years are %d to %d", firstYear, lastYear)
	}
	return nil
}

var errForm = errors.New("write " + forms)

// Parse reads the name of a period:
//
//	2011                     the calendar year
//	2011-Q3                  the calendar quarter
//	2011-09                  the calendar month
//	2011-W07                 the week
//	FY2011                   the fiscal year
//	FY2011-Q3                the fiscal quarter
//	FY2011-P03               the fiscal period
//	2011-01-01..2012-01-01   the days from the first up to the second, which is excluded
//
// Week 1 is the week that starts nearest to 1 January, and thus the first with
// most of its days in the year; where weeks start on Monday this is ISO 8601.
// The error says what is wrong, or lists these forms.
func (c *Calendar) Parse(text string) (Named, error) {
	if start, end, ok := strings.Cut(text, ".."); ok {
		return parseRange(text, start, end)
	}
	n, err := parseName(text)
	if err != nil {
		return Named{}, fmt.Errorf("%s is not a period: %w", quote(text), err)
	}
	p, err := c.period(n)
	if err != nil {
		return Named{}, fmt.Errorf("%s is not a period: %w", quote(text), err)
	}
	return Named{text, n.kind, p}, nil
}

func parseRange(text, start, end string) (Named, error) {
	var p Period
	var err error
	if p.Start, err = ParseDay(start); err != nil {
		return Named{}, fmt.Errorf("%s is not a period: %w", quote(text), err)
	}
	if p.End, err = ParseDay(end); err != nil {
		return Named{}, fmt.Errorf("%s is not a period: %w", quote(text), err)
	}
	if p.Start >= p.End {
		return Named{}, fmt.Errorf("%s is not a period: its end, which is excluded, is not after its start", quote(text))
	}
	return Named{text, Ranges, p}, nil
}

// period returns the days that the name stands for.
func (c *Calendar) period(n name) (Period, error) {
	switch n.kind {
	case Years:
		return months(n.year, 0, 12), nil
	case Quarters:
		if n.number < 1 || n.number > 4 {
			return Period{}, errors.New("a year has quarters 1 to 4")
		}
		return months(n.year, 3*(n.number-1), 3), nil
	case Months:
		if n.number < 1 || n.number > 12 {
			return Period{}, errors.New("a year has months 01 to 12")
		}
		return months(n.year, n.number-1, 1), nil
	case Weeks:
		first := c.weekOne(n.year)
		if count := int(c.weekOne(n.year+1)-first) / 7; n.number < 1 || n.number > count {
			return Period{}, fmt.Errorf("%04d has weeks 01 to %d", n.year, count)
		}
		start := first + Day(7*(n.number-1))
		return Period{start, start + 7}, nil
	}
	bounds, err := c.fiscal.bounds(n.year)
	if err != nil {
		return Period{}, err
	}
	count := len(bounds) - 1
	switch {
	case n.kind == FiscalYears:
		return Period{bounds[0], bounds[count]}, nil
	case n.kind == FiscalQuarters && count != 12:
		return Period{}, fmt.Errorf("FY%04d has %d periods, which make no quarters", n.year, count)
	case n.kind == FiscalQuarters && (n.number < 1 || n.number > 4):
		return Period{}, errors.New("a fiscal year has quarters 1 to 4")
	case n.kind == FiscalQuarters:
		return Period{bounds[3*(n.number-1)], bounds[3*n.number]}, nil
	case n.number < 1 || n.number > count:
		return Period{}, fmt.Errorf("FY%04d has periods P01 to P%d", n.year, count)
	}
	return Period{bounds[n.number-1], bounds[n.number]}, nil
}

// months returns the period of count months that starts skip months into the year.
func months(year, skip, count int) Period {
	first := monthOf(year, 1) + Month(skip)
	return Period{first.First(), (first + Month(count)).First()}
}

// weekOne returns the first day of the year's week 1.
func (c *Calendar) weekOne(year int) Day {
	return nearest(DayOf(year, 1, 1), c.weekStarts)
}
