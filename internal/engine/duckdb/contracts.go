package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/recurring"
)

var _ equity.ContractLedger = (*Ledger)(nil)

// agreed is the question whose contracts are in the table contract, with the groups that are named.
type agreed struct {
	q                  equity.Question
	made               bool
	segments, entities []string
	was, cut, is, lead string // columns of amounts; lead is empty where the books do not tell of it
}

// spells makes the table spell, of what began before the end of the windows.
func (l *Ledger) spells(ctx context.Context, q recurring.Question) (*recurrence, error) {
	r := &recurrence{l: l, q: q, t: &recurring.Tally{}}
	for _, step := range []func(context.Context) error{r.number, r.hold} {
		if err := step(ctx); err != nil {
			return r, err
		}
	}
	query, err := question("contract_spells.sql", nil)
	if err != nil {
		return r, err
	}
	return r, l.e.exec(ctx, query)
}

// lacking turns what the book of subscriptions lacks into a refusal.
func lacking(err error) error {
	var lack *recurring.Lack
	var lacks *engine.Unanswerable
	switch {
	case errors.As(err, &lack):
		return evidence.Refusal{Reason: lack.Reason, Need: lack.Need}
	case errors.As(err, &lacks):
		return evidence.Refusal{Reason: lacks.What, Need: lacks.Do}
	}
	return err
}

// FirstEnded answers equity.ContractLedger.
func (l *Ledger) FirstEnded(ctx context.Context, until calendar.Day) (day calendar.Day, ended bool, err error) {
	defer func() { err = closing(lacking(err), func() error { return l.dropHeld(context.WithoutCancel(ctx)) }) }()
	if len(l.from.Subscriptions) == 0 {
		return 0, false, evidence.Refusal{Reason: "there are no subscriptions", Need: "the book subscriptions"}
	}
	if _, err := l.spells(ctx, recurring.Question{Windows: []calendar.Period{{Start: until - 1, End: until}}}); err != nil {
		return 0, false, err
	}
	var first sql.NullString
	if err := l.e.one(ctx, "SELECT CAST(min(ended) AS VARCHAR) FROM spell WHERE ended < "+date(until), &first); err != nil || !first.Valid {
		return 0, false, err
	}
	day, err = calendar.ParseDay(first.String)
	return day, true, err
}

// agree makes the table contract, unless it is that of the same question already.
func (l *Ledger) agree(ctx context.Context, q equity.Question) (err error) {
	if l.agreed.made && l.agreed.q == q {
		return nil
	}
	defer func() { err = closing(lacking(err), func() error { return l.dropHeld(context.WithoutCancel(ctx)) }) }()
	a := agreed{q: q}
	var windows []calendar.Period
	for _, start := range []calendar.Day{q.Lead().Start, q.Cut, q.Opened} {
		windows = append(windows, calendar.Period{Start: start, End: q.Until})
	}
	r, err := l.spells(ctx, recurring.Question{Windows: windows})
	if err != nil {
		return err
	}
	if err := r.price(ctx); err != nil {
		return err
	}
	cuts, at := r.known(r.q.WindowCuts())
	for i, c := range r.q.WindowCuts() {
		column := ""
		if i >= at {
			column = fmt.Sprintf("c.a%d", i-at)
		}
		for _, of := range []struct {
			day calendar.Day
			to  *string
		}{{q.Lead().Start, &a.lead}, {q.Cut, &a.cut}, {q.Opened, &a.was}, {q.Until, &a.is}} {
			if of.day == c {
				*of.to = column
			}
		}
	}
	if a.cut == "" || a.was == "" {
		return evidence.Refusal{Reason: "an exchange rate is missing for the opening of the period or the cut of the hold-out", Need: "rates of these days, and of the ten before"}
	}
	query, err := question("contract_amounts.sql", map[string]any{"Cuts": cuts})
	if err != nil {
		return err
	}
	if err := l.e.exec(ctx, query); err != nil {
		return err
	}
	if err := l.contractOrigin(ctx); err != nil {
		return err
	}
	for _, of := range []struct {
		column string
		to     *[]string
	}{{"o.segment", &a.segments}, {"o.entity", &a.entities}} {
		query := fmt.Sprintf("SELECT coalesce(%s, '') AS name FROM contract c LEFT JOIN contract_origin o ON o.unit = c.unit WHERE %s IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %d", of.column, a.is, equity.MostNames)
		if err := l.e.each(ctx, query, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			*of.to = append(*of.to, name)
			return err
		}); err != nil {
			return err
		}
	}
	a.made = true
	l.agreed = a
	return nil
}

// contractOrigin makes the view contract_origin (unit, via, segment, entity) of customers. At the grain of entities, too, a contract is a customer's, and
// names no entity.
func (l *Ledger) contractOrigin(ctx context.Context) error {
	query := "SELECT unit, via, segment, entity FROM origin"
	if l.from.Grain == "entity" {
		query = "SELECT h.customer AS unit, min(o.via) AS via, min(o.segment) AS segment, CAST(NULL AS VARCHAR) AS entity FROM held_unit h JOIN origin o ON o.unit = h.unit GROUP BY 1"
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW contract_origin AS "+query)
}

// ContractFacts answers equity.ContractLedger.
func (l *Ledger) ContractFacts(ctx context.Context, q equity.Question) (f equity.ContractFacts, err error) {
	if err := l.agree(ctx, q); err != nil {
		return f, err
	}
	f.Segments, f.Entities = l.agreed.segments, l.agreed.entities
	if lead := l.agreed.lead; lead != "" {
		if err := l.e.one(ctx, fmt.Sprintf("SELECT CAST(coalesce(sum(%[1]s), 0) AS DOUBLE), CAST(coalesce(sum(%[2]s) FILTER (%[1]s IS NOT NULL), 0) AS DOUBLE) FROM contract c", lead, l.agreed.cut), &f.Lead, &f.Kept); err != nil {
			return f, err
		}
	}
	err = l.accruedEarned(ctx, q, &f)
	return f, err
}

// accruedEarned sums what accrued in the years up to the opening and the end, and its profit, by segment.
func (l *Ledger) accruedEarned(ctx context.Context, q equity.Question, f *equity.ContractFacts) error {
	l.audited = base.Windows{} // the views of lines are made anew
	accruals := *l
	accruals.from.Basis = "subscriptions"
	years := []calendar.Period{equity.Year(q.Opened), equity.Year(q.Until)}
	if err := accruals.prepare(ctx, years, growth.Net); err != nil {
		return lacking(err)
	}
	for i, y := range years {
		query := fmt.Sprintf(`SELECT %s AS segment, CAST(sum(amount) AS VARCHAR), CAST(coalesce(sum(amount) FILTER (profit IS NOT NULL), 0) AS VARCHAR), CAST(coalesce(sum(profit), 0) AS VARCHAR)
			FROM line h LEFT JOIN origin o ON o.unit = h.unit WHERE ordered_at >= %s AND ordered_at < %s GROUP BY 1 ORDER BY 1`, among("o.segment", f.Segments), date(y.Start), date(y.End))
		err := l.e.each(ctx, query, func(r *sql.Rows) error {
			var e equity.Earned
			var sums [3]string
			err := r.Scan(&e.Segment, &sums[0], &sums[1], &sums[2])
			e.Revenue, e.Known, e.Profit = amount(sums[0]), amount(sums[1]), amount(sums[2])
			f.Earned[i] = append(f.Earned[i], e)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Agreements answers equity.ContractLedger.
func (l *Ledger) Agreements(ctx context.Context, q equity.Question, visit func(equity.Agreement) error) error {
	if err := l.agree(ctx, q); err != nil {
		return err
	}
	quarters := q.Quarters()
	var parts []string
	for _, p := range quarters {
		parts = append(parts, date(p.End))
	}
	query, err := question("contract_agreements.sql", map[string]any{
		"Segment": among("o.segment", l.agreed.segments), "Entity": among("o.entity", l.agreed.entities), "Opened": l.agreed.was, "Cut": l.agreed.cut, "Is": l.agreed.is,
		"Parts": parts, "All": len(parts) + 1,
	})
	if err != nil {
		return err
	}
	return l.e.each(ctx, query, func(r *sql.Rows) error {
		var a equity.Agreement
		var began string
		err := r.Scan(&a.Months, &began, &a.Segment, &a.Entity, &a.Via, &a.Opened, &a.Runs, &a.Held, &a.Was, &a.Cut, &a.Is, &a.Together)
		if err != nil {
			return err
		}
		if a.Began, err = calendar.ParseDay(began); err != nil {
			return err
		}
		return visit(a)
	})
}

// Endings answers equity.ContractLedger.
func (l *Ledger) Endings(ctx context.Context, q equity.Question, visit func(equity.Ending) error) error {
	if err := l.agree(ctx, q); err != nil {
		return err
	}
	query, err := question("contract_endings.sql", map[string]any{"Until": date(q.Until)})
	if err != nil {
		return err
	}
	return l.e.each(ctx, query, func(r *sql.Rows) error {
		var e equity.Ending
		var began string
		err := r.Scan(&e.Months, &began, &e.Lost, &e.Together)
		if err != nil {
			return err
		}
		if e.Began, err = calendar.ParseDay(began); err != nil {
			return err
		}
		return visit(e)
	})
}
