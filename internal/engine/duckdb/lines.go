package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"strings"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// maxRateAge is for how many days a rate serves: markets close at weekends
// and holidays, and the day's rate is then the last one known.
const maxRateAge = 10

// prepare makes the views that the questions read, over the parts that the
// spans need: raw_line, every_line, line and first.
func (l *Ledger) prepare(ctx context.Context, spans []calendar.Period, active growth.Active) error {
	l.foreign, l.audited, l.anyLine = false, base.Windows{}, active == growth.AnyLine
	sources, err := l.lineSources(ctx, spans)
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		sources = []string{"SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS TIMESTAMP) AS ordered_at, CAST(NULL AS DECIMAL(18,6)) AS amount, CAST(NULL AS VARCHAR) AS entity, CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS DECIMAL(18,6)) AS native, " + noDetail + " WHERE FALSE"}
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW raw_line AS "+strings.Join(sources, " UNION ALL ")); err != nil {
		return err
	}
	unit, join, excluded, kind := "CAST(x.customer_key AS BIGINT)", "", "", "'identified'"
	if l.units {
		unit, join = "coalesce(u.unit, CAST(x.customer_key AS BIGINT))", " LEFT JOIN unit u ON u.customer_key = x.customer_key"
		excluded, kind = " AND u.excluded IS NULL", "CASE WHEN u.excluded IS NOT NULL THEN 'excluded' ELSE 'identified' END"
	}
	entity := "x.entity"
	if l.from.Grain == "entity" {
		entity = lineEntity
		unit = l.entityUnit(unit, entity)
	}
	profit, by, known := l.profit(unit)
	for _, view := range []string{
		"line AS SELECT " + unit + " AS unit, x.ordered_at, x.amount, " + entity + " AS entity, x.purchase, x.bought, x.product, " + profit + " AS profit, " + by + " AS known_by FROM raw_line x" + join + known + " WHERE x.customer_key IS NOT NULL" + excluded,
		"every_line AS SELECT CASE WHEN x.customer_key IS NULL THEN 'unidentified' ELSE " + kind + " END AS kind, x.ordered_at, x.amount FROM raw_line x" + join,
	} {
		if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW "+view); err != nil {
			return err
		}
	}
	return l.firstView(ctx, active)
}

// lineSources are the queries that give lines, converted to the statement's
// currency.
func (l *Ledger) lineSources(ctx context.Context, spans []calendar.Period) ([]string, error) {
	var sources []string
	if l.from.Basis != "subscriptions" {
		parts := within(l.from.Orders, spans, l.from.ReturnsAtSale)
		if len(parts) > 0 {
			query, err := l.orderLines(ctx, parts, spans)
			if err != nil {
				return nil, err
			}
			sources = append(sources, query)
		}
	}
	if l.from.Basis != "orders" && len(l.from.Subscriptions) > 0 {
		query, err := l.accruals(ctx, spans)
		if err != nil {
			return nil, err
		}
		sources = append(sources, query)
	}
	return sources, nil
}

// within leaves out the months that no span needs. A return may come long
// after the sale on whose day it counts.
func within(parts []engine.Part, spans []calendar.Period, returns bool) []engine.Part {
	var out []engine.Part
	for _, p := range parts {
		for _, s := range spans {
			if p.First < s.End && p.Last >= s.Start || returns && p.Last >= s.Start {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

func (l *Ledger) orderLines(ctx context.Context, parts []engine.Part, spans []calendar.Period) (string, error) {
	from := "read_parquet(" + l.e.files(paths(parts)) + ", union_by_name = true)"
	kept := join([]string{
		l.column("orders", "customer_key", "INTEGER"), "ordered_at", "amount", l.column("orders", "currency", "VARCHAR"), l.column("orders", "entity", "VARCHAR"),
		l.column("orders", "cost", "DECIMAL(18,6)"), l.column("orders", "product", "VARCHAR"), l.column("orders", "order_id", "VARCHAR"), l.column("orders", "quantity", "DECIMAL(18,6)"),
	})
	query := "SELECT " + kept + " FROM " + from
	if l.from.ReturnsAtSale {
		// The day of the sale, which may lie in any month.
		query = fmt.Sprintf(`SELECT l.customer_key, coalesce(s.ordered_at, l.ordered_at) AS ordered_at, l.amount, l.currency, l.entity, l.cost, l.product, l.order_id, l.quantity
			FROM (SELECT %s, returns_line_id FROM %s) l
			LEFT JOIN (SELECT line_id, min(ordered_at) AS ordered_at FROM read_parquet(%s, union_by_name = true) WHERE line_id IS NOT NULL GROUP BY 1) s ON s.line_id = l.returns_line_id`,
			kept, from, l.e.files(paths(l.from.Orders)))
	}
	// An order by its day is of the day that counts, so it is told last.
	query = "SELECT customer_key, ordered_at, amount, currency, entity, cost, product, " + l.purchases() + " FROM (" + query + ")"
	return l.converted(ctx, "orders", query, spans)
}

// converted brings lines (customer_key, ordered_at, amount, currency, entity,
// cost, product, purchase, bought) into the statement's currency at each day's
// rate, and keeps their own amount as native. A line without a currency is in
// the statement's own.
func (l *Ledger) converted(ctx context.Context, book, query string, spans []calendar.Period) (string, error) {
	plain := "SELECT customer_key, ordered_at, amount, entity, CAST(NULL AS VARCHAR) AS currency, amount AS native, cost, product, purchase, bought FROM (" + query + ")"
	if !l.has[book]["currency"] {
		return plain, nil
	}
	foreign := "SELECT count(*) FROM (" + query + ") WHERE currency <> " + literal(l.home) + " AND (" + inSpans("ordered_at", spans) + ")"
	var n int64
	if err := l.e.one(ctx, foreign, &n); err != nil {
		return "", err
	}
	if n == 0 {
		return plain, nil
	}
	l.foreign = true
	if err := l.ratesByDay(ctx); err != nil {
		return "", err
	}
	rated := "SELECT l.*, r.rate FROM (" + query + ") l LEFT JOIN rate_on r ON r.currency = l.currency AND r.day = CAST(l.ordered_at AS DATE)"
	if err := l.checkRates(ctx, book, rated, spans); err != nil {
		return "", err
	}
	at := func(column string) string {
		return fmt.Sprintf("CASE WHEN c.currency IS NULL OR c.currency = %s THEN c.%s ELSE CAST(round(CAST(c.%[2]s AS DECIMAL(38,6)) * c.rate, 6) AS DECIMAL(38,6)) END", literal(l.home), column)
	}
	return fmt.Sprintf("SELECT c.customer_key, c.ordered_at, %s AS amount, c.entity, c.currency, c.amount AS native, %s AS cost, c.product, c.purchase, c.bought FROM (%s) c", at("amount"), at("cost"), rated), nil
}

func inSpans(column string, spans []calendar.Period) string {
	terms := make([]string, len(spans))
	for i, s := range spans {
		terms[i] = fmt.Sprintf("(%s >= %s AND %s < %s)", column, date(s.Start), column, date(s.End))
	}
	return strings.Join(terms, " OR ")
}

// rates makes the view of rates into the statement's currency.
func (l *Ledger) rates(ctx context.Context) error {
	query := "SELECT CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS DATE) AS day, CAST(NULL AS DECIMAL(18,10)) AS rate WHERE FALSE"
	if len(l.from.Rates) > 0 {
		query = `SELECT "from" AS currency, "date" AS day, rate FROM read_parquet(` + l.e.files(paths(l.from.Rates)) + `, union_by_name = true) WHERE "to" = ` + literal(l.home)
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW rate AS "+query)
}

// ratesByDay makes the view of rates and rate_on (currency, day, rate): for each day the rate that serves on it. With the days written out, a
// line finds its rate by its hash; to look for the last rate before it (ASOF) would sort every line.
func (l *Ledger) ratesByDay(ctx context.Context) error {
	if err := l.rates(ctx); err != nil {
		return err
	}
	return l.e.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE rate_on AS
		SELECT currency, CAST(unnest(generate_series(day, least(next - 1, day + %d), INTERVAL 1 DAY)) AS DATE) AS day, rate
		FROM (SELECT *, coalesce(lead(day) OVER (PARTITION BY currency ORDER BY day), DATE '9999-12-31') AS next FROM rate)`, maxRateAge))
}

// checkRates refuses when a line of the spans has no rate.
func (l *Ledger) checkRates(ctx context.Context, book, rated string, spans []calendar.Period) error {
	var problems []string
	query := fmt.Sprintf(`SELECT currency, count(*), CAST(min(ordered_at) AS DATE)::VARCHAR FROM (%s)
		WHERE currency <> %s AND rate IS NULL AND (%s) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3`, rated, literal(l.home), inSpans("ordered_at", spans))
	err := l.e.each(ctx, query, func(r *sql.Rows) error {
		var currency, first string
		var n int64
		err := r.Scan(&currency, &n, &first)
		problems = append(problems, fmt.Sprintf("%d in %s, the first of %s", n, currency, first))
		return err
	})
	if err != nil || len(problems) == 0 {
		return err
	}
	return &engine.Unanswerable{
		What: fmt.Sprintf("%s: lines in another currency have no rate to %s: %s", book, l.home, strings.Join(problems, "; ")),
		Do:   fmt.Sprintf("add those days to the rates book (date, from, to, rate); the last rate serves for %d days", maxRateAge),
		Kind: engine.NoRates,
	}
}

// exchange is R1 less R1 at the comparison period's average rates, over the
// lines that prepare has set up. A currency without a rate in that period
// contributes nothing.
func (l *Ledger) exchange(ctx context.Context, w growth.Windows) (money.Amount, error) {
	if !l.foreign {
		return money.Amount{}, nil
	}
	join, excluded := "", ""
	if l.units {
		join, excluded = " LEFT JOIN unit u ON u.customer_key = x.customer_key", " AND u.excluded IS NULL"
	}
	query := fmt.Sprintf(`SELECT CAST(sum(x.native) AS VARCHAR), CAST(sum(x.amount) AS VARCHAR), CAST(any_value(q.total) AS VARCHAR), any_value(q.days)
		FROM raw_line x JOIN (SELECT currency, sum(rate) AS total, count(*) AS days FROM rate WHERE day >= %s AND day < %s GROUP BY 1) q ON q.currency = x.currency%s
		WHERE x.currency <> %s AND x.customer_key IS NOT NULL AND x.ordered_at >= %s AND x.ordered_at < %s%s GROUP BY x.currency ORDER BY x.currency`,
		date(w.Compared.Start), date(w.Compared.End), join, literal(l.home), date(w.Period.Start), date(w.Period.End), excluded)
	total := new(big.Rat)
	err := l.e.each(ctx, query, func(r *sql.Rows) error {
		var native, converted, rates string
		var days int64
		if err := r.Scan(&native, &converted, &rates, &days); err != nil {
			return err
		}
		average, ok := new(big.Rat).SetString(rates)
		if !ok {
			return fmt.Errorf("rates sum to %q", rates)
		}
		average.Quo(average, new(big.Rat).SetInt64(days))
		total.Add(total, amount(converted).Rat())
		total.Sub(total, average.Mul(average, amount(native).Rat()))
		return nil
	})
	return roundToMicros(total), err
}

// roundToMicros rounds half away from zero to six places.
func roundToMicros(x *big.Rat) money.Amount {
	scaled := new(big.Rat).Mul(x, big.NewRat(2_000_000, 1))
	half := big.NewInt(1)
	if x.Sign() < 0 {
		half = big.NewInt(-1)
	}
	// round(x) = trunc((2x + sign) / 2)
	num := new(big.Int).Add(scaled.Num(), new(big.Int).Mul(half, scaled.Denom()))
	return money.FromBig(num.Quo(num, new(big.Int).Mul(scaled.Denom(), big.NewInt(2))))
}

// accruals are subscriptions as lines: the monthly amount accrues by day. The
// line of a stretch within one month is the difference of two rounded running
// sums, so that a whole month comes to the monthly amount exactly, however it
// is cut. In another currency every day is a line of its own, at its own rate.
func (l *Ledger) accruals(ctx context.Context, spans []calendar.Period) (string, error) {
	if l.from.Basis == "both" && len(l.from.Orders) > 0 {
		if err := l.checkBoth(ctx); err != nil {
			return "", err
		}
	}
	// A row of a subscription holds until it ends or the next row begins.
	end := "coalesce(lead(started_on) OVER (PARTITION BY subscription_id ORDER BY started_on), DATE '9999-12-31')"
	if l.has["subscriptions"]["ended_on"] {
		end = "least(ended_on, " + end + ")"
	}
	var stretches []string
	for _, s := range spans {
		stretches = append(stretches, fmt.Sprintf("(%s, %s)", date(s.Start), date(s.End)))
	}
	// daily: whether a stretch is one day.
	query := fmt.Sprintf(`WITH span (a, b) AS (VALUES %s),
		held AS (SELECT customer_key, monthly_amount, %s, %s, started_on, %s AS ended_on FROM read_parquet(%s, union_by_name = true)),
		cut AS (SELECT h.*, greatest(h.started_on, s.a) AS a, least(h.ended_on, s.b) AS b FROM held h, span s WHERE h.started_on < s.b AND h.ended_on > s.a),
		month AS (SELECT *, unnest(generate_series(date_trunc('month', a), date_trunc('month', b - 1), INTERVAL 1 MONTH)) AS m FROM cut WHERE a < b),
		piece AS (SELECT customer_key, monthly_amount, currency, plan, CAST(m AS DATE) AS m, datediff('day', CAST(m AS DATE), CAST(m + INTERVAL 1 MONTH AS DATE)) AS days,
			greatest(a, CAST(m AS DATE)) AS a, least(b, CAST(m + INTERVAL 1 MONTH AS DATE)) AS b FROM month),
		step AS (
			SELECT * FROM piece WHERE currency IS NULL OR currency = %s
			UNION ALL
			SELECT customer_key, monthly_amount, currency, plan, m, days, CAST(d AS DATE) AS a, CAST(d AS DATE) + 1 AS b
			FROM (SELECT *, unnest(generate_series(a, b - 1, INTERVAL 1 DAY)) AS d FROM piece WHERE currency <> %s))
		SELECT customer_key, CAST(a AS TIMESTAMP) AS ordered_at,
			CAST(CAST(%s - %s AS DECIMAL(24,0)) * CAST(0.000001 AS DECIMAL(7,6)) AS DECIMAL(18,6)) AS amount,
			currency, CAST(NULL AS VARCHAR) AS entity, CAST(NULL AS DECIMAL(18,6)) AS cost, plan AS product,
			CAST(NULL AS VARCHAR) AS purchase, CAST(NULL AS DECIMAL(18,6)) AS bought FROM step`,
		strings.Join(stretches, ", "), l.column("subscriptions", "currency", "VARCHAR"), l.column("subscriptions", "plan", "VARCHAR"), end, l.e.files(paths(l.from.Subscriptions)), literal(l.home), literal(l.home),
		accrued("b"), accrued("a"))
	return l.converted(ctx, "subscriptions", query, spans)
}

// accrued is what has accrued from the month's first day up to a day, in
// millionths, rounded half away from zero by whole numbers alone.
func accrued(upTo string) string { return accruedWithin("m", "days", upTo) }

// accruedWithin is the same of any month and its number of days.
func accruedWithin(month, days, upTo string) string {
	return fmt.Sprintf("(CASE WHEN monthly_amount < 0 THEN -1 ELSE 1 END) * ((2 * abs(CAST(CAST(monthly_amount AS DECIMAL(38,6)) * 1000000 AS HUGEINT)) * datediff('day', %[1]s, %[3]s) + %[2]s) // (2 * %[2]s))", month, days, upTo)
}

// checkBoth refuses a customer who has the same product in orders and in
// subscriptions: it would count twice.
func (l *Ledger) checkBoth(ctx context.Context) error {
	if !l.has["orders"]["product"] || !l.has["subscriptions"]["plan"] {
		return &engine.Unanswerable{
			What: "statement_basis: both cannot tell whether a product counts twice",
			Do:   "map product of orders and plan of subscriptions, or set statement_basis to one of them",
			Kind: engine.BothUntold,
		}
	}
	var product, id sql.NullString
	var n int64
	query := fmt.Sprintf(`SELECT count(*), min(o.product), min(k.id) FROM (SELECT DISTINCT coalesce(k.new_key, customer_key) AS customer_key, product FROM read_parquet(%s, union_by_name = true) LEFT JOIN link k ON k.old_key = customer_key) o
		JOIN (SELECT DISTINCT coalesce(k.new_key, customer_key) AS customer_key, plan FROM read_parquet(%s, union_by_name = true) LEFT JOIN link k ON k.old_key = customer_key) s ON s.customer_key = o.customer_key AND s.plan = o.product
		JOIN read_parquet(%s) k ON k.key = o.customer_key`, l.e.files(paths(l.from.Orders)), l.e.files(paths(l.from.Subscriptions)), l.e.files(l.from.Keys))
	if err := l.e.one(ctx, query, &n, &product, &id); err != nil {
		return err
	}
	if n > 0 {
		return &engine.Unanswerable{
			What: fmt.Sprintf("%d customers have the same product in orders and in subscriptions (%s has %q in both); it would count twice", n, id.String, product.String),
			Do:   "leave the subscription invoices out of orders with `where`, or set statement_basis to one of them",
			Kind: engine.CountingTwice,
		}
	}
	return nil
}
