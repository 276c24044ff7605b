package books

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/engine/duckdb"
)

func tryEngine(t *testing.T) *duckdb.Engine {
	t.Helper()
	e, err := duckdb.Open(context.Background(), duckdb.Options{Dir: t.TempDir(), MemoryLimit: "1GB"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// tried proposes for a folder of files, tries the orders and suggests.
func tried(t *testing.T, files map[string]string) (*Config, *Tried, []Suggestion) {
	t.Helper()
	dir := folder(t, files)
	e := tryEngine(t)
	p := &Proposer{Dir: dir, To: filepath.Join(dir, "books.yaml"), Engine: e}
	proposal, err := p.Propose(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseConfig(p.To, proposal.Text)
	if err != nil {
		t.Fatal(err)
	}
	found, suggestions := suggest(t, e, c)
	return c, found, suggestions
}

func suggest(t *testing.T, e *duckdb.Engine, c *Config) (*Tried, []Suggestion) {
	t.Helper()
	trial := &Trial{Config: c, Engine: e}
	found, err := trial.Run(context.Background(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	g, err := Glance(context.Background(), c, e, "orders")
	if err != nil {
		t.Fatal(err)
	}
	suggestions, err := trial.Suggest(context.Background(), g, found)
	if err != nil {
		t.Fatal(err)
	}
	return found, suggestions
}

func codes(suggestions []Suggestion) (out []string) {
	for _, s := range suggestions {
		out = append(out, s.Code)
	}
	return out
}

func TestTrialCountsWhatAnImportWould(t *testing.T) {
	_, found, _ := tried(t, map[string]string{"sales.csv": "client,date,amount\n" +
		"a,2024-01-01,10.00\nb,2024-01-02,20.50\na,2024-02-30,5\nb,,7\nc,2024-01-05,abc\n\"torn\nd,2024-03-01,1.25\n" +
		strings.Repeat("e,2024-04-01,1\n", 30)})
	if found.Rows != 33 || found.Refused != 4 || !found.Whole {
		t.Errorf("got %d good and %d refused rows, whole %t", found.Rows, found.Refused, found.Whole)
	}
	if got := found.Amount.Text(2); got != "61.75" { // 10 + 20.50 + 1.25 + 30·1
		t.Errorf("amount %s", got)
	}
	if found.First.String() != "2024-01-01" || found.Last.String() != "2024-04-01" {
		t.Errorf("from %s to %s", found.First, found.Last)
	}
	if got := fmt.Sprint(found.Sample[0]); got != "{sales.csv 2 [a 2024-01-01 00:00:00 10.000000]}" {
		t.Errorf("first row %s", got)
	}
	var reasons []string
	for _, r := range found.Reasons {
		reasons = append(reasons, fmt.Sprintf("%s %s %v", r.Column, r.Reason, r.Examples[0]))
	}
	for _, want := range []string{
		"ordered_at is not a date that the mapping can read {sales.csv 4 2024-02-30}", "ordered_at is required and empty {sales.csv 5 }",
		"amount is not a number {sales.csv 6 abc}",
	} {
		if !slices.Contains(reasons, want) {
			t.Errorf("%q is missing among %q", want, reasons)
		}
	}
}

func TestTrialOfManyRowsLooksAtTheFirst(t *testing.T) {
	dir := folder(t, map[string]string{"sales.csv": repeat("client,date,amount\n", 5000, func(i int) string { return fmt.Sprintf("k%d,2024-01-%02d,%d.50", i%7, i%28+1, i) })})
	c, err := ParseConfig(filepath.Join(dir, "books.yaml"), []byte("settings: {currency: EUR}\nbooks: {orders: {from: sales.csv, columns: {customer_id: client, ordered_at: date, amount: amount}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := (&Trial{Config: c, Engine: tryEngine(t), Most: 1000}).Run(context.Background(), "orders")
	if err != nil || found.Rows != 1000 || found.Whole {
		t.Errorf("got %+v, %v", found, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("a trial left %v, %v", entries, err)
	}
}

// Each world has one kind of error in some of its rows, and the suggestion
// that mends all of them.
func TestSuggestionsMendWhatTheyName(t *testing.T) {
	good := func(i int) (string, string) {
		return fmt.Sprintf("2024-%02d-%02d", i%12+1, i%28+1), fmt.Sprintf("%d.50", i+1)
	}
	cases := []struct {
		name string
		bad  func(i int) (day, amount string)
		want string
	}{
		{"another format", func(i int) (string, string) { return fmt.Sprintf("%02d.%02d.2024", i%28+1, i%12+1), "3.50" }, "dates:%Y-%m-%d|%d.%m.%Y"},
		{"sign of currency", func(i int) (string, string) { d, _ := good(i); return d, fmt.Sprintf("€ %d.20", i) }, "clean:amount:amount"},
		{"thousands", func(i int) (string, string) { d, _ := good(i); return d, fmt.Sprintf("\"1,%03d.20\"", i) }, "thousands:,"},
		{"comma among points", func(i int) (string, string) { d, _ := good(i); return d, fmt.Sprintf("\"%d,25\"", i) }, "comma:amount:amount"},
		{"brackets", func(i int) (string, string) { d, _ := good(i); return d, fmt.Sprintf("(%d.25)", i) }, "clean:amount:amount"},
		{"minus behind", func(i int) (string, string) { d, _ := good(i); return d, fmt.Sprintf("%d.25-", i) }, "clean:amount:amount"},
		{"totals", func(i int) (string, string) { return "", "999.00" }, "leave-out:ordered_at"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, map[string]string{"sales.csv": repeat("client,date,amount\n", 200, func(i int) string {
				day, amount := good(i)
				if i%8 == 3 {
					day, amount = c.bad(i)
				}
				return fmt.Sprintf("k%d,%s,%s", i%7, day, amount)
			})})
			config, err := ParseConfig(filepath.Join(dir, "books.yaml"), []byte("settings: {currency: EUR}\nbooks: {orders: {from: sales.csv, columns: {customer_id: client, ordered_at: date, amount: amount}}}\n"))
			if err != nil {
				t.Fatal(err)
			}
			found, suggestions := suggest(t, tryEngine(t), config)
			if found.Refused != 25 {
				t.Fatalf("%d rows were refused: %+v", found.Refused, found.Reasons)
			}
			i := slices.Index(codes(suggestions), c.want)
			if i < 0 || suggestions[i].Mends != 25 {
				t.Errorf("%q is not among %+v", c.want, suggestions)
			}
		})
	}
}

func TestSuggestionNeverMixesTheOrdersOfDayAndMonth(t *testing.T) {
	_, _, suggestions := tried(t, map[string]string{"sales.csv": repeat("client,date,amount\n", 300, func(i int) string {
		return fmt.Sprintf("k%d,%02d/%02d/2024,%d.50", i%7, i%28+1, i%12+1, i)
	})})
	for _, s := range suggestions {
		if slices.Contains(s.Mapping.Dates, "%m/%d/%Y") && slices.Contains(s.Mapping.Dates, "%d/%m/%Y") {
			t.Errorf("%+v reads both orders", s)
		}
	}
}

// A wrong order of day and month is put right by changing it, not by reading
// both.
func TestSuggestionTurnsTheOrderOfDayAndMonth(t *testing.T) {
	dir := folder(t, map[string]string{"sales.csv": repeat("client,date,amount\n", 300, func(i int) string {
		return fmt.Sprintf("k%d,%02d/%02d/2024,%d.50", i%7, i%28+1, i%12+1, i)
	})})
	c, err := ParseConfig(filepath.Join(dir, "books.yaml"), []byte("settings: {currency: EUR}\nbooks: {orders: {from: sales.csv, dates: '%m/%d/%Y', columns: {customer_id: client, ordered_at: date, amount: amount}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	found, suggestions := suggest(t, tryEngine(t), c)
	if found.Refused == 0 || len(suggestions) != 1 || !slices.Equal(suggestions[0].Mapping.Dates, List{"%d/%m/%Y"}) || suggestions[0].Mends != found.Refused {
		t.Errorf("%d refused, suggested %+v", found.Refused, suggestions)
	}
}

func TestSuggestionForOnePartOfAProduct(t *testing.T) {
	_, found, suggestions := tried(t, map[string]string{"lines.csv": repeat("Invoice,Customer ID,InvoiceDate,Quantity,Unit Price\n", 200, func(i int) string {
		price := fmt.Sprintf("%d.50", i%9+1)
		if i%10 == 0 {
			price = "£" + price
		}
		return fmt.Sprintf("%d,%d,2024-02-%02d,%d,%s", i/3, 9000+i%9, i%28+1, i%6+1, price)
	})})
	if found.Refused != 20 || len(suggestions) == 0 || suggestions[0].Mends != 20 {
		t.Fatalf("%+v\n%+v", found.Reasons, suggestions)
	}
	if got := suggestions[0].Mapping.Columns["amount"]; got != `Quantity * replace("Unit Price", '£', '')` {
		t.Errorf("amount is %s", got)
	}
}

// No text of a file makes a trial or a suggestion fail.
func TestSuggestionsSurviveAnyText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	bits := []string{"'", `"`, ",", "--", "%", ";", "(", ")", "-", "€", "1", ".", "\\", "${HOME}", "DROP TABLE x", "\u202e", "é", " ", "=cmd()", "<script>", "{{", "\x00", "#"}
	text := func() string {
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteString(bits[r.IntN(len(bits))])
		}
		return `"` + strings.ReplaceAll(b.String(), `"`, `""`) + `"`
	}
	dir := folder(t, map[string]string{"a.csv": repeat("\"cl'ient\",\"da\"\"te\",\"am;ount\"\n", 300, func(i int) string {
		if i%2 == 0 {
			return fmt.Sprintf("k%d,2024-01-01,%d", i%5, i)
		}
		return text() + "," + text() + "," + text()
	})})
	c, err := ParseConfig(filepath.Join(dir, "books.yaml"), []byte("settings: {currency: EUR}\nbooks:\n  orders:\n    from: a.csv\n    columns:\n      customer_id: \"cl'ient\"\n      ordered_at: 'da\"te'\n      amount: am;ount\n      product: \"cl'ient\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	found, _ := suggest(t, tryEngine(t), c)
	if found.Files[0].Problem != "" || found.Refused == 0 {
		t.Errorf("%+v", found)
	}
}
