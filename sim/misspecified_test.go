package sim

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Each misspecification that a world can ask for is looked for in the files
// that it writes, by a statistic of which the expected value and the error
// follow from the stated process and from nothing of the simulator's code.
// Seeds are drawn when a test runs; bounds are five standard errors (see drawn).

// steady is a world whose customers were all there before the books and do not
// drop out, so that orders are a Poisson process at customers' own rates. It
// has three whole years.
func steady(t *testing.T) World {
	w := Default()
	w.Seed, w.Start, w.End = drawn(t), calendar.DayOf(2024, 1, 1), calendar.DayOf(2027, 1, 1)
	w.Customers, w.Arrivals.PerMonth, w.Referrals.Rate = 1000, 0, 0
	w.Purchases = Purchases{Model: ParetoNBD, R: 3, Alpha: 120, S: 0.001, Beta: 1e6, A: 1, B: 1}
	w.Season.Amplitude, w.Prices.Listed, w.LinesPerOrder = 0, false, 1
	w.Returns, w.Unidentified, w.Foreign.Share, w.Merged, w.Excluded = 0, 0, 0, 0, 0
	w.Service.PerMonth, w.Voice.NPSPerYear, w.Subscriptions.Share = 0, 0, 0
	w.LedgerDifference.Amount = money.Amount{}
	return w
}

func dayOf(t *testing.T, text string) calendar.Day {
	t.Helper()
	day, err := calendar.ParseDay(text[:10])
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func valueOf(t *testing.T, l map[string]string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(l["amount"], 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Over whole years of a density ∝ 1 + A cos θ the mean of cos θ is A/2, with a
// variance of at most 1/2.
func TestFilesShowTheSeason(t *testing.T) {
	for _, amplitude := range []float64{0, 0.4} {
		w := steady(t)
		w.Season = Season{Amplitude: amplitude, Peak: 7}
		w.Arrivals.PerMonth = 200
		dir, _ := write(t, w)
		mean := func(days []calendar.Day) (a, b, se float64) {
			for _, d := range days {
				θ := 2 * math.Pi * float64(d-calendar.DayOf(2024, 7, 15)) / 365.25
				a, b = a+2*math.Cos(θ), b+2*math.Sin(θ)
			}
			n := float64(len(days))
			return a / n, b / n, 2 * math.Sqrt(0.5/n)
		}
		old, bought, came := map[string]bool{}, []calendar.Day{}, []calendar.Day{}
		for _, c := range rows(t, dir, customersFile) {
			if day := dayOf(t, c["acquired_on"]); day >= w.Start {
				came = append(came, day)
			} else {
				old[c["customer_id"]] = true
			}
		}
		for _, l := range orders(t, dir) {
			if old[l["customer_id"]] { // others came in season
				bought = append(bought, dayOf(t, l["ordered_at"]))
			}
		}
		for what, days := range map[string][]calendar.Day{"purchases": bought, "arrivals": came} {
			a, b, se := mean(days)
			five(t, what+" in season", a, amplitude, se)
			five(t, what+" across it", b, 0, se)
		}
	}
}

// Orders are a stated number of times as many in the last year as in the one
// before, and arrivals in the last as in the first.
func TestFilesShowTheTrends(t *testing.T) {
	for _, trend := range []float64{0, 0.4, -0.3} {
		w := steady(t)
		w.Purchases.Trend = trend
		dir, _ := write(t, w)
		n := map[string]float64{}
		for _, l := range orders(t, dir) {
			n[l["ordered_at"][:4]]++
		}
		five(t, "growth of orders", math.Log(n["2026"]/n["2025"]), math.Log(1+trend)*365/365.25, math.Sqrt(1/n["2026"]+1/n["2025"]))
	}
	for _, growth := range []float64{0, 0.04, -0.03} {
		w := steady(t)
		w.Customers, w.Purchases.Alpha, w.Arrivals = 10, 4000, Arrivals{PerMonth: 300, Growth: growth}
		dir, _ := write(t, w)
		n := map[string]float64{}
		for _, c := range rows(t, dir, customersFile) {
			n[c["acquired_on"][:4]]++
		}
		five(t, "growth of arrivals", math.Log(n["2026"]/n["2024"]), 24*math.Log(1+growth), math.Sqrt(1/n["2026"]+1/n["2024"]))
	}
}

// Hill, "A Simple General Approach to Inference About the Tail of a
// Distribution", Annals of Statistics 3(5), 1975: above any threshold, 1 ÷ the
// mean log excess is the shape, with a standard error of shape ÷ √n. Without a
// tail, values are as lognormal as stated: their log has no excess kurtosis.
func TestFilesShowHeavyTails(t *testing.T) {
	w := steady(t)
	w.Spend.Median, w.Spend.Sigma, w.Spend.ParetoShare, w.Spend.ParetoShape = cents(100_000), 0, 0.5, 1.7
	dir, _ := write(t, w)
	var logs, n, all float64
	for _, l := range orders(t, dir) {
		all++
		if x := valueOf(t, l) / 1000; x > 1.5 { // above what is not multiplied
			logs, n = logs+math.Log(x/1.5), n+1
		}
	}
	five(t, "shape of the tail", n/logs, 1.7, 1.7/math.Sqrt(n))
	binomial(t, "orders in the tail", int64(n), int64(all), 0.5*math.Pow(1.5, -1.7))

	w = steady(t)
	w.Spend.Median, w.Spend.Sigma, w.Spend.Between = cents(100_000), 0.8, 0
	dir, _ = write(t, w)
	var z []float64
	for _, l := range orders(t, dir) {
		z = append(z, math.Log(valueOf(t, l)/1000)/0.8)
	}
	var mean, squares, fourths float64
	for _, x := range z {
		mean, squares, fourths = mean+x, squares+x*x, fourths+x*x*x*x
	}
	m := float64(len(z))
	five(t, "mean of log values", mean/m, 0, 1/math.Sqrt(m))
	five(t, "their variance", squares/m, 1, math.Sqrt(2/m))
	five(t, "their fourth moment", fourths/m, 3, math.Sqrt(96/m))
}

// Fisher's z of a correlation has a standard error of 1/√(n − 3). All variance
// of spend lies between customers, so an order shows a customer's level; the
// number of some eighty orders shows the rate, which takes 1% off a correlation.
func TestFilesShowTheDependenceOfSpendAndFrequency(t *testing.T) {
	for _, frequency := range []float64{0, 0.6, -0.5} {
		w := steady(t)
		w.Spend.Median, w.Spend.Frequency, w.Spend.Between = cents(100_000), frequency, 1
		w.Purchases.Alpha = 40
		dir, _ := write(t, w)
		count, sum := map[string]float64{}, map[string]float64{}
		for _, l := range orders(t, dir) {
			count[l["customer_id"]]++
			sum[l["customer_id"]] += valueOf(t, l)
		}
		var n, x, y, xx, yy, xy float64
		for id, k := range count {
			a, b := math.Log(k), math.Log(sum[id]/k)
			n, x, y, xx, yy, xy = n+1, x+a, y+b, xx+a*a, yy+b*b, xy+a*b
		}
		got := (xy - x*y/n) / math.Sqrt((xx-x*x/n)*(yy-y*y/n))
		five(t, "spend and frequency", math.Atanh(got), math.Atanh(frequency), 1/math.Sqrt(n-3))
	}
}

// What comes back is a line that was sold to the same customer, whole, within
// thirty days, and a stated share of all that could.
func TestFilesShowWhatComesBack(t *testing.T) {
	for _, share := range []float64{0, 0.08} {
		w := steady(t)
		w.Returns, w.Unidentified = share, 0.1
		dir, _ := write(t, w)
		type what struct{ customer, product, price, quantity string }
		sold := map[what][]calendar.Day{}
		var back, could int64
		for _, l := range orders(t, dir) {
			day := dayOf(t, l["ordered_at"])
			if quantity, isBack := strings.CutPrefix(l["quantity"], "-"); isBack {
				key := what{l["customer_id"], l["product"], l["unit_price"], quantity}
				i := slices.IndexFunc(sold[key], func(d calendar.Day) bool { return d < day && day <= d+30 })
				if l["customer_id"] == "" || i < 0 {
					t.Fatalf("%v comes back, and was not sold within thirty days", l)
				}
				if sold[key][i] < w.End-31 {
					back++
				}
				sold[key] = slices.Delete(sold[key], i, i+1) // each once
				continue
			}
			if l["customer_id"] == "" {
				continue
			}
			sold[what{l["customer_id"], l["product"], l["unit_price"], l["quantity"]}] = append(sold[what{l["customer_id"], l["product"], l["unit_price"], l["quantity"]}], day)
			if day < w.End-31 {
				could++
			}
		}
		binomial(t, "lines that come back", back, could, share)
	}
}

// Each sold order is a stranger's with the share of its day, whatever went
// before, so the sum of what is above that share is a martingale; so is the
// same weighted by time, which a share that does not shift would fail.
func TestFilesShowTheShareThatShifts(t *testing.T) {
	for _, drift := range []float64{0, 0.12, -0.05} {
		w := steady(t)
		w.Unidentified, w.UnidentifiedDrift = 0.2, drift
		dir, _ := write(t, w)
		var off, variance, slope, slopeVariance float64
		for _, l := range orders(t, dir) { // one line each
			years := float64(dayOf(t, l["ordered_at"])-w.Start) / 365.25
			p, x := 0.2+drift*years, 0.0
			if l["customer_id"] == "" {
				x = 1
			}
			off, variance = off+x-p, variance+p*(1-p)
			slope, slopeVariance = slope+(years-1.5)*(x-p), slopeVariance+(years-1.5)*(years-1.5)*p*(1-p)
		}
		five(t, "strangers", off, 0, math.Sqrt(variance))
		five(t, "their shift", slope, 0, math.Sqrt(slopeVariance))
	}
}

// Late lines are in the file of late ones alone, and lines that come twice come
// under their line_id, in every column alike; both in a stated share, and
// neither where none is asked for.
func TestFilesShowLateAndDuplicateFacts(t *testing.T) {
	for _, shares := range [][2]float64{{0, 0}, {0.07, 0}, {0, 0.09}, {0.07, 0.09}} {
		w := steady(t)
		w.Late, w.Duplicates = shares[0], shares[1]
		dir, _ := write(t, w)
		seen := map[string]map[string]string{}
		var late, twice, all int64
		for _, l := range orders(t, dir) {
			if before, ok := seen[l["line_id"]]; ok {
				twice++
				for column, text := range l {
					if before[column] != text {
						t.Fatalf("%v comes twice and differs in %s", l, column)
					}
				}
				continue
			}
			seen[l["line_id"]] = l
			all++
			if on := l["exported_on"]; on != "" {
				late++
				if month := calendar.MonthOf(dayOf(t, l["ordered_at"])); dayOf(t, on) != (month + 2).First() {
					t.Fatalf("%v was not exported a month late", l)
				}
			}
		}
		binomial(t, "late lines", late, all, shares[0])
		binomial(t, "lines that come twice", twice, all, shares[1])
	}
}
