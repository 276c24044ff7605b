package duckdb

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// staff draws who works there, in a book that may lack what its mapping may: a person has a row a day, as an import leaves it.
func (x *met) staff(t *rapid.T) {
	c := x.books["people"]
	c.names = c.names[:rapid.SampledFrom([]int{7, 7, 4}).Draw(t, "columns of people")]
	type row struct {
		person string
		from   calendar.Day
	}
	drawn := map[row]bool{}
	for range rapid.IntRange(0, 40).Draw(t, "rows of people") {
		r := row{fmt.Sprint("p", rapid.IntRange(0, 9).Draw(t, "person")), drawDay(t, "valid from")}
		if drawn[r] {
			continue
		}
		drawn[r] = true
		p := journey.Person{
			ID: r.person, From: r.from, Department: rapid.SampledFrom([]string{"service", "Service", "kitchen"}).Draw(t, "department"),
			Role: rapid.SampledFrom([]string{"agent", "cook"}).Draw(t, "role"),
		}
		cells := []string{p.ID, p.From.String(), p.Department, p.Role}
		if len(c.names) > len(cells) {
			p.Kind = rapid.SampledFrom([]string{"", "employee", "contractor worker", "candidate"}).Draw(t, "kind")
			p.Hired, p.Left = maybe(t, "hired", drawDay), maybe(t, "left", drawDay)
			cells = append(cells, p.Kind, dayText(p.Hired), dayText(p.Left))
		}
		x.add("people", cells...)
		x.plain.People = append(x.plain.People, p)
	}
}

// workday draws a day to ask of, often one on which something changes.
func (x *met) workday(t *rapid.T) calendar.Day {
	days := []calendar.Day{drawDay(t, "at work on")}
	for _, p := range x.plain.People {
		days = append(days, p.From)
		for _, d := range []*calendar.Day{p.Hired, p.Left} {
			if d != nil {
				days = append(days, *d)
			}
		}
	}
	return rapid.SampledFrom(days).Draw(t, "day of jobs")
}

// TestJobsOfNoBook: nothing is asked of it.
func TestJobsOfNoBook(t *testing.T) {
	if jobs, err := (&Ledger{}).Jobs(t.Context(), 0); err != nil || jobs != nil {
		t.Errorf("%v, %v", jobs, err)
	}
}
