package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/throughline/throughline/internal/engine"
)

// How a customer matches what was typed, the best first.
const (
	isID      = iota // it is the id
	beginsID         // the id begins so
	beginsAt         // the address begins so
	isName           // its words are all words of the name
	beginName        // they are how words of the name begin
)

// hit is a customer that matches.
type hit struct {
	rank int
	term string
	key  engine.Key
}

func (h hit) compare(o hit) int {
	return cmp.Or(cmp.Compare(h.rank, o.rank), cmp.Compare(h.term, o.term), cmp.Compare(h.key, o.key))
}

// matching finds customers by what was typed. The place in the list is a
// number, so that no link holds what was found.
func (r *Reader) matching(ctx context.Context, x *index, s engine.Search) (keys []engine.Key, found engine.Customers, err error) {
	offset := int64(0)
	if s.After != "" {
		if offset, err = cursorAt(s.After, "n"); err != nil {
			return nil, found, err
		}
	}
	m := matching{x: x}
	err = r.with(ctx, func(e *Engine) error {
		m.e = e
		return m.search(ctx, s.Text)
	})
	if err != nil {
		return nil, found, err
	}
	all := m.best()
	found.Count, found.More = int64(len(all)), m.more
	if found.Count > maxFound {
		all, found.Count, found.More = all[:maxFound], maxFound, true
	}
	for _, h := range all[min(offset, found.Count):min(offset+int64(s.Limit), found.Count)] {
		keys = append(keys, h.key)
	}
	if next := offset + int64(len(keys)); next < found.Count {
		found.Next = "n" + strconv.FormatInt(next, 10)
	}
	if found.Count == 0 {
		keys, found = x.uncovered(s)
	}
	return keys, found, nil
}

// matching is a search on its way.
type matching struct {
	e    *Engine
	x    *index
	hits []hit
	more bool // there are more than are looked at
}

// best leaves each customer its best match, in their order.
func (m *matching) best() []hit {
	slices.SortFunc(m.hits, hit.compare)
	seen := make(map[engine.Key]bool, len(m.hits))
	return slices.DeleteFunc(m.hits, func(h hit) bool {
		again := seen[h.key]
		seen[h.key] = true
		return again
	})
}

// search looks into the lists that what was typed may stand in. An address has
// no blank, and a name no digit and no @.
func (m *matching) search(ctx context.Context, text string) error {
	t, err := m.e.folded(ctx, text)
	if err != nil {
		return err
	}
	err = m.list(ctx, m.x.beginning("ids", t.id), func(term string) int {
		if term == t.id {
			return isID
		}
		return beginsID
	})
	if err == nil && !strings.ContainsFunc(t.mail, unicode.IsSpace) {
		err = m.list(ctx, m.x.beginning("mails", t.mail), func(string) int { return beginsAt })
	}
	if err == nil && len(t.words) > 0 && !strings.Contains(text, "@") {
		err = m.names(ctx, t.words)
	}
	return err
}

// typedText is what was typed, in the ways that the lists hold texts.
type typedText struct {
	id, mail string
	words    []string
}

// folded takes case and accents from what was typed: by the engine that folded
// the lists, unless it is plain.
func (e *Engine) folded(ctx context.Context, text string) (t typedText, err error) {
	plain := !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
	if plain {
		t.id, t.mail = strings.ToLower(text), strings.ToLower(text)
		t.words = strings.FieldsFunc(t.id, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	} else {
		var words string
		fold := "SELECT strip_accents(lower(t)), lower(t), array_to_string(" + wordsOf("t") + ", ' ') FROM (SELECT " + literal(text) + " AS t)"
		if err := e.one(ctx, fold, &t.id, &t.mail, &words); err != nil {
			return t, err
		}
		t.words = strings.Fields(words)
	}
	slices.Sort(t.words)
	t.words = slices.Compact(t.words)
	t.words = t.words[:min(len(t.words), maxWords)]
	return t, nil
}

// beginning is SQL of the terms of a list that begin with a text.
func (x *index) beginning(kind, text string) string { return x.within(kind, text, behind(text)) }

// behind is behind every text that begins with one.
func behind(text string) string { return text + string(unicode.MaxRune) }

// list adds the customers of a range of terms, in the order of the list: it is
// read from its first row on, until there are enough.
func (m *matching) list(ctx context.Context, within string, rank func(term string) int) error {
	n := 0
	err := m.e.each(ctx, fmt.Sprintf("SELECT term, key FROM %s LIMIT %d", within, maxFound+1), func(r *sql.Rows) error {
		var h hit
		err := r.Scan(&h.term, &h.key)
		h.rank = rank(h.term)
		m.hits = append(m.hits, h)
		n++
		return err
	})
	m.more = m.more || n > maxFound
	return err
}

// wanted is a word of a name that was typed.
type wanted struct {
	word           string
	itself, within string // SQL of the rows of the word, and of those that begin so
	size           int    // about how many begin so
}

// few is how many customers the rarest word may have for the others to be
// looked up customer by customer.
const few = 4000

// names adds the customers whose names have all words. A word of one letter
// has to be the whole word, because a letter says little and is found often.
func (m *matching) names(ctx context.Context, words []string) error {
	var all []wanted
	for _, w := range words {
		next := w + "\x01" // no term is between a word and this
		t := wanted{word: w, itself: m.x.within("words", w, next), within: m.x.beginning("words", w), size: m.x.rowsWithin(w, behind(w))}
		if len([]rune(w)) == 1 {
			t.within, t.size = t.itself, m.x.rowsWithin(w, next)
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b wanted) int { return a.size - b.size })
	if len(all) == 1 {
		return m.list(ctx, all[0].within, func(term string) int {
			if term == all[0].word {
				return isName
			}
			return beginName
		})
	}
	held, err := m.holding(ctx, all[0], fmt.Sprintf(" LIMIT %d", few+1))
	if err != nil {
		return err
	}
	if len(held) > few {
		return m.common(ctx, all)
	}
	for _, w := range all[1:] {
		if len(held) == 0 {
			return nil
		}
		keys := make([]engine.Key, 0, len(held))
		for key := range held {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		more, err := m.holding(ctx, w, " WHERE key IN ("+keyList(keys)+")")
		if err != nil {
			return err
		}
		for key, whole := range held {
			if itself, ok := more[key]; ok {
				held[key] = whole && itself
			} else {
				delete(held, key)
			}
		}
	}
	for key, whole := range held {
		h := hit{rank: beginName, key: key}
		if whole {
			h.rank = isName
		}
		m.hits = append(m.hits, h)
	}
	return nil
}

// holding lists the customers with a word and whether it is the whole word.
func (m *matching) holding(ctx context.Context, w wanted, more string) (map[engine.Key]bool, error) {
	out := map[engine.Key]bool{}
	err := m.e.each(ctx, "SELECT term = "+literal(w.word)+", key FROM "+w.within+more, func(r *sql.Rows) error {
		var whole bool
		var key engine.Key
		err := r.Scan(&whole, &key)
		out[key] = out[key] || whole
		return err
	})
	return out, err
}

// common adds customers whose names have words of which each is common: first
// those that have the words themselves, then, while there is room, those whose
// words begin so. The commonest word is read through and the others are looked
// up, and reading ends when there are enough.
func (m *matching) common(ctx context.Context, all []wanted) error {
	for _, rank := range []int{isName, beginName} {
		table, others := "", []string{}
		for i, w := range all {
			if table = w.within; rank == isName {
				table = w.itself
			}
			if i < len(all)-1 {
				others = append(others, "key IN (SELECT key FROM "+table+")")
			}
		}
		n := len(m.hits)
		if err := m.list(ctx, table+" WHERE "+strings.Join(others, " AND "), func(string) int { return rank }); err != nil {
			return err
		}
		for i := n; i < len(m.hits); i++ {
			m.hits[i].term = "" // by their keys: which word began so says nothing
		}
		if len(m.hits)-n > maxFound {
			return nil
		}
	}
	return nil
}
