package access

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The lengths of passwords, in characters. There are no rules of composition:
// NIST SP 800-63B (5.1.1.2) advises against them.
const (
	PasswordMin = 12
	passwordMax = 256
)

// common are what long passwords are most often made of. Whoever uses nothing
// but one or two of them, with figures and signs around, is guessed first.
var common = strings.Fields(`
	password passwort passwd passphrase kennwort contrasena motdepasse senha
	qwerty qwertz azerty uiop qwertyuiop qwertzuiop azertyuiop asdfghjkl asdf zxcvbnm yxcvbnm
	letmein welcome willkommen bienvenue iloveyou admin administrator login changeme
	default secret master monkey dragon football baseball superman batman princess sunshine shadow
	starwars trustno whatever hello summer winter spring autumn monday january throughline customer company
	abc abcdef abcdefgh abcdefghijkl test testing guest user root`)

// choosable refuses a password that would be among the first to be guessed.
func (g *Gate) choosable(password, email string) error {
	refuse := func(what string) error {
		return &Refusal{Field: "password", What: what, Do: "take four or more words that do not belong together"}
	}
	text := norm.NFKC.String(password)
	switch n := utf8.RuneCountInString(text); {
	case n < PasswordMin:
		return refuse(fmt.Sprintf("the password is shorter than %d characters", PasswordMin))
	case n > passwordMax:
		return &Refusal{Field: "password", What: fmt.Sprintf("the password is longer than %d characters", passwordMax), Do: "shorten it"}
	}
	local, domain, _ := strings.Cut(mail(email), "@")
	own := []string{letters(local), letters(domain), letters(g.Company)}
	own = append(own, strings.FieldsFunc(local+" "+domain+" "+strings.ToLower(g.Company), func(r rune) bool { return !unicode.IsLetter(r) })...)
	if bare, left := strike(text, own); left < 4 && left < bare {
		return refuse("the password is little more than the mail address or the company's name")
	}
	if _, left := strike(text, append(own, common...)); left < 4 || monotonous(text) {
		return refuse("the password is one of the first that are tried")
	}
	return nil
}

// letters leaves only the letters of a text, in lower case.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, strings.ToLower(text))
}

// usual are the substitutions that everybody thinks of.
var usual = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "@", "a", "$", "s", "5", "s", "7", "t")

// strike tells how many letters a text has and how many stay when all the
// words are struck out, the longest first; with the usual substitutions taken
// back, when that strikes more.
func strike(text string, words []string) (all, left int) {
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	plain := letters(text)
	all = utf8.RuneCountInString(plain)
	left = all
	for _, form := range []string{plain, letters(usual.Replace(strings.ToLower(text)))} {
		for _, w := range words {
			if utf8.RuneCountInString(w) >= 3 {
				form = strings.ReplaceAll(form, w, "")
			}
		}
		left = min(left, utf8.RuneCountInString(form))
	}
	return all, left
}

// monotonous tells a text of few different characters, or one that only
// counts up or down.
func monotonous(text string) bool {
	runes := []rune(strings.ToLower(text))
	different, steps := map[rune]bool{}, 0
	for i, r := range runes {
		different[r] = true
		if i > 0 && (r-runes[i-1] == 1 || r-runes[i-1] == -1 || r == runes[i-1]) {
			steps++
		}
	}
	return len(different) < 5 || steps > len(runes)*2/3
}
