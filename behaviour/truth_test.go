package behaviour

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/change"
	"github.com/throughline/throughline/internal/oracle"
)

var (
	slow       = flag.Bool("slow", false, "simulate false alarms and power over many series")
	updateDocs = flag.Bool("update-docs", false, "with -slow, write the part of docs/truth.md on behaviour")
)

// course is a world of series: what the months do, and when they change by how many standard deviations.
type course struct {
	name      string
	before    int
	season    bool                                // of months that have one, which is then taken out
	noise     func(r *rand.Rand, n int) []float64 // of spread 1
	shift     float64                             // of the watched months
	slope     float64                             // a month, from the first on
	claimed   bool                                // the rate of false alarms is claimed for it
	unrefused bool                                // dependence is not looked for
}

func normals(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// tailed are Student's t with 4 degrees of freedom.
func tailed(r *rand.Rand, n int) []float64 {
	out := normals(r, n)
	for i := range out {
		chi := 0.0
		for range 4 {
			x := r.NormFloat64()
			chi += x * x
		}
		out[i] *= math.Sqrt(2) / math.Sqrt(chi) // of variance 2, brought to 1
	}
	return out
}

func remembering(rho float64) func(*rand.Rand, int) []float64 {
	return func(r *rand.Rand, n int) []float64 {
		out := normals(r, n)
		for i := 1; i < n; i++ {
			out[i] = rho*out[i-1] + math.Sqrt(1-rho*rho)*out[i]
		}
		return out
	}
}

// met is what became of a world's series.
type met struct {
	series, refused int
	rang            [2]int     // series with an alarm of a method signalled in the watched year
	known           int        // series that ring against the limit for a known course
	within          [2][13]int // of these series, in how many months it was noticed
}

func (c course) run(t testing.TB, n int, seed uint64) met {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	months := c.before + 12
	if c.season {
		months += 12
	}
	in := Input{Year: 12}
	for i := range months {
		m := calendar.MonthOf(calendar.DayOf(2020, 1, 1)) + calendar.Month(i)
		in.Months, in.Names = append(in.Months, calendar.Period{Start: m.First(), End: (m + 1).First()}), append(in.Names, m.String())
	}
	in.Period = calendar.Period{Start: in.Months[months-12].Start, End: in.Months[months-1].End}
	knownLimit, err := exactLimit(12, 1)
	if err != nil {
		t.Fatal(err)
	}
	out := met{series: n}
	for range n {
		x := c.noise(r, months)
		for i := range x {
			x[i] += float64(i) * c.slope
			if c.season {
				x[i] += 5 * math.Sin(float64(i%12))
			}
			if i >= months-12 {
				x[i] += c.shift
			}
		}
		s := Series{Baseline: c.before, First: months - 12 - c.before, Season: c.season, Measure: Frequency}
		for i := s.First; i < months; i++ {
			v := x[i] / 100
			if c.season {
				v -= x[i-12] / 100
			}
			s.values = append(s.values, v)
		}
		s.course()
		if s.Refused != "" && c.unrefused {
			s.Refused = ""
		}
		if s.Refused != "" {
			out.refused++
			continue
		}
		if err := in.watch(&s, 1); err != nil {
			t.Fatal(err)
		}
		for at, method := range []Method{CUSUM, SelfStarting} {
			i := slices.IndexFunc(s.Alarms, func(a Alarm) bool { return a.Method == method && a.Now })
			if i >= 0 {
				out.rang[at]++
				out.within[at][s.Alarms[i].Signalled-(months-12)+1]++
			}
		}
		z := make([]float64, 12)
		for i := range z {
			z[i] = (s.values[s.Baseline+i] - s.Course.mean) / s.Course.sd
		}
		if _, alarms, err := (change.CUSUM{Slack: Slack, Limit: knownLimit}).Run(z); err != nil {
			t.Fatal(err)
		} else if len(alarms) > 0 {
			out.known++
		}
	}
	return out
}

func (m met) share(n int) float64 { return float64(n) / float64(m.series-m.refused) }

// seen is the share that was noticed within so many months.
func (m met) seen(method, months int) float64 {
	sum := 0
	for i := 0; i <= months; i++ {
		sum += m.within[method][i]
	}
	return m.share(sum)
}

var worlds = []course{
	{name: "12 months before, normal", before: 12, noise: normals, claimed: true},
	{name: "24 months before, normal", before: 24, noise: normals, claimed: true},
	{name: "48 months before, normal", before: 48, noise: normals, claimed: true},
	{name: "24 months before, normal, with a season that is taken out", before: 24, season: true, noise: normals},
	{name: "24 months before, heavy tails (Student’s t, 4 degrees)", before: 24, noise: tailed},
	{name: "24 months before, neighbours correlated by 0.2", before: 24, noise: remembering(0.2)},
	{name: "24 months before, neighbours correlated by 0.5", before: 24, noise: remembering(0.5)},
	{name: "24 months before, correlated by 0.5 and not refused for it", before: 24, noise: remembering(0.5), unrefused: true},
	{name: "24 months before, a drift of 0.05 standard deviations a month", before: 24, noise: normals, slope: 0.05},
	{name: "12 months before, shifted by 1 standard deviation", before: 12, noise: normals, shift: 1},
	{name: "24 months before, shifted by 1 standard deviation", before: 24, noise: normals, shift: 1},
	{name: "48 months before, shifted by 1 standard deviation", before: 48, noise: normals, shift: 1},
	{name: "24 months before, shifted by 1, with a season that is taken out", before: 24, season: true, noise: normals, shift: 1},
	{name: "24 months before, shifted by 2 standard deviations", before: 24, noise: normals, shift: 2},
	{name: "24 months before, shifted by 3 standard deviations", before: 24, noise: normals, shift: 3},
}

const behaviourHeading = "## Alarms on behaviour\n"

// TestTruthOfAlarms holds the rate of false alarms to what is stated, one in ten years a series with the course estimated, and
// measures what the alarms find. Seeds are fixed; another run of the same code writes the same table.
func TestTruthOfAlarms(t *testing.T) {
	n := 400
	switch {
	case *slow:
		n = 20_000
	case os.Getenv("THROUGHLINE_THOROUGH") != "":
		n = 4000
	}
	var b strings.Builder
	fmt.Fprintf(&b, `
How often a series rings in the watched year, over %d simulated series a line with fixed seeds (binomial standard error at 10%%: %.1f points). Stated is one false alarm in ten years a series: at most
10%% of series on course in a year. Written by

    go test ./behaviour -run TestTruthOfAlarms -slow -update-docs

*Uncorrected* is the limit for a known course (change.LimitFor: 120 months to a false alarm) where the course is estimated all the same. *Self-starting* counts alarms raised in the watched year. *Refused* are series whose months before
depend on each other; shares are of the others. Shifts are from the first watched month on, in standard deviations of a month.

| world | refused %% | CUSUM %% | uncorrected %% | self-starting %% | CUSUM within 6 months %% | self-starting within 6 months %% |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
`, n, 100*math.Sqrt(0.09/float64(n)))
	for i, c := range worlds {
		m := c.run(t, n, uint64(i+1))
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |\n", c.name, 100*float64(m.refused)/float64(n), 100*m.share(m.rang[0]), 100*m.share(m.known),
			100*m.share(m.rang[1]), 100*m.seen(0, 6), 100*m.seen(1, 6))
		if !c.claimed {
			continue
		}
		// Four standard errors; the months that are not refused are a little less dependent than all, so a little fewer alarms are no fault.
		kept := float64(n - m.refused)
		if got, most := m.share(m.rang[0]), 0.1+4*math.Sqrt(0.09/kept); got > most {
			t.Errorf("%s: %.1f%% of series on course ring in a year, stated are 10%%", c.name, 100*got)
		}
		if got, most := m.share(m.rang[1]), 0.1+4*math.Sqrt(0.09/kept); got > most {
			t.Errorf("%s: self-starting: %.1f%% ring in a year, stated are 10%%", c.name, 100*got)
		}
	}
	t.Log(b.String())
	if *slow && *updateDocs {
		if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), behaviourHeading+b.String()); err != nil {
			t.Fatal(err)
		}
	}
}
