package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
)

var _ base.Ledger = (*Ledger)(nil)

// active is what makes a customer active, in growth's words.
func active(anyLine bool) growth.Active {
	if anyLine {
		return growth.AnyLine
	}
	return growth.Net
}

// checkOrders refuses to count orders by a quantity that is not there, or is
// no number of orders.
func (l *Ledger) checkOrders(ctx context.Context) error {
	if l.from.OrdersCounted != "by quantity" || len(l.from.Orders) == 0 {
		return nil
	}
	if l.has["orders"]["quantity"] {
		var n int64
		var example sql.NullString
		query := "SELECT count(*), CAST(min(quantity) AS VARCHAR) FROM read_parquet(" + l.e.files(paths(l.from.Orders)) + ", union_by_name = true) WHERE quantity < 0 OR quantity <> floor(quantity)"
		if err := l.e.one(ctx, query, &n, &example); err != nil || n == 0 {
			return err
		}
		return &engine.Unanswerable{
			What: fmt.Sprintf("orders_counted: by quantity needs whole numbers of orders, and %d lines have others, such as %s", n, example.String),
			Do:   "map quantity of orders to how many orders a line stands for, or count orders by order id or by day", Kind: engine.OrdersUncounted,
		}
	}
	return &engine.Unanswerable{What: "orders_counted: by quantity needs the quantity of each line", Do: "map quantity of orders, or count orders by order id or by day", Kind: engine.OrdersUncounted}
}

// audit prepares lines and the table audited, unless they are those of the
// same windows already.
func (l *Ledger) audit(ctx context.Context, w base.Windows) error {
	if l.audited == w {
		return nil
	}
	l.audited = base.Windows{}
	both := growth.Windows{Period: w.Period, Compared: w.Compared}
	if err := l.prepare(ctx, spans(both), active(w.AnyLine)); err != nil {
		return err
	}
	values := bounds(both, active(w.AnyLine))
	values["Own"] = true // spent, from which placed.sql goes on
	query, err := question("audited.sql", values)
	if err != nil {
		return err
	}
	if err := l.e.exec(ctx, query); err != nil {
		return err
	}
	l.audited = w
	return nil
}

// ask audits the windows and asks a question of them.
func (l *Ledger) ask(ctx context.Context, w base.Windows, name string, values map[string]any, visit func(*sql.Rows) error) error {
	if err := l.audit(ctx, w); err != nil {
		return err
	}
	for key, value := range bounds(growth.Windows{Period: w.Period, Compared: w.Compared}, active(w.AnyLine)) {
		values[key] = value
	}
	query, err := question(name, values)
	if err != nil {
		return err
	}
	return l.e.each(ctx, query, visit)
}

// columnOf are the columns of audited by measure: the value, and the decile.
var columnOf = map[base.Measure][2]string{base.Spend: {"r", "s"}, base.Orders: {"n", "o"}, base.Profit: {"g", "p"}}

// measured are a window's values of a measure, for a question's template.
type measured struct {
	Window                        int
	Measure                       base.Measure
	Value, Rank, Place, Then, Now string
}

func measures() []measured {
	var out []measured
	for _, w := range []base.Window{base.Compared, base.Current} {
		for _, m := range base.Measures {
			c := columnOf[m]
			v := measured{Window: int(w), Measure: m, Value: fmt.Sprint(c[0], int(w)), Rank: fmt.Sprint(c[1], int(w))}
			v.Place = bandOf(m, v.Value)
			out = append(out, v)
		}
	}
	return out
}

// bandOf is base.Place in SQL.
func bandOf(m base.Measure, value string) string {
	if m == base.Orders {
		return fmt.Sprintf("least(%s, %d)", value, base.MostOrders())
	}
	edges := base.Edges()
	var b strings.Builder
	b.WriteString("CASE WHEN " + value + " = 0 THEN 0 ELSE sign(" + value + ") * CASE")
	for i, edge := range edges {
		fmt.Fprintf(&b, " WHEN abs(%s) < %d THEN %d", value, edge, i+1)
	}
	fmt.Fprintf(&b, " ELSE %d END END", len(edges)+1)
	return b.String()
}

// scanSums reads customers, orders, revenue, profit and unknown.
func scanSums(r *sql.Rows, s *base.Sums, before []any, after ...any) error {
	var revenue, profit string
	into := append(before, &s.Customers, &s.Orders, &revenue, &profit, &s.Unknown)
	if err := r.Scan(append(into, after...)...); err != nil {
		return err
	}
	s.Revenue, s.Profit = amount(revenue), amount(profit)
	return nil
}

// Bands answers base.Ledger.
func (l *Ledger) Bands(ctx context.Context, w base.Windows) ([]base.Band, error) {
	var out []base.Band
	err := l.ask(ctx, w, "base_bands.sql", map[string]any{"Values": measures()}, func(r *sql.Rows) error {
		var b base.Band
		err := scanSums(r, &b.Sums, []any{&b.Window, &b.Measure, &b.Index})
		out = append(out, b)
		return err
	})
	return out, err
}

// Deciles answers base.Ledger.
func (l *Ledger) Deciles(ctx context.Context, w base.Windows) ([]base.Decile, error) {
	var out []base.Decile
	err := l.ask(ctx, w, "base_deciles.sql", map[string]any{"Values": measures()}, func(r *sql.Rows) error {
		var d base.Decile
		var least, most string
		if err := scanSums(r, &d.Sums, []any{&d.Window, &d.Measure, &d.Rank}, &least, &most); err != nil {
			return err
		}
		d.Least, d.Most = amount(least), amount(most)
		out = append(out, d)
		return nil
	})
	return out, err
}

// Moves answers base.Ledger.
func (l *Ledger) Moves(ctx context.Context, w base.Windows) ([]base.Move, error) {
	var ranks []measured
	for _, m := range base.Measures {
		ranks = append(ranks, measured{Measure: m, Then: columnOf[m][1] + "0", Now: columnOf[m][1] + "1"})
	}
	var out []base.Move
	err := l.ask(ctx, w, "base_moves.sql", map[string]any{"Ranks": ranks}, func(r *sql.Rows) error {
		var m base.Move
		var prior, current string
		if err := r.Scan(&m.Measure, &m.From, &m.To, &m.Customers, &prior, &current); err != nil {
			return err
		}
		m.Prior, m.Current = amount(prior), amount(current)
		out = append(out, m)
		return nil
	})
	return out, err
}

// dimensions are those that the books know as what is known of a customer, and
// whether entities are those of lines.
func (l *Ledger) dimensions() (of []map[string]string, byLine bool) {
	byLine = l.from.Basis != "subscriptions" && l.has["orders"]["entity"]
	for _, d := range base.Dimensions {
		column, stored := "o."+string(d), string(d)
		if d == base.Acquisition {
			column, stored = "nullif(o.via, 'unknown')", "acquired_via"
		}
		if l.has["customers"][stored] && !(d == base.Entity && byLine) {
			of = append(of, map[string]string{"Name": string(d), "Column": column})
		}
	}
	return of, byLine
}

// Groups answers base.Ledger.
func (l *Ledger) Groups(ctx context.Context, w base.Windows) ([]base.Group, error) {
	of, byLine := l.dimensions()
	if len(of) == 0 && !byLine {
		return nil, nil
	}
	var out []base.Group
	err := l.ask(ctx, w, "base_groups.sql", map[string]any{"Dimensions": of, "ByLine": byLine}, func(r *sql.Rows) error {
		var g base.Group
		var sums [7]string
		if err := r.Scan(&g.Dimension, &g.Name, &g.Opening, &g.Retained, &g.Closing, &g.New,
			&g.Was.Orders, &sums[0], &sums[1], &g.Was.Unknown, &g.Is.Orders, &sums[2], &sums[3], &g.Is.Unknown, &sums[4], &sums[5], &sums[6]); err != nil {
			return err
		}
		g.ByLine = byLine && g.Dimension == base.Entity
		g.Was.Customers, g.Is.Customers = g.Opening, g.Closing
		g.Was.Revenue, g.Was.Profit, g.Is.Revenue, g.Is.Profit = amount(sums[0]), amount(sums[1]), amount(sums[2]), amount(sums[3])
		g.Base, g.Net, g.Kept = amount(sums[4]), amount(sums[5]), amount(sums[6])
		out = append(out, g)
		return nil
	})
	return out, err
}

// Cohorts answers base.Ledger.
//
// A unit without a purchase and without acquired_on (only returns) is in no
// cohort.
func (l *Ledger) Cohorts(ctx context.Context, c base.Cut) ([]base.Cell, error) {
	if len(c.Spans) == 0 {
		return nil, nil
	}
	if err := l.prepare(ctx, c.Spans, active(c.AnyLine)); err != nil {
		return nil, err
	}
	ends := make([]string, len(c.Spans))
	for i, s := range c.Spans {
		ends[i] = date(s.End)
	}
	last := c.Spans[len(c.Spans)-1]
	of, byLine := l.asked(c.Groups)
	query, err := question("cohorts.sql", map[string]any{
		"AnyLine": c.AnyLine, "Span": place("ordered_at", c.Spans), "Start": date(c.Spans[0].Start), "End": date(last.End), "Within": inSpans("ordered_at", c.Spans),
		"Ends": "[" + join(ends) + "]", "First": place("day", c.Firsts), "OneFirst": l.oneFirst(), "Dimensions": of, "ByLine": byLine,
	})
	if err != nil {
		return nil, err
	}
	var cells []base.Cell
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var c base.Cell
		err := scanSums(r, &c.Sums, []any{&c.First, &c.Span, &c.Dimension, &c.Group})
		cells = append(cells, c)
		return err
	})
	return cells, err
}

// asked are the dimensions whose groups are asked for: each with what places a
// customer among the names, and the place among the entities of lines, which is
// empty where no groups of lines are asked for.
func (l *Ledger) asked(groups map[base.Dimension][]string) (of []map[string]string, byLine string) {
	known, lines := l.dimensions()
	for _, d := range known {
		if names := groups[base.Dimension(d["Name"])]; len(names) > 0 {
			of = append(of, map[string]string{"Name": d["Name"], "Place": among(d["Column"], names)})
		}
	}
	if names := groups[base.Entity]; lines && len(names) > 0 {
		byLine = among("entity", names)
	}
	return of, byLine
}

// among is the place of a column's value among names, or base.Rest; of none,
// that of the empty name.
func among(column string, names []string) string {
	if len(names) == 0 {
		return fmt.Sprint(base.Rest)
	}
	var b strings.Builder
	b.WriteString("CASE coalesce(" + column + ", '')")
	for i, name := range names {
		fmt.Fprintf(&b, " WHEN %s THEN %d", literal(name), i)
	}
	fmt.Fprintf(&b, " ELSE %d END", base.Rest)
	return b.String()
}
