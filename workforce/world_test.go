package workforce

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// plan is a company whose hazards are known. It runs for six years before its books begin, so that those who are there then are the ones who had
// stayed; nobody who left before is in the books.
type plan struct {
	people, teams int
	years         int     // of books
	hazard        float64 // a year
	score         float64 // log hazard in the first year for a standard deviation of the interview's score
	trained       float64 // log hazard after the first year of those trained in it
	manager       float64 // log hazard within 180 days after the manager left
	lead          float64 // hazard of managers
	shared        float64 // standard deviation of a team's log hazard
	offers        int
	pay, hours    float64 // log odds of accepting for a log point of pay, and an hour of training
	courses       int     // each year of each person
}

var planned = plan{people: 600, teams: 60, years: 5, hazard: 0.25, score: -0.3, trained: -0.4, manager: 0.6, lead: 0.4, offers: 600, pay: 6, hours: 0.03}

const open6 = 6 // years before the books

func (p plan) begins() calendar.Day { return calendar.DayOf(2019, time.January, 1) }
func (p plan) ends() calendar.Day   { return calendar.DayOf(2019+p.years, time.January, 1) }

func (p plan) input() Input {
	return Input{Period: calendar.Period{Start: calendar.DayOf(2019+p.years-1, time.January, 1), End: p.ends()}}
}

// term is who managed a team when: up to and with the last day.
type term struct {
	id         string
	from, last calendar.Day
}

// draw makes the books of the company.
func (p plan) draw(seed uint64) Books {
	r := rand.New(rand.NewPCG(seed, 25))
	b := Books{Currency: "GBP"}
	start := p.begins() - open6*365
	terms := make([][]term, p.teams)
	effect := make([]float64, p.teams)
	for t := range terms {
		effect[t] = p.shared * r.NormFloat64()
		for d := start; d < p.ends(); {
			last := d + calendar.Day(math.Ceil(r.ExpFloat64()/p.lead*year)) - 1
			x := term{fmt.Sprintf("m%04d-%02d", t, len(terms[t])), d, last}
			terms[t] = append(terms[t], x)
			p.write(&b, x.id, "lead", t, d, last, nil)
			d = last + 31
		}
	}
	for i := range p.people {
		team := i % p.teams
		for d, n := start+calendar.Day(r.IntN(365)), 0; d < p.ends(); n++ {
			id := fmt.Sprintf("e%05d-%02d", i, n)
			z, learns := r.NormFloat64(), r.IntN(2) == 0
			hired := d
			last := p.leave(r, hired, z, learns, effect[team], terms[team])
			p.write(&b, id, "agent", team, hired, last, terms[team])
			if last >= p.begins() {
				p.records(&b, r, id, hired, last, z, learns)
			}
			d = last + 1 + calendar.Day(r.IntN(60))
		}
	}
	for i := range p.offers {
		p.offer(&b, r, i)
	}
	for m := calendar.MonthOf(p.begins()); m < calendar.MonthOf(p.ends()); m++ {
		b.Costs = append(b.Costs, Cost{m, ForHiring, money.FromMicros(50_000_000_000)})
	}
	return b
}

// leave is the last day of somebody whose hazard is constant but for what is planned.
func (p plan) leave(r *rand.Rand, hired calendar.Day, z float64, learns bool, effect float64, terms []term) calendar.Day {
	left := r.ExpFloat64()
	for d := hired; ; {
		next, log := d+3650, effect
		cut := func(at calendar.Day) {
			if at > d {
				next = min(next, at)
			}
		}
		first := hired + 366
		cut(first)
		if d < first {
			log += float64(p.score * z)
		} else if learns {
			log += p.trained
		}
		inside := false
		for _, t := range terms {
			cut(t.last + 1)
			cut(t.last + 1 + shaken)
			// Whoever came after the manager had left did not report to them.
			inside = inside || t.last < d && d <= t.last+shaken && hired <= t.last
		}
		if inside {
			log += p.manager
		}
		h := p.hazard / year * math.Exp(log)
		if days := left / h; days <= float64(next-d) {
			return d + calendar.Day(math.Ceil(days)) - 1
		}
		left -= h * float64(next-d)
		d = next
	}
}

func (p plan) write(b *Books, id, role string, team int, hired, last calendar.Day, terms []term) {
	if last < p.begins() || hired >= p.ends() {
		return
	}
	row := Row{Person: id, From: max(hired, p.begins()), Department: fmt.Sprintf("d%02d", team%12), Role: role, Team: fmt.Sprintf("t%04d", team), Hired: &hired, Location: []string{"east", "west"}[team%2], Kind: Employee}
	at := func(d calendar.Day) string {
		manager := ""
		for _, t := range terms {
			if t.from <= d {
				manager = t.id
			}
		}
		return manager
	}
	row.Manager = at(row.From)
	b.People = append(b.People, row)
	for _, t := range terms {
		if t.from > row.From && t.from <= last && t.from < p.ends() {
			row.From, row.Manager = t.from, t.id
			b.People = append(b.People, row)
		}
	}
	if last < p.ends() {
		row.From, row.Left, row.Exit = last, &last, "quit"
		b.People = append(b.People, row)
	}
}

func (p plan) records(b *Books, r *rand.Rand, id string, hired, last calendar.Day, z float64, learns bool) {
	score := func(z float64) *money.Amount {
		a := money.FromMicros(int64(math.Round(1e6 * (50 + 10*z))))
		return &a
	}
	hours, cost := money.FromMicros(8_000_000), money.FromMicros(250_000_000)
	add := func(name string, d calendar.Day, x Record) {
		if d >= p.begins() && d < p.ends() {
			x.ID, x.Person, x.Course, x.Completed = id+name, id, name, d
			b.Records = append(b.Records, x)
		}
	}
	add("interview", hired-20, Record{Score: score(z), Stage: Interview})
	if d := hired + 10; d <= last {
		add("orientation", d, Record{Score: score(0.4*z + math.Sqrt(1-0.16)*r.NormFloat64()), Hours: &hours, Direct: &cost, Kind: General, Stage: "orientation"})
	}
	if d := hired + 100; d <= last && learns {
		add("role", d, Record{Hours: &hours, Direct: &cost, Kind: OfRole, Stage: "role"})
	}
	for i := range p.courses * p.years {
		if d := p.begins() + calendar.Day((i*365)/max(1, p.courses)) + calendar.Day(r.IntN(90)); d >= hired && d <= last {
			add(fmt.Sprintf("course %d", i), d, Record{Hours: &hours, Direct: &cost, Kind: General, Stage: "growth"})
		}
	}
}

func (p plan) offer(b *Books, r *rand.Rand, i int) {
	d := p.begins() + calendar.Day(r.IntN(int(p.ends()-p.begins())))
	pay, hours, role := 0.1*r.NormFloat64(), float64(r.IntN(60)), r.IntN(2)
	cost, training := money.FromMicros(int64(1e6*math.Round(float64(30000+20000*role)*math.Exp(pay)))), money.FromMicros(int64(1e6*hours))
	answer := Declined
	if r.Float64() < 1/(1+math.Exp(-(0.3+p.pay*pay+p.hours*(hours-30)))) {
		answer = Accepted
	}
	b.People = append(b.People, Row{Person: fmt.Sprintf("c%05d", i), From: d, Department: "d00", Role: []string{"agent", "lead"}[role], Kind: Candidate, Offered: &d, Offer: answer,
		OfferedCost: &cost, OfferedTraining: &training})
}

// large is a company of 50,000 people in books of five years.
var large = plan{people: 50_000, teams: 5_000, years: 5, hazard: 0.25, score: -0.1, trained: -0.1, manager: 0.2, lead: 0.3, offers: 20_000, pay: 6, hours: 0.03, courses: 2}

// Once, beside nothing else: go test ./workforce -run xxx -bench State -benchtime 1x
func BenchmarkState(b *testing.B) {
	books := large.draw(1)
	b.Logf("%d rows of people, %d records", len(books.People), len(books.Records))
	b.ReportAllocs()
	for b.Loop() {
		s, err := large.input().State(books)
		if err != nil {
			b.Fatal(err)
		}
		text, err := s.MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(text)), "bytes/document")
		if testing.Verbose() {
			b.Log(strings.ReplaceAll(string(text)[:2000], "},", "},\n"))
		}
	}
}
