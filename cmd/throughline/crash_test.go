package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
)

// thorough tells whether the tests that take long are to run too, as CI has it.
func thorough() bool { return os.Getenv("THROUGHLINE_THOROUGH") != "" }

// kills is at how many random moments the program is killed: two, thoroughly
// five, or as many as THROUGHLINE_KILLS says.
func kills(t *testing.T) int {
	text := os.Getenv("THROUGHLINE_KILLS")
	if text == "" && thorough() {
		return 5
	}
	if text == "" {
		return 2
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("THROUGHLINE_KILLS: %v", err)
	}
	return n
}

// built is the command: testscript keeps the test binary under its name.
func built(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("throughline")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// step is one command line of a company's life and what its files are before.
type step struct {
	files map[string]string
	args  []string
}

// life is imports, closes and a restatement over growing files.
func life() []step {
	month := func(year, month, rows, seed int) string {
		r := rand.New(rand.NewPCG(uint64(year*100+month), uint64(seed)))
		var b strings.Builder
		b.WriteString("who,day,eur,line\n")
		for i := range rows {
			fmt.Fprintf(&b, "c%d,%d-%02d-%02d,%d.%02d,%d%02d-%d\n", r.IntN(800), year, month, 1+r.IntN(28), r.IntN(300)-20, r.IntN(100), year, month, i)
		}
		return b.String()
	}
	first, second := map[string]string{}, map[string]string{}
	for m := 1; m <= 6; m++ {
		first[fmt.Sprintf("data/2023-%02d.csv", m)] = month(2023, m, 2500, 1)
		second[fmt.Sprintf("data/2024-%02d.csv", m)] = month(2024, m, 2500, 1)
	}
	closing := func(period string, more ...string) []string {
		return append([]string{"close", "--preparer", "Ada", "--json", "--period", period}, more...)
	}
	return []step{
		{first, []string{"import"}},
		{nil, closing("2023-06", "--compare", "2023-05")},
		{second, closing("2024-06")},
		{nil, closing("2024-Q2")},
		{map[string]string{"data/2024-06.csv": month(2024, 6, 2400, 2)}, closing("2024-Q2", "--restate")},
		{map[string]string{"data/2024-07.csv": month(2024, 7, 2500, 1)}, []string{"import"}},
		{nil, closing("2024-07", "--compare", "2024-06")},
	}
}

// ran is how one command line went.
type ran struct {
	out, err string
	exit     error
	took     time.Duration
}

// alone runs the program as a process of its own; after the delay, when there
// is one, the process gets the signal.
func alone(t *testing.T, path string, c testCompany, args []string, delay time.Duration, signal os.Signal) ran {
	t.Helper()
	cmd := exec.Command(path, c.args(args[0], args[1:]...)...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	cmd.Env = append(os.Environ(), "THROUGHLINE_THREADS=2")
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if signal != nil {
		timer := time.AfterFunc(delay, func() {
			_ = cmd.Process.Signal(signal) // a process that has ended cannot be stopped
		})
		defer timer.Stop()
	}
	err := cmd.Wait()
	return ran{out.String(), errOut.String(), err, time.Since(began)}
}

// timeless takes out of a document what depends on when and how often things
// were done: the seal's time and its snapshot's number.
func timeless(t *testing.T, text string) string {
	t.Helper()
	var m map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	delete(m["sealed"].(map[string]any), "at")
	delete(m["sealed"].(map[string]any), "snapshot")
	if r, ok := m["restatement"].(map[string]any); ok {
		delete(r, "sealed_at")
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func put(c testCompany, files map[string]string) {
	for name, content := range files {
		if old, err := os.ReadFile(c.path(name)); err == nil && string(old) == content {
			continue
		}
		c.write(name, content)
	}
}

// reference lives the life undisturbed.
func reference(t *testing.T, path string, steps []step) []ran {
	t.Helper()
	c := newCompany(t, shopBooks("", ""), nil)
	var results []ran
	for _, s := range steps {
		put(c, s.files)
		r := alone(t, path, c, s.args, 0, nil)
		if r.exit != nil {
			t.Fatalf("%v: %v\n%s", s.args, r.exit, r.err)
		}
		results = append(results, r)
	}
	return results
}

// TestKilledAtAnyMoment kills the program with SIGKILL at random moments of a
// company's life. Whatever it had printed is there afterwards, byte for byte,
// what comes next is what would have come without it, and the next import
// leaves nothing of the dead process lying about.
func TestKilledAtAnyMoment(t *testing.T) { interrupted(t, os.Kill) }

// TestInterruptedAtAnyMoment does the same with SIGINT, which the program hears.
func TestInterruptedAtAnyMoment(t *testing.T) { interrupted(t, os.Interrupt) }

func interrupted(t *testing.T, signal os.Signal) {
	if runtime.GOOS == "windows" {
		t.Skip("processes get no such signals on Windows")
	}
	if testing.Short() {
		t.Skip("kills a program for a minute")
	}
	path := built(t)
	steps := life()
	want := reference(t, path, steps)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	var total time.Duration
	for _, w := range want {
		total += w.took
	}
	hit := 0
	for n := range kills(t) {
		at := time.Duration(random.Int64N(int64(total)))
		step := 0
		for at >= want[step].took {
			at -= want[step].took
			step++
		}
		if killedOnce(t, path, steps, want, step, at, signal) {
			hit++
		}
		if t.Failed() {
			t.Fatalf("point %d: %v was stopped after %v", n, steps[step].args, at)
		}
	}
	t.Logf("%d points, of which %d hit a running process", kills(t), hit)
}

// killedOnce lives a life in which one step is stopped once, and tells whether
// the signal came in time.
func killedOnce(t *testing.T, path string, steps []step, want []ran, at int, delay time.Duration, signal os.Signal) bool {
	t.Helper()
	c := newCompany(t, shopBooks("", ""), nil)
	defer os.RemoveAll(c.dir) // a hundred of them are much
	var printed []string      // documents
	snapshots := 0
	keep := func(s step, out string) {
		if s.args[0] == "close" && json.Valid([]byte(out)) {
			printed = append(printed, out)
		}
		if _, after, ok := strings.Cut(out, "snapshot "); ok && s.args[0] == "import" {
			if n, err := strconv.Atoi(strings.SplitN(after, ":", 2)[0]); err == nil {
				snapshots = n
			}
		}
	}
	hit := false
	for i, s := range steps {
		put(c, s.files)
		if i == at {
			r := alone(t, path, c, s.args, delay, signal)
			var exit *exec.ExitError
			if hit = errors.As(r.exit, &exit); hit && exit.ExitCode() >= 0 {
				if exit.ExitCode() != exitRefused || !strings.Contains(r.err, "stopped") {
					t.Errorf("%v: %v\n%s", s.args, r.exit, r.err)
				}
				nothingLeft(t, c, false)
			}
			keep(s, r.out)
			acknowledged(t, c, printed, snapshots)
		}
		r := alone(t, path, c, s.args, 0, nil)
		if r.exit != nil {
			t.Errorf("%v: %v\n%s", s.args, r.exit, r.err)
			return hit
		}
		keep(s, r.out)
		if s.args[0] == "close" && timeless(t, r.out) != timeless(t, want[i].out) {
			t.Errorf("%v:\n%s\nwant\n%s", s.args, r.out, want[i].out)
		}
		nothingLeft(t, c, true)
	}
	acknowledged(t, c, printed, snapshots)
	return hit
}

// acknowledged checks that everything printed so far is kept.
func acknowledged(t *testing.T, c testCompany, printed []string, snapshots int) {
	t.Helper()
	c.within(func(_ *app, co *company) error {
		ctx := context.Background()
		seals, err := co.store.Seals(ctx)
		if err != nil {
			return err
		}
		for _, document := range printed {
			kept := slices.ContainsFunc(seals, func(s closing.Sealed) bool { return string(s.Document) == document })
			if !kept {
				t.Errorf("was printed and is not kept:\n%s", document)
			}
		}
		latest, err := co.store.Latest(ctx)
		if err != nil {
			return err
		}
		if latest.ID < int64(snapshots) {
			t.Errorf("the latest snapshot is %d; %d was told", latest.ID, snapshots)
		}
		for _, p := range latest.Parts {
			info, err := os.Stat(filepath.Join(co.dir, p.Path))
			if err != nil || info.Size() != p.Bytes {
				t.Errorf("part %s: %v", p.Path, err)
			}
		}
		return nil
	})
}

// nothingLeft checks that no scratch space is left and, after an import, no
// folder of parts that no snapshot lists.
func nothingLeft(t *testing.T, c testCompany, imported bool) {
	t.Helper()
	if left, err := filepath.Glob(c.path(".throughline/scratch-*")); err != nil || len(left) > 0 {
		t.Errorf("scratch space is left: %v %v", left, err)
	}
	if !imported {
		return
	}
	found, err := filepath.Glob(c.path(".throughline/parts/*/*"))
	if err != nil {
		t.Fatal(err)
	}
	c.within(func(_ *app, co *company) error {
		listed, err := co.store.Folders(context.Background())
		for _, folder := range found {
			if rel, _ := filepath.Rel(co.dir, folder); !slices.Contains(listed, rel) {
				t.Errorf("%s is an orphan", folder)
			}
		}
		return err
	})
}
