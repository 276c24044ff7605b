package duckdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
)

// bought are a world's orders as the second method of equity takes them.
func (x world) bought() equity.Memory {
	x.basis = "orders"
	u, p := x.units(), x.plain()
	m := equity.Memory{Of: map[string]equity.Known{}, ByLine: x.byLine()}
	segment, entity := x.groupOf(p, u, "segment"), x.groupOf(p, u, "entity")
	for i, l := range p.lines {
		d := p.details[i]
		m.Lines = append(m.Lines, equity.Line{Customer: l.Customer, Entity: d.entity, Day: l.Day, Amount: l.Amount, Profit: d.profit})
		via := p.profiles[l.Customer].Origin.Via
		if via == "unknown" {
			via = ""
		}
		m.Of[l.Customer] = equity.Known{Segment: segment(l, d), Entity: entity(l, d), Via: via}
	}
	return m
}

// TestLivesOfRandomLedgers holds what the engine tells of histories to the second method, customer by customer.
func TestLivesOfRandomLedgers(t *testing.T) {
	checks(t, 20)
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawWorld(t)
		if x.basis == "subscriptions" || x.ordersCounted == "by quantity" {
			x.basis, x.ordersCounted = "orders", ""
		}
		until := dayOne + calendar.Day(rapid.IntRange(20, 118).Draw(t, "until"))
		q := equity.Question{Until: until, Opened: until - calendar.Day(rapid.IntRange(0, 30).Draw(t, "opened")), Cut: until - calendar.Day(rapid.IntRange(1, 60).Draw(t, "cut"))}
		x.w = growth.Windows{Period: calendar.Period{Start: q.Opened - 1, End: until}, Compared: calendar.Period{Start: q.Opened - 40, End: q.Opened - 20}}
		ledger, err := s.ledger(ctx, x, rapid.IntRange(1, 2).Draw(t, "sources"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := lives(ctx, ledger, q)
		var lacks evidence.Refusal
		if errors.As(err, &lacks) { // a line without a rate
			t.Skip(lacks.Reason)
		}
		if err != nil {
			t.Fatalf("%v (%v)\n%s", err, errors.Unwrap(err), x)
		}
		want, err := lives(ctx, x.bought(), q)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%+v\n got %s\nwant %s\n%s", q, got, want, x)
		}
	})
}

// lives are all answers as text, customer by customer.
func lives(ctx context.Context, l equity.Ledger, q equity.Question) (string, error) {
	f, err := l.Holdings(ctx, q)
	if err != nil {
		return "", err
	}
	f.Earned[0], f.Earned[1] = told(f.Earned[0]), told(f.Earned[1])
	out := fmt.Sprintf("%v\n", f)
	var rows []string
	err = l.Histories(ctx, q, func(c equity.Customer) error {
		n := c.Together
		c.Together = 1
		for range n {
			rows = append(rows, fmt.Sprintf("%d %d %q %d %v %.9g %t %v %.9g", c.Segment, c.Entity, c.Via, c.Year, c.History, c.Mean, c.Known, c.Was, c.WasMean))
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	slices.Sort(rows)
	out += fmt.Sprintln(rows)
	held := map[string]equity.HeldOut{}
	err = l.HeldOut(ctx, q, func(h equity.HeldOut) error {
		key := fmt.Sprintf("%s %v %.9g", h.Month, h.History, h.Mean)
		sum := held[key]
		for i := range h.After {
			sum.After[i] += h.After[i]
		}
		sum.Together, sum.Before = sum.Together+h.Together, sum.Before+h.Before
		sum.Revenue, sum.RevenueBefore = sum.Revenue+h.Revenue, sum.RevenueBefore+h.RevenueBefore
		held[key] = sum
		return nil
	})
	rows = nil
	for key, h := range held {
		rows = append(rows, fmt.Sprintf("%s: %d %v %d %.6f %.6f", key, h.Together, h.After, h.Before, h.Revenue+0, h.RevenueBefore+0))
	}
	slices.Sort(rows)
	return out + fmt.Sprintln(rows), err
}

// told are the segments with a line in the year.
func told(of []equity.Earned) []equity.Earned {
	of = slices.DeleteFunc(slices.Clone(of), func(e equity.Earned) bool { return e.Revenue.IsZero() && e.Known.IsZero() && e.Profit.IsZero() })
	slices.SortFunc(of, func(a, b equity.Earned) int { return cmp.Compare(a.Segment, b.Segment) })
	return of
}
