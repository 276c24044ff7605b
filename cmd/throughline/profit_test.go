package main

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAcquisitionCostOfAPublicLedger holds what a new customer of 2018 cost to
// the same counted from the set's files: marketing's spend, rounded to six
// places month by month as amounts are, over those whose first purchase lies
// in the year and who came to more than nothing in it. The set does not say how
// customers came, so what a bought one cost is refused.
func TestAcquisitionCostOfAPublicLedger(t *testing.T) {
	exampleCopies(t)
	e := openExample(t, "ledger_2016_2019")
	var doc struct {
		Profit struct {
			Cost struct{ Value json.Number } `json:"acquisition_cost"`
			New  struct {
				Value json.Number
				N     int64
			} `json:"acquisition_cost_per_new"`
			Bought struct{ Refused string } `json:"acquisition_cost_per_bought"`
		}
	}
	if err := json.Unmarshal([]byte(done(t, e.args("close", "--json", "--dry-run", "--period", "2018")...)), &doc); err != nil {
		t.Fatal(err)
	}
	spent, customers := marketing2018(t), newIn2018(t)
	each := new(big.Rat).Quo(spent, new(big.Rat).SetInt64(customers))
	near(t, "acquisition_cost", spent, doc.Profit.Cost.Value)
	near(t, "acquisition_cost_per_new", each, doc.Profit.New.Value)
	if doc.Profit.New.N != customers {
		t.Errorf("%d new customers, counted %d", doc.Profit.New.N, customers)
	}
	if doc.Profit.Bought.Refused == "" {
		t.Error("what a bought customer cost is told, though nobody knows who was bought")
	}
}

func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	return rowsOf(t, "ledger_2016_2019", name)
}

// rowsOf are the rows of a file of a public data set.
func rowsOf(t *testing.T, set, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dataFolder(t), set, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := csv.NewReader(f)
	if strings.HasSuffix(name, ".gz") {
		unpacked, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		in = csv.NewReader(unpacked)
	}
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff")
	var out []map[string]string
	for _, cells := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = cells[i]
		}
		out = append(out, row)
	}
	return out
}

func exact(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func marketing2018(t *testing.T) *big.Rat {
	sum := new(big.Rat)
	for _, row := range table(t, "mktg-spend-example.csv") {
		if strings.HasPrefix(row["month"], "2018") {
			sum.Add(sum, exact(t, exact(t, row["total_marketing_spend"]).FloatString(6)))
		}
	}
	return sum
}

func newIn2018(t *testing.T) (n int64) {
	first, net := map[string]string{}, map[string]*big.Rat{}
	for _, row := range table(t, "transaction-log-example.csv.gz") {
		who, day, amount := row["cust_id"], row["order_date"], exact(t, row["net_sales"])
		if known, ok := first[who]; amount.Sign() > 0 && (!ok || day < known) {
			first[who] = day
		}
		if strings.HasPrefix(day, "2018") {
			if net[who] == nil {
				net[who] = new(big.Rat)
			}
			net[who].Add(net[who], amount)
		}
	}
	for who, day := range first {
		if strings.HasPrefix(day, "2018") && net[who].Sign() > 0 {
			n++
		}
	}
	return n
}

// Every name that a block of profit can hold is explained.
func TestEveryFieldOfProfitIsDocumented(t *testing.T) {
	page := docPage(t, "profit.md") + docPage(t, "figures.md")
	text, err := os.ReadFile(filepath.Join("..", "..", "profit", "json.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("json:\"([a-z_]+)[,\"]").FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(page, "`"+m[1]+"`") && !strings.Contains(page, "."+m[1]+"`") { // a figure's name begins with its block
			t.Errorf("profit/json.go writes %s, which docs/profit.md does not explain", m[1])
		}
	}
}
