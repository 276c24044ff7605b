package duckdb

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

var testSecret = []byte("another secret of sixteen bytes or more")

// erased takes somebody out of a view's parts and says who they were.
func (s *stager) erased(ctx context.Context, v engine.View, subject engine.Subject, id string) (engine.View, engine.Marked, engine.Memory, error) {
	who, err := s.e.Mark(ctx, v, subject, id)
	if err != nil {
		return v, who, engine.Memory{}, err
	}
	memory := engine.Memory{Secret: testSecret}
	var tombstones []string
	for i := range who.IDs {
		tombstones = append(tombstones, fmt.Sprintf("erased-%d", i))
	}
	memory.Forgotten = memory.Forget(who, tombstones)
	after := engine.View{Books: map[string][]engine.Part{}}
	ask := engine.Rewrite{Who: who, Memory: memory, Keys: paths(v.Keys), Folder: s.folder()}
	for _, name := range slices.Sorted(maps.Keys(v.Books)) {
		book, _ := fact.Find(name)
		for _, p := range v.Books[name] {
			w, err := s.e.Rewrite(ctx, book, p, ask)
			if err != nil {
				return v, who, memory, err
			}
			if w != nil {
				p = w.Part
			}
			after.Books[name] = append(after.Books[name], p)
		}
	}
	for _, p := range v.Keys {
		w, err := s.e.RewriteKeys(ctx, p, ask)
		if err != nil {
			return v, who, memory, err
		}
		if w != nil {
			p = w.Part
		}
		after.Keys = append(after.Keys, p)
	}
	return after, who, memory, nil
}

// prints sums a view's fingerprints by book and month.
func prints(v engine.View) map[string]map[calendar.Month]engine.Fingerprint {
	out := map[string]map[calendar.Month]engine.Fingerprint{}
	for book, parts := range v.Books {
		out[book] = map[calendar.Month]engine.Fingerprint{}
		for _, p := range parts {
			out[book][p.Month] = out[book][p.Month].Plus(p.Fingerprint)
		}
	}
	return out
}

// TestErasedPeopleAreGoneAndStayGone: after an erasure no text of the rewritten
// parts holds a marker, the rows are those that an import of the same sources
// gives that remembers the person, and nobody else's row has changed.
func TestErasedPeopleAreGoneAndStayGone(t *testing.T) {
	checks(t, 6)
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawTown(t)
		s.memory = engine.Memory{}
		v, err := s.town(ctx, x, rapid.IntRange(1, 2).Draw(t, "sources"))
		if err != nil {
			t.Fatal(err)
		}
		subject, id := engine.APerson, rapid.SampledFrom(townPeople[1:]).Draw(t, "person")
		if all := x.ids(); len(all) > 0 && rapid.IntRange(0, 3).Draw(t, "subject") > 0 {
			subject, id = engine.ACustomer, rapid.SampledFrom(all).Draw(t, "customer")
		}
		after, who, memory, err := s.erased(ctx, v, subject, id)
		if err != nil {
			t.Fatal(err)
		}
		checkMarked(t, x, who)
		s.memory = memory
		again, err := s.town(ctx, x, 1)
		s.memory = engine.Memory{}
		if err != nil {
			t.Fatal(err)
		}
		if g, w := fmt.Sprint(prints(after)), fmt.Sprint(prints(again)); g != w {
			t.Fatalf("erased %s %q\n got %s\nwant %s\n%s\n---\n%s", subject, id, g, w, s.dump(ctx, after), s.dump(ctx, again))
		}
		if g, w := s.dump(ctx, after), s.dump(ctx, again); g != w {
			t.Fatalf("erased %s %q\n got %s\nwant %s", subject, id, g, w)
		}
		checkGone(t, s, after, who)
		checkOthers(t, s, x, v, after, who)
	})
}

// checkMarked holds the linked ids to a walk over the links in Go.
func checkMarked(t *rapid.T, x town, who engine.Marked) {
	if who.Subject == engine.APerson {
		return
	}
	reached := map[string]bool{who.IDs[0]: true}
	for range x.books["customer_links"] {
		for _, l := range x.books["customer_links"] {
			if reached[l[0]] || reached[l[1]] {
				reached[l[0]], reached[l[1]] = true, true
			}
		}
	}
	got := slices.Sorted(slices.Values(who.IDs))
	if want := slices.Sorted(maps.Keys(reached)); !slices.Equal(got, want) {
		t.Fatalf("linked to %s are %q, want %q", who.IDs[0], got, want)
	}
}

// dump is a view's content in words: rows with ids for keys.
func (s *stager) dump(ctx context.Context, v engine.View) string {
	var out []string
	for name, parts := range v.Books {
		book, _ := fact.Find(name)
		stored := map[string]bool{}
		for _, p := range parts {
			columns, err := s.e.columns(ctx, p.Path)
			if err != nil {
				return err.Error()
			}
			for _, c := range columns {
				stored[c.name] = true
			}
		}
		var cells []string
		for _, c := range book.Columns {
			if c.Refers != "" && stored[KeyColumn(c.Name)] {
				cells = append(cells, fmt.Sprintf("(SELECT k.id FROM read_parquet(%s) k WHERE k.key = s.%s)", s.e.files(paths(v.Keys)), KeyColumn(c.Name)))
			} else if stored[c.Name] {
				cells = append(cells, "CAST(s."+quoted(c.Name)+" AS VARCHAR)")
			}
		}
		err := s.e.each(ctx, "SELECT replace(concat_ws('|', "+join(cells)+"), chr(10), ' ') FROM "+s.e.table(parts)+" s", func(r *sql.Rows) error {
			var line string
			err := r.Scan(&line)
			out = append(out, name+" "+line)
			return err
		})
		if err != nil {
			return err.Error()
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// checkGone looks for every telling marker in the files that now count.
func checkGone(t *rapid.T, s *stager, v engine.View, who engine.Marked) {
	var markers []string
	for _, m := range who.Texts() {
		if len(m) > 4 {
			markers = append(markers, m)
		}
	}
	if len(markers) == 0 {
		return
	}
	for _, parts := range append(slices.Collect(maps.Values(v.Books)), v.Keys) {
		for _, p := range parts {
			found, err := s.e.tracesIn(context.Background(), filepath.Join(s.e.dir, p.Path), markers)
			if err != nil {
				t.Fatal(err)
			}
			// c-100003's number is what C-1000010 begins with, and others' texts may.
			if len(found) > 0 && !slices.ContainsFunc(found, func(f engine.Trace) bool { return f.Marker == "C-100001" }) {
				t.Fatalf("%s: %v", p.Path, found)
			}
		}
	}
}

// wordsAlone is a text as its words alone: a marker stands in it whatever its
// case, accents and punctuation.
func wordsAlone(text string) string {
	return " " + strings.Join(strings.FieldsFunc(folded(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ") + " "
}

// checkOthers: what does not name the person is as it was.
func checkOthers(t *rapid.T, s *stager, x town, before, after engine.View, who engine.Marked) {
	was, is := strings.Split(s.dump(context.Background(), before), "\n"), strings.Split(s.dump(context.Background(), after), "\n")
	if len(was) != len(is) {
		t.Fatalf("%d rows are now %d", len(was), len(is))
	}
	for _, line := range was {
		named := slices.ContainsFunc(slices.Concat(who.Texts(), who.Shared), func(m string) bool { return strings.Contains(wordsAlone(line), wordsAlone(m)) })
		if !named && !slices.Contains(is, line) {
			t.Fatalf("erasing %v changed %q", who, line)
		}
	}
}

// TestExportHoldsEveryRow: as many rows as the books have about the customer.
func TestExportHoldsEveryRow(t *testing.T) {
	s := openStager(t)
	x := town{books: map[string][][]string{
		"customers":      {{"C-1", "Ada Quill", "ada@example.com", "", "", "", "2020-01-02", "", "C-9", ""}, {"C-9", "Bo", "", "", "", "", "", "", "C-1", ""}},
		"customer_links": {{"C-1", "C-2", ""}},
		"orders":         {{"C-1", "2020-01-03", "5", "l1", "tea", ""}, {"C-2", "2020-01-04", "6.25", "l2", "tea", ""}, {"C-9", "2020-01-04", "6.25", "l3", "tea", ""}},
		"answers":        {{"a1", "2020-01-05", "nps", "9", "C-2", "p-1", "said \"so\"\nand so"}},
		"people":         {{"p-1", "2020-01-01", "service", "agent", "p-2"}, {"p-2", "2020-01-01", "service", "lead", ""}},
	}}
	v, err := s.town(t.Context(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		subject engine.Subject
		id      string
		want    map[string]int64
	}{
		{engine.ACustomer, "C-2", map[string]int64{"customers": 1, "customer_links": 1, "orders": 2, "answers": 1}},
		{engine.APerson, "p-1", map[string]int64{"answers": 1, "people": 1}},
	} {
		who, err := s.e.Mark(t.Context(), v, c.subject, c.id)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		counts, err := s.e.Export(t.Context(), v, who, &b)
		if err != nil || fmt.Sprint(counts) != fmt.Sprint(c.want) {
			t.Errorf("export of %s: %v, %v, want %v", c.id, counts, err, c.want)
		}
		for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
			var row struct {
				Book string
				Row  map[string]*string
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			if row.Book == "answers" && *row.Row["comment"] != "said \"so\"\nand so" {
				t.Errorf("the comment reads %q", *row.Row["comment"])
			}
		}
	}
	if _, err := s.e.Mark(t.Context(), v, engine.ACustomer, "nobody"); err != engine.ErrUnknown {
		t.Errorf("mark nobody: %v", err)
	}
}

// TestTracesAreFoundWhereTheyAre: the search that proves an erasure finds what
// is there, compressed or not.
func TestTracesAreFoundWhereTheyAre(t *testing.T) {
	s := openStager(t)
	x := town{books: map[string][][]string{"customers": {{"C-777777", "Ada Quill", "ada@example.com", "", "", "", "", "", "", ""}}}}
	v, err := s.town(t.Context(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := openReader(t, s).Prepare(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.e.dir, "note.txt"), []byte(strings.Repeat("x", 1<<20-5)+" Ada Quill"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := s.e.Traces(t.Context(), ".", []string{"Ada Quill", "C-777777", "nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(found)
	for _, want := range []string{`"Ada Quill" in the bytes of note.txt`, `"Ada Quill" in name of parts`, `"C-777777" in id of parts`, `"Ada Quill" in cards of derived`} {
		if !strings.Contains(text, want) {
			t.Errorf("not found: %s in %s", want, text)
		}
	}
	if strings.Contains(text, "nowhere") {
		t.Errorf("found what is not there: %s", text)
	}
}

// TestOthersWhoAreCalledAlikeAreNoTrace: a text names somebody by whole words,
// as the rewriting takes it for; and what does name the person is found still,
// across the border of two pieces that a file is read in as well.
func TestOthersWhoAreCalledAlikeAreNoTrace(t *testing.T) {
	s := openStager(t)
	x := town{books: map[string][][]string{
		"customers": {
			{"C-777777", "Ann Leeson", "zann@x.de", "", "", "", "", "", "", ""},
			{"mary-ann@x.de", "Joann Lee", "", "", "", "", "", "", "C-777777", ""},
		},
		"answers": {{"a1", "2020-01-05", "nps", "9", "C-777777", "p-1", "ask ANN-LEE or 我是李雷吗"}},
	}}
	v, err := s.town(t.Context(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := openReader(t, s).Prepare(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"others.txt": "Ann Leeson" + strings.Repeat("x", 1<<20) + "Ann Lee" + strings.Repeat("y", 9),
		"border.txt": strings.Repeat("x", 1<<20+11) + " Ann Lee.",
	} {
		if err := os.WriteFile(filepath.Join(s.e.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := s.e.Traces(t.Context(), ".", []string{"Ann Lee", "ann@x.de", "C-77777", "李雷"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		if place, _, _ := strings.Cut(f.String(), string(filepath.Separator)); !strings.HasSuffix(place, " of derived") {
			got = append(got, place) // what is derived is made anew, and finds customers by parts of their ids
		}
	}
	slices.Sort(got)
	want := []string{`"Ann Lee" in comment of parts`, `"Ann Lee" in the bytes of border.txt`, `"李雷" in comment of parts`, `"李雷" in the bytes of parts`}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
