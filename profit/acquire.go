package profit

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// New are the new customers of a period by how they came.
type New struct{ Earned, Bought, Unattributed int64 }

// All is their number.
func (n New) All() int64 { return n.Earned + n.Bought + n.Unattributed }

func counted(cohorts []Cohort) (n New) {
	for _, c := range cohorts {
		switch c.Via {
		case "referral", "reputation":
			n.Earned += c.Customers
		case "paid", "sales", "partner":
			n.Bought += c.Customers
		default:
			n.Unattributed += c.Customers
		}
	}
	return n
}

const needOrigin = "acquired_via of customers"

// acquire states what it cost to win a customer.
func (s *Statement) acquire(costs []Cost, earned []string, n New) {
	s.New = n
	var of, bought money.Amount
	named, rest := false, false
	for _, c := range costs {
		if slices.Contains(earned, c.Department) || c.Touchpoint != "" && slices.Contains(earned, c.Touchpoint) {
			of, named = of.Add(c.Amount), true
			continue
		}
		bought, rest = bought.Add(c.Amount), true
	}
	all := of.Add(bought)
	s.AcquisitionCost = evidence.Exact(all.Rat(), rowsOf(costs), "Σ costs of kind acquire")
	s.CostPerNew = perCustomer(all, n.All(), 0, "", "costs of kind acquire ÷ new customers")
	switch {
	case !rest:
		s.CostPerBought = evidence.Refuse("every acquire cost of the period is of a department or touchpoint that acquire_earned names", "costs of kind acquire of other ones")
	case bought.Sign() <= 0:
		s.CostPerBought = evidence.Refuse("the acquire costs of the period that buy customers are not above zero", "a period with costs of kind acquire that acquire_earned does not name")
	default:
		s.CostPerBought = perCustomer(bought, n.Bought, n.Unattributed, "bought", "costs of kind acquire, without those of acquire_earned, ÷ bought new customers")
	}
	switch {
	case len(earned) == 0:
		s.CostPerEarned = evidence.Refuse("no cost is stated to be that of a referral or reputation programme", "acquire_earned in settings: the departments or touchpoints whose acquire costs earn customers")
	case !named:
		s.CostPerEarned = evidence.Refuse("no acquire cost of the period is of a department or touchpoint that acquire_earned names", "costs of kind acquire of one of them")
	default:
		s.CostPerEarned = perCustomer(of, n.Earned, n.Unattributed, "earned", "costs of kind acquire of the departments and touchpoints of acquire_earned ÷ earned new customers")
	}
}

// perCustomer divides by those of one kind; those of unknown origin may be of that kind or not, which bounds the quotient.
func perCustomer(cost money.Amount, known, unknown int64, kind, method string) evidence.Figure {
	at := func(n int64) *big.Rat { return new(big.Rat).Quo(cost.Rat(), new(big.Rat).SetInt64(n)) }
	switch {
	case known+unknown == 0 && kind == "":
		return evidence.Refuse("no customer was new in the period", "a period with new customers")
	case known+unknown == 0:
		return evidence.Refuse("no new customer of the period is known or may be said to be "+kind, needOrigin)
	case unknown == 0:
		return evidence.Exact(at(known), known, method)
	case known == 0:
		return evidence.Refuse("no new customer is known to be "+kind+", and the origin of "+people(unknown)+" is unknown", needOrigin)
	}
	low, high := at(known+unknown), at(known)
	if low.Cmp(high) > 0 {
		low, high = high, low
	}
	return evidence.Bounds(low, high, known+unknown, method+": all of unknown origin "+kind+", to none of them")
}

func people(n int64) string {
	if n == 1 {
		return "1 new customer"
	}
	return fmt.Sprintf("%d new customers", n)
}

const (
	leastNew = 30                // for a normal interval of a mean
	z95      = 1.959963984540054 // the normal distribution's 97.5% point
)

// age is what new customers have brought by the end of a month since their first.
type age struct {
	n    int64
	mean *big.Rat // in units of the currency
	half float64  // half of the 95% interval of the mean
}

// ages are the mean cumulative gross profit of a new customer by age, of those cohorts alone that reach the age. Two
// cohorts of one month that came in different ways are added.
func ages(cohorts []Cohort, months int) []age {
	var out []age
	for a := range months {
		x := age{}
		sum, squares := money.Amount{}, new(big.Int)
		for _, c := range cohorts {
			if m := c.First + a; m < months {
				x.n += c.Customers
				sum = sum.Add(c.Sums[m])
				squares.Add(squares, c.Squares[m])
			}
		}
		if x.n < leastNew {
			break
		}
		n := new(big.Rat).SetInt64(x.n)
		x.mean = new(big.Rat).Quo(sum.Rat(), n)
		// s² = (Σy² − (Σy)²/n) ÷ (n − 1), exact until the root.
		million := big.NewInt(1_000_000)
		variance := new(big.Rat).SetFrac(squares, new(big.Int).Mul(million, million))
		variance.Sub(variance, new(big.Rat).Mul(x.mean, sum.Rat()))
		variance.Quo(variance, new(big.Rat).Mul(n, new(big.Rat).SetInt64(x.n-1)))
		v, _ := variance.Float64()
		x.half = z95 * math.Sqrt(max(v, 0))
		out = append(out, x)
	}
	return out
}

// payback is in how many months a new customer has brought what a bought one cost: the first age at which the mean
// cumulative gross profit reaches the cost. Its interval holds the ages at which the 95% band of the mean reaches it.
func payback(cost evidence.Figure, cohorts []Cohort, months int, currency money.Currency) evidence.Figure {
	if r, refused := cost.Refusal(); refused {
		return evidence.Refuse("what a bought new customer cost is refused: "+r.Reason, r.Need)
	}
	e, _ := cost.Estimate()
	curve := ages(cohorts, months)
	if len(curve) == 0 {
		return evidence.Refuse(fmt.Sprintf("%s, of %d that payback needs", people(counted(cohorts).All()), leastNew), "a period with more new customers")
	}
	first := func(reached func(age) bool) int { return slices.IndexFunc(curve, reached) }
	above := func(x age, sign float64, cost *big.Rat) bool {
		half := evidence.Float(sign * x.half)
		return half.Add(half, x.mean).Cmp(cost) >= 0
	}
	early := first(func(x age) bool { return above(x, 1, e.Low) })
	mid := first(func(x age) bool { return x.mean.Cmp(e.High) >= 0 })
	late := first(func(x age) bool { return above(x, -1, e.High) })
	last := curve[len(curve)-1]
	shown := monthsText(len(curve)) + " that the books show of at least " + fmt.Sprint(leastNew) + " new customers"
	brought := fmt.Sprintf("a new customer has then brought %s %s on average, and a bought one cost %s", last.mean.FloatString(currency.Places()), currency, said(e, currency))
	switch {
	case mid < 0:
		return evidence.Refuse("not paid back within the "+shown+": "+brought, "a later close, which sees these customers for longer")
	case late < 0:
		return evidence.Refuse(fmt.Sprintf("paid back after %s on average, but its 95%% interval does not end within the %s", monthsText(mid+1), shown), "more new customers, or a later close")
	}
	at := func(i int) *big.Rat { return big.NewRat(int64(i+1), 1) }
	method := "first month since the first purchase by whose end the mean cumulative gross profit of new customers old enough reaches the cost of a bought one"
	if e.Kind == evidence.KindBounds {
		return evidence.Bounds(at(early), at(late), curve[late].n, method+"; all of unknown origin bought, to none of them, each with the 95% band of the mean")
	}
	return evidence.Confidence(at(mid), at(early), at(late), 0.95, curve[mid].n, method+"; interval: where the 95% band of the mean reaches it")
}

func said(e evidence.Estimate, currency money.Currency) string {
	if e.Kind == evidence.KindBounds {
		return e.Low.FloatString(currency.Places()) + " to " + e.High.FloatString(currency.Places())
	}
	return e.Value.FloatString(currency.Places())
}

func monthsText(n int) string {
	if n == 1 {
		return "1 month"
	}
	return fmt.Sprintf("%d months", n)
}
