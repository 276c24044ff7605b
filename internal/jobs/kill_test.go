package jobs_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
)

// serve is the server that tests kill: it does each job for as long as its
// arguments say and writes down when it begins and ends.
func serve(dir, address string) int {
	fail := func(err error) int {
		fmt.Println("failed", err)
		return 1
	}
	o := jobs.Options{Dir: dir, Address: address, Now: time.Now, Wait: soon, Every: 100 * time.Millisecond, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	o.Grace(2 * time.Second)
	o.Poll(100 * time.Millisecond)
	q, err := jobs.Open(context.Background(), o)
	if err != nil {
		return fail(err)
	}
	h := &hall{carry: func(_ context.Context, j office.Job, heard office.Heard) (office.Outcome, error) {
		var takes time.Duration
		if err := json.Unmarshal(j.Arguments, &takes); err != nil {
			return office.Outcome{}, err
		}
		fmt.Println("begin", j.ID, j.Attempt)
		heard("sleep", 1, 2)
		time.Sleep(takes)
		fmt.Println("end", j.ID)
		return office.Outcome{State: office.Done}, nil
	}}
	fmt.Println("ready")
	if err := q.Start(context.Background(), h); err != nil {
		return fail(err)
	}
	if _, err := bufio.NewReader(os.Stdin).ReadByte(); err != nil { // the test ends it
		fmt.Println("stop")
	}
	within, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := q.Stop(within); err != nil {
		return fail(err)
	}
	return 0
}

// child is a server in a process of its own.
type child struct {
	*exec.Cmd
	lines chan string
}

func spawn(t *testing.T, p place) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0]), lines: make(chan string, 1000)}
	c.Env = append(os.Environ(), "JOBS_TEST_SERVER="+p.dir, "JOBS_TEST_ADDRESS="+p.address)
	c.Stderr = testLog{t}
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
		close(c.lines)
	}()
	t.Cleanup(func() {
		in.Close()
		c.Process.Kill()
		<-read
		c.Wait()
	})
	c.expect(t, "ready")
	return c
}

func (c *child) expect(t *testing.T, want string) {
	t.Helper()
	deadline := time.After(40 * time.Second)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				t.Fatalf("the server ended before it said %q", want)
			}
			if line == want {
				return
			}
		case <-deadline:
			t.Fatalf("the server did not say %q", want)
		}
	}
}

func lasting(d time.Duration) json.RawMessage { return json.RawMessage(fmt.Sprint(int64(d))) }

func TestJobOfAKilledServerIsBegunAgain(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		q := open(t, p)
		killed := spawn(t, p)
		j := ask(t, q, office.Task{Kind: office.ImportJob, Arguments: lasting(time.Minute)})
		after := ask(t, q, office.Task{Kind: office.ImportJob, Arguments: lasting(0)})
		killed.expect(t, fmt.Sprintf("begin %d 1", j.ID))
		if err := killed.Process.Kill(); err != nil { // −9
			t.Fatal(err)
		}
		h := &hall{}
		start(t, q, h)
		j = wait(t, q, j.ID, in(office.Done))
		wait(t, q, after.ID, in(office.Done))
		if j.Attempt != 2 || h.times(j.ID) != 1 {
			t.Errorf("done at attempt %d, begun %d times here", j.Attempt, h.times(j.ID))
		}
	})
}

func TestLongJobOfALivingServerIsLeftAlone(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		q := open(t, p)
		other := spawn(t, p)
		j := ask(t, q, office.Task{Kind: office.ImportJob, Arguments: lasting(2 * time.Second)})
		other.expect(t, fmt.Sprintf("begin %d 1", j.ID))
		h := &hall{}
		start(t, q, h) // looks for jobs to take over ten times a second
		other.expect(t, fmt.Sprintf("end %d", j.ID))
		j = wait(t, q, j.ID, in(office.Done))
		if j.Attempt != 1 || h.times(j.ID) != 0 {
			t.Errorf("done at attempt %d, and begun %d times by the other server", j.Attempt, h.times(j.ID))
		}
	})
}

func TestJobThatEndsEveryServerFailsAtLast(t *testing.T) {
	t.Parallel()
	dir := place{dir: t.TempDir()}
	q := open(t, dir)
	j := ask(t, q, office.Task{Kind: office.ImportJob, Arguments: lasting(time.Minute)})
	for attempt := 1; attempt <= 5; attempt++ {
		killed := spawn(t, dir)
		killed.expect(t, fmt.Sprintf("begin %d %d", j.ID, attempt))
		if err := killed.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		killed.Wait() //nolint:errcheck // it was killed
	}
	h := &hall{}
	start(t, q, h)
	j = wait(t, q, j.ID, in(office.Failed))
	if !strings.Contains(j.Outcome.Text, "begun 5 times") || h.times(j.ID) != 0 || len(h.settled[j.ID]) != 1 {
		t.Errorf("got %+v, begun %d times more, settled %v", j.Outcome, h.times(j.ID), h.settled[j.ID])
	}
}

func TestTwoServersOpenAFreshStoreAtOnce(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				q, err := jobs.Open(t.Context(), jobs.Options{Dir: p.dir, Address: p.address, Now: time.Now})
				if err != nil {
					t.Error(err)
					return
				}
				if err := q.Stop(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

func TestLosingTheDatabaseCancelsWhatRunsAndBeginsItAgain(t *testing.T) {
	t.Parallel()
	p := place{dir: t.TempDir(), address: database(t)}
	cancelled := make(chan error, 1)
	h := &hall{carry: func(ctx context.Context, j office.Job, _ office.Heard) (office.Outcome, error) {
		if len(cancelled) == 0 && j.By == 1 {
			<-ctx.Done()
			cancelled <- context.Cause(ctx)
			return office.Outcome{}, ctx.Err()
		}
		return office.Outcome{State: office.Done}, nil
	}}
	q := open(t, p)
	start(t, q, h)
	j := ask(t, q, office.Task{Kind: office.ImportJob, By: 1})
	wait(t, q, j.ID, in(office.Working))
	cut(t, p.address)
	wait(t, q, j.ID, in(office.Done))
	if cause := <-cancelled; cause == nil || !strings.Contains(cause.Error(), "was lost") {
		t.Errorf("the act was cancelled because: %v", cause)
	}
	if n := h.times(j.ID); n != 2 || len(h.twice) > 0 {
		t.Errorf("it was begun %d times, at once: %v", n, h.twice)
	}
}

// A full disk can keep a job that was done from being marked so.
func TestJobThatCouldNotBeMarkedAsDoneIsBegunAgain(t *testing.T) {
	t.Parallel()
	p := place{dir: t.TempDir()}
	q := open(t, p, func(o *jobs.Options) { o.MarkedAfter(2 * time.Second) })
	h := &hall{}
	start(t, q, h)
	j := ask(t, q, office.Task{Kind: office.ImportJob})
	wait(t, q, j.ID, in(office.Done))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, "jobs", "jobs.db")+"?_pragma=busy_timeout(15000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // only a test's
	if _, err := db.ExecContext(t.Context(), "UPDATE river_job SET state = 'running', finalized_at = NULL WHERE id = ?", j.ID); err != nil {
		t.Fatal(err)
	}
	if j = wait(t, q, j.ID, in(office.Done)); j.Attempt != 2 || h.times(j.ID) != 2 {
		t.Errorf("done at attempt %d, begun %d times", j.Attempt, h.times(j.ID))
	}
}

var slow = flag.Bool("slow", false, "run the tests that take a minute")

// Servers are killed all the time while jobs are done; then every job is done,
// and no two servers ever did one at once.
func TestKillingServersLosesNothing(t *testing.T) {
	if !*slow {
		t.Skip("takes a minute; -slow runs it")
	}
	places(t, func(t *testing.T, p place) {
		const many = 300
		q := open(t, p)
		for range many {
			ask(t, q, office.Task{Kind: office.ImportJob, Arguments: lasting(20 * time.Millisecond)})
		}
		doing, kills := map[string]*child{}, 0
		servers := []*child{spawn(t, p), spawn(t, p), spawn(t, p)}
		note := func(c *child, line string) {
			f := strings.Fields(line)
			switch {
			case len(f) == 3 && f[0] == "begin":
				if by := doing[f[1]]; by != nil {
					t.Errorf("job %s was begun while another server did it", f[1])
				}
				doing[f[1]] = c
			case len(f) == 2 && f[0] == "end":
				delete(doing, f[1])
			}
		}
		gone := func(c *child) {
			for line := range c.lines {
				note(c, line)
			}
			for id, by := range doing {
				if by == c {
					delete(doing, id)
				}
			}
		}
		for begin := time.Now(); time.Since(begin) < 20*time.Second; kills++ {
			time.Sleep(500 * time.Millisecond)
			for _, c := range servers {
				for more := true; more; {
					select {
					case line := <-c.lines:
						note(c, line)
					default:
						more = false
					}
				}
			}
			i := kills % len(servers)
			if err := servers[i].Process.Kill(); err != nil {
				t.Fatal(err)
			}
			gone(servers[i])
			servers[i] = spawn(t, p)
		}
		all, err := q.Jobs(t.Context(), many)
		if err != nil {
			t.Fatal(err)
		}
		attempts := 0
		for _, j := range all {
			j = wait(t, q, j.ID, func(j office.Job) bool { return j.State == office.Done || j.State == office.Failed })
			if attempts += j.Attempt; j.State != office.Done {
				t.Errorf("job %d is %s: %+v", j.ID, j.State, j.Outcome)
			}
		}
		t.Logf("%d jobs, %d kills, %d attempts", len(all), kills, attempts)
	})
}
