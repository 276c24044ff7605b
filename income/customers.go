package income

import (
	"math"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Origin is how the customers come whom a cost won.
type Origin string

// The origins: by acquire_earned, by not being among it, and where the company does not state it.
const (
	Earned  Origin = "earned"
	Bought  Origin = "bought"
	NotTold Origin = "not_told"
)

// Origins are all of them.
var Origins = []Origin{Earned, Bought, NotTold}

// Spend is what winning customers cost in a month.
type Spend struct {
	Month  calendar.Month
	Origin Origin
	Amount money.Amount
}

// Life is a model of how long customers stay: Survival[k] is the chance to be one still after k months, and SE the standard error of its sum.
// Customers are how many it was made of, by which it is weighed beside another.
type Life struct {
	Name      string
	Customers int64
	Survival  []float64
	SE        float64
}

// Wins are what winning customers cost, of all months up to the period's end, and how long customers stay; Lacks says why there is no asset.
type Wins struct {
	Begin  calendar.Month // of the books of costs
	Spends []Spend
	Lives  []Life
	Lacks  *evidence.Refusal
}

// Roll is a roll-forward: opening + additions − amortised = closing.
type Roll struct{ Opening, Additions, Amortised, Closing money.Amount }

func (r Roll) plus(o Roll) Roll {
	return Roll{r.Opening.Add(o.Opening), r.Additions.Add(o.Additions), r.Amortised.Add(o.Amortised), r.Closing.Add(o.Closing)}
}

// MonthOf is a month of the asset.
type MonthOf struct {
	Month calendar.Month
	Roll
}

// pathMonths is how many months are told one by one, the period's own among them.
const pathMonths = 36

// Customers is the asset that winning customers made: a group asset. What was spent in a month is charged over the horizon in the shares in
// which a customer of the month is expected to be one still: K · S(k−1) ÷ Σ S in its k-th month. Nothing is written off when one leaves,
// because leaving is in S.
type Customers struct {
	Roll
	By       map[Origin]Roll
	Months   []MonthOf
	Models   []string
	Horizon  int             // months
	Expected evidence.Figure // months that a customer stays within the horizon, Σ S
	Begin    calendar.Month
	Filling  bool // what was spent before the books would still be carried
}

// survival is the mean chance to stay by month, by the weights of the models.
func survival(lives []Life, horizon int) []float64 {
	var all float64
	for _, l := range lives {
		all += float64(l.Customers)
	}
	out := make([]float64, horizon)
	for _, l := range lives {
		for k := range out {
			out[k] += float64(l.Survival[k] * (float64(l.Customers) / all))
		}
	}
	return out
}

// expected is Σ S with the normal interval of the models' parameters, which are taken as independent of each other.
func (w Wins) expected(months float64, horizon int) evidence.Figure {
	var all, n, variance float64
	for _, l := range w.Lives {
		all += float64(l.Customers)
	}
	for _, l := range w.Lives {
		part := l.SE * float64(l.Customers) / all
		n, variance = n+float64(l.Customers), variance+float64(part*part)
	}
	if math.IsNaN(variance) {
		return evidence.Refuse("how long customers stay has no standard error", "a model whose parameters are told apart")
	}
	half := 1.959963984540054 * math.Sqrt(variance)
	return evidence.Confidence(evidence.Float(months), evidence.Float(max(0, months-half)), evidence.Float(min(float64(horizon), months+half)), 0.95, int64(n),
		"Σ S(k) over the months of the horizon; delta method")
}

// spread is how what was spent is used up: used[k] is the share after k months.
type spread struct {
	used   []*big.Rat
	places int
}

func spreadOf(s []float64, places int) (spread, float64) {
	sum := 0.0
	for _, x := range s {
		sum += x
	}
	out := spread{used: make([]*big.Rat, len(s)+1), places: places}
	done := 0.0
	for k := range s {
		out.used[k] = evidence.Float(done / sum)
		done += s[k]
	}
	out.used[len(s)] = big.NewRat(1, 1)
	return out, sum
}

// carried is what stands after so many months of an amount, in whole minor units but for what was spent itself.
func (s spread) carried(amount money.Amount, months int) money.Amount {
	switch {
	case months <= 0:
		return amount
	case months >= len(s.used)-1:
		return money.Amount{}
	}
	used, err := money.Parse(new(big.Rat).Mul(amount.Rat(), s.used[months]).FloatString(s.places))
	if err != nil {
		panic(err) // a decimal that was printed
	}
	return amount.Sub(used)
}

// during is the roll-forward of one spend from one month up to another.
func (s spread) during(x Spend, from, to calendar.Month) (r Roll) {
	if x.Month >= to {
		return r
	}
	if x.Month < from {
		r.Opening = s.carried(x.Amount, int(from-x.Month))
	} else {
		r.Additions = x.Amount
	}
	r.Closing = s.carried(x.Amount, int(to-x.Month))
	r.Amortised = money.Sum(r.Opening, r.Additions, r.Closing.Neg())
	return r
}

// state makes the asset; nil where it is refused.
func (w Wins) state(from, to calendar.Month, horizon int, currency money.Currency) (*Customers, *evidence.Refusal) {
	if w.Lacks != nil {
		return nil, w.Lacks
	}
	s := survival(w.Lives, horizon)
	if len(w.Lives) == 0 || slices.ContainsFunc(s, func(x float64) bool { return math.IsNaN(x) || x < 0 || x > 1+1e-9 }) || s[0] <= 0 {
		return nil, &evidence.Refusal{Reason: "no model tells how long customers stay", Need: "customer equity, or worth under contract"}
	}
	shares, months := spreadOf(s, currency.Places())
	out := &Customers{By: map[Origin]Roll{}, Horizon: horizon, Expected: w.expected(months, horizon), Begin: w.Begin, Filling: int(to-w.Begin) < horizon}
	for _, l := range w.Lives {
		out.Models = append(out.Models, l.Name)
	}
	for m := min(from, to-pathMonths); m < to; m++ {
		row := MonthOf{Month: m}
		for _, x := range w.Spends {
			row.Roll = row.plus(shares.during(x, m, m+1))
		}
		out.Months = append(out.Months, row)
	}
	for _, x := range w.Spends {
		r := shares.during(x, from, to)
		out.Roll, out.By[x.Origin] = out.plus(r), out.By[x.Origin].plus(r)
	}
	return out, nil
}
