package text

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

const (
	keyLines    = 1000    // lines whose keys become columns
	keySample   = 4 << 20 // and the most text of them
	unknownKeys = 100     // that are told apart in the warnings
)

// objects reads NDJSON.
type objects struct {
	w        *window
	encoding string
	object   object
	keys     []string       // paths as they stand in the file
	names    []string       // and as columns
	place    map[string]int // of a path among them

	row     int64
	seen    []int64 // by column, the row in which it was last given
	begin   []int   // by column, where its value is in the scratch
	end     []int
	scratch []byte
	cells   []string
	late    []byte // the keys of this row that are no columns, one after the other
	lateEnd []int
	unknown map[string]*Warning
}

func (j *objects) columns() []string { return j.names }

func newObjects(name string, w *window, encoding string) (*objects, error) {
	j := &objects{w: w, encoding: encoding, place: map[string]int{}, unknown: map[string]*Warning{}}
	sample, whole := w.peek(keySample)
	if err := j.collect(name, sample, whole); err != nil {
		return nil, err
	}
	n := len(j.keys)
	j.names = UniqueNames(j.keys)
	j.seen, j.begin, j.end, j.cells = make([]int64, n), make([]int, n), make([]int, n), make([]string, n)
	j.object.leaf = j.take
	return j, nil
}

// collect makes columns of the keys of the first lines. Lines that cannot be read are told later, each in its place,
// unless there is no other.
func (j *objects) collect(name string, sample []byte, whole bool) error {
	if i := bytes.LastIndexByte(sample, '\n'); !whole && i >= 0 {
		sample = sample[:i+1]
	}
	j.object.leaf = func(path, _ []byte) error {
		if _, known := j.place[string(path)]; !known && len(j.keys) < MaxColumns {
			j.place[string(path)] = len(j.keys)
			j.keys = append(j.keys, string(path))
		}
		return nil
	}
	w, lines := windowOf(sample), 0
	var first error
	for ; lines < keyLines; lines++ {
		at, line, err := nextObject(w)
		if err == io.EOF {
			break
		}
		var refused *Refused
		if known := len(j.keys); err == nil {
			if err = j.check(line); err != nil {
				j.forget(known) // a line that will be refused names no column
			}
		} else if !errors.As(err, &refused) {
			return err
		}
		if err != nil && first == nil {
			first = fmt.Errorf("line %d: %w", at, err)
			if errors.As(err, &refused) {
				first = refused
			}
		}
	}
	switch {
	case len(j.keys) > 0:
		return nil
	case j.w.err != nil && j.w.err != io.EOF:
		return j.w.err
	case first != nil:
		return problem(name, first.Error(), first)
	case lines > 0:
		return problem(name, "its objects have no keys", nil)
	}
	return problem(name, "the file is empty", nil)
}

func (j *objects) forget(from int) {
	for _, key := range j.keys[from:] {
		delete(j.place, key)
	}
	j.keys = j.keys[:from]
}

// check reads a line through the object's leaf.
func (j *objects) check(line []byte) error {
	switch {
	case !utf8.Valid(line):
		return errors.New(invalidText(string(line), j.encoding))
	case bytes.IndexByte(line, 0) >= 0:
		return fmt.Errorf("holds a NUL byte at position %d", bytes.IndexByte(line, 0)+1)
	}
	return j.object.read(line)
}

// nextObject consumes the next line that is not blank; the line lasts until more is read.
func nextObject(w *window) (at int64, line []byte, err error) {
	for {
		length, newline, err := w.first()
		if err == errLong {
			_, err = refuseLong(w)
		}
		if err != nil {
			return 0, nil, err
		}
		line, at = withoutReturn(w.unread()[:length]), w.line
		w.consume(length+newline, 1)
		if len(bytes.Trim(line, " \t")) > 0 {
			return at, line, nil
		}
	}
}

func (j *objects) next() (Row, error) {
	at, line, err := nextObject(j.w)
	if err != nil {
		return Row{}, err
	}
	j.row++
	j.scratch, j.late, j.lateEnd = j.scratch[:0], j.late[:0], j.lateEnd[:0]
	if err := j.check(line); err != nil {
		refused := &Refused{Line: at, Value: excerpt(line), Reason: err.Error()}
		var twice *repeated
		if errors.As(err, &twice) {
			refused.Column = twice.column
		}
		return Row{}, refused
	}
	from := 0
	for _, end := range j.lateEnd {
		j.warn(at, j.late[from:end])
		from = end
	}
	text := string(j.scratch)
	for i := range j.cells {
		j.cells[i] = ""
		if j.seen[i] == j.row {
			j.cells[i] = text[j.begin[i]:j.end[i]]
		}
	}
	return Row{Line: at, Cells: j.cells}, nil
}

type repeated struct{ column string }

func (*repeated) Error() string { return "the key is given twice" }

// take is the leaf of a row.
func (j *objects) take(path, value []byte) error {
	i, known := j.place[string(path)]
	if !known {
		j.late = append(j.late, path...)
		j.lateEnd = append(j.lateEnd, len(j.late))
		return nil
	}
	if j.seen[i] == j.row {
		return &repeated{j.names[i]}
	}
	j.seen[i], j.begin[i] = j.row, len(j.scratch)
	j.scratch = append(j.scratch, value...)
	j.end[i] = len(j.scratch)
	return nil
}

func (j *objects) warn(at int64, path []byte) {
	w := j.unknown[string(path)]
	if w == nil {
		key, text := string(path), fmt.Sprintf("key %q is not among those of the first lines and is left out", excerpt(path))
		if len(j.unknown) >= unknownKeys || len(path) > 256 {
			key, text = "", "further keys that are not among those of the first lines are left out"
		}
		if w = j.unknown[key]; w == nil {
			w = &Warning{Line: at, Text: text}
			j.unknown[key] = w
		}
	}
	w.Count++
}

func (j *objects) warnings() []Warning {
	var all []Warning
	for _, w := range j.unknown {
		all = append(all, *w)
	}
	slices.SortFunc(all, func(a, b Warning) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text)) })
	return all
}

// beginsWithObject says whether the first line is a JSON object, or begins like one and is longer than the sample.
func beginsWithObject(sample []byte) bool {
	_, line, err := nextObject(windowOf(sample))
	if err != nil || bytes.TrimLeft(line, " \t")[0] != '{' {
		return false
	}
	o := object{leaf: func(_, _ []byte) error { return nil }}
	return o.read(line) == nil || bytes.IndexByte(sample, '\n') < 0 && len(sample) >= sampleSize
}
