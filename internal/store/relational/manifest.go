package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/throughline/throughline/internal/snapshot"
)

// Latest is the newest snapshot; its ID is 0 before the first import.
func (s *Store) Latest(ctx context.Context) (snap snapshot.Snapshot, err error) {
	err = s.look(ctx, "read", func(c conn) error {
		id, err := latest(ctx, c)
		if err != nil || id == 0 {
			return err
		}
		snap, err = open(ctx, c, id)
		return err
	})
	return snap, err
}

func latest(ctx context.Context, c conn) (id int64, err error) {
	_, err = c.one(ctx, "SELECT coalesce(max(id), 0) FROM snapshot").into(&id)
	return id, err
}

// Snapshot opens the snapshot of that id.
func (s *Store) Snapshot(ctx context.Context, id int64) (snap snapshot.Snapshot, err error) {
	err = s.look(ctx, "read", func(c conn) error {
		snap, err = open(ctx, c, id)
		return err
	})
	return snap, err
}

func open(ctx context.Context, c conn, id int64) (snapshot.Snapshot, error) {
	snap := snapshot.Snapshot{ID: id, Rules: map[string]snapshot.Rule{}}
	var at string
	found, err := c.one(ctx, "SELECT at FROM snapshot WHERE id = ?", id).into(&at)
	if err != nil {
		return snap, err
	}
	if !found {
		return snap, fmt.Errorf("there is no snapshot %d", id)
	}
	if snap.At, err = moment(at); err != nil {
		return snap, err
	}
	if snap.Sources, err = all(ctx, c, readSource, "SELECT "+sourceColumns+`
		FROM source WHERE added <= ? AND (removed IS NULL OR removed > ?) ORDER BY book, id`, id, id); err != nil {
		return snap, err
	}
	if snap.Parts, err = all(ctx, c, readPart, "SELECT "+partColumns+`
		FROM part WHERE added <= ? AND (removed IS NULL OR removed > ?) ORDER BY book, month, id`, id, id); err != nil {
		return snap, err
	}
	if err := readRules(ctx, c, &snap); err != nil {
		return snap, err
	}
	snap.Overlaps, err = all(ctx, c, readOverlap, "SELECT book, month, a, b, rows, first_day, last_day FROM overlap WHERE snapshot = ? ORDER BY id", id)
	return snap, err
}

const (
	sourceColumns = "id, book, path, state, signature, rows, refused, skipped, rounded, repeated, refused_in, read_at"
	partColumns   = "id, source, book, role, month, path, rows, bytes, sum, digest, first_day, last_day"
)

func readSource(scan scanner) (x snapshot.Source, err error) {
	var at string
	err = scan(&x.ID, &x.Book, &x.Path, &x.State, &x.Signature, &x.Rows, &x.Refused, &x.Skipped, &x.Rounded, &x.Repeated, &x.RefusedIn, &at)
	if err != nil {
		return x, err
	}
	x.ReadAt, err = moment(at)
	return x, err
}

func readPart(scan scanner) (x snapshot.Part, err error) {
	var source sql.NullInt64
	var sum, digest []byte
	err = scan(&x.ID, &source, &x.Book, &x.Role, &x.Month, &x.Path, &x.Rows, &x.Bytes, &sum, &digest, &x.First, &x.Last)
	x.Source = source.Int64
	x.Fingerprint.Rows = x.Rows
	copy(x.Fingerprint.Sum[:], sum)
	copy(x.Digest[:], digest)
	return x, err
}

func readOverlap(scan scanner) (x snapshot.Overlap, err error) {
	err = scan(&x.Book, &x.Month, &x.A, &x.B, &x.Rows, &x.First, &x.Last)
	return x, err
}

// readRules reads each book's last rule up to the snapshot.
func readRules(ctx context.Context, c conn, snap *snapshot.Snapshot) error {
	return c.each(ctx, func(scan scanner) error {
		var book, text string
		if err := scan(&book, &text); err != nil {
			return err
		}
		var rule snapshot.Rule
		if err := json.Unmarshal([]byte(text), &rule); err != nil {
			return fmt.Errorf("rule of %s: %w", book, err)
		}
		snap.Rules[book] = rule
		return nil
	}, "SELECT book, rule FROM rule WHERE snapshot <= ? ORDER BY snapshot", snap.ID)
}

// Commit makes a change the newest snapshot in one transaction.
func (s *Store) Commit(ctx context.Context, change snapshot.Change) (snap snapshot.Snapshot, err error) {
	err = s.change(ctx, "commit import to", func(c conn) error {
		if err := c.alone(ctx, "snapshot"); err != nil {
			return err
		}
		last, err := latest(ctx, c)
		if err != nil {
			return err
		}
		if last != change.Base {
			return snapshot.ErrStale
		}
		id := last + 1
		if err := c.run(ctx, "INSERT INTO snapshot (id, at) VALUES (?, ?)", id, stamped(change.At)); err != nil {
			return err
		}
		if err := remove(ctx, c, id, change); err != nil {
			return err
		}
		if err := add(ctx, c, id, change); err != nil {
			return err
		}
		snap, err = open(ctx, c, id)
		return err
	})
	return snap, err
}

func remove(ctx context.Context, c conn, id int64, change snapshot.Change) error {
	for _, source := range change.RemovedSources {
		if err := c.run(ctx, "UPDATE source SET removed = ? WHERE id = ? AND removed IS NULL", id, source); err != nil {
			return err
		}
		// The dictionary stays: keys are never given twice.
		if err := c.run(ctx, "UPDATE part SET removed = ? WHERE source = ? AND removed IS NULL AND role <> 'keys'", id, source); err != nil {
			return err
		}
	}
	for _, part := range change.RemovedParts {
		if err := c.run(ctx, "UPDATE part SET removed = ? WHERE id = ? AND removed IS NULL", id, part); err != nil {
			return err
		}
	}
	return nil
}

func add(ctx context.Context, c conn, id int64, change snapshot.Change) error {
	for _, a := range change.AddedSources {
		if err := addSource(ctx, c, id, a); err != nil {
			return err
		}
	}
	for _, p := range change.AddedParts {
		if err := addPart(ctx, c, id, 0, p); err != nil {
			return err
		}
	}
	for book, rule := range change.Rules {
		text, err := json.Marshal(rule)
		if err != nil {
			return err
		}
		if err := c.run(ctx, "INSERT INTO rule (snapshot, book, rule) VALUES (?, ?, ?)", id, book, string(text)); err != nil {
			return err
		}
	}
	for _, o := range change.Overlaps {
		err := c.run(ctx, "INSERT INTO overlap (book, month, a, b, rows, first_day, last_day, snapshot) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			o.Book, o.Month, o.A, o.B, o.Rows, o.First, o.Last, id)
		if err != nil {
			return err
		}
	}
	return nil
}

func addSource(ctx context.Context, c conn, id int64, a snapshot.Added) error {
	x := a.Source
	source, err := c.insert(ctx, `INSERT INTO source (book, path, state, signature, rows, refused, skipped, rounded, repeated, refused_in, read_at, added)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		x.Book, x.Path, x.State, x.Signature, x.Rows, x.Refused, x.Skipped, x.Rounded, x.Repeated, x.RefusedIn, stamped(x.ReadAt), id)
	if err != nil {
		return err
	}
	for _, p := range a.Parts {
		if err := addPart(ctx, c, id, source, p); err != nil {
			return err
		}
	}
	return nil
}

func addPart(ctx context.Context, c conn, id, source int64, p snapshot.Part) error {
	return c.run(ctx, `INSERT INTO part (source, book, role, month, path, rows, bytes, sum, digest, first_day, last_day, added)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		orNull(source), p.Book, p.Role, p.Month, p.Path, p.Rows, p.Bytes, p.Fingerprint.Sum[:], p.Digest[:], p.First, p.Last, id)
}

// orNull is NULL for the number 0, which no row has.
func orNull(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

// Folders lists every folder that a part of any snapshot lies in.
func (s *Store) Folders(ctx context.Context) ([]string, error) {
	seen := map[string]bool{}
	var out []string
	err := s.ask(ctx).each(ctx, func(scan scanner) error {
		var path string
		if err := scan(&path); err != nil {
			return err
		}
		if dir := filepath.Dir(path); path != "" && !seen[dir] {
			seen[dir] = true
			out = append(out, dir)
		}
		return nil
	}, "SELECT path FROM part UNION ALL SELECT refused_in FROM source")
	return out, s.plain(ctx, "read", err)
}
