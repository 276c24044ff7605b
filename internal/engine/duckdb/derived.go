package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"
)

// derivations are folders of files that were worked out from parts: indexes
// and standings. Each is named by what it was worked out from, comes into its
// place whole, and can be deleted at any time, because it is made again.
type derivations struct {
	dir    string // DATA/derived
	flight singleflight.Group
}

// making begins the names of folders that are on their way in or out.
const making = "making-"

// inFlight holds the folders that this process is making.
var inFlight sync.Map

func (d *derivations) path(name string) string { return filepath.Join(d.dir, name) }

func (d *derivations) has(name string) bool {
	_, err := os.Stat(d.path(name))
	return err == nil
}

// recipe says how a folder is worked out: from which files, and how.
type recipe struct {
	name  string
	from  []string // absolute paths of parts
	build func(ctx context.Context, folder string) error
}

// make has a folder filled that then comes into its place. Who asks for one
// that is being made waits for it. life ends what is under way.
func (d *derivations) make(ctx, life context.Context, r recipe) error {
	if d.has(r.name) {
		return nil
	}
	// Others may be waiting, so it does not end with who came first.
	done := d.flight.DoChan(r.name, func() (any, error) { return nil, d.build(life, r) })
	select {
	case made := <-done:
		return made.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *derivations) build(ctx context.Context, r recipe) (err error) {
	if d.has(r.name) {
		return nil
	}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return err
	}
	folder, err := os.MkdirTemp(d.dir, fmt.Sprintf("%s%d-", making, os.Getpid()))
	if err != nil {
		return err
	}
	inFlight.Store(folder, true)
	defer func() {
		if removeErr := os.RemoveAll(folder); err == nil {
			err = removeErr
		}
		inFlight.Delete(folder)
	}()
	if err := r.build(ctx, folder); err != nil {
		return err
	}
	if err := syncAll(folder); err != nil {
		return err
	}
	// Somebody else may have been quicker; theirs is the same.
	if err := os.Rename(folder, d.path(r.name)); err != nil && !d.has(r.name) {
		return err
	}
	if err := syncFolder(d.dir); err != nil {
		return err
	}
	return d.checkSources(r)
}

// checkSources takes a folder away again when its parts are gone meanwhile: an
// erasure replaces parts before it sweeps what was derived of them, and must
// not be outrun.
func (d *derivations) checkSources(r recipe) error {
	for _, path := range r.from {
		if _, err := os.Stat(path); err != nil {
			_, sweepErr := d.sweep(func(name string) bool { return name != r.name })
			return errors.Join(fmt.Errorf("the books changed meanwhile; ask again: %w", err), sweepErr)
		}
	}
	return nil
}

// syncAll makes a folder of files durable.
func syncAll(folder string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := syncFolder(filepath.Join(folder, f.Name())); err != nil {
			return err
		}
	}
	return syncFolder(folder)
}

// sweep removes what is not kept, and what killed processes left half made.
func (d *derivations) sweep(keep func(name string) bool) (removed int, err error) {
	found, err := os.ReadDir(d.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for _, f := range found {
		path := d.path(f.Name())
		if rest, ok := strings.CutPrefix(f.Name(), making); ok {
			if underWay(path, rest) {
				continue
			}
		} else if keep(f.Name()) {
			continue
		} else {
			// What is half removed must not look whole.
			gone := d.path(fmt.Sprintf("%s%d-%s", making, os.Getpid(), f.Name()))
			if err := os.Rename(path, gone); err != nil {
				return removed, err
			}
			path = gone
			removed++
		}
		if err := os.RemoveAll(path); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// underWay tells whether a folder is being made by a process that lives.
func underWay(path, rest string) bool {
	var pid int
	if _, err := fmt.Sscanf(rest, "%d-", &pid); err != nil {
		return false
	}
	if pid == os.Getpid() {
		_, mine := inFlight.Load(path)
		return mine
	}
	return alive(pid)
}

// keeping keeps the names of a list.
func keeping(names []string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}
