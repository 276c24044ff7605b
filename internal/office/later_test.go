package office_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/internal/store/sqlite"
)

var update = flag.Bool("update", false, "write the letters that are read in testdata/letters")

// house is an office over a real store and a real queue, with a clock that the
// test turns. Its closes seal a document without an engine; cmd/throughline
// tests the real ones.
type house struct {
	*office.Office
	dir     string
	store   *sqlite.Store
	queue   *jobs.Queue
	mu      sync.Mutex
	at      time.Time
	letters []office.Letter
	closed  []string
	refuse  *closing.Refusal
	fault   error
}

const yaml = `company: Example Ltd
settings: {currency: EUR, timezone: %s}
books:
  orders: {from: orders.csv, columns: {customer_id: client, ordered_at: at, amount: amount}}
`

func newHouse(t *testing.T, now string) *house {
	t.Helper()
	h := &house{dir: t.TempDir()}
	h.turn(t, now)
	h.zone(t, "Europe/London")
	h.open(t)
	return h
}

func (h *house) zone(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, "books.yaml"), fmt.Appendf(nil, yaml, name), 0o600); err != nil {
		t.Fatal(err)
	}
}

// open opens the store and a queue that is not started.
func (h *house) open(t *testing.T) {
	t.Helper()
	var err error
	if h.store, err = sqlite.Open(t.Context(), filepath.Join(h.dir, "throughline.db")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Commit(t.Context(), snapshot.Change{At: h.now()}); err != nil {
		t.Fatal(err)
	}
	store := h.store
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	h.openQueue(t)
	h.Office = &office.Office{
		Store: h.store, Config: filepath.Join(h.dir, "books.yaml"), Dir: h.dir, Now: h.now,
		Later: office.Later{
			Queue: h.queue, Times: h.store, Post: h,
			Address: func(_ context.Context, user int64) (string, error) {
				return map[int64]string{7: "lead@example.com"}[user], nil
			},
			Page: func(path string) string { return "https://throughline.example.com" + path },
			Hooks: map[office.JobKind]office.Hook{office.BackupJob: func(context.Context, office.Job, office.Heard) (office.Outcome, error) {
				return office.Outcome{Text: "backed up"}, nil
			}},
		},
	}
}

func (h *house) openQueue(t *testing.T) {
	t.Helper()
	q, err := jobs.Open(t.Context(), jobs.Options{
		Dir: h.dir, Now: time.Now, Every: time.Hour, Log: slog.New(slog.DiscardHandler), Wait: func(office.JobKind, int) time.Duration { return time.Millisecond },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	h.queue = q
}

func (h *house) start(t *testing.T) {
	t.Helper()
	if err := h.queue.Start(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

// turn turns the clock.
func (h *house) turn(t *testing.T, text string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	h.at = at
	h.mu.Unlock()
}

// Send keeps letters.
func (h *house) Send(_ context.Context, l office.Letter) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.letters = append(h.letters, l)
	return nil
}

// Carry closes without an engine.
func (h *house) Carry(ctx context.Context, j office.Job, heard office.Heard) (office.Outcome, error) {
	if j.Kind != office.CloseJob {
		return h.Office.Carry(ctx, j, heard)
	}
	h.mu.Lock()
	refuse, fault := h.refuse, h.fault
	h.mu.Unlock()
	if refuse != nil {
		return office.Outcome{State: office.Refused, Text: refuse.What, Do: refuse.Do}, nil
	}
	if fault != nil {
		return office.Outcome{}, fault
	}
	h.mu.Lock()
	h.closed = append(h.closed, j.Turn.Label)
	h.mu.Unlock()
	seal, err := h.seal(ctx, j.Turn.Label, "month.json", 0)
	if errors.Is(err, closing.ErrSealed) {
		return office.Outcome{State: office.Done, Text: "sealed already"}, nil
	}
	return office.Outcome{State: office.Done, Text: "sealed", Seal: seal.ID, Link: fmt.Sprintf("/closes/%d", seal.ID)}, err
}

// seal keeps a document of the report's tests.
func (h *house) seal(ctx context.Context, label, document string, restates int64) (closing.Seal, error) {
	text, err := os.ReadFile(filepath.Join("..", "report", "testdata", document))
	if err != nil {
		return closing.Seal{}, err
	}
	s := closing.Seal{
		Statement: "statement of " + label, Label: label, At: h.now(), Snapshot: 1, Fingerprint: "f" + label, Inputs: []byte("{}"),
		Preparer: office.Scheduled, Restates: restates, Document: text,
	}
	if restates != 0 {
		s.Difference, s.Fingerprint = []byte("{}"), "again "+label
	}
	return h.store.Keep(ctx, s)
}

func (h *house) save(t *testing.T, s office.Schedule) office.Schedule {
	t.Helper()
	kept, err := h.SaveSchedule(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func monthly(tell ...string) office.Schedule {
	return office.Schedule{Kind: office.CloseJob, By: 7, Rhythm: office.Rhythm{On: true, Every: "month", Day: 3, Working: true, At: "06:00", Tell: tell, Overdue: 2}}
}

func (h *house) begin(t *testing.T) {
	t.Helper()
	if err := h.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// settled waits until no turn runs and no letter waits, and returns the runs,
// oldest first.
func (h *house) settled(t *testing.T, schedule int64, want int) []program.Run {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		runs, err := h.Turns(t.Context(), schedule, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(runs) == want && !slices.ContainsFunc(runs, func(r program.Run) bool { return r.Outcome == program.Running }) {
			slices.Reverse(runs)
			return runs
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("want %d runs that have ended, have %+v", want, runs)
		}
	}
}

// told waits for so many letters and returns all that came.
func (h *house) told(t *testing.T, want int) []office.Letter {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		h.mu.Lock()
		letters := slices.Clone(h.letters)
		h.mu.Unlock()
		if len(letters) >= want {
			return letters
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("want %d letters, have %+v", want, letters)
		}
	}
}

// quiet makes sure that no more letters come than there are.
func (h *house) quiet(t *testing.T, want int) {
	t.Helper()
	time.Sleep(300 * time.Millisecond)
	if letters := h.told(t, want); len(letters) != want {
		t.Errorf("%d letters, want %d: %+v", len(letters), want, letters)
	}
}

func TestScheduledCloseRunsAtItsHourOnceAndIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.start(t)
	s := h.save(t, monthly("finance@example.com", "user 7", "user 8"))
	if s.Version != 1 || s.Next.Label != "2011-09" || !s.Due.Equal(time.Date(2011, 10, 5, 5, 0, 0, 0, time.UTC)) {
		t.Fatalf("saved as %+v", s)
	}
	h.turn(t, "2011-10-05T04:59:59Z")
	h.begin(t)
	if runs, err := h.Turns(t.Context(), s.ID, 10); err != nil || len(runs) != 0 {
		t.Fatalf("a second too early: %+v (%v)", runs, err)
	}
	h.turn(t, "2011-10-05T05:00:05Z")
	h.begin(t)
	h.begin(t)
	runs := h.settled(t, s.ID, 1)
	if r := runs[0]; r.Outcome != program.Done || !strings.HasPrefix(r.Link, "/closes/") || !r.Due.Equal(s.Due) {
		t.Errorf("the run is %+v", r)
	}
	letters := h.told(t, 2) // user 8 has no address
	h.quiet(t, 2)
	to := []string{letters[0].To, letters[1].To}
	if slices.Sort(to); fmt.Sprint(to) != "[finance@example.com lead@example.com]" {
		t.Errorf("told %v", to)
	}
	if l := letters[0]; l.Subject != "Example Ltd: September 2011 is sealed" || strings.Contains(strings.Join(l.Paragraphs, " "), "late") {
		t.Errorf("the letter is %+v", l)
	}
	after, err := h.Schedule(t.Context(), s.ID)
	if err != nil || after.Version != 1 || after.Next.Label != "2011-10" || !after.Due.Equal(time.Date(2011, 11, 3, 6, 0, 0, 0, time.UTC)) {
		t.Errorf("next is %+v (%v)", after, err)
	}
}

func TestMissedClosesAreMadeUpForOnceEachAndNamedAsLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	s := h.save(t, monthly("finance@example.com"))
	h.turn(t, "2011-12-20T09:30:00Z") // nothing ran since September
	h.begin(t)
	h.begin(t)
	h.start(t)
	runs := h.settled(t, s.ID, 3)
	if got := fmt.Sprint(h.closed); got != "[2011-09 2011-10 2011-11]" {
		t.Errorf("closed %s", got)
	}
	for i, want := range []string{"2011-10-05T05:00:00Z", "2011-11-03T06:00:00Z", "2011-12-05T06:00:00Z"} {
		if got := runs[i].Due.Format(time.RFC3339); got != want || runs[i].Outcome != program.Done {
			t.Errorf("run %d was due %s (%s), want %s", i, got, runs[i].Outcome, want)
		}
	}
	for _, l := range h.told(t, 3) {
		if text := strings.Join(l.Paragraphs, "\n"); !strings.Contains(text, "It is late: it was due on") || !strings.Contains(text, "was begun on 20 December 2011 at 09:30") {
			t.Errorf("the letter does not say that it is late:\n%s", text)
		}
	}
	h.quiet(t, 3)
	if after, err := h.Schedule(t.Context(), s.ID); err != nil || after.Next.Label != "2011-12" {
		t.Errorf("next is %+v (%v)", after.Next, err)
	}
}

func TestAnyNumberOfServersBeginEachTurnOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-01-20T10:00:00Z")
	s := h.save(t, monthly())
	h.turn(t, "2011-12-20T09:30:00Z")
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if err := h.Begin(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h.begin(t)
	h.start(t)
	h.settled(t, s.ID, 11)
	if len(h.closed) != 11 || !slices.IsSorted(h.closed) || h.closed[0] != "2011-01" || h.closed[10] != "2011-11" {
		t.Errorf("closed %v", h.closed)
	}
}

func TestTurnWhoseJobWasLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	s := h.save(t, monthly("finance@example.com"))
	h.turn(t, "2011-10-05T05:01:00Z")
	// The process ends after the turn is recorded and before its job is.
	run := program.Run{Schedule: s.ID, Due: s.Due, Began: h.now(), Outcome: program.Running}
	if _, err := h.store.BeginRun(t.Context(), run, s.Due.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	h.begin(t)
	h.begin(t)
	// The jobs are lost before it is done.
	if err := h.queue.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(h.dir, "jobs")); err != nil {
		t.Fatal(err)
	}
	h.openQueue(t)
	h.Queue = h.queue
	h.begin(t)
	h.start(t)
	if runs := h.settled(t, s.ID, 1); runs[0].Outcome != program.Done {
		t.Errorf("the run is %+v", runs[0])
	}
	h.quiet(t, 1)
	if len(h.closed) != 1 {
		t.Errorf("closed %v", h.closed)
	}
}

// forgetful forgets to record how turns end, as a process that is killed does.
type forgetful struct{ *house }

func (forgetful) Settle(context.Context, office.Job, office.Outcome) error { return nil }

func TestTurnThatEndedUnrecordedIsRecordedLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	s := h.save(t, monthly())
	h.turn(t, "2011-10-05T05:01:00Z")
	if err := h.queue.Start(t.Context(), forgetful{h}); err != nil {
		t.Fatal(err)
	}
	h.begin(t)
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if list, err := h.Jobs(t.Context(), 1); err != nil || len(list) == 1 && list[0].State == office.Done {
			break
		}
	}
	h.begin(t)
	if runs := h.settled(t, s.ID, 1); runs[0].Outcome != program.Done || !strings.HasPrefix(runs[0].Link, "/closes/") {
		t.Errorf("the run is %+v", runs[0])
	}
}

func TestRefusalIsToldWithWhatToDoAndWithoutCustomers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.start(t)
	s := h.save(t, monthly("finance@example.com"))
	h.refuse = &closing.Refusal{What: `the links of "C-MARK" (MARK@example.com) lead in a ring:` + "\n  C-MARK → C-MARK", Do: "take one of its links out of the source"}
	h.turn(t, "2011-10-05T05:01:00Z")
	h.begin(t)
	if runs := h.settled(t, s.ID, 1); runs[0].Outcome != program.Refused || !strings.HasPrefix(runs[0].Link, "/runs/") || !strings.Contains(runs[0].Note, "take one of its links") {
		t.Errorf("the run is %+v", runs[0])
	}
	l := h.told(t, 1)[0]
	text := strings.Join(l.Paragraphs, "\n")
	if l.Subject != "Example Ltd: September 2011 was refused" || !strings.Contains(text, "Why: the links of … lead in a ring.") || !strings.Contains(text, "What to do: take one of its links out of the source.") {
		t.Errorf("the letter is %s\n%s", l.Subject, text)
	}
	if strings.Contains(fmt.Sprint(l), "MARK") {
		t.Errorf("a customer is in the letter: %+v", l)
	}
}

func TestFaultThatStaysIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.start(t)
	s := h.save(t, monthly("finance@example.com"))
	h.fault = errors.New("write /var/books/parts: No space left on device")
	h.turn(t, "2011-10-05T05:01:00Z")
	h.begin(t)
	if runs := h.settled(t, s.ID, 1); runs[0].Outcome != program.Failed {
		t.Errorf("the run is %+v", runs[0])
	}
	l := h.told(t, 1)[0]
	if text := strings.Join(l.Paragraphs, "\n"); l.Subject != "Example Ltd: The close of September 2011 failed" || !strings.Contains(text, "the disk that holds the data folder is full") || !strings.Contains(text, "free some space") {
		t.Errorf("the letter is %s\n%s", l.Subject, text)
	}
}

func TestOverdueCloseIsToldOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.start(t)
	s := h.save(t, monthly("finance@example.com"))
	h.refuse = &closing.Refusal{What: "there are no orders", Do: "map the book orders"}
	h.turn(t, "2011-10-05T05:01:00Z")
	h.begin(t)
	h.settled(t, s.ID, 1)
	h.told(t, 1)
	news := func(want office.NoticeKind, link string) { // the same without a letter
		t.Helper()
		all, err := h.Lately(t.Context(), nil)
		if err != nil || len(all) != 1 || all[0].What != want || all[0].Label != "2011-09" || !strings.HasPrefix(all[0].Link, link) {
			t.Errorf("lately: %+v, %v; want %s", all, err, want)
		}
	}
	news(office.RefusedNotice, "/runs/")
	remind := func() {
		t.Helper()
		if err := h.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.turn(t, "2011-10-07T05:00:30Z") // two days after its hour, and less after it was begun
	remind()
	h.quiet(t, 1)
	h.turn(t, "2011-10-07T05:01:00Z")
	remind()
	remind()
	l := h.told(t, 2)[1]
	if text := strings.Join(l.Paragraphs, "\n"); l.Subject != "Example Ltd: September 2011 is overdue" || !strings.Contains(text, "it was due on 5 October 2011 and is not sealed") {
		t.Errorf("the letter is %s\n%s", l.Subject, text)
	}
	h.quiet(t, 2)
	news(office.Overdue, "/closes")
}

func TestAScheduleTellsNobodyWhoIsNotThere(t *testing.T) {
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.Users = func(context.Context) ([]access.User, error) { return []access.User{{ID: 7}}, nil }
	if _, err := h.SaveSchedule(t.Context(), monthly("user 999")); err == nil || !strings.Contains(err.Error(), "there is no user 999") || !strings.Contains(err.Error(), "People page") {
		t.Errorf("%v", err)
	}
	h.save(t, monthly("user 7", "finance@example.com"))
}

func TestMovedScheduleGivesNoPeriodTwoTurnsAndNoneNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.start(t)
	s := h.save(t, monthly())
	h.turn(t, "2011-10-05T05:01:00Z")
	h.begin(t)
	h.settled(t, s.ID, 1)
	s, err := h.Schedule(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.Day = 10 // still to come in October, for a period that has been closed
	s = h.save(t, s)
	if s.Next.Label != "2011-10" || s.Version != 2 {
		t.Fatalf("after moving it waits for %+v, version %d", s.Next, s.Version)
	}
	h.turn(t, "2011-11-05T09:00:00Z")
	s.Day = 1 // past, for a period that has not been closed
	s = h.save(t, s)
	if s.Next.Label != "2011-10" || s.Due.After(h.now()) {
		t.Fatalf("after moving it waits for %+v", s.Next)
	}
	h.begin(t)
	h.settled(t, s.ID, 2)
	h.zone(t, "Pacific/Auckland") // thirteen hours earlier
	h.turn(t, "2011-12-20T09:00:00Z")
	h.begin(t)
	h.settled(t, s.ID, 3)
	if got := fmt.Sprint(h.closed); got != "[2011-09 2011-10 2011-11]" {
		t.Errorf("closed %s", got)
	}
	changes, err := h.store.Changes(t.Context(), program.Entity{Kind: program.KindSchedule, ID: s.ID}, 0)
	if err != nil || len(changes) != 3 {
		t.Errorf("%d changes in the history (%v), want 3: runs are none", len(changes), err)
	}
}

func TestScheduleThatIsOffOrRemovedDoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.start(t)
	s := h.save(t, monthly())
	s.On = false
	s = h.save(t, s)
	if !s.Due.IsZero() {
		t.Errorf("it is due %s", s.Due)
	}
	h.turn(t, "2011-12-20T09:00:00Z")
	h.begin(t)
	s.On = true
	s = h.save(t, s) // looks ahead only
	if s.Next.Label != "2011-12" {
		t.Errorf("switched on again it waits for %+v", s.Next)
	}
	if err := h.RemoveSchedule(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	h.turn(t, "2012-02-20T09:00:00Z")
	h.begin(t)
	if len(h.closed) != 0 {
		t.Errorf("closed %v", h.closed)
	}
	if all, err := h.Schedules(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("left are %+v (%v)", all, err)
	}
}

func TestStaleEditOfAScheduleIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	first := h.save(t, monthly())
	second := first
	second.Day = 5
	h.save(t, second)
	first.Day = 7
	_, err := h.SaveSchedule(t.Context(), first)
	var stale *program.Stale
	if !errors.As(err, &stale) || len(stale.Meanwhile) != 1 || !strings.Contains(string(stale.Meanwhile[0].After), `\"day\":5`) && !strings.Contains(string(stale.Meanwhile[0].After), `"day":5`) {
		t.Fatalf("got %v: %+v", err, stale)
	}
	first.Version, first.Every = 2, "quarter"
	if _, err := h.SaveSchedule(t.Context(), first); err == nil || !strings.Contains(err.Error(), "make a new schedule") {
		t.Errorf("how often was changed: %v", err)
	}
}

func TestBackupIsScheduledByTheDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-09-20T10:00:00Z")
	h.start(t)
	s := h.save(t, office.Schedule{Kind: office.BackupJob, Rhythm: office.Rhythm{On: true, Every: "day", Day: 1, At: "02:00"}})
	h.turn(t, "2011-09-23T02:00:00Z") // an hour after 02:00 in London, which has summer time
	h.begin(t)
	runs := h.settled(t, s.ID, 3)
	if runs[0].Due.Format(time.RFC3339) != "2011-09-21T01:00:00Z" || runs[2].Note != "backed up" {
		t.Errorf("runs %+v", runs)
	}
	if _, err := h.SaveSchedule(t.Context(), office.Schedule{Kind: office.CloseJob, Rhythm: office.Rhythm{On: true, Every: "day", Day: 1, At: "02:00"}}); err == nil {
		t.Error("a close every day was accepted")
	}
}

func TestSealAskedForByHandIsToldToWhoFollowsSuchPeriods(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-10-02T10:00:00Z")
	h.save(t, monthly("finance@example.com"))
	quarterly := monthly("board@example.com")
	quarterly.Every = "quarter"
	h.save(t, quarterly)
	h.start(t)
	seal, err := h.seal(t.Context(), "2011-09", "month.json", 0)
	if err != nil {
		t.Fatal(err)
	}
	task, err := office.Closing(office.Order{Period: "2011-09"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	job := office.Job{Task: task, ID: 1000}
	job.At = h.now()
	outcome := office.Outcome{State: office.Done, Seal: seal.ID}
	for range 2 { // a job that is begun again after it was done settles again
		if err := h.Settle(t.Context(), job, outcome); err != nil {
			t.Fatal(err)
		}
	}
	if l := h.told(t, 1)[0]; l.To != "finance@example.com" || l.Link != fmt.Sprintf("https://throughline.example.com/closes/%d", seal.ID) {
		t.Errorf("told %+v", l)
	}
	h.quiet(t, 1)
}

func TestReaderWhoWasTakenOffTheListIsNotTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-10-02T10:00:00Z")
	s := h.save(t, monthly("finance@example.com", "leaver@example.com"))
	seal, err := h.seal(t.Context(), "2011-09", "month.json", 0)
	if err != nil {
		t.Fatal(err)
	}
	task, err := office.Closing(office.Order{Period: "2011-09"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Settle(t.Context(), office.Job{Task: task, ID: 1000}, office.Outcome{State: office.Done, Seal: seal.ID}); err != nil {
		t.Fatal(err)
	}
	s.Tell = []string{"finance@example.com"}
	h.save(t, s)
	text, err := os.ReadFile(filepath.Join(h.dir, "jobs", "jobs.db-wal"))
	if err != nil || strings.Contains(string(text), "example.com") {
		t.Errorf("the jobs hold an address (%v)", err)
	}
	h.start(t)
	if l := h.told(t, 1)[0]; l.To != "finance@example.com" {
		t.Errorf("told %s", l.To)
	}
	h.quiet(t, 1)
}

func TestPeriodThatIsNoneIsRefusedWhenAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2011-10-02T10:00:00Z")
	task, err := office.Closing(office.Order{Period: "2011-13"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	var refused *closing.Refusal
	if _, err := h.Ask(t.Context(), task); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	task.Arguments = json.RawMessage(`{"Period":"2011-09","Everything":true}`)
	if _, err := h.Ask(t.Context(), task); err == nil {
		t.Error("an order with an unknown name was accepted")
	}
}

// The letters as people get them; read them when they change.
func TestLetters(t *testing.T) {
	h := newHouse(t, "2011-10-05T05:00:10Z")
	h.save(t, monthly("finance@example.com"))
	h.start(t)
	for _, c := range []struct{ name, label, document string }{
		{"sealed_month", "2024-03", "month.json"}, {"sealed_year", "2024", "year.json"}, {"figures_refused", "FY2024-P03", "refusal.json"},
		{"interval", "2024-04", "confidence.json"}, {"restated", "2024-Q3", "restatement.json"},
	} {
		first, err := h.seal(t.Context(), c.label, c.document, 0)
		if err == nil && c.name == "restated" {
			first, err = h.seal(t.Context(), c.label, c.document, first.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		letter := h.write(t, office.Notice{What: office.SealedNotice, Kind: office.CloseJob, Label: "2011-09", Seal: first.ID})
		var b strings.Builder
		fmt.Fprintf(&b, "Subject: %s\n\n%s\n\n", letter.Subject, strings.Join(letter.Paragraphs, "\n"))
		for _, f := range letter.Figures {
			fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
		}
		fmt.Fprintf(&b, "\n%s\n%s: %s\n", strings.Join(letter.After, "\n"), letter.Open, letter.Link)
		path := filepath.Join("testdata", "letters", c.name+".txt")
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || string(want) != b.String() {
			t.Errorf("%s (%v):\n%s\nwant\n%s", c.name, err, b.String(), want)
		}
	}
}

// write has one notice delivered.
func (h *house) write(t *testing.T, n office.Notice) office.Letter {
	t.Helper()
	h.mu.Lock()
	before := len(h.letters)
	h.mu.Unlock()
	n.To = office.Mark("finance@example.com")
	arguments, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Ask(t.Context(), office.Task{Kind: office.NotifyJob, Arguments: arguments}); err != nil {
		t.Fatal(err)
	}
	return h.told(t, before+1)[before]
}
