// Package text reads the rows of text sources: comma, tab or otherwise delimited files, columns of blanks, and one JSON
// object a line; plain or gzip; in UTF-8, UTF-16, Latin-1 or Windows-1252. It owns the way from bytes to cells and
// says of every row on which line it began. It does not own what a cell means: numbers, dates and mappings are the
// business of books, and Parquet and workbooks have readers of their own. The quoting is that of RFC 4180, the JSON
// that of RFC 8259. Invariant: every non-blank line of a file is part of exactly one row or one Refused, the lines of
// both together strictly increase, nothing is replaced or guessed in a cell, and memory does not grow with the file,
// its lines or its rows.
package text

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	// MaxRecord is the most bytes of UTF-8 that one row may take; a longer one is refused.
	MaxRecord = 1 << 20
	// MaxColumns is the most columns a file may have, as many as a worksheet.
	MaxColumns = 16384
)

// Options say what cannot be detected. The zero value detects everything and expects a header.
type Options struct {
	Format    string   // "csv", "tsv" or "ndjson"; "" goes by the name and the content
	Delimiter string   // one character, several ("||"), "tab" or "whitespace" (runs of blanks and tabs, leading ones ignored); "" detects
	Header    *bool    // nil: there is one unless Names are given; true with Names: the header is skipped and Names stand
	Names     []string // the columns of a file without a header
	Encoding  string   // utf-8, utf-16, utf-16le, utf-16be, latin-1 or windows-1252; "" detects
}

// A Row is one row of a source. Cells has as many cells as the reader has columns; the slice is used again by the
// next call of Next, the strings in it may be kept.
type Row struct {
	Line  int64 // on which the row begins, from 1
	Cells []string
}

// Refused is the error of one row that cannot be read; reading goes on after it.
type Refused struct {
	Line   int64  // on which the row begins, from 1
	Column string // where it is known
	Value  string // the beginning of what stands there, with unreadable bytes as \x00
	Reason string
}

func (r *Refused) Error() string {
	if r.Column != "" {
		return fmt.Sprintf("line %d: %s: %s", r.Line, r.Column, r.Reason)
	}
	return fmt.Sprintf("line %d: %s", r.Line, r.Reason)
}

// A Warning is a thing that did not stop a row but that its owner should hear of, told once with how often it occurred.
type Warning struct {
	Line  int64 // of the first occurrence
	Count int64
	Text  string
}

// rows is a reader of one format over a window of decoded text.
type rows interface {
	columns() []string
	next() (Row, error)
	warnings() []Warning
}

// A Reader reads the rows of one source. It is not safe for concurrent use, except for Bytes.
type Reader struct {
	source  *source
	dialect Dialect
	rows    rows
	ended   error
}

// Open opens the file at path. Errors begin with the path; those of the file system can be told by errors.Is
// (fs.ErrNotExist, fs.ErrPermission, syscall.EISDIR), a torn gzip file by errors.Is(err, io.ErrUnexpectedEOF).
func Open(path string, o Options) (*Reader, error) {
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	r, err := open(path, file, file, o)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// OpenReader reads a stream under the name that errors and detection shall use. Close does not close the stream.
func OpenReader(name string, stream io.Reader, o Options) (*Reader, error) {
	return open(name, stream, nil, o)
}

func open(name string, stream io.Reader, closer io.Closer, o Options) (*Reader, error) {
	o, err := o.settled(name)
	if err != nil {
		return nil, err
	}
	src, err := newSource(name, stream, closer, o.Encoding)
	if err != nil {
		return nil, err
	}
	w := newWindow(src.text)
	sample, whole := w.peek(sampleSize)
	if len(sample) == 0 {
		if w.err != io.EOF {
			return nil, named(name, w.err)
		}
		return nil, problem(name, "the file is empty", nil)
	}
	if loneReturns(sample) {
		w.endLinesAtReturns()
	}
	r := &Reader{source: src, dialect: Dialect{Gzip: src.gzip, Encoding: src.encoding, BOM: src.bom}}
	if r.dialect.Format, err = formatOf(name, sample, o); err != nil {
		return nil, err
	}
	if r.dialect.Format == "ndjson" {
		r.rows, err = newObjects(name, w, src.encoding)
	} else {
		r.rows, err = newTable(name, w, whole, o, &r.dialect)
	}
	if err != nil {
		return nil, named(name, err)
	}
	r.dialect.Columns = r.rows.columns()
	return r, nil
}

// Columns are the names of the columns: the header's cells, trimmed; a blank one is "column 3" by its place, a
// repeated one gets " 2", " 3" and so on. Of NDJSON they are the keys of the first 1000 lines (or 4 MiB) in order of
// first appearance, those of nested objects joined by dots.
func (r *Reader) Columns() []string { return slices.Clone(r.dialect.Columns) }

// Next gives the next row. The error is io.EOF at the end, a *Refused for a row that cannot be read (Next may be
// called again and goes on after it), and any other error ends the reading for good.
func (r *Reader) Next() (Row, error) {
	if r.ended != nil {
		return Row{}, r.ended
	}
	row, err := r.rows.next()
	if err != nil {
		if _, refused := err.(*Refused); refused {
			return Row{}, err
		}
		r.ended = err
		if err != io.EOF {
			r.ended = named(r.source.name, err)
		}
		return Row{}, r.ended
	}
	return row, nil
}

// Warnings are what was noticed up to now.
func (r *Reader) Warnings() []Warning { return r.rows.warnings() }

// Bytes is how much of the file, as it lies on the disk, has been taken in; for progress, from any goroutine.
func (r *Reader) Bytes() int64 { return r.source.raw.count.Load() }

// Close closes the file.
func (r *Reader) Close() error { return r.source.close() }

// settled checks the options and spells them in one way.
func (o Options) settled(name string) (Options, error) {
	switch o.Format = strings.ToLower(o.Format); o.Format {
	case "", "csv", "tsv", "ndjson":
	case "jsonl":
		o.Format = "ndjson"
	default:
		return o, problem(name, fmt.Sprintf("format %q is not one of csv, tsv, ndjson", o.Format), nil)
	}
	switch o.Delimiter {
	case "tab", `\t`:
		o.Delimiter = "\t"
	}
	if why := unfitDelimiter(o.Delimiter); why != "" {
		return o, problem(name, fmt.Sprintf("delimiter %q %s", o.Delimiter, why), nil)
	}
	encoding, err := encodingNamed(o.Encoding)
	if err != nil {
		return o, problem(name, err.Error(), nil)
	}
	o.Encoding = encoding
	if len(o.Names) > MaxColumns {
		return o, problem(name, fmt.Sprintf("names lists %d columns, more than %d", len(o.Names), MaxColumns), nil)
	}
	return o, nil
}

// hasHeader says whether the first row is a header by these options.
func (o Options) hasHeader() bool {
	if o.Header != nil {
		return *o.Header
	}
	return len(o.Names) == 0
}
