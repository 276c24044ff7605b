package workforce

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// The ways to divide people. All five are of where somebody was on a day, not of who they are.
const (
	byDepartment = iota
	byRole
	byLocation
	byEntity
	byTeam
	dimensions
)

var dimensionNames = [dimensions]string{"department", "role", "location", "entity", "team"}

func (r *Row) of(k int) string {
	switch k {
	case byDepartment:
		return r.Department
	case byRole:
		return r.Role
	case byLocation:
		return r.Location
	case byEntity:
		return r.Entity
	}
	return r.Team
}

// piece is a time of a stay in which nothing changed: from its first day up to its end, which is not of it.
type piece struct {
	from, to calendar.Day
	row      *Row
	employee bool            // and not a contractor's worker
	in       [dimensions]int // the group of each dimension
}

// stay is a spell of a person, cut into pieces.
type stay struct {
	*Spell
	person  int
	pieces  []piece
	before  calendar.Day // the last day of the spell before it, or the beginning of time
	unknown bool         // on which day it began: the books began with it and say no hiring
	exit    Exit
	cluster int // those whose stays may end together
}

// days is how long the stay had been on a day, that day not counted.
func (s *stay) days(d calendar.Day) int64 { return int64(d - s.Hired) }

// ended tells whether the stay ended with its last piece as that of an employee, as far as is known.
func (s *stay) ended() bool { return s.Left < Open && s.pieces[len(s.pieces)-1].employee }

// hire tells whether the stay began as an employee's.
func (s *stay) hire() bool { return s.pieces[0].employee }

// world is the books, opened.
type world struct {
	in      Input
	p       calendar.Period
	cohort  calendar.Period // who was hired in the year before has had a first year by now
	begins  calendar.Day
	told    bool // who was already employed on the first day of the books is known
	careers []Career
	index   map[string]int
	stays   []stay
	first   []int        // the first stay of each career, and one behind the last
	records [][]*Record  // of each career
	courses calendar.Day // the first completed course
	costs   []Cost
	has     has
	names   [dimensions][]string
	code    [dimensions]map[string]int
	base    [dimensions]int // the place of the first group of each dimension
	places  int
	rest    [dimensions]int // the group of all others
	tallies []tally
	stages  []string
	pops    [populations]population
	size    [populations][]int64     // by place
	hidden  [populations][]bool      // by place
	curves  []held                   // by place
	time    [1 + dimensions][]spells // at risk, of the company and by the groups of each dimension
	horizon int
	teams   map[string]int // numbers, for clusters
	roles   map[string]int // numbers, for strata
	renamed [dimensions]map[move]bool
}

// has is what the books say at all.
type has struct{ left, exit, manager, opened, sought, offer, score, records, costs bool }

func (in Input) open(b Books) (*world, error) {
	words, err := exitWords(in.ExitKinds)
	if err != nil {
		return nil, err
	}
	end := in.Period.End
	w := &world{in: in, p: in.Period, careers: Careers(b.People, end), index: map[string]int{}, teams: map[string]int{}, roles: map[string]int{}, costs: b.Costs, begins: Open, courses: Open}
	w.cohort = calendar.Period{Start: w.p.Start.AddMonths(-12), End: w.p.End.AddMonths(-12)}
	for i := range b.People {
		if r := &b.People[i]; r.From < end && !r.Candidate() {
			w.begins = min(w.begins, r.From)
		}
	}
	if w.begins == Open {
		return nil, evidence.Refusal{Reason: "the books have nobody who works here before the period's end", Need: "people with rows from before the end of the period"}
	}
	w.told = true
	for i := range w.careers {
		w.enter(i, words)
	}
	w.first = append(w.first, len(w.stays))
	w.file(b.Records)
	w.has.costs = len(b.Costs) > 0
	w.number()
	return w, nil
}

// enter adds the stays of a career.
func (w *world) enter(i int, words map[string]Exit) {
	c := &w.careers[i]
	w.index[c.Person] = i
	w.first = append(w.first, len(w.stays))
	for _, r := range c.Sought {
		w.has.sought = true
		w.has.opened = w.has.opened || r.Opened != nil
		w.has.offer = w.has.offer || r.Offer != ""
	}
	before := calendar.Day(-Open)
	for j := range c.Spells {
		s := &c.Spells[j]
		if s.Hired >= w.p.End {
			break // known ahead
		}
		x := stay{Spell: s, person: i, before: before, pieces: make([]piece, len(s.Stretches))}
		for k, at := range s.Stretches {
			x.pieces[k] = piece{from: at.From, to: at.To, row: at.Row, employee: !at.Contractor()}
			w.has.manager = w.has.manager || at.Manager != ""
			w.has.opened = w.has.opened || at.Opened != nil
			w.has.offer = w.has.offer || at.Offer != ""
		}
		x.unknown = s.Hired == w.begins && s.Stretches[0].Row.Hired == nil
		w.told = w.told && !x.unknown
		if s.Left < Open {
			w.has.left = true
			w.has.exit = w.has.exit || s.Exit != ""
			x.exit = words[fold(s.Exit)]
		}
		w.stays = append(w.stays, x)
		before = s.Left
	}
}

// file gives each career its records of before the period's end, in the order of days. Of those with one id the last stands.
func (w *world) file(records []Record) {
	last := make(map[string]int32, len(records))
	for i := range records {
		if id := records[i].ID; id != "" {
			last[id] = int32(i)
		}
	}
	of := make([]int32, len(records)) // the career, -1: none, or it does not stand
	counts := make([]int, len(w.careers))
	for i := range records {
		r := &records[i]
		of[i] = -1
		if r.Completed >= w.p.End || r.ID != "" && last[r.ID] != int32(i) {
			continue
		}
		if r.Stage != Interview {
			w.has.records = true
			w.courses = min(w.courses, r.Completed)
		}
		w.has.score = w.has.score || r.Stage == Interview && r.Score != nil
		if person, ok := w.index[r.Person]; ok {
			of[i] = int32(person)
			counts[person]++
		}
	}
	w.records = make([][]*Record, len(w.careers))
	for i, n := range counts {
		if n > 0 {
			w.records[i] = make([]*Record, 0, n)
		}
	}
	for i, person := range of {
		if person >= 0 {
			w.records[person] = append(w.records[person], &records[i])
		}
	}
	for _, r := range w.records {
		slices.SortStableFunc(r, func(a, b *Record) int {
			return cmp.Or(cmp.Compare(a.Completed, b.Completed), strings.Compare(a.ID, b.ID), strings.Compare(a.Course, b.Course))
		})
	}
}

// done tells whether a record is of a course that was completed: no interview, and not failed.
func (r *Record) done() bool { return r.Stage != Interview && (r.Passed == nil || *r.Passed) }

// covers tells whether the books know who was employed and who left from a day on.
func (w *world) covers(d calendar.Day) bool {
	return w.begins < d || w.begins == d && w.told
}

// on is the piece of a person's stays that a day is of.
func (w *world) on(person int, d calendar.Day) (*stay, *piece) {
	for i := w.first[person]; i < w.first[person+1]; i++ {
		s := &w.stays[i]
		if !s.Here(d) {
			continue
		}
		for j := len(s.pieces) - 1; j >= 0; j-- {
			if s.pieces[j].from <= d {
				return s, &s.pieces[j]
			}
		}
	}
	return nil, nil
}

// number numbers the groups of each dimension: those of the most days of employees in the period, at most forty, in the order of their names,
// and behind them all others. A name that nobody has in the period is of the others.
func (w *world) number() {
	for k := range dimensions {
		days := map[string]int64{}
		w.everyPiece(func(_ *stay, x *piece) {
			if n := overlap(x, w.p); n > 0 && x.employee {
				days[x.row.of(k)] += n
			}
		})
		names := make([]string, 0, len(days))
		for name := range days {
			names = append(names, name)
		}
		if len(names) == 1 && names[0] == "" {
			names = nil
		}
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(days[b], days[a]), strings.Compare(a, b)) })
		if len(names) > mostGroups {
			names = names[:mostGroups]
		}
		slices.Sort(names)
		w.names[k] = append(names, "all others")
		w.rest[k] = len(names)
		code := make(map[string]int, len(names))
		for g, name := range names {
			code[name] = g
		}
		w.code[k], w.base[k] = code, max(w.places, 1)
		w.places = w.base[k] + len(w.names[k])
		w.everyPiece(func(_ *stay, x *piece) { x.in[k] = w.groupOf(k, x.row) })
	}
}

func (w *world) groupOf(k int, r *Row) int {
	if g, ok := w.code[k][r.of(k)]; ok {
		return g
	}
	return w.rest[k]
}

func (w *world) groupsOf(r *Row) (in [dimensions]int) {
	for k := range dimensions {
		in[k] = w.groupOf(k, r)
	}
	return in
}

// whole is the place of the company; those of the groups follow.
const whole = 0

func (w *world) place(k, g int) int { return w.base[k] + g }

// each does something at the place of the company and at those of the groups.
func (w *world) each(in [dimensions]int, do func(place int)) {
	do(whole)
	for k, g := range in {
		do(w.place(k, g))
	}
}

func (w *world) everyPiece(do func(*stay, *piece)) {
	for i := range w.stays {
		for j := range w.stays[i].pieces {
			do(&w.stays[i], &w.stays[i].pieces[j])
		}
	}
}

// overlap is how many days of a period are of a piece.
func overlap(x *piece, p calendar.Period) int64 {
	return max(0, int64(min(x.to, p.End)-max(x.from, p.Start)))
}
