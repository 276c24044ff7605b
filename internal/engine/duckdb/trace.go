package duckdb

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/internal/engine"
)

// Traces looks for markers in every file below a folder of the data folder: in
// its bytes as they lie, and, because values are stored compressed, in every
// text of a Parquet file and in the unpacked blocks of derived files. A text
// holds a marker by the same words as those by which a rewriting takes it out,
// so that Ann Leeson is no trace of Ann Lee. It reads everything.
func (e *Engine) Traces(ctx context.Context, folder string, markers []string) (found []engine.Trace, err error) {
	markers = slices.DeleteFunc(slices.Clone(markers), func(m string) bool { return m == "" })
	if len(markers) == 0 {
		return nil, nil
	}
	err = filepath.WalkDir(filepath.Join(e.dir, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(e.dir, path)
		if err != nil {
			return err
		}
		more, err := e.tracesIn(ctx, path, markers)
		for _, t := range more {
			t.File = name
			found = append(found, t)
		}
		return errors.Join(err, ctx.Err())
	})
	return found, err
}

func (e *Engine) tracesIn(ctx context.Context, path string, markers []string) ([]engine.Trace, error) {
	if filepath.Ext(path) == ".parquet" {
		return e.tracesInParquet(ctx, path, markers)
	}
	found, err := tracesInBytes(path, markers, alone)
	if err != nil || filepath.Ext(path) != filepath.Ext(cardsFile) {
		return found, err
	}
	more, err := tracesInCards(filepath.Dir(path), markers)
	return append(found, more...), err
}

// tracesInParquet believes a marker's bytes, wherever they lie, unless a text of
// somebody else holds the same letters: a footer repeats texts in pieces, and
// between them stands nothing that ends a word.
func (e *Engine) tracesInParquet(ctx context.Context, path string, markers []string) ([]engine.Trace, error) {
	found, alike, err := e.tracesInTexts(ctx, path, markers)
	if err != nil {
		return nil, err
	}
	more, err := tracesInBytes(path, markers, func([]byte, int, int) bool { return true })
	more = slices.DeleteFunc(more, func(t engine.Trace) bool { return slices.Contains(alike, t.Marker) })
	return append(more, found...), err
}

// alone tells whether the bytes from one place to another are whole words, or
// of a writing that has no blanks between them.
func alone(piece []byte, from, to int) bool {
	if engine.Dense(string(piece[from:to])) {
		return true
	}
	before, _ := utf8.DecodeLastRune(piece[:from])
	after, _ := utf8.DecodeRune(piece[to:])
	return !engine.InWord(before) && !engine.InWord(after)
}

// tracesInBytes reads a file in pieces that overlap by the longest marker and
// by a letter on each side of it.
func tracesInBytes(path string, markers []string, is func(piece []byte, from, to int) bool) (found []engine.Trace, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = closing(err, f.Close) }()
	longest := 0
	for _, m := range markers {
		longest = max(longest, len(m)+2*utf8.UTFMax)
	}
	buffer, kept := make([]byte, 1<<20+longest), 0
	for first := true; ; first = false {
		n, err := io.ReadFull(f, buffer[kept:])
		piece, last := buffer[:kept+n], errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return nil, err
		}
		for _, m := range markers {
			if t := (engine.Trace{Marker: m}); !slices.Contains(found, t) && standsIn(piece, m, first, last, is) {
				found = append(found, t)
			}
		}
		if last {
			return found, nil
		}
		kept = copy(buffer, piece[len(piece)-min(longest, len(piece)):])
	}
}

// standsIn looks for a marker in a piece of a file. One that ends where more is
// to come is left to the next piece, which shows what follows it; and one that
// begins where a later piece does was seen in the piece before.
func standsIn(piece []byte, marker string, first, last bool, is func(piece []byte, from, to int) bool) bool {
	for at := 0; ; at++ {
		i := bytes.Index(piece[at:], []byte(marker))
		if i < 0 {
			return false
		}
		at += i
		to := at + len(marker)
		if !last && to+utf8.UTFMax > len(piece) {
			return false
		}
		if (first || at >= utf8.UTFMax) && is(piece, at, to) {
			return true
		}
	}
}

// wholeIDs are columns in which another id that holds a marker is somebody else.
func wholeIDs(column string) bool {
	if column == "id" {
		return true
	}
	for _, columns := range namedIDs {
		if _, ok := columns[column]; ok {
			return true
		}
	}
	return false
}

// namesWho tells whether a text names the person. An id does when it is the
// marker: mary-ann@example.com is not ann@example.com. A marker of several
// words is looked for in ids as well, which somebody may have written by hand.
func namesWho(text, marker string, id bool) bool {
	if id && !strings.ContainsFunc(marker, unicode.IsSpace) {
		return strings.EqualFold(strings.TrimSpace(text), marker)
	}
	return engine.Holds(text, marker)
}

// tracesInTexts finds the columns that hold markers, and the markers whose
// letters stand in a text that does not name the person.
func (e *Engine) tracesInTexts(ctx context.Context, path string, markers []string) (found []engine.Trace, alike []string, err error) {
	file := "read_parquet(" + literal(path) + ")"
	var columns []string
	err = e.each(ctx, "SELECT column_name FROM (DESCRIBE SELECT * FROM "+file+") WHERE column_type = 'VARCHAR'", func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		columns = append(columns, name)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	for _, c := range columns {
		var may []string
		for _, m := range markers {
			may = append(may, mayHold(quoted(c), m))
		}
		query := "SELECT DISTINCT " + quoted(c) + " FROM " + file + " WHERE " + strings.Join(may, " OR ")
		err := e.each(ctx, query, func(r *sql.Rows) error {
			var text string
			if err := r.Scan(&text); err != nil {
				return err
			}
			for _, m := range markers {
				t := engine.Trace{Column: c, Marker: m}
				switch {
				case namesWho(text, m, wholeIDs(c)):
					if !slices.Contains(found, t) {
						found = append(found, t)
					}
				case strings.Contains(text, m) && !slices.Contains(alike, m):
					alike = append(alike, m)
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return found, alike, nil
}

// mayHold is SQL that is true of every text that holds a marker, and is seen
// faster than its words: its plain runs stand there.
func mayHold(column, marker string) string {
	var terms []string
	for _, run := range plainRuns(marker) {
		terms = append(terms, "contains(strip_accents(lower("+column+")), "+literal(run)+")")
	}
	if len(terms) == 0 {
		return column + " IS NOT NULL"
	}
	return "(" + strings.Join(terms, " AND ") + " OR contains(" + column + ", " + literal(marker) + "))"
}

func tracesInCards(folder string, markers []string) (found []engine.Trace, err error) {
	c, err := openCards(folder)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(c.path)
	if err != nil {
		return nil, err
	}
	defer func() { err = closing(err, f.Close) }()
	for n := range int64(len(c.starts)) - 1 {
		lines, err := c.read(f, n)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			for _, m := range markers {
				if t := (engine.Trace{Column: "cards", Marker: m}); !slices.Contains(found, t) && cardHolds(line, m) {
					found = append(found, t)
				}
			}
		}
	}
	return found, nil
}

// cardHolds looks into each text of a card by itself.
func cardHolds(line []byte, marker string) bool {
	var c struct {
		ID       string `json:"i"`
		Referrer string `json:"r"`
	}
	var all map[string]any
	if json.Unmarshal(line, &c) != nil || json.Unmarshal(line, &all) != nil {
		return engine.Holds(string(line), marker)
	}
	if namesWho(c.ID, marker, true) || namesWho(c.Referrer, marker, true) {
		return true
	}
	for name, value := range all {
		if text, ok := value.(string); ok && name != "i" && name != "r" && engine.Holds(text, marker) {
			return true
		}
	}
	return false
}
