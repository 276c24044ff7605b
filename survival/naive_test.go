package survival

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// The second methods: everything from the definitions, over all pairs of rows, with nothing shared with the package but its types.

// world is a model and its rows, drawn with ties everywhere.
func world(t *rapid.T) Cox {
	n := rapid.IntRange(1, 40).Draw(t, "n")
	p := rapid.IntRange(1, 3).Draw(t, "p")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	horizon := rapid.SampledFrom([]int{3, 12, 1000}).Draw(t, "horizon")
	from := rapid.SampledFrom([]int{0, -5, 100}).Draw(t, "from")
	c := Cox{Ties: Ties(rapid.IntRange(0, 1).Draw(t, "ties"))}
	late := rapid.Bool().Draw(t, "late")
	weighted := rapid.IntRange(0, 2).Draw(t, "weighted")
	strata := rapid.IntRange(0, 3).Draw(t, "strata")
	events := rapid.SampledFrom([]float64{0.3, 0.8, 1}).Draw(t, "events")
	for range n {
		start := float64(from + r.IntN(horizon))
		c.Stop = append(c.Stop, start+float64(1+r.IntN(horizon)))
		if late {
			c.Start = append(c.Start, start)
		}
		c.Event = append(c.Event, r.Float64() < events)
		switch weighted {
		case 1:
			c.Weight = append(c.Weight, float64(r.IntN(4)))
		case 2:
			c.Weight, c.Weighting = append(c.Weight, 0.2+2*r.Float64()), Sampling
		}
		if strata > 0 {
			c.Stratum = append(c.Stratum, r.IntN(strata)*7-7)
		}
	}
	for a := range p {
		v := Covariate{Name: string(rune('a' + a))}
		for range n {
			x := r.NormFloat64()
			if a == 1 {
				x = float64(r.IntN(2))
			}
			v.Values = append(v.Values, x)
		}
		c.Covariates = append(c.Covariates, v)
	}
	return c
}

func (c Cox) weightOf(i int) float64 {
	if c.Weight == nil {
		return 1
	}
	return c.Weight[i]
}

func (c Cox) stratumOf(i int) int {
	if c.Stratum == nil {
		return 0
	}
	return c.Stratum[i]
}

// atRisk tells whether row j is under observation when row i has its event.
func (c Cox) atRisk(j, i int) bool {
	return c.stratumOf(j) == c.stratumOf(i) && c.weightOf(j) > 0 && c.Stop[j] >= c.Stop[i] && (c.Start == nil || c.Start[j] < c.Stop[i])
}

// naiveStep is one factor of the partial likelihood: the weight, and the weight of each row at risk in it.
type naiveStep struct {
	time   float64
	weight float64
	deaths []int
	share  []float64 // by row; 0 when not at risk
}

// naiveSteps lists the factors. Efron: step l of k lowers the weight of those with the event to 1 − l/k of it.
func naiveSteps(c Cox) []naiveStep {
	var out []naiveStep
	done := map[int]bool{}
	for i := range c.Stop {
		if !c.Event[i] || c.weightOf(i) == 0 || done[i] {
			continue
		}
		var deaths []int
		sum := 0.0
		for j := range c.Stop {
			if c.Event[j] && c.weightOf(j) > 0 && c.Stop[j] == c.Stop[i] && c.stratumOf(j) == c.stratumOf(i) {
				deaths = append(deaths, j)
				done[j] = true
				sum += c.weightOf(j)
			}
		}
		k := 1
		if c.Ties == Efron {
			k = len(deaths)
			if c.Weighting == Repeats {
				k = int(sum)
			}
		}
		for l := range k {
			s := naiveStep{time: c.Stop[i], weight: sum / float64(k), deaths: deaths, share: make([]float64, len(c.Stop))}
			for j := range c.Stop {
				if c.atRisk(j, i) {
					s.share[j] = c.weightOf(j)
				}
			}
			if c.Ties == Efron {
				for _, j := range deaths {
					s.share[j] *= 1 - float64(l)/float64(k)
				}
			}
			out = append(out, s)
		}
	}
	return out
}

// moments of the covariates at risk in a step: log of the sum, mean, covariance.
func (s naiveStep) moments(c Cox, beta []float64) (logs float64, mean []float64, cov *mat.SymDense) {
	p := len(c.Covariates)
	mean, cov = make([]float64, p), mat.NewSymDense(p, nil)
	sum := 0.0
	risk := make([]float64, len(c.Stop))
	for j, w := range s.share {
		if w == 0 {
			continue
		}
		eta := 0.0
		for a := range p {
			eta += beta[a] * c.Covariates[a].Values[j]
		}
		risk[j] = w * math.Exp(eta)
		sum += risk[j]
	}
	for j, r := range risk {
		for a := range p {
			mean[a] += r / sum * c.Covariates[a].Values[j]
		}
	}
	for j, r := range risk {
		for a := range p {
			for b := range a + 1 {
				cov.SetSym(a, b, cov.At(a, b)+r/sum*(c.Covariates[a].Values[j]-mean[a])*(c.Covariates[b].Values[j]-mean[b]))
			}
		}
	}
	return math.Log(sum), mean, cov
}

// naiveLikelihood gives value, gradient and information at beta, in the covariates' own units.
func naiveLikelihood(c Cox, beta []float64) (value float64, score []float64, info *mat.SymDense) {
	p := len(c.Covariates)
	score, info = make([]float64, p), mat.NewSymDense(p, nil)
	for _, s := range naiveSteps(c) {
		logs, mean, cov := s.moments(c, beta)
		value -= s.weight * logs
		total := 0.0
		for _, j := range s.deaths {
			total += c.weightOf(j)
		}
		for _, j := range s.deaths {
			share := c.weightOf(j) / total * s.weight // of this step
			for a := range p {
				value += share * beta[a] * c.Covariates[a].Values[j]
				score[a] += share * c.Covariates[a].Values[j]
			}
		}
		for a := range p {
			score[a] -= s.weight * mean[a]
			for b := range a + 1 {
				info.SetSym(a, b, info.At(a, b)+s.weight*cov.At(a, b))
			}
		}
	}
	return value, score, info
}

// naiveConcordance looks at every pair, and finds the error from what each row's weight does to the result.
func naiveConcordance(c Cox, risk []float64) (value, se float64, ok bool) {
	n := len(c.Stop)
	right, pairs := make([]float64, n), make([]float64, n)
	var sumRight, sumPairs float64
	for i := range n {
		if !c.Event[i] || c.weightOf(i) == 0 {
			continue
		}
		for j := range n {
			if !c.atRisk(j, i) || c.Event[j] && c.Stop[j] == c.Stop[i] {
				continue
			}
			score := 0.5
			switch {
			case risk[i] > risk[j]:
				score = 1
			case risk[i] < risk[j]:
				score = 0
			}
			wi, wj := c.weightOf(i), c.weightOf(j)
			sumRight, sumPairs = sumRight+wi*wj*score, sumPairs+wi*wj
			right[i], pairs[i] = right[i]+wj*score, pairs[i]+wj
			right[j], pairs[j] = right[j]+wi*score, pairs[j]+wi
		}
	}
	if sumPairs == 0 {
		return 0, 0, false
	}
	value = sumRight / sumPairs
	variance := 0.0
	for i := range n {
		u := (right[i] - value*pairs[i]) / sumPairs // derivative of the ratio by the weight of i
		w := c.weightOf(i)
		if c.Weighting == Sampling {
			w *= w
		}
		variance += w * u * u
	}
	return value, math.Sqrt(variance), true
}

// naiveProportional is the score test of adding covariate × g(time), by the information of the larger model written out in full.
func naiveProportional(c Cox, beta []float64, g func(float64) float64) (each []float64, global float64, ok bool) {
	p := len(c.Covariates)
	u := make([]float64, 2*p)
	info := mat.NewSymDense(2*p, nil)
	for _, s := range naiveSteps(c) {
		_, mean, cov := s.moments(c, beta)
		total := 0.0
		for _, j := range s.deaths {
			total += c.weightOf(j)
		}
		scale := []float64{1, g(s.time)}
		for a := range 2 * p {
			for _, j := range s.deaths {
				u[a] += scale[a/p] * s.weight * c.weightOf(j) / total * (c.Covariates[a%p].Values[j] - mean[a%p])
			}
			for b := range a + 1 {
				info.SetSym(a, b, info.At(a, b)+s.weight*scale[a/p]*scale[b/p]*cov.At(a%p, b%p))
			}
		}
	}
	test := func(of []int) (float64, bool) {
		index := of
		for a := p - 1; a >= 0; a-- {
			index = append([]int{a}, index...)
		}
		sub, v, x := mat.NewSymDense(len(index), nil), mat.NewVecDense(len(index), nil), mat.NewVecDense(len(index), nil)
		for a, i := range index {
			if i >= p {
				v.SetVec(a, u[i])
			}
			for b, j := range index[:a+1] {
				sub.SetSym(a, b, info.At(i, j))
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(sub) || chol.Cond() > 1e7 || chol.SolveVecTo(x, v) != nil {
			return 0, false
		}
		return mat.Dot(v, x), true
	}
	var all []int
	for a := range p {
		v, ok := test([]int{p + a})
		if !ok {
			return nil, 0, false
		}
		each = append(each, v)
		all = append(all, p+a)
	}
	global, ok = test(all)
	return each, global, ok
}

// naiveSurvival multiplies over the times with events, from the definition.
func naiveSurvival(c Cox, t float64) float64 {
	s := 1.0
	done := map[float64]bool{}
	for i := range c.Stop {
		u := c.Stop[i]
		if u > t || !c.Event[i] || done[u] {
			continue
		}
		done[u] = true
		n, d := 0.0, 0.0
		for j := range c.Stop {
			if c.Stop[j] >= u && (c.Start == nil || c.Start[j] < u) {
				n += c.weightOf(j)
				if c.Event[j] && c.Stop[j] == u {
					d += c.weightOf(j)
				}
			}
		}
		if n > 0 {
			s *= 1 - d/n
		}
	}
	return s
}
