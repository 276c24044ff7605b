package engine

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
)

// Tried is what a load would come to. Nothing of it is kept.
type Tried struct {
	Staged
	Columns     []string // of the sample: the mapped columns, in the book's order
	Sample      []TriedRow
	First, Last *calendar.Day // of the good rows' times; nil without any
	Amount      *big.Int      // millionths; of the good rows' amounts, in whatever currency; nil when the book has none
}

// TriedRow is a good row as the book would have it, as text.
type TriedRow struct {
	Line  int64
	Cells []string
}
