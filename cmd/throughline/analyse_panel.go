package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/regress"
)

// panel is least squares with fixed effects (package regress).
type panel struct {
	unitName, timeName, outcomeName, effects, clusterName, errors, model string
	covariates, logs                                                     []string

	unit, cluster *labels
	time          *labels
	values        []*numbers // the outcome, then the covariates
}

func (p *panel) help() cobra.Command {
	return cobra.Command{
		Use:   "panel --unit U --outcome Y --covariates A,B",
		Short: "how an outcome moves with others within units: a regression with fixed effects",
		Long: `Least squares of an outcome on covariates with a constant for each unit, or for
each unit and each time (--effects two-way), also where units are seen at different
times. With logarithms of a quantity and a price (--log) it is a price elasticity.
Rows with a blank in a column that is used are left out and counted.`,
		Example: "  throughline analyse panel sales.csv --unit customer --time month --outcome quantity --covariates price --log quantity,price --effects two-way --cluster customer",
	}
}

func (p *panel) register(f *pflag.FlagSet) {
	f.StringVar(&p.unitName, "unit", "", "column of the units, such as customers")
	f.StringVar(&p.timeName, "time", "", "column of the times; needed with --effects two-way")
	f.StringVar(&p.outcomeName, "outcome", "", "column of what is explained")
	f.StringSliceVar(&p.covariates, "covariates", nil, "columns that explain it, by commas")
	f.StringVar(&p.effects, "effects", "unit", "constants: unit, or two-way (unit and time)")
	f.StringVar(&p.model, "model", "ols", "ols, or poisson for outcomes of 0 and more: the logarithm of the mean is explained, and zeros stay")
	f.StringVar(&p.clusterName, "cluster", "", "column whose equal values may depend on each other, for clustered errors")
	f.StringVar(&p.errors, "errors", "", "standard errors: classic, hc0, hc1, cr0 or cr1 (default classic, of poisson hc1; cr1 with --cluster)")
	f.StringSliceVar(&p.logs, "log", nil, "columns of which the natural logarithm is taken, by commas")
}

func (p *panel) columns() ([]column, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	p.unit = &labels{ask: ask{"unit", p.unitName, blankLeftOut}}
	out := []column{p.unit}
	for i, name := range append([]string{p.outcomeName}, p.covariates...) {
		flag := "covariates"
		if i == 0 {
			flag = "outcome"
		}
		p.values = append(p.values, &numbers{ask: ask{flag, name, blankLeftOut}})
		out = append(out, p.values[i])
	}
	if p.timeName != "" {
		p.time = &labels{ask: ask{"time", p.timeName, blankLeftOut}, same: oneTime}
		out = append(out, p.time)
	}
	p.cluster, out = optional(out, ask{"cluster", p.clusterName, blankLeftOut})
	return out, nil
}

// errorKinds are the values of --errors.
var errorKinds = []regress.Errors{regress.Classic, regress.HC0, regress.HC1, regress.CR0, regress.CR1}

func (p *panel) check() error {
	switch {
	case p.unitName == "":
		return usage("--unit is missing; name the column of the units")
	case p.outcomeName == "":
		return usage("--outcome is missing; name the column of what is explained")
	case len(p.covariates) == 0:
		return usage("--covariates is missing; name the columns that explain the outcome")
	case p.effects != "unit" && p.effects != "two-way":
		return usage("--effects: %q is neither unit nor two-way", p.effects)
	case p.effects == "two-way" && p.timeName == "":
		return usage("--effects two-way needs --time, the column of the times")
	case slices.Contains(p.covariates, p.outcomeName):
		return usage("%s is both --outcome and among --covariates", p.outcomeName)
	}
	if p.errors == "" {
		switch {
		case p.clusterName != "":
			p.errors = "cr1"
		case p.model == "poisson": // classic errors would believe the variance to be the mean
			p.errors = "hc1"
		default:
			p.errors = "classic"
		}
	}
	kind := p.kind()
	switch {
	case p.model != "ols" && p.model != "poisson":
		return usage("--model: %q is neither ols nor poisson", p.model)
	case p.model == "poisson" && slices.Contains(p.logs, p.outcomeName):
		return usage("--model poisson explains the logarithm of the mean; take %s out of --log", p.outcomeName)
	case kind < 0:
		return usage("--errors: %q is none of classic, hc0, hc1, cr0, cr1", p.errors)
	case kind.Clustered() != (p.clusterName != ""):
		return usage("--errors %s and --cluster do not go together: cr0 and cr1 need a cluster, the others take none", p.errors)
	}
	for i, name := range p.covariates {
		if slices.Contains(p.covariates[:i], name) {
			return usage("--covariates names %s twice", name)
		}
	}
	for _, name := range p.logs {
		if name != p.outcomeName && !slices.Contains(p.covariates, name) {
			return usage("--log names %s, which is neither the outcome nor a covariate", name)
		}
	}
	return nil
}

// kind is what --errors names; -1: nothing.
func (p *panel) kind() regress.Errors {
	for _, k := range errorKinds {
		if k.String() == p.errors {
			return k
		}
	}
	return -1
}

func (p *panel) compute(_ context.Context, from rows) (finding, error) {
	for _, c := range p.values {
		if !slices.Contains(p.logs, c.name) {
			continue
		}
		for i, x := range c.values {
			if x <= 0 {
				return nil, &books.Refusal{Where: from.at(i), What: fmt.Sprintf("column %s is %v, which has no logarithm", c.name, x),
					Do: "leave such rows out, or leave the column out of --log"}
			}
			c.values[i] = math.Log(x)
		}
	}
	data := regress.Panel{Design: regress.Design{Outcome: p.values[0].values, Names: p.covariates}, Unit: p.unit.ints()}
	for _, c := range p.values[1:] {
		data.Covariates = append(data.Covariates, c.values)
	}
	effects := regress.Unit
	if p.effects == "two-way" {
		effects = regress.TwoWay
		for _, code := range p.time.codes { // effects need to know which times are equal, no more
			data.Time = append(data.Time, float64(code))
		}
	}
	options := regress.Options{Errors: p.kind()}
	if p.cluster != nil {
		options.Cluster = p.cluster.ints()
	}
	if p.model == "poisson" {
		fit, err := regress.Poisson(data, effects, options)
		if err != nil {
			return nil, placed(err, from)
		}
		return p.counted(fit)
	}
	fit, err := regress.Within(data, effects, options)
	if err != nil {
		return nil, placed(err, from)
	}
	return p.found(fit)
}

// placed gives a refusal about a row its place in the file.
func placed(err error, from rows) error {
	var told *regress.Refusal
	if errors.As(err, &told) && told.Row >= 0 {
		return &books.Refusal{Where: from.at(told.Row), What: told.Why}
	}
	return err
}

// panelFound is the document of analyse panel.
type panelFound struct {
	Instrument string     `json:"instrument"`
	Model      string     `json:"model"`
	N          real       `json:"n"`
	Units      int        `json:"units"`
	Times      int        `json:"times,omitempty"`
	Effects    string     `json:"effects"`
	Errors     string     `json:"errors"`
	Clusters   int        `json:"clusters,omitempty"`
	Parameters object     `json:"parameters"`
	R2Within   real       `json:"r2_within"`
	DF         real       `json:"df"`
	Sigma      real       `json:"sigma"`
	Joint      testResult `json:"joint"`
	UnitsEqual testResult `json:"effects_equal"`

	// Of --model poisson.
	LogLikelihood *real `json:"log_likelihood,omitempty"`
	PseudoR2      *real `json:"pseudo_r2,omitempty"`
	Zeros         int   `json:"rows_of_zeros,omitempty"`

	table   grid
	outcome string
	single  int
}

// begun is what the documents of all models hold.
func (p *panel) begun(fit *regress.Fit) (*panelFound, error) {
	d := &panelFound{Instrument: "panel", Model: p.model, N: num(fit.N), Effects: p.effects, Errors: p.errors, Clusters: fit.Clusters, outcome: p.outcomeName,
		table: grid{heads: []string{"covariate", "coefficient", "standard error", "from", "to", "p"}}}
	if slices.Contains(p.logs, p.outcomeName) {
		d.outcome = "the logarithm of " + d.outcome
	}
	for _, name := range p.covariates {
		value, se, _ := fit.Coefficient(name)
		low, high, err := fit.Interval(name, 0.95)
		if err != nil {
			return nil, err
		}
		b := panelParameter{parOf(value, se), num(low), num(high), num(fit.P(name))}
		d.Parameters = append(d.Parameters, entry{name, b})
		shown := name
		if slices.Contains(p.logs, name) {
			shown = "log of " + name
		}
		d.table.add(shown, b.Value, b.SE, b.Low, b.High, b.P)
	}
	if joint, err := fit.Wald(); err != nil {
		d.Joint = refusedTest(err.Error())
	} else {
		d.Joint = testOf(joint.Statistic, joint.DF1, joint.P)
	}
	return d, nil
}

// panelParameter is a coefficient with its 95% interval and its p.
type panelParameter struct {
	par
	Low  real `json:"low"`
	High real `json:"high"`
	P    real `json:"p"`
}

// found is the document of least squares.
func (p *panel) found(fit *regress.PanelFit) (finding, error) {
	d, err := p.begun(&fit.Fit)
	if err != nil {
		return nil, err
	}
	d.Units, d.Times, d.single = fit.Units, fit.Times, fit.Single
	d.R2Within, d.DF, d.Sigma = num(fit.R2), num(fit.DF), num(fit.Sigma)
	d.UnitsEqual = testOf(fit.EffectsTest.Statistic, fit.EffectsTest.DF1, fit.EffectsTest.P)
	if fit.EffectsTest.DF1 == 0 {
		d.UnitsEqual = refusedTest("one constant for all cannot be fitted to these rows")
	}
	return d, nil
}

// counted is the document of --model poisson.
func (p *panel) counted(fit *regress.Counted) (finding, error) {
	d, err := p.begun(&fit.Fit)
	if err != nil {
		return nil, err
	}
	const why = "--model poisson has none"
	d.Units, d.Times, d.Zeros = fit.Units, fit.Times, fit.Dropped
	d.R2Within, d.DF, d.Sigma, d.UnitsEqual = noNumber(why), noNumber(why), noNumber(why), refusedTest(why)
	likelihood, pseudo := num(fit.LogLikelihood), num(fit.PseudoR2())
	d.LogLikelihood, d.PseudoR2 = &likelihood, &pseudo
	return d, nil
}

func (d *panelFound) text(w io.Writer) error {
	errorsHow := map[string]string{"classic": "classic", "hc0": "robust to unequal spread (HC0)", "hc1": "robust to unequal spread (HC1)",
		"cr0": "clustered, without a small-sample factor", "cr1": "clustered, with the usual small-sample factor"}[d.Errors]
	effects := "a constant for each unit"
	if d.Effects == "two-way" {
		effects = "a constant for each unit and each time"
	}
	what, how := d.outcome, "least squares"
	if d.Model == "poisson" {
		what, how = "the logarithm of the mean of "+what, "Poisson pseudo-likelihood"
	}
	fmt.Fprintf(w, "How %s moves within units: %s with %s.\n", printable(what), how, effects)
	fmt.Fprintf(w, "%s rows of %s", d.N, counted(d.Units, "unit"))
	if d.Times > 0 {
		fmt.Fprintf(w, " at %s", counted(d.Times, "time"))
	}
	if d.single > 0 {
		fmt.Fprintf(w, "; %s with one row, which tells nothing within units", counted(d.single, "unit"))
	}
	if d.Zeros > 0 {
		fmt.Fprintf(w, "; %s of a unit or time that has nothing but zeros left out", counted(d.Zeros, "row"))
	}
	fmt.Fprintf(w, ".\nStandard errors are %s", errorsHow)
	if d.Clusters > 0 {
		fmt.Fprintf(w, ", of %s", counted(d.Clusters, "cluster"))
	}
	fmt.Fprint(w, "; from and to hold 95 percent.\n\n")
	if err := d.table.print(w); err != nil {
		return err
	}
	if d.Model == "poisson" {
		_, err := fmt.Fprintf(w, "\nLog-likelihood: %s; share explained beyond the effects (McFadden): %s.\nAll coefficients 0: chi-squared over its degrees of freedom %s.\n",
			d.LogLikelihood, d.PseudoR2, d.Joint)
		return err
	}
	_, err := fmt.Fprintf(w, "\nR squared within: %s. Residual standard deviation: %s on %s degrees of freedom.\nAll coefficients 0: F %s.\nAll effects equal: F %s.\n",
		d.R2Within, d.Sigma, d.DF, d.Joint, d.UnitsEqual)
	return err
}
