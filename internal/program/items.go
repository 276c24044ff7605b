package program

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// Item is one thing of the program that people edit one by one: a touchpoint,
// a role. What its body means is the business of the domain that owns its kind.
type Item struct {
	ID      int64
	Kind    string          // "touchpoint"; also the kind of its Entity in the history
	Key     string          // unique within its kind, given once, never changed
	Version int64           // 0: new
	Body    json.RawMessage // nil: it was removed, or is to be
	At      time.Time       // of this version
	By      int64           // as in Change
}

// Items keeps things of the program with their history, in which Before and
// After are the bodies.
type Items interface {
	// Items lists the newest version of each item of the kinds, or of all when
	// none is named, by kind and key, without those that were removed.
	Items(ctx context.Context, kinds ...string) ([]Item, error)
	// ItemsAt lists the items as they stood at a moment: also those removed
	// since, not those made later.
	ItemsAt(ctx context.Context, at time.Time, kinds ...string) ([]Item, error)
	// SaveItems keeps every item as the version after the one that was read,
	// all or none, in one transaction with their history, and returns them as
	// they are now, in the same order. An item without a body is removed; one
	// that was removed and is made again under its key, with version 0, goes on
	// with its versions. A body that is the same as before but for the space
	// between its parts makes no version.
	//
	// It returns *Stale for the first item whose version is not the newest: so
	// is one with version 0 that is there already. What FitItems refuses is
	// refused.
	SaveItems(ctx context.Context, items []Item) ([]Item, error)
	// ItemsVersion is a number that grows with every change of any item, in the
	// order in which others see the changes; 0 before the first. Who keeps items
	// in memory asks for it before asking for the items.
	ItemsVersion(ctx context.Context) (int64, error)
	// ItemChanges lists the changes of an item, oldest first, also of one that
	// was removed; none for one that never was.
	ItemChanges(ctx context.Context, kind, key string) ([]Change, error)
}

// otherKinds are those of entities that are no items.
var otherKinds = []string{KindDocument, KindSchedule, KindUser}

// longestKey is how many bytes the kind and the key of an item may have: both
// databases can look up texts of that length.
const longestKey = 200

// FitItems are the items as a store keeps them, their bodies without space
// between the parts. It refuses what no store could keep: the kind of another
// entity, a kind or key that is empty, longer than 200 bytes or not printable,
// a body that is no JSON or null, and the same item twice.
func FitItems(items []Item) ([]Item, error) {
	type name struct{ kind, key string }
	seen := make(map[name]bool, len(items))
	out := slices.Clone(items)
	for i, x := range out {
		refuse := func(what string) error { return fmt.Errorf("item %q of kind %q %s", x.Key, x.Kind, what) }
		switch {
		case slices.Contains(otherKinds, x.Kind):
			return nil, refuse("has a kind that is kept elsewhere")
		case !printable(x.Kind) || !printable(x.Key):
			return nil, refuse(fmt.Sprintf("needs a kind and a key of 1 to %d bytes of printable characters", longestKey))
		case seen[name{x.Kind, x.Key}]:
			return nil, refuse("is to be saved twice at once")
		case x.Version < 0:
			return nil, refuse(fmt.Sprintf("cannot have version %d", x.Version))
		}
		seen[name{x.Kind, x.Key}] = true
		if x.Body == nil {
			continue
		}
		var body bytes.Buffer
		if err := json.Compact(&body, x.Body); err != nil || !utf8.Valid(x.Body) {
			return nil, refuse("has a body that is no JSON in UTF-8")
		}
		if body.String() == "null" {
			return nil, refuse("has a body that is null; leave the body out to remove the item")
		}
		out[i].Body = body.Bytes()
	}
	return out, nil
}

func printable(text string) bool {
	if text == "" || len(text) > longestKey || !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
