package office_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/office"
)

// given is an office with settings and one hostile file beside a good one.
func given(t *testing.T, name string, content io.Reader) (*office.Office, office.Looked) {
	t.Helper()
	o, ctx := fresh(t), context.Background()
	d, err := o.SaveSetup(ctx, 0, lead, company)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.ReceiveUpload(ctx, lead, name, content); err != nil {
		t.Fatal(err)
	}
	send(t, o, "good.csv", "client,date,amount\n"+strings.Repeat("k1,2024-01-05,5.00\nk2,2024-02-05,7.00\n", 20))
	start := time.Now()
	looked, err := o.Propose(ctx, d.Version, lead)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("a look at it took %s", took)
	}
	if len(looked.Books) != 1 || looked.Books[0] != "orders" {
		t.Errorf("the good file is no book any more: %v, notes %v", looked.Books, looked.Draft.Notes)
	}
	return o, looked
}

// A workbook of some kilobytes that unpacks to gigabytes costs nothing: it is
// read no further than any other, and no further than its packed size allows.
func TestWorkbookThatUnpacksWithoutEnd(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	part := func(name, text string) io.Writer {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		return w
	}
	part("[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)
	part("_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	part("xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`)
	part("xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`)
	sheet := part("xl/worksheets/sheet1.xml", `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	row := []byte(strings.Repeat(`<row><c t="inlineStr"><is><t>`+strings.Repeat("A", 1000)+`</t></is></c></row>`, 1000))
	for range 300 { // 300 MB
		if _, err := sheet.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", packed.Len())
	_, looked := given(t, "bomb.xlsx", &packed)
	if looked.Draft.Notes["bomb.xlsx"] == "" {
		t.Error("nothing is said of it")
	}
}

// One line of 200 MB is no row, and is never held whole.
func TestOneLineWithoutEnd(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o, looked := given(t, "line.csv", io.LimitReader(endless{}, 200<<20))
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 100<<20 {
		t.Errorf("it took %d MB", grown>>20)
	}
	if looked.Draft.Notes["line.csv"] == "" {
		t.Error("nothing is said of it")
	}
	// Even when somebody says that it is the orders.
	if _, err := o.Assign(context.Background(), looked.Draft.Version, lead, office.Assignment{File: "line.csv", Book: "orders", Replace: true}); err != nil {
		t.Log(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A packed text of some kilobytes that unpacks to gigabytes is looked at no
// further than any other.
func TestPackedTextWithoutEnd(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, "client,date,paid\n"); err != nil {
		t.Fatal(err)
	}
	line := []byte(strings.Repeat("k1,2024-01-05,5\n", 1<<16))
	for range 512 { // 512 MB
		if _, err := z.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	o, ctx := fresh(t), context.Background()
	d, err := o.SaveSetup(ctx, 0, lead, company)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.ReceiveUpload(ctx, lead, "bomb.csv.gz", &packed); err != nil {
		t.Fatal(err)
	}
	looked, err := o.Assign(ctx, d.Version, lead, office.Assignment{File: "bomb.csv.gz", Book: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	trial, err := o.Try(ctx, looked.Draft, "orders")
	if err != nil || trial.Whole || time.Since(start) > 20*time.Second {
		t.Errorf("whole %t after %s, %v", trial.Whole, time.Since(start), err)
	}
}

// Whatever the bytes, a look at them ends with a proposal or with a word.
func TestFilesOfAnyBytes(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	d, err := o.SaveSetup(ctx, 0, lead, company)
	if err != nil {
		t.Fatal(err)
	}
	contents := []string{"\x00\x00\x00\x00", "PK\x03\x04", "PAR1", "PAR1xxxxPAR1", "\x1f\x8b\x08", "\xff\xfe\x00", "\n\n\n", ",,,,\n,,,,\n", `"`, strings.Repeat(`"`, 5000), strings.Repeat("a,", 20000), "{\"a\":", "<html>", "=cmd|' /C calc'!A0,1\n"}
	for i, content := range contents {
		for j, ending := range []string{".csv", ".xlsx", ".parquet", ".ndjson", ".csv.gz"} {
			send(t, o, fmt.Sprintf("f%d%s", i, ending), content+strings.Repeat(" ", j)) // the same content is not kept twice
		}
	}
	looked, err := o.Propose(ctx, d.Version, lead)
	if err != nil {
		t.Fatal(err)
	}
	files, err := o.Files(ctx)
	if err != nil || len(files) != 5*len(contents) {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		if f.Note == "" {
			t.Errorf("nothing is said of %s", f.Name)
		}
	}
	if len(looked.Books) != 0 {
		t.Errorf("proposed %v\n%s", looked.Books, looked.Draft.Text)
	}
}
