package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/pricing"
)

var _ pricing.Ledger = (*Ledger)(nil)

// Demand answers pricing.Ledger.
func (l *Ledger) Demand(ctx context.Context, w pricing.Window) (d pricing.Demand, err error) {
	own, back, err := l.asCustomers(ctx)
	if err != nil {
		return d, err
	}
	defer func() { err = closing(err, back) }()
	values := own.ordersOf(w)
	query, err := question("pricing_products.sql", values)
	if err != nil {
		return d, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var p pricing.Product
		var sum string
		if err := r.Scan(&p.Name, &sum); err != nil {
			return err
		}
		if p.Revenue = amount(sum); len(d.Products) < pricing.MostProducts {
			d.Products = append(d.Products, p)
			return nil
		}
		d.Rest.Products++
		d.Rest.Revenue = d.Rest.Revenue.Add(p.Revenue)
		return nil
	})
	if err != nil || len(d.Products) == 0 {
		return d, err
	}
	if err := own.bought(ctx, values, d.Names()); err != nil {
		return d, err
	}
	if d.Cells, err = own.boughtCells(ctx); err != nil {
		return d, err
	}
	d.Prices, err = own.listPrices(ctx, values)
	return d, err
}

func (l *Ledger) boughtCells(ctx context.Context) (out []pricing.Cell, err error) {
	query, err := question("pricing_cells.sql", nil)
	if err != nil {
		return nil, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var c pricing.Cell
		var sum string
		err := r.Scan(&c.Product, &c.Entry, &c.Month, &c.Buyers, &sum)
		if err == nil {
			c.Quantity = amount(sum)
			out = append(out, c)
		}
		return err
	})
	return out, err
}

func (l *Ledger) listPrices(ctx context.Context, values map[string]any) (out []pricing.Price, err error) {
	query, err := question("pricing_prices.sql", values)
	if err != nil {
		return nil, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var p pricing.Price
		var price string
		err := r.Scan(&p.Product, &p.Month, &price, &p.Lines, &p.At)
		if err == nil {
			p.Price = amount(price)
			out = append(out, p)
		}
		return err
	})
	return out, err
}

// ordersOf are a question's lines of a window.
func (l *Ledger) ordersOf(w pricing.Window) map[string]any {
	period := calendar.Period{Start: w.Start.First(), End: w.End.First()}
	from := "SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS TIMESTAMP) AS ordered_at, CAST(NULL AS DECIMAL(18,6)) AS amount, CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS VARCHAR) AS product, CAST(NULL AS DECIMAL(18,6)) AS quantity, CAST(NULL AS DECIMAL(18,6)) AS list_price WHERE FALSE"
	if parts := within(l.from.Orders, []calendar.Period{period}, false); len(parts) > 0 {
		from = "SELECT " + join([]string{
			l.column("orders", "customer_key", "INTEGER"), "ordered_at", "amount", l.column("orders", "currency", "VARCHAR"), l.column("orders", "product", "VARCHAR"),
			l.column("orders", "quantity", "DECIMAL(18,6)"), l.column("orders", "list_price", "DECIMAL(18,6)"),
		}) + " FROM read_parquet(" + l.e.files(paths(parts)) + ", union_by_name = true) WHERE " + inSpans("ordered_at", []calendar.Period{period})
	}
	return map[string]any{"Orders": from, "Home": "(o.currency IS NULL OR o.currency = " + literal(l.home) + ")"}
}

// bought makes the table bought (unit, place, month, quantity) of the products by their place.
func (l *Ledger) bought(ctx context.Context, values map[string]any, products []string) error {
	rows := make([]string, len(products))
	for i, name := range products {
		rows[i] = fmt.Sprintf("(%s, %d)", literal(name), i)
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE wanted AS SELECT * FROM (VALUES "+strings.Join(rows, ", ")+") x(product, place)"); err != nil {
		return err
	}
	query, err := question("pricing_bought.sql", values)
	if err != nil {
		return err
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE bought AS "+query)
}

// Served answers pricing.Ledger.
func (l *Ledger) Served(ctx context.Context, w pricing.Watch, products []string) (s pricing.Served, err error) {
	s.Known = map[string]bool{
		"resolved": l.has["interactions"]["customer_key"] && l.has["interactions"]["resolved"],
		"nps":      l.has["answers"]["customer_key"] && l.has["answers"]["score"],
	}
	if len(products) == 0 || !s.Known["resolved"] && !s.Known["nps"] {
		return s, nil
	}
	own, back, err := l.asCustomers(ctx)
	if err != nil {
		return s, err
	}
	defer func() { err = closing(err, back) }()
	if err := own.bought(ctx, own.ordersOf(pricing.Window{Start: w.Since(), End: w.End}), products); err != nil {
		return s, err
	}
	since := []calendar.Period{{Start: w.Since().First(), End: w.Start.First()}}
	query, err := question("pricing_served.sql", map[string]any{
		"Interactions": own.rowsOf(within(l.from.Interactions, since, false), s.Known["resolved"], "SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS TIMESTAMP) AS started_at, CAST(NULL AS BOOLEAN) AS resolved WHERE FALSE"),
		"Answers":      own.rowsOf(within(l.from.Answers, since, false), s.Known["nps"], "SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS TIMESTAMP) AS answered_at, CAST(NULL AS VARCHAR) AS question, CAST(NULL AS DECIMAL(18,6)) AS score WHERE FALSE"),
		"Since":        date(since[0].Start), "Start": date(since[0].End),
		"SinceMonth": int(w.Since()), "StartMonth": int(w.Start), "EndMonth": int(w.End),
	})
	if err != nil {
		return s, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var c pricing.ServedCell
		var sum string
		if err := r.Scan(&c.Measure, &c.Product, &c.Well, &c.Month, &c.Buyers, &sum); err != nil {
			return err
		}
		if c.Month == 0 {
			s.Groups = append(s.Groups, pricing.Group{Measure: c.Measure, Product: c.Product, Well: c.Well, Customers: c.Buyers})
			return nil
		}
		c.Quantity = amount(sum)
		s.Cells = append(s.Cells, c)
		return nil
	})
	return s, err
}

// rowsOf reads the parts of a book, or none where it lacks a column.
func (l *Ledger) rowsOf(parts []engine.Part, known bool, none string) string {
	if !known || len(parts) == 0 {
		return none
	}
	return "SELECT * FROM read_parquet(" + l.e.files(paths(parts)) + ", union_by_name = true)"
}
