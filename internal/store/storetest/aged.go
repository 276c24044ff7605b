package storetest

import (
	"embed"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

//go:embed rows/*.sql
var rows embed.FS

// Rows are statements that write what a release with that schema kept, bytes
// as x'00ff'. A release that makes a new schema adds a file and a case below,
// and never changes an older one.
func Rows(t *testing.T, schema int64) string {
	t.Helper()
	text, err := rows.ReadFile(fmt.Sprintf("rows/%05d.sql", schema))
	if err != nil {
		t.Fatalf("there are no rows of schema %d: write them, so that the next schema can be tested: %v", schema, err)
	}
	return string(text)
}

// Aged holds a store that was brought from an older schema up to date to what
// Rows had written.
func Aged(t *testing.T, s Store, schema int64) {
	t.Helper()
	agedBooks(t, s, schema)
	agedSeals(t, s, schema)
	if schema >= 7 {
		agedProgram(t, s)
	}
	if schema >= 8 {
		agedUsers(t, s)
	}
	if schema >= 9 {
		same(t, "who is forgotten", must(s.Forgotten(t.Context()))(t), []engine.Forgotten{
			{Subject: engine.ACustomer, Kind: "id", Hash: filled(1), Tombstone: "erased-1"}, {Subject: engine.ACustomer, Kind: "text", Hash: filled(2), Words: 2},
		})
	}
	if schema >= 10 {
		agedItems(t, s)
	}
}

// june is the moment of what the later schemas kept.
var june = time.Date(2024, 6, 6, 12, 0, 0, 123456789, time.UTC)

func agedBooks(t *testing.T, s Store, schema int64) {
	t.Helper()
	ctx := t.Context()
	read := time.Date(2024, 5, 6, 11, 59, 59, 250_000_000, time.UTC)
	a := snapshot.Source{ID: 1, Book: "orders", Path: "a.csv", State: "sa", Signature: "ga", Rows: 10, Refused: 1, Skipped: 2, Rounded: 3, Repeated: 4, RefusedIn: "parts/orders/1/refused.csv", ReadAt: read}
	b := snapshot.Source{ID: 2, Book: "orders", Path: "b.csv", State: "sb", Signature: "gb", Rows: 20, ReadAt: read}
	c := snapshot.Source{ID: 3, Book: "orders", Path: "c.csv", State: "sc", Signature: "gc", Rows: 5, ReadAt: read}
	part := func(id, source int64, role snapshot.Role, path string, rows, bytes int64) snapshot.Part {
		p := snapshot.Part{ID: id, Source: source, Book: "orders", Role: role}
		p.Month, p.Path, p.Rows, p.Bytes, p.First, p.Last = 24289, path, rows, bytes, 19723, 19753
		p.Fingerprint = engine.Fingerprint{Rows: rows, Sum: [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255}}
		for i := range p.Digest {
			if schema >= 6 {
				p.Digest[i] = 0xab
			}
		}
		return p
	}
	first, merged, third := part(1, 1, snapshot.Rows, "parts/orders/1/a.parquet", 10, 4096), part(2, 0, snapshot.Merged, "parts/orders/2/m.parquet", 30, 8192), part(3, 3, snapshot.Rows, "parts/orders/3/c.parquet", 5, 2048)
	rule := snapshot.Rule{Sources: []string{"b.csv", "a.csv"}, Key: []string{}}
	same(t, "the latest snapshot", must(s.Latest(ctx))(t), snapshot.Snapshot{
		ID: 2, At: time.Date(2024, 6, 6, 12, 0, 0, 0, time.UTC), Sources: []snapshot.Source{a, b}, Parts: []snapshot.Part{first, merged},
		Overlaps: []snapshot.Overlap{{Book: "orders", A: "a.csv", B: "b.csv", Month: 24289, Rows: 5, First: 19723, Last: 19724}},
		Rules:    map[string]snapshot.Rule{"orders": rule},
	})
	earlier := snapshot.Snapshot{
		ID: 1, At: time.Date(2024, 5, 6, 12, 0, 0, 500_000_000, time.UTC), Sources: []snapshot.Source{a, b, c}, Parts: []snapshot.Part{first, merged, third},
		Rules: map[string]snapshot.Rule{"orders": {Sources: []string{"b.csv", "a.csv", "c.csv"}, Key: []string{"line_id"}, Overlaps: "once"}},
	}
	if schema < 3 {
		earlier.Rules = map[string]snapshot.Rule{} // rules were kept from the third schema on, for the newest snapshot
	}
	same(t, "the earlier snapshot", must(s.Snapshot(ctx, 1))(t), earlier)
	next := must(s.Commit(ctx, snapshot.Change{Base: 2, At: noon, AddedParts: []snapshot.Part{part(0, 0, snapshot.First, "parts/orders/4/f.parquet", 1, 1)}}))(t)
	same(t, "the number of the next part", next.Parts[len(next.Parts)-1].ID, int64(4))
	company := "Example & Söhne"
	if schema < 4 {
		company = ""
	}
	same(t, "the company", must(s.Company(ctx))(t), company)
}

func agedSeals(t *testing.T, s Store, schema int64) {
	t.Helper()
	ctx := t.Context()
	one := closing.Seal{
		ID: 1, Statement: "a", Label: "2024-01", At: time.Date(2024, 5, 6, 12, 0, 1, 0, time.UTC), Snapshot: 1, Fingerprint: "f1", Inputs: []byte(`{"b": 1, "a": 2}`),
		Preparer: "Preparer", Difference: []byte{}, Document: []byte("one\x00\xff"),
	}
	two := closing.Seal{
		ID: 2, Statement: "a", Label: "2024-01", At: time.Date(2024, 6, 6, 12, 0, 1, 1, time.UTC), Snapshot: 2, Fingerprint: "f2", Inputs: []byte("{}"),
		Preparer: "Preparer", Restates: 1, Difference: []byte(`[{"line":"lost"}]`), Document: []byte("two"),
	}
	review := &closing.Review{Reviewer: "Reviewer", At: time.Date(2024, 5, 7, 8, 0, 0, 0, time.UTC), Note: "checked the returns"}
	same(t, "the seals", must(s.Seals(ctx))(t), []closing.Sealed{{Seal: one, RestatedBy: 2, Review: review}, {Seal: two}})
	next := sealOf("b", "three")
	next.Snapshot = 2
	same(t, "the number of the next seal", must(s.Keep(ctx, next))(t).ID, int64(3))
	refused(t, "sealing what is sealed", second(s.Keep(ctx, sealOf("a", "forged"))), closing.ErrSealed)
	cells, found, err := s.Cohorts(ctx, "k")
	ok(t, err)
	if found != (schema >= 2) || found && string(cells) != "[1]" {
		t.Errorf("kept cohorts %q, %t", cells, found)
	}
}

func agedProgram(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	d := program.Document{ID: 1, Name: "books.yaml", Version: 2, Text: "two\n", At: june}
	same(t, "the document", must(s.Document(ctx, "books.yaml"))(t), d)
	same(t, "its first version", must(s.DocumentAt(ctx, "books.yaml", 1))(t), program.Document{ID: 1, Name: "books.yaml", Version: 1, Text: "one\n", At: june, By: 7})
	same(t, "the uploads", must(s.Uploads(ctx))(t), []program.Upload{{ID: 1, Name: "orders.csv", Size: 100, Received: 60, By: 7, At: june, Changed: june, State: program.Receiving}})
	same(t, "the schedules", must(s.Schedules(ctx))(t), []program.Schedule{{ID: 1, Version: 1, Kind: "close", Spec: json.RawMessage(`{"day": 3}`), Due: june, At: june, By: 7}})
	same(t, "the runs", must(s.Runs(ctx, 1, 9))(t), []program.Run{{ID: 1, Schedule: 1, Due: june, Began: june, Outcome: program.Running}})
	same(t, "the receipts", must(s.Erasures(ctx))(t), []program.Erasure{{
		ID: 1, At: june, By: 7, Kind: "customer", Tombstone: "gone-1", Counts: map[string]int64{"orders": 3}, Elsewhere: []string{"data/*.csv"},
	}})
	got, first, err := s.Claim(ctx, program.Submission{Key: "k", By: 7, At: june})
	ok(t, err)
	if first || got.Location != "/closes/1" {
		t.Errorf("the submission %+v, %t", got, first)
	}
	d.Text = "three\n"
	same(t, "the next version", must(s.SaveDocument(ctx, d))(t).Version, int64(3))
}

func agedUsers(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	u := access.User{
		ID: 1, Email: "lead@example.com", Name: "Somebody", Roles: []access.Role{access.Administrator}, Department: "Care/Phone", PersonID: "p-17", Locale: "en-GB", Version: 1, Created: june,
	}
	same(t, "the users", must(s.Users(ctx))(t), []access.User{u})
	same(t, "the password", must(s.Password(ctx, 1))(t), "$argon2id$")
	same(t, "the passkey", must(s.Passkey(ctx, []byte{0, 255}))(t), access.Passkey{ID: []byte{0, 255}, User: 1, Handle: []byte{1}, Name: "laptop", Record: []byte("{}"), Count: 1<<32 - 1, Made: june})
	same(t, "the identity", must(s.Identity(ctx, "https://id.example.com", "s"))(t).User, int64(1))
	device, _, err := s.Device(ctx, []byte{5})
	ok(t, err)
	same(t, "the device", device, access.Device{ID: 5, Hash: []byte{5}, User: 1, Made: june, Seen: june})
	same(t, "the session", must(s.Session(ctx, []byte{6}))(t), access.Session{
		ID: 6, Hash: []byte{6}, User: u, At: june, Seen: june, Until: june, Method: "passkey", Agent: "Firefox", Place: "192.0.2.0", Device: 5,
	})
	same(t, "the link", must(s.Link(ctx, []byte{7}))(t).Kind, access.ResetLink)
	same(t, "the tokens", must(s.Tokens(ctx, 0))(t), []access.Token{{ID: 8, Hash: []byte{8}, User: 1, Name: "export", Scopes: access.Scopes{access.ReadRows}, Made: june}})
	same(t, "the tally", must(s.Tally(ctx, "t"))(t), access.Tally{Count: 1_000_000, Last: june})
	same(t, "the audit log", must(s.AuditHead(ctx))(t), access.Entry{
		N: 1, At: june, What: "signed in", Object: "user 1", Detail: json.RawMessage(`{"b":1, "a":2}`), Previous: []byte{0}, Hash: []byte{1},
	})
}

func agedItems(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	delivery := program.Item{ID: 1, Kind: "touchpoint", Key: "delivery", Version: 2, Body: json.RawMessage(`{"owner":"Logistics"}`), At: june, By: 7}
	same(t, "the items", must(s.Items(ctx))(t), []program.Item{delivery})
	same(t, "the items before", len(must(s.ItemsAt(ctx, june.Add(-1)))(t)), 2)
	same(t, "the changes of the one that was removed", len(must(s.ItemChanges(ctx, "touchpoint", "fax"))(t)), 2)
	same(t, "the number of the items", must(s.ItemsVersion(ctx))(t), int64(2))
	delivery.Body = json.RawMessage(`{}`)
	kept := saveItems(t, s, delivery, thing("touchpoint", "fax", `{}`), thing("touchpoint", "mail", `{}`))
	if kept[0].Version != 3 || kept[1].ID != 2 || kept[1].Version != 3 || kept[2].ID != 3 {
		t.Errorf("the next versions %+v", kept)
	}
}
