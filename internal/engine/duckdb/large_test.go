package duckdb

import (
	"fmt"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// TestHugeAmountsStayExact sums amounts at the limit of a line, as a company
// that reports in rupiah has them, of many lines and many new customers: the
// sums pass 10¹⁵ and the squares 10⁴² millionths.
func TestHugeAmountsStayExact(t *testing.T) {
	s := openStager(t)
	x := world{grain: "customer", basis: "orders", w: growth.Windows{
		Compared: calendar.Period{Start: dayOne, End: dayOne + 30}, Period: calendar.Period{Start: dayOne + 30, End: dayOne + 60},
	}}
	largest := money.FromMicros(999_999_999_999_999_999)
	for i := range 900 {
		l := worldLine{id: fmt.Sprint("l", i), customer: fmt.Sprint("c", i%300), day: dayOne + 30 + calendar.Day(i%30), amount: largest}
		if i%300 < 20 {
			l.day -= calendar.Day(i % 2 * 30)
			l.amount = largest.Sub(money.FromMicros(int64(i)))
		}
		x.lines = append(x.lines, l)
	}
	for i := range 300 {
		x.customers = append(x.customers, worldCustomer{id: fmt.Sprint("c", i), via: []string{"referral", "paid", "unknown"}[i%3], how: []string{"asked", "asked", ""}[i%3]})
	}
	for _, active := range []growth.Active{growth.Net, growth.AnyLine} {
		got, _, err := s.asked(t.Context(), x, active, 2, x.spans())
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := x.stated(active)
		if err != nil {
			t.Fatal(err)
		}
		g, _ := got.MarshalJSON()
		w, _ := want.MarshalJSON()
		if string(g) != string(w) {
			t.Errorf("by %s:\n got %s\nwant %s", active, g, w)
		}
		if e, ok := got.EarnedGrowth.Estimate(); active == growth.Net && (!ok || e.Level == 0) {
			t.Errorf("two thirds were asked, and earned growth is no estimate: %+v", e)
		}
	}
}
