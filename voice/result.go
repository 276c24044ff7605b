package voice

import (
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/evidence"
)

// Measured is a value with its standard error and 95% interval, and the effective number that the interval rests on. Refused says why there
// is neither; empty: there are both.
type Measured struct {
	Value, SE, Low, High, Effective float64
	Refused                         string
	need, method                    string
	n                               int64
}

// Figure is the value with its interval as an estimate, or the refusal.
func (m Measured) Figure() evidence.Figure {
	if m.Refused != "" {
		return evidence.Refuse(m.Refused, m.need)
	}
	return evidence.Confidence(evidence.Float(m.Value), evidence.Float(m.Low), evidence.Float(m.High), level, m.n, m.method)
}

// Result is what a group answered. Counts are of answers, the shares by weight. Kish is the effective number by the weights alone,
// (Σw)² ÷ Σw², and DesignEffect is the number of answers over it. Customers is 0 where they are not told apart. All three measures are given, whatever was asked;
// Points says more of the first.
type Result struct {
	Answers, Customers  int64
	Counts              Counts
	Top, Middle, Bottom float64
	Kish, DesignEffect  float64
	Points              Points
	Net, Share, Mean    Measured // in points; of the top answers; on the scale
	headline            Measure
}

// Headline is the measure of the question that was asked.
func (r Result) Headline() Measured { return [...]Measured{r.Net, r.Share, r.Mean}[r.headline] }

// Of is what a group answered, or [All]; refused where nobody did.
func (r *Reading) Of(group int) (Result, error) {
	out := Result{headline: r.sample.Question.Measure}
	var sums [3]float64 // by side
	weight, squares := 0.0, 0.0
	for _, i := range r.of(group) {
		w, side := r.Weights[i], r.sides[i]
		out.Counts.Add(side)
		sums[side+1] += w
		weight += w
		squares += float64(w * w)
	}
	if err := out.Counts.refused(); err != nil {
		return out, err
	}
	out.Answers = out.Counts.N()
	out.Bottom, out.Middle, out.Top = sums[0]/weight, sums[1]/weight, sums[2]/weight
	out.Kish = float64(weight*weight) / squares
	out.DesignEffect = float64(out.Answers) / out.Kish
	customers, alike := r.alike(r.of(group))
	if r.sample.Customers != nil {
		out.Customers = customers
	}
	r.net(&out, group, customers, alike)
	r.share(&out, group, customers, alike)
	r.mean(&out, group, customers, alike)
	return out, nil
}

// alike is how many customers are behind some rows, and Kish's effective number of them by the sums of their weights.
func (r *Reading) alike(rows []int) (customers int64, number float64) {
	x := ratio{rows: rows}
	weight := 0.0
	for _, i := range x.rows {
		x.adds = append(x.adds, r.Weights[i])
		weight += r.Weights[i]
	}
	squares, customers := r.square(x)
	return customers, float64(weight*weight) / squares
}

// resting says in a method on how many answers an interval rests, where it is not on all.
func resting(effective float64, n int64) string {
	if math.Abs(effective-float64(n)) < 1e-9*float64(n) {
		return ""
	}
	return fmt.Sprintf(" on the effective number %.1f", effective)
}

func (r *Reading) net(out *Result, group int, customers int64, alike float64) {
	x := r.linear(Net, group)
	squares, m := r.square(x)
	n := effective(x.variance, squares, out.Answers, customers, alike)
	se := math.Sqrt(squares * r.small(Net, m))
	if r.plain() {
		n, se = float64(out.Answers), math.NaN()
	}
	p := pointsOf(out.Top, out.Bottom, n, se)
	out.Points = p
	out.Net = Measured{Value: p.Value, SE: p.SE, Low: p.Low, High: p.High, Effective: n, n: out.Answers, method: netWords + "; " + rocksWords + resting(n, out.Answers)}
}

// plain says that every answer counts alike and is another customer's.
func (r *Reading) plain() bool {
	return r.sample.Weights == nil && r.sample.Customers == nil && len(r.sample.Margins) == 0
}

func (r *Reading) share(out *Result, group int, customers int64, alike float64) {
	x := r.linear(Share, group)
	squares, m := r.square(x)
	n := effective(x.variance, squares, out.Answers, customers, alike)
	if r.plain() {
		n = float64(out.Answers)
	}
	low, high := wilson(out.Top, n)
	out.Share = Measured{Value: out.Top, SE: math.Sqrt(squares * r.small(Share, m)), Low: low, High: high, Effective: n, n: out.Answers,
		method: "share of the top answers; " + wilsonWords + resting(n, out.Answers)}
}

// mean has Student's interval on Kish's number of the customers less 1, cut at the ends of the scale, outside which no mean lies; below 1 there is none.
func (r *Reading) mean(out *Result, group int, customers int64, alike float64) {
	x := r.linear(Mean, group)
	squares, m := r.square(x)
	out.Mean = Measured{Value: x.mean, n: out.Answers, method: "mean answer; " + studentWords}
	refused := func(why evidence.Refusal) { out.Mean.Refused, out.Mean.need = why.Reason, why.Need }
	switch {
	case customers < 2:
		refused(errAlone)
	case alike < 2-1e-9:
		refused(errHeavy)
	case !(x.variance > 0 && squares > 0):
		refused(errAlike)
	default:
		out.Mean.SE = math.Sqrt(squares * r.small(Mean, m))
		out.Mean.Effective = effective(x.variance, squares, out.Answers, customers, alike)
		half := float64(student(alike-1) * out.Mean.SE)
		scale := r.sample.Question.Scale
		out.Mean.Low = min(x.mean, max(float64(scale.Low), x.mean-half)) // rounding may leave the mean itself a bit outside
		out.Mean.High = max(x.mean, min(float64(scale.High), x.mean+half))
	}
}

// Difference is by how much the headline of one group is above that of another. Without customers and margins the groups are independent and the test is z, or
// for means Welch's; else it goes by what each customer adds to both, and by Student's t over the customers where these are told apart.
func (r *Reading) Difference(a, b int) (Difference, error) {
	measure := r.sample.Question.Measure
	one, err := r.Of(a)
	if err != nil {
		return Difference{}, err
	}
	two, err := r.Of(b)
	if err != nil {
		return Difference{}, err
	}
	x, y, n := one.Headline(), two.Headline(), one.Answers+two.Answers
	if x.Refused != "" || y.Refused != "" {
		return Difference{}, errAlike
	}
	value := x.Value - y.Value
	if r.sample.Customers != nil || len(r.sample.Margins) > 0 {
		return r.joint(a, b, value, n)
	}
	if measure == Mean {
		return welch(value, x.SE, y.SE, one.Kish, two.Kish, n), nil
	}
	d := normal(value, math.Hypot(x.SE, y.SE), n)
	d.mover(x.Value, x.Low, x.High, y.Value, y.Low, y.High)
	return d, nil
}

// welch is the difference of means of unlike spread (Welch, Biometrika 34, 1947).
func welch(value, a, b, n, m float64, answers int64) Difference {
	va, vb := float64(a*a), float64(b*b)
	df := float64((va+vb)*(va+vb)) / (float64(va*va)/(n-1) + float64(vb*vb)/(m-1))
	d := tested(value, math.Sqrt(va+vb), df, answers)
	d.Method = "difference of two independent means; Welch’s t interval (1947)"
	return d
}

// joint is a difference whose groups share customers, or weights.
func (r *Reading) joint(a, b int, value float64, n int64) (Difference, error) {
	measure := r.sample.Question.Measure
	x, y := r.linear(measure, a), r.linear(measure, b)
	z := ratio{}
	place := map[int]int{} // of a row that is in both
	for k, s := range []ratio{x, y} {
		for at, i := range s.rows {
			add := s.adds[at]
			if k == 1 {
				add = -add
			}
			if p, ok := place[i]; ok {
				z.adds[p] += add
				continue
			}
			place[i] = len(z.rows)
			z.rows, z.adds = append(z.rows, i), append(z.adds, add)
		}
	}
	squares, m := r.square(z)
	se := math.Sqrt(squares * r.small(measure, m))
	if measure == Net {
		se *= 100
	}
	if r.sample.Customers == nil {
		return normal(value, se, n), nil
	}
	_, alike := r.alike(slices.Concat(r.of(a), r.of(b)))
	if alike < 2-1e-9 {
		return Difference{}, errHeavy
	}
	return tested(value, se, alike-1, n), nil
}
