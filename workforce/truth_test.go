package workforce

import (
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/oracle"
)

var (
	slow       = flag.Bool("slow", false, "simulate how often intervals hold the truth (minutes)")
	samples    = flag.Int("samples", 200, "samples of each simulated company, with -slow")
	updateDocs = flag.Bool("update-docs", false, "with -slow, write the part of docs/truth.md about people")
)

// truth is a figure whose value in a planned company is known.
type truth struct {
	name  string
	value float64
	of    func(Statement) evidence.Figure
}

// truths are those of a plan without team effects. Among employees there are leads, whose hazard is their own; figures of the role agent
// alone are held to the agents' hazard. A stay of k days ends on a whole day, so the hazard is that of the day's end.
func (p plan) truths() []truth {
	stay := func(s Statement, dimension, name string) Stay {
		for _, c := range s.Staying.By {
			for _, g := range c.Groups {
				if c.Name == dimension && g.Name == name {
					return g
				}
			}
		}
		return Stay{}
	}
	agent := func(s Statement) Stay { return stay(s, "role", "agent") }
	out := []truth{
		{"hazard ratio of leaving in the first year for a standard deviation of the score", math.Exp(p.score), func(s Statement) evidence.Figure { return s.Selection.StayHazard }},
		{"hazard ratio after the first year of those trained in it", math.Exp(p.trained), func(s Statement) evidence.Figure { return s.Staying.Trained.Groups[1].Hazard }},
		{"hazard ratio within 180 days after the manager left", math.Exp(p.manager), func(s Statement) evidence.Figure { return s.Staying.ManagerLeft.Groups[1].Hazard }},
		{"correlation of the score with that of the first course", 0.4, func(s Statement) evidence.Figure { return s.Selection.CourseCorrelation }},
		{"odds of accepting for 10% more pay", math.Pow(1.1, p.pay), func(s Statement) evidence.Figure { return s.Offers.Pay }},
		{"odds of accepting for 10 hours more", math.Exp(10 * p.hours), func(s Statement) evidence.Figure { return s.Offers.Training }},
		{"pay worth as much as 10 hours", math.Exp(10*p.hours/p.pay) - 1, func(s Statement) evidence.Figure { return s.Offers.Worth }},
	}
	if p.score == 0 && p.trained == 0 && p.manager == 0 && p.shared == 0 {
		out = append(out, truth{"hazard ratio of leads against agents", p.lead / p.hazard, func(s Statement) evidence.Figure { return stay(s, "role", "lead").Hazard }},
			truth{"hazard ratio of a department against the average", 1, func(s Statement) evidence.Figure { return stay(s, "department", "d00").Hazard }})
		for i := range 3 {
			out = append(out, truth{fmt.Sprintf("share of agents that stay %d years", i+1), math.Exp(-p.hazard * float64(i+1)), func(s Statement) evidence.Figure { return agent(s).Retention[i] }})
		}
		out = append(out, truth{"expected stay of agents to 5 years", (1 - math.Exp(-5*p.hazard)) / p.hazard, func(s Statement) evidence.Figure {
			if s.Staying.Horizon != 5 {
				return evidence.Refuse("another horizon", "five years")
			}
			return agent(s).Expected
		}}, truth{"years by which half of agents have left", math.Ln2 / p.hazard, func(s Statement) evidence.Figure {
			for _, cut := range s.By {
				for _, g := range cut.Groups {
					if g.Name == "agent" {
						return g.Figures[expectedStayMedian]
					}
				}
			}
			return evidence.Refuse("no agents", "agents")
		}}, truth{"turnover of agents", p.hazard, func(s Statement) evidence.Figure {
			for _, cut := range s.By {
				for _, g := range cut.Groups {
					if g.Name == "agent" {
						return g.Figures[turnover]
					}
				}
			}
			return evidence.Refuse("no agents", "agents")
		}}, truth{"share that leaves in the first year (agents)", 1 - math.Exp(-p.hazard*365/year), func(s Statement) evidence.Figure {
			for _, cut := range s.By {
				for _, g := range cut.Groups {
					if g.Name == "agent" {
						return g.Figures[firstYearTurnover]
					}
				}
			}
			return evidence.Refuse("no agents", "agents")
		}})
	}
	return out
}

// even is a company in which nothing but time and chance makes people leave.
func even() plan {
	p := planned
	p.score, p.trained, p.manager = 0, 0, 0
	return p
}

// Two companies with fixed seeds: each estimate lies within four standard errors of what was planned. The chance that one of these fails by
// itself is below one in a thousand; the seeds were the first ones tried.
func TestPlannedValuesAreFound(t *testing.T) {
	for name, p := range map[string]plan{"with effects": planned, "without": even()} {
		s, err := p.input().State(p.draw(1))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range p.truths() {
			e, ok := x.of(s).Estimate()
			if !ok {
				r, _ := x.of(s).Refusal()
				t.Errorf("%s: %s is refused: %s", name, x.name, r.Reason)
				continue
			}
			value, low, high := floats(e)
			side := high - value
			if x.value < value {
				side = value - low
			}
			if math.Abs(value-x.value) > 2*side {
				t.Errorf("%s: %s is %.3f (%.3f to %.3f), planned %.3f", name, x.name, value, low, high, x.value)
			}
		}
	}
}

func floats(e evidence.Estimate) (value, low, high float64) {
	value, _ = e.Value.Float64()
	low, _ = e.Low.Float64()
	high, _ = e.High.Float64()
	return value, low, high
}

const truthHeading = "## People who stay\n"

// TestTruth takes minutes:
//
//	go test ./workforce -run TestTruth -slow -update-docs -timeout 60m
func TestTruth(t *testing.T) {
	if !*slow {
		t.Skip("minutes; -slow")
	}
	shared := planned
	shared.shared = 0.4
	fewer := planned
	fewer.people, fewer.teams, fewer.offers = 200, 25, 150
	var b strings.Builder
	fmt.Fprintf(&b, "\nHow often the 95%% intervals of the people statement held what was planned, over %d companies a world (binomial standard error at 95%% %.1f points). Written by\n\n"+
		"    go test ./workforce -run TestTruth -slow -update-docs -timeout 60m\n\n%d people at a time in %d teams, five years of books of a company that had run for six years before: those it begins with are known only because they had stayed. *Mean* is of the estimates.\n\n"+
		"| world | figure | told | planned | mean | holds |\n| --- | --- | ---: | ---: | ---: | ---: |\n", *samples, 100*math.Sqrt(0.95*0.05/float64(*samples)), planned.people, planned.teams)
	for seed, w := range []struct {
		name string
		plan
	}{{"nothing but time and chance", even()}, {"score, training and manager at work", planned}, {"the same, and each team has its own pace (sd 0.4 of the log hazard)", shared}, {"the same as the second, 200 people", fewer}} {
		told, held, total := w.tally(*samples, uint64(seed+1))
		for i, x := range w.truths() {
			world := w.name
			if i > 0 {
				world = ""
			}
			n := math.Max(1, float64(told[i]))
			fmt.Fprintf(&b, "| %s | %s | %d | %.3f | %.3f | %.1f%% |\n", world, x.name, told[i], x.value, total[i]/n, 100*float64(held[i])/n)
			if seed < 2 && float64(held[i])/n < 0.90 {
				t.Errorf("%s: %s holds %.3f", w.name, x.name, float64(held[i])/n)
			}
		}
	}
	if !*updateDocs {
		t.Log(b.String())
		return
	}
	if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), truthHeading+b.String()); err != nil {
		t.Fatal(err)
	}
}

// tally counts, of each truth, in how many samples it was told and held, and the sum of the estimates.
func (p plan) tally(n int, seed uint64) (told, held []int, total []float64) {
	truths := p.truths()
	told, held, total = make([]int, len(truths)), make([]int, len(truths)), make([]float64, len(truths))
	var lock sync.Mutex
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				s, err := p.input().State(p.draw(seed<<20 + uint64(i)))
				if err != nil {
					continue
				}
				lock.Lock()
				for k, x := range truths {
					if e, ok := x.of(s).Estimate(); ok {
						value, low, high := floats(e)
						told[k]++
						total[k] += value
						if low <= x.value && x.value <= high {
							held[k]++
						}
					}
				}
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	return told, held, total
}
