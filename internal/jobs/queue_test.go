package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

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
		others := ask(t, q, office.Task{Kind: office.BackupJob, By: 17, Key: "backup 17"})
		wait(t, q, others.ID, in(office.Refused))
		if n, err := q.Forget(t.Context(), "17", "marke", "arker"); err != nil || n != 0 {
			t.Errorf("words that stand nowhere by themselves touched %d jobs: %v", n, err)
		}
	})
}
