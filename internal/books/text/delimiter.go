package text

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const whitespace = "whitespace"

// unfitDelimiter says why a delimiter cannot be one.
func unfitDelimiter(d string) string {
	switch {
	case strings.ContainsAny(d, "\"\r\n\x00"):
		return "may not hold a quote, a line end or a NUL"
	case !utf8.ValidString(d):
		return "is not valid UTF-8"
	case len(d) > 16:
		return "is longer than 16 bytes"
	}
	return ""
}

// sniffRecords is how many records the detection of the delimiter looks at.
const sniffRecords = 100

// detectDelimiter chooses the delimiter that cuts the records of a sample most evenly; of those that do about equally
// well the one that cuts more, then the first of comma, semicolon, tab and bar. Blanks are tried last, since words are
// separated by them too. "" means one column.
func detectDelimiter(sample []byte, whole, header bool) string {
	best, bestShare, bestCells := "", 0.0, 0
	for _, delim := range []string{",", ";", "\t", "|"} {
		cells, share := evenness(sample, whole, header, delim)
		if share > bestShare+0.05 || share >= bestShare-0.05 && cells > bestCells {
			best, bestShare, bestCells = delim, max(share, bestShare), cells
		}
	}
	if best != "" {
		return best
	}
	cells, share := evenness(sample, whole, header, whitespace)
	if share >= 0.95 && (cells > 2 || cells == 2 && aligned(sample)) {
		return whitespace
	}
	return ""
}

// evenness gives the commonest number of cells and the share of the records that have it; 0 if it is no delimiter of them.
func evenness(sample []byte, whole, header bool, delim string) (cells int, share float64) {
	counts := recordCounts(sample, whole, delim)
	if len(counts) == 0 || header && counts[0] == 1 {
		return 0, 0
	}
	cells, of := commonest(counts)
	if cells < 2 || 2*of < len(counts) {
		return 0, 0
	}
	return cells, float64(of) / float64(len(counts))
}

// commonest gives the most frequent count of those above 0, the first of several, and how frequent it is.
func commonest(counts []int) (count, of int) {
	frequency := map[int]int{}
	for _, n := range counts {
		frequency[n]++
	}
	for _, n := range counts {
		if n > 0 && frequency[n] > of {
			count, of = n, frequency[n]
		}
	}
	return count, of
}

// recordCounts gives the number of cells of the first records, 0 for a refused one.
func recordCounts(sample []byte, whole bool, delim string) []int {
	if i := bytes.LastIndexByte(sample, '\n'); !whole && i >= 0 {
		sample = sample[:i+1]
	}
	s := newScanner(windowOf(sample), delim)
	s.encoding = "utf-8"
	var counts []int
	for len(counts) < sniffRecords {
		row, err := s.next()
		refused, isRefused := err.(*Refused)
		switch {
		case isRefused && refused.Reason == neverClosed && !whole:
			return counts // cut by the sample
		case isRefused:
			counts = append(counts, 0)
		case err != nil:
			return counts
		default:
			counts = append(counts, len(row.Cells))
		}
	}
	return counts
}

// aligned says whether most lines of a sample show columns of blanks: a leading blank, several in a row, or a tab.
func aligned(sample []byte) bool {
	lines, with := 0, 0
	for line := range bytes.Lines(sample) {
		if line = bytes.TrimRight(line, " \t\r\n"); len(line) == 0 {
			continue
		}
		lines++
		if isBlank(line[0]) || bytes.Contains(line, []byte("  ")) || bytes.IndexByte(line, '\t') >= 0 {
			with++
		}
	}
	return 2*with > lines
}

func newScanner(w *window, delim string) *scanner {
	if delim == whitespace {
		return &scanner{w: w, blank: true}
	}
	return &scanner{w: w, delim: delim}
}

// separatorHint reads the line "sep=;" that some spreadsheets put before the header.
func separatorHint(sample []byte) (delim string, ok bool) {
	line, _, _ := bytes.Cut(sample, []byte{'\n'})
	hint, ok := strings.CutPrefix(string(withoutReturn(line)), "sep=")
	if !ok || utf8.RuneCountInString(hint) != 1 || unfitDelimiter(hint) != "" {
		return "", false
	}
	return hint, true
}
