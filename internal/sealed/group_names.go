package sealed

import (
	"fmt"
	"slices"
	"strings"
)

// longestName is how many signs of a group's name are shown in a table.
const longestName = 40

// ShortName is the beginning of a name that is too long for a table.
func ShortName(name string) string {
	signs := []rune(name)
	if len(signs) <= longestName {
		return name
	}
	return strings.TrimSpace(string(signs[:longestName-1])) + "…"
}

// Labels are how names of groups from the books are shown, and how our own words beside them are: each name unlike every
// other, and each word unlike all names, since a company may call a segment "not known".
func Labels(names, words []string) (shown, said []string) {
	taken := map[string]bool{}
	folded := func(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }
	shown = slices.Clone(names)
	for i, name := range names {
		if shown[i] = ShortName(name); shown[i] == name {
			taken[folded(name)] = true
		}
	}
	for i, name := range names {
		if shown[i] == name {
			continue
		}
		for n := 2; taken[folded(shown[i])]; n++ { // another begins with the same signs
			shown[i] = fmt.Sprintf("%s (%d)", ShortName(name), n)
		}
		taken[folded(shown[i])] = true
	}
	for _, word := range words {
		for taken[folded(word)] {
			word += " …"
		}
		said = append(said, word)
	}
	return shown, said
}
