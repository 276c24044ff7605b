package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
)

// sheetsForm asks which sheets of a workbook are read.
type sheetsForm struct {
	Sheets []option
	First  string // that is read where none is named; empty: some are
	Header settingField
}

// sheetsAsked is the form for a workbook; nil for another file.
func (v *visit) sheetsAsked(m books.Mapping, g *books.Glanced) *sheetsForm {
	if g == nil || g.Format != "xlsx" {
		return nil
	}
	out := &sheetsForm{Header: settingField{Name: "header_row", Label: v.t("The row that names the columns"), Help: v.t("Its number in the sheet, where a title stands above it; empty to have it found in each sheet.")}}
	if m.Source.HeaderRow > 0 {
		out.Header.Value = strconv.Itoa(m.Source.HeaderRow)
	}
	if len(g.Sheets) < 2 {
		return out
	}
	if m.Source.Sheet == "" && len(m.Source.Sheets) == 0 {
		out.First = g.Sheets[0]
	}
	for _, name := range g.Sheets {
		out.Sheets = append(out.Sheets, option{name, name, m.Source.Reads(name) || name == out.First})
	}
	for _, name := range append(slices.Clone(m.Source.Sheets), m.Source.Sheet) {
		if name != "" && !slices.ContainsFunc(g.Sheets, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(name)) }) {
			out.Sheets = append(out.Sheets, option{name, v.t("%s, which the first file does not have", name), true})
		}
	}
	return out
}

// typedSheets takes the answer. The first sheet of workbooks whose sheets are
// not named stays unnamed, because each of them may call it otherwise.
func (v *visit) typedSheets(m *books.Mapping) error {
	first, asked := v.r.PostForm["sheets-asked"]
	ticked := v.r.PostForm["sheets"]
	if asked && len(ticked) == 0 {
		return &access.Refusal{Field: "sheets", What: v.t("no sheet is ticked"), Do: v.t("tick the sheets that are read; to read none of this file, take it away on the files page")}
	}
	if asked && !(m.Source.Sheet == "" && len(m.Source.Sheets) == 0 && slices.Equal(ticked, first)) {
		m.Source.Sheet, m.Source.Sheets = "", nil
		for _, name := range ticked {
			m.Source.Sheets = append(m.Source.Sheets, valid(name))
		}
		if len(m.Source.Sheets) == 1 {
			m.Source.Sheet, m.Source.Sheets = m.Source.Sheets[0], nil
		}
	}
	text, asked := v.r.PostForm["header_row"]
	if !asked {
		return nil
	}
	m.Source.HeaderRow = 0
	if row := strings.TrimSpace(strings.Join(text, "")); row != "" {
		n, err := strconv.Atoi(row)
		if err != nil || n < 1 {
			return &access.Refusal{Field: "header_row", What: v.t("%s is not the number of a row", row), Do: v.t("write the number that the sheet shows beside the row, such as 3")}
		}
		m.Source.HeaderRow = n
	}
	return nil
}

// taxForm asks whether a book's amounts include tax.
type taxForm struct {
	Answer  string // no, rate, column or kept
	Rate    string // in per cent
	Columns []option
	Ways    []option
	Kept    string // the expression of books.yaml that is none of these
	Taken   string // of which columns tax is taken out, where books.yaml says it
}

// The answers to whether amounts include tax.
const (
	taxNo     = "no"
	taxRate   = "rate"
	taxColumn = "column"
	taxKept   = "kept"
)

// taxAsked is the form over what the mapping says, or over what was typed; nil
// for a book without amounts that customers pay.
func (v *visit) taxAsked(book fact.Book, m books.Mapping, g *books.Glanced) *taxForm {
	if !books.Taxable(book) && m.Tax == nil {
		return nil
	}
	out := &taxForm{Answer: taxNo}
	column, way := "", books.TaxPercent
	if x := m.Tax; x != nil {
		out.Taken = strings.Join(x.Columns, ", ")
		if percent, ok := x.Percent(); ok {
			out.Answer, out.Rate = taxRate, percent
		} else if column, way = columnOfTax(x.Included, g); column != "" {
			out.Answer = taxColumn
		} else {
			out.Answer, out.Kept = taxKept, x.Included
		}
	}
	if _, sent := v.r.PostForm["tax"]; sent {
		field := v.r.PostFormValue
		out.Answer, out.Rate, column, way = field("tax"), field("tax_rate"), field("tax_column"), field("tax_way")
	}
	if g != nil {
		for _, c := range g.Columns {
			label := c.Name
			if len(c.Examples) > 0 && v.may(access.ReadCustomers) {
				label += " · " + shown(c.Examples[0])
			}
			out.Columns = append(out.Columns, option{c.Name, label, c.Name == column})
		}
	}
	out.Ways = []option{
		{books.TaxPercent, v.t("as 19"), way == books.TaxPercent},
		{books.TaxSigned, v.t("as 19%"), way == books.TaxSigned},
		{books.TaxShare, v.t("as 0.19"), way == books.TaxShare},
	}
	return out
}

// columnOfTax tells which column a rate is read from, and in which way.
func columnOfTax(included string, g *books.Glanced) (column, way string) {
	if g == nil {
		return "", books.TaxPercent
	}
	for _, c := range g.Columns {
		for _, way := range []string{books.TaxPercent, books.TaxSigned, books.TaxShare} {
			if books.TaxColumn(c.Name, way) == strings.TrimSpace(included) {
				return c.Name, way
			}
		}
	}
	return "", books.TaxPercent
}

// typedTax takes the answer. Which columns include the tax stays as
// books.yaml says it.
func (v *visit) typedTax(m *books.Mapping) error {
	field := v.r.PostFormValue
	included := ""
	switch field("tax") {
	case taxNo:
		m.Tax = nil
		return nil
	case taxRate:
		share, err := books.TaxRate(field("tax_rate"))
		if err != nil {
			return &access.Refusal{Field: "tax_rate", What: err.Error(), Do: v.t("write it in per cent, such as 19")}
		}
		included = share
	case taxColumn:
		if included = books.TaxColumn(valid(field("tax_column")), field("tax_way")); valid(field("tax_column")) == "" || included == "" {
			return &access.Refusal{Field: "tax_column", What: v.t("no column was chosen for the rate of tax"), Do: v.t("choose the column that states each row's rate")}
		}
	default:
		return nil
	}
	x := books.Tax{Included: included}
	if m.Tax != nil {
		x.Columns = m.Tax.Columns
	}
	m.Tax = &x
	return nil
}

// taxSaid asks, beside a book's amount, whether it includes tax, or says what
// was answered.
func (v *visit) taxSaid(d office.Draft, name string) string {
	book, _ := fact.Find(name)
	x := d.Config.Books[name].Tax
	switch {
	case x == nil && books.Taxable(book):
		return v.t("Do these amounts include tax?")
	case x == nil:
		return ""
	}
	if percent, ok := x.Percent(); ok {
		return v.t("%s%% tax taken out", percent)
	}
	return v.t("each row's tax taken out")
}
