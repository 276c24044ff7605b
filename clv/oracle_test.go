package clv

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// oracles is the folder of published and independently computed values.
func oracles(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("THROUGHLINE_ORACLES")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "oracles")
	}
	if _, err := os.Stat(filepath.Join(dir, "oracles.json")); errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s holds no oracles.json; set THROUGHLINE_ORACLES", dir)
	}
	return dir
}

// oracle reads what a case of oracles.json expects.
func oracle[E any](t testing.TB, id string) (want E) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(oracles(t), "oracles.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			ID       string
			Expected json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Cases {
		if c.ID == id {
			if err := json.Unmarshal(c.Expected, &want); err != nil {
				t.Fatal(err)
			}
			return want
		}
	}
	t.Fatalf("no oracle %s", id)
	return want
}

// columns reads a CSV file of the oracles as numbers by column name.
func columns(t testing.TB, name string) map[string][]float64 {
	t.Helper()
	f, err := os.Open(filepath.Join(oracles(t), "data", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for _, row := range rows[1:] {
		for i, cell := range row {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			out[rows[0][i]] = append(out[rows[0][i]], x)
		}
	}
	return out
}

func gathered(t testing.TB, customers []History) *Histories {
	t.Helper()
	h, err := Gather(Each(customers))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// cdnow are the 2357 customers of Fader & Hardie's sample, in weeks.
func cdnow(t testing.TB) []History {
	t.Helper()
	c := columns(t, "cdnow_customers_summary.csv")
	var out []History
	for i := range c["T"] {
		out = append(out, History{int64(c["frequency"][i]), c["recency"][i], c["T"][i]})
	}
	return out
}

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.12g, want %.12g ± %.3g", what, got, want, tolerance)
	}
}
