package base

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/money"
)

// Customer is what one customer did in both windows, and what is known of
// them. It is what the second method works on.
type Customer struct {
	Was, Is      Sums // Customers is not used
	ActiveThen   bool
	ActiveNow    bool
	New          bool // active now, and first bought since the comparison period ended
	Segment, Via string
	Entity       string             // of the customer
	ByEntity     map[string][2]Sums // by the entity of lines, each window; nil where lines name none
	EntityActive map[string][2]bool
}

// Answers are what a ledger gives for one pair of windows.
type Answers struct {
	Bands   []Band
	Deciles []Decile
	Moves   []Move
	Groups  []Group
}

// Audit sums customers in memory: the second method against which an engine's
// answers are held. known are the dimensions that the books have; lines tells
// whether entities are those of lines.
func Audit(customers []Customer, known []Dimension, lines bool) Answers {
	var a Answers
	ranks := map[Measure][2]map[int]int{}
	for _, m := range Measures {
		var both [2]map[int]int
		for _, w := range []Window{Compared, Current} {
			both[w] = ranked(customers, w, m)
			a.Bands = append(a.Bands, bands(customers, w, m)...)
			a.Deciles = append(a.Deciles, deciles(customers, both[w], w, m)...)
		}
		ranks[m] = both
		a.Moves = append(a.Moves, moves(customers, both, m)...)
	}
	for _, d := range known {
		a.Groups = append(a.Groups, groups(customers, d, lines)...)
	}
	return a
}

func (c Customer) in(w Window) (Sums, bool) {
	if w == Compared {
		return c.Was, c.ActiveThen
	}
	return c.Is, c.ActiveNow
}

func value(s Sums, m Measure) money.Amount {
	switch m {
	case Orders:
		return money.FromMicros(s.Orders * 1_000_000)
	case Profit:
		return s.Profit
	}
	return s.Revenue
}

// ranked gives each active customer's decile; the first ones are the larger
// where the customers do not divide by ten, as SQL's ntile has it.
func ranked(customers []Customer, w Window, m Measure) map[int]int {
	var active []int
	for i, c := range customers {
		if _, ok := c.in(w); ok {
			active = append(active, i)
		}
	}
	order := map[Measure][]Measure{Spend: {Spend, Orders, Profit}, Orders: {Orders, Spend, Profit}, Profit: {Profit, Spend, Orders}}[m]
	slices.SortFunc(active, func(x, y int) int {
		for _, of := range []Window{w, 1 - w} {
			sx, _ := customers[x].in(of)
			sy, _ := customers[y].in(of)
			for _, by := range order {
				if d := value(sy, by).Cmp(value(sx, by)); d != 0 {
					return d
				}
			}
		}
		for _, of := range []Window{w, 1 - w} {
			sx, ax := customers[x].in(of)
			sy, ay := customers[y].in(of)
			if sx.Unknown != sy.Unknown {
				return cmp.Compare(sx.Unknown, sy.Unknown)
			}
			if ax != ay { // in the other window: what is ranked is active in this one
				if ax {
					return -1
				}
				return 1
			}
		}
		return 0
	})
	out := map[int]int{}
	n, at := len(active), 0
	for rank := 1; rank <= 10; rank++ {
		size := n / 10
		if rank <= n%10 {
			size++
		}
		for range size {
			out[active[at]] = rank
			at++
		}
	}
	return out
}

func bands(customers []Customer, w Window, m Measure) []Band {
	at := map[int]Band{}
	for _, c := range customers {
		s, ok := c.in(w)
		if !ok {
			continue
		}
		s.Customers = 1
		i := Place(m, value(s, m))
		b := at[i]
		at[i] = Band{w, m, i, b.Add(s)}
	}
	return sorted(at, func(b Band) int { return b.Index })
}

func deciles(customers []Customer, ranks map[int]int, w Window, m Measure) []Decile {
	at := map[int]Decile{}
	for i, rank := range ranks {
		s, _ := customers[i].in(w)
		s.Customers = 1
		d, seen := at[rank]
		v := value(s, m)
		if !seen || v.Cmp(d.Least) < 0 {
			d.Least = v
		}
		if !seen || v.Cmp(d.Most) > 0 {
			d.Most = v
		}
		at[rank] = Decile{w, m, rank, d.Add(s), d.Least, d.Most}
	}
	return sorted(at, func(d Decile) int { return d.Rank })
}

func moves(customers []Customer, ranks [2]map[int]int, m Measure) []Move {
	at := map[int]Move{}
	for i, c := range customers {
		from, to := ranks[Compared][i], ranks[Current][i]
		if from == 0 && to == 0 {
			continue
		}
		x := at[from*11+to]
		at[from*11+to] = Move{m, from, to, x.Customers + 1, x.Prior.Add(c.Was.Revenue), x.Current.Add(c.Is.Revenue)}
	}
	return sorted(at, func(x Move) int { return x.From*11 + x.To })
}

func groups(customers []Customer, d Dimension, lines bool) []Group {
	at := map[string]Group{}
	add := func(name string, was, is Sums, then, now, fresh bool) {
		g := at[name]
		g.Dimension, g.Name, g.ByLine = d, name, d == Entity && lines
		net := is.Revenue
		was.Customers, is.Customers = 1, 1
		if then {
			g.Opening++
			kept := net
			if kept.Sign() < 0 {
				kept = money.Amount{}
			}
			if was.Revenue.Cmp(kept) < 0 {
				kept = was.Revenue
			}
			g.Base, g.Net, g.Kept = g.Base.Add(was.Revenue), g.Net.Add(net), g.Kept.Add(kept)
		}
		if now {
			g.Closing++
			g.Is = g.Is.Add(is)
		}
		if then && now {
			g.Retained++
		}
		if fresh && now && !then {
			g.New++
		}
		if then {
			g.Was = g.Was.Add(was)
		}
		at[name] = g
	}
	for _, c := range customers {
		switch {
		case d == Entity && lines:
			for name, both := range c.ByEntity {
				active := c.EntityActive[name]
				add(name, both[0], both[1], active[0], active[1], c.New)
			}
		default:
			name := map[Dimension]string{Segment: c.Segment, Acquisition: c.Via, Entity: c.Entity}[d]
			add(name, c.Was, c.Is, c.ActiveThen, c.ActiveNow, c.New)
		}
	}
	return sorted(at, func(g Group) string { return g.Name })
}

func sorted[K comparable, V any, O cmp.Ordered](at map[K]V, by func(V) O) []V {
	var out []V
	for _, v := range at {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b V) int { return cmp.Compare(by(a), by(b)) })
	return out
}
