package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// parting numbers the touchpoints and brands of a question, so that rows are grouped by one number.
type parting struct {
	q           journey.Question
	touchpoints []string // "" first: where a name leads nowhere
	brands      []string // the rest first
}

// parting makes the tables place (name, from, until, touchpoint) and branded (unit, brand) of a question.
func (l *Ledger) parting(ctx context.Context, q journey.Question) (parting, error) {
	p := parting{q: q, touchpoints: []string{""}, brands: []string{q.Rest}}
	number := func(list *[]string, name string) int {
		i := slices.Index(*list, name)
		if i < 0 {
			i = len(*list)
			*list = append(*list, name)
		}
		return i
	}
	var rows []string
	known := map[string]int{"": 0}
	for _, s := range oneADay(q.Places) {
		i, ok := known[s.Touchpoint]
		if !ok {
			i = len(p.touchpoints)
			known[s.Touchpoint], p.touchpoints = i, append(p.touchpoints, s.Touchpoint)
		}
		rows = append(rows, fmt.Sprintf("(%s, %s, %s, %d)", literal(s.Name), date(*s.From), date(*s.Until), i))
	}
	if err := l.e.small(ctx, "place", `"name" VARCHAR, "from" DATE, "until" DATE, "touchpoint" INTEGER`, rows); err != nil {
		return p, err
	}
	rows = nil
	for _, entity := range slices.Sorted(maps.Keys(q.Entities)) {
		if i := number(&p.brands, q.Entities[entity]); i > 0 {
			rows = append(rows, fmt.Sprintf("(%s, %d)", literal(journey.Fold(entity)), i))
		}
	}
	if err := l.e.small(ctx, "entity_brand", "entity VARCHAR, brand INTEGER", rows); err != nil {
		return p, err
	}
	held := "SELECT unit, entity FROM origin WHERE entity IS NOT NULL"
	switch {
	case len(rows) == 0:
		held = "SELECT CAST(NULL AS BIGINT) AS unit, '' AS entity WHERE FALSE"
	case l.from.Grain == "entity": // whether or not the customer has bought anything
		unit, _, _ := l.whose()
		held += " UNION ALL SELECT " + unit + ", u.entity FROM unit u JOIN unit x ON u.customer_key = x.customer_key WHERE u.entity IS NOT NULL AND u.excluded IS NULL"
	}
	return p, l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE branded AS SELECT h.unit, any_value(b.brand) AS brand FROM ("+held+") h JOIN entity_brand b ON b.entity = "+foldedSQL("h.entity")+" GROUP BY h.unit")
}

// The days between which names lead anywhere.
var firstDay, lastDay = calendar.DayOf(1, 1, 1), calendar.DayOf(9999, 12, 31)

// oneADay cuts the days of each name so that it leads to one touchpoint on a day: the first of the list, where several claim it.
func oneADay(places []journey.Place) []journey.Place {
	by := map[string][]journey.Place{}
	for _, p := range places {
		from, until := firstDay, lastDay
		if p.From != nil {
			from = max(from, *p.From)
		}
		if p.Until != nil {
			until = min(until, *p.Until)
		}
		if from < until {
			by[p.Name] = append(by[p.Name], journey.Place{Name: p.Name, From: &from, Until: &until, Touchpoint: p.Touchpoint})
		}
	}
	var out []journey.Place
	for _, name := range slices.Sorted(maps.Keys(by)) {
		var turns []calendar.Day
		for _, p := range by[name] {
			turns = append(turns, *p.From, *p.Until)
		}
		slices.Sort(turns)
		turns = slices.Compact(turns)
		for i := range len(turns) - 1 {
			at := slices.IndexFunc(by[name], func(p journey.Place) bool { return *p.From <= turns[i] && turns[i] < *p.Until })
			if at >= 0 {
				out = append(out, journey.Place{Name: name, From: &turns[i], Until: &turns[i+1], Touchpoint: by[name][at].Touchpoint})
			}
		}
	}
	return out
}

// small makes a table of a few rows.
func (e *Engine) small(ctx context.Context, name, columns string, rows []string) error {
	if err := e.exec(ctx, "CREATE OR REPLACE TEMP TABLE "+name+" ("+columns+")"); err != nil {
		return err
	}
	for some := range slices.Chunk(rows, 500) {
		if err := e.exec(ctx, "INSERT INTO "+name+" VALUES "+strings.Join(some, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// blanks is what Go calls white space.
const blanks = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

// foldedSQL is journey.Fold of a column.
func foldedSQL(column string) string { return "lower(trim(" + column + ", " + literal(blanks) + "))" }

// whose is the unit of a row x, what joins it, and the condition that it is not excluded. At the grain of entities a row without an
// entity of its own is of the customer's.
func (l *Ledger) whose() (unit, join, included string) {
	unit, join, included = l.unitOf()
	if l.from.Grain == "entity" {
		unit = l.entityUnit(unit, "u.entity")
	}
	return unit, join, included
}

// of leads a number back.
func (p parting) of(part int) journey.Part {
	return journey.Part{Span: part / len(p.brands) / len(p.touchpoints), Touchpoint: p.touchpoints[part/len(p.brands)%len(p.touchpoints)], Brand: p.brands[part%len(p.brands)]}
}

// column is one of a book that may not be there, with the type of its values.
type column struct{ name, native string }

// during is a query of a book's rows in each span: span, moment, and columns. Books and columns that are not there give none.
func (l *Ledger) during(book, time string, parts []engine.Part, spans []calendar.Period, columns []column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = l.column(book, c.name, c.native)
	}
	var queries []string
	for i, s := range spans {
		if held := within(parts, []calendar.Period{s}, false); len(held) > 0 {
			queries = append(queries, fmt.Sprintf("SELECT %d AS span, CAST(%s AS TIMESTAMP) AS moment, %s FROM read_parquet(%s, union_by_name = true) WHERE %[2]s >= %[5]s AND %[2]s < %[6]s",
				i, quoted(time), join(list), l.e.files(paths(held)), date(s.Start), date(s.End)))
		}
	}
	if len(queries) == 0 {
		for i, c := range columns {
			list[i] = "CAST(NULL AS " + c.native + ") AS " + quoted(c.name)
		}
		return "SELECT 0 AS span, CAST(NULL AS TIMESTAMP) AS moment, " + join(list) + " WHERE FALSE"
	}
	return strings.Join(queries, " UNION ALL ")
}

// lead makes the table led (name, from, until, touchpoint) of the names as a query (…, touchpoint) writes them, so that they are folded
// once and not row by row.
func (l *Ledger) lead(ctx context.Context, query string) error {
	return l.e.exec(ctx, `CREATE OR REPLACE TEMP TABLE led AS SELECT n.name, p."from", p."until", p.touchpoint
		FROM (SELECT DISTINCT touchpoint AS name FROM (`+query+`) WHERE touchpoint IS NOT NULL) n JOIN place p ON p.name = `+foldedSQL("n.name"))
}

// leads joins where a row x of a query with moments leads to.
const leads = ` LEFT JOIN led p ON p.name = x.touchpoint AND x.moment >= p."from" AND x.moment < p."until"`

// partedRows is a query of rows (unit, part, moment, and columns) of a query with their parts, without the excluded.
func (l *Ledger) partedRows(p parting, query string, columns []string) string {
	unit, join, included := l.whose()
	part := fmt.Sprintf("(x.span * %d + coalesce(p.touchpoint, 0)) * %d", len(p.touchpoints), len(p.brands))
	if len(p.brands) > 1 {
		part += " + coalesce(b.brand, 0)"
		join += " LEFT JOIN branded b ON b.unit = " + unit
	}
	return fmt.Sprintf("SELECT %s AS unit, %s AS part, x.moment, %s FROM (%s) x%s%s WHERE TRUE%s",
		unit, part, strings.Join(columns, ", "), query, leads, join, included)
}

// byPart is the order of answers.
func byPart(a, b journey.Part) int {
	return cmp.Or(cmp.Compare(a.Span, b.Span), cmp.Compare(a.Touchpoint, b.Touchpoint), cmp.Compare(a.Brand, b.Brand))
}
