package duckdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// metView stages the books of touchpoints as a view.
func (s *stager) metView(ctx context.Context, x met, sources int) (engine.View, error) {
	v := engine.View{Books: map[string][]engine.Part{}}
	var keys []string
	for _, name := range []string{"customers", "customer_links", "interactions", "answers", "remarks"} {
		cut := make([]*cells, sources)
		for i := range cut {
			cut[i] = &cells{names: x.books[name].names}
		}
		for i, row := range x.books[name].rows {
			cut[i%sources].rows = append(cut[i%sources].rows, row)
		}
		parts, found, err := s.book(ctx, name, keys, cut...)
		if err != nil {
			return v, err
		}
		if keys = found; len(parts) > 0 {
			v.Books[name] = parts
		}
	}
	for _, k := range keys {
		v.Keys = append(v.Keys, engine.Part{Path: k})
	}
	return v, nil
}

// counted is the second method of TouchpointDays and, summed, of TouchpointSums.
func (x met) counted(names []string, p calendar.Period, summed bool) []engine.TouchpointDay {
	at := map[dayName]*engine.TouchpointDay{}
	row := func(m journey.Mention) *engine.TouchpointDay {
		k := dayName{journey.Fold(m.Touchpoint), m.Day}
		if !p.Contains(m.Day) || names != nil && !slices.ContainsFunc(names, func(n string) bool { return journey.Fold(n) == k.name }) {
			return &engine.TouchpointDay{Within: make([]int64, len(journey.Waits)), Wait: newSum(), Handled: newSum(), Transfers: newSum()}
		}
		if summed {
			k.day = p.Start
		}
		if at[k] == nil {
			at[k] = &engine.TouchpointDay{Name: k.name, Day: k.day, Within: make([]int64, len(journey.Waits)), Wait: newSum(), Handled: newSum(), Transfers: newSum()}
		}
		return at[k]
	}
	for _, c := range x.plain.Contacts {
		t := row(c.Mention)
		t.Contacts++
		addSum(&t.Wait, c.Wait)
		addSum(&t.Handled, c.Handled)
		addSum(&t.Transfers, c.Transfers)
		gaveUp, waited := c.Abandoned != nil && *c.Abandoned, c.Wait != nil && c.Wait.Sign() >= 0
		if gaveUp || waited {
			t.WithinOf++
		}
		for i, w := range journey.Waits {
			if waited && !gaveUp && c.Wait.Cmp(big.NewRat(w, 1)) <= 0 {
				t.Within[i]++
			}
		}
		for i, s := range []*engine.TouchpointShare{&t.Abandoned, &t.Contained, &t.Resolved, &t.Reopened} {
			if f := []*bool{c.Abandoned, c.Contained, c.Resolved, c.Reopened}[i]; f != nil {
				s.Known++
				if *f {
					s.Had++
				}
			}
		}
	}
	for _, m := range x.plain.Remarks {
		row(m).Remarks++
	}
	for _, a := range x.plain.Answers {
		x.answered(row(a.Mention), a)
	}
	var out []engine.TouchpointDay
	for _, t := range at {
		slices.SortFunc(t.Answers, func(a, b engine.TouchpointAnswers) int {
			return cmp.Or(cmp.Compare(a.Question, b.Question), cmp.Compare(a.Scale, b.Scale))
		})
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b engine.TouchpointDay) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Day, b.Day))
	})
	return out
}

// answered counts an answer by the classes of journey, asked of one answer alone.
func (x met) answered(t *engine.TouchpointDay, a journey.Answer) {
	if a.Comment != "" {
		t.Comments++
	}
	a.Customer = ""
	alone, err := journey.Books{Answers: []journey.Answer{a}}.Answered(context.Background(), journey.Question{Spans: []calendar.Period{{Start: a.Day, End: a.Day + 1}}})
	if err != nil || len(alone) == 0 {
		return
	}
	one := alone[0]
	i := slices.IndexFunc(t.Answers, func(s engine.TouchpointAnswers) bool { return s.Question == one.Question && s.Scale == one.Scale })
	if i < 0 {
		i = len(t.Answers)
		t.Answers = append(t.Answers, engine.TouchpointAnswers{Question: one.Question, Scale: one.Scale, Sum: new(big.Rat), Squares: new(big.Rat)})
	}
	s := &t.Answers[i]
	s.Low, s.Middle, s.High, s.Unread = s.Low+one.Low, s.Middle+one.Middle, s.High+one.High, s.Unread+one.Unread
	s.Sum.Add(s.Sum, one.Score.Sum)
	s.Squares.Add(s.Squares, one.Score.Squares)
}

func newSum() engine.TouchpointSum { return engine.TouchpointSum{Sum: new(big.Rat)} }

func addSum(s *engine.TouchpointSum, x *big.Rat) {
	if x != nil && x.Sign() >= 0 {
		s.N++
		s.Sum.Add(s.Sum, x)
	}
}

// words is the second method of Words, as text.
func (x met) words(ask engine.TouchpointWords) []string {
	type word struct {
		journey.Mention
		book, id, text string
	}
	var all []word
	for i, a := range x.plain.Answers {
		if a.Comment != "" {
			all = append(all, word{a.Mention, "answers", fmt.Sprintf("a%d", i), fmt.Sprintf("%s %s %s", journey.Fold(a.Question), journey.Fold(a.Scale), ratText(a.Score))})
		}
	}
	for i, m := range x.plain.Remarks {
		all = append(all, word{m, "remarks", fmt.Sprintf("r%d", i), "words"})
	}
	all = slices.DeleteFunc(all, func(w word) bool {
		return !ask.Period.Contains(w.Day) || ask.Names != nil && !slices.ContainsFunc(ask.Names, func(n string) bool { return journey.Same(n, w.Touchpoint) })
	})
	slices.SortFunc(all, func(a, b word) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(b.At, a.At), cmp.Compare(b.book, a.book), cmp.Compare(a.id, b.id))
	})
	var out []string
	for _, w := range all[:min(ask.Limit, len(all))] {
		clock := ""
		if w.At > 0 {
			clock = time.UnixMicro(0).UTC().Add(w.At).Format(time.TimeOnly)
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s of %s", w.Day, clock, w.book, journey.Fold(w.Touchpoint), w.text, w.Customer))
	}
	return out
}

func ratText(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return r.FloatString(6)
}

func wordText(t *rapid.T, s engine.Said) string {
	text := s.Text
	if s.Book == "answers" {
		if text != "kind" {
			t.Fatalf("a comment is %q", text)
		}
		text = fmt.Sprintf("%s %s %s", s.Question, s.Scale, ratText(s.Score))
	}
	who := ""
	if s.Customer != nil {
		who = s.Customer.Identity.ID
	}
	return fmt.Sprintf("%s %s %s %s %s of %s", s.Day, s.Clock, s.Book, s.Name, text, who)
}

// TestRandomTouchpointsLive holds what pages ask to the rows.
func TestRandomTouchpointsLive(t *testing.T) {
	checks(t, 6)
	s := openStager(t)
	r := openReader(t, s)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawMet(t)
		v, err := s.metView(ctx, x, rapid.IntRange(1, 2).Draw(t, "sources"))
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			start := drawDay(t, "from")
			p := calendar.Period{Start: start, End: start + calendar.Day(rapid.IntRange(1, 80).Draw(t, "days"))}
			names := rapid.SampledFrom([][]string{nil, {"PHONE"}, {"phone", " Ärger", "none"}, {""}, {}}).Draw(t, "names")
			days := func(ask func(context.Context, engine.View, []string, calendar.Period) ([]engine.TouchpointDay, error)) func(context.Context, []string) ([]engine.TouchpointDay, error) {
				return func(ctx context.Context, names []string) ([]engine.TouchpointDay, error) {
					return ask(ctx, v, names, p)
				}
			}
			plain := func(summed bool) func(context.Context, []string) ([]engine.TouchpointDay, error) {
				return func(_ context.Context, names []string) ([]engine.TouchpointDay, error) {
					return x.counted(names, p, summed), nil
				}
			}
			agree(t, "days", names, days(r.TouchpointDays), plain(false))
			agree(t, "sums", names, days(r.TouchpointSums), plain(true))
			ask := engine.TouchpointWords{Names: names, Period: p, Limit: rapid.IntRange(1, 30).Draw(t, "limit"), Seer: seesAll}
			wordsHold(t, r, v, x, ask)
		}
	})
}

func wordsHold(t *rapid.T, r *Reader, v engine.View, x met, ask engine.TouchpointWords) {
	found, err := r.Words(context.Background(), v, ask)
	if err != nil {
		t.Fatalf("%v (%v)", err, errors.Unwrap(err))
	}
	var got []string
	for _, s := range found {
		got = append(got, wordText(t, s))
	}
	if want := x.words(ask); !slices.Equal(got, want) {
		t.Fatalf("words\n got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ask.Seer.Identified = false
	veiled, err := r.Words(context.Background(), v, ask)
	if err != nil || len(veiled) != len(found) {
		t.Fatalf("%d veiled words of %d: %v", len(veiled), len(found), err)
	}
	for i, s := range veiled {
		if s.Text != "" || !s.Withheld || (s.Customer == nil) != (found[i].Customer == nil) || s.Customer != nil && (s.Customer.Identity != nil || s.Customer.Pseudonym != found[i].Customer.Pseudonym) {
			t.Fatalf("a veiled word shows %+v", s)
		}
	}
}

// deskMonths is a desk with a contact and a remark in each of some months.
func deskMonths(months ...string) met {
	x := met{books: map[string]*cells{
		"customers": {names: []string{"customer_id"}}, "customer_links": {names: []string{"old_id", "new_id"}}, "answers": {names: []string{"answer_id", "answered_at", "question", "score"}},
		"interactions": {names: []string{"interaction_id", "started_at", "touchpoint"}}, "remarks": {names: []string{"remark_id", "received_at", "text", "touchpoint"}},
	}}
	for _, m := range months {
		x.add("interactions", "i"+m, m+"-03 10:00:00", "Desk")
		x.add("remarks", "r"+m, m+"-04", "slow in "+m, "desk")
	}
	return x
}

// What was derived of a month's parts stands for every later view that has the same ones, and what is derived of a view is swept with it.
func TestANewMonthIsCountedAlone(t *testing.T) {
	s := openStager(t)
	r := openReader(t, s)
	before, err := s.metView(t.Context(), deskMonths("2020-01", "2020-02"), 1)
	if err != nil {
		t.Fatal(err)
	}
	more, err := s.metView(t.Context(), deskMonths("2020-03"), 1)
	if err != nil {
		t.Fatal(err)
	}
	after := engine.View{Books: map[string][]engine.Part{}, Keys: before.Keys}
	for book := range before.Books {
		after.Books[book] = append(slices.Clone(before.Books[book]), more.Books[book]...)
	}
	if err := r.PrepareTouchpoints(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	made := func() map[string]time.Time {
		out := map[string]time.Time{}
		found, err := os.ReadDir(filepath.Join(s.e.dir, DerivedFolder))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			at, err := f.Info()
			if err != nil {
				t.Fatal(err)
			}
			out[f.Name()] = at.ModTime()
		}
		return out
	}
	old := made()
	if len(old) != 5 { // two months of two books, and all together
		t.Fatalf("derived are %v", old)
	}
	if err := r.PrepareTouchpoints(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	now := made()
	for name, at := range old {
		if !now[name].Equal(at) {
			t.Errorf("%s was made again", name)
		}
	}
	if len(now) != 8 {
		t.Errorf("derived are %v", now)
	}
	if n, err := r.Sweep(t.Context(), []engine.View{after}, nil); n != 1 || err != nil {
		t.Errorf("swept %d: %v", n, err)
	}
	words, err := r.Words(t.Context(), after, engine.TouchpointWords{Names: []string{"DESK"}, Period: calendar.Period{Start: calendar.DayOf(2020, 1, 1), End: calendar.DayOf(2021, 1, 1)}, Limit: 2, Seer: seesAll})
	if err != nil || len(words) != 2 || words[0].Text != "slow in 2020-03" || words[1].Text != "slow in 2020-02" {
		t.Errorf("words are %+v, %v", words, err)
	}
	for _, m := range monthsOf(after) { // by hand
		if err := os.RemoveAll(r.derived.path(m.name())); err != nil {
			t.Fatal(err)
		}
	}
	again, err := r.Words(t.Context(), after, engine.TouchpointWords{Names: []string{"DESK"}, Period: calendar.Period{Start: calendar.DayOf(2020, 1, 1), End: calendar.DayOf(2021, 1, 1)}, Limit: 2, Seer: seesAll})
	if err != nil || len(again) != 2 || again[0].Text != words[0].Text {
		t.Errorf("after its months were deleted, words are %+v, %v", again, err)
	}
	if n, err := r.Sweep(t.Context(), nil, nil); n != 7 || err != nil {
		t.Errorf("swept %d: %v", n, err)
	}
	days, err := r.TouchpointDays(t.Context(), after, nil, calendar.Period{Start: calendar.DayOf(2020, 2, 1), End: calendar.DayOf(2020, 3, 4)})
	if err != nil || len(days) != 3 || days[0].Contacts != 1 || days[1].Remarks != 1 {
		t.Errorf("after a sweep: %+v, %v", days, err)
	}
}

// Books too large to be looked through while somebody waits say so at once.
func TestLargeTouchpointsAreNotCountedWhileSomebodyWaits(t *testing.T) {
	s := openStager(t)
	v, err := s.metView(t.Context(), deskMonths("2020-01", "2020-02"), 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(t.Context(), ReaderOptions{Dir: s.e.dir, Small: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := calendar.Period{Start: calendar.DayOf(2020, 1, 1), End: calendar.DayOf(2021, 1, 1)}
	if _, err := r.TouchpointDays(t.Context(), v, nil, p); !errors.Is(err, engine.ErrUnready) {
		t.Errorf("before: %v", err)
	}
	if err := r.Prepare(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if days, err := r.TouchpointSums(t.Context(), v, nil, p); err != nil || len(days) != 1 || days[0].Contacts != 2 || days[0].Remarks != 2 {
		t.Errorf("after: %+v, %v", days, err)
	}
}
