package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// View names the parts of one snapshot, for questions about single customers.
type View struct {
	Books  map[string][]Part // the parts that together are each book
	Keys   []Part            // the dictionary of dense keys
	Firsts []Part            // each customer's first line
	// Since is the day from which a book is kept, where older rows were dropped.
	Since map[string]calendar.Day
}

// Identity is the view's content as a text that is the same wherever the same
// parts are looked at. Parts never change, so it names what is derived of them.
func (v View) Identity() string {
	h := sha256.New()
	add := func(kind string, parts []Part) {
		for _, p := range parts {
			_, _ = h.Write([]byte(kind + "\x00" + p.Path + "\x00")) // a hash takes every byte
			_, _ = h.Write(p.Digest[:])
			_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(p.Rows)))
		}
	}
	for _, book := range slices.Sorted(maps.Keys(v.Books)) {
		add(book, v.Books[book])
	}
	add("keys", v.Keys)
	add("firsts", v.Firsts)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Key is a customer's dense key: the place of its id in the dictionary. It is
// given once and never to another id.
type Key int32

// ErrUnknown is returned for a customer that the books do not hold.
var ErrUnknown = errors.New("no such customer in the books")

// ErrUnready is returned when an answer needs something derived that is not
// there and too large to be made while somebody waits. Prepare makes it.
var ErrUnready = errors.New("this part of the books is still being prepared")

// ErrCursor is returned for a place in a list that no page of the list gave.
var ErrCursor = errors.New("this is no place in the list; begin at its first page")

// Seer says who asks: whether they may see who customers are.
//
// Who may not sees a pseudonym in place of an id, neither name nor address nor
// what anybody wrote, and can find customers by their pseudonyms alone.
type Seer struct {
	Identified bool
	Veil       Veil // makes the pseudonyms; needed by both, so that links can be shared
}

// Search asks for a page of customers.
type Search struct {
	// Text is what was typed: an id or how it begins, how an e-mail address
	// begins, words of the name or how they begin, in any order, whatever
	// their case and accents; or a pseudonym. Empty lists all, by id.
	Text  string
	After string // Next of the page before; empty: the first page
	Limit int    // 0: 50; at most 200
	Seer  Seer
}

// Customers is a page of what was found: a customer for each id. One whose ids
// were merged is found by each of them, with its lines and revenue under the one
// that stands.
type Customers struct {
	Found []Customer
	// Count is how many ids were found in all, or a floor of it when More is set.
	Count int64
	More  bool
	Next  string                  // place of the next page; empty on the last
	Since map[string]calendar.Day // as of the view
}

// Customer is one customer as the books know it.
type Customer struct {
	Key       Key
	Pseudonym string
	Identity  *Identity // nil for who may not see it
	Known     bool      // whether the customers book has a row; otherwise other books name the id alone
	Segment   string
	Entity    string
	// AcquiredOn to Excluded are as the customers book has them; empty: unknown.
	AcquiredOn          *calendar.Day
	Via, How            string
	Excluded            string
	MergedInto          Key       // the id that stands for this one; 0: itself
	PartOf              *Customer // of that id, where a list was asked for
	Lines               int64
	FirstLine, LastLine *calendar.Day
	FirstSale           *calendar.Day // first line above zero
	Revenue             []Total       // of all lines, by currency
}

// Identity is who a customer is.
type Identity struct {
	ID, Name, Email                    string
	AccountID, HouseholdID, ReferredBy string
}

// Total is an exact sum in one currency; an empty one is the books' own.
type Total struct {
	Currency string
	Amount   money.Amount
}

// Timeline asks for a page of what happened with one customer, newest first,
// over all ids that were merged into it.
type Timeline struct {
	Key   Key
	Books []string // only these; empty: all
	After string
	Limit int // 0: 50; at most 200
	Seer  Seer
}

// History is a page of a timeline with its header.
type History struct {
	Customer Customer   // whose id stands; lines and revenue are of all merged ids together
	Merged   []Customer // the other ids
	// SentBy is who sent the customer, when the books know that id; Sent are
	// the first of those whom the customer sent, of SentCount.
	SentBy    *Customer
	Sent      []Customer
	SentCount int64
	Events    []Event
	Next      string
	Since     map[string]calendar.Day // as of the view
}

// Kind is what an event is.
type Kind string

// The kinds of events. Returned is a line of orders below zero.
const (
	Acquired   Kind = "acquired"
	Bought     Kind = "bought"
	Returned   Kind = "returned"
	Subscribed Kind = "subscribed"
	Ended      Kind = "ended"
	Served     Kind = "served"
	Answered   Kind = "answered"
	Remarked   Kind = "remarked"
	Merged     Kind = "merged"
)

// Event is one row of a book as something that happened.
type Event struct {
	Day      calendar.Day
	Undated  bool   // Day is unknown
	Clock    string // 15:04:05 in the company's time zone; empty for a date
	Book     string
	Kind     Kind
	Key      Key           // whose row it is, of the merged ids
	Amount   *money.Amount // of orders and subscriptions
	Currency string        // empty: the books' own
	Subject  string        // product, plan, touchpoint or question
	Text     string        // what was written; empty for who may not see it
	Withheld bool          // whether a text was kept back
	Details  []Detail      // the row's other columns that have a value, in the book's order
}

// Detail is one column of a row, as text.
type Detail struct{ Column, Value string }
