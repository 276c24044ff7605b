package base_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

func euros(n int64) money.Amount { return money.FromMicros(n * 1_000_000) }

// twelve is a company small enough to work out by hand. In the comparison period ten customers spent 100, 90, … 10, each in
// one order; in the period the first is gone, the second spends 200 in four orders, the others as before, and two came
// with 5 each. Every line earned two fifths.
func twelve() []base.Customer {
	sums := func(spend, orders int64) base.Sums {
		return base.Sums{Orders: orders, Revenue: euros(spend), Profit: money.FromMicros(spend * 400_000)}
	}
	var out []base.Customer
	for i := range int64(10) {
		c := base.Customer{Was: sums(100-10*i, 1), ActiveThen: true, Segment: "small"}
		switch i {
		case 0:
		case 1:
			c.Is, c.ActiveNow = sums(200, 4), true
		default:
			c.Is, c.ActiveNow = sums(100-10*i, 1), true
		}
		if i < 3 {
			c.Segment = "large"
		}
		out = append(out, c)
	}
	for range 2 {
		out = append(out, base.Customer{Is: sums(5, 1), ActiveNow: true, New: true, Via: "referral"})
	}
	return out
}

func state(t *testing.T, customers []base.Customer) base.Views {
	t.Helper()
	day := calendar.DayOf(2024, 1, 1)
	v, err := base.Input{
		Windows: base.Windows{Compared: calendar.Period{Start: day, End: day + 366}, Period: calendar.Period{Start: day + 366, End: day + 731}},
		Answers: base.Audit(customers, base.Dimensions, false), Currency: "EUR", Counted: "by order id",
	}.State()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// By hand: then 10 customers, 10 orders, 550; now 11 customers, 14 orders, 200 + (80 + 70 + … + 10) + 10 = 570.
func TestTwelveCustomersByHand(t *testing.T) {
	v := state(t, twelve())
	then, now := v.Slices[base.Compared], v.Slices[base.Current]
	if then.Customers != 10 || then.Orders != 10 || !then.Revenue.Equal(euros(550)) || !then.Profit.Equal(euros(220)) {
		t.Errorf("then %+v", then.Sums)
	}
	if now.Customers != 11 || now.Orders != 14 || !now.Revenue.Equal(euros(570)) || !now.Profit.Equal(euros(228)) {
		t.Errorf("now %+v", now.Sums)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		// Eleven customers in tenths: the first has two, with 200 and 80; 280 ÷ 570.
		`"top_tenth_of_revenue":{"value":0.491228070175,`,
		`{"name":"1","customers":2,"orders":5,"revenue":"280.00","profit":"112.00","least":"80.00","most":"200.00"}`,
		// Then ten customers, one a tenth: 100 ÷ 550.
		`"top_tenth_of_revenue":{"value":0.181818181818,`,
		`"one_order_share":{"value":0.909090909091,`, // 10 of 11
		`"gross_margin":{"value":0.4,`,
		`"customers":{"value":0.1,`,
		// The first of then is gone; the second rises to the first tenth, with 90 then and 200 now.
		`{"name":"1 to 0","from":1,"to":0,"customers":1,"prior":"100.00","current":"0.00"}`,
		`{"name":"2 to 1","from":2,"to":1,"customers":1,"prior":"90.00","current":"200.00"}`,
		// Large: 100, 90, 80 then, 0, 200, 80 now: net 280 ÷ 270, gross (0 + 90 + 80) ÷ 270.
		`{"name":"large","opening":3,"retained":2,"new":0,"closing":2,`,
		`"net_revenue_retention":{"value":1.03703703704,`,
		`"gross_revenue_retention":{"value":0.62962962963,`,
		`{"name":"referral","opening":0,"retained":0,"new":2,"closing":2,`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the document lacks %s", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", text)
	}
}

// What nobody knows the profit of is refused, with the measure; the rest stands.
func TestProfitIsRefusedWhereALineHasNone(t *testing.T) {
	customers := twelve()
	customers[3].Is.Unknown = 2
	v := state(t, customers)
	if _, ok := v.Slices[base.Current].ProfitPerCustomer.Refusal(); !ok {
		t.Error("profit per customer is told")
	}
	if _, ok := v.Slices[base.Current].RevenuePerCustomer.Estimate(); !ok {
		t.Error("revenue per customer is refused")
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"profit_refused":{"refused":"2 lines`) || !strings.Contains(string(text), `{"name":"profit","moves":[]}`) {
		t.Errorf("%s", text)
	}
}

// Bands hold their lower edge, and what is below zero mirrors what is above.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		m     base.Measure
		value string
		want  int
	}{
		{base.Spend, "0.99", 1}, {base.Spend, "1", 2}, {base.Spend, "1.999999", 2}, {base.Spend, "2", 3}, {base.Spend, "5", 4}, {base.Spend, "10", 5},
		{base.Profit, "0", 0}, {base.Profit, "-0.5", -1}, {base.Profit, "-2", -3}, {base.Spend, "900000000", 28},
		{base.Orders, "0", 0}, {base.Orders, "1", 1}, {base.Orders, "9", 9}, {base.Orders, "10", 10}, {base.Orders, "400", 10},
	} {
		a, err := money.Parse(c.value)
		if err != nil {
			t.Fatal(err)
		}
		if got := base.Place(c.m, a); got != c.want {
			t.Errorf("%s %s is in band %d, want %d", c.m, c.value, got, c.want)
		}
	}
}

// Nobody active is no defect.
func TestNobody(t *testing.T) {
	v := state(t, nil)
	if _, ok := v.Slices[base.Current].OrdersPerCustomer.Refusal(); !ok {
		t.Error("orders of nobody are told")
	}
	if _, err := json.Marshal(v); err != nil {
		t.Error(err)
	}
}
