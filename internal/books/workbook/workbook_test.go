package workbook

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/throughline/throughline/internal/books/text"
)

var no = false

// saved writes a workbook with another's hand.
func saved(t *testing.T, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	path := filepath.Join(t.TempDir(), "book.dat") // the name says nothing
	file, err := os.Create(path)
	must(t, err)
	must(t, f.Write(file))
	must(t, file.Close())
	must(t, f.Close())
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func set(t *testing.T, f *excelize.File, sheet string, rows map[int][]any) {
	t.Helper()
	for line, cells := range rows {
		must(t, f.SetSheetRow(sheet, fmt.Sprintf("A%d", line), &cells))
	}
}

// packed writes a zip file of parts; parts of a sheet without its frame are given one.
func packed(t *testing.T, parts map[string]string) string {
	t.Helper()
	whole := map[string]string{
		"[Content_Types].xml": `<Types/>`,
		"_rels/.rels":         `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
	}
	for name, part := range parts {
		whole[name] = part
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	file, err := os.Create(path)
	must(t, err)
	z := zip.NewWriter(file)
	for name, part := range whole {
		if part == "" {
			continue
		}
		w, err := z.Create(name)
		must(t, err)
		_, err = io.WriteString(w, part)
		must(t, err)
	}
	must(t, z.Close())
	must(t, file.Close())
	return path
}

func sheetOf(rows string) map[string]string {
	return map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`}
}

// read gives the columns, then every row and refusal as a line.
func read(t *testing.T, path string, o Options) (lines []string, err error) {
	t.Helper()
	if !Claims(path) {
		t.Errorf("%s is not known by its first bytes", path)
	}
	r, err := Open(path, o)
	if err != nil {
		return nil, err
	}
	defer func() { must(t, r.Close()) }()
	lines = append(lines, strings.Join(r.Columns(), "|"))
	last := int64(0)
	for {
		row, err := r.Next()
		var refused *text.Refused
		switch {
		case err == io.EOF:
			if r.Bytes() == 0 {
				t.Error("no bytes were counted")
			}
			return lines, nil
		case errors.As(err, &refused):
			row.Line = refused.Line
			lines = append(lines, fmt.Sprintf("refused %v %q", refused, refused.Value))
		case err != nil:
			return lines, err
		default:
			if len(row.Cells) != len(r.Columns()) {
				t.Errorf("row %d has %d cells of %d columns", row.Line, len(row.Cells), len(r.Columns()))
			}
			lines = append(lines, fmt.Sprintf("%d %s", row.Line, strings.Join(row.Cells, "|")))
		}
		if row.Line <= last {
			t.Errorf("row %d after row %d", row.Line, last)
		}
		last = row.Line
	}
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCellsAreReadAsText(t *testing.T) {
	path := saved(t, func(f *excelize.File) {
		set(t, f, "Sheet1", map[int][]any{
			3: {" id ", "amount", "", "amount", "paid"}, // after two blank rows
			4: {"007", 12.1, "x\ny", 0.1 + 0.2, true},
			5: {4012888888881881, -1e-7, "_x_", 1e21, false},
			7: {"#N/A", "12,5"}, // short
			8: {nil, nil, nil, nil, nil, "more"},
			9: {"  "},
		})
		must(t, f.SetCellRichText("Sheet1", "C7", []excelize.RichTextRun{{Text: "two "}, {Text: "fonts", Font: &excelize.Font{Bold: true}}}))
	})
	got, err := read(t, path, Options{})
	must(t, err)
	same(t, got, "id|amount 1|column 3|amount 2|paid",
		"4 007|12.1|x\ny|0.3|TRUE", "5 4012888888881881|-0.0000001|_x_|1000000000000000000000|FALSE", "7 #N/A|12,5|two fonts||",
		`refused line 8: has something in column F, the header has 5 columns "more"`)
	got, err = read(t, path, Options{Header: &no, Decimal: ","})
	must(t, err)
	if got[0] != "column 1|column 2|column 3|column 4|column 5|column 6" || got[2] != "4 007|12,1|x\ny|0,3|TRUE|" {
		t.Errorf("without a header: %q", got)
	}
	got, err = read(t, path, Options{Names: []string{"a", "b", "c", "d", "e", "f"}})
	must(t, err)
	if got[0] != "a|b|c|d|e|f" || got[1] != "3  id |amount||amount|paid|" {
		t.Errorf("with names: %q", got)
	}
}

// TestDatesComeOutInISO8601 has its numbers from Excel: 40513.322916666664 shows as 2010-12-01 07:45 in the system of
// 1900, 39051 as 2010-12-01 in that of 1904, and 60 as the 29 February 1900 that never was.
func TestDatesComeOutInISO8601(t *testing.T) {
	for _, test := range []struct {
		in1904 bool
		format string
		number float64
		want   string
	}{
		{false, "yyyy-mm-dd", 40513, "2010-12-01"}, {true, "yyyy-mm-dd", 39051, "2010-12-01"},
		{false, "d.m.yyyy h:mm", 40513.322916666664, "2010-12-01 07:45:00"}, {false, "d.m.yyyy h:mm", 40513, "2010-12-01 00:00:00"},
		{false, "yyyy-mm-dd", 40513.3229166667, "2010-12-01 07:45:00"}, {false, "mmm", 40513, "2010-12-01"},
		{false, `[$-409]mmmm\ d\,\ yyyy;@`, 40513, "2010-12-01"}, {false, "h:mm AM/PM", 0.75, "18:00:00"},
		{false, "d/m/yyyy", 1, "1900-01-01"}, {false, "d/m/yyyy", 59, "1900-02-28"}, {false, "d/m/yyyy", 60, "1900-02-29"}, {false, "d/m/yyyy", 61, "1900-03-01"},
		{true, "d/m/yyyy", 0, "1904-01-01"}, {true, "d/m/yyyy", 60, "1904-03-01"}, {false, "d/m/yyyy", 0, "1900-01-00"},
		{false, "d/m/yyyy", 2958465.999999999, "2958466"}, {false, "d/m/yyyy", -3, "-3"}, {false, "d/m/yyyy", 40512.9999999999, "2010-12-01"},
		{false, "[h]:mm", 1.5, "1.5"}, {false, `0.00 "days"`, 3.5, "3.5"}, {false, "0.00E+00", 12345.5, "12345.5"}, {false, "General", 40513, "40513"},
		{false, `[Red]#,##0.00\ "€"`, 40513.5, "40513.5"}, {false, "_-* #,##0_-;d", 12, "12"}, {false, `0\d`, 12, "12"},
	} {
		got := numberText(fmt.Sprint(test.number), showsBy(test.format), test.in1904, "")
		if got != test.want {
			t.Errorf("%v as %s (1904: %v): %s, want %s", test.number, test.format, test.in1904, got, test.want)
		}
	}
	for id, want := range map[int]shows{0: asNumber, 2: asNumber, 14: asDay, 17: asDay, 18: asTime, 22: asMoment, 37: asNumber, 46: asNumber, 47: asTime, 49: asNumber} {
		if builtin(id) != want {
			t.Errorf("format %d shows %v, want %v", id, builtin(id), want)
		}
	}
}

func TestDatesOfAWorkbook(t *testing.T) {
	for _, in1904 := range []bool{false, true} {
		path := saved(t, func(f *excelize.File) {
			must(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &in1904}))
			set(t, f, "Sheet1", map[int][]any{1: {"at", "day", "builtin"}, 2: {time.Date(2010, 12, 1, 7, 45, 0, 0, time.UTC), time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC), 40513}})
			code := "dd.mm.yyyy"
			custom, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
			must(t, err)
			must(t, f.SetCellStyle("Sheet1", "B2", "B2", custom))
			style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
			must(t, err)
			must(t, f.SetCellStyle("Sheet1", "C2", "C2", style))
		})
		got, err := read(t, path, Options{})
		must(t, err)
		third := map[bool]string{false: "2010-12-01", true: "2014-12-02"}[in1904] // the same number is 1462 days later
		same(t, got, "at|day|builtin", "2 2010-12-01 07:45:00|2010-12-01|"+third)
	}
}

func TestFormulasGiveWhatWasStored(t *testing.T) {
	got, err := read(t, packed(t, sheetOf(`<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>sum</t></is></c></row>`+
		`<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>1+1.5</f><v>2.5</v></c></row>`+
		`<row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>SUM(B1:B2)</f></c></row>`+
		`<row r="4"><c r="A4"><v>3</v></c><c r="B4" t="str"><f>""</f><v></v></c></row>`+
		`<row r="5"><c r="A5"><v>4</v></c><c r="B5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>`+
		`<row r="6"><c r="A6" s="99" t="b"><v>1</v></c><c r="B6"><f t="shared" si="0"/></c></row>`)), Options{})
	must(t, err)
	const reason = "the formula's result is not stored; open the workbook in a spreadsheet program and save it"
	same(t, got, "id|sum", "2 1|2.5", "refused line 3: sum: "+reason+` "=SUM(B1:B2)"`, "4 3|", "5 4|#DIV/0!", "refused line 6: sum: "+reason+` "="`)
}

func TestSheetsAreFoundByName(t *testing.T) {
	path := saved(t, func(f *excelize.File) {
		for i, name := range []string{"First", "Orders & more", "Blank"} {
			_, err := f.NewSheet(name)
			must(t, err)
			if i < 2 {
				set(t, f, name, map[int][]any{1: {"name"}, 2: {name}})
			}
		}
		f.SetActiveSheet(2)
		must(t, f.SetSheetVisible("Sheet1", false))
	})
	for sheet, want := range map[string]string{"": "2 First", "orders & MORE": "2 Orders & more", "First": "2 First"} {
		got, err := read(t, path, Options{Sheet: sheet})
		must(t, err)
		same(t, got, "name", want)
	}
	for sheet, want := range map[string]string{
		"2011":  `there is no sheet "2011"; its sheets are "Sheet1" (hidden), "First", "Orders & more", "Blank"`,
		"Blank": `the sheet "Blank" is empty; its sheets are `,
	} {
		if _, err := read(t, path, Options{Sheet: sheet}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("sheet %s: %v", sheet, err)
		}
	}
}

func TestWhatIsNoWorkbookIsRefused(t *testing.T) {
	good, err := os.ReadFile(saved(t, func(f *excelize.File) { set(t, f, "Sheet1", map[int][]any{1: {"a"}, 2: {1}}) }))
	must(t, err)
	written := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "x.xlsx")
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	locked := filepath.Join(t.TempDir(), "locked.xlsx")
	f := excelize.NewFile()
	must(t, f.SaveAs(locked, excelize.Options{Password: "secret"}))
	must(t, f.Close())
	bomb := sheetOf(`<row><c><v>` + strings.Repeat("1", 100) + `</v></c></row>` + strings.Repeat(" ", 100<<20))
	long := sheetOf(`<row><c><v>` + strings.Repeat("12345678", 1<<20) + `</v></c></row>`)
	deep := sheetOf(strings.Repeat("<x>", 1000) + strings.Repeat("</x>", 1000))
	for name, test := range map[string]struct{ path, want string }{
		"torn":               {written(good[:len(good)-100]), "is a torn workbook or zip file"},
		"magic alone":        {written([]byte("PK\x03\x04")), "is a torn workbook or zip file"},
		"password":           {locked, "is protected by a password"},
		"old":                {written([]byte(oleMagic + strings.Repeat("W\x00", 600))), "is an old workbook (.xls)"},
		"a zip of text":      {packed(t, map[string]string{"[Content_Types].xml": "", "a.csv": "a,b"}), "is a zip file, but not a workbook: unpack it"},
		"a letter":           {packed(t, map[string]string{"xl/workbook.xml": "", "word/document.xml": "<document/>"}), "not a workbook"},
		"ods":                {packed(t, map[string]string{"[Content_Types].xml": "", "mimetype": "x", "content.xml": "<x/>"}), "(.ods)"},
		"xlsb":               {packed(t, map[string]string{"xl/workbook.bin": "x"}), "(.xlsb)"},
		"no sheet":           {packed(t, nil), `the sheet "S" is missing from the workbook`},
		"bomb":               {packed(t, bomb), "as no sheet does"},
		"one long value":     {packed(t, long), `the sheet "S" is torn or damaged`},
		"deep":               {packed(t, deep), "is nested deeper than any sheet"},
		"unclosed":           {packed(t, sheetOf(`<row><c><v>1</v></c></row><row><c>`)), `the sheet "S" is torn or damaged; export it again (after row`},
		"no such text":       {packed(t, sheetOf(`<row><c t="s"><v>7</v></c></row>`)), `names text "7" of a table of 0`},
		"rows out of order":  {packed(t, sheetOf(`<row r="4"><c><v>1</v></c></row><row r="4"/>`)), `row "4" stands after row 4`},
		"cells out of order": {packed(t, sheetOf(`<row r="4"><c r="B4"><v>1</v></c><c r="A4"/></row>`)), `has the cell "A4" after column B`},
	} {
		_, err := read(t, test.path, Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), test.path+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDamageIsNoEnd flips a byte of a sheet stored without compression: only its checksum can tell.
func TestDamageIsNoEnd(t *testing.T) {
	path := packed(t, sheetOf(`<row><c><v>1</v></c></row><row><c><v>2</v></c></row>`))
	z, err := zip.OpenReader(path)
	must(t, err)
	other := filepath.Join(t.TempDir(), "x.xlsx")
	file, err := os.Create(other)
	must(t, err)
	w := zip.NewWriter(file)
	for _, part := range z.File {
		r, err := part.Open()
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		stored, err := w.CreateHeader(&zip.FileHeader{Name: part.Name, Method: zip.Store})
		must(t, err)
		_, err = stored.Write(content)
		must(t, err)
	}
	must(t, w.Close())
	must(t, file.Close())
	must(t, z.Close())
	raw, err := os.ReadFile(other)
	must(t, err)
	must(t, os.WriteFile(other, []byte(strings.Replace(string(raw), "<v>2</v>", "<v>3</v>", 1)), 0o600))
	if got, err := read(t, other, Options{Names: []string{"a"}}); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestEscapes(t *testing.T) {
	for in, want := range map[string]string{"a_x000D_b": "a\rb", "_x005F_x0041_": "_x0041_", "_x0000_": "_x0000_", "_xD83D_": "_xD83D_", "_x": "_x", "_xyz_": "_xyz_"} {
		if got := unescaped(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
