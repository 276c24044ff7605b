package referral

import (
	"fmt"
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Statement is what is stated of referrals for one period.
type Statement struct {
	Windows
	Tally
	Currency money.Currency

	New, NewBrought              int64 // customers new in the period
	Came, CameKnown              int64 // customers who came by referral, and those of them whose referrer is known
	OtherOrigin                  int64 // brought customers whose stated origin is another one
	BroughtRevenue               money.Amount
	ReferralRevenue, ReferralNew money.Amount // of who came by referral: all, and the new
	EarnedNew                    money.Amount

	BroughtShare  evidence.Figure // of the new customers
	Known         evidence.Figure // referrers known, of those who came by referral
	ReferralShare evidence.Figure // of the new revenue by word of mouth
	TopTenth      evidence.Figure // of the value brought, by the tenth of referrers who brought most

	Losses any // along ties: a [Losses], or why there is none; nil where another block has it
}

// fewestReferrers is how many referrers the share of the top tenth needs: below, a tenth is nobody.
const fewestReferrers = 10

// State makes the statement of what a ledger counted. It is an error when the counts contradict each other, which no ledger
// may bring about.
func State(w Windows, t Tally, currency money.Currency) (Statement, error) {
	s := Statement{Windows: w, Tally: t, Currency: currency}
	var newUnknown, brought int64
	for _, g := range t.Groups {
		if g.New {
			s.New += g.Customers
			switch {
			case g.Brought:
				s.NewBrought += g.Customers
			case g.Referral || !g.Told:
				newUnknown += g.Customers
			}
			if g.Earned {
				s.EarnedNew = s.EarnedNew.Add(g.Revenue)
			}
		}
		if g.Referral {
			s.Came += g.Customers
			s.ReferralRevenue = s.ReferralRevenue.Add(g.Revenue)
			if g.Brought {
				s.CameKnown += g.Customers
			}
			if g.New {
				s.ReferralNew = s.ReferralNew.Add(g.Revenue)
			}
		}
		if g.Brought {
			brought += g.Customers
			s.BroughtRevenue = s.BroughtRevenue.Add(g.Revenue)
			if g.Told && !g.Referral {
				s.OtherOrigin += g.Customers
			}
		}
	}
	if err := s.check(brought); err != nil {
		return s, err
	}
	s.rates(newUnknown)
	return s, nil
}

// check holds the identities between the counts.
func (s *Statement) check(grouped int64) error {
	var deep, sums int64
	var below money.Amount
	for _, d := range s.Depths {
		deep += d.Customers
		below = below.Add(d.Revenue)
	}
	var tenths, chains money.Amount
	for _, t := range s.Tenths {
		sums += t.Referrers
		tenths, chains = tenths.Add(t.Revenue), chains.Add(t.Chain)
	}
	switch {
	case grouped != s.Brought || deep != s.Brought:
		return fmt.Errorf("referrals: %d customers were brought, %d by origin and %d by depth", s.Brought, grouped, deep)
	case !below.Equal(s.BroughtRevenue):
		return fmt.Errorf("referrals: the brought spent %s, and %s by depth", s.BroughtRevenue, below)
	case len(s.Tenths) > 0 && (sums != s.Referring() || !tenths.Equal(s.BroughtRevenue)):
		return fmt.Errorf("referrals: the tenths hold %d of %d referrers and %s of %s", sums, s.Referring(), tenths, s.BroughtRevenue)
	}
	return nil
}

// Referring is how many brought somebody.
func (t Tally) Referring() int64 {
	var n int64
	for _, c := range t.Sent {
		n += c.Referrers
	}
	return n
}

// Named is how many who had bought name a referrer, whoever it is.
func (t Tally) Named() int64 { return t.Brought + t.InRings + t.ByExcluded + t.ByUnknown + t.BySelf }

func (s *Statement) rates(newUnknown int64) {
	s.BroughtShare = evidence.Refuse("nobody is new in the period", "a period with new customers")
	if s.New > 0 {
		s.BroughtShare = evidence.Bounds(big.NewRat(s.NewBrought, s.New), big.NewRat(s.NewBrought+newUnknown, s.New), s.New,
			"brought by a known customer, to those with all others who came by referral or whose origin nobody knows")
		if newUnknown == 0 {
			s.BroughtShare = evidence.Exact(big.NewRat(s.NewBrought, s.New), s.New, "brought by a known customer, of the new")
		}
	}
	s.Known = evidence.Refuse("no customer came by referral", "acquired_via of customers, where referral is one of the ways")
	if s.Came > 0 {
		s.Known = evidence.Exact(big.NewRat(s.CameKnown, s.Came), s.Came, "whose referrer is a known customer, of those who came by referral")
	}
	s.ReferralShare = evidence.Refuse("new customers who came by word of mouth brought no revenue", "a period in which they did")
	if s.EarnedNew.Sign() > 0 {
		s.ReferralShare = evidence.Exact(new(big.Rat).Quo(s.ReferralNew.Rat(), s.EarnedNew.Rat()), s.New, "revenue of the new by referral ÷ of the new by referral or reputation")
	}
	switch {
	case len(s.Tenths) == 0:
		s.TopTenth = evidence.Refuse(fmt.Sprintf("%d customers brought somebody, need %d", s.Referring(), fewestReferrers), "more customers whose referrer is known (referred_by)")
	case s.BroughtRevenue.Sign() <= 0:
		s.TopTenth = evidence.Refuse("customers who were brought spent nothing in the period", "a period in which they did")
	default:
		s.TopTenth = evidence.Exact(new(big.Rat).Quo(s.Tenths[0].Revenue.Rat(), s.BroughtRevenue.Rat()), s.Referring(), "value brought by the tenth who brought most ÷ by all who brought somebody")
	}
}
