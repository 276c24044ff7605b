package expr

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// reading is a dialect made ready: patterns and names that go into SQL literals.
type reading struct {
	decimal   string
	thousands []string // all the characters that count as the separator
	number    *regexp.Regexp
	offset    *regexp.Regexp
	formats   []string
	zone      string
}

const (
	anyYear  = `(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}`
	minutes  = `([01][0-9]|2[0-3]):[0-5][0-9]`
	seconds  = `(:[0-5][0-9](\.[0-9]{1,9})?)?`
	isoLocal = `^` + anyYear + `([T ]` + minutes + seconds + `)?$`
	// isoOffset follows RFC 3339 and ISO 8601; offsets in force reach from −12:00 to +14:00.
	isoOffset = anyYear + `[T ]` + minutes + seconds + `(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)`
)

var (
	isoOffsetOnly = regexp.MustCompile(`^` + isoOffset + `$`)
	zoneName      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]{0,63}$`)
)

// truths are the texts that say yes or no.
var truths = map[string]bool{"true": true, "t": true, "yes": true, "y": true, "1": true,
	"false": false, "f": false, "no": false, "n": false, "0": false}

func (d Dialect) reading() (reading, error) {
	r := reading{decimal: d.Decimal, formats: d.DateFormat, zone: d.TimeZone, offset: isoOffsetOnly}
	if r.decimal == "" {
		r.decimal = "."
	}
	if r.zone == "" {
		r.zone = "UTC"
	}
	switch mark := func(s string) bool {
		return utf8.RuneCountInString(s) == 1 && !strings.ContainsAny(s, "0123456789+-eE")
	}; {
	case !mark(r.decimal):
		return r, fmt.Errorf("the decimal mark %q is not one sign", d.Decimal)
	case d.Thousands != "" && !mark(d.Thousands):
		return r, fmt.Errorf("the thousands separator %q is not one sign", d.Thousands)
	case d.Thousands == r.decimal:
		return r, fmt.Errorf("the thousands separator %q is also the decimal mark", d.Thousands)
	case !zoneName.MatchString(r.zone):
		return r, fmt.Errorf("%q is not a time zone like Europe/London", d.TimeZone)
	}
	for _, f := range d.DateFormat {
		if err := validFormat(f); err != nil {
			return r, err
		}
	}
	switch d.Thousands {
	case "":
	case " ", "\u00a0", "\u202f":
		r.thousands = []string{" ", "\u00a0", "\u202f"}
	case "'", "’":
		r.thousands = []string{"'", "’"}
	default:
		r.thousands = []string{d.Thousands}
	}
	var err error
	r.number, err = regexp.Compile(r.numberPattern())
	return r, err
}

// numberPattern is what a number looks like. Where the source separates thousands, the separator stands before two or
// three digits and the last one before three, so that a decimal comma in a file of thousands commas is refused and not
// read a hundredfold.
func (r reading) numberPattern() string {
	point := regexp.QuoteMeta(r.decimal)
	digits := `[0-9]+`
	if len(r.thousands) > 0 {
		t := make([]string, len(r.thousands))
		for i, s := range r.thousands {
			t[i] = regexp.QuoteMeta(s)
		}
		sep := `(` + strings.Join(t, `|`) + `)`
		digits = `([0-9]+|[0-9]{1,3}(` + sep + `[0-9]{2,3})*` + sep + `[0-9]{3})`
	}
	return `^[+-]?(` + digits + `(` + point + `[0-9]*)?|` + point + `[0-9]+)([eE][+-]?[0-9]{1,2})?$`
}

const (
	specifiers = "aAbBdfgHIjmMnpSyYzZ%"
	unpadded   = "dmyHIMSj" // after %-
)

// validFormat checks a strptime format against what DuckDB reads, which would otherwise fail the whole query.
func validFormat(f string) error {
	if f == "" || len(f) > 100 {
		return fmt.Errorf("a date format is written as in '%%d.%%m.%%Y'")
	}
	for rest := f; ; {
		_, after, found := strings.Cut(rest, "%")
		if !found {
			break
		}
		allowed := specifiers
		if short, is := strings.CutPrefix(after, "-"); is {
			after, allowed = short, unpadded
		}
		if after == "" || !strings.Contains(allowed, after[:1]) {
			return fmt.Errorf("the date format %q holds %q, which is not one of %%Y %%m %%d %%H %%M %%S %%f %%y %%b %%B %%a %%A %%j %%I %%p %%z",
				f, "%"+clip(after, 1))
		}
		rest = after[1:]
	}
	if i := strings.IndexFunc(f, func(c rune) bool { return c < ' ' || c == utf8.RuneError }); i >= 0 {
		return fmt.Errorf("the date format %q holds a control character", f)
	}
	return nil
}

// zoned says whether a format reads an offset or a zone.
func zoned(format string) bool {
	format = strings.ReplaceAll(format, "%%", "")
	return strings.Contains(format, "%z") || strings.Contains(format, "%Z")
}

func day(text string) (time.Time, bool) {
	t, err := time.Parse("2006-01-02", text)
	return t, err == nil && t.Year() >= 1900 && t.Year() <= 2199
}

// moment reads a local ISO date or time as an author writes it, to the microsecond.
func moment(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, t.Year() >= 1900 && t.Year() <= 2199
		}
	}
	return time.Time{}, false
}
