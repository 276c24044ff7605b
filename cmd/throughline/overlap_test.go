package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// retailBooks is the example's mapping over files of the test's own.
const retailBooks = `
company: Retail
settings: {currency: GBP, timezone: Europe/London}
books:
  orders:
    from: data/*.csv
    %s
    columns:
      customer_id: Customer ID
      ordered_at: InvoiceDate
      amount: Quantity * Price
      order_id: Invoice
      product: StockCode
      quantity: Quantity
      unit_price: Price
`

// unsealed is a document without what a seal says of itself.
func unsealed(t *testing.T, text string) string {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "sealed")
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestTwoExportsThatOverlapByNineDays cuts a year of invoice lines into two
// files that both hold 7 to 15 June: nothing is counted until somebody says
// how, and counted once they come to what the uncut file comes to.
func TestTwoExportsThatOverlapByNineDays(t *testing.T) {
	if !thorough() {
		t.Skip("tried by THROUGHLINE_THOROUGH=1")
	}
	f, err := os.Open(filepath.Join(dataFolder(t), "online_retail_y1", "online_retail_2009_2010.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	header, body, _ := strings.Cut(string(data), "\n")
	var early, late, both strings.Builder
	for _, b := range []*strings.Builder{&early, &late} {
		b.WriteString(header + "\n")
	}
	shared := 0
	for line := range strings.Lines(body) {
		// No line of this file holds a line break; the day is the fifth cell, or
		// later when the description has commas.
		at := strings.Index(line, ",20")
		for !isDay(line[at+1:]) {
			at += 1 + strings.Index(line[at+1:], ",20")
		}
		day := line[at+1 : at+11]
		if day <= "2010-06-15" {
			early.WriteString(line)
		}
		if day >= "2010-06-07" {
			late.WriteString(line)
		}
		if day >= "2010-06-07" && day <= "2010-06-15" {
			shared++
			both.WriteString(line)
		}
	}
	period := []string{"--json", "--period", "2010-06-01..2010-12-01", "--compare", "2009-12-01..2010-06-01"}
	whole := newCompany(t, fmt.Sprintf(retailBooks, ""), map[string]string{"data/all.csv": string(data)})
	want := whole.done("close", period...)

	cut := newCompany(t, fmt.Sprintf(retailBooks, ""), map[string]string{"data/early.csv": early.String(), "data/late.csv": late.String()})
	said := cut.refused("close", period...)
	for _, word := range []string{"data/early.csv", "data/late.csv", "2010-06-07", "2010-06-15", "overlaps: once", "overlaps: keep", fmt.Sprint(shared)} {
		if !strings.Contains(said, word) {
			t.Errorf("the refusal lacks %q:\n%s", word, said)
		}
	}
	if said := cut.refused("closes"); !strings.Contains(said, "nothing has been closed") {
		t.Errorf("closes: %s", said)
	}

	// The answer is given in books.yaml; no file has changed.
	cut.write("books.yaml", fmt.Sprintf(retailBooks, "overlaps: once"))
	once := cut.done("close", period...)
	if unsealed(t, once) != unsealed(t, want) {
		t.Errorf("counted once:\n%s\nwant\n%s", once, want)
	}
	if a, b := read(t, once).Sealed.Fingerprint, read(t, want).Sealed.Fingerprint; a != b {
		t.Errorf("fingerprint %s, of the uncut file %s", a, b)
	}

	cut.write("books.yaml", fmt.Sprintf(retailBooks, "overlaps: keep"))
	kept := read(t, cut.done("close", append(period, "--dry-run")...))
	wantLines := read(t, want).Customer.Coverage["lines"].(float64) + float64(shared)
	if got := kept.Customer.Coverage["lines"].(float64); got != wantLines {
		t.Errorf("kept: %v lines, want %v", got, wantLines)
	}
	doubled := newCompany(t, fmt.Sprintf(retailBooks, ""), map[string]string{"data/all.csv": string(data) + both.String()})
	if got, want := cut.done("close", append(period, "--dry-run")...), doubled.done("close", append(period, "--dry-run")...); unsealed(t, got) != unsealed(t, want) {
		t.Errorf("kept:\n%s\nwant\n%s", got, want)
	}
}

func isDay(text string) bool {
	_, err := time.Parse("2006-01-02", text[:min(10, len(text))])
	return err == nil
}

// shop is a small company whose files the tests change.
const shop = `
company: Shop
settings: {currency: EUR}
books:
  orders:
    from: data/*.csv
    %s
    columns: {customer_id: who, ordered_at: day, amount: eur%s}
`

func shopBooks(option, columns string) string { return fmt.Sprintf(shop, option, columns) }

const (
	january  = "who,day,eur,line\na,2024-01-10,10,1\nb,2024-01-11,20,2\n,2024-01-12,5,3\n"
	february = "who,day,eur,line\na,2024-02-10,12,4\nc,2024-02-11,7.50,5\n"
)

// imported is what import says of its snapshot.
func (c testCompany) imported(more ...string) string {
	c.t.Helper()
	lines := strings.Split(strings.TrimSpace(c.done("import", more...)), "\n")
	return lines[len(lines)-1]
}

func (c testCompany) says(got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("import says %q, want %q", got, want)
	}
}

func TestUnchangedSourcesAreNotReadAgain(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january, "data/2.csv": february})
	c.says(c.imported(), "snapshot 1: 2 sources read, 0 unchanged")
	c.says(c.imported(), "snapshot 1: 0 sources read, 2 unchanged")
	// Settings that no row depends on read nothing either.
	c.write("books.yaml", strings.Replace(shopBooks("", ""), "currency: EUR", "currency: EUR, minimum_group: 7", 1))
	c.says(c.imported(), "snapshot 1: 0 sources read, 2 unchanged")
	c.write("data/3.csv", strings.ReplaceAll(february, "2024-02", "2024-03"))
	c.says(c.imported(), "snapshot 2: 1 sources read, 2 unchanged")
}

// revenue is the period's identified revenue, dry.
func (c testCompany) revenue(period string) string {
	c.t.Helper()
	d := c.closed("--dry-run", "--period", period)
	return string(d.Customer.Revenue["current"])
}

func TestCorrectedFileReplacesWhatWasReadFromIt(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january, "data/2.csv": february})
	c.imported()
	// The correction takes a month's only row away and moves another to March.
	c.write("data/2.csv", "who,day,eur,line\na,2024-03-10,13,4\n")
	c.says(c.imported(), "snapshot 2: 1 sources read, 1 unchanged")
	for period, want := range map[string]string{"2024-01": "30.00", "2024-02": "0.00", "2024-03": "13.00", "2024-Q1": "43.00"} {
		if got := c.revenue(period); got != want {
			t.Errorf("%s: %s, want %s", period, got, want)
		}
	}
	if d := c.closed("--dry-run", "--period", "2024-03", "--compare", "2024-01"); d.Customer.newCustomers() != 0 || d.Customer.Customers["retained"] != 1 {
		t.Errorf("c, who is gone, still counts: %v", d.Customer.Customers)
	}
}

// A renamed file is the same file: its rows count once.
func TestRenamedFileIsTheSameFile(t *testing.T) {
	for _, option := range []string{"", "overlaps: keep"} {
		c := newCompany(t, shopBooks(option, ""), map[string]string{"data/1.csv": january, "data/2.csv": february})
		c.imported()
		if err := os.Rename(c.path("data/2.csv"), c.path("data/feb.csv")); err != nil {
			t.Fatal(err)
		}
		c.imported()
		if got := c.revenue("2024-Q1"); got != "49.50" {
			t.Errorf("%s: %s after the rename, want 49.50", option, got)
		}
	}
}

// A copy under another name is no rename: while the first is there too, or was
// another file, somebody has to say what it is.
func TestCopiedFileIsRefused(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january})
	c.imported()
	c.write("data/copy.csv", january)
	said := c.refused("close", "--period", "2024-01")
	for _, word := range []string{"data/1.csv", "data/copy.csv", "2024-01-10", "2024-01-12"} {
		if !strings.Contains(said, word) {
			t.Errorf("the refusal lacks %q:\n%s", word, said)
		}
	}
	if err := os.Remove(c.path("data/1.csv")); err != nil {
		t.Fatal(err)
	}
	c.refused("close", "--period", "2024-01")
	c.says(c.imported("--forget", "data/1.csv"), "snapshot 3: 0 sources read, 1 unchanged")
	if got := c.revenue("2024-01"); got != "30.00" {
		t.Errorf("revenue %s, want 30.00", got)
	}
}

func TestLaterExportSupersedesByNaturalKey(t *testing.T) {
	second := "who,day,eur,line\nb,2024-01-11,21,2\n,2024-01-12,5,3\na,2024-02-10,12,4\nc,2024-02-11,7.50,5\na,2024-01-10,99,1\n"
	one := newCompany(t, shopBooks("", ", line_id: line"), map[string]string{"data/all.csv": second})
	c := newCompany(t, shopBooks("", ", line_id: line"), map[string]string{"data/2024-01.csv": january, "data/2024-02.csv": second})
	args := []string{"--json", "--period", "2024-02", "--compare", "2024-01"}
	if got, want := c.done("close", args...), one.done("close", args...); unsealed(t, got) != unsealed(t, want) {
		t.Errorf("two exports:\n%s\nwant\n%s", got, want)
	} else if read(t, got).Sealed.Fingerprint != read(t, want).Sealed.Fingerprint {
		t.Errorf("the fingerprints differ")
	}
}

// Which export is the later one goes by their places now, not by the order in
// which they were first read.
func TestPlacesOfExportsDecideWhichIsLater(t *testing.T) {
	mapping := shopBooks("", ", line_id: line")
	c := newCompany(t, mapping, map[string]string{"data/b.csv": "who,day,eur,line\na,2024-01-10,2,1\n"})
	c.imported()
	c.write("data/a.csv", "who,day,eur,line\na,2024-01-10,1,1\n") // read later, but before b.csv by name
	if got := c.revenue("2024-01"); got != "2.00" {
		t.Errorf("revenue %s, want the 2.00 of b.csv", got)
	}
	c.write("books.yaml", strings.Replace(mapping, "data/*.csv", "[data/b.csv, data/a.csv]", 1))
	if got := c.revenue("2024-01"); got != "1.00" {
		t.Errorf("revenue %s, want the 1.00 of a.csv, which now comes last", got)
	}
}

// A newer export that was put away is still the newer one.
func TestExportPutAwayKeepsItsPlace(t *testing.T) {
	c := newCompany(t, shopBooks("", ", line_id: line"), map[string]string{
		"data/1.csv": "who,day,eur,line\na,2024-01-10,1,1\n", "data/2.csv": "who,day,eur,line\na,2024-01-10,2,1\n", "data/3.csv": "who,day,eur,line\na,2024-01-20,5,3\n",
	})
	c.imported()
	if err := os.Remove(c.path("data/2.csv")); err != nil {
		t.Fatal(err)
	}
	c.write("data/4.csv", "who,day,eur,line\na,2024-01-21,5,4\n")
	if got := c.revenue("2024-01"); got != "12.00" {
		t.Errorf("revenue %s, want 12.00: 2.csv is gone, but later than 1.csv", got)
	}
}

// A row that stands m times in one file and n in another stands max(m, n)
// times; rows that only one file has, and months that do not meet, stay.
func TestOnceStandsAsOftenAsInTheFileThatHasItMost(t *testing.T) {
	row := "a,2024-01-10,1,x\n"
	head := "who,day,eur,line\n"
	c := newCompany(t, shopBooks("overlaps: once", ""), map[string]string{
		"data/1.csv": head + row + row + "b,2024-01-11,10,x\na,2024-02-10,1000,x\n",
		"data/2.csv": head + "c,2024-01-09,100,x\n" + row + row + row,
		"data/3.csv": head + row + "b,2024-01-11,10,x\nb,2024-01-11,10,x\n,2024-01-12,7,x\n",
		"data/4.csv": head + ",2024-01-12,7,x\n",
	})
	d := c.closed("--dry-run", "--period", "2024-01")
	if got := d.Customer.Revenue["current"]; got != "123.00" { // 3·1 + 2·10 + 100
		t.Errorf("revenue %s, want 123.00", got)
	}
	if got := d.Customer.Coverage["revenue_unidentified"]; got != "7.00" {
		t.Errorf("unidentified %v, want 7.00", got)
	}
	if got := c.revenue("2024-02"); got != "1000.00" {
		t.Errorf("February %s, want 1000.00", got)
	}
}

// Two imports at once: one reads, the other waits and finds nothing new.
func TestTwoImportsAtOnce(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january, "data/2.csv": february})
	c.done("import", "--book", "orders")
	c.write("data/3.csv", strings.ReplaceAll(february, "2024-02", "2024-03"))
	var wait sync.WaitGroup
	results := make([]called, 3)
	for i := range results {
		wait.Go(func() { results[i] = call(t, c.args("import")...) })
	}
	wait.Wait()
	read := 0
	for _, r := range results {
		if r.code != exitDone || !strings.Contains(r.out, "snapshot 2: ") {
			t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
		}
		read += strings.Count(r.out, "data/3.csv")
	}
	if read != 1 {
		t.Errorf("the new file was read %d times", read)
	}
}

// A book that is no longer mapped is in no figure.
func TestBookTakenOutOfTheMappingCountsNoMore(t *testing.T) {
	known := shopBooks("", "") + "  customers:\n    from: customers.csv\n    columns: {customer_id: id, acquired_via: via, acquired_how: how}\n"
	c := newCompany(t, known, map[string]string{"data/1.csv": january, "data/2.csv": february, "customers.csv": "id,via,how\nc,referral,declared\n"})
	if d := c.closed("--dry-run", "--period", "2024-02", "--compare", "2024-01"); d.Customer.Customers["new_earned"] != 1 {
		t.Fatalf("c was referred: %v", d.Customer.Customers)
	}
	c.write("books.yaml", shopBooks("", ""))
	if d := c.closed("--dry-run", "--period", "2024-02", "--compare", "2024-01"); d.Customer.Customers["new_unattributed"] != 1 {
		t.Errorf("the customers book is not mapped, and still counts: %v", d.Customer.Customers)
	}
}
