package access

import (
	"encoding/json"
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
