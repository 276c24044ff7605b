package web_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/internal/access"
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
}
