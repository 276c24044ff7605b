package workforce

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

func period(t *testing.T, from, to string) calendar.Period {
	return calendar.Period{Start: day(t, from), End: day(t, to)}
}

func parsed(t *testing.T, text string) *money.Amount {
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return &a
}

// near holds a figure to a value and, unless they are NaN, to ends worked out by hand or in a table.
func near(t *testing.T, name string, f evidence.Figure, value, low, high float64) {
	t.Helper()
	e, ok := f.Estimate()
	if !ok {
		r, _ := f.Refusal()
		t.Errorf("%s is refused: %s", name, r.Reason)
		return
	}
	for _, x := range []struct {
		what string
		got  evidence.Figure
		want float64
	}{{"", evidence.Exact(e.Value, 1, "x"), value}, {" low", evidence.Exact(e.Low, 1, "x"), low}, {" high", evidence.Exact(e.High, 1, "x"), high}} {
		y, _ := x.got.Estimate()
		got, _ := y.Value.Float64()
		if !math.IsNaN(x.want) && math.Abs(got-x.want) > 1e-4*math.Max(1, math.Abs(x.want)) {
			t.Errorf("%s%s is %.6f, want %.6f", name, x.what, got, x.want)
		}
	}
}

// hand are the books of a small restaurant, counted by hand below. The period is 2024, of 366 days.
func hand(t *testing.T) Books {
	b := Books{Currency: "GBP"}
	d := func(text string) *calendar.Day { x := day(t, text); return &x }
	row := func(id, from, department, role string, change func(*Row)) {
		r := Row{Person: id, From: day(t, from), Department: department, Role: role, Hired: d("2022-01-01"), Manager: "a", Kind: Employee}
		change(&r)
		b.People = append(b.People, r)
	}
	none := func(*Row) {}
	row("a", "2022-01-01", "kitchen", "chef", func(r *Row) { r.Manager = "" })
	for _, id := range []string{"b", "c", "d"} {
		row(id, "2022-01-01", "kitchen", "cook", none)
	}
	row("b", "2024-07-01", "hall", "waiter", none)                                                                                    // a move
	row("c", "2024-03-31", "kitchen", "cook", func(r *Row) { r.Left, r.Exit = d("2024-03-31"), "Resigned" })                          // here for 91 days
	row("d", "2024-12-31", "kitchen", "cook", func(r *Row) { r.Left, r.Exit = d("2024-12-31"), "retired" })                           // the last day is the period's
	row("e", "2024-01-01", "hall", "waiter", func(r *Row) { r.Hired, r.Opened = d("2024-01-01"), d("2023-12-02") })                   // hired on the first day, 30 days after opening
	row("f", "2024-06-01", "hall", "waiter", func(r *Row) { r.Hired, r.Left, r.Exit = d("2024-06-01"), d("2024-06-01"), "quit" })     // one day
	row("g", "2023-01-01", "hall", "waiter", func(r *Row) { r.Hired, r.Kind, r.Manager = d("2023-01-01"), ContractorWorker, "gone" }) // a contractor's
	row("g", "2024-10-01", "hall", "waiter", func(r *Row) { r.Hired, r.Manager = d("2023-01-01"), "gone" })                           // comes over
	b.Records = []Record{
		{ID: "1", Person: "a", Course: "wine", Completed: day(t, "2024-02-01"), Hours: parsed(t, "6"), Direct: parsed(t, "100"), Stage: "growth"},
		{ID: "2", Person: "c", Course: "wine", Completed: day(t, "2024-02-01"), Hours: parsed(t, "3"), Stage: "growth"},
		{ID: "3", Person: "e", Course: "talk", Completed: day(t, "2023-12-20"), Score: parsed(t, "7"), Stage: Interview},
		{ID: "4", Person: "g", Course: "wine", Completed: day(t, "2024-02-01"), Hours: parsed(t, "50"), Stage: "growth"}, // not of an employee
		{ID: "5", Person: "b", Course: "till", Completed: day(t, "2022-02-01"), Hours: parsed(t, "50"), Stage: "role"},
	}
	for m := range 12 {
		b.Costs = append(b.Costs, Cost{calendar.MonthOf(day(t, "2024-01-01")) + calendar.Month(m), ForHiring, *parsed(t, "500")})
	}
	return b
}

func TestFiguresOfARestaurantCountedByHand(t *testing.T) {
	s, err := Input{Period: period(t, "2024-01-01", "2025-01-01"), MinimumGroup: 2}.State(hand(t))
	if err != nil {
		t.Fatal(err)
	}
	// Opening: a b c d. Hired: e f. Came over: g. Left: c d f. Closing: a b e g.
	if want := (Roll{4, 2, 1, 3, 0, 4}); s.Company.Roll != want {
		t.Errorf("roll-forward %+v, want %+v", s.Company.Roll, want)
	}
	// Days: a 366, b 366, c 31 + 29 + 31 = 91, d 366, e 366, f 1, g October to December 92: 1648.
	heads := 1648.0 / 366
	nan := math.NaN()
	f := s.Company.Figures
	near(t, "headcount", f[headcount], heads, heads, heads)
	// Garwood's 95% interval of 3 events is 0.6187 to 8.7673, of 1 event 0.0253 to 5.5716 (tables of the Poisson, such as Ulm 1990).
	near(t, "turnover", f[turnover], 3/heads, 0.6187/heads, 8.7673/heads)
	near(t, "moves", f[movesPerHead], 1/heads, 0.02532/heads, 5.57164/heads)
	near(t, "voluntary", f[voluntaryTurnover], 2/heads, 0.2422/heads, 7.2247/heads)
	near(t, "involuntary", f[involuntaryTurnover], 0, 0, 3.6889/heads)
	// Filled: e, f, and b's move. Wilson of 1 of 3 is 0.0615 to 0.7923.
	near(t, "within", f[filledFromWithin], 1.0/3, 0.0615, 0.7923)
	// Stays at the end: a and b 1096 days, e 366, g 731.
	near(t, "tenure", f[tenureMean], (1096+1096+366+731)/4.0/365.25, nan, nan)
	near(t, "tenure median", f[tenureMedian], (1096+731)/2.0/365.25, nan, nan)
	// Hours: a 6, c 3. Direct cost 100, known of one of the two.
	near(t, "hours", f[trainingHours], 9/heads, nan, nan)
	near(t, "cost", f[trainingCost], 100/heads, nan, nan)
	near(t, "cost known", f[costKnown], 0.5, nan, nan)
	near(t, "trained", f[trained], 0.25, nan, nan) // a
	if len(s.Company.Stages) != 2 {
		t.Fatalf("stages %v", s.Company.Stages)
	}
	near(t, "growth", s.Company.Stages[0].Figure, 0.25, nan, nan)
	near(t, "role", s.Company.Stages[1].Figure, 0, nan, nan)
	// Managers of a b e g: a of two; a has none, and g's is not known.
	near(t, "unmanaged", f[managerUnknown], 0.5, nan, nan)
	near(t, "opening known", f[openingKnown], 0.5, nan, nan)
	near(t, "hiring", s.Replacement.Hiring, 3000, nan, nan) // 12 × 500 ÷ 2
	// Nobody was hired in 2023 as an employee.
	for name, f := range map[string]evidence.Figure{"first year": f[firstYearTurnover], "replacement": s.Replacement.Total, "fill": f[timeToFillMedian], "score": s.Selection.StayHazard,
		"candidates": f[candidatesPerHire], "offers": f[offersAccepted], "span": f[spanMean]} {
		if _, ok := f.Refusal(); !ok {
			t.Errorf("%s is told", name)
		}
	}
	// Departments: the kitchen loses b by a move, c and d; the hall has e, f, b and g.
	for _, g := range s.By[0].Groups {
		want := map[string]Roll{"hall": {0, 2, 2, 1, 0, 3}, "kitchen": {4, 0, 0, 2, 1, 1}}[g.Name]
		if g.Roll != want || g.Hidden {
			t.Errorf("%s: %+v, want %+v", g.Name, g.Roll, want)
		}
	}
	if want := (Roll{0, 0, 0, 0, 0, 0}); s.Contractors.Roll != want || !s.Contractors.Hidden {
		t.Errorf("contractors %+v", s.Contractors) // one alone
	}
}

func TestExitsOfAnUnknownKindMakeBounds(t *testing.T) {
	b := hand(t)
	for i := range b.People {
		if b.People[i].Exit == "quit" {
			b.People[i].Exit = "moon phase"
		}
	}
	in := Input{Period: period(t, "2024-01-01", "2025-01-01"), MinimumGroup: 2}
	s, err := in.State(b)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := s.Company.Figures[voluntaryTurnover].Estimate()
	heads := 1648.0 / 366
	low, _ := e.Low.Float64()
	high, _ := e.High.Float64()
	if e.Kind != evidence.KindBounds || e.Value != nil || math.Abs(low-1/heads) > 1e-9 || math.Abs(high-2/heads) > 1e-9 {
		t.Errorf("voluntary turnover %+v", e)
	}
	in.ExitKinds = map[string]string{"Moon-Phase": "involuntary"}
	if s, err = in.State(b); err != nil {
		t.Fatal(err)
	}
	near(t, "voluntary", s.Company.Figures[voluntaryTurnover], 1/heads, 0.02532/heads, 5.57164/heads)
	in.ExitKinds = map[string]string{"x": "somehow"}
	if _, err := in.State(b); err == nil || !strings.Contains(err.Error(), "somehow") {
		t.Errorf("a kind that is none: %v", err)
	}
}

// A refusal about people carries no count, and a hidden group nothing but its name.
func TestARefusalCarriesNoCount(t *testing.T) {
	b := hand(t)
	text, err := Input{Period: period(t, "2024-01-01", "2025-01-01"), MinimumGroup: 3}.State(b)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), `_stage":null`) || strings.Contains(string(data), `s":null`) {
		t.Error("a list is null")
	}
	var walk func(x any)
	walk = func(x any) {
		switch v := x.(type) {
		case map[string]any:
			if why, ok := v["refused"].(string); ok && strings.ContainsAny(why, "0123456789") {
				t.Errorf("a refusal counts: %s", why)
			}
			if v["hidden"] == true && len(v) != 3 {
				t.Errorf("a hidden group tells %v", v)
			}
			for _, y := range v {
				walk(y)
			}
		case []any:
			for _, y := range v {
				if o, ok := y.(map[string]any); !ok || o["name"] == nil {
					t.Errorf("an element without a name: %v", y)
				}
				walk(y)
			}
		}
	}
	var all any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	walk(all)
	_, err = Input{Period: period(t, "2024-01-01", "2025-01-01")}.State(Books{People: b.People[:3]})
	if r, ok := err.(evidence.Refusal); !ok || strings.ContainsAny(r.Reason, "0123456789") {
		t.Errorf("a company of three: %v", err)
	}
	if _, err := (Input{Period: period(t, "2024-01-01", "2025-01-01")}).State(Books{}); fmt.Sprint(err) == "<nil>" {
		t.Error("books of nobody")
	}
}

// Books that begin in the period do not say who was there before, nor who had left.
func TestBooksThatBeginLateRefuseFlows(t *testing.T) {
	b := hand(t)
	s, err := Input{Period: period(t, "2021-06-01", "2025-01-01"), MinimumGroup: 2}.State(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Company.Figures[turnover].Refusal(); !ok || s.Company.RollRefused == nil {
		t.Error("turnover is told before the books begin")
	}
	near(t, "tenure", s.Company.Figures[tenureMean], (1096+1096+366+731)/4.0/365.25, math.NaN(), math.NaN())
	// Without hired_on, those with whom the books begin may have been there for long.
	for i := range b.People {
		b.People[i].Hired = nil
	}
	if s, err = (Input{Period: period(t, "2024-01-01", "2025-01-01"), MinimumGroup: 2}).State(b); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Company.Figures[tenureMean].Refusal(); !ok {
		t.Error("tenure is told without a day of hiring")
	}
}

// Ten filled places of 1 to 10 days: the median 5.5 lies between the second and the ninth with at least 95% (Conover 1999, table of the sign test:
// n = 10, P(X ≤ 1) = 0.0107); the mean 5.5 ± t(9) 2.2622 × 3.02765 ÷ √10.
func TestIntervalsOfASample(t *testing.T) {
	days := []int64{3, 1, 2, 10, 9, 8, 7, 6, 5, 4}
	near(t, "median", medianOf(days, "x"), 5.5, 2, 9)
	near(t, "mean", meanOf(days, 1, "x"), 5.5, 5.5-2.262157*3.027650/math.Sqrt(10), 5.5+2.262157*3.027650/math.Sqrt(10))
	// Six, the smallest sample: all of it.
	near(t, "median of six", medianOf([]int64{1, 2, 3, 4, 5, 60}, "x"), 3.5, 1, 60)
	// Fisher: r 0.5 of 28 pairs: atanh 0.5493 ± 1.96/5: 0.1571 to 0.7358.
	low, high := fisher(0.5, 28)
	near(t, "correlation", evidence.Confidence(evidence.Float(0.5), evidence.Float(low), evidence.Float(high), 0.95, 28, "x"), 0.5, math.Tanh(0.549306-0.391993), math.Tanh(0.549306+0.391993))
}

// Books of contractor workers alone have no employee to tell of.
func TestContractorsAloneAreNoHeadcount(t *testing.T) {
	b := hand(t)
	for i := range b.People {
		b.People[i].Kind = ContractorWorker
	}
	s, err := Input{Period: period(t, "2024-01-01", "2025-01-01"), MinimumGroup: 2}.State(b)
	if err != nil {
		t.Fatal(err)
	}
	// a to d and g were there; e and f came; c, d and f left.
	if want := (Roll{5, 2, 0, 3, 0, 4}); s.Contractors.Roll != want || s.Company.Roll != (Roll{}) {
		t.Errorf("contractors %+v, want %+v; company %+v", s.Contractors.Roll, want, s.Company.Roll)
	}
	for i, f := range s.Company.Figures {
		if _, ok := f.Refusal(); !ok {
			t.Errorf("%s is told of nobody", FigureNames[i])
		}
	}
	if _, err := json.Marshal(s); err != nil {
		t.Error(err)
	}
}
