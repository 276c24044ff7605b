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
}
