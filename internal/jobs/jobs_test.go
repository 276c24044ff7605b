package jobs_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
)

// TestMain lets the tests start this program once more, as a server that they
// can kill.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JOBS_TEST_SERVER"); dir != "" {
		os.Exit(serve(dir, os.Getenv("JOBS_TEST_ADDRESS")))
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // the tests wait more than they work
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
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
	o.Poll(100 * time.Millisecond)
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
