package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/survival"
)

// spells are the columns of time and event that survival and hazard share.
type spells struct {
	timeName, startName, eventName string

	time, start *numbers
	event       *events
	value       int // of the event column that says yes
}

// events are cells that say whether the event came, as numbers.
type events struct{ numbers }

func (c *events) take(cell string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "yes":
		cell = "1"
	case "no":
		cell = "0"
	}
	known, err := c.numbers.take(cell)
	if err != nil {
		err = fmt.Errorf("%q says neither yes nor no (written as 1 and 0, true and false, or yes and no)", cell)
	}
	return known, err
}

func (s *spells) register(f *pflag.FlagSet) {
	f.StringVar(&s.timeName, "time", "", "column of the time at which the event came or the row was last seen")
	f.StringVar(&s.startName, "start", "", "column of the time after which the row is under observation (default: from the beginning)")
	f.StringVar(&s.eventName, "event", "", "column that says whether the event came: 1 or 0, true or false, yes or no; or 2 and 1, as R has it")
}

func (s *spells) columns() ([]column, error) {
	switch {
	case s.timeName == "":
		return nil, usage("--time is missing; name the column of the times")
	case s.eventName == "":
		return nil, usage("--event is missing; name the column that says whether the event came")
	}
	s.time = &numbers{ask: ask{"time", s.timeName, blankLeftOut}}
	s.event = &events{numbers{ask: ask{"event", s.eventName, blankLeftOut}}}
	out := []column{s.time, s.event}
	if s.startName != "" {
		s.start = &numbers{ask: ask{"start", s.startName, blankLeftOut}}
		out = append(out, s.start)
	}
	return out, nil
}

// read gives the rows as the library takes them.
func (s *spells) read(from rows) (survival.Spells, error) {
	out := survival.Spells{Stop: s.time.values, Event: make([]bool, len(s.time.values))}
	twos, zero := slices.Contains(s.event.values, 2), slices.Contains(s.event.values, 0)
	s.value = 1
	if twos {
		s.value = 2
	}
	for i, e := range s.event.values {
		if e != 0 && e != 1 && e != 2 || e == 2 && zero {
			what := fmt.Sprintf("column %s is %v, which says neither yes nor no", s.event.name, e)
			if e == 2 {
				what = fmt.Sprintf("column %s is 2 here and 0 elsewhere: which of them is the event?", s.event.name)
			}
			return out, &books.Refusal{Where: from.at(i), What: what, Do: "write 1 where the event came and 0 where it did not; other events that end a row are 0"}
		}
		out.Event[i] = e == float64(s.value)
	}
	if s.start != nil {
		out.Start = s.start.values
		for i, t := range out.Start {
			if t >= out.Stop[i] {
				return out, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("starts at %v and ends at %v", t, out.Stop[i]), Do: "mend the row, or take it out"}
			}
		}
	}
	return out, nil
}

// eventNote says which value was taken for yes where that is not plain.
func eventNote(value int) string {
	if value == 2 {
		return " The column holds 1 and 2: 2 was taken to be the event, as R does."
	}
	return ""
}

// needing puts what the library needs beside what it refuses.
func needing(from rows, err error) error {
	var r evidence.Refusal
	if errors.As(err, &r) {
		return &books.Refusal{Where: from.file, What: r.Reason, Do: r.Need}
	}
	return err
}

// numeral is a number that the library gave, or why it did not.
func numeral(x float64, err error) real {
	if err != nil {
		return noNumber(err.Error())
	}
	return num(x)
}

// ranked gives the names of labels in order, numbers as numbers.
func ranked(names []string) []string {
	out := slices.Clone(names)
	number := func(s string) (float64, bool) {
		x, err := strconv.ParseFloat(s, 64)
		return x, err == nil && !math.IsNaN(x)
	}
	slices.SortFunc(out, func(a, b string) int {
		x, okX := number(a)
		y, okY := number(b)
		switch {
		case okX && okY && x != y:
			if x < y {
				return -1
			}
			return 1
		case okX != okY:
			if okX {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return out
}
