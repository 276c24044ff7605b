package access_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// clock is a time that tests move on.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a gate over a real store in a folder of its own.
type house struct {
	*access.Gate
	*clock
	t    *testing.T
	path string
}

func build(t *testing.T) *house {
	t.Helper()
	t.Cleanup(access.Cheap())
	h := &house{t: t, clock: &clock{at: time.Date(2026, 9, 1, 9, 0, 0, 123456000, time.UTC)}, path: filepath.Join(t.TempDir(), "throughline.db")}
	h.Gate = h.gate()
	return h
}

// gate opens the house's store once more, as another process would.
func (h *house) gate() *access.Gate {
	h.t.Helper()
	store, err := sqlite.Open(h.t.Context(), h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := store.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return &access.Gate{Store: store, Now: h.now, Chance: rand.Reader, Company: "Harbour Foods"}
}

const phrase = "tram lemon orbit quilt"

var home = access.Origin{Address: "192.0.2.7", Agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"}

// with adds a user with a password and returns them with the first session.
func (h *house) with(email string, roles ...access.Role) (access.User, access.Session, string) {
	h.t.Helper()
	_, link, err := h.Invite(h.t.Context(), 0, access.User{Email: email, Name: "Somebody", Roles: roles})
	if err != nil {
		h.t.Fatal(err)
	}
	token, s, err := h.Redeem(h.t.Context(), link, access.Chosen{Password: phrase}, home)
	if err != nil {
		h.t.Fatal(err)
	}
	return s.User, s, token
}

func (h *house) signIn(email, password string, from access.Origin) (string, access.Session) {
	h.t.Helper()
	token, s, err := h.SignIn(h.t.Context(), email, password, from)
	if err != nil {
		h.t.Fatal(err)
	}
	return token, s
}

// wants fails unless the error is the wanted one.
func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%v, want %v", err, want)
	}
}

// refused fails unless the error refuses a field and says what to do.
func refused(t *testing.T, err error, field string) {
	t.Helper()
	var r *access.Refusal
	if !errors.As(err, &r) || r.Field != field {
		t.Fatalf("%v, want a refusal of %s", err, field)
	}
}

// raw speaks to the store's file as whoever can write it would.
func (h *house) raw(do func(*sql.DB) error) {
	h.t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: h.path, RawQuery: "_pragma=busy_timeout(10000)"}).String())
	if err != nil {
		h.t.Fatal(err)
	}
	if err := errors.Join(do(db), db.Close()); err != nil {
		h.t.Fatal(err)
	}
}

// bytes are all that the store has written.
func (h *house) bytes() string {
	h.t.Helper()
	files, err := filepath.Glob(h.path + "*")
	if err != nil {
		h.t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			h.t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestAPasswordOpensASessionAndAWrongOneDoesNot(t *testing.T) {
	h := build(t)
	u, _, _ := h.with("lead@example.com", access.ProgramLead)
	_, s := h.signIn(" Lead@Example.com ", phrase, home)
	if s.User.ID != u.ID || s.Agent != "Chrome, Linux" || s.Place != "192.0.2.0/24" || s.Method != "password" {
		t.Errorf("opened %+v", s)
	}
	for _, c := range [][2]string{{"lead@example.com", phrase + "x"}, {"lead@example.com", ""}, {"nobody@example.com", phrase}, {"", ""}} {
		_, _, err := h.SignIn(t.Context(), c[0], c[1], home)
		wants(t, err, access.ErrWrong)
	}
}

// TestAnUnknownAddressCostsWhatAWrongPasswordCosts counts hashes, which are all of the time that a try takes: a clock would
// tell more of the machine than of the gate.
func TestAnUnknownAddressCostsWhatAWrongPasswordCosts(t *testing.T) {
	h := build(t)
	h.with("lead@example.com", access.ProgramLead)
	cost := func(email string) (all [][2]uint32) {
		defer access.Hashed(func(memory, passes uint32) { all = append(all, [2]uint32{memory, passes}) })()
		_, _, err := h.SignIn(t.Context(), email, "some wrong password", access.Origin{Address: "198.51.100.7"})
		wants(t, err, access.ErrWrong)
		return all
	}
	known, unknown := cost("lead@example.com"), cost("nobody@example.com")
	if len(known) != 1 || !slices.Equal(known, unknown) {
		t.Errorf("a known address is hashed for %v, an unknown one for %v", known, unknown)
	}
}

func TestAThousandWrongTriesFromElsewhereDoNotSlowTheOwnDevice(t *testing.T) {
	h := build(t)
	_, first, _ := h.with("lead@example.com", access.ProgramLead)
	own := home
	own.Device = first.NewDevice
	if own.Device == "" {
		t.Fatal("signing in gave no device")
	}
	slowed := 0
	for i := range 1000 {
		from := access.Origin{Address: fmt.Sprintf("203.0.113.%d", i%4)}
		if i%10 == 0 {
			from.Address = own.Address // somebody in the same network
		}
		_, _, err := h.SignIn(t.Context(), "lead@example.com", "some wrong password", from)
		var locked *access.Locked
		if errors.As(err, &locked) {
			slowed++
		} else {
			wants(t, err, access.ErrWrong)
		}
	}
	if slowed < 900 {
		t.Errorf("only %d of a thousand tries were slowed", slowed)
	}
	h.signIn("lead@example.com", phrase, own)
	// Elsewhere and new, but not where the tries came from: nothing is slowed either.
	h.signIn("lead@example.com", phrase, access.Origin{Address: "198.51.100.9"})
}

func TestTheOwnDeviceIsSlowedWhenItGuesses(t *testing.T) {
	h := build(t)
	_, first, _ := h.with("lead@example.com", access.ProgramLead)
	stolen := access.Origin{Address: "203.0.113.1", Device: first.NewDevice}
	var locked *access.Locked
	tries := 0
	for ; tries < 100 && locked == nil; tries++ {
		stolen.Address = fmt.Sprintf("203.0.113.%d", tries) // it does not help to move
		_, _, err := h.SignIn(t.Context(), "lead@example.com", "some wrong password", stolen)
		errors.As(err, &locked)
	}
	if tries > 11 {
		t.Errorf("the cookie let %d wrong tries through", tries)
	}
	// And a device is its user's alone.
	h.with("finance@example.com", access.Finance)
	for range 6 {
		_, _, err := h.SignIn(t.Context(), "finance@example.com", "some wrong password", access.Origin{Address: "203.0.113.200", Device: first.NewDevice})
		if errors.As(err, &locked) {
			return
		}
	}
	t.Error("a device helped to guess another user's password")
}

func TestManyAccountsFromOneNetworkAreSlowed(t *testing.T) {
	h := build(t)
	through := 0
	began := h.now()
	for i := range 3000 {
		_, _, err := h.SignIn(t.Context(), fmt.Sprintf("user%d@example.com", i), "some wrong password", access.Origin{Address: fmt.Sprintf("2001:db8:1:2::%x", i)})
		if errors.Is(err, access.ErrWrong) {
			through++
		}
		h.pass(time.Second)
	}
	// A hundred are free; then about one a minute, and one more for each of the
	// hundred that is forgotten in half a minute.
	if most := 100 + int(h.now().Sub(began)/time.Minute)*3; through > most {
		t.Errorf("%d tries came through in %s, want at most %d", through, h.now().Sub(began), most)
	}
}

// What a network's count keeps from being made was no try at the account:
// whoever comes from there afterwards is not slowed by it.
func TestTriesThatWereNotMadeCountForNobody(t *testing.T) {
	h := build(t)
	h.with("lead@example.com", access.ProgramLead)
	office := access.Origin{Address: "198.51.100.20"}
	for i := range 120 {
		_, _, _ = h.SignIn(t.Context(), fmt.Sprintf("user%d@example.com", i), "some wrong password", office)
	}
	var locked *access.Locked
	for range 20 {
		if _, _, err := h.SignIn(t.Context(), "lead@example.com", phrase, office); !errors.As(err, &locked) {
			t.Fatalf("the network is not slowed: %v", err)
		}
	}
	h.pass(locked.Until.Sub(h.now()))
	h.signIn("lead@example.com", phrase, office)
}

func TestManyTriesAtOnceAreNoMoreThanManyOneByOne(t *testing.T) {
	h := build(t)
	h.with("lead@example.com", access.ProgramLead)
	var through, slowed sync.Map
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			_, _, err := h.SignIn(t.Context(), "lead@example.com", "some wrong password", access.Origin{Address: "203.0.113.1"})
			var locked *access.Locked
			switch {
			case errors.As(err, &locked):
				slowed.Store(i, true)
			case errors.Is(err, access.ErrWrong):
				through.Store(i, true)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := size(&through); n > 5 {
		t.Errorf("%d of 60 tries at once came through, want 5", n)
	}
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func TestARightTryIsForgiven(t *testing.T) {
	h := build(t)
	h.with("lead@example.com", access.ProgramLead)
	for range 40 {
		for range 4 {
			_, _, err := h.SignIn(t.Context(), "lead@example.com", "mistyped, as people do", home)
			wants(t, err, access.ErrWrong)
		}
		h.signIn("lead@example.com", phrase, home)
		h.pass(10 * time.Minute)
	}
}

func TestNoSecretIsWrittenDown(t *testing.T) {
	h := build(t)
	u, s, token := h.with("lead@example.com", access.ProgramLead)
	link, err := h.NewLink(t.Context(), u.ID, u.ID, access.ResetLink)
	wants(t, err, nil)
	bearer, _, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "export", Scopes: access.Scopes{access.ReadStatements}})
	wants(t, err, nil)
	_, _, err = h.SignIn(t.Context(), "lead@example.com", "another one that is wrong", access.Origin{Address: "203.0.113.77"})
	wants(t, err, access.ErrWrong)
	all := h.bytes()
	for name, secret := range map[string]string{"session": token, "device": s.NewDevice, "link": link, "token": bearer, "token's secret": bearer[3:], "password": phrase, "wrong password": "another one that", "network": "203.0.113.77"} {
		if strings.Contains(all, secret) {
			t.Errorf("the %s stands in the store", name)
		}
	}
	if !strings.Contains(all, "lead@example.com") {
		t.Error("the search finds nothing at all")
	}
}

func TestATokenLastsTenYearsAtMost(t *testing.T) {
	h := build(t)
	u, _, _ := h.with("lead@example.com", access.ProgramLead)
	made := func(days int) error {
		_, _, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "export", Scopes: access.Scopes{access.ReadStatements}, Until: h.now().AddDate(0, 0, days)})
		return err
	}
	wants(t, made(access.TokenDays), nil)
	refused(t, made(access.TokenDays+1), "until")
	refused(t, made(99_999_999), "until")
	if all, err := h.Tokens(t.Context(), 0); err != nil || len(all) != 1 {
		t.Errorf("%d tokens, %v", len(all), err)
	}
}

func TestTidyClearsAwayWhatIsOverAndNothingElse(t *testing.T) {
	h := build(t)
	u, s, _ := h.with("lead@example.com", access.ProgramLead)
	_, _, err := h.SignIn(t.Context(), "lead@example.com", "a wrong one, as it happens", access.Origin{Address: "203.0.113.77"})
	wants(t, err, access.ErrWrong)
	h.pass(8 * 24 * time.Hour)
	own := home
	own.Device = s.NewDevice
	token, _ := h.signIn("lead@example.com", phrase, own)
	h.pass(7*24*time.Hour - time.Hour)
	wants(t, h.Tidy(t.Context()), nil)
	h.raw(func(db *sql.DB) error {
		for table, want := range map[string]int{"session": 1, "device": 1, "tally": 0, "link": 0, "users": 1} {
			var n int
			if err := db.QueryRowContext(context.Background(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
				return err
			}
			if n != want {
				t.Errorf("%d rows of %s are left, want %d", n, table, want)
			}
		}
		return nil
	})
	_, _ = token, u
}
