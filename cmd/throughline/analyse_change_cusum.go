package main

import (
	"fmt"
	"io"

	"github.com/throughline/throughline/change"
)

// cusum is Page's, about a target that is given or had from a baseline; without
// either it starts itself.
func (c *changes) cusum(l line) (finding, error) {
	d := &cusumFound{changeHead: c.head(l), Alarms: []cusumAlarm{}}
	followed, target, sigma := l.values, 0.0, 1.0
	var err error
	if d.SelfStarting = !c.flags.Changed("target") && !c.flags.Changed("sigma") && !c.flags.Changed("baseline"); d.SelfStarting {
		const why = "self-starting: no target is needed"
		d.Target, d.Sigma = noNumber(why), noNumber(why)
		followed, err = change.SelfStarting(l.values)
	} else {
		target, sigma, err = c.course(l)
		d.Target, d.Sigma, d.Baseline = num(target), num(sigma), c.baseline
	}
	if err != nil {
		return nil, err
	}
	limit, err := c.rate(d)
	if err != nil {
		return nil, err
	}
	path, alarms, err := change.CUSUM{Target: target, Slack: c.slack * sigma, Limit: limit * sigma}.Run(followed)
	if err != nil {
		return nil, err
	}
	for _, a := range alarms {
		level := a.Level
		if d.SelfStarting { // in the series' own unit
			level = mean(l.values[a.Since : a.At+1])
		}
		d.Alarms = append(d.Alarms, cusumAlarm{l.when(a.At), a.Direction.String(), l.when(a.Since), num(a.Size), num(level)})
	}
	for i, s := range path {
		d.Path = append(d.Path, cusumStep{l.when(i), num(l.values[i]), num(s.High), num(s.Low), s.HighRun, s.LowRun})
	}
	return d, nil
}

// rate settles the limit and states how often it alarms.
func (c *changes) rate(d *cusumFound) (limit float64, err error) {
	limit = 5
	switch {
	case c.flags.Changed("limit"):
		limit = c.limit
	case c.flags.Changed("false-alarm"):
		if limit, err = change.LimitFor(c.slack, c.falseAlarm); err != nil {
			return 0, err
		}
	}
	if d.false0, err = change.RunLength(c.slack, limit, 0); err != nil {
		return 0, err
	}
	found, err := change.RunLength(c.slack, limit, 2*c.slack)
	d.Slack, d.Limit, d.Lengths = num(c.slack), num(limit), cusumLengths{num(d.false0), num(2 * c.slack), num(found)}
	return limit, err
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, x := range values {
		sum += x / float64(len(values))
	}
	return sum
}

// course is the target and the spread, as far as they are not given those of the
// first values.
func (c *changes) course(l line) (target, sigma float64, err error) {
	target, sigma = c.target, c.sigma
	given, spread := c.flags.Changed("target"), c.flags.Changed("sigma")
	if given && spread {
		c.baseline = 0
		return target, sigma, nil
	}
	if !c.flags.Changed("baseline") {
		c.baseline = max(2, len(l.values)/2)
	}
	if c.baseline > len(l.values) {
		return 0, 0, fmt.Errorf("--baseline asks for %d values, and there are %d", c.baseline, len(l.values))
	}
	mean, sd, err := change.Level(l.values[:c.baseline])
	if err != nil {
		return 0, 0, fmt.Errorf("the baseline of the first %s: %w; give --target and --sigma, or another --baseline", counted(c.baseline, "value"), err)
	}
	if !given {
		target = mean
	}
	if !spread {
		sigma = sd
	}
	return target, sigma, nil
}

type cusumAlarm struct {
	Time      any    `json:"time"`
	Direction string `json:"direction"`
	Since     any    `json:"since"`
	Sum       real   `json:"sum"`
	Level     real   `json:"level"`
}

type cusumStep struct {
	Time    any  `json:"time"`
	Value   real `json:"value"`
	High    real `json:"high"`
	Low     real `json:"low"`
	HighRun int  `json:"high_run"`
	LowRun  int  `json:"low_run"`
}

// cusumLengths are mean numbers of values until an alarm.
type cusumLengths struct {
	OnCourse real `json:"on_course"`
	Shift    real `json:"shift"`
	Shifted  real `json:"shifted"`
}

// cusumFound is the document of --method cusum.
type cusumFound struct {
	changeHead
	Alarms   []cusumAlarm `json:"alarms"`
	Target   real         `json:"target"`
	Sigma    real         `json:"sigma"`
	Slack    real         `json:"slack"`
	Limit    real         `json:"limit"`
	Baseline int          `json:"baseline,omitempty"`
	// SelfStarting sums are in standard deviations, of values held against all before them.
	SelfStarting bool         `json:"self_starting"`
	Lengths      cusumLengths `json:"run_length"`
	Path         []cusumStep  `json:"path"`

	false0 float64
}

func (d *cusumFound) text(w io.Writer) error {
	fmt.Fprintf(w, "%s followed by CUSUM", counted(d.N, "value"))
	if d.SelfStarting {
		fmt.Fprint(w, ", each held against all before it (self-starting)")
	} else {
		fmt.Fprintf(w, " about a target of %s with standard deviation %s", d.Target, d.Sigma)
	}
	if d.Baseline > 0 {
		fmt.Fprintf(w, ", had from the first %s as far as not given", counted(d.Baseline, "value"))
	}
	fmt.Fprintf(w, ".\nSlack %s and limit %s standard deviations. Of independent normal values on course %s brings a false alarm;\na shift by twice the slack is found after %s values on the average.\n\n",
		d.Slack, d.Limit, oneIn(d.false0), d.Lengths.Shifted)
	g := grid{heads: []string{"alarm", "direction", "since", "level since then"}}
	for _, a := range d.Alarms {
		g.add(a.Time, a.Direction, a.Since, a.Level)
	}
	return printAlarms(w, g)
}
