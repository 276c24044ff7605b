// Package engine says, in types, what the books and the close ask of a
// columnar engine: stage one source file as rows of a book, write its parts by
// month, compare parts, and answer bounded questions over a snapshot's parts.
// It holds no engine; internal/engine/duckdb is one. Nothing here reads a file.
//
// The invariant: an engine never decides what a figure means. It returns
// counts and exact sums; growth and the other domains make statements of them.
package engine

import (
	"math/big"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/behaviour"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/journey"
	"github.com/throughline/throughline/loyalty"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/pricing"
	"github.com/throughline/throughline/profit"
	"github.com/throughline/throughline/recurring"
	"github.com/throughline/throughline/referral"
	"github.com/throughline/throughline/workforce"
)

// Rows are the rows of a text source, in order, as cells of text.
type Rows interface {
	// Columns names the cells of a row.
	Columns() []string
	// Next returns the next readable row with its line in the file, or io.EOF.
	// The cells are valid until the call after.
	Next() (line int64, cells []string, err error)
}

// Table is a source's content as an engine reads it: text rows, or the path
// of a Parquet file.
type Table struct {
	Rows    Rows
	Parquet string
	Most    int64 // of Parquet, only the first rows; 0: all of them
}

// Field is one column of a book with the compiled expression that gives it.
type Field struct {
	Column fact.Column
	Source *expr.Expr
	Tax    *Tax // included in what Source gives, and not in what is kept; nil: none
}

// Tax is what is taken out of an amount: net = gross ÷ (1 + rate), exactly, and
// then rounded half away from zero.
type Tax struct {
	Rate     *expr.Expr // a share from 0 up to 1
	Currency *expr.Expr // of the row; nil: the books have none, and it is Home
	Home     string     // the currency of a row that names none
	Whole    bool       // rounded to the currency's places; otherwise to six
}

// Join is a file whose row is looked up by equality: Left is a column of the
// rows so far and Right one of the joined file, both as positions among the
// columns that Describe lists.
type Join struct {
	Table
	Name        string // for messages
	Columns     []expr.Column
	Left, Right string // SQL of both sides, as text
}

// Source is one file of a load.
type Source struct {
	Table
	Name   string // how the file is called in refusals
	Folder string // where its parts go, relative to the data folder
}

// Load is sources to be staged as rows of a book: one of text, or several of
// Parquet that share their columns and are cheaper read together.
type Load struct {
	Book    fact.Book
	Sources []Source
	Joins   []Join
	Where   string // SQL boolean, or empty
	Fields  []Field
	// Key holds the mapped natural key's columns; empty when the mapping does
	// not give one.
	Key []string
	// Keys are the parts of the dictionary of dense keys so far.
	Keys []string
	// Memory holds whom the load must not bring back.
	Memory Memory
}

// Refused is a row that could not become a fact, with what a person needs to
// mend it. Source is the place of its file in the load. Day and Amount are set when they could be read all the same.
type Refused struct {
	Source int
	Line   int64
	Column string // book column; empty when the whole line is unreadable
	From   string // the source column or expression
	Value  string
	Reason string
	Day    *calendar.Day
	Amount *big.Int // millionths
	// Currency is the amount's, where the row has a readable one.
	Currency string
}

// Fingerprint identifies a set of rows whatever their order: how many there
// are and the sum modulo 2¹²⁸ of their hashes over canonical rows.
type Fingerprint struct {
	Rows int64
	Sum  [16]byte // big endian
}

// Plus returns the fingerprint of both sets together.
func (f Fingerprint) Plus(g Fingerprint) Fingerprint {
	sum := new(big.Int).SetBytes(f.Sum[:])
	sum.Add(sum, new(big.Int).SetBytes(g.Sum[:]))
	return NewFingerprint(f.Rows+g.Rows, sum)
}

// Minus returns the fingerprint of f's set without the rows of g's.
func (f Fingerprint) Minus(g Fingerprint) Fingerprint {
	sum := new(big.Int).SetBytes(f.Sum[:])
	sum.Sub(sum, new(big.Int).SetBytes(g.Sum[:]))
	return NewFingerprint(f.Rows-g.Rows, sum)
}

// NewFingerprint reduces sum modulo 2¹²⁸.
func NewFingerprint(rows int64, sum *big.Int) Fingerprint {
	modulus := new(big.Int).Lsh(big.NewInt(1), 128)
	f := Fingerprint{Rows: rows}
	new(big.Int).Mod(sum, modulus).FillBytes(f.Sum[:])
	return f
}

// Part is one immutable Parquet file of a book's rows.
type Part struct {
	Path        string         // relative to the data folder
	Month       calendar.Month // Undated for rows without a time
	Rows        int64
	Bytes       int64
	Digest      [32]byte // SHA-256 of the file
	Fingerprint Fingerprint
	// First and Last are of the rows' times; zero when undated. Of a part that
	// was emptied, Last is the last day of which nothing is kept.
	First, Last calendar.Day
}

// Undated is the month of rows without a time.
const Undated calendar.Month = -1

// Staged says what a load found in one source.
type Staged struct {
	Rows     int64 // good rows
	Refused  int64
	Skipped  int64 // left out by the mapping's where
	Rounded  int64 // rows with an amount of more than six places
	Repeated int64 // rows whose natural key stood earlier in the file, same content
	NewKeys  *Part // the dictionary's new entries, with the load's first source
	Parts    []Part
}

// Ordered is a part with the place of its source among the book's sources;
// the later source's row stands where two have the same natural key.
type Ordered struct {
	Part
	Source int
}

// Overlap is a suspicion that two sources hold the same rows.
type Overlap struct {
	Month       calendar.Month
	A, B        int   // places of the sources
	Rows        int64 // Σ min(m, n) over rows of identical content
	First, Last calendar.Day
}

// Merge asks for the months that hold a row of several sources, each with
// what stands after the row has been counted once: by natural key when Key is
// given; and with Once, a row without a key that occurs m times in one source
// and n in another stands max(m, n) times.
type Merge struct {
	Book    fact.Book
	Columns []fact.Column // mapped ones
	Parts   []Ordered
	Key     []string
	// Once counts rows of identical content once: all of them without a Key,
	// otherwise those whose key is empty.
	Once bool
	Keys []string // the dictionary's parts
}

// Firsts asks for each customer's first line and first positive line.
type Firsts struct {
	Known []string // parts of firsts that stand: what is written is earlier than they say
	Lines []string // parts of orders
	// Dropped are parts of firsts that stand no more; what they say of days
	// before Until counts all the same, because its lines are no longer kept.
	Dropped []string
	Until   calendar.Day
	Folder  string
}

// Ledger names the parts and settings that the customer statement's questions
// are asked of.
type Ledger struct {
	Orders, Customers, Links, Rates, Subscriptions []Part
	Interactions, Costs, Answers                   []Part
	Remarks, Measures                              []Part
	People, Trainings                              []Part
	Firsts, Keys                                   []string
	Currency                                       string                  // of the statement
	Grain                                          string                  // customer, account, household, entity
	Basis                                          string                  // orders, subscriptions, both
	ReturnsAtSale                                  bool                    // a return counts on the day of its sale
	OrdersCounted                                  string                  // by order id, by day, by quantity: what one order is
	Margins                                        map[string]money.Amount // gross margin by product or segment, or "default", for lines without a cost
	AsOf                                           calendar.Day            // links since then are not yet known
}

// Answers is what an engine can be asked of opened books: the questions of
// every domain.
type Answers interface {
	growth.Ledger
	base.Ledger
	recurring.Ledger
	equity.Ledger
	equity.ContractLedger
	referral.Ledger
	loyalty.Ledger
	pricing.Ledger
	profit.Ledger
	profit.Names
	behaviour.Ledger
	workforce.Ledger
	journey.Ledger
	journey.People
}

// Misfit is a mapping whose expression cannot give what its column holds.
type Misfit struct {
	Column string
	Cause  error
}

func (m *Misfit) Error() string { return m.Column + ": " + m.Cause.Error() }

// Unwrap gives the cause.
func (m *Misfit) Unwrap() error { return m.Cause }

// Unanswerable is a question that the books do not allow, with what would.
type Unanswerable struct {
	What string
	Do   string // in the words of the command line
	Kind string // one of Kinds; empty: there is no other advice
}

// What a question cannot be answered for, so that a page can say in its own
// words what to do. The names are kept with jobs and never changed.
const (
	NoRates         = "no_rates"         // lines in another currency have no rate
	ReturnsLost     = "returns_lost"     // no column says which sale a return belongs to
	LinksRing       = "links_ring"       // links of customers lead in a ring
	ManyEntities    = "many_entities"    // the column of brands holds something else
	BothUntold      = "both_untold"      // no columns tell whether a product is in both books
	CountingTwice   = "counting_twice"   // a product is in both books
	OrdersUncounted = "orders_uncounted" // no column says how many orders a line stands for
)

// Kinds are all of them.
var Kinds = []string{NoRates, ReturnsLost, LinksRing, ManyEntities, BothUntold, CountingTwice, OrdersUncounted}

func (u *Unanswerable) Error() string { return u.What + "\n  → " + u.Do }
