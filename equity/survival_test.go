package equity

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/likelihood"
)

// The months that a new customer stays, with the standard error by the slopes worked out by hand: ∂S/∂s = −ln(1+t/β)·S and
// ∂S/∂β = s·t ÷ (β(β+t))·S.
func TestStaysOfOrders(t *testing.T) {
	const s, beta, months = 1.2, 700.0, 60
	covariance := mat.NewSymDense(4, []float64{.01, 0, 0, 0, 0, 4, 0, 0, 0, 0, .04, 25, 0, 0, 25, 40000})
	life := clv.Fit[clv.ParetoNBD]{Model: clv.ParetoNBD{R: 1, Alpha: 50, S: s, Beta: beta}, Fit: likelihood.Fit{Values: []float64{1, 50, s, beta}, Covariance: covariance}}
	got := Statement{Customers: 7, Models: Models{Life: life}}.Stays(months)
	sum, bySlope, byBeta := 0.0, 0.0, 0.0
	for k := range months {
		x := float64(k) * 365.25 / 12
		survival := math.Pow(beta/(beta+x), s)
		if math.Abs(got.Survival[k]-survival) > 1e-12 {
			t.Errorf("after %d months %v, by hand %v", k, got.Survival[k], survival)
		}
		sum += survival
		bySlope -= math.Log1p(x/beta) * survival
		byBeta += s * x / (beta * (beta + x)) * survival
	}
	se := math.Sqrt(.04*bySlope*bySlope + 2*25*bySlope*byBeta + 40000*byBeta*byBeta)
	if got.Customers != 7 || math.Abs(total(got.Survival)-sum) > 1e-9 || math.Abs(got.SE/se-1) > 1e-6 {
		t.Errorf("%d customers stay %v ± %v, by hand %v ± %v", got.Customers, total(got.Survival), got.SE, sum, se)
	}
}

// Ninety of a hundred stay at each monthly renewal, and half of them at each yearly one, of three times as many customers under monthly contract:
// after k months ¾ × 0.9^k + ¼ × 0.5^⌊k/12⌋.
func TestStaysOfContracts(t *testing.T) {
	monthly := constant([]clv.Seen{{Cohort: clv.Cohort{1000, 900, 810}}})
	yearly := constant([]clv.Seen{{Cohort: clv.Cohort{80, 40, 20}}})
	s := ContractStatement{Kinds: []Kind{{Months: 1, Customers: 300, Model: &monthly}, {Months: 12, Customers: 100, Model: &yearly}, {Months: 3, Customers: 5000}}}
	got := s.Stays(36)
	monthlySlope, yearlySlope := 0.0, 0.0 // of the sums by the churn
	for k := range 36 {
		n := float64(k / 12)
		want := .75*math.Pow(.9, float64(k)) + .25*math.Pow(.5, n)
		if math.Abs(got.Survival[k]-want) > 1e-12 {
			t.Errorf("after %d months %v, by hand %v", k, got.Survival[k], want)
		}
		monthlySlope -= float64(k) * math.Pow(.9, float64(k-1))
		yearlySlope -= n * math.Pow(.5, n-1)
	}
	// A churn of 0.1 among the 1,900 who faced a renewal, and of 0.5 among 120.
	se := math.Sqrt(math.Pow(.75*monthlySlope, 2)*.1*.9/1900 + math.Pow(.25*yearlySlope, 2)*.5*.5/120)
	if got.Customers != 400 || math.Abs(got.SE/se-1) > 1e-6 {
		t.Errorf("%d customers, ± %v; by hand ± %v", got.Customers, got.SE, se)
	}
	if none := (ContractStatement{Kinds: []Kind{{Months: 1, Customers: 3}}}).Stays(12); none.Customers != 0 || none.Survival != nil {
		t.Errorf("without a model: %+v", none)
	}
}
