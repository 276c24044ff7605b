package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/change"
	"github.com/throughline/throughline/internal/books"
)

// changes asks whether and when a series left its course (package change). The
// methods stand in analyse_change_METHOD.go.
type changes struct {
	timeName, valueName, method string
	flags                       *pflag.FlagSet

	target, sigma, slack, limit, falseAlarm float64 // cusum; limit also holt-winters
	baseline                                int
	mean, weight, shape, scale, gap         float64 // bocpd
	season, horizon                         int     // holt-winters
	seasonal                                string
	alpha, beta, gamma                      float64

	time  *moments
	value *numbers
}

func (c *changes) help() cobra.Command {
	return cobra.Command{
		Use:   "change --time T --value Y --method M",
		Short: "when a series left its course: CUSUM, BOCPD, a break by least squares, Holt–Winters",
		Long: `Follows a series, one row a time, and says when it left its course. cusum adds up
what lies off a target and states how often it alarms for nothing; bocpd believes
in runs between sudden changes; least-squares finds the one best break of the mean;
holt-winters forecasts trend and season and marks what fell outside.`,
		Example: "  throughline analyse change orders.csv --time week --value orders --method cusum --baseline 20\n  throughline analyse change orders.csv --time month --value orders --method holt-winters --season 12 --seasonal multiplicative",
	}
}

func (c *changes) register(f *pflag.FlagSet) {
	c.flags = f
	f.StringVar(&c.timeName, "time", "", "column of the times: numbers, days or months, each once")
	f.StringVar(&c.valueName, "value", "", "column of the values")
	f.StringVar(&c.method, "method", "", "cusum, bocpd, least-squares or holt-winters")
	f.Float64Var(&c.target, "target", 0, "cusum: the level on course (default: with --sigma or --baseline the mean of the baseline; else the CUSUM starts itself)")
	f.Float64Var(&c.sigma, "sigma", 0, "cusum: standard deviation on course (default: that of the baseline)")
	f.IntVar(&c.baseline, "baseline", 0, "cusum: how many first values were on course (default, where target or sigma is missing: half of them)")
	f.Float64Var(&c.slack, "slack", 0.5, "cusum: K, in standard deviations: half the shift that matters")
	f.Float64Var(&c.limit, "limit", 0, "cusum: H, in standard deviations (default 5); holt-winters: how many a value may be off (default 3)")
	f.Float64Var(&c.falseAlarm, "false-alarm", 0, "cusum: sets the limit so that a false alarm comes once in so many values on the average")
	f.Float64Var(&c.mean, "prior-mean", 0, "bocpd: mean of a new run (default: the mean of the series)")
	f.Float64Var(&c.weight, "prior-weight", 0.01, "bocpd: of how many values the prior mean is worth")
	f.Float64Var(&c.shape, "prior-shape", 1, "bocpd: shape of the inverse gamma prior of the variance")
	f.Float64Var(&c.scale, "prior-scale", 0, "bocpd: its scale (default: half the mean square of the changes from value to value)")
	f.Float64Var(&c.gap, "gap", 100, "bocpd: values between changes on the average")
	f.IntVar(&c.season, "season", 0, "holt-winters: values a season, such as 12 months")
	f.StringVar(&c.seasonal, "seasonal", "additive", "holt-winters: additive or multiplicative")
	f.Float64Var(&c.alpha, "alpha", 0, "holt-winters: how fast the level follows, 0 to 1 (default, with beta and gamma: fitted)")
	f.Float64Var(&c.beta, "beta", 0, "holt-winters: how fast the slope follows")
	f.Float64Var(&c.gamma, "gamma", 0, "holt-winters: how fast the seasons follow")
	f.IntVar(&c.horizon, "horizon", 0, "holt-winters: values to forecast (default: a season)")
}

// changeMethods are the values of --method, with the flags that are theirs.
var changeMethods = map[string][]string{
	"cusum":         {"target", "sigma", "baseline", "slack", "limit", "false-alarm"},
	"bocpd":         {"prior-mean", "prior-weight", "prior-shape", "prior-scale", "gap"},
	"least-squares": nil,
	"holt-winters":  {"limit", "season", "seasonal", "alpha", "beta", "gamma", "horizon"},
}

func (c *changes) columns() ([]column, error) {
	own, ok := changeMethods[c.method]
	switch {
	case c.timeName == "":
		return nil, usage("--time is missing; name the column of the times")
	case c.valueName == "":
		return nil, usage("--value is missing; name the column of the values")
	case !ok:
		return nil, usage("--method: %q is none of cusum, bocpd, least-squares, holt-winters", c.method)
	}
	for method, flags := range changeMethods {
		for _, name := range flags {
			if method != c.method && c.flags.Changed(name) && !slices.Contains(own, name) {
				return nil, usage("--%s belongs to --method %s", name, method)
			}
		}
	}
	if err := c.checkMethod(); err != nil {
		return nil, err
	}
	c.time = &moments{ask: ask{"time", c.timeName, blankRefused}}
	c.value = &numbers{ask: ask{"value", c.valueName, blankLeftOut}}
	return []column{c.time, c.value}, nil
}

func (c *changes) checkMethod() error {
	fitted := 0
	for _, name := range []string{"alpha", "beta", "gamma"} {
		if !c.flags.Changed(name) {
			fitted++
		}
	}
	for name, x := range map[string]float64{"limit": c.limit, "false-alarm": c.falseAlarm, "sigma": c.sigma, "target": c.target, "slack": c.slack} {
		if c.flags.Changed(name) && (math.IsNaN(x) || math.IsInf(x, 0)) {
			return usage("--%s must be a number", name)
		}
	}
	switch {
	case c.flags.Changed("slack") && c.slack < 0:
		return usage("--slack must be 0 or more")
	case c.flags.Changed("limit") && !(c.limit > 0):
		return usage("--limit must be above 0")
	case c.flags.Changed("limit") && c.flags.Changed("false-alarm"):
		return usage("say either --limit or --false-alarm, which sets it")
	case c.flags.Changed("sigma") && !(c.sigma > 0):
		return usage("--sigma must be above 0")
	case c.flags.Changed("baseline") && c.baseline < 2:
		return usage("--baseline must be 2 values or more")
	case c.method == "holt-winters" && c.season < 2:
		return usage("--season is missing; say how many values make a season, such as 12 months")
	case c.seasonal != "additive" && c.seasonal != "multiplicative":
		return usage("--seasonal: %q is neither additive nor multiplicative", c.seasonal)
	case fitted > 0 && fitted < 3:
		return usage("--alpha, --beta and --gamma stand together, or not at all: then they are fitted")
	case c.horizon < 0 || c.horizon > 10000:
		return usage("--horizon must be between 0 and 10000")
	}
	return nil
}

// line is a series in the order of time.
type line struct {
	values []float64
	at     []float64
	rows   []int // of the file
	c      *changes
}

// when is a place of the series as a document writes its time: a number where the
// file has numbers.
func (l line) when(i int) any {
	if l.c.time.kind == numberMoment {
		return num(l.at[i])
	}
	return l.c.time.label(l.rows[i])
}

// inOrder sorts the rows by time.
func (c *changes) inOrder(from rows) (line, error) {
	l := line{rows: make([]int, from.n), c: c}
	for i := range l.rows {
		l.rows[i] = i
	}
	slices.SortStableFunc(l.rows, func(i, j int) int {
		switch {
		case c.time.at[i] < c.time.at[j]:
			return -1
		case c.time.at[i] > c.time.at[j]:
			return 1
		}
		return 0
	})
	for k, i := range l.rows {
		if k > 0 && c.time.at[i] == c.time.at[l.rows[k-1]] {
			return l, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("column %s: %q stands in %s %d too", c.timeName, c.time.label(i), from.unit, from.lines[l.rows[k-1]]),
				Do: "give one row for each time, such as a sum or a mean"}
		}
		l.values, l.at = append(l.values, c.value.values[i]), append(l.at, c.time.at[i])
	}
	return l, nil
}

func (c *changes) compute(_ context.Context, from rows) (finding, error) {
	l, err := c.inOrder(from)
	if err != nil {
		return nil, err
	}
	switch c.method {
	case "cusum":
		return c.cusum(l)
	case "bocpd":
		return c.bocpd(l)
	case "least-squares":
		return c.leastSquares(l)
	}
	return c.holtWinters(l)
}

// changeHead begins every document of analyse change.
type changeHead struct {
	Instrument string `json:"instrument"`
	Method     string `json:"method"`
	N          int    `json:"n"`
}

func (c *changes) head(l line) changeHead { return changeHead{"change", c.method, len(l.values)} }

// printAlarms prints a grid of alarms under a line that counts them.
func printAlarms(w io.Writer, g grid) error {
	if len(g.rows) == 0 {
		_, err := fmt.Fprintln(w, "No alarm.")
		return err
	}
	fmt.Fprintf(w, "%s:\n\n", counted(len(g.rows), "alarm"))
	return g.print(w)
}

// leastSquares finds the one break of the mean.
func (c *changes) leastSquares(l line) (finding, error) {
	b, err := change.FindBreak(l.values, 0.15)
	if err != nil {
		return nil, err
	}
	d := &breakFound{changeHead: c.head(l), Alarms: []breakAlarm{}, Before: num(b.Before), After: num(b.After), Last: l.when(b.Last),
		BICWithout: num(b.BIC0), BICWith: num(b.BIC1), CUSUM: testResult{num(b.CUSUM), noNumber("a supremum has none"), num(b.P)}}
	if b.BIC1 < b.BIC0 && b.P < 0.05 {
		direction := change.Up
		if b.After < b.Before {
			direction = change.Down
		}
		d.Alarms = append(d.Alarms, breakAlarm{l.when(b.Last + 1), direction.String(), num(b.Before), num(b.After)})
	}
	return d, nil
}

type breakAlarm struct {
	Time      any    `json:"time"`
	Direction string `json:"direction"`
	Before    real   `json:"before"`
	After     real   `json:"after"`
}

// breakFound is the document of --method least-squares.
type breakFound struct {
	changeHead
	Alarms     []breakAlarm `json:"alarms"`
	Last       any          `json:"last_before"`
	Before     real         `json:"mean_before"`
	After      real         `json:"mean_after"`
	BICWithout real         `json:"bic_without"`
	BICWith    real         `json:"bic_with"`
	CUSUM      testResult   `json:"cusum"`
}

func (d *breakFound) text(w io.Writer) error {
	fmt.Fprintf(w, "The best break of the mean in %s: after %v, from %s to %s.\n", counted(d.N, "value"), d.Last, d.Before, d.After)
	verdict := "That is not told from chance"
	if len(d.Alarms) > 0 {
		verdict = "That is a change"
	}
	_, err := fmt.Fprintf(w, "%s: BIC %s with the break, %s without; largest cumulative sum of residuals %s, p %s.\n", verdict, d.BICWith, d.BICWithout, d.CUSUM.Statistic, d.CUSUM.P)
	return err
}

// oneIn is a rate in words, such as "1 in 465".
func oneIn(x float64) string { return "1 in " + strconv.FormatFloat(x, 'f', 0, 64) }
