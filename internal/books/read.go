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
	"github.com/throughline/throughline/internal/snapshot"
)

// reading is one file on its way into the books.
type reading struct {
	load
	name, state, folder string
	refused             *refusedFile
}

// read stages files into parts of their book: one of text, or several of
// Parquet.
func (im *Importer) read(ctx context.Context, loads []load, keys []string, act string) (_ []snapshot.Added, err error) {
	var files []reading
	defer func() {
		for _, f := range files {
			if closeErr := f.refused.close(); err == nil {
				err = closeErr
			}
		}
	}()
	for _, l := range loads {
		f := reading{load: l, name: im.name(l.path)}
		if f.state, err = stateText(l.path); err != nil {
			return nil, err
		}
		if f.folder, err = im.folder(l.book.Name); err != nil {
			return nil, err
		}
		if f.refused, err = newRefusedFile(filepath.Join(im.Dir, f.folder, "refused.csv"), f.name); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	staged, err := im.stage(ctx, files, keys, act)
	if err != nil {
		var misfit *engine.Misfit
		if errors.As(err, &misfit) {
			return nil, im.Config.refuse("books: %s: columns: %v", "the file read was "+files[0].name, files[0].book.Name, misfit)
		}
		return nil, within(files[0].name, err)
	}
	var out []snapshot.Added
	for i, f := range files {
		added, err := im.added(f, staged[i])
		if err != nil {
			return nil, err
		}
		out = append(out, added)
	}
	return out, nil
}

// added is what became of one file, once it is known that it is still the one
// that was read.
func (im *Importer) added(f reading, staged engine.Staged) (snapshot.Added, error) {
	if again, err := stateText(f.path); err != nil || again != f.state {
		return snapshot.Added{}, &Refusal{Where: f.name, What: "changed while it was being read", Do: "run again when it is complete"}
	}
	source := snapshot.Source{
		Book: f.book.Name, Path: f.name, State: f.state, Signature: f.signature,
		Rows: staged.Rows, Refused: f.refused.rows, Skipped: staged.Skipped, Rounded: staged.Rounded, Repeated: staged.Repeated,
		ReadAt: im.Now(),
	}
	if f.refused.rows > 0 {
		source.RefusedIn = filepath.Join(f.folder, "refused.csv")
	}
	added := snapshot.Added{Source: source}
	for _, p := range staged.Parts {
		added.Parts = append(added.Parts, snapshot.Part{Book: f.book.Name, Role: snapshot.Rows, Part: p})
	}
	if staged.NewKeys != nil {
		added.Parts = append(added.Parts, snapshot.Part{Book: "customers", Role: snapshot.Keys, Part: *staged.NewKeys})
	}
	if err := f.refused.sync(); err != nil {
		return added, err
	}
	return added, syncDir(filepath.Join(im.Dir, f.folder))
}

// within adds the source's name to an error that lacks it.
func within(name string, err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("read %s: %w", name, err)
}

func (im *Importer) stage(ctx context.Context, files []reading, keys []string, act string) ([]engine.Staged, error) {
	var sources []engine.Source
	total := int64(0)
	for _, f := range files {
		o, err := im.open(f.path, f.mapping.Source, f.mapping.Names, f.refused, act)
		if err != nil {
			return nil, err
		}
		defer o.close()
		sources = append(sources, engine.Source{Table: o.table, Name: f.name, Folder: f.folder})
		total += o.size
	}
	spec, closeJoins, err := im.compile(ctx, files[0].load, sources[0].Table)
	defer closeJoins()
	if err != nil {
		return nil, err
	}
	spec.Sources, spec.Keys = sources, keys
	im.Progress(act, 0, total)
	return im.Engine.Stage(ctx, spec, func(r engine.Refused) error { return files[r.Source].refused.add(r) })
}

// compile resolves the mapping's expressions against the source's columns.
func (im *Importer) compile(ctx context.Context, l load, table engine.Table) (engine.Load, func(), error) {
	spec := engine.Load{Book: l.book}
	var opened []*opened
	closeAll := func() {
		for _, o := range opened {
			o.close()
		}
	}
	columns, err := im.Engine.Describe(ctx, table, "s.")
	if err != nil {
		return spec, closeAll, err
	}
	for i, j := range l.mapping.Join {
		o, join, more, err := im.join(ctx, l.book.Name, j, i, columns)
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
		DateFormat: l.mapping.Dates, TimeZone: im.Config.Settings.TimeZone,
	}
	where := "books: " + l.book.Name + ": "
	if l.mapping.Where != "" {
		e, err := expr.Compile(l.mapping.Where, columns, dialect)
		if err != nil {
			return spec, closeAll, im.Config.refuse("%swhere: %v", "", where, err)
		}
		if spec.Where, err = e.Boolean(); err != nil {
			return spec, closeAll, im.Config.refuse("%swhere: %v", "", where, err)
		}
	}
	for _, c := range l.book.Columns {
		source, ok := l.mapping.Columns[c.Name]
		if !ok {
			continue
		}
		e, err := expr.Compile(source, columns, dialect)
		if err != nil {
			return spec, closeAll, im.Config.refuse("%scolumns: %s: %v", "the file read was "+im.name(l.path), where, c.Name, err)
		}
		spec.Fields = append(spec.Fields, engine.Field{Column: c, Source: e})
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

func (im *Importer) join(ctx context.Context, book string, j JoinMapping, i int, left []expr.Column) (*opened, engine.Join, []expr.Column, error) {
	fail := func(o *opened, err error) (*opened, engine.Join, []expr.Column, error) {
		return o, engine.Join{}, nil, err
	}
	path, err := im.Config.expand(book, j.From)
	if err != nil {
		return fail(nil, err)
	}
	path = im.Config.resolve(path)
	o, err := im.open(path, j.Source, j.Names, nil, "")
	if err != nil {
		return fail(nil, err)
	}
	prefix := fmt.Sprintf("j%d_", i+1)
	inner, err := im.Engine.Describe(ctx, o.table, "j.")
	if err != nil {
		return fail(o, err)
	}
	l, r, ok := strings.Cut(j.On, "=")
	if !ok {
		return fail(o, im.Config.refuse("books: %s: join: on: %q is not of the form `column = column`", "", book, j.On))
	}
	leftSQL, err := joinSide(l, left)
	if err != nil {
		return fail(o, im.Config.refuse("books: %s: join: on: %v", "", book, err))
	}
	rightSQL, err := joinSide(r, inner)
	if err != nil {
		return fail(o, im.Config.refuse("books: %s: join: on: %v", "", book, err))
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
	return o, engine.Join{Table: o.table, Name: im.name(path), Columns: own, Left: leftSQL, Right: rightSQL}, offered, nil
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

// openRows goes by the file's own first bytes, not its name.
func openRows(path string, s SourceOptions, names []string) (rowReader, error) {
	if !workbook.Claims(path) {
		return text.Open(path, textOptions(s, names))
	}
	if s.Format != "" && !strings.EqualFold(s.Format, "xlsx") {
		return nil, fmt.Errorf("%s: is a workbook, but source.format says %s", path, s.Format)
	}
	return workbook.Open(path, workbook.Options{Sheet: s.Sheet, Header: s.Header, Names: names, Decimal: s.Decimal})
}

func (o *opened) close() {
	if o.file != nil {
		_ = o.file.Close() // only read from
	}
}

func (im *Importer) open(path string, source SourceOptions, names []string, refused *refusedFile, act string) (*opened, error) {
	if err := readable("", path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if isParquet(path) {
		absolute, err := filepath.Abs(path)
		return &opened{table: engine.Table{Parquet: absolute}, size: info.Size()}, err
	}
	reader, err := openRows(path, source, names)
	if err != nil {
		return nil, err
	}
	rows := &textRows{reader: reader, refused: refused, progress: func(done int64) { im.Progress(act, done, info.Size()) }}
	return &opened{table: engine.Table{Rows: rows}, size: info.Size(), file: reader}, nil
}

// isParquet goes by the file's own first bytes, not its name.
func isParquet(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	n, err := f.Read(magic)
	return err == nil && n == 4 && string(magic) == "PAR1"
}

// textRows hands good rows on and keeps the torn ones.
type textRows struct {
	reader   rowReader
	refused  *refusedFile // nil: a torn row is an error
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
		case errors.As(err, &torn) && t.refused != nil:
			if err := t.refused.add(engine.Refused{Line: torn.Line, Column: torn.Column, Value: torn.Value, Reason: torn.Reason}); err != nil {
				return 0, nil, err
			}
		default:
			return 0, nil, err
		}
	}
}

// syncDir makes the names in a folder durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return diskError(err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return diskError(err)
	}
	return nil
}
