package books

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/books/text"
	"github.com/throughline/throughline/internal/books/workbook"
	"github.com/throughline/throughline/internal/engine"
)

// mapper leads a mapping to what an engine loads.
type mapper struct {
	config   *Config
	describe func(ctx context.Context, t engine.Table, prefix string) ([]expr.Column, error)
	progress Progress
}

func (im *Importer) mapper() mapper {
	return mapper{config: im.Config, describe: im.Engine.Describe, progress: im.Progress}
}

// compile resolves the mapping's expressions against the source's columns.
func (m mapper) compile(ctx context.Context, l load, table engine.Table) (engine.Load, func(), error) {
	spec := engine.Load{Book: l.book}
	var opened []*opened
	closeAll := func() {
		for _, o := range opened {
			o.close()
		}
	}
	columns, err := m.describe(ctx, table, "s.")
	if err != nil {
		return spec, closeAll, err
	}
	for i, j := range l.mapping.Join {
		o, join, more, err := m.join(ctx, l.book.Name, j, i, columns)
		if o != nil {
			opened = append(opened, o)
		}
		if err != nil {
			return spec, closeAll, err
		}
		spec.Joins = append(spec.Joins, join)
		columns = append(columns, more...)
	}
	dialect := expr.Dialect{
		Decimal: l.mapping.Source.Decimal, Thousands: l.mapping.Source.Thousands,
		DateFormat: l.mapping.Dates, TimeZone: m.config.Settings.TimeZone,
	}
	if l.mapping.Where != "" {
		e, err := expr.Compile(l.mapping.Where, columns, dialect)
		if err != nil {
			return spec, closeAll, m.config.refuseBook(Unmappable, l.book.Name, "where: %v", "", err)
		}
		if spec.Where, err = e.Boolean(); err != nil {
			return spec, closeAll, m.config.refuseBook(Unmappable, l.book.Name, "where: %v", "", err)
		}
	}
	for _, c := range l.book.Columns {
		source, ok := l.mapping.Columns[c.Name]
		if !ok {
			continue
		}
		e, err := expr.Compile(source, columns, dialect)
		if err != nil {
			return spec, closeAll, m.config.refuseBook(Unmappable, l.book.Name, "columns: %s: %v", "the file read was "+m.config.name(l.path), c.Name, err)
		}
		spec.Fields = append(spec.Fields, engine.Field{Column: c, Source: e})
	}
	if err := m.taxOut(&spec, l, columns, dialect); err != nil {
		return spec, closeAll, err
	}
	spec.Key = naturalKey(l.book, l.mapping)
	return spec, closeAll, nil
}

// naturalKey is the book's natural key as far as the mapping gives one: its
// first column must be mapped.
func naturalKey(b fact.Book, m Mapping) []string {
	if len(b.Key) == 0 {
		return nil
	}
	if _, ok := m.Columns[b.Key[0]]; !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(b.Key), func(k string) bool { _, ok := m.Columns[k]; return !ok })
}

func (m mapper) join(ctx context.Context, book string, j JoinMapping, i int, left []expr.Column) (*opened, engine.Join, []expr.Column, error) {
	fail := func(o *opened, err error) (*opened, engine.Join, []expr.Column, error) {
		return o, engine.Join{}, nil, err
	}
	path, err := m.config.expand(book, j.From)
	if err != nil {
		return fail(nil, err)
	}
	path = m.config.resolve(path)
	o, err := m.open(path, j.Source, j.Names, nil, "")
	if err != nil {
		return fail(nil, err)
	}
	prefix := fmt.Sprintf("j%d_", i+1)
	inner, err := m.describe(ctx, o.table, "j.")
	if err != nil {
		return fail(o, err)
	}
	l, r, ok := strings.Cut(j.On, "=")
	if !ok {
		return fail(o, m.config.refuseBook(Unmappable, book, "join: on: %q is not of the form `column = column`", "", j.On))
	}
	leftSQL, err := joinSide(l, left)
	if err != nil {
		return fail(o, m.config.refuseBook(Unmappable, book, "join: on: %v", "", err))
	}
	rightSQL, err := joinSide(r, inner)
	if err != nil {
		return fail(o, m.config.refuseBook(Unmappable, book, "join: on: %v", "", err))
	}
	stem := strings.SplitN(filepath.Base(path), ".", 2)[0]
	var own, offered []expr.Column
	for _, c := range inner {
		c.SQL = `s."` + prefix + strings.TrimPrefix(c.SQL, `j."`)
		own = append(own, c)
		qualified := c
		qualified.Name = stem + "." + c.Name
		offered = append(offered, qualified)
		if !slices.ContainsFunc(left, func(x expr.Column) bool { return strings.EqualFold(x.Name, c.Name) }) {
			offered = append(offered, c)
		}
	}
	return o, engine.Join{Table: o.table, Name: m.config.name(path), Columns: own, Left: leftSQL, Right: rightSQL}, offered, nil
}

// joinSide is one side of a join as trimmed text.
func joinSide(name string, columns []expr.Column) (string, error) {
	e, err := expr.Compile(strings.TrimSpace(name), columns, expr.Dialect{})
	if err != nil {
		return "", err
	}
	return e.Text()
}

func textOptions(s SourceOptions, names []string) text.Options {
	return text.Options{Format: s.Format, Delimiter: s.Delimiter, Header: s.Header, Names: names, Encoding: s.Encoding}
}

// opened is a source ready to be read.
type opened struct {
	table engine.Table
	size  int64
	file  rowReader
}

// rowReader reads rows of cells as text, of a text file or a workbook.
type rowReader interface {
	Columns() []string
	Next() (text.Row, error)
	Bytes() int64
	Close() error
}

// openRows reads a source as rows, turned as its options say.
func openRows(path string, s SourceOptions, names []string) (rowReader, error) {
	r, err := openPlain(path, s, names)
	if err != nil || s.Unpivot == nil {
		return r, err
	}
	turned, err := newUnpivoted(r, path, s.Unpivot)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return turned, nil
}

// openPlain goes by the file's own first bytes, not its name.
func openPlain(path string, s SourceOptions, names []string) (rowReader, error) {
	if !workbook.Claims(path) {
		if s.HeaderRow > 0 {
			return nil, fmt.Errorf("%s: is no workbook, and source.header_row is a row of a sheet", path)
		}
		return text.Open(path, textOptions(s, names))
	}
	if s.Format != "" && !strings.EqualFold(s.Format, "xlsx") {
		return nil, fmt.Errorf("%s: is a workbook, but source.format says %s", path, s.Format)
	}
	return workbook.Open(path, workbook.Options{Sheet: s.Sheet, Header: s.Header, Names: names, Decimal: s.Decimal, HeaderRow: s.HeaderRow, FindHeader: headerOf})
}

func (o *opened) close() {
	if o.file != nil {
		_ = o.file.Close() // only read from
	}
}

func (m mapper) open(path string, source SourceOptions, names []string, refuse func(engine.Refused) error, act string) (*opened, error) {
	if err := readable("", path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if IsParquet(path) {
		if source.Unpivot != nil {
			return nil, &Refusal{Where: path, What: "is a Parquet file, and source.unpivot turns only text and workbooks", Do: "write it with a row a value, or as CSV"}
		}
		absolute, err := filepath.Abs(path)
		return &opened{table: engine.Table{Parquet: absolute}, size: info.Size()}, err
	}
	reader, err := openRows(path, source, names)
	if err != nil {
		return nil, err
	}
	rows := &textRows{reader: reader, refuse: refuse, progress: func(done int64) { m.progress(act, done, info.Size()) }}
	return &opened{table: engine.Table{Rows: rows}, size: info.Size(), file: reader}, nil
}

// IsParquet goes by the file's own first bytes, not its name.
func IsParquet(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	n, err := f.Read(magic)
	return err == nil && n == 4 && string(magic) == "PAR1"
}

// textRows hands good rows on and the torn ones to refuse.
type textRows struct {
	reader   rowReader
	refuse   func(engine.Refused) error // nil: a torn row is an error
	progress func(done int64)
	n        int64
}

func (t *textRows) Columns() []string { return t.reader.Columns() }

func (t *textRows) Next() (int64, []string, error) {
	for {
		row, err := t.reader.Next()
		var torn *text.Refused
		switch {
		case err == nil:
			if t.n++; t.n%65536 == 0 {
				t.progress(t.reader.Bytes())
			}
			return row.Line, row.Cells, nil
		case errors.As(err, &torn) && t.refuse != nil:
			if err := t.refuse(engine.Refused{Line: torn.Line, Column: torn.Column, Value: torn.Value, Reason: torn.Reason}); err != nil {
				return 0, nil, err
			}
		default:
			return 0, nil, err
		}
	}
}
