package duckdb

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// Traces looks for markers in every file below a folder of the data folder: in
// its bytes as they lie, and, because values are stored compressed, in every
// text of a Parquet file, whatever its case, and in the unpacked blocks of
// derived files. It reads everything.
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
	found, err := tracesInBytes(path, markers)
	if err != nil {
		return nil, err
	}
	var more []engine.Trace
	switch filepath.Ext(path) {
	case ".parquet":
		more, err = e.tracesInTexts(ctx, path, markers)
	case filepath.Ext(cardsFile):
		more, err = tracesInCards(filepath.Dir(path), markers)
	}
	return append(found, more...), err
}

// tracesInBytes reads a file in pieces that overlap by the longest marker.
func tracesInBytes(path string, markers []string) (found []engine.Trace, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = closing(err, f.Close) }()
	longest := 0
	for _, m := range markers {
		longest = max(longest, len(m))
	}
	buffer, kept := make([]byte, 1<<20+longest), 0
	for {
		n, err := io.ReadFull(f, buffer[kept:])
		piece := buffer[:kept+n]
		for _, m := range markers {
			if t := (engine.Trace{Marker: m}); bytes.Contains(piece, []byte(m)) && !slices.Contains(found, t) {
				found = append(found, t)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		kept = copy(buffer, piece[len(piece)-min(longest, len(piece)):])
	}
}

func (e *Engine) tracesInTexts(ctx context.Context, path string, markers []string) (found []engine.Trace, err error) {
	file := "read_parquet(" + literal(path) + ")"
	var columns []string
	err = e.each(ctx, "SELECT column_name FROM (DESCRIBE SELECT * FROM "+file+") WHERE column_type = 'VARCHAR'", func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		columns = append(columns, name)
		return err
	})
	if err != nil || len(columns) == 0 {
		return nil, err
	}
	var counts []string
	var asked []engine.Trace
	for _, c := range columns {
		for _, m := range markers {
			counts = append(counts, fmt.Sprintf("count(*) FILTER (contains(lower(%s), lower(%s)))", quoted(c), literal(m)))
			asked = append(asked, engine.Trace{Column: c, Marker: m})
		}
	}
	times := make([]int64, len(counts))
	into := make([]any, len(counts))
	for i := range times {
		into[i] = &times[i]
	}
	if err := e.one(ctx, "SELECT "+join(counts)+" FROM "+file, into...); err != nil {
		return nil, err
	}
	for i, n := range times {
		if n > 0 {
			found = append(found, asked[i])
		}
	}
	return found, nil
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
				if t := (engine.Trace{Column: "cards", Marker: m}); strings.Contains(strings.ToLower(string(line)), strings.ToLower(m)) && !slices.Contains(found, t) {
					found = append(found, t)
				}
			}
		}
	}
	return found, nil
}
