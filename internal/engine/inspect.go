package engine

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
)

// Inspection asks what is unusual about the rows of one book.
type Inspection struct {
	Book  fact.Book
	Parts []Part
	Keys  []string     // the dictionary's parts
	Today calendar.Day // later rows are of the future
	Tally []string     // columns of few values that shall be counted
}

// Side is one side of a book: its rows with, or without, a customer.
type Side struct {
	Rows   int64
	Amount *big.Int // millionths, in whatever currency each row is; nil when the book has no amount
}

// Named is a customer, by the id as written, with its rows and their amount.
type Named struct {
	ID     string
	Rows   int64
	Amount *big.Int // millionths; nil when the book has no amount
}

// Crowded is a day with many rows.
type Crowded struct {
	Day  calendar.Day
	Rows int64
}

// Valued is a value of a column with how often it stands; "" is unknown.
type Valued struct {
	Value string
	Rows  int64
}

// Inspected is what an inspection found. Lists are bounded.
type Inspected struct {
	Columns                  []string // stored
	Identified, Unidentified Side
	Customers                int64
	NegativeOnly             Named     // customers of whom every row is below zero: Rows counts customers
	Largest                  *Named    // the customer with the largest amount
	Placeholders             []Named   // ids that look like none
	Clocked                  int64     // rows with a time other than midnight
	Future                   Crowded   // how many rows lie after today, and the last day of them
	Median                   float64   // rows a day, over days with rows
	Days                     int64     // with rows
	Crowded                  []Crowded // days with more than 20 times the median
	Tallies                  map[string][]Valued
}

// Identities are the customer ids of all books, as they are written.
type Identities struct {
	IDs       int64
	Floats    int64 // ids of digits that end in ".0"
	FloatOf   string
	Twins     int64       // ids that are the same but for case, blanks or a final ".0"
	TwinsLike [][2]string // some of them
}

// TextColumn is a column of texts of a book.
type TextColumn struct {
	Name  string
	Parts []Part // one or more
}
