package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

var _ journey.Ledger = (*Ledger)(nil)

// What is asked of each contact, in the order of journey.Served; the first flag is the one that says who gave up.
var (
	contactMeans = []string{"wait", "handled", "transfers"}
	contactFlags = []string{"abandoned", "contained", "resolved", "reopened"}
)

// contactColumns are read of interactions.
var contactColumns = []column{
	{"touchpoint", "VARCHAR"}, {"customer_key", "INTEGER"}, {"wait_seconds", "DECIMAL(18,6)"}, {"handle_seconds", "DECIMAL(18,6)"}, {"transfers", "DECIMAL(18,6)"},
	{"abandoned", "BOOLEAN"}, {"contained", "BOOLEAN"}, {"resolved", "BOOLEAN"}, {"reopened", "BOOLEAN"},
}

// Touched answers journey.Ledger.
func (l *Ledger) Touched(ctx context.Context, q journey.Question) ([]journey.Served, error) {
	if len(q.Spans) == 0 || len(within(l.from.Interactions, q.Spans, false)) == 0 {
		return nil, nil
	}
	p, err := l.parting(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := l.met(ctx, p); err != nil {
		return nil, err
	}
	t := touching{l: l, p: p, at: map[int]int{}}
	for _, step := range []func(context.Context) error{t.contacts, t.customers, t.waits, t.lost, t.contained, t.remedies} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(t.out, func(a, b journey.Served) int { return byPart(a.Part, b.Part) })
	return t.out, nil
}

// met makes the views of contacts: met of the spans, each for itself, and follow of what customers did in them.
func (l *Ledger) met(ctx context.Context, p parting) error {
	rows := l.during("interactions", "started_at", l.from.Interactions, p.q.Spans, contactColumns)
	if err := l.lead(ctx, l.during("interactions", "started_at", l.from.Interactions, p.q.Spans, contactColumns[:1])); err != nil {
		return err
	}
	known := func(column, name string) string {
		return fmt.Sprintf("CASE WHEN x.%s >= 0 THEN %s END AS %s", column, inMillionths("x."+column), name)
	}
	columns := []string{known("wait_seconds", "wait"), known("handle_seconds", "handled"), known("transfers", "transfers"), "x.abandoned", "x.contained", "x.resolved", "x.reopened"}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW met AS "+l.partedRows(p, rows, columns)); err != nil {
		return err
	}
	unit, join, included := l.whose()
	return l.e.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP VIEW follow AS SELECT %s AS unit, x.moment, x.abandoned, x.contained, x.resolved, x.reopened FROM (%s) x%s WHERE x.customer_key IS NOT NULL%s",
		unit, l.during("interactions", "started_at", l.from.Interactions, spanDays(p.q.Spans), contactColumns[1:]), join, included))
}

// spanDays are the days of spans, without any twice.
func spanDays(spans []calendar.Period) []calendar.Period {
	var days []journey.Place
	for _, s := range spans {
		days = append(days, journey.Place{From: &s.Start, Until: &s.End})
	}
	var out []calendar.Period
	for _, d := range oneADay(days) {
		if n := len(out); n > 0 && out[n-1].End == *d.From {
			out[n-1].End = *d.Until
			continue
		}
		out = append(out, calendar.Period{Start: *d.From, End: *d.Until})
	}
	return out
}

// until is SQL of the day on which the span of a part ends.
func (p parting) until() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CASE part // %d", len(p.touchpoints)*len(p.brands))
	for i, s := range p.q.Spans {
		fmt.Fprintf(&b, " WHEN %d THEN %s", i, date(s.End))
	}
	return b.String() + " END"
}

// touching gathers what is known of each part.
type touching struct {
	l   *Ledger
	p   parting
	at  map[int]int // place in out by number of the part
	out []journey.Served
}

// ask runs a question whose rows begin with the number of a part.
func (t *touching) ask(ctx context.Context, name string, scan func(r *sql.Rows) error) error {
	waits := make([]string, len(t.p.q.Within))
	for i, s := range t.p.q.Within {
		waits[i] = fmt.Sprintf("%d000000", s)
	}
	values := map[string]any{"Means": contactMeans, "Flags": contactFlags, "Within": waits, "Until": t.p.until(), "Reach": journey.ReachDays, "Most": journey.MostRemedyDays}
	query, err := question(name, values)
	if err != nil {
		return err
	}
	return t.l.e.each(ctx, query, scan)
}

// contacts counts rows.
func (t *touching) contacts(ctx context.Context) error {
	return t.ask(ctx, "touchpoint_contacts.sql", func(r *sql.Rows) error {
		var part int
		var first, last string
		var s journey.Served
		var sums [3][4]string
		means, flags := meansOf(&s), flagsOf(&s)
		into := []any{&part, &s.Contacts, &s.Identified, &first, &last}
		for i, m := range means {
			into = append(into, &m.N, &sums[i][0], &sums[i][1], &sums[i][2], &sums[i][3])
		}
		for _, f := range flags {
			into = append(into, &f.Known, &f.Had)
		}
		s.Within = make([]journey.Rate, len(t.p.q.Within))
		var told int64
		into = append(into, &told)
		for i := range s.Within {
			into = append(into, &s.Within[i].Had)
		}
		if err := r.Scan(append(into, &s.LostNameless)...); err != nil {
			return err
		}
		for i, m := range means {
			m.Sum, m.Squares = millionths(whole(sums[i][0])), squaredMillionths(squared([3]string(sums[i][1:])))
		}
		for i := range s.Within {
			s.Within[i].Known = told
		}
		var err error
		if s.First, err = calendar.ParseDay(first); err != nil {
			return err
		}
		if s.Last, err = calendar.ParseDay(last); err != nil {
			return err
		}
		s.Part = t.p.of(part)
		t.at[part] = len(t.out)
		t.out = append(t.out, s)
		return nil
	})
}

func meansOf(s *journey.Served) []*journey.Mean {
	return []*journey.Mean{&s.Waits, &s.Handled, &s.Transfers}
}

func flagsOf(s *journey.Served) []*journey.Rate {
	return []*journey.Rate{&s.Abandoned, &s.Contained, &s.Resolved, &s.Reopened}
}

// customers adds the sums over customers.
func (t *touching) customers(ctx context.Context) error {
	return t.ask(ctx, "touchpoint_customers.sql", func(r *sql.Rows) error {
		var part int
		var customers, gaveUp int64
		var sums [3][4]string
		var numbers [3]int64
		var rates [4][3]int64
		into := []any{&part, &customers, &gaveUp}
		for i := range sums {
			into = append(into, &sums[i][0], &sums[i][1], &sums[i][2], &sums[i][3], &numbers[i])
		}
		for i := range rates {
			into = append(into, &rates[i][0], &rates[i][1], &rates[i][2])
		}
		waited := make([][2]int64, len(t.p.q.Within))
		var told int64
		into = append(into, &told)
		for i := range waited {
			into = append(into, &waited[i][0], &waited[i][1])
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		s := &t.out[t.at[part]]
		s.Customers, s.GaveUp = customers, gaveUp
		for i, m := range meansOf(s) {
			m.SumSum, m.SumN, m.NN = squaredMillionths(squared([3]string(sums[i][:3]))), millionths(whole(sums[i][3])), numbers[i]
		}
		for i, f := range flagsOf(s) {
			f.HadHad, f.HadKnown, f.KnownSquared = rates[i][0], rates[i][1], rates[i][2]
		}
		for i := range s.Within {
			s.Within[i].HadHad, s.Within[i].HadKnown, s.Within[i].KnownSquared = waited[i][0], waited[i][1], told
		}
		return nil
	})
}

func (t *touching) waits(ctx context.Context) error {
	if !t.l.has["interactions"]["wait_seconds"] {
		return nil
	}
	return t.ask(ctx, "touchpoint_waits.sql", func(r *sql.Rows) error {
		var part int
		var median, ninth string
		if err := r.Scan(&part, &median, &ninth); err != nil {
			return err
		}
		s := &t.out[t.at[part]]
		s.Median, s.Ninth = millionths(whole(median)), millionths(whole(ninth))
		return nil
	})
}

func (t *touching) lost(ctx context.Context) error {
	if !t.l.has["interactions"]["abandoned"] {
		return nil
	}
	return t.ask(ctx, "touchpoint_lost.sql", func(r *sql.Rows) error {
		var part int
		var lost, open int64
		if err := r.Scan(&part, &lost, &open); err != nil {
			return err
		}
		s := &t.out[t.at[part]]
		s.Lost, s.LostOpen = lost, open
		return nil
	})
}

func (t *touching) contained(ctx context.Context) error {
	if !t.l.has["interactions"]["contained"] {
		return nil
	}
	return t.ask(ctx, "touchpoint_contained.sql", func(r *sql.Rows) error {
		var part int
		var again journey.Rate
		var open int64
		if err := r.Scan(&part, &again.Known, &again.Had, &again.HadHad, &again.HadKnown, &again.KnownSquared, &open); err != nil {
			return err
		}
		s := &t.out[t.at[part]]
		s.CameAgain, s.Open = again, open
		return nil
	})
}

func (t *touching) remedies(ctx context.Context) error {
	if !t.l.has["interactions"]["resolved"] {
		return nil
	}
	return t.ask(ctx, "touchpoint_remedies.sql", func(r *sql.Rows) error {
		var part int
		var x journey.Remedy
		if err := r.Scan(&part, &x.Days, &x.Put, &x.Still); err != nil {
			return err
		}
		s := &t.out[t.at[part]]
		s.Remedies = append(s.Remedies, x)
		return nil
	})
}

// inMillionths is SQL of a column DECIMAL(18,6) as a whole number. The whole part and the rest are taken apart, so that all of it is reckoned in
// 64 bits: in 128 it takes twenty times as long.
func inMillionths(column string) string {
	return fmt.Sprintf("(CAST(trunc(%[1]s) AS BIGINT) * 1000000 + CAST((%[1]s - CAST(trunc(%[1]s) AS DECIMAL(18,6))) * 1000000 AS BIGINT))", column)
}

var million = big.NewInt(1_000_000)

// millionths is a number of millionths as a decimal.
func millionths(n *big.Int) *big.Rat { return new(big.Rat).SetFrac(n, million) }

// squaredMillionths is a sum of squares of millionths as a decimal.
func squaredMillionths(n *big.Int) *big.Rat {
	return new(big.Rat).SetFrac(n, new(big.Int).Mul(million, million))
}
