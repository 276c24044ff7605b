package report

import (
	"strconv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

const trainingTitle = "Training as an asset"

// notCarried is why training is an expense, in words.
var notCarried = map[string]string{
	"person_unknown": "the book people does not know who it was", "never_hired": "a candidate who was not hired", "not_employed": "after they had left",
	"not_passed": "not passed", "compliance": "asked for by the law", "kind_not_given": "no kind given, so it may be asked for by the law", "by_policy": "not carried by policy",
	"no_effect": "measured to bring less than it costs", "cost_not_known": "neither a direct cost nor paid hours known", "cost_below_zero": "a cost that was taken back", "cost_too_large": "a cost that no course has",
}

// trainingPassages are the roll-forward, by department and the rest, and what is expected to leave.
func (d *document) trainingPassages() []passage {
	t := d.TrainingAsset()
	if t == nil {
		return nil
	}
	if !t.Open() {
		return []passage{{title: trainingTitle, said: []string{sentence("refused: " + unlocked(t.Locked))}}}
	}
	out := []passage{d.trainingFigures(t)}
	for _, x := range []struct {
		title  string
		groups []sealed.TrainingGroup
	}{
		{"Training asset by department", t.Departments}, {"Training asset by course", t.Courses}, {"Training asset by year of completion", t.Cohorts}, {"Training asset by brand or legal entity", t.Entities},
		{"Carried of contractors’ workers, by department", t.Contractors.Departments},
	} {
		if len(x.groups) > 1 || len(x.groups) == 1 && x.groups[0].Of != "not_given" {
			out = append(out, d.trainingGroups(x.title, x.groups))
		}
	}
	if len(t.Not) > 0 {
		out = append(out, d.trainingNot(t.Not))
	}
	return out
}

func (d *document) trainingFigures(t *sealed.Training) passage {
	p := passage{title: trainingTitle, of: t.First + " to " + t.Last, heads: []string{"", d.unit(), "95% interval"}, widths: equityWidths}
	said := map[string]bool{}
	for _, f := range d.Figures(sealed.TrainingBlock) {
		if f.Unit == sealed.Money {
			a := f.Value.Amount
			if f.Taken {
				a = a.Neg()
			}
			p.rows = append(p.rows, []string{f.Label, d.money(a), ""})
			continue
		}
		value, interval, why := foretold(f.Unit, f.Value.Figure)
		p.rows = append(p.rows, []string{f.Label, value, interval})
		if why != "" && !said[why] {
			said[why] = true
			p.said = append(p.said, why)
		}
	}
	p.said = append(p.said, "A management account: it is no asset under IAS 38 or ASC 350.")
	if t.Cover.Filling {
		p.said = append(p.said, "The books of trainings begin in "+t.Cover.Begin+". What was taught before is not in it, so it is still filling up.")
	}
	return p
}

func (d *document) trainingGroups(title string, groups []sealed.TrainingGroup) passage {
	p := passage{title: title, heads: []string{d.unit(), "opening", "added", "other", "amortised", "left", "impaired", "closing"}, widths: []int{17, 12, 11, 11, 11, 11, 11, 12}}
	other := false
	for _, g := range groups {
		name := clean(g.Name)
		other = other || g.Restated.Sign() != 0 || g.CameOver.Sign() != 0 || g.WentOver.Sign() != 0
		p.rows = append(p.rows, []string{name, d.money(g.Opening), d.money(g.Additions), d.money(money.Sum(g.Restated, g.CameOver, g.WentOver.Neg())), d.money(g.Amortised.Neg()), d.money(g.WrittenOff.Neg()), d.money(g.Impaired.Neg()), d.money(g.Closing)})
	}
	if other {
		p.said = append(p.said, "Other: what was restated of earlier months, and what came from others less what went to them.")
	}
	return p
}

func (d *document) trainingNot(not []sealed.TrainingNot) passage {
	p := passage{title: "Training of the period that is not carried", heads: []string{"", "records", d.unit()}, widths: []int{54, 12, 18}}
	for _, n := range not {
		p.rows = append(p.rows, []string{notCarried[n.Name], count(n.Records), d.money(n.Cost)})
	}
	return p
}

// trainingRecords are the rows of the statement of the training asset, each by its path in the document.
func (d *document) trainingRecords() []record {
	t := d.TrainingAsset()
	if t == nil {
		return nil
	}
	r := contractRows{at: record{statement: "people.training_asset", period: window(d.Period)}, currency: string(d.Currency)}
	if !t.Open() {
		r.at.kind, r.at.note = "refused", unlocked(t.Locked)
		return []record{r.at}
	}
	r.rolls("", t.TrainingSection)
	r.rolls("contractors.", t.Contractors)
	for _, f := range []struct {
		name string
		of   evidence.Figure
	}{{"within_a_year", t.Expected.Year}, {"while_lives_last", t.Expected.Life}, {"expected_for_the_period", t.Expected.Was}} {
		r.figure("expected_write_offs."+f.name, r.currency, f.of)
	}
	r.amount("expected_write_offs.written_off_of_the_opening", t.Expected.WrittenOff)
	for _, n := range t.Not {
		r.whole("not_capitalised."+n.Name+".records", "records", n.Records)
		r.amount("not_capitalised."+n.Name+".cost", n.Cost)
	}
	c := t.Cover
	r.whole("coverage.records", "records", c.Records)
	r.whole("coverage.records_without_direct_cost", "records", c.NoDirectCost)
	r.whole("coverage.records_with_hours_without_pay", "records", c.HoursWithoutPay)
	r.amount("coverage.direct_cost", c.Direct)
	r.amount("coverage.paid_hours", c.Pay)
	for _, m := range t.Months {
		prefix := "months." + m.Name + "."
		r.roll(prefix+"own.", m.Own)
		r.roll(prefix+"contractors.", m.Contractors)
		r.amount(prefix+"spent", m.Spent)
		r.amount(prefix+"expensed", m.Expensed)
	}
	return r.out
}

func (r *contractRows) amount(line string, a money.Amount) { r.number(line, r.currency, a.Text(0)) }

func (r *contractRows) whole(line, unit string, n int64) {
	r.number(line, unit, strconv.FormatInt(n, 10))
}

func (r *contractRows) rolls(prefix string, s sealed.TrainingSection) {
	r.roll(prefix+"roll_forward.", s.Roll)
	for _, x := range []struct {
		name string
		of   []sealed.TrainingGroup
	}{{"by_department", s.Departments}, {"by_course", s.Courses}, {"by_cohort", s.Cohorts}, {"by_entity", s.Entities}} {
		for _, g := range x.of {
			name := member(g.Name)
			switch g.Of {
			case "not_given":
				name = "(not known)"
			case "rest":
				name = "(all others)"
			}
			r.roll(prefix+x.name+"."+name+".", g.TrainingRoll)
		}
	}
}

func (r *contractRows) roll(prefix string, x sealed.TrainingRoll) {
	for _, l := range []struct {
		name string
		a    money.Amount
	}{{"opening", x.Opening}, {"restated", x.Restated}, {"additions", x.Additions}, {"came_over", x.CameOver}, {"went_over", x.WentOver}, {"amortised", x.Amortised}, {"written_off", x.WrittenOff}, {"impaired", x.Impaired}, {"closing", x.Closing}} {
		r.amount(prefix+l.name, l.a)
	}
}
