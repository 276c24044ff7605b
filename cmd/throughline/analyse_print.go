package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// real is a number of an analysis: JSON prints twelve significant digits,
// and {"refused": why} in its place where it cannot be had.
type real struct {
	value   float64
	refused string
}

// num is a number that is there, or is refused when it is not finite.
func num(x float64) real {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return real{refused: "cannot be computed from these rows"}
	}
	return real{value: x + 0} // no -0
}

// noNumber is a number that is refused.
func noNumber(why string) real { return real{refused: why} }

// MarshalJSON prints the number or its refusal.
func (n real) MarshalJSON() ([]byte, error) {
	if n.refused != "" {
		return encoded(struct {
			Refused string `json:"refused"`
		}{n.refused})
	}
	return strconv.AppendFloat(nil, n.value, 'g', 12, 64), nil
}

// String is the number for a table: six significant digits, or an en dash.
func (n real) String() string {
	if n.refused != "" {
		return "–"
	}
	if x := math.Abs(n.value); x >= 1e5 && x < 1e15 {
		return strconv.FormatFloat(n.value, 'f', 0, 64)
	}
	return strconv.FormatFloat(n.value, 'g', 6, 64)
}

// par is a parameter with its standard error.
type par struct {
	Value real `json:"value"`
	SE    real `json:"se"`
}

// parOf is a parameter of two numbers.
func parOf(value, se float64) par { return par{num(value), num(se)} }

// testResult is a test with its distribution's degrees of freedom and p.
type testResult struct {
	Statistic real `json:"statistic"`
	DF        real `json:"df"`
	P         real `json:"p"`
}

// testOf is a test of three numbers.
func testOf(statistic, df, p float64) testResult { return testResult{num(statistic), num(df), num(p)} }

// refusedTest is a test that could not be made.
func refusedTest(why string) testResult {
	return testResult{noNumber(why), noNumber(why), noNumber(why)}
}

// String is the test in words.
func (t testResult) String() string {
	if t.Statistic.refused != "" {
		return "not tested: " + t.Statistic.refused
	}
	return fmt.Sprintf("%s on %s degrees of freedom, p %s", t.Statistic, t.DF, t.P)
}

// object is a JSON object that keeps its order: of parameters by name.
type object []entry

type entry struct {
	name  string
	value any
}

// MarshalJSON prints the entries in their order.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, e := range o {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := encoded(e.name)
		if err != nil {
			return nil, err
		}
		value, err := encoded(e.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// encoded is JSON without the escapes of HTML.
func encoded(x any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(x)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// grid prints rows under heads in columns; all but the first stand to the right.
type grid struct {
	heads []string
	rows  [][]string
}

// add appends a row; numbers print as in tables.
func (g *grid) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	g.rows = append(g.rows, row)
}

func (g *grid) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := 0
	for _, row := range append([][]string{g.heads}, g.rows...) {
		width = max(width, len([]rune(printable(row[0]))))
	}
	for _, row := range append([][]string{g.heads}, g.rows...) {
		first := printable(row[0])
		fmt.Fprint(w, first, strings.Repeat(" ", width-len([]rune(first))), "\t")
		for _, cell := range row[1:] {
			fmt.Fprint(w, printable(cell), "\t")
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
