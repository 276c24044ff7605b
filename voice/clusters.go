package voice

import (
	"fmt"
	"math"
	"math/big"

	"github.com/throughline/throughline/evidence"
)

// Clusters are sums over the customers c of a group who answered, by which answers of one customer do not count as if they were of
// several: Customers of them, with U_c the sum of a customer's units and n_c how many answers they gave, ΣU_c², ΣU_c·n_c and Σn_c². The unit of a
// Net Promoter Score is −1, 0 or 1, that of a share is 1 for a top answer and 0 for another, that of a mean the score itself. An answer
// without a customer is a customer of its own. Sums of groups that share no customer can be added.
//
// The score is the ratio r = ΣU_c ÷ Σn_c. Its variance is that of a ratio of cluster sums, (m/(m−1)) Σ(U_c − r·n_c)² ÷ (Σn_c)² over m customers (Cochran,
// Sampling Techniques, 1977, section 6.4); the effective number is the number of independent answers that would have it.
type Clusters struct {
	Customers int64
	Squares   int64 // ΣU_c²
	Products  int64 // ΣU_c·n_c
	Sizes     int64 // Σn_c²
}

// Add counts a customer who gave so many answers, of which the units sum to sum.
func (k *Clusters) Add(sum, answers int64) {
	k.Customers++
	k.Squares += sum * sum
	k.Products += sum * answers
	k.Sizes += answers * answers
}

// Merge adds the sums of other customers.
func (k *Clusters) Merge(other Clusters) {
	k.Customers += other.Customers
	k.Squares += other.Squares
	k.Products += other.Products
	k.Sizes += other.Sizes
}

// NPS is the Net Promoter Score of the counts in points, with the adjusted Wald interval on the effective number; units are −1, 0 and 1.
func (k Clusters) NPS(c Counts) evidence.Figure {
	n, err := k.EffectiveNPS(c)
	if err != nil {
		return refuse(err)
	}
	return c.net(n, on(n, c.N()))
}

// Share is the share of the top answers, with Wilson's interval on the effective number; units are 1 for a top answer, else 0.
func (k Clusters) Share(c Counts) evidence.Figure {
	n, err := k.EffectiveShare(c)
	if err != nil {
		return refuse(err)
	}
	return c.share(n, on(n, c.N()))
}

// EffectiveNPS is the number of independent answers that say as much about the score as those of the counts do: from 1 to their number.
func (k Clusters) EffectiveNPS(c Counts) (float64, error) {
	if err := c.refused(); err != nil {
		return 0, err
	}
	p, d := c.shares()
	return k.effective(netVariance(p, d), c.Top-c.Bottom, c.N())
}

// EffectiveShare is the same of the share of the top answers.
func (k Clusters) EffectiveShare(c Counts) (float64, error) {
	if err := c.refused(); err != nil {
		return 0, err
	}
	p, _ := c.shares()
	return k.effective(float64(p*(1-p)), c.Top, c.N())
}

// Mean is the mean of so many answers whose units, the scores, are whole and sum to sum, with Student's interval on the effective number of
// customers, (Σn_c)² ÷ Σn_c², less 1; refused for one customer, where one gave most of the answers, and where all customers have the same mean. It knows no scale,
// so that its ends may lie outside: [Scale.Cut].
func (k Clusters) Mean(sum, answers int64) evidence.Figure {
	if answers <= 0 {
		return refuse(Counts{}.refused())
	}
	spread, err := k.spread(sum, answers)
	switch {
	case err != nil:
		return refuse(err)
	case k.Customers == 1:
		return refuse(errAlone)
	case k.alike(answers) < 2:
		return refuse(errHeavy)
	case spread == 0:
		return refuse(errAlike)
	}
	m := float64(k.Customers)
	half := evidence.Float(student(k.alike(answers)-1) * math.Sqrt(spread*m/(m-1)))
	mean := big.NewRat(sum, answers)
	how := "mean answer; " + studentWords
	if k.Customers < answers {
		how += " over customers"
	}
	return evidence.Confidence(mean, new(big.Rat).Sub(mean, half), new(big.Rat).Add(mean, half), level, answers, how)
}

var (
	errAlone = evidence.Refusal{Reason: "one customer alone tells no spread of a mean", Need: "answers of several customers"}
	errAlike = evidence.Refusal{Reason: "all answered alike, so that the mean has no interval", Need: "more answers"}
	errHeavy = evidence.Refusal{Reason: "a few answers outweigh the others, so that the mean has no interval", Need: "answers of more customers, or of more equal weight"}
	errSums  = evidence.Refusal{Reason: "the sums over customers are not those of these answers", Need: "sums over the customers who gave the answers"}
)

func (k Clusters) effective(variance float64, sum, answers int64) (float64, error) {
	spread, err := k.spread(sum, answers)
	if err != nil {
		return 0, err
	}
	return effective(variance, spread, answers, k.Customers, k.alike(answers)), nil
}

// alike is Kish's number of the customers by how many answers they gave.
func (k Clusters) alike(answers int64) float64 {
	n := float64(answers)
	return float64(n*n) / float64(k.Sizes)
}

// spread is Σ(U_c − r·n_c)² ÷ (Σn_c)², exactly until it is a float; sums that no customers can have are refused: 1 ≤ m ≤ n, n²/m ≤ Σn_c², (ΣU_c)²/m ≤
// ΣU_c² and (ΣU_c·n_c)² ≤ ΣU_c²·Σn_c².
func (k Clusters) spread(sum, answers int64) (float64, error) {
	i := func(x int64) *big.Int { return big.NewInt(x) }
	times := func(x ...*big.Int) *big.Int {
		out := i(1)
		for _, y := range x {
			out.Mul(out, y)
		}
		return out
	}
	m, n, u, uu, un, nn := i(k.Customers), i(answers), i(sum), i(k.Squares), i(k.Products), i(k.Sizes)
	if k.Customers < 1 || k.Customers > answers || times(n, n).Cmp(times(m, nn)) > 0 || times(u, u).Cmp(times(m, uu)) > 0 || times(un, un).Cmp(times(uu, nn)) > 0 {
		return 0, errSums
	}
	// n²·Σ(U_c − (u/n)·n_c)² = n²·ΣU² − 2·n·u·ΣUn + u²·Σn²
	total := times(n, n, uu)
	total.Sub(total, times(i(2), n, u, un))
	total.Add(total, times(u, u, nn))
	if total.Sign() < 0 {
		return 0, errSums
	}
	out, _ := new(big.Rat).SetFrac(total, times(n, n, n, n)).Float64()
	return out, nil
}

// on says in a method that the number of answers is not the number that the interval rests on.
func on(effective float64, n int64) string {
	if effective == float64(n) {
		return ""
	}
	return fmt.Sprintf(" on the effective number %.1f, since answers of one customer are alike", effective)
}
