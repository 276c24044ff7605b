package storetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
)

var entryClaims = claims{
	"SessionBelongsToItsUserUntilItEnds": sessions,
	"DeviceIsKnownUntilItIsForgotten":    devices,
	"LinkIsUsedOnce":                     links,
	"TokensAreListedAndRevoked":          tokens,
	"TimeThatCannotBeReadIsNotKept":      farTimes,
	"TallySwapsOnlyWhatItSaw":            tallies,
	"ExpiryClearsAwayWhatIsOver":         expiry,
	"AuditLogHasNoGaps":                  audit,
	"OneOfManyEntriesIsNext":             racingAudit,
	"AuditTrailIsNarrowed":               trail,
}

func sessions(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u, other := joined(t, s, lead()), joined(t, s, access.User{Email: "analyst@example.com"})
	x := access.Session{
		Hash: []byte{0, 255}, User: u, At: noon, Seen: noon, Until: noon.Add(time.Hour), Method: "passkey", Agent: "Firefox", Place: "192.0.2.0", Device: 5,
	}
	x.ID = must(s.AddSession(ctx, x))(t)
	same(t, "the session", must(again(t, p).Session(ctx, x.Hash))(t), x)
	ok(t, s.SeeSession(ctx, x.ID, noon.Add(time.Minute)))
	x.Seen = noon.Add(time.Minute)
	next := access.Session{Hash: []byte{2}, User: u, At: noon, Seen: noon, Until: noon}
	next.ID = must(s.AddSession(ctx, next))(t)
	theirs := access.Session{Hash: []byte{3}, User: other, At: noon, Seen: noon, Until: noon}
	theirs.ID = must(s.AddSession(ctx, theirs))(t)
	list := must(s.Sessions(ctx, u.ID))(t)
	if len(list) != 2 || list[0].ID != next.ID || !list[1].Seen.Equal(x.Seen) || list[1].User.ID != u.ID {
		t.Errorf("sessions %+v", list)
	}
	ok(t, s.EndSessions(ctx, u.ID, next.ID, theirs.ID, 99))
	refused(t, "an ended session", second(s.Session(ctx, next.Hash)), access.ErrNoSession)
	same(t, "another user's session", must(s.Session(ctx, theirs.Hash))(t).User.ID, other.ID)
	ok(t, s.EndSessions(ctx, u.ID))
	refused(t, "a session after all were ended", second(s.Session(ctx, x.Hash)), access.ErrNoSession)
	same(t, "another user's session", must(s.Session(ctx, theirs.Hash))(t).ID, theirs.ID)
}

func devices(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u := joined(t, s, lead())
	d := access.Device{Hash: []byte{1}, User: u.ID, Made: noon, Seen: noon}
	d.ID = must(s.AddDevice(ctx, d))(t)
	d.Seen = noon.Add(time.Hour)
	ok(t, s.SeeDevice(ctx, d.ID, d.Seen))
	got, _, err := s.Device(ctx, d.Hash)
	ok(t, err)
	same(t, "the device", got, d)
	ok(t, s.ForgetDevices(ctx, u.ID))
	if _, found, err := s.Device(ctx, d.Hash); found || err != nil {
		t.Errorf("after it was forgotten: %t, %v", found, err)
	}
}

func links(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	l := access.Link{Hash: []byte{9}, Kind: access.InvitationLink, User: 4, By: 7, Data: []byte{0, 255}, Made: zoned, Until: noon.Add(time.Hour)}
	ok(t, s.AddLink(ctx, l))
	l.Made = noon
	same(t, "a link that is looked at", must(s.Link(ctx, l.Hash))(t), l)
	won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
		got, err := s.UseLink(ctx, l.Hash)
		if err == nil {
			same(t, "the used link", got, l)
		}
		return err
	}, is(access.ErrNoLink))
	if won != 1 {
		t.Errorf("%d used one link", won)
	}
	for i, kind := range []access.LinkKind{access.ResetLink, access.InvitationLink, access.SignInLink} {
		ok(t, s.AddLink(ctx, access.Link{Hash: []byte{byte(i)}, Kind: kind, User: 4}))
	}
	ok(t, s.AddLink(ctx, access.Link{Hash: []byte{7}, Kind: access.ResetLink, User: 5}))
	ok(t, s.EndLinks(ctx, 4, access.ResetLink, access.InvitationLink))
	for hash, want := range map[byte]error{0: access.ErrNoLink, 1: access.ErrNoLink, 2: nil, 7: nil} {
		refused(t, "a link after some were ended", second(s.Link(ctx, []byte{hash})), want)
	}
}

func tokens(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u, other := joined(t, s, lead()), joined(t, s, access.User{Email: "analyst@example.com"})
	x := access.Token{Hash: []byte{1}, User: u.ID, Name: "export", Scopes: access.Scopes{access.ReadRows, access.ReadStatements}, Made: noon}
	x.ID = must(s.AddToken(ctx, x))(t)
	y := access.Token{Hash: []byte{2}, User: other.ID, Scopes: access.Scopes{access.Close}, Made: noon, Until: noon.Add(time.Hour)}
	y.ID = must(s.AddToken(ctx, y))(t)
	x.Used = noon.Add(time.Minute)
	ok(t, s.UseToken(ctx, x.ID, x.Used))
	same(t, "the token", must(again(t, p).Token(ctx, x.Hash))(t), x)
	same(t, "a user's tokens", must(s.Tokens(ctx, u.ID))(t), []access.Token{x})
	same(t, "everybody's tokens", must(s.Tokens(ctx, 0))(t), []access.Token{y, x})
	ok(t, s.RevokeToken(ctx, x.ID, noon))
	ok(t, s.RevokeToken(ctx, x.ID, noon.Add(time.Hour)))
	x.Revoked = noon
	same(t, "the revoked token", must(s.Token(ctx, x.Hash))(t), x)
}

// farTimes holds a store to what it must read back: a time whose year has not
// four digits would make its whole table unreadable.
func farTimes(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u := joined(t, s, lead())
	for i, until := range []time.Time{time.Date(275817, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -2*3600)), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)} {
		x := access.Token{Hash: []byte{byte(i)}, User: u.ID, Scopes: access.Scopes{access.Close}, Made: noon, Until: until}
		if _, err := s.AddToken(ctx, x); err == nil {
			t.Errorf("a token that ends at %v was kept", until)
		}
	}
	last := access.Token{Hash: []byte{9}, User: u.ID, Scopes: access.Scopes{access.Close}, Made: noon, Until: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	last.ID = must(s.AddToken(ctx, last))(t)
	same(t, "the tokens", must(again(t, p).Tokens(ctx, 0))(t), []access.Token{last})
}

func tallies(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	var none access.Tally
	one, two := access.Tally{Count: 1, Last: noon}, access.Tally{Count: 2, Last: noon}
	swap := func(was, next access.Tally) bool { return must(s.SwapTally(ctx, "k", was, next))(t) }
	if !swap(none, none) || swap(one, two) || !swap(none, one) || swap(none, two) || swap(none, none) || swap(two, one) || !swap(one, two) {
		t.Error("a tally was swapped for what it was not, or was not swapped")
	}
	same(t, "the tally", must(s.Tally(ctx, "k"))(t), two)
	if !swap(two, none) {
		t.Error("the tally was not taken away")
	}
	same(t, "no tally", must(s.Tally(ctx, "k"))(t), none)
	won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
		done, err := s.SwapTally(ctx, "other", none, one)
		if !done && err == nil {
			return access.ErrStale
		}
		return err
	}, is(access.ErrStale))
	if won != 1 {
		t.Errorf("%d counted the first try", won)
	}
	same(t, "the counted tally", must(s.Tally(ctx, "other"))(t), one)
}

func expiry(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u := joined(t, s, lead())
	for i, until := range []time.Time{noon.Add(-1), noon, noon.Truncate(time.Second), noon.Add(time.Hour)} {
		hash := []byte{byte(i)}
		ok(t, second(s.AddSession(ctx, access.Session{Hash: hash, User: u, At: noon, Seen: noon, Until: until})))
		ok(t, s.AddLink(ctx, access.Link{Hash: hash, Kind: access.SignInLink, Until: until}))
		ok(t, second(s.AddDevice(ctx, access.Device{Hash: hash, User: u.ID, Made: noon, Seen: until})))
		ok(t, second(s.SwapTally(ctx, string('a'+rune(i)), access.Tally{}, access.Tally{Count: 1, Last: until})))
	}
	ok(t, s.Expire(ctx, noon, noon, noon))
	for i, stays := range []bool{false, true, false, true} {
		hash := []byte{byte(i)}
		_, known, err := s.Device(ctx, hash)
		ok(t, err)
		session, link, tally := second(s.Session(ctx, hash)), second(s.Link(ctx, hash)), must(s.Tally(ctx, string('a'+rune(i))))(t)
		if (session == nil) != stays || (link == nil) != stays || known != stays || (tally.Count == 1) != stays {
			t.Errorf("%d should stay: %t; session %v, link %v, device %t, tally %v", i, stays, session, link, known, tally)
		}
	}
}

// entry is the nth of the audit log; its hash is not the store's business.
func entry(n int64, who int64, what, object string) access.Entry {
	return access.Entry{
		N: n, At: noon, Who: who, What: what, Object: object, Detail: json.RawMessage(`{"b":1, "a":[2]}`), Previous: []byte{byte(n - 1)}, Hash: []byte{byte(n)},
	}
}

func audit(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	same(t, "the head of an empty log", must(s.AuditHead(ctx))(t), access.Entry{})
	for n := range int64(3) {
		ok(t, s.AppendAudit(ctx, entry(n+1, 7, "closed", "seal 1")))
	}
	for _, n := range []int64{0, 3, 5} {
		refused(t, "an entry that is not the next", s.AppendAudit(ctx, entry(n, 7, "", "")), access.ErrStale)
	}
	same(t, "the head", must(again(t, p).AuditHead(ctx))(t), entry(3, 7, "closed", "seal 1"))
	same(t, "a page", must(s.AuditEntries(ctx, 1, 1))(t), []access.Entry{entry(2, 7, "closed", "seal 1")})
	bare := access.Entry{N: 4, At: noon, What: "signed out", Previous: []byte{3}, Hash: []byte{4}}
	ok(t, s.AppendAudit(ctx, bare))
	same(t, "an entry without detail", must(s.AuditHead(ctx))(t), bare)
}

func racingAudit(t *testing.T, p Place) {
	for n := range int64(3) {
		won := race(t, p, 6, func(ctx context.Context, i int, s Store) error {
			return s.AppendAudit(ctx, entry(n+1, int64(i), "closed", ""))
		}, is(access.ErrStale))
		if won != 1 {
			t.Fatalf("%d entries %d", won, n+1)
		}
	}
}

func trail(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	for n, e := range []access.Entry{entry(1, 7, "closed", "seal 1"), entry(2, 8, "closed", "seal 2"), entry(3, 7, "signed in", ""), entry(4, 7, "closed", "seal 1")} {
		e.N = int64(n + 1)
		ok(t, s.AppendAudit(ctx, e))
	}
	for _, c := range []struct {
		asked access.Trail
		want  []int64
	}{
		{access.Trail{Limit: 2}, []int64{4, 3}},
		{access.Trail{Limit: 9, Before: 3}, []int64{2, 1}},
		{access.Trail{Limit: 9, Who: 7, What: "closed", Object: "seal 1"}, []int64{4, 1}},
		{access.Trail{Limit: 9, Who: 9}, nil},
		{access.Trail{Limit: 9, What: "' OR 1 = 1 --"}, nil},
	} {
		var got []int64
		for _, e := range must(s.AuditTrail(ctx, c.asked))(t) {
			got = append(got, e.N)
		}
		same(t, "the trail", got, c.want)
	}
}
