// Package referral owns who brought whom: the customers whom another customer brought, what they spend, the chains that they
// form, and whether people leave after those who brought them, or whom they brought, have left or complained. It owns the
// definitions, the identities that hold between the counts, the estimator of loss along ties with its placebos, and the JSON
// of all of it. It does not own rows or SQL: a [Ledger] answers with counts and exact sums.
//
// An association along a tie is no proof that one thing led to the other: people who are alike find each other, and like
// leaves like like (homophily). Shalizi & Thomas, "Homophily and Contagion Are Generically Confounded in Observational Social
// Network Studies", Sociological Methods & Research 40 (2011), show that the two cannot be told apart from such data without
// assumptions; Aral, Muchnik & Sundararajan, "Distinguishing influence-based contagion from homophily-driven diffusion in
// dynamic networks", PNAS 106 (2009), found that contagion is overstated several times over when likeness is ignored. So
// each difference stands beside the same one in reversed time, and the headline is what is left between the two.
//
// The invariant: whoever names a referrer is counted once, as brought or under the reason why not; and the brought, each at
// one depth below the top of one tree, form a forest.
package referral

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Windows are the period and the one that it is compared with; customers are new as in the customer statement.
type Windows struct{ Period, Compared calendar.Period }

// Spans are three windows of equal length after each other: in the first both ends of a tie are looked for, in the second
// one may be gone, in the third the other.
type Spans [3]calendar.Period

// Ledger answers the questions about referrals. Its answers are exact and do not depend on the order of rows. Both count
// customers (merged ids led to the one that stands, the excluded left out), whatever the grain of the statement.
type Ledger interface {
	// Referrals counts who brought whom up to the period's end, and what they spent in it.
	Referrals(ctx context.Context, w Windows, anyLine bool) (Tally, error)
	// Spreading counts who left after the other end of a tie had left or complained, by strata.
	Spreading(ctx context.Context, s Spans, anyLine bool) (Faced, error)
}

// Tally is what a ledger tells of referrals. Who names a referrer and had bought by the period's end is exactly one of
// Brought, InRings, ByExcluded, ByUnknown and BySelf.
type Tally struct {
	Brought    int64 // by a customer whom the books know
	InRings    int64 // their referrers lead back to themselves
	ByExcluded int64 // by a test customer, staff or the like
	ByUnknown  int64 // by an id that no book has
	BySelf     int64
	NotYet     int64 // of these, who came by the period's end and had not bought by then
	Active     int64 // customers active in the period
	Sent       [3]Sent
	Groups     []Group
	Depths     []Depth // of the brought, from 1
	Longest    int64
	Trees      int64
	Referrers  money.Amount // revenue in the period of those who brought somebody
	Tenths     []Tenth
}

// Sent are those who brought one, two, or three and more customers.
type Sent struct{ Referrers, Active int64 }

// Group is customers of one origin, brought by a known customer or not: of the new ones all, of the others those who came by
// referral or were brought. Revenue is of the period.
type Group struct {
	Sort
	Customers int64
	Revenue   money.Amount
}

// Sort is what makes a group. Told: the origin is known; Earned: of the new, by referral or reputation.
type Sort struct{ New, Brought, Referral, Earned, Told bool }

// Depth is the brought at so many steps below the top of their tree; the last of [DeepestShown] holds the deeper ones too.
type Depth struct {
	Depth     int64
	Customers int64
	Revenue   money.Amount
}

// DeepestShown is the depth from which on all are counted together.
const DeepestShown = 10

// Tenth is a tenth of those who brought somebody, the first with the most value. Revenue is of those whom they brought,
// Chain of everyone below; each is ranked by itself.
type Tenth struct {
	Tenth     int64 // from 1
	Referrers int64
	Revenue   money.Amount
	Chain     money.Amount
}
