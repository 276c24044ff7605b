// Package expr compiles the mapping expressions of books.yaml, such as
//
//	Quantity * Price
//	CASE WHEN status = 'R' THEN -amount ELSE amount END
//
// into SQL scalars for DuckDB. It owns the language (a closed subset of SQL scalars over the columns of one row), the
// reading of text as exact numbers, dates and yes/no, and the messages an author of books.yaml reads. It does not run
// anything, know a book's columns, or decide what happens to a row that cannot be read.
//
// Invariant: an author's text never reaches the SQL. It is parsed into a tree, and the SQL is written afresh from the
// tree out of a fixed vocabulary, escaped string literals, and the references the caller gave for columns that exist.
// Such SQL cannot fail on a row: what cannot be read, or overflows, is NULL.
//
// Blank text is nothing: a text column is read without surrounding spaces (Unicode's, not tabs), and a blank one is
// NULL in every expression, so that IS NULL, coalesce and `where` mean the same for CSV and for Parquet.
package expr

import (
	"fmt"
	"strings"
)

// Type is what an expression says by itself, before a caller asks for a reading of it.
type Type int

const (
	Text Type = iota
	Number
	Date
	Timestamp
	Boolean
	Null
)

func (t Type) String() string {
	switch t {
	case Text:
		return "text"
	case Number:
		return "a number"
	case Date:
		return "a date"
	case Timestamp:
		return "a time"
	case Boolean:
		return "yes/no"
	}
	return "NULL"
}

// Column is one column of the source. SQL is how a query refers to it, quoted by the caller, for example
// s."Customer ID"; it is used verbatim. Native is the engine's name of its type, such as DECIMAL(18,2), DOUBLE or
// TIMESTAMP WITH TIME ZONE; empty means VARCHAR for Text and nothing in particular for the others.
type Column struct {
	Name   string
	Type   Type
	SQL    string
	Native string
}

// Dialect is how a source writes numbers and dates. Decimal is "." when empty; Thousands empty means that the source
// has no separators; DateFormat holds strptime formats, and none means ISO 8601. TimeZone is the company's, an IANA name,
// UTC when empty.
type Dialect struct {
	Decimal    string
	Thousands  string
	DateFormat []string
	TimeZone   string
}

// Expr is a compiled expression. It is immutable and safe for concurrent use.
type Expr struct {
	source  string
	root    *node
	columns []Column
	used    []int
	reading reading
	print   string
}

// Bounds of one expression. An honest mapping is far inside them; they keep a hostile one from exhausting the parser,
// the planner or the engine.
const (
	maxText   = 4096
	maxNodes  = 500
	maxDepth  = 64
	maxNested = 3 * maxDepth // parentheses as written
	maxSQL    = 256 << 10
	maxGrowth = 1000 // how many times longer than its inputs a text may become
)

// Compile parses text over columns. When the whole text is the name of a column (exactly, or in other letter case when
// only one column answers), it is that column, with no quoting rules.
func Compile(text string, columns []Column, d Dialect) (*Expr, error) {
	e, err := compile(text, columns, d)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", clip(text, 120), err)
	}
	return e, nil
}

func compile(text string, columns []Column, d Dialect) (*Expr, error) {
	how, err := d.reading()
	if err != nil {
		return nil, err
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("is %d bytes long, at most %d are read", len(text), maxText)
	}
	names := names(columns)
	e := &Expr{source: text, columns: columns, reading: how}
	switch at, found, err := names.whole(text); {
	case err != nil:
		return nil, err
	case found:
		e.root = &node{op: opColumn, column: at, typ: columns[at].Type}
	default:
		if e.root, err = parse(text, names); err != nil {
			return nil, err
		}
	}
	if err := (&checker{columns: columns, reading: how}).check(e.root); err != nil {
		return nil, err
	}
	e.used = columnsOf(e.root, nil)
	e.print = names.unmistakable(print(e.root, columns))
	if len(e.print) > maxText {
		return nil, fmt.Errorf("is %d bytes long when written out in full, at most %d are read", len(e.print), maxText)
	}
	return e, nil
}

// Type is the expression's own type; a column of a CSV file is Text however it is used.
func (e *Expr) Type() Type { return e.root.typ }

// Columns lists the source columns used, in order of first use.
func (e *Expr) Columns() []string {
	out := make([]string, len(e.used))
	for i, c := range e.used {
		out[i] = e.columns[c].Name
	}
	return out
}

// String is the canonical print: every column quoted, every operation in parentheses. Compiling it over the same columns
// gives the same SQL.
func (e *Expr) String() string { return e.print }

// Number is SQL of a DECIMAL(38,k), 0 ≤ k ≤ 12, or NULL when the row's text is not a number or a result does not fit.
// Text is read to six places; products are exact up to twelve; a quotient has six, half away from zero, unless it comes
// out by itself. What those places cut off, Rounded tells.
func (e *Expr) Number() (string, error) {
	return e.render(Number, func(r *renderer) string { return r.as(e.root, Number).sql })
}

// Kept is Number as the books keep it: a DECIMAL(38,6), rounded half away from zero where Rounded is true.
func (e *Expr) Kept() (string, error) {
	return e.render(Number, func(r *renderer) string {
		return r.widen(r.narrow(r.as(e.root, Number), places), places).sql
	})
}

// Rounded is SQL of a BOOLEAN, never NULL: true when the row's Number is not exact to six decimal places, because of a
// longer text, a product, a quotient, or a DOUBLE that is not the nearest one to its six places. The rounding an author
// asks for by round() or CAST(… AS INTEGER) is not counted.
func (e *Expr) Rounded() (string, error) {
	return e.render(Number, func(r *renderer) string { return r.rounded(e.root) })
}

// Text is SQL of a VARCHAR without surrounding spaces, NULL when blank.
func (e *Expr) Text() (string, error) {
	return e.render(Text, func(r *renderer) string { return r.text(e.root) })
}

// Timestamp is SQL of a TIMESTAMP in local time of the dialect's zone, between 1900 and 2199, else NULL.
func (e *Expr) Timestamp() (string, error) {
	return e.render(Timestamp, func(r *renderer) string { return r.as(e.root, Timestamp).sql })
}

// Date is SQL of a DATE, local to the dialect's zone, between 1900 and 2199, else NULL.
func (e *Expr) Date() (string, error) {
	return e.render(Date, func(r *renderer) string { return r.as(e.root, Date).sql })
}

// Boolean is SQL of a BOOLEAN. Text says yes by true, t, yes, y or 1, no by false, f, no, n or 0, in any letter case;
// anything else is NULL.
func (e *Expr) Boolean() (string, error) {
	return e.render(Boolean, func(r *renderer) string { return r.as(e.root, Boolean).sql })
}

func (e *Expr) render(want Type, write func(*renderer) string) (string, error) {
	c := &checker{columns: e.columns, reading: e.reading}
	if err := c.readable(e.root, want); err != nil {
		return "", fmt.Errorf("expression %q: %w", clip(e.source, 120), err)
	}
	r := &renderer{columns: e.columns, reading: e.reading, done: map[*node]piece{}}
	sql := write(r)
	if r.over {
		return "", fmt.Errorf("expression %q: is too involved: its SQL is longer than %d KB", clip(e.source, 120), maxSQL>>10)
	}
	return sql, nil
}

// Raw is SQL of a VARCHAR for messages: a bare column's text as it stands, or "Quantity=12, Price=6,9O" for an expression.
func (e *Expr) Raw() string {
	switch {
	case e.root.op == opColumn:
		return "CAST(" + e.columns[e.root.column].SQL + " AS VARCHAR)"
	case len(e.used) == 0:
		return quote(e.print)
	}
	parts := make([]string, len(e.used))
	for i, c := range e.used {
		label := e.columns[c].Name + "="
		if i > 0 {
			label = ", " + label
		}
		parts[i] = quote(label) + ", CAST(" + e.columns[c].SQL + " AS VARCHAR)"
	}
	return "concat(" + strings.Join(parts, ", ") + ")"
}

// quote writes a SQL string literal. DuckDB's plain literals know one escape, the doubled quote.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
