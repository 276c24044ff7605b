package voice

import (
	"math"

	"github.com/throughline/throughline/evidence"
)

// Difference is how much higher one score is than another, in the unit of the scores, with its standard error, its 95% interval and the test
// that there is none: Statistic over DF degrees of freedom (infinite: normal), and P of both sides. Statistic and P are NaN where all
// answered alike, which leaves no error.
type Difference struct {
	Value, SE, Low, High float64
	Statistic, DF, P     float64
	N                    int64
	Method               string
}

// Figure is the difference as an estimate with its interval.
func (d Difference) Figure() evidence.Figure {
	return evidence.Confidence(evidence.Float(d.Value), evidence.Float(d.Low), evidence.Float(d.High), level, d.N, d.Method)
}

const moverWords = "difference of two independent groups; square-and-add interval of the two intervals (Newcombe 1998; Zou & Donner 2008)"

// Between is by how many points the score of a is above that of b, of different people. The test is z = difference ÷ √(SE² + SE²). The
// interval joins the two adjusted ones: d − √((a − a_low)² + (b_high − b)²) to d + √((a_high − a)² + (b − b_low)²).
func Between(a, b Counts) (Difference, error) {
	x, err := a.Points()
	if err != nil {
		return Difference{}, err
	}
	y, err := b.Points()
	if err != nil {
		return Difference{}, err
	}
	d := normal(x.Value-y.Value, math.Hypot(x.SE, y.SE), a.N()+b.N())
	d.mover(x.Value, x.Low, x.High, y.Value, y.Low, y.High)
	return d, nil
}

// normal is a difference with the test of z, and its interval by z.
func normal(value, se float64, n int64) Difference {
	d := Difference{Value: value, SE: se, DF: math.Inf(1), Statistic: math.NaN(), P: math.NaN(), N: n}
	half := float64(z975 * se)
	d.Low, d.High, d.Method = value-half, value+half, "difference; Wald interval"
	if se > 0 {
		d.Statistic = value / se
		d.P = twoSided(d.Statistic)
	}
	return d
}

// tested is a difference with the test of Student's t, and its interval.
func tested(value, se, df float64, n int64) Difference {
	d := normal(value, se, n)
	d.DF = df
	half := float64(student(df) * se)
	d.Low, d.High, d.Method = value-half, value+half, "difference; "+studentWords
	if se > 0 {
		d.P = twoSidedT(d.Statistic, df)
	}
	return d
}

// mover joins the intervals of two independent estimates (Zou & Donner, Statistics in Medicine 27, 2008).
func (d *Difference) mover(a, aLow, aHigh, b, bLow, bHigh float64) {
	d.Low = d.Value - math.Hypot(a-aLow, bHigh-b)
	d.High = d.Value + math.Hypot(aHigh-a, b-bLow)
	d.Method = moverWords
}

// Pairs are how many respondents answered on which side first, and on which the second time: [first][second], each indexed by Side + 1, so that Pairs[2][0] were
// promoters and are detractors.
type Pairs [3][3]int64

// Add counts a respondent.
func (p *Pairs) Add(first, second Side) { p[first+1][second+1]++ }

// Change is by how many points the score of the same respondents rose from the first time to the second, by Student's t over their own
// changes of unit score; refused below two respondents and where all changed alike.
func (p Pairs) Change() (Difference, error) {
	var n, sum, squares int64
	for i, row := range p {
		for j, k := range row {
			if k < 0 {
				return Difference{}, Counts{Top: -1}.refused()
			}
			change := int64(j - i)
			n, sum, squares = n+k, sum+k*change, squares+k*change*change
		}
	}
	switch {
	case n == 0:
		return Difference{}, evidence.Refusal{Reason: "nobody answered twice", Need: "respondents who answered both times"}
	case n == 1 || n*squares == sum*sum:
		return Difference{}, evidence.Refusal{Reason: "all who answered twice changed alike, so that the change has no interval", Need: "more respondents who answered both times"}
	}
	f := float64(n)
	mean := float64(sum) / f
	variance := (float64(squares) - float64(f*mean*mean)) / (f - 1)
	d := tested(100*mean, 100*math.Sqrt(variance/f), f-1, n)
	d.Method = "mean change of the same respondents; " + studentWords
	return d, nil
}
