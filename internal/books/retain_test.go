package books

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// The company of this test keeps orders and remarks from 2023 on. Two exports
// share a line of 2021 and one of 2023, so both months are merged; a row of 2022
// was refused; Ann bought in 2021 and comes back in September 2024, when Di is new.
var keptFiles = map[string]string{
	"books.yaml": `company: Example Ltd
settings: {currency: EUR, timezone: UTC, refused_threshold: 0.5}
books:
  orders:
    from: orders-*.csv
    columns: {customer_id: id, ordered_at: date, amount: amount, line_id: line, product: product}
  remarks:
    from: remarks.csv
    columns: {remark_id: id, received_at: at, text: text, customer_id: who}
`,
	"orders-1.csv": "id,date,amount,line,product\nann,2021-03-05,10,a1,Marzipan-2021\nbo,2021-04-05,11,a2,Nougat-2021\nbo,2022-06-05,20,a3,Praline-2022\n" +
		"bo,2022-09-06,Fondant-2022,a4,tea\nbo,2023-02-01,30,a5,tea\ncy,2023-09-09,31,a6,tea\n",
	"orders-2.csv": "id,date,amount,line,product\nann,2021-03-05,10,a1,Marzipan-2021\nbo,2023-02-01,30,a5,tea\nbo,2024-03-05,40,b1,tea\n" +
		"ann,2024-09-05,41,b2,tea\ndi,2024-09-06,42,b3,tea\ncy,2024-09-07,43,b4,coffee\n",
	"remarks.csv": "id,at,text,who\nr1,2022-12-31,the Gelato-2022 was late,bo\nr2,2023-01-01,fine,bo\n",
}

// droppedMarkers stand in rows before 2023 alone.
var droppedMarkers = []string{"Marzipan-2021", "Nougat-2021", "Praline-2022", "Fondant-2022", "Gelato-2022"}

var from2023 = map[string]calendar.Month{"orders": calendar.MonthOf(day2023), "remarks": calendar.MonthOf(day2023)}

var day2023 = calendar.DayOf(2023, time.January, 1)

func (h *household) retainer() *Retainer {
	return &Retainer{Manifest: h.store, Engine: h.engine, Dir: h.data, Now: household2025, Latest: h.store.Latest, Derived: h.eraser().Derived}
}

func (h *household) retain(t *testing.T) Retained {
	t.Helper()
	got, err := h.retainer().Retain(t.Context(), from2023)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (h *household) sealOf(t *testing.T, s snapshot.Snapshot, period string) closing.Outcome {
	t.Helper()
	o, err := h.order(t, s, period, closing.Order{})
	if err != nil {
		t.Fatalf("close %s: %v", period, err)
	}
	return o
}

// statementOf is the period's statement without how far back the books go.
func statementOf(t *testing.T, document []byte) map[string]any {
	t.Helper()
	var doc struct {
		Customer map[string]any `json:"customer"`
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc.Customer["coverage"].(map[string]any), "history_months")
	return doc.Customer
}

// TestRowsThatAreNoLongerKeptAreInNoByte: neither in any snapshot's parts, nor
// in refused rows, nor in what was derived; and an import of a source that
// holds them still does not bring them back to stay.
func TestRowsThatAreNoLongerKeptAreInNoByte(t *testing.T) {
	h := householdOf(t, keptFiles)
	h.load(t)
	h.touch(t, "remarks.csv", "r3,2024-01-01,fine,cy\n")
	latest := h.load(t)
	if err := h.reader.Prepare(t.Context(), View(h.config(t), latest)); err != nil {
		t.Fatal(err)
	}
	if found := h.holding(t, droppedMarkers); len(found) < len(droppedMarkers) {
		t.Fatalf("the test would prove nothing: %v", found)
	}
	got := h.retain(t)
	// Four order lines in two files, and the remark, which stands in both snapshots.
	want := Retained{Rows: map[string]int64{"orders": 4, "remarks": 1}, Refused: map[string]int64{"orders": 1}, Before: from2023}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("dropped %+v, want %+v", got, want)
	}
	if found := h.holding(t, droppedMarkers); len(found) > 0 {
		t.Errorf("still there: %v", found)
	}
	if again := h.retain(t); again.Any() {
		t.Errorf("dropped again: %+v", again)
	}
	h.touch(t, "orders-1.csv", "bo,2024-12-01,1,a7,tea\n")
	h.load(t)
	if got := h.retain(t); got.Rows["orders"] != 3 || got.Refused["orders"] != 1 || got.Rows["remarks"] != 0 {
		t.Errorf("after the import dropped %+v", got)
	}
	if found := h.holding(t, droppedMarkers); len(found) > 0 {
		t.Errorf("an import brought back: %v", found)
	}
	if entries, err := filepath.Glob(filepath.Join(h.data, retainingFile)); err != nil || len(entries) > 0 {
		t.Errorf("the mark stands: %v, %v", entries, err)
	}
}

// TestSealsOutliveTheirRows: every seal is printed byte for byte, a statement
// that needs dropped rows is refused, and one that does not is what it was: who
// bought before is not new.
func TestSealsOutliveTheirRows(t *testing.T) {
	h := householdOf(t, keptFiles)
	s := h.load(t)
	sealed := map[string]closing.Outcome{}
	for _, period := range []string{"2022", "2023", "2024", "2024-03"} {
		sealed[period] = h.sealOf(t, s, period)
	}
	dry := closing.Order{DryRun: true}
	was, err := h.order(t, s, "2024-09", dry)
	if err != nil {
		t.Fatal(err)
	}
	h.retain(t)
	s = h.latest(t)
	for period, before := range sealed {
		again := h.sealOf(t, s, period)
		if !bytes.Equal(again.Document, before.Document) {
			t.Errorf("%s is not what was sealed", period)
		}
		if notes := strings.Join(again.Notes, " "); !strings.Contains(notes, "orders before 2023-01 are no longer kept") {
			t.Errorf("%s says %q", period, notes)
		}
		v, err := h.closer(t, s).Verify(t.Context(), before.Seal)
		if err != nil || v.Equal || len(v.Changed) > 0 || len(v.Dropped) != 2 { // orders, and remarks, which touchpoints are told by
			t.Errorf("verified %s: %+v, %v", period, v, err)
		}
	}
	for period, o := range map[string]closing.Order{"2022-Q2": {}, "2023-09": {}, "2022": {Restate: true}, "2023": dry} {
		var refusal *closing.Refusal
		if _, err := h.order(t, s, period, o); !errors.As(err, &refusal) || !strings.Contains(refusal.What, "orders before 2023-01 are no longer kept (settings: how long rows are kept)") {
			t.Errorf("closing %s: %v", period, err)
		}
	}
	h.unmoved(t, "after the drop", was.Document, s)
	h.touch(t, "orders-1.csv", "zed,2022-01-01,1,a7,tea\n")
	h.load(t)
	h.retain(t)
	h.unmoved(t, "after importing again", was.Document, h.latest(t))
}

// unmoved holds the statement of September 2024 to what it was while all rows
// were there, and what looks further back to what is kept.
func (h *household) unmoved(t *testing.T, when string, was []byte, s snapshot.Snapshot) {
	t.Helper()
	now, err := h.order(t, s, "2024-09", closing.Order{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	before, after := statementOf(t, was), statementOf(t, now.Document)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%s: the statement is\n%v\nwas\n%v", when, after, before)
	}
	var doc struct {
		Customer struct {
			Coverage struct {
				History int `json:"history_months"`
			} `json:"coverage"`
			Customers struct{ Returning int } `json:"customers"`
		} `json:"customer"`
		Trailing struct{ Refused string } `json:"customer_trailing_year"`
		Cohorts  struct{ Spans []string } `json:"cohorts"`
	}
	if err := json.Unmarshal(now.Document, &doc); err != nil {
		t.Fatal(err)
	}
	// January 2023 to September 2024 are 21 months.
	if doc.Customer.Coverage.History != 21 || len(doc.Cohorts.Spans) != 21 || doc.Cohorts.Spans[0] != "2023-01" {
		t.Errorf("%s: history of %d months, cohorts of %v", when, doc.Customer.Coverage.History, doc.Cohorts.Spans)
	}
	if doc.Customer.Customers.Returning != 1 { // Ann
		t.Errorf("%s: %d returning", when, doc.Customer.Customers.Returning)
	}
	if !strings.Contains(doc.Trailing.Refused, "no longer kept") {
		t.Errorf("%s: the trailing year says %q", when, doc.Trailing.Refused)
	}
}

// TestChangedRowsStillAskForARestatement: that older rows are dropped neither
// hides nor invents a change.
func TestChangedRowsStillAskForARestatement(t *testing.T) {
	h := householdOf(t, keptFiles)
	sealed := h.sealOf(t, h.load(t), "2024")
	h.retain(t)
	h.touch(t, "orders-2.csv", "eve,2024-10-05,9,b5,tea\n")
	h.load(t)
	h.retain(t)
	_, err := h.order(t, h.latest(t), "2024", closing.Order{})
	if err == nil || !strings.Contains(err.Error(), "orders, 2024-10: 1 row more") || strings.Contains(err.Error(), "2021") {
		t.Errorf("closing again says %v", err)
	}
	restated, err := h.order(t, h.latest(t), "2024", closing.Order{Restate: true})
	if err != nil || restated.Seal.Restates != sealed.Seal.ID {
		t.Errorf("restated %+v, %v", restated.Seal, err)
	}
}

// TestEmptiedMonthsLeaveThePagesWorking: search, timelines and the customers
// behind a line, over parts without rows.
func TestEmptiedMonthsLeaveThePagesWorking(t *testing.T) {
	h := householdOf(t, keptFiles)
	s := h.load(t)
	h.sealOf(t, s, "2024")
	h.retain(t)
	s = h.latest(t)
	seer := engine.Seer{Identified: true, Veil: engine.NewVeil(householdSecret)}
	v := View(h.config(t), s)
	if err := h.reader.Prepare(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	found, err := h.reader.Search(t.Context(), v, engine.Search{Text: "ann", Seer: seer})
	if err != nil || len(found.Found) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	history, err := h.reader.Timeline(t.Context(), v, engine.Timeline{Key: found.Found[0].Key, Seer: seer})
	if err != nil || len(history.Events) != 1 || history.Customer.Lines != 1 {
		t.Errorf("Ann's timeline is %+v, %v", history, err)
	}
	seal, _, err := h.store.Current(t.Context(), mustStatement(t, h, s))
	if err != nil {
		t.Fatal(err)
	}
	of, _, err := Sealed(s, seal)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.reader.PrepareBehind(t.Context(), of); err != nil {
		t.Fatal(err)
	}
	back, err := h.reader.Behind(t.Context(), engine.Behind{Of: of, Line: engine.Returning, Names: v, Seer: seer})
	if err != nil || back.Units != 1 {
		t.Errorf("returning are %+v, %v", back, err)
	}
}

func mustStatement(t *testing.T, h *household, s snapshot.Snapshot) string {
	t.Helper()
	closer := h.closer(t, s)
	named, err := closer.Settings.Calendar.Parse("2024")
	if err != nil {
		t.Fatal(err)
	}
	statement, err := closer.Statement(closing.Order{Named: named, Active: "net"})
	if err != nil {
		t.Fatal(err)
	}
	return statement
}

var errKilled = errors.New("killed")

// dying is a manifest in front of which the process dies.
type dying struct{ snapshot.Eraser }

func (dying) Erase(context.Context, snapshot.Erasure) error { return errKilled }

// TestKilledRetentionIsAsBeforeOrIsFinished: before the manifest's transaction
// nothing counts, and what was written is swept; after it the next run finishes.
func TestKilledRetentionIsAsBeforeOrIsFinished(t *testing.T) {
	h := householdOf(t, keptFiles)
	h.load(t)
	before := h.load(t) // which sweeps files without a refused row
	files := func() []string {
		found, err := filepath.Glob(filepath.Join(h.data, "parts", "*", "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	had := files()
	x := h.retainer()
	x.Manifest = dying{h.store}
	if _, err := x.Retain(t.Context(), from2023); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if now := h.load(t); !reflect.DeepEqual(now, before) || !reflect.DeepEqual(files(), had) {
		t.Errorf("killed before it counted:\n%v\nwas\n%v", files(), had)
	}
	x = h.retainer()
	calls := 0
	x.Derived = func(context.Context) error {
		if calls++; calls == 1 { // for the mark that the first left
			return nil
		}
		return errKilled
	}
	if _, err := x.Retain(t.Context(), from2023); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	derived := filepath.Join(h.data, "derived-of-a-test")
	if err := os.WriteFile(derived, []byte("Marzipan-2021"), 0o600); err != nil {
		t.Fatal(err)
	}
	x.Derived = func(context.Context) error { return os.Remove(derived) }
	if got, err := x.Retain(t.Context(), from2023); err != nil || got.Any() {
		t.Errorf("finishing dropped %+v, %v", got, err)
	}
	if found := h.holding(t, droppedMarkers); len(found) > 0 {
		t.Errorf("still there: %v", found)
	}
}
