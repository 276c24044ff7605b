package web

import (
	"html/template"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// minus is the sign that is as wide as a figure.
const minus = "−"

// functions are what every template may say.
func functions(l *locale, a *assets, chance io.Reader) template.FuncMap {
	return template.FuncMap{
		"t": l.t, "tn": func(n any, one, many string, args ...any) string { return l.tn(whole(n), one, many, args...) },
		"count": count, "money": amount, "change": change, "percent": percent, "points": points,
		"day": l.day, "date": isoDay, "asset": a.path, "short": short,
		"once": func() (template.HTML, error) { return onceField(chance) },
		"held": held, "inc": func(i int) int { return i + 1 },
	}
}

// whole is any integer of a template.
func whole(n any) int64 {
	switch n := n.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	}
	return 0
}

// count is a grouped integer: 21,480.
func count(n any) string { return grouped(strconv.FormatInt(whole(n), 10)) }

func grouped(digits string) string {
	sign, fraction := "", ""
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = minus, rest
	}
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		digits, fraction = digits[:i], digits[i:]
	}
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String() + fraction
}

// amount is money to two places: −1,903.72.
func amount(a money.Amount) string { return strings.Replace(a.Grouped(2), "-", minus, 1) }

// change is an amount with its sign, as a bridge's line has it.
func change(a money.Amount) string {
	if a.Round(2).Sign() > 0 {
		return "+" + amount(a)
	}
	return amount(a)
}

// percent is a rate to one decimal: 88.3%.
func percent(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return grouped(oneDecimal(r)) + "%"
}

// points is a rate to one decimal without its sign of per cent, for the ends
// of an interval.
func points(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return grouped(oneDecimal(r))
}

// apart is a difference of two shares in points, with its sign: +5.6.
func apart(r *big.Rat) string {
	text := points(r)
	if text != "" && r.Sign() > 0 && text != "0.0" {
		return "+" + text
	}
	return text
}

// oneDecimal is a hundred times r, rounded half away from zero; no zero is
// negative.
func oneDecimal(r *big.Rat) string {
	text := new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1)
	if text == "-0.0" {
		return "0.0"
	}
	return text
}

func isoDay(d calendar.Day) string { return d.String() }

// moment is a time in the company's zone: 3 October 2026, 09:14.
func (v *visit) moment(at time.Time) string {
	local := at.In(v.company.Location())
	return v.t("%s, %s", v.locale.day(calendar.DayIn(at, v.company.Location())), local.Format("15:04"))
}

// short is the head of a fingerprint, in fours: 7f3a 9c21.
func short(fingerprint string) string {
	if len(fingerprint) < 8 {
		return fingerprint
	}
	return fingerprint[:4] + " " + fingerprint[4:8]
}
