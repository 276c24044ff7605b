package office_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// Once an erasure counts, nobody is found by the id any more: asking again
// would not remove the uploaded file that a crash has left.
func TestAnErasureThatIsCutShortIsFinishedByTheNextAct(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	o := opened(t, dir)
	file := filepath.Join(o.FilesDir(), "orders.csv")
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
	crash := errors.New("killed")
	o.Memory = office.Memory{People: store, Secret: make([]byte, 32), Chance: rand.Reader, ForgetDerived: func(context.Context) error { return crash }}
	heard := func(string, int64, int64) {}
	if _, err := o.Import(ctx, heard); err != nil {
		t.Fatal(err)
	}
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
	if _, err := o.Import(ctx, heard); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(o.Dir, "erasing")} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there still: %v", path, err)
		}
	}
}
