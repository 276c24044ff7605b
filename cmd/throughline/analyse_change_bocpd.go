package main

import (
	"fmt"
	"io"

	"github.com/throughline/throughline/change"
)

// bocpd follows the beliefs about runs between sudden changes.
func (c *changes) bocpd(l line) (finding, error) {
	p := change.Runs{Mean: c.mean, Weight: c.weight, Shape: c.shape, Scale: c.scale, Gap: c.gap}
	if !c.flags.Changed("prior-mean") || !c.flags.Changed("prior-scale") {
		mean, _, err := change.Level(l.values)
		if err != nil {
			return nil, err
		}
		if !c.flags.Changed("prior-mean") {
			p.Mean = mean
		}
		if !c.flags.Changed("prior-scale") {
			p.Scale = roughness(l.values)
		}
	}
	beliefs, evidence, err := p.Follow(l.values)
	if err != nil {
		return nil, err
	}
	d := &bocpdFound{changeHead: c.head(l), Alarms: []bocpdAlarm{}, Evidence: num(evidence),
		Prior: bocpdPrior{num(p.Mean), num(p.Weight), num(p.Shape), num(p.Scale), num(p.Gap)}}
	for _, s := range change.Shifts(beliefs) {
		d.Alarms = append(d.Alarms, bocpdAlarm{l.when(s.At), l.when(s.Since), num(s.Probability)})
	}
	for i, b := range beliefs {
		d.Path = append(d.Path, bocpdStep{l.when(i), num(l.values[i]), b.Run, num(b.Probability), num(b.Expected)})
	}
	return d, nil
}

// roughness is half the mean square of the changes from value to value: the
// variance, however often the level changes. It is above 0 where values vary.
func roughness(values []float64) float64 {
	sum := 0.0
	for i := 1; i < len(values); i++ {
		d := values[i] - values[i-1]
		sum += d * d
	}
	return sum / float64(2*(len(values)-1))
}

type bocpdAlarm struct {
	Time        any  `json:"time"`
	Since       any  `json:"since"`
	Probability real `json:"probability"`
}

type bocpdPrior struct {
	Mean   real `json:"mean"`
	Weight real `json:"weight"`
	Shape  real `json:"shape"`
	Scale  real `json:"scale"`
	Gap    real `json:"gap"`
}

type bocpdStep struct {
	Time        any  `json:"time"`
	Value       real `json:"value"`
	Run         int  `json:"run"`
	Probability real `json:"probability"`
	Expected    real `json:"expected"`
}

// bocpdFound is the document of --method bocpd.
type bocpdFound struct {
	changeHead
	Alarms   []bocpdAlarm `json:"alarms"`
	Prior    bocpdPrior   `json:"prior"`
	Evidence real         `json:"log_evidence"`
	Path     []bocpdStep  `json:"path"`
}

func (d *bocpdFound) text(w io.Writer) error {
	fmt.Fprintf(w, "%s followed by beliefs about runs between sudden changes, one in %s values on the average.\n", counted(d.N, "value"), d.Prior.Gap)
	last := d.Path[len(d.Path)-1]
	fmt.Fprintf(w, "At the end the likeliest run is of %s, probability %s.\n\n", counted(last.Run, "value"), last.Probability)
	g := grid{heads: []string{"told at", "changed at", "probability"}}
	for _, a := range d.Alarms {
		g.add(a.Time, a.Since, a.Probability)
	}
	return printAlarms(w, g)
}
