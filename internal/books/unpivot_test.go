package books

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/books/text"
)

func turned(t *testing.T, content string, names []string, u Unpivot) (rows []string, columns []string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wide.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := openRows(path, SourceOptions{Unpivot: &u}, names)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for {
		row, err := r.Next()
		var torn *text.Refused
		switch {
		case errors.Is(err, io.EOF):
			return rows, r.Columns(), nil
		case errors.As(err, &torn):
			rows = append(rows, fmt.Sprintf("%d refused", torn.Line))
		case err != nil:
			return nil, nil, err
		default:
			rows = append(rows, fmt.Sprintf("%d %s", row.Line, strings.Join(row.Cells, "|")))
		}
	}
}

func TestAColumnAYearBecomesARowAYear(t *testing.T) {
	u := Unpivot{Columns: List{"y20*"}, Name: "year", Value: "spent"}
	rows, columns, err := turned(t, "id,Y2016,name,Y2017\na,1,Ann,2\ntorn\nb,,Ben,4\n", nil, u)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"id", "name", "year", "spent"}; !slices.Equal(columns, want) {
		t.Errorf("columns %v, want %v", columns, want)
	}
	// The torn row is refused once, and an empty cell stays an empty value.
	if want := []string{"2 a|Ann|Y2016|1", "2 a|Ann|Y2017|2", "3 refused", "4 b|Ben|Y2016|", "4 b|Ben|Y2017|4"}; !slices.Equal(rows, want) {
		t.Errorf("rows %q, want %q", rows, want)
	}
}

func TestAFileWithoutHeaderIsTurnedByItsGivenNames(t *testing.T) {
	rows, _, err := turned(t, "7,1,0\n", []string{"donor", "1995", "1996"}, Unpivot{Columns: List{"19*"}, Name: "year", Value: "gave"})
	if want := []string{"1 7|1995|1", "1 7|1996|0"}; err != nil || !slices.Equal(rows, want) {
		t.Errorf("rows %q, %v, want %q", rows, err, want)
	}
}

func TestWhatCannotBeTurnedIsRefusedInWords(t *testing.T) {
	for want, u := range map[string]Unpivot{
		"columns is missing":                 {Name: "n", Value: "v"},
		"name and value are needed":          {Columns: List{"a"}, Name: "n"},
		`name and value are both "N"`:        {Columns: List{"a"}, Name: "N", Value: "n"},
		`"[" is not a pattern`:               {Columns: List{"["}, Name: "n", Value: "v"},
		`no column is called "z*"; there`:    {Columns: List{"a", "z*"}, Name: "n", Value: "v"},
		`a column is called "ID" already`:    {Columns: List{"a"}, Name: "ID", Value: "v"},
		`a column is called "id" already; c`: {Columns: List{"a"}, Name: "n", Value: "id"},
	} {
		if _, _, err := turned(t, "id,a\n1,2\n", nil, u); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", u, err, want)
		}
	}
}

// A mapping that turns nothing is signed as before, so that nobody's books are
// read again for it.
func TestUnpivotIsInNoOtherSignature(t *testing.T) {
	c := &Config{}
	// As release 0.1 signed it.
	plain, err := c.signature("orders", Mapping{Columns: map[string]string{"amount": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	turned, err := c.signature("orders", Mapping{Columns: map[string]string{"amount": "x"}, Source: SourceOptions{Unpivot: &Unpivot{Columns: List{"a"}, Name: "n", Value: "v"}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "49dc5ae1d31f6ee56cd508c6ba4a434006eccbed0b82056f4f0ce964ae1e5190"; plain != want || turned == want {
		t.Errorf("signatures %s and %s", plain, turned)
	}
}

// A page that changes one line keeps what else a mapping says.
func TestEditKeepsUnpivotAndTax(t *testing.T) {
	const before = `company: A
settings: {currency: EUR}
books:
  orders:
    from: a.csv
    source: {unpivot: {columns: ["20*"], name: year, value: spent}}
    columns: {customer_id: id, ordered_at: year, amount: spent}
    tax: {included: 0.19}
`
	out, err := Edit("books.yaml", []byte(before), "", func(c *Config) error {
		m := c.Books["orders"]
		m.Columns["product"] = "what"
		c.Books["orders"] = m
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseConfig("books.yaml", out)
	if err != nil {
		t.Fatal(err)
	}
	m := c.Books["orders"]
	if m.Source.Unpivot == nil || m.Source.Unpivot.Value != "spent" || m.Tax == nil || m.Tax.Included != "0.19" || m.Columns["product"] != "what" {
		t.Errorf("the edit wrote\n%s", out)
	}
	// Written anew, as where a page maps a book that was not there.
	lines := strings.Join(c.bookLines("orders"), "\n")
	for _, part := range []string{"unpivot: {columns: [", `tax: {included: "0.19"}`} {
		if !strings.Contains(lines, part) {
			t.Errorf("%q is not in\n%s", part, lines)
		}
	}
}
