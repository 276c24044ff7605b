package expr

import (
	"fmt"
	"sort"
	"strings"
)

// cases reads CASE WHEN … and CASE value WHEN …; the word CASE is taken.
func (p *parser) cases(t token) (*node, error) {
	var kids []*node
	add := func() error {
		n, err := p.expression(0)
		kids = append(kids, n)
		return err
	}
	valued := !p.peek().is("WHEN")
	if valued {
		if err := add(); err != nil {
			return nil, err
		}
	}
	if !p.peek().is("WHEN") {
		return nil, errAt(p.peek().at, "expected WHEN, found %s", p.peek())
	}
	for p.accept("WHEN") {
		if err := add(); err != nil {
			return nil, err
		}
		if err := p.expect("THEN"); err != nil {
			return nil, err
		}
		if err := add(); err != nil {
			return nil, err
		}
	}
	tail := p.accept("ELSE")
	if tail {
		if err := add(); err != nil {
			return nil, err
		}
	}
	if err := p.expect("END"); err != nil {
		return nil, err
	}
	n, err := p.node(opCase, t, "", kids...)
	if err != nil {
		return nil, err
	}
	n.valued, n.tail = valued, tail
	return n, nil
}

// cast reads CAST(x AS type); the word CAST is taken.
func (p *parser) cast(t token) (*node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	n, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if err := p.expect("AS"); err != nil {
		return nil, err
	}
	if n, err = p.castTo(n, t); err != nil {
		return nil, err
	}
	return n, p.expect(")")
}

// castTo reads a type's name.
func (p *parser) castTo(n *node, at token) (*node, error) {
	t := p.take()
	name, ok := castTypes[strings.ToUpper(t.text)]
	if t.kind != kWord || !ok {
		return nil, errAt(t.at, "there is no type %s; allowed are %s", t, list(castTypes))
	}
	if p.peek().is("(") {
		return nil, errAt(p.peek().at, "numbers are exact without a size; write %s alone, or round(x, 2)", t.text)
	}
	return p.node(opCast, at, name, n)
}

// function is one allowed function: how many arguments, and what they are read as. The last kind stands for all further
// arguments.
type function struct {
	least, most int
	takes       []Type
	gives       Type
}

const same = Type(-1) // all arguments in their common type, which is the result's

var functions = map[string]function{
	"coalesce":   {1, maxNodes, []Type{same}, same},
	"greatest":   {1, maxNodes, []Type{same}, same},
	"least":      {1, maxNodes, []Type{same}, same},
	"nullif":     {2, 2, []Type{same}, same},
	"lower":      {1, 1, []Type{Text}, Text},
	"upper":      {1, 1, []Type{Text}, Text},
	"trim":       {1, 2, []Type{Text}, Text},
	"ltrim":      {1, 2, []Type{Text}, Text},
	"rtrim":      {1, 2, []Type{Text}, Text},
	"substr":     {2, 3, []Type{Text, Number}, Text},
	"left":       {2, 2, []Type{Text, Number}, Text},
	"right":      {2, 2, []Type{Text, Number}, Text},
	"length":     {1, 1, []Type{Text}, Number},
	"replace":    {3, 3, []Type{Text}, Text},
	"split_part": {3, 3, []Type{Text, Text, Number}, Text},
	"concat":     {1, maxNodes, []Type{Text}, Text},
	"abs":        {1, 1, []Type{Number}, Number},
	"round":      {1, 2, []Type{Number}, Number},
	"strptime":   {2, 2, []Type{Text}, Timestamp},
	"add_months": {2, 2, []Type{Date, Number}, Date},
}

func list[V any](of map[string]V) string {
	var out []string
	for name := range of {
		out = append(out, name)
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}

// call reads a function's arguments; the name and the opening parenthesis are taken.
func (p *parser) call(t token) (*node, error) {
	name := strings.ToLower(t.text)
	if name == "substring" {
		name = "substr"
	}
	f, ok := functions[name]
	if !ok {
		return nil, errAt(t.at, "there is no function %s; allowed are %s", clip(t.text, 40), list(functions))
	}
	kids, err := p.list(t)
	if err != nil {
		return nil, err
	}
	if len(kids) < f.least || len(kids) > f.most {
		takes := fmt.Sprintf("%d", f.least)
		if f.most > f.least {
			takes = fmt.Sprintf("%d or %d", f.least, f.most)
		}
		if f.most == maxNodes {
			takes = "one or more"
		}
		return nil, errAt(t.at, "%s takes %s arguments, here are %d", name, takes, len(kids))
	}
	return p.node(opCall, t, name, kids...)
}
