package relational

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"
)

// Newer is returned when a later release has written the store.
type Newer struct {
	Path       string
	Has, Knows int64
}

func (n *Newer) Error() string {
	return fmt.Sprintf("%s was written by a newer Throughline (schema %d, this one knows %d); use that release", n.Path, n.Has, n.Knows)
}

// Option changes how a store is opened.
type Option func(*opening)

type opening struct {
	before func(ctx context.Context, s *Store, from, to int64) error
}

// BeforeMigrating has do run over a store that holds something and is about to
// be brought from one schema to a later one, so that a backup is taken first.
// When it returns an error, nothing is changed and the store is not opened.
func BeforeMigrating(do func(ctx context.Context, s *Store, from, to int64) error) Option {
	return func(o *opening) { o.before = do }
}

// Migrate brings the schema up to date. What the database says is returned as
// it is, for the opener to look at and then to put into words with Plain.
func (s *Store) Migrate(ctx context.Context, options ...Option) error {
	var o opening
	for _, set := range options {
		set(&o)
	}
	if err := s.db.PingContext(ctx); err != nil {
		return Fault(err)
	}
	provider, err := s.provider()
	if err != nil {
		return err
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return Fault(err)
	}
	if has > knows {
		return &Newer{Path: s.d.Where, Has: has, Knows: knows}
	}
	if has == knows {
		return nil
	}
	if o.before != nil && has > 0 {
		if err := o.before(ctx, s, has, knows); err != nil {
			return fmt.Errorf("before %s is brought from schema %d to %d: %w", s.d.Where, has, knows, err)
		}
	}
	_, err = provider.Up(ctx)
	return Fault(err)
}

func (s *Store) provider() (*goose.Provider, error) {
	p, err := goose.NewProvider(s.d.Goose, s.db, s.d.Migrations)
	return p, Fault(err)
}

// Schema tells which schema the store has and which one this release knows.
func (s *Store) Schema(ctx context.Context) (has, knows int64, err error) {
	provider, err := s.provider()
	if err != nil {
		return 0, 0, err
	}
	has, knows, err = provider.GetVersions(ctx)
	return has, knows, s.plain(ctx, "read", Fault(err))
}

// oldest is the first schema that this kind of database had.
func (s *Store) oldest() (int64, error) {
	provider, err := s.provider()
	if err != nil {
		return 0, err
	}
	return provider.ListSources()[0].Version, nil
}

// rebuild makes an empty store anew with an older schema; 0 is the newest.
func (s *Store) rebuild(ctx context.Context, schema int64) error {
	err := s.transact(ctx, nil, func(tx *sql.Tx) error {
		c := conn{tx, &s.d}
		for _, t := range slices.Backward(tables) {
			if err := c.run(ctx, "DROP TABLE IF EXISTS "+t.name); err != nil {
				return err
			}
		}
		return c.run(ctx, "DROP TABLE IF EXISTS goose_db_version")
	})
	if err != nil {
		return err
	}
	provider, err := s.provider()
	if err != nil {
		return err
	}
	if schema == 0 {
		_, err = provider.Up(ctx)
	} else {
		_, err = provider.UpTo(ctx, schema)
	}
	return Fault(err)
}
