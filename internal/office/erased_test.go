package office_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

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
