package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

var booksClaims = claims{
	"SnapshotComesBackAsCommitted":     snapshotComesBack,
	"EarlierSnapshotStaysAsItWas":      earlierSnapshot,
	"StaleCommitIsRefused":             staleCommit,
	"OneOfManyCommitsWins":             racingCommits,
	"FailedCommitLeavesNothing":        failedCommit,
	"FoldersOfAllSnapshotsAreListed":   folders,
	"CohortsAndTheCompanyAreKept":      cohortsAndCompany,
	"WhatIsNotThereIsTheNamedError":    notThere,
	"CancelledCallSaysThatItWas":       cancelled,
	"FreshStoreHasNoSnapshotOrCompany": freshStore,
}

// source is one with every field set.
func source(book, path string) snapshot.Source {
	return snapshot.Source{
		Book: book, Path: path, State: "state", Signature: "signature", Rows: 10, Refused: 1, Skipped: 2, Rounded: 3, Repeated: 4,
		RefusedIn: "parts/" + book + "/1/refused.csv", ReadAt: zoned,
	}
}

// part is one with every field set.
func part(book string, role snapshot.Role, path string) snapshot.Part {
	p := snapshot.Part{Book: book, Role: role}
	p.Month, p.Path, p.Rows, p.Bytes, p.First, p.Last = 24289, path, 10, 4096, 19723, 19753
	p.Fingerprint = engine.Fingerprint{Rows: 10, Sum: [16]byte{0, 1, 255, 3}}
	p.Digest = [32]byte{9, 0, 255}
	return p
}

// firstChange adds one source with two parts, a merged part, a rule and an
// overlap.
func firstChange() snapshot.Change {
	return snapshot.Change{
		At: noon,
		AddedSources: []snapshot.Added{{Source: source("orders", "a.csv"), Parts: []snapshot.Part{
			part("orders", snapshot.Rows, "parts/orders/1/a.parquet"), part("orders", snapshot.Keys, "parts/orders/1/keys.parquet"),
		}}},
		AddedParts: []snapshot.Part{part("orders", snapshot.Merged, "parts/orders/2/m.parquet")},
		Overlaps:   []snapshot.Overlap{{Book: "orders", A: "a.csv", B: "b.csv", Month: 24289, Rows: 5, First: 19723, Last: 19724}},
		Rules:      map[string]snapshot.Rule{"orders": {Sources: []string{"a.csv"}, Key: []string{"line_id"}, Overlaps: "once"}},
	}
}

func snapshotComesBack(t *testing.T, p Place) {
	ctx := t.Context()
	change := firstChange()
	got := must(p.Store.Commit(ctx, change))(t)
	want := snapshot.Snapshot{ID: 1, At: noon, Overlaps: change.Overlaps, Rules: change.Rules}
	src := change.AddedSources[0].Source
	src.ID, src.ReadAt = 1, noon
	want.Sources = []snapshot.Source{src}
	for i, x := range append(slices.Clone(change.AddedSources[0].Parts), change.AddedParts...) {
		x.ID = int64(i + 1)
		if x.Role != snapshot.Merged {
			x.Source = 1
		}
		want.Parts = append(want.Parts, x)
	}
	same(t, "the committed snapshot", got, want)
	same(t, "the latest snapshot", must(again(t, p).Latest(ctx))(t), want)
}

func earlierSnapshot(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := must(s.Commit(ctx, firstChange()))(t)
	two := must(s.Commit(ctx, snapshot.Change{
		Base: 1, At: noon, RemovedSources: []int64{1}, RemovedParts: []int64{3},
		AddedSources: []snapshot.Added{{Source: source("orders", "b.csv"), Parts: []snapshot.Part{part("orders", snapshot.Rows, "parts/orders/3/b.parquet")}}},
	}))(t)
	same(t, "the snapshot before", must(s.Snapshot(ctx, 1))(t), one)
	// Keys are never given twice, so their dictionary outlives its source.
	var left []string
	for _, x := range two.Parts {
		left = append(left, x.Path)
	}
	same(t, "the parts of the second snapshot", left, []string{"parts/orders/1/keys.parquet", "parts/orders/3/b.parquet"})
	same(t, "the rules that nobody changed", two.Rules, one.Rules)
	if len(two.Overlaps) != 0 {
		t.Errorf("overlaps were not replaced: %v", two.Overlaps)
	}
}

func staleCommit(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	ok(t, second(s.Commit(ctx, firstChange())))
	for _, base := range []int64{0, 2, -1} {
		refused(t, "a commit on another base", second(s.Commit(ctx, snapshot.Change{Base: base, At: noon})), snapshot.ErrStale)
	}
	same(t, "the latest snapshot", must(s.Latest(ctx))(t).ID, int64(1))
}

// second is the error of a call.
func second[T any](_ T, err error) error { return err }

func racingCommits(t *testing.T, p Place) {
	for base := range int64(3) {
		won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
			return second(s.Commit(ctx, snapshot.Change{Base: base, At: noon}))
		}, is(snapshot.ErrStale))
		if won != 1 {
			t.Fatalf("%d commits on snapshot %d won", won, base)
		}
	}
}

func failedCommit(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := must(s.Commit(ctx, firstChange()))(t)
	// The second part takes a path that is taken.
	err := second(s.Commit(ctx, snapshot.Change{Base: 1, At: noon, RemovedSources: []int64{1}, AddedParts: []snapshot.Part{
		part("orders", snapshot.Rows, "new.parquet"), part("orders", snapshot.Rows, "parts/orders/1/a.parquet"),
	}}))
	if err == nil {
		t.Error("a path was given twice")
	}
	same(t, "the latest snapshot", must(s.Latest(ctx))(t), one)
}

func folders(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	ok(t, second(s.Commit(ctx, firstChange())))
	ok(t, second(s.Commit(ctx, snapshot.Change{Base: 1, At: noon, RemovedSources: []int64{1}, RemovedParts: []int64{3}})))
	got := must(s.Folders(ctx))(t)
	slices.Sort(got)
	same(t, "the folders", got, []string{"parts/orders/1", "parts/orders/2"})
}

func cohortsAndCompany(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	if _, found, err := s.Cohorts(ctx, "k"); found || err != nil {
		t.Errorf("found a column that nobody kept: %v", err)
	}
	ok(t, s.KeepCohorts(ctx, "k", []byte(`[1]`)))
	ok(t, s.KeepCohorts(ctx, "k", []byte(`[2]`)))
	cells, found, err := s.Cohorts(ctx, "k")
	if !found || err != nil || string(cells) != "[1]" {
		t.Errorf("column %s, %t, %v", cells, found, err)
	}
	ok(t, s.SetCompany(ctx, "Example Ltd"))
	ok(t, s.SetCompany(ctx, "Example & Söhne"))
	same(t, "the company", must(again(t, p).Company(ctx))(t), "Example & Söhne")
}

func freshStore(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	same(t, "the snapshot before the first", must(s.Latest(ctx))(t).ID, int64(0))
	same(t, "the company before anybody said", must(s.Company(ctx))(t), "")
	if _, found, err := s.Current(ctx, "a"); found || err != nil {
		t.Errorf("found a seal in a fresh store: %v", err)
	}
}

// cancelled means that what a stopped process asked for says so, and not that
// something was wrong with the database.
func cancelled(t *testing.T, p Place) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	refused(t, "a read", second(p.Store.Latest(ctx)), context.Canceled)
	refused(t, "a commit", second(p.Store.Commit(ctx, firstChange())), context.Canceled)
	same(t, "the latest snapshot", must(p.Store.Latest(t.Context()))(t).ID, int64(0))
}
