package duckdb

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// identifying tells whether a column is kept from whoever may not see who
// customers are, as on the pages of customers: ids but those that become
// pseudonyms, and what somebody wrote or is called.
func identifying(book string, c fact.Column) bool {
	return c.Type == fact.ID && c.Refers == "" || slices.Contains(written[book], c.Name)
}

// veiledOrder is the order of rows under a veil: by pseudonym, which is in an
// order that only the secret knows, then by time, then by all else that is
// told. Rows that are the same in all of it cannot be told apart.
func veiledOrder(book fact.Book, columns []fact.Column) []string {
	var who, when, rest []string
	for _, c := range columns {
		switch name := quoted(c.Name); {
		case c.Refers != "":
			who = append(who, name)
		case c.Name == book.Time:
			when = append(when, name)
		default:
			rest = append(rest, name)
		}
	}
	return slices.Concat(who, when, rest)
}

// veiled is a view whose dictionary gives pseudonyms in place of ids, written
// as one file into a folder. Keys run from 1 without many gaps, so every number
// up to the last gets its pseudonym.
func (e *Engine) veiled(ctx context.Context, v engine.View, veil *engine.Veil, folder string) (engine.View, error) {
	if veil == nil || len(v.Keys) == 0 {
		return v, nil
	}
	last := int64(0)
	if err := e.one(ctx, "SELECT coalesce(max(key), 0) FROM read_parquet("+e.files(paths(v.Keys))+")", &last); err != nil {
		return v, err
	}
	from, source, err := e.relation(engine.Table{Rows: &pseudonyms{veil: veil, last: last}})
	if err != nil {
		return v, err
	}
	file := filepath.Join(folder, "pseudonyms.parquet")
	err = e.exec(ctx, "COPY (SELECT "+cell(0)+" AS id, CAST("+lineColumn+" AS INTEGER) AS key FROM "+from+") TO "+literal(file)+" (FORMAT parquet)")
	if source.err != nil && source.err != io.EOF { //nolint:errorlint // our own rows end with it
		err = source.err
	}
	if err != nil {
		return v, fmt.Errorf("make pseudonyms: %w", err)
	}
	path, err := filepath.Rel(e.dir, file)
	if err != nil {
		return v, fmt.Errorf("make pseudonyms: %w", err)
	}
	v.Keys = []engine.Part{{Path: path, Rows: last}}
	return v, nil
}

// pseudonyms are the rows of a veiled dictionary: the key as the line, and its
// pseudonym.
type pseudonyms struct {
	veil       *engine.Veil
	last, next int64
	cells      [1]string
}

func (p *pseudonyms) Columns() []string { return []string{"id"} }

func (p *pseudonyms) Next() (int64, []string, error) {
	if p.next >= p.last {
		return 0, nil, io.EOF
	}
	p.next++
	p.cells[0] = p.veil.Cover(engine.Key(p.next))
	return p.next, p.cells[:], nil
}
