// Package books turns a company's files into its books: it reads books.yaml,
// maps each source onto the shape of package fact, keeps our copy as
// snapshots of immutable parts, and keeps every refused row with its reason.
// It does not compute statements, and it never changes a source.
//
// The invariant: an import is committed whole or not at all, and whatever was
// committed can be read again exactly as it was.
package books

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// Engine is what an import asks of a columnar engine.
type Engine interface {
	Describe(ctx context.Context, t engine.Table, prefix string) ([]expr.Column, error)
	Stage(ctx context.Context, l engine.Load, refuse func(engine.Refused) error) ([]engine.Staged, error)
	Overlaps(ctx context.Context, parts []engine.Ordered, unless string) ([]engine.Overlap, error)
	Merge(ctx context.Context, m engine.Merge, folder string) ([]engine.Part, error)
	Firsts(ctx context.Context, f engine.Firsts) (*engine.Part, error)
}

// Progress hears how far an act has come: of total bytes or files, when known.
type Progress func(act string, done, total int64)

// Importer brings the books up to date with their sources.
type Importer struct {
	Config   *Config
	Manifest snapshot.Manifest
	Engine   Engine
	Dir      string // the data folder
	Now      func() time.Time
	Progress Progress          // nil: nobody listens
	Warn     func(text string) // nil: nobody listens
	Forget   []string          // paths of sources that are gone and shall be dropped
	Memory   engine.Memory     // who was erased and must not come back
	Removed  map[int64]Removal // sources from which erasures took a file
}

// Report says what an import did.
type Report struct {
	Snapshot snapshot.Snapshot
	Read     []snapshot.Source // read in this run
	Kept     int               // sources that were unchanged
	Gone     []snapshot.Source // no longer in their place; our copy is kept
	Dropped  int               // sources that were gone and were forgotten
	Retained Retained          // rows that are older than the settings keep them, dropped after it
}

// load is one file to be read.
type load struct {
	book      fact.Book
	mapping   Mapping
	path      string
	sheet     string // of a workbook of several; empty: the file is one source
	signature string
	parquet   bool
	size      int64
	replaces  int64 // source that it takes the place of; 0: none
}

// Run imports what is new or changed; only names a book, or is empty for all.
// When nothing changed it reads no source at all.
func (im *Importer) Run(ctx context.Context, only string) (Report, error) {
	if im.Progress == nil {
		im.Progress = func(string, int64, int64) {}
	}
	if im.Warn == nil {
		im.Warn = func(string) {}
	}
	lock := flock.New(filepath.Join(im.Dir, "import.lock"))
	if ok, err := lock.TryLock(); err != nil {
		return Report{}, fmt.Errorf("lock %s: %w", im.Dir, err)
	} else if !ok {
		im.Warn("another import into " + im.Dir + " is running; waiting for it")
		if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
			return Report{}, err
		}
	}
	defer lock.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	if err := im.sweep(ctx); err != nil {
		return Report{}, err
	}
	before, err := im.Manifest.Latest(ctx)
	if err != nil {
		return Report{}, err
	}
	report := Report{Snapshot: before}
	loads, change, err := im.plan(before, only, &report)
	if err != nil {
		return Report{}, err
	}
	if err := im.allForgotten(before, change); err != nil {
		return Report{}, err
	}
	if len(loads) == 0 && len(change.RemovedSources) == 0 && settled(before, change.Rules) {
		return report, nil
	}
	after, err := im.carryOut(ctx, before, loads, change, &report)
	report.Snapshot = after
	return report, err
}

// plan compares the sources with what was read before.
func (im *Importer) plan(before snapshot.Snapshot, only string, report *Report) ([]load, snapshot.Change, error) {
	change := snapshot.Change{Base: before.ID, At: im.Now(), Rules: map[string]snapshot.Rule{}}
	var loads []load
	for _, name := range im.Config.Mapped() {
		if only != "" && name != only {
			continue
		}
		book, _ := fact.Find(name)
		mapping := im.Config.Books[name]
		places, missing, err := im.Config.places(name, mapping)
		if err != nil {
			return nil, change, err
		}
		if missing != nil && len(before.Of(name)) == 0 {
			return nil, change, missing
		}
		lost, err := im.Config.lostJoins(name, before, im.Removed)
		if err != nil {
			return nil, change, err
		}
		sign := func(p place) (string, error) {
			if len(lost) > 0 {
				return "", nil // of no source: without what is joined nothing can be read
			}
			return im.Config.signature(name, mapping.at(p))
		}
		known := before.Of(name)
		for _, p := range places {
			signature, err := sign(p)
			if err != nil {
				return nil, change, err
			}
			l, same, err := im.compare(known, load{book: book, mapping: mapping.at(p), path: p.path, sheet: p.sheet, signature: signature})
			if err != nil {
				return nil, change, err
			}
			if same {
				report.Kept++
				continue
			}
			if len(lost) > 0 {
				return nil, change, &Refusal{
					Where: im.Config.called(p), What: "cannot be read, because " + lost[0] + " is joined to it and " + because,
					Do: "give " + lost[0] + " again without the person; what was read before stays",
				}
			}
			loads = append(loads, l)
			if l.replaces != 0 {
				change.RemovedSources = append(change.RemovedSources, l.replaces)
			}
		}
		gone, err := im.gone(before, name, places, sign, loads, report, &change)
		if err != nil {
			return nil, change, err
		}
		var present []string
		for _, p := range places {
			present = append(present, im.Config.called(p))
		}
		change.Rules[name] = snapshot.Rule{Sources: inOldPlace(present, gone, before.Rules[name].Sources), Key: naturalKey(book, mapping), Overlaps: mapping.Overlaps}
	}
	return loads, change, nil
}

// allForgotten refuses to forget what is not there to be forgotten.
func (im *Importer) allForgotten(before snapshot.Snapshot, change snapshot.Change) error {
	for _, path := range im.Forget {
		i := slices.IndexFunc(before.Sources, func(s snapshot.Source) bool { return s.Path == path })
		switch {
		case i < 0:
			return &Refusal{Where: path, What: "no source of that path has been read", Do: "name it as `throughline check` does", Kind: FileUnknown}
		case !slices.Contains(change.RemovedSources, before.Sources[i].ID):
			return &Refusal{Where: path, What: "is still among the files of " + before.Sources[i].Book, Do: "take it out of `from`, or move the file away, before its rows are dropped", Kind: FileStays, Book: before.Sources[i].Book}
		}
	}
	return nil
}

// settled tells whether every book's sources are brought together as the
// mapping now says.
func settled(before snapshot.Snapshot, rules map[string]snapshot.Rule) bool {
	for book, next := range rules {
		if !before.Rules[book].Settles(next) {
			return false
		}
	}
	return true
}

// compare tells whether a file is the one that was read before.
func (im *Importer) compare(known []snapshot.Source, l load) (load, bool, error) {
	if err := readable(l.book.Name, l.path); err != nil {
		return l, false, err
	}
	state, err := stateText(l.place())
	if err != nil {
		return l, false, err
	}
	l.parquet = IsParquet(l.path)
	if info, err := os.Stat(l.path); err == nil {
		l.size = info.Size()
	}
	for _, s := range known {
		if s.Path != im.Config.called(l.place()) {
			continue
		}
		if s.State == state && s.Signature == l.signature {
			return l, true, nil
		}
		if s.State == state && l.signature == "" {
			if stands, err := im.standing(s); err != nil || stands {
				return l, true, err
			}
		}
		l.replaces = s.ID
	}
	return l, false, nil
}

func (l load) place() place { return place{l.path, l.sheet} }

func stateText(p place) (string, error) {
	state, err := stateOf(p.path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", p.path, err)
	}
	state.Sheet = p.sheet
	data, err := json.Marshal(state)
	return string(data), err
}

func (im *Importer) name(path string) string { return im.Config.name(path) }

// gone keeps our copy of sources that are no longer there, unless they were
// only renamed or the user said to forget them, and lists those it keeps. A
// file that is there and read by other sheets than before is not gone.
func (im *Importer) gone(before snapshot.Snapshot, book string, places []place, sign func(place) (string, error), loads []load, report *Report, change *snapshot.Change) ([]string, error) {
	var kept []string
	rows := before.Kept()
	for _, s := range before.Of(book) {
		if slices.ContainsFunc(places, func(p place) bool { return im.Config.called(p) == s.Path }) {
			continue
		}
		if slices.ContainsFunc(places, func(p place) bool { return im.name(p.path) == fileOf(s) }) {
			change.RemovedSources = append(change.RemovedSources, s.ID)
			continue
		}
		if slices.ContainsFunc(loads, func(l load) bool { return l.book.Name == s.Book && l.replaces == 0 && renamed(s, l.path) }) {
			change.RemovedSources = append(change.RemovedSources, s.ID)
			continue
		}
		if slices.Contains(im.Forget, s.Path) {
			change.RemovedSources = append(change.RemovedSources, s.ID)
			report.Dropped++
			continue
		}
		signature, err := sign(place{sheet: sheetOf(s)})
		if err != nil {
			return nil, err
		}
		if s.Signature != signature {
			if err := im.unmapped(s); err != nil {
				return nil, err
			}
		}
		kept = append(kept, s.Path)
		report.Gone = append(report.Gone, s)
		if im.Removed[s.ID].File {
			im.Warn(fmt.Sprintf("%s %s; our copy of its other %d rows is kept", s.Path, because, rows[s.ID]))
			continue
		}
		im.Warn(fmt.Sprintf("%s is no longer among the files of %s; our copy of its %d rows is kept (`throughline import --forget %s` drops them)", s.Path, s.Book, rows[s.ID], ShellQuoted(s.Path)))
	}
	return kept, nil
}

// unmapped refuses our copy of a source that is gone and was read otherwise
// than the settings now say.
func (im *Importer) unmapped(s snapshot.Source) error {
	forget := "drop its rows with `throughline import --forget " + ShellQuoted(s.Path) + "`"
	changed := "the mapping of " + s.Book + " has changed since it was read, so its rows cannot be mapped again"
	if !im.Removed[s.ID].File {
		return &Refusal{Where: s.Path, What: "is gone, and " + changed, Do: "put the file back, or " + forget, Kind: FileGone, Book: s.Book}
	}
	if stands, err := im.standing(s); err != nil || stands {
		return err
	}
	return &Refusal{Where: s.Path, What: because + "; " + changed, Do: "give the file again without the person, take the change of the mapping back, or " + forget, Kind: FileErased, Book: s.Book}
}

// carryOut reads the files, compares what they share and commits.
func (im *Importer) carryOut(ctx context.Context, before snapshot.Snapshot, loads []load, change snapshot.Change, report *Report) (snapshot.Snapshot, error) {
	// Folders of this run are swept when it does not get to its commit.
	keys := snapshot.Paths(keyParts(before))
	read := 0
	for batch := range batches(loads) {
		added, err := im.read(ctx, batch, keys, fmt.Sprintf("read %s (%d of %d files)", filepath.Base(batch[0].path), read+1, len(loads)))
		if err != nil {
			return before, err
		}
		read += len(batch)
		for _, a := range added {
			for _, p := range a.Parts {
				if p.Role == snapshot.Keys {
					keys = append(keys, p.Path)
				}
			}
			change.AddedSources = append(change.AddedSources, a)
			report.Read = append(report.Read, a.Source)
		}
	}
	if err := im.settle(ctx, before, &change); err != nil {
		return before, err
	}
	after, err := im.Manifest.Commit(ctx, change)
	if err != nil {
		return before, err
	}
	return after, nil
}

// maxBatch is how many bytes of Parquet are staged together: enough to meet
// the dictionary seldom, little enough to be held in memory.
const maxBatch = 400 << 20

// batches groups neighbouring Parquet files of one book without a natural key;
// every other file is a batch of its own.
func batches(loads []load) iter.Seq[[]load] {
	return func(yield func([]load) bool) {
		for len(loads) > 0 {
			n, size := 1, loads[0].size
			for n < len(loads) && loads[0].joins(loads[n]) && size+loads[n].size <= maxBatch {
				size += loads[n].size
				n++
			}
			if !yield(loads[:n]) {
				return
			}
			loads = loads[n:]
		}
	}
}

// joins tells whether two files may be staged together.
func (l load) joins(m load) bool {
	return l.parquet && m.parquet && l.book.Name == m.book.Name && len(naturalKey(l.book, l.mapping)) == 0 && len(l.mapping.Join) == 0
}

func keyParts(s snapshot.Snapshot) []snapshot.Part {
	return slices.DeleteFunc(slices.Clone(s.Parts), func(p snapshot.Part) bool { return p.Role != snapshot.Keys })
}

// folder names a fresh folder below the data folder for parts of a book.
func (im *Importer) folder(book string) (string, error) {
	base := filepath.Join(im.Dir, "parts", book)
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", diskError(err)
	}
	dir, err := os.MkdirTemp(base, im.Now().UTC().Format("20060102T150405-"))
	if err != nil {
		return "", diskError(err)
	}
	return filepath.Rel(im.Dir, dir)
}

// diskError puts the file system's refusals into words.
func diskError(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return &Refusal{Where: "data folder", What: "cannot be written: no permission", Do: "give yourself the right to write it, or name another with --data"}
	}
	return fmt.Errorf("write the books' copy: %w", err)
}

// sweep removes what a killed import left: folders that no snapshot lists.
func (im *Importer) sweep(ctx context.Context) error {
	if erasing, ok := im.Manifest.(snapshot.Eraser); ok {
		// An erasure that was killed may have left single files.
		whole, err := erasing.Whole(ctx)
		if err != nil {
			return err
		}
		return sweepFiles(im.Dir, whole)
	}
	listed, err := im.Manifest.Folders(ctx)
	if err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(im.Dir, "parts", "*", "*"))
	if err != nil {
		return err
	}
	for _, dir := range found {
		rel, err := filepath.Rel(im.Dir, dir)
		if err != nil {
			return err
		}
		if !slices.Contains(listed, rel) {
			if err := os.RemoveAll(dir); err != nil {
				return diskError(err)
			}
		}
	}
	return nil
}
