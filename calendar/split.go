package calendar

import (
	"fmt"
	"sort"
)

// At returns the period of that kind that contains d. It refuses Ranges, which
// are only what their names say, days that a calendar file does not reach, and
// days outside the years 1000 to 9998.
func (c *Calendar) At(kind Kind, d Day) (Named, error) {
	n, err := c.nameAt(kind, d)
	if err != nil {
		return Named{}, err
	}
	if err := n.check(); err != nil {
		return Named{}, fmt.Errorf("%s has no %s: %w", d, kind, err)
	}
	p, err := c.period(n)
	if err != nil {
		return Named{}, fmt.Errorf("%s has no %s: %w", d, kind, err)
	}
	return Named{n.String(), kind, p}, nil
}

func (c *Calendar) nameAt(kind Kind, d Day) (name, error) {
	year, month, _ := d.Date()
	switch kind {
	case Years:
		return name{kind, year, 0}, nil
	case Quarters:
		return name{kind, year, (int(month)-1)/3 + 1}, nil
	case Months:
		return name{kind, year, int(month)}, nil
	case Weeks:
		if d >= c.weekOne(year+1) {
			year++
		} else if d < c.weekOne(year) {
			year--
		}
		return name{kind, year, int(d-c.weekOne(year))/7 + 1}, nil
	}
	if !kind.Fiscal() {
		return name{}, fmt.Errorf("time is not divided into periods of kind %s", quote(string(kind)))
	}
	year, err := c.fiscal.yearOf(d)
	if err != nil {
		return name{}, err
	}
	bounds, err := c.fiscal.bounds(year)
	if err != nil {
		return name{}, err
	}
	number := sort.Search(len(bounds), func(i int) bool { return bounds[i] > d })
	switch kind {
	case FiscalYears:
		number = 0
	case FiscalQuarters:
		number = (number-1)/3 + 1
	}
	return name{kind, year, number}, nil
}

// Split returns the periods of that kind that cover the span, in order. The
// first may start before the span and the last end after it; an empty span has
// none. It refuses what At refuses, and fiscal quarters in years of thirteen
// periods.
func (c *Calendar) Split(kind Kind, span Period) ([]Named, error) {
	var all []Named
	for d := span.Start; d < span.End; {
		n, err := c.At(kind, d)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
		d = n.End
	}
	return all, nil
}
