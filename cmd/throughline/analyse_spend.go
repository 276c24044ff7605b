package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/internal/books"
)

// spend is the gamma-gamma model of what a purchase costs (package clv).
type spend struct {
	frequencyName, monetaryName, weightName string
	frequency, monetary, weight             *numbers
}

func (s *spend) help() cobra.Command {
	return cobra.Command{
		Use:   "spend --frequency X --monetary M",
		Short: "what a purchase costs, by customer: the gamma-gamma model",
		Long: `Fits the gamma-gamma model by maximum likelihood to customers with repeat purchases
and a mean spend above 0 (others are left out and counted), and tests what it
assumes: that spend does not depend on how often a customer buys.`,
		Example: "  throughline analyse spend summary.csv --frequency x --monetary zbar",
	}
}

func (s *spend) register(f *pflag.FlagSet) {
	f.StringVar(&s.frequencyName, "frequency", "", "column of the number of purchases that the mean is of")
	f.StringVar(&s.monetaryName, "monetary", "", "column of the mean spend of a purchase")
	f.StringVar(&s.weightName, "weight", "", "column of how many customers a row stands for")
}

func (s *spend) columns() ([]column, error) {
	if s.frequencyName == "" || s.monetaryName == "" {
		return nil, usage("spend needs --frequency and --monetary, the columns of purchases and of their mean")
	}
	s.frequency, s.monetary = &numbers{ask: ask{"frequency", s.frequencyName, blankRefused}}, &numbers{ask: ask{"monetary", s.monetaryName, blankKept}}
	out := []column{s.frequency, s.monetary}
	if s.weightName != "" {
		s.weight = &numbers{ask: ask{"weight", s.weightName, blankRefused}}
		out = append(out, s.weight)
	}
	return out, nil
}

func (s *spend) compute(_ context.Context, from rows) (finding, error) {
	d := &spendFound{Instrument: "spend"}
	spends, err := s.gather(d, from)
	if err != nil {
		return nil, err
	}
	d.N = num(spends.Customers())
	fit, err := clv.FitGammaGamma(spends)
	refused, err := refusedFit(err)
	if err != nil {
		return nil, err
	}
	d.maximum = maximumOf([]string{"p", "q", "gamma"}, fit.Fit.Fit, refused)
	if refused != "" {
		d.Mean, d.Independence = noNumber(refused), independenceFound{testResult: refusedTest(refused), Correlation: noNumber(refused), Low: noNumber(refused), High: noNumber(refused)}
		return d, nil
	}
	d.Mean = noNumber("q is not above 1, so that spend has no mean")
	if m := fit.Model.Mean(); !math.IsNaN(m) {
		d.Mean = num(m)
	}
	i := fit.Independence
	d.Independence = independenceFound{testOf(i.Statistic, i.DF, i.P), num(i.Correlation), num(i.Low), num(i.High), ""}
	if err := i.Err(); err != nil {
		d.Independence.Refused = err.Error()
	}
	return d, nil
}

// gather reads a customer a row.
func (s *spend) gather(d *spendFound, from rows) (*clv.Spends, error) {
	place := 0
	spends, err := clv.GatherSpend(func(yield func(clv.Spend, float64) bool) {
		for i, x := range s.frequency.values {
			place = i
			n, mean := 1.0, s.monetary.values[i]
			if s.weight != nil {
				n = s.weight.values[i]
			}
			if x <= 0 || mean <= 0 || x > 0 && math.IsNaN(mean) {
				d.LeftOut++
				continue
			}
			one := clv.Spend{Purchases: int64(x), Mean: mean}
			if x != math.Floor(x) || x > 1e15 {
				one.Purchases = -1 // refused below
			}
			if !yield(one, n) {
				return
			}
		}
	})
	if err != nil {
		what := errors.Unwrap(err)
		if what == nil {
			what = err
		}
		if x := s.frequency.values[place]; x != math.Floor(x) || x > 1e15 {
			what = fmt.Errorf("column %s: %v is not a number of purchases: 0, 1, 2 …", s.frequencyName, x)
		}
		return nil, &books.Refusal{Where: from.at(place), What: what.Error()}
	}
	return spends, nil
}

// spendFound is the document of analyse spend.
type spendFound struct {
	Instrument string `json:"instrument"`
	N          real   `json:"n"`
	LeftOut    int    `json:"left_out"`
	maximum
	Mean         real              `json:"population_mean"`
	Independence independenceFound `json:"independence"`
}

// independenceFound is the test, and why no value may rest on the model, where it may not.
type independenceFound struct {
	testResult
	Correlation real   `json:"correlation"`
	Low         real   `json:"low"`
	High        real   `json:"high"`
	Refused     string `json:"value_refused,omitempty"`
}

func (d *spendFound) text(w io.Writer) error {
	fmt.Fprintf(w, "Gamma-gamma by maximum likelihood: %s customers with repeat purchases; %s left out.\n", d.N, counted(d.LeftOut, "row"))
	if err := d.print(w); err != nil || d.refused != "" {
		return err
	}
	if d.Mean.refused != "" {
		fmt.Fprintf(w, "Mean spend of a purchase over customers: refused: %s.\n", d.Mean.refused)
	} else {
		fmt.Fprintf(w, "Mean spend of a purchase over customers: %s.\n", d.Mean)
	}
	i := d.Independence
	fmt.Fprintf(w, "Spend and frequency: correlation %s (%s to %s), t %s.\n", i.Correlation, i.Low, i.High, i.testResult)
	verdict := "The model's assumption that spend does not depend on frequency can be kept: the correlation may be as small as 0.1, which moves a total little."
	if i.Refused != "" {
		verdict = "No value should rest on this model: " + printable(i.Refused) + "."
	}
	_, err := fmt.Fprintln(w, verdict)
	return err
}
