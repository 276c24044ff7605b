package workbook

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// shows is how a format shows a number.
type shows int

const (
	asNumber shows = iota
	asDay
	asMoment // a day and a time
	asTime   // a time; of more than a day, a moment
)

// builtin is how the formats without a code show numbers (ISO/IEC 29500-1 18.8.30, with those of East Asia and Thailand).
// A stretch of hours (46, [h]:mm:ss) stays a number of days.
func builtin(id int) shows {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58, id >= 71 && id <= 74, id == 81:
		return asDay
	case id == 22, id == 77:
		return asMoment
	case id >= 18 && id <= 21, id == 45, id == 47, id >= 32 && id <= 35, id == 55, id == 56, id == 75, id == 76, id >= 78 && id <= 80:
		return asTime
	}
	return asNumber
}

// showsBy reads a format's code up to its first semicolon: y and d, and m without an hour or second, are days; h and s
// are times; [h], [m], [s] are stretches of time.
func showsBy(code string) shows {
	day, month, clock := false, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; { // in lower case
		case code[i] == ';':
			i = len(code)
		case code[i] == '"':
			i += 1 + max(0, strings.IndexByte(code[i+1:], '"'))
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			i++
		case code[i] == '[':
			inner, _, _ := strings.Cut(code[i+1:], "]")
			if letter := strings.ToLower(inner); letter != "" && strings.Trim(letter, letter[:1]) == "" && strings.Contains("hms", letter[:1]) {
				return asNumber
			}
			i += len(inner) + 1
		case startsWith(code[i:], "general"):
			i += len("general") - 1
		case startsWith(code[i:], "am/pm"):
			i += len("am/pm") - 1
		case c == 'e' && i+1 < len(code) && (code[i+1] == '+' || code[i+1] == '-'): // of powers of ten
		case c == 'y' || c == 'd' || c == 'e':
			day = true
		case c == 'm':
			month = true
		case c == 'h' || c == 's':
			clock = true
		}
	}
	switch {
	case day && clock:
		return asMoment
	case clock:
		return asTime
	case day || month:
		return asDay
	}
	return asNumber
}

func startsWith(s, lower string) bool {
	return len(s) >= len(lower) && strings.EqualFold(s[:len(lower)], lower)
}

// numberText is a stored number as text: a date in ISO 8601 where the format shows one, else a decimal. What is not a
// number stays as it stands, for the mapping to refuse.
func numberText(v string, show shows, date1904 bool, decimal string) string {
	if !isNumber(v) {
		return v
	}
	if show != asNumber {
		if serial, err := strconv.ParseFloat(v, 64); err == nil {
			if date, ok := dateText(serial, show, date1904); ok {
				return date
			}
		}
	}
	text := decimalText(v)
	if decimal != "" && decimal != "." {
		text = strings.Replace(text, ".", decimal, 1)
	}
	return text
}

// isNumber knows the numbers of XML Schema, without INF and NaN.
func isNumber(v string) bool {
	mantissa, exponent, has := strings.Cut(strings.ToLower(v), "e")
	if has {
		if exponent = strings.TrimPrefix(strings.TrimPrefix(exponent, "+"), "-"); exponent == "" || strings.Trim(exponent, "0123456789") != "" {
			return false
		}
	}
	if mantissa != "" && (mantissa[0] == '-' || mantissa[0] == '+') {
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	return whole+fraction != "" && strings.Trim(whole+fraction, "0123456789") == ""
}

// decimalText writes a number without an exponent. Whole numbers stay as they are stored, so that a long id keeps every
// digit. Others are binary fractions, stored with up to 17 digits (12.1 as 12.100000000000001), and are rounded to the
// 15 significant digits that a spreadsheet shows.
func decimalText(v string) string {
	if strings.Trim(v, "0123456789") == "" || v[0] == '-' && strings.Trim(v[1:], "0123456789") == "" {
		if strings.Trim(v, "-0") == "" {
			return "0"
		}
		return v
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return v // beyond what a cell can hold
	}
	sign := ""
	if x < 0 {
		sign, x = "-", -x
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', 14, 64), "e")
	point, err := strconv.Atoi(exponent)
	if err != nil {
		return v
	}
	point++ // digits before the point
	digits := strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	switch {
	case digits == "":
		return "0"
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return sign + digits + strings.Repeat("0", point-len(digits))
	}
	return sign + digits[:point] + "." + digits[point:]
}

const (
	millis  = 24 * 60 * 60 * 1000
	lastDay = 2958465 // 31 December 9999 in the system of 1900
	since04 = 1462    // days between the systems of 1900 and of 1904
)

// dateText is a day's number as a date; not ok for one that no spreadsheet shows as a date. Times are rounded to the
// thousandth of a second. The system of 1900 counts a 29 February 1900 that never was (day 60) and a day 0, both of which
// come out as such, for the mapping to refuse: ISO/IEC 29500-1 18.17.4.1.
func dateText(serial float64, show shows, date1904 bool) (string, bool) {
	if serial < 0 || serial >= lastDay+1 {
		return "", false
	}
	all := int64(math.Round(serial * millis))
	day, rest := all/millis, all%millis
	clock := time.UnixMilli(rest).UTC().Format("15:04:05.999")
	if show == asTime && day == 0 {
		return clock, true
	}
	if date1904 {
		day += since04
	}
	if day > lastDay {
		return "", false
	}
	var date string
	switch {
	case day == 0:
		date = "1900-01-00"
	case day == 60 && !date1904:
		date = "1900-02-29"
	case day < 60:
		date = time.Date(1899, 12, 31+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	default:
		date = time.Date(1899, 12, 30+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if rest == 0 && show != asMoment {
		return date, true
	}
	return fmt.Sprintf("%s %s", date, clock), true
}
