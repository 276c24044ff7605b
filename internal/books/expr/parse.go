package expr

import (
	"fmt"
	"slices"
	"strings"
)

type op int

const (
	opColumn  op = iota
	opNumber     // text: digits
	opString     // text
	opTruth      // text: TRUE or FALSE
	opNull       //
	opDay        // text: yyyy-mm-dd
	opNegate     //
	opArith      // text: + - * /
	opConcat     // ||
	opCompare    // text: = <> < <= > >=
	opAnd        //
	opOr         //
	opNot        //
	opIsNull     // not: IS NOT NULL
	opIn         // kids: value, list…
	opBetween    // kids: value, low, high
	opLike       // kids: value, pattern
	opCase       // kids: [value,] when, then, …[, else]
	opCall       // text: the function's name
	opCast       // text: the type's name
)

// node is one operation of the tree. The parser fills it, the checker adds the types.
type node struct {
	op     op
	kids   []*node
	text   string
	column int
	not    bool // IS NOT, NOT IN, NOT BETWEEN, NOT LIKE
	valued bool // CASE value WHEN …
	tail   bool // CASE with ELSE
	at     int

	typ    Type
	common Type // in which the kids are compared
}

// reserved words are never a bare column; a column of that name is written in double quotes.
var reserved = []string{"AND", "OR", "NOT", "IS", "NULL", "IN", "BETWEEN", "LIKE", "CASE", "WHEN", "THEN", "ELSE", "END", "TRUE",
	"FALSE", "CAST", "AS"}

// castTypes are the types of CAST and ::, with their canonical names.
var castTypes = map[string]string{"TEXT": "TEXT", "VARCHAR": "TEXT", "NUMBER": "NUMBER", "DECIMAL": "NUMBER", "INTEGER": "INTEGER",
	"DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "BOOLEAN": "BOOLEAN"}

type parser struct {
	tokens []token
	at     int
	names  names
	nodes  int
	nested int
}

// parse reads the whole text as one expression, in the precedence of PostgreSQL and DuckDB.
func parse(text string, names names) (*node, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	if tokens[0].kind == kEnd {
		return nil, fmt.Errorf("is empty")
	}
	p := &parser{tokens: tokens, names: names}
	root, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != kEnd {
		return nil, p.leftover(t)
	}
	if d := depth(root); d > maxDepth {
		return nil, fmt.Errorf("is nested %d deep, at most %d", d, maxDepth)
	}
	return root, nil
}

func depth(n *node) int {
	d := 0
	for _, k := range n.kids {
		d = max(d, depth(k))
	}
	return d + 1
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != kEnd {
		p.at++
	}
	return t
}

func (p *parser) accept(text string) bool {
	if p.peek().is(text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if t := p.peek(); !p.accept(text) {
		return errAt(t.at, "expected %s, found %s", text, t)
	}
	return nil
}

func (p *parser) node(o op, t token, text string, kids ...*node) (*node, error) {
	if p.nodes++; p.nodes > maxNodes {
		return nil, errAt(t.at, "has more than %d parts", maxNodes)
	}
	return &node{op: o, text: text, kids: kids, at: t.at}, nil
}

// Binding strengths, weakest first.
const (
	bindOr = iota + 1
	bindAnd
	bindNot
	bindIs
	bindCompare
	bindIn // IN, BETWEEN, LIKE
	bindConcat
	bindAdd
	bindMultiply
	bindSign
	bindCast
)

// infix says what operator a token opens after a complete operand.
func infix(t, next token) (o op, bind int) {
	if t.kind == kSign {
		switch t.text {
		case "||":
			return opConcat, bindConcat
		case "+", "-":
			return opArith, bindAdd
		case "*", "/":
			return opArith, bindMultiply
		case "=", "<>", "!=", "<", "<=", ">", ">=":
			return opCompare, bindCompare
		case "::":
			return opCast, bindCast
		}
		return 0, 0
	}
	if t.is("NOT") {
		t = next
		if t.is("IS") || t.is("AND") || t.is("OR") {
			return 0, 0
		}
	}
	switch {
	case t.is("OR"):
		return opOr, bindOr
	case t.is("AND"):
		return opAnd, bindAnd
	case t.is("IS"):
		return opIsNull, bindIs
	case t.is("IN"):
		return opIn, bindIn
	case t.is("BETWEEN"):
		return opBetween, bindIn
	case t.is("LIKE"):
		return opLike, bindIn
	}
	return 0, 0
}

// expression reads operators that bind stronger than the given strength.
func (p *parser) expression(above int) (*node, error) {
	if p.nested++; p.nested > maxNested {
		return nil, errAt(p.peek().at, "has more than %d parentheses and operators inside each other", maxNested)
	}
	defer func() { p.nested-- }()
	left, err := p.prefix()
	for compared := false; err == nil; {
		t := p.peek()
		next := t
		if t.kind != kEnd {
			next = p.tokens[p.at+1]
		}
		o, bind := infix(t, next)
		if bind <= above {
			break
		}
		if compared && bind == bindCompare {
			return nil, errAt(t.at, "comparisons do not chain; write a < b AND b < c")
		}
		compared = compared || bind == bindCompare
		left, err = p.operator(left, o, bind)
	}
	return left, err
}

// operator reads the rest of an operator whose left side is complete.
func (p *parser) operator(left *node, o op, bind int) (*node, error) {
	t := p.take()
	not := t.is("NOT")
	if not {
		t = p.take()
	}
	switch o {
	case opCast:
		return p.castTo(left, t)
	case opIsNull:
		not = p.accept("NOT")
		if err := p.expect("NULL"); err != nil {
			return nil, err
		}
		n, err := p.node(o, t, "", left)
		return negated(n, not), err
	case opIn:
		if err := p.expect("("); err != nil {
			return nil, err
		}
		list, err := p.list(t)
		if err != nil {
			return nil, err
		}
		n, err := p.node(o, t, "", append([]*node{left}, list...)...)
		return negated(n, not), err
	case opBetween:
		low, err := p.expression(bindIn)
		if err != nil {
			return nil, err
		}
		if err := p.expect("AND"); err != nil {
			return nil, err
		}
		high, err := p.expression(bindIn)
		if err != nil {
			return nil, err
		}
		n, err := p.node(o, t, "", left, low, high)
		return negated(n, not), err
	}
	right, err := p.expression(bind)
	if err != nil {
		return nil, err
	}
	text := t.text
	if text == "!=" {
		text = "<>"
	}
	n, err := p.node(o, t, text, left, right)
	return negated(n, not), err
}

func negated(n *node, not bool) *node {
	if n != nil {
		n.not = not
	}
	return n
}

// list reads expressions up to the closing parenthesis; the opening one is taken.
func (p *parser) list(of token) ([]*node, error) {
	var out []*node
	for {
		if t := p.peek(); t.is("SELECT") || t.is("FROM") || t.is("WITH") {
			return nil, p.forbidden(t)
		}
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
		if p.accept(")") {
			return out, nil
		}
		if t := p.peek(); !p.accept(",") {
			return nil, errAt(t.at, "expected , or ) in the list of %s, found %s", of.text, t)
		}
	}
}

func (p *parser) prefix() (*node, error) {
	t := p.take()
	switch {
	case t.kind == kString:
		return p.node(opString, t, t.text)
	case t.kind == kNumber:
		return p.node(opNumber, t, t.text)
	case t.kind == kQuoted:
		return p.named(t)
	case t.is("("):
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	case t.is("-"), t.is("+"):
		n, err := p.expression(bindSign)
		if err != nil || t.is("+") {
			return n, err
		}
		return p.node(opNegate, t, "", n)
	case t.is("NOT"):
		n, err := p.expression(bindNot)
		if err != nil {
			return nil, err
		}
		return p.node(opNot, t, "", n)
	case t.kind == kWord:
		return p.word(t)
	}
	return nil, errAt(t.at, "expected a column, a number or 'text', found %s", t)
}

// word reads what a bare word opens.
func (p *parser) word(t token) (*node, error) {
	upper := strings.ToUpper(t.text)
	next := p.peek()
	switch {
	case upper == "TRUE" || upper == "FALSE":
		return p.node(opTruth, t, upper)
	case upper == "NULL":
		return p.node(opNull, t, "")
	case upper == "CASE":
		return p.cases(t)
	case upper == "CAST":
		return p.cast(t)
	case slices.Contains(reserved, upper):
		return nil, errAt(t.at, "expected a column, a number or 'text', found %s (a column of that name is written in double quotes)", t)
	case upper == "DATE" && next.kind == kString:
		p.take()
		if _, ok := day(next.text); !ok {
			return nil, errAt(next.at, "%q is not a date like '2010-12-31'", clip(next.text, 40))
		}
		return p.node(opDay, t, next.text)
	case next.is("("):
		p.take()
		return p.call(t)
	}
	return p.named(t)
}

func (p *parser) named(t token) (*node, error) {
	at, found, err := p.names.find(t.text)
	switch {
	case err != nil:
		return nil, errAt(t.at, "%w", err)
	case !found && t.kind == kWord:
		if err := p.forbidden(t); err != nil {
			return nil, err
		}
		if name, ok := p.spaced(t, p.peek()); ok {
			return nil, errAt(t.at, "a name with spaces inside a formula needs double quotes: %q", name)
		}
		fallthrough
	case !found:
		return nil, errAt(t.at, "%w", p.names.unknown(t.text))
	}
	n, err := p.node(opColumn, t, "")
	if n != nil {
		n.column = at
	}
	return n, err
}

// forbidden explains the words of larger SQL.
func (p *parser) forbidden(t token) error {
	if _, is, _ := p.names.find(t.text); is {
		return nil
	}
	for _, w := range []string{"SELECT", "FROM", "WITH", "WHERE", "OVER", "EXISTS", "UNION", "COLUMNS", "LAMBDA"} {
		if t.is(w) {
			return errAt(t.at, "%s has no place here: an expression reads only the columns of its own row", w)
		}
	}
	return nil
}

// spaced finds the column whose name begins with two neighbouring words.
func (p *parser) spaced(a, b token) (string, bool) {
	if a.kind != kWord || b.kind != kWord {
		return "", false
	}
	for _, c := range p.names {
		start := strings.ToLower(a.text + " " + b.text)
		if name := strings.ToLower(c.Name); name == start || strings.HasPrefix(name, start+" ") {
			return c.Name, true
		}
	}
	return "", false
}

// leftover explains a token after a complete expression.
func (p *parser) leftover(t token) error {
	before := p.tokens[p.at-1]
	if name, ok := p.spaced(before, t); ok {
		return errAt(before.at, "a name with spaces inside a formula needs double quotes: %q", name)
	}
	if t.kind == kWord {
		if err := p.forbidden(t); err != nil {
			return err
		}
	}
	return errAt(t.at, "expected an operator, found %s", t)
}
