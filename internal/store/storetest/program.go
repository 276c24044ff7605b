package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/program"
)

var programClaims = claims{
	"DocumentHasEveryVersion":               documentVersions,
	"UnchangedTextMakesNoVersion":           unchanged,
	"StaleEditIsRefusedWithWhatChanged":     staleDocument,
	"OneOfManyEditsWins":                    racingDocuments,
	"HistoryListsEverythingNewestFirst":     recent,
	"ScheduleIsEditedAndRemovedWithHistory": schedules,
	"StaleScheduleIsRefused":                staleSchedule,
	"EachDueMomentRunsOnce":                 racingRuns,
	"RunMovesDueOnUnlessItWasEdited":        editedDue,
	"EndedRunStaysEnded":                    endedRun,
	"ReceiptIsKept":                         erasures,
}

// save writes a version of a document.
func save(t *testing.T, s Store, d program.Document, text string) program.Document {
	t.Helper()
	d.Text, d.At, d.By = text, noon.Add(time.Duration(d.Version)*time.Minute), 7
	return must(s.SaveDocument(t.Context(), d))(t)
}

func documentVersions(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	none := must(s.Document(ctx, "books.yaml"))(t)
	same(t, "a document that nobody wrote", none, program.Document{Name: "books.yaml"})
	one := save(t, s, none, "company: A\n")
	two := save(t, s, one, "company: B\n")
	save(t, s, program.Document{Name: "another"}, "x")
	same(t, "the newest version", must(again(t, p).Document(ctx, "books.yaml"))(t), two)
	if one.Version != 1 || two.Version != 2 || one.ID != two.ID {
		t.Errorf("versions %+v, %+v", one, two)
	}
	same(t, "the first version", must(s.DocumentAt(ctx, "books.yaml", 1))(t), one)
	same(t, "the second version", must(s.DocumentAt(ctx, "books.yaml", 2))(t), two)
	list := must(s.Documents(ctx))(t)
	if len(list) != 2 || list[0].Name != "another" {
		t.Errorf("documents %+v", list)
	}
	changes := must(s.Changes(ctx, program.Entity{Kind: program.KindDocument, ID: one.ID}, 0))(t)
	if len(changes) != 2 || changes[0].Before != nil || changes[1].By != 7 || !changes[1].At.Equal(two.At) {
		t.Fatalf("history %+v", changes)
	}
	same(t, "what the second version replaced", textOf(t, changes[1].Before), "company: A\n")
	same(t, "what the second version said", textOf(t, changes[1].After), "company: B\n")
}

func textOf(t *testing.T, state json.RawMessage) string {
	t.Helper()
	var as struct{ Text string }
	ok(t, json.Unmarshal(state, &as))
	return as.Text
}

func unchanged(t *testing.T, p Place) {
	one := save(t, p.Store, program.Document{Name: "retention"}, "a year")
	same(t, "the version after saving the same", save(t, p.Store, one, "a year"), one)
	empty := save(t, p.Store, program.Document{Name: "empty"}, "")
	same(t, "an empty text's version", empty.Version, int64(1))
}

func staleDocument(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := save(t, s, program.Document{Name: "books.yaml"}, "one")
	two := save(t, s, one, "two")
	three := save(t, s, two, "three")
	mine := one
	mine.Text = "mine"
	err := second(s.SaveDocument(ctx, mine))
	var stale *program.Stale
	if !errors.As(err, &stale) {
		t.Fatalf("a stale edit: %v", err)
	}
	if stale.Read != 1 || stale.Has != 3 || len(stale.Meanwhile) != 2 || textOf(t, stale.Meanwhile[0].After) != "two" || textOf(t, stale.Meanwhile[1].After) != "three" {
		t.Errorf("what changed meanwhile: %+v", stale)
	}
	same(t, "the text after a stale edit", must(s.Document(ctx, "books.yaml"))(t), three)
	if err := second(s.SaveDocument(ctx, program.Document{Name: "books.yaml", Text: "as if new"})); !errors.As(err, &stale) || len(stale.Meanwhile) != 3 {
		t.Errorf("an edit as if nobody had written it: %v", err)
	}
	if err := second(s.SaveDocument(ctx, program.Document{Name: "nobody's", Version: 4})); !errors.As(err, &stale) || stale.Has != 0 {
		t.Errorf("an edit of a version that never was: %v", err)
	}
}

func isStale(err error) bool {
	var stale *program.Stale
	return errors.As(err, &stale)
}

func racingDocuments(t *testing.T, p Place) {
	for version := range int64(3) {
		won := race(t, p, 6, func(ctx context.Context, i int, s Store) error {
			return second(s.SaveDocument(ctx, program.Document{Name: "n", Version: version, Text: fmt.Sprint(version, i), At: noon}))
		}, isStale)
		if won != 1 {
			t.Fatalf("%d edits of version %d won", won, version)
		}
	}
	d := must(p.Store.Document(t.Context(), "n"))(t)
	changes := must(p.Store.Changes(t.Context(), program.Entity{Kind: program.KindDocument, ID: d.ID}, 0))(t)
	if d.Version != 3 || len(changes) != 3 || textOf(t, changes[2].After) != d.Text || textOf(t, changes[2].Before) != textOf(t, changes[1].After) {
		t.Errorf("after three rounds: %+v, %+v", d, changes)
	}
}

func recent(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	d := program.Document{Name: "a"}
	for i := range 5 {
		d = save(t, s, d, fmt.Sprint(i))
	}
	page := must(s.Recent(ctx, 0, 2))(t)
	if len(page) != 2 || page[0].Version != 5 || page[1].Version != 4 {
		t.Fatalf("the newest changes %+v", page)
	}
	rest := must(s.Recent(ctx, page[1].ID, 10))(t)
	if len(rest) != 3 || rest[0].Version != 3 {
		t.Errorf("the older changes %+v", rest)
	}
}

// monthly is a schedule with every field set.
func monthly() program.Schedule {
	return program.Schedule{Kind: "close", Spec: json.RawMessage(`{"day": 3,"at":"06:00"}`), Due: zoned, At: noon, By: 7}
}

func schedules(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := must(s.SaveSchedule(ctx, monthly()))(t)
	want := monthly()
	want.ID, want.Version, want.Due = one.ID, 1, noon
	same(t, "a schedule", must(again(t, p).Schedule(ctx, one.ID))(t), want)
	paused := one
	paused.Due, paused.By = time.Time{}, 8
	two := must(s.SaveSchedule(ctx, paused))(t)
	same(t, "the schedules", must(s.Schedules(ctx))(t), []program.Schedule{two})
	if two.Version != 2 || !two.Due.IsZero() {
		t.Errorf("paused %+v", two)
	}
	ok(t, s.RemoveSchedule(ctx, two))
	if left := must(s.Schedules(ctx))(t); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
	changes := must(s.Changes(ctx, program.Entity{Kind: program.KindSchedule, ID: one.ID}, 0))(t)
	if len(changes) != 3 || changes[0].Before != nil || changes[2].After != nil || changes[2].Version != 3 {
		t.Errorf("history %+v", changes)
	}
}

func staleSchedule(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := must(s.SaveSchedule(ctx, monthly()))(t)
	won := race(t, p, 6, func(ctx context.Context, i int, s Store) error {
		edit := one
		edit.Spec = json.RawMessage(fmt.Sprintf(`{"day":%d}`, i+1))
		return second(s.SaveSchedule(ctx, edit))
	}, isStale)
	if won != 1 {
		t.Errorf("%d edits of one version won", won)
	}
	if err := s.RemoveSchedule(ctx, one); !isStale(err) {
		t.Errorf("removing a version that was read before: %v", err)
	}
}

func racingRuns(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	schedule := must(s.SaveSchedule(ctx, monthly()))(t)
	for due, next := noon, noon.AddDate(0, 1, 0); due.Before(noon.AddDate(0, 3, 0)); due, next = next, next.AddDate(0, 1, 0) {
		won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
			return second(s.BeginRun(ctx, program.Run{Schedule: schedule.ID, Due: due, Began: due.Add(time.Second)}, next))
		}, is(program.ErrTaken))
		if won != 1 {
			t.Fatalf("%d runs of one moment", won)
		}
		if now := must(s.Schedule(ctx, schedule.ID))(t); !now.Due.Equal(next) || now.Version != 1 {
			t.Errorf("after the run it is due %v in version %d, want %v in 1", now.Due, now.Version, next)
		}
	}
	if runs := must(s.Runs(ctx, schedule.ID, 10))(t); len(runs) != 3 || !runs[2].Due.Equal(noon) {
		t.Errorf("runs %+v", runs)
	}
}

func editedDue(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	schedule := must(s.SaveSchedule(ctx, monthly()))(t)
	edit := schedule
	edit.Due = noon.AddDate(1, 0, 0)
	edit = must(s.SaveSchedule(ctx, edit))(t)
	ok(t, second(s.BeginRun(ctx, program.Run{Schedule: schedule.ID, Due: noon, Began: noon}, noon.AddDate(0, 1, 0))))
	same(t, "the edited moment", must(s.Schedule(ctx, schedule.ID))(t), edit)
}

func endedRun(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	r := must(s.BeginRun(ctx, program.Run{Schedule: 1, Due: noon, Began: zoned}, time.Time{}))(t)
	same(t, "what a begun run is", r.Outcome, program.Running)
	r.Ended, r.Outcome, r.Note, r.Link = noon.Add(time.Minute), program.Done, "sealed", "/closes/1"
	ok(t, s.EndRun(ctx, r))
	late := r
	late.Outcome = program.Interrupted
	refused(t, "ending it once more", s.EndRun(ctx, late), program.ErrNone)
	r.Began = noon
	same(t, "the runs", must(s.Runs(ctx, 0, 10))(t), []program.Run{r})
}

func erasures(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := program.Erasure{At: zoned, By: 7, Kind: "customer", Tombstone: "gone-1", Counts: map[string]int64{"orders": 3}, Elsewhere: []string{"data/*.csv"}}
	one.ID = must(s.KeepErasure(ctx, one))(t).ID
	two := must(s.KeepErasure(ctx, program.Erasure{At: noon, Kind: "person", Tombstone: "gone-2"}))(t)
	one.At = noon
	same(t, "the receipts", must(again(t, p).Erasures(ctx))(t), []program.Erasure{two, one})
}
