package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/likelihood"
)

// lifetimes is the models of buying without a contract (package clv), from a summary of a customer a row or from a log of purchases.
type lifetimes struct {
	model                                string
	frequencyName, recencyName, ageName  string
	weightName                           string
	customerName, dateName, amountName   string
	untilText, unit                      string
	horizon                              float64
	until                                calendar.Day
	frequency, recency, age, weight, net *numbers
	customer                             *labels
	date                                 *days
}

func (l *lifetimes) help() cobra.Command {
	return cobra.Command{
		Use:   "lifetimes",
		Short: "who will buy again, and how often: lifetimes of customers without a contract",
		Long: `Fits Pareto/NBD, BG/NBD or BG/BB by maximum likelihood and says how many purchases
to expect within a horizon, and how many customers are still there. It reads a
summary, a row a customer (or a kind of customer, with --weight): repeat purchases,
the time of the last one and the age, both since the first; or a log of purchases,
with --customer, --date and --until. What the data do not say is refused.`,
		Example: "  throughline analyse lifetimes summary.csv --frequency x --recency t_x --age T --horizon 52\n" +
			"  throughline analyse lifetimes orders.csv --customer customer --date day --until 2011-12-31 --unit week --horizon 52",
	}
}

func (l *lifetimes) register(f *pflag.FlagSet) {
	f.StringVar(&l.model, "model", "pareto-nbd", "pareto-nbd, bgnbd, or bgbb (chances at fixed times)")
	f.StringVar(&l.frequencyName, "frequency", "", "column of repeat purchases, the first not counted")
	f.StringVar(&l.recencyName, "recency", "", "column of the time of the last purchase since the first; 0 without repeats")
	f.StringVar(&l.ageName, "age", "", "column of the time since the first purchase, to the end of observation")
	f.StringVar(&l.weightName, "weight", "", "column of how many customers a row stands for")
	f.StringVar(&l.customerName, "customer", "", "of a log of purchases: column of the customers")
	f.StringVar(&l.dateName, "date", "", "of a log: column of the days; several lines on a day are one purchase")
	f.StringVar(&l.amountName, "amount", "", "of a log: column of amounts; lines below 0 are returns and no purchases")
	f.StringVar(&l.untilText, "until", "", "of a log: the last day of observation; later lines are left out")
	f.StringVar(&l.unit, "unit", "day", "of a log: day or week, in which times are counted")
	f.Float64Var(&l.horizon, "horizon", 0, "how far ahead to expect purchases, in the unit of time")
}

func (l *lifetimes) columns() ([]column, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	if l.customerName != "" {
		l.customer, l.date = &labels{ask: ask{"customer", l.customerName, blankLeftOut}}, &days{ask: ask{"date", l.dateName, blankRefused}}
		out := []column{l.customer, l.date}
		if l.amountName != "" {
			l.net = &numbers{ask: ask{"amount", l.amountName, blankRefused}}
			out = append(out, l.net)
		}
		return out, nil
	}
	l.frequency, l.age = &numbers{ask: ask{"frequency", l.frequencyName, blankRefused}}, &numbers{ask: ask{"age", l.ageName, blankRefused}}
	l.recency = &numbers{ask: ask{"recency", l.recencyName, blankKept}} // blank without repeats
	out := []column{l.frequency, l.recency, l.age}
	if l.weightName != "" {
		l.weight = &numbers{ask: ask{"weight", l.weightName, blankRefused}}
		out = append(out, l.weight)
	}
	return out, nil
}

func (l *lifetimes) check() error {
	summary := l.frequencyName != "" || l.recencyName != "" || l.ageName != "" || l.weightName != ""
	log := l.customerName != "" || l.dateName != "" || l.amountName != "" || l.untilText != ""
	switch {
	case l.model != "pareto-nbd" && l.model != "bgnbd" && l.model != "bgbb":
		return usage("--model: %q is none of pareto-nbd, bgnbd, bgbb", l.model)
	case summary && log:
		return usage("the columns are either of a summary (--frequency, --recency, --age, --weight) or of a log (--customer, --date, --amount, --until), not of both")
	case !log && (l.frequencyName == "" || l.recencyName == "" || l.ageName == ""):
		return usage("a summary needs --frequency, --recency and --age; a log of purchases needs --customer, --date and --until")
	case log && (l.customerName == "" || l.dateName == "" || l.untilText == ""):
		return usage("a log of purchases needs --customer, --date and --until")
	case l.unit != "day" && l.unit != "week":
		return usage("--unit: %q is neither day nor week", l.unit)
	case log && l.model == "bgbb":
		return usage("bgbb reads a summary of chances taken, not a log: chances come at times that a log does not say")
	case !(l.horizon >= 0) || math.IsInf(l.horizon, 0):
		return usage("--horizon: %v is not a length of time", l.horizon)
	case l.model == "bgbb" && l.horizon != math.Floor(l.horizon):
		return usage("--horizon: %v is not a whole number of chances", l.horizon)
	}
	if log {
		day, err := readDay(l.untilText)
		if err != nil {
			return usage("--until: %v", err)
		}
		l.until = day
	}
	return nil
}

func (l *lifetimes) compute(_ context.Context, from rows) (finding, error) {
	d := &lifetimesFound{Instrument: "lifetimes", Model: l.model, Expected: horizonTotal{Horizon: l.horizon}}
	var h *clv.Histories
	var err error
	if l.customer != nil {
		h, err = l.ofLog(d)
	} else {
		h, err = l.ofSummary(from)
	}
	if err != nil {
		return nil, err
	}
	d.N, d.Repeaters = num(h.Customers()), num(h.Repeaters())
	names, fit, of, err := fitLifetime(l.model, h)
	refused, err := refusedFit(err)
	if err != nil {
		return nil, err
	}
	d.maximum = maximumOf(names, fit, refused)
	if refused != "" {
		d.Expected.Total, d.Expected.SE, d.Alive = noNumber(refused), noNumber(refused), total{noNumber(refused), noNumber(refused)}
		return d, nil
	}
	d.totals(fit, of, h)
	return d, nil
}

// fitLifetime fits the model that is named, and says how its parameters make one.
func fitLifetime(model string, h *clv.Histories) (names []string, fit likelihood.Fit, of func(p []float64) clv.Lifetime, err error) {
	switch model {
	case "bgnbd":
		f, err := clv.FitBGNBD(h)
		return []string{"r", "alpha", "a", "b"}, f.Fit, func(p []float64) clv.Lifetime { return clv.BGNBD{R: p[0], Alpha: p[1], A: p[2], B: p[3]} }, err
	case "bgbb":
		f, err := clv.FitBGBB(h)
		return []string{"alpha", "beta", "gamma", "delta"}, f.Fit, func(p []float64) clv.Lifetime {
			return clv.BGBB{Alpha: p[0], Beta: p[1], Gamma: p[2], Delta: p[3]}
		}, err
	}
	f, err := clv.FitParetoNBD(h)
	return []string{"r", "alpha", "s", "beta"}, f.Fit, func(p []float64) clv.Lifetime {
		return clv.ParetoNBD{R: p[0], Alpha: p[1], S: p[2], Beta: p[3]}
	}, err
}

// totals sums over the customers, with standard errors by the delta method.
func (d *lifetimesFound) totals(fit likelihood.Fit, of func(p []float64) clv.Lifetime, h *clv.Histories) {
	alive, se := fit.Delta(func(p []float64) float64 { _, sum := clv.Totals(of(p), h, 0); return sum })
	d.Alive = total{num(alive), num(se)}
	if d.Expected.Horizon == 0 {
		d.Expected.Total, d.Expected.SE = noNumber("no --horizon was given"), noNumber("no --horizon was given")
		return
	}
	expected, se := fit.Delta(func(p []float64) float64 { sum, _ := clv.Totals(of(p), h, d.Expected.Horizon); return sum })
	d.Expected.Total, d.Expected.SE = num(expected), num(se)
}

// ofSummary reads a history a row.
func (l *lifetimes) ofSummary(from rows) (*clv.Histories, error) {
	place := 0
	var wrong error
	h, err := clv.Gather(func(yield func(clv.History, float64) bool) {
		for i, x := range l.frequency.values {
			place = i
			one, n := clv.History{Repeats: int64(x), Last: l.recency.values[i], Age: l.age.values[i]}, 1.0
			if x != math.Floor(x) || math.Abs(x) > 1e15 {
				one.Repeats = -1 // refused below
			}
			if math.IsNaN(one.Last) && x == 0 {
				one.Last = 0
			}
			if l.weight != nil {
				n = l.weight.values[i]
			}
			if wrong = l.impossible(i); wrong != nil || !yield(one, n) {
				return
			}
		}
	})
	if wrong != nil {
		return nil, &books.Refusal{Where: from.at(place), What: wrong.Error()}
	}
	if err != nil {
		what := errors.Unwrap(err)
		if what == nil {
			what = err
		}
		if x := l.frequency.values[place]; x < 0 || x != math.Floor(x) || x > 1e15 {
			what = fmt.Errorf("column %s: %v is not a number of repeat purchases: 0, 1, 2 …", l.frequencyName, x)
		}
		return nil, &books.Refusal{Where: from.at(place), What: what.Error()}
	}
	return h, nil
}

// impossible tells what no customer can have done who has chances one by one.
func (l *lifetimes) impossible(i int) error {
	x, last, age := l.frequency.values[i], l.recency.values[i], l.age.values[i]
	if !(x > 0 && x == math.Floor(x)) {
		return nil // told by their column
	}
	switch {
	case l.model != "bgbb":
		return nil
	case last != math.Floor(last) || age != math.Floor(age):
		return fmt.Errorf("columns %s and %s: %v and %v are not both numbers of chances", l.recencyName, l.ageName, last, age)
	case x > last:
		return fmt.Errorf("column %s: %v purchases were not taken of the first %v chances", l.frequencyName, x, last)
	}
	return nil
}

// ofLog counts each customer's days with purchases after the first, up to the last day of observation.
func (l *lifetimes) ofLog(d *lifetimesFound) (*clv.Histories, error) {
	bought := make([]map[calendar.Day]struct{}, len(l.customer.names))
	log := &logFound{Unit: l.unit}
	d.Log = log
	for i, day := range l.date.values {
		switch {
		case day > l.until:
			log.Later++
		case l.net != nil && l.net.values[i] < 0:
			log.Returns++
		default:
			of := &bought[l.customer.codes[i]]
			if *of == nil {
				*of = map[calendar.Day]struct{}{}
			}
			(*of)[day] = struct{}{}
			log.Lines++
		}
	}
	unit := 1.0
	if l.unit == "week" {
		unit = 7
	}
	return clv.Gather(func(yield func(clv.History, float64) bool) {
		for _, of := range bought {
			if len(of) == 0 {
				continue
			}
			first, last := l.until, calendar.Day(math.MinInt32)
			for day := range of {
				first, last = min(first, day), max(last, day)
			}
			log.Purchases += len(of)
			if !yield(clv.History{Repeats: int64(len(of) - 1), Last: float64(last-first) / unit, Age: float64(l.until-first) / unit}, 1) {
				return
			}
		}
	})
}

// lifetimesFound is the document of analyse lifetimes.
type lifetimesFound struct {
	Instrument string    `json:"instrument"`
	Model      string    `json:"model"`
	N          real      `json:"n"`
	Repeaters  real      `json:"repeaters"`
	Log        *logFound `json:"log,omitempty"`
	maximum
	Expected horizonTotal `json:"expected"`
	Alive    total        `json:"alive"`
}

// logFound says what became of the lines of a log.
type logFound struct {
	Unit      string `json:"unit"`
	Lines     int    `json:"lines"`
	Purchases int    `json:"purchases"`
	Later     int    `json:"lines_later"`
	Returns   int    `json:"lines_returned"`
}

type horizonTotal struct {
	Horizon float64 `json:"horizon"`
	Total   real    `json:"total"`
	SE      real    `json:"se"`
}

type total struct {
	Total real `json:"total"`
	SE    real `json:"se"`
}

var lifetimeNames = map[string]string{"pareto-nbd": "Pareto/NBD", "bgnbd": "BG/NBD", "bgbb": "BG/BB"}

func (d *lifetimesFound) text(w io.Writer) error {
	fmt.Fprintf(w, "%s by maximum likelihood: %s customers, of whom %s bought again.\n", lifetimeNames[d.Model], d.N, d.Repeaters)
	if d.Log != nil {
		fmt.Fprintf(w, "%s, purchases on %s of a customer; left out: %s after the end, %s. Times are in %ss.\n", counted(d.Log.Lines, "line"),
			counted(d.Log.Purchases, "day"), counted(d.Log.Later, "line"), counted(d.Log.Returns, "return"), d.Log.Unit)
	}
	if err := d.print(w); err != nil || d.refused != "" {
		return err
	}
	if d.Model == "bgnbd" {
		fmt.Fprint(w, "Who never bought again counts as still there: BG/NBD cannot tell.\n")
	}
	fmt.Fprintf(w, "Still there: %s ± %s customers.\n", d.Alive.Total, d.Alive.SE)
	if d.Expected.Horizon == 0 {
		_, err := fmt.Fprintln(w, "Purchases to come: not asked for; --horizon says how far ahead.")
		return err
	}
	_, err := fmt.Fprintf(w, "Purchases to expect of them within %v: %s ± %s, from the uncertainty of the parameters alone.\n", d.Expected.Horizon, d.Expected.Total, d.Expected.SE)
	return err
}
