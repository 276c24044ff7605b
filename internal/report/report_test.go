package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/throughline/throughline/internal/report"
	"github.com/throughline/throughline/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

const company = "Marrow & Finch, bookbinders (simulated)"

// labels name the periods of the documents in testdata, all of simulated
// companies of a few customers.
var labels = map[string]string{
	"year": "2024", "month": "2024-03", "confidence": "2024", "refusal": "FY2024-Q1", "restatement": "2024", "dry_run": "2024", "referrals": "2026-10", "behaviour": "2024",
	"loyalty": "2026-10",
	"prices":  "2024", "contracts": "2024", "contracts_refused": "2024", "income": "2024", "training": "2024", "workforce": "2024", "workforce_refused": "2024", "touchpoints": "2024",
}

func sealed(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func text(t testing.TB, document []byte, h report.Heading) string {
	t.Helper()
	var b strings.Builder
	if err := report.Text(&b, document, h); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func table(t testing.TB, document []byte) (printed string, rows []map[string]string) {
	t.Helper()
	var b strings.Builder
	if err := report.CSV(&b, document); err != nil {
		t.Fatal(err)
	}
	cells, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range cells[1:] {
		row := map[string]string{}
		for i, name := range cells[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return b.String(), rows
}

func TestStatementsReadAsTheGoldenFiles(t *testing.T) {
	for name, label := range labels {
		document := sealed(t, name)
		golden(t, name+".txt", text(t, document, report.Heading{Company: company, Label: label}))
		printed, _ := table(t, document)
		golden(t, name+".csv", strings.ReplaceAll(printed, "\r\n", "\n"))
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: printed\n%s\nwant\n%s", name, got, want)
	}
}

// The sums that an accountant would make, over the CSV of every document: the
// bridge, the roll-forward, coverage and each account.
func TestTheFiguresAddUp(t *testing.T) {
	identities := []map[string]int64{
		{"revenue.prior": 1, "revenue.lost": -1, "revenue.contraction": -1, "revenue.expansion": 1, "revenue.returning": 1, "revenue.new_earned": 1,
			"revenue.new_bought": 1, "revenue.new_unattributed": 1, "revenue.other": 1, "revenue.current": -1},
		{"customers.opening": 1, "customers.lost": -1, "customers.returning": 1, "customers.new_earned": 1, "customers.new_bought": 1,
			"customers.new_unattributed": 1, "customers.closing": -1},
		{"customers.opening": 1, "customers.lost": -1, "customers.retained": -1},
		{"coverage.revenue_identified": 1, "coverage.revenue_unidentified": 1, "coverage.revenue_excluded": 1, "coverage.revenue": -1},
		{"coverage.revenue_identified": 1, "revenue.current": -1},
	}
	for name := range labels {
		_, rows := table(t, sealed(t, name))
		values, accounts := map[string]money.Amount{}, []string{}
		for _, r := range rows {
			if r["value"] == "" || r["unit"] == "ratio" || r["statement"] == "behaviour" || r["statement"] == "people.workforce" { // means are no amounts
				continue
			}
			a, err := money.Parse(r["value"])
			if err != nil {
				t.Fatalf("%s %v: %v", name, r, err)
			}
			values[r["statement"]+" "+r["line"]] = a
			if account, ok := strings.CutSuffix(r["statement"]+" "+r["line"], ".ledger"); ok {
				accounts = append(accounts, account)
			}
		}
		for _, a := range accounts {
			left := values[a+".ledger"]
			for _, part := range []string{"identified", "unidentified", "excluded", "refused", "difference"} {
				left = left.Sub(values[a+"."+part])
			}
			if !left.IsZero() {
				t.Errorf("%s: %s is off by %s", name, a, left)
			}
		}
		for _, statement := range []string{"customer", "customer_trailing_year"} {
			for i, identity := range identities {
				sum := new(big.Rat)
				for line, sign := range identity {
					sum.Add(sum, new(big.Rat).Mul(big.NewRat(sign, 1), values[statement+" "+line].Rat()))
				}
				if sum.Sign() != 0 {
					t.Errorf("%s: %s: identity %d is off by %s", name, statement, i, sum.FloatString(6))
				}
			}
		}
	}
}

// member is one of an object by its key, or of a list by its name, which stands between quotes where it has quotes itself.
func member(of any, key string) any {
	list, ok := of.([]any)
	if !ok {
		return of.(map[string]any)[key]
	}
	if key == "(not known)" {
		key = ""
	}
	for _, x := range list {
		if name, ok := x.(map[string]any)["name"].(string); ok && (name == key || strconv.Quote(name) == key) {
			return x
		}
	}
	return nil
}

// keys are the parts of a line's name; a dot between quotes parts nothing.
func keys(line string) []string {
	quoted := false
	return strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == '.' && !quoted
	})
}

func TestCSVCarriesTheFiguresOfTheDocumentExactly(t *testing.T) {
	for name := range labels {
		var d map[string]any
		decoder := json.NewDecoder(bytes.NewReader(sealed(t, name)))
		decoder.UseNumber()
		if err := decoder.Decode(&d); err != nil {
			t.Fatal(err)
		}
		_, rows := table(t, sealed(t, name))
		found := 0
		for _, r := range rows {
			var top any = d
			for _, key := range strings.Split(r["statement"], ".") {
				if of, ok := top.(map[string]any); ok {
					top = of[key]
				}
			}
			block, ok := top.(map[string]any)
			if !ok || r["statement"] == "people.training_asset" || // whose amounts are written without places that are nothing
				r["line"] == "" || r["statement"] == "cohorts" || strings.HasPrefix(r["line"], "coverage.reconciliation") {
				continue
			}
			found++
			var at any = block
			for _, key := range keys(r["line"]) {
				at = member(at, key)
			}
			if f, ok := at.(map[string]any); ok {
				for _, part := range []string{"value", "low", "high", "n"} {
					if want, ok := f[part].(json.Number); ok && want.String() != r[part] {
						t.Errorf("%s: %s.%s is %s, want %s", name, r["line"], part, r[part], want)
					}
				}
				continue
			}
			want := fmt.Sprint(at) // a text, a number as it stands, or that a group is hidden
			got := r["value"]
			if r["kind"] == "text" {
				got = r["note"]
			}
			if got != want {
				t.Errorf("%s: %s is %s, want %s", name, r["line"], got, want)
			}
		}
		if found < 30 {
			t.Errorf("%s: only %d figures", name, found)
		}
	}
}

func TestTextStaysWithinNinetySixColumns(t *testing.T) {
	long := strings.Repeat("Überlange Gesellschaft ", 20) + strings.Repeat("x", 300)
	for name := range labels {
		document := sealed(t, name)
		for _, h := range []report.Heading{{}, {Company: company, Label: labels[name]}, {Company: long, Label: long}} {
			within(t, text(t, document, h))
		}
		d := string(document)
		more := "98765432109"
		if name == "referrals" || name == "loyalty" {
			more = "987654" // its amounts have seven digits of their own
		}
		for _, r := range []string{`"prior": "`, `"expansion": "`, `"current": "`, `"revenue": "`, `"other": "-`} {
			d = strings.ReplaceAll(d, r, r+more) // trillions
		}
		d = strings.ReplaceAll(d, more+"-", "-"+more)
		d = strings.ReplaceAll(d, `"preparer": "`, `"preparer": "`+long)
		d = strings.ReplaceAll(d, `"text": "`, `"text": "`+long)
		within(t, text(t, []byte(d), report.Heading{Company: company, Label: labels[name]}))
	}
}

func within(t *testing.T, printed string) {
	t.Helper()
	for _, l := range strings.Split(printed, "\n") {
		if n := utf8.RuneCountInString(l); n > 96 {
			t.Errorf("%d columns: %s", n, l)
		}
		if strings.TrimRight(l, " ") != l {
			t.Errorf("ends with a space: %q", l)
		}
	}
}

const windows = `{"period": {"start": "2024-01-01", "end": "2025-01-01"}, "currency": "GBP"`

func TestUnknownBlocksAreIgnoredAndMissingOnesPrintNothing(t *testing.T) {
	bare := text(t, []byte(windows+`}`), report.Heading{})
	full := text(t, []byte(windows+`, "voice": {"x": [1, {"y": null}]}, "customer": null, "warnings": null, "cohorts": null}`), report.Heading{})
	if bare != full {
		t.Errorf("printed\n%s\nwant\n%s", full, bare)
	}
	for _, word := range []string{"BRIDGE", "RATES", "COVERAGE", "COHORTS", "WARNINGS"} {
		if strings.Contains(bare, word) {
			t.Errorf("a document without figures prints %s", word)
		}
	}
	half := text(t, []byte(windows+`, "customer": {"revenue": {"prior": "5.00", "later": {}}, "more": 1}}`), report.Heading{})
	if !strings.Contains(half, "Prior revenue") || strings.Contains(half, "Lost") {
		t.Errorf("of a bridge with one line is printed\n%s", half)
	}
}

func TestALockedBlockSaysWhyAndWhatUnlocksIt(t *testing.T) {
	document := []byte(windows + `, "customer": {"refused": "no line has a customer id", "unlocked_by": "orders with customer_id"}}`)
	printed := strings.Join(strings.Fields(text(t, document, report.Heading{})), " ")
	if want := "Refused: no line has a customer id — unlocked by orders with customer_id."; !strings.Contains(printed, want) {
		t.Errorf("%q does not say %q", printed, want)
	}
	if _, rows := table(t, document); rows[len(rows)-1]["kind"] != "refused" || rows[len(rows)-1]["note"] != "no line has a customer id; unlocked by orders with customer_id" {
		t.Errorf("rows %v", rows)
	}
}

func TestGarbageIsAnErrorAndPrintsNothing(t *testing.T) {
	for _, document := range []string{
		"", "null", "[]", "5", "{}", "{", windows + "}{}", windows,
		`{"period": {"start": "yesterday", "end": "2025-01-01"}}`,
		windows + `, "customer": 5}`,
		windows + `, "customer": {"revenue": {"prior": "12,3O"}}}`,
		windows + `, "customer": {"revenue": {"prior": 12.30}}}`,
		windows + `, "customer": {"customers": {"lost": 1.5}}}`,
		windows + `, "customer": {"growth_rate": {"value": 1}}}`,
		windows + `, "customer": {"coverage": {"reconciliation": 5}}}`,
	} {
		var b strings.Builder
		if err := report.Text(&b, []byte(document), report.Heading{}); err == nil || b.Len() > 0 {
			t.Errorf("text of %s: %v, printed %q", document, err, b.String())
		}
		if err := report.CSV(&b, []byte(document)); err == nil || b.Len() > 0 {
			t.Errorf("CSV of %s: %v, printed %q", document, err, b.String())
		}
	}
}

func TestABridgeThatDoesNotSumSaysSo(t *testing.T) {
	document := strings.Replace(string(sealed(t, "year")), `"other": "-95.00"`, `"other": "-95.001"`, 1)
	if printed := text(t, []byte(document), report.Heading{}); !strings.Contains(printed, "THE LINES DO NOT SUM to the current revenue: they differ from it by 0.001.") {
		t.Error(printed)
	}
}

func TestTextsCannotDriveASpreadsheetOrATerminal(t *testing.T) {
	for _, hostile := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "＝1", "\u202e=1"} {
		name, err := json.Marshal(hostile)
		if err != nil {
			t.Fatal(err)
		}
		n := string(name)
		document := windows + `, "sealed": {"preparer": ` + n + `}, "warnings": [{"code": ` + n + `, "text": ` + n + `}],
			"customer": {"revenue": {"other": "-95.00"}, "growth_rate": {"refused": ` + n + `, "need": ` + n + `}},
			"cohorts": {"kind": ` + n + `, "spans": [` + n + `], "cohorts": [{"first_purchase": ` + n + `, "ages": [{"span": ` + n + `, "active": 1}]}]}}`
		printed, rows := table(t, []byte(document))
		numbers := map[string]bool{"value": true, "low": true, "high": true, "n": true, "level": true}
		for _, r := range rows {
			for column, value := range r {
				if !numbers[column] && strings.ContainsAny(value[:min(len(value), 1)], "=+-@\t\r") {
					t.Errorf("%s of %q starts a formula: %q", column, hostile, value)
				}
			}
		}
		if !strings.Contains(printed, ",-95.00,") {
			t.Error("a negative amount is not a number any more")
		}
	}
	printed := text(t, []byte(windows+`, "warnings": [{"text": "\u001b[2Jred\u0007 \u202eevil"}]}`), report.Heading{Company: "a\x1b]0;b\x07"})
	if strings.ContainsAny(printed, "\x1b\x07\u202e") {
		t.Errorf("%q", printed)
	}
}

func FuzzNothingPanics(f *testing.F) {
	for name := range labels {
		f.Add(sealed(f, name), company, labels[name])
	}
	f.Add([]byte(windows+`, "cohorts": {"spans": ["a", "a"], "cohorts": [{"first_purchase": "a", "ages": [{"span": "a", "active": -1}]}]}}`), "", "")
	f.Add([]byte(windows+`, "restatement": {"lines": [{"line": "customer.active_revenue", "before": "1e9999999"}, {"line": "customer.growth_rate.value", "before": "1e999999999", "after": "-"}]}}`), "", "")
	f.Add([]byte(windows+`, "customer": {"growth_rate": {"value": 1e4999, "low": 1e4999, "high": 1e4999, "kind": "exact", "method": "m", "n": 1}, "customers": {"lost": -9223372036854775808}}}`), "", "")
	f.Fuzz(func(t *testing.T, document []byte, company, label string) {
		var b bytes.Buffer
		if err := report.Text(&b, document, report.Heading{Company: company, Label: label}); err == nil && !utf8.Valid(b.Bytes()) {
			t.Errorf("not UTF-8: %q", b.Bytes())
		}
		b.Reset()
		if err := report.CSV(&b, document); err != nil {
			return
		}
		if _, err := csv.NewReader(&b).ReadAll(); err != nil {
			t.Errorf("not CSV: %v", err)
		}
	})
}
