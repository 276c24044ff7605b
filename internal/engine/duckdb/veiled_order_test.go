package duckdb

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"github.com/throughline/throughline/internal/engine"
)

// TestListsUnderPseudonymsHideTheOrderOfKeys: neither the list of customers nor
// customers with the same stake stand in the order of their keys, which is that
// in which they were first met.
func TestListsUnderPseudonymsHideTheOrderOfKeys(t *testing.T) {
	s := openStager(t)
	r := openReader(t, s)
	x := town{books: map[string][][]string{}}
	for i := range 40 {
		x.books["orders"] = append(x.books["orders"], []string{fmt.Sprintf("C-%03d", i+1), "2020-01-03", "5", fmt.Sprintf("l%d", i), "tea", ""})
	}
	v, err := s.town(t.Context(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	var listed []engine.Key
	for after := ""; ; {
		page, err := r.Search(t.Context(), v, engine.Search{Seer: engine.Seer{Veil: testVeil}, After: after, Limit: 7})
		if err != nil || page.Count != 40 {
			t.Fatalf("list: %+v, %v", page, err)
		}
		for _, c := range page.Found {
			listed = append(listed, c.Key)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	apart(t, "the list", listed)
	var tied []engine.Key
	err = s.e.each(t.Context(), "SELECT unit FROM range(1, 41) x(unit) ORDER BY "+ties(testVeil), func(rows *sql.Rows) error {
		var key engine.Key
		err := rows.Scan(&key)
		tied = append(tied, key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	apart(t, "those with the same stake", tied)
}

// apart checks that every key is there once, and that few follow the one before.
func apart(t *testing.T, what string, keys []engine.Key) {
	t.Helper()
	follow := 0
	for i := range keys[1:] {
		if keys[i+1] == keys[i]+1 {
			follow++
		}
	}
	sorted := slices.Clone(keys)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != 40 || follow > 8 {
		t.Errorf("%s stands as %v", what, keys)
	}
}

// TestCursorsHideRows: the place of a row in its part, which is by key, is in no
// address.
func TestCursorsHideRows(t *testing.T) {
	at := spot{At: 7, Book: 1, Part: 2, Row: 3}
	cursor := at.cursor(testVeil)
	if cursor == "t7.1.2.3" {
		t.Errorf("the cursor is %s", cursor)
	}
	if got, err := spotAt(cursor, testVeil); err != nil || got != at {
		t.Errorf("%s leads to %v, %v", cursor, got, err)
	}
}
