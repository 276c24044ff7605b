package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/program"
)

var onceClaims = claims{
	"FormSentTwiceIsDoneOnce":     once,
	"FormOfAnotherIsNotTheSame":   onceEach,
	"RefusedFormMayBeSentAgain":   released,
	"GivenUpFormIsTakenOver":      takenOver,
	"OldFormsAreForgotten":        swept,
	"UploadMovesOnFromWhereItWas": uploads,
	"OneOfManyPiecesIsReceived":   racingUploads,
}

func once(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	form := program.Submission{Key: "k", By: 7, At: noon}
	won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
		_, first, err := s.Claim(ctx, form)
		if err == nil && !first {
			t.Error("a claim that is neither the first nor refused")
		}
		return err
	}, is(program.ErrUnfinished))
	if won != 1 {
		t.Fatalf("%d claimed one form", won)
	}
	form.Location = "/closes/1"
	ok(t, s.Settle(ctx, form))
	got, first, err := s.Claim(ctx, program.Submission{Key: "k", By: 7, At: noon.Add(time.Hour)})
	ok(t, err)
	if first || got.Location != "/closes/1" || !got.At.Equal(noon) {
		t.Errorf("sent again: %+v, %t", got, first)
	}
	ok(t, s.Release(ctx, form)) // too late: it is done
	if _, first, err := s.Claim(ctx, form); first || err != nil {
		t.Errorf("released after it was done: %t, %v", first, err)
	}
}

// claim claims a form and expects to be the first.
func claim(t *testing.T, s Store, x program.Submission) {
	t.Helper()
	if _, first, err := s.Claim(t.Context(), x); !first || err != nil {
		t.Fatalf("claim %+v: %t, %v", x, first, err)
	}
}

func onceEach(t *testing.T, p Place) {
	claim(t, p.Store, program.Submission{Key: "k", By: 7, At: noon})
	claim(t, p.Store, program.Submission{Key: "k", By: 8, At: noon})
	claim(t, p.Store, program.Submission{Key: "l", By: 7, At: noon})
}

func released(t *testing.T, p Place) {
	form := program.Submission{Key: "k", By: 7, At: noon}
	claim(t, p.Store, form)
	ok(t, p.Store.Release(t.Context(), form))
	claim(t, p.Store, form)
}

func takenOver(t *testing.T, p Place) {
	ctx := t.Context()
	claim(t, p.Store, program.Submission{Key: "k", By: 7, At: noon})
	early := program.Submission{Key: "k", By: 7, At: noon.Add(program.Patience - 1)}
	if _, first, err := p.Store.Claim(ctx, early); first || err == nil {
		t.Errorf("taken over too early: %t, %v", first, err)
	}
	won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
		_, _, err := s.Claim(ctx, program.Submission{Key: "k", By: 7, At: noon.Add(program.Patience)})
		return err
	}, is(program.ErrUnfinished))
	if won != 1 {
		t.Errorf("%d took over what was given up", won)
	}
}

func swept(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	claim(t, s, program.Submission{Key: "old", By: 7, At: noon})
	claim(t, s, program.Submission{Key: "new", By: 7, At: noon.Add(time.Nanosecond)})
	ok(t, s.Sweep(ctx, noon.Add(time.Nanosecond)))
	claim(t, s, program.Submission{Key: "old", By: 7, At: noon.Add(time.Hour)})
	_, _, err := s.Claim(ctx, program.Submission{Key: "new", By: 7, At: noon.Add(time.Second)})
	refused(t, "a form that was not old", err, program.ErrUnfinished)
}

// upload is one with every field set that the sender knows.
func upload(name string) program.Upload {
	return program.Upload{Name: name, Size: 5 << 30, By: 7, At: zoned}
}

func uploads(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u := must(s.BeginUpload(ctx, upload("orders.csv")))(t)
	other := must(s.BeginUpload(ctx, upload("other.csv")))(t)
	want := upload("orders.csv")
	want.ID, want.At, want.Changed, want.State = u.ID, noon, noon, program.Receiving
	same(t, "a begun upload", must(again(t, p).Upload(ctx, u.ID))(t), want)
	next := want
	next.Received, next.Changed = 3<<30, noon.Add(time.Second)
	ok(t, s.MoveUpload(ctx, want, next))
	refused(t, "the same piece again", s.MoveUpload(ctx, want, next), program.ErrMoved)
	done := next
	done.Received, done.Digest, done.State = done.Size, "ab", program.Complete
	ok(t, s.MoveUpload(ctx, next, done))
	same(t, "a complete upload", must(s.Upload(ctx, u.ID))(t), done)
	same(t, "those that are complete", must(s.Uploads(ctx, program.Complete, program.Taken))(t), []program.Upload{done})
	if list := must(s.Uploads(ctx))(t); len(list) != 2 || list[0].ID != other.ID {
		t.Errorf("all uploads %+v", list)
	}
}

func racingUploads(t *testing.T, p Place) {
	u := must(p.Store.BeginUpload(t.Context(), upload("orders.csv")))(t)
	won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
		next := u
		next.Received = 100
		return s.MoveUpload(ctx, u, next)
	}, is(program.ErrMoved))
	if won != 1 {
		t.Errorf("%d received the same piece", won)
	}
}
