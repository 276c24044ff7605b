package journey

import (
	"cmp"
	"context"
	"math/big"
	"regexp"
	"slices"
	"strconv"

	"github.com/throughline/throughline/calendar"
)

var scaleForm = regexp.MustCompile(`^(\d{1,4}) *(?:-|–|to) *(\d{1,4})$`)

// cuts are the ends of a question's scale, the lowest of its high answers and the highest of its low ones; false: nothing tells them.
// Texts are folded.
func cuts(question, scale string) (low, high, top, bottom int64, ok bool) {
	if scale == "" {
		ends, known := map[string][2]int64{"nps": {0, 10}, "csat": {1, 5}, "ces": {1, 7}}[question]
		low, high, ok = ends[0], ends[1], known
	} else if found := scaleForm.FindStringSubmatch(scale); found != nil {
		low, _ = strconv.ParseInt(found[1], 10, 64)
		high, _ = strconv.ParseInt(found[2], 10, 64)
		ok = low < high && (question != "nps" || low == 0 && high == 10)
	}
	span := high - low
	switch {
	case question == "nps":
		top, bottom = 9, 6
	case question == "ces":
		top, bottom = (low+high)/2+1, (low+high+1)/2-1
	case span < 3:
		top, bottom = high, low
	case span > 10:
		top, bottom = high-span/5, low+span/5
	default:
		top, bottom = high-1, low+1
	}
	return low, high, top, bottom, ok
}

// side is −1 of a low answer, 0 of one in the middle, 1 of a high one; false: it cannot be read.
func (a Answer) side() (int64, bool) {
	low, high, top, bottom, ok := cuts(Fold(a.Question), Fold(a.Scale))
	at := func(n int64) int { return a.Score.Cmp(big.NewRat(n, 1)) }
	switch {
	case !ok || at(low) < 0 || at(high) > 0:
		return 0, false
	case at(top) >= 0:
		return 1, true
	case at(bottom) <= 0:
		return -1, true
	}
	return 0, true
}

// Answered answers [Ledger].
func (b Books) Answered(_ context.Context, q Question) ([]Answered, error) {
	m := b.open(q)
	type key struct {
		Part
		question, scale string
	}
	parts := map[key]*clusters{}
	for i, a := range b.Answers {
		if a.Score == nil {
			continue
		}
		for _, p := range m.parts(a.Mention) {
			k := key{p, Fold(a.Question), Fold(a.Scale)}
			if parts[k] == nil {
				parts[k] = &clusters{}
			}
			unit, _ := m.unit(a.Customer)
			parts[k].add(unit, i)
		}
	}
	var out []Answered
	for k, rows := range parts {
		a := m.answered(rows, k.question == "nps")
		a.Part, a.Question, a.Scale = k.Part, k.question, k.scale
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Answered) int {
		return cmp.Or(a.compare(b.Part), cmp.Compare(a.Question, b.Question), cmp.Compare(a.Scale, b.Scale))
	})
	return out, nil
}

func (m *memory) answered(rows *clusters, net bool) Answered {
	var a Answered
	a.Unit = rows.mean(func(row int) *big.Rat {
		side, ok := m.Answers[row].side()
		switch {
		case !ok:
			return nil
		case net || side == 1:
			return big.NewRat(side, 1)
		}
		return new(big.Rat)
	})
	a.Score = rows.mean(func(row int) *big.Rat {
		if _, ok := m.Answers[row].side(); ok {
			return m.Answers[row].Score
		}
		return nil
	})
	rows.each(func(unit string, of []int) {
		read := int64(0)
		for _, row := range of {
			side, ok := m.Answers[row].side()
			if !ok {
				a.Unread++
				continue
			}
			read++
			if m.Answers[row].Comment != "" {
				a.Comments++
			}
			*map[int64]*int64{-1: &a.Low, 0: &a.Middle, 1: &a.High}[side]++
		}
		a.N += read
		if unit != "" && read > 0 {
			a.Customers++
		}
	})
	return a
}

// said is one row that may name a touchpoint, of whatever book.
type said struct {
	span             int
	day              calendar.Day
	touchpoint, unit string
}

// Named answers [Ledger].
func (b Books) Named(_ context.Context, q Question) ([]Named, error) {
	m := b.open(q)
	books := map[string][]said{}
	for _, x := range b.Contacts {
		books["interactions"] = append(books["interactions"], m.said(x.Mention)...)
	}
	for _, x := range b.Answers {
		books["answers"] = append(books["answers"], m.said(x.Mention)...)
	}
	for _, x := range b.Remarks {
		books["remarks"] = append(books["remarks"], m.said(x)...)
	}
	for _, x := range b.Orders {
		books["orders"] = append(books["orders"], m.said(x.Mention)...)
	}
	for _, x := range b.Measures {
		books["measures"] = append(books["measures"], m.figure(x)...)
	}
	for _, x := range b.Costs {
		books["costs"] = append(books["costs"], m.figure(x)...)
	}
	var out []Named
	for _, book := range []string{"interactions", "answers", "remarks", "orders", "measures", "costs"} {
		out = append(out, m.named(book, books[book])...)
	}
	return out, nil
}

func (m *memory) said(x Mention) []said {
	unit, ok := m.unit(x.Customer)
	var out []said
	for i, s := range m.q.Spans {
		if ok && s.Contains(x.Day) {
			out = append(out, said{i, x.Day, x.Touchpoint, unit})
		}
	}
	return out
}

// figure is a row of a period that lies in spans.
func (m *memory) figure(x Figure) []said {
	if m.q.Period == nil {
		return nil
	}
	p, err := m.q.Period(x.Period)
	var out []said
	for i, s := range m.q.Spans {
		if err == nil && s.Start <= p.Start && p.End <= s.End {
			out = append(out, said{i, p.Start, x.Touchpoint, ""})
		}
	}
	return out
}

func (m *memory) named(book string, rows []said) []Named {
	counts := map[string]int{}
	for _, r := range rows {
		if name := Fold(r.touchpoint); name != "" {
			counts[name]++
		}
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	rest := map[string]bool{}
	for _, name := range names[min(MostNames, len(names)):] {
		rest[name] = true
	}
	type key struct {
		span             int
		name, touchpoint string
		rest             bool
	}
	found := map[key]*Named{}
	units, others := map[key]map[string]bool{}, map[key]map[string]bool{}
	for _, r := range rows {
		name := Fold(r.touchpoint)
		k := key{r.span, name, m.lead(name, r.day), rest[name]}
		if k.rest {
			k.name = ""
		}
		if found[k] == nil {
			found[k] = &Named{Span: k.span, Book: book, Name: k.name, Touchpoint: k.touchpoint}
			units[k], others[k] = map[string]bool{}, map[string]bool{}
		}
		found[k].Rows++
		if r.unit != "" {
			units[k][r.unit] = true
		}
		if k.rest {
			others[k][name] = true
		}
	}
	var out []Named
	for k, n := range found {
		n.Customers, n.Others = int64(len(units[k])), int64(len(others[k]))
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b Named) int {
		return cmp.Or(cmp.Compare(a.Span, b.Span), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Others, b.Others), cmp.Compare(a.Touchpoint, b.Touchpoint))
	})
	return out
}

// shared tells whether a figure's name leads to another touchpoint too on some day of its period.
func (m *memory) shared(x Figure, touchpoint string) bool {
	p, err := m.q.Period(x.Period)
	for day := p.Start; err == nil && day < p.End; day++ {
		if at := m.lead(x.Touchpoint, day); at != "" && at != touchpoint {
			return true
		}
	}
	return false
}

// Measured answers [Ledger].
func (b Books) Measured(_ context.Context, q Question) ([]Measured, error) {
	m := b.open(q)
	type key struct {
		span                int
		touchpoint, measure string
	}
	found, shared := map[key][]Figure{}, map[key]int64{}
	for _, x := range b.Measures {
		for _, r := range m.figure(x) {
			if touchpoint := m.lead(x.Touchpoint, r.day); touchpoint != "" {
				k := key{r.span, touchpoint, Fold(x.Measure)}
				found[k] = append(found[k], x)
				if m.shared(x, touchpoint) {
					shared[k]++
				}
			}
		}
	}
	var out []Measured
	for k, rows := range found {
		sum, n, product := new(big.Rat), new(big.Rat), new(big.Rat)
		weighted := true
		for _, x := range rows {
			sum.Add(sum, x.Value)
			if weighted = weighted && x.N != nil && x.N.Sign() > 0; weighted {
				n.Add(n, x.N)
				product.Add(product, new(big.Rat).Mul(x.N, x.Value))
			}
		}
		r := Measured{Span: k.span, Touchpoint: k.touchpoint, Measure: k.measure, Values: int64(len(rows)), Shared: shared[k], Mean: sum.Quo(sum, big.NewRat(int64(len(rows)), 1))}
		if weighted {
			r.N, r.Mean = n, product.Quo(product, n)
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Measured) int {
		return cmp.Or(cmp.Compare(a.Span, b.Span), cmp.Compare(a.Touchpoint, b.Touchpoint), cmp.Compare(a.Measure, b.Measure))
	})
	return out, nil
}
