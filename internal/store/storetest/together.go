package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
)

var togetherClaims = claims{
	"TogetherStandsOrFallsAsOne":      together,
	"TogetherGoesOnAfterARefusal":     togetherRefused,
	"TogetherKeepsEverybodyElseOut":   togetherAlone,
	"TogetherIsSeenWhenItHasEnded":    togetherSeen,
	"TogetherInsideTogetherIsTheSame": togetherInside,
}

var errChanged = errors.New("thought better of it")

func together(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	imported(t, s)
	act := func(end error) error {
		return s.Together(ctx, func(ctx context.Context) error {
			if _, err := s.Keep(ctx, sealOf("a", "one")); err != nil {
				return err
			}
			if _, err := s.SaveDocument(ctx, program.Document{Name: "n", Text: "t", At: noon}); err != nil {
				return err
			}
			if _, err := s.AddUser(ctx, access.UserVersion{User: lead(), At: noon}); err != nil {
				return err
			}
			if err := s.AppendAudit(ctx, entry(1, 0, "closed", "seal 1")); err != nil {
				return err
			}
			return end
		})
	}
	counted := func() []int {
		return []int{
			len(must(s.Seals(ctx))(t)), len(must(s.Documents(ctx))(t)), len(must(s.Users(ctx))(t)), len(must(s.AuditEntries(ctx, 0, 9))(t)), len(must(s.Recent(ctx, 0, 9))(t)),
		}
	}
	refused(t, "what do returned", act(errChanged), errChanged)
	same(t, "what stands after it fell", counted(), []int{0, 0, 0, 0, 0})
	ok(t, act(nil))
	same(t, "what stands", counted(), []int{1, 1, 1, 1, 2})
}

// togetherRefused: that one call was refused leaves the others their chance.
func togetherRefused(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	imported(t, s)
	joined(t, s, lead())
	ok(t, second(s.Keep(ctx, sealOf("a", "one"))))
	ok(t, s.Together(ctx, func(ctx context.Context) error {
		refused(t, "the same address", second(s.AddUser(ctx, access.UserVersion{User: lead(), At: noon})), access.ErrTaken)
		refused(t, "the same seal", second(s.Keep(ctx, sealOf("a", "two"))), closing.ErrSealed)
		if err := second(s.SaveDocument(ctx, program.Document{Name: "n", Version: 3})); !isStale(err) {
			t.Errorf("a stale edit: %v", err)
		}
		return second(s.AddUser(ctx, access.UserVersion{User: access.User{Email: "analyst@example.com"}, At: noon}))
	}))
	if n := len(must(s.Users(ctx))(t)); n != 2 {
		t.Errorf("%d users", n)
	}
}

// togetherAlone: each of several reads who is there and adds one only when
// nobody is, as the first administrator is made. One does.
func togetherAlone(t *testing.T, p Place) {
	won := race(t, p, 6, func(ctx context.Context, i int, s Store) error {
		return s.Together(ctx, func(ctx context.Context) error {
			all, err := s.Users(ctx)
			if err != nil {
				return err
			}
			if len(all) > 0 {
				return access.ErrNotFirst
			}
			return second(s.AddUser(ctx, access.UserVersion{User: access.User{Email: string(rune('a' + i))}, At: noon}))
		})
	}, func(err error) bool { return errors.Is(err, access.ErrNotFirst) || errors.Is(err, access.ErrStale) })
	if won != 1 {
		t.Errorf("%d were first", won)
	}
}

func togetherSeen(t *testing.T, p Place) {
	ctx, s, other := t.Context(), p.Store, again(t, p)
	ok(t, s.Together(ctx, func(inside context.Context) error {
		if err := second(s.AddUser(inside, access.UserVersion{User: lead(), At: noon})); err != nil {
			return err
		}
		if n := len(must(s.Users(inside))(t)); n != 1 {
			t.Errorf("inside it are %d users", n)
		}
		if n := len(must(other.Users(inside))(t)) + len(must(other.Users(ctx))(t)); n != 0 {
			t.Errorf("another process sees %d users before it has ended", n)
		}
		return nil
	}))
	if n := len(must(other.Users(ctx))(t)); n != 1 {
		t.Errorf("%d users after it has ended", n)
	}
}

func togetherInside(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	err := s.Together(ctx, func(ctx context.Context) error {
		if err := s.Together(ctx, func(ctx context.Context) error { return s.SetCompany(ctx, "Example Ltd") }); err != nil {
			return err
		}
		return errChanged
	})
	refused(t, "what do returned", err, errChanged)
	same(t, "the company", must(s.Company(ctx))(t), "")
}
