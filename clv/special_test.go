package clv

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The numbers of this file were made with mpmath 1.3.0 at 40 digits, from the closed forms named at each test, which are not
// the methods used here.

func close(t testing.TB, what any, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*math.Abs(want)) {
		t.Errorf("%v: got %.17g, want %.17g", what, got, want)
	}
}

// exp(z)·expint(s, z).
func TestExponentialIntegralMatchesMpmath(t *testing.T) {
	for _, c := range [][3]float64{
		{0.05, 1e-6, 516950.69894694757},
		{0.05, 0.003, 256.8670825222931},
		{0.05, 0.4, 2.3735471898471095},
		{0.05, 0.999, 0.97178802985762499},
		{0.05, 1, 0.97083563335146664},
		{0.05, 3, 0.32901299720142828},
		{0.05, 50, 0.01998040375301623},
		{0.05, 2000, 0.00049998750655578367},
		{0.606, 1e-6, 518.32667899875934},
		{0.606, 0.003, 19.742948341421976},
		{0.606, 0.4, 1.4182483793008074},
		{0.606, 0.999, 0.71878669688315525},
		{0.606, 1, 0.71822146831775865},
		{0.606, 3, 0.28672262453533662},
		{0.606, 50, 0.019765006925369863},
		{0.606, 2000, 0.00049984862149626933},
		{1, 1e-6, 13.238309131365003},
		{1, 0.003, 5.2506534328800735},
		{1, 0.4, 1.0478280084560064},
		{1, 0.999, 0.59675131336868582},
		{1, 1, 0.59634736232319407},
		{1, 3, 0.2620837402553185},
		{1, 50, 0.01961510993011487},
		{1, 2000, 0.00049975024962574813},
		{1.0000001, 1e-6, 13.238300286490943},
		{1.0000001, 0.003, 5.2506519779220252},
		{1.0000001, 0.4, 1.0478279340391396},
		{1.0000001, 0.999, 0.59675128673907658},
		{1.0000001, 1, 0.59634733572665654},
		{1.0000001, 3, 0.26208373447290392},
		{1.0000001, 50, 0.019615109892353314},
		{1.0000001, 2000, 0.00049975024960078556},
		{2, 1e-6, 0.99998676169086863},
		{2, 0.003, 0.98424803970135978},
		{2, 0.4, 0.58086879661759743},
		{2, 0.999, 0.40384543794468286},
		{2, 1, 0.40365263767680593},
		{2, 3, 0.21374877923404451},
		{2, 50, 0.019244503494256482},
		{2, 2000, 0.00049950074850373879},
		{2.5, 1e-6, 0.66666533569394083},
		{2.5, 0.003, 0.66303211051628803},
		{2.5, 0.4, 0.46431554024610204},
		{2.5, 0.999, 0.34397003429883686},
		{2.5, 1, 0.34382954152174947},
		{2.5, 3, 0.19519436597429371},
		{2.5, 50, 0.019064314487947597},
		{2.5, 2000, 0.00049937609129580817},
		{7, 1e-6, 0.16666663333334167},
		{7, 0.003, 0.16656674159177883},
		{7, 0.4, 0.15451618319933699},
		{7, 0.999, 0.13973913299003902},
		{7, 1, 0.13971714911433777},
		{7, 3, 0.10702645367517664},
		{7, 50, 0.017580617846469349},
		{7, 2000, 0.00049825696865663891},
		{120, 1e-6, 0.0084033612733228891},
		{120, 0.003, 0.0084031477052357989},
		{120, 0.4, 0.0083749724271557688},
		{120, 0.999, 0.008332819904244},
		{120, 1, 0.0083327498905122638},
		{120, 3, 0.0081950565627210765},
		{120, 50, 0.0059067942956052428},
		{120, 2000, 0.00047171069663793909},
	} {
		close(t, c, expTail(c[0], c[1]), c[2], 1e-13)
	}
}

// The series of the exponential integral about 0, which U(s, s, z) is up to a factor, DLMF 8.19.10: E_s(z) = Γ(1−s) z^{s−1} − Σ_k (−z)^k/(k!(1−s+k)), away from whole s.
func TestTricomiMatchesItsSeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := float64(rapid.IntRange(0, 3).Draw(t, "whole")) + rapid.Float64Range(0.2, 0.8).Draw(t, "part")
		z := rapid.Float64Range(0.05, 1.5).Draw(t, "z")
		sum, term := math.Gamma(1-s)*math.Pow(z, s-1), 1.0
		for k := 0.0; k < 60; k++ {
			sum -= term / (1 - s + k)
			term *= -z / (k + 1)
		}
		if got := expTail(s, z); !(math.Abs(got-math.Exp(z)*sum) < 1e-9*got) {
			t.Fatalf("E_%v(%v): %v, series %v", s, z, got, math.Exp(z)*sum)
		}
	})
}

// loggamma(z+w) − loggamma(z) and psi(0, z+w) − psi(0, z).
func TestRisingMatchesMpmath(t *testing.T) {
	for _, c := range [][4]float64{
		{1e-5, 3, -10.819763284472783, 100001.49998750011},
		{0.243, 1, -1.4146938356415886, 4.1152263374485597},
		{2.5, 1e-9, 7.0315664089042207e-10, 4.9035775598213284e-10},
		{15.9, 1000, 5987.5460904953052, 4.1884948727498944},
		{16, 0.5, 1.378483131199923, 0.031738043295163129},
		{1e5, 7, 80.590688250241746, 6.999790009099559e-5},
		{1e5, 1e6, 13150609.066100042, 2.3978998182611805},
	} {
		near(t, "rising", rising(c[0], c[1]), c[2], 2e-14*math.Max(1, math.Abs(c[2])))
		near(t, "slope", risingSlope(c[0], c[1]), c[3], 2e-14*math.Max(1, math.Abs(c[3])))
	}
}

// (a+b−1)/(a−1)·(1 − (α/(α+t))^r·hyp2f1(r, b, a+b−1, t/(α+t))), the form of Fader, Hardie & Lee (2005): α≫t, α≪t, a → 1, many
// purchases, few. Columns: r, α, a, b, t.
func TestUntilDropoutMatchesHypergeometricForm(t *testing.T) {
	for _, c := range [][6]float64{
		{0.243, 4.414, 0.793, 2.426, 39.0, 1.1967231933208168},
		{0.243, 4.414, 1.0001, 2.426, 39.0, 1.084231490870601},
		{0.5, 2.0, 0.3, 0.4, 10000.0, 168.56426615972982},
		{30.0, 10.0, 2.0, 5.0, 1.0e+6, 5.9999896551871921},
		{1000.0, 50.0, 0.8, 3.0, 20.0, 24.932335068631288},
		{3.0, 0.001, 1.7, 0.2, 5.0, 1.2852647430844371},
		{1200.5, 400.0, 0.05, 900.0, 52.0, 155.42571663896302},
	} {
		close(t, c, untilDropout(c[0], c[1], c[2], c[3], c[4]), c[5], 1e-11)
	}
	// At a = 1 the published form is 0/0; the limit lies between its neighbours.
	m := BGNBD{0.243, 4.414, 1, 2.426}
	below, above := BGNBD{m.R, m.Alpha, 1 - 1e-6, m.B}, BGNBD{m.R, m.Alpha, 1 + 1e-6, m.B}
	close(t, "a = 1", m.Expected(39), (below.Expected(39)+above.Expected(39))/2, 1e-10)
}

func untilDropoutIntegral(k, c, a, b, at float64) float64 {
	return betaMean(a, b, func(p float64) float64 {
		if p == 0 {
			return k * at / c
		}
		return -math.Expm1(-k*math.Log1p(p*at/c)) / p
	})
}

// Chances to leave below the smallest number with all its digits still weigh 1e-9 here; the value is the hypergeometric form's by mpmath, to 40 digits.
func TestBetaMeanOfTheSmallestChances(t *testing.T) {
	k, c, a, b := math.Exp(-1), math.E, math.Exp(-3.625), 0.02
	near(t, "mean", untilDropoutIntegral(k, c, a, b, math.E), 0.28543414276296178, 1e-13)
}

// Both ways to the same mean: the positive series, and the integral over the chance to leave.
func TestUntilDropoutSeriesEqualsIntegral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, low, high float64) float64 {
			return math.Exp(rapid.Float64Range(math.Log(low), math.Log(high)).Draw(t, name))
		}
		k, c, a, b, at := draw("k", 0.01, 60), draw("c", 0.1, 100), draw("a", 0.02, 50), draw("b", 0.02, 50), draw("t", 0.1, 100)
		if k*math.Log1p(at/c) > 600 || (k+40)*(1+at/c) > 3000 {
			t.Skip()
		}
		series, integral := untilDropout(k, c, a, b, at), untilDropoutIntegral(k, c, a, b, at)
		if !(math.Abs(series-integral) < 1e-9*integral) {
			t.Fatalf("series %v, integral %v", series, integral)
		}
	})
}

// Γ(r+x)α^rβ^s/Γ(r)·{(α+T)^{−(r+x)}(β+T)^{−s} + s/(r+s+x)·A0} with A0 by hyp2f1, as in the note of Fader & Hardie (2005): the sample's
// customers, α ≈ β, α ≪ β, α ≫ β, thousands of purchases, a last purchase on the first day. Columns: r, α, s, β, x, t_x, T, ln L, P(alive).
func TestParetoNBDDensityMatchesHypergeometricForm(t *testing.T) {
	for _, c := range [][9]float64{
		{0.553, 10.578, 0.606, 11.669, 0, 0.0, 39.0, -0.52150741887657735, 0.29446703101458643},
		{0.553, 10.578, 0.606, 11.669, 2, 30.43, 38.86, -9.5542832451504058, 0.86916755915301119},
		{0.553, 10.578, 0.606, 10.578, 26, 30.86, 31.0, -39.175405066792975, 0.99786408552372782},
		{0.553, 10.578, 0.606, 10.5780001, 7, 35.0, 77.86, -23.811645013699571, 0.057112474770355265},
		{3.0, 0.01, 0.2, 4000.0, 40, 200.0, 900.0, -132.96930217778578, 3.5012232134301647e-25},
		{0.9, 4000.0, 1.0, 0.01, 3, 2.0, 5000.0, -28.597119858287331, 1.7230694938968852e-5},
		{25.0, 80.0, 0.05, 0.0001, 1500, 700.0, 730.0, -461.54034790197133, 2.7609325465199815e-21},
		{0.02, 5.0, 7.0, 9000.0, 0, 0.0, 3650.0, -0.10034067268184528, 0.089405233220457333},
		{200.0, 900.0, 1.0, 50.0, 4000, 1.0, 20000.0, 2758.9988457017274, 0},
		{1.0, 1.0, 1.0, 1.0, 1, 0.0, 10.0, -1.0971107868845127, 0.002250562640660165},
	} {
		m, h := ParetoNBD{c[0], c[1], c[2], c[3]}, History{int64(c[4]), c[5], c[6]}
		close(t, c, m.LogLikelihood(h), c[7], 1e-12)
		if c[8] > 1e-300 {
			close(t, c, m.Alive(h), c[8], 1e-10)
		}
	}
}

// hyp2f1(1, b, a+b, exp(−delta)).
func TestGeometricMeanMatchesHypergeometricForm(t *testing.T) {
	for _, c := range [][4]float64{
		{0.668, 3.806, 0.0953, 5.9229761645732352},
		{0.05, 0.2, 1e-5, 45808.327360458813},
		{3, 40, 2e-4, 20.837881669044884},
		{90000, 50000, 0.01, 1.5470098702181698},
	} {
		close(t, c, geometricMean(c[0], c[1], c[2]), c[3], 1e-11)
	}
}
