package closing

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// askedLedger answers each cut with one cell of all and one of each group for every cohort and span, and notes what it was
// asked.
type askedLedger struct {
	Ledger
	asked []string
}

func (l *askedLedger) Cohorts(_ context.Context, c base.Cut) ([]base.Cell, error) {
	if len(c.Spans) > 0 {
		l.asked = append(l.asked, fmt.Sprintf("%d spans, groups %v", len(c.Spans), c.Groups[base.Segment]))
	}
	one := base.Sums{Customers: 1, Orders: 1, Revenue: money.FromMicros(1_000_000)}
	var out []base.Cell
	for i, s := range c.Spans {
		for first, f := range c.Firsts {
			if f.Start > s.Start {
				continue
			}
			all := base.Cell{First: first, Span: i}
			for g := range c.Groups[base.Segment] {
				out = append(out, base.Cell{First: first, Span: i, Dimension: base.Segment, Group: g, Sums: one})
				all.Sums = all.Add(one)
			}
			if len(c.Groups) == 0 {
				all.Sums = one
			}
			out = append(out, all)
		}
	}
	return out, nil
}

// keptColumns are the store's columns.
type keptColumns struct {
	Seals
	columns map[string][]byte
}

func (k keptColumns) Cohorts(_ context.Context, key string) ([]byte, bool, error) {
	cells, ok := k.columns[key]
	return cells, ok, nil
}

func (k keptColumns) KeepCohorts(_ context.Context, key string, cells []byte) error {
	k.columns[key] = cells
	return nil
}

// Of 40 months the last 24 are shown of all and the last 12 by group. What was asked once is not asked again, nor is it for
// the same groups in another order of size; other groups are other columns.
func TestGroupsAreAskedForTheLastSpansAndOnce(t *testing.T) {
	cal, err := calendar.New(calendar.Settings{Calendar: "gregorian"})
	if err != nil {
		t.Fatal(err)
	}
	named, err := cal.Parse("2024-04")
	if err != nil {
		t.Fatal(err)
	}
	ledger, seals := &askedLedger{}, keptColumns{columns: map[string][]byte{}}
	c := &Closer{Settings: Settings{Calendar: cal, Basis: "orders", Currency: "EUR"}, Seals: seals}
	state := State{First: map[string]calendar.Day{"orders": calendar.DayOf(2021, 1, 1)}}
	ask := func(groups ...string) grid {
		cut := cutter{c, ledger, state, Order{Named: named, Active: growth.Net}, map[base.Dimension][]string{base.Segment: groups}}
		g, err := cut.grids(t.Context())(calendar.Months)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g := ask("large", "small")
	again := ask("large", "small")
	ask("large", "middle")
	want := []string{"12 spans, groups []", "12 spans, groups [large small]", "12 spans, groups [large middle]"}
	if !slices.Equal(ledger.asked, want) {
		t.Errorf("asked %q, want %q", ledger.asked, want)
	}
	asked, err := json.Marshal(slices.Concat(g.cells, g.groups))
	kept, also := json.Marshal(slices.Concat(again.cells, again.groups))
	if err != nil || also != nil || string(asked) != string(kept) {
		t.Errorf("kept columns are other ones (%v, %v)", err, also)
	}
	if len(g.spans) != 24 || len(g.lately) != 12 {
		t.Fatalf("%d and %d spans", len(g.spans), len(g.lately))
	}
	if err := base.Divided(g.groups, base.Segment, false); err != nil {
		t.Error(err)
	}
	// Twelve spans have 12 · 13 ÷ 2 cells of their own cohorts and one a span of those before: 90, of all and of two groups.
	if len(g.groups) != 3*90 || len(g.cells) != 24*25/2+24 {
		t.Errorf("%d cells of groups, %d of all", len(g.groups), len(g.cells))
	}
	for key, column := range seals.columns {
		if len(column) > 12_000 {
			t.Errorf("column %s takes %d bytes", key, len(column))
		}
	}
}

// What a dimension lacks is said, with what would unlock it.
func TestGroupsThatCannotBeHadAreRefused(t *testing.T) {
	customer := func(segment string) base.Customer {
		return base.Customer{Is: base.Sums{Orders: 1, Revenue: money.FromMicros(1_000_000)}, ActiveNow: true, Segment: segment}
	}
	for _, c := range []struct {
		known     []base.Dimension
		customers []base.Customer
		want      string
	}{
		{nil, []base.Customer{customer("")}, "the books do not say a customer's segment: segment of customers"},
		{base.Dimensions, []base.Customer{customer("")}, "the segment of no customer of the two periods is known: segment of customers"},
		{base.Dimensions, []base.Customer{customer("home"), customer("home")}, "all customers of the two periods are of one segment: segment of customers, with more than one of them"},
		{base.Dimensions, nil, "nobody was active in either of the two periods, so there are no groups of them: a close of a period with lines of customers"},
	} {
		day := calendar.DayOf(2024, 1, 1)
		v, err := base.Input{
			Windows: base.Windows{Compared: calendar.Period{Start: day, End: day + 366}, Period: calendar.Period{Start: day + 366, End: day + 731}},
			Answers: base.Audit(c.customers, c.known, false), Currency: "EUR",
		}.State()
		if err != nil {
			t.Fatal(err)
		}
		lacks := (&Closer{}).ungrouped(v, base.Segment)
		if lacks == nil || lacks.Refused+": "+lacks.UnlockedBy != c.want {
			t.Errorf("refused as %+v, want %s", lacks, c.want)
		}
	}
}
