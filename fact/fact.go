// Package fact owns the shapes of the books: which columns a book has, what
// each column holds, which are required, and what identifies a row. It reads
// nothing and computes nothing; internal/books maps a company's files onto
// these shapes, and the statements are written against them.
//
// The invariant: a column's Field never changes and is never used twice
// within a book, because it is the column's identity inside the stored parts.
package fact

import (
	"fmt"
	"slices"
	"strings"
)

// Type is what a column holds.
type Type int

// The types of columns. Money is exact to six places; Number is any other
// quantity, exact to six places as well.
const (
	Text      Type = iota // UTF-8, never empty: empty means unknown
	ID                    // text that identifies; kept as written
	Money                 // exact decimal, at most six places
	Number                // exact decimal, at most six places
	Rate                  // exact decimal, at most ten places
	Day                   // a date
	Instant               // a date and time, local to the company's time zone
	Truth                 // yes or no
	Choice                // one of a closed list
	Currency              // an ISO 4217 code
	PeriodKey             // the name of a period: 2011, 2011-Q3, 2011-09, FY2011-P03
)

var typeNames = [...]string{"text", "id", "money", "number", "rate", "date", "time", "yes or no", "choice", "currency", "period"}

// String names the type as the documentation does.
func (t Type) String() string { return typeNames[t] }

// Limit is the first amount that no column can hold: every stored quantity
// is smaller than 10¹² in absolute value, so that it is a 64-bit count of
// millionths.
const Limit = 1_000_000_000_000

// Column is one column of a book.
type Column struct {
	Name     string
	Type     Type
	Required bool
	Choices  []string // of a Choice
	Field    int      // identity within the book's stored parts; never reused
	// Refers names the identity that an ID column points at ("customer"), so
	// that all books share one dense key for it. Empty for other columns.
	Refers string
}

// Book is the shape of one book.
type Book struct {
	Name    string
	Purpose string
	Columns []Column
	Key     []string // natural key: the columns that identify a row, when mapped
	Time    string   // the column whose month a row is filed under; empty: undated
	// OneOf lists columns of which at least one must be given in a row.
	OneOf []string
}

// Column finds a column by name.
func (b Book) Column(name string) (Column, bool) {
	i := slices.IndexFunc(b.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return b.Columns[i], true
}

// Required lists the columns that a mapping must give.
func (b Book) Required() []string {
	var names []string
	for _, c := range b.Columns {
		if c.Required {
			names = append(names, c.Name)
		}
	}
	return names
}

// Names lists the book's columns in their order.
func (b Book) Names() []string {
	names := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		names[i] = c.Name
	}
	return names
}

// CheckMapping says what is wrong with a mapping of the named columns: a
// column that the book does not have, or a required one that is not mapped.
func (b Book) CheckMapping(mapped []string) error {
	for _, name := range mapped {
		if _, ok := b.Column(name); !ok {
			return fmt.Errorf("book %s has no column %q; it has %s", b.Name, name, strings.Join(b.Names(), ", "))
		}
	}
	for _, name := range b.Required() {
		if !slices.Contains(mapped, name) {
			return fmt.Errorf("book %s needs a column %q; map it to a column of the source", b.Name, name)
		}
	}
	if len(b.OneOf) > 0 && !slices.ContainsFunc(b.OneOf, func(n string) bool { return slices.Contains(mapped, n) }) {
		return fmt.Errorf("book %s needs one of %s", b.Name, strings.Join(b.OneOf, ", "))
	}
	return nil
}

// Find returns the book of that name.
func Find(name string) (Book, bool) {
	i := slices.IndexFunc(Books, func(b Book) bool { return b.Name == name })
	if i < 0 {
		return Book{}, false
	}
	return Books[i], true
}
