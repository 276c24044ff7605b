package sim

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/throughline/throughline/money"
)

const (
	maxTouchpoints = 20
	maxStaff       = 100_000 // places of work
	maxRateDigits  = 6       // decimals of an amount, of which those of a foreign currency are some
)

// bounds are those of the keys beyond customers and orders.
func (w World) bounds() []bound {
	const tiny, huge = 1e-3, 1e6
	p, v, t := w.Prices, w.Voice, w.Training
	return []bound{
		{"purchases.trend", w.Purchases.Trend, -0.9, 4},
		{"spend.p", w.Spend.P, tiny, huge}, {"spend.q", w.Spend.Q, 1.01, huge}, {"spend.gamma", w.Spend.Gamma, tiny, huge},
		{"prices.yearly", p.Yearly, -0.3, 0.5}, {"prices.spread", p.Spread, 0, 0.3}, {"prices.elasticity", p.Elasticity, -5, 0},
		{"prices.promoted", p.Promoted, 0, 1}, {"prices.discount", p.Discount, 0, 0.9},
		{"prices.margin", p.Margin, 0, 0.95}, {"prices.margin_spread", p.MarginSpread, 0, 0.95},
		{"foreign.share", w.Foreign.Share, 0, 1}, {"foreign.volatility", w.Foreign.Volatility, 0, 1},
		{"unidentified_drift", w.UnidentifiedDrift, -0.95, 0.95}, {"duplicates", w.Duplicates, 0, 1},
		{"referrals.rate", w.Referrals.Rate, 0, 0.5}, {"referrals.contagion", w.Referrals.Contagion, 0, 100},
		{"referrals.contagion_backwards", w.Referrals.ContagionBackwards, 0, 100}, {"referrals.complaints", w.Referrals.Complaints, 0, 100},
		{"referrals.complaints_backwards", w.Referrals.ComplaintsBackwards, 0, 100}, {"referrals.complaint_days", w.Referrals.ComplaintDays, 0, 3650},
		{"service.per_month", w.Service.PerMonth, 0, 30}, {"service.failure_effect", w.Service.FailureEffect, 0, 100},
		{"service.memory_days", w.Service.MemoryDays, 0, 3650}, {"service.reopened", w.Service.Reopened, 0, 1}, {"service.transferred", w.Service.Transferred, 0, 0.9},
		{"voice.nps_per_year", v.NPSPerYear, 0, 52}, {"voice.csat", v.CSAT, 0, 1}, {"voice.ces", v.CES, 0, 1},
		{"voice.responds", v.Responds, 0, 1}, {"voice.discontent_responds", v.DiscontentResponds, 0, 100}, {"voice.comments", v.Comments, 0, 1},
		{"voice.remarks", v.Remarks, 0, 1}, {"voice.remarks_failed", v.RemarksFailed, 0, 1},
		{"subscriptions.share", w.Subscriptions.Share, 0, 1}, {"subscriptions.changes", w.Subscriptions.Changes, 0, 0.5},
		{"subscriptions.pauses", w.Subscriptions.Pauses, 0, 0.5}, {"subscriptions.annual", w.Subscriptions.Annual, 0, 1},
		{"staff.turnover", w.Staff.Turnover, 0, 12}, {"staff.first_year", w.Staff.FirstYear, 0, 20}, {"staff.empty_days", w.Staff.EmptyDays, 0, 3650},
		{"staff.declined", w.Staff.Declined, 0, 0.9}, {"staff.validity", w.Staff.Validity, -2, 2}, {"staff.keeps", w.Staff.Keeps, -2, 5},
		{"staff.manager_change", w.Staff.ManagerChange, 0, 20}, {"staff.rehired", w.Staff.Rehired, 0, 1}, {"staff.moves", w.Staff.Moves, 0, 12}, {"staff.span", float64(w.Staff.Span), 0, 1000},
		{"staff.candidates", w.Staff.Candidates, 0, 50}, {"staff.promoted", w.Staff.Promoted, 0, 1}, {"staff.pulse", w.Staff.Pulse, 0, 1},
		{"training.per_year", t.PerYear, 0, 52}, {"training.role", t.Role, 0, 1}, {"training.effect", t.Effect, 0, 1},
		{"training.half_life", t.HalfLife, 1, 36500}, {"training.hours", t.Hours, 0, 400},
	}
}

func (w World) checkModels() error {
	switch w.Purchases.Model {
	case ParetoNBD, BGNBD:
	default:
		return fmt.Errorf("purchases.model: %q is neither %s nor %s", w.Purchases.Model, ParetoNBD, BGNBD)
	}
	switch w.Spend.Model {
	case Lognormal:
	case GammaGamma:
		if w.Spend.Frequency != 0 {
			return fmt.Errorf("spend.frequency: %g with spend.model %s, which holds spend and frequency to be independent; set it to 0 or use %s", w.Spend.Frequency, GammaGamma, Lognormal)
		}
	default:
		return fmt.Errorf("spend.model: %q is neither %s nor %s", w.Spend.Model, Lognormal, GammaGamma)
	}
	if low, high := w.Prices.Margin-w.Prices.MarginSpread, w.Prices.Margin+w.Prices.MarginSpread; low < 0 || high > 0.98 {
		return fmt.Errorf("prices.margin_spread: margins from %.4g to %.4g are not between 0 and 0.98", low, high)
	}
	if r, o := w.Referrals.Rate, w.Origins; r > 0 && o.Referral == 1 {
		return fmt.Errorf("origins.referral: is 1, and referrals.rate %g brings those who are referred, so nobody could arrive in another way", r)
	}
	if w.Foreign.Share == 0 {
		return nil
	}
	if _, err := money.ParseCurrency(string(w.Foreign.Currency)); err != nil {
		return fmt.Errorf("foreign.currency: %w", err)
	}
	if w.Foreign.Currency == w.Currency {
		return fmt.Errorf("foreign.currency: %s is the company's own currency; name another one, or set foreign.share to 0", w.Currency)
	}
	if rate, _ := w.Foreign.Rate.Rat().Float64(); !(rate >= 0.01 && rate <= 10_000) {
		return fmt.Errorf("foreign.rate: %s is not between 0.01 and 10000", w.Foreign.Rate)
	}
	return nil
}

func (w World) checkTouchpoints() error {
	if n := len(w.Touchpoints); n > maxTouchpoints || n == 0 {
		return fmt.Errorf("touchpoints: %d of them, which is not between 1 and %d", n, maxTouchpoints)
	}
	var names []string
	var contacts, sells float64
	for i, t := range w.Touchpoints {
		key := fmt.Sprintf("touchpoints[%d].", i)
		if err := word(key+"name", t.Name); err != nil {
			return err
		}
		if slices.Contains(names, t.Name) {
			return fmt.Errorf("%sname: there are two touchpoints %q", key, t.Name)
		}
		names = append(names, t.Name)
		if !slices.ContainsFunc(w.Departments, func(d Department) bool { return d.Name == t.Department }) {
			return fmt.Errorf("%sdepartment: there is no department %q; name one of departments", key, t.Department)
		}
		for _, text := range []struct{ key, value string }{{"stage", t.Stage}, {"channel", t.Channel}} {
			if err := word(key+text.key, text.value); err != nil {
				return err
			}
		}
		if err := within([]bound{
			{key + "contacts", t.Contacts, 0, 1}, {key + "sells", t.Sells, 0, 1}, {key + "quality", t.Quality, 0, 1},
			{key + "contained", t.Contained, 0, 1}, {key + "abandoned", t.Abandoned, 0, 1},
			{key + "wait_seconds", t.WaitSeconds, 0, 1e6}, {key + "handle_seconds", t.HandleSeconds, 1, 1e5}, {key + "people", float64(t.People), 0, maxStaff},
		}); err != nil {
			return err
		}
		contacts, sells = contacts+t.Contacts, sells+t.Sells
	}
	for _, sum := range []bound{{key: "contacts", value: contacts}, {key: "sells", value: sells}} {
		if math.Abs(sum.value-1) > 1e-9 {
			return fmt.Errorf("touchpoints: their shares of %s come to %.10g and not to 1", sum.key, sum.value)
		}
	}
	return nil
}

func (w World) checkDepartments() error {
	var names []string
	people := 0
	for _, t := range w.Touchpoints {
		people += t.People
	}
	for i, d := range w.Departments {
		key := fmt.Sprintf("departments[%d].", i)
		if err := word(key+"name", d.Name); err != nil {
			return err
		}
		if slices.Contains(names, d.Name) {
			return fmt.Errorf("%sname: there are two departments %q", key, d.Name)
		}
		names = append(names, d.Name)
		if d.Entity != "" {
			if err := word(key+"entity", d.Entity); err != nil {
				return err
			}
		}
		if d.Employer != "own" && d.Employer != "contractor" {
			return fmt.Errorf("%semployer: %q is neither own nor contractor", key, d.Employer)
		}
		if err := within([]bound{{key + "people", float64(d.People), 0, maxStaff}}); err != nil {
			return err
		}
		people += d.People
		for j, l := range d.Levers {
			if len(l.Moves) != len(d.Pays) {
				return fmt.Errorf("%slevers[%d].moves: %d numbers for %d measures in pays; give one for each", key, j, len(l.Moves), len(d.Pays))
			}
		}
	}
	if len(names) > maxTouchpoints {
		return fmt.Errorf("departments: %d of them, more than %d", len(names), maxTouchpoints)
	}
	if people > maxStaff {
		return fmt.Errorf("departments and touchpoints: %d people, more than %d", people, maxStaff)
	}
	if years := float64(w.months()+12*staffYears+12) / 12; float64(people)*years*(float64(w.Staff.Turnover*max(w.Staff.FirstYear, 1))+1) > 2e6 {
		return fmt.Errorf("staff.turnover: %d places over %.0f years at this turnover are more than two million people; lower it or people", people, years)
	}
	return nil
}

// word refuses a name that a CSV or YAML file would have to quote.
func word(key, text string) error {
	if text == "" || len(text) > 60 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || strings.ContainsRune(`,"'\:#{}[]`, r) }) {
		return fmt.Errorf("%s: %q is not a plain name of at most 60 bytes without marks of punctuation", key, text)
	}
	return nil
}

// checkPaid refuses amounts that are negative, absurd or finer than the currency.
func (w World) checkPaid() error {
	paid := []struct {
		key    string
		amount money.Amount
	}{
		{"subscriptions.monthly", w.Subscriptions.Monthly}, {"training.direct_cost", w.Training.DirectCost},
		{"spending.per_bought", w.Spending.PerBought}, {"spending.per_referred", w.Spending.PerReferred},
		{"spending.retain", w.Spending.Retain}, {"spending.per_hire", w.Spending.PerHire}, {"spending.fixed", w.Spending.Fixed},
	}
	for _, t := range w.Touchpoints {
		paid = append(paid, paid[0], paid[0])
		paid[len(paid)-2].key, paid[len(paid)-2].amount = "touchpoints.cost_per_hour", t.CostPerHour
		paid[len(paid)-1].key, paid[len(paid)-1].amount = "touchpoints.cost_per_contact", t.CostPerContact
	}
	for _, d := range w.Departments {
		paid = append(paid, paid[0])
		paid[len(paid)-1].key, paid[len(paid)-1].amount = "departments.annual_cost", d.AnnualCost
	}
	for _, p := range paid {
		if p.amount.Sign() < 0 || p.amount.Cmp(money.FromMicros(1e14)) >= 0 {
			return fmt.Errorf("%s: %s is not between 0 and 100000000", p.key, p.amount)
		}
	}
	return nil
}
