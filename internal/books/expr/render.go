package expr

import (
	"fmt"
	"strings"
)

// piece is rendered SQL of a value; scale is its decimal places when it is a number.
type piece struct {
	sql   string
	scale int
}

// renderer writes SQL. Some readings name their operand more than once, so that nesting multiplies; over is set, and the
// work stops, when a text passes maxSQL. No construct is used that the engine would itself copy (NULLIF, CASE value, BETWEEN
// over an operation), so the length written bounds the engine's work too.
type renderer struct {
	columns []Column
	reading reading
	done    map[*node]piece
	over    bool
}

func (r *renderer) write(format string, args ...any) string {
	if r.over {
		return ""
	}
	size := len(format)
	for _, a := range args {
		if s, ok := a.(string); ok {
			size += len(s)
		}
	}
	if size > maxSQL {
		r.over = true
		return ""
	}
	out := fmt.Sprintf(format, args...)
	r.over = len(out) > maxSQL
	return out
}

func (r *renderer) join(parts []string, by string) string {
	size := 0
	for _, p := range parts {
		size += len(p) + len(by)
	}
	if r.over || size > maxSQL {
		r.over = true
		return ""
	}
	return strings.Join(parts, by)
}

// as renders an operation read as a type.
func (r *renderer) as(n *node, want Type) piece {
	if want == Null {
		want = Text
	}
	if p, ok := r.direct(n, want); ok {
		return p
	}
	return r.convert(r.own(n), n.typ, want)
}

// direct renders what is read as a type without passing through its own.
func (r *renderer) direct(n *node, want Type) (piece, bool) {
	switch {
	case n.typ == Null:
		return piece{sql: nulls[want]}, true
	case n.op == opColumn && want == Text:
		return piece{sql: r.columns[n.column].text(r.reading.zone)}, true
	case n.op == opNumber && want == Text:
		return piece{sql: quote(n.text)}, true
	case n.op == opString && want == Timestamp:
		if t, ok := moment(n.text); ok {
			return piece{sql: "TIMESTAMP " + quote(t.Format("2006-01-02 15:04:05.999999"))}, true
		}
	case n.op == opString && want == Date:
		if t, ok := moment(n.text); ok {
			return piece{sql: "DATE " + quote(t.Format("2006-01-02"))}, true
		}
	case n.op == opString && want == Boolean:
		return piece{sql: strings.ToUpper(fmt.Sprint(truths[strings.ToLower(n.text)]))}, true
	}
	return piece{}, false
}

var nulls = map[Type]string{Text: "CAST(NULL AS VARCHAR)", Number: "CAST(NULL AS DECIMAL(38,0))", Date: "CAST(NULL AS DATE)",
	Timestamp: "CAST(NULL AS TIMESTAMP)", Boolean: "CAST(NULL AS BOOLEAN)"}

func (r *renderer) convert(p piece, from, want Type) piece {
	if from == want || from == Null {
		return p
	}
	switch want {
	case Text:
		if from == Number && p.scale > 0 {
			return piece{sql: r.write("rtrim(rtrim(CAST(%s AS VARCHAR), '0'), '.')", p.sql)}
		}
		return piece{sql: r.write("CAST(%s AS VARCHAR)", p.sql)}
	case Number:
		return piece{r.number(p.sql), places}
	case Timestamp:
		if from == Date {
			return piece{sql: r.write("CAST(%s AS TIMESTAMP)", p.sql)}
		}
		return piece{sql: r.moment(p.sql, r.reading.formats)}
	case Date:
		if from == Text {
			p.sql = r.moment(p.sql, r.reading.formats)
		}
		return piece{sql: r.write("CAST(%s AS DATE)", p.sql)}
	case Boolean:
		if from == Number {
			return piece{sql: r.write("CASE WHEN %[1]s = 1 THEN TRUE WHEN %[1]s = 0 THEN FALSE END", p.sql)}
		}
		return piece{sql: r.write("CASE WHEN lower(trim(%[1]s)) IN ('true', 't', 'yes', 'y', '1') THEN TRUE "+
			"WHEN lower(trim(%[1]s)) IN ('false', 'f', 'no', 'n', '0') THEN FALSE END", p.sql)}
	}
	return p
}

// together renders operations in one type; numbers come out at one scale, the largest.
func (r *renderer) together(ns []*node, want Type) (sqls []string, scale int) {
	pieces := make([]piece, len(ns))
	for i, n := range ns {
		pieces[i] = r.as(n, want)
		scale = max(scale, pieces[i].scale)
	}
	for _, p := range pieces {
		if want == Number {
			p = r.widen(p, scale)
		}
		sqls = append(sqls, p.sql)
	}
	return sqls, scale
}

// own renders an operation in its own type, once.
func (r *renderer) own(n *node) piece {
	if r.over {
		return piece{}
	}
	p, ok := r.done[n]
	if !ok {
		p = r.operation(n)
		r.done[n] = p
	}
	return p
}

func (r *renderer) operation(n *node) piece {
	not := ""
	if n.not {
		not = "NOT "
	}
	plain := func(format string, args ...any) piece { return piece{sql: r.write(format, args...)} }
	switch n.op {
	case opColumn:
		return r.columns[n.column].own(r.reading.zone)
	case opString:
		return plain("%s", quote(n.text))
	case opTruth:
		return plain("%s", n.text)
	case opDay:
		return plain("DATE %s", quote(n.text))
	case opNumber:
		return literal(n.text)
	case opNegate, opArith:
		return r.arithmetic(n)
	case opConcat:
		return plain("(%s || %s)", r.as(n.kids[0], Text).sql, r.as(n.kids[1], Text).sql)
	case opAnd, opOr:
		word := map[op]string{opAnd: "AND", opOr: "OR"}[n.op]
		return plain("(%s %s %s)", r.as(n.kids[0], Boolean).sql, word, r.as(n.kids[1], Boolean).sql)
	case opNot:
		return plain("(NOT %s)", r.as(n.kids[0], Boolean).sql)
	case opIsNull:
		if k := n.kids[0]; k.op == opColumn {
			given := r.columns[k.column].given()
			if n.not {
				return piece{sql: given}
			}
			return plain("(NOT %s)", given)
		}
		return plain("(%s IS %sNULL)", r.as(n.kids[0], n.kids[0].typ).sql, not)
	case opCompare:
		s, _ := r.together(n.kids, n.common)
		return plain("(%s %s %s)", s[0], n.text, s[1])
	case opIn:
		s, _ := r.together(n.kids, n.common)
		return plain("(%s %sIN (%s))", s[0], not, r.join(s[1:], ", "))
	case opBetween:
		s, _ := r.together(n.kids, n.common)
		return plain("(%[1]s(%[2]s >= %[3]s AND %[2]s <= %[4]s))", not, s[0], s[1], s[2])
	case opLike:
		return plain("(%s %sLIKE %s)", r.as(n.kids[0], Text).sql, not, quote(n.kids[1].text))
	case opCase:
		return r.cases(n)
	case opCast:
		p := r.as(n.kids[0], n.typ)
		if n.text == "INTEGER" {
			return r.narrow(p, 0)
		}
		return p
	}
	return r.call(n)
}

func (r *renderer) cases(n *node) piece {
	value, arms, tail := n.arms()
	var asked, results []*node
	for _, a := range arms {
		asked, results = append(asked, a[0]), append(results, a[1])
	}
	if tail != nil {
		results = append(results, tail)
	}
	typ := n.typ
	if typ == Null {
		typ = Text
	}
	then, scale := r.together(results, typ)
	parts := []string{"(CASE"}
	for i, when := range r.conditions(n, value, asked) {
		parts = append(parts, r.write("WHEN %s THEN %s", when, then[i]))
	}
	if tail != nil {
		parts = append(parts, "ELSE "+then[len(then)-1])
	}
	return piece{r.join(append(parts, "END)"), " "), scale}
}

// conditions renders the WHEN parts of a CASE.
func (r *renderer) conditions(n, value *node, asked []*node) []string {
	if value == nil {
		out, _ := r.together(asked, Boolean)
		return out
	}
	s, _ := r.together(append([]*node{value}, asked...), n.common)
	out := make([]string, len(asked))
	for i := range asked {
		out[i] = r.write("(%s = %s)", s[0], s[i+1])
	}
	return out
}

func (r *renderer) call(n *node) piece {
	switch n.text {
	case "coalesce", "greatest", "least":
		s, scale := r.together(n.kids, n.typ)
		return piece{r.write("%s(%s)", n.text, r.join(s, ", ")), scale}
	case "nullif":
		s, _ := r.together(n.kids, n.common)
		p := r.as(n.kids[0], n.typ)
		return piece{r.write("(CASE WHEN %s = %s THEN NULL ELSE %s END)", s[0], s[1], p.sql), p.scale}
	case "abs":
		p := r.as(n.kids[0], Number)
		return piece{r.write("abs(%s)", p.sql), p.scale}
	case "round":
		to := 0
		if len(n.kids) == 2 {
			to, _ = whole(n.kids[1])
		}
		return r.narrow(r.as(n.kids[0], Number), to)
	case "length":
		return piece{sql: r.write("CAST(length(%s) AS DECIMAL(38,0))", r.as(n.kids[0], Text).sql)}
	case "strptime":
		return piece{sql: r.moment(r.as(n.kids[0], Text).sql, []string{n.kids[1].text})}
	}
	if n.text == "add_months" {
		return r.addMonths(n)
	}
	f := functions[n.text]
	args := make([]string, len(n.kids))
	for i, k := range n.kids {
		takes := f.takes[min(i, len(f.takes)-1)]
		p := r.as(k, takes)
		if args[i] = p.sql; takes == Number {
			args[i] = r.write("TRY_CAST(%s AS INTEGER)", p.sql)
		}
	}
	return piece{sql: r.write("%s(%s)", n.text, r.join(args, ", "))}
}

// addMonths moves a day by whole months; the day after a month's last is its last. What leaves the years that the books
// know, or is moved by part of a month, is nothing.
func (r *renderer) addMonths(n *node) piece {
	day, by := r.as(n.kids[0], Date).sql, r.as(n.kids[1], Number).sql
	months := r.write("(CASE WHEN %[1]s = trunc(%[1]s) THEN TRY_CAST(%[1]s AS INTEGER) END)", by)
	moved := r.write("TRY(CAST(%s + to_months(%s) AS DATE))", day, months)
	return piece{sql: r.write("(CASE WHEN year(%[1]s) >= 1900 AND year(%[1]s) <= 2199 THEN %[1]s END)", moved)}
}

// text renders the whole expression as text for the books: trimmed, and NULL when blank.
func (r *renderer) text(root *node) string {
	p := r.as(root, Text)
	if root.op == opColumn || root.typ != Text && root.typ != Null {
		return p.sql
	}
	return r.write("NULLIF(trim(%s), '')", p.sql)
}
