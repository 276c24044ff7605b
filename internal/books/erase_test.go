package books

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/internal/store/relational"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/money"
)

// The company of this test knows Ada Quill by two ids that a link joins, with
// a name, two addresses, what she wrote and what others wrote about her, and a
// row that was refused for her address in the wrong column.
var erasureFiles = map[string]string{
	"books.yaml": `company: Example Ltd
settings: {currency: EUR, timezone: UTC, refused_threshold: 0.5}
books:
  customers:
    from: customers.csv
    columns: {customer_id: id, name: name, email: email, account_id: account, acquired_on: since, referred_by: by}
  customer_links:
    from: links.csv
    columns: {old_id: old, new_id: new}
  orders:
    from: orders-*.csv
    columns: {customer_id: id, ordered_at: date, amount: amount, line_id: line, product: product}
  answers:
    from: answers.csv
    columns: {answer_id: id, answered_at: date, question: question, score: score, customer_id: customer, person_id: person, comment: comment}
  people:
    from: people.csv
    columns: {person_id: person, valid_from: date, department: department, role: role}
`,
	"customers.csv": "id,name,email,account,since,by\nCUST-100077,Ada Quillfeather,ada.quillfeather@example.com,CUST-100077,2023-01-05,\n" +
		"CUST-200,Bo Lind,bo@example.com,,2023-02-01,CUST-100077\nCUST-300,Cy Young,cy@example.com,,2023-03-01,\nOLD-555777,A. Quillfeather,quill@old.example.com,,,\n",
	"links.csv": "old,new\nOLD-555777,CUST-100077\n",
	"orders-2023.csv": "id,date,amount,line,product\nCUST-100077,2023-01-05,10.50,a1,tea\nOLD-555777,2023-01-09,3.25,a2,tea\nCUST-200,2023-02-01,20,a3,tea\n" +
		"CUST-300,2023-03-01,7,a4,a card for Ada Quillfeather\nCUST-300,2023-03-02,ada.quillfeather@example.com,a5,tea\n",
	"orders-2024.csv": "id,date,amount,line,product\nCUST-100077,2024-01-05,12.00,b1,tea\nCUST-200,2024-02-01,20,b2,tea\nCUST-400,2024-03-01,9,b3,tea\n",
	"answers.csv": "id,date,question,score,customer,person,comment\nn1,2024-01-06,nps,9,CUST-100077,EMP-900100,I live in Larkspur Lane\n" +
		"n2,2024-02-06,nps,3,CUST-200,EMP-900100,\"Quillfeather, Ada told me; ask ADA.QUILLFEATHER@example.com\"\nn3,2024-02-07,nps,8,CUST-300,EMP-900200,fine\n",
	"people.csv": "person,date,department,role\nEMP-900100,2020-01-01,Care,agent\nEMP-900200,2020-01-01,Care,agent\n",
}

// adasMarkers are what no byte may hold after the erasure.
var adasMarkers = []string{"CUST-100077", "OLD-555777", "Quillfeather", "quillfeather", "quill@old", "Larkspur"}

// household is a company that is imported, closed and erased from.
type household struct {
	dir, data string
	store     *relational.Store
	engine    *duckdb.Engine
	reader    *duckdb.Reader
}

func newHousehold(t *testing.T) *household {
	t.Helper()
	return householdOf(t, erasureFiles)
}

func householdOf(t *testing.T, files map[string]string) *household {
	t.Helper()
	h := &household{dir: folder(t, files)}
	h.data = filepath.Join(h.dir, ".throughline")
	if err := os.Mkdir(h.data, 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.store, err = sqlite.Open(t.Context(), filepath.Join(h.data, "throughline.db")); err != nil {
		t.Fatal(err)
	}
	if h.engine, err = duckdb.Open(t.Context(), duckdb.Options{Dir: h.data, MemoryLimit: "500MB"}); err != nil {
		t.Fatal(err)
	}
	if h.reader, err = duckdb.OpenReader(t.Context(), duckdb.ReaderOptions{Dir: h.data, MemoryLimit: "300MB", BuildMemory: "300MB"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(h.reader.Close(), h.engine.Close(), h.store.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

var household2025 = func() time.Time { return time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC) }

var householdSecret = []byte("a secret of the test, long enough")

func (h *household) config(t *testing.T) *Config {
	t.Helper()
	c, err := ReadConfig(filepath.Join(h.dir, "books.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *household) load(t *testing.T) snapshot.Snapshot {
	t.Helper()
	forgotten, err := h.store.Forgotten(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	im := &Importer{Config: h.config(t), Manifest: h.store, Engine: h.engine, Dir: h.data, Now: household2025, Memory: engine.Memory{Secret: householdSecret, Forgotten: forgotten}}
	report, err := im.Run(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return report.Snapshot
}

func (h *household) close(t *testing.T, s snapshot.Snapshot) closing.Outcome {
	t.Helper()
	outcome, err := h.order(t, s, "2024", closing.Order{})
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// order closes a period by name.
func (h *household) order(t *testing.T, s snapshot.Snapshot, period string, o closing.Order) (closing.Outcome, error) {
	t.Helper()
	closer := h.closer(t, s)
	named, err := closer.Settings.Calendar.Parse(period)
	if err != nil {
		t.Fatal(err)
	}
	o.Named, o.Active = named, growth.Net
	return closer.Close(t.Context(), o)
}

func (h *household) closer(t *testing.T, s snapshot.Snapshot) *closing.Closer {
	t.Helper()
	c := h.config(t)
	cal, err := c.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return &closing.Closer{
		Settings: closing.Settings{Company: c.Company, Currency: money.Currency("EUR"), TimeZone: "UTC", Grain: c.Settings.Grain, Basis: c.Settings.StatementBasis, Returns: c.Settings.ReturnsCounted, Threshold: c.Settings.Threshold(), Calendar: cal},
		Books:    &Held{Config: c, Snapshot: s, Engine: h.engine, Dir: h.data}, Seals: h.store, Now: household2025, Progress: func(string) {},
	}
}

func (h *household) eraser() *Eraser {
	return &Eraser{
		Manifest: h.store, Engine: h.engine, Dir: h.data, Now: household2025, Chance: rand.Reader, Secret: householdSecret,
		Derived: func(ctx context.Context) error { _, err := h.reader.Sweep(ctx, nil, nil); return err },
	}
}

// holding lists files of the data folder whose bytes, or whose values, hold a
// marker.
func (h *household) holding(t *testing.T, markers []string) []engine.Trace {
	t.Helper()
	found, err := h.engine.Traces(t.Context(), ".", markers)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (h *household) touch(t *testing.T, name, more string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(h.dir, name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(more); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestErasedCustomerIsInNoByteAndTheSealStands: no file of ours holds a marker
// afterwards, in no snapshot; the figures are equal, so the seal stands; and
// sources that hold the person still do not bring them back.
func TestErasedCustomerIsInNoByteAndTheSealStands(t *testing.T) {
	h := newHousehold(t)
	sealed := h.close(t, h.load(t))
	h.touch(t, "orders-2024.csv", "CUST-400,2024-05-01,1,b4,tea\n")
	latest := h.load(t) // an older snapshot is there to be erased from
	if err := h.reader.Prepare(t.Context(), View(h.config(t), latest)); err != nil {
		t.Fatal(err)
	}
	if found := h.holding(t, adasMarkers); len(found) < len(adasMarkers) {
		t.Fatalf("the test would prove nothing: %v", found)
	}
	got, err := h.eraser().Erase(t.Context(), engine.ACustomer, "OLD-555777")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Left) > 0 || len(got.Tombstones) != 2 || got.Shared != 0 {
		t.Errorf("erased: %+v", got)
	}
	want := []string{"answers.csv", "customers.csv", "links.csv", "orders-2023.csv", "orders-2024.csv"}
	if !slices.Equal(got.Elsewhere, want) {
		t.Errorf("elsewhere are %q, want %q", got.Elsewhere, want)
	}
	for what, n := range map[string]int64{"customers.name": 2, "customers.email": 2, "customers.referred_by": 1, "customers.account_id": 1, "answers.comment": 2, "orders.product": 1, "dictionary.id": 2, "orders refused": 1} {
		if got.Changed[what] != n {
			t.Errorf("%s: %d changed, want %d", what, got.Changed[what], n)
		}
	}
	if found := h.holding(t, adasMarkers); len(found) > 0 {
		t.Errorf("still there: %v", found)
	}
	old, err := h.store.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []snapshot.Snapshot{old} {
		again := h.close(t, s)
		if !bytes.Equal(again.Document, sealed.Document) {
			t.Error("the close of the old snapshot gives another document")
		}
	}
	h.touch(t, "customers.csv", "CUST-500,Di,di@example.com,,2024-06-01,\n")
	h.touch(t, "answers.csv", "n4,2024-03-06,nps,9,CUST-100077,EMP-900200,Larkspur Lane again\n")
	h.touch(t, "orders-2023.csv", "CUST-100077,2023-01-06,quill@old.example.com,a6,tea\n")
	h.load(t)
	if found := h.holding(t, adasMarkers); len(found) > 0 {
		t.Errorf("an import brought back: %v", found)
	}
	found, err := h.reader.Search(t.Context(), View(h.config(t), h.latest(t)), engine.Search{Text: "erased-", Seer: engine.Seer{Identified: true, Veil: engine.NewVeil(householdSecret)}})
	if err != nil || found.Count != 2 {
		t.Errorf("found %d tombstones, %v", found.Count, err)
	}
}

func (h *household) latest(t *testing.T) snapshot.Snapshot {
	t.Helper()
	s, err := h.store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUntouchedSourcesGiveTheErasedRowsAgain: an import of the same files into
// an empty folder that remembers the person has the fingerprints that the
// erasure left.
func TestUntouchedSourcesGiveTheErasedRowsAgain(t *testing.T) {
	h := newHousehold(t)
	h.load(t)
	if _, err := h.eraser().Erase(t.Context(), engine.ACustomer, "CUST-100077"); err != nil {
		t.Fatal(err)
	}
	erased := h.latest(t)
	forgotten, err := h.store.Forgotten(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := newHousehold(t)
	if err := other.store.Erase(t.Context(), snapshot.Erasure{Forgotten: forgotten}); err != nil {
		t.Fatal(err)
	}
	again := other.load(t)
	for book := range h.config(t).Books {
		a, b := erased.Fingerprints(book), again.Fingerprints(book)
		for month := range a {
			if a[month] != b[month] {
				t.Errorf("%s of %s: %x after the erasure, %x imported again", book, month, a[month], b[month])
			}
		}
	}
}

// TestErasureThatFailsLeavesTheBooks: before it counts, nothing has changed;
// and what a crash left between counting and clearing away is cleared by the
// next import.
func TestErasureThatFailsLeavesTheBooks(t *testing.T) {
	h := newHousehold(t)
	before := h.load(t)
	full := errors.New("the disk is full")
	x := h.eraser()
	x.Keep = func(context.Context, snapshot.Erasure, Erased) error { return full }
	if _, err := x.Erase(t.Context(), engine.ACustomer, "CUST-100077"); !errors.Is(err, full) {
		t.Fatal(err)
	}
	if after := h.latest(t); !slices.Equal(snapshot.Paths(before.Parts), snapshot.Paths(after.Parts)) {
		t.Error("the failed erasure has changed the books")
	}
	killed := errors.New("killed")
	x.Keep = func(ctx context.Context, e snapshot.Erasure, _ Erased) error {
		return errors.Join(h.store.Erase(ctx, e), killed)
	}
	if _, err := x.Erase(t.Context(), engine.ACustomer, "CUST-100077"); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	if len(h.holding(t, adasMarkers[:1])) == 0 {
		t.Fatal("the test would prove nothing: nothing was left")
	}
	h.load(t)
	if found := h.holding(t, adasMarkers); len(found) > 0 {
		t.Errorf("left after the next import: %v", found)
	}
}

// TestErasedEmployeeIsInNoByte: the person id goes everywhere, and the rows of
// what they did stay.
func TestErasedEmployeeIsInNoByte(t *testing.T) {
	h := newHousehold(t)
	h.load(t)
	got, err := h.eraser().Erase(t.Context(), engine.APerson, "EMP-900100")
	if err != nil || len(got.Left) > 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.Changed["people.person_id"] != 1 || got.Changed["answers.person_id"] != 2 || got.Changed["answers.comment"] != 0 {
		t.Errorf("changed: %v", got.Changed)
	}
	if found := h.holding(t, []string{"EMP-900100"}); len(found) > 0 {
		t.Errorf("still there: %v", found)
	}
	if _, err := h.eraser().Erase(t.Context(), engine.APerson, "EMP-900100"); !errors.Is(err, engine.ErrUnknown) {
		t.Errorf("erased twice: %v", err)
	}
	files := 0
	err = filepath.WalkDir(filepath.Join(h.data, "parts"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".parquet") {
			files++
		}
		return err
	})
	whole, wholeErr := h.store.Whole(t.Context())
	if err != nil || wholeErr != nil || files != len(whole.Parts) {
		t.Errorf("%d files of %d parts, %v %v", files, len(whole.Parts), err, wholeErr)
	}
}
