package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/clv"
)

//go:embed lifetimes.py
var lifetimesInPython string

// fitted is what a fit says, ours and Python's.
type fitted struct {
	Method     string    `json:"method"`
	Customers  float64   `json:"customers"`
	Distinct   int       `json:"distinct"`
	Gather     float64   `json:"gather_seconds"`
	Fit        float64   `json:"fit_seconds"`
	CPU        float64   `json:"cpu_seconds"` // of the fit
	Passes     int       `json:"passes"`
	Parameters []float64 `json:"parameters"`
	Value      float64   `json:"log_likelihood"`
	peak       int64
}

// perCustomer is the CPU time of a fit for one of its customers, in microseconds: of wall time a busy machine makes anything.
func (f fitted) perCustomer() float64 { return 1e6 * f.CPU / f.Customers }

// lifetimes fits simulated customers by clv, each size in a process of its own, and a smaller number of them by clv and by
// scipy (lifetimes.py), which must come to the same likelihood.
func lifetimes(ctx context.Context, args []string, out io.Writer) (err error) {
	b := &bench{}
	f := flag.NewFlagSet("bench lifetimes", flag.ContinueOnError)
	sizes := f.String("customers", "1000000,10000000", "numbers of customers, separated by commas")
	same := f.Int("same", 100_000, "customers that BG/NBD is fitted to by scipy too")
	samePareto := f.Int("same-pareto", 10_000, "customers that Pareto/NBD is fitted to by scipy too")
	python := f.String("python", "/usr/bin/python3", "a Python with numpy and scipy (Debian: python3-scipy); empty: none")
	f.StringVar(&b.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "throughline-lifetimes-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var report strings.Builder
	fmt.Fprintf(&report, "Simulated customers; %s; %s\n\n| model | customers | distinct histories | simulated and gathered s | fit s | CPU s | passes | CPU µs a customer | peak MB |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
		machine(), time.Now().UTC().Format(time.DateOnly))
	largest := map[string]fitted{}
	for _, model := range []string{"bgnbd", "pareto-nbd"} {
		for _, size := range strings.Split(*sizes, ",") {
			b.say("%s of %s customers", model, size)
			r, err := b.fit(ctx, "--model", model, "--customers", size)
			if err != nil {
				return err
			}
			largest[model] = r
			fmt.Fprintf(&report, "| %s | %.0f | %d | %.1f | %.2f | %.2f | %d | %.3f | %d |\n", model, r.Customers, r.Distinct, r.Gather, r.Fit, r.CPU, r.Passes, r.perCustomer(), r.peak>>20)
		}
	}
	if *python != "" {
		report.WriteString("\n| model | customers | by | fit s | CPU s | CPU µs a customer | log-likelihood | ÷ ours, same customers | ÷ ours, most customers |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
		for model, n := range map[string]int{"bgnbd": *same, "pareto-nbd": *samePareto} {
			if err := b.beside(ctx, &report, dir, *python, model, n, largest[model]); err != nil {
				return err
			}
		}
	}
	return b.publish(report.String(), out)
}

// fit has one fit done in a process of its own.
func (b *bench) fit(ctx context.Context, args ...string) (fitted, error) {
	var r fitted
	text, used, err := command(ctx, nil, b.self, append([]string{"fit"}, args...)...)
	if err != nil {
		return r, err
	}
	r.peak = used.peak
	return r, json.Unmarshal(text, &r)
}

// beside fits the same customers by clv and by scipy.
func (b *bench) beside(ctx context.Context, report io.Writer, dir, python, model string, n int, largest fitted) error {
	rows, program := filepath.Join(dir, model+".csv"), filepath.Join(dir, "lifetimes.py")
	if err := os.WriteFile(program, []byte(lifetimesInPython), 0o644); err != nil {
		return err
	}
	ours, err := b.fit(ctx, "--model", model, "--customers", strconv.Itoa(n), "--rows", rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(report, "| %s | %d | clv | %.3f | %.3f | %.3f | %.4f | 1 | %.1f |\n", model, n, ours.Fit, ours.CPU, ours.perCustomer(), ours.Value, ours.perCustomer()/largest.perCustomer())
	b.say("%s of %d customers by scipy, which takes minutes", model, n)
	c := exec.CommandContext(ctx, python, program, model, rows)
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err != nil {
		return fmt.Errorf("%s: %w (apt-get install python3-scipy, or --python '')", python, err)
	}
	var theirs []fitted
	if err := json.Unmarshal(text, &theirs); err != nil {
		return err
	}
	for _, r := range theirs {
		if math.Abs(r.Value-ours.Value) > 0.01 {
			return fmt.Errorf("%s by %s comes to a log-likelihood of %v, clv to %v", model, r.Method, r.Value, ours.Value)
		}
		fmt.Fprintf(report, "| %s | %d | %s | %.2f | %.2f | %.2f | %.4f | %.0f | %.0f |\n", model, n, r.Method, r.Fit, r.CPU, r.perCustomer(), r.Value,
			r.perCustomer()/ours.perCustomer(), r.perCustomer()/largest.perCustomer())
	}
	return nil
}

// fitOne simulates customers, fits one model to them and says so in JSON.
func fitOne(_ context.Context, args []string, out io.Writer) (err error) {
	f := flag.NewFlagSet("bench fit", flag.ContinueOnError)
	model := f.String("model", "bgnbd", "bgnbd or pareto-nbd")
	n := f.Int("customers", 1_000_000, "customers")
	rows := f.String("rows", "", "also write the customers' histories to this CSV file")
	if err := f.Parse(args); err != nil {
		return err
	}
	customers := simulatedHistories(*model, *n)
	if *rows != "" {
		if err := writeHistories(*rows, customers); err != nil {
			return err
		}
	}
	start := time.Now()
	h, err := clv.Gather(customers)
	if err != nil {
		return err
	}
	r := fitted{Method: "clv", Customers: h.Customers(), Distinct: h.Distinct(), Gather: time.Since(start).Seconds()}
	start, cpu := time.Now(), processTime()
	switch *model {
	case "bgnbd":
		fit, err := clv.FitBGNBD(h)
		if err != nil {
			return err
		}
		r.Parameters, r.Value, r.Passes = fit.Values, fit.LogLikelihood, fit.Evaluations
	case "pareto-nbd":
		fit, err := clv.FitParetoNBD(h)
		if err != nil {
			return err
		}
		r.Parameters, r.Value, r.Passes = fit.Values, fit.LogLikelihood, fit.Evaluations
	default:
		return fmt.Errorf("no model %q", *model)
	}
	r.Fit, r.CPU = time.Since(start).Seconds(), (processTime() - cpu).Seconds()
	return json.NewEncoder(out).Encode(r)
}

func writeHistories(name string, customers iter.Seq2[clv.History, float64]) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	for h := range customers {
		if _, err := fmt.Fprintf(w, "%d,%v,%v\n", h.Repeats, h.Last, h.Age); err != nil {
			return err
		}
	}
	return w.Flush()
}

// simulatedHistories are of customers who came on a day of the last three years and buy by the model, whose parameters are near those of
// CDNOW's customers by the day. Several purchases on a day are one. The same number gives the same customers.
func simulatedHistories(model string, n int) iter.Seq2[clv.History, float64] {
	return func(yield func(clv.History, float64) bool) {
		random := rand.New(rand.NewPCG(1, uint64(n)))
		gamma := func(shape, rate float64) float64 { return distuv.Gamma{Alpha: shape, Beta: rate, Src: random}.Rand() }
		for range n {
			h := clv.History{Age: float64(1 + random.IntN(1095))}
			leaves, chance := math.Inf(1), 0.0
			var rate float64
			if model == "bgnbd" {
				rate, chance = gamma(0.243, 31), distuv.Beta{Alpha: 0.793, Beta: 2.426, Src: random}.Rand()
			} else {
				rate, leaves = gamma(0.553, 74), random.ExpFloat64()/gamma(0.606, 82)
			}
			for at := random.ExpFloat64() / rate; at < math.Min(h.Age, leaves); at += random.ExpFloat64() / rate {
				if day := math.Ceil(at); day > h.Last {
					h.Last = day
					h.Repeats++
					if random.Float64() < chance {
						break
					}
				}
			}
			if !yield(h, 1) {
				return
			}
		}
	}
}
