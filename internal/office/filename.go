package office

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/internal/books"
)

// longestName is how many bytes a file's name may have.
const longestName = 120

var (
	readableFiles = []string{".csv", ".tsv", ".tab", ".txt", ".parquet", ".ndjson", ".jsonl", ".xlsx", ".xlsm"}
	// reserved names mean devices on some systems.
	reserved = strings.Fields("con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9")
)

// FileName makes of a name that a sender gives one that is safe to write to:
// without folders, without anything that a pattern, a shell or another system
// would read as more than a name, and with an ending that can be read.
func FileName(given string) (string, error) {
	if i := strings.LastIndexAny(given, `/\`); i >= 0 {
		given = given[i+1:]
	}
	name := strings.Map(safeRune, given)
	stem, ending := splitEnding(strings.TrimRight(name, "-. "))
	if ending == "" {
		return "", &books.Refusal{Where: shortName(given), What: "is not a kind of file that can be read", Do: whatToSave(given)}
	}
	stem = strings.Trim(stem, "-. ")
	for len(stem) > longestName-len(ending) {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	stem = strings.TrimRight(stem, "-. ")
	first, _, _ := strings.Cut(strings.ToLower(stem), ".")
	if stem == "" || slices.Contains(reserved, first) {
		stem = strings.TrimRight("file-"+stem, "-")
	}
	return stem + ending, nil
}

// safeRune keeps letters, digits and the few signs that mean nothing anywhere.
func safeRune(r rune) rune {
	switch {
	case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.IsControl(r):
		return -1
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Mc, r), strings.ContainsRune("._-", r):
		return r
	}
	return '-'
}

// splitEnding parts a name before an ending that can be read, in lower case;
// that of a packed file has two parts.
func splitEnding(name string) (stem, ending string) {
	packed := ""
	if rest, ok := cutEnding(name, ".gz"); ok {
		name, packed = rest, ".gz"
	}
	for _, e := range readableFiles {
		if rest, ok := cutEnding(name, e); ok {
			return rest, e + packed
		}
	}
	if packed != "" {
		return name, packed
	}
	return name, ""
}

func cutEnding(name, ending string) (string, bool) {
	at := len(name) - len(ending)
	if at < 0 || !strings.EqualFold(name[at:], ending) {
		return name, false
	}
	return name[:at], true
}

// whatToSave says how a file of a known kind can be made readable.
func whatToSave(name string) string {
	const kinds = "give a file that ends in .csv, .tsv, .txt, .xlsx, .parquet or .ndjson, or one of them packed as .gz"
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xls", ".xlsb", ".ods", ".numbers":
		return "open it in its program and save it as .xlsx or .csv"
	case ".zip", ".7z", ".rar", ".tar", ".zst", ".bz2":
		return "unpack it and give the files in it"
	case ".json", ".xml", ".sql", ".db", ".sqlite":
		return "export it as .csv; " + kinds
	}
	return kinds
}

// shortName is a name as a message may say it.
func shortName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	if name == "" {
		return "the file"
	}
	return name
}
