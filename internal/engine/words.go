package engine

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words splits a text into runs of letters and digits without case, accents or
// punctuation, so that "Quill, Ada" and "ada  quill" have the same ones.
func words(text string) []string {
	return strings.FieldsFunc(Fold(text), func(r rune) bool { return !InWord(r) })
}

// InWord tells whether a letter is part of a word.
func InWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Dense tells whether a text is of a writing without blanks between words.
func Dense(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r > 0x2E80 })
}

// Holds tells whether a marker's words stand in a text one after the other,
// as Recall.In finds them. A marker without a word, or of a writing without
// blanks, is looked for wherever it stands.
func Holds(text, marker string) bool {
	sought := words(marker)
	if len(sought) == 0 || Dense(marker) {
		return strings.Contains(Fold(text), Fold(marker))
	}
	all := words(text)
	for i := 0; i+len(sought) <= len(all); i++ {
		if slices.Equal(all[i:i+len(sought)], sought) {
			return true
		}
	}
	return false
}

// Fold takes case and accents from a text.
func Fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
