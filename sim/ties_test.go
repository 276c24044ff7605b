package sim

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
)

// woven is a world in which every kind of loss along ties is planted.
func woven(t *testing.T) World {
	w := many(t)
	w.Customers, w.Arrivals.PerMonth = 1200, 90
	w.Referrals = Referrals{Rate: 0.04, Contagion: 2, ContagionBackwards: 3, Complaints: 2.5, ComplaintsBackwards: 2, ComplaintDays: 200}
	w.Service.PerMonth, w.Service.FailureEffect = 0.4, 1.5
	return w
}

// The teller asks about referrers one after the other; ties are worked out by
// month. Where both can be, they tell the same company.
func TestTiesAreThoseThatTheTellerTells(t *testing.T) {
	for _, model := range []string{ParetoNBD, BGNBD} {
		for _, contagion := range []float64{0.4, 1, 4} {
			w := many(t)
			w.Purchases.Model = model
			w.Customers, w.Arrivals.PerMonth, w.Referrals.Rate, w.Referrals.Contagion = 1000, 60, 0.03, contagion
			told := drawnCompany(t, w)
			tied := newCompany(w, nowhere{}, func(int64) {})
			if err := tied.tie(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := tied.draw(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(told.arrived, tied.arrived) || !reflect.DeepEqual(told.tally, tied.tally) {
				t.Errorf("%s, contagion %g: worked out by month, the company is another", model, contagion)
			}
		}
	}
}

// What is planted along each tie is what happens, whatever else is planted:
// dropouts less what is expected are a martingale (see
// TestDropoutsFollowThePlantedFactors).
func TestDropoutsFollowWhatIsPlantedAlongTies(t *testing.T) {
	for _, f := range [][tieKinds]float64{{1, 1, 1, 1}, {1, 4, 1, 1}, {1, 1, 4, 1}, {1, 1, 1, 4}, {3, 2, 2.5, 3}, {0.4, 0.3, 0.5, 0.4}} {
		w := woven(t)
		w.Customers, w.Arrivals.PerMonth = 4000, 250
		w.Referrals.Contagion, w.Referrals.Complaints, w.Referrals.ContagionBackwards, w.Referrals.ComplaintsBackwards = f[0], f[1], f[2], f[3]
		c := newCompany(w, nowhere{}, func(int64) {})
		if err := c.tie(t.Context()); err != nil { // even where none is planted
			t.Fatal(err)
		}
		if err := c.draw(t.Context()); err != nil {
			t.Fatal(err)
		}
		for kind, truth := range []TieTruth{c.tieTruth(0), c.tieTruth(1), c.tieTruth(2), c.tieTruth(3)} {
			for on, h := range truth.Hazards {
				expected := mustRatio(t, h.Baseline) * mustRatio(t, h.Planted)
				if planted := f[kind] != 1; on == 1 && expected < 20 && (planted || kind == referrerLeft) {
					t.Fatalf("%v: %s: %.1f dropouts expected, too few to tell", f, h.State, expected)
				}
				if expected > 0 {
					five(t, fmt.Sprintf("%v: %s", f, h.State), float64(h.Dropouts), expected, math.Sqrt(expected))
				}
			}
		}
	}
}

func mustRatio(t *testing.T, r Ratio) float64 {
	t.Helper()
	var x float64
	if _, err := fmt.Sscan(string(r), &x); err != nil {
		t.Fatal(err)
	}
	return x
}

// What is settled holds itself up: from the lives of all others each life is
// told once more, and the first of the brought to leave is looked for anew.
func TestTiesAreSettled(t *testing.T) {
	for _, model := range []string{ParetoNBD, BGNBD} {
		w := woven(t)
		w.Purchases.Model = model
		if model == BGNBD {
			w.Purchases.Alpha = 60
		}
		c := drawnCompany(t, w)
		f, teller := c.ties, newTeller(c)
		hurt := make([]uint16, len(f.by))
		voiced := map[int32]map[uint16]bool{}
		bear := func(by int32, at float64) (uint16, bool) {
			day, _ := c.clock.day(at)
			m := int(calendar.MonthOf(day)-c.first()) + 1
			return uint16(m), f.leaves[by] > c.start(m)
		}
		moved := 0
		for i, by := range f.by {
			w := f.whoIs(int32(i))
			to := teller.tell(w)
			if to.dropped != f.leaves[i] {
				t.Fatalf("%s: %+v leaves at %g, and at %g when the others are settled", model, w, f.leaves[i], to.dropped)
			}
			if by >= 0 {
				if m, bears := bear(by, f.leaves[i]); bears && !math.IsInf(f.leaves[i], 1) && (hurt[by] == 0 || m < hurt[by]) {
					hurt[by] = m
				}
				for _, at := range teller.complaintsOf(w, f.leaves[i]) {
					if m, bears := bear(by, at); bears {
						if voiced[by] == nil {
							voiced[by] = map[uint16]bool{}
						}
						voiced[by][m] = true
					}
				}
			}
			if teller.live(&to, unexposed()); to.dropped != f.leaves[i] {
				moved++
			}
		}
		if !reflect.DeepEqual(hurt, f.hurt) {
			t.Errorf("%s: whom the leaving of the brought concerns differs", model)
		}
		if len(voiced) != len(f.voiced) || len(voiced) < 20 {
			t.Errorf("%s: complaints concern %d referrers, looked for anew %d", model, len(f.voiced), len(voiced))
		}
		for by, months := range f.voiced {
			for _, m := range months {
				if !voiced[by][m] {
					t.Fatalf("%s: a complaint bears on a customer from month %d on that nobody made", model, m)
				}
			}
			if len(months) != len(voiced[by]) {
				t.Fatalf("%s: %d months of complaints, looked for anew %d", model, len(months), len(voiced[by]))
			}
		}
		if moved < 50 {
			t.Errorf("%s: others moved the leaving of only %d customers", model, moved)
		}
	}
}

func TestTiesWriteTheSameBytesOnAnyNumberOfProcessors(t *testing.T) {
	w := woven(t)
	w.Customers = 2500
	dirA, truthA := write(t, w)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	dirB, truthB := write(t, w)
	if !reflect.DeepEqual(contents(t, dirA), contents(t, dirB)) || !reflect.DeepEqual(truthA, truthB) {
		t.Error("one processor writes other bytes than several")
	}
	read, err := Read(strings.NewReader(contents(t, dirA)[worldFile]))
	if err != nil || !reflect.DeepEqual(read, w) {
		t.Errorf("world.yaml reads as %+v (%v)", read, err)
	}
	if len(truthA.Referrals.Ties) != tieKinds || truthA.Referrals.Backwards != 3 {
		t.Errorf("the truth says of ties: %+v", truthA.Referrals)
	}
	if p := truthA.Parameters["referrals"].(map[string]any); p["complaints"] != 2.5 || p["complaint_days"] != 200.0 {
		t.Errorf("the parameters of referrals are %v", p)
	}
}

// Worlds that plant nothing of it are written as before there were these keys.
func TestKeysOfTiesThatPlantNothingAreNotWritten(t *testing.T) {
	dir, truth := write(t, small())
	for name, text := range contents(t, dir) {
		for _, key := range []string{"complaint_days", "complaints_backwards", "loss_along_ties", "contagion_backwards:"} {
			if strings.Contains(text, key) {
				t.Errorf("%s holds %s", name, key)
			}
		}
	}
	if p := truth.Parameters["referrals"].(map[string]any); len(p) != 2 {
		t.Errorf("the parameters of referrals are %v", p)
	}
}
