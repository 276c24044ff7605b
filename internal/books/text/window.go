package text

import (
	"bytes"
	"errors"
	"io"
)

const (
	windowSize    = 64 << 10
	maxEmptyReads = 100
)

// errLong says that a line is longer than MaxRecord.
var errLong = errors.New("longer than 1 MiB")

// window is the part of a text that is in memory. Nothing is given up before it is consumed, so a record that turns
// out to be bad can be read again from any of its lines, also in a stream that cannot seek.
type window struct {
	r       io.Reader
	buf     []byte
	at, end int   // buf[at:end] is unread
	line    int64 // on which buf[at] stands
	err     error // of the reader, told when everything before it is read
	returns bool  // lines end in CR alone
}

func newWindow(r io.Reader) *window { return &window{r: r, buf: make([]byte, windowSize), line: 1} }

// windowOf is a window over a text that is in memory already; it is not changed.
func windowOf(text []byte) *window { return &window{buf: text, end: len(text), line: 1, err: io.EOF} }

func (w *window) unread() []byte { return w.buf[w.at:w.end] }

// more reads on and says whether there is more unread text than before. Offsets from the beginning of unread stay.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	switch {
	case w.at > 0 && w.end > len(w.buf)/2:
		w.end = copy(w.buf, w.buf[w.at:w.end])
		w.at = 0
	case w.end == len(w.buf):
		w.buf = append(w.buf, make([]byte, len(w.buf))...)
	}
	for range maxEmptyReads {
		n, err := w.r.Read(w.buf[w.end:])
		if w.returns {
			returnsToNewlines(w.buf[w.end : w.end+n])
		}
		w.end += n
		w.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// peek gives up to size unread bytes and whether they are all there is.
func (w *window) peek(size int) (sample []byte, whole bool) {
	for w.end-w.at < size && w.more() {
	}
	if len(w.unread()) <= size && w.err == io.EOF {
		return w.unread(), true
	}
	return w.unread()[:min(size, len(w.unread()))], false
}

// first gives the length of the first unread line without its newline and that of the newline, 0 at the end of the file.
func (w *window) first() (length, newline int, err error) {
	from := 0
	for {
		unread := w.unread()
		if i := bytes.IndexByte(unread[from:], '\n'); i >= 0 {
			if from+i > MaxRecord {
				return 0, 0, errLong
			}
			return from + i, 1, nil
		}
		from = len(unread)
		switch {
		case from > MaxRecord:
			return 0, 0, errLong
		case w.more():
		case w.err != io.EOF:
			return 0, 0, w.err // what lies before it is a torn line
		case from == 0:
			return 0, 0, io.EOF
		default:
			return from, 0, nil
		}
	}
}

// consume gives up size bytes that hold so many newlines.
func (w *window) consume(size int, lines int64) {
	w.at += size
	w.line += lines
}

// skipLine gives up the rest of a line of any length.
func (w *window) skipLine() {
	for {
		if i := bytes.IndexByte(w.unread(), '\n'); i >= 0 {
			w.consume(i+1, 1)
			return
		}
		w.at, w.end = 0, 0
		if !w.more() {
			return
		}
	}
}

// loneReturns tells a text whose lines end in CR alone, as some programs of the Macintosh write them.
func loneReturns(sample []byte) bool {
	i := bytes.IndexByte(sample, '\r')
	return i >= 0 && i < len(sample)-1 && bytes.IndexByte(sample, '\n') < 0
}

func (w *window) endLinesAtReturns() {
	w.returns = true
	returnsToNewlines(w.unread())
}

func returnsToNewlines(b []byte) {
	for {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			return
		}
		b[i] = '\n'
		b = b[i+1:]
	}
}

// withoutReturn is a line without the CR of a CRLF.
func withoutReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
