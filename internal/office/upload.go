package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// Bounds of taking in files.
const (
	unfinishedUploads = 200                // at most, of everybody together
	reservedBytes     = 256 << 20          // that an upload leaves on the disk
	uploadPatience    = 7 * 24 * time.Hour // after which an unfinished upload is given up
	beginPatience     = 10 * time.Minute   // in which whoever began an upload has made its file
	formPatience      = 6 * time.Hour      // after which what a form sent and nobody finished is swept
)

// Twice is a file that is, byte for byte, one that is there already. It was
// not kept a second time.
type Twice struct{ Name, Has string }

func (t *Twice) Error() string {
	return fmt.Sprintf("%s is the same, byte for byte, as %s, which is here already; it was not kept twice", t.Name, t.Has)
}

// ErrWriting is returned while another request writes the same upload.
var ErrWriting = errors.New("another tab is sending this file at this moment; it goes on from there")

// NewUpload begins to take a file in pieces. An unfinished upload of the same
// sender, name and size is gone on with.
func (o *Office) NewUpload(ctx context.Context, by int64, given string, size int64) (program.Upload, error) {
	name, err := FileName(given)
	if err != nil {
		return program.Upload{}, err
	}
	if err := o.acceptable(given, size); err != nil {
		return program.Upload{}, err
	}
	if err := o.RecoverUploads(ctx); err != nil {
		return program.Upload{}, err
	}
	o.intake.files.Lock()
	defer o.intake.files.Unlock()
	unfinished, err := o.Uploads.Uploads(ctx, program.Receiving)
	if err != nil {
		return program.Upload{}, err
	}
	for _, u := range unfinished {
		if u.By == by && u.Size == size && u.Name == name && !o.intake.writing[u.ID] {
			return u, nil
		}
	}
	if len(unfinished) >= unfinishedUploads {
		return program.Upload{}, &books.Refusal{Where: shortName(given), What: fmt.Sprintf("%d uploads are unfinished", len(unfinished)), Do: "finish or discard some of them first"}
	}
	if name, err = o.freeName(ctx, name); err != nil {
		return program.Upload{}, err
	}
	if err := os.MkdirAll(o.incoming(), 0o700); err != nil {
		return program.Upload{}, o.notWritten(given, err)
	}
	u, err := o.Uploads.BeginUpload(ctx, program.Upload{Name: name, Size: size, By: by, At: o.Now().UTC()})
	if err != nil {
		return u, err
	}
	f, err := os.OpenFile(o.part(u), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		err = errors.Join(f.Close(), syncFolder(o.incoming()))
	}
	if err != nil {
		return u, errors.Join(o.notWritten(given, err), o.giveUp(ctx, u))
	}
	return u, nil
}

// acceptable refuses what could not be taken whole.
func (o *Office) acceptable(given string, size int64) error {
	switch free, known := o.free(); {
	case size <= 0:
		return &books.Refusal{Where: shortName(given), What: "is empty", Do: "export it again"}
	case size > o.largest():
		return &books.Refusal{Where: shortName(given), What: fmt.Sprintf("has %s, and a file may have %s", oversize(size, o.largest()), sizeText(o.largest())), Do: "export it in parts, pack it as .gz, or have the limit raised (--largest-upload)"}
	case known && size > free-reservedBytes:
		return &books.Refusal{Where: shortName(given), What: fmt.Sprintf("has %s, and the server's disk has %s left", oversize(size, max(free-reservedBytes, 0)), sizeText(max(free-reservedBytes, 0))), Do: "free some space on the server, then send it again"}
	}
	return nil
}

// part is where an upload grows.
func (o *Office) part(u program.Upload) string {
	return filepath.Join(o.incoming(), fmt.Sprintf("%d.part", u.ID))
}

// freeName makes a name that no file and no upload has: orders-2.csv beside
// orders.csv.
func (o *Office) freeName(ctx context.Context, name string) (string, error) {
	taken, err := o.names(ctx)
	if err != nil {
		return "", err
	}
	stem, ending := splitEnding(name)
	for i := 2; taken[strings.ToLower(name)]; i++ {
		suffix := fmt.Sprintf("-%d", i)
		cut := stem
		for len(cut)+len(suffix)+len(ending) > longestName {
			cut = strings.ToValidUTF8(cut[:len(cut)-1], "")
		}
		name = cut + suffix + ending
	}
	return name, nil
}

// names are those that files and unfinished uploads have, in lower case.
func (o *Office) names(ctx context.Context) (map[string]bool, error) {
	taken := map[string]bool{}
	entries, err := os.ReadDir(o.FilesDir())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("look into the folder of files: %w", err)
	}
	for _, e := range entries {
		taken[strings.ToLower(e.Name())] = true
	}
	all, err := o.Uploads.Uploads(ctx, program.Receiving, program.Complete)
	for _, u := range all {
		taken[strings.ToLower(u.Name)] = true
	}
	return taken, err
}

// Upload is one upload of a sender, or program.ErrNone.
func (o *Office) Upload(ctx context.Context, by, id int64) (program.Upload, error) {
	u, err := o.Uploads.Upload(ctx, id)
	if err == nil && u.By != by {
		return program.Upload{}, program.ErrNone
	}
	return u, err
}

// Unfinished lists a sender's uploads that have not arrived whole.
func (o *Office) Unfinished(ctx context.Context, by int64) ([]program.Upload, error) {
	all, err := o.Uploads.Uploads(ctx, program.Receiving)
	return slices.DeleteFunc(all, func(u program.Upload) bool { return u.By != by }), err
}

// AppendUpload adds a piece at an offset, which must be where the upload has
// got to. What arrived before a connection broke is kept. With the last piece
// the file takes its place among the files; digest, its SHA-256 in hex, is
// compared when it is given. It returns program.ErrMoved when the offset is
// not where the upload is.
func (o *Office) AppendUpload(ctx context.Context, u program.Upload, piece io.Reader, digest string) (program.Upload, error) {
	if !o.claim(u.ID) {
		return u, ErrWriting
	}
	defer o.release(u.ID)
	now, err := o.Uploads.Upload(ctx, u.ID)
	if err != nil {
		return u, err
	}
	if now.State != program.Receiving || now.Received != u.Received {
		return now, program.ErrMoved
	}
	n, cause := o.write(u, piece)
	moved := u
	moved.Received += n
	moved.Changed = o.Now().UTC()
	after := context.WithoutCancel(ctx)
	if n > 0 {
		if err := o.Uploads.MoveUpload(after, u, moved); err != nil {
			return u, err
		}
	}
	if cause != nil {
		return moved, cause
	}
	if moved.Received < moved.Size {
		return moved, nil
	}
	return o.complete(after, moved, digest)
}

// claim says that a request writes an upload.
func (o *Office) claim(id int64) bool {
	o.intake.files.Lock()
	defer o.intake.files.Unlock()
	if o.intake.writing == nil {
		o.intake.writing = map[int64]bool{}
	}
	if o.intake.writing[id] {
		return false
	}
	o.intake.writing[id] = true
	return true
}

func (o *Office) release(id int64) {
	o.intake.files.Lock()
	defer o.intake.files.Unlock()
	delete(o.intake.writing, id)
}

// write adds a piece to the part and makes it durable. It tells how many bytes
// stand there for good, whatever became of the rest.
func (o *Office) write(u program.Upload, piece io.Reader) (n int64, err error) {
	if free, known := o.free(); known && free < reservedBytes {
		return 0, o.notWritten(u.Name, syscall.ENOSPC)
	}
	how := os.O_WRONLY
	if u.Received == 0 { // a crash may have come between the upload's beginning and its part's
		how |= os.O_CREATE
	}
	f, err := os.OpenFile(o.part(u), how, 0o600)
	if err != nil {
		return 0, o.notWritten(u.Name, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if u.Received == 0 {
		if err := syncFolder(o.incoming()); err != nil {
			return 0, o.notWritten(u.Name, err)
		}
	}
	// What a crash left behind the recorded end was never acknowledged.
	if err := f.Truncate(u.Received); err != nil {
		return 0, o.notWritten(u.Name, err)
	}
	if _, err := f.Seek(u.Received, io.SeekStart); err != nil {
		return 0, o.notWritten(u.Name, err)
	}
	n, copied := io.Copy(f, io.LimitReader(piece, u.Size-u.Received))
	if copied == nil {
		copied = atEnd(u, piece, n)
	}
	if full(copied) || tooLong(copied) {
		return 0, errors.Join(o.notWritten(u.Name, copied), f.Truncate(u.Received))
	}
	if err := f.Sync(); err != nil {
		return 0, errors.Join(o.notWritten(u.Name, err), f.Truncate(u.Received))
	}
	return n, copied
}

var errLonger = errors.New("is longer than was said when it began; perhaps it changed while it was sent")

// atEnd refuses what comes after the upload's last byte.
func atEnd(u program.Upload, piece io.Reader, n int64) error {
	if u.Received+n < u.Size {
		return nil
	}
	if more, _ := io.CopyN(io.Discard, piece, 1); more > 0 { // that it broke off behind the end is no matter
		return errLonger
	}
	return nil
}

func tooLong(err error) bool { return errors.Is(err, errLonger) }

func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// notWritten puts the disk's refusals into words.
func (o *Office) notWritten(name string, err error) error {
	switch {
	case tooLong(err):
		return &books.Refusal{Where: shortName(name), What: errLonger.Error(), Do: "send it again when nothing writes to it"}
	case full(err):
		return &books.Refusal{Where: shortName(name), What: "does not fit on the server's disk", Do: "free some space on the server; the upload goes on where it stopped"}
	case errors.Is(err, os.ErrPermission):
		return &books.Refusal{Where: o.FilesDir(), What: "cannot be written: no permission", Do: "give the server the right to write the folder of books.yaml"}
	}
	return fmt.Errorf("take in %s: %w", shortName(name), err)
}

// complete looks at the whole file and gives it its place.
func (o *Office) complete(ctx context.Context, u program.Upload, want string) (program.Upload, error) {
	got, err := digestOf(o.part(u)) // which takes a while
	if err != nil {
		return u, o.notWritten(u.Name, err)
	}
	o.intake.files.Lock()
	defer o.intake.files.Unlock()
	return o.settleUpload(ctx, u, got, want)
}

// settleUpload places an upload whose bytes are all there.
func (o *Office) settleUpload(ctx context.Context, u program.Upload, got, want string) (program.Upload, error) {
	if want != "" && !strings.EqualFold(got, want) {
		return u, errors.Join(&books.Refusal{Where: u.Name, What: "is not what was sent: its SHA-256 differs; perhaps it changed on the way or while it was read", Do: "send it again"}, o.giveUp(ctx, u))
	}
	if has, err := o.same(ctx, u, got); err != nil {
		return u, err
	} else if has != "" {
		return u, errors.Join(&Twice{Name: u.Name, Has: has}, o.giveUp(ctx, u))
	}
	done := u
	done.Digest, done.State, done.Changed = got, program.Complete, o.Now().UTC()
	if err := o.Uploads.MoveUpload(ctx, u, done); err != nil {
		return u, err
	}
	return done, o.land(done)
}

// same finds a file of the same content.
func (o *Office) same(ctx context.Context, u program.Upload, digest string) (string, error) {
	all, err := o.Uploads.Uploads(ctx, program.Complete, program.Taken)
	if err != nil {
		return "", err
	}
	for _, x := range all {
		if x.ID != u.ID && x.Digest == digest && x.Size == u.Size {
			for _, path := range o.places(x) {
				if info, err := os.Stat(path); err == nil && info.Size() == u.Size {
					return filepath.Base(path), nil
				}
			}
		}
	}
	return "", nil
}

// places are where an upload's file may lie: under its name, or, where a hand
// has put another file there meanwhile, under one with its number.
func (o *Office) places(u program.Upload) []string {
	stem, ending := splitEnding(u.Name)
	return []string{filepath.Join(o.FilesDir(), u.Name), filepath.Join(o.FilesDir(), fmt.Sprintf("%s-upload-%d%s", stem, u.ID, ending))}
}

// land gives a whole file its name, and never another file's place.
func (o *Office) land(u program.Upload) error {
	for _, path := range o.places(u) {
		err := os.Link(o.part(u), path)
		if errors.Is(err, os.ErrExist) && sameFile(o.part(u), path) {
			err = nil // a crash came after the link
		}
		if err != nil && !errors.Is(err, os.ErrExist) && !exists(path) {
			err = os.Rename(o.part(u), path) // a disk without links
		}
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return o.notWritten(u.Name, err)
		}
		if err := syncFolder(o.FilesDir()); err != nil {
			return err
		}
		if err := os.Remove(o.part(u)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return o.notWritten(u.Name, err)
		}
		return nil
	}
	return &books.Refusal{Where: u.Name, What: "cannot be put in its place: other files have its names", Do: "move them out of " + o.FilesDir()}
}

func sameFile(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(x, y)
}

func digestOf(path string) (digest string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// oversize is a size past the most that is taken. Of a plain form's file no
// more is known than that it went on there.
func oversize(size, most int64) string {
	if size == most+1 || sizeText(size) == sizeText(most) {
		return "more than " + sizeText(most)
	}
	return sizeText(size)
}

// sizeText is a number of bytes as it is said.
func sizeText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
