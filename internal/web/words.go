package web

import (
	"fmt"
	"strings"
	"unicode"
)

// locale is a language of the pages. Sentences are written in English where
// they stand; a locale turns the English sentence into its own.
type locale struct {
	lang, dir string
	// name is how the language calls itself; empty: not offered to people.
	name string
	// say turns a sentence with its %-verbs; nil: as it is.
	say func(string) string
}

// The languages. The last two are for proof alone: a sentence that does not
// go through the catalogue stays plain in them, and the second shows what
// reads from right to left.
var locales = []*locale{
	{lang: "en", dir: "ltr", name: "English"},
	{lang: "en-XA", dir: "ltr", say: func(s string) string { return "⟦" + accented(s) + "⟧" }},
	{lang: "ar-XB", dir: "rtl", say: func(s string) string { return "⟦" + accented(s) + "⟧" }},
}

// t is a sentence with its arguments put in.
func (l *locale) t(text string, args ...any) string {
	if l.say != nil {
		text = l.say(text)
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// tn is t for the one or the many.
func (l *locale) tn(n int64, one, many string, args ...any) string {
	if n == 1 && !strings.Contains(one, "%") {
		return l.t(one) // "one person" has no place for the number
	}
	if n == 1 {
		return l.t(one, args...)
	}
	return l.t(many, args...)
}

// marks are letters that look like the plain ones and are not.
var marks = map[rune]rune{
	'a': 'å', 'b': 'ƀ', 'c': 'ç', 'd': 'ð', 'e': 'é', 'f': 'ƒ', 'g': 'ĝ', 'h': 'ĥ', 'i': 'î', 'j': 'ĵ', 'k': 'ķ', 'l': 'ļ', 'm': 'ɱ', 'n': 'ñ', 'o': 'ö', 'p': 'þ',
	'q': 'ǫ', 'r': 'ŕ', 's': 'š', 't': 'ţ', 'u': 'û', 'v': 'ṽ', 'w': 'ŵ', 'x': 'ẋ', 'y': 'ý', 'z': 'ž',
	'A': 'Å', 'B': 'Ɓ', 'C': 'Ç', 'D': 'Ð', 'E': 'É', 'F': 'Ƒ', 'G': 'Ĝ', 'H': 'Ĥ', 'I': 'Î', 'J': 'Ĵ', 'K': 'Ķ', 'L': 'Ļ', 'M': 'Ṁ', 'N': 'Ñ', 'O': 'Ö', 'P': 'Þ',
	'Q': 'Ǫ', 'R': 'Ŕ', 'S': 'Š', 'T': 'Ţ', 'U': 'Û', 'V': 'Ṽ', 'W': 'Ŵ', 'X': 'Ẋ', 'Y': 'Ý', 'Z': 'Ž',
}

// accented marks every letter but those of %-verbs.
func accented(text string) string {
	var b strings.Builder
	verb := false
	for _, r := range text {
		switch {
		case verb:
			b.WriteRune(r)
			verb = !unicode.IsLetter(r) && r != '%'
		case r == '%':
			b.WriteRune(r)
			verb = true
		default:
			if m, ok := marks[r]; ok {
				r = m
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// accepted is the first of the languages that a browser asks for and people
// are offered.
func accepted(header string, from []*locale) *locale {
	for _, part := range strings.Split(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		for _, l := range from {
			if l.name != "" && (strings.EqualFold(tag, l.lang) || strings.HasPrefix(strings.ToLower(tag), l.lang+"-")) {
				return l
			}
		}
	}
	return from[0]
}
