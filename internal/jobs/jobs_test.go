package jobs_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// TestMain lets the tests start this program once more, as a server that they
// can kill.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JOBS_TEST_SERVER"); dir != "" {
		os.Exit(serve(dir, os.Getenv("JOBS_TEST_ADDRESS")))
	}
	startCluster()
	code := m.Run()
	stopCluster()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// hall is an office that writes down what it does.
type hall struct {
	mu      sync.Mutex
	carry   func(ctx context.Context, j office.Job, heard office.Heard) (office.Outcome, error)
	settled map[int64][]office.Outcome
	settle  func() error
	begun   []int64
	at      sync.Map // ids that are being done at this moment
	twice   []int64  // ids that were begun while they were being done
}

func (h *hall) Carry(ctx context.Context, j office.Job, heard office.Heard) (office.Outcome, error) {
	h.mu.Lock()
	h.begun = append(h.begun, j.ID)
	if _, doing := h.at.LoadOrStore(j.ID, true); doing {
		h.twice = append(h.twice, j.ID)
	}
	h.mu.Unlock()
	defer h.at.Delete(j.ID)
	if h.carry == nil {
		return office.Outcome{State: office.Done, Text: "done"}, nil
	}
	return h.carry(ctx, j, heard)
}

func (h *hall) Settle(_ context.Context, j office.Job, o office.Outcome) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.settled == nil {
		h.settled = map[int64][]office.Outcome{}
	}
	if h.settle != nil {
		if err := h.settle(); err != nil {
			return err
		}
	}
	h.settled[j.ID] = append(h.settled[j.ID], o)
	return nil
}

func (h *hall) Begin(context.Context) error  { return nil }
func (h *hall) Remind(context.Context) error { return nil }

func (h *hall) times(id int64) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range h.begun {
		if b == id {
			n++
		}
	}
	return n
}

// soon tries again almost at once.
func soon(office.JobKind, int) time.Duration { return time.Millisecond }

// place is where a test keeps its jobs: a folder, or a database.
type place struct{ dir, address string }

// places are a file, and PostgreSQL where it is installed.
func places(t *testing.T, test func(t *testing.T, p place)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, place{dir: t.TempDir()})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, place{dir: t.TempDir(), address: database(t)})
	})
}

func open(t *testing.T, p place, change ...func(*jobs.Options)) *jobs.Queue {
	t.Helper()
	o := jobs.Options{
		Dir: p.dir, Address: p.address, Now: time.Now, Wait: soon, Every: 100 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	o.Grace(2 * time.Second)
	for _, c := range change {
		c(&o)
	}
	q, err := jobs.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
	return q
}

func stop(t *testing.T, q *jobs.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func start(t *testing.T, q *jobs.Queue, h *hall) {
	t.Helper()
	if err := q.Start(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, q *jobs.Queue, task office.Task) office.Job {
	t.Helper()
	j, err := q.Ask(t.Context(), task)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// wait looks at a job until it is as wanted.
func wait(t *testing.T, q *jobs.Queue, id int64, want func(office.Job) bool) office.Job {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		j, err := q.Job(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if want(j) {
			return j
		}
		if time.Since(begin) > 40*time.Second {
			t.Fatalf("job %d stays %s after %d attempts: %+v", id, j.State, j.Attempt, j.Outcome)
		}
	}
}

func in(s office.JobState) func(office.Job) bool {
	return func(j office.Job) bool { return j.State == s }
}

func TestEveryJobIsDoneOnceByOneOfTwoServers(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		const many = 200
		h := &hall{}
		first, second := open(t, p), open(t, p)
		var ids []int64
		for i := range many {
			kind := office.ImportJob
			if i%4 == 0 {
				kind = office.NotifyJob
			}
			ids = append(ids, ask(t, first, office.Task{Kind: kind, Key: fmt.Sprint("job ", i), At: time.Now()}).ID)
		}
		start(t, first, h)
		start(t, second, h)
		for _, id := range ids {
			wait(t, first, id, in(office.Done))
			if n := h.times(id); n != 1 {
				t.Errorf("job %d was begun %d times", id, n)
			}
		}
		if len(h.twice) > 0 {
			t.Errorf("jobs %v were done twice at once", h.twice)
		}
	})
}

func TestTasksWithTheSameKeyAreOneJob(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		h := &hall{}
		q := open(t, p)
		a := ask(t, q, office.Task{Kind: office.ImportJob, Key: "schedule 1/2011-09", By: 7})
		b := ask(t, q, office.Task{Kind: office.ImportJob, Key: "schedule 1/2011-09", By: 8})
		c := ask(t, q, office.Task{Kind: office.ImportJob})
		d := ask(t, q, office.Task{Kind: office.ImportJob})
		if a.ID != b.ID || b.By != 7 || c.ID == d.ID {
			t.Fatalf("got jobs %d, %d (by %d), %d, %d", a.ID, b.ID, b.By, c.ID, d.ID)
		}
		start(t, q, h)
		wait(t, q, a.ID, in(office.Done))
		if again := ask(t, q, office.Task{Kind: office.ImportJob, Key: "schedule 1/2011-09"}); again.ID != a.ID || again.State != office.Done {
			t.Errorf("asked again it is job %d (%s), not the done job %d", again.ID, again.State, a.ID)
		}
	})
}

func TestRefusalIsFinal(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		refused := office.Outcome{State: office.Refused, Text: "there are no orders", Do: "map the book orders"}
		h := &hall{carry: func(context.Context, office.Job, office.Heard) (office.Outcome, error) { return refused, nil }}
		q := open(t, p)
		start(t, q, h)
		j := ask(t, q, office.Task{Kind: office.ImportJob})
		j = wait(t, q, j.ID, in(office.Refused))
		if j.Outcome != refused || j.Attempt != 1 || j.Ended.IsZero() {
			t.Errorf("got %+v", j)
		}
		if n := h.times(j.ID); n != 1 {
			t.Errorf("it was begun %d times", n)
		}
		if got := h.settled[j.ID]; len(got) != 1 || got[0] != refused {
			t.Errorf("settled as %+v", got)
		}
	})
}

func TestFaultIsTriedAgainAndThenFails(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		var log bytes.Buffer
		var mu sync.Mutex
		h := &hall{carry: func(_ context.Context, j office.Job, _ office.Heard) (office.Outcome, error) {
			if j.By == 2 && j.Attempt == 3 {
				return office.Outcome{State: office.Done}, nil
			}
			if j.By == 3 {
				panic("a defect at customer \"C-4711\"")
			}
			return office.Outcome{}, errors.New(`write part: customer "C-4711": no luck`)
		}}
		q := open(t, p, func(o *jobs.Options) { o.Log = slog.New(slog.NewTextHandler(locked{&mu, &log}, nil)) })
		start(t, q, h)
		fails, recovers, panics := ask(t, q, office.Task{Kind: office.ImportJob, By: 1}), ask(t, q, office.Task{Kind: office.ImportJob, By: 2}), ask(t, q, office.Task{Kind: office.ImportJob, By: 3})
		if j := wait(t, q, fails.ID, in(office.Failed)); j.Attempt != 5 || j.Outcome.State != office.Failed || !strings.Contains(j.Outcome.Text, "no luck") || j.Outcome.Do == "" {
			t.Errorf("got %+v", j)
		}
		if got := h.settled[fails.ID]; len(got) != 1 || got[0].State != office.Failed {
			t.Errorf("settled as %+v", got)
		}
		if j := wait(t, q, recovers.ID, in(office.Done)); j.Attempt != 3 {
			t.Errorf("done at attempt %d, want 3", j.Attempt)
		}
		if j := wait(t, q, panics.ID, in(office.Failed)); !strings.Contains(j.Outcome.Text, "a defect of the program") {
			t.Errorf("got %+v", j.Outcome)
		}
		if again := ask(t, q, office.Task{Kind: office.ImportJob, By: 1}); again.ID == fails.ID {
			t.Error("a failed job cannot be asked for again")
		}
		mu.Lock()
		defer mu.Unlock()
		if text := log.String(); !strings.Contains(text, "a job met a fault") || strings.Contains(text, "C-4711") {
			t.Errorf("the log should name the fault and no customer:\n%s", text)
		}
	})
}

type locked struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func TestOutcomeThatCannotBeRecordedIsRecordedLater(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		tries := 0
		h := &hall{settle: func() error {
			if tries++; tries < 3 {
				return errors.New("the store is busy")
			}
			return nil
		}}
		q := open(t, p)
		start(t, q, h)
		j := ask(t, q, office.Task{Kind: office.ImportJob})
		if j = wait(t, q, j.ID, in(office.Done)); j.Attempt != 3 || len(h.settled[j.ID]) != 1 {
			t.Errorf("attempt %d, settled %v", j.Attempt, h.settled[j.ID])
		}
	})
}

func TestProgressCanBeSeenFromAnotherServer(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		release := make(chan struct{})
		h := &hall{carry: func(_ context.Context, _ office.Job, heard office.Heard) (office.Outcome, error) {
			heard("read orders", 3, 10)
			<-release
			return office.Outcome{State: office.Done, Text: "read"}, nil
		}}
		does, looks := open(t, p), open(t, p)
		start(t, does, h)
		j := ask(t, looks, office.Task{Kind: office.ImportJob})
		want := office.Progress{Act: "read orders", Done: 3, Total: 10}
		j = wait(t, looks, j.ID, func(j office.Job) bool { return j.Progress == want })
		if j.State != office.Working || j.Began.IsZero() || j.Attempt != 1 {
			t.Errorf("got %+v", j)
		}
		close(release)
		wait(t, looks, j.ID, in(office.Done))
	})
}

func TestStopWaitsForTheRunningAct(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		h := &hall{carry: func(ctx context.Context, _ office.Job, _ office.Heard) (office.Outcome, error) {
			select {
			case <-ctx.Done():
				return office.Outcome{}, ctx.Err()
			case <-time.After(700 * time.Millisecond):
				return office.Outcome{State: office.Done}, nil
			}
		}}
		q, looks := open(t, p), open(t, p)
		start(t, q, h)
		j := ask(t, q, office.Task{Kind: office.ImportJob})
		wait(t, looks, j.ID, in(office.Working))
		stop(t, q)
		if j, err := looks.Job(t.Context(), j.ID); err != nil || j.State != office.Done {
			t.Errorf("after the stop the job is %s (%v)", j.State, err)
		}
	})
}

func TestStopThatCannotWaitLeavesTheJobToTheNextServer(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		h := &hall{carry: func(ctx context.Context, _ office.Job, _ office.Heard) (office.Outcome, error) {
			<-ctx.Done()
			return office.Outcome{}, ctx.Err()
		}}
		q := open(t, p)
		start(t, q, h)
		j := ask(t, q, office.Task{Kind: office.ImportJob})
		wait(t, q, j.ID, in(office.Working))
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := q.Stop(short); err != nil {
			t.Fatal(err)
		}
		next := open(t, p)
		if j, err := next.Job(t.Context(), j.ID); err != nil || j.State != office.Waiting || j.Attempt != 0 {
			t.Errorf("it is %s after %d attempts (%v); stopping a server is no attempt", j.State, j.Attempt, err)
		}
		start(t, next, &hall{})
		wait(t, next, j.ID, in(office.Done))
	})
}

func TestJobsAreListedNewestFirstAndLettersOnlyWhenTheyFailed(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		h := &hall{carry: func(_ context.Context, j office.Job, _ office.Heard) (office.Outcome, error) {
			if j.By == 9 {
				return office.Outcome{State: office.Failed, Text: "the address is wrong"}, nil
			}
			return office.Outcome{State: office.Done}, nil
		}}
		q := open(t, p)
		start(t, q, h)
		var want []int64
		for _, task := range []office.Task{{Kind: office.ImportJob}, {Kind: office.NotifyJob}, {Kind: office.NotifyJob, By: 9}, {Kind: office.BackupJob}, {Kind: office.ImportJob}} {
			j := ask(t, q, task)
			wait(t, q, j.ID, func(j office.Job) bool { return j.State == office.Done || j.State == office.Failed })
			if task.Kind != office.NotifyJob || task.By == 9 {
				want = append([]int64{j.ID}, want...)
			}
		}
		all, err := q.Jobs(t.Context(), 10)
		var got []int64
		for _, j := range all {
			got = append(got, j.ID)
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("listed %v (%v), want %v", got, err, want)
		}
		if two, err := q.Jobs(t.Context(), 2); err != nil || len(two) != 2 || two[0].ID != want[0] {
			t.Errorf("the newest two are %v (%v)", two, err)
		}
		if _, err := q.Job(t.Context(), 4711); !errors.Is(err, program.ErrNone) {
			t.Errorf("a job that is not there: %v", err)
		}
	})
}

func TestForgottenWordsAreInNoByte(t *testing.T) {
	const person = "Ørsted <marker> & Søn"
	places(t, func(t *testing.T, p place) {
		h := &hall{carry: func(_ context.Context, j office.Job, _ office.Heard) (office.Outcome, error) {
			return office.Outcome{State: office.Refused, Text: "the links of " + person + " lead in a ring"}, nil
		}}
		q := open(t, p)
		start(t, q, h)
		arguments, err := json.Marshal(office.Order{Period: "2011-09", Preparer: person})
		if err != nil {
			t.Fatal(err)
		}
		told, asked, other := ask(t, q, office.Task{Kind: office.ImportJob}), ask(t, q, office.Task{Kind: office.CloseJob, Arguments: arguments}), ask(t, q, office.Task{Kind: office.ImportJob})
		for _, j := range []office.Job{told, asked, other} {
			wait(t, q, j.ID, in(office.Refused))
		}
		if n, err := q.Forget(t.Context(), strings.ToUpper(person)); err != nil || n != 3 {
			t.Fatalf("touched %d jobs: %v", n, err)
		}
		if _, err := q.Job(t.Context(), told.ID); !errors.Is(err, program.ErrNone) {
			t.Errorf("the job is still there: %v", err)
		}
		if _, err := q.Forget(t.Context(), " "); err == nil {
			t.Error("an empty word was accepted")
		}
		err = filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if bytes.Contains(text, []byte("marker")) {
				t.Errorf("%s still holds the words", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// serve is the server that tests kill: it does each job for as long as its
// arguments say and writes down when it begins and ends.
func serve(dir, address string) int {
	fail := func(err error) int {
		fmt.Println("failed", err)
		return 1
	}
	o := jobs.Options{Dir: dir, Address: address, Now: time.Now, Wait: soon, Every: 100 * time.Millisecond, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	o.Grace(2 * time.Second)
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

func TestCompaniesInOneDatabaseHaveTheirOwnJobs(t *testing.T) {
	t.Parallel()
	address := database(t)
	run(t, address, "CREATE SCHEMA acme")
	run(t, address, "CREATE SCHEMA other")
	a, b := open(t, place{address: address + "&search_path=acme"}), open(t, place{address: address + "&search_path=other"})
	h := &hall{}
	start(t, b, h)
	j := ask(t, a, office.Task{Kind: office.ImportJob})
	theirs := ask(t, b, office.Task{Kind: office.ImportJob})
	wait(t, b, theirs.ID, in(office.Done))
	if j, err := a.Job(t.Context(), j.ID); err != nil || j.State != office.Waiting || len(h.begun) != 1 {
		t.Errorf("the other company's job is %s (%v)", j.State, err)
	}
}

func TestDatabaseThatRefusesTheSchemaSaysWhatToDo(t *testing.T) {
	t.Parallel()
	address := database(t)
	run(t, address, "CREATE ROLE poor LOGIN")
	poor := strings.Replace(address, "test@", "poor@", 1)
	if _, err := jobs.Open(t.Context(), jobs.Options{Address: poor, Now: time.Now}); err == nil || !strings.Contains(err.Error(), `CREATE SCHEMA "throughline_jobs" AUTHORIZATION`) {
		t.Errorf("got %v", err)
	}
	run(t, address, `CREATE SCHEMA throughline_jobs AUTHORIZATION poor`)
	q, err := jobs.Open(t.Context(), jobs.Options{Address: poor, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := jobs.Open(t.Context(), jobs.Options{Address: "postgres://me:secret@host:port/x", Now: time.Now}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
