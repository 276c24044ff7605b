package pricing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/regress"
)

func whole(n int64) money.Amount { return money.FromMicros(n * 1_000_000) }

// By hand: in the last month those who had entered bought 40 + 30. In the second, those who had entered before bought 20, and 40 later: half the
// effect of the last month. The month in which a customer enters counts for nothing, nor does one with nine buyers.
func TestIndexByHand(t *testing.T) {
	m := firstMonth
	got := index([]Cell{
		{Entry: m, Month: m, Buyers: 50, Quantity: whole(900)},
		{Entry: m, Month: m + 1, Buyers: 15, Quantity: whole(20)},
		{Entry: m + 1, Month: m + 1, Buyers: 30, Quantity: whole(60)},
		{Entry: m, Month: m + 2, Buyers: 9, Quantity: whole(9)},
		{Entry: m, Month: m + 3, Buyers: 20, Quantity: whole(40)},
		{Entry: m + 1, Month: m + 3, Buyers: 12, Quantity: whole(30)},
	})
	if len(got) != 2 || got[0].month != m+1 || got[1].month != m+3 || math.Abs(got[0].log-math.Log(0.5)) > 1e-14 || got[1].log != 0 {
		t.Errorf("index %v, want ln 0.5 in %s and 0 in %s", got, m+1, m+3)
	}
}

// The second method is the Poisson pseudo-likelihood with an effect of each customer and each month, over the rows of the panel.
func TestIndexIsThatOfCustomersOneByOne(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 7))
		const customers, months = 120, 8
		var p regress.Panel
		cells := map[[2]int]*Cell{}
		dummies := make([][]float64, months)
		for i := range customers {
			rate, entry := 0.5+2*r.ExpFloat64(), -1
			for m := range months {
				q := int64(distuv.Poisson{Lambda: rate * (1 + 0.3*math.Sin(float64(m))), Src: r}.Rand())
				if entry >= 0 {
					p.Outcome, p.Unit = append(p.Outcome, float64(q)), append(p.Unit, i)
					for j := range dummies {
						dummies[j] = append(dummies[j], only(j == m))
					}
				}
				if q > 0 && entry < 0 {
					entry = m
				}
				if q > 0 {
					key := [2]int{entry, m}
					if cells[key] == nil {
						cells[key] = &Cell{Entry: firstMonth + calendar.Month(entry), Month: firstMonth + calendar.Month(m)}
					}
					cells[key].Buyers++
					cells[key].Quantity = cells[key].Quantity.Add(whole(q))
				}
			}
		}
		for j := 1; j < months-1; j++ { // against the last; in the first nobody has entered
			p.Names, p.Covariates = append(p.Names, fmt.Sprint(j)), append(p.Covariates, dummies[j])
		}
		f, err := regress.Poisson(p, regress.Unit, regress.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var all []Cell
		for _, c := range cells {
			all = append(all, *c)
		}
		for _, x := range index(all) {
			want, _, ok := f.Coefficient(fmt.Sprint(int(x.month - firstMonth)))
			if !ok {
				want = 0
			}
			if math.Abs(x.log-want) > 1e-7 {
				t.Errorf("seed %d: %s: %v, with an effect of each customer %v", seed, x.month, x.log, want)
			}
		}
	}
}

// Without noise that lasts, and without trends, the second step is the two-way panel of Baltagi & Griffin, which package regress holds to their data.
func TestFitIsTheTwoWayPanel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var rows []row
	var p regress.Panel
	var prices []float64
	n := noise{variance: map[int]float64{}}
	for k := range 6 {
		n.variance[k] = 1
		for m := range 20 {
			if r.IntN(5) == 0 {
				continue
			}
			x, y := r.NormFloat64(), r.NormFloat64()
			rows = append(rows, row{k, firstMonth + calendar.Month(m), y})
			prices, p.Outcome, p.Unit, p.Time = append(prices, x), append(p.Outcome, y), append(p.Unit, k), append(p.Time, float64(m))
		}
	}
	columns := slices.DeleteFunc(effects(rows, true), func(c column) bool { return strings.HasPrefix(c.name, "trend") })
	of := map[row]float64{}
	for i, r := range rows {
		of[r] = prices[i]
	}
	f, _, err := n.fit(tableOf(rows, append(columns, column{"price", func(r row) float64 { return of[r] }})))
	if err != nil {
		t.Fatal(err)
	}
	p.Names, p.Covariates = []string{"price"}, [][]float64{prices}
	want, err := regress.Within(p, regress.TwoWay, regress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, seA, _ := f.Coefficient("price")
	b, seB, _ := want.Coefficient("price")
	if math.Abs(a-b) > 1e-9 || math.Abs(seA-seB) > 1e-9 {
		t.Errorf("%v ± %v, by the panel %v ± %v", a, seA, b, seB)
	}
}

func state(t *testing.T, m market, seed uint64) Statement {
	t.Helper()
	d, s := m.draw(rand.New(rand.NewPCG(seed, 1)))
	return stateOf(t, m.window(), d, s)
}

func stateOf(t *testing.T, w Window, d Demand, s Served) Statement {
	t.Helper()
	watch, ok := WatchOf(w)
	if !ok {
		watch = Watch{}
	}
	st, err := State(w, watch, d, s, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// sharp is a market in which little else happens, so that one sample tells.
var sharp = market{products: 6, months: 60, customers: 700, elasticity: -1.5, move: 0.25, moves: 7, shock: 0.01, fading: 0.5, passing: 0.01, common: 0.1, trend: 0.05}

func TestPlantedElasticityIsFound(t *testing.T) {
	for _, planted := range []float64{0, -1.5} {
		m := sharp
		m.elasticity = planted
		mostly(t, m, fmt.Sprintf("planted %v", planted), planted, 0.3, func(s Statement) evidence.Figure { return s.Elasticity })
	}
}

// Each by itself: who minds more buys less of what has become dear, and weighs less in the second half.
func TestWhatServiceAndTimeDoIsFound(t *testing.T) {
	m := sharp
	m.service = -1
	mostly(t, m, "well − poorly served", 1, 0.6, func(s Statement) evidence.Figure { return s.Service[0].Difference })
	m = sharp
	m.later = -0.8
	mostly(t, m, "later − earlier", -0.8, 0.8, func(s Statement) evidence.Figure { return s.Halves.Change })
}

// mostly holds the 95% intervals of eight samples to what was planted, but for two (of eight independent ones more than two miss once in 170 times),
// and each to being narrow enough to say something.
func mostly(t *testing.T, m market, what string, want, widest float64, of func(Statement) evidence.Figure) {
	t.Helper()
	missed := 0
	for seed := range uint64(8) {
		f := of(state(t, m, seed))
		e, ok := f.Estimate()
		if !ok {
			t.Errorf("%s: %v", what, f)
			return
		}
		low, _ := e.Low.Float64()
		high, _ := e.High.Float64()
		if low > want || high < want {
			missed++
		}
		if high-low > widest {
			t.Errorf("%s: %.3f to %.3f says little", what, low, high)
		}
	}
	if missed > 2 {
		t.Errorf("%s: %d of 8 intervals miss %v", what, missed, want)
	}
}

func TestRefusalsSayWhatIsMissing(t *testing.T) {
	small := sharp
	small.customers, small.months = 150, 48
	d, s := small.draw(rand.New(rand.NewPCG(5, 1)))
	w := small.window()
	with := func(change func(*Demand)) Demand {
		x := Demand{Products: slices.Clone(d.Products), Prices: slices.Clone(d.Prices), Cells: slices.Clone(d.Cells)}
		change(&x)
		return x
	}
	still := func(x *Demand) {
		for i := range x.Prices {
			x.Prices[i].Price = whole(10)
		}
	}
	for _, c := range []struct {
		name string
		of   Demand
		want string // in why there is no elasticity
		line string // in why there is none of the first product
	}{
		{"prices that stand still", with(still), "0 changes of a list price by 1% or more, need 6", "0 changes of its list price"},
		{"two products", with(func(x *Demand) {
			x.Products = x.Products[:2]
			x.Prices = slices.DeleteFunc(x.Prices, func(p Price) bool { return p.Product > 1 })
			x.Cells = slices.DeleteFunc(x.Cells, func(c Cell) bool { return c.Product > 1 })
		}), "2 products with months enough, need 3", "2 products with months enough"},
		{"no prices", with(func(x *Demand) { x.Prices = nil }), "no product has months enough", "none of its lines has a list price"},
		{"a price for everybody", with(func(x *Demand) {
			for i := range x.Prices {
				x.Prices[i].At = 4
			}
		}), "no product has months enough", "no one list price stood in a month"},
		{"few buyers", with(func(x *Demand) {
			for i := range x.Cells {
				x.Cells[i].Buyers = min(x.Cells[i].Buyers, 0)
			}
		}), "no product has months enough", "0 months after the first purchase in which 10 customers or more bought it, need 12"},
		{"all prices by the same share at once", with(func(x *Demand) {
			for i := range x.Prices {
				x.Prices[i].Price = whole(10 + int64(x.Prices[i].Month-firstMonth)/5)
			}
		}), "cannot be told from months and trends", ""},
	} {
		st := stateOf(t, w, c.of, s)
		why, ok := st.Elasticity.Refusal()
		if !ok || !strings.Contains(why.Reason, c.want) || why.Need == "" {
			t.Errorf("%s: %v, want a refusal with %q", c.name, st.Elasticity, c.want)
		}
		line, ok := st.Products[0].Elasticity.Refusal()
		if !ok || !strings.Contains(line.Reason, c.line) {
			t.Errorf("%s: the first product: %v, want a refusal with %q", c.name, st.Products[0].Elasticity, c.line)
		}
		if why, _ := st.Service[1].Difference.Refusal(); !strings.Contains(why.Reason, "do not know how customers answered nps") {
			t.Errorf("%s: nps, which the books do not know: %v", c.name, st.Service[1].Difference)
		}
	}
	short := stateOf(t, Window{w.Start, w.Start + 23}, d, s)
	if why, _ := short.Service[0].Difference.Refusal(); !strings.Contains(why.Reason, "leave none to watch") {
		t.Errorf("23 months: %v", short.Service[0].Difference)
	}
}

// The order of what a ledger tells, the unit of prices and quantities and the names of months move no elasticity.
func TestUnitsAndOrderMoveNothing(t *testing.T) {
	m := sharp
	m.customers, m.months, m.products = 200, 48, 4
	r := rand.New(rand.NewPCG(8, 1))
	d, s := m.draw(r)
	w := m.window()
	before := stateOf(t, w, d, s)
	other := Demand{Products: d.Products, Prices: slices.Clone(d.Prices), Cells: slices.Clone(d.Cells)}
	r.Shuffle(len(other.Prices), func(i, j int) { other.Prices[i], other.Prices[j] = other.Prices[j], other.Prices[i] })
	r.Shuffle(len(other.Cells), func(i, j int) { other.Cells[i], other.Cells[j] = other.Cells[j], other.Cells[i] })
	for i := range other.Prices {
		other.Prices[i].Price = times(other.Prices[i].Price, 3)
		other.Prices[i].Month += 17
	}
	for i := range other.Cells {
		c := &other.Cells[i]
		c.Quantity, c.Entry, c.Month = times(c.Quantity, 7), c.Entry+17, c.Month+17
	}
	late := Served{Known: s.Known, Groups: s.Groups, Cells: slices.Clone(s.Cells)}
	r.Shuffle(len(late.Cells), func(i, j int) { late.Cells[i], late.Cells[j] = late.Cells[j], late.Cells[i] })
	for i := range late.Cells {
		late.Cells[i].Quantity, late.Cells[i].Month = times(late.Cells[i].Quantity, 7), late.Cells[i].Month+17
	}
	after := stateOf(t, Window{w.Start + 17, w.End + 17}, other, late)
	for _, pair := range [][2]evidence.Figure{
		{before.Elasticity, after.Elasticity}, {before.Halves.Change, after.Halves.Change}, {before.Products[1].Elasticity, after.Products[1].Elasticity}, {before.Service[0].Difference, after.Service[0].Difference},
	} {
		a, okA := pair[0].Estimate()
		b, okB := pair[1].Estimate()
		if !okA || !okB {
			t.Errorf("not estimated: %v, %v", pair[0], pair[1])
			continue
		}
		x, _ := a.Value.Float64()
		y, _ := b.Value.Float64()
		low, _ := a.Low.Float64()
		lowAfter, _ := b.Low.Float64()
		if math.Abs(x-y) > 1e-7 || math.Abs(low-lowAfter) > 1e-7 {
			t.Errorf("%v from %v, and %v from %v", x, low, y, lowAfter)
		}
	}
}

func times(a money.Amount, n int) money.Amount {
	var sum money.Amount
	for range n {
		sum = sum.Add(a)
	}
	return sum
}

// Prices are carried where nobody bought, and 1% is the least change.
func TestListPricesByHand(t *testing.T) {
	at := func(month int, micros int64) Price {
		return Price{Month: firstMonth + calendar.Month(month), Price: money.FromMicros(micros), Lines: 2, At: 1}
	}
	p := pathOf([]Price{at(5, 10_302_000), at(1, 10_000_000), at(2, 10_099_999), at(3, 10_200_000)}, Window{firstMonth, firstMonth + 7})
	var months []int
	for _, c := range p.changes {
		months = append(months, int(c.month-firstMonth))
	}
	if _, before := p.logs[firstMonth]; before || p.logs[firstMonth+4] != p.logs[firstMonth+3] || !slices.Equal(months, []int{5}) || p.lines != 8 || p.at != 4 {
		t.Errorf("changes in months %v, %d of %d lines, logs %v", months, p.at, p.lines, p.logs)
	}
	if p.first.Cmp(whole(10)) != 0 || p.last.Cmp(money.FromMicros(10_302_000)) != 0 {
		t.Errorf("from %s to %s", p.first, p.last)
	}
}

func TestEveryElementOfAListIsNamed(t *testing.T) {
	m := sharp
	m.customers, m.months, m.products = 60, 30, 3
	data, err := json.Marshal(state(t, m, 2))
	if err != nil {
		t.Fatal(err)
	}
	var block map[string]any
	if err := json.Unmarshal(data, &block); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"products", "by_service"} {
		for _, x := range block[key].([]any) {
			if name, _ := x.(map[string]any)["name"].(string); cmp.Or(name, "") == "" {
				t.Errorf("%s: %v has no name", key, x)
			}
		}
	}
}
