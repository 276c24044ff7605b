package referral

import (
	"slices"

	"github.com/throughline/throughline/money"
)

// Face counts who was lost after what happened to the other end of a tie, as [Ledger.Spreading] does.
func Face(b Books, s Spans) Faced {
	m := b.open(s[2].End)
	f := &facing{memory: m, s: s, faced: Faced{Voiced: b.Voices != nil}, cells: map[Key]*Cell{}, cluster: map[clustered]*[2]int64{}}
	for i, p := range s {
		f.spent[i] = m.spent(p)
		f.heard[i], f.complained[i] = map[string]bool{}, map[string]bool{}
		for _, v := range b.Voices {
			if id := m.stand(v.Customer); p.Contains(v.Day) {
				f.heard[i][id] = true
				f.complained[i][id] = f.complained[i][id] || v.Complaint
			}
		}
	}
	tied := map[string]bool{}
	for id, sender := range m.by {
		tied[id], tied[sender] = true, true
	}
	f.terciles(tied)
	for _, reversed := range []bool{false, true} {
		for id, sender := range m.by {
			f.face(Key{Relation: BroughtAfterLeft, Reversed: reversed}, id, sender, []string{sender})
			f.face(Key{Relation: BroughtAfterComplained, Reversed: reversed}, id, sender, []string{sender})
		}
		for sender, brought := range m.sent {
			f.face(Key{Relation: ReferrerAfterLeft, Reversed: reversed}, sender, sender, brought)
			f.face(Key{Relation: ReferrerAfterComplained, Reversed: reversed}, sender, sender, brought)
		}
	}
	return f.sum()
}

type clustered struct {
	Key
	cluster string
}

type facing struct {
	*memory
	s                 Spans
	spent             [3]map[string]spent
	heard, complained [3]map[string]bool
	cuts              [2][2]money.Amount // terciles of revenue in the first and second window
	faced             Faced
	cells             map[Key]*Cell
	cluster           map[clustered]*[2]int64 // egos, lost
}

func (f *facing) active(id string, window int) bool { return f.spent[window][id].active(f.AnyLine) }

func (f *facing) terciles(tied map[string]bool) {
	for w := range f.cuts {
		var all []money.Amount
		for id := range tied {
			if f.active(id, w) {
				all = append(all, f.spent[w][id].revenue)
			}
		}
		slices.SortFunc(all, money.Amount.Cmp)
		for i := range f.cuts[w] {
			if len(all) > 0 {
				f.cuts[w][i] = all[(len(all)*(i+1)+2)/3-1]
			}
		}
	}
}

// face puts an ego with its alters into a cell, where they qualify.
//
// Forward, the ego is active in the second window and lost when it is not in the third; an alter of a relation about leaving
// is active in the first window and exposed when not in the second; one of a relation about complaints is active and heard in
// the second, and exposed when it complained there. Reversed, the ego is active in the first window and lost when it is not
// in the second, and all about the alter lies a window later. An ego with several alters is exposed when one of them is.
func (f *facing) face(key Key, ego, cluster string, alters []string) {
	base, exposure := 1, 1
	if key.Reversed {
		base, exposure = 0, 2
	}
	if !f.active(ego, base) {
		return
	}
	qualified := 0
	for _, a := range alters {
		switch {
		case key.Relation.Complained() && f.active(a, exposure) && f.heard[exposure][a]:
			key.Exposed = key.Exposed || f.complained[exposure][a]
		case !key.Relation.Complained() && f.active(a, exposure-1):
			key.Exposed = key.Exposed || !f.active(a, exposure)
		default:
			continue
		}
		qualified++
	}
	if qualified == 0 {
		return
	}
	key.Stratum = f.stratum(ego, base)
	if key.Relation >= ReferrerAfterLeft {
		key.Stratum = 2*key.Stratum + index(qualified > 1)
	}
	if f.cells[key] == nil {
		f.cells[key] = &Cell{Key: key}
	}
	at := clustered{key, cluster}
	if f.cluster[at] == nil {
		f.cluster[at] = &[2]int64{}
	}
	f.cells[key].Egos++
	f.cluster[at][0]++
	if !f.active(ego, base+1) {
		f.cells[key].Lost++
		f.cluster[at][1]++
	}
}

// stratum is ((cohort · 3 + revenue) · 3 + purchases) · 2 + late: first bought in the base window, in one as long before it,
// or earlier; revenue by terciles of all who are tied; one, two to four, or more sales; a sale in the later half.
func (f *facing) stratum(id string, base int) int {
	p, s := f.s[base], f.spent[base][id]
	cohort, revenue, purchases := 2, 0, 0
	switch first := f.first[id]; {
	case first >= p.Start:
		cohort = 0
	case first >= p.Start-(p.End-p.Start):
		cohort = 1
	}
	for _, cut := range f.cuts[base] {
		revenue += index(s.revenue.Cmp(cut) > 0)
	}
	purchases = index(s.sales > 1) + index(s.sales > 4)
	return ((cohort*3+revenue)*3+purchases)*2 + index(s.last >= p.Start+(p.End-p.Start)/2 && s.sales > 0)
}

func (f *facing) sum() Faced {
	arms := map[Key]map[string]bool{}
	byCluster := map[string][]clustered{}
	for at := range f.cluster {
		arm := at.Key
		arm.Stratum = 0
		if arms[arm] == nil {
			arms[arm] = map[string]bool{}
		}
		arms[arm][at.cluster] = true
		byCluster[at.cluster] = append(byCluster[at.cluster], at)
	}
	crosses := map[[2]Key]*Cross{}
	for _, all := range byCluster {
		for _, a := range all {
			for _, b := range all {
				if a.Relation != b.Relation || a.Compare(b.Key) > 0 {
					continue
				}
				at := [2]Key{a.Key, b.Key}
				if crosses[at] == nil {
					crosses[at] = &Cross{A: a.Key, B: b.Key}
				}
				x, na, nb := crosses[at], f.cluster[a], f.cluster[b]
				x.NN, x.NY, x.YN, x.YY = x.NN+na[0]*nb[0], x.NY+na[0]*nb[1], x.YN+na[1]*nb[0], x.YY+na[1]*nb[1]
			}
		}
	}
	for _, c := range f.cells {
		f.faced.Cells = append(f.faced.Cells, *c)
	}
	for arm, clusters := range arms {
		f.faced.Arms = append(f.faced.Arms, Arm{arm, int64(len(clusters))})
	}
	for _, x := range crosses {
		f.faced.Crosses = append(f.faced.Crosses, *x)
	}
	f.faced.Sort()
	return f.faced
}

// Sort puts everything in the order of the keys, in which it is summed.
func (f *Faced) Sort() {
	slices.SortFunc(f.Cells, func(a, b Cell) int { return a.Compare(b.Key) })
	slices.SortFunc(f.Arms, func(a, b Arm) int { return a.Compare(b.Key) })
	slices.SortFunc(f.Crosses, func(a, b Cross) int {
		if c := a.A.Compare(b.A); c != 0 {
			return c
		}
		return a.B.Compare(b.B)
	})
}
