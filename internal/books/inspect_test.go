package books_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/store/sqlite"
)

var now = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// write makes files below a fresh folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func lines(header string, n int, line func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		b.WriteString(line(i) + "\n")
	}
	return b.String()
}

// engineIn opens an engine over a fresh data folder.
func engineIn(t *testing.T) (*duckdb.Engine, string) {
	t.Helper()
	data := t.TempDir()
	e, err := duckdb.Open(context.Background(), duckdb.Options{Dir: data, MemoryLimit: "1GB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, data
}

// propose lets a folder be proposed; the books.yaml lies elsewhere.
func propose(t *testing.T, dir string) (*books.Config, *books.Proposal) {
	t.Helper()
	e, data := engineIn(t)
	to := filepath.Join(data, "books.yaml")
	proposal, err := (&books.Proposer{Dir: dir, To: to, Engine: e}).Propose(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	config, err := books.ParseConfig(to, proposal.Text)
	if err != nil {
		t.Fatal(err)
	}
	return config, proposal
}

// checked imports and checks; refusals are what a close would refuse.
func checked(t *testing.T, config *books.Config) (*books.Checked, []*closing.Refusal) {
	t.Helper()
	ctx := context.Background()
	e, data := engineIn(t)
	store, err := sqlite.Open(ctx, filepath.Join(data, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	quiet := func(string, int64, int64) {}
	im := &books.Importer{Config: config, Manifest: store, Engine: e, Dir: data, Now: func() time.Time { return now }, Progress: quiet, Warn: func(string) {}}
	report, err := im.Run(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	held := &books.Held{Config: config, Snapshot: report.Snapshot, Engine: e, Dir: data}
	found, err := (&books.Check{Held: held, Inspector: e, Today: calendar.DayIn(now, time.UTC), Progress: quiet}).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s := config.Settings
	closer := &closing.Closer{Settings: closing.Settings{Basis: s.StatementBasis, Threshold: s.Threshold()}, Books: held}
	refusals, err := closer.Refusals(ctx, calendar.DayOf(2100, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	return found, refusals
}

func parsed(t *testing.T, dir, yaml string) *books.Config {
	t.Helper()
	config, err := books.ParseConfig(filepath.Join(dir, "books.yaml"), []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func finding(all []books.Finding, code string) *books.Finding {
	i := slices.IndexFunc(all, func(f books.Finding) bool { return f.Code == code })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// However a source writes its days, the proposal reads the same ones, and the
// books hold them: 1 January to 28 March 2024, amounts of 1234.50.
func TestProposalsReadTheirFilesWithoutEdits(t *testing.T) {
	for _, c := range []struct{ layout, amount string }{
		{"2006-01-02", "1234.50"}, {"2006-01-02 15:04:05", "1,234.50"}, {"2006-01-02T15:04:05Z07:00", "1234.50"}, {"2006-1-2", "1234.5"}, {"02.01.2006", "1.234,50"},
		{"2.1.06 15:04", "1234,50"}, {"1/2/2006 15:04", "$1,234.50"}, {"01/02/2006 03:04:05 PM", "1234.50"}, {"20060102", "1234.500"}, {"20060102150405", "1234.50"},
		{"2006/01/02 15:04", "1 234,50"}, {"02-Jan-06", "1234.50"}, {"Jan 2, 2006", "1234.50"}, {"2 January 2006", "1'234.50"}, {"2006-01-02 15:04:05.000", "€ 1234,50"}, {"02/01/2006", "1234.50 GBP"},
	} {
		t.Run(c.layout+" "+c.amount, func(t *testing.T) {
			start := time.Date(2024, 1, 1, 9, 30, 15, 0, time.UTC)
			dir := write(t, map[string]string{"sales.csv": lines("client;date;amount", 88, func(i int) string {
				return fmt.Sprintf("c%d;%s;%s", i%9, start.AddDate(0, 0, i).Format(c.layout), c.amount)
			})})
			config, proposal := propose(t, dir)
			found, refusals := checked(t, config)
			b := found.Books[0]
			if len(refusals) > 0 || b.Rows != 88 || b.Refused > 0 || b.FirstDay.String() != "2024-01-01" || b.LastDay.String() != "2024-03-28" || *b.Identified.Amount != "108636.00" {
				t.Errorf("rows %d, refused %d (%v), %v to %v, amount %s, refusals %v:\n%s", b.Rows, b.Refused, b.Reasons, b.FirstDay, b.LastDay, *b.Identified.Amount, refusals, proposal.Text)
			}
		})
	}
}

func TestProposalOfParquetKeepsItsTypes(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for month := 1; month <= 2; month++ {
		_, err := db.Exec(fmt.Sprintf(`COPY (SELECT CAST(i %% 7 AS DOUBLE) AS "Customer ID", TIMESTAMP '2024-0%d-01 10:00' + INTERVAL (i) HOUR AS InvoiceDate, 20240100 + i %% 28 + 1 AS day_number,
			CAST(i + 0.5 AS DECIMAL(10,2)) AS amount FROM range(100) t(i)) TO '%s/sales_2024_%02d.parquet' (FORMAT parquet)`, month, dir, month))
		if err != nil {
			t.Fatal(err)
		}
	}
	config, proposal := propose(t, dir)
	found, _ := checked(t, config)
	b := found.Books[0]
	if !strings.Contains(string(proposal.Text), `/*.parquet`) || b.Rows != 200 || b.Refused != 0 || b.Customers != 7 || *b.Identified.Amount != "10000.00" {
		t.Errorf("%+v\n%s", b, proposal.Text)
	}
	if len(found.Findings) > 0 {
		t.Errorf("whole numbers of a DOUBLE are no float ids: %+v", found.Findings)
	}
}

// A small company with one of each fault; every one is found, with its count.
func TestCheckFindsPlantedFaults(t *testing.T) {
	day := func(i int) string {
		return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format("2006-01-02")
	}
	orders := lines("client,at,amount,currency", 60, func(i int) string { return fmt.Sprintf("C%d,%s,%d,EUR", i%6, day(i%31), 10+i) })
	orders += strings.Repeat("C1,2024-01-07,5,EUR\n", 60)   // a crowded day, and 59 duplicates
	orders += "null,2024-01-03,7,EUR\n0,2024-01-04,8,EUR\n" // placeholders
	orders += "17850.0,2024-01-05,9,EUR\nc2,2024-01-05,9,EUR\n"
	orders += "C4,2031-05-05,9,EUR\n"       // the future, and months without rows
	orders += "R1,2024-01-09,-30,EUR\n"     // returns alone
	orders += "BIG,2024-01-10,100000,EUR\n" // a dominant customer
	orders += ",2024-01-11,4,\n"            // nobody
	orders += "C3,2024-01-12,1O,EUR\nC3,soon,3,EUR\nC3,2024-01-12,,EUR\nC3,2024-01-12,x,EUR\nC3,2024-01-12,y,EUR\nC3,2024-01-12,z,EUR\n"
	dir := write(t, map[string]string{
		"orders.csv": orders,
		"again.csv":  "client,at,amount,currency\nC0,2024-01-01,10,EUR\nC9,2024-01-02,77,EUR\n",
		"people.csv": "id,via,since\nC0,referral,2023-01-01\nC1,paid,\nC2,,2023-05-01\n",
	})
	found, refusals := checked(t, parsed(t, dir, `
company: Planted
settings: {currency: EUR}
books:
  customers:
    from: people.csv
    columns: {customer_id: id, acquired_via: via, acquired_on: since}
  orders:
    from: [orders.csv, again.csv]
    where: "client IS NULL OR client <> 'C9'"
    columns: {customer_id: client, ordered_at: at, amount: amount, currency: currency}
`))
	var said string
	for _, r := range refusals {
		said += r.What + "\n"
	}
	if len(refusals) != 2 || !strings.Contains(said, "hold the same rows of orders") || !strings.Contains(said, "were refused, more than 1%") {
		t.Errorf("refusals %v", refusals)
	}
	b := found.Books[1]
	for code, want := range map[string]int64{
		"overlaps": 1, "placeholder_ids": 2, "future_days": 1, "months_without_rows": 87, "duplicate_rows": 59, "crowded_days": 1,
		"negative_only": 1, "dominant_customer": 1,
	} {
		f := finding(b.Findings, code)
		if f == nil || f.Count != want || f.Text == "" {
			t.Errorf("%s: %+v, want %d", code, f, want)
		}
	}
	for code, want := range map[string]int64{"float_ids": 1, "id_twins": 2} {
		if f := finding(found.Findings, code); f == nil || f.Count != want {
			t.Errorf("%s: %+v, want %d", code, f, want)
		}
	}
	if f := finding(found.Books[0].Findings, "unknown_origin"); f == nil || !strings.Contains(f.Text, "acquired_on is missing for 33.3% of the customers, acquired_via for 33.3%") {
		t.Errorf("unknown_origin: %+v", f)
	}
	if f := finding(found.Books[0].Findings, "months_without_rows"); f != nil {
		t.Errorf("customers came in some months and not in others: %+v", f)
	}
	if got := finding(b.Findings, "overlaps").Examples[0]; !strings.Contains(got, "orders.csv and again.csv") {
		t.Errorf("the overlap names %q", got)
	}
	if got := finding(b.Findings, "dominant_customer").Examples[0]; !strings.Contains(got, `"BIG"`) {
		t.Errorf("the largest customer is %q", got)
	}
	if b.Refused != 6 || !b.Above || len(b.Reasons) != 3 || b.Reasons[0].Count != 4 || len(b.Reasons[0].Examples) != 3 {
		t.Errorf("refused %d: %+v", b.Refused, b.Reasons)
	}
	if e := b.Reasons[0].Examples[0]; e.File != "orders.csv" || e.Line != 130 || e.Value != "1O" {
		t.Errorf("the first refused row is %+v", e)
	}
	if b.Skipped != 1 || b.Unidentified.Rows != 1 || b.Identified.Rows != 128 || !slices.Equal(b.Values["currency"], []books.Value{{Value: "", Rows: 1}, {Value: "EUR", Rows: 128}}) {
		t.Errorf("skipped %d, without customer %d, with %d, currencies %v", b.Skipped, b.Unidentified.Rows, b.Identified.Rows, b.Values)
	}
	if s := b.Sources[1]; s.Path != "again.csv" || s.Rows != 1 || s.Skipped != 1 || s.NewestDay.String() != "2024-01-01" || !s.ReadAt.Equal(now) {
		t.Errorf("the second source is %+v", s)
	}
	if _, err := json.Marshal(found); err != nil {
		t.Error(err)
	}
}

func TestCheckOfCleanBooksFindsNothing(t *testing.T) {
	dir := write(t, map[string]string{"orders.csv": lines("client,at,amount", 200, func(i int) string {
		return fmt.Sprintf("C%d,2024-%02d-%02d,%d", i%20, i%12+1, i%28+1, 10+i)
	})})
	found, refusals := checked(t, parsed(t, dir, "company: Clean\nsettings: {currency: EUR}\nbooks:\n  orders: {from: orders.csv, columns: {customer_id: client, ordered_at: at, amount: amount}}\n"))
	if len(refusals) > 0 || len(found.Findings) > 0 || len(found.Books[0].Findings) > 0 || len(found.Books[0].Reasons) > 0 {
		t.Errorf("refusals %v, findings %v, %+v", refusals, found.Findings, found.Books[0])
	}
}

// Books of which every row is refused are reported, not an error.
func TestCheckOfBooksWithoutAReadableRow(t *testing.T) {
	dir := write(t, map[string]string{"orders.csv": "client,at,amount\nC1,never,much\nC2,never,more\n"})
	found, refusals := checked(t, parsed(t, dir, "company: None\nsettings: {currency: EUR}\nbooks:\n  orders: {from: orders.csv, columns: {customer_id: client, ordered_at: at, amount: amount}}\n"))
	b := found.Books[0]
	if len(refusals) == 0 || b.Rows != 0 || b.Refused != 2 || b.RefusedShare != 1 || len(b.Reasons) == 0 {
		t.Errorf("refusals %v, %+v", refusals, b)
	}
}

// The folders of real exports: the proposal imports, and a close would be
// allowed, without an edit. Rows and customers are those of their
// descriptions; see README.md of the data.
func TestRealFoldersAreProposedAndCheckedWithoutEdits(t *testing.T) {
	data := os.Getenv("THROUGHLINE_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	for folder, want := range map[string]struct{ orders, customers, duplicates int64 }{
		"cdnow_full": {69659, 23570, 255}, "online_retail_y1": {525461, 4383, 6865}, "ledger_2016_2019": {70904, 36666, 349}, "grocery_elog": {10483, 1525, 0},
		"madrigal": {130789, 70041, 0}, "completejourney_sample": {75000, 2377, 0}, "olist_sample": {8365, 7263, 0},
	} {
		t.Run(folder, func(t *testing.T) {
			dir := filepath.Join(data, folder)
			if want.orders > 20_000 && os.Getenv("THROUGHLINE_THOROUGH") == "" {
				t.Skip("tried by THROUGHLINE_THOROUGH=1")
			}
			if _, err := os.Stat(dir); err != nil {
				t.Skipf("no data in %s; set THROUGHLINE_DATA to the folder that holds the public data sets", dir)
			}
			config, proposal := propose(t, dir)
			found, refusals := checked(t, config)
			i := slices.IndexFunc(found.Books, func(b books.CheckedBook) bool { return b.Book == "orders" })
			if i < 0 || len(refusals) > 0 {
				t.Fatalf("orders at %d, refusals %v:\n%s", i, refusals, proposal.Text)
			}
			b := found.Books[i]
			got := struct{ orders, customers, duplicates int64 }{b.Rows, b.Customers, b.Sources[0].Duplicates}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			for _, b := range found.Books {
				if b.Refused > 0 {
					t.Errorf("%s: %d refused: %+v", b.Book, b.Refused, b.Reasons)
				}
			}
		})
	}
}

// The share of refused rows is exact against the threshold.
func TestThresholdIsExact(t *testing.T) {
	dir := write(t, map[string]string{"orders.csv": lines("client,at,amount", 100, func(i int) string {
		if i == 50 {
			return "C1,2024-01-01,x"
		}
		return fmt.Sprintf("C%d,2024-01-%02d,%d", i%20, i%28+1, 10+i)
	})})
	found, refusals := checked(t, parsed(t, dir, "company: Edge\nsettings: {currency: EUR}\nbooks:\n  orders: {from: orders.csv, columns: {customer_id: client, ordered_at: at, amount: amount}}\n"))
	if b := found.Books[0]; len(refusals) > 0 || b.Above || b.Refused != 1 || new(big.Rat).SetFloat64(b.Threshold) == nil {
		t.Errorf("one of a hundred is not above 1%%: %v, %+v", refusals, b)
	}
}
