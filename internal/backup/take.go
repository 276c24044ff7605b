package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// tries is how often a backup begins anew when an erasure replaced parts in
// the middle of it.
const tries = 3

// Take writes a backup of the place's state as of one moment, while others go
// on reading and writing. Whoever calls it makes sure that w is on the disk.
func Take(ctx context.Context, from Place, store Store, head Head, w io.Writer) (Receipt, error) {
	dir, err := os.MkdirTemp(from.Dir, fmt.Sprintf("scratch-%d-backup-", os.Getpid()))
	if err != nil {
		return Receipt{}, fmt.Errorf("take a backup: %w", err)
	}
	receipt, err := take(ctx, from, store, head, dir, w)
	return receipt, errors.Join(err, os.RemoveAll(dir))
}

func take(ctx context.Context, from Place, store Store, head Head, dir string, w io.Writer) (Receipt, error) {
	var held []member
	var err error
	for range tries {
		if held, head.Snapshot, err = from.hold(ctx, store, dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("take a backup: %w", err)
	}
	head.Format, head.At = Format, head.At.UTC().Truncate(time.Microsecond)
	a := &archive{tar: tar.NewWriter(w), at: head.At}
	text, err := json.Marshal(head)
	if err != nil {
		return Receipt{}, err
	}
	if err := a.bytes(headName, text); err != nil {
		return Receipt{}, fmt.Errorf("write the backup: %w", err)
	}
	for _, m := range held {
		if err := ctx.Err(); err != nil {
			return Receipt{}, err
		}
		if err := a.file(m); err != nil {
			return Receipt{}, fmt.Errorf("write the backup: %w", err)
		}
	}
	if err := a.close(); err != nil {
		return Receipt{}, fmt.Errorf("write the backup: %w", err)
	}
	return Receipt{Head: head, Files: len(a.sums), Bytes: a.total}, nil
}

// member is a file that goes into the archive.
type member struct{ name, path string }

// hold dumps the store and takes hold of every file that the dump names, by
// links of its own, so that nothing that is removed later is missed. When a
// part has gone already, an erasure has come between, and it is begun anew.
func (from Place) hold(ctx context.Context, store Store, dir string) ([]member, int64, error) {
	dump := filepath.Join(dir, storeName)
	if err := dumped(ctx, store, dump); err != nil {
		return nil, 0, err
	}
	held := []member{{storeName, dump}}
	folders, latest, needed, err := from.tried(ctx, dump, dir)
	if err != nil {
		return nil, 0, err
	}
	for _, m := range []member{{configName, from.Config}, {keyName, filepath.Join(from.Dir, keyName)}} {
		kept := filepath.Join(dir, m.name)
		switch err := hold(m.path, kept, true); {
		case errors.Is(err, fs.ErrNotExist): // not there yet
		case err != nil:
			return nil, 0, err
		default:
			held = append(held, member{m.name, kept})
		}
	}
	for _, folder := range folders {
		found, err := holdFolder(from.Dir, folder, dir)
		if err != nil {
			return nil, 0, err
		}
		held = append(held, found...)
	}
	for _, name := range needed {
		if !slices.ContainsFunc(held, func(m member) bool { return m.name == name }) {
			return nil, 0, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
	}
	if from.Uploads != "" {
		found, err := holdFolder(filepath.Dir(from.Uploads), filepath.Base(from.Uploads), filepath.Join(dir, "uploaded"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, 0, err
		}
		for _, m := range found {
			held = append(held, member{path.Join(uploadsName, strings.TrimPrefix(m.name, filepath.ToSlash(filepath.Base(from.Uploads))+"/")), m.path})
		}
	}
	return held, latest, nil
}

func dumped(ctx context.Context, store Store, to string) (err error) {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := gzip.NewWriter(f)
	if err := store.Dump(ctx, z); err != nil {
		return err
	}
	return z.Close()
}

// tried loads a dump into an empty store and tells which folders it names and
// which parts the newest snapshot cannot be without.
func (from Place) tried(ctx context.Context, dump, dir string) (folders []string, latest int64, needed []string, err error) {
	trial, err := os.MkdirTemp(dir, "trial-")
	if err != nil {
		return nil, 0, nil, err
	}
	store, err := from.Scratch(ctx, trial)
	if err != nil {
		return nil, 0, nil, err
	}
	defer func() { err = errors.Join(err, store.Close(), os.RemoveAll(trial)) }()
	if err := loaded(ctx, store, dump); err != nil {
		return nil, 0, nil, fmt.Errorf("try what was dumped: %w", err)
	}
	if folders, err = store.Folders(ctx); err != nil {
		return nil, 0, nil, err
	}
	s, err := store.Latest(ctx)
	if err != nil {
		return nil, 0, nil, err
	}
	for _, p := range s.Parts {
		needed = append(needed, filepath.ToSlash(p.Path))
	}
	return folders, s.ID, needed, nil
}

func loaded(ctx context.Context, store Store, dump string) (err error) {
	f, err := os.Open(dump)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	return errors.Join(store.Load(ctx, z), z.Close())
}

// holdFolder takes hold of every file below a folder of base.
func holdFolder(base, folder, dir string) ([]member, error) {
	var out []member
	err := filepath.WalkDir(filepath.Join(base, folder), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return nil // a link may lead anywhere
		}
		relative, err := filepath.Rel(base, name)
		if err != nil {
			return err
		}
		kept := filepath.Join(dir, "held", relative)
		if err := hold(name, kept, false); err != nil {
			return err
		}
		out = append(out, member{filepath.ToSlash(relative), kept})
		return nil
	})
	return out, err
}

// hold links a file that never changes, or copies one that may.
func hold(from, to string, changes bool) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !changes {
		if err := os.Link(from, to); err == nil || errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return copied(from, to)
}

func copied(from, to string) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = io.Copy(w, r)
	return err
}

// archive writes members and remembers their sums.
type archive struct {
	tar   *tar.Writer
	at    time.Time
	sums  []Sum
	total int64
}

func (a *archive) header(name string, size int64) error {
	return a.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: a.at, Typeflag: tar.TypeReg, Format: tar.FormatPAX})
}

func (a *archive) bytes(name string, text []byte) error {
	if err := a.header(name, int64(len(text))); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	a.sums = append(a.sums, Sum{name, int64(len(text)), hex.EncodeToString(sum[:])})
	a.total += int64(len(text))
	_, err := a.tar.Write(text)
	return err
}

func (a *archive) file(m member) (err error) {
	f, err := os.Open(m.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := a.header(m.name, info.Size()); err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(a.tar, sum), f)
	a.sums = append(a.sums, Sum{m.name, n, hex.EncodeToString(sum.Sum(nil))})
	a.total += n
	return err
}

// close writes the sums and ends the archive.
func (a *archive) close() error {
	text, err := json.Marshal(a.sums)
	if err != nil {
		return err
	}
	if err := a.header(sumsName, int64(len(text))); err != nil {
		return err
	}
	if _, err := a.tar.Write(text); err != nil {
		return err
	}
	return a.tar.Close()
}
