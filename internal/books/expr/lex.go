package expr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	kEnd    kind = iota
	kWord        // a bare name, keyword or function
	kQuoted      // "a column"
	kString      // 'text'
	kNumber
	kSign // an operator or punctuation
)

// token is one lexeme; text is what it means, without quotes; at is its column, counted in letters from 1.
type token struct {
	kind kind
	text string
	at   int
}

// is reports a sign or a keyword, in any letter case.
func (t token) is(text string) bool {
	return t.kind == kSign && t.text == text || t.kind == kWord && strings.EqualFold(t.text, text)
}

func (t token) String() string {
	switch t.kind {
	case kEnd:
		return "the end"
	case kString:
		return clip(quote(t.text), 40)
	}
	return fmt.Sprintf("%q", clip(t.text, 40))
}

// positioned is an error at a place in the expression.
type positioned struct {
	at  int
	why error
}

func (p *positioned) Error() string { return fmt.Sprintf("column %d: %v", p.at, p.why) }
func (p *positioned) Unwrap() error { return p.why }

func errAt(at int, format string, args ...any) error {
	return &positioned{at, fmt.Errorf(format, args...)}
}

var signs = []string{"||", "<>", "!=", "<=", ">=", "::", "+", "-", "*", "/", "=", "<", ">", "(", ")", ","}

// hints say what to write for signs that people try.
var hints = map[rune]string{
	';': "an expression is one formula, without ';'",
	'$': "parameters are not part of an expression",
	'?': "parameters are not part of an expression",
	'[': "lists are not part of an expression",
	'{': "structures are not part of an expression",
	'−': "write - for minus", '–': "write - for minus", '×': "write * for times", '÷': "write / for divided by",
	'‘': "write ' around text", '’': "write ' around text",
	'“': `write " around a column's name`, '”': `write " around a column's name`,
	'`': `write " around a column's name`,
	'%': "the remainder is not part of an expression",
	'≤': "write <=", '≥': "write >=", '≠': "write <>",
}

func lex(text string) ([]token, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("is not valid UTF-8")
	}
	l := lexer{runes: []rune(text)}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.out = append(l.out, t)
		if t.kind == kEnd {
			return l.out, nil
		}
	}
}

type lexer struct {
	runes []rune
	at    int
	out   []token
}

func (l *lexer) peek(ahead int) rune {
	if l.at+ahead < len(l.runes) {
		return l.runes[l.at+ahead]
	}
	return 0
}

func (l *lexer) next() (token, error) {
	for l.at < len(l.runes) && (strings.ContainsRune(" \t\r\n", l.peek(0))) {
		l.at++
	}
	at := l.at + 1
	if l.at == len(l.runes) {
		return token{kEnd, "", at}, nil
	}
	c := l.peek(0)
	switch {
	case c == '\'' || c == '"':
		return l.quoted(c)
	case starts(c):
		return l.word(), nil
	case digit(c) || c == '.' && digit(l.peek(1)):
		return l.number()
	case c == '-' && l.peek(1) == '-' || c == '/' && l.peek(1) == '*':
		return token{}, errAt(at, "comments are not part of an expression (two minus signs need a space between them)")
	}
	for _, s := range signs {
		if strings.HasPrefix(string(l.runes[l.at:min(l.at+2, len(l.runes))]), s) {
			l.at += len(s)
			return token{kSign, s, at}, nil
		}
	}
	if hint, ok := hints[c]; ok {
		return token{}, errAt(at, "%q: %s", c, hint)
	}
	return token{}, errAt(at, "%q has no meaning here", c)
}

func starts(c rune) bool { return c == '_' || unicode.IsLetter(c) }
func digit(c rune) bool  { return '0' <= c && c <= '9' }
func inside(c rune) bool { return starts(c) || unicode.IsDigit(c) || unicode.IsMark(c) }

// word reads a bare name. Dots belong to it, because a joined table's column may be named "c.name".
func (l *lexer) word() token {
	from := l.at
	for inside(l.peek(0)) || l.peek(0) == '.' && starts(l.peek(1)) {
		l.at++
	}
	return token{kWord, string(l.runes[from:l.at]), from + 1}
}

func (l *lexer) number() (token, error) {
	from := l.at
	for digit(l.peek(0)) {
		l.at++
	}
	if l.peek(0) == '.' {
		l.at++
		for digit(l.peek(0)) {
			l.at++
		}
	}
	if c := l.peek(0); inside(c) || c == '.' {
		return token{}, errAt(from+1, "a number is written in digits with one point at most, as in 1234.56")
	}
	whole, places, _ := strings.Cut(string(l.runes[from:l.at]), ".")
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > 20 || len(places) > maxScale {
		return token{}, errAt(from+1, "a number has at most 20 digits before the point and %d after it", maxScale)
	}
	if whole == "" {
		whole = "0"
	}
	if places != "" {
		whole += "." + places
	}
	return token{kNumber, whole, from + 1}, nil
}

func (l *lexer) quoted(mark rune) (token, error) {
	from := l.at
	var b strings.Builder
	for l.at++; l.at < len(l.runes); l.at++ {
		c := l.peek(0)
		switch {
		case c == mark && l.peek(1) == mark:
			l.at++
		case c == mark:
			l.at++
			k := kString
			if mark == '"' {
				k = kQuoted
			}
			return token{k, b.String(), from + 1}, nil
		case unicode.IsControl(c) && c != '\t' && mark == '\'':
			return token{}, errAt(l.at+1, "text holds the control character %U", c)
		}
		b.WriteRune(c)
	}
	return token{}, errAt(from+1, "the quote %c is never closed", mark)
}
