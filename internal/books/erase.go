package books

import (
	"context"
	"encoding/base32"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// Rewriter is what an erasure asks of a columnar engine.
type Rewriter interface {
	// Mark finds who somebody is, or returns engine.ErrUnknown.
	Mark(ctx context.Context, v engine.View, subject engine.Subject, id string) (engine.Marked, error)
	// Rewrite takes somebody out of a book's part, or returns nil when the part
	// does not hold them.
	Rewrite(ctx context.Context, book fact.Book, p engine.Part, ask engine.Rewrite) (*engine.Rewritten, error)
	// RewriteKeys does the same with a part of the dictionary.
	RewriteKeys(ctx context.Context, p engine.Part, ask engine.Rewrite) (*engine.Rewritten, error)
	// Traces looks for markers in every file below a folder.
	Traces(ctx context.Context, folder string, markers []string) ([]engine.Trace, error)
}

// Eraser takes people out of our copy of the books, in every snapshot. It
// changes no source: sources are not ours.
type Eraser struct {
	Manifest snapshot.Eraser
	Engine   Rewriter
	Dir      string
	Now      func() time.Time
	Chance   io.Reader // for tombstones
	Secret   []byte    // under which forgotten markers are hashed
	Progress Progress  // nil: nobody listens
	// Keep makes the erasure count, together with its receipt. Nil: the
	// manifest alone keeps it.
	Keep func(ctx context.Context, e snapshot.Erasure, r Erased) error
	// Derived removes what was derived of parts; it is made again.
	Derived func(ctx context.Context) error
}

// Erased is what became of an erasure. It does not say who it was.
type Erased struct {
	Subject    engine.Subject
	Tombstones []string         // for each id; the first is that of the id that was named
	Changed    map[string]int64 // rows by book and column: "answers.comment"
	Files      int              // that were written anew
	Elsewhere  []string         // sources that hold the person still and are not ours to change
	Shared     int              // names and addresses that other customers have too, and keep
	Left       []engine.Trace   // where a marker is found still; empty is the proof that nothing is left
}

// Erase takes somebody out and proves it. After a crash the books are as
// before or as after; what the crash left is swept when it is run again, and
// by the next import.
func (x *Eraser) Erase(ctx context.Context, subject engine.Subject, id string) (Erased, error) {
	lock := flock.New(filepath.Join(x.Dir, "import.lock"))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return Erased{}, fmt.Errorf("lock %s: %w", x.Dir, err)
	}
	defer lock.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	whole, err := x.Manifest.Whole(ctx)
	if err != nil {
		return Erased{}, err
	}
	who, err := x.Engine.Mark(ctx, viewOfAll(whole), subject, id)
	if err != nil {
		return Erased{}, err
	}
	e := erasing{Eraser: x, whole: whole, who: who, erased: Erased{Subject: subject, Changed: map[string]int64{}, Shared: len(who.Shared)}}
	if err := e.prepare(ctx); err != nil {
		return Erased{}, err
	}
	if err := e.rewrite(ctx); err != nil {
		return Erased{}, err
	}
	if err := x.keep(ctx, e.change, e.erased); err != nil {
		return Erased{}, err
	}
	if err := x.Finish(ctx); err != nil {
		return e.erased, err
	}
	x.hear("look for what is left", 0, 0)
	e.erased.Left, err = x.Engine.Traces(ctx, "parts", who.Provable())
	return e.erased, err
}

// Who finds who somebody is, in every snapshot, and which sources there are.
func (x *Eraser) Who(ctx context.Context, subject engine.Subject, id string) (engine.Marked, error) {
	whole, err := x.Manifest.Whole(ctx)
	if err != nil {
		return engine.Marked{}, err
	}
	return x.Engine.Mark(ctx, viewOfAll(whole), subject, id)
}

func (x *Eraser) hear(act string, done, total int64) {
	if x.Progress != nil {
		x.Progress(act, done, total)
	}
}

func (x *Eraser) keep(ctx context.Context, c snapshot.Erasure, r Erased) error {
	if x.Keep != nil {
		return x.Keep(ctx, c, r)
	}
	return x.Manifest.Erase(ctx, c)
}

// viewOfAll is every part of every snapshot: an erasure reaches back.
func viewOfAll(w snapshot.Whole) engine.View {
	v := engine.View{Books: map[string][]engine.Part{}}
	for _, p := range w.Parts {
		switch p.Role {
		case snapshot.Keys:
			v.Keys = append(v.Keys, p.Part)
		case snapshot.Rows, snapshot.Merged:
			v.Books[p.Book] = append(v.Books[p.Book], p.Part)
		}
	}
	return v
}

// erasing is one erasure on its way.
type erasing struct {
	*Eraser
	whole   snapshot.Whole
	who     engine.Marked
	ask     engine.Rewrite
	recall  *engine.Recall
	change  snapshot.Erasure
	erased  Erased
	folders map[string]string // of this run, by book
	sources map[int64]bool    // that hold the person
}

// prepare gives every id its tombstone and remembers the markers.
func (e *erasing) prepare(ctx context.Context) error {
	known, err := e.Manifest.Forgotten(ctx)
	if err != nil {
		return err
	}
	for range e.who.IDs {
		chance := make([]byte, 10)
		if _, err := io.ReadFull(e.Chance, chance); err != nil {
			return fmt.Errorf("draw a tombstone: %w", err)
		}
		e.erased.Tombstones = append(e.erased.Tombstones, "erased-"+strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(chance)))
	}
	memory := engine.Memory{Secret: e.Secret}
	e.change.Base, e.change.Forgotten = e.whole.Newest, memory.Forget(e.who, e.erased.Tombstones)
	// Those forgotten earlier stay so: a part must be as an import gives it.
	memory.Forgotten = slices.Concat(known, e.change.Forgotten)
	e.ask = engine.Rewrite{Who: e.who, Memory: memory}
	e.recall = memory.Recall()
	e.folders, e.sources = map[string]string{}, map[int64]bool{}
	for _, p := range e.whole.Parts {
		if p.Role == snapshot.Keys {
			e.ask.Keys = append(e.ask.Keys, p.Path)
		}
	}
	return nil
}

// rewrite writes every part and file of refused rows that holds the person
// anew.
func (e *erasing) rewrite(ctx context.Context) error {
	for i, p := range e.whole.Parts {
		e.hear("rewrite the books' parts", int64(i), int64(len(e.whole.Parts)))
		if err := e.part(ctx, p); err != nil {
			return err
		}
	}
	for _, s := range e.whole.Sources {
		if err := e.refusals(s); err != nil {
			return err
		}
	}
	for _, folder := range e.folders {
		if err := syncDir(filepath.Join(e.Dir, folder)); err != nil {
			return err
		}
	}
	for _, s := range e.whole.Sources {
		if file := fileOf(s); e.sources[s.ID] && !slices.Contains(e.erased.Elsewhere, file) {
			e.erased.Elsewhere = append(e.erased.Elsewhere, file)
		}
	}
	slices.Sort(e.erased.Elsewhere)
	return nil
}

// folder is this run's, for a book; the next import sweeps it when the run
// does not get to its end.
func (e *erasing) folder(book string) (string, error) {
	if f := e.folders[book]; f != "" {
		return f, nil
	}
	f, err := (&Importer{Dir: e.Dir, Now: e.Now}).folder(book)
	e.folders[book] = f
	return f, err
}

func (e *erasing) part(ctx context.Context, p snapshot.Part) (err error) {
	ask := e.ask
	if ask.Folder, err = e.folder(p.Book); err != nil {
		return err
	}
	var w *engine.Rewritten
	switch p.Role {
	case snapshot.Keys:
		w, err = e.Engine.RewriteKeys(ctx, p.Part, ask)
	case snapshot.Rows, snapshot.Merged:
		book, ok := fact.Find(p.Book)
		if !ok {
			return fmt.Errorf("erase from %s: there is no such book", p.Book)
		}
		w, err = e.Engine.Rewrite(ctx, book, p.Part, ask)
	}
	if err != nil || w == nil {
		return err
	}
	e.change.Parts = append(e.change.Parts, snapshot.Replaced{Part: p.ID, With: w.Part})
	if p.Source != 0 && p.Role == snapshot.Rows {
		e.sources[p.Source] = true
	}
	if !w.Same {
		e.erased.Files++
	}
	name := p.Book
	if p.Role == snapshot.Keys {
		name = "dictionary"
	}
	for column, n := range w.Changed {
		if n > 0 && p.Role != snapshot.Merged {
			e.erased.Changed[name+"."+column] += n
		}
	}
	return nil
}

// refusals takes the person out of a source's refused rows.
func (e *erasing) refusals(s snapshot.Source) (err error) {
	if s.RefusedIn == "" {
		return nil
	}
	was, err := os.Open(filepath.Join(e.Dir, s.RefusedIn))
	if err != nil {
		return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
	}
	defer was.Close()
	rows, err := csv.NewReader(was).ReadAll()
	if err != nil {
		return fmt.Errorf("read refused rows of %s: %w", s.Path, err)
	}
	changed := int64(0)
	for _, row := range rows[1:] {
		for i := range row {
			if value := remembered(e.recall, row[i]); value != row[i] && i > 0 { // the first names the file, which is not ours
				row[i] = value
				changed++
			}
		}
	}
	if changed == 0 {
		return nil
	}
	folder, err := e.folder(s.Book)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, fmt.Sprintf("refused-%d.csv", s.ID))
	if err := writeRows(filepath.Join(e.Dir, path), rows); err != nil {
		return err
	}
	e.change.Refused = append(e.change.Refused, snapshot.ReplacedRefusals{Source: s.ID, RefusedIn: path})
	e.erased.Changed[s.Book+" refused"] += changed
	e.erased.Files++
	e.sources[s.ID] = true
	return nil
}

// remembered is a refused value as it may be kept.
func remembered(r *engine.Recall, value string) string {
	if r == nil || value == "" {
		return value
	}
	for _, subject := range []engine.Subject{engine.ACustomer, engine.APerson} {
		if _, forgotten := r.ID(subject, value); forgotten {
			return engine.ErasedText
		}
	}
	if r.In(value) {
		return engine.ErasedText
	}
	return value
}

func writeRows(path string, rows [][]string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return diskError(err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = diskError(closeErr)
		}
	}()
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		return diskError(err)
	}
	if err := f.Sync(); err != nil {
		return diskError(err)
	}
	return nil
}

// Finish removes every file of the books that the manifest does not list, and
// what was derived of them: the last step of an erasure, which may be done
// again at any time while nobody imports.
func (x *Eraser) Finish(ctx context.Context) error {
	whole, err := x.Manifest.Whole(ctx)
	if err != nil {
		return err
	}
	if err := sweepFiles(x.Dir, whole); err != nil {
		return err
	}
	if x.Derived == nil {
		return nil
	}
	return x.Derived(ctx)
}

// sweepFiles removes files below parts that no part and no source names, and
// folders without any.
func sweepFiles(dir string, whole snapshot.Whole) error {
	listed := map[string]bool{}
	for _, p := range whole.Parts {
		listed[p.Path] = true
	}
	for _, s := range whole.Sources {
		if s.RefusedIn != "" {
			listed[s.RefusedIn] = true
		}
	}
	folders := map[string]bool{}
	for path := range maps.Keys(listed) {
		folders[filepath.Dir(path)] = true
	}
	return filepath.WalkDir(filepath.Join(dir, "parts"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return diskError(err)
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		depth := len(strings.Split(rel, string(filepath.Separator)))
		switch {
		case d.IsDir() && depth == 3 && !folders[rel]:
			if err := os.RemoveAll(path); err != nil {
				return diskError(err)
			}
			return filepath.SkipDir
		case d.IsDir(), listed[rel]:
			return nil
		}
		if err := os.Remove(path); err != nil {
			return diskError(err)
		}
		return nil
	})
}
