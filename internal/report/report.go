// Package report prints a sealed document for people: text that can be pasted
// into a mail, and CSV for a spreadsheet. It works on the sealed bytes alone,
// so that what is printed is what was sealed. It owns rounding, words and
// layout; it states no figure that the document does not hold, beside the
// share that one printed line is of another and sums of printed counts.
//
// Text is at most 96 columns of plain UTF-8. Amounts are rounded to the
// currency's places and grouped, negative or subtracted ones in parentheses;
// rates are percentages with one decimal and a plain minus.
//
// CSV is RFC 4180 with a header line:
//
//	statement      customer, customer_trailing_year, cohorts, views, cohorts_by_group, referrals, referrals_trailing_year, equity,
//	               contracts, subscriptions, subscriptions_trailing_year, subscriptions_path,
//	               subscriptions_starts, behaviour, loyalty, price_elasticity,
//	               touchpoints, touchpoint_coverage, people.training_asset, people.workforce, income_statement, document or warning
//	line           the name in the JSON, such as revenue.lost or growth_rate;
//	               for cohorts the span of first purchase and active or revenue;
//	               a group's name is between quotes where it has a dot, a quote,
//	               a backslash or (, and (not known) without them where it is empty
//	period         first day..day after the last; for cohorts the span's name
//	value low high exact, as in the JSON; low and high only for estimates
//	kind           exact, bounds, confidence, credible, refused or text
//	n              the units that an estimate rests on
//	unit           a currency, ratio, customers, lines, months, days, series, alarms, trees,
//	               steps, purchases, products, records, people, years, hours, changes,
//	               contacts, rows, touchpoints, seconds or points
//	level          of a confidence or credible interval
//	compared_with  the comparison period
//	note           how an estimate was had, why a figure was refused and what
//	               it needs, or a text
//
// A text that a spreadsheet would take for a formula gets an apostrophe in
// front; numbers never do.
//
// The invariant: no bytes at all are written of a document that cannot be
// read, and none of an amount are lost in print but by rounding.
package report

import (
	"fmt"
	"io"
)

// Heading says what a document does not: whose it is and how the period was
// named.
type Heading struct {
	Company   string
	Label     string
	Simulated bool // a workbook and a page say so at their top
}

// Text prints a document as plain text.
func Text(w io.Writer, document []byte, h Heading) error {
	d, err := read(document)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, d.text(h)); err != nil {
		return fmt.Errorf("print the statement: %w", err)
	}
	return nil
}

// CSV prints every figure of a document, one a line, exactly.
func CSV(w io.Writer, document []byte) error {
	d, err := read(document)
	if err != nil {
		return err
	}
	text, err := d.csv()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("print the statement: %w", err)
	}
	return nil
}
