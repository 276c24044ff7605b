package duckdb

import (
	"context"

	"github.com/throughline/throughline/journey"
)

// After answers journey.Ledger.
func (l *Ledger) After(ctx context.Context, q journey.After) ([]journey.Stratum, error) {
	return nil, nil
}
