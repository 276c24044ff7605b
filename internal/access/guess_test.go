package access

import (
	"strings"
	"testing"
	"time"
)

func TestTheFirstTriesAreFreeAndThePauseThenDoublesUpToALongest(t *testing.T) {
	for _, c := range []struct {
		tries int
		want  time.Duration
	}{{0, 0}, {4, 0}, {5, time.Second}, {6, 2 * time.Second}, {10, 32 * time.Second}, {14, 512 * time.Second}, {15, 15 * time.Minute}, {1000, 15 * time.Minute}} {
		if got := pairPace.wait(c.tries * one); got != c.want {
			t.Errorf("after %d tries the next waits %s, want %s", c.tries, got, c.want)
		}
	}
	if got := networkPace.wait(100000 * one); got != time.Minute {
		t.Errorf("a network waits %s at most, want a minute", got)
	}
}

func TestWrongTriesAreForgottenInTime(t *testing.T) {
	at := time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)
	tally := Tally{Count: 3 * one, Last: at}
	for after, want := range map[time.Duration]int{0: 3 * one, 30 * time.Minute: 2.5 * one, time.Hour: 2 * one, 3 * time.Hour: 0, 300 * time.Hour: 0} {
		if got := pairPace.left(tally, at.Add(after)); got != want {
			t.Errorf("after %s %d are left, want %d", after, got, want)
		}
	}
	if got := pairPace.left(Tally{}, at); got != 0 {
		t.Errorf("of nothing %d is left", got)
	}
}

func TestANetworkIsWhatOneSubscriberHas(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "unknown", "x": "unknown",
	} {
		if got := Network(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	if got := place("192.0.2.7"); got != "192.0.2.0/24" {
		t.Errorf("a session shows %s", got)
	}
}

func TestKeysTellNeitherMailNorNetwork(t *testing.T) {
	k := pairPace.under("lead@example.com", "192.0.2.7")
	if strings.Contains(k.key, "lead") || strings.Contains(k.key, "192") && !strings.HasPrefix(k.key, "pair:") || len(k.key) > 64 {
		t.Errorf("key %q", k.key)
	}
	if pairPace.under("a", "bc").key == pairPace.under("ab", "c").key {
		t.Error("two pairs have one key")
	}
}
