package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/voice"
)

// target is how many there are of each category of a column.
type target struct {
	column     string
	categories []string
	people     []float64
	cells      *labels
}

// readTargets reads the value of --margin: one column with its categories, or a file of several.
func readTargets(text string) ([]*target, error) {
	column, list, ok := strings.Cut(text, "=")
	if !ok {
		return targetsOf(text)
	}
	t := &target{column: strings.TrimSpace(column)}
	if t.column == "" {
		return nil, usage("--margin: %q names no column", text)
	}
	for _, part := range strings.Split(list, ",") {
		at := strings.LastIndex(part, ":")
		if at < 0 {
			return nil, usage("--margin: %q is not written as CATEGORY:NUMBER", part)
		}
		people, known, err := readNumber(part[at+1:])
		if err != nil || !known || people < 0 {
			return nil, usage("--margin: %q is not a number of people", part[at+1:])
		}
		if !t.add(strings.TrimSpace(part[:at]), people) {
			return nil, usage("--margin: %s %q stands twice, or has no name", t.column, strings.TrimSpace(part[:at]))
		}
	}
	return []*target{t}, nil
}

// add notes a category; false: it has no name, or is there already.
func (t *target) add(category string, people float64) bool {
	if category == "" || t.place(category) >= 0 {
		return false
	}
	t.categories, t.people = append(t.categories, category), append(t.people, people)
	return true
}

func (t *target) place(category string) int {
	for i, c := range t.categories {
		if c == category {
			return i
		}
	}
	return -1
}

// targetsOf reads targets from a file with the columns column, category and target.
func targetsOf(path string) ([]*target, error) {
	name, category := &labels{ask: ask{"margin", "column", blankRefused}}, &labels{ask: ask{"margin", "category", blankRefused}}
	people := &numbers{ask: ask{"margin", "target", blankRefused}}
	from, err := readColumns(context.Background(), path, []column{name, category, people})
	if err != nil {
		return nil, err
	}
	var out []*target
	by := map[string]*target{}
	for i := range from.n {
		t := by[name.name(i)]
		if t == nil {
			t = &target{column: name.name(i)}
			by[t.column], out = t, append(out, t)
		}
		switch {
		case people.values[i] < 0:
			return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("column target: %v is not a number of people", people.values[i])}
		case !t.add(category.name(i), people.values[i]):
			return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("%s %q stands twice", t.column, category.name(i))}
		}
	}
	return out, nil
}

// margin is the target over the rows in an order.
func (t *target) margin(order []int, from rows) (voice.Margin, error) {
	m := voice.Margin{Name: t.column, Categories: t.categories, Targets: t.people}
	places := make([]int, len(t.cells.names))
	for code, name := range t.cells.names {
		places[code] = t.place(name)
	}
	for i, code := range t.cells.codes {
		if places[code] < 0 {
			return m, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("column %s: %q has no target of --margin", t.column, t.cells.name(i)),
				Do: "state how many there are of it, or put it together with another"}
		}
	}
	for _, i := range order {
		m.Of = append(m.Of, places[t.cells.codes[i]])
	}
	return m, nil
}
