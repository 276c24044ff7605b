package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/throughline/throughline/internal/access"
)

// ongoing is the transaction that Together has begun.
type ongoing struct {
	store *Store
	tx    *sql.Tx
	depth int // of savepoints
}

type ongoingKey struct{}

// inside is the transaction of this store that ctx carries, or nil.
func (s *Store) inside(ctx context.Context) *ongoing {
	if t, ok := ctx.Value(ongoingKey{}).(*ongoing); ok && t.store == s {
		return t
	}
	return nil
}

// Together runs do, whose calls with the context that it is given are one
// transaction. They must come one after the other.
func (s *Store) Together(ctx context.Context, do func(context.Context) error) error {
	if s.inside(ctx) != nil {
		return do(ctx)
	}
	err := s.transact(ctx, nil, func(tx *sql.Tx) error {
		// What one of them has read, such as who administers, another one must
		// not change before it writes.
		if s.d.Together != "" {
			if err := (conn{tx, &s.d}).run(ctx, s.d.Together); err != nil {
				return err
			}
		}
		return do(context.WithValue(ctx, ongoingKey{}, &ongoing{store: s, tx: tx}))
	})
	if s.again(err) {
		return access.ErrStale
	}
	return s.plain(ctx, "write to", err)
}

// change runs do in one transaction that is committed whole or not at all, and
// runs it anew when it lost against another. Inside Together it is a part of
// that transaction, which goes on when only the part has been refused.
func (s *Store) change(ctx context.Context, act string, do func(conn) error) error {
	var err error
	for range attempts {
		if t := s.inside(ctx); t != nil {
			if err = t.part(ctx, do); !errors.Is(err, errAgain) {
				return err // what the database itself says concerns all of it
			}
			continue
		}
		err = s.transact(ctx, nil, func(tx *sql.Tx) error { return do(conn{tx, &s.d}) })
		if !s.again(err) {
			break
		}
	}
	return s.plain(ctx, act, err)
}

// part runs do between a savepoint and its release.
func (t *ongoing) part(ctx context.Context, do func(conn) error) error {
	t.depth++
	defer func() { t.depth-- }()
	c := conn{t.tx, &t.store.d}
	point := fmt.Sprintf("part_%d", t.depth)
	if _, err := c.exec(ctx, "SAVEPOINT "+point); err != nil {
		return err
	}
	if err := do(c); err != nil {
		_, back := c.exec(ctx, "ROLLBACK TO SAVEPOINT "+point)
		return errors.Join(err, back)
	}
	_, err := c.exec(ctx, "RELEASE SAVEPOINT "+point)
	return err
}

// look runs do over the state of one moment.
func (s *Store) look(ctx context.Context, act string, do func(conn) error) error {
	if t := s.inside(ctx); t != nil {
		return do(conn{t.tx, &s.d})
	}
	options := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	return s.plain(ctx, act, s.transact(ctx, options, func(tx *sql.Tx) error { return do(conn{tx, &s.d}) }))
}

// ask is for a question of one statement.
func (s *Store) ask(ctx context.Context) conn {
	if t := s.inside(ctx); t != nil {
		return conn{t.tx, &s.d}
	}
	return conn{s.db, &s.d}
}

func (s *Store) transact(ctx context.Context, options *sql.TxOptions, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, options)
	if err != nil {
		return Fault(err)
	}
	defer func() {
		// Nothing stays open when do panics; after a commit this does nothing.
		_ = tx.Rollback() //nolint:errcheck
	}()
	if err := do(tx); err != nil {
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			return errors.Join(err, Fault(back))
		}
		return err
	}
	return Fault(tx.Commit())
}

// Plain puts what Migrate returned into words.
func (s *Store) Plain(ctx context.Context, act string, err error) error {
	return s.plain(ctx, act, err)
}

// plain puts what the database says into words, once; what the store itself
// refuses is left as it is.
func (s *Store) plain(ctx context.Context, act string, err error) error {
	var f fault
	if !errors.As(err, &f) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if words := s.d.Words(act, f.error); words != nil {
		return words
	}
	return fmt.Errorf("%s store %s: %w", act, s.d.Where, f.error)
}
