// Package relational keeps the system of record in a relational database: the
// row statements and their Scans, once for every database. It keeps and
// returns; it computes nothing. Which driver is spoken to, how a database is
// opened and what its errors mean in plain words is the business of
// internal/store/sqlite and internal/store/postgres, which hand it a Dialect.
//
// The invariant: what belongs together is written in one transaction, and
// whatever a call has acknowledged is on the disk. A seal, a review, a receipt
// and an entry of the audit log are never changed or deleted, which the
// database itself enforces.
package relational

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

var (
	_ snapshot.Manifest  = (*Store)(nil)
	_ closing.Seals      = (*Store)(nil)
	_ access.Store       = (*Store)(nil)
	_ program.Owner      = (*Store)(nil)
	_ program.Closes     = (*Store)(nil)
	_ program.History    = (*Store)(nil)
	_ program.Documents  = (*Store)(nil)
	_ program.Items      = (*Store)(nil)
	_ program.Uploads    = (*Store)(nil)
	_ program.Schedules  = (*Store)(nil)
	_ program.Runs       = (*Store)(nil)
	_ program.Erasures   = (*Store)(nil)
	_ program.Forgetting = (*Store)(nil)
	_ program.Once       = (*Store)(nil)
	_ program.Portable   = (*Store)(nil)
)

// Dialect is what databases differ in. Where a function is handed an error, it
// is one of the driver's.
type Dialect struct {
	Where      string        // the database as a person knows it: a path, or server and name; no password
	Goose      goose.Dialect // of the migrations
	Migrations fs.FS         // files that goose reads
	Numbered   bool          // placeholders are $1, $2 … instead of ?
	Hold       string        // ends a SELECT whose rows the transaction will change
	Together   string        // begins what Together runs: nobody else's runs before it ends; empty: that is so in any case
	Alone      string        // keeps other writers of a table (%s) out until the transaction ends; empty: a writer is alone in any case

	Taken func(error) bool                  // a row was refused because another stands in its place for good
	Again func(error) bool                  // the transaction lost against another one and may be run again
	Words func(act string, err error) error // the error as a person reads it; nil when there is nothing better to say

	Columns string                                                            // lists name and place in the primary key (0: none) of a table's columns, in order
	Last    func(ctx context.Context, q Querier, table string) (int64, error) // the last number given to a row of the table
	SetLast func(ctx context.Context, q Querier, table string, last int64) error
	Compact func(ctx context.Context, db *sql.DB) error
}

// Querier is a database or a transaction in it.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Store is an open system of record. It is safe for several goroutines, and
// several processes may have the same one open.
type Store struct {
	db *sql.DB
	d  Dialect
}

// New is a store over an open database, whose schema is as Migrate leaves it.
func New(db *sql.DB, d Dialect) *Store { return &Store{db: db, d: d} }

// Close closes the store.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return s.plain(context.Background(), "close", fault{err})
	}
	return nil
}

// Where is the database as a person knows it.
func (s *Store) Where() string { return s.d.Where }

// fault marks an error as the database's own, so that it reaches a person in
// words and what the store itself refuses is left as it is.
type fault struct{ error }

func (f fault) Unwrap() error { return f.error }

// Fault marks an error as the database's own; nil stays nil.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	return fault{err}
}

// taken tells whether the database refused a row because another stands in
// its place.
func (s *Store) taken(err error) bool {
	var f fault
	return errors.As(err, &f) && s.d.Taken(f.error)
}

// errAgain makes change run anew: the transaction found what another one was
// just about to commit.
var errAgain = errors.New("lost against another change; try again")

// attempts are how often a transaction is run before it counts as lost.
const attempts = 8

func (s *Store) again(err error) bool {
	var f fault
	return errors.Is(err, errAgain) || errors.As(err, &f) && s.d.Again(f.error)
}
