package growth

import (
	"fmt"
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Class is what a new customer's origin counts as.
type Class string

// Earned: came by referral or reputation. Bought: by paid promotion, sales or a partner. Unattributed: nobody knows.
const (
	Earned       Class = "earned"
	Bought       Class = "bought"
	Unattributed Class = "unattributed"
)

// Origin is a customer's acquired_via and acquired_how as the books have them; both may be empty.
type Origin struct {
	Via, How string
}

// Class maps acquired_via to its class, whatever acquired_how says: the line of the revenue bridge.
func (o Origin) Class() (Class, error) {
	switch o.Via {
	case "referral", "reputation":
		return Earned, nil
	case "paid", "sales", "partner":
		return Bought, nil
	case "unknown", "":
		return Unattributed, nil
	}
	return "", fmt.Errorf("origin: acquired_via %q is none of referral, reputation, paid, sales, partner, unknown", o.Via)
}

// footing is what an origin is worth as evidence.
type footing int

const (
	isFact     footing = iota // known, and not by asking some of those whose origin was unknown
	isAsked                   // the customer was asked and gave an origin: the sample
	isNotAsked                // unknown, asked without an answer, or guessed
)

// footing decides three cases that the books leave open. A via without a how is the company's own record and stands as
// declared. An inferred via is a guess: it keeps its line in the bridge, but the estimate treats it as not asked. Asked,
// but without an origin for an answer, is not asked.
func (o Origin) footing() (footing, error) {
	class, err := o.Class()
	if err != nil {
		return 0, err
	}
	switch o.How {
	case "asked", "tracked", "declared", "inferred", "":
	default:
		return 0, fmt.Errorf("origin: acquired_how %q is none of asked, tracked, declared, inferred", o.How)
	}
	switch {
	case class == Unattributed || o.How == "inferred":
		return isNotAsked, nil
	case o.How == "asked":
		return isAsked, nil
	}
	return isFact, nil
}

// Spend sums over customers what they spent, each above zero: how many, Σy, and Σy² in millionths of the currency squared
// (nil is none). Sums of integers do not depend on the order of the rows.
type Spend struct {
	Customers int64
	Revenue   money.Amount
	Squares   *big.Int
}

// SpendOf is one customer's spend.
func SpendOf(revenue money.Amount) Spend {
	y := revenue.Big()
	return Spend{Customers: 1, Revenue: revenue, Squares: y.Mul(y, y)}
}

func (s Spend) plus(t Spend) Spend {
	return Spend{s.Customers + t.Customers, s.Revenue.Add(t.Revenue), new(big.Int).Add(integer(s.Squares), integer(t.Squares))}
}

func integer(x *big.Int) *big.Int {
	if x == nil {
		return new(big.Int)
	}
	return x
}

// check refuses sums that no customers with spend above zero can have: Σy² ≤ (Σy)² ≤ n·Σy² (Cauchy and Schwarz).
func (s Spend) check() error {
	if s.Customers < 0 || (s.Customers == 0) != s.Revenue.IsZero() || s.Revenue.Sign() < 0 {
		return fmt.Errorf("spend: %d customers with revenue %s; only customers above zero count", s.Customers, s.Revenue)
	}
	y, q := s.Revenue.Big(), integer(s.Squares)
	y.Mul(y, y)
	if q.Cmp(y) > 0 || y.Cmp(new(big.Int).Mul(q, big.NewInt(s.Customers))) > 0 {
		return fmt.Errorf("spend: revenue %s and squares %v do not agree for %d customers", s.Revenue, q, s.Customers)
	}
	return nil
}

// Origins are the sufficient statistics of earned growth: the spend of the new customers active in a period, by origin.
// The zero value is empty and ready. The engine returns one row per origin, so it is bounded whatever the books hold.
type Origins struct {
	by map[Origin]Spend
}

// Add adds the spend of new customers of one origin.
func (o *Origins) Add(origin Origin, s Spend) error {
	if _, err := origin.footing(); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	if o.by == nil {
		o.by = map[Origin]Spend{}
	}
	o.by[origin] = o.by[origin].plus(s)
	return nil
}

// Merge adds the other's customers; the two must have no customer in common.
func (o *Origins) Merge(other Origins) error {
	for origin, s := range other.by {
		if err := o.Add(origin, s); err != nil {
			return err
		}
	}
	return nil
}

// Class is the spend of the new customers of a class, as the revenue bridge shows it.
func (o Origins) Class(c Class) Spend {
	return o.sum(func(class Class, _ footing, _ Origin) bool { return class == c })
}

// Inferred is the spend of the new customers whose origin is a guess: the bridge believes it, the estimate does not, and
// a statement with any should warn.
func (o Origins) Inferred() Spend {
	return o.sum(func(class Class, _ footing, origin Origin) bool {
		return class != Unattributed && origin.How == "inferred"
	})
}

// Asked is the spend of the new customers who were asked and gave an origin.
func (o Origins) Asked() Spend {
	return o.sum(func(_ Class, f footing, _ Origin) bool { return f == isAsked })
}

// NotAsked is the spend of the new customers whose origin is neither a fact nor an answer.
func (o Origins) NotAsked() Spend {
	return o.sum(func(_ Class, f footing, _ Origin) bool { return f == isNotAsked })
}

// All is the spend of all the new customers.
func (o Origins) All() Spend {
	return o.sum(func(Class, footing, Origin) bool { return true })
}

func (o Origins) sum(in func(Class, footing, Origin) bool) Spend {
	var total Spend
	for origin, s := range o.by {
		class, _ := origin.Class() // Add refused the others
		f, _ := origin.footing()
		if in(class, f, origin) {
			total = total.plus(s)
		}
	}
	return total
}

// Bounds are the earned revenue of the new customers with all that is unattributed bought, and all of it earned. They take
// every via as the books give it, a guessed one too: they say how far the *unknown* can move the figure. Where guesses and
// answers disagree the estimate, which sets guesses aside, can therefore lie outside them; that is a finding, not a fault.
func (o Origins) Bounds() evidence.Figure {
	low := o.Class(Earned).Revenue
	high := low.Add(o.Class(Unattributed).Revenue)
	return evidence.Bounds(low.Rat(), high.Rat(), o.All().Customers, "all unattributed bought to all unattributed earned")
}

// EarnedRevenue is the estimated earned revenue of the new customers, in the currency: the earned facts, and the revenue
// of the rest × the revenue-weighted earned share of those asked. See [sample] for the interval and for when it refuses.
// N is the number asked, or of all the new customers when nothing is estimated.
func (o Origins) EarnedRevenue() evidence.Figure {
	facts := o.sum(func(c Class, f footing, _ Origin) bool { return c == Earned && f == isFact }).Revenue
	answers := o.sum(func(c Class, f footing, _ Origin) bool { return c == Earned && f == isAsked }).Revenue
	s := sample{earned: answers, asked: o.Asked(), notAsked: o.NotAsked()}
	if s.notAsked.Customers == 0 {
		return evidence.Exact(facts.Add(answers).Rat(), o.All().Customers, "every origin is a fact or an answer")
	}
	f := s.total()
	e, ok := f.Estimate()
	if !ok {
		return f
	}
	return f.Affine(unity, facts.Rat(), e.Method)
}

// EarnedShare is the earned revenue as a share of the revenue of the new customers.
func (o Origins) EarnedShare() evidence.Figure {
	all := o.All()
	if all.Customers == 0 {
		return evidence.Refuse("no new customers with revenue", "a new customer active in the period")
	}
	f := o.EarnedRevenue()
	e, ok := f.Estimate()
	if !ok {
		return f
	}
	return f.Affine(new(big.Rat).Inv(all.Revenue.Rat()), new(big.Rat), e.Method)
}

// sample is the part of the rest that was asked, and the part that was not. The target is T, the earned revenue of both.
//
// Let e_i be 1 when customer i is earned, with probability p whatever the spend y_i. The answers give p̂ = E/Y_a; T/Y is
// E/Y + (Y_n/Y)·p_n, where p_n, the share among those not asked, is what is unknown. Given the spends, which are known,
//
//	var(p̂ − T/Y) = p(1−p)·[(Y_n/Y)²·Q_a/Y_a² + Q_n/Y²] = p(1−p)/n,   Q = Σy²,
//
// so the effective number is n = Y²/(Q_a·(Y_n/Y_a)² + Q_n) (the prediction variance of Royall, Biometrika 57, 1970). It
// needs no share asked f. When the spends of those asked are like the others', it is (Y_a²/Q_a)/(1−f) with f counted by
// customers (Kish's effective number and the finite population correction), and with equal spends exactly so. But f has
// no answer for one large customer who was, or was not, asked: on skewed spend both versions, f by customers and f by
// revenue, can cover as little as 73% and 84% (docs/coverage.md).
//
// Inverting the score statistic, (p̂ − t)² = z²·t(1−t)/n for t = T/Y, is Wilson's interval on n (JASA 22, 1927); with equal
// spends this is the joint-sampling prediction interval of Krishnamoorthy & Peng (J. Statistical Planning and Inference 141,
// 2011). What was answered is not in doubt, so it is cut to [E, E + Y_n].
type sample struct {
	earned          money.Amount // E, of those asked
	asked, notAsked Spend
}

// The floors below which the interval's coverage is not what it says (docs/coverage.md, simulated).
const (
	leastEffective = 10 // n: below it a single large customer decides the total
	leastAsked     = 5  // (Σy)²/Σy² of those asked: below it p̂ takes too few values
	leastNotAsked  = 5  // (Σy)²/Σy² of those not asked: below it T takes too few values for any interval inside the bounds
)

// total is T in the currency. It refuses when nobody was asked and below the floors of n and of those asked. When those not
// asked are too few for a sampling interval the ends are the bounds: all of them bought, all of them earned.
func (s sample) total() evidence.Figure {
	const need = "more new customers asked how they came (acquired_how = asked)"
	if s.asked.Customers == 0 {
		return evidence.Refuse("no new customer of unknown origin was asked", need)
	}
	if k := kish(s.asked); k.Cmp(big.NewRat(leastAsked, 1)) < 0 {
		return evidence.Refuse(fmt.Sprintf("those asked count as %s customers by revenue, need %d", k.FloatString(1), leastAsked), need)
	}
	n := s.effective()
	if n.Cmp(big.NewRat(leastEffective, 1)) < 0 {
		return evidence.Refuse(fmt.Sprintf("the effective number is %s, need %d", n.FloatString(1), leastEffective), need)
	}
	e := s.earned.Rat()
	share := new(big.Rat).Quo(e, s.asked.Revenue.Rat())
	rest := s.asked.Revenue.Add(s.notAsked.Revenue).Rat()
	value := new(big.Rat).Mul(share, rest)
	most := new(big.Rat).Add(e, s.notAsked.Revenue.Rat())
	if k := kish(s.notAsked); k.Cmp(big.NewRat(leastNotAsked, 1)) < 0 {
		return evidence.BoundsAround(value, e, most, s.asked.Customers,
			fmt.Sprintf("share of those asked; those not asked count as %s customers by revenue: all bought to all earned", k.FloatString(1)))
	}
	low, high := wilson(share, n)
	low, high = larger(low.Mul(low, rest), e), smaller(high.Mul(high, rest), most)
	return evidence.Confidence(value, low, high, 0.95, s.asked.Customers,
		fmt.Sprintf("share of those asked, by revenue; Wilson score interval on the effective number %s", n.FloatString(1)))
}

// effective is n = Y²/(Q_a·(Y_n/Y_a)² + Q_n).
func (s sample) effective() *big.Rat {
	ya, yn := s.asked.Revenue.Big(), s.notAsked.Revenue.Big()
	ratio := new(big.Rat).SetFrac(yn, ya)
	d := new(big.Rat).Mul(ratio, ratio)
	d.Mul(d, new(big.Rat).SetInt(s.asked.Squares))
	d.Add(d, new(big.Rat).SetInt(s.notAsked.Squares))
	y := new(big.Rat).SetInt(ya.Add(ya, yn))
	return y.Quo(y.Mul(y, y), d)
}

// kish is (Σy)²/Σy²: how many customers of equal spend would weigh as much (Kish, Survey Sampling, 1965).
func kish(s Spend) *big.Rat {
	y := s.Revenue.Big()
	return new(big.Rat).SetFrac(y.Mul(y, y), s.Squares)
}

// unity is shared and never changed.
var unity = big.NewRat(1, 1)

// z975 is the 97.5% point of the standard normal distribution.
var z975 = big.NewRat(1_959_963_984_540_054, 1_000_000_000_000_000)

// wilson is the 95% score interval of a share on a number n > 0 that need not be whole (Wilson, JASA 22, 1927):
// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). The root is taken in 256 bits of integer arithmetic, so the
// result is the same on every platform.
func wilson(p, n *big.Rat) (low, high *big.Rat) {
	zzn := new(big.Rat).Quo(new(big.Rat).Mul(z975, z975), n) // z²/n
	under := new(big.Rat).Sub(unity, p)
	under.Quo(under.Mul(under, p), n)
	under.Add(under, new(big.Rat).Quo(new(big.Rat).Mul(zzn, big.NewRat(1, 4)), n))
	root, _ := new(big.Float).Sqrt(new(big.Float).SetPrec(256).SetRat(under)).Rat(nil)
	root.Mul(root, z975)
	centre := new(big.Rat).Add(p, new(big.Rat).Mul(zzn, big.NewRat(1, 2)))
	scale := new(big.Rat).Inv(new(big.Rat).Add(unity, zzn))
	low = new(big.Rat).Sub(centre, root)
	high = new(big.Rat).Add(centre, root)
	low, high = low.Mul(low, scale), high.Mul(high, scale)
	// At p = 0 and p = 1 an end is the value exactly; the root's last bit must not say otherwise.
	if p.Sign() == 0 {
		low.SetInt64(0)
	}
	if p.Cmp(unity) == 0 {
		high.SetInt64(1)
	}
	return low, high
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

func smaller(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) > 0 {
		return b
	}
	return a
}
