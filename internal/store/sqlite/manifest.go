package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/throughline/throughline/internal/snapshot"
)

var _ snapshot.Manifest = (*Store)(nil)

// Latest is the newest snapshot; its ID is 0 before the first import.
func (s *Store) Latest(ctx context.Context) (snapshot.Snapshot, error) {
	var id int64
	err := s.db.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM snapshot").Scan(&id)
	if err != nil || id == 0 {
		return snapshot.Snapshot{}, s.plain("read", err)
	}
	return s.Snapshot(ctx, id)
}

// Snapshot opens the snapshot of that id.
func (s *Store) Snapshot(ctx context.Context, id int64) (snapshot.Snapshot, error) {
	snap := snapshot.Snapshot{ID: id}
	err := s.within(ctx, "read", func(tx *sql.Tx) error {
		var at string
		err := tx.QueryRowContext(ctx, "SELECT at FROM snapshot WHERE id = ?", id).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("there is no snapshot %d", id)
		}
		if err != nil {
			return err
		}
		if snap.At, err = unstamp(at); err != nil {
			return err
		}
		if err := readSources(ctx, tx, &snap); err != nil {
			return err
		}
		if err := readParts(ctx, tx, &snap); err != nil {
			return err
		}
		if err := readRules(ctx, tx, &snap); err != nil {
			return err
		}
		return readOverlaps(ctx, tx, &snap)
	})
	return snap, err
}

func readSources(ctx context.Context, tx *sql.Tx, snap *snapshot.Snapshot) error {
	return each(ctx, tx, func(r *sql.Rows) error {
		var x snapshot.Source
		var at string
		err := r.Scan(&x.ID, &x.Book, &x.Path, &x.State, &x.Signature, &x.Rows, &x.Refused, &x.Skipped, &x.Rounded, &x.Repeated, &x.RefusedIn, &at)
		if err != nil {
			return err
		}
		x.ReadAt, err = unstamp(at)
		snap.Sources = append(snap.Sources, x)
		return err
	}, `SELECT id, book, path, state, signature, rows, refused, skipped, rounded, repeated, refused_in, read_at
		FROM source WHERE added <= ? AND (removed IS NULL OR removed > ?) ORDER BY book, id`, snap.ID, snap.ID)
}

func readParts(ctx context.Context, tx *sql.Tx, snap *snapshot.Snapshot) error {
	return each(ctx, tx, func(r *sql.Rows) error {
		var x snapshot.Part
		var source sql.NullInt64
		var sum, digest []byte
		err := r.Scan(&x.ID, &source, &x.Book, &x.Role, &x.Month, &x.Path, &x.Rows, &x.Bytes, &sum, &digest, &x.First, &x.Last)
		if err != nil {
			return err
		}
		x.Source = source.Int64
		x.Fingerprint.Rows = x.Rows
		copy(x.Fingerprint.Sum[:], sum)
		copy(x.Digest[:], digest)
		snap.Parts = append(snap.Parts, x)
		return nil
	}, `SELECT id, source, book, role, month, path, rows, bytes, sum, digest, first_day, last_day
		FROM part WHERE added <= ? AND (removed IS NULL OR removed > ?) ORDER BY book, month, id`, snap.ID, snap.ID)
}

// readRules reads each book's last rule up to the snapshot.
func readRules(ctx context.Context, tx *sql.Tx, snap *snapshot.Snapshot) error {
	snap.Rules = map[string]snapshot.Rule{}
	return each(ctx, tx, func(r *sql.Rows) error {
		var book, text string
		if err := r.Scan(&book, &text); err != nil {
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

func readOverlaps(ctx context.Context, tx *sql.Tx, snap *snapshot.Snapshot) error {
	return each(ctx, tx, func(r *sql.Rows) error {
		var x snapshot.Overlap
		err := r.Scan(&x.Book, &x.Month, &x.A, &x.B, &x.Rows, &x.First, &x.Last)
		snap.Overlaps = append(snap.Overlaps, x)
		return err
	}, "SELECT book, month, a, b, rows, first_day, last_day FROM overlap WHERE snapshot = ? ORDER BY id", snap.ID)
}

// Commit makes a change the newest snapshot in one transaction.
func (s *Store) Commit(ctx context.Context, c snapshot.Change) (snapshot.Snapshot, error) {
	var id int64
	err := s.within(ctx, "commit import to", func(tx *sql.Tx) error {
		var latest int64
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM snapshot").Scan(&latest); err != nil {
			return err
		}
		if latest != c.Base {
			return snapshot.ErrStale
		}
		id = latest + 1
		if _, err := tx.ExecContext(ctx, "INSERT INTO snapshot (id, at) VALUES (?, ?)", id, stamp(c.At)); err != nil {
			return err
		}
		if err := remove(ctx, tx, id, c); err != nil {
			return err
		}
		return add(ctx, tx, id, c)
	})
	if err != nil {
		return snapshot.Snapshot{}, err
	}
	return s.Snapshot(ctx, id)
}

func remove(ctx context.Context, tx *sql.Tx, id int64, c snapshot.Change) error {
	for _, source := range c.RemovedSources {
		if _, err := tx.ExecContext(ctx, "UPDATE source SET removed = ? WHERE id = ? AND removed IS NULL", id, source); err != nil {
			return err
		}
		// The dictionary stays: keys are never given twice.
		if _, err := tx.ExecContext(ctx, "UPDATE part SET removed = ? WHERE source = ? AND removed IS NULL AND role <> 'keys'", id, source); err != nil {
			return err
		}
	}
	for _, part := range c.RemovedParts {
		if _, err := tx.ExecContext(ctx, "UPDATE part SET removed = ? WHERE id = ? AND removed IS NULL", id, part); err != nil {
			return err
		}
	}
	return nil
}

func add(ctx context.Context, tx *sql.Tx, id int64, c snapshot.Change) error {
	for _, a := range c.AddedSources {
		x := a.Source
		r, err := tx.ExecContext(ctx, `INSERT INTO source (book, path, state, signature, rows, refused, skipped, rounded, repeated, refused_in, read_at, added)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			x.Book, x.Path, x.State, x.Signature, x.Rows, x.Refused, x.Skipped, x.Rounded, x.Repeated, x.RefusedIn, stamp(x.ReadAt), id)
		if err != nil {
			return err
		}
		source, err := r.LastInsertId()
		if err != nil {
			return err
		}
		for _, p := range a.Parts {
			if err := addPart(ctx, tx, id, sql.NullInt64{Int64: source, Valid: true}, p); err != nil {
				return err
			}
		}
	}
	for _, p := range c.AddedParts {
		if err := addPart(ctx, tx, id, sql.NullInt64{}, p); err != nil {
			return err
		}
	}
	for book, rule := range c.Rules {
		text, err := json.Marshal(rule)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO rule (snapshot, book, rule) VALUES (?, ?, ?)", id, book, string(text)); err != nil {
			return err
		}
	}
	for _, o := range c.Overlaps {
		_, err := tx.ExecContext(ctx, "INSERT INTO overlap (book, month, a, b, rows, first_day, last_day, snapshot) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			o.Book, o.Month, o.A, o.B, o.Rows, o.First, o.Last, id)
		if err != nil {
			return err
		}
	}
	return nil
}

func addPart(ctx context.Context, tx *sql.Tx, id int64, source sql.NullInt64, p snapshot.Part) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO part (source, book, role, month, path, rows, bytes, sum, digest, first_day, last_day, added)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		source, p.Book, p.Role, p.Month, p.Path, p.Rows, p.Bytes, p.Fingerprint.Sum[:], p.Digest[:], p.First, p.Last, id)
	return err
}

// Folders lists every folder that a part of any snapshot lies in.
func (s *Store) Folders(ctx context.Context) ([]string, error) {
	seen := map[string]bool{}
	var out []string
	err := each(ctx, s.db, func(r *sql.Rows) error {
		var path string
		if err := r.Scan(&path); err != nil {
			return err
		}
		if dir := filepath.Dir(path); path != "" && !seen[dir] {
			seen[dir] = true
			out = append(out, dir)
		}
		return nil
	}, "SELECT path FROM part UNION ALL SELECT refused_in FROM source")
	return out, s.plain("read", err)
}
