package books

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// moment is how a text writes a date: a strptime format in which %1 and %2
// stand for a day and a month whose order the text alone does not tell.
type moment struct {
	format        string
	iso           bool // read without a format
	first, second int  // the numbers at %1 and %2
	year          int
}

// scan walks over a text.
type scan struct{ rest string }

func (s *scan) digits(most int) string {
	n := 0
	for n < len(s.rest) && n < most && s.rest[n] >= '0' && s.rest[n] <= '9' {
		n++
	}
	out := s.rest[:n]
	s.rest = s.rest[n:]
	return out
}

func (s *scan) letters() string {
	n := 0
	for n < len(s.rest) && (s.rest[n]|0x20) >= 'a' && (s.rest[n]|0x20) <= 'z' {
		n++
	}
	out := s.rest[:n]
	s.rest = s.rest[n:]
	return out
}

func (s *scan) accept(text string) bool {
	rest, ok := strings.CutPrefix(s.rest, text)
	if ok {
		s.rest = rest
	}
	return ok
}

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
var monthsInFull = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// monthName tells the specifier of an English month's name.
func monthName(word string) string {
	word = strings.ToLower(word)
	switch {
	case slices.Contains(monthNames, word):
		return "%b"
	case slices.Contains(monthsInFull, word):
		return "%B"
	}
	return ""
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // of at most eight digits
	return n
}

// yearOf tells the specifier of a year of four or two digits.
func yearOf(digits string) (spec string, year int) {
	switch n := number(digits); {
	case len(digits) == 4 && n >= 1900 && n < 2200:
		return "%Y", n
	case len(digits) == 2 && n >= 69:
		return "%y", 1900 + n
	case len(digits) == 2:
		return "%y", 2000 + n
	}
	return "", 0
}

// readMoment tells how a text writes a date, or a date and time.
func readMoment(text string) (moment, bool) {
	text = strings.TrimSpace(text)
	if len(text) < 6 || len(text) > 40 {
		return moment{}, false
	}
	s := &scan{rest: text}
	m, strict, ok := s.date()
	if !ok {
		return moment{}, false
	}
	if s.rest == "" {
		m.iso = strict
		return m, true
	}
	for _, gap := range []string{"T", ", ", " "} {
		if !s.accept(gap) {
			continue
		}
		m.format += gap
		suffix, plain, ok := s.clock()
		m.format += suffix
		m.iso = strict && plain && gap != ", "
		return m, ok && s.rest == ""
	}
	return moment{}, false
}

// date reads the day; strict says that it is written as ISO 8601 does.
func (s *scan) date() (m moment, strict, ok bool) {
	if word := s.letters(); word != "" { // Jan 2, 2006
		spec := monthName(word)
		if spec == "" || !s.accept(" ") || !inMonth(s.digits(2)) {
			return m, false, false
		}
		comma := ""
		if s.accept(",") {
			comma = ","
		}
		gap := s.accept(" ")
		y, year := yearOf(s.digits(4))
		return moment{format: spec + " %d" + comma + " " + y, year: year}, false, gap && y != ""
	}
	lead := s.digits(14)
	switch len(lead) {
	case 8, 12, 14:
		y, year := yearOf(lead[:4])
		good := y != "" && number(lead[4:6]) >= 1 && number(lead[4:6]) <= 12 && inMonth(lead[6:8])
		return moment{format: "%Y%m%d" + map[int]string{12: "%H%M", 14: "%H%M%S"}[len(lead)], year: year}, false, good
	case 4:
		return s.yearFirst(lead)
	case 1, 2:
		return s.dayOrMonthFirst(lead)
	}
	return m, false, false
}

func inMonth(digits string) bool { n := number(digits); return digits != "" && n >= 1 && n <= 31 }

func (s *scan) separator() string {
	for _, sep := range []string{"-", "/", ".", " "} {
		if s.accept(sep) {
			return sep
		}
	}
	return ""
}

func (s *scan) yearFirst(lead string) (m moment, strict, ok bool) {
	y, year := yearOf(lead)
	sep := s.separator()
	month := s.digits(2)
	again := s.accept(sep)
	day := s.digits(2)
	good := y != "" && sep != "" && again && inMonth(day) && number(month) >= 1 && number(month) <= 12
	return moment{format: "%Y" + sep + "%m" + sep + "%d", year: year}, sep == "-" && len(month) == 2 && len(day) == 2, good
}

func (s *scan) dayOrMonthFirst(lead string) (m moment, strict, ok bool) {
	sep := s.separator()
	if sep == "" || !inMonth(lead) {
		return m, false, false
	}
	if word := s.letters(); word != "" { // 2 Jan 2006, 2-Jan-06
		spec := monthName(word)
		again := s.accept(sep)
		y, year := yearOf(s.digits(4))
		return moment{format: "%d" + sep + spec + sep + y, year: year}, false, spec != "" && again && y != ""
	}
	second := s.digits(2)
	again := s.accept(sep)
	y, year := yearOf(s.digits(4))
	m = moment{format: "%1" + sep + "%2" + sep + y, first: number(lead), second: number(second), year: year}
	return m, false, inMonth(second) && again && y != "" && sep != " " && (m.first <= 12 || m.second <= 12)
}

// clock reads a time of day; plain says that it is written as ISO 8601 does.
func (s *scan) clock() (format string, plain, ok bool) {
	hour := s.digits(2)
	if hour == "" || !s.accept(":") || len(s.digits(2)) != 2 {
		return "", false, false
	}
	format, plain = "%H:%M", len(hour) == 2
	if s.accept(":") {
		if len(s.digits(2)) != 2 {
			return "", false, false
		}
		format += ":%S"
		if s.accept(".") {
			fraction := s.digits(9)
			if fraction == "" {
				return "", false, false
			}
			format += ".%f"
			plain = plain && len(fraction) <= 9
		}
	}
	gap := s.accept(" ")
	switch word := s.letters(); {
	case strings.EqualFold(word, "am"), strings.EqualFold(word, "pm"):
		format = strings.Replace(format, "%H", "%I", 1)
		if gap {
			format += " "
		}
		return format + "%p", false, true
	case word == "Z" && !gap:
		return format + "%z", plain, true
	case word != "":
		return "", false, false
	}
	if s.accept("+") || s.accept("-") {
		if gap || len(s.digits(2)) != 2 {
			return "", false, false
		}
		s.accept(":")
		s.digits(2)
		return format + "%z", plain, true
	}
	return format, plain, !gap
}

// numeral is how a text writes a number.
type numeral struct {
	whole     bool
	negative  bool
	sign      string // of a currency, before or behind
	decimal   string // "," or "." when the text proves it
	thousands string // when the text proves it
	unsure    bool   // one separator before three digits: 1,234
}

const groupSigns = ",.'’ \u00a0\u202f"

// readNumeral tells how a text writes a number.
func readNumeral(text string) (numeral, bool) {
	var n numeral
	text = strings.TrimSpace(text)
	text, n.sign = withoutSign(text)
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		n.negative, text = true, rest
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	if n.sign == "" {
		text, n.sign = withoutSign(text)
	}
	if text == "" || len(text) > 40 || !strings.ContainsAny(text[:1], "0123456789.") {
		return n, false
	}
	var groups []string // digits between separators
	var signs []string
	from := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
		case strings.ContainsRune(groupSigns, r):
			groups, signs = append(groups, text[from:i]), append(signs, string(r))
			from = i + len(string(r))
		default:
			_, err := strconv.ParseFloat(text, 64)
			return n, err == nil && strings.ContainsAny(text, "eE") && !strings.ContainsAny(text, "xXpP_")
		}
	}
	groups = append(groups, text[from:])
	return n.separated(groups, signs)
}

// separated judges the digits between separators.
func (n numeral) separated(groups, signs []string) (numeral, bool) {
	if len(signs) == 0 {
		n.whole = true
		return n, true
	}
	last := signs[len(signs)-1]
	before := signs[:len(signs)-1]
	tail := groups[len(groups)-1]
	same := !slices.ContainsFunc(before, func(s string) bool { return s != signs[0] })
	if !same {
		return n, false
	}
	inThrees := groups[0] != "" && len(groups[0]) <= 3
	for _, g := range groups[1 : len(groups)-1] {
		inThrees = inThrees && len(g) == 3
	}
	mark := last == "," || last == "."
	switch {
	case len(before) > 0 && before[0] != last: // 1.234,56
		n.decimal, n.thousands = last, signs[0]
		return n, mark && inThrees
	case len(before) > 0: // 1.234.567
		n.thousands, n.whole = last, true
		return n, inThrees && len(tail) == 3
	case !mark: // 1 234
		n.thousands, n.whole = last, true
		return n, inThrees && len(tail) == 3
	case inThrees && len(tail) == 3 && groups[0] != "0":
		n.unsure, n.decimal = true, last
		return n, true
	}
	n.decimal = last
	return n, tail != "" || groups[0] != ""
}

// withoutSign takes a currency's sign or code off a number.
func withoutSign(text string) (rest, sign string) {
	for _, s := range []string{"$", "£", "€", "¥", "EUR", "USD", "GBP", "CHF", "SEK", "DKK", "NOK", "PLN", "BRL"} {
		if rest, ok := strings.CutPrefix(text, s); ok {
			return strings.TrimSpace(rest), s
		}
		if rest, ok := strings.CutSuffix(text, s); ok {
			return strings.TrimSpace(rest), s
		}
	}
	return text, ""
}

// spanShape is how a text names a quarter or a month in place of a day.
func spanShape(text string) string {
	s := &scan{rest: strings.ToLower(strings.TrimSpace(text))}
	s.accept("y")
	y, _ := yearOf(s.digits(4))
	if y != "%Y" {
		return ""
	}
	prefix := len(strings.TrimSpace(text)) - len(s.rest)
	sep := ""
	for _, g := range []string{"-", "_", " "} {
		if s.accept(g) {
			sep = g
		}
	}
	if s.accept("q") {
		if q := s.digits(1); q >= "1" && q <= "4" && s.rest == "" {
			return fmt.Sprintf("quarter %d", prefix)
		}
		return ""
	}
	if m := s.digits(2); len(m) == 2 && number(m) >= 1 && number(m) <= 12 && s.rest == "" && (sep != "" || prefix > 4) {
		return fmt.Sprintf("month %d", prefix)
	}
	return ""
}
