package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/likelihood"
)

// contract is the models of renewal (package clv).
type contract struct {
	model, periodName, survivorsName, cohortName string
	horizon                                      int
	period, survivors                            *numbers
	cohort                                       *labels
}

func (c *contract) help() cobra.Command {
	return cobra.Command{
		Use:   "contract --period T --survivors N",
		Short: "who renews: retention of customers under contract",
		Long: `Fits the sBG or the BdW model by maximum likelihood to how many customers of a
cohort are left at the end of each period, from period 0, its size, on, without a
gap; the order of the rows does not matter. With --cohort a file holds several
cohorts, which are fitted together. Survivors are numbers of customers: of shares,
standard errors would be wrong.`,
		Example: "  throughline analyse contract cohort.csv --model sbg --period year --survivors left",
	}
}

func (c *contract) register(f *pflag.FlagSet) {
	f.StringVar(&c.model, "model", "sbg", "sbg, or bdw (chances to leave that also change with time)")
	f.StringVar(&c.periodName, "period", "", "column of the periods: 0, 1, 2 …")
	f.StringVar(&c.survivorsName, "survivors", "", "column of how many customers are left at a period's end")
	f.StringVar(&c.cohortName, "cohort", "", "column of the cohorts, of several")
	f.IntVar(&c.horizon, "horizon", 0, "the last period of the survival curve (default: twelve after the last one observed)")
}

func (c *contract) columns() ([]column, error) {
	switch {
	case c.model != "sbg" && c.model != "bdw":
		return nil, usage("--model: %q is neither sbg nor bdw", c.model)
	case c.periodName == "" || c.survivorsName == "":
		return nil, usage("contract needs --period and --survivors, the columns of periods and of customers left")
	case c.horizon < 0 || c.horizon > 10_000:
		return nil, usage("--horizon: %d is not a number of periods up to 10000", c.horizon)
	}
	c.period, c.survivors = &numbers{ask: ask{"period", c.periodName, blankRefused}}, &numbers{ask: ask{"survivors", c.survivorsName, blankLeftOut}}
	out := []column{c.period, c.survivors}
	if c.cohortName != "" {
		c.cohort = &labels{ask: ask{"cohort", c.cohortName, blankRefused}}
		out = append(out, c.cohort)
	}
	return out, nil
}

func (c *contract) compute(_ context.Context, from rows) (finding, error) {
	cohorts, err := c.cohorts(from)
	if err != nil {
		return nil, err
	}
	d := &contractFound{Instrument: "contract", Model: c.model, Cohorts: len(cohorts)}
	size := 0.0
	for _, one := range cohorts {
		size += one[0]
		d.Periods = max(d.Periods, len(one)-1)
	}
	d.N = num(size)
	var fit likelihood.Fit
	names := []string{"alpha", "beta"}
	m := clv.BdW{C: 1}
	if c.model == "sbg" {
		f, e := clv.FitSBG(cohorts...)
		fit, err, m.Alpha, m.Beta = f.Fit, e, f.Model.Alpha, f.Model.Beta
	} else {
		f, e := clv.FitBdW(cohorts...)
		fit, err, m, names = f.Fit, e, f.Model, append(names, "c")
	}
	refused, err := refusedFit(err)
	if err != nil {
		return nil, err
	}
	d.maximum = maximumOf(names, fit, refused)
	d.project(m, c.horizon)
	return d, nil
}

// project fills the survival curve to the last period, 0 for twelve after the observed.
func (d *contractFound) project(m clv.BdW, last int) {
	if last == 0 {
		last = d.Periods + 12
	}
	d.curve = grid{heads: []string{"period", "left", "renew of those"}}
	for t := 1; t <= last; t++ {
		p := survivalAt{t, num(m.Survival(float64(t))), num(m.Retention(float64(t)))}
		if d.refused != "" {
			p.Value, p.Retention = noNumber(d.refused), noNumber(d.refused)
		}
		d.Survival = append(d.Survival, p)
		d.curve.add(t, p.Value, p.Retention)
	}
}

// cohorts puts the rows in order, and refuses gaps and repeated periods.
func (c *contract) cohorts(from rows) ([]clv.Cohort, error) {
	order := make([]int, len(c.period.values))
	code := func(i int) int32 { return 0 }
	if c.cohort != nil {
		code = func(i int) int32 { return c.cohort.codes[i] }
	}
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(code(a), code(b)), cmp.Compare(c.period.values[a], c.period.values[b]))
	})
	var out []clv.Cohort
	for k, i := range order {
		if k == 0 || code(i) != code(order[k-1]) {
			out = append(out, nil)
		}
		one := &out[len(out)-1]
		period, n := c.period.values[i], c.survivors.values[i]
		switch want := float64(len(*one)); {
		case period < 0 || period != math.Floor(period):
			return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("column %s: %v is not a period: 0, 1, 2 …", c.periodName, period)}
		case period < want:
			return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("period %v stands twice", period), Do: "give one row a period, or name the column of cohorts with --cohort"}
		case period > want:
			return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("period %v is missing before period %v", want, period), Do: "give every period from 0, the size of the cohort, on"}
		case n < 0:
			return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("column %s: %v customers", c.survivorsName, n)}
		case period > 0 && n > (*one)[len(*one)-1]:
			return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("column %s: %v customers are left of %v", c.survivorsName, n, (*one)[len(*one)-1])}
		}
		*one = append(*one, n)
	}
	return out, nil
}

// contractFound is the document of analyse contract.
type contractFound struct {
	Instrument string `json:"instrument"`
	Model      string `json:"model"`
	N          real   `json:"n"`
	Cohorts    int    `json:"cohorts"`
	Periods    int    `json:"periods"`
	maximum
	Survival []survivalAt `json:"survival"`

	curve grid
}

type survivalAt struct {
	Period    int  `json:"period"`
	Value     real `json:"value"`
	Retention real `json:"retention"`
}

func (d *contractFound) text(w io.Writer) error {
	name := map[string]string{"sbg": "sBG", "bdw": "BdW"}[d.Model]
	fmt.Fprintf(w, "%s by maximum likelihood: %s customers in %s, over %s.\n", name, d.N, counted(d.Cohorts, "cohort"), counted(d.Periods, "period"))
	if err := d.print(w); err != nil || d.refused != "" {
		return err
	}
	fmt.Fprintln(w)
	return d.curve.print(w)
}
