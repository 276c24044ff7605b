package access

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// cost is what one argon2id hash takes.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// today is the second of the equal choices in OWASP's Password Storage Cheat
// Sheet (19 MiB, 2 passes, 1 thread). Passwords hashed for less are hashed
// anew when they are next used.
var today = cost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltBytes = 16
	hashBytes = 32

	// hashingAtOnce bounds memory: four hashes take 76 MiB. More than
	// waitingAtOnce tries that wait for their turn are turned away.
	hashingAtOnce = 4
	waitingAtOnce = 256
)

// ErrBusy is returned when too many people sign in at the same moment.
var ErrBusy = errors.New("too many people are signing in at this moment; try again in a few seconds")

// hasher lets only so many hashes be computed at once.
type hasher struct {
	once    sync.Once
	turns   chan struct{}
	waiting chan struct{}
}

func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	h.once.Do(func() {
		h.turns = make(chan struct{}, hashingAtOnce)
		h.waiting = make(chan struct{}, waitingAtOnce)
	})
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash makes the PHC string of a password.
func (g *Gate) hash(ctx context.Context, password string) (string, error) {
	salt, err := g.random(saltBytes)
	if err != nil {
		return "", err
	}
	done, err := g.hashing.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return phc(today, salt, derive(password, salt, today)), nil
}

// right tells whether a password is the one that was hashed, and whether it
// should be hashed anew. Without a hash it takes as long and says no.
func (g *Gate) right(ctx context.Context, password, stored string) (is, renew bool, err error) {
	c, salt, want, err := readPHC(stored)
	if stored == "" {
		c, salt, want, err = today, make([]byte, saltBytes), make([]byte, hashBytes), nil
	}
	if err != nil {
		return false, false, err
	}
	done, err := g.hashing.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	same := subtle.ConstantTimeCompare(derive(password, salt, c), want) == 1
	return same && stored != "", c.below(today), nil
}

func (c cost) below(d cost) bool {
	return c.memory < d.memory || c.passes < d.passes || c.threads < d.threads
}

// idKey is argon2id; a test counts how often it is asked, and for how much.
var idKey = argon2.IDKey

// derive reads the password as NIST SP 800-63B (5.1.1.2) asks, so that
// keyboards which compose letters differently agree.
func derive(password string, salt []byte, c cost) []byte {
	return idKey(norm.NFKC.Bytes([]byte(password)), salt, c.passes, c.memory, c.threads, hashBytes)
}

// phc writes a hash as the PHC string format has it.
func phc(c cost, salt, hash []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.threads, b.EncodeToString(salt), b.EncodeToString(hash))
}

func readPHC(text string) (c cost, salt, hash []byte, err error) {
	wrong := errors.New("read a stored password: it is not an argon2id hash that this version knows")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, wrong
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.threads); err != nil {
		return c, nil, nil, wrong
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return c, nil, nil, wrong
	}
	hash, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(hash) != hashBytes || c.passes == 0 || c.threads == 0 || c.memory > 1<<20 || c.passes > 64 {
		return c, nil, nil, wrong
	}
	return c, salt, hash, nil
}
