package text

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// table reads delimited rows.
type table struct {
	scanner
	first []string // the cells of the header as they stand
}

func (t *table) columns() []string   { return t.names }
func (t *table) warnings() []Warning { return nil }

// newTable settles the delimiter and the columns and writes them down in d.
func newTable(name string, w *window, whole bool, o Options, d *Dialect) (*table, error) {
	sample, _ := w.peek(sampleSize)
	if hint, ok := separatorHint(sample); ok && (o.Delimiter == "" || o.Delimiter == hint) {
		o.Delimiter = hint
		length, newline, err := w.first()
		if err != nil {
			return nil, err
		}
		w.consume(length+newline, 1)
		sample = sample[length+newline:]
	}
	if o.Delimiter == "" && d.Format == "tsv" {
		o.Delimiter = "\t"
	}
	if o.Delimiter == "" {
		o.Delimiter = detectDelimiter(sample, whole, o.hasHeader())
	}
	d.Delimiter, d.Header = o.Delimiter, o.hasHeader()
	if d.Format == "csv" && d.Delimiter == "\t" {
		d.Format = "tsv"
	}
	t := &table{scanner: *newScanner(w, o.Delimiter)}
	t.encoding = d.Encoding
	counts := recordCounts(sample, whole, o.Delimiter)
	if d.Header {
		if err := t.readHeader(name); err != nil {
			return nil, err
		}
		counts = counts[min(1, len(counts)):]
	}
	return t, t.settleColumns(name, o, counts)
}

// readHeader reads the first row.
func (t *table) readHeader(name string) error {
	row, err := t.next()
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return problem(name, fmt.Sprintf("the header on %v", refused), refused)
	case err == io.EOF:
		return problem(name, "the file is empty", nil)
	case err != nil:
		return err
	}
	t.first = append([]string(nil), row.Cells...)
	return nil
}

// settleColumns names the columns. Names are compared with what most of the first rows have, so that one bad row among
// them is refused rather than the file.
func (t *table) settleColumns(name string, o Options, counts []int) error {
	n, _ := commonest(counts)
	switch {
	case len(o.Names) > 0:
		t.standard = "names lists"
		if n > 0 && n != len(o.Names) {
			return problem(name, fmt.Sprintf("line %d: the rows have %s, names lists %d", t.w.line, cellCount(n), len(o.Names)), nil)
		}
		t.names = UniqueNames(o.Names)
	case o.hasHeader():
		t.standard = "the header has"
		t.names = UniqueNames(t.first)
	case n > 0:
		t.standard = "most rows have"
		t.names = UniqueNames(make([]string, n))
	default:
		return problem(name, "no row at the beginning of the file can be read", nil)
	}
	t.want = len(t.names)
	return nil
}

// UniqueNames trims names, calls a blank one "column 3" by its place and numbers a repeated one from its first place on,
// " 1", " 2", so that a mapping cannot mean one of them by chance.
func UniqueNames(raw []string) []string {
	names := make([]string, len(raw))
	times := make(map[string]int, len(raw))
	for i, cell := range raw {
		if names[i] = strings.TrimSpace(cell); names[i] == "" {
			names[i] = "column " + strconv.Itoa(i+1)
		}
		times[names[i]]++
	}
	next := make(map[string]int)
	for i, name := range names {
		if times[name] == 1 {
			continue
		}
		for times[names[i]] > 0 {
			next[name]++
			names[i] = name + " " + strconv.Itoa(next[name])
		}
		times[names[i]] = 1
	}
	return names
}

// formatOf tells NDJSON from delimited text by what is asked, the name, then the content.
func formatOf(name string, sample []byte, o Options) (string, error) {
	format := o.Format
	extension := strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")))
	json := extension == ".ndjson" || extension == ".jsonl" || extension == ".json"
	if format == "" {
		switch {
		case json:
			format = "ndjson"
		case o.Delimiter != "" || len(o.Names) > 0:
			format = "csv"
		case (extension == ".tsv" || extension == ".tab") && hasTab(sample):
			format = "tsv"
		case beginsWithObject(sample):
			format = "ndjson"
		default:
			format = "csv"
		}
	}
	switch {
	case format != "ndjson":
	case o.Delimiter != "":
		return "", problem(name, "a delimiter is given, but ndjson has none", nil)
	case len(o.Names) > 0:
		return "", problem(name, "names are given, but the keys of ndjson are its names", nil)
	case strings.HasPrefix(strings.TrimSpace(string(sample[:min(64, len(sample))])), "["):
		return "", problem(name, "begins with [, a JSON array; one object a line is read (ndjson)", nil)
	}
	return format, nil
}

func hasTab(sample []byte) bool {
	line, _, _ := strings.Cut(string(sample), "\n")
	return strings.Contains(line, "\t")
}
