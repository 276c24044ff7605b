package equity

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// agency is a simulated company that sells contracts: all data of these tests are simulated. Contracts begin evenly over so many days and
// end at renewals only.
type agency struct {
	alpha, beta, c float64 // BdW, by the renewal; c = 1: sBG
	a              int
	days           int
	yearly         float64 // share that is renewed by the year, with alpha and beta a twelfth as patient
	grows          float64 // of the amounts, a year
	season         float64 // who faces a renewal in winter leaves by so much more
	same           float64 // one churn for all, instead
}

var patron = agency{alpha: 1.2, beta: 14, c: 1, a: 2000, days: 1460}

// underContract is the agency's books, and what those who were under contract at their end did after it.
type underContract struct {
	agency
	end         calendar.Day
	contracts   []contract
	margin      float64 // of what accrues
	stay        float64
	year, worth float64 // revenue within a year, and discounted at 10 % a year of sixty years, of what accrues, each term at its beginning
}

type contract struct {
	months       int
	began, ended calendar.Day
	amount       float64
	segment      int
}

func (g agency) draw(seed uint64) underContract {
	r := rand.New(rand.NewPCG(seed, 0xc0))
	out := underContract{agency: g, margin: 0.4, end: from + calendar.Day(g.days)}
	delta := math.Log(1.1) / perYear
	for i := range g.a {
		k := contract{months: 1, began: from + calendar.Day(r.IntN(g.days)), amount: 20 * math.Exp(0.5*r.NormFloat64()), segment: i % 2}
		alpha, beta := g.alpha, g.beta
		if r.Float64() < g.yearly {
			k.months, beta = 12, beta/12
		}
		leaves := distuv.Beta{Alpha: alpha, Beta: beta, Src: r}.Rand()
		if g.same > 0 {
			leaves = g.same
		}
		for n := 1; ; n++ {
			due := k.began.AddMonths(n * k.months)
			// S(n)/S(n−1) of one customer is (1−θ)^(n^c − (n−1)^c) (Fader, Hardie, Liu, Davin & Steenburgh 2018).
			stays := math.Pow(1-leaves, math.Pow(float64(n), g.c)-math.Pow(float64(n-1), g.c))
			if g.season > 0 {
				stays = math.Pow(stays, 1+g.season*math.Cos(2*math.Pi*float64(due-from)/perYear))
			}
			if r.Float64() > stays || due > out.end+60*365 {
				k.ended = due
				break
			}
		}
		out.contracts = append(out.contracts, k)
		if k.ended < out.end {
			continue
		}
		if year := out.end.AddMonths(12); k.ended >= year {
			out.stay++
		}
		out.realise(k, delta)
	}
	return out
}

// realise adds what a contract brought after the end.
func (u *underContract) realise(k contract, delta float64) {
	year := u.end.AddMonths(12)
	amount := func(at calendar.Day) float64 { return k.amount * math.Pow(1+u.grows, float64(at-u.end)/perYear) }
	for n := 0; ; n++ {
		start, stop := k.began.AddMonths(n*k.months), k.began.AddMonths((n+1)*k.months)
		if stop > k.ended {
			return
		}
		if stop <= u.end {
			continue
		}
		accrues := float64(stop-max(start, u.end)) / monthDays * amount(max(start, u.end))
		if start < u.end {
			u.worth += accrues
		} else {
			u.worth += amount(start) * float64(k.months) * math.Exp(-delta*float64(start-u.end))
		}
		if start < year {
			u.year += float64(min(stop, year)-max(start, u.end)) / monthDays * amount(max(start, u.end))
		}
	}
}

func (u underContract) amount(k contract, at calendar.Day) (float64, bool) {
	if k.began >= at || k.ended < at {
		return 0, false
	}
	return k.amount * math.Pow(1+u.grows, float64(at-u.end)/perYear), true
}

// FirstEnded, and the others, answer [ContractLedger].
func (u underContract) FirstEnded(_ context.Context, until calendar.Day) (calendar.Day, bool, error) {
	first := farAway
	for _, k := range u.contracts {
		if k.ended < until {
			first = min(first, k.ended)
		}
	}
	return first, first < farAway, nil
}

func (u underContract) ContractFacts(_ context.Context, q Question) (ContractFacts, error) {
	f := ContractFacts{Segments: []string{"home", "business"}}
	profit, hundred := money.FromMicros(int64(100e6*u.margin)), money.FromMicros(100e6)
	known := []Earned{{Segment: 0, Revenue: hundred, Known: hundred, Profit: profit}, {Segment: 1, Revenue: hundred, Known: hundred, Profit: profit}}
	f.Earned = [2][]Earned{known, known}
	for _, k := range u.contracts {
		if x, ran := u.amount(k, q.Lead().Start); ran {
			kept, _ := u.amount(k, q.Cut)
			f.Lead, f.Kept = f.Lead+x, f.Kept+kept
		}
	}
	return f, nil
}

func (u underContract) Agreements(_ context.Context, q Question, visit func(Agreement) error) error {
	for _, k := range u.contracts {
		a := Agreement{Months: k.months, Began: k.began, Segment: k.segment, Entity: Rest, Together: 1}
		a.Was, a.Opened = u.amount(k, q.Opened)
		a.Is, a.Runs = u.amount(k, u.end)
		var held bool
		if a.Cut, held = u.amount(k, q.Cut); held {
			a.Held = 1
			for _, p := range q.Quarters() {
				if k.ended >= p.End {
					a.Held++
				}
			}
		}
		if a.Opened || a.Runs || held {
			if err := visit(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u underContract) Endings(_ context.Context, q Question, visit func(Ending) error) error {
	for _, k := range u.contracts {
		e := Ending{Months: k.months, Began: k.began, Together: 1}
		if k.ended < q.Until {
			e.Lost = LostAt(k.began, k.ended, k.months)
		}
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

func (u underContract) input() ContractInput {
	rate := 0.1
	return ContractInput{Opened: u.end.AddMonths(-12), Until: u.end, Discount: &rate}
}

// shuffled are the same contracts in another order.
func (u underContract) shuffled() underContract {
	u.contracts = slices.Clone(u.contracts)
	slices.SortFunc(u.contracts, func(a, b contract) int { return cmp.Compare(a.amount, b.amount) })
	return u
}
