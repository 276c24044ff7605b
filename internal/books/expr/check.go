package expr

import (
	"fmt"
	"strings"
)

// checker gives every operation its type and refuses what could only disappoint at the first row.
type checker struct {
	columns []Column
	reading reading
}

func (c *checker) check(n *node) error {
	for _, k := range n.kids {
		if err := c.check(k); err != nil {
			return err
		}
	}
	err := c.operation(n)
	if err != nil {
		if _, placed := err.(*positioned); !placed && n.at > 0 {
			err = &positioned{n.at, err}
		}
		return err
	}
	if growth(n) > maxGrowth {
		return errAt(n.at, "replace would make text more than %d times longer", maxGrowth)
	}
	return nil
}

func (c *checker) operation(n *node) error {
	switch n.op {
	case opColumn:
		n.typ = c.columns[n.column].Type
	case opString:
		n.typ = Text
	case opTruth:
		n.typ = Boolean
	case opNull:
		n.typ = Null
	case opDay:
		n.typ = Date
	case opNumber:
		n.typ = Number
	case opNegate, opArith:
		n.typ = Number
		return c.allReadable(n.kids, Number)
	case opConcat:
		n.typ = Text
	case opAnd, opOr, opNot:
		n.typ = Boolean
		return c.allReadable(n.kids, Boolean)
	case opIsNull:
		n.typ = Boolean
	case opCompare, opIn, opBetween:
		return c.comparison(n)
	case opLike:
		return c.like(n)
	case opCase:
		return c.cases(n)
	case opCall:
		return c.call(n)
	case opCast:
		n.typ = map[string]Type{"TEXT": Text, "NUMBER": Number, "INTEGER": Number, "DATE": Date, "TIMESTAMP": Timestamp,
			"BOOLEAN": Boolean}[n.text]
		return c.readable(n.kids[0], n.typ)
	}
	return nil
}

// readable says whether an operation's value can be read as a type at all.
func (c *checker) readable(n *node, want Type) error {
	if n.op == opString {
		return c.literal(n, want)
	}
	from := n.typ
	switch {
	case from == want, from == Null, from == Text, want == Text:
		return nil
	case from == Date && want == Timestamp, from == Timestamp && want == Date, from == Number && want == Boolean:
		return nil
	}
	hint := ""
	switch {
	case from == Boolean && want == Number:
		hint = "; write CASE WHEN … THEN 1 ELSE 0 END"
	case from == Number && (want == Date || want == Timestamp):
		hint = "; write strptime(CAST(… AS TEXT), '%Y%m%d') if its digits are a date"
	}
	err := fmt.Errorf("%s is %s, not %s%s", clip(print(n, c.columns), 60), from, want, hint)
	if n.at > 0 {
		return &positioned{n.at, err}
	}
	return err
}

// literal checks text that the author wrote out, which need not wait for the first row.
func (c *checker) literal(n *node, want Type) error {
	ok := true
	switch want {
	case Number:
		ok = c.reading.number.MatchString(strings.TrimSpace(n.text))
	case Boolean:
		_, ok = truths[strings.ToLower(n.text)]
	case Date, Timestamp:
		_, ok = moment(n.text)
		ok = ok || len(c.reading.formats) > 0 || c.reading.offset.MatchString(n.text)
	}
	if !ok {
		return errAt(n.at, "%s is not %s", clip(quote(n.text), 40), want)
	}
	return nil
}

func (c *checker) allReadable(ns []*node, want Type) error {
	for _, n := range ns {
		if err := c.readable(n, want); err != nil {
			return err
		}
	}
	return nil
}

// agree finds the type in which operations meet: text gives way to what it stands beside, and a date beside a time is
// its midnight.
func (c *checker) agree(ns []*node) (Type, error) {
	out := Null
	var first *node
	for _, n := range ns {
		switch t := n.typ; {
		case t == Null, t == out:
		case t == Text && out != Null:
		case out == Null, out == Text:
			out, first = t, n
		case t == Date && out == Timestamp:
		case t == Timestamp && out == Date:
			out = t
		default:
			return 0, errAt(n.at, "%s is %s, but %s is %s", clip(print(n, c.columns), 60), t, clip(print(first, c.columns), 60), out)
		}
	}
	return out, c.allReadable(ns, out)
}

func (c *checker) comparison(n *node) (err error) {
	n.typ = Boolean
	for _, k := range n.kids {
		if k.op == opNull {
			return errAt(k.at, "nothing compares with NULL; write IS NULL or IS NOT NULL")
		}
		if blank(k) && (n.op == opIn || n.text == "=") {
			return errAt(k.at, "a blank text is NULL here; write IS NULL")
		}
	}
	n.common, err = c.agree(n.kids)
	return err
}

func blank(n *node) bool { return n.op == opString && strings.TrimSpace(n.text) == "" }

// like takes patterns written out, with few wildcards, because matching backtracks over each of them.
func (c *checker) like(n *node) error {
	const most = 8
	n.typ = Boolean
	pattern := n.kids[1]
	if pattern.op != opString {
		return errAt(pattern.at, "LIKE takes a pattern in quotes, as in LIKE 'UK-%%'")
	}
	if strings.Count(pattern.text, "%") > most {
		return errAt(pattern.at, "a LIKE pattern has at most %d %% signs", most)
	}
	return nil
}

func (c *checker) cases(n *node) (err error) {
	value, arms, tail := n.arms()
	var results []*node
	asked := []*node{}
	for _, a := range arms {
		results = append(results, a[1])
		asked = append(asked, a[0])
	}
	if tail != nil {
		results = append(results, tail)
	}
	if value == nil {
		err = c.allReadable(asked, Boolean)
	} else {
		for _, k := range asked {
			if k.op == opNull || blank(k) {
				return errAt(k.at, "nothing equals NULL or blank text; write CASE WHEN … IS NULL THEN")
			}
		}
		n.common, err = c.agree(append(asked, value))
	}
	if err != nil {
		return err
	}
	n.typ, err = c.agree(results)
	return err
}

func (c *checker) call(n *node) (err error) {
	f := functions[n.text]
	if f.gives == same {
		if n.common, err = c.agree(n.kids); err != nil {
			return err
		}
		n.typ = n.common
		if n.text == "nullif" {
			n.typ = n.kids[0].typ
		}
		return nil
	}
	n.typ = f.gives
	for i, k := range n.kids {
		if err := c.readable(k, f.takes[min(i, len(f.takes)-1)]); err != nil {
			return err
		}
	}
	switch n.text {
	case "replace":
		if n.kids[1].op != opString || n.kids[2].op != opString {
			return fmt.Errorf("replace takes what to replace, and by what, in quotes")
		}
	case "round":
		if len(n.kids) == 2 {
			return c.integer(n.kids[1], 0, places)
		}
	case "split_part":
		return c.integer(n.kids[2], -1000, 1000)
	case "strptime":
		if n.kids[1].op != opString {
			return errAt(n.kids[1].at, "strptime takes a format in quotes, as in '%%d.%%m.%%Y'")
		}
		if err := validFormat(n.kids[1].text); err != nil {
			return &positioned{n.kids[1].at, err}
		}
	}
	return nil
}

// integer demands a whole number written out, in bounds and not 0 unless low is 0.
func (c *checker) integer(n *node, low, high int) error {
	if v, ok := whole(n); !ok || v < low || v > high || v == 0 && low != 0 {
		return errAt(n.at, "%s must be a whole number from %d to %d, and not a formula", clip(print(n, c.columns), 40), max(low, 0), high)
	}
	return nil
}

func whole(n *node) (v int, ok bool) {
	if n.op == opNegate {
		v, ok = whole(n.kids[0])
		return -v, ok
	}
	if n.op != opNumber || len(n.text) > 6 || strings.Contains(n.text, ".") {
		return 0, false
	}
	_, err := fmt.Sscanf(n.text, "%d", &v)
	return v, err == nil
}

// growth bounds how many times longer than any input a text can become.
func growth(n *node) float64 {
	first, most, sum := 1.0, 1.0, 0.0
	for i, k := range n.kids {
		g := growth(k)
		most, sum = max(most, g), sum+g
		if i == 0 {
			first = g
		}
	}
	switch {
	case n.op == opConcat, n.op == opCall && n.text == "concat":
		return sum
	case n.op == opCall && n.text == "replace" && n.kids[1].text != "":
		return first * max(1, float64(len(n.kids[2].text))/float64(len(n.kids[1].text)))
	}
	return most
}
