package growth

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

func within(x *big.Rat, want, tolerance float64) bool {
	got, _ := x.Float64()
	return math.Abs(got-want) <= tolerance
}

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
// method 3 (score, without continuity correction).
func TestWilsonMatchesNewcombe1998(t *testing.T) {
	for _, c := range []struct {
		r, n      int64
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		low, high := wilson(big.NewRat(c.r, c.n), big.NewRat(c.n, 1))
		if !within(low, c.low, 0.5e-4) || !within(high, c.high, 0.5e-4) {
			t.Errorf("%d of %d: %s to %s, want %v to %v", c.r, c.n, low.FloatString(6), high.FloatString(6), c.low, c.high)
		}
	}
}

func TestWilsonIsExactAtNoneAndAllAndSolvesItsEquation(t *testing.T) {
	if low, _ := wilson(new(big.Rat), big.NewRat(20, 1)); low.Sign() != 0 {
		t.Errorf("0 of 20 begins at %s", low.RatString())
	}
	if _, high := wilson(unity, big.NewRat(20, 1)); high.Cmp(unity) != 0 {
		t.Errorf("20 of 20 ends at %s", high.RatString())
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.Int64Range(0, 1000).Draw(t, "k")
		p, n := big.NewRat(k, 1000), big.NewRat(rapid.Int64Range(10, 1_000_000).Draw(t, "n"), 10)
		low, high := wilson(p, n)
		if low.Sign() < 0 || high.Cmp(unity) > 0 || low.Cmp(p) > 0 || high.Cmp(p) < 0 {
			t.Fatalf("%s: %s to %s", p, low.FloatString(9), high.FloatString(9))
		}
		pf, _ := p.Float64()
		nf, _ := n.Float64()
		lf, hf := wilsonFloat(pf, nf)
		if !within(low, lf, 1e-12) || !within(high, hf, 1e-12) {
			t.Fatalf("%s to %s, in floats %v to %v", low.FloatString(15), high.FloatString(15), lf, hf)
		}
		z, _ := z975.Float64()
		for _, end := range []*big.Rat{low, high} { // (p − t)² = z²·t(1 − t)/n
			x, _ := end.Float64()
			if d := (pf-x)*(pf-x) - z*z*x*(1-x)/nf; math.Abs(d) > 1e-12 {
				t.Fatalf("the end %v misses its equation by %v", x, d)
			}
		}
	})
}

func moneyOf(t testing.TB, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func addOrigin(t testing.TB, o *Origins, via, how string, amounts ...string) {
	t.Helper()
	for _, text := range amounts {
		if err := o.Add(Origin{via, how}, SpendOf(moneyOf(t, text))); err != nil {
			t.Fatal(err)
		}
	}
}

func estimated(t testing.TB, f evidence.Figure) evidence.Estimate {
	t.Helper()
	e, ok := f.Estimate()
	if !ok {
		r, _ := f.Refusal()
		t.Fatalf("refused: %s (%v)", r.Reason, f.Err())
	}
	return e
}

func TestOriginsMapToTheirClass(t *testing.T) {
	for via, want := range map[string]Class{"referral": Earned, "reputation": Earned, "paid": Bought, "sales": Bought,
		"partner": Bought, "unknown": Unattributed, "": Unattributed} {
		if got, err := (Origin{Via: via}).Class(); err != nil || got != want {
			t.Errorf("%q is %s (%v), want %s", via, got, err, want)
		}
	}
	var o Origins
	unit := SpendOf(money.FromMicros(1))
	if o.Add(Origin{Via: "billboard"}, unit) == nil || o.Add(Origin{Via: "paid", How: "heard"}, unit) == nil {
		t.Error("took an origin that the books do not have")
	}
}

func TestOnlyCustomersAboveZeroCount(t *testing.T) {
	var o Origins
	for _, s := range []Spend{
		SpendOf(money.FromMicros(0)), SpendOf(money.FromMicros(-5)), {Customers: 1}, {Customers: -1, Revenue: money.FromMicros(1)},
		{Customers: 2, Revenue: money.FromMicros(10), Squares: big.NewInt(49)},  // below (Σy)²/n
		{Customers: 2, Revenue: money.FromMicros(10), Squares: big.NewInt(101)}, // above (Σy)²
		{Customers: 2, Revenue: money.FromMicros(10)},
	} {
		if o.Add(Origin{}, s) == nil {
			t.Errorf("took %+v", s)
		}
	}
	if o.All().Customers != 0 {
		t.Error("kept what it refused")
	}
}

func TestAGuessKeepsItsLineButIsNotAnAnswer(t *testing.T) {
	var o Origins
	addOrigin(t, &o, "referral", "", "10")         // the company's record: declared
	addOrigin(t, &o, "paid", "tracked", "20")      // fact
	addOrigin(t, &o, "referral", "inferred", "40") // guess
	addOrigin(t, &o, "unknown", "asked", "80")     // no answer
	addOrigin(t, &o, "partner", "asked", "160")
	for _, c := range []struct {
		name  string
		spend Spend
		want  string
	}{
		{"earned", o.Class(Earned), "50"}, {"bought", o.Class(Bought), "180"}, {"unattributed", o.Class(Unattributed), "80"},
		{"inferred", o.Inferred(), "40"}, {"asked", o.Asked(), "160"}, {"not asked", o.NotAsked(), "120"}, {"all", o.All(), "310"},
	} {
		if !c.spend.Revenue.Equal(moneyOf(t, c.want)) {
			t.Errorf("%s: %s, want %s", c.name, c.spend.Revenue, c.want)
		}
	}
	b := estimated(t, o.Bounds())
	if b.Value != nil || !within(b.Low, 50, 0) || !within(b.High, 130, 0) || b.N != 5 {
		t.Errorf("bounds %s to %s of %d, want 50 to 130 of 5", b.Low, b.High, b.N)
	}
}

func TestTheFigureIsExactWhenNothingIsUnknown(t *testing.T) {
	for _, how := range []string{"tracked", "declared", "", "asked"} {
		var o Origins
		addOrigin(t, &o, "referral", how, "30", "10.5")
		addOrigin(t, &o, "sales", "declared", "25")
		if e := estimated(t, o.EarnedRevenue()); e.Kind != evidence.KindExact || !within(e.Value, 40.5, 0) || e.N != 3 {
			t.Errorf("%q: %s %s of %d, want exact 40.5 of 3", how, e.Kind, e.Value, e.N)
		}
		if e := estimated(t, o.EarnedShare()); e.Kind != evidence.KindExact || !within(e.Value, 40.5/65.5, 1e-15) {
			t.Errorf("%q: share %s %s", how, e.Kind, e.Value)
		}
	}
	var none Origins
	if e := estimated(t, none.EarnedRevenue()); e.Kind != evidence.KindExact || e.Value.Sign() != 0 || e.N != 0 {
		t.Errorf("no new customers earned %s, want exactly 0", e.Value)
	}
	if _, refused := none.EarnedShare().Refusal(); !refused {
		t.Error("gave a share of nothing")
	}
}

// addUnits adds n customers who spent 1.
func addUnits(t testing.TB, o *Origins, via, how string, n int) {
	t.Helper()
	for range n {
		addOrigin(t, o, via, how, "1")
	}
}

// With equal spends n is asked ÷ (1 − share asked): 20 ÷ (1 − 0.2) = 25, and p = 0.3 of the 100 of the rest; facts add 7.
// The ends are Wilson's formula written out.
func TestWithEqualSpendsItIsTheFinitePopulationScoreInterval(t *testing.T) {
	var o Origins
	addUnits(t, &o, "referral", "declared", 7)
	addUnits(t, &o, "reputation", "asked", 6)
	addUnits(t, &o, "paid", "asked", 14)
	addUnits(t, &o, "", "", 50)
	addUnits(t, &o, "paid", "inferred", 30)
	e := estimated(t, o.EarnedRevenue())
	const z2 = 1.959963984540054 * 1.959963984540054
	centre, half := (0.3+z2/50)/(1+z2/25), math.Sqrt(z2*(0.21/25+z2/2500))/(1+z2/25)
	if e.Kind != evidence.KindConfidence || e.Level != 0.95 || e.N != 20 || !within(e.Value, 37, 0) ||
		!within(e.Low, 7+100*(centre-half), 1e-9) || !within(e.High, 7+100*(centre+half), 1e-9) {
		t.Errorf("%s %s (%s to %s) of %d", e.Kind, e.Value, e.Low.FloatString(6), e.High.FloatString(6), e.N)
	}
	if !strings.Contains(e.Method, "25.0") {
		t.Errorf("the method does not name the effective number: %s", e.Method)
	}
}

func TestTheEstimateIsRefusedBelowItsFloors(t *testing.T) {
	for _, c := range []struct {
		name   string
		build  func(*Origins)
		reason string
	}{
		{"nobody asked", func(o *Origins) { addUnits(t, o, "", "", 50); addUnits(t, o, "paid", "declared", 50) }, "no new customer of unknown origin was asked"},
		{"asked without an answer", func(o *Origins) { addUnits(t, o, "", "asked", 50) }, "no new customer of unknown origin was asked"},
		{"four asked", func(o *Origins) { addUnits(t, o, "referral", "asked", 4); addUnits(t, o, "", "", 50) }, "those asked count as 4.0 customers by revenue, need 5"},
		{"one large among those asked", func(o *Origins) {
			addUnits(t, o, "referral", "asked", 30)
			addOrigin(t, o, "paid", "asked", "1000")
			addUnits(t, o, "", "", 50)
		}, "those asked count as 1.1 customers by revenue, need 5"},
		{"nine asked of very many", func(o *Origins) { addUnits(t, o, "referral", "asked", 9); addUnits(t, o, "", "", 1000) }, "the effective number is 9.1, need 10"},
		{"one large among those not asked", func(o *Origins) {
			addUnits(t, o, "referral", "asked", 30)
			addUnits(t, o, "", "", 50)
			addOrigin(t, o, "", "", "1000")
		}, "the effective number is 1.1, need 10"},
	} {
		var o Origins
		c.build(&o)
		if r, ok := o.EarnedRevenue().Refusal(); !ok || r.Reason != c.reason || r.Need == "" {
			t.Errorf("%s: refused %v for %q, want %q", c.name, ok, r.Reason, c.reason)
		}
	}
}

func TestWhenFewAreLeftUnaskedTheEndsAreTheBounds(t *testing.T) {
	var o Origins
	addUnits(t, &o, "referral", "asked", 12)
	addUnits(t, &o, "paid", "asked", 8)
	addUnits(t, &o, "", "", 4)
	e := estimated(t, o.EarnedRevenue())
	if e.Kind != evidence.KindBounds || !within(e.Value, 14.4, 1e-15) || !within(e.Low, 12, 0) || !within(e.High, 16, 0) {
		t.Errorf("%s %s (%s to %s), want bounds 14.4 (12 to 16)", e.Kind, e.Value, e.Low, e.High)
	}
}

// egr.ledger of the project's reference values: with all known origins taken as asked, EGR_unknown_prorated is the value of
// the estimate. Three asked are too few for it to be shown, so only its arithmetic is compared.
func TestTheValueIsTheLedgersProratedEarnedGrowth(t *testing.T) {
	const ledger = `customer,rev_prior,rev_current,origin
c1,100,120,
c2,80,0,
c3,50,45,
c4,70,70,
c5,0,30,earned
c6,0,25,bought
c7,0,10,earned
c8,0,5,unknown
c9,40,66,
c10,0,0,earned
`
	const want = 0.011990950226244301
	rows, err := csv.NewReader(strings.NewReader(ledger)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var o Origins
	var prior, kept money.Amount
	for _, row := range rows[1:] {
		before, now := moneyOf(t, row[1]), moneyOf(t, row[2])
		switch {
		case before.Sign() > 0:
			prior, kept = prior.Add(before), kept.Add(now)
		case now.Sign() > 0:
			origin := map[string]Origin{"earned": {"referral", "asked"}, "bought": {"paid", "asked"}, "unknown": {}}[row[3]]
			if err := o.Add(origin, SpendOf(now)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, refused := o.EarnedRevenue().Refusal(); !refused {
		t.Error("estimated from three who were asked")
	}
	share := new(big.Rat).Quo(o.Class(Earned).Revenue.Rat(), o.Asked().Revenue.Rat())
	earned := share.Mul(share, o.All().Revenue.Rat())
	rate := earned.Quo(earned.Add(earned, kept.Rat()), prior.Rat())
	if rate.Sub(rate, unity); !within(rate, want, 1e-9) {
		t.Errorf("earned growth rate %s, want %v", rate.FloatString(12), want)
	}

	// The same customers a hundred times over are enough, and have the same value.
	var many Origins
	for range 100 {
		if err := many.Merge(o); err != nil {
			t.Fatal(err)
		}
	}
	e := estimated(t, many.EarnedRevenue())
	value := e.Value.Quo(e.Value, big.NewRat(100, 1))
	value.Add(value, kept.Rat())
	if value.Sub(value.Quo(value, prior.Rat()), unity); !within(value, want, 1e-9) {
		t.Errorf("estimated earned growth rate %s, want %v", value.FloatString(12), want)
	}
}

func TestNoOrderOfRowsChangesAByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vias := []string{"referral", "reputation", "paid", "sales", "partner", "unknown", ""}
		hows := []string{"asked", "tracked", "declared", "inferred", ""}
		type row struct {
			origin Origin
			spend  Spend
		}
		rows := make([]row, rapid.IntRange(1, 120).Draw(t, "rows"))
		for i := range rows {
			rows[i] = row{Origin{rapid.SampledFrom(vias).Draw(t, "via"), rapid.SampledFrom(hows).Draw(t, "how")},
				SpendOf(money.FromMicros(rapid.Int64Range(1, 1e15).Draw(t, "spend")))}
		}
		var o Origins
		for _, r := range rows {
			if err := o.Add(r.origin, r.spend); err != nil {
				t.Fatal(err)
			}
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		var left, right Origins
		for i, r := range rows {
			half := &left
			if i%2 == 0 {
				half = &right
			}
			if err := half.Add(r.origin, r.spend); err != nil {
				t.Fatal(err)
			}
		}
		if err := left.Merge(right); err != nil {
			t.Fatal(err)
		}
		for _, figure := range []func(Origins) evidence.Figure{Origins.Bounds, Origins.EarnedRevenue, Origins.EarnedShare} {
			a, err := json.Marshal(figure(o))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := json.Marshal(figure(left)); err != nil || string(a) != string(b) {
				t.Fatalf("%s became %s (%v)", a, b, err)
			}
		}
		checkEnds(t, o)
	})
}

// checkEnds: the interval holds its value, and lies between facts and answers alone and all who were not asked besides.
func checkEnds(t *rapid.T, o Origins) {
	e, ok := o.EarnedRevenue().Estimate()
	if !ok {
		return
	}
	least := o.sum(func(c Class, f footing, _ Origin) bool { return c == Earned && f != isNotAsked }).Revenue
	most := least.Add(o.NotAsked().Revenue)
	if e.Low.Cmp(least.Rat()) < 0 || e.High.Cmp(most.Rat()) > 0 || e.Value.Cmp(e.Low) < 0 || e.Value.Cmp(e.High) > 0 {
		t.Fatalf("%s (%s to %s), possible %s to %s", e.Value, e.Low, e.High, least, most)
	}
}
