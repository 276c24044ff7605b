package expr

import "strings"

// print writes the tree as an author could have written it, quoting every column and parenthesizing every operand that
// is an operation, so that it reads the same whatever the precedence.
func print(n *node, columns []Column) string {
	kid := func(i int) string {
		k := n.kids[i]
		s := print(k, columns)
		switch k.op {
		case opColumn, opNumber, opString, opTruth, opNull, opDay, opCall, opCase, opCast:
			return s
		}
		return "(" + s + ")"
	}
	all := func(from int) string {
		var out []string
		for _, k := range n.kids[from:] {
			out = append(out, print(k, columns))
		}
		return strings.Join(out, ", ")
	}
	not := ""
	if n.not {
		not = "NOT "
	}
	switch n.op {
	case opColumn:
		return `"` + strings.ReplaceAll(columns[n.column].Name, `"`, `""`) + `"`
	case opString:
		return quote(n.text)
	case opNull:
		return "NULL"
	case opDay:
		return "DATE " + quote(n.text)
	case opNegate:
		return "-" + kid(0)
	case opArith, opCompare:
		return kid(0) + " " + n.text + " " + kid(1)
	case opConcat:
		return kid(0) + " || " + kid(1)
	case opAnd:
		return kid(0) + " AND " + kid(1)
	case opOr:
		return kid(0) + " OR " + kid(1)
	case opNot:
		return "NOT " + kid(0)
	case opIsNull:
		return kid(0) + " IS " + not + "NULL"
	case opIn:
		return kid(0) + " " + not + "IN (" + all(1) + ")"
	case opBetween:
		return kid(0) + " " + not + "BETWEEN " + kid(1) + " AND " + kid(2)
	case opLike:
		return kid(0) + " " + not + "LIKE " + kid(1)
	case opCase:
		return printCase(n, columns)
	case opCall:
		return n.text + "(" + all(0) + ")"
	case opCast:
		return "CAST(" + print(n.kids[0], columns) + " AS " + n.text + ")"
	}
	return n.text // opNumber, opTruth
}

func printCase(n *node, columns []Column) string {
	var b strings.Builder
	b.WriteString("CASE ")
	value, arms, tail := n.arms()
	if value != nil {
		b.WriteString("(" + print(value, columns) + ") ")
	}
	for _, a := range arms {
		b.WriteString("WHEN " + print(a[0], columns) + " THEN " + print(a[1], columns) + " ")
	}
	if tail != nil {
		b.WriteString("ELSE " + print(tail, columns) + " ")
	}
	return b.String() + "END"
}

// arms takes a CASE apart; value and tail are nil when it has none.
func (n *node) arms() (value *node, arms [][2]*node, tail *node) {
	kids := n.kids
	if n.valued {
		value, kids = kids[0], kids[1:]
	}
	if n.tail {
		kids, tail = kids[:len(kids)-1], kids[len(kids)-1]
	}
	for i := 0; i+1 < len(kids); i += 2 {
		arms = append(arms, [2]*node{kids[i], kids[i+1]})
	}
	return value, arms, tail
}

// columnsOf appends the columns of a tree, in order of first use.
func columnsOf(n *node, seen []int) []int {
	if n.op == opColumn {
		for _, c := range seen {
			if c == n.column {
				return seen
			}
		}
		return append(seen, n.column)
	}
	for _, k := range n.kids {
		seen = columnsOf(k, seen)
	}
	return seen
}
