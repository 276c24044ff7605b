package journey

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// MostNowhere is how many names of a book that lead nowhere are listed.
const MostNowhere = 50

// Coverage is what the map covers and what it does not, how the touchpoints do together, and what they are called.
type Coverage struct {
	Period   calendar.Period `json:"period"`
	Compared calendar.Period `json:"compared_with"`
	Mapped   bool            `json:"mapped"` // false: the touchpoints are the names that the books have

	States    []Counted `json:"states"` // touchpoints by state
	Unreached []Lost    `json:"unreached"`
	// Unknown are the figures of contacts that the books know of no contact at all.
	Unknown []Unknown `json:"unknown"`

	WithoutTouchpoint []Item `json:"departments_without_touchpoint"`
	WithoutDepartment []Item `json:"without_department"`
	WithoutOwner      []Item `json:"without_owner"`
	WithoutStandard   []Item `json:"without_standard"`
	WithoutMeasure    []Item `json:"without_measure"`
	WithoutVoice      []Item `json:"without_voice"` // no answer and no remark in the period
	FewAnswers        []Item `json:"few_answers"`   // some, and fewer than Least
	Unbound           []Item `json:"standards_without_touchpoint"`
	EmptyStages       []Item `json:"stages_without_touchpoint"`
	RolesWithoutLine  []Item `json:"roles_without_line"`
	// JobsWithoutRole are those of the book people on the last day.
	JobsWithoutRole []Unanswered `json:"jobs_without_role"`

	Books []Book      `json:"books"`
	Next  Comparisons `json:"next"`

	Brands      []Item   `json:"brands"`
	Departments []Item   `json:"departments"`
	Journeys    []Staged `json:"journeys"`
}

// Item is a thing of the map.
type Item struct {
	Key   string `json:"name"`
	Title string `json:"title"`
}

// Staged is a journey with its stages.
type Staged struct {
	Item
	Stages []Item `json:"stages"`
}

// Unknown is a figure that nothing in the books tells.
type Unknown struct {
	Name string `json:"name"`
	evidence.Refusal
}

// Book is where the names of a book lead in the period.
type Book struct {
	Name    string          `json:"name"`
	Rows    int64           `json:"rows"`
	Leading int64           `json:"leading"` // rows whose name leads to a touchpoint
	Unnamed int64           `json:"unnamed"` // rows that name none
	Aside   int64           `json:"aside"`   // rows whose name is set aside
	Nowhere int64           `json:"nowhere"` // all others
	Share   evidence.Figure `json:"leading_share"`
	Names   []Lead          `json:"names"` // that lead nowhere, the most frequent first
	Asides  []Lead          `json:"names_aside"`
}

// Lead is a name of a book.
type Lead struct {
	Name      string `json:"name"`
	Rows      int64  `json:"rows"`
	Customers int64  `json:"customers"`
	Others    int64  `json:"others,omitempty"` // names that this row stands for
}

// Comparisons are the memo on what customers did next.
type Comparisons struct {
	Passed   *calendar.Period  `json:"passed,omitempty"`
	Next     *calendar.Period  `json:"next,omitempty"`
	Compared int64             `json:"compared"`        // touchpoints
	Clear    int64             `json:"clear"`           // intervals that do not hold nothing
	Chance   *evidence.Figure  `json:"clear_by_chance"` // how many would be if nothing differed
	Adjusted int64             `json:"clear_of_all"`    // left at 5% when all that were compared are counted
	Less     []Less            `json:"came_back_less"`  // the most revenue not seen first
	Refused  *evidence.Refusal `json:"not_asked,omitempty"`
}

// Less is a touchpoint after which customers came back less.
type Less struct {
	Key     string          `json:"name"`
	Revenue evidence.Figure `json:"revenue_not_seen"`
	Grade   Grade           `json:"grade"`
	Nothing bool            `json:"may_be_nothing"` // the interval holds nothing
}

func (g *gathered) cover(lines []Line) Coverage {
	c := Coverage{
		Period: g.Period, Compared: g.Compared, Mapped: !g.Found, States: []Counted{}, Unreached: []Lost{}, Unknown: []Unknown{},
		WithoutTouchpoint: []Item{}, WithoutDepartment: []Item{}, WithoutOwner: []Item{}, WithoutStandard: []Item{}, WithoutMeasure: []Item{}, WithoutVoice: []Item{},
		FewAnswers: []Item{}, Unbound: []Item{}, EmptyStages: []Item{}, RolesWithoutLine: []Item{}, JobsWithoutRole: []Unanswered{},
		Brands: []Item{}, Departments: []Item{}, Journeys: []Staged{},
	}
	c.together(lines)
	c.gaps(g, lines)
	c.words(g.Map, g.last())
	if !g.Found {
		c.JobsWithoutRole = g.Map.Unanswered(g.Jobs, g.last(), g.MinimumGroup)
	}
	c.unknown(g, lines)
	c.books(g)
	c.afterwards(g, lines)
	return c
}

// together sums the touchpoints up.
func (c *Coverage) together(lines []Line) {
	of := map[State]int64{}
	var all Volume
	for _, l := range lines {
		of[l.State]++
		all.add(l.Volume)
	}
	for _, s := range States {
		c.States = append(c.States, Counted{string(s), of[s]})
	}
	c.Unreached = append(c.Unreached, all.Unreached...)
}

// gaps are what touchpoints lack that are still ones at the end.
func (c *Coverage) gaps(g *gathered, lines []Line) {
	for _, l := range lines {
		if l.Ended != nil {
			continue
		}
		it := Item{l.Key, l.Title}
		answers, remarks := int64(0), int64(0)
		standards := 0
		for _, b := range l.Brands {
			standards += len(b.Standards)
			for _, s := range b.Scores {
				answers += s.N
			}
		}
		for _, r := range l.Rows {
			switch r.Name {
			case "remarks":
				remarks = r.N
			case "answers":
				answers = max(answers, r.N)
			}
		}
		if !g.Found {
			put(&c.WithoutDepartment, it, l.Department == "")
			put(&c.WithoutOwner, it, l.Owner == "")
			put(&c.WithoutStandard, it, standards == 0)
		}
		put(&c.WithoutMeasure, it, !l.measured())
		put(&c.WithoutVoice, it, answers+remarks == 0)
		put(&c.FewAnswers, it, answers > 0 && answers < Least)
	}
}

func put(list *[]Item, it Item, lacks bool) {
	if lacks {
		*list = append(*list, it)
	}
}

// measured tells whether anything in the books says how the touchpoint does.
func (l Line) measured() bool {
	for _, b := range l.Brands {
		if b.State != Unmeasured {
			return true
		}
	}
	return false
}

// words are the words of the map, and what of it has no touchpoint, on a day. A journey that has none at all is not lived that day: its stages are no gap of
// the books, and are handed back.
func (c *Coverage) words(m *Map, day calendar.Day) (unlived []Item) {
	held, staged, used, open := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, t := range m.Touchpoints {
		if t.Open(day) {
			held[t.Department(day)], staged[t.Journey+"/"+t.Stage], used[t.Journey], open[t.Key] = true, true, true, true
		}
	}
	for _, d := range m.Departments {
		c.Departments = append(c.Departments, Item{d.Key, d.Name})
		put(&c.WithoutTouchpoint, Item{d.Key, d.Name}, d.Open(day) && d.Apart == "" && !held[d.Key])
	}
	for _, b := range m.Brands {
		c.Brands = append(c.Brands, Item{b.Key, b.Name})
	}
	for _, j := range m.Journeys {
		s := Staged{Item{j.Key, j.Name}, []Item{}}
		for _, x := range j.Stages {
			s.Stages = append(s.Stages, Item{x.Key, x.Name})
			empty := &c.EmptyStages
			if !used[j.Key] {
				empty = &unlived
			}
			put(empty, Item{j.Key + "/" + x.Key, j.Name + ": " + x.Name}, before(day, j.Retired) && !staged[j.Key+"/"+x.Key])
		}
		c.Journeys = append(c.Journeys, s)
	}
	some := func(keys []string) bool { return slices.ContainsFunc(keys, func(k string) bool { return open[k] }) }
	for _, s := range m.Standards {
		put(&c.Unbound, Item{s.Key, s.Notices}, (s.From == nil || *s.From <= day) && before(day, s.Until) && !some(s.Touchpoints))
	}
	for _, r := range m.Roles {
		put(&c.RolesWithoutLine, Item{r.Key, r.Name}, before(day, r.Retired) && !some(r.Touchpoints))
	}
	return unlived
}

// unknown says once what the books tell of no contact, rather than at every touchpoint.
func (c *Coverage) unknown(g *gathered, lines []Line) {
	if !slices.ContainsFunc(lines, func(l Line) bool { return l.Contacts > 0 }) {
		return
	}
	add := func(name, need string) {
		if !g.known[name] {
			reason, need := unknown(need)
			c.Unknown = append(c.Unknown, Unknown{name, evidence.Refusal{Reason: reason, Need: need}})
		}
	}
	for _, m := range means {
		add(m.name, m.need)
	}
	for _, f := range flags {
		add(f.name, f.need)
	}
}

// books are where names lead.
func (c *Coverage) books(g *gathered) {
	c.Books = []Book{}
	aside := map[string]bool{}
	for _, a := range g.Map.Aside {
		aside[Fold(a.Name)] = true
	}
	for _, n := range g.named {
		i := slices.IndexFunc(c.Books, func(b Book) bool { return b.Name == n.Book })
		if i < 0 {
			i = len(c.Books)
			c.Books = append(c.Books, Book{Name: n.Book, Names: []Lead{}, Asides: []Lead{}})
		}
		b := &c.Books[i]
		b.Rows += n.Rows
		lead := Lead{n.Name, n.Rows, n.Customers, n.Others}
		switch {
		case n.Touchpoint != "":
			b.Leading += n.Rows
		case n.Name == "" && n.Others == 0:
			b.Unnamed += n.Rows
		case n.Others == 0 && aside[n.Name]:
			b.Aside += n.Rows
			b.Asides = append(b.Asides, lead)
		default:
			b.Nowhere += n.Rows
			b.Names = append(b.Names, lead)
		}
	}
	slices.SortFunc(c.Books, func(a, b Book) int { return cmp.Compare(a.Name, b.Name) })
	for i := range c.Books {
		b := &c.Books[i]
		b.Share = evidence.Refuse("the book has no row in the period", "rows of "+b.Name)
		if b.Rows > 0 {
			b.Share = evidence.Exact(big.NewRat(b.Leading, b.Rows), b.Rows, "rows whose name leads to a touchpoint ÷ rows")
		}
		b.Names, b.Asides = frequent(b.Names), frequent(b.Asides)
	}
}

// frequent are the most frequent names; the others stand together at the end.
func frequent(list []Lead) []Lead {
	slices.SortFunc(list, func(a, b Lead) int {
		return cmp.Or(cmp.Compare(min(a.Others, 1), min(b.Others, 1)), cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Name, b.Name))
	})
	if len(list) <= MostNowhere {
		return list
	}
	rest := Lead{Name: "(others)"}
	for _, l := range list[MostNowhere:] {
		rest.Rows += l.Rows
		rest.Others += max(1, l.Others)
	}
	return append(list[:MostNowhere:MostNowhere], rest)
}

// afterwards is the memo on what customers did next, and where they came back less.
func (c *Coverage) afterwards(g *gathered, lines []Line) {
	c.Next.Less = []Less{}
	if g.NoNext != nil {
		c.Next.Refused = g.NoNext
		return
	}
	passed, next := g.Passed, g.Next
	c.Next.Passed, c.Next.Next = &passed, &next
	c.Next.Compared, c.Next.Clear, c.Next.Adjusted = g.tests.n, g.tests.alone, g.tests.adjusted
	chance := evidence.Exact(big.NewRat(g.tests.n, 20), g.tests.n, "one in twenty of those compared")
	c.Next.Chance = &chance
	for _, l := range lines {
		if n := l.Next; n != nil && n.Grade != "" && n.less {
			c.Next.Less = append(c.Next.Less, Less{l.Key, n.Revenue, n.Grade, !n.clear})
		}
	}
	worth := func(l Less) float64 {
		if e, ok := l.Revenue.Estimate(); ok {
			return float(e.Value)
		}
		return 0
	}
	slices.SortStableFunc(c.Next.Less, func(a, b Less) int {
		return cmp.Or(cmp.Compare(b2i(a.Nothing), b2i(b.Nothing)), cmp.Compare(worth(b), worth(a)), cmp.Compare(a.Key, b.Key))
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
