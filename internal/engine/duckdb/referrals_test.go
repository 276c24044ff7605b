package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/referral"
)

// society is a small company whose customers bring each other, as text and by the definitions in memory.
type society struct {
	books map[string]*cells
	plain referral.Books
	grain string
}

var societyIDs = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"}

func drawSociety(t *rapid.T) society {
	x := society{grain: rapid.SampledFrom([]string{"customer", "account", "entity"}).Draw(t, "grain"), books: map[string]*cells{
		"customers":      {names: []string{"customer_id", "account_id", "acquired_on", "acquired_via", "referred_by", "excluded"}},
		"customer_links": {names: []string{"old_id", "new_id"}},
		"orders":         {names: []string{"customer_id", "ordered_at", "amount", "line_id", "entity"}},
		"answers":        {names: []string{"answer_id", "answered_at", "question", "score", "scale", "customer_id"}},
		"interactions":   {names: []string{"interaction_id", "started_at", "touchpoint", "customer_id", "reason"}},
	}}
	x.plain = referral.Books{Links: map[string]string{}, Ids: map[string]bool{}, AnyLine: rapid.Bool().Draw(t, "any line")}
	add := func(book string, row ...string) { x.books[book].rows = append(x.books[book].rows, row) }
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	id := func(label string) string { return rapid.SampledFrom(societyIDs).Draw(t, label) }
	for i, who := range societyIDs {
		if rapid.IntRange(0, 5).Draw(t, "known") == 0 {
			continue
		}
		by := pick("by", append([]string{"", "ghost", who, "z"}, societyIDs...)...)
		if i > 0 && rapid.Bool().Draw(t, "in order") {
			by = societyIDs[rapid.IntRange(0, i-1).Draw(t, "before")] // long chains
		}
		acquired := maybe(t, "acquired", drawDay)
		via, excluded := pick("via", "", "referral", "referral", "paid", "reputation", "unknown"), pick("excluded", "", "", "", "", "", "", "test")
		add("customers", who, pick("account", "", "one", "two"), dayText(acquired), via, by, excluded)
		x.plain.Customers = append(x.plain.Customers, referral.Customer{ID: who, ReferredBy: by, Via: via, AcquiredOn: acquired, Excluded: excluded != ""})
		x.plain.Ids[who] = true
	}
	for i := range len(societyIDs) - 1 {
		if rapid.IntRange(0, 11).Draw(t, "link") == 0 {
			to := societyIDs[rapid.IntRange(i+1, len(societyIDs)-1).Draw(t, "to")]
			add("customer_links", societyIDs[i], to)
			x.plain.Links[societyIDs[i]] = to
			x.plain.Ids[societyIDs[i]], x.plain.Ids[to] = true, true
		}
	}
	lines, days := rapid.IntRange(0, 40).Draw(t, "lines"), 110
	if rapid.Bool().Draw(t, "busy") { // so that many buy often, and on the days where windows and their halves meet
		lines, days = lines+120, 60
	}
	for i := range lines {
		who, day, amount := id("customer"), dayOne+calendar.Day(rapid.IntRange(0, days).Draw(t, "day")), drawAmount(t, "amount")
		add("orders", who, day.String(), amount.Text(0), fmt.Sprintf("l%d", i), pick("entity", "", "north"))
		x.plain.Lines = append(x.plain.Lines, referral.Line{Customer: who, Day: day, Amount: amount})
		x.plain.Ids[who] = true
	}
	x.draw(t, add, id)
	return x
}

// draw adds answers and interactions, each with what its rule says of it.
func (x *society) draw(t *rapid.T, add func(string, ...string), id func(string) string) {
	if !rapid.Bool().Draw(t, "voices") {
		return
	}
	x.plain.Voices = []referral.Voice{}
	for i := range rapid.IntRange(1, 20).Draw(t, "answers") {
		who, day := id("answers"), drawDay(t, "answered")
		a := rapid.SampledFrom(judgedAnswers).Draw(t, "answer")
		add("answers", fmt.Sprintf("a%d", i), day.String(), a.question, a.score, a.scale, who)
		x.plain.Ids[who] = true
		if a.heard {
			x.plain.Voices = append(x.plain.Voices, referral.Voice{Customer: who, Day: day, Complaint: a.complaint})
		}
	}
	for i := range rapid.IntRange(1, 10).Draw(t, "interactions") {
		who, day := id("calls"), drawDay(t, "called")
		reason := rapid.SampledFrom([]string{"", "order", "Complaint about delivery", "Réclamation", "no complaints department", "uncomplaining", "BESCHWERDE"}).Draw(t, "reason")
		add("interactions", fmt.Sprintf("i%d", i), day.String(), "phone", who, reason)
		x.plain.Ids[who] = true
		x.plain.Voices = append(x.plain.Voices, referral.Voice{Customer: who, Day: day, Complaint: reason != "" && reason != "order" && reason != "uncomplaining"})
	}
}

// judgedAnswers are answers with what docs/referrals.md says of them.
var judgedAnswers = []struct {
	question, score, scale string
	heard, complaint       bool
}{
	{"nps", "6", "", true, true}, {"nps", "7", "", true, false}, {"NPS ", "0", "0-10", true, true},
	{"csat", "2", "", true, true}, {"csat", "3", "", true, false}, {"ces", "2", "1-7", true, true}, {"ces", "3", "1 to 7", true, false},
	{"csat", "25", "0-100", true, true}, {"csat", "26", "0–100", true, false}, {"csat", "2", "stars", false, false}, {"origin", "1", "", false, false},
}

// opened stages a society.
func (s *stager) society(ctx context.Context, x society, until calendar.Day) (*Ledger, error) {
	from := engine.Ledger{Currency: home, Grain: x.grain, Basis: "orders", AsOf: until}
	var err error
	for _, b := range []struct {
		name string
		into *[]engine.Part
	}{
		{"orders", &from.Orders}, {"customers", &from.Customers}, {"customer_links", &from.Links}, {"answers", &from.Answers}, {"interactions", &from.Interactions},
	} {
		if *b.into, from.Keys, err = s.book(ctx, b.name, from.Keys, x.books[b.name]); err != nil {
			return nil, err
		}
	}
	if len(from.Orders) > 0 {
		part, err := s.e.Firsts(ctx, engine.Firsts{Lines: paths(from.Orders), Folder: s.folder()})
		if err != nil {
			return nil, err
		}
		if part != nil {
			from.Firsts = []string{part.Path}
		}
	}
	return s.e.Ledger(ctx, from)
}

// TestRandomReferrals holds both questions to the same definitions over rows in memory: merged and excluded customers, rings,
// unknown and own ids, at every grain.
func TestRandomReferrals(t *testing.T) {
	checks(t, 3)
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawSociety(t)
		start := dayOne + calendar.Day(rapid.IntRange(0, 20).Draw(t, "start"))
		length := calendar.Day(rapid.IntRange(5, 35).Draw(t, "length"))
		var spans referral.Spans
		for i := range spans {
			spans[i] = calendar.Period{Start: start + calendar.Day(i)*length, End: start + calendar.Day(i+1)*length}
		}
		w := referral.Windows{Compared: spans[0], Period: spans[rapid.IntRange(1, 2).Draw(t, "period")]}
		l, err := s.society(ctx, x, w.Period.End)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Referrals(ctx, w, x.plain.AnyLine)
		if err != nil {
			t.Fatal(err)
		}
		want := referral.Count(x.plain, w)
		if a, b := talliedText(got), talliedText(want); a != b {
			t.Fatalf("referrals\n got %s\nwant %s\n%v\n%v", a, b, x.books["customers"].rows, x.plain.Links)
		}
		if _, err := referral.State(w, got, home); err != nil {
			t.Fatal(err)
		}
		faced, err := l.Spreading(ctx, spans, x.plain.AnyLine)
		if err != nil {
			t.Fatal(err)
		}
		if want := referral.Face(x.plain, spans); !same(faced, want) {
			t.Fatalf("spreading\n got %+v\nwant %+v", faced, want)
		}
	})
}

func same(a, b referral.Faced) bool {
	return slices.Equal(a.Cells, b.Cells) && slices.Equal(a.Arms, b.Arms) && slices.Equal(a.Crosses, b.Crosses) && a.Voiced == b.Voiced
}

// talliedText prints a tally in one order.
func talliedText(t referral.Tally) string {
	var lines []string
	for _, g := range t.Groups {
		lines = append(lines, fmt.Sprintf("%+v %d %s", g.Sort, g.Customers, g.Revenue))
	}
	slices.Sort(lines)
	t.Groups = nil
	return fmt.Sprintf("%+v\n%s", t, strings.Join(lines, "\n"))
}

// TestALongChainIsWalkedInBoundedSteps: a chain of twenty thousand and a ring with a chain behind it. The counts follow from
// how the chain is made.
func TestALongChainIsWalkedInBoundedSteps(t *testing.T) {
	const long, ring, tail = 20_000, 1000, 500
	s := openStager(t)
	x := society{grain: "customer", books: map[string]*cells{
		"customers": {names: []string{"customer_id", "acquired_on", "referred_by"}}, "orders": {names: []string{"customer_id", "ordered_at", "amount"}},
		"customer_links": {names: []string{"old_id", "new_id"}}, "answers": {names: []string{"answer_id"}}, "interactions": {names: []string{"interaction_id"}},
	}}
	day := dayOne.String()
	add := func(id, by string) {
		x.books["customers"].rows = append(x.books["customers"].rows, []string{id, day, by})
		x.books["orders"].rows = append(x.books["orders"].rows, []string{id, day, "1"})
	}
	add("c0", "")
	for i := 1; i < long; i++ {
		add(fmt.Sprintf("c%d", i), fmt.Sprintf("c%d", i-1))
	}
	for i := range ring {
		add(fmt.Sprintf("r%d", i), fmt.Sprintf("r%d", (i+1)%ring))
	}
	add("t0", "r0")
	for i := 1; i < tail; i++ {
		add(fmt.Sprintf("t%d", i), fmt.Sprintf("t%d", i-1))
	}
	l, err := s.society(t.Context(), x, dayOne+1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Referrals(t.Context(), referral.Windows{Period: calendar.Period{Start: dayOne, End: dayOne + 1}, Compared: calendar.Period{Start: dayOne - 1, End: dayOne}}, false)
	if err != nil {
		t.Fatal(err)
	}
	if got.Brought != long-1+tail || got.InRings != ring || got.Longest != long-1 || got.Trees != 2 {
		t.Errorf("brought %d, in rings %d, longest %d, trees %d", got.Brought, got.InRings, got.Longest, got.Trees)
	}
	// Everyone below: the sum over a chain of n+1 is n + (n−1) + … + 1.
	var chains money.Amount
	for _, x := range got.Tenths {
		chains = chains.Add(x.Chain)
	}
	if want := money.FromMicros(1_000_000 * (long*(long-1)/2 + tail*(tail+1)/2)); !chains.Equal(want) {
		t.Errorf("chains come to %s, want %s", chains, want)
	}
}

// TestWhoComesLaterMovesNoOlderReferrals: one bought and one was acquired in the period; whoever comes later, or on no known
// day, changes nothing of it.
func TestWhoComesLaterMovesNoOlderReferrals(t *testing.T) {
	w := referral.Windows{Period: calendar.Period{Start: dayOne, End: dayOne + 10}, Compared: calendar.Period{Start: dayOne - 10, End: dayOne}}
	later := (dayOne + 20).String()
	customers := [][]string{{"a", "", ""}, {"b", "", "a"}, {"c", dayOne.String(), "a"}}
	orders := [][]string{{"a", dayOne.String(), "5"}, {"b", dayOne.String(), "5"}, {"c", later, "5"}}
	count := func(customers, orders [][]string) referral.Tally {
		x := society{grain: "customer", books: map[string]*cells{
			"customers": {names: []string{"customer_id", "acquired_on", "referred_by"}, rows: customers}, "orders": {names: []string{"customer_id", "ordered_at", "amount"}, rows: orders},
			"customer_links": {names: []string{"old_id", "new_id"}}, "answers": {names: []string{"answer_id"}}, "interactions": {names: []string{"interaction_id"}},
		}}
		l, err := openStager(t).society(t.Context(), x, w.Period.End)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Referrals(t.Context(), w, false)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := count(customers, orders)
	if before.Named() != 2 || before.NotYet != 1 {
		t.Errorf("%d named, %d had not bought; want 2 and 1", before.Named(), before.NotYet)
	}
	after := count(append(customers, []string{"d", "", "a"}, []string{"e", later, "a"}, []string{"f", "", "a"}), append(orders, []string{"d", later, "5"}))
	if a, b := talliedText(before), talliedText(after); a != b {
		t.Errorf("was %s\nis %s", a, b)
	}
}
