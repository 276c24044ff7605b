package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/survival"
)

// hazard is Cox's model of proportional hazards (package survival).
type hazard struct {
	spells
	covariateNames                           []string
	tiesName, clusterName, strataName, scale string

	covariates      []*numbers
	cluster, strata *labels
}

func (h *hazard) help() cobra.Command {
	return cobra.Command{
		Use:   "hazard --time T --event E --covariates A,B",
		Short: "what makes an event come sooner: Cox's proportional hazards",
		Long: `By how much each covariate multiplies the rate of an event (Cox 1972), with robust
errors, tests whether its effect stays the same over time, and how well risk
orders the events. Rows may begin late (--start) and be pieces of one subject
(--cluster). Rows with a blank in a column that is used are left out and counted.`,
		Example: "  throughline analyse hazard churn.csv --time months --event left --covariates price,calls,contract --strata country",
	}
}

func (h *hazard) register(f *pflag.FlagSet) {
	h.spells.register(f)
	f.StringSliceVar(&h.covariateNames, "covariates", nil, "columns of numbers that may move the rate, by commas")
	f.StringVar(&h.tiesName, "ties", "efron", "events at one time: efron or breslow")
	f.StringVar(&h.clusterName, "cluster", "", "column whose equal values may depend on each other, such as the subject of several rows")
	f.StringVar(&h.strataName, "strata", "", "column whose values each have a baseline of their own")
	f.StringVar(&h.scale, "transform", "km", "scale of time for the tests of proportionality: km, rank, identity or log")
}

func (h *hazard) columns() ([]column, error) {
	out, err := h.spells.columns()
	switch {
	case err != nil:
		return nil, err
	case len(h.covariateNames) == 0:
		return nil, usage("--covariates is missing; name the columns that may move the rate")
	case h.tiesName != "efron" && h.tiesName != "breslow":
		return nil, usage("--ties: %q is neither efron nor breslow", h.tiesName)
	case !slices.Contains([]string{"km", "rank", "identity", "log"}, h.scale):
		return nil, usage("--transform: %q is none of km, rank, identity, log", h.scale)
	}
	for i, name := range h.covariateNames {
		if slices.Contains(h.covariateNames[:i], name) {
			return nil, usage("--covariates names %s twice", name)
		}
		c := &numbers{ask: ask{"covariates", name, blankLeftOut}}
		h.covariates, out = append(h.covariates, c), append(out, c)
	}
	h.cluster, out = optional(out, ask{"cluster", h.clusterName, blankLeftOut})
	h.strata, out = optional(out, ask{"strata", h.strataName, blankLeftOut})
	return out, nil
}

// hazardFound is the document of analyse hazard.
type hazardFound struct {
	Instrument    string        `json:"instrument"`
	N             int64         `json:"n"`
	Events        int64         `json:"events"`
	EventValue    int           `json:"event_value"`
	Ties          string        `json:"ties"`
	Clusters      int           `json:"clusters,omitempty"`
	Parameters    object        `json:"parameters"`
	LogLikelihood hazardValues  `json:"log_likelihood"`
	Tests         hazardTests   `json:"tests"`
	Concordance   par           `json:"concordance"`
	Proportional  hazardProport `json:"proportional_hazards"`

	table grid
}

type hazardParameter struct {
	par
	HazardRatio real `json:"hazard_ratio"`
	RobustSE    real `json:"robust_se"`
	Low         real `json:"hazard_ratio_low"`
	High        real `json:"hazard_ratio_high"`
	P           real `json:"p"`
}

type hazardValues struct {
	Null   real `json:"null"`
	Fitted real `json:"fitted"`
}

type hazardTests struct {
	LikelihoodRatio testResult `json:"likelihood_ratio"`
	Wald            testResult `json:"wald"`
	Score           testResult `json:"score"`
}

type hazardProport struct {
	Transform string            `json:"transform"`
	Classic   []covariateResult `json:"classic"`
	Score     []covariateResult `json:"score"`
}

type covariateResult struct {
	Covariate string `json:"covariate"`
	testResult
}

// allCovariates is the name of the test of all together, as R has it.
const allCovariates = "GLOBAL"

func (h *hazard) compute(_ context.Context, from rows) (finding, error) {
	s, err := h.read(from)
	if err != nil {
		return nil, err
	}
	m := survival.Cox{Spells: s}
	if h.tiesName == "breslow" {
		m.Ties = survival.Breslow
	}
	for _, c := range h.covariates {
		m.Covariates = append(m.Covariates, survival.Covariate{Name: c.name, Values: c.values})
	}
	if h.cluster != nil {
		m.Cluster = h.cluster.ints()
	}
	if h.strata != nil {
		m.Stratum = h.strata.ints()
	}
	fit, err := m.Fit()
	if err != nil {
		return nil, needing(from, err)
	}
	d := &hazardFound{Instrument: "hazard", N: fit.N, Events: fit.Events, EventValue: h.value, Ties: h.tiesName, Clusters: fit.Clusters,
		LogLikelihood: hazardValues{num(fit.LogLikelihoodNull), num(fit.LogLikelihood)},
		Tests:         hazardTests{chiSquared(fit.LikelihoodRatio), chiSquared(fit.Wald), chiSquared(fit.Score)},
		Proportional:  hazardProport{Transform: h.scale}}
	if err := d.parameters(fit); err != nil {
		return nil, err
	}
	c, err := fit.Concordance()
	d.Concordance = par{numeral(c.Value, err), numeral(c.SE, err)}
	scale := survival.Transform(h.scale)
	classic, err := fit.Classic(scale)
	d.Proportional.Classic = h.proportional(classic, err)
	score, err := fit.Proportional(scale)
	d.Proportional.Score = h.proportional(score, err)
	return d, nil
}

func chiSquared(t survival.Test) testResult { return testOf(t.Statistic, float64(t.DF), t.P) }

// parameters fills in the coefficients; the robust errors stand beside the model's, which the intervals use unless there are clusters.
func (d *hazardFound) parameters(fit *survival.Fit) error {
	d.table.heads = []string{"covariate", "coefficient", "standard error", "robust", "times the rate", "from", "to", "p"}
	robust, why := fit.RobustErrors()
	for i, c := range fit.Coefficients {
		ratio, low, high, err := c.HazardRatio(0.95)
		if err != nil {
			return err
		}
		p := hazardParameter{parOf(c.Value, c.SE), num(ratio), noNumber(""), num(low), num(high), num(c.P())}
		if why != nil {
			p.RobustSE = noNumber(why.Error())
		} else {
			p.RobustSE = num(robust[i])
		}
		d.Parameters = append(d.Parameters, entry{c.Covariate, p})
		d.table.add(c.Covariate, p.Value, p.SE, p.RobustSE, p.HazardRatio, p.Low, p.High, p.P)
	}
	return nil
}

func (h *hazard) proportional(p survival.Proportionality, err error) []covariateResult {
	var out []covariateResult
	if err != nil {
		for _, name := range append(slices.Clone(h.covariateNames), allCovariates) {
			out = append(out, covariateResult{name, refusedTest(err.Error())})
		}
		return out
	}
	for _, c := range p.Covariates {
		out = append(out, covariateResult{c.Covariate, chiSquared(c.Test)})
	}
	return append(out, covariateResult{allCovariates, chiSquared(p.Global)})
}

func (d *hazardFound) text(w io.Writer) error {
	fmt.Fprintf(w, "What makes the event come sooner: Cox's proportional hazards, %s's ties.\n%s of %s",
		map[string]string{"efron": "Efron", "breslow": "Breslow"}[d.Ties], counted(int(d.Events), "event"), counted(int(d.N), "row"))
	if d.Clusters > 0 {
		fmt.Fprintf(w, " in %s; intervals and p are by the robust errors", counted(d.Clusters, "cluster"))
	}
	fmt.Fprintf(w, ". from and to hold 95 percent.%s\n\n", eventNote(d.EventValue))
	if err := d.table.print(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nNo covariate does anything: likelihood ratio %s;\n  Wald %s;\n  score %s.\n", d.Tests.LikelihoodRatio, d.Tests.Wald, d.Tests.Score)
	fmt.Fprintf(w, "Concordance: %s, standard error %s.\n\n", d.Concordance.Value, d.Concordance.SE)
	tests := grid{heads: []string{"effect stays the same over time", "score test", "p", "classic", "p"}}
	for i, s := range d.Proportional.Score {
		c := d.Proportional.Classic[i]
		name := s.Covariate
		if i == len(d.Proportional.Score)-1 {
			name = "all together"
		}
		tests.add(name, s.Statistic, s.P, c.Statistic, c.P)
	}
	if err := tests.print(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nTime is taken on the scale %s. A small p says that the effect changes: read the coefficient as an average over time, or use --strata.\n", d.Proportional.Transform)
	return err
}
