package books

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/throughline/throughline/internal/engine"
)

// An erasure names the workbook that holds the person, not its sheets; when the
// workbook is removed for it, our copy of both sheets stands and nobody is
// blamed.
func TestAnErasureGoesByTheWorkbookOfASheet(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close() // only written to
	for _, year := range []string{"2023", "2024"} {
		if _, err := f.NewSheet(year); err != nil {
			t.Fatal(err)
		}
		for i, row := range [][]any{{"id", "date", "amount"}, {"CUST-100077", year + "-01-05", 10}, {"CUST-200", year + "-02-01", 20}} {
			if err := f.SetSheetRow(year, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	saved, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	h := householdOf(t, map[string]string{
		"shop.xlsx": saved.String(),
		"books.yaml": `company: Example Ltd
settings: {currency: EUR}
books:
  orders:
    from: shop.xlsx
    source: {sheets: ["2023", "2024"]}
    columns: {customer_id: id, ordered_at: date, amount: amount}
`,
	})
	s := h.load(t)
	erased, err := h.eraser().Erase(t.Context(), engine.ACustomer, "CUST-100077")
	if err != nil || !slices.Equal(erased.Elsewhere, []string{"shop.xlsx"}) {
		t.Fatalf("%v %v", erased.Elsewhere, err)
	}
	c := h.config(t)
	removals, err := c.Removals(s, []string{"shop.xlsx"})
	if err != nil || len(removals) != 2 {
		t.Fatalf("%v %v", removals, err)
	}
	for id, r := range removals {
		if !r.File || r.Mapping == "" {
			t.Errorf("source %d: %+v", id, r)
		}
	}
	if err := os.Remove(filepath.Join(h.dir, "shop.xlsx")); err != nil {
		t.Fatal(err)
	}
	im := &Importer{Config: c, Manifest: h.store, Engine: h.engine, Dir: h.data, Now: household2025, Removed: removals}
	report, err := im.Run(t.Context(), "")
	if err != nil || len(report.Gone) != 2 || len(report.Snapshot.Of("orders")) != 2 {
		t.Errorf("%+v %v", report, err)
	}
	removed, err := c.Removed("orders", report.Snapshot, removals)
	if err != nil || !slices.Equal(removed, []string{"shop.xlsx"}) {
		t.Errorf("%v %v", removed, err)
	}
}
