// Package snapshot owns the words for our copy of the books: which sources
// were read, which parts they became, and which parts make up a snapshot. It
// stores nothing; a store keeps the manifest and the importer proposes its
// next state.
//
// The invariant: a snapshot never changes once it has been committed, and a
// part belongs to every snapshot from the one that added it up to the one
// that removed it.
package snapshot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
)

// Role is what a part is for.
type Role string

// The roles of parts.
const (
	Rows   Role = "rows"   // one source's rows of one month
	Merged Role = "merged" // a month's rows where several sources meet; stands in for their Rows
	Keys   Role = "keys"   // the dictionary of dense keys: id, key
	First  Role = "first"  // each customer's first line and first positive line, by key
)

// Source is one file as it was read.
type Source struct {
	ID        int64
	Book      string
	Path      string
	State     string // what tells whether the file is still the same
	Signature string // what else its rows depend on
	Rows      int64
	Refused   int64
	Skipped   int64
	Rounded   int64
	Repeated  int64
	RefusedIn string // file with the refused rows, relative to the data folder; empty when there are none
	ReadAt    time.Time
}

// Part is a stored part and what it belongs to.
type Part struct {
	ID     int64
	Source int64 // 0: of no single source
	Book   string
	Role   Role
	engine.Part
}

// Overlap is a suspected overlap of two sources that nobody has decided on.
type Overlap struct {
	Book        string
	A, B        string // paths of the sources
	Month       calendar.Month
	Rows        int64 // that both hold
	First, Last calendar.Day
}

// Rule is how a book's sources were brought together: in which order, of
// which the later one's row stands, by which natural key, and what was decided
// about overlaps.
type Rule struct {
	Sources  []string `json:"sources"` // paths
	Key      []string `json:"key"`
	Overlaps string   `json:"overlaps"`
}

// Settles tells whether rows brought together by r are as they would be by
// next, as far as both know the same sources.
func (r Rule) Settles(next Rule) bool {
	common := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return !slices.Contains(b, x) })
	}
	return r.Overlaps == next.Overlaps && slices.Equal(r.Key, next.Key) &&
		slices.Equal(common(r.Sources, next.Sources), common(next.Sources, r.Sources))
}

// Snapshot is the books at one moment.
type Snapshot struct {
	ID       int64 // 0: nothing has been imported yet
	At       time.Time
	Sources  []Source
	Parts    []Part
	Overlaps []Overlap
	Rules    map[string]Rule // by book
}

// Of lists the sources of a book in their order.
func (s Snapshot) Of(book string) []Source {
	var out []Source
	for _, src := range s.Sources {
		if src.Book == book {
			out = append(out, src)
		}
	}
	order := s.Rules[book].Sources
	slices.SortStableFunc(out, func(a, b Source) int { return slices.Index(order, a.Path) - slices.Index(order, b.Path) })
	return out
}

// With lists the parts of a book in a role.
func (s Snapshot) With(book string, role Role) []Part {
	var out []Part
	for _, p := range s.Parts {
		if p.Book == book && p.Role == role {
			out = append(out, p)
		}
	}
	return out
}

// Effective lists the parts that together are the book: the merged part of a
// month where there is one, the sources' own parts elsewhere.
func (s Snapshot) Effective(book string) []Part {
	merged := map[calendar.Month]bool{}
	out := s.With(book, Merged)
	for _, p := range out {
		merged[p.Month] = true
	}
	for _, p := range s.With(book, Rows) {
		if !merged[p.Month] {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Part) int {
		if a.Month != b.Month {
			return int(a.Month - b.Month)
		}
		return int(a.ID - b.ID)
	})
	return out
}

// Size is how many rows a book has: those of its effective parts.
func (s Snapshot) Size(book string) (rows int64) {
	for _, p := range s.Effective(book) {
		rows += p.Rows
	}
	return rows
}

// Kept is how many rows of each source, by its number, are still there. A source
// says how many were read of it; those that the settings keep no longer have
// been dropped from its parts.
func (s Snapshot) Kept() map[int64]int64 {
	kept := map[int64]int64{}
	for _, p := range s.Parts {
		if p.Role == Rows {
			kept[p.Source] += p.Rows
		}
	}
	return kept
}

// Fingerprints sums the effective parts of a book by month.
func (s Snapshot) Fingerprints(book string) map[calendar.Month]engine.Fingerprint {
	out := map[calendar.Month]engine.Fingerprint{}
	for _, p := range s.Effective(book) {
		out[p.Month] = out[p.Month].Plus(p.Fingerprint)
	}
	return out
}

// Paths lists where parts lie, relative to the data folder.
func Paths(parts []Part) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.Path
	}
	return out
}

// Added is a new source with the parts it became.
type Added struct {
	Source Source
	Parts  []Part
}

// Change is the step from one snapshot to the next.
type Change struct {
	Base           int64 // the snapshot it starts from
	At             time.Time
	RemovedSources []int64 // with all their parts
	RemovedParts   []int64
	AddedSources   []Added
	AddedParts     []Part // of no single source
	// Overlaps replace all suspected overlaps, and Rules those of the books
	// that they name.
	Overlaps []Overlap
	Rules    map[string]Rule
}

// ErrStale is returned by Commit when another snapshot has been committed
// since the change's base.
var ErrStale = errors.New("another import has been committed meanwhile")

// Manifest is the record of snapshots.
type Manifest interface {
	// Latest is the newest snapshot; its ID is 0 before the first import.
	Latest(ctx context.Context) (Snapshot, error)
	// Snapshot opens an older one.
	Snapshot(ctx context.Context, id int64) (Snapshot, error)
	// Commit makes a change the newest snapshot, whole or not at all. It
	// returns ErrStale when the base is no longer the newest.
	Commit(ctx context.Context, c Change) (Snapshot, error)
	// Folders lists every folder that a part of any snapshot lies in.
	Folders(ctx context.Context) ([]string, error)
}
