package sim

import (
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// truth writes down what the tally of customers and lines has found.
func (t *tally) truth(files []string) (Truth, error) {
	truth := Truth{
		Simulated: "Simulated company: no figure here is of a real one.",
		Company:   t.w.Company, Seed: t.w.Seed, Currency: t.w.Currency, Start: t.w.Start, End: t.w.End,
		Files: files, Customers: t.customers, Lines: t.lines,
	}
	if t.revenue.over || t.ofUnidentified.over || t.ofOther.over || t.cost.over {
		return truth, errOverflow
	}
	truth.Lines.Revenue, truth.Lines.Cost = t.revenue.amount(), t.cost.amount()
	truth.Lines.RevenueUnidentified, truth.Lines.RevenueExcluded = t.ofUnidentified.amount(), t.ofOther.amount()
	truth.Lines.LedgerDifference = t.w.LedgerDifference.Amount
	for i := range t.months {
		m := t.months[i].truth(t.w.first() + calendar.Month(i))
		m.Active = t.alive[i]
		truth.Months = append(truth.Months, m)
	}
	for i := range t.pairs {
		c := &t.pairs[i]
		found, err := c.truth()
		if err != nil {
			return truth, err
		}
		if c.length == 1 {
			truth.Months[c.p-1].OfMonth = found
		} else {
			truth.Months[c.p-1].OfYear = found
		}
	}
	return truth, nil
}

func (m monthSum) truth(month calendar.Month) MonthTruth {
	t := MonthTruth{Month: month, Lines: m.lines, Revenue: m.revenue.amount(), Arrived: map[string]int64{}, Subscribed: m.subscribed.amount(), Contracts: m.contracts}
	var all, ofEarned int64
	for i, n := range m.arrived {
		t.Arrived[vias[i]] = n
		all += n
		if earned(i) {
			ofEarned += n
		}
	}
	t.EarnedShareOfArrivals = whole(ofEarned, all)
	return t
}

// tell adds what is true of the company beyond customers and lines.
func (c *company) tell(truth *Truth, profits []ProfitTruth) {
	truth.Parameters = parameters(reflect.ValueOf(c.World))
	for m := range profits {
		truth.Months[m].Profit = profits[m]
		truth.Profit.add(profits[m])
	}
	c.ledger(truth.Months)
	truth.Years = c.years(truth.Months)
	truth.Referrals = c.referralTruth()
	truth.Service = c.serviceTruth()
	truth.Training = c.trainingTruth()
	truth.Voice = c.voiceTruth()
	truth.People = c.staff.truth()
	truth.Subscriptions.Endings = map[string]int64{}
	for i, n := range c.tally.ended {
		name := "running at the end"
		if i < endings {
			name = endReasons[i]
		}
		truth.Subscriptions.Rows += n
		truth.Subscriptions.Endings[name] = n
	}
	for _, d := range c.Departments {
		truth.Alignment = append(truth.Alignment, AlignmentTruth{d.Name, d.congruity()})
	}
}

// parameters are the keys of a world with their values.
func parameters(v reflect.Value) map[string]any {
	out := map[string]any{}
	for i := range v.NumField() {
		out[v.Type().Field(i).Tag.Get("yaml")] = parameter(v.Field(i))
	}
	return out
}

func parameter(v reflect.Value) any {
	if r, ok := v.Interface().(Referrals); ok {
		return parameters(reflect.ValueOf(r.asWritten()))
	}
	switch {
	case v.Kind() == reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, parameter(v.Index(i)))
		}
		return list
	case v.Kind() == reflect.Struct && v.Type().PkgPath() == reflect.TypeFor[World]().PkgPath():
		return parameters(v)
	}
	return v.Interface()
}

func (c *company) years(months []MonthTruth) []YearTruth {
	var years []YearTruth
	for m := 12; m <= len(months); m++ {
		year, month, _ := c.day(m).Date()
		if month != 1 {
			continue
		}
		y := YearTruth{Year: year - 1, Opening: c.tally.alive[m-12], StayedCount: c.tally.stayed[m], Stayed: whole(c.tally.stayed[m], c.tally.alive[m-12])}
		var ofEarned int64
		for _, of := range c.tally.months[m-12 : m] {
			for via, n := range of.arrived {
				y.Arrived += n
				if earned(via) {
					ofEarned += n
				}
			}
		}
		y.EarnedArrivals = whole(ofEarned, y.Arrived)
		if s := months[m-1].OfYear; s != nil {
			y.Retention, y.NetRetention, y.EarnedShareOfNew = whole(s.Retained, s.Opening), s.NetRetention, s.EarnedShareOfNew
		}
		years = append(years, y)
	}
	return years
}

func (c *company) referralTruth() ReferralTruth {
	r := ReferralTruth{Rate: c.Referrals.Rate, Contagion: c.Referrals.Contagion, Backwards: c.Referrals.ContagionBackwards}
	var days float64
	for m := range c.months() {
		r.Arrived += c.tally.months[m].arrived[0]
		from, until := c.month(m)
		days += float64(float64(c.tally.alive[m]) * (until - from))
	}
	r.Realised = number(30 * float64(r.Arrived) / days)
	r.Hazards = c.tieTruth(referrerLeft).Hazards
	if c.ties != nil {
		for kind := range tieKinds {
			r.Ties = append(r.Ties, c.tieTruth(kind))
		}
	}
	return r
}

var tieStates = [tieKinds][2]string{
	{"who brought them is a customer", "who brought them has left"},
	{"no complaint of who brought them tells", "a complaint of who brought them tells"},
	{"nobody whom they brought has left", "one whom they brought has left"},
	{"no complaint of one whom they brought tells", "a complaint of one whom they brought tells"},
}

// tieTruth is one kind of loss along ties; what referrers do bears on the
// referred alone.
func (c *company) tieTruth(kind int) TieTruth {
	e := &c.tally.exposures
	cells := []*[hazardous]cell{&e.referred}
	if kind == broughtLeft || kind == broughtComplained {
		cells = append(cells, &e.others)
	}
	t := TieTruth{Name: tieNames[kind], Planted: c.Referrals.factors()[kind]}
	for on, sum := range c.by(1<<kind, cells...) {
		t.Hazards = append(t.Hazards, sum.truth(tieStates[kind][on], [2]float64{1, t.Planted}[on]))
	}
	return t
}

func (c *company) serviceTruth() ServiceTruth {
	s := ServiceTruth{FailureEffect: c.Service.FailureEffect}
	for i, sum := range c.by(remembered, &c.tally.exposures.referred, &c.tally.exposures.others) {
		state := []string{"no failure is remembered", "a failure is remembered"}[i]
		s.Hazards = append(s.Hazards, sum.truth(state, [2]float64{1, c.Service.FailureEffect}[i]))
	}
	for i, t := range c.Touchpoints {
		var sum placeSum
		at := TouchpointTruth{Name: t.Name, Quality: t.Quality, PlantedHour: t.CostPerHour, PlantedContact: t.CostPerContact}
		for m := range c.tally.months {
			of := c.tally.months[m].places[i]
			sum.add(of)
			at.Cost = at.Cost.Add(t.cost(of).Round(c.Currency.Places()))
		}
		at.Contacts, at.Handled, at.Contained, at.Abandoned = sum.contacts, sum.handled, sum.contained, sum.abandoned
		at.Resolved, at.Complaints, at.HandleSeconds = sum.resolved, sum.complaints, sum.handle
		at.ResolvedShare = whole(sum.resolved-sum.contained, sum.handled)
		at.CostPerSecond, at.CostPerContact = per(at.Cost, sum.handle), per(at.Cost, sum.contacts)
		s.Cost = s.Cost.Add(at.Cost)
		s.Touchpoints = append(s.Touchpoints, at)
	}
	return s
}

func (c *company) trainingTruth() TrainingTruth {
	t := TrainingTruth{Effect: c.Training.Effect, HalfLife: c.Training.HalfLife, Untrained: c.tally.skill[0].truth(), Trained: c.tally.skill[1].truth()}
	for _, p := range c.staff.people {
		for _, of := range p.courses {
			if of.at < int64(c.End)*daySeconds {
				t.Courses++
				if of.skill() {
					t.ForRole++
				}
			}
		}
	}
	return t
}

func (s skillSum) truth() SkillTruth {
	return SkillTruth{
		Contacts: s.handled, Resolved: s.resolved, Share: whole(s.resolved, s.handled),
		Likely: billionths(s.likely, s.handled), MeanStock: billionths(s.stock, s.handled),
	}
}

func (c *company) voiceTruth() VoiceTruth {
	v := VoiceTruth{Themes: map[string]int64{}}
	for i, n := range c.tally.themes {
		v.Themes[themes[i].name] = n
	}
	for i, q := range c.tally.asked {
		of := QuestionTruth{Question: questions[i], Asked: q.asked, Answered: q.answered, Mean: whole(q.score, q.asked), MeanAnswered: whole(q.scoreAnswered, q.answered)}
		if i == nps {
			of.Net, of.NetOfAnswered = whole(100*(q.high-q.low), q.asked), whole(100*(q.highAnswered-q.lowAnswered), q.answered)
		}
		v.Questions = append(v.Questions, of)
	}
	return v
}

func (c cell) truth(state string, factor float64) HazardTruth {
	return HazardTruth{
		State: state, Days: ratio(big.NewRat(c.days, 1000), big.NewRat(1, 1)), Dropouts: c.dropouts,
		Baseline: billionths(c.expected, 1), Planted: number(factor), Ratio: ratio(big.NewRat(c.dropouts, 1), big.NewRat(c.expected, 1e9)),
	}
}

// congruity is the cosine of g = A·w and f over the levers.
func (d Department) congruity() Ratio {
	var gf, gg, ff float64
	for _, l := range d.Levers {
		var g float64
		for i, p := range d.Pays {
			g += float64(p.Weight * l.Moves[i])
		}
		gf, gg, ff = gf+float64(g*l.Value), gg+float64(g*g), ff+float64(l.Value*l.Value)
	}
	return number(gf / math.Sqrt(gg*ff))
}

func billionths(n, of int64) Ratio {
	return ratio(big.NewRat(n, 1e9), big.NewRat(of, 1))
}

// per is an amount by a count.
func per(a money.Amount, n int64) Ratio { return ratio(a.Rat(), big.NewRat(n, 1)) }

// number is a float of twelve places; empty where it is none.
func number(x float64) Ratio {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	text := strconv.FormatFloat(x, 'f', 12, 64)
	return Ratio(strings.TrimSuffix(text, "."))
}
