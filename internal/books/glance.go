package books

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/books/text"
	"github.com/throughline/throughline/internal/books/workbook"
	"github.com/throughline/throughline/internal/engine"
)

// Glanced is what the first file of a mapping looks like before it is mapped.
type Glanced struct {
	Path      string
	Format    string // csv, tsv, ndjson, parquet, xlsx
	Delimiter string // of text; "" where there is none
	Encoding  string // of text
	Header    bool   // the first row names the columns
	Sheets    []string
	Columns   []GlancedColumn
}

// GlancedColumn is a column that an expression may use.
type GlancedColumn struct {
	Name     string
	Joined   string   // the joined file that it stands in; empty: the file itself
	Examples []string // a few different values
	formats  map[string]int
}

// Bounds of a glance.
const (
	glancedRows     = 2000
	glancedExamples = 3
)

// Glance looks at the first file of a mapped book.
func Glance(ctx context.Context, c *Config, s Sampler, name string) (*Glanced, error) {
	mapping := c.Books[name]
	files, missing, err := c.files(name, mapping)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, missing
	}
	if err := readable(name, files[0]); err != nil {
		return nil, err
	}
	g, err := glance(ctx, s, files[0], mapping.Source, mapping.Names)
	if err != nil {
		return nil, within(c.name(files[0]), err)
	}
	g.Path = c.name(files[0])
	for _, j := range mapping.Join {
		path, err := c.expand(name, j.From)
		if err != nil {
			return nil, err
		}
		other, err := glance(ctx, s, c.resolve(path), j.Source, j.Names)
		if err != nil {
			return nil, within(path, err)
		}
		stem := strings.SplitN(filepath.Base(path), ".", 2)[0]
		for _, x := range other.Columns {
			if slices.ContainsFunc(g.Columns, func(y GlancedColumn) bool { return strings.EqualFold(x.Name, y.Name) }) {
				x.Name = stem + "." + x.Name
			}
			x.Joined = c.name(c.resolve(path))
			g.Columns = append(g.Columns, x)
		}
	}
	return g, nil
}

func glance(ctx context.Context, s Sampler, path string, o SourceOptions, names []string) (*Glanced, error) {
	g := &Glanced{Header: len(names) == 0}
	if o.Header != nil {
		g.Header = *o.Header
	}
	if IsParquet(path) {
		return g, g.parquet(ctx, s, path)
	}
	r, err := openRows(path, o, names)
	if err != nil {
		return nil, err
	}
	defer r.Close() // only read from
	plain := r
	if turned, ok := r.(*unpivoted); ok {
		plain = turned.rowReader
	}
	switch r := plain.(type) {
	case *text.Reader:
		d := r.Dialect()
		g.Format, g.Delimiter, g.Encoding = d.Format, d.Delimiter, d.Encoding
	case *workbook.Reader:
		g.Format = "xlsx"
		if g.Sheets, err = workbook.Sheets(path); err != nil {
			return nil, err
		}
	}
	g.name(r.Columns())
	for range glancedRows {
		row, err := r.Next()
		var torn *text.Refused
		switch {
		case errors.As(err, &torn):
			continue
		case errors.Is(err, io.EOF):
			return g, nil
		case err != nil:
			return nil, err
		}
		g.see(row.Cells)
	}
	return g, nil
}

// parquet looks at the columns and the first rows of a Parquet file.
func (g *Glanced) parquet(ctx context.Context, s Sampler, path string) error {
	g.Format = "parquet"
	columns, err := s.Describe(ctx, engine.Table{Parquet: path}, "s.")
	if err != nil {
		return err
	}
	rows, err := s.Sample(ctx, path, glancedRows)
	if err != nil {
		return err
	}
	g.name(columnNames(columns))
	for _, r := range rows {
		g.see(r)
	}
	return nil
}

func columnNames(columns []expr.Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

func (g *Glanced) name(names []string) {
	for _, n := range names {
		g.Columns = append(g.Columns, GlancedColumn{Name: n, formats: map[string]int{}})
	}
}

// see keeps some different values of a row's cells, and how dates are written.
func (g *Glanced) see(cells []string) {
	for i := range min(len(cells), len(g.Columns)) {
		c, v := &g.Columns[i], strings.TrimSpace(cells[i])
		if v == "" {
			continue
		}
		if m, ok := readMoment(v); ok {
			count(c.formats, m.format)
		}
		if v = clipped(v); len(c.Examples) < glancedExamples && !slices.Contains(c.Examples, v) {
			c.Examples = append(c.Examples, v)
		}
	}
}

// column finds a column by the name that an expression calls it.
func (g *Glanced) column(name string) *GlancedColumn {
	i := slices.IndexFunc(g.Columns, func(c GlancedColumn) bool { return strings.EqualFold(c.Name, strings.TrimSpace(name)) })
	if i < 0 {
		return nil
	}
	return &g.Columns[i]
}
