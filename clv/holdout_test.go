package clv

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// real is the folder of real data sets.
func real(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("THROUGHLINE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "cdnow_full")); errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s holds no data sets; set THROUGHLINE_DATA", dir)
	}
	return dir
}

// csvRows reads the cells of a CSV file, plain or gzip.
func csvRows(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func dayNumber(t *testing.T, layout, text string) int {
	t.Helper()
	d, err := time.Parse(layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return int(d.Unix() / 86400)
}

// split divides each customer's days of purchases at the end of the calibration: the history to then, and the purchases in the
// days after, up to horizon.
func split(bought map[string]map[int]bool, end, horizon int) (known []History, after []float64) {
	for _, days := range bought {
		first := math.MaxInt
		for d := range days {
			first = min(first, d)
		}
		if first > end {
			continue
		}
		h, later := History{Age: float64(end - first)}, 0.0
		for d := range days {
			switch {
			case d > first && d <= end:
				h.Repeats++
				h.Last = math.Max(h.Last, float64(d-first))
			case d > end && d <= end+horizon:
				later++
			}
		}
		known, after = append(known, h), append(after, later)
	}
	return known, after
}

// forecast is a row of the table.
type forecast struct {
	what                     string
	customers                int
	model                    string
	predicted, naive, actual float64
	modelError, naiveError   float64 // mean absolute, of a customer
}

// judge compares the expectation of each customer, and the naive one that they go on as before, with what they did.
func judge(what, model string, m Lifetime, known []History, after []float64, horizon float64) forecast {
	f := forecast{what: what, customers: len(known), model: model}
	for i, h := range known {
		e := m.Conditional(h, horizon)
		naive := 0.0
		if h.Age > 0 {
			naive = float64(h.Repeats) * horizon / h.Age
		}
		f.predicted += e
		f.naive += naive
		f.actual += after[i]
		f.modelError += math.Abs(e - after[i])
		f.naiveError += math.Abs(naive - after[i])
	}
	f.modelError /= float64(len(known))
	f.naiveError /= float64(len(known))
	return f
}

// shops are the logs of the data sets as days of purchases by customer.
func shops(t *testing.T) []struct {
	name         string
	bought       map[string]map[int]bool
	end, horizon int
} {
	dir := real(t)
	add := func(to map[string]map[int]bool, customer string, day int) {
		if to[customer] == nil {
			to[customer] = map[int]bool{}
		}
		to[customer][day] = true
	}
	cdnow, grocery, retail := map[string]map[int]bool{}, map[string]map[int]bool{}, map[string]map[int]bool{}
	data, err := os.ReadFile(filepath.Join(dir, "cdnow_full", "CDNOW_master.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		if f := strings.Fields(line); i > 0 && len(f) == 4 {
			add(cdnow, f[0], dayNumber(t, "20060102", f[1]))
		}
	}
	for _, row := range csvRows(t, filepath.Join(dir, "grocery_elog", "groceryElog.csv"))[1:] {
		add(grocery, row[0], dayNumber(t, time.DateOnly, row[1]))
	}
	for _, row := range csvRows(t, filepath.Join(dir, "online_retail_y1", "online_retail_2009_2010.csv.gz"))[1:] {
		if row[6] != "" && !strings.HasPrefix(row[3], "-") && !strings.HasPrefix(row[0], "C") {
			add(retail, row[6], dayNumber(t, time.DateTime, row[4]))
		}
	}
	day := func(text string) int { return dayNumber(t, time.DateOnly, text) }
	return []struct {
		name         string
		bought       map[string]map[int]bool
		end, horizon int
	}{
		{"cdnow_full: to 1997-09-30, then 39 weeks", cdnow, day("1997-09-30"), 273},
		{"grocery_elog: to 2006-12-31, then a year", grocery, day("2006-12-31"), 364},
		{"online_retail_y1: to 2010-06-30, then to 2010-12-09", retail, day("2010-06-30"), day("2010-12-09") - day("2010-06-30")},
	}
}

// taken splits rows of chances, from the one in which a customer came on, after known of them.
func taken(rows [][]string, known int) (histories []History, after []float64) {
	for _, row := range rows {
		var h History
		first, later := -1, 0.0
		for j, cell := range row {
			if cell == "0" || cell == "" {
				continue
			}
			switch {
			case first < 0:
				first = j
			case j < known:
				h.Repeats++
				h.Last = float64(j - first)
			default:
				later++
			}
		}
		if first >= 0 && first < known {
			h.Age = float64(known - 1 - first)
			histories, after = append(histories, h), append(after, later)
		}
	}
	return histories, after
}

// madrigal are the quarters of the customers who came in 2016, and donors the years of those who gave in 1995.
func madrigal(t *testing.T) (rows [][]string) {
	for _, row := range csvRows(t, filepath.Join(real(t), "madrigal", "cust_by_qtr_trans.csv.gz"))[1:] {
		if strings.HasPrefix(row[1], "y2016") {
			rows = append(rows, row[2:])
		}
	}
	return rows
}

func donorsOf1995(t *testing.T) (rows [][]string) {
	for _, row := range csvRows(t, filepath.Join(real(t), "donations_1995_cohort", "1995_cohort_binary.csv")) {
		rows = append(rows, row[1:])
	}
	return rows
}

const beginHoldOut, endHoldOut = "<!-- hold-out: go test ./clv -run HoldOutOfRealData -update-docs -->\n", "<!-- end of hold-out -->\n"

// The first part of real data sets is fitted and the second forecast, beside the forecast that everybody goes on as before; the
// table stands in docs/lifetimes.md. That the model is near is no rule; that the table is true is.
func TestHoldOutOfRealData(t *testing.T) {
	var b strings.Builder
	b.WriteString("| data, and what is forecast | customers | model | forecast ÷ actual | as before ÷ actual | error a customer | as before |\n| --- | ---: | --- | ---: | ---: | ---: | ---: |\n")
	line := func(f forecast) {
		fmt.Fprintf(&b, "| %s | %d | %s | %.2f | %.2f | %.2f | %.2f |\n", f.what, f.customers, f.model, f.predicted/f.actual, f.naive/f.actual, f.modelError, f.naiveError)
	}
	for _, s := range shops(t) {
		known, after := split(s.bought, s.end, s.horizon)
		h := gathered(t, known)
		if f, err := FitParetoNBD(h); err != nil {
			fmt.Fprintf(&b, "| %s | %d | refused: %v | | | | |\n", s.name, len(known), err)
		} else {
			line(judge(s.name, "Pareto/NBD", f.Model, known, after, float64(s.horizon)))
		}
		if f, err := FitBGNBD(h); err != nil {
			fmt.Fprintf(&b, "| %s | %d | refused: %v | | | | |\n", s.name, len(known), err)
		} else {
			line(judge(s.name, "BG/NBD", f.Model, known, after, float64(s.horizon)))
		}
	}
	for _, c := range []struct {
		name         string
		rows         [][]string
		known, ahead int
	}{{"donations_1995_cohort: years with gifts, to 2001, then five", donorsOf1995(t), 7, 5}, {"madrigal: quarters with purchases, came in 2016, to 2018, then four", madrigal(t), 12, 4}} {
		known, after := taken(c.rows, c.known)
		f, err := FitBGBB(gathered(t, known))
		if err != nil {
			t.Fatal(err)
		}
		line(judge(c.name, "BG/BB", f.Model, known, after, float64(c.ahead)))
	}

	name := filepath.Join("..", "docs", "lifetimes.md")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), beginHoldOut)
	_, end, done := strings.Cut(rest, endHoldOut)
	if !ok || !done {
		t.Fatalf("%s has lost its marks", name)
	}
	want := before + beginHoldOut + b.String() + endHoldOut + end
	switch {
	case *updateDocs:
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	case want != string(data):
		t.Errorf("the table of docs/lifetimes.md is not what is computed: go test ./clv -run HoldOutOfRealData -update-docs\n%s", b.String())
	}
}
