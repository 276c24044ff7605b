package duckdb

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/behaviour"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
)

// habits is a small company as text and as the lines that its customers' behaviour is counted from.
type habits struct {
	books map[string]*cells
	lines []behaviour.Line
	from  engine.Ledger
}

func drawHabits(t *rapid.T) habits {
	x := habits{from: engine.Ledger{Currency: home, Grain: rapid.SampledFrom([]string{"customer", "account"}).Draw(t, "grain"), Basis: "orders"}, books: map[string]*cells{
		"customers":      {names: []string{"customer_id", "account_id", "segment", "excluded"}},
		"customer_links": {names: []string{"old_id", "new_id"}},
		"orders":         {names: []string{"customer_id", "ordered_at", "amount", "line_id", "order_id", "product"}},
	}}
	add := func(book string, row ...string) { x.books[book].rows = append(x.books[book].rows, row) }
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	segment, stands, out := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, who := range ids {
		stands[who] = who
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0: // in no book but orders
		case 1:
			stands[who] = "a"
			if who != "a" {
				add("customer_links", who, "a")
			}
		case 2:
			out[who] = true
			add("customers", who, "", "s1", "test")
		default:
			// An account has its own customers of one segment, so that it has one.
			account := pick("account", "", "one", "two")
			segment[who] = map[string]string{"": pick("segment", "", "s1", "s2", "s3"), "one": "s1", "two": "s4"}[account]
			add("customers", who, account, segment[who], "")
			if account != "" && x.from.Grain == "account" {
				stands[who] = "account " + account
			}
		}
	}
	if out["a"] || stands["a"] != "a" {
		// Whoever was merged into it shares its fate.
		for who, by := range stands {
			if by == "a" && who != "a" {
				out[who] = out["a"]
				if stands["a"] != "a" && !out["a"] {
					stands[who] = stands["a"]
				}
			}
		}
	}
	days := rapid.SampledFrom([]int{40, 110, 400}).Draw(t, "days")
	for i := range rapid.IntRange(0, 150).Draw(t, "lines") {
		who, day, amount := pick("customer", append([]string{""}, ids...)...), dayOne+calendar.Day(rapid.IntRange(0, days).Draw(t, "day")), drawAmount(t, "amount")
		product := pick("product", "", "p1", "p2", "p3", "p'4")
		add("orders", who, day.String(), amount.Text(0), fmt.Sprintf("l%d", i), pick("order", "", "o1", "o2"), product)
		if who == "" || out[who] {
			continue
		}
		own := segment[who]
		if stands[who] == "a" {
			own = segment["a"]
		}
		if by, is := stands["a"], stands[who] == stands["a"]; is && by != "a" {
			own = segment["a"]
		}
		x.lines = append(x.lines, behaviour.Line{Customer: stands[who], Segment: own, Product: product, Day: day, Amount: amount})
	}
	return x
}

// TestRandomBehaviour holds the question to the same definitions over lines in memory: merged, grouped and excluded customers,
// returns, lines of the same day and of no order.
func TestRandomBehaviour(t *testing.T) {
	checks(t, 20)
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawHabits(t)
		q := behaviour.Question{Mix: rapid.Bool().Draw(t, "mix")}
		start := dayOne + calendar.Day(rapid.IntRange(0, 20).Draw(t, "start"))
		for range rapid.IntRange(1, 14).Draw(t, "months") {
			end := start + calendar.Day(rapid.IntRange(7, 35).Draw(t, "length"))
			q.Months = append(q.Months, calendar.Period{Start: start, End: end})
			start = end
		}
		x.from.AsOf = start
		var err error
		for _, b := range []struct {
			name string
			into *[]engine.Part
		}{{"orders", &x.from.Orders}, {"customers", &x.from.Customers}, {"customer_links", &x.from.Links}} {
			if *b.into, x.from.Keys, err = s.book(ctx, b.name, x.from.Keys, x.books[b.name]); err != nil {
				t.Fatal(err)
			}
		}
		l, err := s.e.Ledger(ctx, x.from)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Behaviour(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", behaviour.Count(x.lines, q)); a != b {
			t.Fatalf("behaviour\n got %s\nwant %s\ncustomers %v\nlinks %v", a, b, x.books["customers"].rows, x.books["customer_links"].rows)
		}
	})
}
