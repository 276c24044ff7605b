package text

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep JSON may be nested.
const maxDepth = 200

// object reads the text of one JSON object (RFC 8259) and tells leaf of every value in it: the path of its keys joined
// by dots, and the value's text as cells have it. Nothing passes through a float64: a number is its source text, as is
// an array; a string is unescaped.
type object struct {
	src   []byte
	p     int
	path  []byte
	value []byte // room for a string with escapes
	key   []byte
	leaf  func(path, value []byte) error
}

var errNoObject = errors.New("is not a JSON object")

func (o *object) fail(format string, arguments ...any) error {
	return fmt.Errorf("not valid JSON at position %d: %s", o.p+1, fmt.Sprintf(format, arguments...))
}

// read reads src, which must be one object.
func (o *object) read(src []byte) error {
	o.src, o.p, o.path = src, 0, o.path[:0]
	o.space()
	if o.peek() != '{' {
		return errNoObject
	}
	if err := o.members(1); err != nil {
		return err
	}
	if o.space(); o.p < len(o.src) {
		return o.fail("text after the object")
	}
	return nil
}

func (o *object) peek() byte {
	if o.p < len(o.src) {
		return o.src[o.p]
	}
	return 0
}

func (o *object) space() {
	for o.p < len(o.src) {
		switch o.src[o.p] {
		case ' ', '\t', '\r', '\n':
			o.p++
		default:
			return
		}
	}
}

// members reads an object from its brace.
func (o *object) members(depth int) error {
	if depth > maxDepth {
		return o.fail("nested deeper than %d", maxDepth)
	}
	o.p++
	if o.space(); o.peek() == '}' {
		o.p++
		return nil
	}
	outer := len(o.path)
	for {
		o.space()
		key, err := o.text(&o.key)
		if err != nil {
			return err
		}
		if depth > 1 {
			o.path = append(o.path, '.')
		}
		o.path = append(o.path, key...)
		if o.space(); o.peek() != ':' {
			return o.fail("a colon is missing")
		}
		o.p++
		if err := o.member(depth); err != nil {
			return err
		}
		o.path = o.path[:outer]
		if more, err := o.more('}'); !more {
			return err
		}
	}
}

// more reads what follows a value: a comma, or the closing bracket.
func (o *object) more(closing byte) (bool, error) {
	o.space()
	switch o.peek() {
	case ',':
		o.p++
		return true, nil
	case closing:
		o.p++
		return false, nil
	}
	if o.p >= len(o.src) {
		return false, o.fail("the object does not end on its line")
	}
	return false, o.fail("a comma or %q is missing", closing)
}

// member reads a value of an object and tells leaf.
func (o *object) member(depth int) error {
	o.space()
	from := o.p
	switch o.peek() {
	case '{':
		return o.members(depth + 1)
	case '"':
		value, err := o.text(&o.value)
		if err != nil {
			return err
		}
		return o.leaf(o.path, value)
	}
	if err := o.skip(depth + 1); err != nil {
		return err
	}
	value := o.src[from:o.p]
	if string(value) == "null" {
		value = nil
	}
	return o.leaf(o.path, value)
}

// skip passes any value, checking it.
func (o *object) skip(depth int) error {
	if depth > maxDepth {
		return o.fail("nested deeper than %d", maxDepth)
	}
	switch c := o.peek(); {
	case c == '"':
		_, err := o.text(&o.value)
		return err
	case c == '[' || c == '{':
		return o.skipNested(c, depth)
	case c == '-' || '0' <= c && c <= '9':
		return o.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(o.src[o.p:], []byte(word)) {
			o.p += len(word)
			return nil
		}
	}
	return o.fail("a value is missing")
}

func (o *object) skipNested(open byte, depth int) error {
	closing := open + 2 // ASCII has ] and } two after [ and {
	o.p++
	if o.space(); o.peek() == closing {
		o.p++
		return nil
	}
	for {
		if open == '{' {
			o.space()
			if _, err := o.text(&o.value); err != nil {
				return err
			}
			if o.space(); o.peek() != ':' {
				return o.fail("a colon is missing")
			}
			o.p++
		}
		o.space()
		if err := o.skip(depth + 1); err != nil {
			return err
		}
		if more, err := o.more(closing); !more {
			return err
		}
	}
}

func (o *object) digits() int {
	from := o.p
	for '0' <= o.peek() && o.peek() <= '9' {
		o.p++
	}
	return o.p - from
}

func (o *object) number() error {
	if o.peek() == '-' {
		o.p++
	}
	leading := o.peek() == '0'
	n := o.digits()
	if n == 0 || leading && n > 1 {
		return o.fail("not a number")
	}
	if o.peek() == '.' {
		o.p++
		if o.digits() == 0 {
			return o.fail("not a number")
		}
	}
	if c := o.peek(); c == 'e' || c == 'E' {
		o.p++
		if c := o.peek(); c == '+' || c == '-' {
			o.p++
		}
		if o.digits() == 0 {
			return o.fail("not a number")
		}
	}
	return nil
}

// text reads a string; with escapes it is put together in room, otherwise it is a part of the source.
func (o *object) text(room *[]byte) ([]byte, error) {
	if o.peek() != '"' {
		return nil, o.fail("a string is missing")
	}
	o.p++
	from, escaped := o.p, false
	out := (*room)[:0]
	for o.p < len(o.src) {
		switch c := o.src[o.p]; {
		case c == '"':
			part := o.src[from:o.p]
			o.p++
			if !escaped {
				return part, nil
			}
			*room = append(out, part...)
			return *room, nil
		case c == '\\':
			out, escaped = append(out, o.src[from:o.p]...), true
			var err error
			if out, err = o.escape(out); err != nil {
				return nil, err
			}
			from = o.p
		case c < ' ':
			return nil, o.fail("a control character in a string")
		default:
			o.p++
		}
	}
	return nil, o.fail("a string is not closed")
}

// escape reads one escape; half a surrogate pair and NUL are refused, no text has them.
func (o *object) escape(out []byte) ([]byte, error) {
	o.p++
	c := o.peek()
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), c); c != 0 && i >= 0 {
		o.p++
		return append(out, "\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return nil, o.fail("an unknown escape")
	}
	r, ok := o.hex()
	if !ok || r == 0 {
		return nil, o.fail(`an escape \u that is no character`)
	}
	if utf16.IsSurrogate(r) {
		second := rune(-1)
		if o.peek() == '\\' && o.p+1 < len(o.src) && o.src[o.p+1] == 'u' {
			o.p++
			second, _ = o.hex()
		}
		if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
			return nil, o.fail(`an escape \u that is half a character`)
		}
	}
	return utf8.AppendRune(out, r), nil
}

// hex reads the four digits after a u.
func (o *object) hex() (rune, bool) {
	o.p++
	if o.p+4 > len(o.src) {
		return 0, false
	}
	var r rune
	for _, c := range o.src[o.p : o.p+4] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	o.p += 4
	return r, true
}
