package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

var sealClaims = claims{
	"SealComesBackAsKept":             sealComesBack,
	"OneOfManySealsWins":              racingSeals,
	"FinalRowsStayAsTheyAre":          finalRows,
	"ReviewNeedsASecondPersonAndOnce": reviews,
}

// sealOf makes a seal of the first snapshot.
func sealOf(statement, document string) closing.Seal {
	return closing.Seal{
		Statement: statement, Label: "2024-01", At: noon, Snapshot: 1, Fingerprint: "f", Inputs: []byte(`{"b": 1, "a": 2}`), Preparer: "user 7",
		Difference: []byte(`[]`), Document: []byte(document),
	}
}

func imported(t *testing.T, s Store) {
	t.Helper()
	ok(t, second(s.Commit(t.Context(), snapshot.Change{At: noon})))
}

func sealComesBack(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	imported(t, s)
	first := sealOf("a", "one \x00\xff")
	first.At = zoned
	kept := must(s.Keep(ctx, first))(t)
	want := sealOf("a", "one \x00\xff")
	want.ID = kept.ID
	current, found, err := again(t, p).Current(ctx, "a")
	ok(t, err)
	if !found {
		t.Fatal("the seal is not there")
	}
	same(t, "the seal", current, want)
	next := sealOf("a", "two")
	next.Restates = kept.ID
	next = must(s.Keep(ctx, next))(t)
	ok(t, second(s.Keep(ctx, sealOf("b", "other"))))
	ok(t, s.Review(ctx, kept, closing.Review{Reviewer: "user 8", At: noon, Note: "looked"}))
	list := must(s.Seals(ctx))(t)
	if len(list) != 3 || list[0].RestatedBy != next.ID || list[1].Restates != kept.ID || list[1].RestatedBy != 0 || list[1].Review != nil {
		t.Errorf("seals %+v", list)
	}
	same(t, "the review", list[0].Review, &closing.Review{Reviewer: "user 8", At: noon, Note: "looked"})
	heads := must(s.SealHeads(ctx))(t)
	head := list[0]
	head.Inputs, head.Difference, head.Document = []byte{}, []byte{}, []byte{}
	if len(heads) != 3 {
		t.Fatalf("heads %+v", heads)
	}
	heads[0].Inputs, heads[0].Difference, heads[0].Document = append([]byte{}, heads[0].Inputs...), append([]byte{}, heads[0].Difference...), append([]byte{}, heads[0].Document...)
	same(t, "the head of a seal", heads[0], head)
	same(t, "one seal", must(s.Sealed(ctx, kept.ID))(t), list[0])
	refused(t, "a seal that is not there", second(s.Sealed(ctx, 99)), program.ErrNone)
	current, _, err = s.Current(ctx, "a")
	ok(t, err)
	same(t, "the current seal", current.ID, next.ID)
}

// racingSeals: of many who seal or restate one statement at once, in stores of
// their own as processes have, exactly one succeeds and the others are told.
func racingSeals(t *testing.T, p Place) {
	imported(t, p.Store)
	var restates int64
	for round := range 3 {
		won := race(t, p, 8, func(ctx context.Context, _ int, s Store) error {
			seal := sealOf("a", "one")
			seal.Restates = restates
			return second(s.Keep(ctx, seal))
		}, is(closing.ErrSealed))
		if won != 1 {
			t.Fatalf("round %d: %d sealed", round, won)
		}
		current, _, err := p.Store.Current(t.Context(), "a")
		ok(t, err)
		if current.Restates != restates {
			t.Errorf("the current seal restates %d, want %d", current.Restates, restates)
		}
		restates = current.ID
	}
}

// finalRows: whatever is tried on the database itself, what is final stays.
func finalRows(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	imported(t, s)
	seal := must(s.Keep(ctx, sealOf("a", "one")))(t)
	ok(t, s.Review(ctx, seal, closing.Review{Reviewer: "user 8", At: noon}))
	ok(t, second(s.KeepErasure(ctx, program.Erasure{At: noon, Kind: "customer", Tombstone: "t"})))
	ok(t, s.AppendAudit(ctx, access.Entry{N: 1, At: noon, What: "signed in", Previous: []byte{0}, Hash: []byte{1}}))
	for _, table := range []string{"seal", "review", "erasure", "audit"} {
		for _, statement := range []string{"UPDATE " + table + " SET at = 'forged'", "UPDATE " + table + " SET at = at", "DELETE FROM " + table} {
			if p.Raw(statement) == nil {
				t.Errorf("%s was allowed", statement)
			}
		}
	}
	list := must(s.Seals(ctx))(t)
	if len(list) != 1 || string(list[0].Document) != "one" || !list[0].At.Equal(noon) || list[0].Review == nil || list[0].Review.Reviewer != "user 8" {
		t.Errorf("seals %+v", list)
	}
	if e := must(s.AuditHead(ctx))(t); e.N != 1 || !e.At.Equal(noon) {
		t.Errorf("entry %+v", e)
	}
}

func reviews(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	imported(t, s)
	seal := must(s.Keep(ctx, sealOf("a", "one")))(t)
	for _, own := range []string{"user 7", " user 7 ", "USER 7"} {
		refused(t, "a review by who prepared it", s.Review(ctx, seal, closing.Review{Reviewer: own, At: noon}), closing.ErrOwnReview)
	}
	won := race(t, p, 4, func(ctx context.Context, _ int, s Store) error {
		return s.Review(ctx, seal, closing.Review{Reviewer: "user 8", At: noon, Note: "checked the returns"})
	}, is(closing.ErrReviewed))
	if won != 1 {
		t.Errorf("%d reviews", won)
	}
}

func notThere(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	for what, got := range map[string][2]error{
		"a seal":           {second(s.Sealed(ctx, 1)), program.ErrNone},
		"an upload":        {second(s.Upload(ctx, 1)), program.ErrNone},
		"a schedule":       {second(s.Schedule(ctx, 1)), program.ErrNone},
		"a version":        {second(s.DocumentAt(ctx, "books.yaml", 1)), program.ErrNone},
		"a run":            {s.EndRun(ctx, program.Run{ID: 1}), program.ErrNone},
		"a submission":     {s.Settle(ctx, program.Submission{Key: "k"}), program.ErrNone},
		"a schedule's end": {s.RemoveSchedule(ctx, program.Schedule{ID: 1}), program.ErrNone},
		"a user":           {second(s.User(ctx, 1)), access.ErrNoUser},
		"an address":       {second(s.UserByEmail(ctx, "lead@example.com")), access.ErrNoUser},
		"no address":       {second(s.UserByEmail(ctx, "")), access.ErrNoUser},
		"a changed user":   {second(s.ChangeUser(ctx, access.UserVersion{User: access.User{ID: 1, Version: 1}})), access.ErrNoUser},
		"an identity":      {second(s.Identity(ctx, "i", "s")), access.ErrNoUser},
		"a passkey":        {second(s.Passkey(ctx, []byte{1})), access.ErrNoPasskey},
		"a used passkey":   {s.UsePasskey(ctx, access.Passkey{ID: []byte{1}}), access.ErrNoPasskey},
		"a passkey's end":  {s.RemovePasskey(ctx, 1, []byte{1}), access.ErrNoPasskey},
		"a session":        {second(s.Session(ctx, []byte{1})), access.ErrNoSession},
		"a link":           {second(s.Link(ctx, []byte{1})), access.ErrNoLink},
		"a used link":      {second(s.UseLink(ctx, []byte{1})), access.ErrNoLink},
		"a token":          {second(s.Token(ctx, []byte{1})), access.ErrNoToken},
		"a revoked token":  {s.RevokeToken(ctx, 1, noon), access.ErrNoToken},
		"who to forget":    {second(s.ForgetUser(ctx, 1, 0, noon)), access.ErrNoUser},
	} {
		if !errors.Is(got[0], got[1]) {
			t.Errorf("%s that is not there: %v, want %v", what, got[0], got[1])
		}
	}
	if err := second(s.Snapshot(ctx, 9)); err == nil || err.Error() != "there is no snapshot 9" {
		t.Errorf("a snapshot that is not there: %v", err)
	}
	for what, err := range map[string]error{
		"a password": second(s.Password(ctx, 1)), "a tally": second(s.Tally(ctx, "k")), "the audit log": second(s.AuditHead(ctx)),
		"ending a session": s.EndSessions(ctx, 1, 1), "seeing a session": s.SeeSession(ctx, 1, noon), "ending links": s.EndLinks(ctx, 1, access.ResetLink),
	} {
		if err != nil {
			t.Errorf("%s of nobody: %v", what, err)
		}
	}
}
