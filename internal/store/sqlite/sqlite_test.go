package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/internal/store/storetest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Place {
		path := filepath.Join(t.TempDir(), "throughline.db")
		return storetest.Place{
			Store:   open(t, path),
			Again:   func() (storetest.Store, error) { return Open(context.Background(), path) },
			Other:   func(t *testing.T) storetest.Store { return open(t, filepath.Join(t.TempDir(), "other.db")) },
			Raw:     func(statement string) error { return raw(path, statement) },
			Tables:  func(t *testing.T) []string { return tablesOf(t, path) },
			Holding: func(t *testing.T, marker string) []string { return holding(t, path, marker) },
		}
	})
}

func TestThousandsOfItemsAreSavedAtOnce(t *testing.T) {
	storetest.Thousands(t, open(t, filepath.Join(t.TempDir(), "throughline.db")), time.Now)
}

// stepping is set where this binary is the process that writes until it is
// killed.
const stepping = "THROUGHLINE_TEST_STEPS"

func TestMain(m *testing.M) {
	if path := os.Getenv(stepping); path != "" {
		s, err := Open(context.Background(), path)
		if err == nil {
			err = storetest.Steps(context.Background(), s, os.Stdout)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestWhatWasAcknowledgedOutlivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	storetest.Killed(t, func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), stepping+"="+path)
		return cmd
	}, func() storetest.Store { return open(t, path) })
}

// open opens a store until the test ends.
func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
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

// raw runs statements behind a store's back.
func raw(path string, statements ...string) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

func tablesOf(t *testing.T, path string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func holding(t *testing.T, path, marker string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(marker)) {
			out = append(out, file)
		}
	}
	return out
}

var noon = time.Date(2024, 5, 6, 12, 0, 0, 123456789, time.UTC)

func sealOf(statement, document string) closing.Seal {
	return closing.Seal{Statement: statement, Label: "2024-01", At: noon, Snapshot: 1, Fingerprint: "f", Inputs: []byte("{}"), Preparer: "user 7", Document: []byte(document)}
}

// INSERT OR REPLACE deletes without asking the triggers of DELETE.
func TestNothingFinalIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	s, ctx := open(t, path), t.Context()
	if _, err := s.Commit(ctx, snapshot.Change{At: noon}); err != nil {
		t.Fatal(err)
	}
	first, err := s.Keep(ctx, sealOf("a", "one"))
	if err != nil {
		t.Fatal(err)
	}
	next := sealOf("a", "two")
	next.Restates = first.ID
	if _, err := s.Keep(ctx, next); err != nil {
		t.Fatal(err)
	}
	if err := s.Review(ctx, first, closing.Review{Reviewer: "user 8", At: noon}); err != nil {
		t.Fatal(err)
	}
	columns := "(id, statement, label, at, snapshot, fingerprint, inputs, preparer, restates, difference, document)"
	for _, statement := range []string{
		"UPDATE OR REPLACE seal SET id = 1 WHERE id = 2", "DELETE FROM seal WHERE id = 2",
		"INSERT OR REPLACE INTO seal " + columns + " VALUES (1, 'b', '', '', 1, '', '', '', NULL, '', 'forged')",
		"INSERT OR REPLACE INTO seal " + columns + " VALUES (NULL, 'a', '', '', 1, '', '', '', NULL, '', 'forged')",
		"INSERT OR REPLACE INTO seal " + columns + " VALUES (NULL, 'a', '', '', 1, '', '', '', 1, '', 'forged')",
		"INSERT OR REPLACE INTO review (id, seal, reviewer, at, note) VALUES (1, 2, 'forged', '', '')",
		"INSERT OR REPLACE INTO review (seal, reviewer, at, note) VALUES (1, 'forged', '', '')",
	} {
		if raw(path, statement) == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
	seals, err := s.Seals(ctx)
	if err != nil || len(seals) != 2 || string(seals[0].Document) != "one" || string(seals[1].Document) != "two" || seals[0].Review.Reviewer != "user 8" {
		t.Errorf("seals %+v, %v", seals, err)
	}
}

// Processes that make one fresh store at once all get it.
func TestFreshStoreIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			s, err := Open(context.Background(), path)
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

func TestStoreOfANewerReleaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	open(t, path)
	if err := raw(path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path)
	var newer *Newer
	if !errors.As(err, &newer) || newer.Has != 99 || !strings.Contains(err.Error(), "newer Throughline") {
		t.Errorf("opened a newer store: %v", err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version int
	if err := db.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil || version != 99 {
		t.Errorf("it was touched: version %d, %v", version, err)
	}
}

// A store holds addresses and what passwords are checked against.
func TestOthersMayNotReadAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	s := open(t, path)
	if err := s.SetCompany(t.Context(), "Example Ltd"); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal"} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
	older := filepath.Join(t.TempDir(), "older.db")
	if err := os.WriteFile(older, nil, 0o664); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(older, 0o664); err != nil {
		t.Fatal(err)
	}
	open(t, older)
	if info, err := os.Stat(older); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("a store of an earlier release: %v, %v", info.Mode(), err)
	}
}

func TestWhatIsWrongWithTheFileIsSaidInWords(t *testing.T) {
	dir := t.TempDir()
	damaged := filepath.Join(dir, "damaged.db")
	if err := os.WriteFile(damaged, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		damaged:                              "is damaged or no store of Throughline; restore it from a backup",
		filepath.Join(dir, "none", "new.db"): "cannot be written; give yourself the right to, or name another folder with --data",
		dir:                                  "cannot be written",
	} {
		if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

// Sealed statements can be read from an archive that nobody may write.
func TestStoreInAnArchiveIsRead(t *testing.T) {
	if os.Getuid() == 0 {
		// Rights do not bind root, so what is tested is the opening itself.
		path := filepath.Join(t.TempDir(), "throughline.db")
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.SetCompany(t.Context(), "Example Ltd"), s.Close()); err != nil {
			t.Fatal(err)
		}
		d, err := dialectOf(path)
		if err != nil {
			t.Fatal(err)
		}
		archived(t, func() (*Store, error) { return openReadOnly(t.Context(), path, d, errors.New("no cause")) })
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "throughline.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.SetCompany(t.Context(), "Example Ltd"), s.Close(), os.Chmod(path, 0o400), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Error(err)
		}
	})
	archived(t, func() (*Store, error) { return Open(t.Context(), path) })
}

func archived(t *testing.T, open func() (*Store, error)) {
	t.Helper()
	s, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if name, err := s.Company(t.Context()); err != nil || name != "Example Ltd" {
		t.Errorf("company %q, %v", name, err)
	}
	if err := s.SetCompany(t.Context(), "Forged Ltd"); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("written: %v", err)
	}
	var out bytes.Buffer
	if err := s.Dump(t.Context(), &out); err != nil {
		t.Errorf("dump: %v", err)
	}
}

// SQLite keeps any bytes that the name of a file may have; so does a dump.
func TestNameOfAFileThatIsNoUTF8ComesBack(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "throughline.db"))
	change := snapshot.Change{At: noon, AddedSources: []snapshot.Added{{Source: snapshot.Source{Book: "orders", Path: "caf\xe9\x00.csv"}}}}
	want, err := s.Commit(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	if err := s.Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	to := open(t, filepath.Join(t.TempDir(), "other.db"))
	if err := to.Load(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	got, err := to.Latest(t.Context())
	if err != nil || len(got.Sources) != 1 || got.Sources[0].Path != want.Sources[0].Path || got.Sources[0].Path != "caf\xe9\x00.csv" {
		t.Errorf("%+v, %v", got, err)
	}
}
