package growth

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/oracle"
	"github.com/throughline/throughline/money"
)

// expected reads one case of the oracles.
func expected(t *testing.T, id string) (want map[string]float64) {
	t.Helper()
	oracle.Expect(t, id, &want)
	return want
}

// two are windows of two years.
var two = Windows{Compared: calendar.Period{Start: day("2019-01-01"), End: day("2020-01-01")}, Period: calendar.Period{Start: day("2020-01-01"), End: day("2021-01-01")}}

func day(text string) calendar.Day {
	d, err := calendar.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

// spent is a customer's revenue in both windows; zero is a line of zero.
func spent(id, prior, current string) []Line {
	p, errP := money.Parse(prior)
	c, errC := money.Parse(current)
	if err := errors.Join(errP, errC); err != nil {
		panic(err)
	}
	return []Line{{id, two.Compared.Start + 10, p}, {id, two.Period.Start + 10, c}}
}

// stated makes the statement of lines that are all identified.
func stated(t *testing.T, lines []Line, profiles map[string]Profile, w Windows, active Active) Statement {
	t.Helper()
	in := Input{Windows: w, Active: active, Currency: "USD", Cells: Tally(lines, profiles, w, active)}
	for _, l := range lines {
		if w.Period.Contains(l.Day) {
			in.Coverage.RevenueIdentified = in.Coverage.RevenueIdentified.Add(l.Amount)
		}
	}
	s, err := in.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func isNear(t *testing.T, name string, f evidence.Figure, pick func(evidence.Estimate) *big.Rat, want float64) {
	t.Helper()
	e, ok := f.Estimate()
	if !ok {
		t.Errorf("%s: refused", name)
		return
	}
	if got, _ := pick(e).Float64(); math.Abs(got-want) > 1e-12 {
		t.Errorf("%s: %v, want %v", name, got, want)
	}
}

func value(e evidence.Estimate) *big.Rat { return e.Value }
func low(e evidence.Estimate) *big.Rat   { return e.Low }
func high(e evidence.Estimate) *big.Rat  { return e.High }

// Reichheld, Darnell & Burns (2021), Winning on Purpose, appendix B, figure
// B-1: of 100 last year 85 stayed, earned new customers brought 25 and bought
// ones 20, all origins known.
func TestEarnedGrowthMatchesWinningOnPurposeB1(t *testing.T) {
	want := expected(t, "egr.winning_on_purpose_B1")
	lines := append(spent("stayed", "60", "70"), spent("left", "40", "15")...)
	lines = append(lines, Line{"friend", two.Period.Start, amountOf("25")}, Line{"ad", two.Period.Start, amountOf("20")})
	s := stated(t, lines, map[string]Profile{
		"friend": {Origin: Origin{Via: "referral", How: "declared"}}, "ad": {Origin: Origin{Via: "paid", How: "tracked"}},
	}, two, Net)
	isNear(t, "NRR", s.NetRetention, value, want["NRR"])
	isNear(t, "ENC", s.EarnedNew, value, want["ENC"])
	isNear(t, "BNC", s.BoughtNew, value, want["BNC"])
	isNear(t, "EGR", s.EarnedGrowth, value, want["EGR"])
	isNear(t, "growth", s.Growth, value, want["total_growth"])
	isNear(t, "earned growth ratio", s.EarnedGrowthRatio, value, want["earned_growth_ratio"])
}

func amountOf(text string) money.Amount {
	a, err := money.Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

// The oracle counts unknown origins as bought, which is the lower bound here,
// and prorates them by the known earned share, which lies between the bounds;
// nobody was asked, so no better figure than the bounds is given.
func TestEarnedGrowthMatchesLedgerOracle(t *testing.T) {
	want := expected(t, "egr.ledger")
	f, err := os.Open(filepath.Join(oracle.Folder(t), "data", "egr_ledger.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	via := map[string]string{"earned": "reputation", "bought": "sales", "unknown": "unknown"}
	for _, how := range []string{"declared", "asked"} {
		t.Run(how, func(t *testing.T) {
			var lines []Line
			profiles := map[string]Profile{}
			for _, row := range rows[1:] {
				lines = append(lines, spent(row[0], row[1], row[2])...)
				profiles[row[0]] = Profile{Origin: Origin{Via: via[row[3]], How: how}}
			}
			s := stated(t, lines, profiles, two, Net)
			isNear(t, "NRR", s.NetRetention, value, want["NRR"])
			isNear(t, "gross retention", s.GrossRetention, value, want["gross_retention"])
			isNear(t, "growth", s.Growth, value, want["total_growth"])
			isNear(t, "ENC", s.EarnedNewBounds, low, want["ENC"])
			isNear(t, "EGR", s.EarnedGrowthBounds, low, want["EGR"])
			isNear(t, "EGR, all unknown earned", s.EarnedGrowthBounds, high, want["EGR"]+5.0/340)
			isNear(t, "earned growth ratio", s.EarnedGrowthRatio, low, want["earned_growth_ratio"])
			// BNC of the oracle counts the unknown as bought.
			bought := money.Sum(s.Revenue.NewBought, s.Revenue.NewUnattributed)
			if got, _ := ratio(bought, s.ActivePrior).Float64(); math.Abs(got-want["BNC"]) > 1e-12 {
				t.Errorf("BNC %v, want %v", got, want["BNC"])
			}
			bounds, _ := s.EarnedGrowthBounds.Estimate()
			l, _ := bounds.Low.Float64()
			h, _ := bounds.High.Float64()
			if p := want["EGR_unknown_prorated"]; p < l || p > h {
				t.Errorf("the prorated %v lies outside [%v, %v]", p, l, h)
			}
			if e, _ := s.EarnedGrowth.Estimate(); e.Kind != evidence.KindBounds || e.Value != nil {
				t.Errorf("earned growth is %s with a value %v; three asked customers allow only bounds", e.Kind, e.Value)
			}
			if n := s.Customers.New(); n != 4 {
				t.Errorf("%d new customers, want 4: c10 bought nothing", n)
			}
		})
	}
}

// By any line a new customer may have brought nothing or less, and a statement
// is made all the same.
func TestNewByAnyLineMayHaveBroughtNothing(t *testing.T) {
	for _, current := range []string{"0", "-3", "2"} {
		t.Run(current, func(t *testing.T) {
			lines := append(spent("a", "10", "10"), Line{"b", two.Period.Start, amountOf(current)}, Line{"c", two.Period.Start, amountOf("1")}, Line{"d", two.Period.Start, amountOf("-1")})
			s := stated(t, lines, nil, two, AnyLine)
			if s.Customers.New() != 3 || s.Customers.NewUnattributed != 3 {
				t.Errorf("new customers: %+v", s.Customers)
			}
			b, _ := s.EarnedNewBounds.Estimate()
			if b.Low.Cmp(b.High) > 0 {
				t.Errorf("bounds %v to %v", b.Low, b.High)
			}
			if fmt.Sprint(s.Revenue.New()) != current {
				t.Errorf("new revenue %s, want %s", s.Revenue.New(), current)
			}
		})
	}
}
