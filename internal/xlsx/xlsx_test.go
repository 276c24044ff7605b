package xlsx

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func opened(t *testing.T, rows ...[]Cell) (*excelize.File, *Book) {
	t.Helper()
	b := New()
	defer b.Close()
	s, err := b.Sheet("a", 1, 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := s.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := b.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	return f, b
}

func TestADecimalIsANumberOnlyWhereADoubleHoldsIt(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-12.50": true, "123456789012.345": true, "123456789012.345000": true, "1234567890123.456": false, "999999999999.999999": false,
		"100000000000000000000": true, "0.000001": true, "": false, "x": false, "1e5": false, "1.2.3": false, "+7": true,
	} {
		if got := Holds(text); got != want {
			t.Errorf("Holds(%q) is %v", text, got)
		}
	}
	f, _ := opened(t, []Cell{Decimal("-1234.5", 2), Decimal("999999999999.999999", 2), Decimal("", 2), Rate("0.125"), Plain("12.25"), Decimal("7", 0)})
	for at, want := range map[string]string{"A1": "-1,234.50", "B1": "999999999999.999999", "C1": "", "D1": "12.5%", "E1": "12.25", "F1": "7"} {
		if got, err := f.GetCellValue("a", at); err != nil || got != want {
			t.Errorf("%s shows %q, %v, want %q", at, got, err, want)
		}
	}
	for at, want := range map[string]excelize.CellType{"A1": excelize.CellTypeUnset, "B1": excelize.CellTypeInlineString} {
		if got, err := f.GetCellType("a", at); err != nil || got != want {
			t.Errorf("%s is of type %v, %v, want %v", at, got, err, want)
		}
	}
}

// The serial days are those that Excel shows for these dates.
func TestDaysAreSerialDaysOf1900(t *testing.T) {
	f, _ := opened(t, []Cell{Day(2024, 2, 29), Day(1900, 3, 1), Moment(time.Date(2010, 12, 1, 18, 0, 0, 0, time.FixedZone("", 3600)))})
	for at, want := range map[string]string{"A1": "45351", "B1": "61", "C1": "40513.75"} {
		if got, err := f.GetCellValue("a", at, excelize.Options{RawCellValue: true}); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", at, got, err, want)
		}
	}
	if got, err := f.GetCellValue("a", "A1"); err != nil || got != "2024-02-29" {
		t.Errorf("the day shows as %q, %v", got, err)
	}
}

func TestALongTextIsCutAndCounted(t *testing.T) {
	whole, long := strings.Repeat("ä", 32767), strings.Repeat("😀", 20000)
	f, b := opened(t, []Cell{Text(whole), Text(long), Text("=1+1")})
	if got, err := f.GetCellValue("a", "A1"); err != nil || got != whole {
		t.Errorf("a text that fits has %d bytes, %v", len(got), err)
	}
	got, err := f.GetCellValue("a", "B1")
	if err != nil || !strings.HasSuffix(got, "…") || !strings.HasPrefix(long, strings.TrimSuffix(got, "…")) || b.Cut != 1 {
		t.Errorf("a text that does not fit ends %q, %v; %d are counted", got[max(len(got)-8, 0):], err, b.Cut)
	}
	if formula, err := f.GetCellFormula("a", "C1"); err != nil || formula != "" {
		t.Errorf("a text became the formula %q, %v", formula, err)
	}
}
