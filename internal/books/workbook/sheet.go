package workbook

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/books/text"
)

// maxRows is how many rows a sheet may have.
const maxRows = 1 << 20

// sheet reads the cells of a sheet, row by row.
type sheet struct {
	name, what string
	tokens     *tokens
	shared     texts
	styles     []shows
	date1904   bool
	decimal    string
	names      []string // of the columns, for refusals

	line    int64 // of the row given last
	cells   []string
	size    int // bytes in cells
	column  int // of the cell read last, from 1
	refused *text.Refused
	inside  bool  // of sheetData
	top     int64 // the header's row; 0: there is none
	merged  int   // ranges below it that cover several rows
}

// empty says that a sheet has no rows.
func (s *sheet) empty(b *book) error {
	return problem("", fmt.Sprintf("%s is empty; %s; source.sheet names the one to read", s.what, b.listed()), ErrEmpty)
}

// ErrEmpty is in the error of a sheet without rows.
var ErrEmpty = errors.New("the sheet has no rows")

// next gives the next row with something in it; its cells may be fewer or more than the columns.
func (s *sheet) next() (text.Row, error) {
	for {
		token, err := s.tokens.next()
		if err != nil {
			if err == io.EOF {
				s.tokens.close()
			}
			return text.Row{}, s.after(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "sheetData" {
				s.inside = true
			}
			if e.Name.Local == "mergeCell" && s.coversRows(attribute(e, "ref")) {
				s.merged++
			}
			if e.Name.Local != "row" || !s.inside {
				continue
			}
			if err := s.row(e); err != nil {
				return text.Row{}, s.after(err)
			}
			if s.refused != nil {
				return text.Row{}, s.refused
			}
			if len(withoutTail(s.cells)) > 0 {
				return text.Row{Line: s.line, Cells: s.cells}, nil
			}
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				s.inside = false
			}
		}
	}
}

// coversRows tells whether a range such as "A2:B4" lies below the header and is of several rows.
func (s *sheet) coversRows(ref string) bool {
	first, last, _ := strings.Cut(ref, ":")
	from, to := rowOf(first), rowOf(last)
	return from > s.top && to > from
}

// rowOf reads the number of a cell's place such as "AB12"; 0 if there is none.
func rowOf(place string) int64 {
	n, err := strconv.ParseInt(strings.TrimLeft(place, "$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), 10, 32)
	if err != nil {
		return 0
	}
	return n
}

// after tells where the reading ended.
func (s *sheet) after(err error) error {
	if err == io.EOF || s.line == 0 {
		return err
	}
	return problem("", fmt.Sprintf("%v (after row %d)", err, s.line), err)
}

func (s *sheet) broken(format string, args ...any) error {
	return problem("", s.what+" is damaged: "+fmt.Sprintf(format, args...)+"; export it again", nil)
}

// row reads a row from its start to its end.
func (s *sheet) row(e xml.StartElement) error {
	line := s.line + 1
	if r := attribute(e, "r"); r != "" {
		n, err := strconv.ParseInt(r, 10, 64)
		if err != nil || n < line {
			return s.broken("row %q stands after row %d", excerpt(r), s.line)
		}
		line = n
	}
	if line > maxRows {
		return s.broken("row %d is beyond the last that a sheet may have", line)
	}
	s.line, s.cells, s.size, s.column, s.refused = line, s.cells[:0], 0, 0, nil
	for {
		token, err := s.tokens.next()
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "c" {
				if err := s.cell(e); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if e.Name.Local == "row" {
				return nil
			}
		}
	}
}

// cell reads a cell from its start to its end and puts it in its place.
func (s *sheet) cell(e xml.StartElement) error {
	column := s.column + 1
	if r := attribute(e, "r"); r != "" {
		if column = columnOf(r); column <= s.column || column > text.MaxColumns {
			return s.broken("row %d has the cell %q after column %s", s.line, excerpt(r), letters(s.column))
		}
	}
	s.column = column
	c := content{kind: attribute(e, "t")}
	if style, err := strconv.Atoi(attribute(e, "s")); err == nil && style >= 0 && style < len(s.styles) {
		c.shows = s.styles[style]
	}
	if err := c.read(s.tokens); err != nil {
		return err
	}
	value, err := s.value(&c)
	if err != nil {
		return err
	}
	s.put(column, value)
	if c.formula.Len() > 0 && !c.stored && c.kind != "str" {
		s.refuse(column, "="+excerpt(c.formula.String()), "the formula's result is not stored; open the workbook in a spreadsheet program and save it")
	}
	return nil
}

// put places a value; a sheet stores no blanks between.
func (s *sheet) put(column int, value string) {
	if value == "" {
		return
	}
	if s.size += len(value); s.size > text.MaxRecord {
		s.refuse(column, excerpt(value), "the row is longer than 1 MiB")
		return
	}
	for len(s.cells) < column-1 {
		s.cells = append(s.cells, "")
	}
	s.cells = append(s.cells, value)
}

// refuse keeps the first reason against a row.
func (s *sheet) refuse(column int, value, reason string) {
	if s.refused != nil {
		return
	}
	s.refused = &text.Refused{Line: s.line, Column: "column " + letters(column), Value: value, Reason: reason}
	if column <= len(s.names) {
		s.refused.Column = s.names[column-1]
	}
}

// columnOf reads the letters of a cell's place such as "AB12"; 0 if there are none.
func columnOf(place string) int {
	n := 0
	for _, b := range []byte(place) {
		switch {
		case 'a' <= b && b <= 'z':
			b -= 'a' - 'A'
		case b < 'A' || b > 'Z':
			return n
		}
		if n = n*26 + int(b-'A') + 1; n > text.MaxColumns {
			return n
		}
	}
	return n
}

// content is a cell as it is stored.
type content struct {
	kind    string // the attribute t
	shows   shows
	v       strings.Builder
	stored  bool // there is a v
	formula strings.Builder
	inline  rich
}

// read takes a cell's elements up to its end.
func (c *content) read(t *tokens) error {
	in := ""
	for depth := 1; depth > 0; {
		token, err := t.next()
		if err != nil {
			return err
		}
		c.inline.see(token)
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			in = e.Name.Local
			c.stored = c.stored || in == "v"
			if in == "f" {
				c.formula.WriteString(" ") // that of a shared formula is told once
			}
		case xml.EndElement:
			depth--
			in = ""
		case xml.CharData:
			switch in {
			case "v":
				c.v.Write(e)
			case "f":
				if c.formula.Len() < 1000 {
					c.formula.Write(e)
				}
			}
		}
	}
	return nil
}

// value is a cell as text.
func (s *sheet) value(c *content) (string, error) {
	v := c.v.String()
	switch c.kind {
	case "s":
		if !c.stored {
			return "", nil
		}
		i, err := strconv.Atoi(strings.TrimSpace(v))
		shared, ok := s.shared.at(i)
		if err != nil || !ok {
			return "", s.broken("row %d names text %q of a table of %d", s.line, excerpt(v), len(s.shared.ends))
		}
		return shared, nil
	case "inlineStr":
		return unescaped(c.inline.String()), nil
	case "str":
		return unescaped(v), nil
	case "b":
		switch strings.TrimSpace(v) {
		case "1", "true":
			return "TRUE", nil
		case "0", "false":
			return "FALSE", nil
		}
		return v, nil
	case "e", "d":
		return v, nil
	}
	return numberText(strings.TrimSpace(v), c.shows, s.date1904, s.decimal), nil
}
