package engine

import "github.com/throughline/throughline/calendar"

// Post is the work that somebody does, as the book people has it on a day.
type Post struct {
	Department, Role string
	Since            calendar.Day  // of the row that says so
	Begins           *calendar.Day // nil: they work here already
	Left             *calendar.Day // nil: they work here still
}
