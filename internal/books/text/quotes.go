package text

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// What is wrong with the structure of a record; after these, reading goes on at the line after its first.
const (
	neverClosed = "a quote opened in this row is never closed"
	notClosed   = "a quote opened in this row is not closed within 1 MiB"
	afterQuote  = "there is text after a closing quote"
	overLong    = "the row is longer than 1 MiB"
	strayQuotes = "a quote opened in this row closes %d lines later, over lines that are rows themselves"
)

// within cuts a line in which every quote closes into s.cells and gives how many cells it has. Of any other line it
// says no and leaves it to quoted, with which it agrees otherwise.
func (s *scanner) within(line string) (n int, ok bool) {
	s.cells = s.cells[:0]
	for p := 0; ; {
		for s.blank && p < len(line) && isBlank(line[p]) {
			p++
		}
		if s.blank && p == len(line) {
			return n, true
		}
		cell := line[p:]
		if cell != "" && cell[0] == '"' {
			if cell, p, ok = closed(line, p+1); !ok {
				return n, false
			}
		} else {
			if i := s.index(cell); i >= 0 {
				cell = cell[:i]
			}
			p += len(cell)
		}
		if n++; n <= s.most() {
			s.cells = append(s.cells, cell)
		}
		switch {
		case p == len(line):
			return n, true
		case s.blank && isBlank(line[p]):
			p++
		case !s.blank && s.delim != "" && strings.HasPrefix(line[p:], s.delim):
			p += len(s.delim)
		default:
			return n, false
		}
	}
}

// index is where the next delimiter is, -1 if there is none.
func (s *scanner) index(text string) int {
	switch {
	case s.blank:
		return strings.IndexAny(text, " \t")
	case s.delim == "":
		return -1
	}
	return strings.Index(text, s.delim)
}

// closed gives the text from an opening quote to the closing one, and where it goes on after that.
func closed(line string, from int) (cell string, p int, ok bool) {
	escapes := false
	for p = from; ; p += 2 {
		i := strings.IndexByte(line[p:], '"')
		if i < 0 {
			return "", p, false
		}
		if p += i; p+1 >= len(line) || line[p+1] != '"' {
			break
		}
		escapes = true
	}
	if cell = line[from:p]; escapes {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	return cell, p + 1, true
}

// quoted reads a record that begins in a line with a quote; firstLine is that line's size with its newline.
func (s *scanner) quoted(firstLine int) (Row, error) {
	size, n, reason := s.walk()
	raw := s.w.unread()[:size]
	if s.w.err != nil && s.w.err != io.EOF && (reason == neverClosed || reason == "" && raw[size-1] != '\n') {
		return Row{}, s.w.err // the record is torn, not wrong
	}
	if reason == "" {
		reason = s.stray(raw, n)
	}
	if reason != "" {
		line := bytes.TrimRight(s.w.unread()[:firstLine], "\r\n")
		return s.give(&Refused{Value: excerpt(line), Reason: reason}, firstLine, 1)
	}
	s.cut()
	lines := int64(bytes.Count(raw, []byte{'\n'}))
	if raw[size-1] != '\n' {
		lines++
	}
	return s.give(s.judge(raw, n), size, lines)
}

// cut makes s.cells of the scratch.
func (s *scanner) cut() {
	text, from := string(s.scratch), 0
	s.cells = s.cells[:0]
	for _, end := range s.ends {
		s.cells = append(s.cells, text[from:end])
		from = end
	}
}

// reach brings n bytes of the record into memory; it says no at the end of the file and beyond MaxRecord.
func (s *scanner) reach(n int) bool {
	for s.w.end-s.w.at < n {
		if n > MaxRecord+2 || !s.w.more() {
			return false
		}
	}
	return true
}

// walk reads one record into the scratch. It gives the record's size with its newline, the number of its cells (of
// which at most s.most are kept) and what is wrong with its structure.
func (s *scanner) walk() (size, n int, reason string) {
	s.scratch, s.ends, s.lineEnd = s.scratch[:0], s.ends[:0], -1
	for p := 0; ; {
		for s.blank && s.reach(p+1) && isBlank(s.w.unread()[p]) {
			p++
		}
		if end, newline := s.ending(p); s.blank && end {
			return p + newline, n, tooLong(p)
		}
		if s.reach(p+1) && s.w.unread()[p] == '"' {
			if p, reason = s.inQuotes(p + 1); reason != "" {
				return 0, n, reason
			}
		} else {
			p = s.bare(p)
		}
		if n++; n <= s.most() {
			s.ends = append(s.ends, len(s.scratch))
		} else {
			s.scratch = s.scratch[:s.ends[len(s.ends)-1]]
		}
		end, width := s.ending(p)
		if end {
			return p + width, n, tooLong(p)
		}
		if width = s.delimiter(p); width == 0 {
			return 0, n, afterQuote
		}
		p += width
		// Quotes out of step make a record of many lines; it is not followed further than it can matter, which bounds
		// how often a line is read again.
		if p > MaxRecord || s.want > 0 && n > 2*s.want+16 && bytes.IndexByte(s.w.unread()[:p], '\n') >= 0 {
			return 0, n, s.tooMany(p)
		}
	}
}

func tooLong(size int) string {
	if size > MaxRecord {
		return overLong
	}
	return ""
}

func (s *scanner) tooMany(size int) string {
	if size > MaxRecord {
		return overLong
	}
	return fmt.Sprintf("has more than %d cells over several lines, %s %d; a quote may be stray", 2*s.want+16, s.standard, s.want)
}

// inQuotes reads on from after an opening quote to after the closing one.
func (s *scanner) inQuotes(p int) (int, string) {
	for {
		data := s.w.unread()
		i := bytes.IndexByte(data[p:], '"')
		if i >= 0 {
			s.scratch = append(s.scratch, data[p:p+i]...)
			p += i + 1
		} else {
			s.scratch = append(s.scratch, data[p:]...)
			p = len(data)
		}
		switch {
		case p > MaxRecord:
			return p, notClosed
		case i < 0 && !s.reach(p+1):
			return p, neverClosed
		case i < 0:
		case s.reach(p+1) && s.w.unread()[p] == '"':
			s.scratch = append(s.scratch, '"')
			p++
		default:
			return p, ""
		}
	}
}

// bare reads an unquoted cell, in which quotes are text.
func (s *scanner) bare(p int) int {
	if s.lineEnd < p {
		s.lineEnd = s.findLineEnd(p)
	}
	data := s.w.unread()
	cell := data[p:s.lineEnd]
	if s.lineEnd < len(data) || s.w.err == io.EOF {
		cell = withoutReturn(cell)
	}
	switch {
	case s.blank:
		if i := bytes.IndexAny(cell, " \t"); i >= 0 {
			cell = cell[:i]
		}
	case s.delim != "":
		if i := bytes.Index(cell, []byte(s.delim)); i >= 0 {
			cell = cell[:i]
		}
	}
	s.scratch = append(s.scratch, cell...)
	return p + len(cell)
}

// findLineEnd gives where the newline after p is, or where the text ends or grows too long.
func (s *scanner) findLineEnd(p int) int {
	for from := p; ; {
		data := s.w.unread()
		if i := bytes.IndexByte(data[from:], '\n'); i >= 0 {
			return from + i
		}
		from = len(data)
		if !s.reach(from + 1) {
			return from
		}
	}
}

// ending says whether the record ends at p and how long its newline is.
func (s *scanner) ending(p int) (bool, int) {
	if !s.reach(p + 1) {
		return true, 0
	}
	switch s.w.unread()[p] {
	case '\n':
		return true, 1
	case '\r':
		if !s.reach(p + 2) {
			return true, 1
		}
		return s.w.unread()[p+1] == '\n', 2
	}
	return false, 0
}

// delimiter gives how long the delimiter at p is, 0 if there is none.
func (s *scanner) delimiter(p int) int {
	switch {
	case s.blank:
		if isBlank(s.w.unread()[p]) {
			return 1
		}
	case s.delim != "" && s.reach(p+len(s.delim)) && string(s.w.unread()[p:p+len(s.delim)]) == s.delim:
		return len(s.delim)
	}
	return 0
}

// stray says whether the quotes of a record of several lines have swallowed rows. If the number of cells is wrong, one
// of its further lines being a row is enough; if it is right, all its lines must be rows and so have at least eight
// delimiters within the quotes, which prose in a cell will hardly have at these places.
func (s *scanner) stray(raw []byte, n int) string {
	lines := bytes.Split(bytes.TrimSuffix(raw, []byte{'\n'}), []byte{'\n'})
	if len(lines) == 1 || s.want < 2 || n == s.want && (len(lines)-1)*(s.want-1) < 8 {
		return ""
	}
	for i, line := range lines {
		is := s.count(line) == s.want
		switch {
		case n == s.want && !is:
			return ""
		case n != s.want && is && i > 0:
			return fmt.Sprintf(strayQuotes, len(lines)-1)
		}
	}
	if n == s.want {
		return fmt.Sprintf(strayQuotes, len(lines)-1)
	}
	return ""
}

// count is how many cells a line would have if quotes were text.
func (s *scanner) count(line []byte) int {
	switch {
	case s.blank:
		return len(bytes.Fields(line))
	case s.delim == "":
		return 1
	}
	return 1 + bytes.Count(line, []byte(s.delim))
}
