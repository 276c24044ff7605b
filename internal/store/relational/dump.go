package relational

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

// A dump is lines of JSON: an opening, then for each table a heading and its
// rows, each an array in the order of the heading's columns, and a closing
// that tells that nothing is missing. Numbers and texts are themselves, bytes
// are {"bytes": base64}, and texts that are no UTF-8 are {"text": base64}.

type dumpOpening struct {
	Store  string `json:"store"`  // "throughline"
	Format int    `json:"format"` // 1
	Schema int64  `json:"schema"`
}

type dumpHeading struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	Last    int64    `json:"last,omitempty"` // the last number given to a row
}

type dumpClosing struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of every line before this one
}

type dumpBytes struct {
	Bytes []byte `json:"bytes"`
}

type dumpText struct {
	Text []byte `json:"text"`
}

// Dump writes every row as of one moment.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	schema, _, err := s.Schema(ctx)
	if err != nil {
		return err
	}
	return s.look(ctx, "dump", func(c conn) error {
		d := newDumper(w)
		if err := d.line(dumpOpening{Store: "throughline", Format: 1, Schema: schema}); err != nil {
			return err
		}
		for _, t := range tables {
			if err := d.table(ctx, c, t); err != nil {
				return err
			}
		}
		return d.close()
	})
}

type dumper struct {
	out    *bufio.Writer
	sum    hash.Hash
	encode *json.Encoder
	rows   int64
}

func newDumper(w io.Writer) *dumper {
	d := &dumper{out: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
	d.encode = json.NewEncoder(io.MultiWriter(d.out, d.sum))
	d.encode.SetEscapeHTML(false)
	return d
}

func (d *dumper) line(x any) error {
	if err := d.encode.Encode(x); err != nil {
		return fmt.Errorf("write the dump: %w", err)
	}
	return nil
}

func (d *dumper) table(ctx context.Context, c conn, t table) error {
	names, key, err := c.columns(ctx, t)
	if err != nil || len(names) == 0 {
		return err
	}
	heading := dumpHeading{Table: t.name, Columns: names}
	if t.once {
		if heading.Last, err = c.d.Last(ctx, c.over, t.name); err != nil {
			return Fault(err)
		}
	}
	if err := d.line(heading); err != nil {
		return err
	}
	portable := make([]any, len(names))
	return c.rows(ctx, t, names, key, func(values []any) error {
		for i, v := range values {
			p, err := carried(v)
			if err != nil {
				return fmt.Errorf("dump %s of %s: %w", names[i], t.name, err)
			}
			portable[i] = p
		}
		d.rows++
		return d.line(portable)
	})
}

// carried is a value as a line holds it.
func carried(v any) (any, error) {
	switch v := v.(type) {
	case nil, int64:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return dumpText{[]byte(v)}, nil
		}
		return v, nil
	case []byte:
		return dumpBytes{bytes(v)}, nil
	}
	return nil, fmt.Errorf("a value of type %T, which no column should hold", v)
}

func (d *dumper) close() error {
	if err := d.line(dumpClosing{Rows: d.rows, SHA256: hex.EncodeToString(d.sum.Sum(nil))}); err != nil {
		return err
	}
	if err := d.out.Flush(); err != nil {
		return fmt.Errorf("write the dump: %w", err)
	}
	return nil
}
