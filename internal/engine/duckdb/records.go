package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// OpenLedger opens the books of a snapshot for the statement's questions.
func (e *Engine) OpenLedger(ctx context.Context, from engine.Ledger) (engine.Answers, error) {
	return e.Ledger(ctx, from)
}

// Method names how rows are fingerprinted.
func (e *Engine) Method() string { return FingerprintMethod }

// Columns lists what a part stores.
func (e *Engine) Columns(ctx context.Context, path string) ([]string, error) {
	columns, err := e.columns(ctx, path)
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names, err
}

// Records reads rows of parts as text, NULL as empty, ordered by all columns.
func (e *Engine) Records(ctx context.Context, paths, columns []string) ([][]string, error) {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = "coalesce(CAST(" + quoted(c) + " AS VARCHAR), '')"
	}
	var out [][]string
	query := fmt.Sprintf("SELECT %s FROM read_parquet(%s, union_by_name = true) ORDER BY ALL", strings.Join(texts, ", "), e.files(paths))
	err := e.each(ctx, query, func(r *sql.Rows) error {
		row := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		out = append(out, row)
		return nil
	})
	return out, err
}
