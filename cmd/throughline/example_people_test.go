package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/calendar"
)

// TestHRAttritionMeetsItsFacts: facts.json of the IBM sample (a fictional
// company) says 237 of 1,470 left, by department; read back from our copy of
// the book. Nothing of trainings is mapped, because the file has none.
func TestHRAttritionMeetsItsFacts(t *testing.T) {
	exampleCopies(t)
	e := openExample(t, "ibm_hr_attrition")
	var facts struct {
		Rows       int64             `json:"data_rows"`
		Left       int               `json:"attrition_yes"`
		Department map[string][2]int `json:"by_department"`
		Income     json.Number       `json:"mean_monthly_income"`
	}
	text, err := os.ReadFile(filepath.Join(dataFolder(t), e.name, "facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	done(t, e.args("import")...)
	parts, err := filepath.Glob(filepath.Join(exampleData.dir, e.name, "books.yaml", "parts", "*", "*", "*.parquet"))
	if err != nil || len(parts) != 1 || filepath.Base(filepath.Dir(filepath.Dir(parts[0]))) != "people" {
		t.Fatalf("parts %v, want one of people and no other book (%v)", parts, err)
	}
	departments, people := &labels{ask: ask{name: "department"}}, &labels{ask: ask{name: "person_id"}}
	hired, left := &days{ask: ask{name: "hired_on"}}, &days{ask: ask{name: "left_on", blank: blankKept}}
	pay := &numbers{ask: ask{name: "annual_cost"}}
	read, err := readColumns(t.Context(), parts[0], []column{departments, people, hired, left, pay})
	if err != nil {
		t.Fatal(err)
	}
	gone, got, income := 0, map[string][2]int{}, 0.0
	for i := range read.n {
		of := got[departments.names[departments.codes[i]]]
		of[0]++
		income += pay.values[i] / 12
		if left.values[i] != noDay {
			of[1]++
			gone++
			if left.values[i] != calendar.DayOf(2019, 12, 31) {
				t.Fatalf("%s: left on %s", read.at(i), left.values[i])
			}
		}
		if _, month, day := hired.values[i].Date(); month != 1 || day != 1 || hired.values[i] > calendar.DayOf(2019, 1, 1) {
			t.Fatalf("%s: hired on %s", read.at(i), hired.values[i])
		}
		got[departments.names[departments.codes[i]]] = of
	}
	if int64(read.n) != facts.Rows || len(people.names) != read.n || gone != facts.Left {
		t.Errorf("%d people in %d rows, %d left; the facts say %d and %d", len(people.names), read.n, gone, facts.Rows, facts.Left)
	}
	if len(got) != len(facts.Department) {
		t.Errorf("departments %v, the facts say %v", got, facts.Department)
	}
	for name, want := range facts.Department {
		if got[name] != want {
			t.Errorf("%s: %v, the facts say %v", name, got[name], want)
		}
	}
	if want, _ := facts.Income.Float64(); income/float64(read.n)-want > 1e-6 || want-income/float64(read.n) > 1e-6 {
		t.Errorf("mean pay a month is %.6f, the facts say %s", income/float64(read.n), facts.Income)
	}
	closedAttrition(t, e, facts.Rows, int64(facts.Left), facts.Department)
}

// closedAttrition closes the year: the books are of people alone, so that the people statement stands and those of customers say what they lack.
func closedAttrition(t *testing.T, e example, rows, gone int64, departments map[string][2]int) {
	t.Helper()
	type roll struct {
		Opening, Hired, Left, Closing int64
	}
	type group struct {
		Name   string
		Hidden bool
		Roll   roll `json:"roll_forward"`
		Head   struct {
			N int64
		} `json:"headcount"`
		Turnover struct{ Value, Low, High float64 }
	}
	var d struct {
		Customer struct{ Refused string }
		People   struct {
			Training struct{ Refused string } `json:"training_asset"`
			Work     struct {
				Company group
				By      []struct {
					Name   string
					Groups []group
				}
			} `json:"workforce"`
		}
	}
	if err := json.Unmarshal([]byte(done(t, e.args("close", "--period", "2019", "--json")...)), &d); err != nil {
		t.Fatal(err)
	}
	c := d.People.Work.Company
	if c.Roll.Opening+c.Roll.Hired != rows || c.Roll.Left != gone || c.Roll.Closing != rows-gone || c.Head.N != rows {
		t.Errorf("the roll-forward is %+v of %d people, the facts say %d of %d", c.Roll, c.Head.N, gone, rows)
	}
	// Who left has 31 December as the last day, so everybody is here all year: mean headcount is all of them. 237 ÷ 1,470 = 16.1%.
	if rate := float64(gone) / float64(rows); c.Turnover.Value < rate-1e-9 || c.Turnover.Value > rate+1e-9 || c.Turnover.Low >= rate || c.Turnover.High <= rate {
		t.Errorf("turnover is %+v, the facts say %.6f", c.Turnover, rate)
	}
	seen := 0
	for _, by := range d.People.Work.By {
		if by.Name != "department" {
			continue
		}
		for _, g := range by.Groups {
			seen++
			want := departments[g.Name]
			if g.Hidden || g.Head.N != int64(want[0]) || g.Roll.Left != int64(want[1]) {
				t.Errorf("%s: %d of %d left, the facts say %v", g.Name, g.Roll.Left, g.Head.N, want)
			}
		}
	}
	if seen != len(departments) || d.Customer.Refused == "" || d.People.Training.Refused == "" {
		t.Errorf("%d departments; customers refused %q, training refused %q", seen, d.Customer.Refused, d.People.Training.Refused)
	}
}
