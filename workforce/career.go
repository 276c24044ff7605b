package workforce

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/calendar"
)

// Careers makes careers of rows, in the order of persons. Rows may come in any order; of those with one person and day the last stands, as an
// import has it. Rows that begin at or after until are not known yet, and neither is a last day that lies at or after it.
//
// A person's rows are read in their order. A row that does not end a spell and is not a candidate's begins one where nobody is employed, on
// the day that it says they were hired if that lies after the last spell, and otherwise on the row's own day: whoever has left and is there
// again has come back. A row continues the spell that runs, unless it says a day of hiring after the last day of that spell. A row that
// comes when a spell has ended, says no later hiring and a last day before its own, is about that spell: it tells the end once more, or
// puts it right.
//
// The rows handed over are kept and must not be changed.
func Careers(rows []Row, until calendar.Day) []Career {
	order := make([]*Row, 0, len(rows))
	for i := range rows {
		if rows[i].From < until {
			order = append(order, &rows[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.From, b.From))
	})
	var out []Career
	for len(order) > 0 {
		n := 1
		for n < len(order) && order[n].Person == order[0].Person {
			n++
		}
		out = append(out, career(standing(order[:n]), until))
		order = order[n:]
	}
	return out
}

// standing are rows without those for which a later one of the same day stands.
func standing(rows []*Row) []*Row {
	out := rows[:0]
	for i, r := range rows {
		if i+1 == len(rows) || rows[i+1].From != r.From {
			out = append(out, r)
		}
	}
	return out
}

func career(rows []*Row, until calendar.Day) Career {
	c := Career{Person: rows[0].Person}
	var s *Spell // that the next row may continue
	for _, r := range rows {
		if r.Candidate() {
			c.Sought = append(c.Sought, r)
			continue
		}
		ended := s != nil && s.Left < r.From
		switch again := s != nil && r.Hired != nil && *r.Hired > s.Left; {
		case s == nil, again, ended && !s.tells(r):
			c.Spells = append(c.Spells, begin(r, s))
			s = &c.Spells[len(c.Spells)-1]
		case ended:
			s.correct(r)
			continue
		default:
			s.change(r)
		}
		s.end(r, until)
	}
	for i := range c.Spells {
		c.Spells[i].close()
	}
	return c
}

// tells is whether a row that comes after the end of a spell is about the end: nobody can be back on a day after their last one.
func (s *Spell) tells(r *Row) bool {
	return r.Left != nil && (*r.Left < r.From || *r.Left == s.Left) && (r.Hired == nil || *r.Hired <= s.Left)
}

// correct takes over what a later row says of an end that lies behind it. Where it says nothing of why, what was said before stands.
func (s *Spell) correct(r *Row) {
	s.Left = max(*r.Left, s.Hired)
	if r.Exit != "" {
		s.Exit = r.Exit
	}
}

// begin is the spell that a row begins after the one before it.
func begin(r *Row, before *Spell) Spell {
	hired := r.From
	if r.Hired != nil && (before == nil || *r.Hired > before.Left) {
		hired = *r.Hired
	}
	if r.Left != nil && *r.Left < hired {
		hired = *r.Left // one day at least, and the last is what ends pay
	}
	return Spell{Hired: hired, Left: Open, Seen: max(r.From, hired), Stretches: []Stretch{{From: hired, Row: r}}}
}

// change goes on with a spell as what a row says.
func (s *Spell) change(r *Row) {
	last := &s.Stretches[len(s.Stretches)-1]
	if r.Hired != nil && len(s.Stretches) == 1 && r.From <= last.From {
		last.Row = r // a hiring ahead, changed before it came
		return
	}
	s.Stretches = append(s.Stretches, Stretch{From: max(r.From, last.From), Row: r})
}

// end takes over what a row says of the last day. A later row that says none takes an earlier one's back while the spell runs.
func (s *Spell) end(r *Row, until calendar.Day) {
	s.Left, s.Exit = Open, ""
	if r.Left != nil && *r.Left < until {
		s.Left, s.Exit = max(*r.Left, s.Hired), r.Exit
	}
}

// close sets where each stretch ends, and drops those that the end leaves no day of.
func (s *Spell) close() {
	end := s.Left
	if end < Open {
		end++
	}
	kept := s.Stretches[:0]
	for i, x := range s.Stretches {
		x.To = end
		if i+1 < len(s.Stretches) {
			x.To = min(s.Stretches[i+1].From, end)
		}
		if x.From < x.To {
			kept = append(kept, x)
		}
	}
	s.Stretches = kept
}
