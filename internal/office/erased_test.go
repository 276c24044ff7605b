package office_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// uploaded is an office over imported orders of two customers, from a file that
// somebody gave.
func uploaded(t *testing.T, dir string, derived func(context.Context) error) (o *office.Office, file string) {
	t.Helper()
	o = opened(t, dir)
	file = filepath.Join(o.FilesDir(), "orders.csv")
	if err := os.MkdirAll(o.FilesDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		t.Fatal(err)
	}
	books := "company: Acme\nsettings: {currency: EUR}\nbooks:\n  orders:\n    from: " + rel + "\n    columns: {customer_id: who, ordered_at: day, amount: eur}\n"
	for path, text := range map[string]string{file: "who,day,eur\nCUST-77821-X,2026-01-02,5\nb,2026-01-03,6\n", o.Config: books} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store, ok := o.Store.(*sqlite.Store)
	if !ok {
		t.Fatal("the store is another one")
	}
	o.Memory = office.Memory{People: store, Secret: func() ([]byte, error) { return make([]byte, 32), nil }, Chance: rand.Reader, ForgetDerived: derived}
	if _, err := o.Import(t.Context(), office.Wanted{}, nil); err != nil {
		t.Fatal(err)
	}
	return o, file
}

// A backup that was begun before an erasure and is named after it would hold
// the person, and the receipt would not list it.
func TestABackupThatAnErasureOvertookTakesNoName(t *testing.T) {
	o, _ := uploaded(t, t.TempDir(), nil)
	folder := filepath.Join(o.Dir, "backups")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"earlier.tar": "whole", ".backup-77": "cut short", ".store-78": "cut short"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mark, err := o.BackupMark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	name := func() error { named++; return nil }
	if err := o.NameBackup(t.Context(), mark, name); err != nil || named != 1 {
		t.Errorf("before the erasure: %v, named %d times", err, named)
	}
	erased, err := o.Erase(t.Context(), engine.ACustomer, "CUST-77821-X", lead, func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(folder, "earlier.tar")}; !slices.Equal(erased.Backups, want) || !slices.Contains(erased.Elsewhere, want[0]) {
		t.Errorf("the receipt lists %v and %v", erased.Backups, erased.Elsewhere)
	}
	if err := o.NameBackup(t.Context(), mark, name); !errors.Is(err, office.ErrErasedMeanwhile) || named != 1 {
		t.Errorf("after the erasure: %v, named %d times", err, named)
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".*")); err != nil || len(left) != 0 {
		t.Errorf("of backups that were cut short is left %v (%v)", left, err)
	}
}

// Once an erasure counts, nobody is found by the id any more: asking again
// would not remove the uploaded file that a crash has left.
func TestAnErasureThatIsCutShortIsFinishedByTheNextAct(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	crash := errors.New("killed")
	o, file := uploaded(t, dir, func(context.Context) error { return crash })
	heard := func(string, int64, int64) {}
	if _, err := o.Erase(ctx, engine.ACustomer, "CUST-77821-X", lead, heard); !errors.Is(err, crash) {
		t.Fatalf("the erasure came to %v", err)
	}
	if receipts, err := o.Erasures(ctx); err != nil || len(receipts) != 1 {
		t.Fatalf("%d receipts, %v", len(receipts), err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Fatal("the crash was to come before the file was removed")
	}
	o.ForgetDerived = nil
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := o.Import(ctx, office.Wanted{}, heard); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(o.Dir, "erasing")} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there still: %v", path, err)
		}
	}
}

// A file that an erasure removed is not missing by anybody's mistake: its book
// stands under later settings, also one that it is joined to, and what is said
// of it names the erasure.
func TestAFileThatAnErasureRemovedIsNobodysMistake(t *testing.T) {
	o, file := uploaded(t, t.TempDir(), nil)
	rel, err := filepath.Rel(filepath.Dir(o.Config), file)
	if err != nil {
		t.Fatal(err)
	}
	remarks := filepath.Join(filepath.Dir(o.Config), "remarks.csv")
	settings := func(zone, amount string) string {
		return "company: Acme\nsettings: {currency: EUR, timezone: " + zone + "}\nbooks:\n  orders:\n    from: " + rel + "\n    columns: {customer_id: who, ordered_at: day, amount: " + amount + "}\n" +
			"  remarks:\n    from: remarks.csv\n    join: [{from: " + rel + ", on: n = day}]\n    columns: {remark_id: n, received_at: at, text: text, customer_id: who}\n"
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(remarks, "n,at,text\n2026-01-03,2026-01-04,fine\n")
	write(o.Config, settings("UTC", "eur"))
	if _, err := o.Import(t.Context(), office.Wanted{}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Erase(t.Context(), engine.ACustomer, "CUST-77821-X", lead, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the test would prove nothing: %v", err)
	}
	var told []string
	o.Warn = func(text string) { told = append(told, text) }
	for _, zone := range []string{"UTC", "Europe/Berlin"} {
		write(o.Config, settings(zone, "eur"))
		report, err := o.Import(t.Context(), office.Wanted{}, nil)
		if err != nil || len(report.Read) != 0 || len(report.Snapshot.Sources) != 2 {
			t.Fatalf("in %s the import comes to %+v, %v", zone, report, err)
		}
	}
	if said := strings.Join(told, "\n"); !strings.Contains(said, rel+" was removed by an erasure") || !strings.Contains(said, `days by the time zone "UTC"`) || strings.Contains(said, "no longer among") {
		t.Errorf("the import says %s", said)
	}
	draft, err := o.Draft(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, book := range []string{"orders", "remarks"} {
		var removed *office.Removed
		if _, err := o.Try(t.Context(), draft, book); !errors.As(err, &removed) || !slices.Equal(removed.Files, []string{rel}) {
			t.Errorf("%s cannot be tried: %v", book, err)
		}
	}
	var refused *books.Refusal
	write(o.Config, settings("UTC", "eur * 2"))
	if _, err := o.Import(t.Context(), office.Wanted{}, nil); !errors.As(err, &refused) || !strings.Contains(refused.What, "was removed by an erasure") || !strings.Contains(refused.Do, "give the file again without the person") {
		t.Errorf("another mapping: %v", err)
	}
	write(o.Config, settings("UTC", "eur"))
	write(remarks, "n,at,text\n2026-01-03,2026-01-04,fine\n2026-01-02,2026-01-05,more\n")
	if _, err := o.Import(t.Context(), office.Wanted{}, nil); !errors.As(err, &refused) || !strings.Contains(refused.What, rel+" is joined to it and was removed by an erasure") {
		t.Errorf("a file that needs the removed one: %v", err)
	}
	write(file, "who,day,eur\nb,2026-01-03,6\n")
	report, err := o.Import(t.Context(), office.Wanted{}, nil)
	if err != nil || len(report.Read) != 2 || len(report.Gone) != 0 {
		t.Errorf("given again without the person: %+v, %v", report, err)
	}
	// Who takes that one away has done it themselves.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Import(t.Context(), office.Wanted{}, nil); err == nil || strings.Contains(err.Error(), "erasure") {
		t.Errorf("a file that somebody removed: %v", err)
	}
}
