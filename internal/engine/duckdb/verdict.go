package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// Verdicts over a staged row. A row's own faults are 1 + 2·field (required
// and empty) and 2 + 2·field (given but unreadable).
const (
	verdictRepeated = 254 // same natural key, same content, earlier in the file
	verdictClash    = 255 // same natural key, other content, earlier in the file
)

// judgeKeys finds rows whose natural key stands earlier in the same file: the
// same content is one row said twice; other content is a refusal, because
// nothing says which of the two is right.
func (s *staging) judgeKeys(ctx context.Context) error {
	if len(s.load.Key) == 0 {
		return nil
	}
	key := columnList(s.load.Key)
	present := quoted(s.load.Key[0]) + " IS NOT NULL AND __bad IS NULL"
	again := s.e.fresh("again")
	if err := s.e.exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT hash(%s) AS h FROM %s WHERE %s GROUP BY 1 HAVING count(*) > 1", again, key, s.name, present)); err != nil {
		return err
	}
	var names []string
	for _, f := range s.load.Fields {
		names = append(names, f.Column.Name)
	}
	content := columnList(names)
	update := fmt.Sprintf(`UPDATE %[1]s SET __bad = v.verdict FROM (
		SELECT rowid AS at, CASE WHEN hash(%[4]s) = first_value(hash(%[4]s)) OVER w THEN %[5]d ELSE %[6]d END AS verdict, row_number() OVER w AS nth
		FROM %[1]s WHERE %[3]s AND hash(%[2]s) IN (SELECT h FROM %[7]s)
		WINDOW w AS (PARTITION BY %[2]s ORDER BY __line, rowid)) v
		WHERE v.at = %[1]s.rowid AND v.nth > 1`, s.name, key, present, content, verdictRepeated, verdictClash, again)
	if err := s.e.exec(ctx, update); err != nil {
		return err
	}
	return s.e.exec(ctx, "DROP TABLE "+again)
}

func columnList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoted(n)
	}
	return strings.Join(out, ", ")
}

// refused hands on every row with a verdict, with the day and amount that
// could be read, so that coverage can say what they would have been.
func (s *staging) refused(ctx context.Context, refuse func(engine.Refused) error) error {
	day, amount, currency := "NULL", "NULL", "NULL"
	for _, f := range s.load.Fields {
		switch f.Column.Name {
		case s.load.Book.Time:
			day = dayNumber(quoted(f.Column.Name))
		case "amount":
			amount = "CAST(amount AS VARCHAR)"
		case "currency":
			currency = "currency"
		}
	}
	query := fmt.Sprintf("SELECT __file, __line, CAST(__bad AS INTEGER), __raw, %s, %s, %s FROM %s WHERE __bad IS NOT NULL AND __bad <> %d ORDER BY __file, __line",
		day, amount, currency, s.keyed, verdictRepeated)
	return s.e.each(ctx, query, func(r *sql.Rows) error {
		var line int64
		var bad, file int
		var raw, money, unit sql.NullString
		var days sql.NullInt64
		if err := r.Scan(&file, &line, &bad, &raw, &days, &money, &unit); err != nil {
			return err
		}
		refusal := s.reason(bad, raw.String)
		refusal.Source, refusal.Line = file, line
		refusal.Day, refusal.Currency = dayOf(days), unit.String
		if money.Valid {
			refusal.Amount = micros(money.String)
		}
		return refuse(refusal)
	})
}

// reason says in words what a verdict means.
func (s *staging) reason(bad int, raw string) engine.Refused {
	if bad == verdictClash {
		return engine.Refused{
			Column: strings.Join(s.load.Key, ", "),
			Reason: "this " + strings.Join(s.load.Key, " and ") + " stands earlier in the file with other content; it is not what identifies a row",
		}
	}
	f := s.load.Fields[(bad-1)/2]
	r := engine.Refused{Column: f.Column.Name, From: f.Source.String(), Value: raw}
	if bad%2 == 1 {
		r.Reason = "is required and empty"
		return r
	}
	switch f.Column.Type {
	case fact.Money, fact.Number:
		if r.Reason = numberReason(raw); f.Tax != nil {
			r.Reason = "is not a number, or the rate of its tax (" + f.Tax.Rate.String() + ") is not a share from 0 up to 1"
		}
	case fact.Rate:
		r.Reason = "is not a rate above zero"
	case fact.Day, fact.Instant:
		r.Reason = "is not a date that the mapping can read"
	case fact.Truth:
		r.Reason = "is not yes or no"
	case fact.Choice:
		r.Reason = "is not one of " + strings.Join(f.Column.Choices, ", ")
	case fact.Currency:
		r.Reason = "is not a currency code of three letters"
	case fact.PeriodKey:
		r.Reason = "is not the name of a period, such as 2011, 2011-Q3, 2011-09, FY2011-P03 or 2011-01-01..2012-01-01"
	default:
		r.Reason = "cannot be read as " + f.Column.Type.String()
	}
	return r
}

// numberReason tells a number that is too large from text that is none.
func numberReason(raw string) string {
	digits := 0
	for _, r := range strings.TrimSpace(raw) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.':
			if digits > 12 {
				return "is too large; amounts stay below 1,000,000,000,000"
			}
			return "is not a number"
		case r != '-' && r != '+':
			return "is not a number"
		}
	}
	if digits > 12 {
		return "is too large; amounts stay below 1,000,000,000,000"
	}
	return "is not a number"
}
