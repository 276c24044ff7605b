package sealed

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// Unit is what a figure counts.
type Unit string

// The units. A ratio is printed in per cent where it is a share or a change, as a number where it is a multiple.
const (
	Share     Unit = "share"
	Multiple  Unit = "multiple"
	Money     Unit = "money"
	Customers Unit = "customers"
	Lines     Unit = "lines"
	Purchases Unit = "orders"
	Months    Unit = "months"
	// Worth and Spell are money and months that may be refused or have an interval.
	Worth Unit = "money, or refused"
	Spell Unit = "months, or refused"
	// Expected is money that is foretold rather than counted, or refused: small change of it says nothing.
	Expected Unit = "expected money, or refused"
	// Foretold is a number of customers or purchases that is expected, or refused.
	Foretold Unit = "number, or refused"
	// Rows and Contacts are what a figure may rest on.
	Rows     Unit = "rows"
	Contacts Unit = "contacts"
	// ProductMonths are months of products.
	ProductMonths Unit = "months of products"
	// OnPeople are those who work at the company.
	OnPeople Unit = "people"
	// Courses are those that somebody completed.
	Courses Unit = "courses"
)

// Figured tells whether values of the unit are estimates or refusals rather than numbers.
func (u Unit) Figured() bool {
	return u == Share || u == Multiple || u == Worth || u == Spell || u == Expected || u == Foretold || u.ofPeople()
}

// Definition says what a figure is. Its texts are plain English, for the catalogue of the pages to translate.
type Definition struct {
	// Block is the statement that the figure is of, by the name of its block of the period.
	Block   Block
	Name    string // within a block, such as net_revenue_retention or revenue.lost
	Label   string // as the pages have it
	Meaning string // in one sentence
	Formula string // with the letters of docs/close.md; empty where the figure is counted as it stands
	Unit    Unit
	Source  string
	On      Unit // what its n counts; empty: customers
	// Behind is the line whose customers are behind the figure; empty: none.
	Behind engine.Line
	// Taken is set where the document holds a positive amount that the statement takes off.
	Taken bool
	// Derived is set where the document does not hold the figure: it is a sum, difference or quotient of figures that it holds.
	Derived bool

	value func(*Document, Block) (Value, bool) // nil: it is not one figure of a block
	work  func(*Document, Block) []Term
}

// Where the definitions come from.
const (
	winning = "Reichheld, Darnell & Burns, Winning on Purpose (2021), appendix B; Net Promoter 3.0, Harvard Business Review, November–December 2021"
	valuing = "McCarthy & Fader, Customer-Based Corporate Valuation, Journal of Marketing Research 55 (2018)"
	ours    = "Throughline’s own definition"
)

// definitions is the one table of what figures mean, and definitionOf the same by name. They are filled in by init because
// the workings in the table look other figures up in it.
var (
	definitions  []Definition
	definitionOf = map[string]*Definition{}
)

func init() {
	for _, of := range []struct {
		block  Block
		tables [][]Definition
	}{
		{Period, [][]Definition{rateDefinitions, bridgeDefinitions, customerDefinitions, activeDefinitions, coverageDefinitions, ledgerDefinitions}},
		{ReferralsPeriod, [][]Definition{referralDefinitions}},
		{Views, [][]Definition{viewDefinitions}},
		{RecurringPeriod, [][]Definition{recurringDefinitions}},
		{RecurringWhole, [][]Definition{deferredDefinitions}},
		{ProfitPeriod, [][]Definition{profitDefinitions}},
		{EquityBlock, [][]Definition{equityDefinitions}},
		{ContractsBlock, [][]Definition{contractsDefinitions}},
		{LoyaltyWhole, [][]Definition{loyaltyDefinitions}},
		{BehaviourBlock, [][]Definition{behaviourDefinitions}},
		{PricesWhole, [][]Definition{priceDefinitions}},
		{TouchpointBlock, [][]Definition{touchpointDefinitions}},
		{TouchpointWhole, [][]Definition{togetherDefinitions}},
		{TrainingBlock, [][]Definition{trainingDefinitions}},
		{IncomeBlock, [][]Definition{incomeDefinitions}},
		{WorkforceBlock, [][]Definition{workforceRoll, workforceCompany, workforceStaying, workforceReplacement, workforceSelection, workforceOffers}},
	} {
		for _, table := range of.tables {
			for _, d := range table {
				d.Block = of.block
				definitions = append(definitions, d)
			}
		}
	}
	for i := range definitions {
		definitionOf[Key(definitions[i].Block, definitions[i].Name)] = &definitions[i]
	}
}

// Definitions lists what the figures of a statement mean, in its order.
func Definitions(b Block) []Definition {
	return slices.DeleteFunc(slices.Clone(definitions), func(d Definition) bool { return d.Block != b.Of() })
}

// Key is the name by which a figure is defined: that of the customer statement by its own, those of another statement begin
// with the name of its block of the period.
func Key(b Block, name string) string {
	if b.Of() == Period {
		return name
	}
	return string(b.Of()) + "." + name
}

// Define finds a definition by its key.
func Define(name string) (Definition, bool) {
	d, ok := definitionOf[name]
	if !ok {
		return Definition{}, false
	}
	return *d, true
}

// SplitName takes a figure's full name apart into its block and its name there.
func SplitName(full string) (Block, string, bool) {
	for _, b := range blocks { // those within another block come before it
		if name, ok := strings.CutPrefix(full, string(b)+"."); ok {
			return b, name, true
		}
	}
	return "", "", false
}

// rateDefinitions are the rates, in the order in which the pages show them.
var rateDefinitions = []Definition{
	{
		Name: "growth_rate", Label: "Growth", Unit: Share, Source: winning,
		Meaning: "How much the revenue of identified customers changed from the comparison period to this one.",
		Formula: "R1 ÷ R0 − 1", value: rate("growth_rate"),
		work: work("{revenue.current} ÷ {revenue.prior} − 1"),
	},
	{
		Name: "net_revenue_retention", Label: "Net revenue retention", Unit: Share, Source: winning, Behind: engine.Opening,
		Meaning: "Revenue in this period from the customers who were active in the comparison period, as a share of their revenue then. Above 100%, those customers grow faster than they leave.",
		Formula: "Σ r(c, P) over customers active in Q, negative ones counted, ÷ A0", value: rate("net_revenue_retention"), work: worked(workNet),
	},
	{
		Name: "gross_revenue_retention", Label: "Gross revenue retention", Unit: Share, Source: winning, Behind: engine.Opening,
		Meaning: "As net retention, but no customer counts for more than they spent in the comparison period. It can only fall.",
		Formula: "Σ min(max(r(c, P), 0), r(c, Q)) over customers active in Q, ÷ A0", value: rate("gross_revenue_retention"), work: worked(workGross),
	},
	{
		Name: "earned_new_customers", Label: "Earned new customers", Unit: Share, Source: winning, Behind: engine.NewEarned,
		Meaning: "Revenue of new customers who came by referral or reputation, as a share of the comparison period's revenue of those active then.",
		Formula: "revenue of new customers that were earned, ÷ A0", value: rate("earned_new_customers"), work: workEarned,
	},
	{
		Name: "earned_new_customers_bounds", Label: "Earned new customers, bounds", Unit: Share, Source: ours, Behind: engine.NewUnattributed,
		Meaning: "Where the share of earned new customers must lie, whatever those would say whose origin nobody knows: all of them bought, to all of them earned.",
		Formula: "all unattributed bought, to all of them earned", value: rate("earned_new_customers_bounds"),
		work: work("{revenue.new_earned} ÷ {active_revenue.prior} to ( {revenue.new_earned} + {revenue.new_unattributed} ) ÷ {active_revenue.prior}"),
	},
	{
		Name: "bought_new_customers", Label: "Bought new customers", Unit: Share, Source: winning, Behind: engine.NewBought,
		Meaning: "Revenue of new customers who came by paid promotion, sales or a partner, as a share of the comparison period's revenue of those active then.",
		Formula: "revenue of these ÷ A0", value: rate("bought_new_customers"), work: work("{revenue.new_bought} ÷ {active_revenue.prior}"),
	},
	{
		Name: "unattributed_new_customers", Label: "New customers nobody asked", Unit: Share, Source: ours, Behind: engine.NewUnattributed,
		Meaning: "Revenue of new customers whose origin nobody knows, as a share of the comparison period's revenue of those active then. Asking makes it smaller.",
		Formula: "revenue of these ÷ A0", value: rate("unattributed_new_customers"), work: work("{revenue.new_unattributed} ÷ {active_revenue.prior}"),
	},
	{
		Name: "returning_customers", Label: "Returned customers", Unit: Share, Source: ours, Behind: engine.Returning,
		Meaning: "Revenue of customers who had bought before, were away in the comparison period and came back. It is in neither earned nor bought.",
		Formula: "revenue of these ÷ A0", value: rate("returning_customers"), work: work("{revenue.returning} ÷ {active_revenue.prior}"),
	},
	{
		Name: "earned_growth_rate", Label: "Earned growth rate", Unit: Share, Source: winning,
		Meaning: "Growth that came from customers staying, buying more and sending others. What promotion, sales and partners brought is left out.",
		Formula: "NRR + ENC − 1", value: rate("earned_growth_rate"), work: workGrowth("earned_new_customers"),
	},
	{
		Name: "earned_growth_rate_bounds", Label: "Earned growth rate, bounds", Unit: Share, Source: ours, Behind: engine.NewUnattributed,
		Meaning: "Where earned growth must lie, whatever those would say whose origin nobody knows.",
		Formula: "NRR + ENC − 1", value: rate("earned_growth_rate_bounds"), work: workGrowth("earned_new_customers_bounds"),
	},
	{
		Name: "earned_growth_ratio", Label: "Earned growth ratio", Unit: Multiple, Source: winning,
		Meaning: "The earned part of growth. Refused when growth is too small for a part of it to mean anything.",
		Formula: "earned growth ÷ growth", value: rate("earned_growth_ratio"), work: work("{earned_growth_rate} ÷ {growth_rate}"),
	},
	{
		Name: "earned_share", Label: "Earned share of new revenue", Unit: Share, Source: ours, Behind: engine.NewCustomers, Derived: true,
		Meaning: "How much of the new customers' revenue came by referral or reputation.",
		Formula: "ENC × A0 ÷ revenue of the new", value: shareOfNew("earned_new_customers"), work: workShare("earned_new_customers"),
	},
	{
		Name: "earned_share_bounds", Label: "Earned share of new revenue, bounds", Unit: Share, Source: ours, Behind: engine.NewUnattributed, Derived: true,
		Meaning: "Where the earned share of the new customers' revenue must lie, whatever those would say whose origin nobody knows.",
		Formula: "ENC × A0 ÷ revenue of the new", value: shareOfNew("earned_new_customers_bounds"), work: workShare("earned_new_customers_bounds"),
	},
	{
		Name: "earned_replacement", Label: "Brought back by word of mouth", Unit: Share, Source: ours, Behind: engine.NewEarned, Derived: true,
		Meaning: "For each unit of revenue lost with customers we had, what new customers brought who came by word of mouth.",
		Formula: "ENC ÷ (1 − NRR)", value: stated(replacement), work: work("{earned_new_customers} ÷ ( 1 − {net_revenue_retention} )"),
	},
}
