package sim

import "github.com/throughline/throughline/money"

// Prices decide what lines cost. Where Listed, a product has a list price that
// changes once a year, in a month of its own, by a factor of mean 1 + Yearly and
// standard deviation Spread; a line's quantity is what its value buys at the
// first list prices, times the price's change to the power Elasticity. Where
// not, a line has whatever price its value and a small quantity give it. A
// share Promoted of lines is sold below list price by Discount. Margin is the
// mean share of the first list price (where not Listed, of the price) that is
// not cost; products lie within Margin ± MarginSpread.
type Prices struct {
	Listed       bool    `yaml:"listed"`
	Yearly       float64 `yaml:"yearly"`
	Spread       float64 `yaml:"spread"`
	Elasticity   float64 `yaml:"elasticity"`
	Promoted     float64 `yaml:"promoted"`
	Discount     float64 `yaml:"discount"`
	Margin       float64 `yaml:"margin"`
	MarginSpread float64 `yaml:"margin_spread"`
}

// Foreign is a share of orders in another currency, at a rate that begins at
// Rate and walks at random with a yearly standard deviation Volatility of its
// logarithm.
type Foreign struct {
	Share      float64        `yaml:"share"`
	Currency   money.Currency `yaml:"currency"`
	Rate       money.Amount   `yaml:"rate"`
	Volatility float64        `yaml:"volatility"`
}

// Referrals say how customers bring customers. Rate is how many an active
// customer brings in 30 days; where it is above zero, the arrivals by referral
// come by it, and those of Arrivals in the other ways. Contagion multiplies the
// hazard of dropping out of a referred customer once the one who brought them
// has left, Complaints for ComplaintDays after that one complained; backwards,
// both do so to one who brought others, from the first of the month after one of
// them left or complained. 1 is no effect.
type Referrals struct {
	Rate                float64 `yaml:"rate"`
	Contagion           float64 `yaml:"contagion"`
	ContagionBackwards  float64 `yaml:"contagion_backwards"`
	Complaints          float64 `yaml:"complaints"`
	ComplaintsBackwards float64 `yaml:"complaints_backwards"`
	ComplaintDays       float64 `yaml:"complaint_days"`
}

// Service says how often customers need it and what it does to them. Contacts
// come by a Poisson process, PerMonth in 30 days of a customer's life since the
// start of the books. For MemoryDays after one that was not resolved, the
// customer's hazard of dropping out is multiplied by FailureEffect; 1 is no
// effect. A resolved one is reopened with the chance Reopened.
type Service struct {
	PerMonth      float64 `yaml:"per_month"`
	FailureEffect float64 `yaml:"failure_effect"`
	MemoryDays    float64 `yaml:"memory_days"`
	Reopened      float64 `yaml:"reopened"`
	Transferred   float64 `yaml:"transferred"`
}

// Touchpoint is a place where customers meet the company. Quality is the
// chance that a contact there is resolved by somebody untrained. A contact is
// first kept from a person by automation (Contained), or else given up while
// waiting (Abandoned), or else handled by one of People. CostPerHour is paid
// for handling, CostPerContact for every contact.
type Touchpoint struct {
	Name           string       `yaml:"name"`
	Department     string       `yaml:"department"`
	Stage          string       `yaml:"stage"`
	Channel        string       `yaml:"channel"`
	Contacts       float64      `yaml:"contacts"` // share of all contacts
	Sells          float64      `yaml:"sells"`    // share of all orders
	Quality        float64      `yaml:"quality"`
	Contained      float64      `yaml:"contained"`
	Abandoned      float64      `yaml:"abandoned"`
	WaitSeconds    float64      `yaml:"wait_seconds"`
	HandleSeconds  float64      `yaml:"handle_seconds"`
	CostPerHour    money.Amount `yaml:"cost_per_hour"`
	CostPerContact money.Amount `yaml:"cost_per_contact"`
	People         int          `yaml:"people"`
}

// Voice says who is asked, who answers and who speaks unasked. NPS is asked
// NPSPerYear times a year of a customer's life, CSAT and CES after a share of
// handled contacts. Somebody content answers with the chance Responds, somebody
// who is not with Responds times DiscontentResponds, so that answers are not a
// fair sample unless that is 1. Remarks are made after a share of contacts,
// RemarksFailed of those that were not resolved.
type Voice struct {
	NPSPerYear         float64 `yaml:"nps_per_year"`
	CSAT               float64 `yaml:"csat"`
	CES                float64 `yaml:"ces"`
	Responds           float64 `yaml:"responds"`
	DiscontentResponds float64 `yaml:"discontent_responds"`
	Comments           float64 `yaml:"comments"`
	Remarks            float64 `yaml:"remarks"`
	RemarksFailed      float64 `yaml:"remarks_failed"`
}

// Subscriptions are contracts that a share of customers have from their first
// purchase, or the start of the books, until they drop out. A month's chances:
// Changes of plan, Pauses (of one to three months). Annual is the share of
// contracts that are paid by the year; they state a monthly amount all the same.
type Subscriptions struct {
	Share   float64      `yaml:"share"`
	Monthly money.Amount `yaml:"monthly"` // of the smallest plan; the others cost twice and four times that
	Changes float64      `yaml:"changes"`
	Pauses  float64      `yaml:"pauses"`
	Annual  float64      `yaml:"annual"`
}

// Department employs people; those at its touchpoints are counted there, and
// People are the others. Pays says what it is paid on.
type Department struct {
	Name       string       `yaml:"name"`
	Employer   string       `yaml:"employer"` // own or contractor
	Entity     string       `yaml:"entity"`   // brand or legal entity; empty: not written
	People     int          `yaml:"people"`
	AnnualCost money.Amount `yaml:"annual_cost"` // of one person, within 5 per cent
	Pays       []Pay        `yaml:"pays"`
	Levers     []Lever      `yaml:"levers"`
}

// Pay is a measure that a department is paid on, with its weight.
type Pay struct {
	Measure string  `yaml:"measure"`
	Weight  float64 `yaml:"weight"`
}

// Lever is what a department can move. Value and Moves are what one feasible
// year's effort does to the value of customers and to the measures that it is
// paid on, in the order of Pays. They are stated, and move nothing else here.
type Lever struct {
	Name  string    `yaml:"name"`
	Value float64   `yaml:"value"`
	Moves []float64 `yaml:"moves"`
}

// Staff says who comes and goes. Turnover is the hazard of leaving in a year,
// multiplied by FirstYear during the first. A place stays empty for EmptyDays
// on average; Candidates are seen for each, and an offer is declined with the
// chance Declined. Validity is how much the score of the interview tells: it
// multiplies the hazard of the first year by exp(−Validity × z), z the score's
// standard units. Keeps multiplies the hazard by exp(−Keeps) for a year after a
// passed course for the role, ManagerChange by itself for half a year after
// one's leader left. Who quits comes back with the chance Rehired. A share Pulse
// of people answers each quarter's pulse. Span is how many one leads, below the
// head of a department; 0: the head leads all.
type Staff struct {
	Turnover      float64 `yaml:"turnover"`
	FirstYear     float64 `yaml:"first_year"`
	EmptyDays     float64 `yaml:"empty_days"`
	Candidates    float64 `yaml:"candidates"`
	Declined      float64 `yaml:"declined"`
	Validity      float64 `yaml:"validity"`
	Keeps         float64 `yaml:"keeps"`
	ManagerChange float64 `yaml:"manager_change"`
	Rehired       float64 `yaml:"rehired"`
	Promoted      float64 `yaml:"promoted"` // chance of another role in a year
	Moves         float64 `yaml:"moves"`    // chance of another site in a year
	Span          int     `yaml:"span"`
	Pulse         float64 `yaml:"pulse"`
}

// Training is what people learn. Each has an orientation in the first week,
// and courses after it, PerYear a year, of which the share Role is for the role.
// A course for the role that was passed raises the chance that its person
// resolves a contact by Effect, which halves every HalfLife days.
type Training struct {
	PerYear    float64      `yaml:"per_year"`
	Role       float64      `yaml:"role"`
	Effect     float64      `yaml:"effect"`
	HalfLife   float64      `yaml:"half_life"`
	Hours      float64      `yaml:"hours"`
	DirectCost money.Amount `yaml:"direct_cost"`
}

// Spending is what the company pays besides service and training: PerBought for
// each customer who came by paid promotion, sales or a partner, PerReferred for
// each who was referred, Retain for each active customer a month, PerHire for
// each who is hired, Fixed a month.
type Spending struct {
	PerBought   money.Amount `yaml:"per_bought"`
	PerReferred money.Amount `yaml:"per_referred"`
	Retain      money.Amount `yaml:"retain"`
	PerHire     money.Amount `yaml:"per_hire"`
	Fixed       money.Amount `yaml:"fixed"`
}
