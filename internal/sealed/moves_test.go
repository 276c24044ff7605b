package sealed_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// closed is a document with these figures.
func closed(t *testing.T, growth, earned string, came, lost int64, warnings string) *sealed.Document {
	t.Helper()
	d, err := sealed.Read(fmt.Appendf(nil, `{"period":{"start":"2026-01-01","end":"2026-02-01"},"warnings":%s,"customer":{
		"customers":{"opening":9,"lost":%d,"retained":1,"returning":0,"new_earned":%d,"new_bought":0,"new_unattributed":0,"closing":5},
		"growth_rate":%s,"earned_growth_rate":%s}}`, warnings, lost, came, growth, earned))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	lacking = `{"refused":"nobody was asked","need":"answers"}`
	narrow  = `{"value":0.02,"low":0.01,"high":0.03,"kind":"confidence","level":0.95,"method":"m","n":9}`
	near1   = `{"value":0.035,"low":0.03,"high":0.04,"kind":"confidence","level":0.95,"method":"m","n":9}`
	far     = `{"value":0.05,"low":0.031,"high":0.06,"kind":"confidence","level":0.95,"method":"m","n":9}`
)

func known(v string) string {
	return fmt.Sprintf(`{"value":%s,"low":%[1]s,"high":%[1]s,"kind":"exact","method":"m","n":9}`, v)
}

// A move is told when it is more than the two figures leave open.
func TestMovesBeyondWhatTheFiguresLeaveOpen(t *testing.T) {
	before := closed(t, known("0.100"), narrow, 100, 40, `[]`)
	for name, c := range map[string]struct {
		after *sealed.Document
		want  []string
	}{
		"nothing":                 {before, nil},
		"less than a point":       {closed(t, known("0.109"), narrow, 104, 40, `[]`), nil},
		"a point":                 {closed(t, known("0.110"), narrow, 100, 40, `[]`), []string{"growth_rate"}},
		"intervals that touch":    {closed(t, known("0.100"), near1, 100, 40, `[]`), nil},
		"intervals apart":         {closed(t, known("0.100"), far, 100, 40, `[]`), []string{"earned_growth_rate"}},
		"refused":                 {closed(t, known("0.100"), lacking, 100, 40, `[]`), []string{"earned_growth_rate"}},
		"a twentieth of the lost": {closed(t, known("0.100"), narrow, 100, 42, `[]`), []string{"customers.lost"}},
	} {
		var got []string
		for _, m := range sealed.Moves(before, c.after) {
			if m.Beyond {
				got = append(got, m.After.Name)
			}
			if m.Change == nil && m.After.Name != "earned_growth_rate" {
				t.Errorf("%s: %s has no change", name, m.After.Name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v moved, want %v", name, got, c.want)
		}
	}
}

func TestOnlyNewWarningsAreTold(t *testing.T) {
	before := closed(t, lacking, lacking, 1, 1, `[{"code":"returning","text":"5 returned"},{"code":"short_history","text":"trailing year: short"}]`)
	after := closed(t, lacking, lacking, 1, 1, `[{"code":"returning","text":"6 returned"},{"code":"returning","text":"trailing year: 7 returned"},{"code":"rounded","text":"one line"}]`)
	var got []string
	for _, w := range sealed.NewWarnings(before, after) {
		got = append(got, string(w.Block())+" "+w.Code+" "+w.Plain())
	}
	if want := []string{"customer_trailing_year returning 7 returned", "customer rounded one line"}; !slices.Equal(got, want) {
		t.Errorf("new are %q, want %q", got, want)
	}
}

func TestTenuresAddUpToTheLastSpan(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	a := func(text string) *money.Amount { m, err := money.Parse(text); must(t, err); return &m }
	c := &sealed.Cohorts{Kind: "quarter"}
	for i := range 6 {
		c.Spans = append(c.Spans, fmt.Sprintf("20%d-Q%d", 24+i/4, i%4+1))
	}
	add := func(first string, active int64, revenue string) {
		c.Rows = append(c.Rows, sealed.Cohort{First: first, Ages: []sealed.Age{{Span: "2024-Q1", Active: n(99), Revenue: a("99")}, {Span: "2025-Q2", Active: n(active), Revenue: a(revenue)}}})
	}
	add(sealed.Before, 4, "40.00")
	add("2024-Q1", 3, "30.00") // five quarters before the last: in the second year
	add("2024-Q2", 2, "20.00") // four
	add("2024-Q3", 1, "10.00") // three
	add("2025-Q2", 5, "7.50")
	var got []string
	for _, x := range c.Tenures() {
		got = append(got, fmt.Sprintf("%d..%d: %d, %s", x.From, x.To, x.Customers, x.Revenue))
	}
	// The books show six quarters, so who came before them is with those of the second year and longer.
	if want := []string{"0..4: 6, 17.5", "4..0: 9, 90"}; !slices.Equal(got, want) {
		t.Errorf("tenures %q, want %q", got, want)
	}
	if (&sealed.Cohorts{Kind: "week", Spans: []string{"2024-W01"}}).Tenures() != nil || (*sealed.Cohorts)(nil).Tenures() != nil {
		t.Error("years were made of weeks, or of nothing")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The lines of the restatement of the bookbinders, by hand from the README of internal/report/testdata: Bern's late order and Hale's return.
func TestARestatementTellsTheBridgeFirst(t *testing.T) {
	told, more := read(t, "restatement").Restatement.Told()
	var names []string
	for _, m := range told[:4] {
		names = append(names, m.Name)
	}
	if want := []string{"revenue.contraction", "revenue.expansion", "revenue.new_earned", "revenue.current"}; !slices.Equal(names, want) || more == 0 {
		t.Errorf("told %v and %d more, want %v first", names, more, want)
	}
	for _, m := range told {
		if m.Part == "method" || m.Part == "n" {
			t.Errorf("%s says nothing to a person", m.Line)
		}
	}
}
