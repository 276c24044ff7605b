package recurring

import (
	"regexp"
	"strings"
)

// Reason is why a subscription ended, folded to the few that a statement
// tells apart.
type Reason string

// The reasons, and that a subscription only paused.
const (
	Voluntary Reason = "voluntary" // the customer said so
	Payment   Reason = "payment"   // a payment failed: involuntary
	Other     Reason = "other"     // something else was given
	NotGiven  Reason = "not_given"
	Pause     Reason = "pause" // it is to go on
)

// Reasons are those of churn, in the order of their amounts in a [Cell].
var Reasons = [4]Reason{Voluntary, Payment, Other, NotGiven}

// Folding is a reason and what a given end_reason is folded to it by: whole
// words, or with * the beginnings of words, whatever the case.
type Folding struct {
	Reason Reason
	Words  []string // where no negation goes before them in their clause
	Denied []string // phrases that hold their own negation, which count wherever they are
}

// Words fold a given end_reason: it is of the first reason that has a word in
// it. What has none is [Other]; a blank one is [NotGiven].
var Words = []Folding{
	{Pause, []string{"pause*", "pausing", "on hold", "suspend*", "freeze", "frozen", "seasonal*"}, nil},
	{
		Payment,
		[]string{"payment*", "nonpayment", "involuntary*", "in voluntary", "declined", "dunning", "delinquen*", "unpaid", "overdue", "past due", "card", "cards", "creditcard*", "chargeback*", "insolven*", "bankrupt*"},
		[]string{"no payment*", "non payment*", "not paid", "never paid"},
	},
	{
		Voluntary,
		[]string{"voluntar*", "cancel*", "customer*", "request*", "competitor*", "switched", "price", "prices", "pricing", "expensive", "budget*", "unused", "missing feature*", "quality", "dissatisf*", "moved"},
		[]string{"no longer need*", "not needed"},
	},
}

// Patterns of RE2, for a text in lower case: both an engine and [Fold] go by
// them. A word begins and ends where no letter or digit goes on.
const (
	// Written is found in a reason that is not blank.
	Written = `[^\s\pZ\x0b\x85]`
	// Negated finds what does not count: from a negation to the end of its clause.
	Negated = `(?:^|[^\pL\pN])(?:un-[^,;.:!?()]*|(?:no|not|non|never|without|cannot|[a-z]+n['’]t)(?:[^\pL\pN,;.:!?()][^,;.:!?()]*|[,;.:!?()]|$))`
	// Instead is put in the place of what Negated finds.
	Instead = " ; "
)

// Pattern finds any of some words.
func Pattern(words []string) string {
	all := strings.Join(words, "|")
	all = strings.ReplaceAll(all, " ", `[^\pL\pN]+`)
	return `(?:^|[^\pL\pN])(?:` + strings.ReplaceAll(all, "*", `[\pL\pN]*`) + `)(?:[^\pL\pN]|$)`
}

var (
	written = regexp.MustCompile(Written)
	negated = regexp.MustCompile(Negated)
	folds   = compiled()
)

type fold struct{ words, denied *regexp.Regexp } // denied is nil where there are none

func compiled() (out []fold) {
	for _, f := range Words {
		c := fold{words: regexp.MustCompile(Pattern(f.Words))}
		if len(f.Denied) > 0 {
			c.denied = regexp.MustCompile(Pattern(f.Denied))
		}
		out = append(out, c)
	}
	return out
}

// Fold folds a reason as it was given.
func Fold(given string) Reason {
	text := strings.ToLower(given)
	if !written.MatchString(text) {
		return NotGiven
	}
	affirmed := negated.ReplaceAllString(text, Instead)
	for i, f := range folds {
		if f.words.MatchString(affirmed) || f.denied != nil && f.denied.MatchString(text) {
			return Words[i].Reason
		}
	}
	return Other
}
