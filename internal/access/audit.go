package access

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Entry is one line of the audit log. Who calls Record fills in Who, What,
// Object and Detail; the rest is the log's.
type Entry struct {
	N        int64
	At       time.Time
	Who      int64           // a user; 0: nobody signed in, or the command line
	What     string          // an act of few words: "signed in", "roles changed"
	Object   string          // what it was done to: "user 7", "seal 12", "customer" with a pseudonym
	Detail   json.RawMessage // an object without personal data; empty: none
	Previous []byte          // the hash of entry N-1; 32 zero bytes before the first
	Hash     []byte          // SHA-256 of all of the above
}

// Trail asks for a page of the audit log, newest first.
type Trail struct {
	Before int64  // entries with a smaller number; 0: from the newest
	Who    int64  // 0: everybody
	What   string // empty: everything
	Object string // empty: everything
	Limit  int
}

// Detail writes what an entry should remember beside its object.
func Detail(values map[string]any) json.RawMessage {
	out, err := json.Marshal(values) // keys come out sorted
	if err != nil {
		return json.RawMessage(`{"unreadable":true}`) // channels and functions, which no caller passes
	}
	return out
}

// Record appends an entry to the audit log. Within Together it stands or
// falls with the act that it records.
func (g *Gate) Record(ctx context.Context, e Entry) error {
	if e.What == "" {
		return errors.New("append to the audit log: the entry does not say what was done")
	}
	if len(e.Detail) > 0 {
		var compact bytes.Buffer
		if err := json.Compact(&compact, e.Detail); err != nil || compact.Bytes()[0] != '{' {
			return fmt.Errorf("append %q to the audit log: its detail is not a JSON object", e.What)
		}
		e.Detail = compact.Bytes()
	}
	return g.Together(ctx, func(ctx context.Context) error {
		head, err := g.Store.AuditHead(ctx)
		if err != nil {
			return err
		}
		next := e
		next.N, next.At, next.Previous = head.N+1, g.now(), head.Hash
		if head.N == 0 {
			next.Previous = make([]byte, sha256.Size)
		}
		next.Hash = next.sum()
		return g.Store.AppendAudit(ctx, next)
	})
}

// sum hashes an entry's canonical bytes: a line that names the form, then
// every field as its length in decimal, a colon, its bytes and a comma (a
// netstring), so that no two different entries have the same bytes.
func (e Entry) sum() []byte {
	h := sha256.New()
	h.Write([]byte("throughline audit 1\n"))
	for _, field := range []string{
		strconv.FormatInt(e.N, 10), e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), strconv.FormatInt(e.Who, 10),
		e.What, e.Object, string(e.Detail), string(e.Previous),
	} {
		fmt.Fprintf(h, "%d:%s,", len(field), field)
	}
	return h.Sum(nil)
}

// Head is how far the audit log goes. Kept elsewhere, it proves later that
// nothing up to there was changed.
type Head struct {
	N    int64
	Hash []byte
}

func (h Head) String() string { return fmt.Sprintf("%d:%s", h.N, hex.EncodeToString(h.Hash)) }

// ParseHead reads a head as it is printed.
func ParseHead(text string) (Head, error) {
	n, hash, _ := strings.Cut(strings.TrimSpace(text), ":")
	var h Head
	var err error
	if h.N, err = strconv.ParseInt(n, 10, 64); err == nil {
		h.Hash, err = hex.DecodeString(hash)
	}
	if err != nil || h.N < 1 || len(h.Hash) != sha256.Size {
		return Head{}, &Refusal{Field: "head", What: fmt.Sprintf("%q is not a head of the audit log", text), Do: "give it as `throughline audit` printed it: NUMBER:HASH"}
	}
	return h, nil
}

// Broken is where the audit log is not what was written.
type Broken struct {
	N    int64
	What string
}

func (b *Broken) Error() string {
	return fmt.Sprintf("the audit log is broken at entry %d: %s", b.N, b.What)
}

// Verify reads the whole audit log and returns its head. *Broken when an entry
// was changed, removed, added or moved. Entries cut off at the end, and a log
// that was written anew from some entry on, only show against the heads that
// were kept elsewhere.
func (g *Gate) Verify(ctx context.Context, keptHeads ...Head) (Head, error) {
	head := Head{Hash: make([]byte, sha256.Size)}
	for {
		entries, err := g.Store.AuditEntries(ctx, head.N, 1000)
		if err != nil {
			return Head{}, err
		}
		for _, e := range entries {
			if err := e.follows(head); err != nil {
				return Head{}, err
			}
			head = Head{N: e.N, Hash: e.Hash}
			for _, k := range keptHeads {
				if k.N == e.N && !bytes.Equal(k.Hash, e.Hash) {
					return Head{}, &Broken{N: e.N, What: "it has another hash than the head that was kept; something up to here was changed"}
				}
			}
		}
		if len(entries) == 0 {
			break
		}
	}
	for _, k := range keptHeads {
		if k.N > head.N {
			return Head{}, &Broken{N: head.N + 1, What: fmt.Sprintf("entries %d to %d, which were there when the head was kept, are missing", head.N+1, k.N)}
		}
	}
	return head, nil
}

// follows holds an entry to the one before it.
func (e Entry) follows(head Head) error {
	switch {
	case e.N != head.N+1:
		return &Broken{N: head.N + 1, What: fmt.Sprintf("it is missing; entry %d comes next", e.N)}
	case !bytes.Equal(e.Previous, head.Hash):
		return &Broken{N: e.N, What: "it does not follow the entry before it"}
	case !bytes.Equal(e.Hash, e.sum()):
		return &Broken{N: e.N, What: "it was changed after it was written"}
	}
	return nil
}

// Trail reads a page of the audit log, newest first.
func (g *Gate) Trail(ctx context.Context, t Trail) ([]Entry, error) {
	return g.Store.AuditTrail(ctx, t)
}

// Head is the newest entry's, unverified.
func (g *Gate) Head(ctx context.Context) (Head, error) {
	e, err := g.Store.AuditHead(ctx)
	return Head{N: e.N, Hash: e.Hash}, err
}
