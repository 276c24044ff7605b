package books_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/books/workbook"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// workbookOf saves a workbook that fill writes the sheets of.
func workbookOf(t *testing.T, path string, fill func(put func(sheet string, line int, cells ...any), f *excelize.File)) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close() // only written to
	put := func(sheet string, line int, cells ...any) {
		t.Helper()
		if i, err := f.GetSheetIndex(sheet); err != nil || i < 0 {
			if _, err := f.NewSheet(sheet); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", line), &cells); err != nil {
			t.Fatal(err)
		}
	}
	fill(put, f)
	if i, err := f.GetSheetIndex("Sheet1"); err == nil && i >= 0 {
		if rows, err := f.GetRows("Sheet1"); err == nil && len(rows) == 0 {
			if err := f.DeleteSheet("Sheet1"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

// sales writes a year of 60 lines of 10.00 from a day on.
func sales(put func(string, int, ...any), sheet string, from time.Time) {
	put(sheet, 1, "Invoice", "client", "date", "amount")
	for i := range 60 {
		put(sheet, i+2, fmt.Sprintf("I%d", i), i%9, from.AddDate(0, 0, i), 10)
	}
}

func at(text string) time.Time {
	day, err := time.Parse("2006-01-02", text)
	if err != nil {
		panic(err)
	}
	return day
}

func note(p *books.Proposal, sheet string) string {
	for _, l := range p.Files {
		if slices.Contains(l.Sheets, sheet) {
			return l.Book + "|" + l.Note
		}
	}
	return "nothing said"
}

// Every sheet that looks like a book is proposed, two years of one book as two
// sources of it, and of every other sheet it is said why it was left.
func TestEverySheetOfAWorkbookIsProposedOrSaidToBeLeft(t *testing.T) {
	dir := t.TempDir()
	workbookOf(t, filepath.Join(dir, "shop.xlsx"), func(put func(string, int, ...any), f *excelize.File) {
		put("Read me", 1, "Exported for the board")
		sales(put, "Year 2023", at("2023-10-20")) // to 2023-12-18
		sales(put, "Year 2024", at("2024-01-05")) // to 2024-03-04
		put("People", 1, "Customers of the shop")
		put("People", 3, "id", "name", "email")
		for i := range 9 {
			put("People", i+4, i, fmt.Sprintf("P%d", i), fmt.Sprintf("p%d@example.com", i))
		}
		put("Old", 1, "Invoice", "client", "date", "amount")
		put("Old", 2, "X", 1, at("2020-01-01"), 5)
		if err := f.SetSheetVisible("Old", false); err != nil {
			t.Fatal(err)
		}
		if _, err := f.NewSheet("Blank"); err != nil {
			t.Fatal(err)
		}
	})
	config, proposal := propose(t, dir)
	m := config.Books["orders"]
	if !slices.Equal(m.Source.Sheets, books.List{"Year 2023", "Year 2024"}) || len(m.From) != 1 {
		t.Errorf("orders: %+v\n%s", m, proposal.Text)
	}
	p := config.Books["customers"]
	if p.Source.Sheet != "People" || p.Source.HeaderRow != 3 || p.Columns["customer_id"] != "id" || p.Columns["name"] != "name" {
		t.Errorf("customers: %+v\n%s", p, proposal.Text)
	}
	for sheet, want := range map[string]string{
		"Read me": "|has no rows", "Old": "|not read: the sheet is hidden", "Blank": "|has no rows",
		"People": `customers|check the header: row 3 names the columns, and "Customers of the shop" is left out`, "Year 2024": "orders|",
	} {
		if said := note(proposal, sheet); !strings.HasPrefix(said, want) {
			t.Errorf("sheet %s: %q, want %q", sheet, said, want)
		}
	}
	if text := string(proposal.Text); !strings.Contains(text, `#   shop.xlsx, sheet "Old": not read: the sheet is hidden`) || !strings.Contains(text, `above it stands "Customers of the shop": CHECK`) {
		t.Error(text)
	}
	found, refusals := checked(t, config)
	for _, b := range found.Books {
		if b.Book == "orders" && (b.Rows != 120 || b.Refused != 0 || b.FirstDay.String() != "2023-10-20" || b.LastDay.String() != "2024-03-04" || len(b.Sources) != 2) {
			t.Errorf("orders: %+v", b)
		}
		if b.Book == "customers" && (b.Rows != 9 || b.Refused != 0) {
			t.Errorf("customers: %+v", b)
		}
	}
	if len(refusals) > 0 {
		t.Errorf("%+v", refusals)
	}
}

// Two sheets that hold the same days are two exports of them: a close asks,
// and "once" counts what both have a single time.
func TestRowsThatTwoSheetsShareAreAskedAbout(t *testing.T) {
	dir := t.TempDir()
	workbookOf(t, filepath.Join(dir, "shop.xlsx"), func(put func(string, int, ...any), _ *excelize.File) {
		sales(put, "2023", at("2023-10-20"))
		sales(put, "Copy of 2023", at("2023-10-20"))
	})
	yaml := "company: X\nsettings: {currency: EUR}\nbooks:\n  orders:\n    from: shop.xlsx\n    source: {sheets: [\"2023\", Copy of 2023]}\n    columns: {order_id: Invoice, customer_id: client, ordered_at: date, amount: amount}\n"
	_, refusals := checked(t, parsed(t, dir, yaml))
	if len(refusals) != 1 || !strings.Contains(refusals[0].Error(), "shop.xlsx#Copy of 2023") {
		t.Errorf("%v", refusals)
	}
	found, refusals := checked(t, parsed(t, dir, yaml+"    overlaps: once\n"))
	if len(refusals) > 0 || *found.Books[0].Identified.Amount != "600.00" {
		t.Errorf("%v %+v", refusals, found.Books[0])
	}
}

// A sheet that the mapping no longer names leaves the books at once, whatever
// was read of it; the other sheet's rows are not read anew. A file that is gone
// takes its sheets with it and our copy stays.
func TestSheetsComeAndGoWithTheMapping(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "shop.xlsx")
	workbookOf(t, path, func(put func(string, int, ...any), _ *excelize.File) {
		sales(put, "A", at("2023-01-01"))
		sales(put, "B", at("2024-01-01"))
	})
	e, data := engineIn(t)
	store, err := sqlite.Open(ctx, filepath.Join(data, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	run := func(source string, forget ...string) (books.Report, string) {
		t.Helper()
		config := parsed(t, dir, "company: X\nsettings: {currency: EUR}\nbooks:\n  orders:\n    from: shop*.xlsx\n    source: "+source+"\n    columns: {customer_id: client, ordered_at: date, amount: amount}\n")
		im := &books.Importer{Config: config, Manifest: store, Engine: e, Dir: data, Now: func() time.Time { return now }, Forget: forget}
		report, err := im.Run(ctx, "")
		if err != nil {
			return report, err.Error()
		}
		var names []string
		for _, s := range report.Snapshot.Of("orders") {
			names = append(names, s.Path)
		}
		return report, strings.Join(names, " ")
	}
	for _, step := range []struct {
		source, names string
		read, kept    int
	}{
		{"{sheets: [A, B]}", "shop.xlsx#A shop.xlsx#B", 2, 0},
		{"{sheets: [a, b]}", "shop.xlsx#A shop.xlsx#B", 0, 2},
		{"{sheets: [B]}", "shop.xlsx#B", 0, 1},
		{"{sheets: [B, A]}", "shop.xlsx#A shop.xlsx#B", 1, 1},
		{"{sheet: B}", "shop.xlsx", 1, 0},
		{"{sheets: [A, B]}", "shop.xlsx#A shop.xlsx#B", 2, 0},
	} {
		report, names := run(step.source)
		sorted := strings.Fields(names)
		slices.Sort(sorted)
		if strings.Join(sorted, " ") != step.names || len(report.Read) != step.read || report.Kept != step.kept || len(report.Gone) > 0 {
			t.Errorf("%s: %s; read %d, kept %d, gone %d", step.source, names, len(report.Read), report.Kept, len(report.Gone))
		}
	}
	if _, said := run("{sheets: [A, C]}"); !strings.Contains(said, `there is no sheet "C"; its sheets are "A", "B"`) {
		t.Error(said)
	}
	away := filepath.Join(t.TempDir(), "away.xlsx")
	if err := os.Rename(path, away); err != nil {
		t.Fatal(err)
	}
	report, names := run("{sheets: [A, B]}")
	if len(report.Gone) != 2 || names != "shop.xlsx#A shop.xlsx#B" {
		t.Errorf("gone %d: %s", len(report.Gone), names)
	}
	if _, names = run("{sheets: [A, B]}", "shop.xlsx#A"); names != "shop.xlsx#B" {
		t.Errorf("forgotten: %s", names)
	}
}

// Workbooks whose sheets are called by their month are one book; one in which a
// sheet of such a name is something else is left, and said to be.
func TestWorkbooksOfSheetsWithDifferentNames(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"jan", "feb"} {
		workbookOf(t, filepath.Join(dir, "2024-"+name+".xlsx"), func(put func(string, int, ...any), _ *excelize.File) {
			put("Cover", 1, "Sales of "+name)
			sales(put, name, at(fmt.Sprintf("2024-%02d-01", 3*i+1)))
		})
	}
	workbookOf(t, filepath.Join(dir, "odd.xlsx"), func(put func(string, int, ...any), _ *excelize.File) {
		put("jan", 1, "target", "by whom")
		put("jan", 2, "many", "us")
		sales(put, "mar", at("2024-08-01"))
	})
	config, proposal := propose(t, dir)
	m := config.Books["orders"]
	if !slices.Equal(m.Source.Sheets, books.List{"feb", "jan"}) {
		t.Fatalf("%+v\n%s", m, proposal.Text)
	}
	if said := note(proposal, "mar"); !strings.Contains(said, `the sheet "jan" is another table there`) {
		t.Error(said)
	}
	if found, _ := checked(t, config); found.Books[0].Rows != 120 {
		t.Errorf("%+v", found.Books[0])
	}
}

// Workbooks of the same first sheet need no name of it, as before.
func TestTheFirstSheetNeedsNoName(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		workbookOf(t, filepath.Join(dir, fmt.Sprintf("sales-%d.xlsx", i)), func(put func(string, int, ...any), _ *excelize.File) {
			sales(put, fmt.Sprintf("Export %d", i), at("2024-01-01").AddDate(0, 3*i, 0))
		})
	}
	config, proposal := propose(t, dir)
	if m := config.Books["orders"]; m.Source.Sheet != "" || len(m.Source.Sheets) > 0 || len(m.From) != 1 {
		t.Errorf("%+v\n%s", m, proposal.Text)
	}
}

// What is merged over rows stands in the first of them; that is said, with
// how often.
func TestMergedCellsAreSaid(t *testing.T) {
	dir := t.TempDir()
	workbookOf(t, filepath.Join(dir, "merged.xlsx"), func(put func(string, int, ...any), f *excelize.File) {
		put("Sheet1", 1, "Sales of the year")
		put("Sheet1", 2, "client", "date", "amount")
		for i := range 60 {
			put("Sheet1", i+3, i/2, at("2024-01-01").AddDate(0, 0, i), 10)
			if i%2 == 0 && i < 20 {
				put("Sheet1", i+4, nil)
				if err := f.MergeCell("Sheet1", fmt.Sprintf("A%d", i+3), fmt.Sprintf("A%d", i+4)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := f.MergeCell("Sheet1", "A1", "C1"); err != nil {
			t.Fatal(err)
		}
	})
	config, proposal := propose(t, dir)
	if m := config.Books["orders"]; m.Source.HeaderRow != 2 || !strings.Contains(string(proposal.Text), "CHECK: 10 merged cells cover several rows") {
		t.Errorf("%+v\n%s", m, proposal.Text)
	}
	found, _ := checked(t, config)
	if b := found.Books[0]; b.Rows != 60 || b.Unidentified.Rows != 10 {
		t.Errorf("%+v", b)
	}
}

func TestSheetsThatContradictEachOtherAreRefused(t *testing.T) {
	for source, want := range map[string]string{
		"{sheet: A, sheets: [B]}":        "sheet and sheets are both given",
		"{sheets: [A, a]}":               `"a" is named twice`,
		"{sheets: [\" \"]}":              "one of the names is empty",
		"{sheets: []}":                   "books.yaml:5: source.sheets names no sheet",
		"{header_row: 0}":                "books.yaml:5: source.header_row names no row",
		"{header_row: -1}":               "is no row of a sheet",
		"{header_row: 3, header: false}": "header: false says that there is none",
	} {
		_, err := books.ParseConfig("books.yaml", []byte("settings: {currency: EUR}\nbooks:\n  orders:\n    from: x.xlsx\n    source: "+source+"\n    columns: {customer_id: c, ordered_at: d, amount: a}\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// What one mapping reads is one book, in whatever order and letter case the
// columns stand and whatever stands beside them; and a sheet that by its name
// sums the others is left.
func TestTheOrderOfColumnsDoesNotPartABook(t *testing.T) {
	dir := t.TempDir()
	workbookOf(t, filepath.Join(dir, "shop.xlsx"), func(put func(string, int, ...any), _ *excelize.File) {
		sales(put, "2022", at("2022-01-01"))
		put("2023", 1, "amount", "Date", "CLIENT", "Invoice")
		put("2024", 1, "client", "date", "Invoice", "amount", "remark")
		for i := range 50 {
			put("2023", i+2, 10, at("2023-01-01").AddDate(0, 0, i), i%9, fmt.Sprintf("I%d", i))
			put("2024", i+2, i%9, at("2024-01-01").AddDate(0, 0, i), fmt.Sprintf("I%d", i), 10, "fine")
		}
		put("Summe", 1, "Invoice", "client", "date", "amount")
		put("Summe", 2, "all", 1, at("2024-12-31"), 1600)
	})
	for name, header := range map[string]string{"a.csv": "client,date,amount\n", "b.csv": "amount,date,client,Note\n"} {
		text := header
		for i := range 9 {
			if name == "a.csv" {
				text += fmt.Sprintf("%d,2021-03-%02d,4.5\n", i, i+1)
			} else {
				text += fmt.Sprintf("4.5,2020-03-%02d,%d,x\n", i+1, i)
			}
		}
		if err := os.MkdirAll(filepath.Join(dir, "texts"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "texts", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("texts", func(t *testing.T) {
		config, proposal := propose(t, filepath.Join(dir, "texts"))
		if found, refusals := checked(t, config); found.Books[0].Rows != 18 || found.Books[0].Refused != 0 || len(refusals) > 0 {
			t.Errorf("%+v %+v\n%s", found.Books[0], refusals, proposal.Text)
		}
	})
	if err := os.RemoveAll(filepath.Join(dir, "texts")); err != nil {
		t.Fatal(err)
	}
	config, proposal := propose(t, dir)
	if m := config.Books["orders"]; !slices.Equal(m.Source.Sheets, books.List{"2022", "2023", "2024"}) {
		t.Errorf("%+v\n%s", m, proposal.Text)
	}
	if said := note(proposal, "Summe"); !strings.Contains(said, "by its name it sums the other sheets") {
		t.Error(said)
	}
	found, refusals := checked(t, config)
	if b := found.Books[0]; b.Rows != 160 || b.Refused != 0 || len(refusals) > 0 {
		t.Errorf("%+v %+v", b, refusals)
	}
}

// Where the header stands in another row of each sheet, it is found in each.
func TestEachSheetsHeaderIsFoundByItself(t *testing.T) {
	dir := t.TempDir()
	workbookOf(t, filepath.Join(dir, "shop.xlsx"), func(put func(string, int, ...any), _ *excelize.File) {
		sales(put, "2023", at("2023-01-01"))
		put("2024", 1, "Sales of the year")
		put("2024", 4, "Invoice", "client", "date", "amount")
		for i := range 50 {
			put("2024", i+5, fmt.Sprintf("J%d", i), i%9, at("2024-01-01").AddDate(0, 0, i), 10)
		}
	})
	config, proposal := propose(t, dir)
	if m := config.Books["orders"]; !slices.Equal(m.Source.Sheets, books.List{"2023", "2024"}) || m.Source.HeaderRow != 0 {
		t.Errorf("%+v\n%s", m, proposal.Text)
	}
	found, refusals := checked(t, config)
	if b := found.Books[0]; b.Rows != 110 || b.Refused != 0 || len(refusals) > 0 {
		t.Errorf("%+v %+v", b, refusals)
	}
	_, err := workbook.Open(filepath.Join(dir, "shop.xlsx"), workbook.Options{Sheet: "Renamed"})
	if err == nil || !strings.Contains(err.Error(), `its sheets are "2023", "2024"; if it was renamed, write its new name in source.sheet`) {
		t.Error(err)
	}
}
