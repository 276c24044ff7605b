package journey

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// vaccinated are the thirteen trials of a vaccine against tuberculosis (Colditz et al., JAMA 271, 1994, 698–702): ill and well of the vaccinated, and
// of the others.
var vaccinated = [][4]float64{
	{4, 119, 11, 128}, {6, 300, 29, 274}, {3, 228, 11, 209}, {62, 13536, 248, 12619}, {33, 5036, 47, 5761}, {180, 1361, 372, 1079}, {8, 2537, 10, 619},
	{505, 87886, 499, 87892}, {29, 7470, 45, 7232}, {17, 1699, 65, 1600}, {186, 50448, 141, 27197}, {5, 2493, 3, 2338}, {27, 16886, 29, 17825},
}

func trials(of [][4]float64) []pair {
	var out []pair
	for _, t := range of {
		out = append(out, pair{n1: t[0] + t[1], x1: t[0], n0: t[2] + t[3], x0: t[2]})
	}
	return out
}

// The expected values are those that the R package metafor states for rma.mh over these trials in its tests: a difference of −0.0033 from −0.0039 to −0.0027 with z
// −11.4708 by the variance of Sato, Greenland & Robins (1989), and a ratio with logarithm −0.4537, z −11.5338, from 0.5881 to 0.6862.
func TestMantelHaenszelMatchesMetafor(t *testing.T) {
	d, v, ok := difference(trials(vaccinated))
	if !ok {
		t.Fatal("refused")
	}
	near(t, "difference", d, -0.0033, 0.00005)
	near(t, "its low end", d-z975*math.Sqrt(v), -0.0039, 0.00005)
	near(t, "its high end", d+z975*math.Sqrt(v), -0.0027, 0.00005)
	near(t, "its z", d/math.Sqrt(v), -11.4708, 0.00005)
	r, w, ok := relative(trials(vaccinated))
	if !ok {
		t.Fatal("refused")
	}
	near(t, "logarithm of the ratio", math.Log(r), -0.4537, 0.00005)
	near(t, "its z", math.Log(r)/math.Sqrt(w), -11.5338, 0.00005)
	near(t, "low end of the ratio", math.Exp(math.Log(r)-z975*math.Sqrt(w)), 0.5881, 0.00005)
	near(t, "high end of the ratio", math.Exp(math.Log(r)+z975*math.Sqrt(w)), 0.6862, 0.00005)
}

// By hand, two strata: 10 of 20 against 30 of 40, and 5 of 10 against 8 of 10.
// w = 20·40/60 + 10·10/20 = 40/3 + 5 = 55/3; Σ(x1·n0 − x0·n1)/N = (400 − 600)/60 + (50 − 80)/20 = −10/3 − 3/2 = −29/6; d = −29/110.
// P = (400·30 − 1600·10 + 800·20/2)/3600 + (100·8 − 100·5 + 0)/400 = 4000/3600 + 300/400 = 10/9 + 3/4 = 67/36;
// Q = (10·10 + 30·10)/120 + (5·2 + 8·5)/40 = 10/3 + 5/4 = 55/12; var = (−29/110 · 67/36 + 55/12) ÷ (55/3)² = (−1943/3960 + 18150/3960) · 9/3025.
func TestMantelHaenszelByHand(t *testing.T) {
	d, v, ok := difference([]pair{{20, 10, 40, 30, 0}, {10, 5, 10, 8, 0}, {7, 3, 0, 0, 0}})
	if !ok {
		t.Fatal("refused")
	}
	near(t, "difference", d, -29.0/110, 1e-15)
	near(t, "variance", v, 16207.0/3960*9/3025, 1e-15)
	if _, _, ok := difference([]pair{{7, 3, 0, 0, 0}}); ok {
		t.Error("a stratum without others gave a difference")
	}
}

// By hand, the strata of TestMantelHaenszelByHand: of the first E = 20·40/60 = 40/3, L = max(0, 40 − 40) = 0, U = min(20, 40) = 20; of the second E = 10·13/20 = 13/2, L = 3, U = 10. So E − L =
// 119/6 − 3 = 101/6 and U − E = 30 − 119/6 = 61/6, which is the lesser one. Others without passers, and passers without others, add nothing.
//
// The rabbits of Agresti (Categorical Data Analysis, 1990, page 232), penicillin at once or later, cured of treated: 0 of 6 and 0 of 5, 3 of 6 and 0 of 6, 6 of 6 and 2 of 6, 5 of 6 and 6 of 6, 2 of 2 and 5 of 5. E = 0 + 3/2 + 4 +
// 11/2 + 2 = 13, L = 0 + 0 + 2 + 5 + 2 = 9, U = 0 + 3 + 6 + 6 + 2 = 17: 4, too few; he gives them an exact test.
func TestMantelFleissByHand(t *testing.T) {
	near(t, "leeway", leeway([]pair{{20, 10, 40, 30, 0}, {10, 5, 10, 8, 0}, {7, 3, 0, 0, 0}, {0, 0, 9, 4, 0}}), 61.0/6, 1e-12)
	near(t, "of the rabbits", leeway([]pair{{6, 0, 5, 0, 0}, {6, 3, 6, 0, 0}, {6, 6, 6, 2, 0}, {6, 5, 6, 6, 0}, {2, 2, 5, 5, 0}}), 4, 1e-12)
}

// In one stratum the criterion is the smallest number expected in the four cells of its table: a second way to it.
func TestMantelFleissOfOneStratumIsTheSmallestExpectedNumber(t *testing.T) {
	for n1 := 1.0; n1 <= 7; n1++ {
		for n0 := 1.0; n0 <= 9; n0++ {
			for x1 := 0.0; x1 <= n1; x1++ {
				for x0 := 0.0; x0 <= n0; x0++ {
					n, m1 := n1+n0, x1+x0
					want := min(n1*m1, n0*m1, n1*(n-m1), n0*(n-m1)) / n
					near(t, fmt.Sprint("leeway of ", n1, x1, n0, x0), leeway([]pair{{n1, x1, n0, x0, 0}}), want, 1e-12)
				}
			}
		}
	}
}

// Of 49 who passed none came again, and of 900 like them 9 did: 49·9/949 = 0.46 passers are expected. It is no comparison, counts for none, and the money beside it is refused
// for the same reason; so too where all but nine of 949 came. With 500 of each and ten who came 5 are expected, which is just enough.
func TestRareReturnsAreNotCompared(t *testing.T) {
	for name, strata := range map[string][]Stratum{
		"few came":        {{"", "a", 949, 9, "900"}, {"desk", "a", 49, 0, "0"}},
		"few stayed away": {{"", "a", 949, 940, "9000"}, {"desk", "a", 49, 49, "500"}},
	} {
		next, many := afterwards(strata, "EUR")
		n := next["desk"]
		why, refused := n.Difference.Refusal()
		money, _ := n.Revenue.Refusal()
		if !refused || why.Reason != "too few came back, or too few did not, for a comparison" || why.Need == "" || money != why {
			t.Errorf("%s: %+v, and of money %+v", name, why, money)
		}
		if many.n != 0 || n.Grade != "" || n.Chance != "" || n.EValue != "" || n.Adjusted != "" {
			t.Errorf("%s: it was tested: %+v, %+v", name, n, many)
		}
	}
	next, many := afterwards([]Stratum{{"", "a", 1000, 10, "900"}, {"desk", "a", 500, 3, "100"}}, "EUR")
	if _, refused := next["desk"].Difference.Refusal(); refused || many.n != 1 {
		t.Errorf("with five expected it is refused: %+v", next["desk"])
	}
}

// VanderWeele & Ding (2017), on breast feeding and infant death (Victora et al., Lancet 1987): a ratio of 3.9, from 1.8 to 8.7, has E-values of 7.26 and 3.0; the same
// turned over, as they say, and a ratio whose interval holds 1 has 1.
func TestEValueMatchesVanderWeeleDing2017(t *testing.T) {
	near(t, "E-value", eValue(3.9), 7.26, 0.005)
	near(t, "E-value turned over", eValue(1/3.9), 7.26, 0.005)
	near(t, "of the interval", eValueOf(1.8, 8.7), 3.0, 0.005)
	near(t, "of the interval turned over", eValueOf(1/8.7, 1/1.8), 3.0, 0.005)
	near(t, "of one that holds 1", eValueOf(0.9, 8.7), 1, 0)
}

func TestChancesAreAdjustedAsBenjaminiHochberg1995(t *testing.T) {
	var want struct {
		P   []float64 `json:"p"`
		Adj []float64 `json:"adj"`
		Rej int       `json:"rej_bh"`
	}
	oracle.Expect(t, "fdr.bh1995", &want)
	got := hochberg(want.P)
	for i := range got {
		near(t, fmt.Sprint("chance ", i), got[i], want.Adj[i], 1e-9)
	}
	if n := len(slices.DeleteFunc(slices.Clone(got), func(q float64) bool { return q > 0.05 })); n != want.Rej {
		t.Errorf("%d are left, want %d", n, want.Rej)
	}
}

// What is compared by hand: of segment a 10 of 20 passers came again and 30 of 40 others, who spent 3,000; of b 5 of 10 and 8 of 10, who spent 400; nobody like c did not pass.
// d = −29/110; a returning other spent, by the weights of the difference, (40/3·3000/40 + 5·400/10) ÷ (40/3·30/40 + 5·8/10) = 1200 ÷ 14; revenue not seen = 29/110 · 37 · 600/7.
func TestWhatCustomersDidNextByHand(t *testing.T) {
	strata := []Stratum{
		{"", "a", 60, 40, "3500"}, {"", "b", 20, 13, "700.5"}, {"", "c", 7, 3, "70"},
		{"phone", "a", 20, 10, "500"}, {"phone", "b", 10, 5, "300.50"}, {"phone", "c", 7, 3, "70"},
	}
	next, many := afterwards(strata, "EUR")
	n := next["phone"]
	if n == nil || n.Passers != 37 || n.Again != 18 || n.Matched != 30 || n.Others != 50 || n.Grade != GradeC && n.Grade != GradeD {
		t.Fatalf("it is %+v", n)
	}
	e, _ := n.Difference.Estimate()
	near(t, "difference", float(e.Value), -29.0/110, 1e-6) // six digits are printed
	r, _ := n.Revenue.Estimate()
	near(t, "revenue not seen", float(r.Value), 29.0/110*37*600/7, 0.005)
	if float(r.Low) >= float(r.Value) || float(r.High) <= float(r.Value) {
		t.Errorf("the interval %s to %s does not hold %s", r.Low, r.High, r.Value)
	}
	if many.n != 1 || many.alone != 1 || many.adjusted != 1 || !n.less {
		t.Errorf("the memo is %+v", many)
	}
	if n.Grade != GradeC { // 30 and 50, 81% matched, the interval is below 0 and the ratio's E-value is above 1.5
		t.Errorf("the grade is %q", n.Grade)
	}
	few, many := afterwards([]Stratum{{"", "a", 60, 40, "1"}, {"phone", "a", 3, 1, "1"}}, "EUR")
	if _, refused := few["phone"].Difference.Refusal(); !refused || few["phone"].Grade != "" || many.n != 0 {
		t.Errorf("three who passed are compared: %+v", few["phone"])
	}
}
