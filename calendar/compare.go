package calendar

import "fmt"

// YearEarlier returns the period to compare with: the period of equal length
// one year earlier. For everything with a name it is the same name a year
// before, so September is compared with September, whatever their days; a 53rd
// week and a 13th fiscal period are refused when the year before has none, and
// so are years that a calendar file does not hold. For a range both ends move
// back by twelve months: a start on 29 February to the 28th, an excluded end
// there to 1 March, so that the 28th stays inside. A range longer than a year
// would overlap itself and is compared with the span of equal length that ends
// where it starts: of as many months if it is whole months long, otherwise of
// as many days. The result never overlaps the period.
func (c *Calendar) YearEarlier(n Named) (Period, error) {
	if n.Kind == Ranges {
		return n.yearBefore(), nil
	}
	of, err := parseName(n.Text)
	if err != nil {
		return Period{}, fmt.Errorf("%s is not a period: %w", quote(n.Text), err)
	}
	of.year--
	p, err := c.period(of)
	if err != nil {
		return Period{}, fmt.Errorf("%s has no period a year earlier: %w", n.Text, err)
	}
	return p, nil
}

// TrailingYear returns p, the year that ends with the period, and q, the year
// before p: the two columns of a monthly or quarterly close. The year is the
// twelve months, or the fiscal periods of a year, up to and including this
// one. It is defined for months, quarters, fiscal periods and fiscal quarters;
// for all other kinds ok is false. It is refused where a calendar file does
// not reach back far enough.
func (c *Calendar) TrailingYear(n Named) (p, q Period, ok bool, err error) {
	switch n.Kind {
	case Months, Quarters, FiscalPeriods, FiscalQuarters:
	default:
		return Period{}, Period{}, false, nil
	}
	of, err := parseName(n.Text)
	if err != nil {
		return Period{}, Period{}, false, fmt.Errorf("%s is not a period: %w", quote(n.Text), err)
	}
	var ends [3]Day // of the same name two years before, one year before, and of n
	for i := range ends {
		if ends[i], err = c.end(name{of.kind, of.year - 2 + i, of.number}); err != nil {
			return Period{}, Period{}, false, fmt.Errorf("%s has no two years that end with it: %w", n.Text, err)
		}
	}
	return Period{ends[1], ends[2]}, Period{ends[0], ends[1]}, true, nil
}

// end returns the day on which the period ends. That of a year's last period
// is also known from the start of the next year, so that the first year of a
// calendar file can be compared with.
func (c *Calendar) end(n name) (Day, error) {
	p, err := c.period(n)
	if err == nil || !n.kind.Fiscal() {
		return p.End, err
	}
	next, errNext := c.fiscal.bounds(n.year + 1)
	if errNext != nil || n.kind == FiscalQuarters && n.number != 4 || n.kind == FiscalPeriods && n.number != len(next)-1 {
		return 0, err
	}
	if _, errYear := c.fiscal.bounds(n.year); errYear == nil {
		return 0, err // the year is known and has no such period
	}
	return next[0], nil
}
