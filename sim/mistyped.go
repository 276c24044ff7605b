package sim

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// mistyped says in words that a value of a sim.yaml is not what its key takes.
func mistyped(err error) error {
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) || wrong.Token == nil || wrong.DstType == nil {
		return errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	key := ""
	if t := wrong.Token.Prev; t != nil && t.Prev != nil && t.Value == ":" {
		key = t.Prev.Value + ": "
	}
	return fmt.Errorf("line %d: %s%s is not %s", wrong.Token.Position.Line, key, wrong.Token.Value, wanted(wrong.DstType))
}

// wanted is a kind of value in words.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		return "a number, such as 0.5"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a block of keys"
	}
	return "a text"
}

// nulls refuses a key that is given without a value, which would silently be
// the default's.
func nulls(text []byte) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil // which the reading of it says
	}
	found := nullFinder{}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(&found, doc.Body)
		}
	}
	return found.err
}

type nullFinder struct{ err error }

// Visit looks at one node.
func (f *nullFinder) Visit(n ast.Node) ast.Visitor {
	if pair, ok := n.(*ast.MappingValueNode); ok && f.err == nil && pair.Value != nil && pair.Value.Type() == ast.NullType {
		f.err = fmt.Errorf("line %d: %s has no value: write one, or leave the key out for the default", pair.Key.GetToken().Position.Line, pair.Key.String())
	}
	return f
}
