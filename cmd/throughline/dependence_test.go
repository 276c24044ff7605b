package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A statement depends on the books and the settings alone, and on all of them:
// not on what was closed or imported before, and not on a file that somebody
// changed below the data folder.

func TestDecisionAboutOverlapsTakesEffectAtOnce(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january, "data/2.csv": january})
	if said := c.refused("close", "--period", "2024-01", "--json"); !strings.Contains(said, "overlaps: once") {
		t.Fatalf("the refusal does not say what to do: %s", said)
	}
	for decision, want := range map[string]string{"overlaps: once": "30.00", "overlaps: keep": "60.00"} {
		c.write("books.yaml", shopBooks(decision, ""))
		if got := c.revenue("2024-01"); got != want {
			t.Errorf("%s: identified revenue %s, want %s (10 + 20, once or twice)", decision, got, want)
		}
	}
}

// Rows without the natural key are compared as rows without any are.
func TestRowsWithoutTheirKeyAreSuspectedToo(t *testing.T) {
	rows := "who,day,eur,line\na,2024-01-10,10,1\nb,2024-01-11,20,\n"
	c := newCompany(t, shopBooks("", ", line_id: line"), map[string]string{"data/1.csv": rows, "data/2.csv": rows})
	if said := c.refused("close", "--period", "2024-01", "--json"); !strings.Contains(said, "1 rows of identical content") {
		t.Errorf("the row without a line_id is not suspected: %s", said)
	}
	c.write("books.yaml", shopBooks("overlaps: once", ", line_id: line"))
	if got := c.revenue("2024-01"); got != "30.00" {
		t.Errorf("once: identified revenue %s, want 30.00", got)
	}
}

const shopWithCustomers = `company: Shop
settings: {currency: EUR}
books:
  orders:
    from: orders.csv
    columns: {customer_id: who, ordered_at: day, amount: eur}
  customers:
    from: customers.csv
    columns: {customer_id: who, acquired_on: since, excluded: excluded}
  customer_links:
    from: links.csv
    columns: {old_id: old, new_id: new, since: since}
`

// A customer acquired after the period may still have lines in it.
func TestExcludingALaterCustomerMovesTheEarlierStatement(t *testing.T) {
	c := newCompany(t, shopWithCustomers, map[string]string{
		"orders.csv":    "who,day,eur\na,2023-05-01,10\na,2024-05-01,10\nb,2024-05-02,90\n",
		"customers.csv": "who,since,excluded\na,2023-05-01,\nb,2025-01-01,\n",
		"links.csv":     "old,new,since\nx,y,2020-01-01\n",
	})
	c.closed("--period", "2024")
	c.write("customers.csv", "who,since,excluded\na,2023-05-01,\nb,2025-01-01,staff\n")
	if said := c.refused("close", "--period", "2024", "--json"); !strings.Contains(said, "customers, 2025-01") {
		t.Errorf("the change is not named: %s", said)
	}
}

// Kept cohort columns are those that a fresh folder would compute.
func TestCohortsDoNotDependOnEarlierCloses(t *testing.T) {
	files := map[string]string{
		"orders.csv":    "who,day,eur\na,2022-02-01,5\nb,2022-03-01,5\na,2023-05-01,10\nb,2023-05-01,10\na,2024-05-01,10\nc,2024-05-02,90\n",
		"customers.csv": "who,since,excluded\na,,\n",
		"links.csv":     "old,new,since\nb,a,2024-03-01\n",
	}
	one, other := newCompany(t, shopWithCustomers, files), newCompany(t, shopWithCustomers, files)
	one.done("close", "--json", "--period", "2023")
	got, want := one.done("close", "--json", "--period", "2024"), other.done("close", "--json", "--period", "2024")
	if unsealed(t, got) != unsealed(t, want) {
		t.Errorf("after closing 2023:\n%s\nalone:\n%s", got, want)
	}
}

// r returns in 2017 what the books do not show, and first buys in 2018: in the
// columns of 2017 there is no cohort of 2018, in whatever order years close.
func TestCohortOfALaterPurchaseIsInNoEarlierColumn(t *testing.T) {
	files := map[string]string{"data/1.csv": "who,day,eur,line\na,2015-05-01,10,1\na,2016-05-01,10,2\na,2017-05-01,10,3\na,2018-05-01,10,4\nr,2017-06-01,-5,5\nr,2018-03-01,20,6\n"}
	closed := func(years ...string) map[string]string {
		c := newCompany(t, shopBooks("", ""), files)
		out := map[string]string{}
		for _, y := range years {
			out[y] = unsealed(t, c.done("close", "--json", "--period", y))
		}
		return out
	}
	up, down := closed("2016", "2017", "2018"), closed("2018", "2017", "2016")
	for year := range up {
		if up[year] != down[year] {
			t.Errorf("%s depends on the order of closing:\n%s\n%s", year, up[year], down[year])
		}
	}
}

func TestUsualComparisonIsNoOtherStatement(t *testing.T) {
	files := map[string]string{"data/1.csv": "who,day,eur,line\na,2023-01-10,10,1\na,2024-01-10,10,2\n"}
	c := newCompany(t, shopBooks("", ""), files)
	first := c.done("close", "--json", "--period", "2024-01", "--compare", "2023-01")
	if read(t, first).Trailing == nil {
		t.Error("named, the usual comparison leaves the trailing year out")
	}
	if again := c.done("close", "--json", "--period", "2024-01"); again != first {
		t.Error("the same statement was sealed twice")
	}
}

func TestChangedPartIsNotClosed(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january})
	c.done("import")
	parts, err := filepath.Glob(c.path(".throughline/parts/orders/*/2024-01.parquet"))
	if err != nil || len(parts) != 1 {
		t.Fatalf("parts %v, %v", parts, err)
	}
	data, err := os.ReadFile(parts[0])
	if err != nil {
		t.Fatal(err)
	}
	data[40] ^= 1 // within the first page of values
	if err := os.WriteFile(parts[0], data, 0o644); err != nil {
		t.Fatal(err)
	}
	if said := c.refused("close", "--period", "2024-01", "--json"); !strings.Contains(said, "is not what was written") {
		t.Errorf("one flipped bit: %s", said)
	}
	if err := os.Remove(parts[0]); err != nil {
		t.Fatal(err)
	}
	if said := c.refused("close", "--period", "2024-01", "--json"); !strings.Contains(said, "missing") {
		t.Errorf("a missing part: %s", said)
	}
}

func TestPeriodWithoutLinesAndGrainWithoutColumnAreRefused(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january})
	if said := c.refused("close", "--period", "2030", "--json"); !strings.Contains(said, "they run from 2024-01-10 to 2024-01-12") {
		t.Errorf("a period beyond the books: %s", said)
	}
	c.write("books.yaml", strings.Replace(shopBooks("", ""), "currency: EUR", "currency: EUR, grain: account", 1))
	if said := c.refused("close", "--period", "2024-01", "--json"); !strings.Contains(said, "account_id") {
		t.Errorf("accounts that nothing tells: %s", said)
	}
}

func TestTwoCompaniesDoNotShareAFolder(t *testing.T) {
	c := newCompany(t, shopBooks("", ""), map[string]string{"data/1.csv": january})
	c.done("import")
	c.write("books.yaml", strings.Replace(shopBooks("", ""), "company: Shop", "company: Other", 1))
	if said := c.refused("import"); !strings.Contains(said, "--renamed") {
		t.Errorf("another company: %s", said)
	}
	c.done("import", "--renamed")
	c.done("import")
}
