package books

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/money"
)

// refusedFile keeps refused rows: file, line, column, value, reason, and the
// day and amount where they could be read.
type refusedFile struct {
	file *os.File
	csv  *csv.Writer
	name string
	rows int64
	// recall knows who is forgotten; nil: nobody.
	recall *engine.Recall
}

var refusedHeader = []string{"file", "line", "column", "value", "reason", "day", "amount", "currency"}

func newRefusedFile(path, name string) (*refusedFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, diskError(err)
	}
	r := &refusedFile{file: f, csv: csv.NewWriter(f), name: name}
	return r, r.csv.Write(refusedHeader)
}

// maxValue is how much of a refused value is kept.
const maxValue = 200

func (r *refusedFile) add(x engine.Refused) error {
	r.rows++
	x.Value = clipped(remembered(r.recall, x.Value))
	day, amount := "", ""
	if x.Day != nil {
		day = x.Day.String()
	}
	if x.Amount != nil {
		amount = money.FromBig(x.Amount).Text(2)
	}
	column := x.Column
	if x.From != "" && x.From != x.Column {
		column += " ← " + x.From
	}
	return r.csv.Write([]string{r.name, strconv.FormatInt(x.Line, 10), column, x.Value, x.Reason, day, amount, x.Currency})
}

// clipped is as much of a value as is kept.
func clipped(value string) string {
	if runes := []rune(value); len(runes) > maxValue {
		return string(runes[:maxValue]) + "…"
	}
	return value
}

// sync makes what was added durable.
func (r *refusedFile) sync() error {
	r.csv.Flush()
	if err := r.csv.Error(); err != nil {
		return diskError(err)
	}
	if err := r.file.Sync(); err != nil {
		return diskError(err)
	}
	return nil
}

func (r *refusedFile) close() error {
	if err := r.file.Close(); err != nil {
		return diskError(err)
	}
	return nil
}

// RefusedRow is one kept refused row.
type RefusedRow struct {
	File, Column, Value, Reason string
	Line                        int64
	Day                         *calendar.Day
	Amount                      *money.Amount
	Currency                    string
}

// ReadRefused hands every kept refused row of a source to visit.
func ReadRefused(dir string, s snapshot.Source, visit func(RefusedRow) error) (err error) {
	if s.RefusedIn == "" {
		return nil
	}
	f, err := os.Open(filepath.Join(dir, s.RefusedIn))
	if err != nil {
		return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil {
		return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
	}
	for {
		cells, err := r.Read()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
		}
		row := RefusedRow{File: cells[0], Column: cells[2], Value: cells[3], Reason: cells[4], Currency: cells[7]}
		if row.Line, err = strconv.ParseInt(cells[1], 10, 64); err != nil {
			return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
		}
		if cells[5] != "" {
			d, err := calendar.ParseDay(cells[5])
			if err != nil {
				return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
			}
			row.Day = &d
		}
		if cells[6] != "" {
			a, err := money.Parse(cells[6])
			if err != nil {
				return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
			}
			row.Amount = &a
		}
		if err := visit(row); err != nil {
			return err
		}
	}
}
