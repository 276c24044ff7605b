// Package oracle hands tests the published and independently computed values that results are held to: a folder with oracles.json
// (cases, each with an id and what it expects) and the data that the cases are about. It owns no value; the folder is named by
// THROUGHLINE_ORACLES, or lies in shared/oracles beside the project. Without the folder a test is skipped and says so. Its
// invariant: a case that is asked for and is not there fails the test. [WriteSection] keeps what simulations found in docs/truth.md.
package oracle

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Folder is where the oracles lie.
func Folder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("THROUGHLINE_ORACLES")
	if dir == "" {
		dir = beside(t)
	}
	if _, err := os.Stat(filepath.Join(dir, "oracles.json")); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s holds no oracles.json; set THROUGHLINE_ORACLES to the folder of oracles", dir)
	}
	return dir
}

// beside is the folder beside the project, whose root is the first above with a go.mod.
func beside(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			return filepath.Join(dir, "..", "shared", "oracles")
		}
		dir = filepath.Dir(dir)
	}
}

// Expect reads what a case expects into a pointer, as encoding/json does.
func Expect(t testing.TB, id string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Folder(t), "oracles.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			ID       string
			Expected json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Cases {
		if c.ID != id {
			continue
		}
		if err := json.Unmarshal(c.Expected, into); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return
	}
	t.Fatalf("there is no oracle %s", id)
}

// Columns reads a CSV file of the oracles' data, of which the first row names the columns.
func Columns(t testing.TB, name string) map[string][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(Folder(t), "data", name))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, row := range rows[1:] {
		for i, cell := range row {
			out[rows[0][i]] = append(out[rows[0][i]], cell)
		}
	}
	return out
}

// Numbers are the columns as numbers; what is none is NaN.
func Numbers(t testing.TB, name string) map[string][]float64 {
	t.Helper()
	out := map[string][]float64{}
	for column, cells := range Columns(t, name) {
		for _, cell := range cells {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				x = math.NaN()
			}
			out[column] = append(out[column], x)
		}
	}
	return out
}
