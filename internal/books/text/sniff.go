package text

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sniffRows is how many rows a Dialect shows.
const sniffRows = 200

// Dialect is what was detected of a file, or given.
type Dialect struct {
	Format    string // "csv", "tsv" or "ndjson"
	Gzip      bool
	Encoding  string
	BOM       bool
	Delimiter string // "whitespace"; "" for one column and for NDJSON
	Header    bool   // the first row reads as names, not as data
	Columns   []string
	Rows      [][]string // the first up to 200
	Refused   []*Refused // met among them
}

// Dialect is what the reader goes by, without sample rows.
func (r *Reader) Dialect() Dialect {
	d := r.dialect
	d.Columns = slices.Clone(d.Columns)
	return d
}

// Sniff looks at the beginning of a file. Where the options do not say whether there is a header it judges by the
// cells; Open does not, it takes the first row as one.
func Sniff(path string, o Options) (Dialect, error) {
	d, first, err := sniff(path, o)
	if err != nil || o.Header != nil || len(o.Names) > 0 || d.Format == "ndjson" || looksLikeHeader(first, d.Rows) {
		return d, err
	}
	none := false
	o.Header = &none
	d, _, err = sniff(path, o)
	return d, err
}

func sniff(path string, o Options) (d Dialect, first []string, err error) {
	r, err := Open(path, o)
	if err != nil {
		return Dialect{}, nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	d = r.Dialect()
	if t, ok := r.rows.(*table); ok {
		first = t.first
	}
	for len(d.Rows)+len(d.Refused) < sniffRows {
		row, err := r.Next()
		var refused *Refused
		switch {
		case err == io.EOF:
			return d, first, nil
		case errors.As(err, &refused):
			d.Refused = append(d.Refused, refused)
		case err != nil:
			return d, first, err
		default:
			d.Rows = append(d.Rows, slices.Clone(row.Cells))
		}
	}
	return d, first, nil
}

// looksLikeHeader compares each cell of the first row with the column under it: a word over numbers or dates speaks for
// a header, a number over numbers against it; years as names over values say nothing. Without a sign it is a header.
func looksLikeHeader(first []string, rows [][]string) bool {
	pro, contra := 0, 0
	for i, cell := range first {
		values, measures, years := 0, 0, 0
		for _, row := range rows {
			if v := strings.TrimSpace(row[i]); v != "" {
				values++
				measures += btoi(isMeasure(v))
				years += btoi(isYear(v))
			}
		}
		if values == 0 || 10*measures < 9*values {
			continue
		}
		switch cell = strings.TrimSpace(cell); {
		case isYear(cell) && years < values:
		case isMeasure(cell):
			contra++
		case cell != "":
			pro++
		}
	}
	return contra == 0 || pro > contra
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isYear(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && len(s) == 4 && 1900 <= n && n <= 2100
}

// isMeasure says whether a cell is a number or a date.
func isMeasure(s string) bool {
	number := strings.NewReplacer(",", "", "%", "", "$", "", "£", "", "€", "", " ", "").Replace(s)
	if _, err := strconv.ParseFloat(number, 64); err == nil && strings.ContainsAny(number, "0123456789") {
		return true
	}
	for _, layout := range []string{time.DateOnly, "2006/01/02", "01/02/2006", "1/2/2006", "2.1.2006", "2006-01-02T15:04:05",
		time.DateTime, "1/2/2006 15:04", time.RFC3339} {
		if len(s) >= 8 {
			if _, err := time.Parse(layout, s); err == nil {
				return true
			}
		}
	}
	return false
}
