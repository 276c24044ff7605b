package sealed_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// viewed is a document with the views of forty customers whom chance made.
func viewed(t *testing.T) *sealed.Document {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	var customers []base.Customer
	for range 40 {
		sums := func() base.Sums {
			cents := r.Int64N(90_000) + 100
			return base.Sums{Orders: r.Int64N(4) + 1, Revenue: money.FromMicros(cents * 10_000), Profit: money.FromMicros(cents * 3_000)}
		}
		c := base.Customer{Segment: []string{"", "small", "large"}[r.IntN(3)], Via: "paid"}
		if r.IntN(4) > 0 {
			c.Was, c.ActiveThen = sums(), true
		}
		if r.IntN(4) > 0 || !c.ActiveThen {
			c.Is, c.ActiveNow = sums(), true
		}
		customers = append(customers, c)
	}
	day := calendar.DayOf(2024, 1, 1)
	in := base.Input{
		Windows: base.Windows{Compared: calendar.Period{Start: day, End: day + 366}, Period: calendar.Period{Start: day + 366, End: day + 731}},
		Answers: base.Audit(customers, base.Dimensions, false), Currency: "EUR", Counted: "by order id",
	}
	v, err := in.State()
	if err != nil {
		t.Fatal(err)
	}
	views, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d, err := sealed.Read([]byte(fmt.Sprintf(`{"period": {"start": "2025-01-01", "end": "2026-01-01"}, "currency": "EUR", "views": %s}`, views)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Every figure of the views stands in the document, and its working comes to it.
func TestViewsAreReadWhole(t *testing.T) {
	d := viewed(t)
	n := 0
	for _, def := range sealed.Definitions(sealed.Views) {
		n++
		f, ok := d.Figure(sealed.Views, def.Name)
		if !ok {
			t.Errorf("%s does not stand in the document", def.Name)
			continue
		}
		if block, name, ok := sealed.SplitName(f.FullName()); !ok || block != sealed.Views || name != def.Name {
			t.Errorf("%s is called %s", def.Name, f.FullName())
		}
		terms := d.Working(sealed.Views, def.Name)
		if def.Unit != sealed.Share && def.Unit != sealed.Multiple {
			continue
		}
		if len(terms) == 0 {
			t.Errorf("%s shows no working", def.Name)
			continue
		}
		if ends := comeTo(t, terms); len(ends) != 1 || !near(ends[0], f.Value.Rat()) {
			t.Errorf("%s: the working comes to %v, the figure is %s", def.Name, ends, f.Value.Rat().FloatString(12))
		}
	}
	if n < 30 {
		t.Errorf("only %d figures are defined", n)
	}
}

func TestCohortsWhoseListsDoNotGoTogetherAreRefused(t *testing.T) {
	text := `{"period": {"start": "2025-01-01", "end": "2026-01-01"}, "views": {"cohorts": [{"name": "year", "spans": ["2024"], "cohorts": [{"name": "2024", "active": [1, 2], "orders": [1], "revenue": ["1"], "profit": [null]}]}]}}`
	if _, err := sealed.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), "2024") {
		t.Errorf("read %v", err)
	}
}
