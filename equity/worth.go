package equity

import (
	"math"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// Worth judges customers by the models and terms of one statement, so that a table of other groups than its own can say what each is worth. Asked
// about every customer of the base it comes to the value of the base.
type Worth struct {
	judge   judge
	returns float64
	margins map[string]float64 // of named segments
	others  float64            // of segments that are not named
	whole   float64            // of a segment without a line in the year
	half    float64            // half of the interval of the logarithm of the base's value
	last    *memo
}

// Worth is what customers are worth by this statement; the refusal is that of the value of the base.
func (s Statement) Worth() (Worth, *evidence.Refusal) {
	if why, refused := s.Base.Value.Refusal(); refused {
		return Worth{}, &why
	}
	if s.worth.last == nil {
		return Worth{}, &evidence.Refusal{Reason: "no statement of customer equity was made", Need: "one that the books allow"}
	}
	w := s.worth
	w.last = &memo{}
	return w, nil
}

func worthOf(v *valuation, segments []string, half float64) Worth {
	t := v.terms[1]
	w := Worth{judge: v.now, returns: t.returns, margins: map[string]float64{}, others: t.margin(Rest), whole: t.whole, half: half, last: &memo{}}
	for i, name := range segments {
		w.margins[name] = t.margin(i)
	}
	return w
}

// Of is what a customer of a segment is worth from here on, with this history up to the end and this mean of the repeat purchases. others tells
// that the segment is not among those that are named. Equal histories in a row are judged once.
func (w Worth) Of(segment string, others bool, h clv.History, mean float64) float64 {
	margin, named := w.margins[segment]
	switch {
	case others:
		margin = w.others
	case !named:
		margin = w.whole
	}
	return w.last.at(w.judge, h).discounted * w.judge.price(h.Repeats, mean) * w.returns * margin
}

// Figure is a sum of worths as it is told: refused of fewer than ten customers, and with an interval as wide in proportion as that of the value of
// the base, because no hold-out says how far it is off for such a group. size is the sum without its signs; where it is larger the width is of it.
func (w Worth) Figure(sum, size float64, customers int64) evidence.Figure {
	if no := few(customers); no != nil {
		return evidence.Refuse(no.Reason, no.Need)
	}
	if size > math.Abs(sum)*(1+1e-9) {
		return between(sum, math.Expm1(math.Min(w.half, mostMissed))*size, w.half, customers)
	}
	return around(sum, w.half, math.Inf(1), customers, method+"; as wide in proportion as that of the base")
}
