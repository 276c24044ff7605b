package main

import (
	"encoding/json"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// touchpointLine is what a test reads of a line of the touchpoint statement.
type touchpointLine struct {
	Name                string
	Contacts, Customers int64
	Measures            []namedFigure
	Brands              []struct {
		Figures []namedFigure
		Scores  []struct {
			N, Low, Middle, High int64
		}
	}
}

type namedFigure struct {
	Name   string
	Figure figure
}

// met closes a period over the books of an example with its map, and gives the lines by key.
func (e example) met(period string, more ...string) map[string]touchpointLine {
	e.t.Helper()
	done(e.t, e.args("import")...)
	done(e.t, e.args("journey", "import", filepath.Join("..", "..", "examples", e.name, "journey.json"))...)
	var doc struct{ Touchpoints []touchpointLine }
	if err := json.Unmarshal([]byte(done(e.t, append(e.args("close", "--json", "--period", period), more...)...)), &doc); err != nil {
		e.t.Fatal(err)
	}
	out := map[string]touchpointLine{}
	for _, l := range doc.Touchpoints {
		out[l.Name] = l
	}
	return out
}

func (l touchpointLine) measure(name string) figure {
	for _, m := range l.Measures {
		if m.Name == "measure."+name {
			return m.Figure
		}
	}
	return figure{Refused: "there is no measure " + name}
}

func (l touchpointLine) figure(name string) figure {
	for _, b := range l.Brands {
		for _, f := range b.Figures {
			if f.Name == name {
				return f.Figure
			}
		}
	}
	return figure{Refused: "there is no figure " + name}
}

// times is how many of its n a share is of: a count again.
func (f figure) times() *big.Rat {
	if f.Refused != "" {
		return new(big.Rat)
	}
	return new(big.Rat).Mul(decimal(f.Value).rat(), big.NewRat(f.N, 1))
}

func exampleFacts(t *testing.T, set string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dataFolder(t), set, "facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// TestBankCallsMeetTheirFacts: rows, mean of five minutes, and all calls, as the touchpoint shows them.
func TestBankCallsMeetTheirFacts(t *testing.T) {
	var f struct {
		Rows  int64   `json:"data_rows"`
		Calls float64 `json:"calls"`
		Mean  float64 `json:"mean_per_5_minutes"`
	}
	exampleFacts(t, "bank_calls", &f)
	exampleCopies(t)
	e := openExample(t, "bank_calls")
	e.holds("measures", f.Rows, 0)
	calls := e.met("2003")["calls"].measure("calls in five minutes")
	if calls.N != f.Rows {
		t.Errorf("%d figures, want %d (%s)", calls.N, f.Rows, calls.Refused)
	}
	printed(t, "mean of five minutes", decimal(calls.Value).rat(), f.Mean, 5)
	printed(t, "calls", calls.times(), f.Calls, 0)
}

// TestIncidentsMeetTheirFacts: incidents, callers, those reopened, resolved and in time, over all ways to the desk.
func TestIncidentsMeetTheirFacts(t *testing.T) {
	var f struct {
		Incidents int64
		InTime    float64 `json:"made_sla_last_event_true"`
		Reopened  float64 `json:"reopened_incidents"`
		Resolved  float64 `json:"resolved_n"`
	}
	exampleFacts(t, "it_incident_log", &f)
	exampleCopies(t)
	e := openExample(t, "it_incident_log")
	e.holds("interactions", f.Incidents, 0)
	e.holds("measures", f.Incidents, 0)
	incidents, sums := int64(0), map[string]*big.Rat{"reopened": new(big.Rat), "resolved": new(big.Rat), "in time": new(big.Rat)}
	lines := e.met("2016-02-01..2017-03-01")
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		l := lines[key]
		incidents += l.Contacts
		for _, name := range []string{"reopened", "resolved"} {
			sums[name].Add(sums[name], l.figure(name).times())
		}
		sums["in time"].Add(sums["in time"], l.measure("made agreed time").times())
	}
	if incidents != f.Incidents {
		t.Errorf("%d incidents, want %d", incidents, f.Incidents)
	}
	for name, want := range map[string]float64{"reopened": f.Reopened, "resolved": f.Resolved, "in time": f.InTime} {
		printed(t, name, sums[name], want, 0)
	}
}

// TestOlistDeliveriesMeetTheirFacts: what was delivered, what was late, and what all reviews said. That late ones were reviewed worse is in
// the facts as means of the stars; the statement tells shares of the satisfied, in the same order.
func TestOlistDeliveriesMeetTheirFacts(t *testing.T) {
	var f struct {
		Orders    int64            `json:"orders_distinct"`
		Delivered int64            `json:"delivered_with_dates"`
		Late      int64            `json:"delivered_late"`
		Stars     map[string]int64 `json:"review_distribution"`
	}
	exampleFacts(t, "olist_sample", &f)
	exampleCopies(t)
	lines := openExample(t, "olist_sample").met("2016-01-01..2019-01-01", "--compare", "2015")
	late, inTime, none := lines["delivery-after-the-promised-day"], lines["delivery-by-the-promised-day"], lines["no-delivery"]
	if late.Contacts != f.Late || late.Contacts+inTime.Contacts != f.Delivered || late.Contacts+inTime.Contacts+none.Contacts != f.Orders {
		t.Errorf("%d late, %d in time, %d not; want %d late of %d of %d", late.Contacts, inTime.Contacts, none.Contacts, f.Late, f.Delivered, f.Orders)
	}
	var reviews [3]int64
	for _, l := range []touchpointLine{late, inTime, none} {
		if len(l.Brands) != 1 || len(l.Brands[0].Scores) != 1 {
			t.Fatalf("no score in %+v", l)
		}
		s := l.Brands[0].Scores[0]
		reviews = [3]int64{reviews[0] + s.Low, reviews[1] + s.Middle, reviews[2] + s.High}
	}
	if want := [3]int64{f.Stars["1"] + f.Stars["2"], f.Stars["3"], f.Stars["4"] + f.Stars["5"]}; reviews != want {
		t.Errorf("reviews %v, want %v", reviews, want)
	}
	share := lines["order"].measure("by the promised day")
	if share.N != f.Delivered {
		t.Errorf("by the promised day: %+v, want of %d", share, f.Delivered)
	}
	printed(t, "by the promised day", share.times(), float64(f.Delivered-f.Late), 0)
}

// TestMapsOfExamplesHold: each passes the rules and leaves nothing open but standards.
func TestMapsOfExamplesHold(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "journey.json"))
	if err != nil || len(files) < 3 {
		t.Fatalf("maps: %v, %v", files, err)
	}
	for _, path := range files {
		text, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := journey.Read(text)
		if closing := text.Close(); err != nil || closing != nil {
			t.Errorf("%s: %v, %v", path, err, closing)
			continue
		}
		for _, p := range m.Check() {
			t.Errorf("%s: %v", path, p)
		}
		for _, g := range m.Lacks(calendar.DayOf(2020, 1, 1)) {
			if g.Name != "without_standard" {
				t.Errorf("%s: %s: %v", path, g.Lacks, g.Items)
			}
		}
	}
}
