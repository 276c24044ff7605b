package office

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFileNames(t *testing.T) {
	for given, want := range map[string]string{
		"orders.csv":                      "orders.csv",
		"Q1 sales (final).XLSX":           "Q1-sales--final.xlsx",
		"../../etc/passwd.csv":            "passwd.csv",
		`..\..\books.yaml\..\x.csv`:       "x.csv",
		"/abs/olute.csv.gz":               "olute.csv.gz",
		".hidden.csv":                     "hidden.csv",
		".csv":                            "file.csv",
		"CON.csv":                         "file-CON.csv",
		"nul.2024.tsv":                    "file-nul.2024.tsv",
		"${HOME}*?[a].csv":                "HOME----a.csv",
		"Umsätze Köln.csv":                "Umsätze-Köln.csv",
		"販売.csv":                          "販売.csv",
		"a\x00b\u202egpj.csv":             "abgpj.csv",
		"--rm -rf.csv":                    "rm--rf.csv",
		"a.csv.":                          "a.csv",
		"dump.GZ":                         "dump.gz",
		strings.Repeat("x", 300) + ".csv": strings.Repeat("x", 116) + ".csv",
	} {
		if got, err := FileName(given); err != nil || got != want {
			t.Errorf("%q became %q, %v; want %q", given, got, err, want)
		}
	}
}

func TestUnreadableKindsAreRefusedWithWhatToDo(t *testing.T) {
	for given, want := range map[string]string{
		"a.xls": ".xlsx", "a.zip": "unpack", "a.json": "export", "a": "ends in .csv", "": "ends in .csv", "..": "ends in .csv", "x.exe": "ends in .csv", "csv": "ends in .csv", "books.yaml": "ends in .csv",
	} {
		if got, err := FileName(given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q became %q, %v", given, got, err)
		}
	}
}

// Whatever a sender calls a file, it is written into the folder of files,
// under a name that no pattern reads as another.
func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"a.csv", "../x.csv", "..\\x.csv", "a/../../b.xlsx", ".csv", "con.csv", "a\x00.csv", "\u202e.csv", "*.csv", "\xff\xfe.csv", "a.csv.gz", ".gz", "é.csv", "a..csv", "-.csv"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		name, err := FileName(given)
		if err != nil {
			return
		}
		again, err := FileName(name)
		if err != nil || again != name {
			t.Fatalf("%q is not stable: %q, %v", name, again, err)
		}
		if filepath.Base(name) != name || !filepath.IsLocal(name) || filepath.Clean(name) != name || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") {
			t.Fatalf("%q is no plain name", name)
		}
		if len(name) > longestName || !utf8.ValidString(name) || strings.ContainsAny(name, "/\\*?[]{}$'\"`;&|<>~!#%:\n\r\t ") {
			t.Fatalf("%q holds what it should not", name)
		}
		for _, r := range name {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("%q holds %U", name, r)
			}
		}
		if stem, ending := splitEnding(name); ending == "" || stem == "" {
			t.Fatalf("%q cannot be read", name)
		}
	})
}
