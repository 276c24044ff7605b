package sim

import "math"

// The four kinds of loss along a tie, named as package referral names what it
// looks for. That one who brought a customer has left works at once; what the
// brought do works from the first of the month after.
const (
	referrerLeft = iota
	referrerComplained
	broughtLeft
	broughtComplained
	tieKinds
)

var tieNames = [tieKinds]string{"brought_after_referrer_left", "brought_after_referrer_complained", "referrer_after_brought_left", "referrer_after_brought_complained"}

// factors are what each kind multiplies a hazard by.
func (r Referrals) factors() [tieKinds]float64 {
	return [tieKinds]float64{r.Contagion, r.Complaints, r.ContagionBackwards, r.ComplaintsBackwards}
}

// tied tells whether a life can hang on others in more ways than by the leaving
// of whoever brought the customer.
func (r Referrals) tied() bool {
	return r.Complaints != 1 || r.ContagionBackwards != 1 || r.ComplaintsBackwards != 1
}

// asWritten leaves keys out that plant nothing: worlds that were there before
// these keys keep their bytes.
func (r Referrals) asWritten() any {
	if !r.tied() && r.ComplaintDays == Default().Referrals.ComplaintDays {
		return struct {
			Rate      float64 `yaml:"rate"`
			Contagion float64 `yaml:"contagion"`
		}{r.Rate, r.Contagion}
	}
	type all Referrals
	return all(r)
}

// MarshalYAML writes what asWritten gives.
func (r Referrals) MarshalYAML() (any, error) { return r.asWritten(), nil }

// exposed is what others did that bears on one customer's hazard.
type exposed struct {
	orphaned float64 // when the one who brought the customer leaves
	hurt     float64 // from when on one whom the customer brought has left
	upset    echoes  // complaints of the one who brought them
	voiced   echoes  // complaints of those whom they brought
}

// unexposed is one to whom others do nothing.
func unexposed() exposed {
	return exposed{orphaned: math.Inf(1), hurt: math.Inf(1), upset: newEchoes(nil), voiced: newEchoes(nil)}
}

// echoes are moments that each tell for a time.
type echoes struct {
	at   []float64 // ascending
	next int
	ends float64
}

func newEchoes(at []float64) echoes { return echoes{at: at, ends: math.Inf(-1)} }

// until tells whether one of them tells at t, and up to when that is so. It is
// asked about ever later times.
func (e *echoes) until(t, days float64) (on bool, end float64) {
	for ; e.next < len(e.at) && e.at[e.next] <= t; e.next++ {
		e.ends = e.at[e.next] + days
	}
	end = math.Inf(1)
	if on = t < e.ends; on {
		end = e.ends
	}
	if e.next < len(e.at) {
		end = min(end, e.at[e.next])
	}
	return on, end
}

// states tells which kinds bear on the customer at t, and up to when.
func (x *exposed) states(t, days float64) (on [tieKinds]bool, end float64) {
	var upset, voiced float64
	on[referrerLeft], on[broughtLeft] = t >= x.orphaned, t >= x.hurt
	on[referrerComplained], upset = x.upset.until(t, days)
	on[broughtComplained], voiced = x.voiced.until(t, days)
	end = min(upset, voiced)
	if !on[referrerLeft] {
		end = min(end, x.orphaned)
	}
	if !on[broughtLeft] {
		end = min(end, x.hurt)
	}
	return on, end
}
