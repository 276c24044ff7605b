package ledger

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/calendar"
)

// pages is a journal at one moment, as the writers need it. Writing it locks
// nobody out.
type pages struct {
	currency string
	places   int // that amounts are shown with at the least
	decimals int // that the longest amount needs, at least places
	locked   bool
	through  calendar.Day
	entries  []*entry
	order    []int32   // of the entries, by day, then by id
	names    []Account // as postings count them
	opened   []opening // by account
	closing  []holding // at the end of the last day, by account
}

// opening is an account with the first day on which it moved.
type opening struct {
	name  Account
	first calendar.Day
}

func (j *Journal) pages() pages {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := pages{currency: string(j.currency), places: j.currency.Places(), locked: j.locked, through: j.through, entries: j.entries, order: sorted(j.entries)}
	p.decimals = max(p.places, j.decimals)
	for i := range j.accounts {
		a := &j.accounts[i]
		a.settle()
		p.names = append(p.names, a.name)
		p.opened = append(p.opened, opening{a.name, a.points[0].day})
	}
	slices.SortFunc(p.opened, func(a, b opening) int { return ordered(a.name, b.name) })
	if len(p.entries) > 0 {
		p.closing = j.held(p.last())
	}
	return p
}

// last is the day of the last transaction.
func (p *pages) last() calendar.Day { return p.entries[p.order[len(p.order)-1]].day }

// heading is what both programs skip.
func (p *pages) heading(to []byte) []byte {
	to = append(to, "; Journal in "...)
	to = append(to, p.currency...)
	if p.locked {
		to = append(to, ", locked through "...)
		to = append(to, p.through.String()...)
	}
	return append(to, '\n')
}

// printer writes pieces and keeps the first error.
type printer struct {
	to  *bufio.Writer
	day calendar.Day
	has bool
	iso string // of day: most transactions share theirs with the one before
}

func newPrinter(w io.Writer) *printer { return &printer{to: bufio.NewWriterSize(w, 1<<16)} }

// date is a day as text.
func (p *printer) date(day calendar.Day) string {
	if !p.has || p.day != day {
		p.day, p.has, p.iso = day, true, day.String()
	}
	return p.iso
}

// written names what could not be written.
func written(what string, err error) error {
	if err != nil {
		return fmt.Errorf("write the journal as %s: %w", what, err)
	}
	return nil
}

// visible replaces what must not stand in a text file of one line each: bytes
// that are not UTF-8, control characters, other line ends, and overrides of the
// writing direction, which could make a line look like another.
func visible(r rune) rune {
	switch {
	case unicode.IsControl(r), r == 0x2028, r == 0x2029, r == 0x200E, r == 0x200F, r == 0xFEFF, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return unicode.ReplacementChar
	}
	return r
}

// meanings are characters of ASCII that mean something in some place.
type meanings [utf8.RuneSelf]bool

func meaning(characters string) *meanings {
	var m meanings
	for i := range len(characters) {
		m[characters[i]] = true
	}
	return &m
}

// plainText tells of the common case: ASCII without controls and without any
// of the given characters.
func plainText(text string, without *meanings) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7F || without[c] {
			return false
		}
	}
	return true
}

// spaced tells of a text that has spaces only one by one between words.
func spaced(text string) bool {
	before := byte(' ')
	for i := range len(text) {
		if text[i] == ' ' && before == ' ' {
			return false
		}
		before = text[i]
	}
	return before != ' ' || text == ""
}

// oneLine is a text on one line, in which the given characters, which mean
// something there, stand in their full-width forms (";" as "；").
func oneLine(to []byte, text string, with *meanings) []byte {
	if plainText(text, with) && spaced(text) {
		return append(to, text...)
	}
	const fullWidth = 0xFEE0
	space := true // one between words, none at the beginning
	begin := len(to)
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			if !space {
				to = append(to, ' ')
			}
			space = true
			continue
		case r < utf8.RuneSelf && with[r]:
			r += fullWidth
		default:
			r = visible(r)
		}
		to = utf8.AppendRune(to, r)
		space = false
	}
	if space && len(to) > begin {
		to = to[:len(to)-1]
	}
	return to
}
