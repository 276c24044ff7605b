// Package sealed reads what a close has sealed: the document with its statements, each figure of it by a stable name, and
// what each figure means. It owns the reading of the document, the one table of definitions (label, meaning, formula,
// source) and the working of each formula with a period's numbers put in; it computes no figure that the document does not
// hold, beside sums, differences and quotients of figures that stand in it, which are marked as derived. It prints nothing.
//
// The names are those of the document that close --json prints: customer.revenue.lost, or, of the twelve months that end
// with a month or quarter, customer_trailing_year.revenue.lost.
//
// The invariant: a definition that a page shows stands in docs/figures.md in the same words, and the working of its formula
// comes to the figure that it explains.
package sealed

import (
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Document is what is understood of a close. Everything but the period may be missing, and what is not known here is not
// read: a document of a later release opens with the figures that this one knows.
type Document struct {
	Period      *calendar.Period `json:"period"` // never nil in a document that was read
	Compared    *calendar.Period `json:"compared_with"`
	Currency    money.Currency   `json:"currency"`
	Active      string           `json:"active"` // net or any-line; empty in the oldest documents
	Grain       string           `json:"grain"`  // customer, account, household or entity; empty in the oldest documents
	Sealed      *Seal            `json:"sealed"` // nil: a dry run
	Restatement *Restatement     `json:"restatement"`
	Warnings    []Warning        `json:"warnings"`
	Customer    *Statement       `json:"customer"`
	Trailing    *Statement       `json:"customer_trailing_year"`
	Cohorts     *Cohorts         `json:"cohorts"`
	Views       *BaseViews       `json:"views"`
	// GroupCohorts are the cohorts of the views by group; nil in documents of earlier releases.
	GroupCohorts []GroupCohorts `json:"cohorts_by_group"`

	Recurring *Recurring `json:"subscriptions"`
	// Referrals of the period and of the trailing year; nil in documents of earlier releases.
	Referrals         *Referrals `json:"referrals"`
	ReferralsTrailing *Referrals `json:"referrals_trailing_year"`
	// Profit and ProfitTrailing are read in profit.go; nil in documents of earlier releases.
	Profit         *Profit `json:"profit"`
	ProfitTrailing *Profit `json:"profit_trailing_year"`
	// Equity is what the base is worth; nil in documents of earlier releases.
	Equity *Equity `json:"equity"`
	// Contracts is what customers under contract are worth; nil in documents of earlier releases.
	Contracts *Contracts `json:"contracts"`
	// Loyalty by satisfaction; nil in documents of earlier releases.
	Loyalty *Loyalty `json:"loyalty"`
	// Behaviour is nil in documents of earlier releases.
	Behaviour *Behaviour `json:"behaviour"`
	// Prices is nil in documents of earlier releases.
	Prices *Prices `json:"price_elasticity"`
	// People is nil in documents of earlier releases.
	People *People `json:"people"`
	// Income is nil in documents of earlier releases.
	Income *Income `json:"income_statement"`
	// Touchpoints, and what the map of them covers; nil in documents of earlier releases.
	Touchpoints *Touchpoints        `json:"touchpoints"`
	Covers      *TouchpointCoverage `json:"touchpoint_coverage"`
}

// Seal is what a document says of its own sealing.
type Seal struct {
	At          string  `json:"at"`
	Snapshot    string  `json:"snapshot"`
	Fingerprint string  `json:"fingerprint"`
	Restates    *string `json:"restates"` // fingerprint
	Preparer    string  `json:"preparer"`
}

// Restatement is what moved against an earlier seal, and why.
type Restatement struct {
	Of    string   `json:"of"` // fingerprint
	At    string   `json:"sealed_at"`
	Books []Change `json:"books"`
	Lines []Moved  `json:"lines"`
}

// Change is a book's month, or a setting, that is not what it was.
type Change struct {
	Book   string `json:"book"`
	Month  string `json:"month"`
	Before int64  `json:"rows_before"`
	After  int64  `json:"rows_after"`
	What   string `json:"what"`
}

// Moved is one line of the document that a restatement moved: its path, and the values as the documents print them.
type Moved struct {
	Line   string `json:"line"`
	Before string `json:"before"`
	After  string `json:"after"`
	Change string `json:"change"`
}

// Warning is something that a reader of the figures must know.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Locked is a whole block that the books do not allow, and which file would.
type Locked struct {
	Refused    string `json:"refused"`
	UnlockedBy string `json:"unlocked_by"`
}

// Cohorts are customers by the span in which they first bought.
type Cohorts struct {
	Locked
	Kind  string   `json:"kind"`
	Spans []string `json:"spans"`
	Rows  []Cohort `json:"cohorts"`
}

// Cohort is one row: a span of first purchase, or "before" all that are shown.
type Cohort struct {
	First string `json:"first_purchase"`
	Ages  []Age  `json:"ages"`
}

// Age is what a cohort did in one span. Age is nil for those before all spans.
type Age struct {
	Span    string        `json:"span"`
	Age     *int          `json:"age"`
	Active  *int64        `json:"active"`
	Revenue *money.Amount `json:"revenue"`
}

// Statement is a customer block: its figures by the last part of their names.
type Statement struct {
	Locked
	Period, Compared *calendar.Period
	Counted          map[string]int64        // coverage, counted
	Covered          map[string]money.Amount // coverage, in money
	Reconciliation   *Reconciliation
	Customers        map[string]int64
	Revenue          map[string]money.Amount
	Active           map[string]money.Amount
	Rates            map[string]evidence.Figure
}

// Open tells whether there is a statement with figures.
func (s *Statement) Open() bool { return s != nil && s.Refused == "" }

// Reconciliation is the general ledger set beside the books, or why it is not.
type Reconciliation struct {
	Accounts     []map[string]money.Amount // by the names of Accounts
	Names        []string
	Reason, Need string
}

// Account are an account's lines, none where it is not among them.
func (r *Reconciliation) Account(name string) map[string]money.Amount {
	if r == nil {
		return nil
	}
	if i := slices.Index(r.Names, name); i >= 0 {
		return r.Accounts[i]
	}
	return nil
}

// Block is one of a document's statements.
type Block string

// The blocks: of the period itself, of the twelve months that end with it, and of the document as a whole.
const (
	Period            Block = "customer"
	Trailing          Block = "customer_trailing_year"
	Views             Block = "views" // of the customer base
	ReferralsPeriod   Block = "referrals"
	ReferralsTrailing Block = "referrals_trailing_year"
	RecurringPeriod   Block = "subscriptions.in_period"
	RecurringTrailing Block = "subscriptions.trailing_year"
	RecurringWhole    Block = "subscriptions"
	ProfitPeriod      Block = "profit"
	ProfitTrailing    Block = "profit_trailing_year"
	EquityBlock       Block = "equity"
	ContractsBlock    Block = "contracts"
	LoyaltyWhole      Block = "loyalty"          // by satisfaction
	PricesWhole       Block = "price_elasticity" // of the months up to the period's end
)

// blocks are all of them, in the order of their statements; the part of a block comes before it.
var blocks = []Block{
	Period, Trailing, RecurringPeriod, RecurringTrailing, RecurringWhole, ReferralsPeriod, ReferralsTrailing, ProfitPeriod, ProfitTrailing, EquityBlock, ContractsBlock, Views, LoyaltyWhole, BehaviourBlock, PricesWhole, TouchpointBlock, TouchpointWhole, TrainingBlock, IncomeBlock, WorkforceBlock,
}

// trailingOf is the block of the twelve months beside that of the period.
var trailingOf = map[Block]Block{Period: Trailing, ReferralsPeriod: ReferralsTrailing, RecurringPeriod: RecurringTrailing, ProfitPeriod: ProfitTrailing}

// Of is the statement of a block: its block of the period.
func (b Block) Of() Block {
	for period, trailing := range trailingOf {
		if b == trailing {
			return period
		}
	}
	return b
}

// IsTrailing tells whether a block is of the twelve months.
func (b Block) IsTrailing() bool { return b.Of() != b }

// beside is the block of the other span; empty: there is none.
func (b Block) beside() Block {
	if b.IsTrailing() {
		return b.Of()
	}
	return trailingOf[b]
}

// In is a statement's block of the same span as this one, which is of another.
func (b Block) In(statement Block) Block {
	if b.IsTrailing() {
		return trailingOf[statement]
	}
	return statement
}

// Statement is a block's statement; nil where the document has none, or where its figures do not stand in one.
func (d *Document) Statement(b Block) *Statement {
	switch b {
	case Trailing:
		return d.Trailing
	case Period:
		return d.Customer
	case ProfitPeriod, ProfitTrailing:
		if p := d.ProfitBlock(b); p != nil {
			return &p.Statement
		}
	}
	return nil
}

// Open tells whether a block has figures.
func (d *Document) Open(b Block) bool {
	switch b {
	case Views:
		return d.Views.Open()
	case LoyaltyWhole:
		return d.Loyalty.Open()
	case ReferralsPeriod, ReferralsTrailing:
		return d.ReferralsOf(b).Open()
	case RecurringPeriod, RecurringTrailing:
		return d.RecurringWindow(b).Open()
	case RecurringWhole:
		return d.Recurring.Open()
	case EquityBlock:
		return d.Equity.Open()
	case ContractsBlock:
		return d.Contracts.Open()
	case BehaviourBlock:
		return d.Behaviour.Open()
	case PricesWhole:
		return d.Prices.Open()
	case TouchpointBlock, TouchpointWhole:
		return d.Touchpoints.Open() && d.Covers.Open()
	case TrainingBlock:
		return d.TrainingAsset().Open()
	case IncomeBlock:
		return d.Income.Open()
	case WorkforceBlock:
		return d.Workforce().Open()
	}
	return d.Statement(b).Open()
}

// Headline is the block that speaks for the document: the twelve months of a month or quarter, because what a customer
// did in one month says little, otherwise the period.
func (d *Document) Headline() Block {
	if d.Trailing.Open() {
		return Trailing
	}
	return Period
}

// Beside is the other block of the same statement, if there is one with figures.
func (d *Document) Beside(b Block) (Block, bool) {
	other := b.beside()
	return other, other != "" && d.Open(other)
}

// Blocks are the blocks of a statement with figures, the headline first.
func (d *Document) Blocks(statement Block) []Block {
	var out []Block
	for _, b := range []Block{trailingOf[statement], statement} {
		if b != "" && d.Open(b) {
			out = append(out, b)
		}
	}
	return out
}
