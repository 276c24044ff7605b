package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/profit"
)

var _ profit.Ledger = (*Ledger)(nil)

// Costs answers profit.Ledger. What says the same of itself is summed before it
// is converted.
func (l *Ledger) Costs(ctx context.Context, named func(string) (calendar.Period, error)) ([]profit.Cost, error) {
	if len(l.from.Costs) == 0 {
		return nil, nil
	}
	query := fmt.Sprintf(`SELECT period, department, kind, coalesce(touchpoint, ''), coalesce(currency, ''), CAST(sum(amount) AS VARCHAR), count(*)
		FROM (SELECT period, department, kind, amount, %s, %s FROM read_parquet(%s, union_by_name = true)) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
		l.column("costs", "touchpoint", "VARCHAR"), l.column("costs", "currency", "VARCHAR"), l.e.files(paths(l.from.Costs)))
	var out []profit.Cost
	var currencies []string
	err := l.e.each(ctx, query, func(r *sql.Rows) error {
		var c profit.Cost
		var currency, sum string
		if err := r.Scan(&c.Named, &c.Department, &c.Kind, &c.Touchpoint, &currency, &sum, &c.Rows); err != nil {
			return err
		}
		c.Amount = amount(sum)
		var err error
		if c.Period, err = named(c.Named); err != nil {
			c.Period, c.Fault = calendar.Period{}, err.Error()
		}
		out, currencies = append(out, c), append(currencies, currency)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, currency := range currencies {
		if currency == "" || currency == l.home || out[i].Fault != "" {
			continue
		}
		if err := l.convertCost(ctx, &out[i], currency); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// convertCost brings a cost home at the rate of the last day of its period that
// has one; a rate of the days before the period serves as it does for lines.
func (l *Ledger) convertCost(ctx context.Context, c *profit.Cost, currency string) error {
	if err := l.rates(ctx); err != nil {
		return err
	}
	last := c.Period.End - 1
	var rate sql.NullString
	query := fmt.Sprintf("SELECT CAST(max_by(rate, day) AS VARCHAR) FROM rate WHERE currency = %s AND day <= %s AND day >= %s",
		literal(currency), date(last), date(min(c.Period.Start, last-maxRateAge)))
	if err := l.e.one(ctx, query, &rate); err != nil {
		return err
	}
	if !rate.Valid {
		c.Fault = fmt.Sprintf("those in %s of %s have no rate to %s in the rates book", currency, c.Named, l.home)
		return nil
	}
	r, ok := new(big.Rat).SetString(rate.String)
	if !ok {
		return fmt.Errorf("a rate of %s is %q", currency, rate.String)
	}
	c.Amount = roundToMicros(r.Mul(r, c.Amount.Rat()))
	return nil
}

// GrossProfit answers profit.Ledger.
func (l *Ledger) GrossProfit(ctx context.Context, p calendar.Period) ([]profit.Known, error) {
	if err := l.prepare(ctx, []calendar.Period{p}, growth.Net); err != nil {
		return nil, err
	}
	query, err := question("gross_profit.sql", within1(p))
	if err != nil {
		return nil, err
	}
	var out []profit.Known
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var k profit.Known
		var sums [3]string
		if err := r.Scan(&k.By, &k.Lines, &sums[0], &sums[1], &sums[2]); err != nil {
			return err
		}
		k.Revenue, k.Profit, k.Sizes = amount(sums[0]), amount(sums[1]), amount(sums[2])
		out = append(out, k)
		return nil
	})
	return out, err
}

// within1 are a question's bounds where it asks of one period.
func within1(p calendar.Period) map[string]any {
	return map[string]any{"Start": date(p.Start), "End": date(p.End)}
}

// over is the period from the first span to the last.
func over(spans []calendar.Period) calendar.Period {
	return calendar.Period{Start: spans[0].Start, End: spans[len(spans)-1].End}
}

// contacts makes the view of interactions: contact (unit, who, touchpoint,
// started_at, seconds).
func (l *Ledger) contacts(ctx context.Context, spans []calendar.Period) error {
	source := "SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS VARCHAR) AS touchpoint, CAST(NULL AS TIMESTAMP) AS started_at, CAST(NULL AS DECIMAL(18,6)) AS handle_seconds WHERE FALSE"
	if parts := within(l.from.Interactions, spans, false); len(parts) > 0 {
		source = fmt.Sprintf("SELECT %s, touchpoint, started_at, %s FROM read_parquet(%s, union_by_name = true)",
			l.column("interactions", "customer_key", "INTEGER"), l.column("interactions", "handle_seconds", "DECIMAL(18,6)"), l.e.files(paths(parts)))
	}
	unit, join, excluded := "CAST(x.customer_key AS BIGINT)", "", ""
	if l.units {
		unit, join = "coalesce(u.unit, CAST(x.customer_key AS BIGINT))", " LEFT JOIN unit u ON u.customer_key = x.customer_key"
		excluded = "WHEN u.excluded IS NOT NULL THEN 'excluded' "
	}
	return l.e.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP VIEW contact AS SELECT %s AS unit, CASE WHEN x.customer_key IS NULL THEN 'unidentified' %sELSE 'identified' END AS who,
		x.touchpoint, x.started_at, x.handle_seconds AS seconds FROM (%s) x%s`, unit, excluded, source, join))
}

// Contacts answers profit.Ledger.
func (l *Ledger) Contacts(ctx context.Context, spans []calendar.Period) (profit.Contacts, error) {
	out := profit.Contacts{Served: map[string]int64{}}
	if err := l.contacts(ctx, spans); err != nil {
		return out, err
	}
	values := within1(over(spans))
	values["Span"] = place("started_at", spans)
	query, err := question("contacts.sql", values)
	if err != nil {
		return out, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var c profit.Contact
		var seconds string
		if err := r.Scan(&c.Touchpoint, &c.Span, &c.Who, &c.Contacts, &c.Timed, &seconds); err != nil {
			return err
		}
		c.Seconds = whole(seconds)
		out.Cells = append(out.Cells, c)
		return nil
	})
	if err != nil {
		return out, err
	}
	if query, err = question("served.sql", values); err != nil {
		return out, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var name string
		var n int64
		err := r.Scan(&name, &n)
		out.Served[name] = n
		return err
	})
	return out, err
}

// whole reads a sum of integers.
func whole(text string) *big.Int {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic("duckdb printed a sum that is no integer") // sums of integers are integers
	}
	return n
}

// Ranking answers profit.Ledger.
func (l *Ledger) Ranking(ctx context.Context, q profit.Question) ([]profit.Hundredth, error) {
	if err := l.prepare(ctx, []calendar.Period{q.Period}, growth.Net); err != nil {
		return nil, err
	}
	if err := l.contacts(ctx, q.Spans); err != nil {
		return nil, err
	}
	if err := l.prices(ctx, q.Prices); err != nil {
		return nil, err
	}
	values := within1(q.Period)
	values["Span"], values["Scale"] = place("started_at", q.Spans), "1"+strings.Repeat("0", q.Scale)
	query, err := question("ranking.sql", values)
	if err != nil {
		return nil, err
	}
	var out []profit.Hundredth
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var h profit.Hundredth
		var sums [2]string
		var units [5]string
		if err := r.Scan(&h.Place, &h.Customers, &sums[0], &sums[1], &units[0], &units[1], &units[2], &h.Gaining, &units[3], &h.Losing, &units[4]); err != nil {
			return err
		}
		h.Revenue, h.Gross = amount(sums[0]), amount(sums[1])
		h.Profit, h.Least, h.Most, h.Gains, h.Losses = whole(units[0]), whole(units[1]), whole(units[2]), whole(units[3]), whole(units[4])
		out = append(out, h)
		return nil
	})
	return out, err
}

// prices makes the small table of what a unit cost: price (touchpoint, span,
// per_contact, per_microsecond).
func (l *Ledger) prices(ctx context.Context, prices []profit.Price) error {
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE price (touchpoint VARCHAR, span INTEGER, per_contact HUGEINT, per_microsecond HUGEINT)"); err != nil {
		return err
	}
	const most = 500 // rows of one statement
	for from := 0; from < len(prices); from += most {
		var rows []string
		for _, p := range prices[from:min(from+most, len(prices))] {
			rows = append(rows, fmt.Sprintf("(%s, %d, CAST('%s' AS HUGEINT), CAST('%s' AS HUGEINT))", literal(p.Touchpoint), p.Span, p.PerContact, p.PerMicrosec))
		}
		if err := l.e.exec(ctx, "INSERT INTO price VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// Acquired answers profit.Ledger.
func (l *Ledger) Acquired(ctx context.Context, spans []calendar.Period, anyLine bool) ([]profit.Cohort, error) {
	if err := l.prepare(ctx, spans, active(anyLine)); err != nil {
		return nil, err
	}
	values := within1(over(spans))
	values["AnyLine"], values["First"] = anyLine, place("day", spans)
	ends := make([]string, len(spans))
	for i, s := range spans {
		ends[i] = date(s.End)
	}
	values["Ends"] = ends
	query, err := question("acquired.sql", values)
	if err != nil {
		return nil, err
	}
	var out []profit.Cohort
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		c := profit.Cohort{}
		texts := make([]string, 4*len(spans))
		into := []any{&c.First, &c.Via, &c.Customers}
		for i := range texts {
			into = append(into, &texts[i])
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		for m := range spans {
			c.Sums = append(c.Sums, amount(texts[4*m]))
			c.Squares = append(c.Squares, squared([3]string(texts[4*m+1:4*m+4])))
		}
		out = append(out, c)
		return nil
	})
	return out, err
}
