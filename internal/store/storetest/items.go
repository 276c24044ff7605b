package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/program"
)

var itemClaims = claims{
	"ItemHasEveryVersion":               itemVersions,
	"ItemsAreListedByKindAndKey":        itemsListed,
	"UnchangedBodyMakesNoVersion":       unchangedItem,
	"RemovedItemGoesOnWithItsVersions":  removedItem,
	"ItemsAreAsTheyStoodAtAMoment":      itemsAt,
	"ItemsAreSavedAllOrNone":            itemsAllOrNone,
	"StaleItemIsRefusedWithWhatChanged": staleItem,
	"OneOfManySavesOfItemsWins":         racingItems,
	"SavesOfOtherItemsAllWin":           racingOtherItems,
	"ItemsVersionGrowsWithEveryChange":  itemsVersion,
	"ItemsThatNoStoreKeepsAreRefused":   unfitItems,
	"ItemsAreSavedTogetherWithOthers":   itemsTogether,
	"ItemsAreWhatTheirHistorySays":      itemsModel,
	"AnyBodyComesBack":                  anyBody,
}

// thing is a new item of a kind.
func thing(kind, key, body string) program.Item {
	return program.Item{Kind: kind, Key: key, Body: json.RawMessage(body), At: noon, By: 7}
}

// edited is the next version of an item, a minute later.
func edited(x program.Item, body string) program.Item {
	x.Body, x.At, x.By = json.RawMessage(body), x.At.Add(time.Minute), 8
	if body == "" {
		x.Body = nil
	}
	return x
}

// saveItems saves items as they are.
func saveItems(t *testing.T, s Store, items ...program.Item) []program.Item {
	t.Helper()
	return must(s.SaveItems(t.Context(), items))(t)
}

func itemVersions(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	first := thing("touchpoint", "delivery", `{"owner": "", "n": 1}`)
	first.At = zoned
	one := saveItems(t, s, first)[0]
	same(t, "the first version", one, program.Item{ID: one.ID, Kind: "touchpoint", Key: "delivery", Version: 1, Body: json.RawMessage(`{"owner":"","n":1}`), At: zoned, By: 7})
	two := saveItems(t, s, edited(one, `{"owner":"Logistics"}`))[0]
	if two.Version != 2 || two.ID != one.ID {
		t.Errorf("the second version %+v", two)
	}
	two.At = two.At.UTC()
	same(t, "the items", must(again(t, p).Items(ctx))(t), []program.Item{two})
	changes := must(s.ItemChanges(ctx, "touchpoint", "delivery"))(t)
	same(t, "the history", must(s.Changes(ctx, program.Entity{Kind: "touchpoint", ID: one.ID}, 0))(t), changes)
	same(t, "its changes", changes, []program.Change{
		{ID: changes[0].ID, Entity: program.Entity{Kind: "touchpoint", ID: one.ID}, Version: 1, At: noon, By: 7, After: one.Body},
		{ID: changes[1].ID, Entity: program.Entity{Kind: "touchpoint", ID: one.ID}, Version: 2, At: noon.Add(time.Minute), By: 8, Before: one.Body, After: two.Body},
	})
	for _, other := range [][2]string{{"touchpoint", "Delivery"}, {"role", "delivery"}, {"", ""}} {
		if found := must(s.ItemChanges(ctx, other[0], other[1]))(t); len(found) != 0 {
			t.Errorf("changes of %q: %+v", other, found)
		}
	}
}

func itemsListed(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	saveItems(t, s, thing("touchpoint", "b", `1`), thing("role", "é", `2`), thing("role", "Z", `3`), thing("touchpoint", "a", `4`), thing("role", "a", `5`), thing("journey", "a", `6`))
	listed := func(kinds ...string) (out []string) {
		for _, x := range must(s.Items(ctx, kinds...))(t) {
			out = append(out, x.Kind+" "+x.Key+" "+string(x.Body))
		}
		return out
	}
	same(t, "all items", listed(), []string{"journey a 6", "role Z 3", "role a 5", "role é 2", "touchpoint a 4", "touchpoint b 1"})
	same(t, "items of two kinds", listed("touchpoint", "journey"), []string{"journey a 6", "touchpoint a 4", "touchpoint b 1"})
	same(t, "items of a kind that nothing has", listed("promise"), []string(nil))
	same(t, "no items at all", must(p.Other(t).Items(ctx))(t), []program.Item(nil))
}

func unchangedItem(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	list := saveItems(t, s, thing("role", "a", `{"x":[1,2]}`), thing("role", "b", `{}`))
	before := must(s.ItemsVersion(ctx))(t)
	kept := saveItems(t, s, edited(list[0], "{ \"x\": [1,\n2] }"), edited(list[1], `{}`))
	same(t, "items saved as they were", kept, list)
	same(t, "the number of the items", must(s.ItemsVersion(ctx))(t), before)
	kept = saveItems(t, s, edited(list[0], `{"x":[1,2]}`), edited(list[1], `{"y":1}`))
	same(t, "the one that was left", kept[0], list[0])
	same(t, "the version of the one that was changed", kept[1].Version, int64(2))
	same(t, "the changes of both", len(must(s.Recent(ctx, 0, 9))(t)), 3)
	never := program.Item{Kind: "role", Key: "never", At: noon}
	same(t, "removing what never was", saveItems(t, s, never)[0].Version, int64(0))
	same(t, "saving nothing", len(saveItems(t, s)), 0)
	same(t, "the changes of all", len(must(s.Recent(ctx, 0, 9))(t)), 3)
}

func removedItem(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := saveItems(t, s, thing("touchpoint", "fax", `{"n":1}`))[0]
	gone := saveItems(t, s, edited(one, ""))[0]
	if gone.Version != 2 || gone.Body != nil {
		t.Errorf("removed: %+v", gone)
	}
	if left := must(s.Items(ctx))(t); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
	changes := must(s.ItemChanges(ctx, "touchpoint", "fax"))(t)
	if len(changes) != 2 || changes[1].After != nil || string(changes[1].Before) != `{"n":1}` || changes[1].By != 8 {
		t.Fatalf("the history of what was removed %+v", changes)
	}
	if err := second(s.SaveItems(ctx, []program.Item{edited(one, `{"n":2}`)})); !isStale(err) {
		t.Errorf("an edit of what was removed meanwhile: %v", err)
	}
	same(t, "removing it once more", saveItems(t, s, edited(gone, ""))[0].Version, int64(2))
	three := saveItems(t, s, thing("touchpoint", "fax", `{"n":1}`))[0]
	if three.Version != 3 || three.ID != one.ID {
		t.Errorf("made again: %+v", three)
	}
	gone = saveItems(t, s, edited(three, ""))[0]
	back := saveItems(t, s, edited(gone, `{"n":5}`))[0]
	same(t, "the items when it came back from its last version", must(s.Items(ctx))(t), []program.Item{back})
	changes = must(s.ItemChanges(ctx, "touchpoint", "fax"))(t)
	if len(changes) != 5 || changes[2].Before != nil || changes[4].Version != 5 {
		t.Errorf("the whole history %+v", changes)
	}
}

func itemsAt(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	first := saveItems(t, s, thing("touchpoint", "a", `1`), thing("touchpoint", "b", `1`), thing("role", "a", `1`))
	second := saveItems(t, s, edited(first[0], `2`), edited(first[1], ""))
	late := thing("touchpoint", "c", `1`)
	late.At = noon.Add(time.Hour)
	third := saveItems(t, s, late, func() program.Item { x := edited(second[1], `3`); x.At = late.At; return x }())
	minute := noon.Add(time.Minute)
	for _, c := range []struct {
		at   time.Time
		want []program.Item
	}{
		{noon.Add(-1), nil},
		{noon, []program.Item{first[2], first[0], first[1]}},
		{minute.Add(-1).In(zoned.Location()), []program.Item{first[2], first[0], first[1]}},
		{minute, []program.Item{first[2], second[0]}},
		{late.At, []program.Item{first[2], second[0], third[1], third[0]}},
		{late.At.AddDate(9, 0, 0), []program.Item{first[2], second[0], third[1], third[0]}},
	} {
		same(t, fmt.Sprint("the items at ", c.at), must(s.ItemsAt(ctx, c.at))(t), c.want)
	}
	same(t, "the items now", must(s.Items(ctx))(t), must(s.ItemsAt(ctx, late.At))(t))
	same(t, "the roles then", must(s.ItemsAt(ctx, minute, "role"))(t), first[2:])
	same(t, "the promises then", must(s.ItemsAt(ctx, minute, "promise"))(t), []program.Item(nil))
}

func itemsAllOrNone(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	list := saveItems(t, s, thing("role", "a", `1`), thing("role", "b", `1`))
	saveItems(t, s, edited(list[1], `2`))
	before, number := dumped(t, s), must(s.ItemsVersion(ctx))(t)
	kept, err := s.SaveItems(ctx, []program.Item{thing("role", "new", `1`), edited(list[0], `9`), edited(list[1], `9`)})
	if !isStale(err) || kept != nil {
		t.Errorf("saved with one that is stale: %+v, %v", kept, err)
	}
	if string(dumped(t, s)) != string(before) || must(s.ItemsVersion(ctx))(t) != number {
		t.Error("a save that was refused left something")
	}
}

func staleItem(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	list := saveItems(t, s, thing("role", "a", `1`), thing("role", "b", `1`))
	two := saveItems(t, s, edited(list[0], `2`), edited(list[1], `2`))
	saveItems(t, s, edited(two[1], `3`))
	var stale *program.Stale
	if err := second(s.SaveItems(ctx, []program.Item{edited(two[0], `9`), edited(list[1], `9`), thing("role", "c", `1`)})); !errors.As(err, &stale) {
		t.Fatalf("a stale edit: %v", err)
	}
	if stale.Entity != (program.Entity{Kind: "role", ID: list[1].ID}) || stale.Key != "b" || stale.Read != 1 || stale.Has != 3 ||
		len(stale.Meanwhile) != 2 || string(stale.Meanwhile[0].After) != "2" || string(stale.Meanwhile[1].After) != "3" || !strings.Contains(stale.Error(), "this role (b) was changed meanwhile") {
		t.Errorf("what changed meanwhile: %+v", stale)
	}
	if err := second(s.SaveItems(ctx, []program.Item{thing("role", "a", `1`)})); !errors.As(err, &stale) || len(stale.Meanwhile) != 2 {
		t.Errorf("one that is there, as if it were new: %v", err)
	}
	never := thing("role", "never", `1`)
	never.Version = 4
	if err := second(s.SaveItems(ctx, []program.Item{never})); !errors.As(err, &stale) || stale.Has != 0 || stale.Key != "never" {
		t.Errorf("an edit of what never was: %v", err)
	}
}

// racingItems: of several that save overlapping items, in any order, one wins
// each round, and all that it saved.
func racingItems(t *testing.T, p Place) {
	const several = 30
	for version := range int64(3) {
		won := race(t, p, 6, func(ctx context.Context, i int, s Store) error {
			var list []program.Item
			for n := range several {
				x := thing("role", fmt.Sprint("r", n), fmt.Sprintf(`{"by":%d,"in":%d}`, i, version))
				x.Version = version
				list = append(list, x)
			}
			if i%2 == 1 {
				slices.Reverse(list)
			}
			return second(s.SaveItems(ctx, list))
		}, isStale)
		if won != 1 {
			t.Fatalf("%d saves of version %d won", won, version)
		}
	}
	list := must(p.Store.Items(t.Context()))(t)
	for _, x := range list {
		if x.Version != 3 || string(x.Body) != string(list[0].Body) {
			t.Errorf("mixed: %+v and %+v", x, list[0])
		}
	}
	if n := len(must(p.Store.Recent(t.Context(), 0, 999))(t)); len(list) != several || n != 3*several {
		t.Errorf("%d items, %d changes", len(list), n)
	}
}

func racingOtherItems(t *testing.T, p Place) {
	one := saveItems(t, p.Store, thing("role", "everybody's", `0`))[0]
	won := race(t, p, 6, func(ctx context.Context, i int, s Store) error {
		before, err := s.ItemsVersion(ctx)
		if err != nil {
			return err
		}
		kept, err := s.SaveItems(ctx, []program.Item{thing("role", fmt.Sprint(i), `1`), one}) // the one is left as it is
		if err != nil {
			return err
		}
		after, err := s.ItemsVersion(ctx)
		if err == nil && (after <= before || kept[0].Version != 1 || kept[1].Version != 1) {
			return fmt.Errorf("from %d to %d: %+v", before, after, kept)
		}
		return err
	}, func(error) bool { return false })
	if list := must(p.Store.Items(t.Context()))(t); won != 6 || len(list) != 7 {
		t.Errorf("%d won, %d items", won, len(list))
	}
	same(t, "the number after seven saves", must(p.Store.ItemsVersion(t.Context()))(t), int64(7))
}

func itemsVersion(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	number := must(s.ItemsVersion(ctx))(t)
	same(t, "the number before the first item", number, int64(0))
	grown := func(what string) {
		t.Helper()
		now := must(s.ItemsVersion(ctx))(t)
		if now <= number {
			t.Errorf("%s left the number at %d, after %d", what, now, number)
		}
		number = now
	}
	list := saveItems(t, s, thing("role", "a", `1`), thing("role", "b", `1`))
	grown("making")
	list[0] = saveItems(t, s, edited(list[0], `2`))[0]
	grown("editing")
	list[0] = saveItems(t, s, edited(list[0], ""))[0]
	grown("removing")
	saveItems(t, s, thing("role", "a", `1`))
	grown("making again")
	to := p.Other(t)
	ok(t, to.Load(ctx, strings.NewReader(string(dumped(t, s)))))
	same(t, "the number after moving", must(to.ItemsVersion(ctx))(t), number)
	saveItems(t, to, edited(list[1], `2`))
	s = to
	grown("editing what was moved")
}

func unfitItems(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	twice := thing("role", "a", `1`)
	odd := thing("role", "a", `1`)
	odd.Version = -1
	for want, list := range map[string][]program.Item{
		"kept elsewhere":           {thing("user", "a", `1`)},
		"is kept elsewhere":        {thing("document", "a", `1`)},
		"printable":                {thing("role", "a\x00b", `1`)},
		"of printable":             {thing("role", "caf\xe9", `1`)},
		"1 to 200 bytes":           {thing("role", strings.Repeat("k", 201), `1`)},
		"needs a kind":             {thing("", "a", `1`)},
		`item "" of kind "role"`:   {thing("role", "", `1`)},
		"twice at once":            {twice, thing("touchpoint", "a", `1`), twice},
		"no JSON in UTF-8":         {thing("role", "a", `{"a":`)},
		"no JSON":                  {thing("role", "a", "\"caf\xe9\"")},
		"body that is no JSON":     {{Kind: "role", Key: "a", Body: json.RawMessage{}}},
		"leave the body out":       {thing("role", "a", ` null `)},
		"cannot have version -1":   {odd},
		"in the year 10000 cannot": {func() program.Item { x := twice; x.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC); return x }()},
	} {
		kept, err := s.SaveItems(ctx, append([]program.Item{thing("role", "fit", `1`)}, list...))
		if err == nil || !strings.Contains(err.Error(), want) || kept != nil {
			t.Errorf("%v, want %q", err, want)
		}
	}
	same(t, "what was kept of all that", len(must(s.Items(ctx))(t))+len(must(s.Recent(ctx, 0, 9))(t)), 0)
	saveItems(t, s, thing(strings.Repeat("ü", 100), strings.Repeat("🧵", 50), `1`)) // 200 bytes each
}

// itemsTogether: a save is a part of a larger act, and a refused one leaves
// the others their chance.
func itemsTogether(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := saveItems(t, s, thing("role", "a", `1`))[0]
	ok(t, s.Together(ctx, func(ctx context.Context) error {
		if err := second(s.SaveDocument(ctx, program.Document{Name: "n", Text: "t", At: noon})); err != nil {
			return err
		}
		if err := second(s.SaveItems(ctx, []program.Item{thing("role", "b", `1`), thing("role", "a", `2`)})); !isStale(err) {
			t.Errorf("a stale edit: %v", err)
		}
		if err := second(s.SaveItems(ctx, []program.Item{thing("role", "c", `1`)})); err != nil {
			return err
		}
		if list := must(s.Items(ctx))(t); len(list) != 2 {
			t.Errorf("inside: %+v", list)
		}
		return s.AppendAudit(ctx, entry(1, 7, "edited", "role a"))
	}))
	refused(t, "thinking better of it", s.Together(ctx, func(ctx context.Context) error {
		if err := second(s.SaveItems(ctx, []program.Item{edited(one, `9`)})); err != nil {
			return err
		}
		return errChanged
	}), errChanged)
	list := must(s.Items(ctx))(t)
	if len(list) != 2 || string(list[0].Body) != "1" || list[1].Key != "c" {
		t.Errorf("kept %+v", list)
	}
}

func anyBody(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	for i, text := range []string{
		"'; DROP TABLE item; --", `"quoted" \ %_ $1 ? ?1 :name @name`, "<script>alert(1)</script>&amp;", "\u202e\u2028\u2029", "🧵 é e\u0301 \ufffd", "\x00\t\r\n\x7f", strings.Repeat("long ", 200_000),
	} {
		body := must(json.Marshal(map[string]any{"text": text, "number": json.Number("12345678901234567890.10")}))(t)
		key := fmt.Sprint("any ? $1 '", i)
		one := saveItems(t, s, thing("role", key, string(body)))[0]
		saveItems(t, s, edited(one, ""))
		changes := must(s.ItemChanges(ctx, "role", key))(t)
		if string(one.Body) != string(body) || len(changes) != 2 || string(changes[0].After) != string(body) || string(changes[1].Before) != string(body) {
			t.Errorf("body %d came back as %.80q, in the history %+.200v", i, one.Body, changes)
		}
	}
}
