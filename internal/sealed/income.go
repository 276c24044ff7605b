package sealed

import (
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Income is the income statement in two views: as the general ledger reports it, and with people and customers as investments.
type Income struct {
	Locked
	First      string             `json:"first_month"`
	Last       string             `json:"last_month"`
	Aligned    bool               `json:"period_is_these_months"`
	Signs      string             `json:"signs"`
	Lines      []IncomeLine       `json:"lines"`
	Result     IncomeViews        `json:"result"`
	Carried    []IncomeCarried    `json:"carried"`
	Reconciled []IncomeReconciled `json:"other_books"`
	Training   *IncomeTraining    `json:"training"`
	Customers  *IncomeCustomers   `json:"customers"`
	Cut        *IncomeCut         `json:"training_cut"`
}

// IncomeViews is what a line adds to the result in both views; costs are below zero.
type IncomeViews struct {
	Reported   money.Amount `json:"as_reported"`
	Invested   money.Amount `json:"as_investments"`
	Difference money.Amount `json:"difference"`
}

// IncomeLine is a line with its accounts.
type IncomeLine struct {
	Name string `json:"name"`
	IncomeViews
	Accounts []IncomeAccount `json:"accounts"`
}

// IncomeAccount is what an account of the general ledger adds. Missing is the part of the period that has no figure of it.
type IncomeAccount struct {
	Name    string       `json:"name"`
	Amount  money.Amount `json:"amount"`
	Missing string       `json:"missing"`
}

// IncomeCarried is what was carried of a kind of cost, and out of which line it came.
type IncomeCarried struct {
	Name      string       `json:"name"`
	Line      string       `json:"line"`
	Carried   money.Amount `json:"carried"`
	FromLine  money.Amount `json:"from_its_line"`
	Elsewhere money.Amount `json:"from_elsewhere"`
}

// IncomeReconciled is what another book says beside a line.
type IncomeReconciled struct {
	Name        string          `json:"name"`
	Line        string          `json:"line"`
	Ledger      money.Amount    `json:"general_ledger"`
	Books       evidence.Figure `json:"books"`
	Unexplained evidence.Figure `json:"unexplained"`
}

// IncomeTraining is the training asset of own people and contractors' workers together.
type IncomeTraining struct {
	Locked
	Opening    money.Amount `json:"opening"`
	Restated   money.Amount `json:"restated"`
	Direct     money.Amount `json:"direct_cost"`
	Hours      money.Amount `json:"paid_hours"`
	Amortised  money.Amount `json:"amortised"`
	WrittenOff money.Amount `json:"written_off"`
	Impaired   money.Amount `json:"impaired"`
	Closing    money.Amount `json:"closing"`
	Filling    bool         `json:"earlier_training_unknown"`
}

// IncomeRoll is a roll-forward of what winning customers cost.
type IncomeRoll struct {
	Name      string       `json:"name"`
	Opening   money.Amount `json:"opening"`
	Additions money.Amount `json:"additions"`
	Amortised money.Amount `json:"amortised"`
	Closing   money.Amount `json:"closing"`
}

// IncomeCustomers is the asset that winning customers made.
type IncomeCustomers struct {
	Locked
	Roll     IncomeRoll      `json:"roll_forward"`
	By       []IncomeRoll    `json:"by_origin"`
	Months   []IncomeRoll    `json:"months"`
	Models   []string        `json:"models"`
	Horizon  int             `json:"horizon_months"`
	Expected evidence.Figure `json:"expected_months"`
	Begin    string          `json:"books_begin"`
	Filling  bool            `json:"earlier_customers_unknown"`
}

// IncomeCut is what a cut of the training budget by a third does to each view.
type IncomeCut struct {
	Locked
	Share string       `json:"share"`
	Over  []IncomeOver `json:"over"`
}

// IncomeOver is that over some months after the period's end.
type IncomeOver struct {
	Name         string          `json:"name"`
	Months       int             `json:"months"`
	Direct       money.Amount    `json:"direct_cost_without_cut"`
	Added        money.Amount    `json:"additions_without_cut"`
	Reported     evidence.Figure `json:"as_reported"`
	Invested     evidence.Figure `json:"as_investments"`
	NotCharged   evidence.Figure `json:"less_charged"`
	Leavers      evidence.Figure `json:"more_leavers"`
	Effect       evidence.Figure `json:"effect"`
	EffectBounds evidence.Figure `json:"effect_bounds"`
	WithEffect   evidence.Figure `json:"with_effect"`
	WithBounds   evidence.Figure `json:"with_effect_bounds"`
}

// Open tells whether the asset is stated.
func (c *IncomeCustomers) Open() bool { return c != nil && c.Refused == "" }

// Open tells whether the asset is stated.
func (t *IncomeTraining) Open() bool { return t != nil && t.Refused == "" }

// Open tells whether the cut is told.
func (c *IncomeCut) Open() bool { return c != nil && c.Refused == "" }

// IncomeBlock is the income statement in two views.
const IncomeBlock Block = "income_statement"

// Open tells whether there is an income statement with figures.
func (i *Income) Open() bool { return i != nil && i.Refused == "" }

func incomeMoney(of func(*Income) (money.Amount, bool)) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		if !d.Income.Open() {
			return Value{}, false
		}
		a, ok := of(d.Income)
		return Value{Amount: a}, ok
	}
}

func incomeCustomers(of func(*IncomeCustomers) money.Amount) func(*Document, Block) (Value, bool) {
	return incomeMoney(func(i *Income) (money.Amount, bool) {
		if !i.Customers.Open() {
			return money.Amount{}, false
		}
		return of(i.Customers), true
	})
}

func incomeOver(name string, of func(*IncomeOver) evidence.Figure) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		if !d.Income.Open() || !d.Income.Cut.Open() {
			return Value{}, false
		}
		for i := range d.Income.Cut.Over {
			if o := &d.Income.Cut.Over[i]; o.Name == name {
				f := of(o)
				return Value{Figure: f}, f.Err() == nil
			}
		}
		return Value{}, false
	}
}

const (
	twoViews = "Flamholtz, Human Resource Accounting (1974; 1999); Gupta & Lehmann, Managing Customers as Investments (2005). A management account: IAS 38.15 and 38.63–64 and ASC 350 do not allow it"
	cutting  = "Throughline’s own definition; lives and hazards as in the training asset"
)

// IncomeSpans are the times over which a cut is told, as the document names them and as they are said.
var IncomeSpans = []struct{ Name, Label string }{{"quarter", "this quarter"}, {"year", "four quarters"}, {"three_years", "three years"}}

// incomeDefinitions are the figures of the income statement in two views.
var incomeDefinitions = slicesOf(
	[]Definition{
		{
			Name: "result.as_reported", Label: "Result as reported", Unit: Money, Source: ours,
			Meaning: "The sum of all accounts of the general ledger for the period, costs taken off income.", Formula: "Σ accounts",
			value: incomeMoney(func(i *Income) (money.Amount, bool) { return i.Result.Reported, true }),
		},
		{
			Name: "result.as_investments", Label: "Result with people and customers as investments", Unit: Money, Source: twoViews,
			Meaning: "The same period with training and what winning customers cost spread over the time that they serve, instead of being an expense at once.",
			Formula: "as reported + change of the training asset + change of the customer asset",
			value:   incomeMoney(func(i *Income) (money.Amount, bool) { return i.Result.Invested, true }),
			work:    work("{result.as_reported} + {result.difference}"),
		},
		{
			Name: "result.difference", Label: "Difference between the views", Unit: Money, Source: twoViews,
			Meaning: "What was put into people and customers in the period beyond what of earlier spending was used up, left, or lost its use. Below zero, the company lives on what it put in earlier.",
			Formula: "change of the training asset + change of the customer asset",
			value:   incomeMoney(func(i *Income) (money.Amount, bool) { return i.Result.Difference, true }),
		},
		{
			Name: "customers.roll_forward.opening", Label: "Customers carried when the period opened", Unit: Money, Source: twoViews,
			Meaning: "What of the cost of winning customers in earlier months was not used up when the period began, by how long customers are expected to stay as this close knows it.",
			value:   incomeCustomers(func(c *IncomeCustomers) money.Amount { return c.Roll.Opening }),
		},
		{
			Name: "customers.roll_forward.additions", Label: "Spent on winning customers", Unit: Money, Source: twoViews,
			Meaning: "Costs of kind acquire of the period’s months.", Formula: "Σ costs of kind acquire",
			value: incomeCustomers(func(c *IncomeCustomers) money.Amount { return c.Roll.Additions }),
		},
		{
			Name: "customers.roll_forward.amortised", Label: "Customers amortised", Unit: Money, Source: twoViews, Taken: true,
			Meaning: "What was used up of it in the period. Who leaves is in the curve, so nothing is written off besides.", Formula: "K × S(k − 1) ÷ Σ S in the k-th month",
			value: incomeCustomers(func(c *IncomeCustomers) money.Amount { return c.Roll.Amortised }),
		},
		{
			Name: "customers.roll_forward.closing", Label: "Customer asset", Unit: Money, Source: twoViews,
			Meaning: "What winning customers cost and is not used up. It is what was paid, not what customers are worth.",
			Formula: "opening + spent − amortised",
			value:   incomeCustomers(func(c *IncomeCustomers) money.Amount { return c.Roll.Closing }),
			work:    work("{customers.roll_forward.opening} + {customers.roll_forward.additions} − {customers.roll_forward.amortised}"),
		},
		{
			Name: "customers.expected_months", Label: "Months for which a new customer is expected to stay", Unit: Spell, Source: "Schmittlein, Morrison & Colombo, Management Science 33(1), 1987",
			Meaning: "Months for which a new customer is expected to be one, none beyond the horizon. What winning them cost is spread over it.", Formula: "Σ S(k) over the months of the horizon",
			value: func(d *Document, _ Block) (Value, bool) {
				if !d.Income.Open() || !d.Income.Customers.Open() {
					return Value{}, false
				}
				return Value{Figure: d.Income.Customers.Expected}, d.Income.Customers.Expected.Err() == nil
			},
		},
	}, cutDefinitions())

func slicesOf(tables ...[]Definition) (out []Definition) {
	for _, t := range tables {
		out = append(out, t...)
	}
	return out
}

// cutDefinitions are those of a cut, over each time.
func cutDefinitions() (out []Definition) {
	for _, s := range IncomeSpans {
		prefix, over := "training_cut.over."+s.Name+".", ", over "+s.Label
		out = append(out,
			Definition{
				Name: prefix + "as_reported", Label: "A third less training, as reported" + over, Unit: Expected, On: Courses, Source: cutting,
				Meaning: "The direct cost that is saved, if training would go on as in the last twelve months. The pay of the hours is paid all the same.", Formula: "⅓ × direct cost",
				value: incomeOver(s.Name, func(o *IncomeOver) evidence.Figure { return o.Reported }),
			},
			Definition{
				Name: prefix + "as_investments", Label: "A third less training, as investments" + over, Unit: Expected, On: Courses, Source: cutting,
				Meaning: "The saving, less the skill that would still have been carried at the end and is not there. Before anything is missed.", Formula: "⅓ × direct cost − ⅓ × carried at the end",
				value: incomeOver(s.Name, func(o *IncomeOver) evidence.Figure { return o.Invested }),
			},
			Definition{
				Name: prefix + "effect", Label: "What the skill is missed for" + over, Unit: Expected, On: Courses, Source: cutting,
				Meaning: "What more people who leave cost, where the books tell how the trained stay against the others. Refused where nothing of the effect of training is measured.", Formula: "people × months × hazard × (1 ÷ ratio − 1) × cost of replacement",
				value: incomeOver(s.Name, func(o *IncomeOver) evidence.Figure { return o.Effect }),
			},
			Definition{
				Name: prefix + "effect_bounds", Label: "What the skill is missed for, bounds" + over, Unit: Expected, On: Courses, Source: cutting,
				Meaning: "From all of the skill that would have been used by then being missed, at its cost, to nothing being missed. Training that brings more than it costs is missed more.", Formula: "−⅓ × (added − carried at the end), to 0",
				value: incomeOver(s.Name, func(o *IncomeOver) evidence.Figure { return o.EffectBounds }),
			},
			Definition{
				Name: prefix + "with_effect_bounds", Label: "A third less training, as investments, bounds" + over, Unit: Expected, On: Courses, Source: cutting,
				Meaning: "From all of the skill that is not renewed being missed, at its cost, to nothing being missed.", Formula: "⅓ × (direct cost − added), to ⅓ × (direct cost − carried at the end)",
				value: incomeOver(s.Name, func(o *IncomeOver) evidence.Figure { return o.WithBounds }),
			})
	}
	return out
}
