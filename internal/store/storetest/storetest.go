// Package storetest is the contract of the system of record: what every store
// must do, whichever database it keeps its rows in. It is run by the tests of
// internal/store/sqlite and internal/store/postgres over real databases, and
// owns no database itself.
//
// The invariant: a claim that holds for one store and not for another is
// either not in here or a fault.
package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

// Store is everything that a store does.
type Store interface {
	snapshot.Manifest
	snapshot.Eraser
	closing.Seals
	access.Store
	program.Owner
	program.Closes
	SealHeads(ctx context.Context) ([]closing.Sealed, error)
	program.History
	program.Documents
	program.Items
	program.Uploads
	program.Schedules
	program.Runs
	program.Erasures
	program.Forgetting
	program.Once
	program.Portable
	Close() error
}

// Place is where a fresh store was made.
type Place struct {
	Store Store
	Again func() (Store, error)        // opens the same store once more, as another process would
	Other func(t *testing.T) Store     // makes another empty store of the same kind
	Raw   func(statement string) error // runs a statement behind the store's back
	// Tables lists the database's tables.
	Tables func(t *testing.T) []string
	// Holding lists the database's files that hold a marker in their raw bytes.
	Holding func(t *testing.T, marker string) []string
}

// claims are what a store must do, by name.
type claims map[string]func(*testing.T, Place)

// Run holds a store to the contract; fresh makes an empty one for each claim.
func Run(t *testing.T, fresh func(t *testing.T) Place) {
	for _, some := range []claims{booksClaims, eraserClaims, sealClaims, programClaims, itemClaims, onceClaims, userClaims, entryClaims, togetherClaims, portableClaims} {
		for name, claim := range some {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				claim(t, fresh(t))
			})
		}
	}
}

// noon has nine digits, so that none may be lost.
var noon = time.Date(2024, 5, 6, 12, 0, 0, 123456789, time.UTC)

// zoned is a moment in another zone, which must come back as the same moment.
var zoned = noon.In(time.FixedZone("", 2*60*60))

// must stops a test at an error: must(s.User(ctx, 1))(t).
func must[T any](x T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// again opens the place once more until the test ends.
func again(t *testing.T, p Place) Store {
	t.Helper()
	s, err := p.Again()
	ok(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// race runs do in n stores of the same place at once, and counts those that
// returned no error; the others must return lost.
func race(t *testing.T, p Place, n int, do func(ctx context.Context, i int, s Store) error, lost func(error) bool) int {
	t.Helper()
	results := make(chan error, n)
	start := make(chan struct{})
	for i := range n {
		s := again(t, p)
		go func() {
			<-start
			results <- do(context.Background(), i, s)
		}()
	}
	close(start)
	won := 0
	for range n {
		switch err := <-results; {
		case err == nil:
			won++
		case !lost(err):
			t.Errorf("one of %d at once: %v", n, err)
		}
	}
	return won
}

// same compares what came back with what was given.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s came back as\n%+v, want\n%+v", what, got, want)
	}
}

// refused expects one error.
func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// is makes a judge of the errors that race expects.
func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
