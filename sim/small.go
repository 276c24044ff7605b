package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// small writes the files of few rows, and adds what they rest on to the truth.
func (e *export) small(c *company, truth *Truth) error {
	costs, profits := c.costs()
	c.tell(truth, profits)
	texts := map[string]*bytes.Buffer{}
	for _, f := range smallFiles {
		texts[f.name] = bytes.NewBufferString(f.head + "\n")
	}
	c.staff.write(texts["people.csv"], texts["trainings.csv"])
	c.staff.pulses(texts["pulses.csv"])
	c.measures(texts["measures.csv"])
	c.costsAndBudgets(texts["costs.csv"], texts["budgets.csv"], costs)
	c.controls(texts[controlsFile], truth.Months)
	c.shop.rates.write(texts["rates.csv"], c.World)
	for _, f := range smallFiles {
		if err := writeWhole(filepath.Join(e.dir, f.name), texts[f.name].Bytes()); err != nil {
			return err
		}
	}
	if err := writeWhole(filepath.Join(e.dir, programFile), c.program()); err != nil {
		return err
	}
	company, err := json.Marshal(e.w.Company) // a JSON text is a YAML text
	if err != nil {
		return err
	}
	page := struct {
		World
		Name   string
		Margin money.Amount
	}{e.w, string(company), money.FromMicros(int64(e.w.Prices.Margin * 1e6))}
	var books bytes.Buffer
	if err := booksTemplate.Execute(&books, page); err != nil {
		return err
	}
	return writeWhole(filepath.Join(e.dir, booksFile), books.Bytes())
}

// write writes a rate for each day; none where nothing is foreign.
func (r *rates) write(b *bytes.Buffer, w World) {
	for i, rate := range r.daily {
		fmt.Fprintf(b, "%s,%s,%s,%d.%0*d\n", w.Start+calendar.Day(i), w.Foreign.Currency, w.Currency, rate/r.scale, r.places, rate%r.scale)
	}
}

// measures writes what other systems would measure, by month.
func (c *company) measures(b *bytes.Buffer) {
	row := func(month calendar.Month, measure string, n, d int64, touchpoint, department string, of int64) {
		if d > 0 {
			fmt.Fprintf(b, "%s,%s,%s,%s,%s,,%d\n", month, measure, times(money.FromMicros(1_000_000), n, d), touchpoint, department, of)
		}
	}
	for m := range c.tally.months {
		month, sum := c.first()+calendar.Month(m), &c.tally.months[m]
		for i, p := range sum.places {
			t := c.Touchpoints[i]
			row(month, "resolved_share", p.resolved, p.contacts, t.Name, t.Department, p.contacts)
			row(month, "contained_share", p.contained, p.contacts, t.Name, t.Department, p.contacts)
			row(month, "abandoned_share", p.abandoned, p.contacts, t.Name, t.Department, p.contacts)
			row(month, "handle_seconds", p.handle, p.handled, t.Name, t.Department, p.handled)
			row(month, "wait_seconds", p.wait, p.contacts-p.contained, t.Name, t.Department, p.contacts-p.contained)
		}
		for d, n := range c.staff.present(c.day(m)) {
			row(month, "headcount", n, 1, "", c.Departments[d].Name, n)
		}
		var arrived int64
		for _, n := range sum.arrived {
			arrived += n
		}
		row(month, "new_customers", arrived, 1, "", c.department("marketing"), arrived)
	}
}

// budgetLines names the kinds of costs as a budget does, with the priority that
// each serves.
var budgetLines = map[string][2]string{
	"acquire": {"acquisition", "growth"}, "serve": {"service", "customers come back"}, "train": {"training", "people"},
	"hire":   {"hiring", "people"},
	"retain": {"retention", "customers come back"}, "other": {"overhead", ""},
}

// costsAndBudgets writes what was spent, and for each month, department and
// kind what had been planned and forecast: the truth with an error of 8 and 3%.
func (c *company) costsAndBudgets(costs, budgets *bytes.Buffer, rows []spent) {
	places := c.Currency.Places()
	s := newStream()
	s.begin(c.Seed, ofBudgets, who{kind: thing})
	type group struct{ department, kind string }
	for from := 0; from < len(rows); {
		sums, order := map[group]money.Amount{}, []group{}
		month := rows[from].month
		for ; from < len(rows) && rows[from].month == month; from++ {
			r := rows[from]
			fmt.Fprintf(costs, "%s,%s,%s,%s,%s,%s\n", c.first()+calendar.Month(month), r.department, r.kind, r.amount.Text(places), r.touchpoint, c.Currency)
			g := group{r.department, r.kind}
			if _, ok := sums[g]; !ok {
				order = append(order, g)
			}
			sums[g] = sums[g].Add(r.amount)
		}
		for _, g := range order {
			for _, v := range []struct {
				version string
				error   float64
			}{{"plan", 0.08}, {"forecast", 0.03}, {"actual", 0}} {
				off := int64(1e6 * max(0.5, 1+float64(v.error*s.normal())))
				amount := times(sums[g], off, 1e6).Round(places)
				fmt.Fprintf(budgets, "%s,%s,%s,%s,%s,%s\n", c.first()+calendar.Month(month), g.department, budgetLines[g.kind][0], amount.Text(places), budgetLines[g.kind][1], v.version)
			}
		}
	}
}

// program writes what the company has set itself: who owns what, who is paid on
// what, and what each can move. All of it is stated by the world.
func (c *company) program() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n# What the company has set itself, as docs/sim.md describes it.\ntouchpoints:\n", marker)
	for _, t := range c.Touchpoints {
		fmt.Fprintf(&b, "  - {touchpoint: %s, stage: %s, channel: %s, owner: %s, quality_untrained: %g}\n", t.Name, t.Stage, t.Channel, t.Department, t.Quality)
	}
	b.WriteString("departments:\n")
	for _, d := range c.Departments {
		fmt.Fprintf(&b, "  - department: %s\n    employer: %s\n    paid_on:\n", d.Name, d.Employer)
		for _, p := range d.Pays {
			fmt.Fprintf(&b, "      - {measure: %q, weight: %g}\n", p.Measure, p.Weight)
		}
		b.WriteString("    levers: # by what a feasible year's effort at each moves the value of customers, and the measures above\n")
		for _, l := range d.Levers {
			fmt.Fprintf(&b, "      - {lever: %q, value: %g, moves: [", l.Name, l.Value)
			for i, by := range l.Moves {
				if i > 0 {
					b.WriteString(", ")
				}
				fmt.Fprintf(&b, "%g", by)
			}
			b.WriteString("]}\n")
		}
		if k := d.congruity(); k != "" {
			fmt.Fprintf(&b, "    congruity: %s\n", k)
		}
	}
	return b.Bytes()
}
