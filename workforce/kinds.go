package workforce

import (
	"fmt"
	"slices"
	"strings"
)

// Exit is why somebody left, as the Bureau of Labor Statistics counts separations (JOLTS, Handbook of Methods): quits are voluntary; layoffs
// and discharges are involuntary, the end of a fixed term among them; retirement, death, disability and moves to another firm of the group are
// other, and neither.
type Exit int

// The kinds of exits.
const (
	Unknown Exit = iota
	Voluntary
	Involuntary
	OtherExit
	exits
)

func (e Exit) String() string {
	return [exits]string{"unknown", "voluntary", "involuntary", "other"}[e]
}

// usual are words for an exit that need no telling. They are compared in lower case, with hyphens and underscores as blanks.
var usual = map[Exit][]string{
	Voluntary: {"voluntary", "quit", "quits", "resigned", "resignation", "resign", "left", "own choice", "own request", "career change",
		"left for another job", "better offer", "relocation", "return to school", "personal reasons", "job abandonment"},
	Involuntary: {"involuntary", "dismissed", "dismissal", "fired", "terminated", "discharged", "for cause", "performance", "misconduct", "redundant",
		"redundancy", "laid off", "layoff", "lay off", "reduction in force", "end of contract", "contract ended", "contract end",
		"end of fixed term", "fixed term ended", "end of season", "failed probation", "probation"},
	OtherExit: {"other", "retired", "retirement", "early retirement", "died", "death", "deceased", "disability", "transfer", "transferred",
		"group transfer", "outsourced"},
}

// fold is how words are compared.
func fold(word string) string {
	word = strings.NewReplacer("-", " ", "_", " ").Replace(strings.ToLower(word))
	return strings.Join(strings.Fields(word), " ")
}

// exitWords is the table of words with the company's own, which go first. It refuses a kind that is none.
func exitWords(own map[string]string) (map[string]Exit, error) {
	table := map[string]Exit{}
	for kind, words := range usual {
		for _, w := range words {
			table[w] = kind
		}
	}
	words := make([]string, 0, len(own))
	for w := range own {
		words = append(words, w)
	}
	slices.Sort(words)
	for _, w := range words {
		kind := Unknown
		for _, k := range []Exit{Voluntary, Involuntary, OtherExit} {
			if fold(own[w]) == k.String() {
				kind = k
			}
		}
		if kind == Unknown {
			return nil, fmt.Errorf("exit kind %q: %q is none of voluntary, involuntary, other", w, own[w])
		}
		table[fold(w)] = kind
	}
	return table, nil
}

// Exits reads why somebody left, by the usual words and the company's own.
func Exits(own map[string]string) (func(word string) Exit, error) {
	table, err := exitWords(own)
	if err != nil {
		return nil, err
	}
	return func(word string) Exit { return table[fold(word)] }, nil
}
