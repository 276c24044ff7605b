package closing

import (
	"context"
	"errors"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/income"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/profit"
	"github.com/throughline/throughline/workforce"
)

// income is the income statement in two views. It is made last, of the ledger and of what the other statements came to.
func (c *Closer) income(ctx context.Context, ledger Ledger, state State, o Order, doc *document) (any, error) {
	if lock := c.noIncome(state); lock != nil {
		return *lock, nil
	}
	c.Progress("compute the income statement of " + o.Named.Text)
	accounts, err := c.Books.GeneralLedger(ctx, o.Named.Period)
	if err != nil {
		return nil, err
	}
	in := income.Input{Currency: c.Settings.Currency, Mapping: c.Settings.Income}
	in.From, in.To = calendar.MonthsOf(o.Named.Period)
	if in.From == in.To {
		return evidence.Locked{Refused: "what is carried is kept by the month, and the period holds the middle of none", UnlockedBy: "a period of a month or more"}, nil
	}
	in.Aligned = in.From.First() == o.Named.Start && in.To.First() == o.Named.End
	for _, a := range accounts {
		in.Ledger = append(in.Ledger, income.Account{Name: a.Account, Amount: a.Amount, Missing: a.Missing})
	}
	asset, lacks := c.skill(doc)
	if in.Skill.Lacks = lacks; asset != nil {
		in.Skill, in.Cut = skillOf(*asset), cutOf(asset.GoesOn, doc)
	}
	if in.Wins, err = c.wins(ctx, ledger, state, o, doc); err != nil {
		return nil, err
	}
	in.Books = c.booked(doc, asset)
	s, err := in.State()
	var refused evidence.Refusal
	if errors.As(err, &refused) {
		return evidence.Locked{Refused: refused.Reason, UnlockedBy: refused.Need}, nil
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (c *Closer) noIncome(state State) *evidence.Locked {
	switch {
	case len(state.Prints["controls"]) == 0:
		return &evidence.Locked{Refused: "there are no figures of the general ledger, so no income statement can be reported", UnlockedBy: "the book controls: period, account, amount, of all accounts of the income statement"}
	case c.Settings.Income.Empty():
		return &evidence.Locked{Refused: "the settings do not say which accounts of controls make which line of the income statement", UnlockedBy: "income_statement in settings: the accounts of revenue, cost_of_sales, staff, training, hiring, acquisition, other"}
	}
	return nil
}

// skill is the training asset of the close, or why there is none.
func (c *Closer) skill(doc *document) (*learning.Statement, *evidence.Refusal) {
	var none any = doc.People
	if block, ok := doc.People.(peopleBlock); ok {
		if s, ok := block.Training.(learning.Statement); ok {
			return &s, nil
		}
		none = block.Training
	}
	if lock, ok := none.(evidence.Locked); ok {
		return nil, &evidence.Refusal{Reason: lock.Refused, Need: lock.UnlockedBy}
	}
	return nil, &evidence.Refusal{Reason: "the training asset is not stated", Need: "the books people and trainings"}
}

func skillOf(s learning.Statement) income.Skill {
	k := income.Skill{
		Opening: s.Own.Opening.Add(s.Contractors.Opening), Amortised: s.Own.Amortised.Add(s.Contractors.Amortised), WrittenOff: s.Own.WrittenOff.Add(s.Contractors.WrittenOff),
		Impaired: s.Own.Impaired.Add(s.Contractors.Impaired), Restated: s.Own.Restated.Add(s.Contractors.Restated), Closing: s.Own.Closing.Add(s.Contractors.Closing), Filling: s.Filling,
	}
	k.Direct, k.Hours = s.Direct, s.Hours
	return k
}

// cutNames are the times over which a cut is told, by their months.
var cutNames = map[int]string{3: "quarter", 12: "year", 36: "three_years"}

func cutOf(g learning.GoesOn, doc *document) income.CutInput {
	in := income.CutInput{Lacks: g.Lacks}
	in.Staying, in.NoStaying = stayingOf(g, doc)
	for _, a := range g.Ahead {
		in.Ahead = append(in.Ahead, income.Ahead{Name: cutNames[a.Months], Months: a.Months, Direct: a.Direct, Added: a.Added, Carried: a.Carried, Records: a.Records})
	}
	return in
}

// stayingOf is what the people statement says of training and staying: how soon those leave who were taught for their role in their first year,
// against those who were not; or why it does not say.
func stayingOf(g learning.GoesOn, doc *document) (*income.Staying, evidence.Refusal) {
	none := evidence.Refusal{
		Reason: "no measured effect of training: whether the trained stay longer, serve better or sell more is not stated of these books",
		Need:   "returns on training; until then, the bounds beside it",
	}
	block, ok := doc.People.(peopleBlock)
	if !ok {
		return nil, none
	}
	people, ok := block.Workforce.(workforce.Statement)
	if !ok {
		return nil, none
	}
	for _, group := range people.Staying.Trained.Groups {
		if group.Name != "trained" {
			continue
		}
		switch r, refused := group.Hazard.Refusal(); {
		case refused:
			return nil, evidence.Refusal{Reason: "whether the trained stay longer is not told: " + r.Reason, Need: r.Need}
		case g.Hazard <= 0:
			return nil, evidence.Refusal{Reason: "too few who were taught have left to tell how soon people leave", Need: "people who were taught and left, with hired_on and left_on"}
		}
		return &income.Staying{Ratio: group.Hazard, People: g.People, Hazard: g.Hazard, Replacement: people.Replacement.Total}, none
	}
	return nil, none
}

// wins are what winning customers cost and how long they stay.
func (c *Closer) wins(ctx context.Context, ledger Ledger, state State, o Order, doc *document) (income.Wins, error) {
	lacks := func(reason, need string) (income.Wins, error) {
		return income.Wins{Lacks: &evidence.Refusal{Reason: reason, Need: need}}, nil
	}
	if len(state.Prints["costs"]) == 0 {
		return lacks("there is no costs book, so nothing is known of what winning customers costs", "costs: what departments spend, by period and kind (kind acquire)")
	}
	if kept, dropped := state.Kept["costs"]; dropped {
		return lacks(NoLonger("costs", kept)+", and the customer asset is made of all that were", "keeping the rows of costs for as long as customers stay")
	}
	costs, err := ledger.Costs(ctx, c.named)
	if err != nil {
		return income.Wins{}, err
	}
	won, err := profit.WonByMonth(costs, c.Settings.AcquireEarned, o.Named.End)
	var refused evidence.Refusal
	if errors.As(err, &refused) {
		return lacks(refused.Reason, refused.Need)
	}
	if err != nil {
		return income.Wins{}, err
	}
	var w income.Wins
	if w.Lives, w.Lacks = c.lives(doc); w.Lacks != nil {
		return w, nil
	}
	w.Begin = won[0].Month
	for _, x := range won {
		origin := income.Bought
		switch {
		case len(c.Settings.AcquireEarned) == 0:
			origin = income.NotTold
		case x.Earned:
			origin = income.Earned
		}
		w.Spends = append(w.Spends, income.Spend{Month: x.Month, Origin: origin, Amount: x.Amount})
	}
	return w, nil
}

// lives are the models that tell how long customers stay: of orders, of contracts, or of both where revenue is of both.
func (c *Closer) lives(doc *document) ([]income.Life, *evidence.Refusal) {
	months := c.Settings.Income.Horizon()
	var out []income.Life
	var lacks *evidence.Refusal
	if c.Settings.Basis != "subscriptions" {
		switch e := doc.Equity.(type) {
		case equity.Statement:
			out = append(out, lifeOf("pareto_nbd", e.Stays(months)))
		case evidence.Locked:
			lacks = &evidence.Refusal{Reason: "how long customers stay is not known: " + e.Refused, Need: e.UnlockedBy}
		}
	}
	if c.Settings.Basis != "orders" {
		switch e := doc.Contracts.(type) {
		case equity.ContractStatement:
			if s := e.Stays(months); s.Customers > 0 {
				out = append(out, lifeOf("contracts", s))
			}
		case evidence.Locked:
			if lacks == nil {
				lacks = &evidence.Refusal{Reason: "how long contracts last is not known: " + e.Refused, Need: e.UnlockedBy}
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if lacks == nil {
		lacks = &evidence.Refusal{Reason: "no model tells how long customers stay", Need: "customer equity, or worth under contract"}
	}
	return nil, lacks
}

func lifeOf(name string, s equity.Stay) income.Life {
	return income.Life{Name: name, Customers: s.Customers, Survival: s.Survival, SE: s.SE}
}

// costLines are the lines beside which costs of a kind are set.
var costLines = []struct {
	kind string
	line income.Line
}{{"acquire", income.Acquisition}, {"train", income.Training}, {"hire", income.Hiring}, {"serve", income.Serving}, {"retain", income.Keeping}, {"other", income.Other}}

// booked are what the other books say beside the lines: revenue, costs by kind, and what trainings cost.
func (c *Closer) booked(doc *document, asset *learning.Statement) []income.Booked {
	out := []income.Booked{{Name: "customer_statement", Line: income.Revenue, Amount: revenueOf(doc.Customer)}}
	for _, x := range costLines {
		out = append(out, income.Booked{Name: "costs_" + x.kind, Line: x.line, Amount: kindOf(doc.Profit, x.kind)})
	}
	if asset != nil {
		f := evidence.Exact(asset.Cover.Direct.Rat(), asset.Cover.Records, "Σ direct_cost of trainings completed in the months")
		if n := asset.Cover.NoDirectCost; n > 0 && n == asset.Cover.Records {
			f = evidence.Refuse("no training of the period has a direct cost", "direct_cost of trainings")
		}
		out = append(out, income.Booked{Name: "trainings", Line: income.Training, Amount: f})
	}
	return out
}

// revenueOf is the revenue of the customer statement.
func revenueOf(block any) evidence.Figure {
	s, ok := block.(growth.Statement)
	if lock, locked := block.(evidence.Locked); locked {
		return evidence.Refuse(lock.Refused, lock.UnlockedBy)
	}
	if !ok {
		return evidence.Refuse("revenue is not stated", "the book orders, or subscriptions")
	}
	c := s.Coverage
	sum := money.Sum(c.RevenueIdentified, c.RevenueUnidentified, c.RevenueExcluded, c.RevenueRefused)
	return evidence.Exact(sum.Rat(), c.Lines, "identified + unidentified + excluded + refused lines")
}

// kindOf is what the costs book has of a kind in the period, where it has all of it.
func kindOf(block any, kind string) evidence.Figure {
	s, ok := block.(profit.Statement)
	if lock, locked := block.(evidence.Locked); locked {
		return evidence.Refuse(lock.Refused, "costs: what departments spend, by period and kind")
	}
	if ok {
		for _, k := range s.Kinds {
			switch {
			case k.Name != kind:
			case k.Lacks != nil:
				return evidence.Refuse(k.Lacks.Reason, k.Lacks.Need)
			case k.Missing != "":
				return evidence.Refuse("the costs book holds no costs of kind "+kind+" for "+k.Missing, "costs of kind "+kind+" for the whole period (amount 0 where nothing was spent)")
			default:
				return evidence.Exact(k.Amount.Rat(), k.Rows, "Σ costs of kind "+kind)
			}
		}
	}
	return evidence.Refuse("there is no costs book", "costs: what departments spend, by period and kind")
}
