package relational

import (
	stdbytes "bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/throughline/throughline/internal/program"
)

const itemColumns = "id, kind, key, version, body, at, who"

func readItem(scan scanner) (x program.Item, err error) {
	var at string
	var body sql.NullString
	if err := scan(&x.ID, &x.Kind, &x.Key, &x.Version, &body, &at, &x.By); err != nil {
		return x, err
	}
	if body.Valid {
		x.Body = json.RawMessage(body.String)
	}
	x.At, err = moment(at)
	return x, err
}

// texts are arguments of a statement.
func texts(list []string) (out []any) {
	for _, text := range list {
		out = append(out, text)
	}
	return out
}

// Items lists the newest version of each item of the kinds, by kind and key.
func (s *Store) Items(ctx context.Context, kinds ...string) ([]program.Item, error) {
	out, err := all(ctx, s.ask(ctx), readItem, "SELECT "+itemColumns+" FROM item WHERE body IS NOT NULL"+among("kind", len(kinds))+" ORDER BY kind, key", texts(kinds)...)
	return out, s.plain(ctx, "read the program in", err)
}

// ItemsAt lists the items as they stood at a moment. A removed item keeps its
// row, so that its history can be found.
func (s *Store) ItemsAt(ctx context.Context, at time.Time, kinds ...string) ([]program.Item, error) {
	out, err := all(ctx, s.ask(ctx), readItem, `SELECT i.id, i.kind, i.key, c.version, c.after, c.at, c.who
		FROM item i JOIN change c ON c.kind = i.kind AND c.entity = i.id
		WHERE c.version = (SELECT max(x.version) FROM change x WHERE x.kind = i.kind AND x.entity = i.id AND x.at <= ?) AND c.after IS NOT NULL`+
		among("i.kind", len(kinds))+" ORDER BY i.kind, i.key", append([]any{stamped(at)}, texts(kinds)...)...)
	return out, s.plain(ctx, "read the program in", err)
}

// ItemsVersion is the number of the last save that changed an item.
func (s *Store) ItemsVersion(ctx context.Context) (n int64, err error) {
	n, err = s.ask(ctx).lastSave(ctx)
	return n, s.plain(ctx, "read the program in", err)
}

// lastSave only grows: no row of an item is ever deleted, and writers number
// their saves one after the other.
func (c conn) lastSave(ctx context.Context) (n int64, err error) {
	_, err = c.one(ctx, "SELECT coalesce(max(saved), 0) FROM item").into(&n)
	return n, err
}

// ItemChanges lists the changes of an item, oldest first.
func (s *Store) ItemChanges(ctx context.Context, kind, key string) ([]program.Change, error) {
	out, err := all(ctx, s.ask(ctx), readChange, `SELECT c.id, c.kind, c.entity, c.version, c.at, c.who, c.before, c.after
		FROM change c JOIN item i ON i.id = c.entity AND i.kind = c.kind WHERE i.kind = ? AND i.key = ? ORDER BY c.version`, kind, key)
	return out, s.plain(ctx, "read the history in", err)
}

// SaveItems keeps every item as the version after the one that was read, all
// or none.
func (s *Store) SaveItems(ctx context.Context, items []program.Item) (kept []program.Item, err error) {
	items, err = program.FitItems(items)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	err = s.change(ctx, "save the program in", func(c conn) error {
		// Two that save many items in different orders would wait for each
		// other, and their saves would not be seen in the order of their numbers.
		if err := c.alone(ctx, "item"); err != nil {
			return err
		}
		kept, err = c.saveItems(ctx, items)
		return err
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

// itemName is what an item is found by.
type itemName struct{ kind, key string }

func nameOf(x program.Item) itemName { return itemName{x.Kind, x.Key} }

func (c conn) saveItems(ctx context.Context, items []program.Item) ([]program.Item, error) {
	has, err := c.itemsNamed(ctx, items)
	if err != nil {
		return nil, err
	}
	kept := slices.Clone(items)
	var moved []*program.Item
	for i := range kept {
		x, was := &kept[i], has[nameOf(kept[i])]
		x.ID = was.ID
		again := x.Version == 0 && was.Body == nil // it is new, or was removed
		switch {
		case x.Version != was.Version && !again:
			return nil, c.staleItem(ctx, *x, was.Version)
		case (x.Body == nil) == (was.Body == nil) && stdbytes.Equal(x.Body, was.Body):
			*x = was
			x.Kind, x.Key = items[i].Kind, items[i].Key // where it never was
		default:
			x.Version = was.Version + 1
			moved = append(moved, x)
		}
	}
	if len(moved) == 0 {
		return kept, nil
	}
	if err := c.writeItems(ctx, moved); err != nil {
		return nil, err
	}
	var changes []program.Change
	for _, x := range moved {
		changes = append(changes, program.Change{
			Entity: program.Entity{Kind: x.Kind, ID: x.ID}, Version: x.Version, At: x.At, By: x.By, Before: has[nameOf(*x)].Body, After: x.Body,
		})
	}
	return kept, c.recordAll(ctx, changes)
}

// staleItem refuses an edit of an item and says what changed meanwhile.
func (c conn) staleItem(ctx context.Context, x program.Item, has int64) error {
	err := c.stale(ctx, program.Entity{Kind: x.Kind, ID: x.ID}, x.Version, has)
	var stale *program.Stale
	if errors.As(err, &stale) {
		stale.Key = x.Key
	}
	return err
}

// itemsNamed are the rows of those items that have one, and perhaps of others.
func (c conn) itemsNamed(ctx context.Context, items []program.Item) (map[itemName]program.Item, error) {
	keys := map[string][]any{}
	for _, x := range items {
		keys[x.Kind] = append(keys[x.Kind], x.Key)
	}
	out := make(map[itemName]program.Item, len(items))
	for kind, list := range keys {
		// Many are found sooner by reading all of the kind than by their keys.
		if len(list) > batch {
			list = nil
		}
		found, err := all(ctx, c, readItem, "SELECT "+itemColumns+" FROM item WHERE kind = ?"+among("key", len(list)), append([]any{kind}, list...)...)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			out[nameOf(x)] = x
		}
	}
	return out, nil
}

// writeItems writes the rows of items that have changed, and numbers those
// that are new.
func (c conn) writeItems(ctx context.Context, items []*program.Item) error {
	save, err := c.lastSave(ctx)
	if err != nil {
		return err
	}
	save++
	var made, edited []*program.Item
	for _, x := range items {
		if x.ID == 0 {
			made = append(made, x)
		} else {
			edited = append(edited, x)
		}
	}
	for part := range slices.Chunk(made, batch) {
		if err := c.makeItems(ctx, part, save); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(edited, batch) {
		var values []any
		for _, x := range part {
			values = append(values, x.ID, x.Kind, x.Key, x.Version, orNothing(x.Body), stamped(x.At), x.By, save)
		}
		// Every row is there; this is how both databases change many at once.
		err := c.run(ctx, "INSERT INTO item ("+itemColumns+", saved) VALUES "+tuples(len(part), 8)+`
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, at = excluded.at, who = excluded.who, saved = excluded.saved`, values...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (c conn) makeItems(ctx context.Context, items []*program.Item, save int64) error {
	var values []any
	at := map[itemName]*program.Item{}
	for _, x := range items {
		values = append(values, x.Kind, x.Key, x.Version, orNothing(x.Body), stamped(x.At), x.By, save)
		at[nameOf(*x)] = x
	}
	// Rows come back in no order that a database promises.
	return c.each(ctx, func(scan scanner) error {
		var id int64
		var name itemName
		if err := scan(&id, &name.kind, &name.key); err != nil {
			return err
		}
		at[name].ID = id
		return nil
	}, "INSERT INTO item (kind, key, version, body, at, who, saved) VALUES "+tuples(len(items), 7)+" RETURNING id, kind, key", values...)
}
