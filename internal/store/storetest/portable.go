package storetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

var portableClaims = claims{
	"LoadedEqualsDumped":         func(t *testing.T, p Place) { Move(t, p.Store, p.Other(t)) },
	"EveryTableIsDumped":         everyTable,
	"LoadedStoreGoesOnNumbering": loadedNumbers,
	"DumpIsOfOneMoment":          dumpUnderLoad,
	"DamagedDumpLoadsNothing":    damagedDump,
	"OnlyAnEmptyStoreIsLoaded":   loadIntoFull,
	"AnyTextComesBack":           anyText,
	"MentionsAreFound":           mentions,
	"CompactedFilesHoldNoTrace":  compacted,
	"OthersWorkWhileItCompacts":  compactedUnderLoad,
	"NodesWorkAtOnce":            nodes,
	"NumbersAreNotGivenTwice":    numbers,
}

// fill writes at least one row of every kind.
func fill(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	ok(t, s.SetCompany(ctx, "Example Ltd"))
	ok(t, second(s.Commit(ctx, firstChange())))
	ok(t, s.Erase(ctx, snapshot.Erasure{Base: 1, Forgotten: []engine.Forgotten{{Subject: engine.ACustomer, Kind: "id", Hash: filled(255), Tombstone: "erased-1"}}}))
	seal := must(s.Keep(ctx, sealOf("a", "one \x00\xff")))(t)
	next := sealOf("a", "two")
	next.Restates = seal.ID
	ok(t, second(s.Keep(ctx, next)))
	ok(t, s.Review(ctx, seal, closing.Review{Reviewer: "user 8", At: noon}))
	ok(t, s.KeepCohorts(ctx, "k", []byte(`[1]`)))
	save(t, s, save(t, s, program.Document{Name: "books.yaml"}, "one\n"), "two \u2028 <&>\n")
	saveItems(t, s, edited(saveItems(t, s, thing("touchpoint", "fax", `{"n":1}`), thing("role", "cook", `{}`))[0], ""))
	ok(t, second(s.BeginUpload(ctx, upload("orders.csv"))))
	schedule := must(s.SaveSchedule(ctx, monthly()))(t)
	ok(t, second(s.BeginRun(ctx, program.Run{Schedule: schedule.ID, Due: noon, Began: noon}, noon.AddDate(0, 1, 0))))
	ok(t, second(s.KeepErasure(ctx, program.Erasure{At: noon, Kind: "customer", Tombstone: "gone-1", Counts: map[string]int64{"orders": 3}})))
	claim(t, s, program.Submission{Key: "k", By: 7, At: noon})
	u := joined(t, s, lead())
	ok(t, s.SetPassword(ctx, u.ID, "$argon2id$", noon))
	ok(t, s.AddPasskey(ctx, access.Passkey{ID: []byte{0, 255}, User: u.ID, Made: noon}))
	ok(t, s.AddIdentity(ctx, access.Identity{Issuer: "i", Subject: "s", User: u.ID, Made: noon}))
	ok(t, second(s.AddDevice(ctx, access.Device{Hash: []byte{1}, User: u.ID, Made: noon, Seen: noon})))
	ok(t, second(s.AddSession(ctx, access.Session{Hash: []byte{1}, User: u, At: noon, Seen: noon, Until: noon})))
	ok(t, s.AddLink(ctx, access.Link{Hash: []byte{1}, Kind: access.ResetLink, User: u.ID, Made: noon, Until: noon}))
	ok(t, second(s.AddToken(ctx, access.Token{Hash: []byte{1}, User: u.ID, Scopes: access.Scopes{access.Close}, Made: noon})))
	ok(t, second(s.SwapTally(ctx, "k", access.Tally{}, access.Tally{Count: 1, Last: noon})))
	ok(t, s.AppendAudit(ctx, entry(1, u.ID, "closed", "seal 1")))
}

// Move fills a store, dumps it and loads another one, which must then dump the
// same bytes.
func Move(t *testing.T, from, to Store) {
	t.Helper()
	fill(t, from)
	first := dumped(t, from)
	everyTableHasARow(t, first)
	ok(t, to.Load(t.Context(), bytes.NewReader(first)))
	if got := dumped(t, to); !bytes.Equal(got, first) {
		t.Errorf("loaded and dumped again:\n%s\nwant\n%s", got, first)
	}
	same(t, "the users", must(to.Users(t.Context()))(t), must(from.Users(t.Context()))(t))
	same(t, "the seals", must(to.Seals(t.Context()))(t), must(from.Seals(t.Context()))(t))
	same(t, "the snapshot", must(to.Latest(t.Context()))(t), must(from.Latest(t.Context()))(t))
	same(t, "the history", must(to.Recent(t.Context(), 0, 99))(t), must(from.Recent(t.Context(), 0, 99))(t))
	same(t, "the items", must(to.Items(t.Context()))(t), must(from.Items(t.Context()))(t))
}

func dumped(t *testing.T, s Store) []byte {
	t.Helper()
	var out bytes.Buffer
	ok(t, s.Dump(t.Context(), &out))
	return out.Bytes()
}

// everyTableHasARow holds fill to what it promises.
func everyTableHasARow(t *testing.T, dump []byte) {
	t.Helper()
	rows, table := 0, ""
	lines := bufio.NewScanner(bytes.NewReader(dump))
	for lines.Scan() {
		var heading struct{ Table, SHA256 string }
		if lines.Bytes()[0] == '[' {
			rows++
			continue
		}
		ok(t, json.Unmarshal(lines.Bytes(), &heading))
		if table != "" && rows == 0 {
			t.Errorf("fill writes no row of %s", table)
		}
		table, rows = heading.Table, 0
	}
	ok(t, lines.Err())
}

// everyTable: a table that somebody adds is not forgotten by backups.
func everyTable(t *testing.T, p Place) {
	dump := dumped(t, p.Store)
	for _, table := range p.Tables(t) {
		if table != "goose_db_version" && !bytes.Contains(dump, []byte(`{"table":"`+table+`",`)) {
			t.Errorf("table %s is not dumped: add it to tables in internal/store/relational", table)
		}
	}
	if n := bytes.Count(dump, []byte(`{"table":`)); n != len(p.Tables(t))-1 {
		t.Errorf("%d tables are dumped, of %d", n, len(p.Tables(t))-1)
	}
}

func loadedNumbers(t *testing.T, p Place) {
	ctx := t.Context()
	fill(t, p.Store)
	last := must(p.Store.SaveSchedule(ctx, monthly()))(t)
	ok(t, p.Store.RemoveSchedule(ctx, last))
	to := p.Other(t)
	ok(t, to.Load(ctx, bytes.NewReader(dumped(t, p.Store))))
	if next := must(to.SaveSchedule(ctx, monthly()))(t); next.ID != last.ID+1 {
		t.Errorf("the schedule after %d has the number %d", last.ID, next.ID)
	}
	again := sealOf("b", "three")
	if next := must(to.Keep(ctx, again))(t); next.ID != 3 {
		t.Errorf("the seal after two has the number %d", next.ID)
	}
}

// numbers are named by the history and the audit log, so that a new session
// or schedule must not take one that was somebody else's.
func numbers(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u := joined(t, s, lead())
	one := must(s.AddSession(ctx, access.Session{Hash: []byte{1}, User: u, At: noon, Until: noon}))(t)
	ok(t, s.EndSessions(ctx, u.ID))
	if two := must(s.AddSession(ctx, access.Session{Hash: []byte{2}, User: u, At: noon, Until: noon}))(t); two <= one {
		t.Errorf("session %d after %d was ended", two, one)
	}
}

// stepped is how many items a step saves at once.
const stepped = 20

// step writes a version of several items and of a document and an entry of the
// audit log, which therefore always are as many.
func step(ctx context.Context, s Store) error {
	return s.Together(ctx, func(ctx context.Context) error {
		d, err := s.Document(ctx, "n")
		if err != nil {
			return err
		}
		d.Text, d.At = fmt.Sprint("version ", d.Version+1), noon
		var items []program.Item
		for i := range stepped {
			items = append(items, program.Item{Kind: "step", Key: fmt.Sprint(i), Version: d.Version, Body: json.RawMessage(fmt.Sprint(d.Version + 1)), At: noon})
		}
		if _, err := s.SaveItems(ctx, items); err != nil {
			return err
		}
		if _, err := s.SaveDocument(ctx, d); err != nil {
			return err
		}
		return s.AppendAudit(ctx, entry(d.Version+1, 0, "saved", "n"))
	})
}

// consistent holds a store to what step keeps.
func consistent(t *testing.T, s Store) int64 {
	t.Helper()
	ctx := t.Context()
	d, head := must(s.Document(ctx, "n"))(t), must(s.AuditHead(ctx))(t)
	changes := must(s.Recent(ctx, 0, 1))(t)
	if d.Version != head.N || d.Version > 0 && (len(changes) != 1 || changes[0].Version != d.Version || d.Text != fmt.Sprint("version ", d.Version)) {
		t.Errorf("document %+v, head of the log %d, history %+v", d, head.N, changes)
	}
	items, number := must(s.Items(ctx))(t), must(s.ItemsVersion(ctx))(t)
	if number != d.Version || d.Version > 0 && len(items) != stepped {
		t.Errorf("%d items with the number %d, of version %d", len(items), number, d.Version)
	}
	for _, x := range items {
		if n := len(must(s.ItemChanges(ctx, x.Kind, x.Key))(t)); x.Version != d.Version || string(x.Body) != fmt.Sprint(d.Version) || int64(n) != d.Version {
			t.Errorf("item %+v with %d changes, of version %d", x, n, d.Version)
		}
	}
	return d.Version
}

func dumpUnderLoad(t *testing.T, p Place) {
	ctx := t.Context()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	s := again(t, p)
	ok(t, step(ctx, s))
	writing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := step(ctx, s); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	var before int64
	for range 4 {
		to := p.Other(t)
		ok(t, to.Load(ctx, bytes.NewReader(dumped(t, p.Store))))
		version := consistent(t, to)
		if version <= before {
			t.Errorf("the dump is of version %d, the one before was of %d", version, before)
		}
		before = version
		time.Sleep(10 * time.Millisecond)
	}
	close(stop)
	writing.Wait()
}

// nodes: several processes write at once and none loses what it was told is
// kept.
func nodes(t *testing.T, p Place) {
	const each = 10
	steps := 0
	won := race(t, p, 4, func(ctx context.Context, _ int, s Store) error {
		for done := 0; done < each; {
			switch err := step(ctx, s); {
			case err == nil:
				done++
			case !errors.Is(err, access.ErrStale) && !isStale(err):
				return err
			}
		}
		return nil
	}, func(error) bool { return false })
	steps = won * each
	if got := consistent(t, p.Store); got != int64(steps) {
		t.Errorf("%d versions after %d were acknowledged", got, steps)
	}
}

func compactedUnderLoad(t *testing.T, p Place) {
	ctx, other := t.Context(), again(t, p)
	var writing sync.WaitGroup
	writing.Go(func() {
		for range 40 {
			if err := step(ctx, other); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 3 {
		ok(t, p.Store.Compact(ctx))
	}
	writing.Wait()
	same(t, "the version after all steps", consistent(t, p.Store), int64(40))
}

func damagedDump(t *testing.T, p Place) {
	ctx := t.Context()
	fill(t, p.Store)
	whole := dumped(t, p.Store)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	join := func(lines ...[]byte) []byte { return bytes.Join(lines, nil) }
	to := p.Other(t)
	for what, damaged := range map[string][]byte{
		"nothing":          nil,
		"something else":   []byte("company: Example\n"),
		"half of it":       whole[:len(whole)/2],
		"no closing":       join(lines[:len(lines)-2]...),
		"a row less":       join(append(append([][]byte{}, lines[:len(lines)-3]...), lines[len(lines)-2:]...)...),
		"a changed text":   bytes.Replace(whole, []byte("Example Ltd"), []byte("Forged Ltd!"), 1),
		"another table":    bytes.Replace(whole, []byte(`"table":"company"`), []byte(`"table":"sqlite_master"`), 1),
		"another column":   bytes.Replace(whole, []byte(`"columns":["name","one"]`), []byte(`"columns":["name","two"]`), 1),
		"a later format":   bytes.Replace(whole, []byte(`"format":1`), []byte(`"format":2`), 1),
		"a later schema":   bytes.Replace(whole, []byte(`"schema":`), []byte(`"schema":9`), 1),
		"an odd opening":   bytes.Replace(whole, []byte(`"store":"throughline"`), []byte(`"store":"other"`), 1),
		"a row of nothing": join(lines[0], []byte("[1]\n")),
		"an empty line":    join(lines[0], []byte("\n")),
	} {
		if bytes.Equal(damaged, whole) {
			t.Fatalf("%s is no damage", what)
		}
		if err := to.Load(ctx, bytes.NewReader(damaged)); err == nil || strings.Contains(err.Error(), "SQL") {
			t.Errorf("loading %s: %v", what, err)
		}
	}
	ok(t, to.Load(ctx, bytes.NewReader(whole))) // nothing had been left in it
}

func loadIntoFull(t *testing.T, p Place) {
	ctx := t.Context()
	to := p.Other(t)
	dump := dumped(t, p.Store)
	ok(t, to.SetCompany(ctx, "Example Ltd"))
	refused(t, "loading into a store with something in it", to.Load(ctx, bytes.NewReader(dump)), program.ErrNotEmpty)
	same(t, "the company", must(to.Company(ctx))(t), "Example Ltd")
}

func anyText(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	for i, text := range []string{
		"'; DROP TABLE seal; --", `"quoted" \ %_ $1 ? ?1 :name @name`, "<script>alert(1)</script>&amp;", "\u202eright to left\u202c\u2028\u2029", "🧵 é e\u0301 \ufffd \U0010ffff",
		"\t\r\n\x01\x1f\x7f ", strings.Repeat("long ", 200_000),
	} {
		name := fmt.Sprint("document ", i)
		save(t, s, program.Document{Name: name}, text)
		if got := must(s.Document(ctx, name))(t).Text; got != text {
			t.Errorf("text %d came back as %.80q", i, got)
		}
		if got := must(s.DocumentAt(ctx, name, 1))(t).Text; got != text {
			t.Errorf("text %d came back from the history as %.80q", i, got)
		}
		short := text[:min(len(text), 200)]
		u := joined(t, s, access.User{Email: fmt.Sprint(i), Name: short})
		same(t, "the name", must(s.User(ctx, u.ID))(t).Name, short)
	}
	to := p.Other(t)
	dump := dumped(t, s)
	ok(t, to.Load(ctx, bytes.NewReader(dump)))
	if !bytes.Equal(dumped(t, to), dump) {
		t.Error("a text was changed by dumping and loading it")
	}
}

func mentions(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	joined(t, s, access.User{Email: "lead@example.com", Name: `Lead "the" Ängström`})
	save(t, s, program.Document{Name: "notifications"}, "mail to Lead@Example.com\n")
	saveItems(t, s, edited(saveItems(t, s, thing("touchpoint", "post", `{"owner":"LEAD@example.com"}`))[0], `{}`))
	found := map[string]bool{}
	for _, m := range must(s.Mentions(ctx, "lead@example.com"))(t) {
		found[m.Table+"."+m.Column+" "+m.Row] = true
	}
	same(t, "where the address is", found, map[string]bool{
		"users.email 1": true, "change.after 1": true, "document.text 1": true, "change.after 2": true, "change.after 3": true, "change.before 4": true,
	})
	if n := len(must(s.Mentions(ctx, `"THE" äng`))(t)); n != 2 { // in the row, and quoted in the history
		t.Errorf("%d mentions of a quoted name", n)
	}
	if n := len(must(s.Mentions(ctx, " "))(t)) + len(must(s.Mentions(ctx, "nobody@example.com"))(t)); n != 0 {
		t.Errorf("%d mentions of nothing", n)
	}
}

func compacted(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	const marker = "marker-7f3a@example.com"
	var all []access.User
	for i := range 40 { // enough for pages of their own
		all = append(all, joined(t, s, access.User{Email: fmt.Sprint(i, marker), Name: strings.Repeat(marker, 20)}))
	}
	fillWords := save(t, s, program.Document{Name: "kept"}, "kept text")
	if len(p.Holding(t, marker)) == 0 {
		t.Fatal("the search of the files does not find what is there")
	}
	for _, u := range all {
		ok(t, second(s.ForgetUser(ctx, u.ID, 0, noon)))
	}
	before := dumped(t, s)
	ok(t, s.Compact(ctx))
	if files := p.Holding(t, marker); len(files) > 0 {
		t.Errorf("after compaction the marker is still in %v", files)
	}
	if !bytes.Equal(dumped(t, s), before) {
		t.Error("compaction changed a row")
	}
	same(t, "a document", must(s.Document(ctx, "kept"))(t), fillWords)
}
