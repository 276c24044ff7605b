package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Texts hands the named columns of a Parquet file to row, as text and in the
// file's order: numbers in the fewest digits that give the number back, days
// and times in ISO 8601, NULL as empty. Rows count from 1; the cells are used
// again for the next row. Memory does not grow with the rows.
func (e *Engine) Texts(ctx context.Context, path string, columns []string, row func(n int64, cells []string) error) error {
	if err := e.exec(ctx, "SET preserve_insertion_order = true"); err != nil {
		return err
	}
	var texts []string
	for _, c := range columns {
		texts = append(texts, "coalesce(CAST("+quoted(c)+" AS VARCHAR), '')")
	}
	cells, into := make([]string, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	n := int64(0)
	query := fmt.Sprintf("SELECT %s FROM read_parquet(%s)", strings.Join(texts, ", "), literal(path))
	return e.each(ctx, query, func(r *sql.Rows) error {
		if err := r.Scan(into...); err != nil {
			return err
		}
		n++
		return row(n, cells)
	})
}
