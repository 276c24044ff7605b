package text

import (
	"fmt"
	"strings"
	"testing"
)

func TestReaderReadsObjects(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"values":               {`{"a":1,"b":"x","c":true,"d":null,"e":false}`, "a|b|c|d|e\n1: 1|x|true||false"},
		"numbers stay exact":   {`{"a":1.10,"b":-0.0e+10,"c":12345678901234567890.123456789}`, "a|b|c\n1: 1.10|-0.0e+10|12345678901234567890.123456789"},
		"columns are a union":  {"{\"a\":1}\n{\"b\":2,\"a\":3}\n", "a|b\n1: 1|\n2: 3|2"},
		"nested":               {`{"customer":{"id":7,"name":{"first":"Ada"}},"tags":["x", 1, {"y":[]}],"none":{}}`, "customer.id|customer.name.first|tags\n1: 7|Ada|[\"x\", 1, {\"y\":[]}]"},
		"escapes":              {`{"a":"\"\\\/\b\f\n\r\té😀","k\u0065y":"x"}`, "a|key\n1: \"\\/\b\f\n\r\té😀|x"},
		"blank lines and CRLF": {"\r\n{\"a\":1}\r\n\n  \n{\"a\":2}", "a\n2: 1\n5: 2"},
		"bad lines": {"{\"a\":1}\n{\"a\":}\n[1]\n{\"a\":01}\n{\"a\":1}x\n{\"a\":1\n{\"a\":\"\\ud800\"}\n{\"a\":\"\\u0000\"}\n{\"a\":2,\"a\":3}\n{'a':1}\n{\"a\":\"x\ty\"}\n{\"a\":[1,]}\n{\"a\":tru}\n{\"a\":4}\n", "a\n1: 1\n" +
			"refused: line 2: not valid JSON at position 6: a value is missing\n" +
			"refused: line 3: is not a JSON object\n" +
			"refused: line 4: not valid JSON at position 8: not a number\n" +
			"refused: line 5: not valid JSON at position 8: text after the object\n" +
			"refused: line 6: not valid JSON at position 7: the object does not end on its line\n" +
			"refused: line 7: not valid JSON at position 13: an escape \\u that is half a character\n" +
			"refused: line 8: not valid JSON at position 13: an escape \\u that is no character\n" +
			"refused: line 9: a: the key is given twice\n" +
			"refused: line 10: not valid JSON at position 2: a string is missing\n" +
			"refused: line 11: not valid JSON at position 8: a control character in a string\n" +
			"refused: line 12: not valid JSON at position 9: a value is missing\n" +
			"refused: line 13: not valid JSON at position 6: a value is missing\n" +
			"14: 4"},
		"a bad line names no column": {"{\"x\":1,\"y\"}\n{\"a\":1}\n", "a\nrefused: line 1: not valid JSON at position 11: a colon is missing\n2: 1"},
		"not UTF-8":                  {"{\"a\":\"é\",\"b\":\"è\"}\n{\"a\":\"\xe9\"}\n", "a|b\n1: é|è\nrefused: line 2: not valid UTF-8 at position 7 (byte 0xE9); if the file is in another encoding set source.encoding: latin-1 or windows-1252"},
		"a long line":                {"{\"a\":1}\n{\"a\":\"" + strings.Repeat("x", MaxRecord) + "\"}\n{\"a\":2}\n", "a\n1: 1\nrefused: line 2: the line is longer than 1 MiB\n3: 2"},
		"too deep":                   {"{\"a\":1}\n{\"a\":" + strings.Repeat("[", 1000) + "\n", "a\n1: 1\nrefused: line 2: not valid JSON at position 205: nested deeper than 200"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(t, "x.ndjson", test.content, Options{}); got != test.want {
				t.Errorf("got\n%.3000s\nwant\n%.3000s", got, test.want)
			}
		})
	}
}

func TestObjectsAreKnownByTheirContent(t *testing.T) {
	if got, want := told(t, "export.txt", zipped(t, "\n {\"a\":1}\n"), Options{}), "a\n2: 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := told(t, "export.csv", "{a},{b}\n1,2\n", Options{}), "{a}|{b}\n2: 1|2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeysThatComeLateAreCountedOnce(t *testing.T) {
	content := strings.Repeat("{\"a\":1}\n", keyLines) + "{\"a\":2,\"late\":1}\n{\"late\":2}\n" +
		fmt.Sprintf("{\"a\":3,%q:1}\n", strings.Repeat("k", 1000))
	got := told(t, "x.ndjson", content, Options{})
	want := "a\n" + numbered(1, keyLines, "1") + "1001: 2\n1002: \n1003: 3\n" +
		"warning: line 1001: key \"late\" is not among those of the first lines and is left out (2)\n" +
		"warning: line 1003: further keys that are not among those of the first lines are left out (1)"
	if got != want {
		t.Errorf("got …%s", got[max(0, len(got)-300):])
	}
}
