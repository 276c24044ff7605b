package postgres

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/internal/store/storetest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	c := running(t)
	storetest.Run(t, func(t *testing.T) storetest.Place {
		database := c.store(t)
		return storetest.Place{
			Store: open(t, c.address(database)),
			Again: func() (storetest.Store, error) { return Open(context.Background(), c.address(database)) },
			Other: func(t *testing.T) storetest.Store { return open(t, c.address(c.store(t))) },
			Raw:   func(statement string) error { return c.run(context.Background(), database, statement) },
			Tables: func(t *testing.T) []string {
				return strings.Fields(c.ask(t, database, "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'"))
			},
			Holding: func(t *testing.T, marker string) []string { return c.holding(t, database, marker) },
		}
	})
}

// open opens a store until the test ends.
func open(t *testing.T, address string) *Store {
	t.Helper()
	s, err := Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask is the one text that a question has for an answer.
func (c *cluster) ask(t *testing.T, database, question string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.address(database))
	if err != nil {
		t.Fatal(err)
	}
	err = conn.QueryRow(t.Context(), question).Scan(&answer)
	if err := errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	return answer
}

// holding lists the files of a database that hold a marker, once the server
// has written out what it has in memory. The server's write-ahead log is not
// the database's.
func (c *cluster) holding(t *testing.T, database, marker string) (out []string) {
	t.Helper()
	if err := c.run(t.Context(), database, "CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	folder := c.ask(t, database, "SELECT oid::text FROM pg_database WHERE datname = current_database()")
	err := filepath.WalkDir(filepath.Join(c.dir, "data", "base", folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(marker)) {
			table := c.ask(t, database, "SELECT coalesce(string_agg(relname, ' '), 'of no table') FROM pg_class WHERE pg_relation_filenode(oid)::text = '"+filepath.Base(path)+"'")
			out = append(out, path+" ("+table+")")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestThousandsOfItemsAreSavedAtOnce(t *testing.T) {
	c := running(t)
	storetest.Thousands(t, open(t, c.address(c.store(t))), time.Now)
}

func TestWhatWasAcknowledgedOutlivesAKilledNode(t *testing.T) {
	c := running(t)
	address := c.address(c.store(t))
	storetest.Killed(t, func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), stepping+"="+address)
		return cmd
	}, func() storetest.Store { return open(t, address) })
}

// A company outgrows one machine: what was in SQLite goes on in PostgreSQL,
// and back.
func TestStoreMovesBetweenDatabases(t *testing.T) {
	c := running(t)
	file := func() *Store {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "throughline.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	t.Run("SQLiteToPostgreSQL", func(t *testing.T) { storetest.Move(t, file(), open(t, c.address(c.store(t)))) })
	t.Run("PostgreSQLToSQLite", func(t *testing.T) { storetest.Move(t, open(t, c.address(c.store(t))), file()) })
}

// Nodes that start over one fresh database at once all get it.
func TestFreshDatabaseIsPreparedOnce(t *testing.T) {
	c := running(t)
	address := c.address(c.database(t, "template0"))
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			s, err := Open(context.Background(), address)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Latest(context.Background()); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

// Two companies may share a database by schemas of their own.
func TestSchemasKeepCompaniesApart(t *testing.T) {
	c := running(t)
	database := c.database(t, "template0")
	if err := c.run(t.Context(), database, "CREATE SCHEMA one", "CREATE SCHEMA two"); err != nil {
		t.Fatal(err)
	}
	one, two := open(t, c.address(database)+"&search_path=one"), open(t, c.address(database)+"&search_path=two")
	storetest.Move(t, one, two)
	if err := one.SetCompany(t.Context(), "Another Ltd"); err != nil {
		t.Fatal(err)
	}
	if name, err := two.Company(t.Context()); err != nil || name != "Example Ltd" {
		t.Errorf("company %q, %v", name, err)
	}
	if err := one.Compact(t.Context()); err != nil {
		t.Error(err)
	}
}

// A table that is written anew keeps what an older transaction might still
// have to see, in whichever database it is.
func TestCompactingWaitsForOlderTransactions(t *testing.T) {
	c := running(t)
	database, elsewhere := c.store(t), c.store(t)
	s, other := open(t, c.address(database)), open(t, c.address(elsewhere))
	began, end := make(chan struct{}), make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		err := other.Together(context.Background(), func(ctx context.Context) error {
			err := other.SetCompany(ctx, "Example Ltd")
			close(began)
			<-end
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-began
	const marker = "marker-91c2@example.com"
	u, err := s.AddUser(t.Context(), access.UserVersion{User: access.User{Email: marker}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ForgetUser(t.Context(), u.ID, 0, u.Created); err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := s.Compact(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it did not wait: %v", err)
	}
	time.AfterFunc(100*time.Millisecond, func() { close(end) })
	if err := s.Compact(t.Context()); err != nil {
		t.Error(err)
	}
	writing.Wait()
	if files := c.holding(t, database, marker); len(files) > 0 {
		t.Errorf("the marker is still in %v", files)
	}
}

func TestFinalRowsAreNotTruncated(t *testing.T) {
	c := running(t)
	database := c.store(t)
	open(t, c.address(database))
	for _, table := range []string{"seal", "review", "erasure", "audit"} {
		if c.run(t.Context(), database, "TRUNCATE "+table+" CASCADE") == nil {
			t.Errorf("%s was truncated", table)
		}
	}
}

func TestWhatIsWrongWithTheDatabaseIsSaidInWords(t *testing.T) {
	c := running(t)
	ctx := t.Context()
	database := c.database(t, "template0")
	if err := c.run(ctx, "postgres", "DROP DATABASE IF EXISTS latin", "DROP ROLE IF EXISTS stranger", "DROP ROLE IF EXISTS reader", "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
		"CREATE ROLE stranger LOGIN", "CREATE ROLE reader LOGIN SUPERUSER", "ALTER ROLE reader SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	as := func(user string) string { return strings.Replace(c.address(database), "=throughline", "="+user, 1) }
	for address, want := range map[string]string{
		c.address("nowhere"):                      "is not there; make it with `createdb --encoding=UTF8`",
		c.address("latin"):                        "has the encoding LATIN1; make one with",
		c.address(database) + "&search_path=none": "no schema of the search path is there; make it with CREATE SCHEMA",
		as("reader"):                              "is open for reading only, as that of a standby is; name the primary server",
		as("stranger"):                            "may make no tables in schema public; make the user the owner",
		"postgres://lead:secret-word@127.0.0.1:1/throughline":        "cannot be reached; see whether the server runs",
		"postgres://lead:secret-word@127.0.0.1:port/throughline":     "give it as postgres://USER@HOST:PORT/DATABASE",
		"postgres:///throughline?host=/nowhere&password=secret-word": "cannot be reached",
	} {
		_, err := Open(ctx, address)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret-word") || strings.Contains(err.Error(), "SQLSTATE") {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

// A text that PostgreSQL cannot keep is refused in words.
func TestNULIsRefusedInWords(t *testing.T) {
	c := running(t)
	s := open(t, c.address(c.store(t)))
	for _, text := range []string{"a\x00b", "caf\xe9"} {
		if err := s.SetCompany(t.Context(), text); err == nil || !strings.Contains(err.Error(), "cannot keep a text with") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A node that the server has thrown out says so, and works again.
func TestEndedConnectionIsSaidAndRenewed(t *testing.T) {
	c := running(t)
	database := c.store(t)
	s := open(t, c.address(database))
	err := s.Together(t.Context(), func(ctx context.Context) error {
		if err := s.SetCompany(ctx, "Example Ltd"); err != nil {
			return err
		}
		if err := c.run(t.Context(), "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+database+"'"); err != nil {
			return err
		}
		return s.SetCompany(ctx, "Another Ltd")
	})
	if err == nil || !strings.Contains(err.Error(), "run again later") && !strings.Contains(err.Error(), "ended the connection") {
		t.Errorf("thrown out: %v", err)
	}
	// The others of its connections are found dead one by one.
	for range 8 {
		if err = s.SetCompany(t.Context(), "Example Ltd"); err == nil {
			return
		}
	}
	t.Errorf("afterwards: %v", err)
}
