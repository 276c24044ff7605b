package learning_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/oracle"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

// TestTrainingAsset is the oracle training.asset: four trainees of 1200 each over 24 months, of whom one leaves in month 6 and one in month 18.
func TestTrainingAsset(t *testing.T) {
	var want struct {
		N          int             `json:"n"`
		Cost       int64           `json:"cost_each"`
		Life       int             `json:"life_months"`
		Exits      map[string]int  `json:"exits"`
		Amortised  float64         `json:"amort_total"`
		WrittenOff float64         `json:"writeoff_total"`
		NBV        map[int]float64 `json:"nbv_month"`
		WriteOffs  map[int]float64 `json:"writeoff_month"`
		Amort      map[int]float64 `json:"amort_month"`
	}
	oracle.Expect(t, "training.asset", &want)
	begin := calendar.MonthOf(calendar.DayOf(2024, 1, 1))
	var books workforce.Books
	for i := range want.N {
		name := string(rune('A' + i))
		hired := begin.First() - 400
		row := workforce.Row{Person: name, From: hired, Department: "kitchen", Role: "cook", Hired: &hired}
		if n, ok := want.Exits[name]; ok {
			last := (begin + calendar.Month(n)).First() - 1 // the end of month n
			row.Left, row.Exit = &last, "quit"
		}
		cost := money.FromMicros(want.Cost * 1e6)
		books.People = append(books.People, row)
		books.Records = append(books.Records, workforce.Record{ID: name, Person: name, Course: "knives", Completed: begin.First() + 9, Direct: &cost, Kind: workforce.General})
	}
	policies := learning.Usual()
	policies.General.Life = want.Life
	s, err := learning.Input{From: begin, To: begin + 24, Currency: "EUR", Policies: policies}.State(books)
	if err != nil {
		t.Fatal(err)
	}
	equal := func(what string, got money.Amount, want float64) {
		t.Helper()
		if got.Rat().Cmp(new(big.Rat).SetFloat64(want)) != 0 {
			t.Errorf("%s: %s, the oracle has %v", what, got, want)
		}
	}
	months := map[calendar.Month]learning.Roll{}
	for _, m := range s.Months {
		months[m.Month] = m.Own
	}
	for n, v := range want.NBV {
		equal(fmt.Sprintf("carried at the end of month %d", n), months[begin+calendar.Month(n)-1].Closing, v)
	}
	for n, v := range want.WriteOffs {
		equal(fmt.Sprintf("written off in month %d", n), months[begin+calendar.Month(n)-1].WrittenOff, v)
	}
	for n, v := range want.Amort {
		equal(fmt.Sprintf("amortised in month %d", n), months[begin+calendar.Month(n)-1].Amortised, v)
	}
	equal("amortised", s.Own.Amortised, want.Amortised)
	equal("written off", s.Own.WrittenOff, want.WrittenOff)
	equal("added", s.Own.Additions, want.Amortised+want.WrittenOff)
}
