package referral

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
	"gonum.org/v1/gonum/stat/distuv"
)

// tied is a simulated company: how many customers, what share of them were brought, and what is planted. Customers decide once
// a year whether to stay; who stays buys at least once in it.
type tied struct {
	customers   int
	alike       float64 // the chance that a brought customer has the leaving of who brought them
	down, up    float64 // what the chance to leave rises by in the year after who brought them, or one whom they brought, left
	spreadOfOwn float64 // how far the two kinds of customer are apart in leaving
}

var years = Spans{
	{Start: calendar.DayOf(2021, 1, 1), End: calendar.DayOf(2022, 1, 1)}, {Start: calendar.DayOf(2022, 1, 1), End: calendar.DayOf(2023, 1, 1)},
	{Start: calendar.DayOf(2023, 1, 1), End: calendar.DayOf(2024, 1, 1)},
}

// books simulates: customers first buy in 2019 to 2022, half of them before 2021; in each tie the one who brings came first.
func (x tied) books(r *rand.Rand) Books {
	b := Books{Links: map[string]string{}, Ids: map[string]bool{}}
	came, by, leaves, gone := make([]int, x.customers), make([]int, x.customers), make([]float64, x.customers), make([]int, x.customers)
	for i := range came {
		came[i], by[i], gone[i] = 2019+min(3, 4*i/x.customers), -1, 9999
		leaves[i] = 0.25 + x.spreadOfOwn*float64(r.IntN(2)*2-1)
		if i > 20 && r.Float64() < 0.7 {
			by[i] = r.IntN(i)
			if r.Float64() < x.alike {
				leaves[i] = leaves[by[i]]
			}
		}
	}
	for year := 2020; year <= 2023; year++ {
		left := make([]bool, x.customers)
		for i := range gone {
			if gone[i] == year-1 && by[i] >= 0 {
				left[by[i]] = true
			}
		}
		for i := range gone {
			chance := leaves[i]
			if by[i] >= 0 && gone[by[i]] == year-1 {
				chance += x.down
			}
			if left[i] {
				chance += x.up
			}
			if came[i] < year && gone[i] > year && r.Float64() < chance {
				gone[i] = year
			}
		}
	}
	for i := range came {
		id := fmt.Sprint(i)
		c := Customer{ID: id, Via: "referral"}
		if by[i] >= 0 {
			c.ReferredBy = fmt.Sprint(by[i])
		}
		b.Customers, b.Ids[id] = append(b.Customers, c), true
		for year := came[i]; year < min(gone[i], 2024); year++ {
			for range 1 + r.IntN(4) {
				b.Lines = append(b.Lines, Line{id, calendar.DayOf(year, 1, 1) + calendar.Day(r.IntN(365)), money.FromMicros(int64(1e6 * math.Exp(r.NormFloat64())))})
			}
		}
	}
	return b
}

// held counts, over worlds, how often an interval holds a truth, and the mean of the values.
type held struct {
	worlds, holds, refused int
	mean                   float64
}

func (h *held) add(f evidence.Figure, truth float64) {
	e, ok := f.Estimate()
	if !ok {
		h.refused++
		return
	}
	value, _ := e.Value.Float64()
	low, _ := e.Low.Float64()
	high, _ := e.High.Float64()
	h.worlds++
	h.mean += value
	if low <= truth && truth <= high {
		h.holds++
	}
}

func (h *held) share() float64 { return float64(h.holds) / float64(h.worlds) }

func (h *held) average() float64 { return h.mean / float64(h.worlds) }

func (h *held) String() string {
	return fmt.Sprintf("mean %+.4f, interval holds it in %.1f%% of %d, %d refused", h.average(), 100*h.share(), h.worlds, h.refused)
}

// worlds is how many are tried; all with THROUGHLINE_THOROUGH.
func worlds() int {
	if os.Getenv("THROUGHLINE_THOROUGH") != "" {
		return 400
	}
	return 12
}

// simulate adds up the relations of worlds with seeds drawn now.
func (x tied) simulate(t *testing.T, look func(l Losses)) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for i := range worlds() {
		look(Face(x.books(rand.New(rand.NewPCG(seed, uint64(i)))), years).Losses(years))
	}
}

// seldom is the probability below which chance is not believed: a run has some twenty of these.
const seldom = 1e-6

// enough fails when an interval holds the truth too seldom for one that holds it in 95% of worlds, or more than a quarter of worlds are refused, by the
// binomial distribution: twelve worlds are too few for a normal one.
func (h *held) enough(t *testing.T, what string) {
	t.Helper()
	t.Logf("%s: %s", what, h)
	n := float64(h.worlds + h.refused)
	if below := (distuv.Binomial{N: n, P: 0.75}).CDF(float64(h.worlds)); below < seldom {
		t.Errorf("%s: %d worlds refused of %g", what, h.refused, n)
	}
	if below := (distuv.Binomial{N: float64(h.worlds), P: 0.95}).CDF(float64(h.holds)); below < seldom {
		t.Errorf("%s: %s", what, h)
	}
}

func TestWithoutContagionTheIntervalsHoldZero(t *testing.T) {
	for _, customers := range []int{1500, 4000} {
		var difference, beyond, up held
		tied{customers: customers, spreadOfOwn: 0.1}.simulate(t, func(l Losses) {
			difference.add(l.Relations[BroughtAfterLeft].Difference, 0)
			beyond.add(l.Relations[BroughtAfterLeft].Beyond, 0)
			up.add(l.Relations[ReferrerAfterLeft].Difference, 0)
		})
		difference.enough(t, fmt.Sprintf("%d customers, difference", customers))
		beyond.enough(t, fmt.Sprintf("%d customers, beyond the reversed", customers))
		up.enough(t, fmt.Sprintf("%d customers, upwards", customers))
	}
}

// What is planted is the difference in risk itself; the headline comes to it as well.
func TestPlantedContagionIsRecovered(t *testing.T) {
	var difference, beyond, upwards held
	tied{customers: 4000, down: 0.2}.simulate(t, func(l Losses) {
		difference.add(l.Relations[BroughtAfterLeft].Difference, 0.2)
		beyond.add(l.Relations[BroughtAfterLeft].Beyond, 0.2)
		upwards.add(l.Relations[ReferrerAfterLeft].Difference, 0)
	})
	difference.enough(t, "difference")
	beyond.enough(t, "beyond the reversed")
	upwards.enough(t, "upwards, where none is planted")
	var up held
	tied{customers: 4000, up: 0.2}.simulate(t, func(l Losses) { up.add(l.Relations[ReferrerAfterLeft].Difference, 0.2) })
	up.enough(t, "upwards")
}

// Likeness alone fools the plain difference; the reversed one shows it, and little is left beyond it.
func TestLikenessDoesNotFoolTheHeadline(t *testing.T) {
	var difference, reversed, beyond held
	tied{customers: 4000, alike: 0.8, spreadOfOwn: 0.15}.simulate(t, func(l Losses) {
		r := l.Relations[BroughtAfterLeft]
		difference.add(r.Difference, 0)
		reversed.add(r.Reversed, 0)
		beyond.add(r.Beyond, 0)
	})
	t.Logf("difference: %s; reversed: %s", &difference, &reversed)
	// In 400 worlds the means were 0.092 and 0.089, and the standard error of a mean of twelve is about 0.01.
	if difference.average() < 0.04 || reversed.average() < 0.03 {
		t.Errorf("likeness fools neither: difference %s, reversed %s", &difference, &reversed)
	}
	beyond.enough(t, "beyond the reversed")
}

// Contagion that is as strong both ways looks like likeness: the headline hides it, as the page says.
func TestContagionBothWaysIsHiddenInTheHeadline(t *testing.T) {
	var difference, beyond held
	tied{customers: 4000, down: 0.2, up: 0.2}.simulate(t, func(l Losses) {
		difference.add(l.Relations[BroughtAfterLeft].Difference, 0.2)
		beyond.add(l.Relations[BroughtAfterLeft].Beyond, 0.2)
	})
	t.Logf("difference: %s; beyond: %s", &difference, &beyond)
	// In 400 worlds the mean was 0.07 of the planted 0.2, and the standard error of a mean of twelve is about 0.015.
	if beyond.average() > 0.15 {
		t.Errorf("the headline shows what the page says that it hides: %s", &beyond)
	}
}

// t quantiles: R 4.x, qt(0.975, c(19, 30, 100)), as in any printed table.
func TestStudentIsThatOfTheTables(t *testing.T) {
	for freedom, want := range map[float64]float64{19: 2.093024, 30: 2.042272, 100: 1.983972, math.Inf(1): 1.959964} {
		if got := student(freedom); math.Abs(got-want) > 2e-5 {
			t.Errorf("%v degrees: %f, want %f", freedom, got, want)
		}
	}
}

// By hand: one stratum, four exposed of whom two were lost, six others of whom one was. The risk difference is 1/2 − 1/6 = 1/3.
// With one ego a cluster the variance is Σ ((x − x̄)e / W)² · G/(G−1) · (N−1)/(N−K): W = 4·6/10 = 2.4, x − x̄ = 0.6 or −0.4,
// e = ±1/2 of the exposed, 5/6 or −1/6 of the others, so (4·0.36·0.25 + 0.16·(25/36 + 5/36)) / 5.76 · 10/9 · 9/8
// = (0.36 + 0.1333…) / 5.76 · 1.25 = 0.107060185….
// Over all shuffles the variance is n₁n₀y(n−y)/(n²(n−1)) / W² = 4·6·3·7/(100·9) / 5.76 = 0.0972222….
func TestTheDifferenceByHand(t *testing.T) {
	key := func(exposed bool) Key { return Key{Stratum: 5, Exposed: exposed} }
	f := Faced{
		Cells:   []Cell{{key(false), 6, 1}, {key(true), 4, 2}},
		Arms:    []Arm{{Key{}, 6}, {Key{Exposed: true}, 4}},
		Crosses: []Cross{{A: key(false), B: key(false), NN: 6, NY: 1, YN: 1, YY: 1}, {A: key(true), B: key(true), NN: 4, NY: 2, YN: 2, YY: 2}},
	}
	fit := f.fit(BroughtAfterLeft, false)
	for what, x := range map[string][2]float64{
		"difference": {fit.difference, 1.0 / 3}, "variance": {f.variance(fit, fit), 0.1070601851851852}, "shuffled": {fit.shuffled, 0.0972222222222222},
	} {
		if math.Abs(x[0]-x[1]) > 1e-12 {
			t.Errorf("%s: %v, want %v", what, x[0], x[1])
		}
	}
	for _, s := range f.Losses(years).Relations {
		if _, refused := s.Difference.Refusal(); !refused {
			t.Errorf("%s of ten customers is not refused", s.Relation)
		}
	}
}
