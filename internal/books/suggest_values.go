package books

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
)

// dates proposes to read the formats in which the refused values are written.
func (s *suggester) dates(c fact.Column, r *TriedReason) {
	g, ok := s.whole(c)
	if !ok {
		return
	}
	seen := newColumn(asText([]string{g.Name})[0])
	for _, v := range r.Values() {
		seen.seeDate(v.Value)
	}
	if len(seen.dates) == 0 {
		return
	}
	have := slices.Clone(s.mapping.Dates)
	if len(have) == 0 { // naming any format ends the reading of ISO 8601 by itself
		for f := range g.formats {
			if !strings.Contains(f, "%1") && seen.dates[f] == 0 {
				have = append(have, f)
			}
		}
		slices.Sort(have)
	}
	for _, dayFirst := range []bool{true, false} {
		if decided(seen.first) && !dayFirst || decided(seen.second) && dayFirst {
			continue
		}
		s.readDates(have, seen, dayFirst)
	}
}

// readDates reads more formats. Of one way of writing only one order of day
// and month can hold, so the other gives way.
func (s *suggester) readDates(have List, seen *column, dayFirst bool) {
	formats, words := slices.Clone(have), ""
	for _, f := range sortedKeys(seen.dates) {
		this, other := ordered(f, dayFirst), ordered(f, !dayFirst)
		formats = slices.DeleteFunc(formats, func(x string) bool { return x == other || x == this })
		formats = append(formats, this)
		if this != other {
			words = ", the month first"
			if dayFirst {
				words = ", the day first"
			}
		}
	}
	text := fmt.Sprintf("read dates such as %s too%s", quoteSample(seen.sampleDate), words)
	s.add("dates:"+strings.Join(formats, "|"), text, func(m *Mapping) { m.Dates = formats })
}

// ordered puts day and month in their places.
func ordered(format string, dayFirst bool) string {
	if dayFirst {
		return strings.NewReplacer("%1", "%d", "%2", "%m").Replace(format)
	}
	return strings.NewReplacer("%1", "%m", "%2", "%d").Replace(format)
}

// amounts are how the refused values of a source column write numbers.
type amounts struct {
	name               string
	signs              []string
	comma, point       int // values that prove the decimal mark
	thousands          string
	brackets, trailing bool // (12.50) and 12.50- are below zero
	sample             string
}

func (a *amounts) see(value string) {
	value = strings.TrimSpace(value)
	inner := value
	brackets := strings.HasPrefix(value, "(") && strings.HasSuffix(value, ")")
	if brackets {
		inner = strings.TrimSuffix(strings.TrimPrefix(value, "("), ")")
	}
	trailing := strings.HasSuffix(inner, "-") && len(inner) > 1
	n, ok := readNumeral(strings.TrimSuffix(inner, "-"))
	if !ok {
		return
	}
	a.brackets, a.trailing = a.brackets || brackets, a.trailing || trailing
	if n.sign != "" && !slices.Contains(a.signs, n.sign) {
		a.signs = append(a.signs, n.sign)
	}
	switch {
	case n.unsure:
		a.thousands = firstOf(a.thousands, n.decimal)
	case n.decimal == ",":
		a.comma++
	case n.decimal == ".":
		a.point++
	}
	if n.thousands != "" {
		a.thousands = n.thousands
	}
	a.sample = firstOf(a.sample, value)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// numbers proposes to read numbers as the refused values write them.
func (s *suggester) numbers(c fact.Column, r *TriedReason) {
	text := s.mapping.Columns[c.Name]
	for _, source := range s.used(text) {
		a := &amounts{name: source}
		for _, v := range r.Values() {
			a.see(valueOf(v.Value, source, s.glanced))
		}
		if a.sample == "" {
			continue
		}
		s.marks(a)
		s.readAmounts(c, a)
	}
}

// marks proposes the decimal mark and the thousands separator of all files.
func (s *suggester) marks(a *amounts) {
	if a.comma > a.point && s.mapping.Source.Decimal != "," {
		s.add("decimal:,", fmt.Sprintf("read numbers such as %s with a decimal comma", a.sample), func(m *Mapping) { decimalComma(m, a) })
	}
	if a.comma == 0 && a.thousands != "" && a.thousands != s.mapping.Source.Decimal && s.mapping.Source.Thousands == "" && a.thousands != "." {
		s.add("thousands:"+a.thousands, fmt.Sprintf("read %s in numbers such as %s as a separator of thousands", signName(a.thousands), a.sample), func(m *Mapping) { m.Source.Thousands = a.thousands })
	}
}

func decimalComma(m *Mapping, a *amounts) {
	m.Source.Decimal = ","
	if a.thousands != "" && a.thousands != "," {
		m.Source.Thousands = a.thousands
	}
}

func signName(sign string) string {
	switch sign {
	case ",":
		return "the comma"
	case ".":
		return "the point"
	case "'", "’":
		return "the apostrophe"
	}
	return "the blank"
}

// readAmounts proposes to read one column's values with what stands in the
// way taken off.
func (s *suggester) readAmounts(c fact.Column, a *amounts) {
	bare := term(a.name)
	clean, what := bare, []string{}
	for _, sign := range a.signs {
		clean = fmt.Sprintf("replace(%s, '%s', '')", clean, sign)
	}
	if len(a.signs) > 0 {
		what = append(what, "without "+strings.Join(a.signs, " and "))
	}
	if a.brackets {
		clean = fmt.Sprintf("CASE WHEN trim(%[1]s) LIKE '(%%)' THEN '-' || replace(replace(%[2]s, '(', ''), ')', '') ELSE %[2]s END", bare, clean)
		what = append(what, "brackets as below zero")
	}
	if a.trailing {
		clean = fmt.Sprintf("CASE WHEN trim(%[1]s) LIKE '%%-' THEN '-' || replace(%[2]s, '-', '') ELSE %[2]s END", bare, clean)
		what = append(what, "a minus behind as one before")
	}
	if a.comma > 0 && s.mapping.Source.Decimal != "," {
		mixed := fmt.Sprintf("CASE WHEN trim(%[1]s) LIKE '%%,_' OR trim(%[1]s) LIKE '%%,__' THEN replace(replace(%[2]s, '.', ''), ',', '.') ELSE %[2]s END", bare, clean)
		s.add("comma:"+c.Name+":"+a.name, fmt.Sprintf("read those values of %s that end as %s does with a decimal comma, the others as they are", a.name, a.sample),
			func(m *Mapping) { s.read(m, a.name, mixed) })
	}
	if len(what) == 0 {
		return
	}
	s.add("clean:"+c.Name+":"+a.name, fmt.Sprintf("read %s %s", a.name, strings.Join(what, ", ")), func(m *Mapping) { s.read(m, a.name, clean) })
	if a.thousands != "" && a.comma == 0 && a.thousands != "." && s.mapping.Source.Thousands == "" {
		s.add("clean:"+c.Name+":"+a.name+":thousands", fmt.Sprintf("read %s %s, with %s between thousands", a.name, strings.Join(what, ", "), signName(a.thousands)), func(m *Mapping) {
			s.read(m, a.name, clean)
			m.Source.Thousands = a.thousands
		})
	}
	if a.comma > a.point && s.mapping.Source.Decimal != "," {
		s.add("clean:"+c.Name+":"+a.name+":comma", fmt.Sprintf("read %s %s, with a decimal comma", a.name, strings.Join(what, ", ")), func(m *Mapping) {
			s.read(m, a.name, clean)
			decimalComma(m, a)
		})
	}
}

// read puts an expression in place of a source column wherever a number is
// made of it.
func (s *suggester) read(m *Mapping, column, by string) {
	for _, c := range s.book.Columns {
		text, ok := m.Columns[c.Name]
		if ok && (c.Type == fact.Money || c.Type == fact.Number) {
			m.Columns[c.Name] = inPlace(text, column, by)
		}
	}
}

// used lists the source's columns that an expression names.
func (s *suggester) used(text string) []string {
	if g := s.glanced.column(text); g != nil {
		return []string{g.Name}
	}
	var out []string
	for _, g := range s.glanced.Columns {
		if names(text, g.Name) != nil {
			out = append(out, g.Name)
		}
	}
	return out
}

// names finds a column's name in an expression, quoted or bare.
func names(text, column string) []int {
	pattern := regexp.QuoteMeta(term(column))
	if !strings.HasPrefix(pattern, `"`) {
		pattern = `\b` + pattern + `\b`
	}
	found, err := regexp.Compile("(?i)" + pattern)
	if err != nil {
		return nil
	}
	return found.FindStringIndex(text)
}

// inPlace puts an expression in place of a column's name.
func inPlace(text, column, by string) string {
	if strings.EqualFold(strings.TrimSpace(text), column) {
		return by
	}
	if at := names(text, column); at != nil {
		return text[:at[0]] + by + text[at[1]:]
	}
	return text
}

// valueOf is one column's part of a refused value, which of an expression of
// several reads "Quantity=12, Price=6,9O".
func valueOf(value, column string, g *Glanced) string {
	at := strings.Index(value, column+"=")
	if at < 0 {
		return value
	}
	value = value[at+len(column)+1:]
	for _, other := range g.Columns {
		if i := strings.Index(value, ", "+other.Name+"="); i >= 0 {
			value = value[:i]
		}
	}
	return value
}
