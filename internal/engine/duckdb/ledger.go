package duckdb

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"math/big"
	"strings"
	"text/template"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/loyalty"
	"github.com/throughline/throughline/money"
)

//go:embed questions/*.sql
var questionFiles embed.FS

var questions = template.Must(template.ParseFS(questionFiles, "questions/*.sql"))

// Ledger answers the customer statement's questions over the parts of one
// snapshot.
type Ledger struct {
	e    *Engine
	from engine.Ledger
	has  map[string]map[string]bool // book → stored columns
	home string                     // reporting currency
	// units is set when a line's customer is not simply its own unit: links,
	// exclusions, or a coarser grain.
	units    bool
	foreign  bool // whether a line that was prepared is in another currency
	entities []string
	audited  base.Windows    // whose customers are in the table audited
	anyLine  bool            // any line is a purchase, of the lines that were prepared
	grown    grown           // of what the tables named and reach were made
	lived    lived           // of what the table history was made
	agreed   agreed          // of what the table contract was made
	attitude loyalty.Windows // of which the tables graded and stayed were made
}

var _ growth.Ledger = (*Ledger)(nil)

// Ledger opens the books of a snapshot for questions.
func (e *Engine) Ledger(ctx context.Context, from engine.Ledger) (*Ledger, error) {
	l := &Ledger{e: e, from: from, has: map[string]map[string]bool{}, home: string(from.Currency)}
	for book, parts := range map[string][]engine.Part{
		"orders": from.Orders, "customers": from.Customers, "customer_links": from.Links, "rates": from.Rates, "subscriptions": from.Subscriptions,
		"interactions": from.Interactions, "costs": from.Costs, "answers": from.Answers, "people": from.People, "trainings": from.Trainings,
		"remarks": from.Remarks, "measures": from.Measures,
	} {
		l.has[book] = map[string]bool{}
		if len(parts) == 0 {
			continue
		}
		columns, err := e.columns(ctx, parts[0].Path)
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			l.has[book][c.name] = true
		}
	}
	for _, step := range []func(context.Context) error{l.checkReturns, l.checkOrders, l.entityNames, l.customers, l.unitTable, l.origins} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *Ledger) checkReturns(context.Context) error {
	if l.from.ReturnsAtSale && len(l.from.Orders) > 0 && !(l.has["orders"]["line_id"] && l.has["orders"]["returns_line_id"]) {
		return &engine.Unanswerable{What: "returns_counted: at the sale needs to know which sale a return belongs to", Do: "map line_id and returns_line_id of orders, or set returns_counted: when returned", Kind: engine.ReturnsLost}
	}
	return nil
}

func paths(parts []engine.Part) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.Path
	}
	return out
}

// column reads a stored column, or NULL of the type where the mapping gave none.
func (l *Ledger) column(book, name, native string) string {
	if l.has[book][name] {
		return quoted(name)
	}
	return "CAST(NULL AS " + native + ") AS " + quoted(name)
}

// firstView makes first (unit, day) by what counts as a purchase: some rows a
// unit, of which the earliest counts.
func (l *Ledger) firstView(ctx context.Context, active growth.Active) error {
	day := "first_positive"
	if active == growth.AnyLine {
		day = "first_line"
	}
	unit, join, included := "CAST(x.customer_key AS BIGINT)", "", "TRUE"
	if l.units {
		unit, join, included = "coalesce(u.unit, CAST(x.customer_key AS BIGINT))", " LEFT JOIN unit u ON u.customer_key = x.customer_key", "u.excluded IS NULL"
	}
	counts := func(column string) string {
		if active == growth.AnyLine {
			return included
		}
		return included + " AND x." + column + " > 0"
	}
	var sources []string
	switch {
	case l.from.Basis == "subscriptions":
	case l.from.Grain == "entity" && len(l.from.Orders) > 0:
		sources = append(sources, fmt.Sprintf("SELECT %s AS unit, CAST(x.ordered_at AS DATE) AS day FROM (SELECT customer_key, ordered_at, amount, %s FROM read_parquet(%s, union_by_name = true)) x%s WHERE x.customer_key IS NOT NULL AND %s",
			l.entityUnit(unit, lineEntity), l.column("orders", "entity", "VARCHAR"), l.e.files(paths(l.from.Orders)), join, counts("amount")))
	case len(l.from.Firsts) > 0:
		sources = append(sources, fmt.Sprintf("SELECT %s AS unit, x.%s AS day FROM read_parquet(%s) x%s WHERE %s", unit, day, l.e.files(l.from.Firsts), join, included))
	}
	if l.from.Basis != "orders" && len(l.from.Subscriptions) > 0 {
		whole := unit
		if l.from.Grain == "entity" {
			whole = l.entityUnit(unit, "u.entity")
		}
		sources = append(sources, fmt.Sprintf("SELECT %s AS unit, x.started_on AS day FROM read_parquet(%s, union_by_name = true) x%s WHERE %s AND (%s)",
			whole, l.e.files(paths(l.from.Subscriptions)), join, counts("monthly_amount"), running("x", l.has["subscriptions"]["ended_on"])))
	}
	if len(sources) == 0 {
		sources = []string{"SELECT CAST(NULL AS BIGINT) AS unit, CAST(NULL AS DATE) AS day WHERE FALSE"}
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW first AS "+strings.Join(sources, " UNION ALL "))
}

// running is true of a subscription that lasted at least a day.
func running(alias string, ends bool) string {
	if !ends {
		return "TRUE"
	}
	return fmt.Sprintf("%[1]s.ended_on IS NULL OR %[1]s.ended_on > %[1]s.started_on", alias)
}

// Tally answers growth.Ledger.
func (l *Ledger) Tally(ctx context.Context, w growth.Windows, active growth.Active) ([]growth.Cell, money.Amount, error) {
	if err := l.prepare(ctx, spans(w), active); err != nil {
		return nil, money.Amount{}, err
	}
	query, err := question("tally.sql", bounds(w, active))
	if err != nil {
		return nil, money.Amount{}, err
	}
	var cells []growth.Cell
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var c growth.Cell
		var sums [5]string
		var squares [3]string
		if err := r.Scan(&c.State, &c.Origin.Via, &c.Origin.How, &c.Customers, &sums[0], &sums[1], &sums[2], &sums[3], &sums[4],
			&squares[0], &squares[1], &squares[2], &c.Undated); err != nil {
			return err
		}
		for i, into := range []*money.Amount{&c.Prior, &c.Current, &c.Contraction, &c.Expansion, &c.Kept} {
			*into = amount(sums[i])
		}
		c.Squares = squared(squares)
		cells = append(cells, c)
		return nil
	})
	if err != nil {
		return nil, money.Amount{}, err
	}
	exchange, err := l.exchange(ctx, w)
	return cells, exchange, err
}

// squared joins Σhigh², Σhigh·low and Σlow² of numbers high · 2⁴⁸ + low.
func squared(sums [3]string) *big.Int {
	total := new(big.Int)
	for i, shift := range []uint{96, 49, 0} {
		part, ok := new(big.Int).SetString(sums[i], 10)
		if !ok {
			panic("duckdb printed a sum that is no integer") // sums of integers are integers
		}
		total.Add(total, part.Lsh(part, shift))
	}
	return total
}

func spans(w growth.Windows) []calendar.Period { return []calendar.Period{w.Compared, w.Period} }

// amount reads an exact sum; sums of decimals print as decimals.
func amount(text string) money.Amount {
	m := micros(sixPlaces(text))
	return money.FromBig(m)
}

// sixPlaces pads a decimal to six places.
func sixPlaces(text string) string {
	whole, fraction, _ := strings.Cut(text, ".")
	return whole + "." + fraction + strings.Repeat("0", max(0, 6-len(fraction)))
}

// bounds are a question's dates and definitions.
func bounds(w growth.Windows, active growth.Active) map[string]any {
	return map[string]any{
		"QStart": date(w.Compared.Start), "QEnd": date(w.Compared.End), "PStart": date(w.Period.Start), "PEnd": date(w.Period.End),
		"AnyLine": active == growth.AnyLine,
	}
}

func question(name string, values map[string]any) (string, error) {
	var b bytes.Buffer
	err := questions.ExecuteTemplate(&b, name, values)
	return b.String(), err
}

func date(d calendar.Day) string { return "DATE '" + d.String() + "'" }

// Coverage answers growth.Ledger, except for refused rows, which never became
// lines.
func (l *Ledger) Coverage(ctx context.Context, w growth.Windows) (growth.Coverage, error) {
	var c growth.Coverage
	if err := l.prepare(ctx, spans(w), growth.Net); err != nil {
		return c, err
	}
	query, err := question("coverage.sql", bounds(w, growth.Net))
	if err != nil {
		return c, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var span, kind, sum string
		var n int64
		if err := r.Scan(&span, &kind, &n, &sum); err != nil {
			return err
		}
		add(&c, span, kind, n, amount(sum))
		return nil
	})
	return c, err
}

func add(c *growth.Coverage, span, kind string, n int64, sum money.Amount) {
	if span == "q" {
		if kind != "excluded" {
			c.PriorRevenue = c.PriorRevenue.Add(sum)
		}
		if kind == "identified" {
			c.PriorRevenueIdentified = sum
		}
		return
	}
	c.Lines += n
	c.Revenue = c.Revenue.Add(sum)
	switch kind {
	case "identified":
		c.LinesIdentified, c.RevenueIdentified = n, sum
	case "unidentified":
		c.LinesUnidentified, c.RevenueUnidentified = n, sum
	case "excluded":
		c.LinesExcluded, c.RevenueExcluded = n, sum
	}
}

// oneFirst tells whether first has one row a unit and no acquired_on may be
// earlier.
func (l *Ledger) oneFirst() bool {
	return len(l.from.Firsts) == 1 && !l.units && l.from.Grain != "entity" && l.from.Basis == "orders" && !l.has["customers"]["acquired_on"]
}

// place numbers the span that a time lies in; −1 is before the first.
func place(column string, spans []calendar.Period) string {
	if len(spans) == 0 {
		return "-1"
	}
	var b strings.Builder
	b.WriteString("CASE")
	for i := len(spans) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, " WHEN %s >= %s THEN %d", column, date(spans[i].Start), i)
	}
	b.WriteString(" ELSE -1 END")
	return b.String()
}
