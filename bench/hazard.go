package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/survival"
)

//go:embed hazard.R
var hazardInR string

// The columns of a covariate each: two normal ones, one of the two rare, a count and a skewed one, with their effects on the log hazard.
var hazardEffects = []float64{0.3, -0.2, 0.8, 0.05, -0.1}

// hazardCases are the shapes of the rows.
var hazardCases = []struct {
	name       string
	days, late bool
}{
	{"right-censored, times without ties", false, false},
	{"right-censored, whole days", true, false},
	{"(start, stop], whole days", true, true},
}

// coxResult is what a fit says, ours and R's.
type coxResult struct {
	Seconds       float64   `json:"seconds"`
	CPU           float64   `json:"cpu_seconds"`
	Coefficients  []float64 `json:"coefficients"`
	Errors        []float64 `json:"errors"`
	LogLikelihood float64   `json:"log_likelihood"`
	Concordance   float64   `json:"concordance"`
	ConcordanceSE float64   `json:"concordance_se"`
	Version       string    `json:"version"`
	peak          int64
}

// hazard fits a Cox model to simulated rows by survival and by R's coxph, each in a process of its own. Timed is what coxph does: sorting, the fit
// and the concordance with its error, not reading the columns. Both must come to the same figures.
func hazard(ctx context.Context, args []string, out io.Writer) (err error) {
	b := &bench{}
	f := flag.NewFlagSet("bench hazard", flag.ContinueOnError)
	n := f.Int("rows", 1_000_000, "rows")
	f.IntVar(&b.runs, "runs", 3, "rounds; medians are over them")
	rscript := f.String("rscript", "Rscript", "R with its package survival; empty: none")
	f.StringVar(&b.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 || *n < 1000 || b.runs < 1 {
		return errors.New("usage: go run ./bench hazard [--rows 1000 or more] [--runs 1 or more]; --help lists all")
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if err := hasR(ctx, *rscript); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "throughline-hazard-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := os.WriteFile(b.path("hazard.R"), []byte(hazardInR), 0o644); err != nil {
		return err
	}
	var report strings.Builder
	version := ""
	for i, c := range hazardCases {
		dir := b.path(strconv.Itoa(i))
		if err := hazardRows(dir, *n, c.days, c.late); err != nil {
			return err
		}
		ours, theirs, err := b.hazardRounds(ctx, c.name, dir, *rscript, *n, c.late)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(&report, "| %s | %.2f | %.2f | %d |", c.name, ours.Seconds, ours.CPU, ours.peak>>20)
		if theirs.Seconds > 0 {
			version = theirs.Version + "; "
			fmt.Fprintf(&report, " %.2f | %.2f | %d | %.1f | %.1f |\n", theirs.Seconds, theirs.CPU, theirs.peak>>20, theirs.Seconds/ours.Seconds, theirs.CPU/ours.CPU)
		} else {
			report.WriteString(" | | | | |\n")
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("Cox with Efron's ties, %d rows, %d covariates, concordance with its error; median of %d; %s%s; %s\n\n"+
		"| rows | survival s | CPU s | peak MB | coxph s | CPU s | peak MB | times as fast | by CPU |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n%s",
		*n, len(hazardEffects), b.runs, version, machine(), time.Now().UTC().Format(time.DateOnly), report.String())
	return b.publish(text, out)
}

// hasR says what to install when R or its package is missing.
func hasR(ctx context.Context, rscript string) error {
	if rscript == "" {
		return nil
	}
	if _, err := exec.LookPath(rscript); err != nil {
		return fmt.Errorf("%s is not there: on Debian and Ubuntu `apt-get install r-cran-survival` brings R and its package survival; --rscript '' goes without", rscript)
	}
	if _, _, err := command(ctx, nil, rscript, "-e", "library(survival)"); err != nil {
		return fmt.Errorf("the package survival of R is not there (`apt-get install r-cran-survival`; --rscript '' goes without): %w", err)
	}
	return nil
}

// hazardRounds fits both in turn, and takes the rounds of median time.
func (b *bench) hazardRounds(ctx context.Context, name, dir, rscript string, n int, late bool) (ours, theirs coxResult, err error) {
	run := func(program string, args ...string) (r coxResult, err error) {
		text, used, err := command(ctx, nil, program, append(args, dir, strconv.Itoa(n), strconv.Itoa(len(hazardEffects)), strconv.FormatBool(late))...)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		r.peak = used.peak
		return r, err
	}
	var a, z []coxResult
	for i := range b.runs {
		b.say("%s: round %d of %d", name, i+1, b.runs)
		r, err := run(b.self, "cox")
		if err != nil {
			return ours, theirs, err
		}
		a = append(a, r)
		if rscript == "" {
			continue
		}
		with, err := run(rscript, b.path("hazard.R"))
		if err != nil {
			return ours, theirs, err
		}
		z = append(z, with)
		if err := r.agrees(with); err != nil {
			return ours, theirs, err
		}
	}
	median := func(of []coxResult) coxResult {
		slices.SortFunc(of, func(a, b coxResult) int { return cmp.Compare(a.Seconds, b.Seconds) })
		return of[len(of)/2]
	}
	if len(z) > 0 {
		theirs = median(z)
	}
	return median(a), theirs, nil
}

// agrees holds two fits to each other: coefficients to a ten thousandth of their errors.
func (r coxResult) agrees(with coxResult) error {
	if len(r.Coefficients) != len(with.Coefficients) {
		return fmt.Errorf("%d coefficients, and R has %d", len(r.Coefficients), len(with.Coefficients))
	}
	for i, c := range r.Coefficients {
		if !(math.Abs(c-with.Coefficients[i]) <= 1e-4*r.Errors[i]) || !(math.Abs(r.Errors[i]-with.Errors[i]) <= 1e-4*r.Errors[i]) {
			return fmt.Errorf("coefficient %d is %v (%v), and R says %v (%v)", i+1, c, r.Errors[i], with.Coefficients[i], with.Errors[i])
		}
	}
	if !(math.Abs(r.LogLikelihood-with.LogLikelihood) <= 1e-9*math.Abs(r.LogLikelihood)) {
		return fmt.Errorf("the log-likelihood is %v, and R says %v", r.LogLikelihood, with.LogLikelihood)
	}
	if !(math.Abs(r.Concordance-with.Concordance) <= 1e-6) || !(math.Abs(r.ConcordanceSE-with.ConcordanceSE) <= 1e-6) {
		return fmt.Errorf("the concordance is %v (%v), and R says %v (%v)", r.Concordance, r.ConcordanceSE, with.Concordance, with.ConcordanceSE)
	}
	return nil
}

// hazardRows simulates customers of exponential lifetimes who are watched for up to five years and writes a file of doubles a column. Late ones
// begin on any day of the first two years.
func hazardRows(dir string, n int, days, late bool) error {
	r := rand.New(rand.NewPCG(20, 26))
	columns := map[string][]float64{"start": make([]float64, n), "stop": make([]float64, n), "event": make([]float64, n)}
	var x [][]float64
	for range hazardEffects {
		x = append(x, make([]float64, n))
	}
	for i := range n {
		v := []float64{r.NormFloat64(), r.NormFloat64(), 0, float64(r.IntN(20)), math.Exp(r.NormFloat64())}
		if r.Float64() < 0.05 {
			v[2] = 1
		}
		eta := 0.0
		for a, b := range hazardEffects {
			x[a][i] = v[a]
			eta += b * v[a]
		}
		t := 1500 * r.ExpFloat64() * math.Exp(-eta)
		seen := 1826 * r.Float64()
		event := t <= seen
		stop, start := min(t, seen), 0.0
		if late {
			start = math.Floor(730 * r.Float64())
		}
		if days {
			stop = math.Floor(stop) + 1
		}
		columns["start"][i], columns["stop"][i] = start, start+stop
		if event {
			columns["event"][i] = 1
		}
	}
	for a, v := range x {
		columns["x"+strconv.Itoa(a+1)] = v
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, v := range columns {
		text := make([]byte, 0, 8*n)
		for _, y := range v {
			text = binary.LittleEndian.AppendUint64(text, math.Float64bits(y))
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// cox fits the rows of a folder and says so in JSON; the arguments are those of hazard.R.
func cox(args []string, out io.Writer) error {
	if len(args) != 4 {
		return errors.New("usage: bench cox DIR ROWS COVARIATES LATE")
	}
	k, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	read := func(name string) []float64 {
		text, problem := os.ReadFile(filepath.Join(args[0], name))
		err = errors.Join(err, problem)
		v := make([]float64, len(text)/8)
		for i := range v {
			v[i] = math.Float64frombits(binary.LittleEndian.Uint64(text[8*i:]))
		}
		return v
	}
	m := survival.Cox{Spells: survival.Spells{Stop: read("stop")}}
	for _, e := range read("event") {
		m.Event = append(m.Event, e == 1)
	}
	for i := range k {
		name := "x" + strconv.Itoa(i+1)
		m.Covariates = append(m.Covariates, survival.Covariate{Name: name, Values: read(name)})
	}
	if args[3] == "true" {
		m.Start = read("start")
	}
	if err != nil {
		return err
	}
	begin, used := time.Now(), processTime()
	fit, err := m.Fit()
	if err != nil {
		return err
	}
	c, err := fit.Concordance()
	if err != nil {
		return err
	}
	r := coxResult{Seconds: time.Since(begin).Seconds(), CPU: (processTime() - used).Seconds(), LogLikelihood: fit.LogLikelihood, Concordance: c.Value, ConcordanceSE: c.SE}
	for _, x := range fit.Coefficients {
		r.Coefficients, r.Errors = append(r.Coefficients, x.Value), append(r.Errors, x.SE)
	}
	return json.NewEncoder(out).Encode(r)
}
