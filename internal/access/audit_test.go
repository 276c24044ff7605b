package access_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// log makes a house with entries in its audit log.
func (h *house) log(n int) access.Head {
	h.t.Helper()
	for i := range n {
		h.pass(time.Second)
		err := h.Record(h.t.Context(), access.Entry{Who: 3, What: "seal reviewed", Object: fmt.Sprintf("seal %d", i), Detail: access.Detail(map[string]any{"note": i})})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	head, err := h.Verify(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return head
}

// The bytes that are hashed are written out here by hand, as docs/people.md
// describes them, so that somebody else's program can check a log.
func TestTheHashIsAsDocumented(t *testing.T) {
	h := build(t)
	head := h.log(1)
	net := func(s string) string { return fmt.Sprintf("%d:%s,", len(s), s) }
	text := "throughline audit 1\n" + net("1") + net("2026-09-01T09:00:01.123456Z") + net("3") + net("seal reviewed") + net("seal 0") + net(`{"note":0}`) + net(strings.Repeat("\x00", 32))
	if want := fmt.Sprintf("1:%x", sha256.Sum256([]byte(text))); head.String() != want {
		t.Errorf("head %s, want %s", head, want)
	}
	if parsed, err := access.ParseHead(" " + head.String() + "\n"); err != nil || parsed.String() != head.String() {
		t.Errorf("%s read as %s, %v", head, parsed, err)
	}
	for _, bad := range []string{"", "1", "1:", "0:" + strings.Repeat("00", 32), "x:" + strings.Repeat("00", 32), "1:" + strings.Repeat("00", 31)} {
		if _, err := access.ParseHead(bad); err == nil {
			t.Errorf("%q passed as a head", bad)
		}
	}
}

func TestWhateverIsDoneToTheLogInTheDatabaseIsFound(t *testing.T) {
	const n = 25
	for name, c := range map[string]struct {
		sql  []string
		at   int64
		head bool // only the kept head tells
	}{
		"who is changed":              {[]string{"UPDATE audit SET who = 4 WHERE n = 10"}, 10, false},
		"what is changed":             {[]string{"UPDATE audit SET what = 'seal removed' WHERE n = 10"}, 10, false},
		"the object is changed":       {[]string{"UPDATE audit SET object = 'seal 99' WHERE n = 10"}, 10, false},
		"the detail is changed":       {[]string{`UPDATE audit SET detail = '{"note":10}' WHERE n = 10`}, 10, false},
		"the time is changed":         {[]string{"UPDATE audit SET at = (SELECT at FROM audit WHERE n = 11) WHERE n = 10"}, 10, false},
		"a hash is changed":           {[]string{"UPDATE audit SET hash = zeroblob(32) WHERE n = 10"}, 10, false},
		"the previous hash is":        {[]string{"UPDATE audit SET previous = zeroblob(32) WHERE n = 10"}, 10, false},
		"one is removed":              {[]string{"DELETE FROM audit WHERE n = 10"}, 10, false},
		"the first is removed":        {[]string{"DELETE FROM audit WHERE n = 1"}, 1, false},
		"one is removed, renumbered":  {[]string{"DELETE FROM audit WHERE n = 10", "UPDATE audit SET n = -n + 1 WHERE n > 10", "UPDATE audit SET n = -n WHERE n < 0"}, 10, false},
		"two change places":           {[]string{"UPDATE audit SET n = -10 WHERE n = 10", "UPDATE audit SET n = 10 WHERE n = 11", "UPDATE audit SET n = 11 WHERE n = -10"}, 10, false},
		"one is doubled":              {[]string{"INSERT INTO audit SELECT 26, at, who, what, object, detail, previous, hash FROM audit WHERE n = 25"}, 26, false},
		"the last is cut off":         {[]string{"DELETE FROM audit WHERE n = 25"}, 25, true},
		"many at the end are cut off": {[]string{"DELETE FROM audit WHERE n > 5"}, 6, true},
		"all are":                     {[]string{"DELETE FROM audit"}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			kept := h.log(n)
			h.unlock()
			h.raw(func(db *sql.DB) error {
				for _, s := range c.sql {
					if _, err := db.ExecContext(t.Context(), s); err != nil {
						return err
					}
				}
				return nil
			})
			var broken *access.Broken
			_, err := h.Verify(t.Context())
			if c.head != (err == nil) {
				t.Fatalf("without the kept head: %v", err)
			}
			if _, err = h.Verify(t.Context(), kept); !errors.As(err, &broken) || broken.N != c.at {
				t.Errorf("%v, want that entry %d is broken", err, c.at)
			}
		})
	}
}

// unlock takes the store's own guards away, as whoever can write the file can.
func (h *house) unlock() {
	h.raw(func(db *sql.DB) error {
		rows, err := db.QueryContext(h.t.Context(), "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
		if err != nil {
			return err
		}
		var names []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			names = append(names, name)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for _, n := range names {
			if _, err := db.ExecContext(h.t.Context(), "DROP TRIGGER "+n); err != nil {
				return err
			}
		}
		return nil
	})
}

// A log that was written anew from the start holds together, and differs from
// every head that was kept.
func TestALogThatWasWrittenAnewDiffersFromTheKeptHead(t *testing.T) {
	h, other := build(t), build(t)
	kept := h.log(5)
	other.pass(time.Minute)
	if _, err := other.Verify(t.Context(), kept); err == nil {
		t.Error("an empty log passed against a head")
	}
	other.log(9)
	var broken *access.Broken
	if _, err := other.Verify(t.Context(), kept); !errors.As(err, &broken) || broken.N != 5 {
		t.Errorf("%v, want that entry 5 differs", err)
	}
	if _, err := h.Verify(t.Context(), kept, access.Head{N: 2, Hash: make([]byte, 32)}); err == nil {
		t.Error("a second head that differs passed")
	}
}

type ctx = context.Context

// appendMany is what each of several processes does.
func appendMany(path string, n int) (err error) {
	store, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	g := &access.Gate{Store: store, Now: time.Now, Chance: rand.Reader}
	for range n {
		if err := g.Record(context.Background(), access.Entry{Who: int64(os.Getpid()), What: "seal reviewed"}); err != nil {
			return err
		}
	}
	return nil
}

// appender makes this test program one of several processes that append.
const appender = "THROUGHLINE_TEST_APPEND"

func TestMain(m *testing.M) {
	path := os.Getenv(appender)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := appendMany(path, 40); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestSeveralProcessesAppendToOneChain(t *testing.T) {
	h := build(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			child := exec.CommandContext(t.Context(), os.Args[0])
			child.Env = append(os.Environ(), appender+"="+h.path)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	for range 40 { // and this one
		wants(t, h.Record(t.Context(), access.Entry{What: "seal reviewed"}), nil)
	}
	all.Wait()
	head, err := h.Verify(t.Context())
	if err != nil || head.N != 200 {
		t.Errorf("the log goes to %d, %v; want 200", head.N, err)
	}
}

func TestAnEntryStandsOrFallsWithItsAct(t *testing.T) {
	h := build(t)
	before := h.log(1)
	boom := errors.New("the act failed")
	err := h.Together(t.Context(), func(ctx ctx) error {
		return errors.Join(h.Record(ctx, access.Entry{What: "seal reviewed"}), boom)
	})
	wants(t, err, boom)
	if head, err := h.Verify(t.Context()); err != nil || head.String() != before.String() {
		t.Errorf("the log goes to %s, %v; want %s", head, err, before)
	}
}

// Everything that the gate does is done once, and then the log is searched.
func TestTheLogNamesNobody(t *testing.T) {
	h := build(t)
	admin, s, token := h.with("admin@example.com", access.Administrator)
	u, _, _ := h.with("care@example.com", access.Employee)
	u.Name, u.Department, u.Roles, u.Manager = "A name of somebody", "Care", []access.Role{access.Finance}, admin.ID
	u, err := h.ChangeUser(t.Context(), admin.ID, u)
	wants(t, err, nil)
	_, made, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "a token's name", Scopes: access.Scopes{access.Close}})
	wants(t, err, nil)
	wants(t, h.RevokeToken(t.Context(), u.ID, u.ID, made.ID), nil)
	for range 12 {
		if _, _, err := h.SignIn(t.Context(), "care@example.com", "some wrong password", home); err == nil {
			t.Fatal("a wrong password passed")
		}
	}
	_, err = h.NewLink(t.Context(), admin.ID, u.ID, access.ResetLink)
	wants(t, err, nil)
	wants(t, h.ChangePassword(t.Context(), s, phrase, "another four plain words"), nil)
	wants(t, h.SignOut(t.Context(), token), nil)
	wants(t, h.SignOutEverywhere(t.Context(), admin.ID, u.ID), nil)
	_, err = h.Recognise(t.Context(), access.Claims{Issuer: "i", Subject: "s", Email: "care@example.com", Verified: true})
	wants(t, err, nil)

	entries, err := h.Store.AuditEntries(t.Context(), 0, 1000)
	wants(t, err, nil)
	acts := map[string]bool{}
	for _, e := range entries {
		acts[e.What] = true
		text := e.What + e.Object + string(e.Detail)
		for _, personal := range []string{"@", "A name", "Somebody", "192.0.2", "Chrome", "token's name"} {
			if strings.Contains(text, personal) {
				t.Errorf("entry %d says %q: %s %s %s", e.N, personal, e.What, e.Object, e.Detail)
			}
		}
	}
	for _, want := range []string{"user added", "link made", "signed in", "user changed", "token made", "token revoked", "tries slowed", "password changed", "signed out", "signed out everywhere", "identity tied"} {
		if !acts[want] {
			t.Errorf("%q does not stand in the log", want)
		}
	}
}

func TestTheTrailIsReadByWhomAndWhat(t *testing.T) {
	h := build(t)
	h.log(5)
	wants(t, h.Record(t.Context(), access.Entry{Who: 9, What: "signed in", Object: "session 1"}), nil)
	trail, err := h.Store.AuditTrail(t.Context(), access.Trail{Who: 3, Before: 5, Limit: 2})
	if err != nil || len(trail) != 2 || trail[0].N != 4 || trail[1].N != 3 {
		t.Errorf("%+v, %v", trail, err)
	}
	trail, err = h.Store.AuditTrail(t.Context(), access.Trail{What: "signed in", Limit: 10})
	if err != nil || len(trail) != 1 || trail[0].N != 6 {
		t.Errorf("%+v, %v", trail, err)
	}
}
