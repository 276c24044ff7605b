package duckdb

import (
	"fmt"
	"testing"

	"github.com/throughline/throughline/internal/engine"
)

// TestCommonNamesAreFoundInBounds: of names that thousands have, the first
// thousand are found, each once, whole words before beginnings; and somebody
// whose other word is rare is found among them.
func TestCommonNamesAreFoundInBounds(t *testing.T) {
	s := openStager(t)
	r := openReader(t, s)
	r.cut = 1000
	c := &cells{names: []string{"customer_id", "name"}}
	for i := range 13_000 {
		name := "Jane Smithson"
		switch {
		case i%2 == 0:
			name = "Jane Smith"
		case i == 77:
			name = "Jane Ypsilon"
		case i == 79:
			name = "Smith Janet"
		}
		c.rows = append(c.rows, []string{fmt.Sprintf("n%05d", i), name})
	}
	parts, keys, err := s.book(t.Context(), "customers", nil, c)
	if err != nil {
		t.Fatal(err)
	}
	v := engine.View{Books: map[string][]engine.Part{"customers": parts}}
	for _, k := range keys {
		v.Keys = append(v.Keys, engine.Part{Path: k})
	}
	for typed, want := range map[string]struct {
		count int64
		more  bool
		first string
	}{
		"jane smith": {1000, true, "Jane Smith"}, "smi jan": {1000, true, ""}, "jane": {1000, true, ""}, "ypsilon jane": {1, false, "Jane Ypsilon"},
		"janet smith": {1, false, "Smith Janet"}, "jane yp": {1, false, "Jane Ypsilon"}, "n0": {1000, true, ""}, "n00077": {1, false, "Jane Ypsilon"}, "jane nobody": {0, false, ""},
	} {
		seen := map[engine.Key]bool{}
		ask := engine.Search{Text: typed, Limit: 200, Seer: seesAll}
		for {
			found, err := r.Search(t.Context(), v, ask)
			if err != nil || found.Count != want.count || found.More != want.more {
				t.Fatalf("%q: %d found, more %t, %v", typed, found.Count, found.More, err)
			}
			for _, c := range found.Found {
				if seen[c.Key] || want.first != "" && c.Identity.Name != want.first {
					t.Fatalf("%q: %s %q, seen before: %t", typed, c.Identity.ID, c.Identity.Name, seen[c.Key])
				}
				seen[c.Key] = true
			}
			if ask.After = found.Next; found.Next == "" {
				break
			}
		}
		if int64(len(seen)) != want.count {
			t.Errorf("%q: %d listed of %d", typed, len(seen), want.count)
		}
	}
}
