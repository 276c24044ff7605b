package sim

import (
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Seeds are drawn when a test runs and printed, so that no tolerance can have
// been tuned to one; THROUGHLINE_SEED repeats a run. Every bound is five
// standard errors: a true claim fails with a chance of 6·10⁻⁷ (normal), and
// there are some sixty claims, so a run fails by chance about once in 30,000.
func drawn(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64N(1 << 40)
	if text := os.Getenv("THROUGHLINE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	return seed
}

func five(t *testing.T, what string, got, want, se float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 5*se+1e-12) {
		t.Errorf("%s: %.6g, want %.6g ± %.3g", what, got, want, 5*se)
	}
}

// nowhere is a sink for companies of which only the truth is looked at.
type nowhere struct{}

func (nowhere) customer(customer) error    { return nil }
func (nowhere) link(link) error            { return nil }
func (nowhere) line(int, line) error       { return nil }
func (nowhere) rows(rowBook, []byte) error { return nil }

func drawnCompany(t *testing.T, w World) *company {
	t.Helper()
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	c := newCompany(w, nowhere{}, func(int64) {})
	if err := c.draw(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// many is a world of many customers who buy little, so that it is drawn soon.
func many(t *testing.T) World {
	w := Default()
	w.Seed, w.Customers, w.Arrivals.PerMonth, w.Purchases.Alpha = drawn(t), 5_000, 250, 400
	w.Returns, w.Unidentified, w.LinesPerOrder, w.Voice.NPSPerYear = 0, 0, 1, 0
	return w
}

// E[X(t)] = rβ/(α(s−1))·[1 − (β/(β+t))^(s−1)] and P(alive at t) = (β/(β+t))^s:
// Schmittlein, Morrison & Colombo (1987); design formulas, section 3.
func TestParetoNBDMeetsItsMeansAndSharesAlive(t *testing.T) {
	const n = 20_000
	seed := drawn(t)
	for _, p := range []Purchases{Default().Purchases, {R: 0.55, Alpha: 10.58, S: 1.6, Beta: 11.67}, {R: 3, Alpha: 100, S: 2.5, Beta: 700}} {
		p.Model = ParetoNBD
		draws, l := newStream(), newLiving(p, 0.5)
		ages := []float64{30, 180, 365, 1000}
		sum, squares, alive := [4]float64{}, [4]float64{}, [4]int64{}
		var times []float64
		for i := range int64(n) {
			draws.begin(seed, ofLife, who{kind: initial, index: i})
			v := l.draw(draws, 0, 100)
			dropped := v.leave(plain{}, v.born+1001)
			times, _ = v.purchases(draws, ParetoNBD, plain{}, trend{}, dropped, v.born+1001, times[:0])
			for k, age := range ages {
				x := 0.0
				for _, at := range times[1:] {
					if at < v.born+age {
						x++
					}
				}
				sum[k], squares[k] = sum[k]+x, squares[k]+x*x
				if dropped > v.born+age {
					alive[k]++
				}
			}
		}
		for k, age := range ages {
			mean := sum[k] / n
			want := p.R * p.Beta / (p.Alpha * (p.S - 1)) * (1 - math.Pow(p.Beta/(p.Beta+age), p.S-1))
			five(t, "E[X("+strconv.Itoa(int(age))+")]", mean, want, math.Sqrt((squares[k]/n-mean*mean)/n))
			binomial(t, "alive at "+strconv.Itoa(int(age)), alive[k], n, math.Pow(p.Beta/(p.Beta+age), p.S))
		}
	}
}

// Given the customers' own hazards, dropouts in a state less factor × exposure
// is a martingale whose variance is estimated by factor × exposure
// (Andersen & Gill, Annals of Statistics 10(4), 1982).
func TestDropoutsFollowThePlantedFactors(t *testing.T) {
	for _, f := range []struct{ contagion, failure float64 }{{1, 1}, {3, 1}, {1, 3}, {2, 2.5}, {0.3, 0.4}} {
		for _, model := range []string{ParetoNBD, BGNBD} {
			if model == BGNBD && f.contagion == 1 && f.failure > 1 || model == BGNBD && f.contagion > 2 {
				continue // the factors alone are tried by the other
			}
			w := many(t)
			w.Purchases.Model, w.Referrals.Contagion, w.Service.FailureEffect = model, f.contagion, f.failure
			w.Referrals.Rate, w.Service.PerMonth = 0.04, 0.4
			if model == BGNBD {
				w.Purchases.Alpha, w.Purchases.A = 60, 0.4 // a chance above 1 would be cut
				w.Purchases.B = 9
				w.Customers, w.Arrivals.PerMonth = 1500, 100
			}
			c := drawnCompany(t, w)
			e := c.tally.exposures
			for i, failed := range []float64{1, f.failure} {
				for j, left := range []float64{1, f.contagion} {
					for _, cells := range [][hazardous]cell{e.referred, e.others} {
						x := cells[i*remembered+j]
						expected := float64(x.expected) / 1e9 * failed * left
						if expected < 30 {
							continue
						}
						if model == BGNBD && failed*left > 1 {
							if float64(x.dropouts) > expected+5*math.Sqrt(expected) || float64(x.dropouts) < 0.85*expected-5*math.Sqrt(expected) {
								t.Errorf("%s %+v: %d dropouts, at most %.1f expected", model, f, x.dropouts, expected)
							}
							continue
						}
						five(t, model+" dropouts", float64(x.dropouts), expected, math.Sqrt(expected))
					}
				}
			}
			if e.others[1].days != 0 || e.referred[1].expected == 0 {
				t.Errorf("%s: exposure after leaving: %+v", model, e)
			}
			var alive, mean float64
			for m := range w.months() {
				from, until := c.month(m)
				alive = float64(c.tally.alive[m])
				mean += w.Referrals.Rate * alive * (until - from) / 30
			}
			five(t, "arrivals by referral", float64(sentIn(c)), mean, math.Sqrt(mean))
		}
	}
}

func sentIn(c *company) (n int64) {
	for m := range c.came {
		n += c.arrived[m+1] - c.arrived[m] - c.came[m]
	}
	return n
}

// What is drawn for a customer hangs on nobody else; when the referred leave
// hangs on who brought them, and that on who is there.
func TestOnlyTheReferredHangOnOthers(t *testing.T) {
	w := many(t)
	w.Customers, w.Arrivals.PerMonth, w.Referrals.Rate, w.Referrals.Contagion = 400, 60, 0, 5
	more := w
	more.Customers += 300
	a, b := drawnCompany(t, w), drawnCompany(t, more)
	first, second := newTeller(a), newTeller(b)
	moved := 0
	for m := range w.months() {
		for i := range a.came[m] {
			x, y := first.tell(who{arrival, m, i}), second.tell(who{arrival, m, i})
			if x.life != y.life || x.via != y.via || x.via != 0 && x.dropped != y.dropped {
				t.Fatalf("among more customers %+v became %+v", x, y)
			}
			if x.dropped != y.dropped {
				moved++
			}
		}
	}
	for i := range w.Customers {
		if x, y := first.tell(who{kind: initial, index: i}), second.tell(who{kind: initial, index: i}); x != y {
			t.Fatalf("among more customers %+v became %+v", x, y)
		}
	}
	if moved == 0 {
		t.Error("nobody referred left at another time, though others brought them")
	}
}

// Whoever brought a customer was one by then, and without contagion a life
// does not change when they leave.
func TestReferrersAreCustomersWhenTheyRefer(t *testing.T) {
	w := many(t)
	w.Customers, w.Arrivals.PerMonth, w.Referrals.Contagion = 800, 60, 1
	c := drawnCompany(t, w)
	teller := newTeller(c)
	seen := 0
	for m := range w.months() {
		start, _ := c.month(m)
		for i := range c.arrived[m+1] - c.arrived[m] - c.came[m] {
			to := teller.tell(who{referred, m, i})
			if to.referrer == 0 {
				continue
			}
			seen++
			if to.orphaned <= start || !to.happy {
				t.Fatalf("brought by one who had left or is not happy: %+v", to)
			}
			if alone := to.leave(plain{}, c.horizon); w.Service.FailureEffect == 1 && alone != to.dropped {
				t.Fatalf("left at %g and not at %g", to.dropped, alone)
			}
		}
	}
	if seen == 0 {
		t.Error("nobody was referred")
	}
}

func TestProcessorsDoNotChangeTheBytes(t *testing.T) {
	w := small()
	w.Seed = drawn(t)
	w.Customers, w.Arrivals.PerMonth = 2500, 20 // several pieces
	dirA, truthA := write(t, w)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	dirB, truthB := write(t, w)
	if !reflect.DeepEqual(contents(t, dirA), contents(t, dirB)) || !reflect.DeepEqual(truthA, truthB) {
		t.Error("one processor writes other bytes than several")
	}
}

func TestPortableFunctionsAreThoseOfPackageMath(t *testing.T) {
	s := newStream()
	s.begin(drawn(t), ofLife, who{})
	near := func(what string, x, got, want float64) {
		if math.Abs(got-want) > 4e-15*max(1, math.Abs(want)) {
			t.Errorf("%s(%g) = %.17g, want %.17g", what, x, got, want)
		}
	}
	for range 100_000 {
		x := 40 * (s.Float64() - 0.5)
		near("ln", math.Exp(x), ln(math.Exp(x)), x)
		if e := math.Exp(x); math.Abs(exp(x)-e) > 4e-16*e {
			t.Errorf("exp(%g) = %.17g, want %.17g", x, exp(x), e)
		}
		near("cos", x, cos(x), math.Cos(x))
	}
	// Abramowitz & Stegun, table 6.1 and 6.4.2: ψ(1) = −γ, ψ′(1) = π²/6, ψ(½) = −γ − 2 ln 2, ψ′(½) = π²/2.
	const gamma = 0.57721566490153286
	near("digamma", 1, digamma(1), -gamma)
	near("digamma", 0.5, digamma(0.5), -gamma-2*math.Ln2)
	near("trigamma", 1, trigamma(1), math.Pi*math.Pi/6)
	near("trigamma", 0.5, trigamma(0.5), math.Pi*math.Pi/2)
}

func TestNormalDrawsAreNormal(t *testing.T) {
	s := newStream()
	s.begin(drawn(t), ofLife, who{})
	const n = 100_000
	var sum, squares, fourths float64
	var beyondTwo int64
	for range n {
		x := s.normal()
		sum, squares, fourths = sum+x, squares+x*x, fourths+x*x*x*x
		if math.Abs(x) > 2 {
			beyondTwo++
		}
	}
	five(t, "mean", sum/n, 0, 1/math.Sqrt(n))
	five(t, "variance", squares/n, 1, math.Sqrt(2.0/n))
	five(t, "fourth moment", fourths/n, 3, math.Sqrt(96.0/n))
	binomial(t, "beyond two", beyondTwo, n, math.Erfc(math.Sqrt2))
}

// E[Z] = pγ/(q − 1), and the variance of a customer's mean: Fader & Hardie (2013).
func TestGammaGammaSpendHasItsMean(t *testing.T) {
	w := Default()
	w.Spend.Model, w.Spend.P, w.Spend.Q, w.Spend.Gamma = GammaGamma, 6, 5, 21
	shop, s := newShop(w), newStream()
	const n = 60_000
	var sum, squares float64
	for i := range int64(n) {
		s.begin(drawnOnce(t, i), ofBasket, who{kind: initial, index: i})
		z := shop.value(s, shop.buyer(s, 0)) / 100
		sum, squares = sum+z, squares+z*z
	}
	mean := sum / n
	five(t, "mean order value", mean, 6*21/4.0, math.Sqrt((squares/n-mean*mean)/n))
}

var oneSeed uint64

func drawnOnce(t *testing.T, i int64) uint64 {
	if i == 0 {
		oneSeed = drawn(t)
	}
	return oneSeed
}

// A value that buys hundreds shows the elasticity without the minimum of one.
func TestQuantityFollowsListPriceByTheElasticity(t *testing.T) {
	w := Default()
	w.Seed = drawn(t)
	w.Prices.Yearly, w.Prices.Spread, w.Prices.Elasticity = 0.1, 0.05, -1.3
	shop, s := newShop(w), newStream()
	s.begin(w.Seed, ofBasket, who{})
	last := int64(w.End-1) * daySeconds
	for product := range 5 {
		const n = 4000
		var sum float64
		for range n {
			l := line{at: last, product: uint16(product)}
			shop.fromList(s, &l, 300.4*float64(shop.first[product]))
			sum += float64(l.quantity)
		}
		now, then := float64(shop.list[w.months()-1][product]), float64(shop.first[product])
		five(t, "quantity", sum/n, 300.4*math.Pow(now/then, -1.3), 0.5/math.Sqrt(n))
	}
}

func TestTurnoverHasItsHazards(t *testing.T) {
	w := Default()
	w.Seed, w.Staff.Validity = drawn(t), 0
	w.Departments[0].People = 3000
	truth := newStaff(w).truth()
	for _, of := range []TurnoverTruth{truth.First, truth.Later} {
		expected := of.Planted * float64(of.Days) / 365
		five(t, "exits", float64(of.Exits), expected, math.Sqrt(expected))
		if likely := mustRatio(t, of.Likely); math.Abs(likely/expected-1) > 0.01 { // days count the one on which somebody leaves whole
			t.Errorf("%g exits are likely by the hazards, %g by the days", likely, expected)
		}
	}
	w.Staff.Turnover = 0
	if truth := newStaff(w).truth(); truth.Left != 0 {
		t.Errorf("%d left without turnover", truth.Left)
	}
}

// Skill is worked out anew from the books alone: of each handled contact, the
// courses that its person had passed before the day.
func TestResolvedContactsFollowTrainingInTheBooks(t *testing.T) {
	for _, effect := range []float64{0, 0.15} {
		w := small()
		w.Seed, w.Training.Effect, w.Training.HalfLife, w.Service.PerMonth = drawn(t), effect, 200, 0.8
		for i := range w.Touchpoints {
			w.Touchpoints[i].Quality = 0.4 // far from 1, where quality is cut
		}
		dir, truth := write(t, w)
		courses := map[string][]calendar.Day{}
		for _, r := range rows(t, dir, "trainings.csv") {
			day, err := calendar.ParseDay(r["completed_at"][:10])
			if err != nil {
				t.Fatal(err)
			}
			if r["kind"] == "role" && r["passed"] == "yes" {
				courses[r["person_id"]] = append(courses[r["person_id"]], day)
			}
		}
		var residual, variance, slope, slopeVariance, stocks float64
		n := 0
		for _, r := range rows(t, dir, "interactions.csv") {
			if r["contained"] == "yes" || r["abandoned"] == "yes" {
				continue
			}
			day, err := calendar.ParseDay(r["started_at"][:10])
			if err != nil {
				t.Fatal(err)
			}
			stock, y := 0.0, 0.0
			for _, done := range courses[r["person_id"]] {
				if done < day {
					stock += math.Pow(0.5, float64(day-done)/200)
				}
			}
			p := math.Min(0.4+effect*stock, 0.98)
			if r["resolved"] == "yes" {
				y = 1
			}
			n, stocks = n+1, stocks+stock
			residual, variance = residual+y-p, variance+p*(1-p)
			slope, slopeVariance = slope+(stock-1)*(y-p), slopeVariance+(stock-1)*(stock-1)*p*(1-p)
		}
		if n < 3000 || stocks/float64(n) < 0.3 {
			t.Fatalf("%d contacts, mean stock %.2f", n, stocks/float64(n))
		}
		five(t, "resolved beyond what was likely", residual, 0, math.Sqrt(variance))
		five(t, "its slope in the stock", slope, 0, math.Sqrt(slopeVariance))
		if effect == 0 && truth.Training.Trained.Likely != truth.Training.Untrained.Likely {
			t.Errorf("training without effect makes a difference: %+v", truth.Training)
		}
	}
}

// Costs to serve are worked out anew from the interactions.
func TestCostToServeIsThePlantedCostOfWhatWasHandled(t *testing.T) {
	w := small()
	w.Seed = drawn(t)
	dir, truth := write(t, w)
	want := map[string]*big.Rat{}
	for _, r := range rows(t, dir, "interactions.csv") {
		key := r["started_at"][:7] + r["touchpoint"]
		if want[key] == nil {
			want[key] = new(big.Rat)
		}
		for _, place := range w.Touchpoints {
			if place.Name != r["touchpoint"] {
				continue
			}
			want[key].Add(want[key], place.CostPerContact.Rat())
			if seconds, err := strconv.ParseInt(r["handle_seconds"], 10, 64); err == nil {
				want[key].Add(want[key], new(big.Rat).Mul(place.CostPerHour.Rat(), big.NewRat(seconds, 3600)))
			}
		}
	}
	var total money.Amount
	for _, r := range rows(t, dir, "costs.csv") {
		if r["kind"] != "serve" {
			continue
		}
		a, err := money.Parse(r["amount"])
		if err != nil {
			t.Fatal(err)
		}
		total = total.Add(a)
		off := new(big.Rat).Sub(a.Rat(), want[r["period"]+r["touchpoint"]])
		if off.Abs(off).Cmp(big.NewRat(501, 100_000)) > 0 { // half a cent, and a millionth for each of two roundings
			t.Errorf("%v: should cost %s", r, want[r["period"]+r["touchpoint"]].FloatString(4))
		}
	}
	if !total.Equal(truth.Service.Cost) || !total.Equal(truth.Profit.Serve) || total.IsZero() {
		t.Errorf("costs come to %s, the truth says %s and %s", total, truth.Service.Cost, truth.Profit.Serve)
	}
}

// Revenue and cost of goods are added anew from the lines.
func TestProfitIsThatOfTheLinesAndCosts(t *testing.T) {
	w := small()
	w.Seed = drawn(t)
	dir, truth := write(t, w)
	at := home(t, dir)
	var profit money.Amount
	for _, l := range orders(t, dir) {
		profit = profit.Add(at(l, "amount")).Sub(at(l, "cost"))
	}
	for _, r := range rows(t, dir, "costs.csv") {
		a, err := money.Parse(r["amount"])
		if err != nil {
			t.Fatal(err)
		}
		profit = profit.Sub(a)
	}
	if !profit.Equal(truth.Profit.Profit) {
		t.Errorf("profit of the files is %s, the truth says %s", profit, truth.Profit.Profit)
	}
}

func TestAnswersAreBiasedAsTheWorldSays(t *testing.T) {
	for _, readiness := range []float64{1, 2} {
		w := many(t)
		w.Customers, w.Voice.NPSPerYear, w.Voice.DiscontentResponds = 4000, 3, readiness
		c := drawnCompany(t, w)
		q := c.tally.asked[nps]
		binomial(t, "detractors who answer", q.lowAnswered, q.low, w.Voice.Responds*readiness)
		binomial(t, "others who answer", q.answered-q.lowAnswered, q.asked-q.low, w.Voice.Responds)
	}
}

func TestEachRemarkHasItsTheme(t *testing.T) {
	w := small()
	w.Seed = drawn(t)
	dir, truth := write(t, w)
	planted := map[string]string{}
	for _, r := range rows(t, dir, themesFile) {
		planted[r["book"]+r["id"]] = r["theme"]
	}
	n := int64(0)
	for _, book := range []struct{ name, file, id, text string }{{"remarks", "remarks.csv", "remark_id", "text"}, {"answers", "answers.csv", "answer_id", "comment"}} {
		for _, r := range rows(t, dir, book.file) {
			theme := planted[book.name+r[book.id]]
			if (theme == "") != (r[book.text] == "") {
				t.Fatalf("%v has the theme %q", r, theme)
			}
			if theme != "" {
				n++
			}
		}
	}
	var counted int64
	for _, of := range truth.Voice.Themes {
		counted += of
	}
	if n != counted || n != int64(len(planted)) || n == 0 {
		t.Errorf("%d texts, %d themes, the truth counts %d", n, len(planted), counted)
	}
}

func TestSharesThatShiftAndLinesThatComeTwice(t *testing.T) {
	w := small()
	w.Seed, w.UnidentifiedDrift, w.Duplicates, w.Late = drawn(t), 0.15, 0.1, 0
	dir, truth := write(t, w)
	sold, strangers := map[string]int64{}, map[string]int64{}
	seen, last := map[string]bool{}, ""
	twice, all := int64(0), int64(0)
	for _, l := range orders(t, dir) {
		if seen[l["line_id"]] {
			twice++
			continue
		}
		seen[l["line_id"]] = true
		all++
		if l["quantity"][0] == '-' || l["order_id"] == last {
			continue
		}
		last = l["order_id"]
		sold[l["ordered_at"][:4]]++
		if l["customer_id"] == "" {
			strangers[l["ordered_at"][:4]]++
		}
	}
	binomial(t, "lines that come twice", twice, all, 0.1)
	if all != truth.Lines.Lines || twice != truth.Lines.Duplicated {
		t.Errorf("%d lines, %d of them twice; the truth says %d, %d", all, twice, truth.Lines.Lines, truth.Lines.Duplicated)
	}
	early, late := float64(strangers["2024"])/float64(sold["2024"]), float64(strangers["2026"])/float64(sold["2026"])
	if early < 0.08 || late < early+0.15 { // 0.08 + 0.15 a year
		t.Errorf("the unidentified share went from %.3f to %.3f", early, late)
	}
}

// The trend thins purchases: the expected number in a span is λ times the
// integral of the growth.
func TestTrendIsTheGrowthOfPurchaseRates(t *testing.T) {
	seed := drawn(t)
	for _, yearly := range []float64{0.5, -0.4} {
		g := trend{yearly, 0, 1000}
		s, n := newStream(), 0.0
		const customers, rate = 20_000, 0.01
		for i := range int64(customers) {
			s.begin(seed, ofLife, who{kind: initial, index: i})
			times, _ := life{rate: rate}.purchases(s, ParetoNBD, plain{}, g, math.Inf(1), 1000, nil)
			n += float64(len(times) - 1)
		}
		k := math.Log(1+yearly) / 365.25
		want := customers * rate * (math.Exp(k*1000) - 1) / k
		five(t, "purchases under a trend", n, want, math.Sqrt(want))
	}
}

func TestRatesLeaveAmountsExact(t *testing.T) {
	for _, currency := range []money.Currency{"USD", "JPY", "BHD"} {
		w := small()
		w.Foreign.Currency, w.Foreign.Share, w.Customers, w.Arrivals.PerMonth = currency, 0.5, 60, 5
		dir, truth := write(t, w)
		at, sum := home(t, dir), money.Amount{}
		for _, l := range orders(t, dir) {
			sum = sum.Add(at(l, "amount"))
		}
		if !sum.Equal(truth.Lines.Revenue) || truth.Lines.Foreign == 0 {
			t.Errorf("%s: lines come to %s, the truth says %s", currency, sum, truth.Lines.Revenue)
		}
	}
}
