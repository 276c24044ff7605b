package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
)

// subscriptionsBlock is the statement of subscriptions as people's scripts see it.
type subscriptionsBlock struct {
	Refused  string              `json:"refused"`
	InPeriod subscriptionsWindow `json:"in_period"`
	Trailing subscriptionsWindow `json:"trailing_year"`
	Deferred struct {
		Refused, Amount string
		By              []map[string]any `json:"by_billing"`
	}
	CutShort int64 `json:"rows_cut_short"`
	Path     []struct {
		Name string
		MRR  map[string]decimal `json:"mrr"`
	}
	Starts []struct{ Name string }
}

type subscriptionsWindow struct {
	MRR           map[string]decimal `json:"mrr"`
	ARR           map[string]decimal `json:"arr"`
	Expansion     map[string]decimal
	Contraction   map[string]decimal
	Churned       map[string]decimal
	Customers     map[string]int64
	CustomersLost map[string]int64 `json:"customers_lost"`
	Subscriptions map[string]int64
	Net           figure `json:"net_revenue_retention"`
	Gross         figure `json:"gross_revenue_retention"`
	Logo          figure `json:"logo_retention"`
	LogoChurn     figure `json:"logo_churn"`
	Monthly       figure `json:"logo_churn_monthly"`
	Quick         figure `json:"quick_ratio"`
	Plans         []struct {
		Name          string
		MRR           map[string]decimal `json:"mrr"`
		Customers     map[string]int64
		Subscriptions map[string]int64
	}
}

func subscriptionsOf(t testing.TB, text string) subscriptionsBlock {
	t.Helper()
	var d struct{ Subscriptions subscriptionsBlock }
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return d.Subscriptions
}

// mixed is a company with orders, returns and subscriptions of both kinds of
// everything, small enough to be reckoned by hand. February 2024 has 29 days.
func mixed(t *testing.T) testCompany {
	return newCompany(t, `
company: Mixed Ltd
settings: {currency: EUR, timezone: Europe/Berlin, statement_basis: both}
books:
  orders:
    from: orders.csv
    columns: {line_id: line, customer_id: who, ordered_at: day, amount: eur, product: what, returns_line_id: returns}
  subscriptions:
    from: subscriptions.csv
    columns:
      subscription_id: id
      customer_id: who
      started_on: start
      ended_on: "end"
      plan: plan
      end_reason: why
      billed: billed
      billed_amount: annual
      monthly_amount: "CASE WHEN annual <> '' THEN CAST(annual AS DECIMAL) / 12 ELSE CAST(monthly AS DECIMAL) END"
`, map[string]string{
		"orders.csv": "line,who,day,eur,what,returns\n1,A,2023-02-10,100.00,coffee,\n2,A,2024-02-12,150.00,coffee,\n3,A,2024-02-20,-30.00,coffee,2\n4,B,2024-02-01,40.00,tea,\n",
		"subscriptions.csv": `id,who,start,monthly,annual,end,plan,why,billed
s1,A,2023-02-15,29,,2024-02-16,Basic,,monthly
s1,A,2024-02-16,58,,,Pro,,monthly
s2,C,2024-01-01,31,,2024-02-10,Basic,,monthly
s2,C,2024-02-25,31,,,Basic,,monthly
s3,D,2024-02-15,,100,,Annual,,annual
s4,E,2023-11-05,10,,2024-02-29,Basic,card declined,monthly
s5,F,2024-01-03,20,,2024-02-10,Basic,,monthly
s5,F,2024-02-10,22,,,Basic,,monthly
s6,F,2024-02-20,5,,,Add-on,,monthly
s7,G,2024-01-10,58,,2024-02-20,Pro,,monthly
s7,G,2024-02-12,29,,,Basic,,monthly
`,
	})
}

// TestAMixedCompanyByHand: the revenue of February accrues by 29 days.
//
//	A  orders 150 − 30 = 120; Basic 15 days 29 × 15/29 = 15; Pro 14 days 58 × 14/29 = 28
//	B  order 40
//	C  31 × 9/29 = 9.620690; from the 25th 31 − 31 × 24/29 = 31 − 25.655172 = 5.344828
//	D  100/12 = 8.333333; from the 15th 8.333333 − 8.333333 × 14/29 = 8.333333 − 4.022988 = 4.310345
//	E  10 × 28/29 = 9.655172
//	F  20 × 9/29 = 6.206897; 22 − 22 × 9/29 = 22 − 6.827586 = 15.172414; 5 − 5 × 19/29 = 5 − 3.275862 = 1.724138
//	G  58 × 11/29 = 22, cut short on the 12th; 29 − 29 × 11/29 = 18
//
// In February 2023 A has an order of 100 and 29 × 14/28 = 14.50.
func TestAMixedCompanyByHand(t *testing.T) {
	c := mixed(t)
	text := c.done("close", "--json", "--period", "2024-02")
	d, s := read(t, text), subscriptionsOf(t, text)
	sameDecimals(t, "revenue", d.Customer.Revenue, map[string]string{"prior": "114.50", "expansion": "48.50", "lost": "0", "contraction": "0", "current": "295.034484", "new_unattributed": "132.034484"})
	if n := d.Customer.Coverage["lines_rounded"]; n != float64(1) {
		t.Errorf("%v rows rounded; a twelfth of 100 is one", n)
	}
	w := s.InPeriod
	// On 31 January: A 29, C 31, E 10, F 20, G 58. On 29 February: A 58, C 31, D 8.333333, F 22 + 5, G 29.
	sameDecimals(t, "mrr", w.MRR, map[string]string{
		"opening": "148", "new": "8.333333", "reactivated": "0", "resumed": "31", "expansion": "36", "contraction": "29", "paused": "31", "churned": "10",
		"exchange": "0", "other": "0", "closing": "153.333333",
	})
	sameDecimals(t, "arr", w.ARR, map[string]string{"opening": "1776", "closing": "1839.999996"})
	sameDecimals(t, "expansion", w.Expansion, map[string]string{"plan": "29", "price": "2", "added": "5"})
	sameDecimals(t, "contraction", w.Contraction, map[string]string{"plan": "29", "price": "0", "dropped": "0"})
	sameDecimals(t, "churned", w.Churned, map[string]string{"voluntary": "0", "payment": "10", "other": "0", "not_given": "0"})
	sameCounts(t, "customers", w.Customers, map[string]int64{"opening": 5, "new": 1, "reactivated": 0, "resumed": 1, "lost": 1, "paused": 1, "closing": 5, "retained": 4})
	sameCounts(t, "subscriptions", w.Subscriptions, map[string]int64{"opening": 5, "began": 2, "resumed": 1, "paused": 1, "ended": 1, "closing": 6})
	// Of 148, 58 + 31 + 0 + 27 + 29 = 145 are there at closing, and capped 29 + 31 + 0 + 20 + 29 = 109.
	for _, r := range []struct {
		name string
		got  figure
		want *big.Rat
	}{
		{"NRR", w.Net, big.NewRat(145, 148)}, {"GRR", w.Gross, big.NewRat(109, 148)}, {"logos", w.Logo, big.NewRat(4, 5)}, {"churn", w.LogoChurn, big.NewRat(1, 5)},
		{"a month", w.Monthly, big.NewRat(1, 5)}, {"quick ratio", w.Quick, big.NewRat(75_333_333, 70_000_000)},
	} {
		if got, want := digits(t, string(r.got.Value), 11), digits(t, r.want.FloatString(20), 11); got != want {
			t.Errorf("%s is %s, want %s", r.name, got, want)
		}
	}
	// Annual: 100 − 4.310345. Monthly: A 58 − 28, C 31 − 5.344828, F 22 − 15.172414 and 5 − 1.724138, G 29 − 18.
	if s.Deferred.Amount != "172.448275" || s.CutShort != 1 {
		t.Errorf("deferred is %s, %d rows cut short", s.Deferred.Amount, s.CutShort)
	}
	// Basic: 29 + 31 + 10 + 20 at opening; G came with 29, A went with 29, C paused and resumed, F +2, E ended.
	for _, p := range w.Plans {
		if p.Name == "Basic" {
			sameDecimals(t, "Basic", p.MRR, map[string]string{"opening": "90", "began": "0", "resumed": "31", "came": "29", "went": "29", "price": "2", "paused": "31", "ended": "10", "exchange": "0", "closing": "82"})
		}
	}
	pathComesToTheYear(t, s)
	// The same close again is the seal, and the page of text says it.
	if out := c.done("statement", "customer", "--period", "2024-02"); !strings.Contains(out, "Deferred revenue at the end, billed and not yet accrued: 172.45.") {
		t.Errorf("the text says nothing of deferred revenue:\n%s", out)
	}
}

// pathComesToTheYear: the movements of the last twelve months sum to those of the trailing year.
func pathComesToTheYear(t *testing.T, s subscriptionsBlock) {
	t.Helper()
	for _, line := range []string{"new", "reactivated", "resumed", "expansion", "contraction", "paused", "churned", "exchange", "other"} {
		sum := new(big.Rat)
		for _, m := range s.Path[max(0, len(s.Path)-12):] {
			sum.Add(sum, m.MRR[line].rat())
		}
		if want := s.Trailing.MRR[line].rat(); sum.Cmp(want) != 0 {
			t.Errorf("the months' %s come to %s, the year's is %s", line, sum.FloatString(6), want.FloatString(6))
		}
	}
}

func sameDecimals(t *testing.T, what string, got map[string]decimal, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if got[name] == "" || got[name].rat().Cmp(decimal(w).rat()) != 0 {
			t.Errorf("%s.%s is %q, want %s", what, name, got[name], w)
		}
	}
}

func sameCounts(t *testing.T, what string, got, want map[string]int64) {
	t.Helper()
	for name, w := range want {
		if n, ok := got[name]; !ok || n != w {
			t.Errorf("%s.%s is %d, want %d", what, name, n, w)
		}
	}
}

// TestAGapIsAPauseOnlyAsFarAsItIsKnown: January's close knows nothing of the
// return in February, and needs no restatement when it comes.
func TestAGapIsAPauseOnlyAsFarAsItIsKnown(t *testing.T) {
	c := newCompany(t, `
company: Gaps Ltd
settings: {currency: EUR, timezone: UTC, statement_basis: subscriptions}
books:
  subscriptions:
    from: "*.csv"
    columns: {subscription_id: id, customer_id: who, started_on: start, monthly_amount: eur, ended_on: "end"}
`, map[string]string{"a.csv": "id,who,start,eur,end\ns1,A,2024-01-01,10,2024-01-20\ns2,B,2024-01-01,5,\n"})
	january := c.done("close", "--json", "--period", "2024-01")
	if w := subscriptionsOf(t, january).InPeriod; w.Churned["not_given"] != "10.00" || w.MRR["paused"] != "0.00" {
		t.Errorf("an open gap without a reason is churn: %v", w.MRR)
	}
	c.write("b.csv", "id,who,start,eur,end\ns1,A,2024-02-10,10,\n")
	if again := c.done("close", "--json", "--period", "2024-01"); again != january {
		t.Errorf("the return moved January:\n%s", again)
	}
	s := subscriptionsOf(t, c.done("close", "--json", "--period", "2024-02"))
	if w := s.InPeriod; w.MRR["resumed"] != "10.00" || w.MRR["new"] != "0.00" || w.Customers["resumed"] != 1 {
		t.Errorf("the return is resumed: %v", w.MRR)
	}
	if w := s.Trailing; w.MRR["paused"] != "10.00" || w.MRR["churned"] != "0.00" {
		t.Errorf("of the year the gap is known to be one: %v", w.MRR)
	}
	pathComesToTheYear(t, s)
}

// TestTelcoChurnMeetsItsFacts: facts.json of the IBM sample (a fictional
// company) says 1,869 of 7,043 churned, 139,130.85 of 456,116.60 monthly.
func TestTelcoChurnMeetsItsFacts(t *testing.T) {
	folder := filepath.Join(dataFolder(t), "telco_churn_ibm")
	var facts struct {
		Rows     int64               `json:"data_rows"`
		Churned  int64               `json:"churned"`
		Rate     json.Number         `json:"churn_rate"`
		Total    json.Number         `json:"monthly_charges_total"`
		Gone     json.Number         `json:"monthly_charges_churned"`
		Revenue  json.Number         `json:"revenue_churn"`
		Contract map[string][2]int64 `json:"by_contract"`
	}
	text, err := os.ReadFile(filepath.Join(folder, "facts.json"))
	if err != nil {
		t.Skip(err)
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	c := newCompany(t, `
company: A fictional telephone company
settings: {currency: USD, timezone: UTC, statement_basis: subscriptions}
books:
  subscriptions:
    from: subscriptions.csv
    columns: {subscription_id: id, customer_id: id, started_on: start, monthly_amount: monthly, ended_on: "end", plan: contract}
`, map[string]string{"subscriptions.csv": telco(t, filepath.Join(folder, "Telco-Customer-Churn.csv"))})
	w := subscriptionsOf(t, c.done("close", "--json", "--period", "2020-01")).InPeriod
	sameDecimals(t, "mrr", w.MRR, map[string]string{"opening": facts.Total.String(), "churned": facts.Gone.String(), "new": "0", "expansion": "0", "contraction": "0", "paused": "0"})
	sameCounts(t, "customers", w.Customers, map[string]int64{"opening": facts.Rows, "lost": facts.Churned, "closing": facts.Rows - facts.Churned})
	six := func(kept figure) string {
		return new(big.Rat).Sub(big.NewRat(1, 1), decimal(kept.Value).rat()).FloatString(6)
	}
	if six(w.Gross) != decimal(facts.Revenue).rat().FloatString(6) || six(w.Net) != six(w.Gross) {
		t.Errorf("revenue churn is %s, the facts say %s", six(w.Gross), facts.Revenue)
	}
	if got := new(big.Rat).Sub(big.NewRat(1, 1), decimal(w.Logo.Value).rat()).FloatString(5); got != facts.Rate.String() || digits(t, w.LogoChurn.Value.String(), 5) != digits(t, facts.Rate.String(), 5) {
		t.Errorf("logo churn is %s, the facts say %s", got, facts.Rate)
	}
	if len(w.Plans) != len(facts.Contract) {
		t.Errorf("%d plans, the facts have %d", len(w.Plans), len(facts.Contract))
	}
	for _, p := range w.Plans {
		want := facts.Contract[p.Name]
		sameCounts(t, p.Name, p.Customers, map[string]int64{"opening": want[0], "closing": want[0] - want[1]})
		sameCounts(t, p.Name, p.Subscriptions, map[string]int64{"ended": want[1]})
	}
}

// telco makes subscriptions of the sample: each began as many months before
// 2020 as its tenure, those of tenure nought in the last one; who churned
// ended in January.
func telco(t *testing.T, name string) string {
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(file).ReadAll()
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, n := range rows[0] {
		at[n] = i
	}
	var b strings.Builder
	b.WriteString("id,start,end,monthly,contract\n")
	opening := calendar.DayOf(2020, 1, 1)
	for _, r := range rows[1:] {
		var months int
		if _, err := fmt.Sscan(r[at["tenure"]], &months); err != nil {
			t.Fatal(err)
		}
		end := ""
		if r[at["Churn"]] == "Yes" {
			end = "2020-01-15"
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s\n", r[at["customerID"]], opening.AddMonths(-max(1, months)), end, r[at["MonthlyCharges"]], r[at["Contract"]])
	}
	return b.String()
}
