package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/throughline/throughline/likelihood"
)

// maximum is the part of a document that a fit by maximum likelihood fills. A fit that is refused has its parameters refused.
type maximum struct {
	Parameters    object `json:"parameters"`
	LogLikelihood real   `json:"log_likelihood"`
	Converged     bool   `json:"converged"`

	refused string
	table   grid
}

// refusedFit takes a model's refusal out of an error; any other error is one of the file.
func refusedFit(err error) (reason string, other error) {
	var r likelihood.Refusal
	if errors.As(err, &r) {
		return r.Reason, nil
	}
	return "", err
}

func maximumOf(names []string, fit likelihood.Fit, refused string) maximum {
	m := maximum{refused: refused, LogLikelihood: noNumber(refused), table: grid{heads: []string{"parameter", "value", "standard error", "from", "to"}}}
	if refused != "" {
		for _, name := range names {
			m.Parameters = append(m.Parameters, entry{name, par{noNumber(refused), noNumber(refused)}})
		}
		return m
	}
	m.LogLikelihood, m.Converged = num(fit.LogLikelihood), true
	for i, name := range names {
		low, high := fit.Interval(i, 0.95)
		entryOf := struct {
			par
			Low  real `json:"low"`
			High real `json:"high"`
		}{parOf(fit.Values[i], fit.SE(i)), num(low), num(high)}
		m.Parameters = append(m.Parameters, entry{name, entryOf})
		m.table.add(name, entryOf.Value, entryOf.SE, entryOf.Low, entryOf.High)
	}
	return m
}

// print is the parameters as a table, or why there are none.
func (m maximum) print(w io.Writer) error {
	if m.refused != "" {
		_, err := fmt.Fprintf(w, "No parameters: %s.\n", printable(m.refused))
		return err
	}
	fmt.Fprintln(w)
	if err := m.table.print(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nLog-likelihood %.4f; from and to hold 95 percent.\n", m.LogLikelihood.value)
	return err
}
