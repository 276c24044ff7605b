package books

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// Tax says that a source's amounts include tax, which the books' do not. The
// rate is a share, such as 0.19, or an expression that gives each row's.
type Tax struct {
	Included string `yaml:"included"`
	Columns  List   `yaml:"columns"` // the book's columns that include it; none: taxed
}

// taxed are the columns that include tax where a mapping does not say which: what customers pay. Costs are not among them.
var taxed = []string{"amount", "unit_price", "list_price", "monthly_amount"}

// check refuses a tax that cannot be taken out of a book's amounts.
func (x *Tax) check(book fact.Book) error {
	if strings.TrimSpace(x.Included) == "" {
		return fmt.Errorf("tax: included is missing; write the rate, such as 0.19 for 19%%, or an expression that gives it")
	}
	if rate, err := money.Parse(x.Included); err == nil && (rate.Sign() < 0 || rate.Rat().Cmp(big.NewRat(1, 1)) >= 0) {
		return fmt.Errorf("tax: included: %s is no share from 0 up to 1; write 0.19 for 19%%", x.Included)
	}
	for _, name := range x.Columns {
		if c, ok := book.Column(name); !ok || c.Type != fact.Money {
			return fmt.Errorf("tax: columns: %q is no column of amounts of %s", name, book.Name)
		}
	}
	if !slices.ContainsFunc(book.Columns, func(c fact.Column) bool { return c.Type == fact.Money && x.takes(c.Name) }) {
		return fmt.Errorf("tax: %s has no amounts that customers pay; name the columns that include tax with `columns`", book.Name)
	}
	return nil
}

func (x *Tax) takes(column string) bool {
	if len(x.Columns) > 0 {
		return slices.Contains(x.Columns, column)
	}
	return slices.Contains(taxed, column)
}

func (x *Tax) yaml() string {
	out := "{included: " + yamlText(x.Included)
	if len(x.Columns) > 0 {
		out += ", columns: " + namesList(x.Columns)
	}
	return out + "}"
}

// taxOut has the fields of amounts that include tax give it up.
func (m mapper) taxOut(spec *engine.Load, l load, columns []expr.Column, d expr.Dialect) error {
	x := l.mapping.Tax
	if x == nil {
		return nil
	}
	var currency *expr.Expr
	for _, f := range spec.Fields {
		if f.Column.Name == "currency" {
			currency = f.Source
		}
	}
	// A rate that is a number is written as books.yaml writes numbers, whatever the source's marks.
	rate := d
	if _, err := money.Parse(x.Included); err == nil {
		rate.Decimal, rate.Thousands = ".", ""
	}
	e, err := expr.Compile(x.Included, columns, rate)
	if err == nil {
		_, err = e.Number()
	}
	if err != nil {
		return m.config.refuseBook(Unmappable, l.book.Name, "tax: included: %v", "the file read was "+m.config.name(l.path), err)
	}
	for i, f := range spec.Fields {
		if f.Column.Type != fact.Money || !x.takes(f.Column.Name) {
			continue
		}
		// What is paid is rounded as money is; a price of one piece keeps six places.
		spec.Fields[i].Tax = &engine.Tax{Rate: e, Currency: currency, Home: m.config.Settings.Currency, Whole: f.Column.Name == "amount" || f.Column.Name == "monthly_amount"}
	}
	return nil
}
