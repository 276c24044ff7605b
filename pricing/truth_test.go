package pricing

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/oracle"
)

var (
	slow       = flag.Bool("slow", false, "simulate how often intervals hold the truth (minutes)")
	samples    = flag.Int("samples", 100, "samples of each simulated world, with -slow")
	updateDocs = flag.Bool("update-docs", false, "with -slow, write the prices' part of docs/truth.md")
)

// trial counts, over samples of a world, how often intervals hold what was planted.
type trial struct {
	name string
	of   market
	held map[string]*held
}

type held struct {
	fitted, in int
	sum        float64
	truth      float64
}

func (h *held) percent() string {
	if h == nil || h.fitted == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(h.in)/float64(h.fitted))
}

func trials() []*trial {
	with := func(change func(*market)) market {
		m := plain
		change(&m)
		return m
	}
	return []*trial{
		{name: "as assumed: shocks fade by 0.7 a month", of: plain},
		{name: "no elasticity; shocks fade by 0.9", of: with(func(m *market) { m.elasticity, m.fading = 0, 0.9 })},
		{name: "the poorly served mind more by 0.8", of: with(func(m *market) { m.service = -0.8 })},
		{name: "all mind more by 0.8 in the second half; five years", of: with(func(m *market) { m.later, m.months = -0.8, 60 })},
		{name: "few: 5 products, 36 months", of: with(func(m *market) { m.products, m.months = 5, 36 })},
		{name: "broken: demand walks at random", of: with(func(m *market) { m.shock, m.fading = 0.03, 1 })},
		{name: "broken: prices follow demand of the month before", of: with(func(m *market) { m.follow = 0.5 })},
	}
}

// judge adds a sample.
func (tr *trial) judge(t *testing.T, seed uint64, lock *sync.Mutex) {
	m := tr.of
	d, s := m.draw(rand.New(rand.NewPCG(seed, 20260101)))
	watch, _ := WatchOf(m.window())
	st, err := State(m.window(), watch, d, s, "EUR")
	if err != nil {
		t.Error(err)
		return
	}
	ordinary, err := ordinary(m.window(), d)
	if err != nil {
		t.Error(err)
		return
	}
	lock.Lock()
	defer lock.Unlock()
	add := func(name string, f evidence.Figure, truth float64) {
		e, ok := f.Estimate()
		if tr.held[name] == nil {
			tr.held[name] = &held{truth: truth}
		}
		if !ok {
			return
		}
		h := tr.held[name]
		value, _ := e.Value.Float64()
		low, _ := e.Low.Float64()
		high, _ := e.High.Float64()
		h.fitted, h.sum = h.fitted+1, h.sum+value
		if low <= truth && truth <= high {
			h.in++
		}
	}
	if m.later == 0 && m.service == 0 { // otherwise no one elasticity is true
		add("all", st.Elasticity, m.elasticity)
		add("ordinary", ordinary, m.elasticity)
		for _, p := range st.Products {
			add("product", p.Elasticity, m.elasticity)
		}
	}
	add("service", st.Service[0].Difference, -m.service)
	add("change", st.Halves.Change, m.later)
}

// ordinary is the elasticity with the errors of ordinary least squares, as if disturbances did not last.
func ordinary(w Window, d Demand) (evidence.Figure, error) {
	all := make([]series, len(d.Products))
	for k := range d.Products {
		all[k] = seriesOf(k, w, d)
	}
	rows := rowsOf(all)
	n := noise{variance: map[int]float64{}}
	for k := range all {
		n.variance[k] = 1
	}
	f, _, err := n.fit(tableOf(rows, append(effects(rows, true), column{"price", price(all)})))
	if err != nil {
		return evidence.Figure{}, err
	}
	return figure(f, "price", 1<<30, len(rows), "ordinary least squares"), nil
}

// TestTruth simulates how often 95% intervals hold what was planted. The band is wide where samples are few: it finds an error that is wrong
// by its kind, and docs/truth.md says the figures.
func TestTruth(t *testing.T) {
	if !*slow {
		t.Skip("minutes; with -slow")
	}
	all := trials()
	for i, tr := range all {
		tr.held = map[string]*held{}
		var lock sync.Mutex
		var group sync.WaitGroup
		queue := make(chan uint64)
		for range runtime.GOMAXPROCS(0) {
			group.Add(1)
			go func() {
				defer group.Done()
				for seed := range queue {
					tr.judge(t, seed, &lock)
				}
			}()
		}
		for i := range *samples {
			queue <- uint64(i)
		}
		close(queue)
		group.Wait()
		for name, h := range tr.held {
			t.Logf("%s: %s %s of %d, mean %.3f, truth %.2f", tr.name, name, h.percent(), h.fitted, h.sum/float64(max(1, h.fitted)), h.truth)
			if name != "ordinary" && !strings.HasPrefix(tr.name, "broken") && h.fitted > 50 && float64(h.in) < 0.9*float64(h.fitted) {
				t.Errorf("%s: intervals of %s hold the truth in %s of samples", tr.name, name, h.percent())
			}
		}
		if *updateDocs {
			write(t, all[:i+1]) // what is had is kept, should time run out
		}
	}
}

func write(t *testing.T, all []*trial) {
	var b strings.Builder
	fmt.Fprintf(&b, `## Prices

How often 95%% intervals of the observed price elasticity hold what was planted, over %d samples a world; the binomial standard error at 95%% is %.1f points. Written by

    go test ./pricing -run TestTruth -slow -update-docs -timeout 120m

A world has 12 products with 400 customers each over 48 months, unless it says otherwise; the elasticity is −1.2. List prices move once a year, in a month of each product's own, by 3%% ± 8%%, for all customers alike; months have shocks and a season that all products share, products have shocks of 8%% that
last and 3%% that do not, and trends. *Ordinary* is what intervals of least squares would hold that believe in months that do not depend on each other. By products the intervals rest on the 3 or 4 price changes of each, and are wider than they need be.

| world | mean ÷ planted | elasticity | ordinary | by product | well − poorly served | change in time |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
`, *samples, 100*0.218/math.Sqrt(float64(*samples)))
	for _, tr := range all {
		mean := "–"
		if h := tr.held["all"]; h != nil && h.fitted > 0 {
			mean = fmt.Sprintf("%.3f", h.sum/float64(h.fitted)/h.truth)
			if h.truth == 0 {
				mean = fmt.Sprintf("(mean %.3f)", h.sum/float64(h.fitted))
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", tr.name, mean, tr.held["all"].percent(), tr.held["ordinary"].percent(), tr.held["product"].percent(), tr.held["service"].percent(), tr.held["change"].percent())
	}
	b.WriteString("\nWith so few samples a cell says little more than that no interval is wrong by its kind. Prices that follow half of the shock of the month before do little harm here, because they move by 8% for reasons of their own besides; where they move for no other reason, no interval helps: that is the assumption of [prices.md](prices.md#what-identifies-it).\n")
	if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), b.String()); err != nil {
		t.Fatal(err)
	}
}
