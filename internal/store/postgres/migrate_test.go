package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/throughline/throughline/internal/store/relational"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/internal/store/storetest"
)

const oldestSchema, newest = 6, 10

var bytesOf = regexp.MustCompile(`\bx'([0-9a-f]*)'`)

// aged makes a store as a release with that schema left it, and returns its
// address.
func aged(t *testing.T, c *cluster, schema int64) string {
	t.Helper()
	database := c.database(t, "template0")
	config, err := pgx.ParseConfig(c.address(database))
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	rows := bytesOf.ReplaceAllString(storetest.Rows(t, schema), `'\x$1'`)
	if err := c.run(t.Context(), database, rows, numbering); err != nil {
		t.Fatal(err)
	}
	return c.address(database)
}

// numbering has every sequence be where inserting those rows would have left
// it.
const numbering = `DO $$ DECLARE x record; BEGIN
	FOR x IN SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES' AND table_name <> 'goose_db_version' LOOP
		EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), greatest(max(id), 1), max(id) IS NOT NULL) FROM %I', x.table_name, x.table_name);
	END LOOP;
END $$`

func TestRowsOfEverySchemaAreReadByThisRelease(t *testing.T) {
	c := running(t)
	for schema := int64(oldestSchema); schema <= newest; schema++ {
		t.Run(fmt.Sprint(schema), func(t *testing.T) {
			t.Parallel()
			s := open(t, aged(t, c, schema))
			if has, knows, err := s.Schema(t.Context()); has != newest || knows != newest || err != nil {
				t.Errorf("schema %d of %d, %v", has, knows, err)
			}
			storetest.Aged(t, s, schema)
		})
	}
}

func TestBackupBeforeMigratingIsLoaded(t *testing.T) {
	c := running(t)
	var before bytes.Buffer
	s, err := Open(t.Context(), aged(t, c, 6), relational.BeforeMigrating(func(ctx context.Context, s *Store, from, to int64) error {
		if from != 6 || to != newest {
			t.Errorf("from %d to %d", from, to)
		}
		return s.Dump(ctx, &before)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	to := open(t, c.address(c.database(t, "template0")))
	if err := to.Load(t.Context(), bytes.NewReader(before.Bytes()[:before.Len()/2])); err == nil {
		t.Error("half a dump was loaded")
	}
	if err := to.Load(t.Context(), &before); err != nil {
		t.Fatal(err)
	}
	storetest.Aged(t, to, 6)
}

// A SQLite store of an older release moves by way of this one.
func TestDumpOlderThanPostgreSQLsFirstSchemaIsRefused(t *testing.T) {
	c := running(t)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var dump bytes.Buffer
	if err := s.Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(dump.String(), `"schema":10`, `"schema":5`, 1)
	to := open(t, c.address(c.store(t)))
	if err := to.Load(t.Context(), strings.NewReader(older)); err == nil || !strings.Contains(err.Error(), "load it into SQLite with this release") {
		t.Errorf("loaded: %v", err)
	}
}

// Both kinds of databases have the same schemas, so that what one dumps the
// other loads, and what was released is never edited.
func TestReleasedMigrationsAreAsTheyWere(t *testing.T) {
	digests, err := os.ReadFile("testdata/migrations.sha256")
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, file := range files {
		content, err := migrations.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%x  %s\n", sha256.Sum256(content), filepath.Base(file))
		if twin := filepath.Join("..", "sqlite", "migrations", filepath.Base(file)); filepath.Base(file) != "00006_books_and_seals.sql" {
			if _, err := os.Stat(twin); err != nil {
				t.Errorf("%s has no twin in SQLite: %v", file, err)
			}
		}
	}
	if got.String() != string(digests) {
		t.Errorf("digests\n%swant\n%s", got.String(), digests)
	}
}
