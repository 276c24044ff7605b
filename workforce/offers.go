package workforce

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/regress"
)

// Offers is what goes with accepting an offer: pay against what is usual for the role, and hours of training in the first year.
type Offers struct {
	Pay      evidence.Figure // odds of accepting for 10% more pay than is usual for the role
	Training evidence.Figure // odds of accepting for ten hours more than is usual for the role
	// Worth is how much more pay, as a share, goes with as much more acceptance as ten hours of training.
	Worth evidence.Figure
}

const (
	fewOffers  = 60 // offers with what was offered
	fewAnswers = 20 // of each answer
)

// offersTo are the answered offers to a person. Rows of one search, from the end of one stay to the beginning of the next and the first row of
// it, that say the same day are of one offer; a row without a day is of the last one.
func (w *world) offersTo(person int) []offer {
	if !w.has.offer {
		return nil
	}
	var out []offer
	sought := w.careers[person].Sought
	search := func(from int, next *stay) int {
		first := len(out)
		for ; from < len(sought) && (next == nil || sought[from].From <= next.Hired); from++ {
			out = read(out, first, sought[from])
		}
		if next != nil {
			out = read(out, first, next.pieces[0].row)
		}
		return from
	}
	from := 0
	for i := w.first[person]; i < w.first[person+1]; i++ {
		from = search(from, &w.stays[i])
	}
	search(from, nil)
	answered := out[:0]
	for _, o := range out {
		if o.answer != "" {
			o.accepted = o.answer == Accepted
			answered = append(answered, o)
		}
	}
	return answered
}

// read takes in what a row says of an offer, of those from the first on.
func read(offers []offer, first int, r *Row) []offer {
	if r.Offer == "" && r.Offered == nil {
		return offers
	}
	at := -1
	for i := len(offers) - 1; i >= first && at < 0; i-- {
		if o := &offers[i]; r.Offered == nil || o.dated && o.day == *r.Offered || !o.dated {
			at = i
		}
	}
	if at < 0 {
		offers = append(offers, offer{day: r.From})
		at = len(offers) - 1
	}
	o := &offers[at]
	if r.Offered != nil {
		o.day, o.dated = *r.Offered, true
	}
	o.row = r
	if r.Offer != "" {
		o.answer = r.Offer
	}
	if r.OfferedCost != nil {
		o.cost = number(*r.OfferedCost)
	}
	if r.OfferedTraining != nil {
		o.training = number(*r.OfferedTraining)
	}
	return offers
}

func number(a money.Amount) *float64 {
	x, _ := a.Rat().Float64()
	return &x
}

// asked is an answered offer with the covariates that it has, each less its mean over the role's offers.
type asked struct {
	role          string
	y             float64
	pay, training float64
}

// offers is the logit of accepting on the logarithm of what was offered a year and on hours of training, both against the role's mean, with
// errors clustered by person.
func (w *world) offers() Offers {
	const pay, hours = "log pay", "training hours"
	none := evidence.Refusal{Reason: "fewer offers than it takes say what was offered and how it was answered",
		Need: fmt.Sprintf("%d answered offers with offered_cost and offered_training_hours, %d of each answer", fewOffers, fewAnswers)}
	o := Offers{refuse(none), refuse(none), refuse(none)}
	if !w.has.offer {
		return Offers{refuse(noOffer), refuse(noOffer), refuse(noOffer)}
	}
	for _, with := range [][]string{{pay, hours}, {pay}, {hours}} {
		rows, person := w.askedFor(len(with) == 2 || with[0] == pay, len(with) == 2 || with[0] == hours)
		yes := 0.0
		for _, r := range rows {
			yes += r.y
		}
		if len(rows) < fewOffers || yes < fewAnswers || float64(len(rows))-yes < fewAnswers {
			continue
		}
		d := regress.Design{}
		for _, r := range rows {
			d.Outcome = append(d.Outcome, r.y)
		}
		for _, name := range with {
			column := make([]float64, len(rows))
			for i, r := range rows {
				column[i] = r.training
				if name == pay {
					column[i] = r.pay
				}
			}
			d.Names, d.Covariates = append(d.Names, name), append(d.Covariates, column)
		}
		fit, err := regress.Logit(d, regress.Options{Errors: regress.CR1, Cluster: person})
		if err != nil {
			same := evidence.Refusal{Reason: "what was offered does not vary, or tells the answers apart wholly", Need: "offers that differ within roles"}
			o = Offers{refuse(same), refuse(same), refuse(same)}
			continue // perhaps one of the two does not vary
		}
		o.Pay = odds(fit, pay, math.Log(1.1), int64(len(rows)), "odds of accepting for 10% more pay than the mean of the role’s offers")
		o.Training = odds(fit, hours, 10, int64(len(rows)), "odds of accepting for 10 hours of training more than the mean of the role’s offers")
		o.Worth = worth(fit, hours, pay, int64(len(rows)))
		return o
	}
	return o
}

// askedFor are the answered offers that say what is asked for. Their order is that of persons.
func (w *world) askedFor(pay, training bool) (rows []asked, person []int) {
	for i := range w.careers {
		for _, o := range w.offersTo(i) {
			if o.day >= w.p.End || pay && (o.cost == nil || *o.cost <= 0) || training && o.training == nil {
				continue
			}
			r := asked{role: o.row.Role}
			if o.accepted {
				r.y = 1
			}
			if pay {
				r.pay = math.Log(*o.cost)
			}
			if training {
				r.training = *o.training
			}
			rows, person = append(rows, r), append(person, i)
		}
	}
	type sums struct{ n, pay, training float64 }
	of := map[string]*sums{}
	for _, r := range rows {
		if of[r.role] == nil {
			of[r.role] = &sums{}
		}
		s := of[r.role]
		s.n, s.pay, s.training = s.n+1, s.pay+r.pay, s.training+r.training
	}
	for i := range rows {
		s := of[rows[i].role]
		rows[i].pay -= s.pay / s.n
		rows[i].training -= s.training / s.n
	}
	return rows, person
}

// odds is the odds ratio for a step of a covariate.
func odds(fit *regress.Likely, name string, step float64, n int64, how string) evidence.Figure {
	b, _, ok := fit.Coefficient(name)
	low, high, err := fit.Interval(name, level)
	if !ok || err != nil {
		return evidence.Refuse("fewer offers than it takes say this of what was offered, or it does not vary", "offers with offered_cost and offered_training_hours that differ within roles")
	}
	e := func(x float64) float64 { return math.Exp(float64(x * step)) }
	return evidence.Confidence(evidence.Float(e(b)), evidence.Float(e(low)), evidence.Float(e(high)), level, n, how+"; logit, error clustered by person; who gets which offer is not chance")
}

// worth is the pay that goes with as much as ten hours of training: exp(10·β₂/β₁) − 1, with Fieller's interval for the ratio (1954), which is
// bounded where the coefficient of pay is surely not 0.
func worth(fit *regress.Likely, hours, pay string, n int64) evidence.Figure {
	i, j := index(fit.Names, hours), index(fit.Names, pay)
	if i < 0 || j < 0 {
		return evidence.Refuse("pay and training of an offer are not both known", "offers with offered_cost and offered_training_hours")
	}
	a, b := 10*fit.Coefficients[i], fit.Coefficients[j]
	va, vb, ab := 100*fit.Covariance[i][i], fit.Covariance[j][j], 10*fit.Covariance[i][j]
	zz := float64(z975 * z975)
	q := float64(b*b) - float64(zz*vb)
	if b <= 0 || q <= 0 {
		return evidence.Refuse("more pay does not surely go with accepting, so that nothing can be held to it", "more offers, whose pay differs")
	}
	p := float64(a*b) - float64(zz*ab)
	root := math.Sqrt(math.Max(0, float64(p*p)-float64(q*(float64(a*a)-float64(zz*va)))))
	return evidence.Confidence(evidence.Float(math.Expm1(a/b)), evidence.Float(math.Expm1((p-root)/q)), evidence.Float(math.Expm1((p+root)/q)), level, n,
		"more pay, as a share, that goes with as much as 10 hours of training; Fieller’s interval (1954)")
}

func index(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}
