package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/klauspost/compress/gzip"
)

// sampleSize is how much of a file's beginning the detection looks at.
const sampleSize = 256 << 10

// counter counts the bytes that pass.
type counter struct {
	r     io.Reader
	count atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.count.Add(int64(n))
	return n, err
}

// source is a file from its bytes on the disk to UTF-8 text.
type source struct {
	name     string
	closer   io.Closer // nil for a stream that is not ours
	raw      *counter
	gzip     bool
	encoding string
	bom      bool
	text     io.Reader
}

// openFile opens a file for reading; directories and the errors of the file system are told in our words.
func openFile(path string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, problem(path, fileReason(err), err)
	}
	stat, err := file.Stat()
	if err != nil {
		return nil, errors.Join(problem(path, fileReason(err), err), file.Close())
	}
	if stat.IsDir() {
		return nil, errors.Join(problem(path, "is a directory, name a file or a pattern", syscall.EISDIR), file.Close())
	}
	return file, nil
}

func fileReason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read by this user"
	case errors.Is(err, syscall.ENOTDIR):
		return "a part of the path is not a folder"
	case errors.Is(err, syscall.ENAMETOOLONG):
		return "the name is too long"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many files are open"
	}
	return "cannot be opened"
}

func newSource(name string, stream io.Reader, closer io.Closer, encoding string) (*source, error) {
	s := &source{name: name, closer: closer, raw: &counter{r: stream}}
	plain := io.Reader(&tracked{s: s, r: s.raw})
	head, rest := sampled(plain, 512)
	rest = io.MultiReader(bytes.NewReader(head), rest)
	if kind := foreign(head); kind != "" {
		return nil, problem(name, "is "+kind+", not a text file", nil)
	}
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		s.gzip = true
		unzipped, err := gzip.NewReader(rest)
		if err != nil {
			return nil, s.readError(err, 0)
		}
		rest = &tracked{s: s, r: unzipped}
	}
	sample, rest := sampled(rest, sampleSize)
	found, skip, err := detectEncoding(sample, encoding)
	if err != nil {
		return nil, problem(name, err.Error(), nil)
	}
	s.encoding, s.bom = found, skip > 0
	s.text = decoded(io.MultiReader(bytes.NewReader(sample[skip:]), rest), found)
	return s, nil
}

func (s *source) close() error {
	if s.closer == nil {
		return nil
	}
	if err := s.closer.Close(); err != nil {
		return problem(s.name, "cannot be closed", err)
	}
	return nil
}

// sampled reads up to size bytes and gives them and a reader of what follows them, an error included.
func sampled(r io.Reader, size int) ([]byte, io.Reader) {
	sample := make([]byte, min(size, 4<<10))
	n, empty := 0, 0
	for n < size {
		if n == len(sample) {
			sample = append(sample, make([]byte, min(n, size-n))...)
		}
		m, err := r.Read(sample[n:])
		n += m
		if m == 0 && err == nil {
			if empty++; empty > maxEmptyReads {
				err = io.ErrNoProgress
			}
		}
		if err != nil {
			return sample[:n], failing{err}
		}
	}
	return sample, r
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// tracked counts what a layer has given and turns its errors into errors of the source.
type tracked struct {
	s    *source
	r    io.Reader
	read int64
}

func (t *tracked) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.read += int64(n)
	if err != nil && err != io.EOF {
		err = t.s.readError(err, t.read)
	}
	return n, err
}

// readError tells where in the file reading stopped.
func (s *source) readError(err error, text int64) error {
	var told *sourceError
	if errors.As(err, &told) {
		return err
	}
	at := s.raw.count.Load()
	switch {
	case s.gzip && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)):
		return problem(s.name, fmt.Sprintf("the gzip file is torn: it ends after %d bytes, of which %d bytes of text could be read",
			at, text), io.ErrUnexpectedEOF)
	case s.gzip:
		return problem(s.name, fmt.Sprintf("the gzip file is damaged within its first %d bytes, of which %d bytes of text could be read",
			at, text), err)
	}
	return problem(s.name, fmt.Sprintf("cannot be read further than %d bytes", at), err)
}

// foreign names a format that is known by its first bytes and is not text.
func foreign(head []byte) string {
	for _, known := range []struct{ magic, kind string }{
		{"PK\x03\x04", "a zip file or a workbook"},
		{"PAR1", "a Parquet file"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old workbook (.xls)"},
		{"\x28\xb5\x2f\xfd", "a zstd file"},
		{"\xfd7zXZ\x00", "an xz file"},
		{"BZh91AY&SY", "a bzip2 file"},
		{"%PDF-", "a PDF file"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return known.kind
		}
	}
	return ""
}
