package growth

import (
	"context"

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
}
