package web_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/money"
)

var update = flag.Bool("update", false, "write the golden files of the pages anew")

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
		t.Errorf("%s: the page reads\n%s", name, got)
	}
}

// The golden files are the visible text of the pages; they were read as an accountant reads them.
func TestStatementsReadAsTheGoldenFiles(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", keptIn(t, simulated))
	golden(t, "statement.txt", visible(t, f.page(access.Finance, "/statement")))
	golden(t, "statement-year.txt", visible(t, f.page(access.Finance, "/statement/6")))
	golden(t, "statement-any-line.txt", visible(t, f.page(access.Finance, "/statement/8")))
	golden(t, "figure.txt", visible(t, f.page(access.Finance, "/statement/5/figure/customer_trailing_year.earned_growth_rate")))
	golden(t, "room.txt", visible(t, f.page(access.Finance, "/room")))
	golden(t, "closes.txt", visible(t, f.page(access.Finance, "/closes")))
	golden(t, "seal.txt", visible(t, f.page(access.Finance, "/closes/5")))
}

// The golden documents of package report: a month with two columns, estimates, refusals, a restatement, yen.
func TestSmallStatementsReadAsTheGoldenFiles(t *testing.T) {
	for _, name := range []string{"month", "confidence", "refusal", "restatement"} {
		f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, name)})
		golden(t, "small-"+name+".txt", visible(t, f.page(access.Analyst, "/statement")))
	}
}

// small is a document of internal/report/testdata as a seal.
func small(t testing.TB, name string) kept {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "report", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	period, compared := windows(t, data)
	var d struct {
		Sealed struct{ At, Fingerprint, Preparer string }
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]calendar.Kind{"month": calendar.Months, "referrals": calendar.Months, "loyalty": calendar.Months, "refusal": calendar.FiscalQuarters}
	kind, ok := kinds[name]
	if !ok {
		kind = calendar.Years
	}
	i := closing.Identity{Period: period, Compared: compared, Kind: kind, Active: growth.Net, Grain: "customer"}
	label := map[string]string{"month": "2024-03", "referrals": "2026-10", "loyalty": "2026-10", "refusal": "FY2024-Q1"}[name]
	if label == "" {
		label = "2024"
	}
	return kept{ID: 1, Statement: i.String(), Label: label, At: d.Sealed.At, Fingerprint: d.Sealed.Fingerprint, Inputs: "{}", Preparer: d.Sealed.Preparer, Document: string(data)}
}

func windows(t testing.TB, data []byte) (period, compared calendar.Period) {
	t.Helper()
	var d struct {
		Period   calendar.Period `json:"period"`
		Compared calendar.Period `json:"compared_with"`
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d.Period, d.Compared
}

// The statement of a public data set, as a page shows it, holds the figures that an independent program computed of it.
func TestThePageShowsTheOraclesFigures(t *testing.T) {
	folder := os.Getenv("THROUGHLINE_ORACLES")
	if folder == "" {
		t.Skip("set THROUGHLINE_ORACLES to the folder that holds statements/")
	}
	f := openFace(t, "Ledger 2016–2019 (public data set)", "USD", keptIn(t, ledger))
	for seal, name := range map[int]string{1: "2018-12", 2: "2018-Q3", 3: "2018"} {
		data, err := os.ReadFile(filepath.Join(folder, "statements", "ledger_2016_2019_"+name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var o struct {
			Customers map[string]int64            `json:"customers"`
			Revenue   map[string]money.Amount     `json:"revenue"`
			Growth    float64                     `json:"growth_rate"`
			Net       float64                     `json:"net_revenue_retention"`
			Gross     float64                     `json:"gross_revenue_retention"`
			Earned    struct{ Low, High float64 } `json:"earned_growth_rate"`
		}
		if err := json.Unmarshal(data, &o); err != nil {
			t.Fatal(err)
		}
		text := visible(t, f.page(access.Auditor, fmt.Sprintf("/statement/%d?of=customer", seal)))
		text = text[:strings.Index(text, "Notes: how the figures")]
		row := func(label, value string) {
			t.Helper()
			value = strings.ReplaceAll(value, "-", "−")
			if !regexp.MustCompile(`(?m)^` + label + ` .*\| ` + regexp.QuoteMeta(value) + `( \||$)`).MatchString(text) {
				t.Errorf("%s: no line %s shows %s", name, label, value)
			}
		}
		row("Lost with customers who left", "-"+o.Revenue["lost"].Grouped(2))
		row("Bought less", "-"+o.Revenue["contraction"].Grouped(2))
		row("Bought more", "+"+o.Revenue["expansion"].Grouped(2))
		row("Revenue,", o.Revenue["current"].Grouped(2))
		row("Left", "-"+grouped(o.Customers["lost"]))
		row("Active in the comparison period", grouped(o.Customers["opening"]))
		row("Active in the period", grouped(o.Customers["closing"]))
		row("Growth", fmt.Sprintf("%.1f%%", o.Growth*100))
		row("Net revenue retention", fmt.Sprintf("%.1f%%", o.Net*100))
		row("Gross revenue retention", fmt.Sprintf("%.1f%%", o.Gross*100))
		row("Earned growth rate", fmt.Sprintf("%.1f to %.1f%%", o.Earned.Low*100, o.Earned.High*100))
	}
}

func grouped(n int64) string { return money.FromMicros(n * 1_000_000).Grouped(0) }

// Whoever may not open rows sees no door to customers; the figures are the same.
func TestDoorsToCustomersAreForWhoMayOpenThem(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", keptIn(t, simulated))
	for role, may := range map[access.Role]bool{access.Finance: true, access.Analyst: true, access.People: false, access.Employee: false, access.Administrator: false} {
		for _, path := range []string{"/statement", "/room", "/statement/5/figure/customer.revenue.lost"} {
			if page := f.page(role, path); strings.Contains(page, "/behind/") != may {
				t.Errorf("%s as %s: doors to customers %v, want %v", path, role, !may, may)
			}
		}
	}
}

// Every button of a page opens a definition that stands in it, and every definition has its door.
func TestEveryNumberOpens(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", keptIn(t, simulated))
	for _, path := range []string{"/statement", "/statement/6", "/room"} {
		page := f.page(access.Finance, path)
		targets := regexp.MustCompile(`class="num" type="button" popovertarget="([^"]*)"`).FindAllStringSubmatch(page, -1)
		if len(targets) < 5 {
			t.Errorf("%s has %d numbers that open", path, len(targets))
		}
		for _, m := range targets {
			if strings.Count(page, `id="`+m[1]+`"`) != 1 {
				t.Errorf("%s: %s opens nothing, or several things", path, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`href="(/statement/\d+/figure/[^"]*)"`).FindAllStringSubmatch(page, -1) {
			f.page(access.Finance, m[1])
		}
	}
}

func TestWhatIsNotThereIsRefusedInWords(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", keptIn(t, simulated))
	for _, path := range []string{
		"/statement/99", "/statement/x", "/statement/5/figure/customer.nothing", "/statement/5/figure/x", "/statement/99/figure/customer.revenue.lost", "/statement/5/download.exe",
		"/statement/5/x", "/closes/99", "/closes/trial/7", "/closes/trial/x",
	} {
		answer := f.ask(access.Finance, http.MethodGet, path, nil)
		if body := read(f, answer); answer.StatusCode != http.StatusNotFound || !strings.Contains(body, "<h1") {
			t.Errorf("%s answered %d", path, answer.StatusCode)
		}
	}
	empty := openFace(t, "New Ltd", "EUR", nil)
	if answer := empty.ask(access.Finance, http.MethodGet, "/statement", nil); answer.StatusCode != http.StatusNotFound || !strings.Contains(read(t, answer), "Nothing has been closed yet") {
		t.Errorf("a statement before the first close: %d", answer.StatusCode)
	}
	if text := visible(t, empty.page(access.Finance, "/room")); !strings.Contains(text, "Close a period") {
		t.Errorf("the empty room does not say what to do: %s", text)
	}
	if text := visible(t, empty.page(access.Employee, "/room")); strings.Contains(text, "Close a period") {
		t.Errorf("the empty room sends an employee to close: %s", text)
	}
}

// The JSON is what was sealed, byte for byte.
func TestDownloadsAreWhatWasSealed(t *testing.T) {
	rows := keptIn(t, simulated)
	f := openFace(t, "Simulated Example Ltd", "EUR", rows)
	for kind, want := range map[string]string{"json": rows[4].Document, "csv": "customer,revenue.lost,2026-10-01..2026-11-01,109067.08", "txt": "CUSTOMER STATEMENT, 2026-10", "html": "<h1>Customer statement, 2026-10", "xlsx": "PK\x03\x04"} {
		answer := f.ask(access.Auditor, http.MethodGet, "/statement/5/download."+kind, nil)
		body := read(t, answer)
		if answer.StatusCode != http.StatusOK || !strings.Contains(body, want) || kind == "json" && body != want {
			t.Errorf("%s answered %d: %.200s", kind, answer.StatusCode, body)
		}
		if got := answer.Header.Get("Content-Disposition"); got != `attachment; filename="statement-2026-10.`+kind+`"` {
			t.Errorf("%s is called %s", kind, got)
		}
	}
}

// What a simulated company's files say, their names say too: sealed bytes and
// columns of figures have no place for it.
func TestDownloadsOfASimulatedCompanyAreCalledSo(t *testing.T) {
	rows := keptIn(t, simulated)
	f := openFace(t, "Simulated Example Ltd", "EUR", rows)
	if err := os.WriteFile(filepath.Join(filepath.Dir(f.office.Config), "truth.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"json", "csv", "txt", "html", "xlsx"} {
		answer := f.ask(access.Auditor, http.MethodGet, "/statement/5/download."+kind, nil)
		if body := read(t, answer); kind == "json" && body != rows[4].Document {
			t.Error("the JSON is not what was sealed")
		}
		if got := answer.Header.Get("Content-Disposition"); got != `attachment; filename="simulated-statement-2026-10.`+kind+`"` {
			t.Errorf("%s is called %s", kind, got)
		}
	}
}
