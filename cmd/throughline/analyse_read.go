package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/books/text"
	"github.com/throughline/throughline/internal/books/workbook"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
)

// rows says what was read of a file into an instrument's columns.
type rows struct {
	file  string
	n     int            // rows that the columns hold
	out   map[string]int // rows left out, by the column that was blank first
	lines []int32        // of each row held, from 1; of Parquet and workbooks the row's number
	unit  string         // what lines are: "line" or "row"
}

// at is where a row of the columns stands in the file, for a refusal.
func (r rows) at(i int) string { return fmt.Sprintf("%s: %s %d", r.file, r.unit, r.lines[i]) }

// left is how many rows were left out.
func (r rows) left() int {
	sum := 0
	for _, n := range r.out {
		sum += n
	}
	return sum
}

// notes say which rows were left out and why.
func (r rows) notes() []string {
	var notes []string
	for name, n := range r.out {
		notes = append(notes, fmt.Sprintf("%s: left out, because column %s is blank there: %s of %d", r.file, name, counted(n, "row"), r.n+r.left()))
	}
	slices.Sort(notes)
	return notes
}

// counted is "1 row" or "2 rows".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// refusalOf names the file in a refusal that does not.
func refusalOf(file string, err error) error {
	var told *books.Refusal
	if errors.As(err, &told) || errors.Is(err, context.Canceled) {
		return err
	}
	return &books.Refusal{Where: file, What: err.Error()}
}

// mostRows bounds what is held in memory: a row's number must fit.
const mostRows = 1<<31 - 1

// readColumns reads the named columns of a file, in the file's order. A row
// that cannot be read, or a cell that is not what its column should hold, is a
// refusal that names the place; a blank cell is what the column says of it.
func readColumns(ctx context.Context, path string, columns []column) (rows, error) {
	s := &sheet{rows: rows{file: path, out: map[string]int{}, unit: "line"}, columns: columns}
	var err error
	switch {
	case books.IsParquet(path):
		s.unit = "row"
		err = s.readParquet(ctx)
	case workbook.Claims(path):
		s.unit = "row"
		err = s.readWorkbook(ctx)
	default:
		err = s.readText(ctx)
	}
	if err != nil {
		return s.rows, refusalOf(path, err)
	}
	if s.n == 0 {
		what := "holds no rows"
		if left := s.left(); left > 0 {
			what = fmt.Sprintf("no row is left: of %s each has a blank in a column that must be known", counted(left, "row"))
		}
		return s.rows, &books.Refusal{Where: path, What: what}
	}
	return s.rows, nil
}

// sheet is a file on its way into columns.
type sheet struct {
	rows
	columns []column
	places  []int // of each column among the file's
}

// find looks the columns up by name.
func (s *sheet) find(names []string) error {
	for _, c := range s.columns {
		a := c.asked()
		i := slices.Index(names, a.name)
		if i < 0 {
			return &books.Refusal{Where: s.file, What: fmt.Sprintf("has no column %q, which --%s names", a.name, a.flag),
				Do: "its columns are " + enumerated(names)}
		}
		s.places = append(s.places, i)
	}
	return nil
}

// enumerated is a list of names for a message; a very long one is cut.
func enumerated(names []string) string {
	const most = 60
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// take hands a row's cells to the columns.
func (s *sheet) take(line int64, cell func(i int) string) error {
	if s.n >= mostRows || line > mostRows {
		return &books.Refusal{Where: s.file, What: fmt.Sprintf("has more than %d rows, the most that are read", mostRows)}
	}
	blank := ""
	for i, c := range s.columns {
		text := cell(i)
		known, err := c.take(text)
		a := c.asked()
		if err == nil && !known && a.blank == blankRefused {
			err = errors.New("is blank, and must be known in every row")
		}
		if err != nil {
			return &books.Refusal{Where: fmt.Sprintf("%s: %s %d", s.file, s.unit, line), What: fmt.Sprintf("column %s: %v", a.name, err)}
		}
		if !known && a.blank == blankLeftOut && blank == "" {
			blank = a.name
		}
	}
	if blank != "" {
		s.out[blank]++
		for _, c := range s.columns {
			c.cut(s.n)
		}
		return nil
	}
	s.n++
	s.lines = append(s.lines, int32(line))
	return nil
}

// rowReader reads rows of cells as text.
type rowReader interface {
	Columns() []string
	Next() (text.Row, error)
	Close() error
}

func (s *sheet) readText(ctx context.Context) error {
	r, err := text.Open(s.file, text.Options{})
	if err != nil {
		return told(s.file, err)
	}
	return s.readRows(ctx, r)
}

func (s *sheet) readWorkbook(ctx context.Context) error {
	r, err := workbook.Open(s.file, workbook.Options{})
	if err != nil {
		return told(s.file, err)
	}
	return s.readRows(ctx, r)
}

// told keeps an error that begins with the file's name from naming it twice.
func told(file string, err error) error {
	return &books.Refusal{Where: file, What: strings.TrimPrefix(err.Error(), file+": ")}
}

func (s *sheet) readRows(ctx context.Context, r rowReader) (err error) {
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := s.find(r.Columns()); err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n%65536 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := r.Next()
		var torn *text.Refused
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &torn):
			what := torn.Reason
			if torn.Column != "" {
				what = "column " + torn.Column + ": " + what
			}
			if torn.Value != "" {
				what += fmt.Sprintf(": %q", torn.Value)
			}
			return &books.Refusal{Where: fmt.Sprintf("%s: %s %d", s.file, s.unit, torn.Line), What: what, Do: "mend the row, or take it out"}
		case err != nil:
			return told(s.file, err)
		}
		if err := s.take(row.Line, func(i int) string { return row.Cells[s.places[i]] }); err != nil {
			return err
		}
	}
}

func (s *sheet) readParquet(ctx context.Context) (err error) {
	path, err := filepath.Abs(s.file)
	if err != nil {
		return err
	}
	e, scratch, err := scratchEngine(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close(), os.RemoveAll(scratch)) }()
	has, err := e.Describe(ctx, engine.Table{Parquet: path}, "")
	if err != nil {
		return err
	}
	var names, wanted []string
	for _, c := range has {
		names = append(names, c.Name)
	}
	if err := s.find(names); err != nil {
		return err
	}
	for _, c := range s.columns {
		wanted = append(wanted, c.asked().name)
	}
	return e.Texts(ctx, path, wanted, func(row int64, cells []string) error {
		return s.take(row, func(i int) string { return cells[i] })
	})
}

// scratchEngine is an engine without a data folder.
func scratchEngine(ctx context.Context) (*duckdb.Engine, string, error) {
	granted, err := grantedToEngine()
	if err != nil {
		return nil, "", err
	}
	scratch, err := os.MkdirTemp("", "throughline-analyse-")
	if err != nil {
		return nil, "", fmt.Errorf("make a temporary folder: %w", err)
	}
	e, err := duckdb.Open(ctx, duckdb.Options{Dir: scratch, MemoryLimit: granted.memory, Threads: granted.threads})
	if err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(scratch))
	}
	return e, scratch, nil
}
