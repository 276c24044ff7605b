package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// town is a small company whose books tell of people: every row as text, by
// book, in the order of the shapes' columns.
type town struct {
	books map[string][][]string
}

var townColumns = map[string][]string{
	"customers":      {"customer_id", "name", "email", "segment", "account_id", "household_id", "acquired_on", "acquired_via", "referred_by", "excluded"},
	"customer_links": {"old_id", "new_id", "since"},
	"orders":         {"customer_id", "ordered_at", "amount", "line_id", "product", "currency"},
	"subscriptions":  {"subscription_id", "customer_id", "started_on", "monthly_amount", "ended_on", "plan", "end_reason"},
	"interactions":   {"interaction_id", "started_at", "touchpoint", "customer_id", "person_id", "wait_seconds", "resolved", "reason"},
	"answers":        {"answer_id", "answered_at", "question", "score", "customer_id", "person_id", "comment"},
	"remarks":        {"remark_id", "received_at", "text", "channel", "customer_id"},
	"people":         {"person_id", "valid_from", "department", "role", "manager_id"},
	"trainings":      {"record_id", "person_id", "course", "completed_at", "direct_cost"},
}

var (
	townIDs    = []string{"C-100001", "C-100002", "c-100003", "Kunde Ä7", "17", "C-1000010", `x'y"<b>`, "ids with, commas"}
	townNames  = []string{"", "Ada Quill", "ada lovage", "Ádá Quillon", "Zoë Quill-Marsh", "Müller, Jörg", "O'Brien Pat", "李 小龍", "<script>alert(1)</script>"}
	townEmails = []string{"", "ada.quill@example.com", "Ada.Quill@example.org", "zoe@example.com", "müller@example.de"}
	townTexts  = []string{"", "too slow", "Ada Quill was kind", "write to ada.quill@example.com please", "line\nbreak, \"quotes\" and ünïcode", "order C-100001 never came"}
	townPeople = []string{"", "p-000001", "p-000002", "p-000003"}
)

func drawTown(t *rapid.T) town {
	x := town{books: map[string][][]string{}}
	pick := func(label string, from []string) string { return rapid.SampledFrom(from).Draw(t, label) }
	maybeID := func() string { return pick("customer", append([]string{""}, townIDs...)) }
	day := func() string { return drawDay(t, "day").String() }
	clock := func() string {
		return drawDay(t, "day").String() + pick("clock", []string{"", " 00:00:00", " 09:30:05", " 23:59:59"})
	}
	money := func() string { return drawAmount(t, "amount").Text(0) }
	n := func(label string, most int) int { return rapid.IntRange(0, most).Draw(t, label) }
	add := func(book string, row ...string) { x.books[book] = append(x.books[book], row) }
	for _, id := range townIDs {
		if rapid.Bool().Draw(t, "known") {
			add("customers", id, pick("name", townNames), pick("email", townEmails), pick("segment", []string{"", "north"}), pick("account", []string{"", "acme", id}),
				pick("household", []string{"", "H1"}), pick("acquired", []string{"", day()}), pick("via", []string{"", "referral", "paid"}), maybeID(), "")
		}
	}
	if rapid.Bool().Draw(t, "linked") {
		for i := range len(townIDs) - 1 {
			if n("link", 3) == 0 {
				add("customer_links", townIDs[i], townIDs[rapid.IntRange(i+1, len(townIDs)-1).Draw(t, "to")], pick("since", []string{"", day()}))
			}
		}
	}
	for i := range n("orders", 25) {
		add("orders", maybeID(), clock(), money(), fmt.Sprintf("l%d", i), pick("product", []string{"", "tea", "a gift for Ada Quill"}), pick("currency", []string{"", "EUR", "USD"}))
	}
	for i := range n("subscriptions", 3) {
		start := drawDay(t, "start")
		end := pick("end", []string{"", (start + 20).String()})
		add("subscriptions", fmt.Sprintf("s%d", i), pick("subscriber", townIDs), start.String(), "9.5", end, "plan", pick("why", townTexts))
	}
	for i := range n("interactions", 6) {
		add("interactions", fmt.Sprintf("i%d", i), clock(), "phone", maybeID(), pick("person", townPeople), pick("wait", []string{"", "12.5"}), pick("resolved", []string{"", "yes", "no"}), pick("reason", townTexts))
	}
	for i := range n("answers", 6) {
		add("answers", fmt.Sprintf("a%d", i), clock(), "nps", "9", maybeID(), pick("person", townPeople), pick("comment", townTexts))
	}
	for i := range n("remarks", 6) {
		add("remarks", fmt.Sprintf("r%d", i), clock(), pick("text", townTexts[1:]), "email", maybeID())
	}
	for _, id := range townPeople[1:] {
		add("people", id, day(), "service", "agent", pick("manager", townPeople))
	}
	for i := range n("trainings", 4) {
		add("trainings", fmt.Sprintf("t%d", i), pick("trained", townPeople[1:]), "listening", clock(), "10")
	}
	return x
}

// stage puts a town into parts, each book's rows cut into so many sources.
func (s *stager) town(ctx context.Context, x town, sources int) (engine.View, error) {
	v := engine.View{Books: map[string][]engine.Part{}}
	for _, b := range fact.Books {
		var cut []*cells
		for i := range sources {
			c := &cells{names: townColumns[b.Name]}
			for j, row := range x.books[b.Name] {
				if j%sources == i {
					c.rows = append(c.rows, row)
				}
			}
			cut = append(cut, c)
		}
		parts, keys, err := s.book(ctx, b.Name, paths(v.Keys), cut...)
		if err != nil {
			return v, err
		}
		if len(parts) > 0 {
			slices.SortStableFunc(parts, func(a, b engine.Part) int { return int(a.Month - b.Month) })
			v.Books[b.Name] = parts
		}
		for _, k := range keys[len(v.Keys):] {
			v.Keys = append(v.Keys, engine.Part{Path: k})
		}
	}
	return v, nil
}

// ids are all that any book names.
func (x town) ids() []string {
	seen := map[string]bool{}
	for book, rows := range x.books {
		for i, name := range townColumns[book] {
			if name != "customer_id" && name != "old_id" && name != "new_id" {
				continue
			}
			for _, row := range rows {
				if row[i] != "" {
					seen[row[i]] = true
				}
			}
		}
	}
	out := make([]string, 0, len(seen))
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func (x town) customer(id string) []string {
	for _, row := range x.books["customers"] {
		if row[0] == id {
			return row
		}
	}
	return nil
}

// stand leads an id to the one that stands.
func (x town) stand(id string) string {
	for _, l := range x.books["customer_links"] {
		if l[0] == id && l[1] != id {
			return x.stand(l[1])
		}
	}
	return id
}

// matches is the second method of a search: what is typed begins the id or the
// address, or each of its words begins a word of the name.
func (x town) matches(typed string) []string {
	var out []string
	for _, id := range x.ids() {
		row := x.customer(id)
		if row == nil {
			row = make([]string, len(townColumns["customers"]))
		}
		if strings.HasPrefix(folded(id), folded(typed)) || row[2] != "" && strings.HasPrefix(strings.ToLower(row[2]), strings.ToLower(typed)) || !strings.Contains(typed, "@") && begins(row[1], typed) {
			out = append(out, id)
		}
	}
	return out
}

var accents = strings.NewReplacer("á", "a", "ä", "a", "ö", "o", "ü", "u", "ï", "i", "ë", "e")

func folded(text string) string { return accents.Replace(strings.ToLower(text)) }

func begins(name, typed string) bool {
	words := func(text string) []string {
		return strings.FieldsFunc(folded(text), func(r rune) bool { return strings.ContainsRune(" ,-'.@<>()/", r) })
	}
	wanted := words(typed)
	for _, w := range wanted {
		if !slices.ContainsFunc(words(name), func(of string) bool {
			return of == w || len([]rune(w)) > 1 && strings.HasPrefix(of, w)
		}) {
			return false
		}
	}
	return len(wanted) > 0
}

// TestRandomTowns holds every search and timeline, whatever the size of its
// pages, to the same in Go.
func TestRandomTowns(t *testing.T) {
	checks(t, 6)
	s := openStager(t)
	r := openReader(t, s)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawTown(t)
		v, err := s.town(ctx, x, rapid.IntRange(1, 2).Draw(t, "sources"))
		if err != nil {
			t.Fatal(err)
		}
		searchesHold(t, r, v, x)
		timelinesHold(t, r, v, x)
	})
}

func searchesHold(t *rapid.T, r *Reader, v engine.View, x town) {
	for _, typed := range []string{
		"", "C-10", "c-100001", "c-1000", "17", "kunde a", "ada", "ÁDA QUILL", "quill ada", "quill z", "qui a", "mül", "muller jorg", "ada.quill@", "zoe@example.com",
		"李", "x'y", "%", "o'b", "alert", "nobody", "a\x00da", strings.Repeat("a ", 300), "_", "ids with", "1",
	} {
		var got []string
		ask := engine.Search{Text: typed, Limit: rapid.IntRange(1, 9).Draw(t, "limit"), Seer: seesAll}
		for {
			found, err := r.Search(context.Background(), v, ask)
			if err != nil {
				t.Fatalf("find %q: %v", typed, err)
			}
			for _, c := range found.Found {
				got = append(got, c.Identity.ID)
				checkCustomer(t, x, c)
			}
			if found.Next == "" {
				if int64(len(got)) != found.Count {
					t.Fatalf("find %q counts %d and lists %d", typed, found.Count, len(got))
				}
				break
			}
			ask.After = found.Next
		}
		want := x.ids()
		if cleaned := typed; cleaned != "" {
			want = x.matches(strings.TrimSpace(strings.ReplaceAll(cleaned, "\x00", "")))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("find %q\n got %q\nwant %q\n%v", typed, got, want, x.books["customers"])
		}
	}
}

// checkCustomer holds a found customer to its rows: one that stands to those of
// all its ids, one that was merged to its own.
func checkCustomer(t *rapid.T, x town, c engine.Customer) {
	id := c.Identity.ID
	ids := []string{id}
	if into := x.stand(id); into != id {
		if c.PartOf == nil || c.PartOf.Identity.ID != into {
			t.Fatalf("%s is part of %+v, not %s", id, c.PartOf, into)
		}
	} else if c.PartOf != nil {
		t.Fatalf("%s is part of %+v", id, c.PartOf)
	} else {
		ids = x.merged(id)
	}
	var rows [][]string
	for _, id := range ids {
		if row := x.customer(id); row != nil {
			rows = append(rows, row)
		}
	}
	if c.Known != (rows != nil) {
		t.Fatalf("%s known: %t", id, c.Known)
	}
	if row := x.customer(id); row != nil {
		given := func(got string, i int) bool { return got == row[i] || row[i] == "" && len(ids) > 1 }
		if !given(c.Identity.Name, 1) || !given(c.Identity.Email, 2) || c.Segment != row[3] || c.Identity.AccountID != row[4] || !given(c.Identity.ReferredBy, 8) {
			t.Fatalf("%+v\nis not %q", c, row)
		}
	}
	if on, via := x.came(rows); dayText(c.AcquiredOn) != on || c.Via != via {
		t.Fatalf("%s came on %q by %q, want %q by %q", id, dayText(c.AcquiredOn), c.Via, on, via)
	}
	lines, sums := int64(0), map[string]bool{}
	var first string
	for _, o := range x.books["orders"] {
		if !slices.Contains(ids, o[0]) {
			continue
		}
		lines++
		sums[o[5]] = true
		if first == "" || o[1][:10] < first {
			first = o[1][:10]
		}
	}
	if c.Lines != lines || len(c.Revenue) != len(sums) || dayText(c.FirstLine) != first {
		t.Fatalf("%s: %d lines from %s in %d currencies, want %d from %s in %d", id, c.Lines, dayText(c.FirstLine), len(c.Revenue), lines, first, len(sums))
	}
	if key, ok := testVeil.Uncover(c.Pseudonym); !ok || key != c.Key {
		t.Fatalf("the pseudonym %s of %d leads to %d", c.Pseudonym, c.Key, key)
	}
}

// merged are the ids for which one stands, with itself.
func (x town) merged(id string) []string {
	return slices.DeleteFunc(x.ids(), func(other string) bool { return x.stand(other) != id })
}

// came is the second method of an origin: the earliest day of all rows, and the
// way of the first of those whose way is known.
func (x town) came(rows [][]string) (on, via string) {
	first := "9999"
	for _, row := range rows {
		if row[6] != "" && (on == "" || row[6] < on) {
			on = row[6]
		}
		if at := cmp.Or(row[6], "9998") + row[7]; row[7] != "" && at < first {
			first, via = at, row[7]
		}
	}
	return on, via
}

// events is the second method of a timeline: every row of the customer's ids,
// as day, clock, book and what it holds.
func (x town) events(id string) []string {
	standing := x.stand(id)
	var out []string
	at := func(text string) string {
		if len(text) > 10 && text[11:] != "00:00:00" {
			return text
		}
		return text[:min(10, len(text))]
	}
	for book, rows := range x.books {
		column := func(row []string, name string) string {
			if i := slices.Index(townColumns[book], name); i >= 0 {
				return row[i]
			}
			return ""
		}
		for _, row := range rows {
			owner := cmp.Or(column(row, "customer_id"), column(row, "old_id"))
			if book == "people" || book == "trainings" || owner == "" || x.stand(owner) != standing {
				continue
			}
			switch book {
			case "customers":
				if row[6] != "" {
					out = append(out, row[6]+" acquired")
				}
			case "customer_links":
				out = append(out, row[2]+" merged")
			case "orders":
				kind := "bought"
				if strings.HasPrefix(row[2], "-") {
					kind = "returned"
				}
				out = append(out, at(row[1])+" "+kind+" "+row[2]+row[5]+row[4])
			case "subscriptions":
				out = append(out, row[2]+" subscribed "+row[3])
				if row[4] != "" {
					out = append(out, row[4]+" ended "+row[3])
				}
			case "interactions":
				out = append(out, at(row[1])+" served "+row[7])
			case "answers":
				out = append(out, at(row[1])+" answered "+row[6])
			case "remarks":
				out = append(out, at(row[1])+" remarked "+row[2])
			}
		}
	}
	slices.Sort(out)
	return out
}

// timelinesHold holds every customer's timeline to the rows of the books,
// newest first, whatever the size of its pages.
func timelinesHold(t *rapid.T, r *Reader, v engine.View, x town) {
	all, err := r.Search(context.Background(), v, engine.Search{Seer: seesAll, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Found {
		got := timelineOf(t, r, v, engine.Timeline{Key: c.Key, Limit: rapid.IntRange(1, 9).Draw(t, "limit"), Seer: seesAll}, x.stand(c.Identity.ID))
		if want := x.events(c.Identity.ID); !slices.Equal(got, want) {
			t.Fatalf("timeline of %s\n got %q\nwant %q", c.Identity.ID, got, want)
		}
	}
}

// timelineOf reads all pages and checks their order.
func timelineOf(t *rapid.T, r *Reader, v engine.View, ask engine.Timeline, standing string) []string {
	var got []string
	last := "9999"
	for {
		h, err := r.Timeline(context.Background(), v, ask)
		if err != nil {
			t.Fatal(err)
		}
		if h.Customer.Identity.ID != standing {
			t.Fatalf("the timeline is of %s, want %s", h.Customer.Identity.ID, standing)
		}
		for _, e := range h.Events {
			at := ""
			if !e.Undated {
				at = strings.TrimSpace(e.Day.String() + " " + e.Clock)
			}
			if at > last {
				t.Fatalf("%s comes after %s", at, last)
			}
			last = at
			line := at + " " + string(e.Kind)
			switch e.Kind {
			case engine.Bought, engine.Returned:
				line += " " + e.Amount.Text(0) + e.Currency + e.Subject
			case engine.Subscribed, engine.Ended:
				line += " " + e.Amount.Text(0)
			case engine.Served, engine.Answered, engine.Remarked:
				line += " " + e.Text
			}
			got = append(got, line)
		}
		if h.Next == "" {
			slices.Sort(got)
			return got
		}
		ask.After = h.Next
	}
}

// A merged customer came when and how a statement says (Ledger.origins): the
// earliest day of all ids, the way of the first whose way is known. The list
// shows them once, and leads from the other ids to the one that stands.
func TestAMergedCustomerCameAsAStatementSays(t *testing.T) {
	s := openStager(t)
	r := openReader(t, s)
	x := town{books: map[string][][]string{
		"customers": {
			{"C-1", "", "", "", "", "", "2023-04-08", "referral", "", ""}, {"C-2", "", "", "", "", "", "2025-05-04", "", "", ""},
			{"C-3", "", "", "", "", "", "2022-01-01", "unknown", "", "test"},
		},
		"customer_links": {{"C-1", "C-2", "2025-06-01"}, {"C-3", "C-2", "2025-06-01"}},
		"orders":         {{"C-1", "2023-05-01", "5", "l1", "tea", ""}, {"C-2", "2025-06-01", "7", "l2", "tea", ""}},
	}}
	v, err := s.town(t.Context(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.Search(t.Context(), v, engine.Search{Seer: seesAll})
	if err != nil || len(found.Found) != 3 {
		t.Fatalf("list: %+v, %v", found, err)
	}
	h, err := r.Timeline(t.Context(), v, engine.Timeline{Key: found.Found[0].Key, Seer: seesAll})
	if err != nil {
		t.Fatal(err)
	}
	for place, c := range map[string]engine.Customer{"page": h.Customer, "list": found.Found[1]} {
		if c.Identity.ID != "C-2" || dayText(c.AcquiredOn) != "2022-01-01" || c.Via != "referral" || c.Excluded != "test" || c.Lines != 2 || c.Revenue[0].Amount.Text(2) != "12.00" {
			t.Errorf("the %s says %+v, came on %s", place, c, dayText(c.AcquiredOn))
		}
	}
	for _, i := range []int{0, 2} {
		if part := found.Found[i].PartOf; part == nil || part.Identity.ID != "C-2" {
			t.Errorf("%s is part of %+v", found.Found[i].Identity.ID, part)
		}
	}
}

// TestWhoMayNotSeeFindsNobodyByName: neither a name nor an address nor a text
// comes out, and only pseudonyms lead in.
func TestWhoMayNotSeeFindsNobodyByName(t *testing.T) {
	s := openStager(t)
	r := openReader(t, s)
	x := town{books: map[string][][]string{
		"customers": {{"C-1", "Ada Quill", "ada@example.com", "north", "acme-secret", "H-secret", "2020-01-02", "referral", "C-2", ""}},
		"orders":    {{"C-1", "2020-01-03", "5", "line-secret", "tea", ""}, {"C-2", "2020-01-03", "5", "l2", "tea", ""}},
		"answers":   {{"answer-secret", "2020-01-05", "nps", "9", "C-1", "person-secret", "comment-secret"}},
	}}
	v, err := s.town(t.Context(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	blind := engine.Seer{Veil: testVeil}
	for _, typed := range []string{"C-1", "Ada", "ada@", "ada quill"} {
		if found, err := r.Search(t.Context(), v, engine.Search{Text: typed, Seer: blind}); err != nil || len(found.Found) != 0 {
			t.Errorf("find %q: %+v, %v", typed, found.Found, err)
		}
	}
	all, err := r.Search(t.Context(), v, engine.Search{Seer: blind, Limit: 1})
	if err != nil || len(all.Found) != 1 || all.Next == "" || all.Count != 2 {
		t.Fatalf("list: %+v, %v", all, err)
	}
	for key := engine.Key(1); key <= 2; key++ {
		one, err := r.Search(t.Context(), v, engine.Search{Text: testVeil.Cover(key), Seer: blind})
		if err != nil || len(one.Found) != 1 || one.Found[0].Key != key {
			t.Fatalf("find by pseudonym: %+v, %v", one, err)
		}
		h, err := r.Timeline(t.Context(), v, engine.Timeline{Key: key, Seer: blind})
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("%+v %+v", one, h); strings.Contains(text, "secret") || strings.Contains(text, "Ada") || strings.Contains(text, "C-1") {
			t.Errorf("who may not see sees %s", text)
		}
	}
	if _, err := r.Timeline(t.Context(), v, engine.Timeline{Key: 3, Seer: blind}); err != engine.ErrUnknown {
		t.Errorf("timeline of nobody: %v", err)
	}
	for _, cursor := range []string{"x", "t1.2", "k-1", "n99999999999999999999"} {
		if _, err := r.Timeline(t.Context(), v, engine.Timeline{Key: 1, After: cursor, Seer: blind}); err != engine.ErrCursor {
			t.Errorf("timeline after %q: %v", cursor, err)
		}
	}
}
