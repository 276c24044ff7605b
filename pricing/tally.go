package pricing

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Books are rows in memory, for a second method beside a ledger's.
type Books struct {
	Lines    []Line
	Contacts []Contact
	Answers  []Answer
	Links    map[string]string // merged ids, each to the next
	Excluded map[string]bool   // a merged customer is excluded when any of its ids is
}

// Line is a line of an order.
type Line struct {
	Customer  string // empty: unknown
	Day       calendar.Day
	Product   string
	Quantity  money.Amount
	Amount    money.Amount
	ListPrice *money.Amount
	Foreign   bool // in another currency than the statement's
}

// Contact is an interaction that says whether it was resolved.
type Contact struct {
	Customer string
	Day      calendar.Day
	Resolved bool
}

// Answer is an answer to nps, at most one a customer and day.
type Answer struct {
	Customer string
	Day      calendar.Day
	Score    int
}

// stands leads an id to the one that stands; ok is false where nobody does, or who is excluded.
func (b Books) stands(id string) (string, bool) {
	id = b.led(id)
	for other, excluded := range b.Excluded {
		if excluded && b.led(other) == id {
			return id, false
		}
	}
	return id, id != ""
}

func (b Books) led(id string) string {
	for next, linked := b.Links[id]; linked; next, linked = b.Links[id] {
		id = next
	}
	return id
}

// sales are the lines that count as bought, with the customers that stand.
func (b Books) sales(w Window) []Line {
	var out []Line
	for _, l := range b.Lines {
		m := calendar.MonthOf(l.Day)
		id, ok := b.stands(l.Customer)
		if ok && l.Product != "" && l.Quantity.Sign() > 0 && l.Amount.Sign() > 0 && m >= w.Start && m < w.End {
			l.Customer = id
			out = append(out, l)
		}
	}
	return out
}

type holder struct {
	customer string
	product  int
}

// Demand sums rows as a ledger does.
func (b Books) Demand(w Window) Demand {
	var d Demand
	revenue := map[string]money.Amount{}
	sales := b.sales(w)
	for _, l := range sales {
		if sum := revenue[l.Product]; l.Foreign {
			revenue[l.Product] = sum
		} else {
			revenue[l.Product] = sum.Add(l.Amount)
		}
	}
	var all []Product
	for name, sum := range revenue {
		all = append(all, Product{name, sum})
	}
	slices.SortFunc(all, func(a, b Product) int {
		return cmp.Or(b.Revenue.Cmp(a.Revenue), cmp.Compare(a.Name, b.Name))
	})
	d.Products = all[:min(len(all), MostProducts)]
	for _, p := range all[len(d.Products):] {
		d.Rest.Products++
		d.Rest.Revenue = d.Rest.Revenue.Add(p.Revenue)
	}
	bought := boughtBy(sales, d.Names())
	cells := map[[3]int]*Cell{}
	for h, months := range bought {
		entry := slices.Min(keys(months))
		for m, q := range months {
			key := [3]int{h.product, int(entry), int(m)}
			if cells[key] == nil {
				cells[key] = &Cell{Product: h.product, Entry: entry, Month: m}
			}
			cells[key].Buyers++
			cells[key].Quantity = cells[key].Quantity.Add(q)
		}
	}
	for _, c := range cells {
		d.Cells = append(d.Cells, *c)
	}
	slices.SortFunc(d.Cells, func(a, b Cell) int {
		return cmp.Or(a.Product-b.Product, int(a.Entry-b.Entry), int(a.Month-b.Month))
	})
	d.Prices = b.prices(w, d.Names())
	return d
}

// boughtBy sums what each customer bought of the products, by month.
func boughtBy(sales []Line, products []string) map[holder]map[calendar.Month]money.Amount {
	out := map[holder]map[calendar.Month]money.Amount{}
	for _, l := range sales {
		k := slices.Index(products, l.Product)
		if k < 0 {
			continue
		}
		h, m := holder{l.Customer, k}, calendar.MonthOf(l.Day)
		if out[h] == nil {
			out[h] = map[calendar.Month]money.Amount{}
		}
		out[h][m] = out[h][m].Add(l.Quantity)
	}
	return out
}

func keys[V any](of map[calendar.Month]V) []calendar.Month {
	var out []calendar.Month
	for k := range of {
		out = append(out, k)
	}
	return out
}

// prices are the lower medians of list prices by product and month.
func (b Books) prices(w Window, products []string) []Price {
	listed := map[[2]int][]money.Amount{}
	for _, l := range b.Lines {
		k, m := slices.Index(products, l.Product), calendar.MonthOf(l.Day)
		if id, counts := b.stands(l.Customer); !counts && id != "" {
			continue // what is said to the excluded is no list price
		}
		if k >= 0 && l.ListPrice != nil && l.ListPrice.Sign() > 0 && l.Quantity.Sign() > 0 && !l.Foreign && m >= w.Start && m < w.End {
			listed[[2]int{k, int(m)}] = append(listed[[2]int{k, int(m)}], *l.ListPrice)
		}
	}
	var out []Price
	for key, all := range listed {
		slices.SortFunc(all, money.Amount.Cmp)
		p := Price{Product: key[0], Month: calendar.Month(key[1]), Price: all[(len(all)-1)/2], Lines: int64(len(all))}
		for _, x := range all {
			off := new(big.Rat).Abs(x.Sub(p.Price).Rat())
			if off.Mul(off, big.NewRat(100, 1)).Cmp(p.Price.Rat()) <= 0 {
				p.At++
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Price) int { return cmp.Or(a.Product-b.Product, int(a.Month-b.Month)) })
	return out
}

// Served sums rows as a ledger does; all measures are known.
func (b Books) Served(w Watch, products []string) Served {
	s := Served{Known: map[string]bool{"resolved": true, "nps": true}}
	judged := b.judged(w)
	groups, cells := map[servedKind]*Group{}, map[servedKind]map[calendar.Month]*ServedCell{}
	for h, months := range boughtBy(b.sales(Window{w.Since(), w.End}), products) {
		if slices.Min(keys(months)) >= w.Start {
			continue
		}
		for _, measure := range Measures {
			well, known := judged[measure][h.customer]
			if !known {
				continue
			}
			kind := servedKind{measure, h.product, well}
			if groups[kind] == nil {
				groups[kind], cells[kind] = &Group{Measure: measure, Product: h.product, Well: well}, map[calendar.Month]*ServedCell{}
			}
			groups[kind].Customers++
			for m, q := range months {
				if m < w.Start {
					continue
				}
				if cells[kind][m] == nil {
					cells[kind][m] = &ServedCell{Measure: measure, Product: h.product, Well: well, Month: m}
				}
				cells[kind][m].Buyers++
				cells[kind][m].Quantity = cells[kind][m].Quantity.Add(q)
			}
		}
	}
	for kind, g := range groups {
		s.Groups = append(s.Groups, *g)
		for _, c := range cells[kind] {
			s.Cells = append(s.Cells, *c)
		}
	}
	return s
}

type servedKind struct {
	measure string
	product int
	well    bool
}

// judged tells of each measure which customers were well served and which poorly.
func (b Books) judged(w Watch) map[string]map[string]bool {
	within := func(d calendar.Day) bool { return d >= w.Since().First() && d < w.Start.First() }
	resolved := map[string]bool{}
	for _, c := range b.Contacts {
		if id, ok := b.stands(c.Customer); ok && within(c.Day) {
			well, known := resolved[id]
			resolved[id] = c.Resolved && (well || !known)
		}
	}
	last := map[string]Answer{}
	for _, a := range b.Answers {
		id, ok := b.stands(a.Customer)
		if !ok || !within(a.Day) {
			continue
		}
		before, known := last[id]
		if !known || a.Day > before.Day || a.Day == before.Day && a.Score < before.Score {
			last[id] = a
		}
	}
	nps := map[string]bool{}
	for id, a := range last {
		if a.Score >= 9 || a.Score <= 6 {
			nps[id] = a.Score >= 9
		}
	}
	return map[string]map[string]bool{"resolved": resolved, "nps": nps}
}
