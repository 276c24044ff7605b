package duckdb

import (
	"maps"
	"slices"
)

// unusedMargins is the second method of UnusedMargins: a name after the other.
func (f firm) unusedMargins() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(f.margins)) {
		used := name == "default"
		for i, l := range f.lines {
			used = used || f.products[i] == name && l.day < f.w.Period.End
		}
		for _, c := range f.customers {
			used = used || f.segments[c.id] == name
		}
		if !used {
			out = append(out, name)
		}
	}
	return out
}
