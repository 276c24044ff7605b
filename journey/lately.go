package journey

import (
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// Lately is what the books say of a touchpoint over some days, whoever the customers are: merged, excluded or nobody. Each contact and each
// answer stands for itself, so an interval is a little narrower than that of a close, which allows for customers who come again.
type Lately struct {
	Contacts  int64
	Wait      Total   // seconds
	WithinOf  int64   // contacts whose wait is known or that were given up
	Within    []int64 // of these, served within Waits: nobody who gave up
	Handled   Total   // seconds
	Transfers Total
	Abandoned Of
	Contained Of
	Resolved  Of
	Reopened  Of
	Remarks   int64
	Comments  int64
	Answers   []Tally
}

// Total is a sum over the rows that have a value.
type Total struct {
	N   int64
	Sum *big.Rat
}

// Of is how many rows say it, and of how many it is true.
type Of struct{ Known, Had int64 }

// Tally is the answers to one question on one scale, by the classes of Answered.
type Tally struct {
	Question, Scale   string
	Low, Middle, High int64
	Sum, Squares      *big.Rat
}

// Add puts other days to these.
func (l *Lately) Add(o Lately) {
	l.Contacts += o.Contacts
	l.Remarks += o.Remarks
	l.Comments += o.Comments
	l.WithinOf += o.WithinOf
	l.Wait.add(o.Wait)
	l.Handled.add(o.Handled)
	l.Transfers.add(o.Transfers)
	for _, x := range []struct {
		of *Of
		by Of
	}{{&l.Abandoned, o.Abandoned}, {&l.Contained, o.Contained}, {&l.Resolved, o.Resolved}, {&l.Reopened, o.Reopened}} {
		x.of.Known += x.by.Known
		x.of.Had += x.by.Had
	}
	if l.Within == nil {
		l.Within = make([]int64, len(Waits))
	}
	for i := range min(len(l.Within), len(o.Within)) {
		l.Within[i] += o.Within[i]
	}
	for _, a := range o.Answers {
		l.tally(a)
	}
}

func (l *Lately) tally(a Tally) {
	i := slices.IndexFunc(l.Answers, func(b Tally) bool { return b.Question == a.Question && b.Scale == a.Scale })
	if i < 0 {
		i = len(l.Answers)
		l.Answers = append(l.Answers, Tally{Question: a.Question, Scale: a.Scale, Sum: new(big.Rat), Squares: new(big.Rat)})
	}
	b := &l.Answers[i]
	b.Low, b.Middle, b.High = b.Low+a.Low, b.Middle+a.Middle, b.High+a.High
	b.Sum, b.Squares = plus(b.Sum, a.Sum), plus(b.Squares, a.Squares)
}

func (t *Total) add(o Total) { t.N, t.Sum = t.N+o.N, plus(t.Sum, o.Sum) }

func plus(a, b *big.Rat) *big.Rat {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return new(big.Rat).Add(a, b)
}

// Figure is a measure of these days; refused where nothing in them measures it. What another system measures is not of days.
func (l *Lately) Figure(m Measure) evidence.Figure {
	s := Served{
		Contacts: l.Contacts, Waits: Mean{N: l.Wait.N}, Abandoned: l.Abandoned.rate(), Contained: l.Contained.rate(), Resolved: l.Resolved.rate(), Reopened: l.Reopened.rate(),
		Within: make([]Rate, len(Waits)),
	}
	for i := range l.Within {
		s.Within[i] = Of{l.WithinOf, l.Within[i]}.rate()
	}
	if m.Kind == Transfers && l.Transfers.N > 0 {
		return evidence.Exact(ratio(l.Transfers.Sum, l.Transfers.N), l.Transfers.N, "mean of the days")
	}
	answers := make([]Answered, 0, len(l.Answers))
	for _, a := range l.Answers {
		answers = append(answers, a.answered())
	}
	g := gathered{within: Waits, known: map[string]bool{}}
	g.knows(&s)
	var b Branded
	b.Figures = contactFigures(&s, nil, Waits, func(seconds int64) bool { return seconds == m.Seconds }, g.known)
	scores, _ := scoreFigures(answers, nil)
	b.Figures = append(b.Figures, scores...)
	if s, ok := b.figure(m, nil); ok {
		return s.Figure
	}
	return evidence.Refuse("nothing in these days measures it", m.need())
}

func (o Of) rate() Rate {
	return Rate{Known: o.Known, Had: o.Had, HadHad: o.Had, HadKnown: o.Had, KnownSquared: o.Known}
}

func (t Tally) answered() Answered {
	n := t.Low + t.Middle + t.High
	sum, squares := t.High, t.High
	if t.Question == string(NPS) {
		sum, squares = t.High-t.Low, t.High+t.Low
	}
	mean := func(sum, squares *big.Rat) Mean {
		if sum == nil || squares == nil {
			return Mean{}
		}
		return Mean{N: n, Sum: sum, Squares: squares, SumSum: squares, SumN: sum, NN: n}
	}
	return Answered{
		Question: t.Question, Scale: t.Scale, N: n, Customers: n, Low: t.Low, Middle: t.Middle, High: t.High,
		Unit: mean(big.NewRat(sum, 1), big.NewRat(squares, 1)), Score: mean(t.Sum, t.Squares),
	}
}

// BookNames are the names by which the books ever knew the touchpoint, folded.
func (t *Touchpoint) BookNames() []string {
	var out []string
	for _, k := range t.names() {
		if name := Fold(k.Name); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// Knows tells whether a name of the books leads to the touchpoint on a day.
func (t *Touchpoint) Knows(name string, on calendar.Day) bool {
	return slices.ContainsFunc(t.names(), func(k Known) bool { return Same(k.Name, name) && k.covers(on) })
}

// Headline is the measure that a touchpoint is judged by on a day where only one can be shown: that of its first standard; ok is false where
// it has none.
func (m *Map) Headline(touchpoint string, on calendar.Day) (s *Standard, ok bool) {
	list := m.StandardsOf(touchpoint, on)
	if len(list) == 0 {
		return nil, false
	}
	return list[0], true
}
