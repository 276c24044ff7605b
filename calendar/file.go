package calendar

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Row is one fiscal period of a calendar file.
type Row struct {
	Name string // FY2011-P03
	Period
	line int // where it was read, 0 when it was not
}

// ReadFile reads a company's own fiscal periods from CSV with the header
//
//	period,start,end
//
// and rows such as FY2011-P03,2010-06-01,2010-07-01 in order, ends excluded.
// Every fiscal year is complete, with periods P01 to P12 or P01 to P13, and
// each period starts where the one before it ends. Errors name the line.
func ReadFile(r io.Reader) ([]Row, error) {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = 3
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the calendar file is empty: its header is period,start,end")
	}
	if err != nil && !errors.Is(err, csv.ErrFieldCount) {
		return nil, csvError(err)
	}
	if got := strings.TrimPrefix(strings.Join(header, ","), "\ufeff"); got != "period,start,end" {
		return nil, fmt.Errorf("line 1: the header is %s, want period,start,end", quote(got))
	}
	var rows []Row
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(err)
		}
		line, _ := reader.FieldPos(0)
		row := Row{Name: record[0], line: line}
		if row.Start, err = ParseDay(record[1]); err != nil {
			return nil, fmt.Errorf("line %d: start %w", line, err)
		}
		if row.End, err = ParseDay(record[2]); err != nil {
			return nil, fmt.Errorf("line %d: end %w", line, err)
		}
		rows = append(rows, row)
	}
	if _, err := yearsOf(rows); err != nil {
		return nil, err
	}
	return rows, nil
}

func csvError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("line %d: %w", parse.Line, parse.Err)
	}
	return err
}

var rowName = regexp.MustCompile(`^FY([0-9]{4})-P([0-9]{2})$`)

// yearsOf checks the rows and gathers them into fiscal years.
func yearsOf(rows []Row) (years, error) {
	if len(rows) == 0 {
		return years{}, errors.New("the calendar file has no periods")
	}
	var f years
	var year []Day // starts of the periods of the year being gathered
	for i, row := range rows {
		name, number, err := row.numbers()
		if err != nil {
			return years{}, err
		}
		if i == 0 {
			f.first = name
		} else if err := row.follows(rows[i-1]); err != nil {
			return years{}, err
		}
		wanted := f.first + len(f.each)
		if name == wanted+1 && number == 1 && (len(year) == 12 || len(year) == 13) {
			f.each = append(f.each, append(year, row.Start))
			year, wanted = nil, name
		}
		if name != wanted || number != len(year)+1 || number > 13 {
			return years{}, row.errorf("%s is out of place: each fiscal year has P01 to P12 or P13, in order", row.Name)
		}
		year = append(year, row.Start)
	}
	last := rows[len(rows)-1]
	if len(year) < 12 {
		return years{}, last.errorf("%s is the last period, but a fiscal year has 12 or 13", last.Name)
	}
	f.each = append(f.each, append(year, last.End))
	return f, nil
}

// numbers returns the fiscal year and period number of the row's name.
func (r Row) numbers() (year, number int, err error) {
	parts := rowName.FindStringSubmatch(r.Name)
	if parts == nil {
		return 0, 0, r.errorf("period %s is not of the form FY2011-P03", quote(r.Name))
	}
	if year, err = strconv.Atoi(parts[1]); err != nil {
		return 0, 0, err
	}
	if year < firstYear || year > lastYear {
		return 0, 0, r.errorf("period %s is not in the years %d to %d", quote(r.Name), firstYear, lastYear)
	}
	if number, err = strconv.Atoi(parts[2]); err != nil {
		return 0, 0, err
	}
	if r.Start >= r.End {
		return 0, 0, r.errorf("%s starts %s, not before its end %s", r.Name, r.Start, r.End)
	}
	return year, number, nil
}

// follows refuses a gap or an overlap between the row and the one before.
func (r Row) follows(before Row) error {
	what := "leaves a gap after"
	switch {
	case r.Start == before.End:
		return nil
	case r.Start < before.End:
		what = "overlaps"
	}
	return r.errorf("%s starts %s and %s %s, which ends %s", r.Name, r.Start, what, before.Name, before.End)
}

func (r Row) errorf(format string, args ...any) error {
	if r.line > 0 {
		return fmt.Errorf("line %d: %s", r.line, fmt.Sprintf(format, args...))
	}
	return fmt.Errorf(format, args...)
}
