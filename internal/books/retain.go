package books

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// Emptier is what dropping old rows asks of a columnar engine.
type Emptier interface {
	// Empty writes a part of the same columns without rows into a folder.
	Empty(ctx context.Context, book fact.Book, p engine.Part, folder string) (engine.Part, error)
}

// Retainer drops rows that are no longer kept from our copy of the books, in
// every snapshot. A month goes as a whole: its parts are replaced by empty ones.
//
// It can be killed at any moment. Before the manifest's one transaction nothing
// is dropped and the new files are swept; after it the dropped rows are in no
// snapshot, and a mark that was made before asks the next run to finish the sweep.
type Retainer struct {
	Manifest snapshot.Eraser
	Engine   Emptier
	Dir      string
	Now      func() time.Time
	Latest   func(ctx context.Context) (snapshot.Snapshot, error)
	Progress Progress // nil: nobody listens
	// Derived removes what was derived of parts; it is made again.
	Derived func(ctx context.Context) error
}

// Retained is what was dropped, by book. Rows are counted as the newest snapshot
// had them; what earlier ones held of a file that was read again since goes, too,
// and is not counted twice.
type Retained struct {
	Rows    map[string]int64 // of sources
	Refused map[string]int64 // refused rows whose day was before
	Before  map[string]calendar.Month
}

// Any tells whether something was dropped.
func (r Retained) Any() bool { return len(r.Before) > 0 }

// Lines say what was dropped, a line a book.
func (r Retained) Lines() (out []string) {
	for _, book := range slices.Sorted(maps.Keys(r.Before)) {
		what := fmt.Sprintf("%d rows and %d refused ones", r.Rows[book], r.Refused[book])
		if r.Rows[book]+r.Refused[book] == 0 {
			what = "those that earlier snapshots held"
		}
		out = append(out, fmt.Sprintf("%s before %s are no longer kept: dropped %s", book, r.Before[book], what))
	}
	return out
}

// lasting are books whose rows count for longer than their month.
var lasting = map[string]string{
	"customers":      "a customer's row counts for as long as anything of theirs does",
	"customer_links": "a link counts for as long as anything of the customer does",
	"subscriptions":  "a subscription runs on after the month in which it began",
	"people":         "a row counts until the next change of the same person",
}

// Lasting says why rows of a book cannot be dropped by their age; empty when
// they can.
func Lasting(book string) string {
	if why := lasting[book]; why != "" {
		return why
	}
	if b, ok := fact.Find(book); ok && b.Time == "" {
		return "its rows have no day"
	}
	return ""
}

// Outlived refuses to say who is behind a statement of a snapshot that needs
// rows which are no longer kept. Nil: it needs none.
func Outlived(s snapshot.Snapshot, of engine.Statement) *closing.Refusal {
	books := []string{"orders", "rates"}
	if of.Basis == "subscriptions" {
		books = books[1:]
	}
	for _, book := range books {
		if kept, dropped := KeptSince(s, book); dropped && of.Compared.Start < kept {
			return &closing.Refusal{
				What: closing.NoLonger(book, kept) + " (settings: how long rows are kept), and who is behind this statement stood in them",
				Do:   "take the sealed figure as it is; it stands",
			}
		}
	}
	return nil
}

// retainingFile is there while dropped rows may still lie in files.
const retainingFile = "retaining"

// Retain drops the rows of each book that are of a month before the one given.
// Without anything to drop it reads the manifest alone.
func (x *Retainer) Retain(ctx context.Context, from map[string]calendar.Month) (Retained, error) {
	lock := flock.New(filepath.Join(x.Dir, "import.lock"))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return Retained{}, fmt.Errorf("lock %s: %w", x.Dir, err)
	}
	defer lock.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	mark := filepath.Join(x.Dir, retainingFile)
	if _, err := os.Stat(mark); err == nil {
		if err := x.finish(ctx, mark); err != nil {
			return Retained{}, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Retained{}, diskError(err)
	}
	whole, err := x.Manifest.Whole(ctx)
	if err != nil {
		return Retained{}, err
	}
	latest, err := x.Latest(ctx)
	if err != nil {
		return Retained{}, err
	}
	r := retaining{Retainer: x, now: sourcesOf(latest), from: from, folders: map[string]string{}, change: snapshot.Erasure{Base: whole.Newest},
		out: Retained{Rows: map[string]int64{}, Refused: map[string]int64{}, Before: map[string]calendar.Month{}}}
	if err := r.replace(ctx, whole); err != nil || !r.out.Any() {
		return r.out, err
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return Retained{}, diskError(err)
	}
	if err := syncDir(x.Dir); err != nil {
		return Retained{}, err
	}
	if err := x.Manifest.Erase(ctx, r.change); err != nil {
		return Retained{}, err
	}
	return r.out, x.finish(ctx, mark)
}

// finish removes the files of dropped rows and what was derived of them.
func (x *Retainer) finish(ctx context.Context, mark string) error {
	if err := (&Eraser{Manifest: x.Manifest, Dir: x.Dir, Derived: x.Derived}).Finish(ctx); err != nil {
		return err
	}
	if err := os.Remove(mark); err != nil {
		return diskError(err)
	}
	return nil
}

// retaining is one run on its way.
type retaining struct {
	*Retainer
	now     map[int64]bool // sources of the newest snapshot
	from    map[string]calendar.Month
	folders map[string]string // of this run, by book
	change  snapshot.Erasure
	out     Retained
}

func sourcesOf(s snapshot.Snapshot) map[int64]bool {
	out := map[int64]bool{}
	for _, source := range s.Sources {
		out[source.ID] = true
	}
	return out
}

func (r *retaining) replace(ctx context.Context, whole snapshot.Whole) error {
	for i, p := range whole.Parts {
		if p.Role != snapshot.Rows && p.Role != snapshot.Merged || !r.old(p.Book, p.Month) || p.Rows == 0 {
			continue
		}
		if r.Progress != nil {
			r.Progress("drop rows that are no longer kept", int64(i), int64(len(whole.Parts)))
		}
		if err := r.part(ctx, p); err != nil {
			return err
		}
	}
	for _, s := range whole.Sources {
		if err := r.refusals(s); err != nil {
			return err
		}
	}
	for _, folder := range r.folders {
		if err := syncDir(filepath.Join(r.Dir, folder)); err != nil {
			return err
		}
	}
	return nil
}

func (r *retaining) old(book string, month calendar.Month) bool {
	from, limited := r.from[book]
	return limited && month != engine.Undated && month < from
}

func (r *retaining) folder(book string) (string, error) {
	if f := r.folders[book]; f != "" {
		return f, nil
	}
	f, err := (&Importer{Dir: r.Dir, Now: r.Now}).folder(book)
	r.folders[book] = f
	return f, err
}

func (r *retaining) part(ctx context.Context, p snapshot.Part) error {
	book, ok := fact.Find(p.Book)
	if !ok {
		return fmt.Errorf("drop rows of %s: there is no such book", p.Book)
	}
	folder, err := r.folder(p.Book)
	if err != nil {
		return err
	}
	empty, err := r.Engine.Empty(ctx, book, p.Part, folder)
	if err != nil {
		return fmt.Errorf("drop rows of %s: %w", p.Book, err)
	}
	empty.Last = r.from[p.Book].First() - 1
	r.change.Parts = append(r.change.Parts, snapshot.Replaced{Part: p.ID, With: empty})
	if p.Role == snapshot.Rows && r.now[p.Source] {
		r.out.Rows[p.Book] += p.Rows
	}
	r.out.Before[p.Book] = r.from[p.Book]
	return nil
}

// refusals drops the refused rows of a source whose day could be read and is
// too long ago. Others are of no month.
func (r *retaining) refusals(s snapshot.Source) error {
	if _, limited := r.from[s.Book]; !limited || s.RefusedIn == "" {
		return nil
	}
	rows, err := refusedCells(filepath.Join(r.Dir, s.RefusedIn))
	if err != nil {
		return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
	}
	kept := slices.DeleteFunc(slices.Clone(rows), func(row []string) bool {
		day, err := calendar.ParseDay(row[5])
		return err == nil && r.old(s.Book, calendar.MonthOf(day))
	})
	if len(kept) == len(rows) {
		return nil
	}
	folder, err := r.folder(s.Book)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, fmt.Sprintf("refused-%d.csv", s.ID))
	if err := writeRows(filepath.Join(r.Dir, path), kept); err != nil {
		return err
	}
	r.change.Refused = append(r.change.Refused, snapshot.ReplacedRefusals{Source: s.ID, RefusedIn: path})
	if r.now[s.ID] {
		r.out.Refused[s.Book] += int64(len(rows) - len(kept))
	}
	r.out.Before[s.Book] = r.from[s.Book]
	return nil
}

// refusedCells reads a file of refused rows with its head.
func refusedCells(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).ReadAll()
}

// droppedMonth tells whether rows of a month have been dropped. An import
// writes no part without rows for a source, though it may for a merged month.
func droppedMonth(s snapshot.Snapshot, book string, month calendar.Month) bool {
	return month != engine.Undated && slices.ContainsFunc(s.Parts, func(p snapshot.Part) bool {
		return p.Book == book && p.Role == snapshot.Rows && p.Month == month && p.Rows == 0
	})
}

// KeptSince is the day from which a book is kept as it was read, which its
// emptied parts remember; ok is false when nothing of it was dropped.
func KeptSince(s snapshot.Snapshot, book string) (day calendar.Day, ok bool) {
	for _, p := range s.Parts {
		if p.Book == book && p.Role == snapshot.Rows && p.Rows == 0 && p.Month != engine.Undated {
			day, ok = max(day, p.Last+1), true
		}
	}
	return day, ok
}
