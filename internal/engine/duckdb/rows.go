package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/engine"
)

// The names of the columns that carry a row's line in its file, and its file's
// place in the load.
const (
	lineColumn = "__line"
	fileColumn = "__file"
)

// rowSource streams text rows into DuckDB: the parsing is serial, under the
// lock; what follows in the query runs on all threads.
type rowSource struct {
	mu    sync.Mutex
	rows  engine.Rows
	types []driver.ColumnInfo
	count int64
	done  bool
	err   error
}

// batch is one thread's copy of some rows: cells end to end, and where each
// ends, so that a batch costs no allocation a cell.
type batch struct {
	lines []int64
	bytes []byte
	ends  []int
}

func newRowSource(rows engine.Rows) (*rowSource, error) {
	bigint, err := driver.NewTypeInfo(driver.TYPE_BIGINT)
	if err != nil {
		return nil, err
	}
	varchar, err := driver.NewTypeInfo(driver.TYPE_VARCHAR)
	if err != nil {
		return nil, err
	}
	s := &rowSource{rows: rows, types: []driver.ColumnInfo{{Name: lineColumn, T: bigint}}}
	for i := range rows.Columns() {
		s.types = append(s.types, driver.ColumnInfo{Name: cell(i), T: varchar})
	}
	return s, nil
}

// cell names the i-th column of a text source: by place, because names that
// differ only by case are one name to SQL.
func cell(i int) string { return fmt.Sprintf("c%d", i+1) }

func (s *rowSource) ColumnInfos() []driver.ColumnInfo { return s.types }

func (s *rowSource) Init() driver.ParallelTableSourceInfo {
	return driver.ParallelTableSourceInfo{MaxThreads: 8}
}

func (s *rowSource) NewLocalState() any { return &batch{} }

func (s *rowSource) Cardinality() *driver.CardinalityInfo { return nil }

// FillChunk is DuckDB's call for more rows. It runs on DuckDB's own thread,
// where a panic would end the process, so it becomes an error here.
func (s *rowSource) FillChunk(local any, chunk driver.DataChunk) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read rows: %v", p)
		}
	}()
	b := local.(*batch)
	if err := s.read(b, driver.GetDataChunkCapacity()); err != nil {
		return err
	}
	width, at, from := len(s.types)-1, 0, 0
	for row, line := range b.lines {
		if err := driver.SetChunkValue(chunk, 0, row, line); err != nil {
			return err
		}
		for c := range width {
			end := b.ends[at]
			if err := setText(chunk, c+1, row, b.bytes[from:end]); err != nil {
				return err
			}
			at, from = at+1, end
		}
	}
	return chunk.SetSize(len(b.lines))
}

// setText stores a cell; an empty one is unknown.
func setText(chunk driver.DataChunk, column, row int, text []byte) error {
	if len(text) == 0 {
		return chunk.SetValue(column, row, nil)
	}
	return driver.SetChunkValue(chunk, column, row, text)
}

func (s *rowSource) read(b *batch, n int) error {
	b.lines, b.bytes, b.ends = b.lines[:0], b.bytes[:0], b.ends[:0]
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(b.lines) < n && !s.done {
		line, cells, err := s.rows.Next()
		if errors.Is(err, io.EOF) {
			s.done = true
			break
		}
		if err != nil {
			s.done, s.err = true, err
			return err
		}
		s.count++
		b.lines = append(b.lines, line)
		for _, c := range cells {
			b.bytes = append(b.bytes, c...)
			b.ends = append(b.ends, len(b.bytes))
		}
	}
	return nil
}

// relation makes tables of one shape readable in SQL. The returned source is
// nil for Parquet.
func (e *Engine) relation(tables ...engine.Table) (from string, s *rowSource, err error) {
	if tables[0].Rows == nil {
		var files []string
		for _, t := range tables {
			files = append(files, literal(t.Parquet))
		}
		first := ""
		if most := tables[0].Most; most > 0 { // the limit ends the reading, the condition says which rows
			first = fmt.Sprintf(" WHERE file_row_number < %[1]d LIMIT %[1]d", most)
		}
		return fmt.Sprintf("(SELECT *, file_row_number + 1 AS %s, file_index AS %s FROM read_parquet([%s], file_row_number = true)%s)",
			lineColumn, fileColumn, strings.Join(files, ", "), first), nil, nil
	}
	if s, err = newRowSource(tables[0].Rows); err != nil {
		return "", nil, err
	}
	name := e.fresh("rows")
	table := driver.ParallelChunkTableFunction{
		BindArguments: func(map[string]any, ...any) (driver.ParallelChunkTableSource, error) { return s, nil },
	}
	if err := driver.RegisterTableUDF(e.conn, name, table); err != nil {
		return "", nil, err
	}
	return "(SELECT *, 0 AS " + fileColumn + " FROM " + name + "())", s, nil
}

// Describe lists the columns of a table as expressions may use them: those of
// text by place, those of Parquet with their own types. Their SQL starts with prefix ("s.").
func (e *Engine) Describe(ctx context.Context, t engine.Table, prefix string) ([]expr.Column, error) {
	var columns []expr.Column
	if t.Rows != nil {
		for i, name := range t.Rows.Columns() {
			columns = append(columns, expr.Column{Name: name, Type: expr.Text, SQL: prefix + quoted(cell(i)), Native: "VARCHAR"})
		}
		return columns, nil
	}
	query := "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(" + literal(t.Parquet) + "))"
	rows, err := e.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Parquet, e.plain(err, query))
	}
	defer rows.Close()
	for rows.Next() {
		var name, native string
		if err := rows.Scan(&name, &native); err != nil {
			return nil, err
		}
		columns = append(columns, expr.Column{Name: name, Type: kind(native), SQL: prefix + quoted(name), Native: native})
	}
	return columns, rows.Err()
}

// kind is the expression type of a DuckDB type. Nested values are text.
func kind(native string) expr.Type {
	switch base, _, _ := strings.Cut(native, "("); base {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL":
		return expr.Number
	case "DATE":
		return expr.Date
	case "BOOLEAN":
		return expr.Boolean
	default:
		if strings.HasPrefix(base, "TIMESTAMP") {
			return expr.Timestamp
		}
		return expr.Text
	}
}
