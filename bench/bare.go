package main

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/big"
	"strings"
	"text/template"
)

//go:embed bare.sql
var bareSQL string

// window is a period P and its comparison period Q, ends excluded.
type window struct{ Q0, Q1, P0, P1 string }

var (
	year2018 = window{"2017-01-01", "2018-01-01", "2018-01-01", "2019-01-01"}
	january  = window{"2018-01-01", "2018-02-01", "2019-01-01", "2019-02-01"}
	trailing = window{"2017-02-01", "2018-02-01", "2018-02-01", "2019-02-01"}
)

// question renders the bare query over a source of lines.
func (w window) question(lines string) (string, error) {
	var b strings.Builder
	err := template.Must(template.New("bare").Parse(bareSQL)).Execute(&b, struct {
		window
		Lines string
	}{w, lines})
	return b.String(), err
}

// answer is what every contender must agree on.
type answer struct {
	Opening, Retained, Returning, Closing int64
	Prior, Current, Kept, New             string // exact decimals
}

// differs tells the first figure in which two answers differ, or nothing.
func (a answer) differs(b answer) string {
	counts := []struct {
		name string
		a, b int64
	}{{"opening", a.Opening, b.Opening}, {"retained", a.Retained, b.Retained}, {"returning", a.Returning, b.Returning}, {"closing", a.Closing, b.Closing}}
	for _, c := range counts {
		if c.a != c.b {
			return fmt.Sprintf("%s customers: %d and %d", c.name, c.a, c.b)
		}
	}
	sums := []struct{ name, a, b string }{{"prior", a.Prior, b.Prior}, {"current", a.Current, b.Current}, {"kept", a.Kept, b.Kept}, {"new", a.New, b.New}}
	for _, s := range sums {
		x, okX := new(big.Rat).SetString(s.a)
		y, okY := new(big.Rat).SetString(s.b)
		if !okX || !okY || x.Cmp(y) != 0 {
			return fmt.Sprintf("%s revenue: %s and %s", s.name, s.a, s.b)
		}
	}
	return ""
}

// bare answers the query in DuckDB over the files and prints the answer.
func bare(ctx context.Context, args []string, out io.Writer) error {
	var e engineFlags
	var w window
	var glob string
	f := flag.NewFlagSet("bench bare", flag.ContinueOnError)
	e.register(f)
	f.StringVar(&glob, "glob", "", "the Parquet files")
	f.StringVar(&w.Q0, "q0", "", "begin of the comparison period")
	f.StringVar(&w.Q1, "q1", "", "its end")
	f.StringVar(&w.P0, "p0", "", "begin of the period")
	f.StringVar(&w.P1, "p1", "", "its end")
	if err := f.Parse(args); err != nil {
		return err
	}
	query, err := w.question("read_parquet(" + literal(glob) + ")")
	if err != nil {
		return err
	}
	return e.engine(ctx, false, func(conn *sql.Conn) error {
		var a answer
		err := conn.QueryRowContext(ctx, query).Scan(&a.Opening, &a.Retained, &a.Returning, &a.Closing, &a.Prior, &a.Current, &a.Kept, &a.New)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(a)
	})
}

// statement is the part of `close --json` that is compared.
type statement struct {
	Customers struct {
		Opening, Retained, Returning, Closing int64
	} `json:"customers"`
	Revenue struct {
		Prior, Lost, Contraction, Current string
		NewEarned                         string `json:"new_earned"`
		NewBought                         string `json:"new_bought"`
		NewUnattributed                   string `json:"new_unattributed"`
	} `json:"revenue"`
	ActiveRevenue struct{ Prior string } `json:"active_revenue"`
}

// answers reads a sealed document: the period's own column and the trailing
// year's, when there is one.
func answers(document []byte) (own answer, year *answer, err error) {
	var d struct {
		Customer statement  `json:"customer"`
		Trailing *statement `json:"customer_trailing_year"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return own, nil, fmt.Errorf("read the document: %w", err)
	}
	if own, err = d.Customer.answer(); err != nil || d.Trailing == nil {
		return own, nil, err
	}
	y, err := d.Trailing.answer()
	return own, &y, err
}

func (s statement) answer() (answer, error) {
	kept, err := sum(s.ActiveRevenue.Prior, "-"+s.Revenue.Lost, "-"+s.Revenue.Contraction)
	if err != nil {
		return answer{}, err
	}
	fresh, err := sum(s.Revenue.NewEarned, s.Revenue.NewBought, s.Revenue.NewUnattributed)
	c := s.Customers
	return answer{c.Opening, c.Retained, c.Returning, c.Closing, s.Revenue.Prior, s.Revenue.Current, kept, fresh}, err
}

func sum(texts ...string) (string, error) {
	total := new(big.Rat)
	for _, t := range texts {
		x, ok := new(big.Rat).SetString(t)
		if !ok {
			return "", fmt.Errorf("read the document: %q is no amount", t)
		}
		total.Add(total, x)
	}
	return total.FloatString(6), nil
}
