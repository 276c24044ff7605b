package change

import (
	"fmt"
	"math"
)

// Smooth is Holt–Winters exponential smoothing with a season (Holt, ONR Memorandum
// 52, 1957; Winters, Management Science 6, 1960), computed as R's HoltWinters does,
// the start included.
type Smooth struct {
	Season         int  // values a season, such as 12 months; at least 2
	Multiplicative bool // seasons multiply the level instead of adding to it
	// Each in [0, 1]: how fast the level, the slope and the seasons follow.
	Alpha, Beta, Gamma float64
}

// Smoothed is a series as smoothing follows it.
type Smoothed struct {
	Smooth
	Start  State     // before the first value that is followed, which is value Season of the series
	Fitted []float64 // one-step forecasts of the values from value Season on
	SSE    float64   // sum of squares of the values less the forecasts
	End    State
}

// State is a level, a slope and the seasons to come, the next first.
type State struct {
	Level, Slope float64
	Seasons      []float64
}

// Forecast is the value h steps ahead, from 1.
func (s *Smoothed) Forecast(h int) float64 {
	season := s.End.Seasons[(h-1)%s.Season]
	if s.Multiplicative {
		return (s.End.Level + float64(h)*s.End.Slope) * season
	}
	return s.End.Level + float64(h)*s.End.Slope + season
}

// Follow smooths with given parameters. At least two whole seasons are needed.
func (s Smooth) Follow(series []float64) (*Smoothed, error) {
	start, err := s.start(series)
	if err != nil {
		return nil, err
	}
	for _, p := range []float64{s.Alpha, s.Beta, s.Gamma} {
		if !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("smooth: parameter %v is not between 0 and 1", p)
		}
	}
	out := s.from(start, series)
	if math.IsNaN(out.SSE) || math.IsInf(out.SSE, 0) {
		return nil, fmt.Errorf("smooth: the level ran away; the series does not suit seasons that multiply")
	}
	return out, nil
}

// Fit finds the parameters whose one-step forecasts have the least sum of squares,
// by a search on a shrinking cross from R's start (.3, .1, .1), which keeps to the
// bounds; another start may find another least.
func (s Smooth) Fit(series []float64) (*Smoothed, error) {
	start, err := s.start(series)
	if err != nil {
		return nil, err
	}
	at := [3]float64{0.3, 0.1, 0.1}
	value := func(p [3]float64) float64 {
		t := s
		t.Alpha, t.Beta, t.Gamma = p[0], p[1], p[2]
		if sse := t.from(start, series).SSE; !math.IsNaN(sse) {
			return sse
		}
		return math.Inf(1)
	}
	best := value(at)
	for step := 0.1; step > 1e-7; {
		moved := false
		for j := range at {
			for _, d := range []float64{step, -step} {
				next := at
				next[j] = math.Min(1, math.Max(0, at[j]+d))
				if v := value(next); v < best {
					at, best, moved = next, v, true
				}
			}
		}
		if !moved {
			step /= 2
		}
	}
	s.Alpha, s.Beta, s.Gamma = at[0], at[1], at[2]
	return s.Follow(series)
}

// start is R's: the seasons of a decomposition by moving averages of the first
// two, and the line through its trend.
func (s Smooth) start(series []float64) (State, error) {
	m := s.Season
	if m < 2 {
		return State{}, fmt.Errorf("smooth: a season of %d values is none", m)
	}
	if err := checked("smooth", series, 2*m+1); err != nil {
		return State{}, fmt.Errorf("%w, two seasons of %d and a value", err, m)
	}
	trend := s.trend(series[:2*m])
	sums, counts := make([]float64, m), make([]float64, m)
	for i, t := range trend {
		if math.IsNaN(t) {
			continue
		}
		part := series[i] - t
		if s.Multiplicative {
			if t == 0 {
				return State{}, fmt.Errorf("smooth: the trend is 0 at value %d, and seasons cannot multiply it", i+1)
			}
			part = series[i] / t
		}
		sums[i%m] += part
		counts[i%m]++
	}
	mean := 0.0
	for j := range sums {
		sums[j] /= counts[j]
		mean += sums[j] / float64(m)
	}
	for j := range sums {
		if s.Multiplicative {
			sums[j] /= mean
		} else {
			sums[j] -= mean
		}
		if s.Multiplicative && !(sums[j] > 0) {
			return State{}, fmt.Errorf("smooth: place %d of the season has the factor %v; seasons that multiply need values above 0", j+1, sums[j])
		}
	}
	level, slope := through(trend)
	return State{level, slope, sums}, nil
}

// trend is the centred moving average over a season, NaN where it does not
// reach.
func (s Smooth) trend(series []float64) []float64 {
	m, half := s.Season, s.Season/2
	out := make([]float64, len(series))
	for i := range out {
		if i < half || i+half >= len(series) {
			out[i] = math.NaN()
			continue
		}
		sum := 0.0
		for j := i - half; j <= i+half; j++ {
			w := 1.0
			if m%2 == 0 && (j == i-half || j == i+half) {
				w = 0.5
			}
			sum += w * series[j]
		}
		out[i] = sum / float64(m)
	}
	return out
}

// through is the line of least squares through the known values, numbered from 1.
func through(values []float64) (at0, slope float64) {
	var n, x, y, xx, xy float64
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		n++
		x, y = x+n, y+v
	}
	x, y = x/n, y/n
	k := 0.0
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		k++
		xx, xy = xx+(k-x)*(k-x), xy+(k-x)*(v-y)
	}
	slope = xy / xx
	return y - slope*x, slope
}

// from follows the series after its first season.
func (s Smooth) from(start State, series []float64) *Smoothed {
	m := s.Season
	out := &Smoothed{Smooth: s, Start: start}
	level, slope := start.Level, start.Slope
	seasons := append([]float64(nil), start.Seasons...) // by place
	for i := m; i < len(series); i++ {
		season := seasons[i%m]
		ahead := level + slope
		forecast, free := ahead+season, series[i]-season
		if s.Multiplicative {
			forecast, free = ahead*season, series[i]/season
		}
		next := s.Alpha*free + (1-s.Alpha)*ahead
		slope = s.Beta*(next-level) + (1-s.Beta)*slope
		level = next
		part := series[i] - level
		if s.Multiplicative {
			part = series[i] / level
		}
		seasons[i%m] = s.Gamma*part + (1-s.Gamma)*season
		out.Fitted = append(out.Fitted, forecast)
		out.SSE += (series[i] - forecast) * (series[i] - forecast)
	}
	out.End = State{Level: level, Slope: slope}
	for h := range m {
		out.End.Seasons = append(out.End.Seasons, seasons[(len(series)+h)%m])
	}
	return out
}
