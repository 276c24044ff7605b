package text

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// scanner reads the records of delimited text.
type scanner struct {
	w        *window
	delim    string // "" is a file of one column; blank is for runs of blanks and tabs
	blank    bool
	want     int    // cells a row must have; 0 for any number
	standard string // what wants so many: "the header has"
	names    []string
	encoding string

	cells   []string // of the row given last
	scratch []byte   // the cells of a record with quotes, one after the other
	ends    []int    // where each of them ends
	lineEnd int      // where the line ends in which an unquoted cell stands, from the beginning of the record
}

// next gives the next row; blank lines are skipped.
func (s *scanner) next() (Row, error) {
	for {
		length, newline, err := s.w.first()
		if err == errLong {
			return refuseLong(s.w)
		}
		if err != nil {
			return Row{}, err
		}
		line := withoutReturn(s.w.unread()[:length])
		switch {
		case s.empty(line):
			s.w.consume(length+newline, 1)
		case bytes.IndexByte(line, '"') < 0:
			return s.plain(line, length+newline)
		default:
			if n, ok := s.within(string(line)); ok {
				return s.give(s.judge(line, n), length+newline, 1)
			}
			return s.quoted(length + newline)
		}
	}
}

// empty says whether a line has nothing but blanks.
func (s *scanner) empty(line []byte) bool {
	for _, b := range line {
		if !isBlank(b) {
			return false
		}
	}
	return len(line) == 0 || s.blank || s.delim == "" || !bytes.Contains(line, []byte(s.delim))
}

// plain reads a line without quotes.
func (s *scanner) plain(line []byte, size int) (Row, error) {
	n := s.split(string(line))
	refused := s.judge(line, n)
	return s.give(refused, size, 1)
}

// give consumes the record and hands it out.
func (s *scanner) give(refused *Refused, size int, lines int64) (Row, error) {
	line := s.w.line
	s.w.consume(size, lines)
	if refused != nil {
		refused.Line = line
		return Row{}, refused
	}
	return Row{Line: line, Cells: s.cells}, nil
}

// most is how many cells are kept; of a row with more only the number is wanted.
func (s *scanner) most() int {
	if s.want > 0 {
		return s.want
	}
	return MaxColumns
}

// split cuts a line without quotes into s.cells and gives how many cells it has.
func (s *scanner) split(line string) int {
	s.cells = s.cells[:0]
	most := s.most()
	switch {
	case s.blank:
		return s.fields(line, most)
	case s.delim == "":
		s.cells = append(s.cells, line)
		return 1
	}
	for len(s.cells) < most {
		i := strings.Index(line, s.delim)
		if i < 0 {
			s.cells = append(s.cells, line)
			return len(s.cells)
		}
		s.cells = append(s.cells, line[:i])
		line = line[i+len(s.delim):]
	}
	return most + 1 + strings.Count(line, s.delim)
}

func (s *scanner) fields(line string, most int) int {
	n := 0
	for i := 0; i < len(line); n++ {
		for i < len(line) && isBlank(line[i]) {
			i++
		}
		from := i
		for i < len(line) && !isBlank(line[i]) {
			i++
		}
		if from == i {
			break
		}
		if n < most {
			s.cells = append(s.cells, line[from:i])
		}
	}
	return n
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

// judge says what is wrong with a record of n cells that are in s.cells; raw is its text as it stands in the file.
func (s *scanner) judge(raw []byte, n int) *Refused {
	switch {
	case s.want > 0 && n != s.want:
		return &Refused{Value: excerpt(raw), Reason: fmt.Sprintf("has %s, %s %d", cellCount(n), s.standard, s.want)}
	case n > MaxColumns:
		return &Refused{Value: excerpt(raw), Reason: fmt.Sprintf("has %d cells, more than the %d that are read", n, MaxColumns)}
	case !utf8.Valid(raw):
		return s.unreadable(func(cell string) string { return invalidText(cell, s.encoding) })
	case bytes.IndexByte(raw, 0) >= 0:
		return s.unreadable(func(cell string) string {
			if i := strings.IndexByte(cell, 0); i >= 0 {
				return fmt.Sprintf("holds a NUL byte at position %d", i+1)
			}
			return ""
		})
	}
	return nil
}

func cellCount(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return fmt.Sprintf("%d cells", n)
}

// unreadable refuses the first cell of which why says something.
func (s *scanner) unreadable(why func(string) string) *Refused {
	for i, cell := range s.cells {
		if reason := why(cell); reason != "" {
			refused := &Refused{Value: excerpt([]byte(cell)), Reason: reason}
			if i < len(s.names) {
				refused.Column = s.names[i]
			}
			return refused
		}
	}
	return &Refused{Reason: why(strings.Join(s.cells, " "))}
}

// invalidText says where a text is not valid in its encoding and what to do; "" if it is valid.
func invalidText(text, encoding string) string {
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if c == utf8.RuneError && size == 1 {
			if encoding != "utf-8" {
				return fmt.Sprintf("not valid %s at position %d", strings.ToUpper(encoding), i+1)
			}
			return fmt.Sprintf("not valid UTF-8 at position %d (byte 0x%02X); if the file is in another encoding set "+
				"source.encoding: latin-1 or windows-1252", i+1, text[i])
		}
		i += size
	}
	return ""
}

// refuseLong skips a line that is longer than MaxRecord.
func refuseLong(w *window) (Row, error) {
	refused := &Refused{Line: w.line, Value: excerpt(w.unread()[:excerptSize*2]), Reason: "the line is longer than 1 MiB"}
	w.skipLine()
	return Row{}, refused
}
