package office_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// fresh is an office without books over a real store and a real engine.
func fresh(t *testing.T) *office.Office {
	t.Helper()
	return opened(t, t.TempDir())
}

// opened is an office over a folder, as a server that begins opens it.
func opened(t *testing.T, dir string) *office.Office {
	t.Helper()
	data := filepath.Join(dir, ".throughline")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(context.Background(), filepath.Join(data, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &office.Office{
		Store: store, Config: filepath.Join(dir, "books.yaml"), Dir: data, Now: time.Now,
		Things: store, Intake: office.Intake{Uploads: store, Documents: store},
		Engine: func(ctx context.Context, zone string) (office.Engine, error) {
			return duckdb.Open(ctx, duckdb.Options{Dir: data, MemoryLimit: "1GB", Threads: 2, TimeZone: zone})
		},
	}
}

const lead = 7 // the user who gives files

func send(t *testing.T, o *office.Office, name, text string) program.Upload {
	t.Helper()
	u, err := o.ReceiveUpload(context.Background(), lead, name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func names(t *testing.T, o *office.Office) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(o.FilesDir())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

func incoming(t *testing.T, o *office.Office) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(o.FilesDir(), ".incoming"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func refusedAs(t *testing.T, err error, words ...string) {
	t.Helper()
	var refusal *books.Refusal
	if !errors.As(err, &refusal) || refusal.Do == "" {
		t.Errorf("%v is no refusal that says what to do", err)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestFileInPiecesArrivesWhole(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	text := []byte(strings.Repeat("a,b,c\n", 5000))
	u, err := o.NewUpload(ctx, lead, "../../Q1 sales.csv", int64(len(text)))
	if err != nil || u.Name != "Q1-sales.csv" {
		t.Fatal(u, err)
	}
	for u.State == program.Receiving {
		end := min(u.Received+7001, u.Size)
		if u, err = o.AppendUpload(ctx, u, bytes.NewReader(text[u.Received:end]), digest(text)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(o.FilesDir(), "Q1-sales.csv"))
	if err != nil || !bytes.Equal(got, text) || u.Digest != digest(text) || len(incoming(t, o)) != 0 {
		t.Errorf("%v %v %d bytes, left %v", err, u, len(got), incoming(t, o))
	}
}

// A break in the middle of a piece loses only what had not arrived, and
// another server goes on where it broke off.
func TestBrokenUploadGoesOnAfterARestart(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	o := opened(t, dir)
	text := []byte(strings.Repeat("x", 100_000))
	u, err := o.NewUpload(ctx, lead, "a.csv", int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(bytes.NewReader(text[:40_000]), failing{io.ErrUnexpectedEOF})
	if _, err := o.AppendUpload(ctx, u, broken, ""); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	// What a killed server had written and not acknowledged is not trusted.
	part := filepath.Join(o.FilesDir(), ".incoming", fmt.Sprintf("%d.part", u.ID))
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("never acknowledged"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	o = opened(t, dir)
	again, err := o.NewUpload(ctx, lead, "a.csv", int64(len(text)))
	if err != nil || again.ID != u.ID || again.Received != 40_000 {
		t.Fatal(again, err)
	}
	if again, err = o.AppendUpload(ctx, again, bytes.NewReader(text[40_000:]), digest(text)); err != nil || again.State != program.Complete {
		t.Fatal(again, err)
	}
	got, err := os.ReadFile(filepath.Join(o.FilesDir(), "a.csv"))
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("%v, %d bytes", err, len(got))
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A server may be killed after any step of the last one; the next server ends
// it.
func TestKilledAfterTheLastByte(t *testing.T) {
	for name, kill := range map[string]func(t *testing.T, o *office.Office, u program.Upload, part, place string){
		"before it was known to be whole": func(t *testing.T, o *office.Office, u program.Upload, part, _ string) {
			move(t, o, u, program.Upload{ID: u.ID, Received: u.Size, State: program.Receiving, Changed: time.Now()})
		},
		"before it had its place": func(t *testing.T, o *office.Office, u program.Upload, part, _ string) {
			move(t, o, u, program.Upload{ID: u.ID, Received: u.Size, Digest: digest([]byte("a,b\n")), State: program.Complete, Changed: time.Now()})
		},
		"before its part was gone": func(t *testing.T, o *office.Office, u program.Upload, part, place string) {
			move(t, o, u, program.Upload{ID: u.ID, Received: u.Size, Digest: digest([]byte("a,b\n")), State: program.Complete, Changed: time.Now()})
			if err := os.Link(part, place); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, ctx := t.TempDir(), context.Background()
			o := opened(t, dir)
			u, err := o.NewUpload(ctx, lead, "a.csv", 4)
			if err != nil {
				t.Fatal(err)
			}
			part, place := filepath.Join(o.FilesDir(), ".incoming", fmt.Sprintf("%d.part", u.ID)), filepath.Join(o.FilesDir(), "a.csv")
			if err := os.WriteFile(part, []byte("a,b\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			kill(t, o, u, part, place)
			o = opened(t, dir)
			if err := o.RecoverUploads(ctx); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(place)
			now, uErr := o.Upload(ctx, lead, u.ID)
			if err != nil || string(got) != "a,b\n" || uErr != nil || now.State != program.Complete || now.Digest != digest(got) || len(incoming(t, o)) != 0 {
				t.Errorf("%q %v %+v %v, left %v", got, err, now, uErr, incoming(t, o))
			}
		})
	}
}

func move(t *testing.T, o *office.Office, from, to program.Upload) {
	t.Helper()
	if err := o.Uploads.MoveUpload(context.Background(), from, to); err != nil {
		t.Fatal(err)
	}
}

func TestNoFileTakesAnothersPlace(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	send(t, o, "a.csv", "1\n")
	send(t, o, "A.CSV", "2\n")
	u, err := o.NewUpload(ctx, lead, "a.csv", 2)
	if err != nil {
		t.Fatal(err)
	}
	// Another upload of the same name begins before this one ends, and a hand
	// puts a file where it was to go.
	other, err := o.NewUpload(ctx, lead+1, "a.csv", 2)
	if err != nil || other.Name == u.Name {
		t.Fatal(other, err)
	}
	if err := os.WriteFile(filepath.Join(o.FilesDir(), u.Name), []byte("by hand\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, x := range []program.Upload{u, other} {
		if _, err := o.AppendUpload(ctx, x, strings.NewReader(fmt.Sprintf("%d\n", 3+i)), ""); err != nil {
			t.Fatal(err)
		}
	}
	var texts []string
	for _, name := range names(t, o) {
		text, err := os.ReadFile(filepath.Join(o.FilesDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, name+"="+strings.TrimSpace(string(text)))
	}
	want := fmt.Sprintf("A-2.csv=2 a-3-upload-%d.csv=3 a-3.csv=by hand a-4.csv=4 a.csv=1", u.ID)
	if got := strings.Join(texts, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSameContentIsNotKeptTwice(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	send(t, o, "a.csv", "same\n")
	_, err := o.ReceiveUpload(ctx, lead, "b.csv", strings.NewReader("same\n"))
	var twice *office.Twice
	if !errors.As(err, &twice) || twice.Has != "a.csv" {
		t.Errorf("got %v", err)
	}
	u, err := o.NewUpload(ctx, lead, "c.csv", 5)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.AppendUpload(ctx, u, strings.NewReader("same\n"), ""); !errors.As(err, &twice) {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(append(names(t, o), incoming(t, o)...), " "); got != "a.csv" {
		t.Errorf("there are %s", got)
	}
	// Once the first is deleted the same content is welcome.
	if err := o.RemoveFile(ctx, "a.csv"); err != nil {
		t.Fatal(err)
	}
	send(t, o, "b.csv", "same\n")
}

func TestFileThatChangesWhileItIsSentIsRefused(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	u, err := o.NewUpload(ctx, lead, "a.csv", 10)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.AppendUpload(ctx, u, strings.NewReader("0123456789and more"), "")
	refusedAs(t, err, "longer than was said", "send it again")
	// The same length with other bytes is told by the digest.
	if u, err = o.Upload(ctx, lead, u.ID); err != nil || u.Received != 0 {
		t.Fatal(u, err)
	}
	_, err = o.AppendUpload(ctx, u, strings.NewReader("0123456789"), digest([]byte("012345678X")))
	refusedAs(t, err, "not what was sent")
	if left := append(names(t, o), incoming(t, o)...); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestUploadBelongsToItsSender(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	u, err := o.NewUpload(ctx, lead, "a.csv", 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Upload(ctx, lead+1, u.ID); !errors.Is(err, program.ErrNone) {
		t.Errorf("somebody else sees it: %v", err)
	}
}

func TestTwoTabsDoNotWriteTheSameUpload(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	u, err := o.NewUpload(ctx, lead, "a.csv", 4)
	if err != nil {
		t.Fatal(err)
	}
	slow, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := o.AppendUpload(ctx, u, slow, "")
		done <- err
	}()
	if _, err := writer.Write([]byte("ab")); err != nil {
		t.Fatal(err)
	}
	if _, err := o.AppendUpload(ctx, u, strings.NewReader("abcd"), ""); !errors.Is(err, office.ErrWriting) {
		t.Errorf("got %v", err)
	}
	if _, err := writer.Write([]byte("cd")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(writer.Close(), <-done); err != nil {
		t.Fatal(err)
	}
	if _, err := o.AppendUpload(ctx, u, strings.NewReader("abcd"), ""); !errors.Is(err, program.ErrMoved) {
		t.Errorf("an offset of long ago: %v", err)
	}
}

func TestFullDiskIsRefusedAndTheUploadGoesOn(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	free := int64(10 << 30)
	o.Free = func(string) (int64, bool) { return free, true }
	_, err := o.NewUpload(ctx, lead, "a.csv", 11<<30)
	refusedAs(t, err, "10.0 GB", "--largest-upload")
	_, err = o.NewUpload(ctx, lead, "a.csv", 10<<30)
	refusedAs(t, err, "disk has 9.8 GB left")
	u, err := o.NewUpload(ctx, lead, "a.csv", 8)
	if err != nil {
		t.Fatal(err)
	}
	if u, err = o.AppendUpload(ctx, u, strings.NewReader("1234"), ""); err != nil {
		t.Fatal(err)
	}
	free = 1000
	_, err = o.AppendUpload(ctx, u, strings.NewReader("5678"), "")
	refusedAs(t, err, "does not fit", "goes on where it stopped")
	_, err = o.ReceiveUpload(ctx, lead, "b.csv", strings.NewReader("1234"))
	refusedAs(t, err, "free some space")
	free = 1 << 40
	if u, err = o.Upload(ctx, lead, u.ID); err != nil || u.Received != 4 {
		t.Fatal(u, err)
	}
	if _, err = o.AppendUpload(ctx, u, strings.NewReader("5678"), ""); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(append(names(t, o), incoming(t, o)...), " "); got != "a.csv" {
		t.Errorf("there are %s", got)
	}
	_, err = o.ReceiveUpload(ctx, lead, "c.csv", failing{fmt.Errorf("read: %w", syscall.ENOSPC)})
	refusedAs(t, err, "does not fit")
}

func TestEmptyAndOversizedFilesAreRefused(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	o.Largest = 100
	_, err := o.ReceiveUpload(ctx, lead, "a.csv", strings.NewReader(""))
	refusedAs(t, err, "is empty")
	_, err = o.NewUpload(ctx, lead, "a.csv", 0)
	refusedAs(t, err, "is empty")
	_, err = o.NewUpload(ctx, lead, "a.csv", -5)
	refusedAs(t, err, "is empty")
	_, err = o.ReceiveUpload(ctx, lead, "a.csv", strings.NewReader(strings.Repeat("x", 101)))
	refusedAs(t, err, "has more than 100 bytes, and a file may have 100 bytes")
	_, err = o.NewUpload(ctx, lead, "a.csv", 101)
	refusedAs(t, err, "a file may have 100 bytes")
	o.Largest = 1 << 20
	_, err = o.ReceiveUpload(ctx, lead, "a.csv", strings.NewReader(strings.Repeat("x", 2_400_000)))
	refusedAs(t, err, "has more than 1.0 MB, and a file may have 1.0 MB")
	_, err = o.NewUpload(ctx, lead, "a.csv", 2_400_000)
	refusedAs(t, err, "has 2.3 MB, and a file may have 1.0 MB")
	if left := append(names(t, o), incoming(t, o)...); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestWhatNobodyGoesOnWithIsSwept(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	now := time.Now()
	o.Now = func() time.Time { return now }
	old, err := o.NewUpload(ctx, lead, "old.csv", 10)
	if err != nil {
		t.Fatal(err)
	}
	if old, err = o.AppendUpload(ctx, old, strings.NewReader("12345"), ""); err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(o.FilesDir(), ".incoming", "form-123.part")
	if err := os.WriteFile(stray, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	now = now.Add(8 * 24 * time.Hour)
	if err := o.RecoverUploads(ctx); err != nil {
		t.Fatal(err)
	}
	if left := incoming(t, o); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	if u, err := o.Upload(ctx, lead, old.ID); err != nil || u.State != program.Discarded {
		t.Errorf("%+v, %v", u, err)
	}
}

// However the bytes are cut, and wherever connections break, the file is what
// was sent.
func TestAnyCutsGiveTheSameFile(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	r := rand.New(rand.NewPCG(3, 5))
	for i := range 20 {
		text := make([]byte, 1+r.IntN(50_000))
		for j := range text {
			text[j] = byte(r.IntN(256))
		}
		u, err := o.NewUpload(ctx, lead, fmt.Sprintf("f%d.parquet", i), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		for u.State == program.Receiving {
			end := u.Received + int64(r.IntN(20_000))
			var piece io.Reader = bytes.NewReader(text[u.Received:min(end, u.Size)])
			if r.IntN(3) == 0 {
				piece = io.MultiReader(piece, failing{io.ErrUnexpectedEOF})
			}
			if _, err := o.AppendUpload(ctx, u, piece, digest(text)); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatal(err)
			}
			if err := o.RecoverUploads(ctx); err != nil {
				t.Fatal(err)
			}
			if u, err = o.Upload(ctx, lead, u.ID); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(filepath.Join(o.FilesDir(), u.Name))
		if err != nil || !bytes.Equal(got, text) {
			t.Fatalf("%v: %d bytes of %d", err, len(got), len(text))
		}
	}
}
