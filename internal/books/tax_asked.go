package books

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/money"
)

// Taxable tells whether a book has amounts that customers pay, which a source
// may state with tax.
func Taxable(book fact.Book) bool {
	return slices.ContainsFunc(book.Columns, func(c fact.Column) bool { return slices.Contains(taxed, c.Name) })
}

// TaxRate reads a rate in per cent, such as "19" or "8.1 %", as the share that
// books.yaml states: "0.19", "0.081". A number below 1 is refused, because who
// types 0.19 means nineteen per cent.
func TaxRate(percent string) (share string, err error) {
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.Replace(percent, ",", ".", 1)), "%"))
	rate, err := money.Parse(text)
	switch {
	case text == "":
		return "", fmt.Errorf("the rate is missing")
	case err != nil:
		return "", fmt.Errorf("%q is not a rate in per cent", percent)
	case rate.Cmp(money.FromMicros(1_000_000)) < 0 || rate.Cmp(money.FromMicros(100_000_000)) >= 0:
		return "", fmt.Errorf("%s is not a rate in per cent from 1 up to 100", text)
	}
	of := new(big.Rat).Quo(rate.Rat(), big.NewRat(100, 1))
	out := decimalText(of)
	if again, ok := new(big.Rat).SetString(out); !ok || again.Cmp(of) != 0 {
		return "", fmt.Errorf("%s has more than four places", text)
	}
	return out, nil
}

// Ways in which a column states each row's rate of tax.
const (
	TaxPercent = "percent" // 19
	TaxSigned  = "signed"  // 19%
	TaxShare   = "share"   // 0.19
)

// TaxColumn is the expression of a rate that a column states in one of these
// ways; empty for another way.
func TaxColumn(name, way string) string {
	switch way {
	case TaxPercent:
		return term(name) + " / 100"
	case TaxSigned:
		return "replace(" + term(name) + ", '%', '') / 100"
	case TaxShare:
		return name
	}
	return ""
}

// Percent is the rate that a tax states for every row, in per cent; ok is false
// where the rate is an expression.
func (x *Tax) Percent() (percent string, ok bool) {
	rate, err := money.Parse(x.Included)
	if err != nil {
		return "", false
	}
	return decimalText(new(big.Rat).Mul(rate.Rat(), big.NewRat(100, 1))), true
}

// grossWords are in the names of columns whose amounts include tax.
var grossWords = strings.Fields("gross brutto bruttobetrag brut ttc incl inc including inclusive inkl")

// saysGross tells whether an expression's column says by its name that it
// includes tax.
func (g guess) saysGross() string {
	for _, c := range g.uses {
		for _, word := range strings.FieldsFunc(strings.ToLower(c.name), func(r rune) bool { return r < 'a' || r > 'z' }) {
			if slices.Contains(grossWords, word) {
				return c.name
			}
		}
	}
	return ""
}

// noteGross asks about amounts that by their names include tax, which the
// books' do not.
func (m *proposed) noteGross() {
	for _, name := range taxed {
		if c := m.columns[name].saysGross(); c != "" {
			m.note("CHECK: by its name %s"+grossAsks+grossSays, c)
			return
		}
	}
}

// What a proposal asks of amounts that include tax by their name, and what is
// to be written in the file if they do.
const (
	grossAsks = " includes tax, and the books' amounts do not"
	grossSays = ": say so with tax, such as tax: {included: 0.19}"
)

// asksGross tells whether a comment asks that.
func asksGross(comment string) bool { return strings.Contains(comment, grossAsks) }

// Asked is a check as a page asks it, where the answer is not typed into the
// file.
func (c Clash) Asked() string { return strings.Replace(c.Their, grossSays, "", 1) }

// dropGross takes the question out of a book whose tax is answered.
func (e *editor) dropGross(book string) {
	b, ok := e.find([]string{"books", book})
	if !ok {
		return
	}
	for i := b.to - 1; i > b.from; i-- {
		if line := strings.TrimSpace(e.lines[i]); strings.HasPrefix(line, "#") && asksGross(line) {
			e.lines = slices.Delete(e.lines, i, i+1)
		}
	}
}
