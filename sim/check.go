package sim

import (
	"fmt"
	"math"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

const (
	maxMonths    = 480         // each month has a file open while lines are drawn
	maxCustomers = 500_000_000 // numbers of customers are 32-bit integers
	maxRate      = 24.0        // purchases a day of the average customer
)

// bound is a number of the world and the range that it must lie in.
type bound struct {
	key      string
	value    float64
	low, top float64
}

// Check refuses a world that cannot be, naming the key.
func (w World) Check() error {
	if err := w.checkCompany(); err != nil {
		return err
	}
	if err := w.checkBounds(); err != nil {
		return err
	}
	if rate := w.Purchases.R / w.Purchases.Alpha; rate > maxRate {
		return fmt.Errorf("purchases: r ÷ alpha is %g purchases a day of the average customer, more than %g; alpha is in days", rate, maxRate)
	}
	if total := w.expectedCustomers(); !(total >= 1 && total <= maxCustomers) {
		return fmt.Errorf("customers and arrivals: come to %.0f customers, which is not between 1 and %d", total, maxCustomers)
	}
	if w.Merged > w.Customers {
		return fmt.Errorf("merged: %d customers are merged of %d at the start", w.Merged, w.Customers)
	}
	for _, sum := range []struct {
		key, parts string
		value      float64
	}{
		{"origins", "referral, reputation, paid, sales, partner", total(w.Origins.shares())},
		{"known", "tracked, declared, asked, inferred, nobody", total(w.Known.shares())},
	} {
		if math.Abs(sum.value-1) > 1e-9 {
			return fmt.Errorf("%s: the shares of %s come to %.10g and not to 1", sum.key, sum.parts, sum.value)
		}
	}
	for _, check := range []func() error{w.checkMoney, w.checkModels, w.checkTouchpoints, w.checkDepartments, w.checkPaid} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (w World) checkCompany() error {
	if !strings.Contains(strings.ToLower(w.Company), "simulated") {
		return fmt.Errorf("company: %q does not say that it is simulated; put the word simulated into the name", w.Company)
	}
	if strings.ContainsFunc(w.Company, func(r rune) bool { return r < ' ' }) || len(w.Company) > 200 {
		return fmt.Errorf("company: the name must be one line of at most 200 bytes")
	}
	if _, err := money.ParseCurrency(string(w.Currency)); err != nil {
		return fmt.Errorf("currency: %w", err)
	}
	if _, err := calendar.LoadZone(w.TimeZone); err != nil {
		return fmt.Errorf("timezone: %w", err)
	}
	for key, day := range map[string]calendar.Day{"start": w.Start, "end": w.End} {
		if day != calendar.MonthOf(day).First() {
			return fmt.Errorf("%s: %s is not the first day of a month; whole months are simulated (end is excluded)", key, day)
		}
		if year, _, _ := day.Date(); year < 1900 || year > 2200 {
			return fmt.Errorf("%s: %s is not between the years 1900 and 2200", key, day)
		}
	}
	if n := w.months(); n < 1 || n > maxMonths {
		return fmt.Errorf("start and end: %s..%s is %d months, which is not between 1 and %d", w.Start, w.End, n, maxMonths)
	}
	return nil
}

func (w World) checkBounds() error {
	const tiny, huge = 1e-3, 1e6
	bounds := []bound{
		{"customers", float64(w.Customers), 0, maxCustomers},
		{"history_years", float64(w.HistoryYears), 1, 50},
		{"arrivals.per_month", w.Arrivals.PerMonth, 0, maxCustomers},
		{"arrivals.growth", w.Arrivals.Growth, -0.5, 0.5},
		{"purchases.r", w.Purchases.R, tiny, huge}, {"purchases.alpha", w.Purchases.Alpha, tiny, huge},
		{"purchases.a", w.Purchases.A, tiny, huge}, {"purchases.b", w.Purchases.B, tiny, huge},
		{"purchases.s", w.Purchases.S, tiny, huge}, {"purchases.beta", w.Purchases.Beta, tiny, huge},
		{"season.amplitude", w.Season.Amplitude, 0, 0.95}, {"season.peak", float64(w.Season.Peak), 1, 12},
		{"spend.sigma", w.Spend.Sigma, 0, 3}, {"spend.between", w.Spend.Between, 0, 1},
		{"spend.frequency", w.Spend.Frequency, -1, 1},
		{"spend.pareto_share", w.Spend.ParetoShare, 0, 1}, {"spend.pareto_shape", w.Spend.ParetoShape, 1.01, 100},
		{"lines_per_order", w.LinesPerOrder, 1, 50}, {"products", float64(w.Products), 1, 9999},
		{"returns", w.Returns, 0, 0.9}, {"unidentified", w.Unidentified, 0, 0.95}, {"late", w.Late, 0, 1},
		{"known.inferred_right", w.Known.InferredRight, 0, 1},
		{"excluded", float64(w.Excluded), 0, 1_000_000}, {"merged", float64(w.Merged), 0, 1_000_000},
	}
	for i, share := range w.Origins.shares() {
		bounds = append(bounds, bound{"origins." + vias[i], share, 0, 1})
	}
	for i, share := range w.Known.shares() {
		bounds = append(bounds, bound{"known." + knowns[i], share, 0, 1})
	}
	return within(append(bounds, w.bounds()...))
}

// within refuses the first value outside its bounds.
func within(bounds []bound) error {
	for _, b := range bounds {
		if !(b.value >= b.low && b.value <= b.top) { // so that what is not a number is refused
			return fmt.Errorf("%s: %.10g is not between %.10g and %.10g", b.key, b.value, b.low, b.top)
		}
	}
	return nil
}

func (w World) checkMoney() error {
	places := w.Currency.Places()
	if m, _ := w.Spend.Median.Rat().Float64(); !(m > 0 && m <= 1e6) {
		return fmt.Errorf("spend.median: %s is not above 0 and at most 1000000", w.Spend.Median)
	}
	d := w.LedgerDifference
	if !d.Amount.Equal(d.Amount.Round(places)) {
		return fmt.Errorf("ledger_difference.amount: %s has more decimals than %s, which has %d", d.Amount, w.Currency, places)
	}
	if !d.Amount.IsZero() && (d.Month < w.first() || d.Month.First() >= w.End) {
		return fmt.Errorf("ledger_difference.month: %s is not a month of %s..%s; set the amount to 0 for no difference", d.Month, w.Start, w.End)
	}
	if d.Amount.Abs().Cmp(money.FromMicros(1e15)) >= 0 {
		return fmt.Errorf("ledger_difference.amount: %s is not below 1000000000", d.Amount)
	}
	return nil
}

func (w World) first() calendar.Month { return calendar.MonthOf(w.Start) }

func (w World) months() int { return int(calendar.MonthOf(w.End) - w.first()) }

func (w World) expectedCustomers() float64 {
	sum := float64(w.Customers + w.Excluded + w.Merged)
	for m := range w.months() {
		sum += float64(w.Arrivals.PerMonth * pow(1+w.Arrivals.Growth, float64(m)) * (1 + w.Season.Amplitude))
	}
	return sum
}

// vias and knowns name the shares in the order of the two shares methods.
var (
	vias   = []string{"referral", "reputation", "paid", "sales", "partner"}
	knowns = []string{"tracked", "declared", "asked", "inferred", "nobody"}
)

// earned says of the i-th of vias whether it counts as earned.
func earned(via int) bool { return via < 2 }

func (o Origins) shares() []float64 {
	return []float64{o.Referral, o.Reputation, o.Paid, o.Sales, o.Partner}
}

func (k Known) shares() []float64 {
	return []float64{k.Tracked, k.Declared, k.Asked, k.Inferred, k.Nobody}
}

func total(shares []float64) float64 {
	var sum float64
	for _, s := range shares {
		sum += s
	}
	return sum
}
