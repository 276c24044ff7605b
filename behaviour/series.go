package behaviour

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/money"
)

// Measure is what is followed of customers.
type Measure string

// The measures, in the order in which they are told.
const (
	// Frequency is purchase days for each customer who buys in the month.
	Frequency Measure = "frequency"
	// Spend is what a purchase day comes to, by its geometric mean: one order of a hundred times the usual moves it as little as it
	// moves the habits of customers. Returns are not in it.
	Spend Measure = "spend"
	// Gap is the mean number of days until the customer buys again, Follow at most. Each purchase day is waited on for as long,
	// so neither longer books nor many new customers move it, as they would a mean of the gaps that have closed.
	Gap Measure = "gap"
	// Mix is how much of the revenue lies with other products than in the same month a year earlier, or than usual: half the sum of
	// the differences of shares.
	Mix Measure = "mix"
)

// Measures are all of them.
var Measures = []Measure{Frequency, Spend, Gap, Mix}

// fewest is how much a month's value has to rest on: customers, purchase days, or lines. With fewer, its own chance would be
// most of what is seen.
var fewest = map[Measure]int64{Frequency: 30, Spend: 30, Gap: 30, Mix: 100}

// unit is what a month's value rests on.
var unit = map[Measure]string{Frequency: "customers who bought", Spend: "purchase days", Gap: "purchase days to wait on", Mix: "lines"}

// Point is a month of a series.
type Point struct {
	Name  string
	Value float64 // in the measure's own unit; of mix the distance
	N     int64   // see unit
	// Ratio is to the same month a year earlier, where season is taken out; 0: there is none.
	Ratio float64
}

// group is whose series it is: all customers, one segment, or all others.
type group struct {
	name   string // as a series says it
	of     string // all, segment, others
	member func(segment int) bool
}

func (in Input) groups() []group {
	out := []group{{"all customers", "all", func(int) bool { return true }}}
	if len(in.Tally.Segments) == 0 {
		return out
	}
	for i, name := range in.Tally.Segments {
		out = append(out, group{"segment " + name, "segment", func(s int) bool { return s == i }})
	}
	for _, c := range in.Tally.Cells {
		if c.Segment == Rest {
			return append(out, group{"all others", "others", func(s int) bool { return s == Rest }})
		}
	}
	return out
}

// month is what a group did in a month.
type month struct {
	Cell
	lines    int64
	products []money.Amount // by place; all others last
}

func (in Input) monthsOf(g group) []month {
	out := make([]month, len(in.Months))
	for i := range out {
		out[i].products = make([]money.Amount, len(in.Tally.Products)+1)
	}
	for _, c := range in.Tally.Cells {
		if g.member(c.Segment) {
			m := &out[c.Month]
			m.Visits, m.Buyers, m.Logs = m.Visits+c.Visits, m.Buyers+c.Buyers, m.Logs+c.Logs
			m.Followed, m.Waits, m.Returned = m.Followed+c.Followed, m.Waits+c.Waits, m.Returned+c.Returned
		}
	}
	for _, s := range in.Tally.Sales {
		if g.member(s.Segment) {
			at := s.Product
			if at == Rest {
				at = len(in.Tally.Products)
			}
			m := &out[s.Month]
			m.lines, m.products[at] = m.lines+s.Lines, m.products[at].Add(s.Revenue)
		}
	}
	return out
}

// rests is what a month's value rests on.
func (m month) rests(of Measure) int64 {
	return map[Measure]int64{Frequency: m.Buyers, Spend: m.Visits, Gap: m.Followed, Mix: m.lines}[of]
}

// value is the month's own, of what it rests on; mix has none.
func (m month) value(of Measure) float64 {
	switch of {
	case Frequency:
		return float64(m.Visits) / float64(m.Buyers)
	case Spend:
		return math.Exp(float64(m.Logs) / 1e6 / float64(m.Visits))
	}
	return float64(m.Waits) / float64(m.Followed)
}

// shares are those of the products; all 0 where nothing was sold.
func (m month) shares() []float64 {
	total := money.Sum(m.products...)
	out := make([]float64, len(m.products))
	if total.Sign() > 0 {
		whole, _ := total.Rat().Float64()
		for i, a := range m.products {
			part, _ := a.Rat().Float64()
			out[i] = part / whole
		}
	}
	return out
}

// apart is half the sum of the differences: how much of the one lies elsewhere in the other.
func apart(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(a[i] - b[i])
	}
	return sum / 2
}

// Series is one measure of one group, with what it is held against.
type Series struct {
	Measure  Measure
	Segment  string // of all customers and of all others empty
	Of       string // all, segment, others
	Name     string
	Points   []Point
	Season   bool // taken out: each month is held against the same one a year earlier
	Baseline int  // months that the course is estimated from
	First    int  // place of the first of these months
	Course   level
	Refused  string
	Need     string
	Alarms   []Alarm

	values []float64 // what is followed: of the baseline, then of the watched months
}

// level is a mean with its spread over months.
type level struct {
	mean, sd float64
	n        int
}

// What a course needs, and from where on season is taken out.
const (
	fewestMonths = 12
	wholeYears   = 2
)

// series makes the series of a group; start is the first month from which on every month rests on enough.
func (in Input) series(g group, of Measure, months []month) Series {
	s := Series{Measure: of, Of: g.of, Name: string(of) + " of " + g.name}
	if g.of == "segment" {
		s.Segment = g.name[len("segment "):]
	}
	start := len(months)
	for start > 0 && months[start-1].rests(of) >= fewest[of] && (of != Gap || in.Months[start-1].Start-Follow >= in.Months[0].Start) {
		start--
	}
	before := len(months) - in.watched() - start
	s.Season = before >= wholeYears*in.Year
	s.Baseline = before
	if s.Season {
		s.Baseline -= in.Year
	}
	s.First = len(months) - in.watched() - max(0, s.Baseline)
	if of == Mix && len(in.Tally.Products) == 0 {
		s.Refused, s.Need = "the lines do not say which product they are of", "product of orders"
		return s
	}
	if of != Mix {
		for i := start; i < len(months); i++ {
			s.Points = append(s.Points, Point{Name: in.Names[i], Value: months[i].value(of), N: months[i].rests(of)})
		}
	}
	if s.Baseline < fewestMonths {
		s.Refused, s.Need = in.short(of, months, start, before), fmt.Sprintf("%d months before the watched ones, each with %d %s", fewestMonths, fewest[of], unit[of])
		return s
	}
	if of == Mix {
		s.values = in.distances(s, months)
		for i, x := range s.values {
			s.Points = append(s.Points, Point{Name: in.Names[s.First+i], Value: x, N: months[s.First+i].lines})
		}
		return s
	}
	for i := s.First; i < len(months); i++ {
		x := math.Log(months[i].value(of))
		if s.Season {
			x -= math.Log(months[i-in.Year].value(of))
			s.Points[i-start].Ratio = math.Exp(x)
		}
		s.values = append(s.values, x)
	}
	return s
}

// short says why there are too few months before the watched ones.
func (in Input) short(of Measure, months []month, start, before int) string {
	if start > 0 && (of != Gap || in.Months[start-1].Start-Follow >= in.Months[0].Start) {
		if n := months[start-1].rests(of); n < fewest[of] {
			return fmt.Sprintf("%s rests on %d %s, need %d", in.Names[start-1], n, unit[of], fewest[of])
		}
	}
	if of == Gap {
		return fmt.Sprintf("there are %d months before the watched ones whose purchase days have all been waited on for %d days, need %d", max(0, before), Follow, fewestMonths)
	}
	return fmt.Sprintf("there are %d months before the watched ones, need %d", max(0, before), fewestMonths)
}

// distances are of the shares of products: from the same month a year earlier, or from the mean of the baseline. A month of the
// baseline is not in the mean that it is held against, or it would seem nearer to it than later ones.
func (in Input) distances(s Series, months []month) []float64 {
	shares := make([][]float64, len(months))
	for i := range months {
		shares[i] = months[i].shares()
	}
	var out []float64
	for i := s.First; i < len(months); i++ {
		if s.Season {
			out = append(out, apart(shares[i], shares[i-in.Year]))
			continue
		}
		mean, n := make([]float64, len(shares[i])), 0.0
		for j := s.First; j < s.First+s.Baseline; j++ {
			if j == i {
				continue
			}
			for k, x := range shares[j] {
				mean[k] += x
			}
			n++
		}
		for k := range mean {
			mean[k] /= n
		}
		out = append(out, apart(shares[i], mean))
	}
	return out
}
