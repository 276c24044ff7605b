package sim

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// staffBooks are the books of people and trainings of a world, read back.
func staffBooks(t *testing.T, w World) (people, trainings []map[string]string, truth PeopleTruth) {
	t.Helper()
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	st := newStaff(w)
	var p, r bytes.Buffer
	st.write(&p, &r)
	for i, b := range []*bytes.Buffer{&p, &r} {
		head := smallFiles[i].head
		records, err := csv.NewReader(bytes.NewBufferString(head + "\n" + b.String())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var out []map[string]string
		for _, r := range records[1:] {
			row := map[string]string{}
			for i, column := range records[0] {
				row[column] = r[i]
			}
			out = append(out, row)
		}
		if i == 0 {
			people = out
		} else {
			trainings = out
		}
	}
	return people, trainings, st.truth()
}

// bookStay is a stay as the books tell it.
type bookStay struct {
	person        string
	hired, last   calendar.Day // last: of the books where there is no left_on
	left, initial bool
	rows          []map[string]string
}

// staysOf gathers the rows of people by stay.
func staysOf(t *testing.T, w World, people []map[string]string) []*bookStay {
	t.Helper()
	var out []*bookStay
	for _, r := range people {
		if r["kind"] == "candidate" {
			continue
		}
		hired := dayOf(t, r["hired_on"])
		var at *bookStay
		if n := len(out); n > 0 && out[n-1].person == r["person_id"] && out[n-1].hired == hired {
			at = out[n-1]
		} else {
			at = &bookStay{person: r["person_id"], hired: hired, last: w.End - 1, initial: hired < w.Start}
			out = append(out, at)
		}
		if at.rows = append(at.rows, r); r["left_on"] != "" {
			at.last, at.left = dayOf(t, r["left_on"]), true
		}
	}
	return out
}

// What is planted is found in the books alone, day by day: exits are as many as the hazards make
// likely, with and without a course that tells and a leader who left, and by the interview's score.
func TestPeopleLeaveByWhatIsPlanted(t *testing.T) {
	for _, on := range []bool{false, true} {
		w := Default()
		w.Seed, w.Departments[0].People = drawn(t), 4000
		w.Staff.Span, w.Staff.Validity, w.Staff.Rehired, w.Staff.EmptyDays, w.Staff.Candidates = 8, 0, 0.4, 20, 0
		if on {
			w.Staff.Validity, w.Staff.Keeps, w.Staff.ManagerChange = 0.6, 0.8, 2.5
		}
		people, trainings, truth := staffBooks(t, w)
		scores, taught := map[string]map[calendar.Day]int{}, map[string][]calendar.Day{}
		for _, r := range trainings {
			day := dayOf(t, r["completed_at"])
			switch {
			case r["stage"] == "interview":
				if scores[r["person_id"]] == nil {
					scores[r["person_id"]] = map[calendar.Day]int{}
				}
				scores[r["person_id"]][day], _ = strconv.Atoi(r["score"])
			case r["kind"] == "role" && r["passed"] == "yes":
				taught[r["person_id"]] = append(taught[r["person_id"]], day)
			}
		}
		stays := staysOf(t, w, people)
		lastDays := map[string][]calendar.Day{}
		for _, s := range stays {
			if s.left {
				lastDays[s.person] = append(lastDays[s.person], s.last)
			}
		}
		var exits, expected [2][2][3]float64 // by course, leader, and score: unknown or past the first year, lower, upper
		at := map[bool]int{true: 1}
		for _, s := range stays {
			score, known := 0, false
			for day, of := range scores[s.person] { // the last interview before this stay
				if day < s.hired && s.hired-day < 400 {
					score, known = of, true
				}
			}
			led := map[string]bool{}
			for _, r := range s.rows {
				led[r["manager_id"]] = true
			}
			for day := max(s.hired, w.Start); day <= s.last; day++ {
				first := day < s.hired+365
				if first && !known {
					continue // their interview is not in the books
				}
				hazard, half := w.Staff.Turnover/365, 0
				if first {
					hazard *= w.Staff.FirstYear * math.Exp(-w.Staff.Validity*float64(score-middleScore)/scoreSpread)
					half = 1 + at[score >= middleScore]
				}
				told := slices.ContainsFunc(taught[s.person], func(d calendar.Day) bool { return d >= s.hired && d < day && day <= d+taughtDays })
				alone := false
				for leader := range led {
					for _, d := range lastDays[leader] {
						alone = alone || s.hired <= d && d < day && day <= d+bereftDays
					}
				}
				if told {
					hazard *= math.Exp(-w.Staff.Keeps)
				}
				if alone {
					hazard *= w.Staff.ManagerChange
				}
				expected[at[told]][at[alone]][half] += hazard
				if s.left && day == s.last {
					exits[at[told]][at[alone]][half]++
				}
			}
		}
		for told := range 2 {
			for alone := range 2 {
				for half := range 3 {
					e := expected[told][alone][half] // the day of leaving counts whole, and half of it was lived: 0.5% at most
					five(t, fmt.Sprint("exits of ", told, alone, half), exits[told][alone][half], e, math.Sqrt(e)+0.001*e)
				}
			}
		}
		for _, of := range [][]StateTruth{truth.Keeps.Hazards, truth.ManagerChange.Hazards} {
			for _, state := range of {
				likely := mustRatio(t, state.Likely)
				five(t, state.State, float64(state.Exits), likely, math.Sqrt(likely))
			}
		}
		up, low := mustRatio(t, truth.Interview.Upper.Share), mustRatio(t, truth.Interview.Lower.Share)
		if on && up-low < 0.05 {
			t.Errorf("of the upper half %.3f stayed, of the lower %.3f", up, low)
		}
	}
}

// Keys, days and counts of the books of people hold together, with stays of one day and people who come back.
func TestRowsOfPeopleHoldTogether(t *testing.T) {
	w := Default()
	w.Seed, w.Departments[0].People = drawn(t), 800
	w.Departments[0].Entity = "North Ltd"
	w.Staff.Turnover, w.Staff.Span, w.Staff.Rehired, w.Staff.Moves, w.Staff.Promoted, w.Staff.EmptyDays, w.Staff.Declined = 3, 7, 0.5, 1, 1, 5, 0.4
	people, trainings, truth := staffBooks(t, w)
	keys, last := map[string]bool{}, map[string]calendar.Day{}
	var declined, candidates, came int64
	for _, r := range people {
		key, day := r["person_id"]+r["valid_from"], dayOf(t, r["valid_from"])
		if keys[key] || day < w.Start || day >= w.End || r["person_id"] == "" {
			t.Fatalf("%v: a second row of its key, or not in the books", r)
		}
		keys[key] = true
		if r["kind"] != "candidate" {
			if day <= last[r["person_id"]] {
				t.Fatalf("%v: after the last day", r)
			}
			if r["left_on"] != "" {
				if last[r["person_id"]] = dayOf(t, r["left_on"]); last[r["person_id"]] != day || r["exit_kind"] == "" {
					t.Fatalf("%v: left on another day, or nobody knows why", r)
				}
			}
			if r["offer"] != "" {
				came++
				if opened, offered, hired := dayOf(t, r["opened_on"]), dayOf(t, r["offered_on"]), dayOf(t, r["hired_on"]); opened > offered || offered >= hired || hired != day || r["offered_cost"] != r["annual_cost"] && r["role"] == "agent" {
					t.Fatalf("%v: days out of order", r)
				}
			}
			continue
		}
		if r["offer"] == "declined" {
			declined++
		}
		if r["person_id"][0] == 'c' {
			candidates++
		}
	}
	interviews, scores := map[string][]calendar.Day{}, map[string]int{}
	for _, r := range trainings {
		if r["stage"] == "interview" {
			if r["direct_cost"] != "0.00" || r["hours"] != "1.5" {
				t.Fatalf("%v", r)
			}
			day := dayOf(t, r["completed_at"])
			interviews[r["person_id"]] = append(interviews[r["person_id"]], day)
			scores[r["person_id"]+day.String()], _ = strconv.Atoi(r["score"])
		}
	}
	var hired, left, back, oneDay int64
	var halves [2]HalfTruth
	stays := staysOf(t, w, people)
	seen := map[string]bool{}
	for _, s := range stays {
		if s.left {
			left++
		}
		if s.left && s.last == s.hired {
			oneDay++
		}
		if s.initial {
			seen[s.person] = true
			continue
		}
		hired++
		if seen[s.person] {
			back++
		}
		seen[s.person] = true
		opened := dayOf(t, s.rows[0]["opened_on"])
		i := slices.IndexFunc(interviews[s.person], func(d calendar.Day) bool { return opened <= d && d < s.hired })
		if i < 0 && opened >= w.Start {
			t.Fatalf("%v: hired without an interview", s.rows[0])
		}
		if i >= 0 && s.hired+365 < w.End {
			half := &halves[0]
			if scores[s.person+interviews[s.person][i].String()] >= middleScore {
				half = &halves[1]
			}
			if half.Hired++; s.last >= s.hired+365 {
				half.Stayed++
			}
		}
	}
	if hired != truth.Hired || left != truth.Left || came != truth.Hiring.Accepted || declined != truth.Hiring.Declined || candidates != truth.Candidates {
		t.Errorf("hired %d, left %d, accepted %d, declined %d, candidates %d; the truth says %+v", hired, left, came, declined, candidates, truth)
	}
	if oneDay == 0 || back == 0 || back > truth.Rehired || truth.Rehired > hired {
		t.Errorf("%d stays of a day, %d came back of %d", oneDay, back, truth.Rehired)
	}
	for i, of := range []HalfTruth{truth.Interview.Lower, truth.Interview.Upper} {
		if halves[i].Hired != of.Hired || halves[i].Stayed != of.Stayed {
			t.Errorf("half %d: %+v, the truth says %+v", i, halves[i], of)
		}
	}
	if halves[0].Stayed+halves[1].Stayed == 0 { // of a half, nobody need have: a stay of a year is rare here
		t.Error("nobody stayed for a year")
	}
	binomial(t, "offers declined", declined, declined+came, w.Staff.Declined)
}

// Who is seen for a place, what is offered and who moves does not change who comes and goes.
func TestHiringDoesNotChangeWhoStays(t *testing.T) {
	w := Default()
	w.Seed = drawn(t)
	type stay struct {
		place, score int
		hired, left  calendar.Day
		courses      int
	}
	stays := func(change func(*Staff)) (out []stay) {
		w := w
		change(&w.Staff)
		for _, p := range newStaff(w).people {
			out = append(out, stay{p.place, p.score, p.hired, p.left, len(p.courses)})
		}
		return out
	}
	as := stays(func(*Staff) {})
	for name, change := range map[string]func(*Staff){
		"candidates": func(s *Staff) { s.Candidates = 0 }, "declined": func(s *Staff) { s.Declined = 0.6 }, "pulse": func(s *Staff) { s.Pulse = 0 },
		"span": func(s *Staff) { s.Span = 3 },
	} {
		if !slices.Equal(as, stays(change)) {
			t.Errorf("another staff.%s, and other people come and go", name)
		}
	}
}

// Pay is worked out anew from the people book, day by day, and the other accounts from the costs and trainings books.
func TestTheLedgerIsThatOfTheBooks(t *testing.T) {
	w := small()
	w.Seed, w.Departments[0].People = drawn(t), 60
	w.Staff.Turnover, w.Staff.Promoted, w.Staff.Rehired = 1, 0.8, 0.5
	dir, truth := write(t, w)
	pay := map[string]*big.Rat{} // by month, department, employer
	for _, s := range staysOf(t, w, rows(t, dir, "people.csv")) {
		row := 0
		for day := max(s.hired, w.Start); day <= s.last; day++ {
			for row+1 < len(s.rows) && dayOf(t, s.rows[row+1]["valid_from"]) <= day {
				row++
			}
			r := s.rows[row]
			cost, err := money.Parse(r["annual_cost"])
			if err != nil {
				t.Fatal(err)
			}
			year, _, _ := day.Date()
			days := int64(calendar.DayOf(year+1, 1, 1) - calendar.DayOf(year, 1, 1))
			key := day.String()[:7] + "|" + r["department"] + "|" + r["employer"]
			if pay[key] == nil {
				pay[key] = new(big.Rat)
			}
			pay[key].Add(pay[key], new(big.Rat).Quo(cost.Rat(), big.NewRat(days, 1)))
		}
	}
	want := map[string]money.Amount{}
	add := func(period, account, amount string) {
		a, err := money.Parse(amount)
		if err != nil {
			t.Fatal(err)
		}
		want[period+account] = want[period+account].Add(a)
	}
	for key, sum := range pay {
		account := accountWages
		if key[len(key)-10:] == "contractor" {
			account = accountContractors
		}
		add(key[:7], account, sum.FloatString(2)) // rounds half away from zero
	}
	kinds := map[string]string{"acquire": accountAcquisition, "serve": accountServing, "hire": accountHiring, "retain": accountKeeping, "other": accountOther}
	for _, r := range rows(t, dir, "costs.csv") {
		if kinds[r["kind"]] != "" {
			add(r["period"], kinds[r["kind"]], r["amount"])
		}
	}
	for _, r := range rows(t, dir, "trainings.csv") {
		add(r["completed_at"][:7], accountTraining, r["direct_cost"])
	}
	n := 0
	for _, r := range rows(t, dir, controlsFile) {
		got, err := money.Parse(r["amount"])
		if err != nil {
			t.Fatal(err)
		}
		month, _ := calendar.ParseDay(r["period"] + "-01")
		if told := truth.Months[calendar.MonthOf(month)-w.first()].Ledger[r["account"]]; !told.Equal(got) {
			t.Errorf("%v: the truth says %s", r, told)
		}
		if r["account"] == accountRevenue || r["account"] == accountGoods { // other tests add up the lines
			continue
		}
		if n++; !want[r["period"]+r["account"]].Equal(got) {
			t.Errorf("%v: the books come to %s", r, want[r["period"]+r["account"]])
		}
	}
	if n != 8*w.months() {
		t.Errorf("%d rows of accounts for %d months", n, w.months())
	}
}
