package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/recurring"
)

// maxPlans is how many plans have lines of their own; the others are one.
const maxPlans = 40

// Recurring answers recurring.Ledger. The book is read once into a table of
// rows with their neighbours, which the questions are then asked of.
func (l *Ledger) Recurring(ctx context.Context, q recurring.Question) (t recurring.Tally, err error) {
	if len(l.from.Subscriptions) == 0 {
		return t, &recurring.Lack{Reason: "there are no subscriptions", Need: "the book subscriptions"}
	}
	defer func() {
		err = closing(err, func() error { return l.dropHeld(context.WithoutCancel(ctx)) })
	}()
	r := &recurrence{l: l, q: q, t: &t}
	for _, step := range []func(context.Context) error{r.number, r.hold, r.price, r.cells, r.turns, r.stocks, r.kept, r.planMoves, r.planStocks, r.billed} {
		if err := step(ctx); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (l *Ledger) dropHeld(ctx context.Context) error {
	for _, query := range []string{"DROP VIEW IF EXISTS event", "DROP VIEW IF EXISTS priced", "DROP TABLE IF EXISTS changed_day", "DROP TABLE IF EXISTS held", "DROP TABLE IF EXISTS folded", "DROP TABLE IF EXISTS plan_number", "DROP TABLE IF EXISTS day_rate", "DROP TABLE IF EXISTS cut_rate"} {
		if err := l.e.exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// recurrence is one question while it is answered.
type recurrence struct {
	l     *Ledger
	q     recurring.Question
	t     *recurring.Tally
	plans []string // by number, from 1
}

// hold makes held of the book.
func (r *recurrence) hold(ctx context.Context) error {
	l := r.l
	unit, join, excluded := "CAST(x.customer_key AS BIGINT)", "", "FALSE"
	if l.units {
		unit, join = "coalesce(u.unit, CAST(x.customer_key AS BIGINT))", " LEFT JOIN unit u ON u.customer_key = x.customer_key"
		excluded = "u.excluded IS NOT NULL"
	}
	columns := make([]string, 0, 6)
	for _, c := range [][2]string{{"ended_on", "DATE"}, {"plan", "VARCHAR"}, {"currency", "VARCHAR"}, {"end_reason", "VARCHAR"}, {"billed", "VARCHAR"}, {"billed_amount", "DECIMAL(18,6)"}} {
		columns = append(columns, l.column("subscriptions", c[0], c[1]))
	}
	if err := r.fold(ctx); err != nil {
		return err
	}
	query, err := question("recurring_held.sql", map[string]any{
		"Unit": unit, "Join": join, "Excluded": excluded, "Home": literal(l.home), "Columns": strings.Join(columns, ", "),
		"Files": l.e.files(paths(l.from.Subscriptions)), "Until": date(r.q.Until()), "Rest": maxPlans + 1,
	})
	if err != nil {
		return err
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE held AS "+query); err != nil {
		return err
	}
	var rows int64
	if err := l.e.one(ctx, "SELECT count(*), count(*) FILTER (cut_short), count(currency) > 0 FROM held", &rows, &r.t.CutShort, &r.t.Foreign); err != nil {
		return err
	}
	if rows == 0 {
		return &recurring.Lack{Reason: "no subscription had begun before " + r.q.Until().String(), Need: "a later period, or subscriptions that began earlier"}
	}
	return nil
}

// fold makes folded (given, reason): each reason that somebody gave, once, because its patterns cost more than all else of a row.
func (r *recurrence) fold(ctx context.Context) error {
	l := r.l
	return l.e.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE folded AS SELECT given, %s AS reason FROM (SELECT DISTINCT coalesce(end_reason, '') AS given FROM (SELECT %s FROM read_parquet(%s, union_by_name = true)))",
		foldedReason("given"), l.column("subscriptions", "end_reason", "VARCHAR"), l.e.files(paths(l.from.Subscriptions))))
}

// foldedReason is recurring.Fold of a column, by the same patterns.
func foldedReason(column string) string {
	finds := func(text, pattern string) string {
		return fmt.Sprintf("regexp_matches(%s, %s)", text, literal(pattern))
	}
	given := "lower(coalesce(" + column + ", ''))"
	affirmed := fmt.Sprintf("regexp_replace(%s, %s, %s, 'g')", given, literal(recurring.Negated), literal(recurring.Instead))
	var b strings.Builder
	fmt.Fprintf(&b, "(CASE WHEN NOT %s THEN '%s'", finds(given, recurring.Written), recurring.NotGiven)
	for _, f := range recurring.Words {
		found := finds(affirmed, recurring.Pattern(f.Words))
		if len(f.Denied) > 0 {
			found += " OR " + finds(given, recurring.Pattern(f.Denied))
		}
		fmt.Fprintf(&b, " WHEN %s THEN '%s'", found, f.Reason)
	}
	fmt.Fprintf(&b, " ELSE '%s' END)", recurring.Other)
	return b.String()
}

// number gives the plans their numbers, those with the most rows that did not
// end before the windows first, and names the largest.
func (r *recurrence) number(ctx context.Context) error {
	l := r.l
	rows := "SELECT started_on, " + l.column("subscriptions", "plan", "VARCHAR") + ", " + l.column("subscriptions", "ended_on", "DATE") + " FROM read_parquet(" + l.e.files(paths(l.from.Subscriptions)) + ", union_by_name = true)"
	if err := l.e.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE plan_number AS SELECT plan, CAST(row_number() OVER (ORDER BY n DESC, plan) AS INTEGER) AS no
		FROM (SELECT plan, count(*) FILTER (ended_on IS NULL OR ended_on >= %s) AS n FROM (%s) WHERE plan IS NOT NULL AND started_on < %s GROUP BY 1)`,
		date(r.q.WindowCuts()[0]), rows, date(r.q.Until()))); err != nil {
		return err
	}
	return l.e.each(ctx, fmt.Sprintf("SELECT plan FROM plan_number WHERE no <= %d ORDER BY no", maxPlans), func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		r.plans = append(r.plans, name)
		return err
	})
}

// plan is the plan of a number.
func (r *recurrence) plan(no int) (name string, rest bool) {
	switch {
	case no == 0:
		return "", false
	case no > len(r.plans):
		return "", true
	}
	return r.plans[no-1], false
}

// price makes priced and event: held in the statement's currency.
func (r *recurrence) price(ctx context.Context) error {
	columns, from := "h.*, ", "held h"
	r.t.From = r.q.Cuts()[0]
	if r.t.Foreign {
		if err := r.dayRates(ctx); err != nil {
			return err
		}
		columns += converted("h.amount", "h.currency", "s.rate") + " AS start_home, " + converted("h.before_amount", "h.before_currency", "b.rate") + " AS before_home, " +
			converted("h.amount", "h.currency", "e.rate") + " AS end_home, c.* EXCLUDE (currency)"
		from += ` LEFT JOIN day_rate s ON s.currency = h.currency AND s.day = h.started_on LEFT JOIN day_rate b ON b.currency = h.before_currency AND b.day = h.started_on
			LEFT JOIN day_rate e ON e.currency = h.currency AND e.day = h.ended_on LEFT JOIN cut_rate c ON c.currency = h.currency`
	} else {
		columns += "h.amount AS start_home, h.before_amount AS before_home, h.amount AS end_home"
	}
	if err := r.l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW priced AS SELECT "+columns+" FROM "+from); err != nil {
		return err
	}
	if r.t.Foreign {
		if err := r.unrated(ctx); err != nil {
			return err
		}
	}
	event, err := question("recurring_event.sql", map[string]any{"Until": date(r.q.Until()), "From": date(r.t.From)})
	if err != nil {
		return err
	}
	return r.l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW event AS "+event)
}

// converted is an amount in the statement's currency, rounded as lines are.
func converted(amount, currency, rate string) string {
	return fmt.Sprintf("CASE WHEN %s IS NULL THEN CAST(%s AS DECIMAL(38,6)) ELSE CAST(round(CAST(%s AS DECIMAL(38,6)) * %s, 6) AS DECIMAL(38,6)) END", currency, amount, amount, rate)
}

// dayRates makes day_rate (currency, day, rate), for every day that the
// question needs, and cut_rate (currency, r0, r1, …), for the days before the
// cuts. A rate serves for maxRateAge days.
func (r *recurrence) dayRates(ctx context.Context) error {
	l := r.l
	if err := l.rates(ctx); err != nil {
		return err
	}
	cuts := r.q.Cuts()
	if err := l.e.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE day_rate AS
		SELECT d.currency, d.day, CASE WHEN r.day >= d.day - %d THEN r.rate END AS rate
		FROM (SELECT currency, CAST(unnest(generate_series(%s - 1, %s - 1, INTERVAL 1 DAY)) AS DATE) AS day
			FROM (SELECT DISTINCT currency FROM held WHERE currency IS NOT NULL)) d
		ASOF LEFT JOIN rate r ON r.currency = d.currency AND d.day >= r.day`, maxRateAge, date(cuts[0]), date(r.q.Until()))); err != nil {
		return err
	}
	columns := make([]string, len(cuts))
	for i, c := range cuts {
		columns[i] = fmt.Sprintf("max(rate) FILTER (day = %s - 1) AS r%d", date(c), i)
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE cut_rate AS SELECT currency, "+strings.Join(columns, ", ")+" FROM day_rate GROUP BY 1")
}

// unrated moves From behind the last day of which a rate is missing, and
// refuses when no window is left.
func (r *recurrence) unrated(ctx context.Context) error {
	cuts, until := r.q.Cuts(), r.q.Until()
	var needs []string
	for _, need := range [][3]string{{"started_on", "currency", "start_home"}, {"started_on", "before_currency", "before_home"}, {"ended_on", "currency", "end_home"}} {
		on := ""
		if need[1] == "before_currency" {
			on = " AND joined"
		}
		needs = append(needs, fmt.Sprintf("SELECT %[2]s AS currency, max(%[1]s) AS day FROM priced WHERE %[2]s IS NOT NULL AND %[3]s IS NULL AND %[1]s >= %[4]s AND %[1]s < %[5]s%[6]s GROUP BY 1", need[0], need[1], need[2], date(cuts[0]), date(until), on))
	}
	for i, c := range cuts {
		needs = append(needs, fmt.Sprintf("SELECT currency, %[2]s - 1 AS day FROM priced WHERE currency IS NOT NULL AND r%[1]d IS NULL AND started_on < %[2]s AND ended_on >= %[2]s GROUP BY 1", i, date(c)))
	}
	var currency, last sql.NullString
	if err := r.l.e.one(ctx, "SELECT arg_max(currency, (day, currency)), CAST(max(day) AS DATE)::VARCHAR FROM ("+strings.Join(needs, " UNION ALL ")+")", &currency, &last); err != nil {
		return err
	}
	if !last.Valid {
		return nil
	}
	day, err := calendar.ParseDay(last.String)
	if err != nil {
		return err
	}
	for _, w := range r.q.Windows {
		for _, c := range cuts {
			if c-1 > day && c <= w.Start {
				r.t.From = c
				return nil
			}
		}
	}
	return &recurring.Lack{Reason: fmt.Sprintf("subscriptions in %s have no rate to %s on %s", currency.String, r.l.home, day), Need: fmt.Sprintf("that day in the rates book; the last rate serves for %d days", maxRateAge)}
}

// cut is a cut as the questions read it: the day, and what an amount is there.
type cut struct{ Day, Home string }

func (r *recurrence) cut(c calendar.Day) cut {
	home := "CAST(amount AS DECIMAL(38,6))"
	if r.t.Foreign {
		for i, day := range r.q.Cuts() {
			if day == c {
				home = converted("amount", "currency", fmt.Sprintf("r%d", i))
			}
		}
	}
	return cut{date(c), home}
}

// known are the cuts from which the answer holds; at is the place of the
// first among all.
func (r *recurrence) known(cuts []calendar.Day) (known []cut, at int) {
	for i, c := range cuts {
		if c < r.t.From {
			at = i + 1
			continue
		}
		known = append(known, r.cut(c))
	}
	return known, at
}

// spanOf numbers the span between cuts that a day lies in.
func spanOf(column string, cuts []calendar.Day) string {
	spans := make([]calendar.Period, len(cuts)-1)
	for i := range spans {
		spans[i] = calendar.Period{Start: cuts[i], End: cuts[i+1]}
	}
	return place(column, spans)
}

func (r *recurrence) ask(ctx context.Context, name string, values map[string]any, scan func(*sql.Rows) error) error {
	query, err := question(name, values)
	if err != nil {
		return err
	}
	return r.l.e.each(ctx, query, scan)
}

// otherAt is the place of recurring.Other among the reasons.
const otherAt = 2

func (r *recurrence) cells(ctx context.Context) error {
	values := map[string]any{"Span": spanOf("day", r.q.Cuts()), "From": date(r.t.From), "Reasons": recurring.Reasons[:], "OtherAt": otherAt}
	days, err := question("recurring_days.sql", values)
	if err != nil {
		return err
	}
	if err := r.l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE changed_day AS "+days); err != nil {
		return err
	}
	return r.ask(ctx, "recurring_cells.sql", values, func(rows *sql.Rows) error {
		var c recurring.Cell
		var reason int
		var sums [13]string
		into := []any{&c.Span, &c.State, &c.Swapped, &c.Resumed, &reason, &c.Days}
		for i := range sums {
			into = append(into, &sums[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if reason < len(recurring.Reasons) {
			c.Reason = recurring.Reasons[reason]
		}
		for i, a := range []*money.Amount{&c.PlanUp, &c.PlanDown, &c.PriceUp, &c.PriceDown, &c.Up, &c.Down, &c.Began, &c.Back, &c.Paused, &c.Ended[0], &c.Ended[1], &c.Ended[2], &c.Ended[3]} {
			*a = amount(sums[i])
		}
		r.t.Cells = append(r.t.Cells, c)
		return nil
	})
}

func (r *recurrence) turns(ctx context.Context) error {
	return r.ask(ctx, "recurring_turns.sql", map[string]any{"Span": spanOf("day", r.q.Cuts()), "From": date(r.t.From)}, func(rows *sql.Rows) error {
		var t recurring.Turns
		err := rows.Scan(&t.Span, &t.Began, &t.Resumed, &t.Paused, &t.Ended)
		r.t.Turns = append(r.t.Turns, t)
		return err
	})
}

func (r *recurrence) stocks(ctx context.Context) error {
	cuts, at := r.known(r.q.Cuts())
	first := "-1"
	if n := len(r.q.Path); n > 0 {
		first = fmt.Sprintf("CASE WHEN first_on >= %s THEN -1 ELSE %s END", date(r.q.Path[n-1].End), place("first_on", r.q.Path))
	}
	return r.ask(ctx, "recurring_stocks.sql", map[string]any{"First": first, "Cuts": cuts}, func(rows *sql.Rows) error {
		stocks, sums := make([]recurring.Stock, len(cuts)), make([]string, len(cuts))
		var first int
		into := []any{&first}
		for i := range stocks {
			into = append(into, &stocks[i].Subscriptions, &sums[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, s := range stocks {
			s.Cut, s.First, s.MRR = at+i, first, amount(sums[i])
			r.t.Stocks = append(r.t.Stocks, s)
		}
		return nil
	})
}

func (r *recurrence) kept(ctx context.Context) error {
	all := r.q.WindowCuts()
	cuts, at := r.known(all)
	var windows, places []int
	for i, w := range r.q.Windows {
		for j, c := range all {
			if c == w.Start && j >= at {
				windows, places = append(windows, i), append(places, j-at)
			}
		}
	}
	return r.ask(ctx, "recurring_kept.sql", map[string]any{"Cuts": cuts, "Last": len(cuts) - 1, "Windows": places}, func(rows *sql.Rows) error {
		held, sums := make([]recurring.Held, len(windows)), make([][3]string, len(windows))
		var into []any
		for i := range held {
			held[i].Window = windows[i]
			into = append(into, &held[i].Opening, &held[i].Retained, &held[i].Closing, &sums[i][0], &sums[i][1], &sums[i][2])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i := range held {
			held[i].Base, held[i].Net, held[i].Gross = amount(sums[i][0]), amount(sums[i][1]), amount(sums[i][2])
		}
		r.t.Held = held
		return nil
	})
}

func (r *recurrence) planMoves(ctx context.Context) error {
	cuts := r.q.WindowCuts()
	from := max(cuts[0], r.t.From)
	return r.ask(ctx, "recurring_plans.sql", map[string]any{"Span": spanOf("day", cuts), "From": date(from)}, func(rows *sql.Rows) error {
		var p recurring.Plan
		var no int
		var sums [7]string
		if err := rows.Scan(&no, &p.Span, &sums[0], &sums[1], &sums[2], &sums[3], &sums[4], &sums[5], &sums[6], &p.SubscriptionsBegan, &p.SubscriptionsEnded); err != nil {
			return err
		}
		p.Name, p.Rest = r.plan(no)
		for i, a := range []*money.Amount{&p.Began, &p.Back, &p.Came, &p.Went, &p.Price, &p.Paused, &p.Ended} {
			*a = amount(sums[i])
		}
		r.t.Plans = append(r.t.Plans, p)
		return nil
	})
}

func (r *recurrence) planStocks(ctx context.Context) error {
	cuts, at := r.known(r.q.WindowCuts())
	return r.ask(ctx, "recurring_plan_stocks.sql", map[string]any{"Cuts": cuts}, func(rows *sql.Rows) error {
		stocks, sums := make([]recurring.PlanStock, len(cuts)), make([]string, len(cuts))
		var no int
		into := []any{&no}
		for i := range stocks {
			into = append(into, &stocks[i].Customers, &stocks[i].Subscriptions, &sums[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, s := range stocks {
			s.Cut, s.MRR = at+i, amount(sums[i])
			s.Name, s.Rest = r.plan(no)
			r.t.PlanStocks = append(r.t.PlanStocks, s)
		}
		return nil
	})
}

func (r *recurrence) billed(ctx context.Context) error {
	rate, bill, accrued := "1", "bill", "accrued"
	if r.t.Foreign {
		cuts := r.q.Cuts()
		rate = fmt.Sprintf("CASE WHEN currency IS NULL THEN 1 ELSE r%d END", len(cuts)-1)
		bill, accrued = "CAST(round(CAST(bill AS DECIMAL(38,6)) * rate, 6) AS DECIMAL(38,6))", "CAST(round(accrued * rate, 6) AS DECIMAL(38,6))"
	}
	values := map[string]any{"Until": date(r.q.Until()), "Rate": rate, "Bill": bill, "Accrued": accrued, "AccruedA": accruedOn("am", "a"), "AccruedB": accruedOn("bm", "b")}
	return r.ask(ctx, "recurring_billed.sql", values, func(rows *sql.Rows) error {
		var b recurring.Billed
		var bill, accrued string
		if err := rows.Scan(&b.Every, &b.Subscriptions, &b.BelowZero, &bill, &accrued); err != nil {
			return err
		}
		if b.Every == "" {
			r.t.Unbilled = b.Subscriptions
			return nil
		}
		b.Amount, b.Accrued = amount(bill), amount(accrued)
		r.t.Billed = append(r.t.Billed, b)
		return nil
	})
}

// accruedOn is what has accrued within a month up to a day of it.
func accruedOn(month, day string) string {
	days := fmt.Sprintf("datediff('day', %[1]s, CAST(%[1]s + INTERVAL 1 MONTH AS DATE))", month)
	return "CAST(CAST(" + accruedWithin(month, days, day) + " AS DECIMAL(24,0)) * CAST(0.000001 AS DECIMAL(7,6)) AS DECIMAL(38,6))"
}
