package report

import (
	"fmt"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

const incomeTitle = "Two income statements"

// incomeLines are the lines in words.
var incomeLines = map[string]string{
	"revenue": "Revenue", "other_income": "Other income", "cost_of_sales": "Cost of sales", "staff": "Staff", "training": "Training", "training_charged": "Training: amortised, left, impaired", "training_restated": "Training: of earlier months, come to light",
	"hiring": "Hiring", "acquisition": "Winning customers", "customers_charged": "Customers: amortised", "serving": "Serving customers", "keeping": "Keeping customers", "other": "Other",
	"unnamed": "Accounts that no line names", "elsewhere": "Carried, and not found in its line",
}

// incomeBooks are the books beside the lines, in words.
var incomeBooks = map[string]string{
	"customer_statement": "lines of the customer statement", "costs_acquire": "costs of kind acquire", "costs_train": "costs of kind train", "costs_hire": "costs of kind hire",
	"costs_serve": "costs of kind serve", "costs_retain": "costs of kind retain", "costs_other": "costs of kind other", "trainings": "direct cost of trainings",
}

var incomeOrigins = map[string]string{"earned": "Earned, by acquire_earned", "bought": "Bought", "not_told": "Not told: acquire_earned is not stated"}

var incomeCarried = map[string]string{"training_direct_cost": "direct cost of training", "training_paid_hours": "paid hours of training", "customers": "cost of winning customers"}

// incomePassages are both views, what is set beside the lines, the customer asset, and the cut.
func (d *document) incomePassages() []passage {
	i := d.Income
	if i == nil {
		return nil
	}
	if !i.Open() {
		return []passage{{title: incomeTitle, said: []string{sentence("refused: " + unlocked(i.Locked))}}}
	}
	out := []passage{d.incomeViews(i), d.incomeReconciled(i)}
	switch {
	case i.Customers.Open():
		out = append(out, d.incomeCustomers(i.Customers))
	case i.Customers != nil:
		out = append(out, passage{title: "Customer asset", said: []string{sentence("refused: " + unlocked(i.Customers.Locked)), "Winning customers stays an expense in both views."}})
	}
	if i.Cut != nil {
		out = append(out, d.incomeCut(i.Cut))
	}
	return out
}

func (d *document) incomeViews(i *sealed.Income) passage {
	p := passage{title: incomeTitle, heads: []string{d.unit(), "as reported", "as investments", "difference"}, widths: []int{42, 18, 18, 16}}
	row := func(name string, v sealed.IncomeViews) {
		p.rows = append(p.rows, []string{name, d.money(v.Reported), d.money(v.Invested), d.money(v.Difference)})
	}
	for _, l := range i.Lines {
		row(incomeLines[l.Name], l.IncomeViews)
		if len(l.Accounts) == 1 && l.Name != "unnamed" {
			continue
		}
		for _, a := range l.Accounts {
			p.rows = append(p.rows, []string{"  " + clean(a.Name), d.money(a.Amount), "", ""})
			if a.Missing != "" {
				p.said = append(p.said, "Account "+clean(a.Name)+" has no figure for "+clean(a.Missing)+".")
			}
		}
	}
	row("Result", i.Result)
	for _, c := range i.Carried {
		if !c.Elsewhere.IsZero() {
			p.said = append(p.said, fmt.Sprintf("Of the %s, %s is carried, and its line has %s of it; the other %s must be an expense in some other line.", incomeCarried[c.Name], d.money(c.Carried), d.money(c.FromLine), d.money(c.Elsewhere)))
		}
	}
	if i.Training != nil && !i.Training.Open() {
		p.said = append(p.said, sentence("training stays an expense in both views: "+unlocked(i.Training.Locked)))
	}
	if !i.Aligned {
		p.said = append(p.said, "The ledger is of the period; what is carried is of the months "+i.First+" to "+i.Last+".")
	}
	p.said = append(p.said, "The second view is a management account: IAS 38 and ASC 350 do not allow these assets. IFRS 15.91–94 asks for incremental costs of obtaining a contract to be carried, which is narrower.")
	return p
}

func (d *document) incomeReconciled(i *sealed.Income) passage {
	p := passage{title: "Income statement: the ledger beside the books", heads: []string{d.unit(), "ledger", "books", "unexplained"}, widths: []int{48, 16, 16, 16}}
	said := map[string]bool{}
	for _, r := range i.Reconciled {
		books, why := d.figureOf(r.Books)
		left, _ := d.figureOf(r.Unexplained)
		p.rows = append(p.rows, []string{incomeLines[r.Line] + ", " + incomeBooks[r.Name], d.money(r.Ledger), books, left})
		if why != "" && !said[why] {
			said[why] = true
			p.said = append(p.said, why)
		}
	}
	return p
}

// figureOf is an exact figure as money, or why it is refused.
func (d *document) figureOf(f evidence.Figure) (text, why string) {
	if r, refused := f.Refusal(); refused {
		return "refused", sentence("refused: " + clean(r.Reason) + " — needs " + clean(r.Need))
	}
	e, ok := f.Estimate()
	if !ok || e.Value == nil {
		return "", ""
	}
	a, err := money.Parse(e.Value.FloatString(money.Scale))
	if err != nil {
		return "", ""
	}
	return d.money(a), ""
}

func (d *document) incomeCustomers(c *sealed.IncomeCustomers) passage {
	p := passage{title: "Customer asset: what winning customers cost", heads: []string{d.unit(), "opening", "spent", "amortised", "closing"}, widths: []int{40, 14, 13, 14, 15}}
	row := func(name string, r sealed.IncomeRoll) {
		p.rows = append(p.rows, []string{name, d.money(r.Opening), d.money(r.Additions), d.money(r.Amortised.Neg()), d.money(r.Closing)})
	}
	for _, r := range c.By {
		row(incomeOrigins[r.Name], r)
	}
	row("All", c.Roll)
	if value, interval, _ := foretold(sealed.Spell, c.Expected); value != "" {
		p.said = append(p.said, fmt.Sprintf("Spread over %d months as customers stay: a new one is expected to be one for %s of them (95%% interval %s).", c.Horizon, value, interval))
	}
	if c.Filling {
		p.said = append(p.said, "The costs book begins in "+c.Begin+". What was spent before is not in it, so it is still filling up.")
	}
	return p
}

func (d *document) incomeCut(c *sealed.IncomeCut) passage {
	p := passage{title: "If a third of training were cut"}
	if !c.Open() {
		p.said = []string{sentence("refused: " + unlocked(c.Locked))}
		return p
	}
	p.heads, p.widths = []string{"over, in " + d.unit(), "as reported", "as investments", "95% interval", "with what is missed"}, []int{17, 14, 17, 23, 25}
	said := map[string]bool{}
	for _, o := range c.Over {
		name := o.Name
		for _, s := range sealed.IncomeSpans {
			if s.Name == o.Name {
				name = s.Label
			}
		}
		reported, _, _ := foretold(sealed.Expected, o.Reported)
		invested, interval, why := changeOf(o.Invested)
		with, ends, _ := changeOf(o.WithEffect)
		if _, refused := o.WithEffect.Refusal(); refused {
			with = "refused"
		}
		if ends != "" {
			with += " (" + ends + ")"
		}
		p.rows = append(p.rows, []string{name, reported, invested, interval, with})
		if e, ok := o.WithBounds.Estimate(); ok {
			p.rows = append(p.rows, []string{"  bounds", "", "", "", roundly(e.Low) + " to " + roundly(e.High)})
		}
		_, _, unknown := changeOf(o.Effect)
		for _, x := range []string{why, unknown} {
			if x != "" && !said[x] {
				said[x] = true
				p.said = append(p.said, x)
			}
		}
	}
	p.said = append(p.said,
		"What the result of all the months has more, if training would go on as in the last twelve months: the same courses in the same months of the year, lives and chances to leave as they are. The pay of the hours is paid all the same.",
		"Bounds: all of the skill that is not renewed is missed, at its cost, to nothing is missed. Training that brings more than it costs is missed more.")
	return p
}

// changeOf is foretold, with the ends of bounds as the value.
func changeOf(f evidence.Figure) (value, interval, why string) {
	if e, ok := f.Estimate(); ok && e.Value == nil {
		return roundly(e.Low) + " to " + roundly(e.High), "bounds", ""
	}
	return foretold(sealed.Expected, f)
}

// incomeRecords are the rows of the income statement, each by its path in the document.
func (d *document) incomeRecords() []record {
	i := d.Income
	if i == nil {
		return nil
	}
	r := contractRows{at: record{statement: "income_statement", period: window(d.Period)}, currency: string(d.Currency)}
	if !i.Open() {
		r.at.kind, r.at.note = "refused", unlocked(i.Locked)
		return []record{r.at}
	}
	for _, l := range i.Lines {
		r.views("lines."+l.Name+".", l.IncomeViews)
		for _, a := range l.Accounts {
			r.cash("lines."+l.Name+".accounts."+member(a.Name)+".amount", a.Amount)
		}
	}
	r.views("result.", i.Result)
	for _, c := range i.Carried {
		r.cash("carried."+c.Name+".carried", c.Carried)
		r.cash("carried."+c.Name+".from_its_line", c.FromLine)
		r.cash("carried."+c.Name+".from_elsewhere", c.Elsewhere)
	}
	for _, x := range i.Reconciled {
		r.cash("other_books."+x.Name+".general_ledger", x.Ledger)
		r.figure("other_books."+x.Name+".books", r.currency, x.Books)
		r.figure("other_books."+x.Name+".unexplained", r.currency, x.Unexplained)
	}
	r.incomeTraining(i.Training)
	r.incomeCustomers(i.Customers)
	r.incomeCut(i.Cut)
	return r.out
}

func (r *contractRows) lock(line string, l sealed.Locked) {
	x := r.at
	x.line, x.kind, x.note = line, "refused", unlocked(l)
	r.out = append(r.out, x)
}

func (r *contractRows) views(prefix string, v sealed.IncomeViews) {
	r.cash(prefix+"as_reported", v.Reported)
	r.cash(prefix+"as_investments", v.Invested)
	r.cash(prefix+"difference", v.Difference)
}

func (r *contractRows) incomeTraining(t *sealed.IncomeTraining) {
	switch {
	case t == nil:
		return
	case !t.Open():
		r.lock("training", t.Locked)
		return
	}
	for _, x := range []struct {
		name string
		a    money.Amount
	}{{"opening", t.Opening}, {"restated", t.Restated}, {"direct_cost", t.Direct}, {"paid_hours", t.Hours}, {"amortised", t.Amortised}, {"written_off", t.WrittenOff}, {"impaired", t.Impaired}, {"closing", t.Closing}} {
		r.cash("training."+x.name, x.a)
	}
}

func (r *contractRows) incomeCustomers(c *sealed.IncomeCustomers) {
	switch {
	case c == nil:
		return
	case !c.Open():
		r.lock("customers", c.Locked)
		return
	}
	roll := func(prefix string, x sealed.IncomeRoll) {
		r.cash(prefix+"opening", x.Opening)
		r.cash(prefix+"additions", x.Additions)
		r.cash(prefix+"amortised", x.Amortised)
		r.cash(prefix+"closing", x.Closing)
	}
	roll("customers.roll_forward.", c.Roll)
	for _, x := range c.By {
		roll("customers.by_origin."+member(x.Name)+".", x)
	}
	for _, x := range c.Months {
		roll("customers.months."+member(x.Name)+".", x)
	}
	r.figure("customers.expected_months", "months", c.Expected)
	r.whole("customers.horizon_months", "months", int64(c.Horizon))
}

func (r *contractRows) incomeCut(c *sealed.IncomeCut) {
	switch {
	case c == nil:
		return
	case !c.Open():
		r.lock("training_cut", c.Locked)
		return
	}
	for _, o := range c.Over {
		prefix := "training_cut.over." + member(o.Name) + "."
		r.cash(prefix+"direct_cost_without_cut", o.Direct)
		r.cash(prefix+"additions_without_cut", o.Added)
		for _, x := range []struct {
			name string
			f    evidence.Figure
		}{
			{"as_reported", o.Reported}, {"as_investments", o.Invested}, {"less_charged", o.NotCharged}, {"more_leavers", o.Leavers}, {"effect", o.Effect},
			{"effect_bounds", o.EffectBounds}, {"with_effect", o.WithEffect}, {"with_effect_bounds", o.WithBounds},
		} {
			unit := r.currency
			if x.name == "more_leavers" {
				unit = "people"
			}
			r.figure(prefix+x.name, unit, x.f)
		}
	}
}

// cash is an amount with the places of its currency, as the document has it.
func (r *contractRows) cash(line string, a money.Amount) {
	r.number(line, r.currency, a.Text(money.Currency(r.currency).Places()))
}
