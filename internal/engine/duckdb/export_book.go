package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/xlsx"
)

// Bounds of an export: what the engine may hold meanwhile, and how many rows
// meet the dictionary of ids at once.
const (
	exportMemory = "256MB"
	exportGroup  = 1_000_000
	exportBlock  = 20_000 // rows of a Parquet row group that is set aside
)

// ExportBook writes the rows of a book with ids in place of keys: by month, and
// within a month as they are stored, which is the same for the same snapshot.
// Under a veil they stand by pseudonym, then by time: the order of a source is
// often that of its ids, and line N would be customer N. Some parts at a time meet the dictionary and are set aside as Parquet; then
// one pass over these writes the file. heard is told rows.
func (e *Engine) ExportBook(ctx context.Context, v engine.View, x engine.BookExport, heard func(done, total int64)) (out engine.Exported, err error) {
	book, _ := fact.Find(x.Book)
	parts := exportParts(v.Books[x.Book], x)
	total := int64(0)
	for _, p := range parts {
		total += p.Rows
	}
	if total == 0 {
		return out, nothingToExport(x)
	}
	restore, err := e.sparing(ctx)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, restore()) }()
	aside, err := os.MkdirTemp(e.scratch, "export-")
	if err != nil {
		return out, fmt.Errorf("export %s: %w", x.Book, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	columns, err := e.exportColumns(ctx, book, parts)
	if err != nil {
		return out, err
	}
	columns = slices.DeleteFunc(columns, func(c fact.Column) bool {
		return slices.Contains(x.Without, c.Name) || x.Veil != nil && identifying(book.Name, c)
	})
	if v, err = e.veiled(ctx, v, x.Veil, aside); err != nil {
		return out, err
	}
	var files []string
	done := int64(0)
	for group := range slices.Values(grouped(parts)) {
		file := filepath.Join(aside, fmt.Sprintf("%06d.parquet", len(files)))
		query := "COPY (" + e.resolved(v, book, columns, group, x) + ") TO " + literal(file) + fmt.Sprintf(" (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE %d)", exportBlock)
		if err := e.exec(ctx, query); err != nil {
			return out, err
		}
		files = append(files, literal(file))
		for _, p := range group {
			done += p.Rows
		}
		heard(done, total)
	}
	from := "read_parquet([" + strings.Join(files, ", ") + "])"
	if err := e.one(ctx, "SELECT count(*) FROM "+from, &out.Rows); err != nil {
		return out, err
	}
	if out.Rows == 0 {
		return out, nothingToExport(x)
	}
	if x.Veil != nil {
		from = "(SELECT * FROM " + from + " ORDER BY " + join(veiledOrder(book, columns)) + ")"
	}
	if x.Format == "xlsx" {
		out.Cut, err = e.exportSheet(ctx, x, columns, from, out.Rows)
		return out, err
	}
	return out, e.exec(ctx, "COPY (SELECT "+join(exportCells(columns, x.Format))+" FROM "+from+") TO "+literal(x.To)+" ("+exportOptions[x.Format]+", USE_TMP_FILE false)")
}

var exportOptions = map[string]string{
	"ndjson": "FORMAT json", "csv": "FORMAT csv, HEADER true", "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000",
}

func nothingToExport(x engine.BookExport) error {
	what := "the book " + x.Book + " has no rows"
	if x.Period != nil {
		what += " in " + x.Period.String()
	}
	if x.Period == nil {
		return &engine.Unanswerable{What: what, Do: "name a book that has rows"}
	}
	return &engine.Unanswerable{What: what, Do: "ask for days that the book holds"}
}

// exportParts are the parts with rows of the period, by month; those of one
// month in the order of their sources.
func exportParts(all []engine.Part, x engine.BookExport) []engine.Part {
	parts := slices.DeleteFunc(slices.Clone(all), func(p engine.Part) bool {
		return p.Rows == 0 || x.Period != nil && (p.Month == engine.Undated || p.Last < x.Period.Start || p.First >= x.Period.End)
	})
	slices.SortStableFunc(parts, func(a, b engine.Part) int { return int(a.Month) - int(b.Month) })
	return parts
}

// grouped takes neighbouring parts together until they are many rows.
func grouped(parts []engine.Part) (out [][]engine.Part) {
	rows := int64(0)
	for _, p := range parts {
		if len(out) == 0 || rows+p.Rows > exportGroup {
			out, rows = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], p)
		rows += p.Rows
	}
	return out
}

// sparing lets the engine hold little and keep rows in their order, until
// restore.
func (e *Engine) sparing(ctx context.Context) (restore func() error, err error) {
	var limit string
	if err := e.one(ctx, "SELECT current_setting('memory_limit')", &limit); err != nil {
		return nil, err
	}
	restore = func() error {
		return errors.Join(e.exec(context.WithoutCancel(ctx), "SET memory_limit = "+literal(limit)), e.exec(context.WithoutCancel(ctx), "SET preserve_insertion_order = false"))
	}
	if err := e.exec(ctx, "SET memory_limit = "+literal(exportMemory)); err != nil {
		return nil, err
	}
	if err := e.exec(ctx, "SET preserve_insertion_order = true"); err != nil {
		return nil, errors.Join(err, restore())
	}
	return restore, nil
}

// exportColumns are the columns of a book that any of the parts stores.
func (e *Engine) exportColumns(ctx context.Context, book fact.Book, parts []engine.Part) ([]fact.Column, error) {
	have := map[string]bool{}
	for _, p := range parts {
		columns, err := e.columns(ctx, p.Path)
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			have[c.name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(book.Columns), func(c fact.Column) bool { return !have[stored(c)] }), nil
}

// resolved is the query of some parts' rows in their order, with ids.
func (e *Engine) resolved(v engine.View, book fact.Book, columns []fact.Column, parts []engine.Part, x engine.BookExport) string {
	var cells []string
	joins := ""
	for i, c := range columns {
		value := "s." + quoted(c.Name)
		if c.Refers != "" {
			value = fmt.Sprintf("d%d.id", i)
			joins += fmt.Sprintf(" LEFT JOIN read_parquet(%s) d%d ON d%[2]d.key = s.%s", e.files(paths(v.Keys)), i, quoted(stored(c)))
		}
		cells = append(cells, value+" AS "+quoted(c.Name))
	}
	query := "SELECT " + join(cells) + " FROM (SELECT *, file_index AS __file, file_row_number AS __row FROM read_parquet(" + e.files(paths(parts)) + ", union_by_name = true, file_row_number = true)) s" + joins
	if x.Period != nil {
		query += fmt.Sprintf(" WHERE s.%[1]s >= %[2]s AND s.%[1]s < %[3]s", quoted(book.Time), date(x.Period.Start), date(x.Period.End))
	}
	if x.Veil != nil {
		return query // the last pass gives them an order without their source's
	}
	return query + " ORDER BY s.__file, s.__row"
}

// exportCells are the columns as a format holds them: Parquet in their own
// types; lines of JSON as exact text; CSV the same, with an apostrophe before
// a text that a spreadsheet would take for a formula (OWASP, "CSV Injection").
func exportCells(columns []fact.Column, format string) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		name := quoted(c.Name)
		value := name
		if format != "parquet" {
			value = "CAST(" + name + " AS VARCHAR)"
			switch c.Type {
			case fact.Money, fact.Number, fact.Rate:
				value = "rtrim(rtrim(" + value + ", '0'), '.')"
			case fact.Day, fact.Instant, fact.Truth:
			default:
				if format == "csv" {
					value = "CASE WHEN regexp_matches(" + name + `, '^[=+\-@＝＋－＠\t\r]') THEN concat('''', ` + name + ") ELSE " + name + " END"
				}
			}
		}
		out[i] = value + " AS " + name
	}
	return out
}

// exportSheet writes rows as a workbook of one sheet.
func (e *Engine) exportSheet(ctx context.Context, x engine.BookExport, columns []fact.Column, from string, rows int64) (cut int64, err error) {
	if rows > xlsx.MaxRows-1 {
		return 0, &engine.Unanswerable{
			What: fmt.Sprintf("%d rows of %s do not fit into a sheet, which holds %d", rows, x.Book, xlsx.MaxRows-1),
			Do:   "export fewer days at a time, or as Parquet, CSV or lines of JSON, which hold any number of rows",
		}
	}
	b := xlsx.New()
	defer b.Close() // only drops what was held aside
	widths, head := make([]float64, len(columns)), make([]xlsx.Cell, len(columns))
	for i, c := range columns {
		widths[i], head[i] = 18, xlsx.Head(c.Name)
	}
	sheet, err := b.Sheet(x.Book, 1, widths...)
	if err != nil {
		return 0, err
	}
	if err := sheet.Row(head...); err != nil {
		return 0, err
	}
	values, into, row := make([]sql.NullString, len(columns)), make([]any, len(columns)), make([]xlsx.Cell, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	err = e.each(ctx, "SELECT "+join(exportCells(columns, "xlsx"))+" FROM "+from, func(r *sql.Rows) error {
		if err := r.Scan(into...); err != nil {
			return err
		}
		for i, c := range columns {
			row[i] = sheetCell(c, values[i].String)
		}
		return sheet.Row(row...)
	})
	if err != nil {
		return 0, err
	}
	f, err := os.Create(x.To)
	if err != nil {
		return 0, err
	}
	if _, err := b.WriteTo(f); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	return b.Cut, f.Close()
}

// sheetCell is a value in its column's format; what is no such value stays the
// text that it is.
func sheetCell(c fact.Column, text string) xlsx.Cell {
	switch c.Type {
	case fact.Money, fact.Number, fact.Rate:
		return xlsx.Plain(text)
	case fact.Day:
		if t, err := time.Parse(time.DateOnly, text); err == nil {
			return xlsx.Day(t.Date())
		}
	case fact.Instant:
		if t, err := time.Parse("2006-01-02 15:04:05.999999", text); err == nil && t.Nanosecond() == 0 {
			return xlsx.Moment(t)
		}
	}
	return xlsx.Text(text)
}
