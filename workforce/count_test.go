package workforce

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// drawn are the books of a small company in which everything happens that careers can hold: people who come back, rows that are late, ends that are
// told late, once more or taken back, contractors who become employees, a department that gets another name, exits on the day of hiring,
// duplicated courses, candidates with offers.
func drawn(t *rapid.T) (Books, calendar.Period) {
	start := calendar.DayOf(2024, 1, 1)
	p := calendar.Period{Start: start, End: start.AddMonths(rapid.SampledFrom([]int{1, 3, 12}).Draw(t, "months"))}
	seed := rapid.Uint64().Draw(t, "seed")
	r := rand.New(rand.NewPCG(seed, 6))
	n := rapid.IntRange(1, 60).Draw(t, "people")
	b := Books{Currency: "GBP"}
	renamed := p.Start + calendar.Day(r.IntN(p.Days()))
	began := p.Start - calendar.Day(r.IntN(700))
	for i := range n {
		drawPerson(&b, r, fmt.Sprintf("p%02d", i), began, p, renamed)
	}
	for i := range r.IntN(4) {
		b.Costs = append(b.Costs, Cost{calendar.MonthOf(p.Start) + calendar.Month(i-1), ForHiring, money.FromMicros(int64(1e6 * r.IntN(9000)))})
	}
	return b, p
}

func drawPerson(b *Books, r *rand.Rand, id string, began calendar.Day, p calendar.Period, renamed calendar.Day) {
	pick := func(names ...string) string { return names[r.IntN(len(names))] }
	ptr := func(d calendar.Day) *calendar.Day { return &d }
	span := int(p.End-began) + 40
	at := began + calendar.Day(r.IntN(span/2+1))
	for range 1 + r.IntN(5) {
		hired := at - calendar.Day(r.IntN(3)*r.IntN(400))
		row := Row{Person: id, From: at, Department: pick("bar", "hall", "kitchen"), Role: pick("chef", "cook"), Location: pick("", "east"), Team: pick("", "a", "b"),
			Manager: pick("", "p00", "p01", "nobody"), Kind: pick(Employee, Employee, "", ContractorWorker), Employer: pick("", "own", ByContractor)}
		if r.IntN(4) > 0 {
			row.Hired = &hired
		}
		if r.IntN(3) == 0 {
			row.Opened = ptr(hired - calendar.Day(r.IntN(60)-5))
		}
		switch r.IntN(5) {
		case 0:
			row.Left, row.Exit = ptr(at+calendar.Day(r.IntN(100))), pick("", "Quit", "retired", "laid-off", "strange")
		case 1:
			row.Left, row.Exit = ptr(max(hired, at-calendar.Day(r.IntN(9)))), pick("quit", "died")
		case 2:
			row.Kind = Candidate
			row.Offer, row.Offered = pick("", Accepted, Declined), ptr(at)
		}
		if row.Department == "bar" && at >= renamed {
			row.Department = "lounge"
		}
		b.People = append(b.People, row)
		if row.Department == "bar" && at < renamed && row.Kind != Candidate && row.Left == nil {
			again := row
			again.From, again.Department = renamed, "lounge"
			b.People = append(b.People, again)
		}
		at += calendar.Day(1 + r.IntN(200))
	}
	for i := range r.IntN(4) {
		x := Record{ID: fmt.Sprint(id, i), Person: id, Course: pick("safety", "wine"), Completed: began + calendar.Day(r.IntN(span)), Kind: pick(OfRole, General), Stage: pick("", "role", "orientation", Interview)}
		if r.IntN(3) > 0 {
			hours, ok := money.FromMicros(int64(1e6*r.IntN(40))), r.IntN(4) > 0
			x.Hours, x.Passed, x.Score = &hours, &ok, &hours
		}
		b.Records = append(b.Records, x)
		if r.IntN(6) == 0 {
			b.Records = append(b.Records, x) // handed over twice
		}
	}
}

// naive counts by looking at every person on every day.
type naive struct {
	roll                              Roll
	days, moves, cohort, gone, people int64
	exits                             map[string]int64
	fills, stays                      []int64
	records, hoursKnown, trained      int64
	candidates, accepted, declined    int64
	hours                             money.Amount
	spans                             map[string]int64
	unmanaged                         int64
	atRisk, events                    map[int64]float64 // by days of stay
}

// state is what a person was on a day.
type state struct {
	spell    int
	employee bool
	row      *Row
}

func stateOn(c *Career, d calendar.Day) (state, bool) {
	for i := range c.Spells {
		if s := &c.Spells[i]; s.Hired <= d && d <= s.Left {
			x := s.At(d)
			return state{i, !x.Contractor(), x.Row}, true
		}
	}
	return state{}, false
}

// renamings finds what is only another name, by looking at everybody on each day.
func renamings(careers []Career, p calendar.Period, minimum int64, of func(*Row) string) map[move]bool {
	out := map[move]bool{}
	for d := p.Start; d < p.End; d++ {
		had, moved := map[string]int64{}, map[move]int64{}
		for i := range careers {
			was, ok := stateOn(&careers[i], d-1)
			is, also := stateOn(&careers[i], d)
			if !ok || !also || was.spell != is.spell || !was.employee {
				continue
			}
			had[of(was.row)]++
			if is.employee && of(was.row) != of(is.row) {
				moved[move{d, of(was.row), of(is.row)}]++
			}
		}
		for m, n := range moved {
			if n >= minimum && had[m.from] == n && had[m.to] == 0 {
				out[m] = true
			}
		}
	}
	return out
}

// tallyNaively counts the people of whom is true.
func tallyNaively(b Books, p calendar.Period, minimum int64, is func(*Row) bool) naive {
	out := naive{exits: map[string]int64{}, spans: map[string]int64{}, atRisk: map[int64]float64{}, events: map[int64]float64{}}
	careers := Careers(b.People, p.End)
	department, role := func(r *Row) string { return r.Department }, func(r *Row) string { return r.Role }
	renamed := [2]map[move]bool{renamings(careers, p, minimum, department), renamings(careers, p, minimum, role)}
	records := map[string]Record{}
	for _, r := range b.Records {
		records[r.ID] = r
	}
	begins := calendar.Day(Open)
	for i := range b.People {
		if r := &b.People[i]; r.From < p.End && !r.Candidate() {
			begins = min(begins, r.From)
		}
	}
	in := func(s state, ok bool) bool { return ok && s.employee && is(s.row) }
	cohort := calendar.Period{Start: p.Start.AddMonths(-12), End: p.End.AddMonths(-12)}
	for i := range careers {
		c := &careers[i]
		here := false
		for d := p.Start; d < p.End; d++ {
			was, before := stateOn(c, d-1)
			now, ok := stateOn(c, d)
			if !ok {
				continue
			}
			spell := &c.Spells[now.spell]
			within := before && was.spell == now.spell
			if d == p.Start && within && in(was, true) {
				out.roll.Opening++
			}
			if in(now, ok) {
				here = true
				out.days++
			}
			if within && in(was, true) && !in(now, true) {
				out.roll.WentOver++
			}
			if within && !in(was, true) && in(now, true) {
				out.roll.CameOver++
			}
			if within && was.employee && in(now, true) {
				for k, of := range []func(*Row) string{department, role} {
					if m := (move{d, of(was.row), of(now.row)}); m.from != m.to && !renamed[k][m] {
						out.moves++
						break
					}
				}
			}
			if d == spell.Hired && in(now, true) {
				out.roll.Hired++
				out.fill(c, now, spell)
			}
			if d == spell.Left && in(now, true) {
				out.roll.Left++
				out.exits[fold(spell.Exit)]++
			}
			if d == p.End-1 && in(now, true) && spell.Left > d {
				out.close(c, careers, now, spell, p)
			}
		}
		if here {
			out.people++
		}
		var last *Row
		for _, r := range c.Sought { // each is of another day, and so of another offer
			if !p.Contains(r.From) {
				continue
			}
			last = r
			switch {
			case !is(r):
			case r.Offer == Accepted:
				out.accepted++
			case r.Offer == Declined:
				out.declined++
			}
		}
		if last != nil && is(last) {
			out.candidates++
		}
		for j := range c.Spells {
			out.follow(&c.Spells[j], begins, cohort, p, is)
		}
	}
	for _, r := range records {
		for i := range careers {
			if c := &careers[i]; c.Person == r.Person && r.Stage != Interview && p.Contains(r.Completed) {
				if s, ok := stateOn(c, r.Completed); in(s, ok) {
					out.records++
					if r.Hours != nil {
						out.hours, out.hoursKnown = out.hours.Add(*r.Hours), out.hoursKnown+1
					}
				}
			}
		}
	}
	out.train(careers, records, p, is)
	slices.Sort(out.fills)
	slices.Sort(out.stays)
	return out
}

func (out *naive) fill(c *Career, now state, spell *Spell) {
	opened := now.row.Opened
	if opened == nil {
		for _, r := range c.Sought {
			after := now.spell == 0 || r.From > c.Spells[now.spell-1].Left
			if r.Opened != nil && r.From <= spell.Hired && after {
				opened = r.Opened
			}
		}
	}
	if opened != nil && *opened <= spell.Hired {
		out.fills = append(out.fills, int64(spell.Hired-*opened))
	}
}

func (out *naive) close(c *Career, careers []Career, now state, spell *Spell, p calendar.Period) {
	out.roll.Closing++
	out.stays = append(out.stays, int64(p.End-spell.Hired))
	for i := range careers {
		if m := &careers[i]; m.Person == now.row.Manager && m.Person != c.Person {
			if _, ok := stateOn(m, p.End-1); ok {
				out.spans[m.Person]++
				return
			}
		}
	}
	out.unmanaged++
}

// follow walks through a spell day by day.
func (out *naive) follow(s *Spell, begins calendar.Day, cohort, p calendar.Period, is func(*Row) bool) {
	first := s.Stretches[0]
	if !first.Contractor() && is(first.Row) && cohort.Contains(s.Hired) {
		out.cohort++
		if s.Left < s.Hired.AddMonths(12) {
			out.gone++
		}
	}
	if s.Hired == begins && first.Row.Hired == nil {
		return
	}
	for d := s.Seen; d <= s.Left && d < p.End; d++ {
		if x := s.At(d); !x.Contractor() && is(x.Row) {
			out.atRisk[int64(d+1-s.Hired)]++
			if d == s.Left {
				out.events[int64(d+1-s.Hired)]++
			}
		}
	}
}

func (out *naive) train(careers []Career, records map[string]Record, p calendar.Period, is func(*Row) bool) {
	for i := range careers {
		c := &careers[i]
		s, ok := stateOn(c, p.End-1)
		if !ok || !s.employee || !is(s.row) || c.Spells[s.spell].Left == p.End-1 {
			continue
		}
		for _, r := range records {
			at, there := stateOn(c, r.Completed)
			if r.Person == c.Person && p.Contains(r.Completed) && r.Stage != Interview && (r.Passed == nil || *r.Passed) && there && at.employee {
				out.trained++
				break
			}
		}
	}
}

// held to what the statement counts.
func compare(t *rapid.T, what string, got *tally, size int64, want naive, words map[string]Exit) {
	var kinds [exits]int64
	for word, n := range want.exits {
		kinds[words[word]] += n
	}
	slices.Sort(got.fills)
	slices.Sort(got.stays)
	spans := slices.Sorted(maps.Values(got.spans))
	gotText := fmt.Sprint(got.roll, got.days, got.moves, got.cohort, got.gone, size, got.exits, got.fills, got.stays, got.records, got.hoursKnown, got.hours, got.trained, spans, got.unmanaged, got.candidates, got.accepted, got.declined)
	wantText := fmt.Sprint(want.roll, want.days, want.moves, want.cohort, want.gone, want.people, kinds, want.fills, want.stays, want.records, want.hoursKnown, want.hours, want.trained,
		slices.Sorted(maps.Values(want.spans)), want.unmanaged, want.candidates, want.accepted, want.declined)
	if gotText != wantText {
		t.Fatalf("%s:\n%s\n%s", what, gotText, wantText)
	}
	if !got.roll.Holds() {
		t.Fatalf("%s: %+v does not hold", what, got.roll)
	}
}

// Every count of the company and of each group agrees with a count over days, and so does the curve of those who stay.
func TestCountsAgreeWithACountOverDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, p := drawn(t)
		in := Input{Period: p, MinimumGroup: 2}
		words, err := exitWords(nil)
		if err != nil {
			t.Fatal(err)
		}
		w, err := in.open(b)
		if err != nil {
			return // only candidates
		}
		w.count()
		w.hide()
		w.measureStays()
		for at := range w.places {
			what, is := "company", func(*Row) bool { return true }
			for k := range dimensions {
				if g := at - w.base[k]; at != whole && g >= 0 && g < len(w.names[k]) {
					what = dimensionNames[k] + " " + w.names[k][g]
					is = func(r *Row) bool { return w.groupOf(k, r) == g }
				}
			}
			want := tallyNaively(b, p, 2, is)
			compare(t, what, &w.tallies[at], w.size[present][at], want, words)
			if c := w.curves[at].curve; c != nil {
				s := 1.0
				for _, day := range slices.Sorted(maps.Keys(want.events)) {
					s *= 1 - want.events[day]/want.atRisk[day]
				}
				if got := c.Points[len(c.Points)-1].Survival; math.Abs(got-s) > 1e-9 {
					t.Fatalf("%s: %v stay, want %v", what, got, s)
				}
			}
		}
		if s, err := in.State(b); err == nil {
			holdFigures(t, s, tallyNaively(b, p, 2, func(*Row) bool { return true }), p)
		}
	})
}

// holdFigures holds figures of the company to the counts over days.
func holdFigures(t *rapid.T, s Statement, want naive, p calendar.Period) {
	heads := new(big.Rat).Quo(rat(want.days), rat(int64(p.Days())))
	for i, x := range map[int]*big.Rat{turnover: rat(want.roll.Left), movesPerHead: rat(want.moves), trainingHours: want.hours.Rat(), headcount: new(big.Rat).Mul(heads, heads)} {
		e, ok := s.Company.Figures[i].Estimate()
		if ok && e.Value.Cmp(new(big.Rat).Quo(x, heads)) != 0 {
			t.Fatalf("%s is %v, want %v of %v", FigureNames[i], e.Value, x, heads)
		}
	}
}

// Rows in another order are the same books.
func TestPermutedRowsGiveTheSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, p := drawn(t)
		days := map[string]bool{} // of one person and day the last stands, which is about order
		b.People = slices.DeleteFunc(b.People, func(r Row) bool {
			key := fmt.Sprint(r.Person, r.From)
			defer func() { days[key] = true }()
			return days[key]
		})
		in := Input{Period: p, MinimumGroup: 3}
		first, err := in.State(b)
		if err != nil {
			return
		}
		want, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		r.Shuffle(len(b.People), func(i, j int) { b.People[i], b.People[j] = b.People[j], b.People[i] })
		r.Shuffle(len(b.Records), func(i, j int) { b.Records[i], b.Records[j] = b.Records[j], b.Records[i] })
		r.Shuffle(len(b.Costs), func(i, j int) { b.Costs[i], b.Costs[j] = b.Costs[j], b.Costs[i] })
		again, err := in.State(b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(again)
		if err != nil || string(got) != string(want) {
			t.Fatalf("another order gives\n%s\nnot\n%s (%v)", got, want, err)
		}
	})
}
