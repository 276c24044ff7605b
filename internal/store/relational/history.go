package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/throughline/throughline/internal/program"
)

const changeColumns = "id, kind, entity, version, at, who, before, after"

func readChange(scan scanner) (x program.Change, err error) {
	var at string
	var before, after sql.NullString
	if err := scan(&x.ID, &x.Entity.Kind, &x.Entity.ID, &x.Version, &at, &x.By, &before, &after); err != nil {
		return x, err
	}
	if before.Valid {
		x.Before = json.RawMessage(before.String)
	}
	if after.Valid {
		x.After = json.RawMessage(after.String)
	}
	x.At, err = moment(at)
	return x, err
}

// record adds an entry to the history. Before and after become JSON; nil is
// nothing.
func (c conn) record(ctx context.Context, x program.Change, before, after any) error {
	texts := [2]sql.NullString{}
	for i, value := range []any{before, after} {
		if value == nil {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		texts[i] = sql.NullString{String: string(text), Valid: true}
	}
	return c.run(ctx, "INSERT INTO change (kind, entity, version, at, who, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)",
		x.Entity.Kind, x.Entity.ID, x.Version, stamped(x.At), x.By, texts[0], texts[1])
}

// recordAll adds entries to the history, many with a statement.
func (c conn) recordAll(ctx context.Context, list []program.Change) error {
	for part := range slices.Chunk(list, batch) {
		var values []any
		for _, x := range part {
			values = append(values, x.Entity.Kind, x.Entity.ID, x.Version, stamped(x.At), x.By, orNothing(x.Before), orNothing(x.After))
		}
		if err := c.run(ctx, "INSERT INTO change (kind, entity, version, at, who, before, after) VALUES "+tuples(len(part), 7), values...); err != nil {
			return err
		}
	}
	return nil
}

// orNothing is NULL for no JSON.
func orNothing(text json.RawMessage) sql.NullString {
	return sql.NullString{String: string(text), Valid: text != nil}
}

// Changes lists an entity's changes with versions above after, oldest first.
func (s *Store) Changes(ctx context.Context, e program.Entity, after int64) ([]program.Change, error) {
	out, err := s.ask(ctx).changes(ctx, e, after)
	return out, s.plain(ctx, "read the history in", err)
}

func (c conn) changes(ctx context.Context, e program.Entity, after int64) ([]program.Change, error) {
	return all(ctx, c, readChange, "SELECT "+changeColumns+" FROM change WHERE kind = ? AND entity = ? AND version > ? ORDER BY version", e.Kind, e.ID, after)
}

// stale refuses an edit and says what changed meanwhile.
func (c conn) stale(ctx context.Context, e program.Entity, read, has int64) error {
	meanwhile, err := c.changes(ctx, e, read)
	if err != nil {
		return err
	}
	return &program.Stale{Entity: e, Read: read, Has: has, Meanwhile: meanwhile}
}

// Recent lists the newest changes of everything, newest first.
func (s *Store) Recent(ctx context.Context, before int64, limit int) ([]program.Change, error) {
	where, args := "", []any{}
	if before > 0 {
		where, args = " WHERE id < ?", append(args, before)
	}
	out, err := all(ctx, s.ask(ctx), readChange, "SELECT "+changeColumns+" FROM change"+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	return out, s.plain(ctx, "read the history in", err)
}
