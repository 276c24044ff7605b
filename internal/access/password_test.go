package access

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// The vector of RFC 9106, section 5.3, is of argon2id with a secret and
// associated data, which passwords have not; this one is the same function
// without them, from the reference implementation's tests
// (phc-winner-argon2, src/test.c: version 0x13, id, t=2, m=2^16, p=1,
// "password", "somesalt").
func TestHashesAreThoseOfTheReferenceImplementation(t *testing.T) {
	got := derive("password", []byte("somesalt"), cost{memory: 1 << 16, passes: 2, threads: 1})
	if hex.EncodeToString(got) != "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7" {
		t.Errorf("argon2id gives %x", got)
	}
}

func TestPasswordsAreHashedAtLeastAsOWASPAsks(t *testing.T) {
	// OWASP Password Storage Cheat Sheet: m=19456 (19 MiB), t=2, p=1 is one of
	// its equivalent minimum settings.
	if today.below(cost{memory: 19456, passes: 2, threads: 1}) {
		t.Errorf("a hash costs %+v", today)
	}
}

func TestAStoredPasswordIsKnownAgainAndRenewedWhenTooCheap(t *testing.T) {
	g := &Gate{Chance: rand.Reader, Now: time.Now}
	salt := bytes.Repeat([]byte{1}, saltBytes)
	old := cost{memory: 8, passes: 1, threads: 1}
	stored := phc(old, salt, derive("correct horse battery staple", salt, old))
	is, renew, err := g.right(t.Context(), "correct horse battery staple", stored)
	if err != nil || !is || !renew {
		t.Errorf("known %v, renew %v, %v; want both", is, renew, err)
	}
	if is, _, err := g.right(t.Context(), "correct horse battery stable", stored); err != nil || is {
		t.Errorf("another password is known: %v, %v", is, err)
	}
	again, err := g.hash(t.Context(), "correct horse battery staple")
	if err != nil {
		t.Fatal(err)
	}
	if is, renew, err := g.right(t.Context(), "correct horse battery staple", again); err != nil || !is || renew {
		t.Errorf("hashed anew: known %v, renew %v, %v", is, renew, err)
	}
	// é as one letter and as e with an accent are the same password.
	composed, err := g.hash(t.Context(), "caf\u00e9 correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if is, _, err := g.right(t.Context(), "cafe\u0301 correct horse", composed); err != nil || !is {
		t.Errorf("the same letters, composed otherwise: %v, %v", is, err)
	}
}

func TestAStoredTextThatIsNoHashIsNoPassword(t *testing.T) {
	g := &Gate{Chance: rand.Reader, Now: time.Now}
	good := phc(today, make([]byte, saltBytes), make([]byte, hashBytes))
	for _, stored := range []string{"x", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", strings.Replace(good, "m=19456", "m=999999999", 1), strings.Replace(good, "t=2", "t=0", 1), good[:len(good)-8]} {
		if is, _, err := g.right(t.Context(), "", stored); err == nil || is {
			t.Errorf("%q: %v, %v; want an error", stored, is, err)
		}
	}
	if is, _, err := g.right(t.Context(), "", ""); err != nil || is {
		t.Errorf("nobody's password: %v, %v", is, err)
	}
}

// Forty tries at once would take 760 MiB if each had its own memory.
func TestAFloodOfTriesTakesBoundedMemory(t *testing.T) {
	g := &Gate{Chance: rand.Reader, Now: time.Now}
	var peak uint64
	stop, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, _, err := g.right(t.Context(), "whatever is tried", ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(stop)
	<-watched
	// Four at once are 76 MiB; the collector may not have taken the last ones away yet.
	if peak > 400<<20 {
		t.Errorf("the heap came to %d MiB", peak>>20)
	}
}

func TestWhoWaitsForATurnCanLeave(t *testing.T) {
	var h hasher
	for range hashingAtOnce {
		if _, err := h.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.turn(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that the wait is over", err)
	}
}

func TestPasswordsThatAreTriedFirstAreRefused(t *testing.T) {
	g := &Gate{Company: "Harbour Foods Ltd"}
	for _, good := range []string{
		"correct horse battery staple", "tram lemon orbit", "kQ9#vT2m!xLp", "ein sehr langer satz über nichts", "пароль из четырёх слов", "harbour seals dance at noon",
	} {
		if err := g.Choosable(good, "lead@example.com"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"short words", "password1234", "Password123456!", "P@ssw0rd2026!", "passwordpassword", "qwertyuiop123", "123456789012", "abcdefghijklmnop", "aaaaaaaaaaaa",
		"121212121212", "harbourfoods2026", "HarbourFoodsLtd!", "lead@example.com", "example.com2026", "throughline2026!", "Welcome12345!", "admin-admin-admin", "098765432109",
		strings.Repeat("a long one ", 40),
	} {
		var refusal *Refusal
		if err := g.Choosable(bad, "lead@example.com"); !errors.As(err, &refusal) || refusal.Field != "password" || refusal.Do == "" {
			t.Errorf("%q: %v, want a refusal that says what to do", bad, err)
		}
	}
}
