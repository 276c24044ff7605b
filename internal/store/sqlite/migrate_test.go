package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/throughline/throughline/internal/store/relational"
	"github.com/throughline/throughline/internal/store/storetest"
)

const newest = 10

// aged makes a store as a release with that schema left it.
func aged(t *testing.T, schema int64) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "throughline.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), storetest.Rows(t, schema))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRowsOfEverySchemaAreReadByThisRelease(t *testing.T) {
	for schema := int64(1); schema <= newest; schema++ {
		t.Run(fmt.Sprint(schema), func(t *testing.T) {
			s := open(t, aged(t, schema))
			if has, knows, err := s.Schema(t.Context()); has != newest || knows != newest || err != nil {
				t.Errorf("schema %d of %d, %v", has, knows, err)
			}
			storetest.Aged(t, s, schema)
		})
	}
}

// Before a store is brought up to date, the old one can be dumped, and what
// was dumped can be loaded by this release.
func TestBackupBeforeMigratingIsLoaded(t *testing.T) {
	for schema := int64(1); schema < newest; schema++ {
		t.Run(fmt.Sprint(schema), func(t *testing.T) {
			var before bytes.Buffer
			calls := 0
			s, err := Open(t.Context(), aged(t, schema), relational.BeforeMigrating(func(ctx context.Context, s *Store, from, to int64) error {
				calls++
				if from != schema || to != newest {
					t.Errorf("from %d to %d", from, to)
				}
				return s.Dump(ctx, &before)
			}))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil || calls != 1 {
				t.Errorf("called %d times, %v", calls, err)
			}
			to := open(t, filepath.Join(t.TempDir(), "loaded.db"))
			if err := to.Load(t.Context(), bytes.NewReader(before.Bytes()[:before.Len()/2])); err == nil {
				t.Error("half a dump was loaded")
			}
			if err := to.Load(t.Context(), &before); err != nil {
				t.Fatal(err)
			}
			storetest.Aged(t, to, schema)
		})
	}
}

func TestFailedBackupLeavesTheOldStore(t *testing.T) {
	path := aged(t, 6)
	full := errors.New("the disk is full")
	_, err := Open(t.Context(), path, relational.BeforeMigrating(func(context.Context, *Store, int64, int64) error { return full }))
	if !errors.Is(err, full) || !strings.Contains(err.Error(), "from schema 6 to 10") {
		t.Errorf("opened: %v", err)
	}
	storetest.Aged(t, open(t, path), 6) // it was not touched
}

func TestNothingIsBackedUpThatIsFreshOrUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	never := relational.BeforeMigrating(func(context.Context, *Store, int64, int64) error {
		t.Error("asked for a backup")
		return nil
	})
	for range 2 {
		s, err := Open(t.Context(), path, never)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A migration that was released is never edited: stores exist that it made. A
// new one is added here with its digest.
func TestReleasedMigrationsAreAsTheyWere(t *testing.T) {
	digests, err := os.ReadFile("testdata/migrations.sha256")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(digests)) {
		if digest, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			want[name] = digest
		}
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != newest || len(want) != newest {
		t.Errorf("%d migrations and %d digests, want %d", len(files), len(want), newest)
	}
	for _, file := range files {
		content, err := migrations.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(content)); got != want[filepath.Base(file)] {
			t.Errorf("%s has the digest %s, want %q", file, got, want[filepath.Base(file)])
		}
	}
}
