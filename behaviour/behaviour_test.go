package behaviour

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/change"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

func d(text string) calendar.Day {
	day, err := calendar.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return day
}

// monthsFrom are so many calendar months from one on.
func monthsFrom(first string, n int) (q Question, names []string) {
	m := calendar.MonthOf(d(first + "-01"))
	for i := range n {
		at := m + calendar.Month(i)
		q.Months, names = append(q.Months, calendar.Period{Start: at.First(), End: (at + 1).First()}), append(names, at.String())
	}
	return q, names
}

// Worked by hand. Ann buys on 5 January (two lines, 30 and 20, and a return that is left aside), 25 January and 10 March; Bob on 31 January and
// 1 February; Cat only ever returns. The days on which a wait is known lie 90 days later: 5 January's on 5 April, 25 January's on 25 April, 31 January's
// on 1 May, 1 February's on 2 May, 10 March's on 8 June.
func TestAMonthIsCountedByHand(t *testing.T) {
	q, _ := monthsFrom("2021-01", 5)
	q.Mix = true
	line := func(who, segment, product, day, amount string) Line {
		a, err := money.Parse(amount)
		if err != nil {
			t.Fatal(err)
		}
		return Line{Customer: who, Segment: segment, Product: product, Day: d(day), Amount: a}
	}
	got := Count([]Line{
		line("ann", "home", "tea", "2021-01-05", "30"), line("ann", "home", "", "2021-01-05", "20"), line("ann", "home", "tea", "2021-01-05", "-30"),
		line("ann", "home", "tea", "2021-01-25", "1"), line("ann", "home", "pots", "2021-03-10", "100"),
		line("bob", "", "tea", "2021-01-31", "1"), line("bob", "", "tea", "2021-02-01", "1"), line("cat", "home", "tea", "2021-02-02", "-5"),
	}, q)
	ln50, ln100 := int64(3912023), int64(4605170) // tables of natural logarithms: 3.912023, 4.605170
	want := []Cell{
		{Month: 0, Segment: Rest, Visits: 1, Buyers: 1},
		{Month: 0, Segment: 0, Visits: 2, Buyers: 1, Logs: ln50},
		{Month: 1, Segment: Rest, Visits: 1, Buyers: 1},
		{Month: 2, Segment: 0, Visits: 1, Buyers: 1, Logs: ln100},
		{Month: 3, Segment: 0, Followed: 2, Waits: 20 + 44, Returned: 2},
		{Month: 4, Segment: Rest, Followed: 2, Waits: 1 + 90, Returned: 1},
	}
	if a, b := fmt.Sprint(got.Cells), fmt.Sprint(want); a != b {
		t.Errorf("cells\n got %s\nwant %s", a, b)
	}
	if a, b := fmt.Sprint(got.Segments, got.Products), "[home] [pots tea]"; a != b {
		t.Errorf("names %s, want %s", a, b)
	}
	if a, b := fmt.Sprint(got.Sales), "[{0 -1 1 1 1} {0 0 -1 1 20} {0 0 1 2 31} {1 -1 1 1 1} {2 0 0 1 100}]"; a != b {
		t.Errorf("sales %s, want %s", a, b)
	}
}

func TestApartIsWhatLiesElsewhere(t *testing.T) {
	// ½(|0.5 − 0.2| + |0.3 − 0.3| + |0.2 − 0.5|) = 0.3
	if got := apart([]float64{0.5, 0.3, 0.2}, []float64{0.2, 0.3, 0.5}); math.Abs(got-0.3) > 1e-15 {
		t.Errorf("apart %v, want 0.3", got)
	}
}

// stepped is two years whose logarithms are ±0.01 in turn, and 0.03 in the last twelve months.
func stepped() (Input, Series) {
	in := Input{Year: 12}
	in.Question, in.Names = monthsFrom("2020-01", 24)
	in.Period = in.Months[14]
	s := Series{Measure: Frequency, Baseline: 12}
	for i := range 24 {
		x := 0.03
		if i < 12 {
			x = 0.01 - 0.02*float64(i%2)
		}
		s.values = append(s.values, x)
	}
	return in, s
}

// Worked by hand: the mean of the twelve months before is 0, their variance 12 · 0.0001 ÷ 11, so the standard deviation 0.0104447. Each watched
// month lies 2.87228 of these above; the sum grows by 2.37228 a month, and passes the limit for twelve months (5.1, simulated) in the third. t of 11
// degrees is 2.20099: the level before is exp(0 ± 2.20099 · 0.0104447 ÷ √12), the change exp(0.03 ± 2.20099 · 0.0104447 · √(1/12 + 1/12)) − 1.
func TestAnAlarmIsWorkedByHand(t *testing.T) {
	in, s := stepped()
	s.course()
	if s.Refused != "" {
		t.Fatal(s.Refused)
	}
	if limit := in.chance(12).limit; limit < 4.75 || limit > 7.1 {
		t.Fatalf("the limit is %v, so the sums of 4.74 and 7.12 do not have it between them", limit)
	}
	if err := in.watch(&s, 1); err != nil {
		t.Fatal(err)
	}
	a := s.Alarms[0]
	if a.Method != CUSUM || a.Direction != change.Up || a.Since != 12 || a.Signalled != 14 || a.Last != 23 || !a.Now || !a.Stands {
		t.Errorf("alarm %+v", a)
	}
	for name, c := range map[string]struct {
		f                evidence.Figure
		value, low, high float64
	}{
		"before": {a.Before, 1, 0.9933857, 1.0066583},
		"after":  {a.After, 1.0304545, 1.0236387, 1.0373157},
		"change": {a.Change, 0.0304545, 0.0208286, 0.0401713},
	} {
		e, ok := c.f.Estimate()
		if !ok {
			t.Fatalf("%s is refused", name)
		}
		for i, want := range []float64{c.value, c.low, c.high} {
			got, _ := []interface{ Float64() (float64, bool) }{e.Value, e.Low, e.High}[i].Float64()
			if math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
	}
}

// A month whose mix is nearer than usual has only more lines; alarms on it are told upwards, at half the rate.
func TestMixRingsUpwardsOnly(t *testing.T) {
	for shift, want := range map[float64]int{0.03: 2, -0.03: 0} {
		in, s := stepped()
		s.Measure = Mix
		for i := 12; i < 24; i++ {
			s.values[i] = shift
		}
		s.course()
		if err := in.watch(&s, 1); err != nil || len(s.Alarms) != want {
			t.Errorf("a distance of %v raises %d alarms (%v), want %d", shift, len(s.Alarms), err, want)
		}
	}
}

func TestACourseIsRefusedInWords(t *testing.T) {
	_, s := stepped()
	for i := range 12 {
		s.values[i] = float64(i) / 100 // a drift: neighbours are alike
	}
	if s.course(); !strings.Contains(s.Refused, "depend on each other") {
		t.Errorf("a drift: %q", s.Refused)
	}
	var in Input
	in, s = stepped()
	for i := range 12 {
		s.values[i] = 1
	}
	if s.course(); !strings.Contains(s.Refused, "do not vary") {
		t.Errorf("no variation: %q", s.Refused)
	}
	if err := in.watch(&s, 1); err != nil || s.Alarms != nil {
		t.Errorf("a series without a course rings: %v %v", s.Alarms, err)
	}
}

// habit is a tally of customers that buy alike: so many a month, each on two days.
func habit(months int, buyers func(i int) int64) Input {
	in := Input{Year: 12}
	in.Question, in.Names = monthsFrom("2019-01", months)
	in.Period = in.Months[months-1]
	for i := range months {
		n, odd := buyers(i), int64(i*i*7+3*i)%11 // no season
		in.Tally.Cells = append(in.Tally.Cells, Cell{Month: i, Segment: Rest, Visits: 2*n + odd, Buyers: n, Logs: 3_000_000*(2*n) + odd*1000, Followed: 2 * n, Waits: 60*n + odd})
	}
	return in
}

func state(t *testing.T, in Input) Statement {
	t.Helper()
	s, err := in.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeasonIsTakenOutFromThreeYearsOn(t *testing.T) {
	for months, want := range map[int]struct {
		season   bool
		baseline int
	}{36: {true, 12}, 35: {false, 23}, 60: {true, 36}, 24: {false, 12}, 15: {false, 12}} {
		s := state(t, habit(months, func(int) int64 { return 100 })).Series[0]
		if s.Season != want.season || s.Baseline != want.baseline {
			t.Errorf("%d months: season %v, %d before, want %+v", months, s.Season, s.Baseline, want)
		}
	}
}

// Twelve months are needed before the first that is watched.
func TestShortBooksRaiseNoAlarm(t *testing.T) {
	s := state(t, habit(12, func(int) int64 { return 100 }))
	for _, x := range s.Series {
		if x.Refused == "" || x.Alarms != nil {
			t.Errorf("%s is watched", x.Name)
		}
	}
	if _, ok := s.ByChance.Refusal(); !ok || s.Counts.Watched != 0 {
		t.Errorf("%+v", s.Counts)
	}
}

func TestAMonthOfFewCustomersIsNotHeldAgainstAnything(t *testing.T) {
	s := state(t, habit(40, func(i int) int64 {
		if i == 20 {
			return 12
		}
		return 100
	}))
	if got := s.Series[0].Refused; !strings.Contains(got, "2020-09 rests on 12 customers who bought, need 30") {
		t.Errorf("refused: %q", got)
	}
}

// What a month is does not depend on how far back the books reach: a later start leaves the values of the months that both have.
func TestLongerBooksMoveNoMonth(t *testing.T) {
	var lines []Line
	start := d("2019-01-01")
	for i := range 4000 {
		lines = append(lines, Line{Customer: fmt.Sprint(i % 37), Day: start + calendar.Day(i*1000/4000) + calendar.Day(i%7), Amount: money.FromMicros(int64(1+i%11) * 1e6)})
	}
	long, names := monthsFrom("2019-01", 30)
	short := Question{Months: long.Months[6:]}
	value := func(q Question, names []string) map[string]string {
		in := Input{Question: q, Names: names, Year: 12, Tally: Count(lines, q), Period: q.Months[len(q.Months)-1]}
		out := map[string]string{}
		for _, s := range state(t, in).Series {
			for _, p := range s.Points {
				out[s.Name+" "+p.Name] = fmt.Sprint(p.Value, p.N)
			}
		}
		return out
	}
	all, some := value(long, names), value(short, names[6:])
	if len(some) == 0 {
		t.Fatal("no points")
	}
	for name, want := range some {
		if all[name] != want {
			t.Errorf("%s is %s, in shorter books %s", name, all[name], want)
		}
	}
}

// Every element of a list in the document has a name of its own, so that a restatement can say what moved.
func TestEveryElementHasAName(t *testing.T) {
	in := habit(40, func(int) int64 { return 100 })
	for i := 28; i < 40; i++ {
		in.Tally.Cells[i].Visits += 60
	}
	s := state(t, in)
	if s.Counts.Now+s.Counts.Earlier == 0 {
		t.Error("60 purchase days more raise no alarm")
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, x := range v {
				walk(path+"."+key, x)
			}
		case []any:
			seen := map[string]bool{}
			for _, x := range v {
				name, _ := x.(map[string]any)["name"].(string)
				if name == "" || seen[name] {
					t.Errorf("%s: an element is called %q", path, name)
				}
				seen[name] = true
				walk(path+"."+name, x)
			}
		}
	}
	walk("", doc)
}

// The limits for a known course are those of the literature: slack ½, limit 4 has 168 months to a false alarm on either side (Montgomery,
// Introduction to Statistical Quality Control, table 9.3), so one in ten years of twelve months needs less; estimated courses need more, the more the
// fewer months there are.
func TestLimitsGrowAsMonthsAreFewer(t *testing.T) {
	known, err := exactLimit(12, 1)
	if err != nil || known >= 4 || known < 3 {
		t.Fatalf("the limit of a known course is %v (%v)", known, err)
	}
	last := math.Inf(1)
	for _, months := range []int{12, 18, 24, 36, 48} {
		limit := chanceOf(months, 12, 12).limit
		if limit >= last {
			t.Errorf("%d months: limit %v, of fewer %v", months, limit, last)
		}
		last = limit
	}
	if again := simulate(setting{24, 12, 12}); again.limit != chanceOf(24, 12, 12).limit {
		t.Error("a limit changes from one time to the next")
	}
}
