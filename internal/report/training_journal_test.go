package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/report"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

// crew draws a small workforce of two years: people who move between departments, change kind, leave and are told of late.
func crew(r *rand.Rand, currency money.Currency) workforce.Books {
	b := workforce.Books{Currency: currency}
	begin := calendar.DayOf(2023, 1, 1)
	departments, courses := []string{"Kitchen", "kitchen", "Müller & Söhne", "=1+1", "", "floor; night | \"x\""}, []string{"Knives", "talking: to guests", "日本", "fire"}
	kinds := []string{workforce.OfRole, workforce.General, workforce.General, workforce.Compliance}
	for p := range 25 {
		person := fmt.Sprint("p", p)
		hired := begin + calendar.Day(r.IntN(500)) - 100
		row := workforce.Row{Person: person, From: hired, Department: departments[r.IntN(len(departments))], Role: "cook", Hired: &hired, Kind: []string{workforce.Employee, workforce.ContractorWorker}[r.IntN(2)]}
		b.People = append(b.People, row)
		if r.IntN(2) == 0 {
			next := row
			next.From, next.Department, next.Kind = hired+calendar.Day(1+r.IntN(200)), departments[r.IntN(len(departments))], workforce.Employee
			b.People = append(b.People, next)
		}
		if r.IntN(2) == 0 {
			last := hired + calendar.Day(r.IntN(500))
			end := row
			end.From, end.Left, end.Exit = last+calendar.Day(r.IntN(90)), &last, []string{"quit", "dismissed: with a ; ", ""}[r.IntN(3)]
			b.People = append(b.People, end)
		}
		for range 1 + r.IntN(4) {
			cost := money.FromMicros(int64(r.IntN(900_000)) * 10_000)
			c := r.IntN(len(courses))
			b.Records = append(b.Records, workforce.Record{ID: fmt.Sprint(len(b.Records)), Person: person, Course: courses[c], Completed: hired + calendar.Day(r.IntN(600)), Direct: &cost, Kind: kinds[c]})
		}
	}
	return b
}

// sealedCrew is a document of the training asset of some books, with what is carried by department and course at its end.
func sealedCrew(t *testing.T, b workforce.Books, from calendar.Month) ([]byte, learning.Statement) {
	t.Helper()
	s, err := learning.Input{From: from, To: from + 12, Currency: b.Currency, Policies: learning.Usual()}.State(b)
	if err != nil {
		t.Fatal(err)
	}
	document, err := json.Marshal(map[string]any{
		"period": calendar.Period{Start: from.First(), End: (from + 12).First()}, "compared_with": calendar.Period{Start: (from - 12).First(), End: from.First()}, "currency": b.Currency,
		"customer": map[string]string{"refused": "people alone", "unlocked_by": "orders"}, "people": map[string]any{"training_asset": s},
	})
	if err != nil {
		t.Fatal(err)
	}
	return document, s
}

// hledger finds the program, or skips where it is not installed; where everything must be checked it fails.
func hledger(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("hledger")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("hledger is not installed here; .ci/journal installs it from Debian")
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestJournalBalancesAreTheStatement has hledger read the journals of drawn workforces and tell what each department carries: what the
// statement closes with, to the last place.
func TestJournalBalancesAreTheStatement(t *testing.T) {
	program := hledger(t)
	n := 6
	if os.Getenv("THROUGHLINE_THOROUGH") != "" {
		n = 60
	}
	for seed := range n {
		currency := []money.Currency{"EUR", "JPY", "KWD"}[seed%3]
		books := crew(rand.New(rand.NewPCG(uint64(seed), 9)), currency)
		document, s := sealedCrew(t, books, calendar.MonthOf(calendar.DayOf(2023, 1, 1))+calendar.Month(seed%9))
		var text bytes.Buffer
		if err := report.Journal(&text, document, "hledger"); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "training.journal")
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"-f", file, "check", "--strict"}, {"-f", file, "bal", "--flat", "-N", "-O", "csv", "Assets"}} {
			c := exec.CommandContext(t.Context(), program, args...)
			c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			out, err := c.Output()
			if err != nil {
				t.Fatalf("hledger %v: %v\n%s\n%s", args, err, out, text.String())
			}
			if args[2] == "bal" {
				agrees(t, string(out), s)
			}
		}
	}
}

// agrees holds the balances that hledger tells to the statement's closings by department.
func agrees(t *testing.T, told string, s learning.Statement) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(told)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	carried := map[string]money.Amount{}
	var all money.Amount
	for _, row := range rows[1:] {
		_, parts, err := ledger.Account(row[0]).Parts()
		if err != nil {
			t.Fatal(err)
		}
		number, _, _ := strings.Cut(row[1], " ")
		a, err := money.Parse(number)
		if err != nil {
			t.Fatal(err)
		}
		key := parts[0] + "/" + strings.ToLower(parts[1])
		carried[key], all = carried[key].Add(a), all.Add(a)
	}
	if want := s.Own.Closing.Add(s.Contractors.Closing); !all.Equal(want) {
		t.Errorf("hledger tells %s in all, the statement %s", all, want)
	}
	for of, section := range map[string]learning.Section{"Training": s.Own, "Training of contractors": s.Contractors} {
		sums := map[string]money.Amount{}
		for _, d := range section.Departments {
			key := of + "/" + strings.ToLower(d.Name) // Kitchen and kitchen are two departments, told apart by their courses alone here
			sums[key] = sums[key].Add(d.Closing)
		}
		for key, want := range sums {
			if !carried[key].Equal(want) {
				t.Errorf("%s: hledger tells %s, the statement %s", key, carried[key], want)
			}
		}
	}
}

func TestNoJournalOfWhatIsRefused(t *testing.T) {
	for _, document := range []string{
		`{"currency": "EUR", "customer": null`, `{"currency": "EUR", "people": {"refused": "nobody", "unlocked_by": "people"}`,
		`{"currency": "EUR", "people": {"training_asset": {"refused": "none", "unlocked_by": "trainings"}}`,
	} {
		document += `, "period": {"start": "2024-01-01", "end": "2025-01-01"}, "compared_with": {"start": "2023-01-01", "end": "2024-01-01"}}`
		var b bytes.Buffer
		err := report.Journal(&b, []byte(document), "hledger")
		if none := (*report.NoJournal)(nil); err == nil || !errors.As(err, &none) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", document, err, b.Len())
		}
	}
}
