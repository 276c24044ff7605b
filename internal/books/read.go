package books

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// reading is one file on its way into the books.
type reading struct {
	load
	name, state, folder string
	refused             *refusedFile
}

// read stages files into parts of their book: one of text, or several of
// Parquet.
func (im *Importer) read(ctx context.Context, loads []load, keys []string, act string) (_ []snapshot.Added, err error) {
	var files []reading
	defer func() {
		for _, f := range files {
			if closeErr := f.refused.close(); err == nil {
				err = closeErr
			}
		}
	}()
	recall := im.Memory.Recall()
	for _, l := range loads {
		f := reading{load: l, name: im.Config.called(l.place())}
		if f.state, err = stateText(l.place()); err != nil {
			return nil, err
		}
		if f.folder, err = im.folder(l.book.Name); err != nil {
			return nil, err
		}
		if f.refused, err = newRefusedFile(filepath.Join(im.Dir, f.folder, "refused.csv"), f.name); err != nil {
			return nil, err
		}
		f.refused.recall = recall
		files = append(files, f)
	}
	staged, err := im.stage(ctx, files, keys, act)
	if err != nil {
		var misfit *engine.Misfit
		if errors.As(err, &misfit) {
			return nil, im.Config.refuseBook(Unmappable, files[0].book.Name, "columns: %v", "the file read was "+files[0].name, misfit)
		}
		return nil, within(files[0].name, err)
	}
	var out []snapshot.Added
	for i, f := range files {
		added, err := im.added(f, staged[i])
		if err != nil {
			return nil, err
		}
		out = append(out, added)
	}
	return out, nil
}

// added is what became of one file, once it is known that it is still the one
// that was read.
func (im *Importer) added(f reading, staged engine.Staged) (snapshot.Added, error) {
	if again, err := stateText(f.place()); err != nil || again != f.state {
		return snapshot.Added{}, &Refusal{Where: f.name, What: "changed while it was being read", Do: "run again when it is complete"}
	}
	source := snapshot.Source{
		Book: f.book.Name, Path: f.name, State: f.state, Signature: f.signature,
		Rows: staged.Rows, Refused: f.refused.rows, Skipped: staged.Skipped, Rounded: staged.Rounded, Repeated: staged.Repeated,
		ReadAt: im.Now(),
	}
	if f.refused.rows > 0 {
		source.RefusedIn = filepath.Join(f.folder, "refused.csv")
	}
	added := snapshot.Added{Source: source}
	for _, p := range staged.Parts {
		added.Parts = append(added.Parts, snapshot.Part{Book: f.book.Name, Role: snapshot.Rows, Part: p})
	}
	if staged.NewKeys != nil {
		added.Parts = append(added.Parts, snapshot.Part{Book: "customers", Role: snapshot.Keys, Part: *staged.NewKeys})
	}
	if err := f.refused.sync(); err != nil {
		return added, err
	}
	return added, syncDir(filepath.Join(im.Dir, f.folder))
}

// within adds the source's name to an error that lacks it.
func within(name string, err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("read %s: %w", name, err)
}

func (im *Importer) stage(ctx context.Context, files []reading, keys []string, act string) ([]engine.Staged, error) {
	var sources []engine.Source
	total := int64(0)
	for _, f := range files {
		o, err := im.mapper().open(f.path, f.mapping.Source, f.mapping.Names, f.refused.add, act)
		if err != nil {
			return nil, err
		}
		defer o.close()
		sources = append(sources, engine.Source{Table: o.table, Name: f.name, Folder: f.folder})
		total += o.size
	}
	spec, closeJoins, err := im.mapper().compile(ctx, files[0].load, sources[0].Table)
	defer closeJoins()
	if err != nil {
		return nil, err
	}
	spec.Sources, spec.Keys, spec.Memory = sources, keys, im.Memory
	im.Progress(act, 0, total)
	return im.Engine.Stage(ctx, spec, func(r engine.Refused) error { return files[r.Source].refused.add(r) })
}

// syncDir makes the names in a folder durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return diskError(err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return diskError(err)
	}
	return nil
}
