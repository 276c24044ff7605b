package report

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// amount is a as accountants write it: grouped, a negative one in parentheses,
// with a space where a positive one has none, so that the digits align.
func amount(a money.Amount, places int) string {
	switch text := a.Abs().Grouped(places); {
	case a.Round(places).Sign() < 0:
		return "(" + text + ")"
	default:
		return text + " "
	}
}

// count is n in the same form.
func count(n int64) string {
	return amount(money.FromBig(new(big.Int).Mul(big.NewInt(n), big.NewInt(1_000_000))), 0)
}

func plainCount(n int64) string { return strings.TrimRight(count(n), " ") }

// hugeRate is where a percentage is no longer written out.
var hugeRate = big.NewRat(1_000_000, 1)

// percent is a rate with one decimal, halves away from zero.
func percent(r *big.Rat) string {
	hundred := new(big.Rat).Mul(r, big.NewRat(100, 1))
	if new(big.Rat).Abs(hundred).Cmp(hugeRate) >= 0 {
		return money.FormatRate(hundred) + "%"
	}
	a, err := money.Parse(hundred.FloatString(1))
	if err != nil { // below hugeRate it is an amount
		return money.FormatRate(hundred) + "%"
	}
	return a.Grouped(1) + "%"
}

// points is a difference of rates.
func points(r *big.Rat) string {
	text := strings.TrimSuffix(percent(r), "%")
	if r.Sign() > 0 && text != "0.0" {
		text = "+" + text
	}
	return text + " pts"
}

// share is what part of a whole above zero an amount is.
func share(part, whole money.Amount) string {
	if whole.Sign() <= 0 {
		return ""
	}
	r, err := money.Rate(part, whole)
	if err != nil { // only for a whole of zero
		return ""
	}
	return percent(r)
}

func whole(n int64) money.Amount { return money.FromBig(big.NewInt(n)) }

// rational reads a printed rate. Exponents are refused: written out, one could
// fill the memory.
func rational(text string) (*big.Rat, bool) {
	if len(text) > 64 || strings.Trim(text, "-0123456789.") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// day is "1 Jan 2018".
func day(d calendar.Day) string {
	year, month, number := d.Date()
	return fmt.Sprintf("%d %s %d", number, month.String()[:3], year)
}

// days is a period in words, with its last day and not the day after.
func days(p calendar.Period) string {
	if p.End-1 <= p.Start {
		return day(p.Start)
	}
	return day(p.Start) + " to " + day(p.End-1)
}

// moment is a seal's time to the minute.
func moment(text string) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return clean(text)
	}
	return t.UTC().Format("2 Jan 2006, 15:04 UTC")
}

// short is the start of a fingerprint, enough to tell two apart.
func short(fingerprint string) string {
	const most = 12
	text := clean(fingerprint)
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// clean makes one line of a text from the books: without control characters,
// which could drive a terminal, and overrides of the writing direction, which
// could reorder figures.
func clean(text string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(visible), " ")
}

// sentence starts with a capital and ends with a stop.
func sentence(text string) string {
	text = clean(text)
	if text == "" {
		return text
	}
	text = upper(text)
	if strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

// upper and lower change the first letter.
func upper(text string) string { return first(text, unicode.ToUpper) }
func lower(text string) string { return first(text, unicode.ToLower) }

func first(text string, to func(rune) rune) string {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(to(r)) + text[size:]
}

// wrap breaks a text into lines of at most width runes, a longer word too.
func wrap(text string, width int) []string {
	var lines []string
	var current []rune
	flush := func() {
		if len(current) > 0 {
			lines = append(lines, string(current))
			current = nil
		}
	}
	for _, field := range strings.Fields(text) {
		word := []rune(field)
		if len(current) > 0 && len(current)+1+len(word) > width {
			flush()
		}
		for len(word) > width {
			lines, word = append(lines, string(word[:width])), word[width:]
		}
		if len(current) > 0 {
			current = append(current, ' ')
		}
		current = append(current, word...)
	}
	flush()
	if len(lines) == 0 {
		return []string{""}
	}
	return lines
}

func width(text string) int { return utf8.RuneCountInString(text) }

func left(text string, n int) string { return text + strings.Repeat(" ", max(n-width(text), 0)) }

func right(text string, n int) string { return strings.Repeat(" ", max(n-width(text), 0)) + text }

// level is a coverage such as 0.95 as "95%".
func level(l float64) string { return strconv.FormatFloat(l*100, 'g', 4, 64) + "%" }
