package books

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/sim"
)

// sealedFigures are the lines of a sealed document, as it prints them.
type sealedFigures struct {
	Customers map[string]int64           `json:"customers"`
	Revenue   map[string]money.Amount    `json:"revenue"`
	Active    map[string]money.Amount    `json:"active_revenue"`
	Coverage  map[string]json.RawMessage `json:"coverage"`
}

// thorough tells whether the tests that take long are to run too, as CI has it.
func thorough() bool { return os.Getenv("THROUGHLINE_THOROUGH") != "" }

// TestEveryLineOfASealIsItsCustomers: of a simulated company at every grain,
// and of public data where THROUGHLINE_DATA names the folder of it, the
// customers behind each line of the sealed statements come to its figures, to
// the last place.
func TestEveryLineOfASealIsItsCustomers(t *testing.T) {
	world := sim.Default()
	world.Customers, world.HistoryYears, world.Arrivals.PerMonth, world.Products = 150, 1, 25, 4
	world.Service.PerMonth, world.Voice.NPSPerYear, world.Subscriptions.Share, world.Foreign.Share, world.Training.PerYear = 0, 0, 0, 0, 0 // what this statement does not read
	simulated := t.TempDir()
	if _, err := world.Write(t.Context(), simulated, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(simulated, "books.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for grain, mapped := range map[string][2]string{
		"customer":  {},
		"account":   {"excluded: excluded\n", "excluded: excluded\n      account_id: acquired_via\n"},
		"household": {"excluded: excluded\n", "excluded: excluded\n      household_id: acquired_how\n"},
		"entity":    {"product: product\n", "product: product\n      entity: product\n"},
	} {
		t.Run(grain, func(t *testing.T) {
			if grain != "customer" && grain != "entity" && !thorough() {
				t.Skip("tried by THROUGHLINE_THOROUGH=1")
			}
			changed := strings.Replace(string(text), "statement_basis: orders", "statement_basis: orders\n  grain: "+grain, 1)
			if mapped[0] != "" {
				changed = strings.Replace(changed, mapped[0], mapped[1], 1)
			}
			if err := os.WriteFile(filepath.Join(simulated, "books.yaml"), []byte(changed), 0o644); err != nil {
				t.Fatal(err)
			}
			behindSeals(t, filepath.Join(simulated, "books.yaml"), "2026-03", "2025")
		})
	}
	if os.Getenv("THROUGHLINE_DATA") == "" || !thorough() {
		return
	}
	for example, periods := range map[string][]string{
		"online_retail_y1": {"2010-06-01..2010-12-01 2009-12-01..2010-06-01"}, "cdnow_full": {"1998-01", "1997-Q4"}, "ledger_2016_2019": {"2018", "2018-Q2"},
	} {
		t.Run(example, func(t *testing.T) {
			behindSeals(t, filepath.Join("..", "..", "examples", example, "books.yaml"), periods...)
		})
	}
}

// behindSeals closes periods of a company in a folder of its own and holds
// every line of the seals to the customers behind it.
func behindSeals(t *testing.T, config string, periods ...string) {
	ctx, data := t.Context(), t.TempDir()
	c, err := ReadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, filepath.Join(data, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	e, err := duckdb.Open(ctx, duckdb.Options{Dir: data, MemoryLimit: "1GB", TimeZone: c.Settings.TimeZone})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r, err := duckdb.OpenReader(ctx, duckdb.ReaderOptions{Dir: data, MemoryLimit: "300MB", BuildMemory: "500MB", TimeZone: c.Settings.TimeZone})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	now := func() time.Time { return time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC) }
	report, err := (&Importer{Config: c, Manifest: store, Engine: e, Dir: data, Now: now}).Run(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	cal, err := c.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	closer := &closing.Closer{
		Settings: closing.Settings{Company: c.Company, Currency: money.Currency(c.Settings.Currency), TimeZone: c.Settings.TimeZone, Grain: c.Settings.Grain, Basis: c.Settings.StatementBasis, Returns: c.Settings.ReturnsCounted, Threshold: c.Settings.Threshold(), Calendar: cal},
		Books:    &Held{Config: c, Snapshot: report.Snapshot, Engine: e, Dir: data}, Seals: store, Now: now, Progress: func(string) {},
	}
	for _, period := range periods {
		period, compared, other := strings.Cut(period, " ")
		named, err := cal.Parse(period)
		if err != nil {
			t.Fatal(err)
		}
		order := closing.Order{Named: named, Active: growth.Net}
		if other {
			earlier, err := cal.Parse(compared)
			if err != nil {
				t.Fatal(err)
			}
			order.Compared = &earlier.Period
		}
		outcome, err := closer.Close(ctx, order)
		if err != nil {
			t.Fatal(err)
		}
		of, year, err := Sealed(report.Snapshot, outcome.Seal)
		if err != nil {
			t.Fatal(err)
		}
		var document struct {
			Customer sealedFigures  `json:"customer"`
			Trailing *sealedFigures `json:"customer_trailing_year"`
		}
		if err := json.Unmarshal(outcome.Document, &document); err != nil {
			t.Fatal(err)
		}
		names := View(c, report.Snapshot)
		holdLines(t, r, of, names, document.Customer)
		if year != nil {
			holdLines(t, r, *year, names, *document.Trailing)
		}
	}
}

// holdLines reads every page of every line.
func holdLines(t *testing.T, r *duckdb.Reader, of engine.Statement, names engine.View, sealed sealedFigures) {
	t.Helper()
	compared := 0
	for _, line := range engine.Lines {
		ask := engine.Behind{Of: of, Line: line, Names: names, Limit: 200, Seer: engine.Seer{Identified: true, Veil: engine.NewVeil(householdSecret)}}
		var units int64
		var sum money.Amount
		for {
			page, err := r.Behind(t.Context(), ask)
			if err != nil {
				t.Fatalf("%s of %s: %v", line, of.Period, err)
			}
			for _, row := range page.Rows {
				units, sum = units+1, sum.Add(row.Stake)
				if row.Customer == nil && row.Group == "" {
					t.Fatalf("%s of %s: rank %d is nobody", line, of.Period, row.Rank)
				}
			}
			if page.Next == "" {
				if units != page.Units || line != engine.Unidentified && !sum.Equal(page.Sum) {
					t.Errorf("%s of %s: %d units of %s listed, %d of %s said", line, of.Period, units, sum, page.Units, page.Sum)
				}
				sum = page.Sum
				break
			}
			ask.After = page.Next
		}
		if n, ok := sealed.Customers[string(line)]; ok {
			compared++
			if n != units {
				t.Errorf("%s of %s: %d customers sealed, %d behind it", line, of.Period, n, units)
			}
		}
		figure, ok := sealed.Revenue[string(line)]
		switch line {
		case engine.Opening:
			figure, ok = sealed.Active["prior"], true
		case engine.Closing:
			figure, ok = sealed.Active["current"], true
		case engine.Excluded, engine.Unidentified:
			ok = json.Unmarshal(sealed.Coverage["revenue_"+string(line)], &figure) == nil
		}
		if ok {
			compared++
			if !figure.Equal(sum) {
				t.Errorf("%s of %s: %s sealed, %s behind it", line, of.Period, figure, sum)
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d figures were compared", compared)
	}
	if q, err := r.Question(t.Context(), of, engine.Lost); err != nil || !strings.Contains(q.SQL, "state = 'lost'") || len(q.Inputs) < 3 {
		t.Errorf("question: %+v, %v", q, err)
	}
}
