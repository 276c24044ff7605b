package books

import (
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/fact"
)

const byHand = `# Our books. Ask the analyst before changing this.
company: Example Ltd   # the legal name
settings: {currency: GBP, timezone: Europe/London, refused_threshold: 0.02}

books:
  # what was sold
  orders:
    from:
    - data/a.csv
    - data/b.csv
    columns: # seen with finance
      # the customer, as the shop knows it
      customer_id: "Customer ID"
      ordered_at: Date
      amount: >-
        Quantity
        * Price
    dates: ["%d/%m/%Y", '%d.%m.%Y']
    # returns are in their own file
  customers:
    from: customers.csv
    columns: {customer_id: id, email: mail}
`

func edited(t *testing.T, text string, change func(*Config)) string {
	t.Helper()
	out, err := Edit("books.yaml", []byte(text), "set in the page", func(c *Config) error { change(c); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func mapping(c *Config, book string, change func(*Mapping)) {
	m := c.Books[book]
	change(&m)
	c.Books[book] = m
}

func TestEditChangesOneKeyAndLeavesEveryOtherLine(t *testing.T) {
	got := edited(t, byHand, func(c *Config) {
		mapping(c, "orders", func(m *Mapping) { m.Columns["amount"] = `Quantity * "Net Price"` })
	})
	want := strings.Replace(byHand, "      amount: >-\n        Quantity\n        * Price\n", `      amount: "Quantity * \"Net Price\"" # set in the page`+"\n", 1)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEditSpreadsWhatStandsOnOneLine(t *testing.T) {
	got := edited(t, byHand, func(c *Config) {
		c.Settings.RefusedThreshold = &Decimal{*big.NewRat(3, 100)}
		mapping(c, "customers", func(m *Mapping) { m.Columns["name"] = "Full Name"; delete(m.Columns, "email") })
	})
	for _, want := range []string{
		"settings:\n  currency: GBP\n  timezone: Europe/London\n  refused_threshold: 0.03 # set in the page\n",
		"    columns:\n      customer_id: id\n      name: Full Name # set in the page\n",
		"# Our books. Ask the analyst", "      # the customer, as the shop knows it\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestEditAddsAndRemovesBooks(t *testing.T) {
	got := edited(t, byHand, func(c *Config) {
		delete(c.Books, "orders")
		c.Books["remarks"] = Mapping{From: List{"words.csv"}, Columns: map[string]string{"remark_id": "id", "received_at": "on", "text": "said"}}
	})
	if strings.Contains(got, "orders:") || !strings.Contains(got, "  remarks: # set in the page\n    from: words.csv\n    columns:\n      remark_id: id\n") {
		t.Errorf("got\n%s", got)
	}
	if !strings.Contains(got, "columns: {customer_id: id, email: mail}") {
		t.Errorf("a book that nobody touched was rewritten:\n%s", got)
	}
}

func TestEditMakesAFileOfNothing(t *testing.T) {
	got := edited(t, "", func(c *Config) {
		c.Company, c.Settings.Currency, c.Settings.TimeZone, c.Settings.FiscalYearStarts = "Yes", "EUR", "Europe/Berlin", "04-01"
		c.Books["orders"] = Mapping{From: List{"files/a.csv"}, Columns: map[string]string{"ordered_at": "Date", "amount": "Net"}}
	})
	c, err := ParseConfig("books.yaml", []byte(got))
	if err != nil {
		t.Fatalf("%v in\n%s", err, got)
	}
	if c.Company != "Yes" || c.Settings.FiscalYearStarts != "04-01" || c.Books["orders"].Columns["amount"] != "Net" {
		t.Errorf("got\n%s", got)
	}
}

func TestEditRefusesWhatItWouldLose(t *testing.T) {
	text := "{company: A, settings: {currency: EUR}, books: {orders: {from: a.csv, columns: {ordered_at: d, amount: a}}}}\n"
	_, err := Edit("books.yaml", []byte(text), "", func(c *Config) error { c.Company = "B"; return nil })
	if err == nil || !strings.Contains(err.Error(), "text editor") {
		t.Errorf("got %v", err)
	}
}

func TestMergeTakesBothSidesChanges(t *testing.T) {
	yours := edited(t, byHand, func(c *Config) {
		mapping(c, "orders", func(m *Mapping) { m.Columns["product"] = "Item"; m.Overlaps = "once" })
	})
	theirs := strings.Replace(byHand, "Europe/London", "Europe/Dublin", 1)
	got, clashes, err := Merge("books.yaml", "", []byte(byHand), []byte(yours), []byte(theirs))
	if err != nil || len(clashes) > 0 {
		t.Fatal(err, clashes)
	}
	c, err := ParseConfig("books.yaml", got)
	if err != nil {
		t.Fatal(err)
	}
	if m := c.Books["orders"]; c.Settings.TimeZone != "Europe/Dublin" || m.Columns["product"] != "Item" || m.Overlaps != "once" {
		t.Errorf("got\n%s", got)
	}
}

func TestMergeShowsWhatBothChanged(t *testing.T) {
	yours := edited(t, byHand, func(c *Config) { c.Settings.TimeZone = "Europe/Paris" })
	theirs := strings.Replace(byHand, "Europe/London", "Europe/Dublin", 1)
	got, clashes, err := Merge("books.yaml", "", []byte(byHand), []byte(yours), []byte(theirs))
	want := Clash{"settings.timezone", "Europe/Paris", "Europe/Dublin"}
	if err != nil || got != nil || len(clashes) != 1 || clashes[0] != want {
		t.Errorf("got %s %v %v, want %v", got, clashes, err, want)
	}
}

// A golden proposal of every kind is edited at random; what comes out says
// what was wanted, and no comment of a line that stayed is lost.
func TestEditsSayWhatWasWanted(t *testing.T) {
	texts := []string{byHand}
	found, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseConfig("books.yaml", text); err == nil {
			texts = append(texts, string(text))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(t, "text")
		value := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"yes", "a: b", "'", "\"x\"", "#", "- a", "{", "0123", "null", "a # b", "é", " x"}))
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			book := rapid.SampledFrom(fact.Books).Draw(t, "book")
			column := rapid.SampledFrom(book.Names()).Draw(t, "column")
			v := value.Filter(func(s string) bool { return s != "" }).Draw(t, "value")
			kind := rapid.IntRange(0, 5).Draw(t, "kind")
			var wanted map[string]string
			out, err := Edit("books.yaml", []byte(text), "note", func(c *Config) error {
				m := c.Books[book.Name]
				if m.Columns == nil {
					m.Columns = map[string]string{}
				}
				switch kind {
				case 0:
					m.Columns[column] = v
				case 1:
					delete(m.Columns, column)
				case 2:
					m.From = append(m.From, v)
				case 3:
					m.Where, m.Source.Thousands = v, "'"
				case 4:
					c.Company = v
				case 5:
					m.Dates = List{v, "%Y"}
				}
				c.Books[book.Name] = m
				wanted = c.said()
				return nil
			})
			if err != nil {
				t.Fatalf("%v\nin\n%s", err, text)
			}
			got, err := ParseDraft("books.yaml", out)
			if err != nil {
				t.Fatal(err)
			}
			if d := differences(got.said(), wanted); len(d) > 0 {
				t.Fatalf("%v differ in\n%s", d, out)
			}
			text = string(out)
		}
	})
}
