package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
)

// posted is what the posting process says of itself.
type posted struct {
	Make     float64           `json:"make_seconds"` // the simulation, which counts nowhere but in the whole process
	Post     float64           `json:"post_seconds"`
	Balance  float64           `json:"balance_seconds"`
	Write    float64           `json:"write_seconds"`
	CPU      float64           `json:"cpu_seconds"` // of all four
	Balances map[string]string `json:"balances"`
}

func (p posted) seconds() float64 { return p.Post + p.Balance + p.Write }

// journalFlags are those of both commands.
type journalFlags struct {
	transactions int
	to, profile  string
}

func (j *journalFlags) register(f *flag.FlagSet) {
	f.IntVar(&j.transactions, "transactions", 100_000, "transactions, of two postings each")
	f.StringVar(&j.to, "to", "", "the file of the journal (default: a temporary one)")
	f.StringVar(&j.profile, "profile", "", "writes where the CPU time of posting goes to this file")
}

// journal has simulated transactions posted, balanced and written in a process
// of its own, and the written file balanced by ledger and by hledger, each in
// turn. All must come to the same balances.
func journal(ctx context.Context, args []string, out io.Writer) (err error) {
	b := &bench{}
	var j journalFlags
	f := flag.NewFlagSet("bench journal", flag.ContinueOnError)
	j.register(f)
	f.IntVar(&b.runs, "runs", 3, "rounds; medians and ranges are over them")
	f.StringVar(&b.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 || j.transactions < 1 || b.runs < 1 {
		return errors.New("usage: go run ./bench journal [--transactions 1 or more] [--runs 1 or more]; --help lists all")
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if j.to == "" {
		dir, err := os.MkdirTemp("", "throughline-journal-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		j.to = filepath.Join(dir, "year.journal")
	}
	took, said, err := b.journalRounds(ctx, j)
	if err != nil {
		return err
	}
	bytes, err := size(j.to)
	if err != nil {
		return err
	}
	return b.publish(journalReport(j.transactions, bytes, took, said), out)
}

// readers are the programs that read the journal, as they are asked for every
// account's balance. `make unit` installs hledger; ledger is `apt-get install ledger`.
var readers = []struct {
	name string
	args []string
}{
	{"ledger", []string{"bal", "--flat", "--no-total", "--args-only", "--balance-format", "%(account),%(quantity(scrub(display_total)))\n"}},
	{"hledger", []string{"bal", "--flat", "-N", "-O", "csv"}},
}

func (b *bench) journalRounds(ctx context.Context, j journalFlags) (took map[string][]usage, said []posted, err error) {
	took = map[string][]usage{}
	for i := range b.runs {
		b.say("round %d of %d", i+1, b.runs)
		args := []string{"post", "--transactions", strconv.Itoa(j.transactions), "--to", j.to}
		if j.profile != "" {
			args = append(args, "--profile", j.profile)
		}
		text, ours, err := command(ctx, nil, b.self, args...)
		if err != nil {
			return nil, nil, err
		}
		var p posted
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, nil, err
		}
		said = append(said, p)
		took["throughline"] = append(took["throughline"], ours)
		for _, r := range readers {
			if _, err := exec.LookPath(r.name); err != nil {
				if i == 0 {
					b.say("%s is not here and is left out: apt-get install %s", r.name, r.name)
				}
				continue
			}
			text, theirs, err := command(ctx, []string{"LC_ALL=C.UTF-8"}, r.name, append([]string{"-f", j.to}, r.args...)...)
			if err != nil {
				return nil, nil, err
			}
			if err := p.agrees(string(text)); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", r.name, err)
			}
			theirs.against = &took["throughline"][i]
			took[r.name] = append(took[r.name], theirs)
		}
	}
	return took, said, nil
}

// agrees holds a program's balances, as rows of account and amount, to ours.
func (p posted) agrees(rows string) error {
	read, err := csv.NewReader(strings.NewReader(rows)).ReadAll()
	if err != nil {
		return err
	}
	seen := 0
	for _, row := range read {
		if row[0] == "account" {
			continue
		}
		ours, ok := p.Balances[row[0]]
		if !ok {
			return fmt.Errorf("%s is no account of the journal", row[0])
		}
		want, err := money.Parse(ours)
		if err != nil {
			return err
		}
		got, err := money.Parse(strings.TrimSuffix(row[1], " EUR"))
		if err != nil {
			return fmt.Errorf("%s: %w", row[0], err)
		}
		if !got.Equal(want) {
			return fmt.Errorf("%s holds %s, and ours is %s", row[0], row[1], ours)
		}
		seen++
	}
	if seen != len(p.Balances) {
		return fmt.Errorf("%d balances, and ours are %d", seen, len(p.Balances))
	}
	return nil
}

func journalReport(transactions int, bytes int64, took map[string][]usage, said []posted) string {
	var report strings.Builder
	fmt.Fprintf(&report, "%d transactions of two postings, %.1f MB of journal; %d rounds; %s; %s\n\n", transactions, float64(bytes)/1e6, len(said), machine(), time.Now().UTC().Format(time.DateOnly))
	report.WriteString("| whole process | wall s | CPU s | peak MB | wall ÷ ours | CPU ÷ ours |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	peak := func(u usage) float64 { return float64(u.peak >> 20) }
	for _, r := range []struct{ name, text string }{{"throughline", "throughline's `ledger`: post, balance, write"}, {"ledger", "Debian's ledger: read, balance"}, {"hledger", "Debian's hledger: read, balance"}} {
		us := took[r.name]
		if len(us) == 0 {
			continue
		}
		ratios := " | "
		if r.name != "throughline" {
			ratios = each(us, over(wall)).text(1) + " | " + each(us, over(cpu)).text(1)
		}
		fmt.Fprintf(&report, "| %s | %s | %s | %s | %s |\n", r.text, each(us, wall).text(2), each(us, cpu).text(2), each(us, peak).text(0), ratios)
	}
	part := func(value func(posted) float64) string {
		xs := make([]float64, len(said))
		for i, p := range said {
			xs[i] = value(p)
		}
		return spreadOf(xs).text(3)
	}
	fmt.Fprintf(&report, "\nOf ours, without starting the process and making the transactions (%s s): %s s, of these %s s posting, %s s balancing at six days, %s s writing; making and all, %s s of CPU.\n",
		part(func(p posted) float64 { return p.Make }),
		part(posted.seconds), part(func(p posted) float64 { return p.Post }), part(func(p posted) float64 { return p.Balance }), part(func(p posted) float64 { return p.Write }), part(func(p posted) float64 { return p.CPU }))
	report.WriteString("Every balance was equal, to the last decimal. Medians; in brackets the least and the most.\n")
	return report.String()
}

// post simulates a training journal of five years, posts it, asks for all
// balances at each year's end and at the end, and writes it for hledger.
func post(args []string, out io.Writer) (err error) {
	var f journalFlags
	set := flag.NewFlagSet("bench post", flag.ContinueOnError)
	f.register(set)
	if err := set.Parse(args); err != nil {
		return err
	}
	if f.profile != "" {
		to, err := os.Create(f.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(to); err != nil {
			return err
		}
		defer func() { pprof.StopCPUProfile(); err = errors.Join(err, to.Close()) }()
	}
	used := processTime()
	var p posted
	j, err := p.simulate(f.transactions)
	if err != nil {
		return err
	}
	begin := time.Now()
	var balances []ledger.Balance
	for year := range 6 {
		balances = j.Balances(calendar.DayOf(2021+year, time.December, 31))
	}
	p.Balance = time.Since(begin).Seconds()
	begin = time.Now()
	to, err := os.Create(f.to)
	if err != nil {
		return err
	}
	if err := errors.Join(j.WriteHledger(to), to.Close()); err != nil {
		return err
	}
	p.Write, p.CPU = time.Since(begin).Seconds(), (processTime() - used).Seconds()
	p.Balances = map[string]string{}
	for _, b := range balances {
		p.Balances[string(b.Account)] = b.Amount.Text(2)
	}
	return json.NewEncoder(out).Encode(p)
}

// simulate posts a training journal, a thousand transactions at a time, so that
// making them is told from posting them.
func (p *posted) simulate(transactions int) (*ledger.Journal, error) {
	j, err := ledger.New("EUR")
	if err != nil {
		return nil, err
	}
	assets, expenses, err := trainingAccounts()
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(20, 26))
	batch := make([]ledger.Transaction, 0, 1000)
	for i := 0; i < transactions; {
		begin := time.Now()
		batch = batch[:0]
		for ; i < transactions && len(batch) < cap(batch); i++ {
			a := r.IntN(len(assets))
			batch = append(batch, training(r, i, transactions, assets[a], expenses[a]))
		}
		made := time.Now()
		for _, t := range batch {
			if err := j.Post(t); err != nil {
				return nil, err
			}
		}
		p.Make += made.Sub(begin).Seconds()
		p.Post += time.Since(made).Seconds()
	}
	return j, nil
}

// trainingAccounts are those of three courses in each of a hundred departments.
func trainingAccounts() (assets, expenses []ledger.Account, err error) {
	for d := range 100 {
		for _, course := range []string{"Fire safety", "Sign-up & desk", "ledger"} {
			for root, to := range map[string]*[]ledger.Account{"Assets": &assets, "Expenses": &expenses} {
				a, err := ledger.Name(root, "Training", "Department "+strconv.Itoa(d+1), course)
				if err != nil {
					return nil, nil, err
				}
				*to = append(*to, a)
			}
		}
	}
	return assets, expenses, nil
}

// training is one of the years 2021 to 2025: what was spent becomes an asset, a
// month of which is amortised. One in ten comes later than its day.
func training(r *rand.Rand, i, of int, asset, expense ledger.Account) ledger.Transaction {
	first := calendar.DayOf(2021, time.January, 1)
	day := first + calendar.Day(i*1826/of)
	if r.IntN(10) == 0 {
		day = max(first, day-calendar.Day(r.IntN(60)))
	}
	cost := int64(100 + r.IntN(500_000))
	return ledger.Transaction{Day: day, ID: "TR-" + strconv.Itoa(i), Text: "Training of " + strconv.Itoa(r.IntN(50_000)), Postings: []ledger.Posting{
		{From: "Assets:Bank", To: asset, Amount: money.FromMicros(cost * 10_000), Memo: "hours and fee"},
		{From: asset, To: expense, Amount: money.FromMicros((cost + 35) / 36 * 10_000)},
	}}
}
