package text

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// data is the folder of the public data sets; its README names their origin.
func data(t *testing.T) string {
	dir := os.Getenv("THROUGHLINE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the public data sets are not here (set THROUGHLINE_DATA): %v", err)
	}
	return dir
}

func TestPublicDataIsReadToTheRow(t *testing.T) {
	dir := data(t)
	for _, test := range []struct {
		file, fact string
		o          Options
		columns    []string
		first      []string
	}{
		{"cdnow_full/CDNOW_master.txt", "data_rows", Options{}, []string{"customer_id", "date", "number_of_cds", "dollar_value"},
			[]string{"00001", "19970101", "1", "11.77"}},
		{"cdnow_sample/CDNOW_sample.txt", "data_rows", Options{Header: &no}, []string{"column 1", "column 2", "column 3", "column 4", "column 5"},
			[]string{"00004", "0001", "19970101", "2", "29.33"}},
		{"online_retail_y1/online_retail_2009_2010.csv.gz", "data_rows", Options{},
			[]string{"Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"},
			[]string{"489434", "85048", "15CM CHRISTMAS GLASS BALL 20 LIGHTS", "12", "2009-12-01 07:45:00", "6.95", "13085", "United Kingdom"}},
		{"ledger_2016_2019/transaction-log-example.csv.gz", "data_rows", Options{}, []string{"order_date", "cust_id", "net_sales", "source"},
			[]string{"2018-02-16", "cust16647", "108.784", "web"}},
		{"twitter_us_airline/Tweets.csv", "data_rows", Options{}, nil, nil},
		{"skytrax_lounge/lounge.csv", "data_rows", Options{}, nil, nil},
		{"cfpb_2013_2016/complaints.csv.gz", "data_rows", Options{}, nil, nil},
		{"it_incident_log/incident_event_log.csv.gz", "event_rows", Options{}, nil, nil},
		{"madrigal/cust_data_long.csv.gz", "long_rows", Options{}, nil, nil},
		{"cfpb_2023/complaints_2023.csv.gz", "rows_with_company", Options{}, nil, nil}, // and a last row that its source cut off
	} {
		path := filepath.Join(dir, test.file)
		want := facts(t, filepath.Dir(path))[test.fact]
		r, err := Open(path, test.o)
		if err != nil {
			t.Error(err)
			continue
		}
		if test.columns != nil && !slices.Equal(r.Columns(), test.columns) {
			t.Errorf("%s: columns %q", test.file, r.Columns())
		}
		rows := 0.0
		for {
			row, err := r.Next()
			var refused *Refused
			if err == io.EOF {
				break
			} else if errors.As(err, &refused) && refused.Reason == neverClosed && refused.Line == 3302 && rows == want {
				continue // of cfpb_2023
			} else if err != nil {
				t.Errorf("%s: %v", test.file, err)
				break
			}
			if rows == 0 && test.first != nil && !slices.Equal(row.Cells, test.first) {
				t.Errorf("%s: first row %q", test.file, row.Cells)
			}
			rows++
		}
		if rows != want {
			t.Errorf("%s: %v rows, facts.json says %v", test.file, rows, want)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func facts(t *testing.T, dir string) map[string]float64 {
	raw, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	numbers := map[string]float64{}
	for name, value := range all {
		if n, ok := value.(float64); ok {
			numbers[name] = n
		}
	}
	return numbers
}

// TestPublicDataIsSniffed tells which of the files have no header, and that no row of their beginnings is refused.
func TestPublicDataIsSniffed(t *testing.T) {
	dir := data(t)
	without := []string{"CDNOW_sample.txt", "1995_cohort_binary.csv"}
	files := 0
	for _, pattern := range []string{"*/*.csv", "*/*.csv.gz", "*/*.txt"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			d, err := Sniff(path, Options{})
			if err != nil {
				t.Error(err)
				continue
			}
			files++
			if header := !slices.Contains(without, filepath.Base(path)); d.Header != header {
				t.Errorf("%s: header %v, columns %q", path, d.Header, d.Columns)
			}
			if len(d.Refused) > 0 || len(d.Columns) < 2 {
				t.Errorf("%s: columns %q, refused %v", path, d.Columns, errors.Join(asErrors(d.Refused)...))
			}
		}
	}
	if files == 0 {
		t.Skip("there are no text files in " + dir)
	}
}

func asErrors(refused []*Refused) []error {
	var all []error
	for _, r := range refused {
		all = append(all, r)
	}
	return all
}
