package journey

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// gathered are the ledger's answers by what they are about.
type gathered struct {
	Input
	within   []int64
	known    map[string]bool // which figures of contacts the books know of any contact
	served   map[Part]*Served
	answered map[Part][]Answered
	measured map[string][2][]Measured // by touchpoint: of the period and of the comparison
	rows     map[string][]Counted     // by touchpoint, of the period
	named    []Named                  // of the period
	brands   map[string][]string      // of a touchpoint, that had contacts or answers in the period
	next     map[string]*Next
	tests    tests
	costs    map[string]costed
}

func (in Input) state(a answers) Statement {
	g := gathered{
		Input: in, within: in.question().Within, known: map[string]bool{}, served: map[Part]*Served{}, answered: map[Part][]Answered{},
		measured: map[string][2][]Measured{}, rows: map[string][]Counted{}, brands: map[string][]string{}, costs: in.costed(),
	}
	for i := range a.served {
		s := &a.served[i]
		g.served[s.Part] = s
		g.met(s.Part)
		g.knows(s)
	}
	for _, x := range a.answered {
		g.answered[x.Part] = append(g.answered[x.Part], x)
		g.met(x.Part)
	}
	for _, m := range a.measured {
		if m.Span > 1 {
			continue
		}
		both := g.measured[m.Touchpoint]
		both[m.Span] = append(both[m.Span], m)
		g.measured[m.Touchpoint] = both
	}
	g.name(a.named)
	if in.NoNext == nil {
		g.next, g.tests = afterwards(a.strata, in.Currency)
	}
	var s Statement
	for i := range in.Map.Touchpoints {
		if t := &in.Map.Touchpoints[i]; g.was(t) {
			s.Lines = append(s.Lines, g.line(t))
		}
	}
	s.Coverage = g.cover(s.Lines)
	return s
}

// met notes that a brand's customers were at a touchpoint in the period.
func (g *gathered) met(p Part) {
	if p.Span == 0 && p.Touchpoint != "" && !slices.Contains(g.brands[p.Touchpoint], p.Brand) {
		g.brands[p.Touchpoint] = append(g.brands[p.Touchpoint], p.Brand)
	}
}

func (g *gathered) knows(s *Served) {
	for _, f := range flags {
		g.known[f.name] = g.known[f.name] || f.of(s).Known > 0
	}
	for _, m := range means {
		g.known[m.name] = g.known[m.name] || m.of(s).N > 0
	}
	for i, seconds := range g.within {
		name := withinName(seconds)
		g.known[name] = g.known[name] || i < len(s.Within) && s.soon(s.Within[i]).Known > 0
	}
}

// name counts the rows that name each touchpoint in the period.
func (g *gathered) name(named []Named) {
	for _, n := range named {
		if n.Span != 0 {
			continue
		}
		g.named = append(g.named, n)
		if n.Touchpoint == "" {
			continue
		}
		list := g.rows[n.Touchpoint]
		if i := slices.IndexFunc(list, func(c Counted) bool { return c.Name == n.Book }); i >= 0 {
			list[i].N += n.Rows
		} else {
			g.rows[n.Touchpoint] = append(list, Counted{n.Book, n.Rows})
		}
	}
	for _, list := range g.rows {
		slices.SortFunc(list, func(a, b Counted) int { return cmp.Compare(a.Name, b.Name) })
	}
}

// was tells whether a touchpoint was one on a day of the period.
func (g *gathered) was(t *Touchpoint) bool {
	if !before(g.Period.Start, t.Retired) || t.Since != nil && *t.Since >= g.Period.End {
		return false
	}
	later := func(k Known) bool { return k.From != nil && *k.From >= g.Period.End }
	begins := len(t.KnownAs) > 0
	for _, k := range t.KnownAs {
		begins = begins && later(k)
	}
	return !begins // one whose every name begins after the period was not there yet
}

// day is when a touchpoint is looked at: the period's last day, or its own.
func (g *gathered) day(t *Touchpoint) calendar.Day {
	if t.Retired != nil {
		return min(g.last(), *t.Retired-1)
	}
	return g.last()
}

func (g *gathered) line(t *Touchpoint) Line {
	day := g.day(t)
	l := Line{
		Key: t.Key, Title: t.Name, Journey: t.Journey, Stage: t.Stage, Department: t.Department(day), Owner: t.Owner(day),
		Brands: []Branded{}, Rows: g.rows[t.Key], Next: g.next[t.Key],
	}
	if l.Rows == nil {
		l.Rows = []Counted{}
	}
	if t.Retired != nil && *t.Retired < g.Period.End {
		l.Ended = &Ended{*t.Retired, t.Into, t.Why}
	}
	measured := g.measured[t.Key]
	l.Measures = handFigures(measured[0], measured[1])
	for _, brand := range g.brandsOf(t, day) {
		l.Brands = append(l.Brands, g.branded(t, brand, day, l.Measures))
	}
	l.judge()
	l.Unreached = []Lost{}
	for _, b := range l.Brands {
		l.add(b.Volume)
	}
	l.Cost, l.Each = g.costs[t.Key].figures(g.Input)
	return l
}

// brandsOf lists the brands of a touchpoint in the order of the map: those whose customers were there or who have a standard for it.
func (g *gathered) brandsOf(t *Touchpoint, day calendar.Day) []string {
	there := map[string]bool{}
	for _, b := range g.brands[t.Key] {
		there[b] = true
	}
	for _, s := range g.Map.Standards {
		if s.Binds(t.Key, day) {
			there[s.Brand] = true
		}
	}
	var out []string
	for _, b := range g.Map.Brands {
		if there[b.Key] {
			out = append(out, b.Key)
		}
	}
	if there[""] || len(out) == 0 {
		out = append(out, "")
	}
	return out
}

// branded is what one brand's customers met.
func (g *gathered) branded(t *Touchpoint, brand string, day calendar.Day, hand []Shown) Branded {
	at := Part{Touchpoint: t.Key, Brand: brand}
	was := at
	was.Span = 1
	now, before := g.served[at], g.served[was]
	b := Branded{Brand: brand, Standards: []Judged{}, Volume: volume(now, before)}
	var standards []Standard
	promised := map[int64]bool{}
	for _, s := range g.Map.Standards {
		if s.Brand == brand && s.Binds(t.Key, day) {
			standards = append(standards, s)
			promised[s.Measure.Seconds] = true
		}
	}
	b.Figures = contactFigures(now, before, g.within, func(seconds int64) bool { return promised[seconds] }, g.known)
	scores, counts := scoreFigures(g.answered[at], g.answered[was])
	b.Figures, b.Scores = append(b.Figures, scores...), counts
	if now != nil && len(now.Remedies) > 0 {
		b.PutRight = putRight(now.Remedies)
	}
	b.judge(standards, hand)
	if b.Figures == nil {
		b.Figures = []Shown{}
	}
	return b
}

// volume counts what one part had to do.
func volume(now, before *Served) Volume {
	if now == nil {
		now = &Served{}
	}
	v := Volume{Contacts: now.Contacts, Identified: now.Identified, Customers: now.Customers, Unreached: []Lost{}}
	if before != nil {
		v.Before, v.Known = before.Contacts, before.Identified
	}
	add := func(known func(*Served) Rate, of func(*Served) Lost) {
		if known(now).Known == 0 {
			return
		}
		l := of(now)
		if before != nil && known(before).Known > 0 {
			n := of(before).N
			l.Before = &n
		}
		v.Unreached = append(v.Unreached, l)
	}
	abandoned := func(s *Served) Rate { return s.Abandoned }
	add(abandoned, func(s *Served) Lost {
		return Lost{Name: LostCustomers, N: s.Lost, Of: s.GaveUp - s.LostOpen, Open: s.LostOpen}
	})
	add(abandoned, func(s *Served) Lost { return Lost{Name: LostNameless, N: s.LostNameless, Of: s.Abandoned.Had} })
	add(func(s *Served) Rate { return s.Contained }, func(s *Served) Lost {
		return Lost{Name: CameAgain, N: s.CameAgain.Had, Of: s.CameAgain.Known, Open: s.Open}
	})
	return v
}

// add puts the volume of one brand to that of all: a customer is of one brand.
func (v *Volume) add(o Volume) {
	v.Contacts, v.Before, v.Identified, v.Customers = v.Contacts+o.Contacts, v.Before+o.Before, v.Identified+o.Identified, v.Customers+o.Customers
	v.Known += o.Known
	for _, l := range o.Unreached {
		i := slices.IndexFunc(v.Unreached, func(x Lost) bool { return x.Name == l.Name })
		if i < 0 {
			v.Unreached = append(v.Unreached, l)
			continue
		}
		x := &v.Unreached[i]
		x.N, x.Of, x.Open = x.N+l.N, x.Of+l.Of, x.Open+l.Open
		if l.Before != nil {
			sum := *l.Before
			if x.Before != nil {
				sum += *x.Before
			}
			x.Before = &sum
		}
	}
}

// judge sets what was measured beside the standards. A figure that nothing measures is refused under the standard's name for it.
func (b *Branded) judge(standards []Standard, hand []Shown) {
	best := ""
	for _, s := range standards {
		name := s.Measure.Name()
		f, ok := b.figure(s.Measure, hand)
		if !ok {
			f = Shown{Name: name, Figure: evidence.Refuse("nothing in the books measures it", s.Measure.need())}
			b.Figures = append(b.Figures, f)
		}
		j := Judged{Key: s.Key, Figure: name, AtLeast: s.Target.AtLeast, AtMost: s.Target.AtMost, State: f.judged(s)}
		b.Standards = append(b.Standards, j)
		if b.State == "" || rank(j.State) < rank(b.State) {
			b.Verdict = Verdict{j.State, s.Key, name, &f.Figure}
		}
	}
	if b.State != "" {
		return
	}
	b.State = Unmeasured
	for _, name := range []string{"nps", "csat", "ces", "resolved", "abandoned", "wait_mean", "contained", "reopened", "transfers"} {
		for _, s := range slices.Concat(b.Figures, hand) {
			if _, ok := s.Figure.Estimate(); ok && s.Name == name && best == "" {
				value := s.Figure
				best, b.Verdict = name, Verdict{State: Unjudged, Headline: name, Value: &value}
			}
		}
	}
	for _, s := range slices.Concat(b.Figures, hand) {
		if _, ok := s.Figure.Estimate(); ok && best == "" {
			value := s.Figure
			best, b.Verdict = s.Name, Verdict{State: Unjudged, Headline: s.Name, Value: &value}
		}
	}
}

// figure is what a measure says here. Reached stands among the figures once a standard asks for it.
func (b *Branded) figure(m Measure, hand []Shown) (Shown, bool) {
	find := func(list []Shown, name string) (Shown, bool) {
		i := slices.IndexFunc(list, func(s Shown) bool { return s.Name == name })
		if i < 0 {
			return Shown{}, false
		}
		return list[i], true
	}
	if m.Kind == ByHand {
		return find(hand, m.Name())
	}
	if s, ok := find(b.Figures, m.Name()); ok || m.Kind != Reached {
		return s, ok
	}
	gave, ok := find(b.Figures, string(Abandoned))
	if !ok {
		return Shown{}, false
	}
	through := Shown{Name: string(Reached), Figure: complement(gave.Figure), rests: gave.rests}
	if gave.Before != "" {
		through.Before = number(subtracted(gave.Before))
	}
	if gave.Bounds != nil {
		x := complement(*gave.Bounds)
		through.Bounds = &x
	}
	if gave.Change != nil {
		through.Change = &Interval{negated(gave.Change.High), negated(gave.Change.Low)}
	}
	b.Figures = append(b.Figures, through)
	return through, true
}

// need is what would measure it.
func (m Measure) need() string {
	switch m.Kind {
	case NPS, CSAT, CES:
		return "answers to " + string(m.Kind) + " that name the touchpoint"
	case Top:
		return "answers to " + m.Question + " that name the touchpoint"
	case Within:
		return "wait_seconds of interactions"
	case ByHand:
		return m.Named + " in the book measures, with the touchpoint"
	case Reached:
		return "abandoned of interactions"
	}
	return string(m.Kind) + " of interactions"
}

// judged is Few where the figure rests on too few, also where these are so few that it is refused.
func (s Shown) judged(by Standard) State {
	if s.rests > 0 && s.rests < Least {
		return Few
	}
	return Judge(s.Figure, by.Measure, by.Target)
}

func rank(s State) int { return slices.Index(States, s) }

// judge takes the state of the brand that does worst; of equal ones the first.
func (l *Line) judge() {
	for i, b := range l.Brands {
		if i == 0 || rank(b.State) < rank(l.State) {
			l.Verdict, l.Brand = b.Verdict, b.Brand
		}
	}
}
