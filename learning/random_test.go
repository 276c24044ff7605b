package learning_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

var books0 = calendar.MonthOf(calendar.DayOf(2023, 1, 1))

// town draws the books of a workforce: people who come, change department, role and employer, leave, come back; rows in any order, some told
// twice; courses of every kind, some of candidates, some on the last day, some corrected.
func town(t *rapid.T, currency money.Currency) workforce.Books {
	b := workforce.Books{Currency: currency}
	day := func(label string, from, to int) calendar.Day {
		return books0.First() + calendar.Day(rapid.IntRange(from, to).Draw(t, label))
	}
	departments, roles := []string{"kitchen", "hall", "Küche", ""}, []string{"cook", "chef", "waiter"}
	pick := func(label string, of []string) string { return rapid.SampledFrom(of).Draw(t, label) }
	for p := range rapid.IntRange(1, 12).Draw(t, "people") {
		person := fmt.Sprintf("p%d", p)
		at := day("hired", -600, 700)
		if rapid.IntRange(0, 4).Draw(t, "candidate") == 0 {
			b.People = append(b.People, workforce.Row{Person: person, From: at - 20, Department: "hall", Role: "cook", Kind: workforce.Candidate})
			if rapid.Bool().Draw(t, "never hired") {
				b.Records = append(b.Records, record(t, b, person, at))
				continue
			}
		}
		for range rapid.IntRange(1, 2).Draw(t, "spells") {
			hired := at
			row := workforce.Row{Person: person, From: at, Department: pick("department", departments), Role: pick("role", roles), Hired: &hired, Entity: pick("entity", []string{"", "north", "south"}), Kind: pick("kind", []string{workforce.Employee, workforce.ContractorWorker})}
			if rapid.Bool().Draw(t, "paid") {
				pay := money.FromMicros(int64(rapid.IntRange(0, 90000_00).Draw(t, "pay")) * 10_000)
				row.AnnualCost = &pay
			}
			b.People = append(b.People, row)
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				at += calendar.Day(rapid.IntRange(1, 200).Draw(t, "after"))
				next := row
				next.From, next.Department, next.Role, next.Kind = at, pick("department", departments), pick("role", roles), pick("kind", []string{workforce.Employee, workforce.ContractorWorker, ""})
				b.People = append(b.People, next)
			}
			if rapid.Bool().Draw(t, "leaves") {
				last := at + calendar.Day(rapid.IntRange(0, 200).Draw(t, "stays"))
				end := row
				end.From, end.Left, end.Exit = last+calendar.Day(rapid.IntRange(0, 40).Draw(t, "told late")), &last, pick("exit", []string{"quit", "dismissed", ""})
				b.People = append(b.People, end)
				at = last + calendar.Day(rapid.IntRange(1, 100).Draw(t, "gap"))
				if rapid.Bool().Draw(t, "on the last day") {
					r := record(t, b, person, last)
					b.Records = append(b.Records, r)
				}
			} else {
				break
			}
		}
		for range rapid.IntRange(0, 5).Draw(t, "courses") {
			b.Records = append(b.Records, record(t, b, person, day("completed", -100, 1100)))
		}
	}
	for _, r := range b.Records { // corrected, and told twice
		switch rapid.IntRange(0, 6).Draw(t, "again") {
		case 0:
			b.Records = append(b.Records, r)
		case 1:
			r.Direct = nil
			b.Records = append(b.Records, r)
		}
	}
	return b
}

func record(t *rapid.T, b workforce.Books, person string, on calendar.Day) workforce.Record {
	r := workforce.Record{ID: fmt.Sprintf("r%d", len(b.Records)), Person: person, Completed: on,
		Course: rapid.SampledFrom([]string{"knives", "allergens", "fire", "talking", "routes"}).Draw(t, "course"),
		Kind:   rapid.SampledFrom([]string{workforce.OfRole, workforce.OfRole, workforce.General, workforce.Compliance, ""}).Draw(t, "course kind")}
	if rapid.IntRange(0, 5).Draw(t, "direct") > 0 {
		cost := money.FromMicros(int64(rapid.IntRange(-5, 400_000).Draw(t, "cost")) * 10_000)
		r.Direct = &cost
	}
	if rapid.Bool().Draw(t, "hours") {
		hours := money.FromMicros(int64(rapid.IntRange(0, 80).Draw(t, "how many")) * 500_000)
		r.Hours = &hours
	}
	if rapid.IntRange(0, 3).Draw(t, "judged") == 0 {
		passed := rapid.Bool().Draw(t, "passed")
		r.Passed = &passed
	}
	return r
}

func policies(t *rapid.T, group bool) learning.Policies {
	p := learning.Usual()
	p.Hours = money.FromMicros(1720 * 1e6)
	p.Role.Life = rapid.IntRange(1, 40).Draw(t, "role life")
	p.General.Life = rapid.IntRange(1, 40).Draw(t, "general life")
	p.Courses = map[string]learning.Policy{"talking": {Life: 7, Method: learning.Individual, Capitalise: rapid.Bool().Draw(t, "talking"), Kind: workforce.General}}
	p.Alike = [][]string{{"cook", "chef"}}
	if rapid.Bool().Draw(t, "reviewed") {
		p.Reviews = []learning.Review{{From: books0 + 24, Kind: workforce.General, Life: rapid.IntRange(1, 50).Draw(t, "new life")}, {From: books0 + 12, Course: "talking", Life: 12}}
	}
	if rapid.Bool().Draw(t, "measured") {
		p.Effects = []learning.Effect{{Course: "routes", Measured: books0.First() + calendar.Day(rapid.IntRange(0, 900).Draw(t, "when")), High: money.FromMicros(1), BreakEven: money.FromMicros(2)}}
	}
	if group {
		p.Role.Method = learning.Group
	}
	return p
}

// TestRandomWorkforces holds the identity, to the last minor unit, and the individual policy to a second method that knows only a month, a
// person and exact fractions.
func TestRandomWorkforces(t *testing.T) {
	for range 10 { // of a hundred workforces each
		rapid.Check(t, hold)
	}
}

func hold(t *rapid.T) {
	currency := rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD"}).Draw(t, "currency")
	books := town(t, currency)
	group := rapid.IntRange(0, 3).Draw(t, "group") == 0
	from := books0 + calendar.Month(rapid.IntRange(0, 30).Draw(t, "from"))
	in := learning.Input{From: from, To: from + calendar.Month(rapid.IntRange(1, 14).Draw(t, "months")), Currency: currency, Policies: policies(t, group)}
	s, err := in.State(books)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, s)
	follows(t, in, books, s)
	shuffled := workforce.Books{People: slices.Clone(books.People), Records: books.Records, Currency: currency}
	if distinct(books.People) {
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled.People), func(i, j int) {
			shuffled.People[i], shuffled.People[j] = shuffled.People[j], shuffled.People[i]
		})
	}
	again, err := in.State(shuffled)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(again.Own, again.Contractors, again.Journal) != fmt.Sprint(s.Own, s.Contractors, s.Journal) {
		t.Fatalf("rows in another order give another statement")
	}
	if !group {
		agree(t, in, books, s)
	}
}

// distinct tells whether no person has two rows of one day, of which the last would stand.
func distinct(rows []workforce.Row) bool {
	seen := map[string]bool{}
	for _, r := range rows {
		key := r.Person + r.From.String()
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	return true
}

func holds(t *rapid.T, of string, r learning.Roll) {
	t.Helper()
	if got := money.Sum(r.Opening, r.Restated, r.Additions, r.CameOver, r.WentOver.Neg(), r.Amortised.Neg(), r.WrittenOff.Neg(), r.Impaired.Neg()); !got.Equal(r.Closing) {
		t.Fatalf("%s: %+v comes to %s", of, r, got)
	}
}

// whole holds every roll-forward to its identity, every table to its section, every month to the one before, and the journal to the tables.
func whole(t *rapid.T, s learning.Statement) {
	t.Helper()
	balance := map[string]money.Amount{} // department and course, by the journal
	key := func(contractor bool, department, course string) string {
		return fmt.Sprint(contractor, department, "/", course)
	}
	for _, o := range s.Journal.Opening {
		balance[key(o.Contractor, o.Department, o.Course)] = o.Amount
	}
	for _, l := range s.Journal.Lines {
		at := key(l.Contractor, l.Department, l.Course)
		switch l.Movement {
		case learning.Added, learning.Restated:
			balance[at] = balance[at].Add(l.Amount)
		case learning.Moved:
			to := key(l.ToContractor, l.ToDepartment, l.Course)
			balance[at], balance[to] = balance[at].Sub(l.Amount), balance[to].Add(l.Amount)
		default:
			balance[at] = balance[at].Sub(l.Amount)
		}
	}
	for i, section := range []learning.Section{s.Own, s.Contractors} {
		holds(t, "the section", section.Roll)
		for _, table := range [][]learning.NamedRoll{section.Departments, section.Courses, section.Cohorts, section.Entities} {
			var sum learning.Roll
			for _, g := range table {
				holds(t, g.Name, g.Roll)
				sum.Opening, sum.Closing = sum.Opening.Add(g.Opening), sum.Closing.Add(g.Closing)
				sum.Additions, sum.Amortised = sum.Additions.Add(g.Additions), sum.Amortised.Add(g.Amortised)
				sum.WrittenOff, sum.Impaired = sum.WrittenOff.Add(g.WrittenOff), sum.Impaired.Add(g.Impaired)
			}
			if !sum.Opening.Equal(section.Opening) || !sum.Closing.Equal(section.Closing) || !sum.Additions.Equal(section.Additions) ||
				!sum.Amortised.Equal(section.Amortised) || !sum.WrittenOff.Equal(section.WrittenOff) || !sum.Impaired.Equal(section.Impaired) {
				t.Fatalf("a table comes to %+v, the section is %+v", sum, section.Roll)
			}
		}
		for _, d := range section.Departments {
			var sum money.Amount
			for at, b := range balance {
				if prefix := key(i == 1, d.Name, ""); len(at) >= len(prefix) && at[:len(prefix)] == prefix {
					sum = sum.Add(b)
				}
			}
			if !sum.Equal(d.Closing) {
				t.Fatalf("the journal leaves %s with %s, the table with %s", d.Name, sum, d.Closing)
			}
		}
	}
	for i, m := range s.Months {
		holds(t, m.Month.String(), m.Own)
		holds(t, m.Month.String(), m.Contractors)
		if i > 0 && (!m.Own.Opening.Equal(s.Months[i-1].Own.Closing) || !m.Contractors.Opening.Equal(s.Months[i-1].Contractors.Closing)) {
			t.Fatalf("%s opens with %s, the month before closed with %s", m.Month, m.Own.Opening, s.Months[i-1].Own.Closing)
		}
	}
	if last := s.Months[len(s.Months)-1]; !last.Own.Closing.Equal(s.Own.Closing) || !last.Contractors.Closing.Equal(s.Contractors.Closing) {
		t.Fatalf("the last month closes with %s, the period with %s", last.Own.Closing, s.Own.Closing)
	}
}

// follows holds that a period opens with what the one before it closed with, whatever came to light since.
func follows(t *rapid.T, in learning.Input, books workforce.Books, s learning.Statement) {
	t.Helper()
	in.From, in.To = in.From-7, in.From
	before, err := in.State(books)
	if err != nil {
		t.Fatal(err)
	}
	for i, was := range []learning.Section{before.Own, before.Contractors} {
		is := []learning.Section{s.Own, s.Contractors}[i]
		if !was.Closing.Equal(is.Opening) {
			t.Fatalf("the period opens with %s, the one before closed with %s", is.Opening, was.Closing)
		}
		opens := map[string]money.Amount{}
		for _, d := range is.Departments {
			opens[d.Name] = d.Opening
		}
		for _, d := range was.Departments {
			if !opens[d.Name].Equal(d.Closing) {
				t.Fatalf("%q opens with %s, the period before closed with %s", d.Name, opens[d.Name], d.Closing)
			}
		}
	}
}
