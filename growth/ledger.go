package growth

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Ledger answers the statement's questions over the books. Its answers are
// exact and do not depend on the order of rows.
type Ledger interface {
	// Tally sums the customers of both windows into cells, and tells what the
	// period's revenue would have been at the comparison period's average
	// rates less what it was.
	Tally(ctx context.Context, w Windows, active Active) (cells []Cell, exchange money.Amount, err error)
	// Coverage counts the period's lines by what the statement can see of them.
	Coverage(ctx context.Context, w Windows) (Coverage, error)
	// Cohorts counts each span's active customers and their revenue by the
	// day range in which they first bought; both lists of spans are ordered
	// and do not overlap.
	Cohorts(ctx context.Context, firsts, spans []calendar.Period, active Active) ([]CohortCell, error)
}

// CohortCell is one cohort in one span.
type CohortCell struct {
	First   int // index among the spans of first purchase; −1: before them all
	Span    int // index among the spans of activity
	Active  int64
	Revenue money.Amount
}
