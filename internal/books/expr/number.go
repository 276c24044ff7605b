package expr

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

const (
	places   = 6          // of a number in the books
	maxScale = 2 * places // of a number under way: one product of two numbers of the books
)

// sixPlaces casts text to a number. A text of up to twelve digits before the point goes through DECIMAL(18,6), a hundred times
// faster in DuckDB 1.5 than DECIMAL(38,6), to which only the rest falls through.
const sixPlaces = "COALESCE(CAST(TRY_CAST(%[1]s AS DECIMAL(18,6)) AS DECIMAL(38,6)), TRY_CAST(%[1]s AS DECIMAL(38,6)))"

// number reads text as a number of six places.
func (r *renderer) number(text string) string { return r.write(sixPlaces, r.digits(text)) }

// digits is the text when it is a number, with a point and no separators, and blank otherwise. The engine's own casts accept
// more, such as 1_000.
func (r *renderer) digits(text string) string {
	sql := r.write("regexp_extract(trim(%s), %s)", text, quote(r.reading.numberPattern()))
	for _, t := range r.reading.thousands {
		sql = r.write("replace(%s, %s, '')", sql, quote(t))
	}
	if r.reading.decimal != "." {
		sql = r.write("replace(%s, %s, '.')", sql, quote(r.reading.decimal))
	}
	return sql
}

// cutOff is true when a number's text says more than six places. Without an exponent that is a non-zero digit in the
// seventh or later; with one, the last non-zero digit's place minus the exponent. Most texts cannot be either, which one
// pattern tells.
func (r *renderer) cutOff(text string) string {
	n := r.digits(text)
	mantissa := r.write("regexp_extract(%s, '[0-9.]+')", n)
	long := r.write(`CASE WHEN regexp_matches(%[1]s, '[eE]') THEN `+
		`(trim(replace(%[2]s, '.', ''), '0') <> '' AND length(rtrim(replace(%[2]s, '.', ''), '0')) - length(split_part(%[2]s, '.', 1)) - `+
		`TRY_CAST(regexp_extract(%[1]s, '[eE]([+-]?[0-9]+)$', 1) AS INTEGER) > 6) `+
		`ELSE regexp_matches(%[1]s, '\.[0-9]{6}[0-9]*[1-9]') END`, n, mantissa)
	perhaps := `[eE]|` + regexp.QuoteMeta(r.reading.decimal) + `[0-9]{7}`
	return r.write("CASE WHEN regexp_matches(%s, %s) THEN %s ELSE FALSE END", text, quote(perhaps), long)
}

func literal(digits string) piece {
	_, after, _ := strings.Cut(digits, ".")
	return piece{fmt.Sprintf("CAST(%s AS DECIMAL(38,%d))", digits, len(after)), len(after)}
}

// widen gives a number more places; one that has no room for them is NULL.
func (r *renderer) widen(p piece, scale int) piece {
	if p.scale >= scale {
		return p
	}
	return piece{r.write("TRY_CAST(%s AS DECIMAL(38,"+fmt.Sprint(scale)+"))", p.sql), scale}
}

// narrow rounds a number to fewer places, half away from zero. A number of 18 digits at most goes by 64-bit integers, twenty
// times faster in DuckDB 1.5 than by 128-bit ones, which are left for the rest.
func (r *renderer) narrow(p piece, scale int) piece {
	if p.scale <= scale {
		return p
	}
	return piece{r.write(fmt.Sprintf("COALESCE(CAST(TRY_CAST(%%[1]s AS DECIMAL(18,%d)) AS DECIMAL(38,%d)), CAST(%%[1]s AS DECIMAL(38,%[2]d)))",
		p.scale, scale), p.sql), scale}
}

// beyond is true when a number is not one of the given places, by the same two ways.
func (r *renderer) beyond(p piece, scale int) string {
	unit := "0." + strings.Repeat("0", scale-1) + "1"
	return r.write(fmt.Sprintf("COALESCE((TRY_CAST(%%[1]s AS DECIMAL(18,%[1]d)) %%%% CAST(%[2]s AS DECIMAL(18,%[1]d))) <> 0, "+
		"(%%[1]s %%%% CAST(%[2]s AS DECIMAL(38,%[1]d))) <> 0)", p.scale, unit), p.sql)
}

// factors rounds the sides of a product so far that it has at most twelve places. Two numbers of six need nothing; a third
// factor rounds the product of the first two to six, which Rounded counts.
func (r *renderer) factors(a, b piece) (piece, piece) {
	if a.scale+b.scale <= maxScale {
		return a, b
	}
	if a.scale > places && b.scale > places {
		return r.narrow(a, places), r.narrow(b, places)
	}
	return r.narrow(a, max(places, maxScale-b.scale)), r.narrow(b, max(places, maxScale-a.scale))
}

// arithmetic puts TRY around each operation, and not once around all of them: DuckDB 1.5 lifts an expression that occurs twice
// out of its place, and so out of a TRY further up.
func (r *renderer) arithmetic(n *node) piece {
	a := r.as(n.kids[0], Number)
	if n.op == opNegate {
		return piece{r.write("(-%s)", a.sql), a.scale}
	}
	if n.text == "/" {
		return r.quotient(n)
	}
	b := r.as(n.kids[1], Number)
	if n.text == "*" {
		a, b = r.factors(a, b)
		return r.times(a, b)
	}
	scale := max(a.scale, b.scale)
	a, b = r.widen(a, scale), r.widen(b, scale)
	return piece{r.write("TRY(%s "+n.text+" %s)", a.sql, b.sql), scale}
}

func (r *renderer) times(a, b piece) piece {
	return piece{r.write("TRY(%s * %s)", a.sql, b.sql), a.scale + b.scale}
}

// quotient divides. By a number whose inverse is a short decimal, such as 100, 8 or 0.5, it multiplies by the inverse, exactly.
// Otherwise it divides integers: seven places are cut off toward zero and then rounded to six, which is rounding half away
// from zero, because nothing after the seventh place can change which half it is. A quotient by zero is NULL.
func (r *renderer) quotient(n *node) piece {
	a := r.as(n.kids[0], Number)
	if inv, ok := inverse(n.kids[1]); ok && a.scale+inv.scale <= maxScale {
		return r.times(a, inv)
	}
	top, bottom := r.ratio(n, places+1)
	whole := r.write("TRY_CAST(TRY(%s // %s) AS DECIMAL(38,0))", top, bottom)
	return piece{r.write("CAST(TRY(%s * CAST(0.0000001 AS DECIMAL(38,7))) AS DECIMAL(38,6))", whole), places}
}

// ratio is a quotient times ten to a power, as two integers.
func (r *renderer) ratio(n *node, power int) (top, bottom string) {
	a, b := r.as(n.kids[0], Number), r.as(n.kids[1], Number)
	top, bottom = r.integer(a), r.integer(b)
	switch shift := power + b.scale - a.scale; {
	case shift > 0:
		top = r.write("TRY(%s * CAST(%s AS HUGEINT))", top, ten(shift))
	case shift < 0:
		bottom = r.write("TRY(%s * CAST(%s AS HUGEINT))", bottom, ten(-shift))
	}
	return top, bottom
}

// integer is a number times ten to its scale.
func (r *renderer) integer(p piece) string {
	if p.scale == 0 {
		return r.write("CAST(%s AS HUGEINT)", p.sql)
	}
	return r.write("CAST(TRY(%s * CAST(%s AS DECIMAL(38,0))) AS HUGEINT)", p.sql, ten(p.scale))
}

func ten(power int) string { return "1" + strings.Repeat("0", power) }

// inverse is 1 over a written number, when that has at most six places.
func inverse(n *node) (piece, bool) {
	sign := ""
	if n.op == opNegate {
		n, sign = n.kids[0], "-"
	}
	value, ok := new(big.Rat).SetString(n.text)
	if n.op != opNumber || !ok || value.Sign() == 0 {
		return piece{}, false
	}
	text := value.Inv(value).FloatString(places)
	if exact, _ := new(big.Rat).SetString(text); exact.Cmp(value) != 0 {
		return piece{}, false
	}
	p := literal(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
	p.sql = "CAST(" + sign + strings.TrimPrefix(p.sql, "CAST(")
	return p, true
}
