package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/throughline/throughline/internal/report"
)

func workbook(t testing.TB, document []byte, h report.Heading) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.XLSX(&b, document, h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hostile puts texts that a spreadsheet could take for formulas where a document has texts of its own.
func hostile(t testing.TB) ([]byte, report.Heading) {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(sealed(t, "year"), &d); err != nil {
		t.Fatal(err)
	}
	d["warnings"] = []any{map[string]any{"code": "=1+1", "text": `=HYPERLINK("http://example.org","x")`}, map[string]any{"code": "@SUM(A1)", "text": "+1|'/C calc'!A0"}}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return data, report.Heading{Company: `=cmd|'/C calc'!A0`, Label: "2024"}
}

var sheetNames = []string{"Statement", "Bridge", "Roll-forward", "Coverage", "Rates", "Cohorts", "Warnings", "Seal"}

// Every figure of the CSV stands in the workbook: exactly as text, and as a
// number that a spreadsheet reads to the same fifteen digits.
func TestAWorkbookHoldsEveryFigureOfTheDocument(t *testing.T) {
	for name, label := range labels {
		document := sealed(t, name)
		f, err := excelize.OpenReader(bytes.NewReader(workbook(t, document, report.Heading{Company: company, Label: label})))
		if err != nil {
			t.Fatal(err)
		}
		sheets := f.GetSheetList()
		beside := slices.DeleteFunc(slices.Clone(sheets), func(s string) bool { return slices.Contains(sheetNames, s) })
		own := slices.DeleteFunc(slices.Clone(sheets), func(s string) bool { return slices.Contains(beside, s) })
		if !slices.Equal(own, sheetNames) {
			t.Errorf("%s: sheets %v", name, sheets)
		}
		for _, s := range beside {
			if !slices.Contains([]string{"Customer base", "Subscriptions", "Referrals", "Profit", "Prices", "Behaviour", "Loyalty", "Customer equity", "Worth under contract", "Training asset", "Two income statements", "People", "Touchpoints"}, s) {
				t.Errorf("%s: a sheet %s", name, s)
			}
		}
		exact := map[string]string{}
		for _, sheet := range append([]string{"Bridge", "Roll-forward", "Coverage", "Rates"}, beside...) {
			rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows[1:] {
				for len(r) < 16 {
					r = append(r, "")
				}
				exact[r[0]+" "+r[2]] = r[10]
				if r[10] == "" {
					continue
				}
				value, ok := new(big.Rat).SetString(r[3])
				sealed, _ := new(big.Rat).SetString(r[10])
				if !ok || value.Sub(value, sealed).Abs(value).Cmp(new(big.Rat).Abs(new(big.Rat).Mul(sealed, big.NewRat(1, 1_000_000_000_000)))) > 0 {
					t.Errorf("%s: %s: %s as a number, %s exactly", name, r[2], r[3], r[10])
				}
			}
		}
		_, figures := table(t, document)
		for _, r := range figures {
			switch r["statement"] {
			case "document", "warning", "cohorts", "subscriptions_path", "subscriptions_starts":
				continue // these stand by their time, on sheets of their own
			case "views":
				if strings.HasPrefix(r["line"], "cohorts.") {
					continue
				}
			}
			if got, ok := exact[r["statement"]+" "+r["line"]]; !ok || got != r["value"] {
				t.Errorf("%s: %s %s is %q, want %q", name, r["statement"], r["line"], got, r["value"])
			}
		}
	}
}

func TestNoTextOfAWorkbookIsAFormula(t *testing.T) {
	document, h := hostile(t)
	f, err := excelize.OpenReader(bytes.NewReader(workbook(t, document, h)))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			for j, cell := range r {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				formula, err := f.GetCellFormula(sheet, at)
				if err != nil || formula != "" {
					t.Errorf("%s %s holds the formula %q (%v)", sheet, at, formula, err)
				}
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.HasPrefix(cell, "+") {
					found++
				}
			}
		}
	}
	if found != 5 {
		t.Errorf("%d of 5 hostile texts stand as they were given", found)
	}
}

// LibreOffice opens the workbook and says what it sees: the sealed figures as
// numbers, and texts that begin with = as texts. Tried where
// THROUGHLINE_LIBREOFFICE is 1; .ci/libreoffice installs it on Debian.
func TestLibreOfficeSeesWhatWasSealed(t *testing.T) {
	if os.Getenv("THROUGHLINE_LIBREOFFICE") != "1" {
		t.Skip("tried by THROUGHLINE_LIBREOFFICE=1")
	}
	document, h := hostile(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "statement.xlsx")
	if err := os.WriteFile(path, workbook(t, document, h), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	// Token 12: all sheets, a file each; formulas are not shown, cells are saved unformatted.
	c := exec.CommandContext(ctx, "soffice", "-env:UserInstallation=file://"+filepath.Join(folder, "profile"), "--headless", "--convert-to",
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1", "--outdir", folder, path)
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	rows := map[string][][]string{}
	for _, sheet := range sheetNames {
		file, err := os.Open(filepath.Join(folder, "statement-"+sheet+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(file)
		r.FieldsPerRecord = -1
		if rows[sheet], err = r.ReadAll(); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, sheet := range []string{"Bridge", "Roll-forward", "Coverage", "Rates"} {
		for _, r := range rows[sheet][1:] {
			if r[10] == "" {
				continue
			}
			n++
			share, percent := strings.CutSuffix(r[3], "%") // as it writes rates without their format
			value, ok := new(big.Rat).SetString(share)
			if ok && percent {
				value.Quo(value, big.NewRat(100, 1))
			}
			sealed, _ := new(big.Rat).SetString(r[10])
			if !ok || new(big.Rat).Sub(value, sealed).Abs(value.Sub(value, sealed)).Cmp(big.NewRat(1, 1_000_000_000)) > 0 {
				t.Errorf("%s: LibreOffice sees %s, sealed is %s", r[2], r[3], r[10])
			}
		}
	}
	if n < 20 {
		t.Errorf("LibreOffice saw only %d figures", n)
	}
	if got := rows["Warnings"][1]; got[0] != "=1+1" || got[1] != `=HYPERLINK("http://example.org","x")` {
		t.Errorf("LibreOffice sees the hostile texts as %q", got)
	}
	if got := rows["Statement"][0][0]; got != h.Company {
		t.Errorf("LibreOffice sees the company as %q", got)
	}
	if got := rows["Bridge"][1][11]; got != "2024-01-01" {
		t.Errorf("LibreOffice sees the first day as %q", got)
	}
}
