package loyalty

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods", Statistics
// in Medicine 17 (1998), table II, method 10 (hybrid score, without continuity correction), its eight examples.
func TestDifferencesMatchNewcombe1998(t *testing.T) {
	for _, c := range []struct {
		k1, n1, k2, n2 int64
		low, high      float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090}, {6, 7, 2, 7, 0.0582, 0.8062}, {5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775}, {0, 10, 0, 10, -0.2775, 0.2775}, {10, 10, 0, 20, 0.6791, 1}, {10, 10, 0, 10, 0.6075, 1},
	} {
		low, high := newcombe(c.k1, c.n1, c.k2, c.n2)
		if !near(low, c.low) || !near(high, c.high) {
			t.Errorf("%d/%d − %d/%d: %s to %s, want %v to %v", c.k1, c.n1, c.k2, c.n2, low.FloatString(6), high.FloatString(6), c.low, c.high)
		}
	}
}

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
func TestSharesMatchNewcombe1998(t *testing.T) {
	for _, c := range []struct {
		k, n      int64
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		if low, high := wilson(c.k, c.n); !near(low, c.low) || !near(high, c.high) {
			t.Errorf("%d of %d: %s to %s, want %v to %v", c.k, c.n, low.FloatString(6), high.FloatString(6), c.low, c.high)
		}
	}
}

// near allows what four printed decimals leave open.
func near(x *big.Rat, want float64) bool {
	got, _ := x.Float64()
	return math.Abs(got-want) <= 0.5e-4
}

// What each answer means, by docs/loyalty.md.
func TestAnswersAreReadByTheirScale(t *testing.T) {
	for _, c := range []struct {
		question, score, scale string
		want                   Grade
	}{
		{"nps", "10", "", Satisfied}, {" NPS ", "9", "0-10", Satisfied}, {"nps", "8.9", "", Neither}, {"nps", "7", "0 – 10", Neither}, {"nps", "6.1", "", Neither},
		{"nps", "6", "", Unsatisfied}, {"nps", "0", "0 to 10", Unsatisfied}, {"nps", "11", "", Unasked}, {"nps", "9", "1-10", Unasked}, {"nps", "90", "0-100", Unasked}, {"nps", "", "", Unasked},
		{"csat", "5", "", Satisfied}, {"csat", "4", "", Satisfied}, {"csat", "3", "", Neither}, {"csat", "2", "", Unsatisfied}, {"csat", "1", "", Unsatisfied}, {"csat", "0", "", Unasked}, {"csat", "6", "", Unasked},
		{"csat", "6", "1-7", Satisfied}, {"csat", "5", "1-7", Neither}, {"csat", "3", "1 TO 7", Neither}, {"csat", "2", "1-7", Unsatisfied},
		{"csat", "75", "0-100", Satisfied}, {"csat", "74.9", "0-100", Neither}, {"csat", "25", "0–100", Unsatisfied}, {"csat", "5", "stars", Unasked}, {"csat", "5", "5-1", Unasked}, {"csat", "4", "1-5 stars", Unasked},
		{"ces", "7", "1-7", Satisfied}, {"ces", "1", "1-7", Unsatisfied}, {"ces", "4", "", Satisfied},
	} {
		q, ok := Read(c.question)
		if !ok {
			t.Fatalf("%q is a question", c.question)
		}
		score, ok := new(big.Rat).SetString(c.score)
		if !ok {
			score = nil
		}
		if got := q.Read(score, c.scale); got != c.want {
			t.Errorf("%s %s on %q is %s, want %s", c.question, c.score, c.scale, got, c.want)
		}
	}
	for _, text := range []string{"origin", "", "nps2"} {
		if q, ok := Read(text); ok {
			t.Errorf("%q is read as %s", text, q)
		}
	}
}

var (
	then   = calendar.Period{Start: calendar.DayOf(2024, 1, 1), End: calendar.DayOf(2025, 1, 1)}
	now    = calendar.Period{Start: then.End, End: calendar.DayOf(2026, 1, 1)}
	twoPer = Windows{Period: now, Compared: then}
)

// town makes customers: of each line so many, who spent so much in both years and answered so, in the year before and in the
// year, if at all (0: not).
type towner struct {
	n             int
	then, now     int64
	before, after int64
	segment       string
}

func town(lines ...towner) Books {
	var b Books
	for i, l := range lines {
		for j := range l.n {
			id := fmt.Sprintf("%d-%d", i, j)
			b.Customers = append(b.Customers, Customer{ID: id, Segment: l.segment})
			for day, spent := range map[calendar.Day]int64{then.Start + 5: l.then, now.Start + 5: l.now} {
				if spent != 0 {
					b.Lines = append(b.Lines, Line{id, day, money.FromMicros(1_000_000 * spent)})
				}
			}
			for day, score := range map[calendar.Day]int64{then.Start + 9: l.before, now.Start + 9: l.after} {
				if score != 0 {
					b.Answers = append(b.Answers, Answer{Customer: id, Day: day, Question: "nps", Score: big.NewRat(score, 1)})
				}
			}
		}
	}
	return b
}

// handMade is worked by hand beside TestAHandMadeTown and stands in docs/loyalty.md.
var handMade = town(
	towner{n: 40, then: 100, now: 100, before: 9, after: 10, segment: "home"}, // stay, satisfied: devoted
	towner{n: 10, then: 100, now: 50, before: 9, after: 3, segment: "home"},   // just stay, were satisfied and are not: captive
	towner{n: 10, then: 200, now: 150, after: 2, segment: "firm"},             // captive, asked only in the year
	towner{n: 5, then: 100, now: 49, before: 10, segment: "home"},             // fall away, satisfied: fickle
	towner{n: 5, then: 100, before: 9},                                        // gone, satisfied: fickle
	towner{n: 10, then: 100, before: 4},                                       // gone, unsatisfied: leaving
	towner{n: 20, then: 100, now: 100, after: 8, segment: "home"},             // stay, neither
	towner{n: 30, then: 100, now: 100},                                        // stay, did not answer
	towner{n: 20, then: 100},                                                  // gone, did not answer
	towner{n: 7, now: 100, after: 10},                                         // new: apart
)

// By hand. Opening: 40+10+10+5+5+10+20+30+20 = 150, of whom 100 answered and 50 did not.
//
//	                 satisfied  neither  unsatisfied  not known
//	stay                    40       20           20         30
//	fall away                5        0            0          0
//	gone                     5        0           10         20
//
// Satisfied 50, of whom 40 stay: 0.8. Unsatisfied 30, of whom 20 stay: 2/3. Difference 2/15; Newcombe's ends by the square-and-add
// rule from Wilson's 40/50: 0.669629 to 0.887562 and 20/30: 0.487801 to 0.807695 (all computed apart, in Python):
// 2/15 − √((0.8 − 0.669629)² + (0.807695 − 2/3)²) = −0.058723, 2/15 + √((0.887562 − 0.8)² + (2/3 − 0.487801)²) = 0.332482.
// By answers before the year: satisfied 40 + 10 + 5 + 5 = 60, of whom 50 stay; unsatisfied 10, of whom none: 5/6.
// Still active: satisfied 45 of 50, unsatisfied 20 of 30: 7/30. Captive of the loyal: 20 of 80; bounds 20/110 to 50/110.
// Of those who answered 80 of 100 stay, of the others 30 of 50: 0.2.
func TestAHandMadeTown(t *testing.T) {
	s, err := Input{Windows: twoPer, Currency: "EUR"}.State(t.Context(), handMade)
	if err != nil {
		t.Fatal(err)
	}
	if s.Question != NPS || s.Heard != (Heard{NPS, 157, 0, 0}) { // 70 before the year and 87 in it
		t.Errorf("by %s, heard %+v", s.Question, s.Heard)
	}
	for name, want := range map[string]string{
		"stays_of_satisfied": "0.800000", "stays_of_unsatisfied": "0.666667", "stays_difference": "0.133333", "stays_difference_before": "0.833333", "still_active_difference": "0.233333",
		"captive_of_loyal": "0.250000", "answered_share": "0.666667", "stays_of_answered": "0.800000", "stays_of_unanswered": "0.600000", "answered_difference": "0.200000",
	} {
		if e, ok := s.figure(name).Estimate(); !ok || e.Value.FloatString(6) != want {
			t.Errorf("%s is %+v, want %s", name, s.figure(name), want)
		}
	}
	if e, _ := s.figure("stays_difference").Estimate(); !near(e.Low, -0.058723) || !near(e.High, 0.332482) || e.N != 80 {
		t.Errorf("the difference lies from %s to %s on %d", e.Low.FloatString(6), e.High.FloatString(6), e.N)
	}
	if e, _ := s.figure("captive_of_loyal_bounds").Estimate(); e.Low.RatString() != "2/11" || e.High.RatString() != "5/11" {
		t.Errorf("bounds %s to %s", e.Low.RatString(), e.High.RatString())
	}
	var said []string
	for _, g := range s.Groups {
		e, _ := g.Share.Estimate()
		r, _ := g.RevenueShare.Estimate()
		said = append(said, fmt.Sprintf("%s %d %s/%s %s %s", g.Name, g.Customers, g.Prior, g.Current, e.Value.FloatString(2), r.Value.FloatString(4)))
	}
	// Spent in 2024 by who answered: 4000 + 1000 + 2000 + 500 + 500 + 1000 + 2000 = 11000.
	want := "devoted 40 4000/4000 0.40 0.3636; captive 20 3000/2000 0.20 0.2727; fickle 10 1000/245 0.10 0.0909; leaving 10 1000/0 0.10 0.0909; neither 20 2000/2000 0.20 0.1818"
	if got := strings.Join(said, "; "); got != want {
		t.Errorf("groups\n got %s\nwant %s", got, want)
	}
	if got := fmt.Sprint(s.Table[Apart][Satisfied].Customers, s.row(Apart).Customers); got != "7 7" {
		t.Errorf("apart: %s", got)
	}
	if len(s.By) != 1 || s.By[0].Dimension != Segment || fmt.Sprint(s.By[0].Levels[0].Level, s.By[0].Levels[1].Level) != "{segment firm false 10 10} {segment home false 70 10}" {
		t.Errorf("by %+v", s.By)
	}
}

func (s Statement) figure(name string) evidence.Figure {
	for i, n := range FigureNames {
		if n == name {
			return s.Figures[i]
		}
	}
	return evidence.Figure{}
}

// The question that most customers answered stands for the whole table, and of equal ones nps.
func TestOneQuestionStandsForTheTable(t *testing.T) {
	b := town(towner{n: 30, then: 10, now: 10, after: 9})
	again := func(q string, most int) {
		for i := range most {
			b.Answers = append(b.Answers, Answer{Customer: fmt.Sprintf("0-%d", i), Day: now.Start, Question: q, Score: big.NewRat(1, 1)})
		}
	}
	again("csat", 30)
	if s, err := (Input{Windows: twoPer, Currency: "EUR"}).State(t.Context(), b); err != nil || s.Question != NPS {
		t.Errorf("by %s (%v)", s.Question, err)
	}
	b.Lines, b.Answers = append(b.Lines, Line{"x", then.Start, money.FromMicros(1)}), append(b.Answers, Answer{Customer: "x", Day: now.Start, Question: "csat", Score: big.NewRat(3, 1)})
	s, err := Input{Windows: twoPer, Currency: "EUR"}.State(t.Context(), b)
	if err != nil || s.Question != CSAT || s.Table[Stays][Unsatisfied].Customers != 30 || s.Table[Stays][Satisfied].Customers != 0 {
		t.Errorf("by %s: %+v (%v)", s.Question, s.Table, err)
	}
	for _, name := range []string{"stays_of_satisfied", "stays_difference", "stays_of_unanswered"} {
		if _, refused := s.figure(name).Refusal(); !refused {
			t.Errorf("%s is not refused where nobody is satisfied and everybody answered", name)
		}
	}
}

func TestTooFewAnswersAreRefused(t *testing.T) {
	_, err := Input{Windows: twoPer, Currency: "EUR"}.State(t.Context(), (town(towner{n: 29, then: 10, now: 10, after: 9}, towner{n: 99, now: 10, after: 9})))
	var refusal evidence.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, "29 answered") {
		t.Errorf("%v", err)
	}
}

// An answer from before the comparison period, or older than two years, is none.
func TestOldAnswersDoNotCount(t *testing.T) {
	for _, c := range []struct {
		w     Windows
		start calendar.Day
	}{
		{twoPer, then.Start},
		{Windows{Period: now, Compared: calendar.Period{Start: calendar.DayOf(2020, 1, 1), End: calendar.DayOf(2021, 1, 1)}}, calendar.DayOf(2024, 1, 1)},
		{Windows{Period: calendar.Period{Start: calendar.DayOf(2025, 3, 1), End: calendar.DayOf(2025, 4, 1)}, Compared: calendar.Period{Start: calendar.DayOf(2024, 3, 1), End: calendar.DayOf(2024, 4, 1)}}, calendar.DayOf(2024, 3, 1)},
	} {
		if got := c.w.Answers(); got.Start != c.start || got.End != c.w.Period.End {
			t.Errorf("answers of %v count from %s to %s", c.w, got.Start, got.End)
		}
	}
}

// Every element of a list in the document goes by its name, no two by the same.
func TestTheDocumentNamesItsElements(t *testing.T) {
	s, err := Input{Windows: twoPer, Currency: "EUR"}.State(t.Context(), handMade)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var whole any
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatal(err)
	}
	named(t, "loyalty", whole)
	if text := string(data); !strings.Contains(text, `"value":{"refused":`) || !strings.Contains(text, `"captive_of_loyal_bounds":{"value":null`) {
		t.Errorf("%s", text)
	}
}

func named(t *testing.T, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			named(t, path+"."+key, x)
		}
	case []any:
		seen := map[any]bool{}
		for _, x := range v {
			m, ok := x.(map[string]any)
			name, has := m["name"]
			if !ok || !has || seen[name] {
				t.Errorf("%s: %v has no name of its own", path, x)
			}
			seen[name] = true
			named(t, fmt.Sprint(path, ".", name), x)
		}
	}
}

// The order of rows and the unit of money decide nothing.
func TestNothingButTheRowsDecides(t *testing.T) {
	text := func(b Books) string {
		s, err := Input{Windows: twoPer, Currency: "EUR"}.State(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(s.Figures)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	want := text(handMade)
	rapid.Check(t, func(rt *rapid.T) {
		chance, scale := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)), rapid.Int64Range(1, 1000).Draw(rt, "scale")
		b := Books{Customers: slices.Clone(handMade.Customers), Answers: slices.Clone(handMade.Answers)}
		for _, l := range handMade.Lines {
			b.Lines = append(b.Lines, Line{l.Customer, l.Day, money.FromBig(new(big.Int).Mul(l.Amount.Big(), big.NewInt(scale)))})
		}
		chance.Shuffle(len(b.Customers), func(i, j int) { b.Customers[i], b.Customers[j] = b.Customers[j], b.Customers[i] })
		chance.Shuffle(len(b.Lines), func(i, j int) { b.Lines[i], b.Lines[j] = b.Lines[j], b.Lines[i] })
		chance.Shuffle(len(b.Answers), func(i, j int) { b.Answers[i], b.Answers[j] = b.Answers[j], b.Answers[i] })
		if got := text(b); got != want {
			rt.Fatalf("got %s\nwant %s", got, want)
		}
	})
}
