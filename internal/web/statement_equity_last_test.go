package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
)

// worthMonth is a seal of a month with what the base was worth when it opened and at its end.
func worthMonth(t *testing.T, id int64, start calendar.Day, label string, opening, closed float64) kept {
	t.Helper()
	k := small(t, "month")
	p := calendar.Period{Start: start, End: start.AddMonths(1)}
	figure := func(x float64) map[string]any {
		return map[string]any{"value": x, "low": x / 2, "high": x * 2, "kind": "confidence", "level": 0.95, "method": "made up", "n": 100}
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(k.Document), &doc); err != nil {
		t.Fatal(err)
	}
	no := map[string]any{"refused": "not in this test", "need": "nothing"}
	doc["period"] = p
	var change []map[string]any
	for _, name := range []string{"opening", "new", "lost", "behaviour", "margin", "model", "closing"} {
		f := figure(1)
		if name == "opening" {
			f = figure(opening)
		}
		change = append(change, map[string]any{"name": name, "value": f})
	}
	doc["equity"] = map[string]any{
		"last_day": (p.End - 1).String(), "customers": 100, "change": change,
		"base":    map[string]any{"customers": 100, "alive": no, "purchases_next_year": no, "revenue_next_year": no, "value": figure(closed)},
		"terms":   map[string]any{"margin": no, "margins": []any{}, "returns": no},
		"quiet":   map[string]any{"customers": 0, "at_stake": no},
		"to_come": map[string]any{"years": 5, "arrivals": no, "each": no, "value": no},
		"model":   map[string]any{"name": "pareto-nbd"}, "spend": no,
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	i := closing.Identity{Period: p, Compared: calendar.Period{Start: p.Start.AddMonths(-12), End: p.End.AddMonths(-12)}, Kind: calendar.Months, Active: growth.Net, Grain: "customer"}
	k.ID, k.Statement, k.Label, k.Document = id, i.String(), label, string(data)
	return k
}

// The page tells what the last close said and what it would say now, and the seal tells nothing of it. By hand: 1,250 − 1,000 = 250 more, and
// 2,000 − 2,300 = 300 less.
func TestThePageSaysWhatTheLastCloseSaid(t *testing.T) {
	feb, mar, apr := calendar.DayOf(2024, 2, 1), calendar.DayOf(2024, 3, 1), calendar.DayOf(2024, 4, 1)
	f := openFace(t, "Simulated Example Ltd", "EUR", []kept{worthMonth(t, 1, feb, "2024-02", 900, 1000), worthMonth(t, 2, mar, "2024-03", 1250, 2300), worthMonth(t, 3, apr, "2024-04", 2000, 2100)})
	for path, want := range map[string]string{
		"/statement/2/equity": "then; by the books as they are now it was 250 more.",
		"/statement/3/equity": "by the books as they are now it was 300 less.",
	} {
		if text := strings.Join(strings.Fields(visible(t, f.page(access.Analyst, path))), " "); !strings.Contains(text, want) {
			t.Errorf("%s does not say %q:\n%s", path, want, text[:min(len(text), 3000)])
		}
	}
	if text := visible(t, f.page(access.Analyst, "/statement/1/equity")); strings.Contains(text, "The last close") {
		t.Error("the first close has a close before it")
	}
}
