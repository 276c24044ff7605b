package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var yes, no = true, false

// told reads a source and writes it down as an accountant would read it: columns, then a line for every row or refusal.
func told(t *testing.T, name, content string, o Options) string {
	t.Helper()
	r, err := OpenReader(name, strings.NewReader(content), o)
	if err != nil {
		return "error: " + err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", strings.Join(r.Columns(), "|"))
	for {
		row, err := r.Next()
		var refused *Refused
		switch {
		case err == io.EOF:
			for _, w := range r.Warnings() {
				fmt.Fprintf(&b, "warning: line %d: %s (%d)\n", w.Line, w.Text, w.Count)
			}
			return strings.TrimSuffix(b.String(), "\n")
		case errors.As(err, &refused):
			fmt.Fprintf(&b, "refused: %v\n", refused)
		case err != nil:
			fmt.Fprintf(&b, "error: %v\n", err)
			return strings.TrimSuffix(b.String(), "\n")
		default:
			fmt.Fprintf(&b, "%d: %s\n", row.Line, strings.Join(row.Cells, "|"))
		}
	}
}

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func zipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReaderReadsTheVariantsOfDelimitedText(t *testing.T) {
	const want = "a|b\n2: 1|x\n3: 2|y"
	for name, test := range map[string]struct {
		content string
		o       Options
		want    string
	}{
		"comma":                       {"a,b\n1,x\n2,y\n", Options{}, want},
		"no newline at the end":       {"a,b\n1,x\n2,y", Options{}, want},
		"CRLF":                        {"a,b\r\n1,x\r\n2,y\r\n", Options{}, want},
		"CR alone":                    {"a,b\r1,x\r2,y\r", Options{}, want},
		"semicolon":                   {"a;b\n1;x\n2;y\n", Options{}, want},
		"tab":                         {"a\tb\n1\tx\n2\ty\n", Options{}, want},
		"tab, asked":                  {"a\tb\n1\tx\n2\ty\n", Options{Format: "tsv"}, want},
		"bar":                         {"a|b\n1|x\n2|y\n", Options{}, want},
		"several characters":          {"a||b\n1||x\n2||y\n", Options{Delimiter: "||"}, want},
		"one character, not of ASCII": {"a§b\n1§x\n2§y\n", Options{Delimiter: "§"}, want},
		"whitespace":                  {"  a   b \n 1\tx\n2     y\r\n", Options{Delimiter: "whitespace"}, want},
		"whitespace, detected":        {"  a   b \n  1   x\n  2   y\n", Options{}, want},
		"gzip":                        {zipped(t, "a,b\n1,x\n2,y\n"), Options{}, want},
		"gzip in two members":         {zipped(t, "a,b\n1,x\n") + zipped(t, "2,y\n"), Options{}, want},
		"mark of UTF-8":               {"\ufeffa,b\n1,x\n2,y\n", Options{}, want},
		"UTF-16 LE with mark":         {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "a,b\n1,x\n2,y\n"), Options{}, want},
		"UTF-16 BE with mark":         {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "a,b\n1,x\n2,y\n"), Options{}, want},
		"UTF-16 LE by its NULs":       {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "a,b\n1,x\n2,y\n"), Options{}, want},
		"UTF-16 BE by its NULs":       {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "a,b\n1,x\n2,y\n"), Options{Encoding: "utf-16"}, want},
		"UTF-16 LE, asked":            {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "名,額\n甲,乙\n"), Options{Encoding: "utf-16le"}, "名|額\n2: 甲|乙"},
		"windows-1252":                {encoded(t, charmap.Windows1252, "a,b\n1,€é\n"), Options{}, "a|b\n2: 1|€é"},
		"latin-1":                     {encoded(t, charmap.ISO8859_1, "a,b\n1,é\n"), Options{Encoding: "latin-1"}, "a|b\n2: 1|é"},
		"hint of a spreadsheet":       {"sep=;\na;b\n1;x,y\n", Options{}, "a|b\n3: 1|x,y"},
		"decimal commas":              {"a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", Options{}, "a|b|c\n2: 1,5|2,5|x\n3: 3,5|4,5|y"},
		"one column":                  {"a\n1\n2\n", Options{}, "a\n2: 1\n3: 2"},
		"one column of words":         {"note\ncame late, left early\nvery well; thanks\nok\n", Options{}, "note\n2: came late, left early\n3: very well; thanks\n4: ok"},
		"one column of times":         {"at\n2009-12-01 07:45:00\n2009-12-01 07:46:00\n", Options{}, "at\n2: 2009-12-01 07:45:00\n3: 2009-12-01 07:46:00"},
		"blank lines":                 {"\n\na,b\n\n1,x\n  \n\r\n2,y\n\n", Options{}, "a|b\n5: 1|x\n8: 2|y"},
		"cells of blanks stay":        {"a,b\n , x \n", Options{}, "a|b\n2:  | x "},
		"tabs alone are cells":        {"a\tb\tc\n\t\t\n", Options{}, "a|b|c\n2: ||"},
		"only a header":               {"a,b\n", Options{}, "a|b"},
		"names":                       {"1,x\n2,y\n", Options{Names: []string{"a", "b"}}, "a|b\n1: 1|x\n2: 2|y"},
		"names in place of a header":  {"p,q\n1,x\n2,y\n", Options{Names: []string{"a", "b"}, Header: &yes}, want},
		"no header, no names":         {"1,x\n2,y\n", Options{Header: &no}, "column 1|column 2\n1: 1|x\n2: 2|y"},
		"names are made unique":       {" a ,a,,a 2,a,\n1,2,3,4,5,6\n", Options{}, "a 1|a 3|column 3|a 2|a 4|column 6\n2: 1|2|3|4|5|6"},
		"quotes":                      {"a,b\n\"1,5\",\"say \"\"hi\"\"\"\n\"\",\"\"\n", Options{}, "a|b\n2: 1,5|say \"hi\"\n3: |"},
		"quotes and CRLF":             {"a,b\r\n\"1\",\"x\"\r\n2,\"y\"\r\n", Options{}, want},
		"newlines in quotes":          {"a,b\n\"1\r\n2\n\",x\n3,y\n", Options{}, "a|b\n2: 1\r\n2\n|x\n5: 3|y"},
		"a quote in text":             {"a,b\n12\" pipe,x\"y\"\n", Options{}, "a|b\n2: 12\" pipe|x\"y\""},
		"quotes among blanks":         {"a b c\n\"United Kingdom\"  5 \"\" \n", Options{Delimiter: "whitespace"}, "a|b|c\n2: United Kingdom|5|"},
		"quotes, long delimiter":      {"a||b\n\"1||2\"||\"x\"\n", Options{Delimiter: "||"}, "a|b\n2: 1||2|x"},
		"last cell empty":             {"a,b\n\"1\",\n2,\n", Options{}, "a|b\n2: 1|\n3: 2|"},
		"last cell empty, no newline": {"a,b\n\"1\",", Options{}, "a|b\n2: 1|"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(t, "x", test.content, test.o); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestReaderRefusesRowsAndGoesOn(t *testing.T) {
	eight := strings.Repeat("x,", 8) + "y"
	for name, test := range map[string]struct {
		content string
		o       Options
		want    string
	}{
		"too few":                    {"a,b,c\n1,2\n1,2,3\n", Options{}, "a|b|c\nrefused: line 2: has 2 cells, the header has 3\n3: 1|2|3"},
		"too many":                   {"a,b\n1,2,3,4\n1,2\n", Options{}, "a|b\nrefused: line 2: has 4 cells, the header has 2\n3: 1|2"},
		"too many, with quotes":      {"a,b\n\"1\",2,3,4\n1,2\n", Options{}, "a|b\nrefused: line 2: has 4 cells, the header has 2\n3: 1|2"},
		"too few among blanks":       {"a b c\n1 2\n1 2 3\n", Options{Delimiter: "whitespace"}, "a|b|c\nrefused: line 2: has 2 cells, the header has 3\n3: 1|2|3"},
		"too few for names":          {"1,2\n3\n4,5\n", Options{Names: []string{"a", "b"}}, "a|b\n1: 1|2\nrefused: line 2: has 1 cell, names lists 2\n3: 4|5"},
		"text after a quote":         {"a,b\n\"1\"x,2\n3,4\n", Options{}, "a|b\nrefused: line 2: there is text after a closing quote\n3: 3|4"},
		"never closed":               {"a,b\n1,\"x\n3,4\n5,6", Options{}, "a|b\nrefused: line 2: a quote opened in this row is never closed\n3: 3|4\n4: 5|6"},
		"never closed, last":         {"a,b\n1,\"x", Options{}, "a|b\nrefused: line 2: a quote opened in this row is never closed"},
		"quotes lines apart":         {"a,b\n1,\"x\n3,4\n5,6\" z\n7,8\n", Options{}, "a|b\nrefused: line 2: there is text after a closing quote\n3: 3|4\n4: 5|6\" z\n5: 7|8"},
		"rows in quotes":             {strings.Repeat(eight+"\n", 2) + strings.Replace(eight, ",x", ",\"x", 1) + "\n" + eight + "\n" + strings.Replace(eight, ",x", ",x\"", 1) + "\n", Options{Header: &no}, "column 1|column 2|column 3|column 4|column 5|column 6|column 7|column 8|column 9\n1: x|x|x|x|x|x|x|x|y\n2: x|x|x|x|x|x|x|x|y\nrefused: line 3: a quote opened in this row closes 2 lines later, over lines that are rows themselves\n4: x|x|x|x|x|x|x|x|y\n5: x|x\"|x|x|x|x|x|x|y"},
		"rows in a row too long":     {"a,b,c\n1,\"x,2\n3,4,5\n6,7\",8,9\n10,11,12\n", Options{}, "a|b|c\nrefused: line 2: a quote opened in this row closes 2 lines later, over lines that are rows themselves\n3: 3|4|5\nrefused: line 4: has 4 cells, the header has 3\n5: 10|11|12"},
		"a wrong row of two lines":   {"a,b,c\n\"1\n2\",x\n3,4,5\n", Options{}, "a|b|c\nrefused: line 2: has 2 cells, the header has 3\n4: 3|4|5"},
		"prose with commas":          {"a,b\n1,\"Dear all,\nyes, well,\nno\"\n2,x\n", Options{}, "a|b\n2: 1|Dear all,\nyes, well,\nno\n5: 2|x"},
		"not UTF-8":                  {"a,b\n1,é\n2,caf\xe9\n3,ö\n4,ü\n", Options{}, "a|b\n2: 1|é\nrefused: line 3: b: not valid UTF-8 at position 4 (byte 0xE9); if the file is in another encoding set source.encoding: latin-1 or windows-1252\n4: 3|ö\n5: 4|ü"},
		"halves of UTF-8 in quotes":  {"a,b\n\"\xc3\",\"\xa9\"\né,ü\n", Options{Encoding: "utf-8"}, "a|b\nrefused: line 2: a: not valid UTF-8 at position 1 (byte 0xC3); if the file is in another encoding set source.encoding: latin-1 or windows-1252\n3: é|ü"},
		"half a pair of UTF-16":      {"\xff\xfea\x00\n\x00\x00\xd8\n\x00b\x00\n\x00", Options{}, "a\nrefused: line 2: a: not valid UTF-16LE at position 1\n3: b"},
		"an odd byte after UTF-16":   {"\xff\xfea\x00\n\x00b\x00\n\x00c\x00d", Options{}, "a\n2: b\nrefused: line 3: a: not valid UTF-16LE at position 2"},
		"NUL":                        {"a,b\n1,x\x00\n2,y\n", Options{}, "a|b\nrefused: line 2: b: holds a NUL byte at position 2\n3: 2|y"},
		"a line of more than 1 MiB":  {"a,b\n1," + strings.Repeat("x", MaxRecord) + "\n2,y\n", Options{}, "a|b\nrefused: line 2: the line is longer than 1 MiB\n3: 2|y"},
		"a cell of 1 MiB":            {"a\n" + strings.Repeat("x", MaxRecord+1), Options{}, "a\nrefused: line 2: the line is longer than 1 MiB"},
		"a quote open for over 1 MB": {"a,b\n1,\"" + strings.Repeat("x,y\n", MaxRecord/4) + "2,z\n", Options{}, "a|b\nrefused: line 2: a quote opened in this row is not closed within 1 MiB\n" + numbered(3, MaxRecord/4-1, "x|y") + fmt.Sprintf("%d: 2|z", MaxRecord/4+2)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, packed := range []bool{false, true} {
				content := test.content
				if packed {
					content = zipped(t, content)
				}
				if got := told(t, "x", content, test.o); got != test.want {
					t.Errorf("packed %v: got\n%.2000s\nwant\n%.2000s", packed, got, test.want)
				}
			}
		})
	}
}

// numbered are n rows from a line on.
func numbered(line, n int, row string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d: %s\n", line+i, row)
	}
	return b.String()
}

func TestRefusedCarriesTheBeginningOfTheRow(t *testing.T) {
	r, err := OpenReader("x", strings.NewReader("a,b\n1,\"caf\xe9"+strings.Repeat("x", 1000)), Options{Encoding: "utf-8"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Next()
	var refused *Refused
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refused row", err)
	}
	if want := `1,"caf\xE9` + strings.Repeat("x", 70) + "…"; refused.Value != want || refused.Line != 2 {
		t.Errorf("got line %d %q, want line 2 %q", refused.Line, refused.Value, want)
	}
}

func TestOpenSaysWhatIsWrongWithAFile(t *testing.T) {
	for name, test := range map[string]struct {
		file, content string
		o             Options
		want          string
	}{
		"empty":                 {"x.csv", "", Options{}, "x.csv: the file is empty"},
		"empty gzip":            {"x.csv.gz", zipped(t, ""), Options{}, "x.csv.gz: the file is empty"},
		"only a mark":           {"x.csv", "\ufeff", Options{}, "x.csv: the file is empty"},
		"only blank lines":      {"x.csv", "\n\n", Options{}, "x.csv: the file is empty"},
		"empty with names":      {"x.csv", "", Options{Names: []string{"a"}}, "x.csv: the file is empty"},
		"a bad header":          {"x.csv", "a,\"b\n1,2\n", Options{}, "x.csv: the header on line 1: a quote opened in this row is never closed"},
		"wrong names":           {"x.csv", "1,2,3\n4,5,6\n", Options{Names: []string{"a", "b"}}, "x.csv: line 1: the rows have 3 cells, names lists 2"},
		"a workbook":            {"x.csv", "PK\x03\x04....", Options{}, "x.csv: is a zip file or a workbook, not a text file"},
		"UTF-32":                {"x.csv", "\xff\xfe\x00\x00a\x00\x00\x00", Options{}, "x.csv: is in UTF-32, which is not read; save it as UTF-8"},
		"a mark against words":  {"x.csv", "\ufeffa,b\n", Options{Encoding: "latin-1"}, "x.csv: begins with the mark of utf-8, but source.encoding says latin-1"},
		"UTF-16 of unknown end": {"x.csv", "abcd", Options{Encoding: "utf-16"}, "x.csv: source.encoding says utf-16, but which half of a character comes first cannot be told; say utf-16le or utf-16be"},
		"unknown format":        {"x.csv", "a", Options{Format: "xml"}, "x.csv: format \"xml\" is not one of csv, tsv, ndjson"},
		"unknown encoding":      {"x.csv", "a", Options{Encoding: "ebcdic"}, "x.csv: encoding \"ebcdic\" is not one of utf-8, utf-16, utf-16le, utf-16be, latin-1, windows-1252"},
		"unfit delimiter":       {"x.csv", "a", Options{Delimiter: "\""}, "x.csv: delimiter \"\\\"\" may not hold a quote, a line end or a NUL"},
		"delimited objects":     {"x.ndjson", "{}", Options{Delimiter: ","}, "x.ndjson: a delimiter is given, but ndjson has none"},
		"named objects":         {"x.ndjson", "{}", Options{Names: []string{"a"}}, "x.ndjson: names are given, but the keys of ndjson are its names"},
		"an array":              {"x.json", "[{\"a\":1}]", Options{}, "x.json: begins with [, a JSON array; one object a line is read (ndjson)"},
		"objects over lines":    {"x.json", "{\n \"a\": 1\n}\n", Options{}, "x.json: line 1: not valid JSON at position 2: a string is missing"},
		"objects without keys":  {"x.json", "{}\n", Options{}, "x.json: its objects have no keys"},
		"no objects":            {"x.json", "1\n2\n", Options{}, "x.json: line 1: is not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(t, test.file, test.content, test.o); got != "error: "+test.want {
				t.Errorf("got  %s\nwant error: %s", got, test.want)
			}
		})
	}
}

func TestOpenTellsTheErrorsOfTheFileSystem(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("a\n1\n"), 0); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path, reason string
		is           error
	}{
		{dir, "is a directory, name a file or a pattern", syscall.EISDIR},
		{filepath.Join(dir, "none.csv"), "there is no such file", fs.ErrNotExist},
		{secret, "may not be read by this user", fs.ErrPermission},
	} {
		r, err := Open(test.path, Options{})
		if test.path == secret && os.Geteuid() == 0 {
			if err != nil {
				t.Error(err)
			} else if err := r.Close(); err != nil {
				t.Error(err)
			}
			continue // root may read everything
		}
		if err == nil || err.Error() != test.path+": "+test.reason || !errors.Is(err, test.is) {
			t.Errorf("got %v, want %s: %s", err, test.path, test.reason)
		}
	}
	if got := fileReason(&fs.PathError{Op: "open", Path: secret, Err: syscall.EACCES}); got != "may not be read by this user" {
		t.Errorf("no permission: %s", got)
	}
}

func TestTornAndDamagedGzipAreErrorsAfterTheirWholeRows(t *testing.T) {
	var content strings.Builder
	content.WriteString("a,b\n")
	for i := range 200000 {
		fmt.Fprintf(&content, "%d,\"%x\"\n", i, i*2654435761)
	}
	whole := zipped(t, content.String())
	damaged := []byte(whole)
	for i := len(damaged) / 2; i < len(damaged)/2+200; i++ {
		damaged[i] ^= 0x5a
	}
	for name, test := range map[string]struct {
		packed string
		want   string
		is     error
	}{
		"torn":    {whole[:len(whole)*2/3], fmt.Sprintf("x.csv.gz: the gzip file is torn: it ends after %d bytes, of which ", len(whole)*2/3), io.ErrUnexpectedEOF},
		"damaged": {string(damaged), "x.csv.gz: the gzip file is damaged within its first ", nil},
	} {
		r, err := OpenReader("x.csv.gz", strings.NewReader(test.packed), Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows := int64(0)
		for {
			row, err := r.Next()
			if err == nil {
				rows++
				if want := fmt.Sprintf("%x", (row.Line-2)*2654435761); name == "torn" && row.Cells[1] != want {
					t.Fatalf("%s: line %d has %s, want %s", name, row.Line, row.Cells[1], want)
				}
				continue
			}
			var refused *Refused
			if errors.As(err, &refused) && name == "damaged" {
				continue // what the damage unpacks to
			}
			if !strings.HasPrefix(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%s: got %v, want %s…", name, err, test.want)
			}
			if _, again := r.Next(); again != err {
				t.Errorf("%s: then %v, want the same error again", name, again)
			}
			break
		}
		if rows < 1000 || rows >= 200000 {
			t.Errorf("%s: %d rows", name, rows)
		}
	}
	for _, at := range []int{3, 12, 30} {
		got := told(t, "x.gz", whole[:at], Options{})
		if !strings.HasPrefix(got, "error: x.gz: the gzip file is torn: it ends after ") {
			t.Errorf("cut at %d: %s", at, got)
		}
	}
	small := zipped(t, "a,b\n\"1\",\"2\"\n3,\"4")
	if got := told(t, "x.gz", small[:len(small)-8], Options{}); !strings.HasPrefix(got, "a|b\n2: 1|2\nerror: x.gz: the gzip file is torn") {
		t.Errorf("cut in the checksum: %s", got)
	}
}

func TestEncodingIsDetected(t *testing.T) {
	long := strings.Repeat("x", sampleSize-5) + "\n€€"
	for name, test := range map[string]struct {
		sample string
		want   string
	}{
		"ASCII":               {"a,b\n", "utf-8"},
		"UTF-8":               {"é", "utf-8"},
		"cut in a character":  {long[:sampleSize], "utf-8"},
		"cut after two bytes": {long[1 : sampleSize+1], "utf-8"},
		"one byte":            {"caf\xe9,1\n", "windows-1252"},
		"damaged UTF-8":       {"é è ê \xff", "utf-8"},
		"one NUL":             {"ab\x00cdefghijklmnopqrst", "utf-8"},
	} {
		if got, _, err := detectEncoding([]byte(test.sample), ""); got != test.want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, test.want)
		}
	}
}

func TestBytesAreThoseOfTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv.gz")
	packed := zipped(t, "a,b\n"+strings.Repeat("1,2\n", 100000))
	if err := os.WriteFile(path, []byte(packed), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if r.Bytes() != int64(len(packed)) || rows != 100000 {
		t.Errorf("%d bytes, %d rows, want %d and 100000", r.Bytes(), rows, len(packed))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestSniffProposesAHeader(t *testing.T) {
	for name, test := range map[string]struct {
		content string
		header  bool
		columns string
	}{
		"words over numbers":  {"id,amount\n1,2.5\n2,3\n", true, "id|amount"},
		"numbers":             {"100001,1,0\n100002,0,1\n", false, "column 1|column 2|column 3"},
		"names over words":    {"first,last\nAda,Lovelace\n", true, "first|last"},
		"years over values":   {"Measure,2019,2020\nA,0.5,0.6\nB,0.4,0.3\n", true, "Measure|2019|2020"},
		"rows of mixed kinds": {"Ada,12,2019-01-01\nBob,13,2019-01-02\n", false, "column 1|column 2|column 3"},
	} {
		path := filepath.Join(t.TempDir(), "x.csv")
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Sniff(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Header != test.header || strings.Join(d.Columns, "|") != test.columns {
			t.Errorf("%s: header %v, columns %v", name, d.Header, d.Columns)
		}
	}
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte(zipped(t, "\ufeffa\tb\n"+strings.Repeat("1\tx\n2\n", 200))), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Sniff(path, Options{})
	if err != nil || d.Format != "tsv" || !d.Gzip || !d.BOM || d.Encoding != "utf-8" || d.Delimiter != "\t" || !d.Header ||
		!slices.Equal(d.Columns, []string{"a", "b"}) || len(d.Rows) != 100 || len(d.Refused) != 100 {
		t.Errorf("got %+v, %v", d, err)
	}
}
