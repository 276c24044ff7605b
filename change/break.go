package change

import "math"

// Break is the one change of the mean that least squares find, and what speaks
// for it.
type Break struct {
	Last          int // the last value before the change, from 0
	Before, After float64
	RSS0, RSS1    float64 // residual sums of squares without and with the break
	BIC0, BIC1    float64 // of normal errors, as R's strucchange counts parameters
	// CUSUM is sup|S_t|/(σ̂√n) of the residuals about one mean, CUSUMAt where it is reached, P its probability if nothing changed:
	// the supremum of a Brownian bridge (Ploberger & Krämer, Econometrica 60(2), 1992).
	CUSUM   float64
	CUSUMAt int
	P       float64
}

// FindBreak splits a series where the sums of squares of the two parts are least
// (Bai, Econometric Theory 13(3), 1997; Zeileis et al., Computational Statistics & Data
// Analysis 44, 2003). Each part has at least two values and the share trim of all,
// usually 0.15. Whether it is a change at all, BIC1 < BIC0 and P tell. Linear in the
// length.
func FindBreak(series []float64, trim float64) (Break, error) {
	if err := checked("break", series, 4); err != nil {
		return Break{}, err
	}
	mean, sd, err := Level(series)
	if err != nil {
		return Break{}, err
	}
	n := float64(len(series))
	least := max(2, int(math.Floor(trim*n)))
	least = min(least, len(series)/2)
	b := Break{RSS0: sd * sd * (n - 1), RSS1: math.Inf(1)}
	sum := 0.0 // of deviations up to and with i
	for i, x := range series[:len(series)-1] {
		sum += x - mean
		if s := math.Abs(sum) / (sd * math.Sqrt(n)); s > b.CUSUM {
			b.CUSUM, b.CUSUMAt = s, i
		}
		first := float64(i + 1)
		if i+1 < least || len(series)-i-1 < least {
			continue
		}
		// Between the parts lies sum²·n/(first·rest).
		if rss := b.RSS0 - sum*sum*n/(first*(n-first)); rss < b.RSS1 {
			b.RSS1, b.Last = rss, i
		}
	}
	b.Before, b.After = meanOf(series[:b.Last+1]), meanOf(series[b.Last+1:])
	b.RSS1 = squares(series[:b.Last+1], b.Before) + squares(series[b.Last+1:], b.After)
	b.BIC0, b.BIC1 = bic(n, b.RSS0, 2), bic(n, b.RSS1, 4)
	b.P = bridge(b.CUSUM)
	return b, nil
}

func meanOf(series []float64) float64 {
	mean := 0.0
	for i, x := range series {
		mean += (x - mean) / float64(i+1)
	}
	return mean
}

func squares(series []float64, about float64) float64 {
	sum := 0.0
	for _, x := range series {
		sum += (x - about) * (x - about)
	}
	return sum
}

// bic is that of normal errors with k parameters, the variance and the place of
// the break among them.
func bic(n, rss, k float64) float64 {
	return n*(math.Log(2*math.Pi)+math.Log(rss/n)+1) + k*math.Log(n)
}

// bridge is the probability that the supremum of a Brownian bridge's size exceeds
// x: Kolmogorov's distribution, in the series that converges fast.
func bridge(x float64) float64 {
	if x < 0.3 {
		return 1 // 1 − 9e-6 at 0.3
	}
	sum := 0.0
	for i := 1.0; i <= 100; i++ {
		sum += math.Pow(-1, i+1) * math.Exp(-2*i*i*x*x)
	}
	return math.Min(1, 2*sum)
}
