package calendar

// Period is the span of days from Start up to, and not including, End.
type Period struct {
	Start Day `json:"start"`
	End   Day `json:"end"`
}

// String returns the period as "2011-01-01..2012-01-01", end excluded.
func (p Period) String() string { return p.Start.String() + ".." + p.End.String() }

// Days returns the number of days in p.
func (p Period) Days() int { return int(p.End) - int(p.Start) }

// Contains reports whether d lies in p.
func (p Period) Contains(d Day) bool { return p.Start <= d && d < p.End }

// Overlaps reports whether any day lies in both p and q.
func (p Period) Overlaps(q Period) bool {
	return max(p.Start, q.Start) < min(p.End, q.End)
}

// yearBefore returns p moved back by twelve months; both ends keep their day
// of the month. Around 29 February the days named are kept: a start there
// moves to 28 February, an excluded end there to 1 March, so that 28 February
// stays inside and no period becomes empty. A result that would overlap p,
// because p is longer than a year, is replaced by the span of equal length
// that ends where p starts: as many months when p is whole months long,
// otherwise as many days.
func (p Period) yearBefore() Period {
	q := Period{p.Start.AddMonths(-12), p.End.AddMonths(-12)}
	if _, month, day := p.End.Date(); month == 2 && day == 29 {
		q.End++
	}
	if !q.Overlaps(p) {
		return q
	}
	if months := int(MonthOf(p.End) - MonthOf(p.Start)); p.Start.AddMonths(months) == p.End &&
		p.Start.AddMonths(-months).AddMonths(months) == p.Start {
		return Period{p.Start.AddMonths(-months), p.Start}
	}
	return Period{p.Start - Day(p.Days()), p.Start}
}
