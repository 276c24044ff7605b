package journey

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Name is how the figure of a measure is called: nps, csat, ces, top.QUESTION, within_SECONDS, reached, abandoned, contained, resolved,
// reopened, transfers, measure.NAME.
func (m Measure) Name() string {
	switch m.Kind {
	case Top:
		return "top." + Fold(m.Question)
	case Within:
		return fmt.Sprintf("within_%d", m.Seconds)
	case ByHand:
		return "measure." + Fold(m.Named)
	}
	return string(m.Kind)
}

// flags are the figures of contacts that may not be known: how each is called, of what, and what would tell it.
var flags = []struct {
	name string
	of   func(*Served) Rate
	need string
}{
	{"abandoned", func(s *Served) Rate { return s.Abandoned }, "abandoned of interactions"},
	{"contained", func(s *Served) Rate { return s.Contained }, "contained of interactions"},
	{"resolved", func(s *Served) Rate { return s.Resolved }, "resolved of interactions"},
	{"reopened", func(s *Served) Rate { return s.Reopened }, "reopened of interactions"},
}

// means are the figures that are means over contacts.
var means = []struct {
	name string
	of   func(*Served) Mean
	need string
}{
	{"wait_mean", func(s *Served) Mean { return s.Waits }, "wait_seconds of interactions"},
	{"handle_mean", func(s *Served) Mean { return s.Handled }, "handle_seconds of interactions"},
	{"transfers", func(s *Served) Mean { return s.Transfers }, "transfers of interactions"},
}

func unknown(need string) (reason, needs string) { return "it is known of no contact", need }

// contactFigures are the figures of the contacts of one part, beside the comparison; within are the seconds of the question. Only what the books
// know of some contact anywhere (known) has one.
func contactFigures(now, before *Served, within []int64, promised func(seconds int64) bool, known map[string]bool) []Shown {
	if now == nil || now.Contacts == 0 {
		return nil
	}
	if before == nil {
		before = &Served{}
	}
	var out []Shown
	add := func(name string, figure, was evidence.Figure, rests float64, r Rate) {
		if !known[name] {
			return
		}
		s := beside(name, figure, was, rests)
		if b, ok := r.bounds(now.Contacts); ok {
			s.Bounds = &b
		}
		out = append(out, s)
	}
	for i, m := range means {
		a, b := m.of(now), m.of(before)
		reason, need := unknown(m.need)
		add(m.name, a.figure(0, reason, need), b.figure(0, reason, need), a.rests(), Rate{})
		if i == 0 && known[m.name] {
			out = append(out, quantiles(now, before)...)
		}
	}
	for i, seconds := range within {
		if promised(seconds) && i < len(now.Within) {
			was := Rate{}
			if i < len(before.Within) {
				was = before.Within[i]
			}
			reason, need := unknown("wait_seconds of interactions")
			soon := now.soon(now.Within[i])
			add(withinName(seconds), soon.share(reason, need), before.soon(was).share(reason, need), soon.rests(), soon)
		}
	}
	for _, f := range flags {
		reason, need := unknown(f.need)
		a, b := f.of(now), f.of(before)
		add(f.name, a.share(reason, need), b.share(reason, need), a.rests(), a)
	}
	if a, b := now.CameAgain, before.CameAgain; a.Known > 0 {
		reason, need := "there is none", "contained contacts that name a customer"
		out = append(out, beside(CameAgain, a.share(reason, need), b.share(reason, need), a.rests()))
	}
	return out
}

// soon is a share of Within; of nothing where no wait is known, though it is known who gave up.
func (s *Served) soon(r Rate) Rate {
	if s.Waits.N == 0 {
		return Rate{}
	}
	return r
}

func withinName(seconds int64) string { return Measure{Kind: Within, Seconds: seconds}.Name() }

// quantiles are the middle wait, and the one that nine tenths did not exceed.
func quantiles(now, before *Served) []Shown {
	var out []Shown
	for _, q := range []struct {
		name     string
		now, was *big.Rat
	}{{"wait_median", now.Median, before.Median}, {"wait_nine_tenths", now.Ninth, before.Ninth}} {
		if q.now == nil {
			continue
		}
		was := evidence.Figure{}
		if q.was != nil {
			was = evidence.Exact(q.was, before.Waits.N, howMiddle)
		}
		out = append(out, beside(q.name, evidence.Exact(q.now, now.Waits.N, howMiddle), was, now.Waits.rests()))
	}
	return out
}

// plainShare is a share of some with Wilson's interval of rows that stand for themselves.
func plainShare(k, n int64) evidence.Figure {
	low, high := wilson(float64(k)/float64(n), float64(n))
	return evidence.Confidence(big.NewRat(k, n), short(low), short(high), level, n, "Wilson")
}

// beside sets a figure beside what it was; a comparison without a number is none.
func beside(name string, now, before evidence.Figure, rests float64) Shown {
	s := Shown{Name: name, Figure: now, rests: rests}
	if e, ok := before.Estimate(); ok && e.Value != nil {
		s.Before = number(short(float(e.Value)))
	}
	s.Change = change(now, before)
	return s
}

// scoreFigures are those of the answers of one part. Of several scales of a question the one with most answers has the question's name.
func scoreFigures(now, before []Answered) ([]Shown, []Scored) {
	was := map[string]Answered{}
	for _, a := range before {
		was[a.Question+"\x00"+a.Scale] = a
	}
	now = slices.Clone(now)
	slices.SortFunc(now, func(a, b Answered) int {
		return cmp.Or(cmp.Compare(questionRank(a.Question), questionRank(b.Question)), cmp.Compare(a.Question, b.Question), cmp.Compare(b.N, a.N), cmp.Compare(a.Scale, b.Scale))
	})
	var figures []Shown
	var scores []Scored
	last := ""
	for i, a := range now {
		name := scoreName(a.Question)
		if i > 0 && a.Question == last {
			name += "." + a.Scale
		}
		last = a.Question
		b := was[a.Question+"\x00"+a.Scale]
		figures = append(figures, beside(name, a.figure(), b.figure(), a.rests()))
		question := a.Question
		if question == name {
			question = ""
		}
		scores = append(scores, Scored{name, question, a.Scale, a.N, a.Unread, a.Customers, a.Comments, a.Low, a.Middle, a.High})
	}
	return figures, scores
}

var scoreKinds = []string{"nps", "csat", "ces"}

func questionRank(question string) int {
	if i := slices.Index(scoreKinds, question); i >= 0 {
		return i
	}
	return len(scoreKinds)
}

func scoreName(question string) string {
	if slices.Contains(scoreKinds, question) {
		return question
	}
	return "top." + question
}

// handFigures are the figures that another system measured.
func handFigures(now, before []Measured) []Shown {
	var out []Shown
	for _, m := range now {
		was := evidence.Figure{}
		for _, b := range before {
			if Same(b.Measure, m.Measure) {
				was = b.figure()
			}
		}
		out = append(out, beside("measure."+Fold(m.Measure), m.figure(), was, m.rests()))
	}
	slices.SortFunc(out, func(a, b Shown) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (m Measured) figure() evidence.Figure {
	if m.Shared > 0 {
		return evidence.Refuse("a name of it in the book measures led to two touchpoints in the time that was measured", "figures of a time in which it led to one")
	}
	if m.Mean == nil {
		return evidence.Refuse("the book measures has no value of it", "value of measures")
	}
	if m.N == nil {
		return evidence.Exact(m.Mean, m.Values, howGiven)
	}
	n := new(big.Int).Quo(m.N.Num(), m.N.Denom())
	if !n.IsInt64() {
		return evidence.Exact(m.Mean, m.Values, howGiven)
	}
	return evidence.Exact(m.Mean, n.Int64(), "mean of the figures in measures, weighted by n")
}

// rests is of how many it was measured; without end where that is not said, since it is taken as it says.
func (m Measured) rests() float64 {
	if m.N == nil {
		return math.Inf(1)
	}
	return float(m.N)
}

// number is a value as a document prints it.
func number(r *big.Rat) json.Number { return json.Number(money.FormatRate(r)) }
