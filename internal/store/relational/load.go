package relational

import (
	"bufio"
	stdbytes "bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/program"
)

// batch is how many rows go into one statement.
const batch = 64

// Load reads a dump into an empty store, whole or not at all. A dump of an
// older schema is brought up to date as an older store would be.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	l := &loader{in: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
	opening, err := l.open()
	if err != nil {
		return err
	}
	_, knows, err := s.Schema(ctx)
	if err != nil {
		return err
	}
	if opening.Schema > knows {
		return &Newer{Path: "the dump", Has: opening.Schema, Knows: knows}
	}
	oldest, err := s.oldest()
	if err != nil {
		return err
	}
	if opening.Schema < oldest {
		return fmt.Errorf("the dump has schema %d, older than any that this kind of database ever had (%d); load it into SQLite with this release, dump that, and load the new dump", opening.Schema, oldest)
	}
	if err := s.look(ctx, "load into", func(c conn) error { return c.empty(ctx) }); err != nil {
		return err
	}
	if opening.Schema == knows {
		return s.plain(ctx, "load into", s.load(ctx, l))
	}
	if err := s.rebuild(ctx, opening.Schema); err != nil {
		return s.plain(ctx, "load into", errors.Join(err, s.rebuild(ctx, 0)))
	}
	if err := s.load(ctx, l); err != nil {
		return s.plain(ctx, "load into", errors.Join(err, s.rebuild(ctx, 0)))
	}
	return s.plain(ctx, "bring up to date", s.Migrate(ctx))
}

func (s *Store) load(ctx context.Context, l *loader) error {
	return s.transact(ctx, nil, func(tx *sql.Tx) error {
		c := conn{tx, &s.d}
		if err := c.alone(ctx, "snapshot"); err != nil {
			return err
		}
		if err := c.empty(ctx); err != nil {
			return err
		}
		return l.tables(ctx, c)
	})
}

// empty refuses a store that holds a row.
func (c conn) empty(ctx context.Context) error {
	for _, t := range tables {
		names, _, err := c.columns(ctx, t)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			continue
		}
		var one int64
		found, err := c.one(ctx, "SELECT 1 FROM "+t.name+" LIMIT 1").into(&one)
		if err != nil {
			return err
		}
		if found {
			return program.ErrNotEmpty
		}
	}
	return nil
}

// loader reads a dump line by line.
type loader struct {
	in   *bufio.Reader
	sum  hash.Hash
	n    int64 // lines
	rows int64
}

func (l *loader) damaged(what string) error {
	return fmt.Errorf("line %d of the dump: %s; it is damaged or no dump of Throughline, take another one", l.n, what)
}

// next is the next line; before gives the digest of all lines before it.
func (l *loader) next() (line []byte, before string, err error) {
	before = hex.EncodeToString(l.sum.Sum(nil))
	line, err = l.in.ReadBytes('\n')
	l.n++
	if errors.Is(err, io.EOF) {
		return nil, "", l.damaged("it ends too early")
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the dump: %w", err)
	}
	l.sum.Write(line) //nolint:errcheck // a hash never fails
	return line, before, nil
}

func (l *loader) open() (o dumpOpening, err error) {
	line, _, err := l.next()
	if err != nil {
		return o, err
	}
	if json.Unmarshal(line, &o) != nil || o.Store != "throughline" {
		return o, l.damaged("it does not begin as one")
	}
	if o.Format != 1 {
		return o, fmt.Errorf("the dump has format %d, this release knows 1; use a newer Throughline", o.Format)
	}
	return o, nil
}

// tables reads all tables and the closing.
func (l *loader) tables(ctx context.Context, c conn) error {
	var to *target
	for {
		line, before, err := l.next()
		if err != nil {
			return err
		}
		if line[0] == '[' {
			if to == nil {
				return l.damaged("a row of no table")
			}
			if err := l.row(ctx, c, to, line); err != nil {
				return err
			}
			continue
		}
		if err := to.finish(ctx, c); err != nil {
			return err
		}
		var h struct {
			dumpHeading
			dumpClosing
		}
		if json.Unmarshal(line, &h) != nil {
			return l.damaged("it is no JSON")
		}
		if h.SHA256 != "" {
			if h.SHA256 != before || h.Rows != l.rows {
				return l.damaged("it is not what was written")
			}
			return nil
		}
		if to, err = l.target(ctx, c, h.dumpHeading); err != nil {
			return err
		}
	}
}

// target is the table that rows go to.
type target struct {
	table
	heading dumpHeading
	waiting []any // values of rows that are not written yet
}

func (l *loader) target(ctx context.Context, c conn, h dumpHeading) (*target, error) {
	i := slices.IndexFunc(tables, func(t table) bool { return t.name == h.Table })
	if i < 0 {
		return nil, l.damaged(fmt.Sprintf("there is no table %q", h.Table))
	}
	names, _, err := c.columns(ctx, tables[i])
	if err != nil {
		return nil, err
	}
	if !slices.Equal(names, h.Columns) { // also keeps anything but our own names out of the statement
		return nil, l.damaged(fmt.Sprintf("table %s has other columns", h.Table))
	}
	return &target{table: tables[i], heading: h}, nil
}

func (l *loader) row(ctx context.Context, c conn, to *target, line []byte) error {
	decode := json.NewDecoder(stdbytes.NewReader(line))
	decode.UseNumber()
	var values []any
	if decode.Decode(&values) != nil || len(values) != len(to.heading.Columns) {
		return l.damaged("it is not a row of " + to.name)
	}
	for i, v := range values {
		x, ok := uncarried(v)
		if !ok {
			return l.damaged("column " + to.heading.Columns[i] + " of " + to.name)
		}
		values[i] = x
	}
	l.rows++
	to.waiting = append(to.waiting, values...)
	if len(to.waiting) >= batch*len(to.heading.Columns) {
		return to.write(ctx, c)
	}
	return nil
}

// uncarried is the value that a line holds.
func uncarried(v any) (any, bool) {
	switch v := v.(type) {
	case nil, string:
		return v, true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	case map[string]any:
		for kind, text := range v {
			encoded, ok := text.(string)
			raw, err := base64.StdEncoding.DecodeString(encoded)
			switch {
			case !ok || err != nil || len(v) != 1:
			case kind == "bytes":
				return bytes(raw), true
			case kind == "text":
				return string(raw), true
			}
		}
	}
	return nil, false
}

func (to *target) write(ctx context.Context, c conn) error {
	if len(to.waiting) == 0 {
		return nil
	}
	columns := to.heading.Columns
	err := c.run(ctx, "INSERT INTO "+to.name+" ("+strings.Join(columns, ", ")+") VALUES "+tuples(len(to.waiting)/len(columns), len(columns)), to.waiting...)
	to.waiting = to.waiting[:0]
	return err
}

// finish writes what waits and goes on numbering where the dumped store would.
func (to *target) finish(ctx context.Context, c conn) error {
	if to == nil {
		return nil
	}
	if err := to.write(ctx, c); err != nil || !to.numbered {
		return err
	}
	var last int64
	if _, err := c.one(ctx, "SELECT coalesce(max(id), 0) FROM "+to.name).into(&last); err != nil {
		return err
	}
	return Fault(c.d.SetLast(ctx, c.over, to.name, max(last, to.heading.Last)))
}
