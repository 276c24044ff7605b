package expr

import (
	"fmt"
	"strings"
)

// names resolves what an author wrote to a column.
type names []Column

// find returns the column of that very name, else the only one of that name in another letter case.
func (ns names) find(name string) (at int, found bool, err error) {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		var hits []string
		for i, c := range ns {
			if same(c.Name, name) {
				hits, at = append(hits, fmt.Sprintf("%q", c.Name)), i
			}
		}
		switch {
		case len(hits) == 1:
			return at, true, nil
		case len(hits) > 1:
			return 0, false, fmt.Errorf("%q could be any of the columns %s", name, strings.Join(hits, ", "))
		}
	}
	return 0, false, nil
}

// whole says whether a whole expression is a column's name. A name that several columns share in other letter case is
// left to the parser, which may read it as something else.
func (ns names) whole(text string) (at int, found bool, err error) {
	for _, t := range []string{text, strings.TrimSpace(text)} {
		for _, c := range ns {
			if c.Name == t {
				return ns.find(t)
			}
		}
	}
	at, found, err = ns.find(strings.TrimSpace(text))
	return at, found && err == nil, nil
}

// unmistakable puts parentheses around a print that happens to be some column's name.
func (ns names) unmistakable(print string) string {
	for {
		if _, found, err := ns.whole(print); !found && err == nil {
			return print
		}
		print = "(" + print + ")"
	}
}

// unknown is the error for a name that no column has.
func (ns names) unknown(name string) error {
	const shown = 20
	if len(ns) == 0 {
		return fmt.Errorf("no column %q; the source has no columns", name)
	}
	var list []string
	nearest, best := "", len([]rune(name))/3+1
	for i, c := range ns {
		if i < shown {
			list = append(list, c.Name)
		}
		if d := distance(strings.ToLower(c.Name), strings.ToLower(name)); d <= best && (d < best || nearest == "") {
			nearest, best = c.Name, d
		}
	}
	text := fmt.Sprintf("no column %q; the source has %s", name, strings.Join(list, ", "))
	if more := len(ns) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if nearest != "" {
		text += fmt.Sprintf("; did you mean %q?", nearest)
	}
	return fmt.Errorf("%s", text)
}

// distance is Levenshtein's, over at most the first 64 letters.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	s, t = s[:min(len(s), 64)], t[:min(len(t), 64)]
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		before := row[0]
		row[0] = i + 1
		for j := range t {
			cost := before
			if s[i] != t[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(t)]
}
