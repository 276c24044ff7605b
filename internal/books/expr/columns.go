package expr

import (
	"fmt"
	"strings"
)

// Times of the books lie in 1900..2199. A time with a zone is compared before it is made local, which costs far more than
// the comparison; the bounds keep a day's distance, so that it is inside in every zone.
const (
	inYears     = "CASE WHEN %[1]s >= TIMESTAMP '1900-01-01' AND %[1]s < TIMESTAMP '2200-01-01' THEN %[1]s END"
	inYearsZone = "CASE WHEN %[1]s >= TIMESTAMPTZ '1900-01-02 00:00:00+00' AND %[1]s < TIMESTAMPTZ '2199-12-31 00:00:00+00' " +
		"THEN %[1]s AT TIME ZONE %[2]s END"
)

// trimmed trims only what may need it: trim walks through every character, which
// costs more than all the rest of a mapping over Parquet. A text that begins
// with a blank sorts before '!', and a blank beyond ASCII makes it longer in
// bytes than in characters.
const trimmed = "CASE WHEN %[1]s < '!' OR suffix(%[1]s, ' ') OR strlen(%[1]s) <> length(%[1]s) THEN NULLIF(trim(%[1]s), '') ELSE %[1]s END"

func (c Column) floating() bool {
	return c.Native == "DOUBLE" || c.Native == "FLOAT" || c.Native == "REAL"
}

// float is the engine's name of a floating column's type.
func (c Column) float() string {
	if c.Native == "DOUBLE" {
		return "DOUBLE"
	}
	return "FLOAT"
}

// varchar is the column as it stands.
func (c Column) varchar() string {
	if c.Type == Text && (c.Native == "" || c.Native == "VARCHAR") {
		return c.SQL
	}
	return "CAST(" + c.SQL + " AS VARCHAR)"
}

// given is true when the source says something in this column. NaN is how several writers of Parquet say nothing.
func (c Column) given() string {
	switch {
	case c.Type == Text:
		return "COALESCE(trim(" + c.varchar() + ") <> '', FALSE)"
	case c.floating():
		return "COALESCE(NOT isnan(" + c.SQL + "), FALSE)"
	}
	return "(" + c.SQL + " IS NOT NULL)"
}

// text reads the column as text. A DOUBLE that is whole has no decimals: spreadsheets and data frames keep whole
// identifiers as 17850.0.
func (c Column) text(zone string) string {
	switch {
	case c.Type == Text && c.varchar() == c.SQL:
		return fmt.Sprintf(trimmed, c.SQL)
	case c.Type == Text:
		return "NULLIF(trim(" + c.varchar() + "), '')"
	case c.floating():
		return fmt.Sprintf(`CASE WHEN NOT isnan(%[1]s) THEN regexp_replace(CAST(%[1]s AS VARCHAR), '\.0$', '') END`, c.SQL)
	case c.Type == Timestamp:
		return "CAST(" + c.own(zone).sql + " AS VARCHAR)"
	}
	return c.varchar()
}

// own reads the column in its own type.
func (c Column) own(zone string) piece {
	switch c.Type {
	case Text:
		return piece{sql: c.text(zone)}
	case Number:
		return c.number()
	case Date:
		return piece{sql: fmt.Sprintf("CASE WHEN %[1]s >= DATE '1900-01-01' AND %[1]s < DATE '2200-01-01' THEN %[1]s END", c.SQL)}
	case Timestamp:
		switch sql := c.SQL; c.Native {
		case "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ":
			return piece{sql: fmt.Sprintf(inYearsZone, sql, quote(zone))}
		case "", "TIMESTAMP":
			return piece{sql: fmt.Sprintf(inYears, sql)}
		default: // TIMESTAMP_S, _MS, _NS
			return piece{sql: fmt.Sprintf(inYears, "TRY_CAST("+sql+" AS TIMESTAMP)")}
		}
	case Null:
		return piece{sql: nulls[Text]}
	}
	return piece{sql: c.SQL}
}

// number reads a numeric column. The engine's cast of a DOUBLE multiplies by 10⁶ in floating point, which is right for
// fifteen digits, that is below 10⁹; a larger one, and a FLOAT, goes by its shortest text.
func (c Column) number() piece {
	shortest := fmt.Sprintf(sixPlaces, "CAST("+c.SQL+" AS VARCHAR)")
	switch {
	case c.floating() && c.float() == "FLOAT":
		return piece{shortest, places}
	case c.floating():
		return piece{fmt.Sprintf("CASE WHEN abs(%[1]s) < 1e9 THEN TRY_CAST(%[1]s AS DECIMAL(38,6)) ELSE %[2]s END", c.SQL, shortest), places}
	case strings.HasSuffix(c.Native, "INT") || c.Native == "INTEGER" || c.Native == "UINTEGER":
		return piece{"TRY_CAST(" + c.SQL + " AS DECIMAL(38,0))", 0}
	}
	scale := min(c.nativeScale(), maxScale)
	return piece{fmt.Sprintf("TRY_CAST(%s AS DECIMAL(38,%d))", c.SQL, scale), scale}
}

// nativeScale is the number of places of a DECIMAL(w,s), and six for a type unknown.
func (c Column) nativeScale() int {
	var w, s int
	if n, err := fmt.Sscanf(strings.ReplaceAll(c.Native, " ", ""), "DECIMAL(%d,%d)", &w, &s); err != nil || n != 2 {
		return places
	}
	return s
}

// rounded is true when a numeric column's value needs more places than number keeps; empty when it never does.
func (c Column) rounded() string {
	switch {
	case c.floating():
		return fmt.Sprintf("(CAST(%s AS %s) <> %s)", c.number().sql, c.float(), c.SQL)
	case c.nativeScale() > maxScale:
		return fmt.Sprintf("(%s <> %s)", c.number().sql, c.SQL)
	}
	return ""
}

// Bare returns the column that the whole expression is, when it is one.
func (e *Expr) Bare() (Column, bool) {
	if e.root.op != opColumn {
		return Column{}, false
	}
	return e.columns[e.root.column], true
}
