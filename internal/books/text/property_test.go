package text

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// TestReaderReadsWhatEncodingCSVWrites also in UTF-16 and gzip, and with the lines on which rows begin.
func TestReaderReadsWhatEncodingCSVWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 4).Draw(t, "columns")
		cell := rapid.OneOf(rapid.StringOfN(rapid.SampledFrom([]rune("a1é€😀 \t,;|\"'\r\n\\")), 0, 12, -1),
			rapid.StringMatching(`[^\x00]{0,20}`))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, columns, columns), 0, 30).Draw(t, "rows")
		header := []string{"a", "b", "c", "d"}[:columns]
		delimiter := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "delimiter")
		content, lines := written(t, delimiter, append([][]string{header}, rows...))
		switch rapid.IntRange(0, 3).Draw(t, "encoding") {
		case 0:
			content = utf16Of(t, unicode.LittleEndian, content)
		case 1:
			content = utf16Of(t, unicode.BigEndian, content)
		}
		r, err := OpenReader("x.csv", strings.NewReader(content), Options{Format: "csv", Delimiter: string(delimiter)})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.Columns(), header) {
			t.Fatalf("columns %q", r.Columns())
		}
		for i, want := range rows {
			row, err := r.Next()
			var refused *Refused
			if errors.As(err, &refused) && strings.Contains(refused.Reason, "rows themselves") {
				t.Skip("the draw looks like rows swallowed by stray quotes")
			}
			if err != nil || !slices.Equal(row.Cells, want) || row.Line != lines[i+1] {
				t.Fatalf("row %d: got %q on line %d, %v, want %q on line %d", i, row.Cells, row.Line, err, want, lines[i+1])
			}
		}
		if _, err := r.Next(); err != io.EOF {
			t.Fatalf("at the end: %v", err)
		}
	})
}

// written writes rows and gives the line on which each begins.
func written(t *rapid.T, delimiter rune, rows [][]string) (string, []int64) {
	var b strings.Builder
	var lines []int64
	w := csv.NewWriter(&b)
	w.Comma = delimiter
	for _, row := range rows {
		lines = append(lines, 1+int64(strings.Count(b.String(), "\n")))
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
		w.Flush()
	}
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	return b.String(), lines
}

func utf16Of(t *rapid.T, end unicode.Endianness, content string) string {
	var e encoding.Encoding = unicode.UTF16(end, unicode.UseBOM)
	out, err := e.NewEncoder().String(content)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheShortWayThroughQuotesAgreesWithTheLong compares within and walk on lines full of quotes.
func TestTheShortWayThroughQuotesAgreesWithTheLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringOfN(rapid.SampledFrom([]rune("\"\"\", |x\t")), 1, 24, -1).Draw(t, "line")
		delim := rapid.SampledFrom([]string{",", "||", whitespace, ""}).Draw(t, "delimiter")
		short := newScanner(windowOf(nil), delim)
		n, ok := short.within(line)
		long := newScanner(windowOf([]byte(line+"\n")), delim)
		size, m, reason := long.walk()
		if ok != (reason == "") {
			t.Fatalf("within says %v, walk %q", ok, reason)
		}
		if !ok {
			return
		}
		long.cut()
		if n != m || size != len(line)+1 || !slices.Equal(short.cells, long.cells) {
			t.Fatalf("within %d %q, walk %d %q of %d bytes", n, short.cells, m, long.cells, size)
		}
	})
}

// exhaust reads everything and checks what every reader promises.
func exhaust(t *testing.T, content []byte, o Options) {
	r, err := OpenReader("x", strings.NewReader(string(content)), o)
	if err != nil {
		var told *sourceError
		if !errors.As(err, &told) {
			t.Fatalf("an error without a name: %v", err)
		}
		return
	}
	last, columns, most := int64(0), len(r.Columns()), unpackedSize(content)
	for calls := 0; ; calls++ {
		if calls > most+1 {
			t.Fatal("more rows than bytes")
		}
		row, err := r.Next()
		line := row.Line
		var refused *Refused
		var told *sourceError
		switch {
		case err == io.EOF:
			return
		case errors.As(err, &refused):
			line = refused.Line
			if refused.Reason == "" || !validText(refused.Value) || !validText(refused.Column) {
				t.Fatalf("refused: %+v", refused)
			}
		case errors.As(err, &told):
			return
		case err != nil:
			t.Fatalf("an undeclared error: %v", err)
		}
		if line <= last {
			t.Fatalf("line %d after line %d", line, last)
		}
		last = line
		if err == nil && len(row.Cells) != columns {
			t.Fatalf("%d cells, %d columns", len(row.Cells), columns)
		}
		for _, cell := range row.Cells {
			if !validText(cell) {
				t.Fatalf("cell %q", cell)
			}
		}
	}
}

func validText(s string) bool { return invalidText(s, "utf-8") == "" && !strings.Contains(s, "\x00") }

func FuzzReader(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a;b\r\n\"1\n2\";x\r\n", "a\tb\n1\t\"x\n", "  a  b\n 1  2\n", "\xff\xfea\x00,\x00b\x00\n\x00",
		"sep=;\na;b\n", "a,b\n\"1\"x\n", "a||b\n\"\"\"||\"||1\n", "caf\xe9,\x00\n", "\ufeffa\rb\r"} {
		for kind := range byte(8) {
			f.Add([]byte(seed), kind)
		}
	}
	f.Add([]byte(zipped(f, "a,b\n1,2\n")), byte(0))
	f.Fuzz(func(t *testing.T, content []byte, kind byte) {
		o := []Options{{}, {Format: "csv", Header: &no}, {Delimiter: "||"}, {Delimiter: whitespace}, {Delimiter: ",", Encoding: "latin-1"},
			{Encoding: "utf-16"}, {Delimiter: ",", Names: []string{"a", "b"}}, {Format: "tsv", Encoding: "utf-16le"}}[kind%8]
		exhaust(t, content, o)
	})
}

func FuzzNDJSON(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":{"c":[1,"x"]}}`, "{\"a\":\"\\ud83d\\ude00\"}\n{\"a\":null,\"z\":-1.5e+3}\n", "{}\n{\"\":\"\"}", "{\"a\":1,\"a\":2}\n{"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) { exhaust(t, content, Options{Format: "ndjson"}) })
}

// unpackedSize is how many bytes content has once it is unpacked, as far as it can be: a hundred bytes of gzip hold thousands of rows.
func unpackedSize(content []byte) int {
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return len(content)
	}
	n, _ := io.Copy(io.Discard, unzipped)
	return int(n)
}

// TestAFewBytesOfGzipHoldManyRows is what the fuzzer's bound once forgot.
func TestAFewBytesOfGzipHoldManyRows(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, "a,b\n"+strings.Repeat("1,2\n", 5000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > 500 || unpackedSize(packed.Bytes()) != 20004 {
		t.Fatalf("%d bytes, %d unpacked", packed.Len(), unpackedSize(packed.Bytes()))
	}
	exhaust(t, packed.Bytes(), Options{})
}
