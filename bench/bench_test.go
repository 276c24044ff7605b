package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/calendar"
)

func TestSpreadIsMedianAndRange(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		want string
	}{
		{[]float64{3, 1, 2}, "2.0 (1.0–3.0)"},
		{[]float64{4, 1, 2, 3}, "2.5 (1.0–4.0)"},
		{[]float64{7}, "7.0"},
	} {
		if got := spreadOf(c.xs).text(1); got != c.want {
			t.Errorf("%v: %s, want %s", c.xs, got, c.want)
		}
	}
}

// Two customers returning and lost, one new: 30 + 5 − 2 before, 40 + 8 now.
func TestDocumentAndRowGiveTheSameAnswer(t *testing.T) {
	document := `{"customer": {"customers": {"opening": 2, "retained": 1, "returning": 1, "closing": 3},
		"revenue": {"prior": "33.00", "lost": "5.00", "contraction": "0.50", "current": "48.00", "new_earned": "1.00", "new_bought": "2.50", "new_unattributed": "4.50"},
		"active_revenue": {"prior": "35.00"}}}`
	own, year, err := answers([]byte(document))
	if err != nil || year != nil {
		t.Fatal(year, err)
	}
	row, err := parsed("2|1|1|3|33|48.0|29.5|8.00")
	if err != nil {
		t.Fatal(err)
	}
	if d := own.differs(row); d != "" {
		t.Error(d)
	}
	row.Kept = "29.51"
	if own.differs(row) == "" {
		t.Error("a cent less was not noticed")
	}
}

func TestSimulatedLinesAreTheSameAgain(t *testing.T) {
	var first string
	for range 2 {
		dir := t.TempDir()
		for _, name := range []string{"lines", "next"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		common := []string{"--scratch", dir, "--threads", "2"}
		if err := generate(t.Context(), append(common, "--lines", "5000", "--customers", "100", "--dir", filepath.Join(dir, "lines"), "--next", filepath.Join(dir, "next"))); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := year2018
		if err := bare(t.Context(), append(common, "--glob", filepath.Join(dir, "lines", "*.parquet"), "--q0", w.Q0, "--q1", w.Q1, "--p0", w.P0, "--p1", w.P1), &out); err != nil {
			t.Fatal(err)
		}
		var a answer
		if err := json.Unmarshal(out.Bytes(), &a); err != nil || a.Opening == 0 || a.Opening > 100 {
			t.Fatal(a, err)
		}
		if got := fmt.Sprint(a); first == "" {
			first = got
		} else if got != first {
			t.Errorf("%s, and again %s", first, got)
		}
	}
}

// A time of a journal counts only when every balance is equal.
func TestJournalsAgreeToTheLastDecimal(t *testing.T) {
	ours := posted{Balances: map[string]string{"Assets:Bank": "-10.50", "Expenses:Rent": "10.50"}}
	for rows, want := range map[string]bool{
		"\"account\",\"balance\"\n\"Assets:Bank\",\"-10.50 EUR\"\n\"Expenses:Rent\",\"10.50 EUR\"\n": true, // hledger
		"Assets:Bank,-10.5\nExpenses:Rent,10.5\n":                                                    true, // ledger
		"Assets:Bank,-10.5\n":                                false, // one is lacking
		"Assets:Bank,-10.5\nExpenses:Rent,10.500001\n":       false,
		"Assets:Bank,-10.5\nExpenses:Food,10.5\n":            false,
		"Assets:Bank,-10.5\nExpenses:Rent,10.5 EUR, 1 USD\n": false,
	} {
		if err := ours.agrees(rows); (err == nil) != want {
			t.Errorf("%q: %v", rows, err)
		}
	}
}

// The simulated journey is the same again, its map keeps the map's rules, and what is known of it is what its files hold.
func TestTheSimulatedJourneyIsTheSameAgain(t *testing.T) {
	var first []byte
	for range 2 {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "interactions"), 0o755); err != nil {
			t.Fatal(err)
		}
		n := met{mapped: mapped{touchpoints: 40, roles: 60, departments: 12}, contacts: 3300, answers: 300, remarks: 100, people: 120, customers: 100}
		if err := places(t.Context(), append(n.args(), "--scratch", dir, "--threads", "2", "--dir", dir)); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "known.json"))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		} else if !bytes.Equal(first, data) {
			t.Errorf("%s, and again %s", first, data)
		}
		k, err := knownIn(dir)
		if err != nil {
			t.Fatal(err)
		}
		// Contacts fall evenly on the days: 366 of 1096 are of 2024, 365 of 2025.
		sums := [2]int64{k.Nowhere, 0}
		for _, p := range k.Touchpoints {
			for _, of := range p.Brands {
				sums[0], sums[1] = sums[0]+of[0], sums[1]+of[1]
			}
		}
		if want := int64(3300 * 365 / 1096); sums[0] < want-1 || sums[0] > want+1 {
			t.Errorf("%d contacts in the year that is closed, not %d", sums[0], want)
		}
		if sums[1] < 1000 || sums[1] > 1103 { // without those that lead nowhere
			t.Errorf("%d contacts in the year before", sums[1])
		}
	}
	m := mapped{touchpoints: 500, roles: 5000, departments: 60}.drawn()
	if problems := m.Check(); len(problems) > 0 {
		t.Error(problems[0])
	}
	on := calendar.DayOf(metClosed, 12, 31)
	for i := range m.Touchpoints {
		if _, ok := m.Headline(m.Touchpoints[i].Key, on); !ok {
			t.Fatalf("%s has no standard", m.Touchpoints[i].Key)
		}
	}
}

// A page counts only when it holds what the generator knows.
func TestATouchpointsPageHoldsWhatIsKnown(t *testing.T) {
	w := touchpointAsked(knownPlace{Key: "place-017", Brands: map[string][2]int64{"care": {1234567, 890}, "plain": {0, 5}}})
	if err := w.check(`<h1>Website 017</h1> <dd>1,234,567</dd> exact; 890 the year before`); err != nil {
		t.Error(err)
	}
	if w.check(`<h1>Website 017</h1> <dd>1,234,568</dd> exact; 890 the year before`) == nil {
		t.Error("a contact more was not noticed")
	}
}
