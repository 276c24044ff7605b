package sim

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// temporary begins the names of what is not finished.
const temporary = ".sim-"

// file is a file that appears under its name whole or not at all.
type file struct {
	*bufio.Writer
	out  *os.File
	path string
}

func create(path string) (*file, error) {
	out, err := os.Create(filepath.Join(filepath.Dir(path), temporary+filepath.Base(path)))
	if err != nil {
		return nil, err
	}
	return &file{Writer: bufio.NewWriterSize(out, 1<<18), out: out, path: path}, nil
}

// keep makes the file appear.
func (f *file) keep() error {
	err := f.Flush()
	if err == nil {
		err = f.out.Sync()
	}
	err = errors.Join(err, f.out.Close())
	if err == nil {
		err = os.Rename(f.out.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, drop(f.out.Name()))
	}
	f.out = nil
	return syncFolder(filepath.Dir(f.path))
}

// discard removes a file that was not kept; after keep it does nothing.
func (f *file) discard() error {
	if f == nil || f.out == nil {
		return nil
	}
	err := f.out.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	return errors.Join(err, drop(f.out.Name()))
}

// drop removes a file that may be gone already.
func drop(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes renames durable; Windows has no such act.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// writeWhole writes a small file at once.
func writeWhole(path string, text []byte) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.discard())
	}
	return f.keep()
}
