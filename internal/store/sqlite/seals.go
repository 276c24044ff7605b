package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/throughline/throughline/closing"
)

var _ closing.Seals = (*Store)(nil)

const sealColumns = "s.id, s.statement, s.label, s.at, s.snapshot, s.fingerprint, s.inputs, s.preparer, s.restates, s.difference, s.document"

// Current is the statement's seal that has not been restated.
func (s *Store) Current(ctx context.Context, statement string) (closing.Seal, bool, error) {
	row := s.db.QueryRowContext(ctx, "SELECT "+sealColumns+` FROM seal s
		WHERE s.statement = ? AND NOT EXISTS (SELECT 1 FROM seal r WHERE r.restates = s.id)`, statement)
	seal, err := scanSeal(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return closing.Seal{}, false, nil
	}
	return seal, err == nil, s.plain("read seal from", err)
}

func scanSeal(scan func(...any) error) (closing.Seal, error) {
	var seal closing.Seal
	var at, inputs, difference string
	var restates sql.NullInt64
	err := scan(&seal.ID, &seal.Statement, &seal.Label, &at, &seal.Snapshot, &seal.Fingerprint, &inputs, &seal.Preparer, &restates, &difference, &seal.Document)
	if err != nil {
		return seal, err
	}
	seal.Inputs, seal.Difference, seal.Restates = []byte(inputs), []byte(difference), restates.Int64
	seal.At, err = unstamp(at)
	return seal, err
}

// Keep seals for good, or returns closing.ErrSealed.
func (s *Store) Keep(ctx context.Context, seal closing.Seal) (closing.Seal, error) {
	restates := sql.NullInt64{Int64: seal.Restates, Valid: seal.Restates != 0}
	err := s.within(ctx, "seal in", func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `INSERT INTO seal (statement, label, at, snapshot, fingerprint, inputs, preparer, restates, difference, document)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			seal.Statement, seal.Label, stamp(seal.At), seal.Snapshot, seal.Fingerprint, string(seal.Inputs), seal.Preparer, restates, string(seal.Difference), seal.Document)
		if err != nil {
			if taken(err) {
				return closing.ErrSealed
			}
			return err
		}
		seal.ID, err = r.LastInsertId()
		return err
	})
	return seal, err
}

// taken tells whether the database refused a row because another stands in
// its place.
func taken(err error) bool {
	return strings.Contains(err.Error(), "UNIQUE") || strings.Contains(err.Error(), "never changes")
}

// What is sealed and reviewed is the close's word.
type (
	Review = closing.Review
	Sealed = closing.Sealed
)

// Seals lists every seal in the order in which they were made; statements
// that are restated come with what restated them.
func (s *Store) Seals(ctx context.Context) ([]Sealed, error) {
	var out []Sealed
	err := each(ctx, s.db, func(r *sql.Rows) error {
		var x Sealed
		var restatedBy sql.NullInt64
		var reviewer, at, note sql.NullString
		var err error
		x.Seal, err = scanSeal(func(into ...any) error { return r.Scan(append(into, &restatedBy, &reviewer, &at, &note)...) })
		if err != nil {
			return err
		}
		x.RestatedBy = restatedBy.Int64
		if reviewer.Valid {
			x.Review = &Review{Reviewer: reviewer.String, Note: note.String}
			if x.Review.At, err = unstamp(at.String); err != nil {
				return err
			}
		}
		out = append(out, x)
		return nil
	}, "SELECT "+sealColumns+`, n.id, v.reviewer, v.at, v.note FROM seal s
		LEFT JOIN seal n ON n.restates = s.id LEFT JOIN review v ON v.seal = s.id ORDER BY s.id`)
	return out, s.plain("read seals from", err)
}

// Review records that somebody other than the preparer has looked at a seal.
func (s *Store) Review(ctx context.Context, seal closing.Seal, r Review) error {
	if strings.EqualFold(strings.TrimSpace(r.Reviewer), strings.TrimSpace(seal.Preparer)) {
		return closing.ErrOwnReview
	}
	_, err := s.db.ExecContext(ctx, "INSERT INTO review (seal, reviewer, at, note) VALUES (?, ?, ?, ?)", seal.ID, r.Reviewer, stamp(r.At), r.Note)
	if err != nil && taken(err) {
		return fmt.Errorf("%w: seal %d", closing.ErrReviewed, seal.ID)
	}
	return s.plain("review in", err)
}

// Cohorts is what was kept of a cohort column under a key.
func (s *Store) Cohorts(ctx context.Context, key string) ([]byte, bool, error) {
	var cells string
	err := s.db.QueryRowContext(ctx, "SELECT cells FROM cohort_column WHERE key = ?", key).Scan(&cells)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return []byte(cells), err == nil, s.plain("read cohorts from", err)
}

// KeepCohorts keeps a column; the same key always stands for the same cells.
func (s *Store) KeepCohorts(ctx context.Context, key string, cells []byte) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO cohort_column (key, cells) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, string(cells))
	return s.plain("keep cohorts in", err)
}
