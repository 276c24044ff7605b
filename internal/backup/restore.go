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
	"path/filepath"
	"slices"
	"strings"
)

// maxText bounds what is read into memory: a head, or the sums of a million
// files.
const maxText = 256 << 20

// Read goes through a whole backup and hands each member to visit, which may
// leave its bytes unread; then it holds all to the sums.
func Read(ctx context.Context, r io.Reader, visit func(name string, content io.Reader) error) (Receipt, error) {
	t := tar.NewReader(r)
	var receipt Receipt
	var found []Sum
	for first := true; ; first = false {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return receipt, errCut // the sums come last
		}
		if err != nil {
			return receipt, unreadable(err)
		}
		if err := ctx.Err(); err != nil {
			return receipt, err
		}
		if !proper(h) || first != (h.Name == headName) {
			return receipt, unreadable(fmt.Errorf("member %q", h.Name))
		}
		if h.Name == sumsName {
			return receipt, summed(t, found)
		}
		sum := sha256.New()
		counted := &counter{}
		content := io.TeeReader(t, io.MultiWriter(sum, counted))
		if h.Name == headName {
			err = receipt.Head.read(content)
		} else {
			err = visit(h.Name, content)
		}
		if err == nil {
			_, err = io.Copy(io.Discard, content)
		}
		if err != nil {
			return receipt, err
		}
		found = append(found, Sum{h.Name, counted.n, hex.EncodeToString(sum.Sum(nil))})
		receipt.Files, receipt.Bytes = len(found), receipt.Bytes+counted.n
	}
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func (h *Head) read(r io.Reader) error {
	if err := json.NewDecoder(io.LimitReader(r, maxText)).Decode(h); err != nil {
		return unreadable(err)
	}
	if h.Format != Format {
		return &Refusal{What: fmt.Sprintf("this backup has layout %d, and this release knows %d", h.Format, Format), Do: "restore it with the release that wrote it"}
	}
	return nil
}

// proper tells whether a member is one that Take writes: no link, no device,
// no path that leaves the folder.
func proper(h *tar.Header) bool {
	if h.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(h.Name)) || strings.Contains(h.Name, `\`) {
		return false
	}
	first, _, below := strings.Cut(h.Name, "/")
	if below {
		return first == partsName || first == uploadsName
	}
	return slices.Contains([]string{headName, sumsName, storeName, configName, keyName}, h.Name)
}

func summed(r io.Reader, found []Sum) error {
	var sums []Sum
	if err := json.NewDecoder(io.LimitReader(r, maxText)).Decode(&sums); err != nil {
		return unreadable(err)
	}
	if !slices.Equal(sums, found) {
		return errCut
	}
	return nil
}

// Restore brings a backup back into an empty place. open makes the store
// there; it is called when everything else is in its place, and the store is
// loaded in one transaction, so that before it nothing of the backup can be
// seen, and after it everything is there.
func Restore(ctx context.Context, r io.Reader, to Place, open func(ctx context.Context) (Store, error)) (Receipt, error) {
	if err := to.vacant(); err != nil {
		return Receipt{}, err
	}
	if err := os.MkdirAll(to.Dir, 0o700); err != nil {
		return Receipt{}, fmt.Errorf("restore: %w", err)
	}
	dir, err := os.MkdirTemp(to.Dir, fmt.Sprintf("scratch-%d-restore-", os.Getpid()))
	if err != nil {
		return Receipt{}, fmt.Errorf("restore: %w", err)
	}
	receipt, err := to.restore(ctx, r, dir, open)
	return receipt, errors.Join(err, os.RemoveAll(dir))
}

func (to Place) restore(ctx context.Context, r io.Reader, dir string, open func(ctx context.Context) (Store, error)) (Receipt, error) {
	receipt, err := Read(ctx, r, func(name string, content io.Reader) error {
		return written(filepath.Join(dir, filepath.FromSlash(name)), content)
	})
	if err != nil {
		return receipt, err
	}
	dump := filepath.Join(dir, storeName)
	if _, err := os.Stat(dump); err != nil {
		return receipt, unreadable(errors.New("it holds no program store"))
	}
	for _, m := range to.places() {
		if err := moved(filepath.Join(dir, m.name), m.path); err != nil {
			return receipt, fmt.Errorf("restore %s: %w", m.name, err)
		}
	}
	store, err := open(ctx)
	if err != nil {
		return receipt, err
	}
	return receipt, errors.Join(loaded(ctx, store, dump), store.Close())
}

// places tells where the members go.
func (to Place) places() []member {
	return []member{
		{partsName, filepath.Join(to.Dir, partsName)}, {keyName, filepath.Join(to.Dir, keyName)}, {uploadsName, to.Uploads}, {configName, to.Config},
	}
}

// vacant refuses a place that holds something a restore would cover.
func (to Place) vacant() error {
	for _, m := range append(to.places(), member{"throughline.db", filepath.Join(to.Dir, "throughline.db")}) {
		if m.path == "" {
			continue
		}
		_, err := os.Lstat(m.path)
		if err == nil {
			return &Refusal{What: m.path + " is there already", Do: "restore into a folder without it (--books and --data name the place), or move it away first"}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return nil
}

// moved renames what was written, when the backup has it.
func moved(from, to string) error {
	if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	err := os.Rename(from, to)
	var link *os.LinkError
	if errors.As(err, &link) && !errors.Is(err, fs.ErrExist) { // another disk
		return copiedTree(from, to)
	}
	return err
}

func copiedTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return copied(name, target)
	})
}

// written writes a file and makes sure that it is on the disk.
func written(path string, content io.Reader) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, content); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
