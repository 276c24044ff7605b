package sim

import (
	"math"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// rates convert the foreign currency into the company's, a rate a day. They
// have as many decimals as leave a converted amount exact in millionths, so
// that a sum over lines does not hang on how a conversion is rounded.
type rates struct {
	start       calendar.Day
	places      int     // decimals of a rate
	daily       []int64 // in units of 10^−places
	home, scale int64   // millionths in the smallest unit of the company's currency; of a rate's unit in 1
	factor      float64 // smallest units of the foreign currency over those of the company's, at a rate of 1
}

func newRates(w World) *rates {
	abroad := money.Currency("EUR")
	if w.Foreign.Share > 0 {
		abroad = w.Foreign.Currency
	}
	r := &rates{start: w.Start, places: maxRateDigits - abroad.Places(), home: int64(tens(money.Scale - w.Currency.Places()))}
	r.scale = int64(tens(r.places))
	r.factor = tens(abroad.Places()) / tens(w.Currency.Places())
	if w.Foreign.Share == 0 {
		return r
	}
	s := newStream()
	s.begin(w.Seed, ofRates, who{kind: thing})
	first, _ := w.Foreign.Rate.Rat().Float64()
	level, step := ln(first), w.Foreign.Volatility/math.Sqrt(365.25)
	for range int(w.End - w.Start) {
		r.daily = append(r.daily, max(1, int64(math.Round(exp(level)*float64(r.scale)))))
		level += float64(step * s.normal())
	}
	return r
}

// of is the rate of a day.
func (r *rates) of(day calendar.Day) int64 { return r.daily[day-r.start] }

// abroad turns the prices of a line into the foreign currency.
func (r *rates) abroad(l *line) {
	by := r.factor * float64(r.scale) / float64(r.of(dayOfSeconds(l.at)))
	convert := func(n int64) int64 { return max(1, int64(math.Round(float64(n)*by))) }
	l.price, l.list = convert(l.price), convert(l.list)
	if l.cost > 0 {
		l.cost = convert(l.cost)
	}
	l.flags |= foreign
}

// millionths is an amount of a line in millionths of the company's currency.
func (r *rates) millionths(l line, amount int64) int64 {
	if l.flags&foreign != 0 {
		return amount * r.of(dayOfSeconds(l.at))
	}
	return amount * r.home
}
