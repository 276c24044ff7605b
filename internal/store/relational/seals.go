package relational

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/program"
)

const sealColumns = "s.id, s.statement, s.label, s.at, s.snapshot, s.fingerprint, s.inputs, s.preparer, s.restates, s.difference, s.document"

// Current is the statement's seal that has not been restated.
func (s *Store) Current(ctx context.Context, statement string) (closing.Seal, bool, error) {
	seal, ok, err := first(ctx, s.ask(ctx), readSeal, "SELECT "+sealColumns+` FROM seal s
		WHERE s.statement = ? AND NOT EXISTS (SELECT 1 FROM seal r WHERE r.restates = s.id)`, statement)
	return seal, ok, s.plain(ctx, "read seal from", err)
}

func readSeal(scan scanner) (closing.Seal, error) {
	var seal closing.Seal
	var at, inputs, difference string
	var restates sql.NullInt64
	err := scan(&seal.ID, &seal.Statement, &seal.Label, &at, &seal.Snapshot, &seal.Fingerprint, &inputs, &seal.Preparer, &restates, &difference, &seal.Document)
	if err != nil {
		return seal, err
	}
	seal.Inputs, seal.Difference, seal.Restates = []byte(inputs), []byte(difference), restates.Int64
	seal.At, err = moment(at)
	return seal, err
}

// Keep seals for good, or returns closing.ErrSealed.
func (s *Store) Keep(ctx context.Context, seal closing.Seal) (closing.Seal, error) {
	err := s.change(ctx, "seal in", func(c conn) (err error) {
		seal.ID, err = c.insert(ctx, `INSERT INTO seal (statement, label, at, snapshot, fingerprint, inputs, preparer, restates, difference, document)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			seal.Statement, seal.Label, stamped(seal.At), seal.Snapshot, seal.Fingerprint, string(seal.Inputs), seal.Preparer, orNull(seal.Restates), string(seal.Difference), seal.Document)
		if s.taken(err) {
			return closing.ErrSealed
		}
		return err
	})
	return seal, err
}

const sealedQuery = "SELECT " + sealColumns + `, n.id, v.reviewer, v.at, v.note FROM seal s
	LEFT JOIN seal n ON n.restates = s.id LEFT JOIN review v ON v.seal = s.id`

func readSealed(scan scanner) (x closing.Sealed, err error) {
	var restatedBy sql.NullInt64
	var reviewer, at, note sql.NullString
	x.Seal, err = readSeal(func(into ...any) error { return scan(append(into, &restatedBy, &reviewer, &at, &note)...) })
	if err != nil {
		return x, err
	}
	x.RestatedBy = restatedBy.Int64
	if reviewer.Valid {
		x.Review = &closing.Review{Reviewer: reviewer.String, Note: note.String}
		x.Review.At, err = moment(at.String)
	}
	return x, err
}

// Seals lists every seal in the order in which they were made; statements
// that are restated come with what restated them.
func (s *Store) Seals(ctx context.Context) ([]closing.Sealed, error) {
	out, err := all(ctx, s.ask(ctx), readSealed, sealedQuery+" ORDER BY s.id")
	return out, s.plain(ctx, "read seals from", err)
}

// Sealed is one seal with its review, or program.ErrNone.
func (s *Store) Sealed(ctx context.Context, id int64) (closing.Sealed, error) {
	x, found, err := first(ctx, s.ask(ctx), readSealed, sealedQuery+" WHERE s.id = ?", id)
	if err == nil && !found {
		return x, program.ErrNone
	}
	return x, s.plain(ctx, "read seal from", err)
}

// Review records that somebody other than the preparer has looked at a seal.
func (s *Store) Review(ctx context.Context, seal closing.Seal, r closing.Review) error {
	if strings.EqualFold(strings.TrimSpace(r.Reviewer), strings.TrimSpace(seal.Preparer)) {
		return closing.ErrOwnReview
	}
	return s.change(ctx, "review in", func(c conn) error {
		err := c.run(ctx, "INSERT INTO review (seal, reviewer, at, note) VALUES (?, ?, ?, ?)", seal.ID, r.Reviewer, stamped(r.At), r.Note)
		if s.taken(err) {
			return fmt.Errorf("%w: seal %d", closing.ErrReviewed, seal.ID)
		}
		return err
	})
}

// Cohorts is what was kept of a cohort column under a key.
func (s *Store) Cohorts(ctx context.Context, key string) ([]byte, bool, error) {
	var cells string
	found, err := s.ask(ctx).one(ctx, "SELECT cells FROM cohort_column WHERE key = ?", key).into(&cells)
	if !found {
		return nil, false, s.plain(ctx, "read cohorts from", err)
	}
	return []byte(cells), true, nil
}

// KeepCohorts keeps a column; the same key always stands for the same cells.
func (s *Store) KeepCohorts(ctx context.Context, key string, cells []byte) error {
	return s.change(ctx, "keep cohorts in", func(c conn) error {
		return c.run(ctx, "INSERT INTO cohort_column (key, cells) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, string(cells))
	})
}

// Company is whose books the store holds; empty before anybody said.
func (s *Store) Company(ctx context.Context) (string, error) {
	var name string
	_, err := s.ask(ctx).one(ctx, "SELECT name FROM company").into(&name)
	return name, s.plain(ctx, "read", err)
}

// SetCompany says whose books the store holds.
func (s *Store) SetCompany(ctx context.Context, name string) error {
	return s.change(ctx, "name the company in", func(c conn) error {
		return c.run(ctx, "INSERT INTO company (one, name) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET name = excluded.name", name)
	})
}
