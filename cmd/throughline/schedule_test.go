package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// actAs is the variable by which a test starts this test program once more as
// the command itself, so that it can be killed without another build.
const actAs = "THROUGHLINE_TEST_COMMAND"

func TestActAsTheCommand(t *testing.T) {
	args := os.Getenv(actAs)
	if args == "" {
		t.Skip("only for tests that start the command as a process of its own")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, strings.Split(args, "\n"), os.Stdout, os.Stderr))
}

// started is the command running.
func (c testCompany) started(args ...string) (*exec.Cmd, *bytes.Buffer) {
	c.t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(os.Args[0], "-test.run=^TestActAsTheCommand$")
	cmd.Env = append(os.Environ(), actAs+"="+strings.Join(c.args(args[0], args[1:]...), "\n"))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return cmd, &out
}

// missed is a company whose schedule should have closed the month before this
// one when it ended, and no server was running.
func missed(t *testing.T) (c testCompany, label string, schedule int64) {
	t.Helper()
	today := calendar.DayIn(time.Now(), time.UTC)
	this := calendar.MonthOf(today)
	label = (this - 1).String()
	c = newCompany(t, `company: Scheduled
settings: {currency: EUR, timezone: UTC}
books:
  orders: {from: data/*.csv, columns: {customer_id: who, ordered_at: day, amount: eur, line_id: line}}
`, nil)
	r := rand.New(rand.NewPCG(7, 7))
	for m := this - 26; m < this; m++ {
		var b strings.Builder
		b.WriteString("who,day,eur,line\n")
		for i := range 4000 {
			fmt.Fprintf(&b, "c%d,%s-%02d,%d.%02d,%s-%d\n", r.IntN(3000), m, 1+r.IntN(28), r.IntN(300)-20, r.IntN(100), m, i)
		}
		c.write("data/"+m.String()+".csv", b.String())
	}
	if err := os.MkdirAll(c.path(".throughline"), 0o700); err != nil {
		t.Fatal(err)
	}
	store := c.store()
	defer store.Close() //nolint:errcheck // only a test's
	ended := time.Unix(int64(this.First())*24*60*60, 0)
	o := &office.Office{Store: store, Config: c.path("books.yaml"), Dir: c.path(".throughline"), Now: func() time.Time { return ended.Add(-time.Hour) }, Later: office.Later{Times: store}}
	s, err := o.SaveSchedule(t.Context(), office.Schedule{Kind: office.CloseJob, Rhythm: office.Rhythm{On: true, Every: "month", Day: 1, At: "00:00"}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Next.Label != label || s.Due.After(time.Now()) {
		t.Fatalf("the schedule waits for %+v", s.Next)
	}
	return c, label, s.ID
}

func (c testCompany) store() *sqlite.Store {
	c.t.Helper()
	s, err := sqlite.Open(c.t.Context(), filepath.Join(c.path(".throughline"), storeFile))
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// A server is killed twice in the middle of a scheduled close that was missed;
// the third one ends it, and there is one seal.
func TestScheduledCloseSurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three servers")
	}
	c, label, schedule := missed(t)
	watch, err := jobs.Open(t.Context(), jobs.Options{Dir: c.path(".throughline"), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop(t.Context()) //nolint:errcheck // it was never started
	for kill := 1; kill <= 2; kill++ {
		server, out := c.started("serve", "--listen", "127.0.0.1:0")
		c.until(server, out, func() bool {
			all, err := closes(watch, t)
			return err == nil && len(all) == 1 && all[0].State == office.Working && all[0].Attempt == kill && all[0].Progress.Act != ""
		})
		if err := server.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		server.Wait() //nolint:errcheck // it was killed
	}
	server, out := c.started("serve", "--listen", "127.0.0.1:0")
	store := c.store()
	defer store.Close() //nolint:errcheck // only a test's
	var runs []program.Run
	c.until(server, out, func() bool {
		runs, err = store.Runs(t.Context(), schedule, 10)
		return err == nil && len(runs) == 1 && runs[0].Outcome != program.Running
	})
	if runs[0].Outcome != program.Done || !strings.HasPrefix(runs[0].Link, "/statement/") {
		t.Errorf("the run is %+v\n%s", runs[0], out)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("the server ended by %v\n%s", err, out)
	}
	seals, err := store.Seals(t.Context())
	if err != nil || len(seals) != 1 || seals[0].Label != label || seals[0].Preparer != office.Scheduled {
		t.Fatalf("sealed: %+v (%v)", seals, err)
	}
	if again := c.done("close", "--period", label, "--json"); again != string(seals[0].Document) {
		t.Error("closing again prints another document than was sealed")
	}
	if all, err := closes(watch, t); err != nil || len(all) != 1 || all[0].State != office.Done || all[0].Attempt != 3 || all[0].Outcome.Seal != seals[0].ID {
		t.Errorf("the jobs are %+v (%v)", all, err)
	}
}

// closes are the jobs that close.
func closes(q *jobs.Queue, t *testing.T) (out []office.Job, err error) {
	all, err := q.Jobs(t.Context(), 10)
	for _, j := range all {
		if j.Kind == office.CloseJob {
			out = append(out, j)
		}
	}
	return out, err
}

// until waits for something that a running server does.
func (c testCompany) until(server *exec.Cmd, out *bytes.Buffer, is func() bool) {
	c.t.Helper()
	for begin := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > 90*time.Second {
			server.Process.Kill() //nolint:errcheck // the test has failed
			server.Wait()         //nolint:errcheck // as above
			c.t.Fatalf("the server did not come to it:\n%s", out)
		}
	}
}
