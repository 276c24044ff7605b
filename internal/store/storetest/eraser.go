package storetest

import (
	"context"
	"testing"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

var eraserClaims = claims{
	"ErasureReachesEverySnapshot":       erasure,
	"StaleErasureChangesNothing":        staleErasure,
	"RowsNoLongerKeptLeaveTheirParts":   emptied,
	"ErasureOfWhatIsNotThereIsRefused":  erasureOfNothing,
	"ErasureStandsWithItsReceipt":       erasureTogether,
	"OneOfErasureAndImportAtOnceWins":   racingErasure,
	"WhoIsForgottenTwiceIsRememberedOn": forgottenTwice,
}

// filled is a hash of one byte repeated.
func filled(b byte) (out [32]byte) {
	for i := range out {
		out[i] = b
	}
	return out
}

// erased replaces the first source's rows and its refused rows.
func erased(base int64) snapshot.Erasure {
	with := part("orders", snapshot.Rows, "parts/orders/9/a.parquet").Part
	with.Bytes, with.Fingerprint.Sum, with.Digest = 99, [16]byte{7}, filled(8)
	return snapshot.Erasure{
		Base: base, Parts: []snapshot.Replaced{{Part: 1, With: with}}, Refused: []snapshot.ReplacedRefusals{{Source: 1, RefusedIn: "parts/orders/9/refused.csv"}},
		Forgotten: []engine.Forgotten{
			{Subject: engine.ACustomer, Kind: "id", Hash: filled(1), Tombstone: "erased-1"},
			{Subject: engine.ACustomer, Kind: "text", Hash: filled(2), Words: 2},
		},
	}
}

func erasure(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	ok(t, second(s.Commit(ctx, firstChange())))
	ok(t, second(s.Commit(ctx, snapshot.Change{Base: 1, At: noon, RemovedSources: []int64{1}})))
	before := must(s.Snapshot(ctx, 1))(t)
	e := erased(2)
	ok(t, s.Erase(ctx, e))
	want := before
	want.Parts[0].Part = e.Parts[0].With
	want.Sources[0].RefusedIn = e.Refused[0].RefusedIn
	same(t, "the first snapshot", must(again(t, p).Snapshot(ctx, 1))(t), want)
	whole := must(s.Whole(ctx))(t)
	same(t, "the whole", whole, snapshot.Whole{Newest: 2, Parts: want.Parts, Sources: want.Sources})
	same(t, "who is forgotten", must(s.Forgotten(ctx))(t), e.Forgotten)
}

func emptied(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	want := must(s.Commit(ctx, firstChange()))(t)
	e := erased(1)
	with := &e.Parts[0].With
	with.Rows, with.Fingerprint, with.Last = 0, engine.Fingerprint{}, with.Last+20
	ok(t, s.Erase(ctx, e))
	want.Parts[0].Part, want.Sources[0].RefusedIn = *with, e.Refused[0].RefusedIn
	same(t, "the snapshot", must(again(t, p).Snapshot(ctx, 1))(t), want)
}

func staleErasure(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := must(s.Commit(ctx, firstChange()))(t)
	for _, base := range []int64{0, 2} {
		refused(t, "an erasure on another base", s.Erase(ctx, erased(base)), snapshot.ErrStale)
	}
	same(t, "the snapshot", must(s.Latest(ctx))(t), one)
	same(t, "who is forgotten", len(must(s.Forgotten(ctx))(t)), 0)
}

func erasureOfNothing(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := must(s.Commit(ctx, firstChange()))(t)
	e := erased(1)
	e.Parts = append(e.Parts, snapshot.Replaced{Part: 99, With: engine.Part{Path: "x", Rows: 1}})
	refused(t, "a part that is not there", s.Erase(ctx, e), snapshot.ErrStale)
	e = erased(1)
	e.Parts[0].With.Rows = 9
	refused(t, "a part that lost a row", s.Erase(ctx, e), snapshot.ErrStale)
	same(t, "the snapshot", must(s.Latest(ctx))(t), one)
}

func erasureTogether(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	ok(t, second(s.Commit(ctx, firstChange())))
	act := func(base int64) error {
		return s.Together(ctx, func(ctx context.Context) error {
			if err := second(s.KeepErasure(ctx, program.Erasure{At: noon, Kind: "customer", Tombstone: "erased-1"})); err != nil {
				return err
			}
			return s.Erase(ctx, erased(base))
		})
	}
	refused(t, "a stale erasure with its receipt", act(7), snapshot.ErrStale)
	same(t, "the receipts of nothing", len(must(s.Erasures(ctx))(t)), 0)
	ok(t, act(1))
	same(t, "the receipts", len(must(s.Erasures(ctx))(t)), 1)
}

func racingErasure(t *testing.T, p Place) {
	ok(t, second(p.Store.Commit(t.Context(), firstChange())))
	race(t, p, 6, func(ctx context.Context, i int, s Store) error {
		if i%2 == 0 {
			return s.Erase(ctx, erased(1))
		}
		return second(s.Commit(ctx, snapshot.Change{Base: 1, At: noon}))
	}, is(snapshot.ErrStale))
	// Erasing again changes nothing more; after the import nothing was erased.
	same(t, "the latest snapshot", must(p.Store.Latest(t.Context()))(t).ID, int64(2))
}

func forgottenTwice(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	ok(t, second(s.Commit(ctx, firstChange())))
	first := erased(1)
	ok(t, s.Erase(ctx, first))
	later := snapshot.Erasure{Base: 1, Forgotten: []engine.Forgotten{
		{Subject: engine.ACustomer, Kind: "id", Hash: filled(1), Tombstone: "erased-2"}, {Subject: engine.APerson, Kind: "id", Hash: filled(3), Tombstone: "erased-3"},
	}}
	ok(t, s.Erase(ctx, later))
	same(t, "who is forgotten", must(s.Forgotten(ctx))(t), append(first.Forgotten, later.Forgotten[1]))
}
