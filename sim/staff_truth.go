package sim

import "github.com/throughline/throughline/calendar"

// truth counts who came and went over the months of the books.
func (st *staff) truth() PeopleTruth {
	t := PeopleTruth{Pulse: map[string]Ratio{}}
	t.First.Planted, t.Later.Planted = st.Staff.Turnover*st.Staff.FirstYear, st.Staff.Turnover
	t.Hiring.PlantedDeclined = st.Staff.Declined
	t.Interview = InterviewTruth{Validity: st.Staff.Validity, Middle: middleScore, Spread: scoreSpread}
	for i := range st.people {
		p := &st.people[i]
		st.tellHired(p, &t)
		first := p.hired + 365
		for _, part := range []struct {
			of       *TurnoverTruth
			from, to calendar.Day
		}{{&t.First, p.hired, first}, {&t.Later, first, endless}} {
			from, to := max(part.from, st.Start), min(part.to, p.left, st.End)
			if from >= to {
				continue
			}
			part.of.Days += int64(to - from)
			if to == p.left {
				part.of.Exits++
				t.Left++
			}
		}
	}
	first, taught, bereft := st.exposures()
	t.Later.Likely, t.First.Likely = number(first[0].likely), number(first[1].likely)
	for _, of := range []*TurnoverTruth{&t.First, &t.Later} {
		of.Realised = whole(365*of.Exits, of.Days)
	}
	t.Keeps = LeavingTruth{Planted: number(exp(-st.Staff.Keeps)), Hazards: []StateTruth{
		taught[0].truth("no course for the role passed in the last 365 days", 1), taught[1].truth("one passed", exp(-st.Staff.Keeps)),
	}}
	t.ManagerChange = LeavingTruth{Planted: number(st.Staff.ManagerChange), Hazards: []StateTruth{
		bereft[0].truth("no leader left in the last 180 days", 1), bereft[1].truth("a leader left", st.Staff.ManagerChange),
	}}
	for i, d := range st.Departments {
		t.Pulse[d.Name] = number(st.pulseMean(i))
	}
	return t
}

// endless is a day after all others.
const endless calendar.Day = 1<<31 - 1

// tellHired counts a stay's beginning, where it lies in the books.
func (st *staff) tellHired(p *person, t *PeopleTruth) {
	if p.hired >= st.End || p.left <= st.Start {
		return
	}
	for _, a := range p.others {
		if a.seen < st.Start {
			continue
		}
		if t.Candidates++; a.offered > 0 {
			t.Hiring.Declined++
		}
	}
	if p.hired < st.Start {
		return
	}
	t.Hired++
	if p.back {
		t.Rehired++
	}
	t.Hiring.Accepted++
	t.Hiring.DaysOpen += int64(p.hired - p.opened)
	if p.seen < st.Start || p.hired+365 >= st.End {
		return // not interviewed in the books, or not seen for a year in them
	}
	half := &t.Interview.Lower
	if p.score >= middleScore {
		half = &t.Interview.Upper
	}
	if half.Hired++; p.left > p.hired+365 {
		half.Stayed++
	}
	half.Share = whole(half.Stayed, half.Hired)
}

func (e exposure) truth(state string, factor float64) StateTruth {
	return StateTruth{State: state, Planted: number(factor), Days: number(e.days), Exits: e.exits, Baseline: number(e.base), Likely: number(e.likely), Ratio: number(float64(e.exits) / e.base)}
}
