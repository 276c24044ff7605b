package office_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/books"
)

// Whoever typed what no file can be read by needs the page once more to take it
// back; so do all others, because the draft is one.
func TestWhatNoFileCanBeReadByIsSaidAndCanBeTakenBack(t *testing.T) {
	for name, change := range map[string]func(*books.Mapping){
		"a long delimiter":   func(m *books.Mapping) { m.Source.Delimiter = strings.Repeat(";", 17) },
		"a quote":            func(m *books.Mapping) { m.Source.Delimiter = `"` },
		"an encoding":        func(m *books.Mapping) { m.Source.Encoding = "utf-8') --" },
		"columns, not there": func(m *books.Mapping) { m.Columns["amount"] = `"cust"" FROM read_text('/etc/passwd')"` },
		"a sheet":            func(m *books.Mapping) { m.Source.Sheet = "x') UNION SELECT 1" },
		"a question":         func(m *books.Mapping) { m.Where = "amount IN (SELECT 1)" },
		"a date":             func(m *books.Mapping) { m.Dates = []string{"%d' OR 1=1 --"} },
		"a decimal":          func(m *books.Mapping) { m.Source.Thousands = "';--" },
	} {
		t.Run(name, func(t *testing.T) {
			dir, ctx := t.TempDir(), context.Background()
			o := opened(t, dir)
			for path, text := range map[string]string{o.Config: mapped, filepath.Join(dir, "orders.csv"): "customer,day,amount\nA,2026-01-01,10\nB,2026-01-02,11\n"} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d, err := o.Draft(ctx)
			if err != nil {
				t.Fatal(err)
			}
			m := d.Config.Books["orders"]
			change(&m)
			d, err = o.Map(ctx, d.Version, lead, "orders", m)
			if err != nil {
				return // refused before it is kept
			}
			trial, err := o.Try(ctx, d, "orders")
			if err != nil {
				if !refusal(err) {
					t.Fatal(err)
				}
				return
			}
			if trial.Glanced == nil || trial.Rows > 2 {
				t.Errorf("tried to %d rows", trial.Rows)
			}
		})
	}
}

func refusal(err error) bool {
	var refused *books.Refusal
	return errors.As(err, &refused)
}
