package storetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/program"
)

// itemsModel: after random saves, what the store lists now and at any moment
// is what a list of all saves in memory says.
func itemsModel(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	m := model{chance: rand.New(rand.NewPCG(7, 31)), now: map[itemName]program.Item{}, changes: map[itemName]int{}}
	type moment struct {
		at        time.Time
		all, some []program.Item
	}
	var then []moment
	for round := range 60 {
		at := noon.Add(time.Duration(round) * time.Second)
		list := m.edits(at)
		m.hold(t, list, saveItems(t, s, list...))
		then = append(then, moment{at, m.listed(modelKinds...), m.listed(modelKinds[1:]...)})
	}
	same(t, "the items", must(s.Items(ctx))(t), m.listed(modelKinds...))
	for _, x := range then {
		same(t, "the items then", must(s.ItemsAt(ctx, x.at))(t), x.all)
		same(t, "some of the items just after", must(s.ItemsAt(ctx, x.at.Add(time.Millisecond), modelKinds[1:]...))(t), x.some)
	}
	for name, n := range m.changes {
		changes := must(s.ItemChanges(ctx, name.kind, name.key))(t)
		if len(changes) != n {
			t.Errorf("%d changes of %v, want %d", len(changes), name, n)
		}
		for i, x := range changes {
			if x.Version != int64(i+1) || i > 0 && string(x.Before) != string(changes[i-1].After) {
				t.Errorf("change %d of %v does not follow on the one before: %+v", i, name, x)
			}
		}
	}
}

var modelKinds = []string{"journey", "role", "touchpoint"}

type itemName struct{ kind, key string }

// model is what a store of items should hold.
type model struct {
	chance  *rand.Rand
	now     map[itemName]program.Item // also those that were removed
	changes map[itemName]int
}

// edits are random changes of random items, some of which change nothing.
func (m *model) edits(at time.Time) (list []program.Item) {
	for _, n := range m.chance.Perm(24)[:m.chance.IntN(24)] {
		name := itemName{modelKinds[n%3], fmt.Sprint("k", n/3)}
		x, known := m.now[name]
		if !known || x.Body == nil && m.chance.IntN(2) == 0 {
			x = program.Item{Kind: name.kind, Key: name.key}
		}
		x.At, x.By, x.Body = at, int64(n), json.RawMessage(fmt.Sprint(m.chance.IntN(3)))
		if m.chance.IntN(4) == 0 {
			x.Body = nil
		}
		list = append(list, x)
	}
	return list
}

// hold holds what a save returned to what was given, and keeps it.
func (m *model) hold(t *testing.T, given, kept []program.Item) {
	t.Helper()
	for i, x := range kept {
		name, want := itemName{x.Kind, x.Key}, given[i]
		was := m.now[name]
		want.ID, want.Version = x.ID, was.Version+1
		if string(want.Body) == string(was.Body) { // no body is empty
			want.Version, want.At, want.By = was.Version, was.At, was.By
		} else {
			m.changes[name]++
		}
		same(t, "a saved item", x, want)
		if x.Version > 0 {
			m.now[name] = x
		}
	}
}

// listed is what Items should list.
func (m *model) listed(kinds ...string) (out []program.Item) {
	for _, x := range m.now {
		if x.Body != nil && slices.Contains(kinds, x.Kind) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, byKindAndKey)
	return out
}

func byKindAndKey(a, b program.Item) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Key, b.Key))
}

// Thousands saves as many items at once as the import of a large map has: 500
// touchpoints, 5,000 roles and what belongs to them. It logs how long that
// takes by now.
func Thousands(t *testing.T, s Store, now func() time.Time) {
	t.Helper()
	const many = 6000
	ctx := t.Context()
	var list []program.Item
	for i := range many {
		kind := "role"
		if i%12 == 0 {
			kind = "touchpoint"
		}
		list = append(list, thing(kind, fmt.Sprintf("%05d", many-i), fmt.Sprintf(`{"n":%d,"purpose":%q}`, i, strings.Repeat("so that the customer ", 20))))
	}
	took := func(what string, do func()) {
		began := now()
		do()
		t.Logf("%s: %v", what, now().Sub(began).Round(time.Millisecond))
	}
	var one, two, read []program.Item
	took("6,000 items made", func() { one = saveItems(t, s, list...) })
	took("6,000 items read", func() { read = must(s.Items(ctx))(t) })
	for i := range list {
		list[i].ID, list[i].Version = one[i].ID, 1
	}
	same(t, "what SaveItems returned", one, list)
	slices.SortFunc(list, byKindAndKey)
	same(t, "what was read", read, list)
	for i := range one {
		one[i] = edited(one[i], fmt.Sprintf(`{"n":%d,"purpose":"another"}`, i))
	}
	took("6,000 items edited", func() { two = saveItems(t, s, one...) })
	took("6,000 items saved as they are", func() { same(t, "items saved as they are", saveItems(t, s, two...), two) })
	took("one of 6,000 edited", func() { saveItems(t, s, edited(two[17], `{}`)) })
	took("6,000 items as they stood", func() { read = must(s.ItemsAt(ctx, noon))(t) })
	same(t, "what stood", read, list)
	took("the number of the items", func() { must(s.ItemsVersion(ctx))(t) })
	same(t, "the changes", len(must(s.Recent(ctx, 0, 3*many))(t)), 2*many+1)
}
