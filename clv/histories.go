package clv

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/likelihood"
)

// History is what the lifetime models know of a customer: how many purchases after the first (x), when the last of them was,
// counted from the first (t_x; 0 without repeats), and how long ago the first was (T). The unit of time is the caller's, the
// same for all; days tell more than weeks. For [BGBB], Age is the number of opportunities and Last the last one used.
type History struct {
	Repeats   int64
	Last, Age float64
}

func (h History) check() error {
	switch {
	case h.Repeats < 0:
		return fmt.Errorf("%d repeat purchases", h.Repeats)
	case !(h.Age >= 0) || math.IsInf(h.Age, 1):
		return fmt.Errorf("age %v is not a time from 0 on", h.Age)
	case !(h.Last >= 0) || h.Last > h.Age:
		return fmt.Errorf("last purchase at %v, which is not from 0 to the age of %v", h.Last, h.Age)
	case h.Repeats == 0 && h.Last != 0:
		return fmt.Errorf("no repeat purchase, and yet the last of them at %v", h.Last)
	}
	return nil
}

func (h History) valid() bool { return h.check() == nil }

// group is a history with the number of customers who have it.
type group struct {
	History
	customers float64
}

// Histories are the sufficient statistics of the lifetime models: the distinct histories and how many customers have each.
// They do not depend on the order in which customers came. They are made by [Gather] and never change.
type Histories struct {
	groups    []group // by repeats, age, last
	customers float64
	repeaters float64
	purchases float64 // repeats of all
	exposure  float64 // ages of all
}

// Gather counts customers by history. The second value of the sequence is how many customers have the history, 1 for a row
// a customer; rows with 0 are left out. A row that no customer can have is an error that names it, counted from 1.
func Gather(rows iter.Seq2[History, float64]) (*Histories, error) {
	var gathered []group
	row, limit := 0, 1<<18
	for h, n := range rows {
		row++
		if err := h.check(); err != nil {
			return nil, fmt.Errorf("history %d: %w", row, err)
		}
		if !(n >= 0) || math.IsInf(n, 1) {
			return nil, fmt.Errorf("history %d: a weight of %v", row, n)
		}
		if n == 0 {
			continue
		}
		gathered = append(gathered, group{h, n})
		if len(gathered) >= limit { // keeps the memory to a few times the distinct histories
			gathered = merged(gathered)
			limit = max(limit, 2*len(gathered))
		}
	}
	return assembled(merged(gathered)), nil
}

// Each gives every customer a weight of 1.
func Each(customers []History) iter.Seq2[History, float64] {
	return func(yield func(History, float64) bool) {
		for _, h := range customers {
			if !yield(h, 1) {
				return
			}
		}
	}
}

func merged(gs []group) []group {
	slices.SortFunc(gs, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Age, b.Age), cmp.Compare(a.Last, b.Last), cmp.Compare(a.customers, b.customers))
	})
	out := gs[:0]
	for _, g := range gs {
		if n := len(out); n > 0 && out[n-1].History == g.History {
			out[n-1].customers += g.customers
			continue
		}
		out = append(out, g)
	}
	return out
}

func assembled(gs []group) *Histories {
	h := &Histories{groups: gs}
	for _, g := range gs {
		h.customers += g.customers
		h.exposure += g.customers * g.Age
		if g.Repeats > 0 {
			h.repeaters += g.customers
			h.purchases += g.customers * float64(g.Repeats)
		}
	}
	return h
}

// Customers is how many customers there are.
func (h *Histories) Customers() float64 { return h.customers }

// Repeaters is how many of them bought again.
func (h *Histories) Repeaters() float64 { return h.repeaters }

// Distinct is how many different histories there are.
func (h *Histories) Distinct() int { return len(h.groups) }

// All gives the histories with the number of customers of each, by repeats, age and last.
func (h *Histories) All() iter.Seq2[History, float64] {
	return func(yield func(History, float64) bool) {
		for _, g := range h.groups {
			if !yield(g.History, g.customers) {
				return
			}
		}
	}
}

// leastRepeaters is how many repeat customers a lifetime model must rest on. The coverage of its intervals was simulated
// with more (docs/truth.md).
const leastRepeaters = 30

func (h *Histories) enough(model string) error {
	if h.repeaters < leastRepeaters {
		return likelihood.Refusal{Cause: TooFew, Refusal: evidence.Refusal{
			Reason: fmt.Sprintf("%s: %.4g repeat customers, need %d", model, h.repeaters, leastRepeaters),
			Need:   fmt.Sprintf("%d customers who bought again", leastRepeaters)}}
	}
	if h.exposure == 0 {
		return likelihood.Refusal{Cause: TooFew, Refusal: evidence.Refusal{Reason: model + ": no time has passed since any first purchase", Need: "ages above 0"}}
	}
	return nil
}

// TooFew is the cause of a refusal before any climb: there is too little to learn from.
const TooFew likelihood.Cause = "too few"

// pilotSize is about how many customers the first way is climbed with, when there are more than pilotFrom histories.
const pilotSize, pilotFrom = 5_000, 20_000

// pilot draws customers at even steps through the sorted histories, so that the same customers come whatever order they
// were gathered in. It is nil where the whole is small.
func (h *Histories) pilot() *Histories {
	if len(h.groups) < pilotFrom {
		return nil
	}
	step := h.customers / pilotSize
	var out []group
	passed, due := 0.0, step/2
	for _, g := range h.groups {
		passed += g.customers
		if passed <= due {
			continue
		}
		n := math.Ceil((passed - due) / step)
		out = append(out, group{g.History, n})
		due += n * step
	}
	return assembled(out)
}

// run is the stretch of groups with the same number of repeats.
type run struct {
	repeats  float64
	from, to int
}

func (h *Histories) runs() []run {
	var out []run
	for i, g := range h.groups {
		if n := len(out); n == 0 || out[n-1].repeats != float64(g.Repeats) {
			out = append(out, run{float64(g.Repeats), i, i})
		}
		out[len(out)-1].to = i + 1
	}
	return out
}
