package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/books"
)

func salesFile(bad int) string {
	var b strings.Builder
	b.WriteString("Customer ID,InvoiceDate,Quantity,Price\n")
	for i := range 100 {
		price := "2.50"
		if i < bad {
			price = "2.5O"
		}
		fmt.Fprintf(&b, "C%d,2024-%02d-%02d,%d,%s\n", i%9, i%12+1, i%28+1, i+1, price)
	}
	return b.String()
}

// From files to a sealed statement without an edit, by the commands that each
// step names.
func TestInitCheckAndCloseWithoutAnEdit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my exports")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sales.csv"), []byte(salesFile(0)), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "books.yaml")
	out := done(t, "init", dir)
	for _, want := range []string{"sales.csv  orders  4 of 4", "throughline check --books '" + file + "'", "--period 2024"} {
		if !strings.Contains(out, want) {
			t.Errorf("init does not say %q:\n%s", want, out)
		}
	}
	if said := refused(t, "init", dir); !strings.Contains(said, "exists already") || !strings.Contains(said, "--to") {
		t.Errorf("a second init says %q", said)
	}
	out = done(t, "check", "--books", file)
	for _, want := range []string{"A close is allowed.", "orders: 100 rows, 2024-01-01 to 2024-12-", "100 rows of 9 customers (100.0%), 12,625.00", "✓ nothing looks wrong", "throughline close --books '" + file + "' --period 2024-"} {
		if !strings.Contains(out, want) {
			t.Errorf("check does not say %q:\n%s", want, out)
		}
	}
	if out = done(t, "close", "--books", file, "--period", "2024"); !strings.Contains(out, "12,625.00") {
		t.Errorf("the statement lacks the revenue:\n%s", out)
	}
	elsewhere := filepath.Join(t.TempDir(), "b.yaml")
	done(t, "init", dir, "--to", elsewhere)
	if text, err := os.ReadFile(elsewhere); err != nil || !strings.Contains(string(text), `from: "`+filepath.Join(dir, "sales.csv")+`"`) {
		t.Errorf("elsewhere the path is not absolute: %v\n%s", err, text)
	}
}

func TestInitRefusesWhatItCannotUse(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"init"}, exitUsage, "needs the one folder"}, {[]string{"init", empty, empty}, exitUsage, "needs the one folder"},
		{[]string{"init", empty}, exitRefused, "looks like one of the books"}, {[]string{"init", filepath.Join(empty, "none")}, exitRefused, "no such folder"},
	} {
		got := call(t, c.args...)
		if got.code != c.code || got.out != "" || !strings.Contains(got.err, c.says) || !strings.Contains(got.err, "→") {
			t.Errorf("%v: exit %d, %q, %q", c.args, got.code, got.out, got.err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(empty, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Two rows of a hundred are above one per cent: the document says so on
// standard output, the reason on standard error, and the status is 1.
func TestCheckEndsAsTheCloseWould(t *testing.T) {
	yaml := "company: Odd\nsettings: {currency: EUR}\nbooks:\n  orders: {from: sales.csv, columns: {customer_id: Customer ID, ordered_at: InvoiceDate, amount: Quantity * Price}}\n"
	c := newCompany(t, yaml, map[string]string{"sales.csv": salesFile(2)})
	file := c.path("books.yaml")
	got := call(t, "check", "--json", "--books", file)
	var doc books.Checked
	if err := json.Unmarshal([]byte(got.out), &doc); err != nil {
		t.Fatalf("%v:\n%s", err, got.out)
	}
	if got.code != exitRefused || doc.Allowed || len(doc.Refusals) != 1 || doc.Books[0].Refused != 2 || !doc.Books[0].Above {
		t.Errorf("exit %d, %+v", got.code, doc)
	}
	if !strings.Contains(got.err, "2 of 100 rows of orders were refused") {
		t.Errorf("standard error says %q", got.err)
	}
	text := call(t, "check", "--books", file)
	for _, want := range []string{"A close would be refused:", `sales.csv:2: amount ← "Quantity" * "Price" "Quantity=1, Price=2.5O": is not a number`, "✗ 2 of 100 rows were refused (2.0%, above the threshold of 1%)", "after mending"} {
		if text.code != exitRefused || !strings.Contains(text.out, want) {
			t.Errorf("exit %d; the text does not say %q:\n%s", text.code, want, text.out)
		}
	}
	if said := call(t, "close", "--books", file, "--period", "2024"); said.code != exitRefused {
		t.Errorf("the close ends with %d", said.code)
	}
}

// Every pattern that a check can name is explained.
func TestEveryPatternIsDocumented(t *testing.T) {
	page := docPage(t, "check.md")
	text, err := os.ReadFile(filepath.Join("..", "..", "internal", "books", "inspect_patterns.go"))
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	for _, part := range strings.Split(string(text), `Code: "`)[1:] {
		code, _, _ := strings.Cut(part, `"`)
		codes++
		if !strings.Contains(page, "| `"+code+"` |") {
			t.Errorf("docs/check.md does not explain %s", code)
		}
	}
	if codes < 12 {
		t.Errorf("only %d patterns were found; this test looks for the wrong thing", codes)
	}
}
