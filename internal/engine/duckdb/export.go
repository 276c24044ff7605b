package duckdb

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// Export writes every row of every book that is about somebody, as lines of
// JSON: {"book": …, "row": {column: text, …}}, in the order of the books and of
// time. It counts the rows by book.
func (e *Engine) Export(ctx context.Context, v engine.View, who engine.Marked, to io.Writer) (map[string]int64, error) {
	counts := map[string]int64{}
	w := bufio.NewWriter(to)
	for _, book := range fact.Books {
		if len(v.Books[book.Name]) == 0 {
			continue
		}
		query, err := e.exportQuery(ctx, v, book, who)
		if err != nil {
			return nil, err
		}
		if query == "" {
			continue
		}
		err = e.each(ctx, query, func(r *sql.Rows) error {
			var row string
			if err := r.Scan(&row); err != nil {
				return err
			}
			counts[book.Name]++
			_, err := fmt.Fprintf(w, "{\"book\": %q, \"row\": %s}\n", book.Name, row)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return counts, w.Flush()
}

// exportQuery gives a book's rows about somebody with ids in place of keys;
// empty when none of its columns can name them.
func (e *Engine) exportQuery(ctx context.Context, v engine.View, book fact.Book, who engine.Marked) (string, error) {
	have, err := e.columns(ctx, v.Books[book.Name][0].Path)
	if err != nil {
		return "", err
	}
	var cells, joins, about []string
	order := ""
	for i, c := range book.Columns {
		if !slices.ContainsFunc(have, func(h storedColumn) bool { return h.name == stored(c) }) {
			continue
		}
		value := "s." + quoted(c.Name)
		if c.Refers != "" {
			value = fmt.Sprintf("d%d.id", i)
			joins = append(joins, fmt.Sprintf(" LEFT JOIN read_parquet(%s) d%d ON d%[2]d.key = s.%s", e.files(paths(v.Keys)), i, quoted(stored(c))))
			if who.Subject == engine.ACustomer {
				about = append(about, "s."+quoted(stored(c))+" IN ("+keyList(who.Keys)+")")
			}
		}
		if subject, named := namedIDs[book.Name][c.Name]; named && subject == who.Subject && subject == engine.APerson && c.Name == "person_id" {
			about = append(about, value+" = "+literal(who.IDs[0]))
		}
		if c.Name == book.Time {
			order = value + ", "
		}
		cells = append(cells, literal(c.Name)+", CAST("+value+" AS VARCHAR)")
	}
	if len(about) == 0 {
		return "", nil
	}
	query := "SELECT CAST(json_object(" + join(cells) + ") AS VARCHAR) AS row FROM " + e.table(v.Books[book.Name]) + " s"
	for _, j := range joins {
		query += j
	}
	query += " WHERE " + about[0]
	for _, a := range about[1:] {
		query += " OR " + a
	}
	return query + " ORDER BY " + order + "row", nil
}
