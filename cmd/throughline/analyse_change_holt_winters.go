package main

import (
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/change"
)

// holtWinters forecasts each value from those before it and marks those far off.
func (c *changes) holtWinters(l line) (finding, error) {
	if err := l.evenly(); err != nil {
		return nil, err
	}
	s := change.Smooth{Season: c.season, Multiplicative: c.seasonal == "multiplicative", Alpha: c.alpha, Beta: c.beta, Gamma: c.gamma}
	follow := s.Fit
	if c.flags.Changed("alpha") {
		follow = s.Follow
	}
	f, err := follow(l.values)
	if err != nil {
		return nil, err
	}
	limit := 3.0
	if c.limit > 0 {
		limit = c.limit
	}
	if c.horizon == 0 {
		c.horizon = c.season
	}
	d := &smoothFound{changeHead: c.head(l), Alarms: []smoothAlarm{}, Season: c.season, Seasonal: c.seasonal, Fitted: !c.flags.Changed("alpha"), SSE: num(f.SSE), Limit: num(limit),
		Parameters: object{{"alpha", num(f.Alpha)}, {"beta", num(f.Beta)}, {"gamma", num(f.Gamma)}},
		Rate:       num(2 * distuv.UnitNormal.Survival(limit)), End: smoothState{Level: num(f.End.Level), Slope: num(f.End.Slope)}}
	for _, x := range f.End.Seasons {
		d.End.Seasons = append(d.End.Seasons, num(x))
	}
	d.mark(l, f, limit)
	for h := 1; h <= c.horizon; h++ {
		d.Forecast = append(d.Forecast, smoothAhead{h, num(f.Forecast(h))})
	}
	return d, nil
}

// mark writes the path, and an alarm for each value far off its forecast.
func (d *smoothFound) mark(l line, f *change.Smoothed, limit float64) {
	off := make([]float64, len(f.Fitted))
	for i, x := range f.Fitted {
		off[i] = l.values[f.Season+i] - x
	}
	sigma := usualSize(off)
	d.Sigma = num(sigma)
	for i, x := range f.Fitted {
		at := f.Season + i
		d.Path = append(d.Path, smoothStep{l.when(at), num(l.values[at]), num(x)})
		if math.Abs(off[i]) > limit*sigma && sigma > 0 {
			direction := change.Up
			if off[i] < 0 {
				direction = change.Down
			}
			d.Alarms = append(d.Alarms, smoothAlarm{l.when(at), direction.String(), num(l.values[at]), num(x)})
		}
	}
}

// usualSize is the standard deviation of normal values with this median size, which
// a few that are far off do not move.
func usualSize(values []float64) float64 {
	sizes := make([]float64, len(values))
	for i, v := range values {
		sizes[i] = math.Abs(v)
	}
	slices.Sort(sizes)
	middle := (sizes[(len(sizes)-1)/2] + sizes[len(sizes)/2]) / 2
	return middle / distuv.UnitNormal.Quantile(0.75)
}

// evenly refuses a series with a hole: months may differ by their days, no more.
func (l line) evenly() error {
	least := math.Inf(1)
	for i := 1; i < len(l.at); i++ {
		least = math.Min(least, l.at[i]-l.at[i-1])
	}
	for i := 1; i < len(l.at); i++ {
		if l.at[i]-l.at[i-1] > 1.5*least {
			return fmt.Errorf("between %v and %v a time is missing or blank; seasons need every one", l.when(i-1), l.when(i))
		}
	}
	return nil
}

type smoothAlarm struct {
	Time      any    `json:"time"`
	Direction string `json:"direction"`
	Value     real   `json:"value"`
	Expected  real   `json:"expected"`
}

type smoothStep struct {
	Time     any  `json:"time"`
	Value    real `json:"value"`
	Expected real `json:"expected"`
}

type smoothAhead struct {
	Ahead int  `json:"ahead"`
	Value real `json:"value"`
}

type smoothState struct {
	Level   real   `json:"level"`
	Slope   real   `json:"slope"`
	Seasons []real `json:"seasons"`
}

// smoothFound is the document of --method holt-winters.
type smoothFound struct {
	changeHead
	Alarms     []smoothAlarm `json:"alarms"`
	Season     int           `json:"season"`
	Seasonal   string        `json:"seasonal"`
	Parameters object        `json:"parameters"`
	Fitted     bool          `json:"fitted"`
	SSE        real          `json:"sse"`
	Sigma      real          `json:"sigma"`
	Limit      real          `json:"limit"`
	Rate       real          `json:"false_alarm_rate"`
	End        smoothState   `json:"end"`
	Forecast   []smoothAhead `json:"forecast"`
	Path       []smoothStep  `json:"path"`
}

func (d *smoothFound) text(w io.Writer) error {
	how := "given"
	if d.Fitted {
		how = "fitted"
	}
	fmt.Fprintf(w, "%s followed by Holt-Winters with a season of %d, %s.\nParameters, %s: alpha %s, beta %s, gamma %s; sum of squared errors %s.\n", counted(d.N, "value"), d.Season, d.Seasonal,
		how, d.Parameters[0].value, d.Parameters[1].value, d.Parameters[2].value, d.SSE)
	fmt.Fprintf(w, "An alarm is a value more than %s usual errors (%s) off; of independent normal errors %s is.\n\n", d.Limit, d.Sigma, oneIn(1/d.Rate.value))
	g := grid{heads: []string{"alarm", "direction", "value", "expected"}}
	for _, a := range d.Alarms {
		g.add(a.Time, a.Direction, a.Value, a.Expected)
	}
	if err := printAlarms(w, g); err != nil {
		return err
	}
	fmt.Fprint(w, "\nTo come:\n\n")
	ahead := grid{heads: []string{"ahead", "value"}}
	for _, f := range d.Forecast {
		ahead.add(f.Ahead, f.Value)
	}
	return ahead.print(w)
}
