package duckdb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/pricing"
)

// bazaar is a small company with list prices, as text and by the definitions in memory.
type bazaar struct {
	books map[string]*cells
	plain pricing.Books
	grain string
}

var bazaarDays = []string{"2024-01-01", "2024-01-31", "2024-02-29", "2024-03-01", "2024-12-31", "2025-01-01", "2025-06-15", "2025-12-31", "2026-01-01"}

func drawBazaar(t *rapid.T) bazaar {
	x := bazaar{grain: rapid.SampledFrom([]string{"customer", "account", "entity"}).Draw(t, "grain"), books: map[string]*cells{
		"customers":      {names: []string{"customer_id", "account_id", "excluded"}},
		"customer_links": {names: []string{"old_id", "new_id"}},
		"orders":         {names: []string{"customer_id", "ordered_at", "amount", "line_id", "product", "quantity", "list_price", "currency", "entity"}},
		"answers":        {names: []string{"answer_id", "answered_at", "question", "score", "customer_id"}},
		"interactions":   {names: []string{"interaction_id", "started_at", "touchpoint", "customer_id", "resolved"}},
	}}
	x.plain = pricing.Books{Links: map[string]string{}, Excluded: map[string]bool{}}
	add := func(book string, row ...string) { x.books[book].rows = append(x.books[book].rows, row) }
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	id := func(label string) string { return rapid.SampledFrom(societyIDs).Draw(t, label) }
	day := func(label string) calendar.Day {
		if rapid.Bool().Draw(t, "at an edge") {
			d, _ := calendar.ParseDay(pick(label, bazaarDays...)) // written above
			return d
		}
		return calendar.DayOf(2024, 1, 1) + calendar.Day(rapid.IntRange(0, 760).Draw(t, label))
	}
	for _, who := range societyIDs {
		excluded := pick("excluded", "", "", "", "", "", "test")
		add("customers", who, pick("account", "", "one", "two"), excluded)
		x.plain.Excluded[who] = excluded != ""
	}
	for i := range len(societyIDs) - 1 {
		if rapid.IntRange(0, 9).Draw(t, "link") == 0 {
			to := societyIDs[rapid.IntRange(i+1, len(societyIDs)-1).Draw(t, "to")]
			add("customer_links", societyIDs[i], to)
			x.plain.Links[societyIDs[i]] = to
		}
	}
	products := rapid.SampledFrom([]int{2, 23}).Draw(t, "products")
	for i := range rapid.IntRange(0, 120).Draw(t, "lines") {
		l := pricing.Line{Customer: pick("customer", append([]string{""}, societyIDs...)...), Day: day("day"), Amount: drawAmount(t, "amount"), Foreign: rapid.IntRange(0, 9).Draw(t, "foreign") == 0}
		l.Quantity = money.FromMicros(int64(rapid.IntRange(-1, 4).Draw(t, "quantity")) * 1_250_000)
		if rapid.IntRange(0, 9).Draw(t, "no product") > 0 {
			l.Product = fmt.Sprintf("it's %d", rapid.IntRange(1, products).Draw(t, "product"))
		}
		price := ""
		if rapid.IntRange(0, 4).Draw(t, "no price") > 0 {
			p := rapid.SampledFrom([]money.Amount{{}, money.FromMicros(1_000_000), money.FromMicros(1_010_000), money.FromMicros(1_010_001), money.FromMicros(1_500_000)}).Draw(t, "price")
			l.ListPrice, price = &p, p.Text(0)
		}
		currency := pick("currency", "", home)
		if l.Foreign {
			currency = "USD"
		}
		add("orders", l.Customer, l.Day.String(), l.Amount.Text(0), fmt.Sprintf("l%d", i), l.Product, l.Quantity.Text(0), price, currency, pick("entity", "", "north"))
		x.plain.Lines = append(x.plain.Lines, l)
	}
	x.serve(t, add, id, day)
	return x
}

func (x *bazaar) serve(t *rapid.T, add func(string, ...string), id func(string) string, day func(string) calendar.Day) {
	for i := range rapid.IntRange(1, 25).Draw(t, "answers") {
		a := pricing.Answer{Customer: id("answers"), Day: day("answered"), Score: rapid.IntRange(0, 10).Draw(t, "score")}
		question := rapid.SampledFrom([]string{"nps", "NPS ", "csat"}).Draw(t, "question")
		add("answers", fmt.Sprintf("a%d", i), a.Day.String(), question, fmt.Sprint(a.Score), a.Customer)
		if question != "csat" {
			x.plain.Answers = append(x.plain.Answers, a)
		}
	}
	for i := range rapid.IntRange(1, 25).Draw(t, "interactions") {
		c := pricing.Contact{Customer: id("calls"), Day: day("called")}
		resolved := rapid.SampledFrom([]string{"", "yes", "yes", "no"}).Draw(t, "resolved")
		add("interactions", fmt.Sprintf("i%d", i), c.Day.String(), "phone", c.Customer, resolved)
		if c.Resolved = resolved == "yes"; resolved != "" {
			x.plain.Contacts = append(x.plain.Contacts, c)
		}
	}
}

// bazaar stages the books.
func (s *stager) bazaar(ctx context.Context, x bazaar, until calendar.Day) (*Ledger, error) {
	from := engine.Ledger{Currency: home, Grain: x.grain, Basis: "orders", AsOf: until}
	var err error
	for _, b := range []struct {
		name string
		into *[]engine.Part
	}{
		{"orders", &from.Orders}, {"customers", &from.Customers}, {"customer_links", &from.Links}, {"answers", &from.Answers}, {"interactions", &from.Interactions},
	} {
		if *b.into, from.Keys, err = s.book(ctx, b.name, from.Keys, x.books[b.name]); err != nil {
			return nil, err
		}
	}
	return s.e.Ledger(ctx, from)
}

// TestRandomBazaars holds what the engine sums to the same by the definitions in memory, and the statement of both.
func TestRandomBazaars(t *testing.T) {
	checks(t, 15)
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawBazaar(t)
		w := pricing.Window{Start: calendar.MonthOf(calendar.DayOf(2024, 1, 1)) + calendar.Month(rapid.IntRange(0, 2).Draw(t, "start"))}
		w.End = w.Start + calendar.Month(rapid.IntRange(1, 25).Draw(t, "months"))
		l, err := s.bazaar(ctx, x, w.End.First())
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Demand(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		want := x.plain.Demand(w)
		alike(t, "demand", got, want)
		watch, ok := pricing.WatchOf(w)
		if !ok {
			watch = pricing.Watch{Start: w.Start + 3, End: max(w.End, w.Start+4)}
		}
		served, err := l.Served(ctx, watch, got.Names())
		if err != nil {
			t.Fatal(err)
		}
		plain := x.plain.Served(watch, want.Names())
		if len(want.Products) == 0 {
			return
		}
		for _, s := range []*pricing.Served{&served, &plain} {
			slices.SortFunc(s.Groups, func(a, b pricing.Group) int {
				return cmp.Or(cmp.Compare(a.Measure, b.Measure), a.Product-b.Product, yes(a.Well)-yes(b.Well))
			})
			slices.SortFunc(s.Cells, func(a, b pricing.ServedCell) int {
				return cmp.Or(cmp.Compare(a.Measure, b.Measure), a.Product-b.Product, yes(a.Well)-yes(b.Well), int(a.Month-b.Month))
			})
		}
		alike(t, "served", served, plain)
		if _, err := pricing.State(w, watch, got, served, home); err != nil {
			t.Fatal(err)
		}
	})
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// alike compares by what is printed.
func alike(t *rapid.T, what string, got, want any) {
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Fatalf("%s\n got %s\nwant %s (%v, %v)", what, a, b, errA, errB)
	}
}
