package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"
)

// pace is how wrong tries under one key are slowed: free ones first, then a
// pause that doubles from a second up to a longest one. A wrong try is
// forgotten every so often. docs/decisions/0014 says why nothing is counted by
// account alone.
type pace struct {
	name    string
	free    int
	longest time.Duration
	forget  time.Duration
}

var (
	// pairPace is for one account tried from one network.
	pairPace = pace{"pair", 5, 15 * time.Minute, time.Hour}
	// networkPace is for all accounts tried from one network. An office's
	// people share one, so it is wide, and its pause is short.
	networkPace = pace{"network", 100, time.Minute, 30 * time.Second}
	// handshakePace is for ceremonies that a network begins. Nothing can be
	// guessed by them; it bounds how many rows nobody who is signed in can make.
	handshakePace = pace{"handshake", 200, 30 * time.Second, 2 * time.Second}
	// devicePace is for a browser that the user has signed in from before.
	devicePace = pace{"device", 10, 15 * time.Minute, time.Hour}
)

// one is a try, in the units of Tally.Count: fine ones, so that forgetting
// goes on however often something is counted.
const one = 1_000_000

// wait is how long after the last try the next one may come.
func (p pace) wait(count int) time.Duration {
	over := count/one - p.free
	switch {
	case over < 0:
		return 0
	case over > 20:
		return p.longest
	}
	return min(time.Second<<over, p.longest)
}

// left is what of a count is not forgotten yet.
func (p pace) left(t Tally, now time.Time) int {
	gone := float64(now.Sub(t.Last)) / float64(p.forget) * one
	return max(0, t.Count-int(min(gone, float64(t.Count))))
}

// guarded is a key under which tries are counted.
type guarded struct {
	pace
	key string
}

// under names a key so that neither a mail address nor a network can be read
// out of the store.
func (p pace) under(parts ...string) guarded {
	h := sha256.New()
	fmt.Fprintf(h, "throughline %s", p.name)
	for _, s := range parts {
		fmt.Fprintf(h, " %d:%s", len(s), s)
	}
	return guarded{p, p.name + ":" + hex.EncodeToString(h.Sum(nil)[:20])}
}

// guards are the keys of a try at an account. A browser that the user is
// known by is counted by itself alone, so that nobody else can slow it.
func (g *Gate) guards(account string, device Device, from Origin) []guarded {
	if device.ID != 0 {
		return []guarded{devicePace.under(fmt.Sprint(device.ID))}
	}
	net := Network(from.Address)
	return []guarded{pairPace.under(account, net), networkPace.under(net)}
}

// reserve counts a try as wrong before it is made, so that many at once are
// no more than many one by one. What turns out right is forgiven, and what one
// key keeps from being made counts under no other.
func (g *Gate) reserve(ctx context.Context, guards []guarded) error {
	for i, k := range guards {
		until, err := g.count(ctx, k)
		if err != nil {
			return err
		}
		if until.IsZero() {
			continue
		}
		for _, earlier := range guards[:i] {
			if _, err := g.recount(ctx, earlier, oneLess); err != nil {
				return err
			}
		}
		return &Locked{Until: until}
	}
	return nil
}

// count adds one try, or tells until when none may be made.
func (g *Gate) count(ctx context.Context, k guarded) (until time.Time, err error) {
	for range 64 {
		now := g.now()
		was, err := g.Store.Tally(ctx, k.key)
		if err != nil {
			return until, err
		}
		left := k.left(was, now)
		if until = was.Last.Add(k.wait(left)); until.After(now) {
			return until, nil
		}
		done, err := g.Store.SwapTally(ctx, k.key, was, Tally{Count: left + one, Last: now})
		if err != nil || done {
			return time.Time{}, err
		}
	}
	return g.now().Add(time.Second), nil // that many at once: come back
}

// forgive takes a right try out of the counts: all of the pair's or the
// device's, and one of the network's.
func (g *Gate) forgive(ctx context.Context, guards []guarded) (wrong int, err error) {
	for _, k := range guards {
		if k.name == networkPace.name {
			if _, err := g.recount(ctx, k, oneLess); err != nil {
				return wrong, err
			}
			continue
		}
		was, err := g.recount(ctx, k, func(Tally) Tally { return Tally{} })
		if err != nil {
			return wrong, err
		}
		wrong = max(was.Count/one-1, 0)
	}
	return wrong, nil
}

// oneLess is a count without the last try.
func oneLess(t Tally) Tally {
	if t.Count <= one {
		return Tally{}
	}
	return Tally{Count: t.Count - one, Last: t.Last}
}

// recount changes a count and tells what it was. Where many change it at
// once, it gives up and leaves it as it is, which is never in anybody's favour.
func (g *Gate) recount(ctx context.Context, k guarded, change func(Tally) Tally) (was Tally, err error) {
	for range 64 {
		was, err = g.Store.Tally(ctx, k.key)
		if err != nil {
			return was, err
		}
		if done, err := g.Store.SwapTally(ctx, k.key, was, change(was)); err != nil || done {
			return was, err
		}
	}
	return was, nil
}

// Network is the part of an address that one subscriber has: all of an IPv4
// address, the first 64 bits of an IPv6 address.
func Network(address string) string { return prefix(address, 32, 64) }

// place is the part of an address that is shown in the list of sessions.
func place(address string) string { return prefix(address, 24, 48) }

func prefix(address string, four, six int) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	bits := six
	if a.Is4() {
		bits = four
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	if p.IsSingleIP() {
		return a.String()
	}
	return p.String()
}
