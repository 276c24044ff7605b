package learning

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

// Input is what a statement of the training asset is made of.
type Input struct {
	From, To     calendar.Month // the period: its first month and the one after its last
	YearBegins   int            // month of the year with which a fiscal year begins, 1 to 12; 0: January
	Currency     money.Currency
	Policies     Policies
	MinimumGroup int               // people of whom a disclosure may be made; 0: 5
	ExitKinds    map[string]string // the company's own words, as workforce.Exits reads them

	books    workforce.Books
	scale    scale
	first    int // YearBegins from 0
	measured map[string]calendar.Month
	families map[string]int
	longest  int // life
	people   []workforce.Career
	exits    func(string) workforce.Exit
	even     bool                      // a group is amortised evenly: too few had left
	toldOf   map[string]bool           // of whom a row of the period tells something; nil: of everybody
	taught   map[string][]calendar.Day // by person, the days from which something was carried
	items    []item
	cohorts  map[cohort][]float64 // tenures at completion, of group policies
	curves   map[calendar.Month]*curve
	knowns   map[calendar.Month]known
	shared   map[sharesKey]*shares
}

// prepare checks the policies and works out what all items share.
func (in *Input) prepare(b workforce.Books) error {
	in.books, in.scale = b, scale{in.Currency.Places()}
	in.first = max(in.YearBegins-1, 0)
	in.measured, in.families = map[string]calendar.Month{}, map[string]int{}
	in.cohorts, in.curves, in.shared = map[cohort][]float64{}, map[calendar.Month]*curve{}, map[sharesKey]*shares{}
	in.knowns = map[calendar.Month]known{}
	if err := in.Policies.Check(in.first); err != nil {
		return err
	}
	var err error
	if in.exits, err = workforce.Exits(in.ExitKinds); err != nil {
		return err
	}
	in.Policies.Reviews = slices.SortedStableFunc(slices.Values(in.Policies.Reviews), func(a, b Review) int { return int(a.From - b.From) })
	for _, e := range in.Policies.Effects {
		m := calendar.MonthOf(e.Measured)
		if since, ok := in.measured[e.Course]; m < in.To && (!ok || m < since) {
			in.measured[e.Course] = m
		}
	}
	for i, family := range in.Policies.Alike {
		for _, role := range family {
			in.families[role] = i
		}
	}
	for _, p := range in.Policies.all() {
		in.longest = max(in.longest, p.Life)
	}
	for _, r := range in.Policies.Reviews {
		in.longest = max(in.longest, r.Life)
	}
	in.people = in.careers(in.To.First())
	in.tellsOf()
	return in.gather()
}

// careers are those that are known before a day. Whoever is hired on the day after their last day has not left, as where a contractor's worker
// is taken on: what they know is carried on.
func (in *Input) careers(until calendar.Day) []workforce.Career {
	out := workforce.Careers(in.books.People, until)
	for i := range out {
		c := &out[i]
		kept := c.Spells[:0]
		for _, s := range c.Spells {
			last := len(kept) - 1
			if last < 0 || s.Hired != kept[last].Left+1 {
				kept = append(kept, s)
				continue
			}
			before := &kept[last]
			before.Stretches = append(slices.Clip(before.Stretches), s.Stretches...)
			before.Left, before.Exit = s.Left, s.Exit
		}
		c.Spells = kept
	}
	return out
}

// tellsOf finds of whom a row of the period tells something. A group is amortised by what is known of all who are in it, so there it is
// everybody.
func (in *Input) tellsOf() {
	for _, p := range in.Policies.all() {
		if p.Method == Group {
			return
		}
	}
	in.toldOf = map[string]bool{}
	for i := range in.books.People {
		if r := &in.books.People[i]; r.From >= in.From.First() && r.From < in.To.First() {
			in.toldOf[r.Person] = true
		}
	}
}

func (in *Input) told(person string) bool { return in.toldOf == nil || in.toldOf[person] }

// gather makes an item of every record that is known by the period's end, each record once: of those with one id the last stands.
func (in *Input) gather() error {
	of := make(map[string]*workforce.Career, len(in.people))
	for i := range in.people {
		of[in.people[i].Person] = &in.people[i]
	}
	last := make(map[string]int, len(in.books.Records))
	for i := range in.books.Records {
		last[in.books.Records[i].ID] = i
	}
	end, n := in.To.First(), 0
	stands := func(i int) bool {
		r := &in.books.Records[i]
		return last[r.ID] == i && r.Completed < end
	}
	for i := range in.books.Records {
		if stands(i) {
			n++
		}
	}
	in.items = make([]item, 0, n)
	for i := range in.books.Records {
		if !stands(i) {
			continue
		}
		r := &in.books.Records[i]
		x := in.judge(r, of[r.Person])
		if x.month >= in.To {
			x.month, x.reason = calendar.MonthOf(r.Completed), NotHired // hired after the period: not known in it
		}
		x.late = in.told(r.Person)
		if x.reason == "" && x.policy.Method == Group {
			key := cohort{r.Course, x.month}
			in.cohorts[key] = append(in.cohorts[key], float64(x.day-x.spell.Hired)/monthDays)
		}
		in.items = append(in.items, x)
	}
	slices.SortFunc(in.items, func(a, b item) int { return cmp.Compare(a.record.ID, b.record.ID) })
	in.taught = map[string][]calendar.Day{}
	for i := range in.items {
		if x := &in.items[i]; x.reason == "" && x.cost > 0 {
			in.taught[x.record.Person] = append(in.taught[x.record.Person], x.day)
		}
	}
	for _, days := range in.taught {
		slices.Sort(days)
	}
	for _, tenures := range in.cohorts {
		slices.Sort(tenures) // sums do not depend on the order of rows
	}
	return nil
}

// all are the policies of kinds and courses.
func (p Policies) all() []Policy {
	out := []Policy{p.Role, p.General}
	for _, own := range p.Courses {
		out = append(out, own)
	}
	return out
}

// Check refuses policies that cannot be meant. first is the month, from 0, with which a fiscal year begins.
func (p Policies) Check(first int) error {
	bad := func(format string, values ...any) error {
		return evidence.Refusal{Reason: "training: " + fmt.Sprintf(format, values...), Need: "settings.training of books.yaml"}
	}
	for _, own := range p.all() {
		if own.Life < 1 || own.Life > mostLife {
			return bad("a life of %d months is not one of 1 to %d", own.Life, mostLife)
		}
		if own.Method != Individual && own.Method != Group {
			return bad("%q is no policy: individual or group", own.Method)
		}
	}
	for _, r := range p.Reviews {
		switch {
		case int(r.From)%12 != first:
			return bad("the review from %s does not begin with a fiscal year: lives change only at a year's end; write the first day of %s", r.From, time.Month(first+1))
		case r.Life < 1 || r.Life > mostLife:
			return bad("the review from %s: a life of %d months is not one of 1 to %d", r.From, r.Life, mostLife)
		case (r.Course == "") == (r.Kind == ""):
			return bad("the review from %s is of a course or of a kind, one of them", r.From)
		case r.Kind != "" && r.Kind != workforce.OfRole && r.Kind != workforce.General:
			return bad("the review from %s: %q is not role or general", r.From, r.Kind)
		}
	}
	for i, r := range p.Reviews {
		for _, other := range p.Reviews[:i] {
			if r.From == other.From && r.Kind == other.Kind && r.Course == other.Course {
				return bad("two reviews from %s are of %s", r.From, r.Kind+r.Course)
			}
		}
	}
	measured := map[string]bool{}
	for _, e := range p.Effects {
		switch {
		case e.Course == "":
			return bad("an effect names no course")
		case measured[e.Course]:
			return bad("the course %s has two effects; state the newest", e.Course)
		case e.Low.Cmp(e.High) > 0:
			return bad("the effect of %s: its interval ends (%s) before it begins (%s)", e.Course, e.High, e.Low)
		case e.High.Cmp(e.BreakEven) >= 0:
			return bad("the effect of %s is not below break-even: its interval reaches %s, and %s is needed; only what lies below wholly is impaired", e.Course, e.High, e.BreakEven)
		}
		measured[e.Course] = true
	}
	seen := map[string]bool{}
	for _, family := range p.Alike {
		for _, role := range family {
			if seen[role] {
				return bad("the role %s stands among roles_alike twice", role)
			}
			seen[role] = true
		}
	}
	return nil
}

// mostLife is the longest life of a skill in months.
const mostLife = 240
