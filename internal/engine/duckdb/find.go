package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// What a search is bounded by.
const (
	maxFound = 1000 // customers that a search counts and pages through
	maxTyped = 200  // characters of it that are read
	maxWords = 6
	maxPage  = 200
	page     = 50
)

// Search answers a search over a view.
func (r *Reader) Search(ctx context.Context, v engine.View, s engine.Search) (engine.Customers, error) {
	found, err := r.found(ctx, v, s)
	return found, r.mended(indexName(v), err)
}

func (r *Reader) found(ctx context.Context, v engine.View, s engine.Search) (engine.Customers, error) {
	x, err := r.index(ctx, v)
	if err != nil {
		return engine.Customers{}, err
	}
	s.Limit = pageOf(s.Limit)
	s.Text = typed(s.Text)
	var found engine.Customers
	var keys []engine.Key
	switch {
	case s.Text == "" && s.Seer.Identified:
		keys, found, err = r.list(ctx, x, s)
	case s.Text == "":
		keys, found, err = x.shuffled(s)
	case !s.Seer.Identified:
		keys, found = x.uncovered(s)
	default:
		keys, found, err = r.matching(ctx, x, s)
	}
	if err != nil {
		return engine.Customers{}, err
	}
	found.Since = v.Since
	found.Found, err = x.listed(keys, s.Seer)
	return found, err
}

func pageOf(limit int) int {
	if limit <= 0 {
		return page
	}
	return min(limit, maxPage)
}

// typed is what was typed without what no term holds.
func typed(text string) string {
	runes := []rune(strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")))
	return string(runes[:min(len(runes), maxTyped)])
}

// list pages through all customers by their ids. The place is the last
// customer's key, so that no link holds an id.
func (r *Reader) list(ctx context.Context, x *index, s engine.Search) ([]engine.Key, engine.Customers, error) {
	found := engine.Customers{Count: int64(x.about.Last)}
	table := x.within("ids", "", "")
	if s.After != "" {
		key, err := cursorAt(s.After, "k")
		if err != nil {
			return nil, found, err
		}
		last, err := x.read([]engine.Key{engine.Key(key)})
		if err != nil {
			return nil, found, errors.Join(engine.ErrCursor, err)
		}
		var t typedText
		if err := r.with(ctx, func(e *Engine) error { t, err = e.folded(ctx, last[0].ID); return err }); err != nil {
			return nil, found, err
		}
		table = x.within("ids", t.id, "") + " WHERE term > " + literal(t.id) + " OR key > " + strconv.FormatInt(key, 10)
	}
	keys, err := r.keys(ctx, "SELECT key FROM "+table+" LIMIT "+strconv.Itoa(s.Limit+1))
	if len(keys) > s.Limit {
		keys = keys[:s.Limit]
		found.Next = "k" + strconv.Itoa(int(keys[s.Limit-1]))
	}
	return keys, found, err
}

// keys runs a query of keys.
func (r *Reader) keys(ctx context.Context, query string) (keys []engine.Key, err error) {
	err = r.with(ctx, func(e *Engine) error {
		return e.each(ctx, query, func(rows *sql.Rows) error {
			var key engine.Key
			err := rows.Scan(&key)
			keys = append(keys, key)
			return err
		})
	})
	return keys, err
}

// shuffled pages through all customers in the order of the veil. Their keys
// are given as they are first met, so that a list by key would have the order
// of its source, which is often that of the ids.
func (x *index) shuffled(s engine.Search) (keys []engine.Key, found engine.Customers, err error) {
	found.Count = int64(x.about.Last)
	after := int64(0)
	if s.After != "" {
		if after, err = cursorAt(s.After, "k"); err != nil {
			return nil, found, err
		}
	}
	keys, next := s.Seer.Veil.Shuffled(x.about.Last, after, s.Limit)
	if next > 0 {
		found.Next = "k" + strconv.FormatInt(next, 10)
	}
	return keys, found, nil
}

// uncovered finds the customer of a pseudonym.
func (x *index) uncovered(s engine.Search) ([]engine.Key, engine.Customers) {
	if key, ok := s.Seer.Veil.Uncover(s.Text); ok && key <= x.about.Last {
		return []engine.Key{key}, engine.Customers{Count: 1}
	}
	return nil, engine.Customers{}
}

// cursorAt reads a cursor: a letter and a number.
func cursorAt(cursor, letter string) (int64, error) {
	digits, ok := strings.CutPrefix(cursor, letter)
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < 0 {
		return 0, engine.ErrCursor
	}
	return n, nil
}
