package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/survival"
)

// survivalCurves are Kaplan–Meier curves by group (package survival).
type survivalCurves struct {
	spells
	byName, strataName, conf string
	at                       []string
	until                    float64
	flags                    *pflag.FlagSet

	by, strata *labels
	times      []float64
}

// intervalKinds are the values of --conf.
var intervalKinds = map[string]survival.Interval{"log": survival.Log, "log-log": survival.LogLog, "plain": survival.Plain}

func (s *survivalCurves) help() cobra.Command {
	return cobra.Command{
		Use:   "survival --time T --event E",
		Short: "how long until an event: Kaplan–Meier curves, medians, log-rank test",
		Long: `The share without the event by each time, with its interval, its median, and a
test whether groups differ, where some rows were only seen until a time.
Rows with a blank in a column that is used are left out and counted.`,
		Example: "  throughline analyse survival churn.csv --time months --event left --by plan --at 6,12,24",
	}
}

func (s *survivalCurves) register(f *pflag.FlagSet) {
	s.spells.register(f)
	f.StringVar(&s.byName, "by", "", "column of the groups to compare")
	f.StringVar(&s.strataName, "strata", "", "column within whose values the groups are compared by the test")
	f.StringVar(&s.conf, "conf", "log", "scale of the intervals: log, log-log or plain")
	f.StringSliceVar(&s.at, "at", nil, "times at which to state the curves, by commas (default: all times)")
	f.Float64Var(&s.until, "until", math.NaN(), "also state the mean time up to this one (restricted mean)")
	f.Lookup("until").DefValue = ""
	s.flags = f
}

func (s *survivalCurves) columns() ([]column, error) {
	out, err := s.spells.columns()
	if err != nil {
		return nil, err
	}
	if _, ok := intervalKinds[s.conf]; !ok {
		return nil, usage("--conf: %q is none of log, log-log, plain", s.conf)
	}
	if s.flags.Changed("until") && !(s.until > 0 && s.until < math.Inf(1)) {
		return nil, usage("--until must be a number above 0")
	}
	for _, text := range s.at {
		t, known, err := readNumber(text)
		if err != nil || !known {
			return nil, usage("--at: %q is not a number", text)
		}
		s.times = append(s.times, t)
	}
	slices.Sort(s.times)
	s.times = slices.Compact(s.times)
	if s.strataName != "" && s.byName == "" {
		return nil, usage("--strata needs --by, the column of the groups to compare")
	}
	s.by, out = optional(out, ask{"by", s.byName, blankLeftOut})
	s.strata, out = optional(out, ask{"strata", s.strataName, blankLeftOut})
	return out, nil
}

// survivalFound is the document of analyse survival.
type survivalFound struct {
	Instrument string          `json:"instrument"`
	N          int             `json:"n"`
	Events     int             `json:"events"`
	EventValue int             `json:"event_value"`
	Conf       string          `json:"conf"`
	Curve      []curvePoint    `json:"curve"`
	Median     []curveMedian   `json:"median"`
	Means      []curveMean     `json:"restricted_mean,omitempty"`
	LogRank    testResult      `json:"log_rank"`
	Groups     []curveExpected `json:"groups"`

	by    string
	shown int // points a group that text prints
}

type curvePoint struct {
	Group    string `json:"group"`
	Time     real   `json:"time"`
	AtRisk   real   `json:"at_risk"`
	Events   real   `json:"events"`
	Survival real   `json:"survival"`
	SE       real   `json:"se"`
	Low      real   `json:"low"`
	High     real   `json:"high"`
}

type curveMedian struct {
	Group string `json:"group"`
	Value real   `json:"value"`
	Low   real   `json:"low"`
	High  real   `json:"high"`
}

type curveMean struct {
	Group string `json:"group"`
	Until real   `json:"until"`
	par
}

type curveExpected struct {
	Group    string `json:"group"`
	N        int    `json:"n"`
	Events   int    `json:"events"`
	Expected real   `json:"expected"`
}

func (s *survivalCurves) compute(_ context.Context, from rows) (finding, error) {
	all, err := s.read(from)
	if err != nil {
		return nil, err
	}
	groups, group := []string{"all"}, make([]int, from.n)
	if s.by != nil {
		groups = ranked(s.by.names)
		place := map[string]int{}
		for g, name := range groups {
			place[name] = g
		}
		for i, code := range s.by.codes {
			group[i] = place[s.by.names[code]]
		}
	}
	d := &survivalFound{Instrument: "survival", EventValue: s.value, Conf: s.conf, by: s.byName, shown: 20, Curve: []curvePoint{}}
	if len(s.times) > 0 {
		d.shown = len(s.times)
	}
	expected, err := s.compare(all, group, d)
	if err != nil {
		return nil, needing(from, err)
	}
	each := make([]survival.Spells, len(groups))
	for i, g := range group {
		one := &each[g]
		one.Stop, one.Event = append(one.Stop, all.Stop[i]), append(one.Event, all.Event[i])
		if all.Start != nil {
			one.Start = append(one.Start, all.Start[i])
		}
	}
	for g, name := range groups {
		c, err := survival.KaplanMeier(each[g], intervalKinds[s.conf], 0.95)
		if err != nil {
			return nil, needing(from, err)
		}
		d.N, d.Events = d.N+int(c.N), d.Events+int(c.Events)
		s.state(d, name, c)
		d.Groups = append(d.Groups, curveExpected{name, int(c.N), int(c.Events), expected(g)})
	}
	return d, nil
}

// compare makes the test of the groups, and tells what each would have had if they were alike.
func (s *survivalCurves) compare(all survival.Spells, group []int, d *survivalFound) (func(g int) real, error) {
	if s.by == nil {
		d.LogRank = refusedTest("one group; --by names the column of groups")
		return func(int) real { return noNumber("one group") }, nil
	}
	var strata []int
	if s.strata != nil {
		strata = s.strata.ints()
	}
	test, err := survival.LogRank(all, group, strata)
	if err != nil {
		why := err.Error()
		d.LogRank = refusedTest(why)
		return func(int) real { return noNumber(why) }, nil
	}
	d.LogRank = testOf(test.Statistic, float64(test.DF), test.P)
	return func(g int) real {
		for _, x := range test.Groups {
			if x.Group == g {
				return num(x.Expected)
			}
		}
		return noNumber("no rows")
	}, nil
}

// state adds a curve to the document.
func (s *survivalCurves) state(d *survivalFound, name string, c *survival.Curve) {
	add := func(p survival.Point, events float64, err error) {
		row := curvePoint{name, num(p.Time), num(p.AtRisk), num(events), numeral(p.Survival, err), numeral(p.SE, err), numeral(p.Low, err), numeral(p.High, err)}
		if err == nil && p.Survival == 0 {
			const why = "has none where the curve has come down to 0"
			row.SE, row.Low, row.High = noNumber(why), noNumber(why), noNumber(why)
		}
		d.Curve = append(d.Curve, row)
	}
	if len(s.times) == 0 {
		for _, p := range c.Points {
			add(p, p.Events, nil)
		}
	}
	i := 0
	for _, t := range s.times {
		events := 0.0 // since the time before
		for ; i < len(c.Points) && c.Points[i].Time <= t; i++ {
			events += c.Points[i].Events
		}
		p, err := c.At(t)
		p.Time = t
		add(p, events, err)
	}
	m := c.Median()
	reached := func(x float64) real {
		if math.IsInf(x, 1) {
			return noNumber("not reached by the last time seen")
		}
		return num(x)
	}
	d.Median = append(d.Median, curveMedian{name, reached(m.Value), reached(m.Low), reached(m.High)})
	if !math.IsNaN(s.until) {
		mean, err := c.RestrictedMean(s.until)
		d.Means = append(d.Means, curveMean{name, num(s.until), par{numeral(mean.Value, err), numeral(mean.SE, err)}})
	}
}

func (d *survivalFound) text(w io.Writer) error {
	fmt.Fprintf(w, "Time to the event: %s of %s.%s\n\n", counted(d.Events, "event"), counted(d.N, "row"), eventNote(d.EventValue))
	medians := grid{heads: []string{"group", "rows", "events", "expected", "median", "from", "to"}}
	for i, m := range d.Median {
		g := d.Groups[i]
		medians.add(m.Group, g.N, g.Events, g.Expected, m.Value, m.Low, m.High)
	}
	if err := medians.print(w); err != nil {
		return err
	}
	if d.by != "" {
		fmt.Fprintf(w, "\nAll groups alike (log-rank): chi-squared %s.\n", d.LogRank)
	}
	if len(d.Means) > 0 {
		means := grid{heads: []string{"group", "until", "mean time", "standard error"}}
		for _, m := range d.Means {
			means.add(m.Group, m.Until, m.Value, m.SE)
		}
		fmt.Fprintln(w)
		if err := means.print(w); err != nil {
			return err
		}
	}
	points := grid{heads: []string{"group", "time", "at risk", "events", "without the event", "standard error", "from", "to"}}
	cut := false
	for from := 0; from < len(d.Curve); {
		to := from
		for to < len(d.Curve) && d.Curve[to].Group == d.Curve[from].Group {
			to++
		}
		step := (to - from + d.shown - 1) / d.shown
		cut = cut || step > 1
		for i := from; i < to; i++ {
			if p := d.Curve[i]; (i-from)%step == 0 || i == to-1 {
				points.add(p.Group, p.Time, p.AtRisk, p.Events, p.Survival, p.SE, p.Low, p.High)
			}
		}
		from = to
	}
	fmt.Fprintln(w)
	if err := points.print(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nfrom and to hold 95 percent, on the %s scale.\n", d.Conf)
	if cut {
		fmt.Fprintln(w, "Only some times are shown; --json has all of them, --at the ones you name.")
	}
	return nil
}
