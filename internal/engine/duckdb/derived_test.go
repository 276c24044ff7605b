package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/throughline/throughline/internal/engine"
)

// hamlet is a town of two customers, staged.
func hamlet(t *testing.T) (*stager, engine.View) {
	t.Helper()
	s := openStager(t)
	v, err := s.town(t.Context(), town{books: map[string][][]string{
		"customers": {{"C-1", "Ada Quill", "ada@example.com", "", "", "", "2020-01-02", "", "", ""}, {"C-2", "Bo Lind", "", "", "", "", "", "", "", ""}},
		"orders":    {{"C-1", "2020-01-03", "5", "l1", "tea", ""}, {"C-2", "2020-02-03", "7", "l2", "tea", ""}, {"", "2020-02-03", "7", "l3", "tea", ""}},
	}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func ada(t *testing.T, r *Reader, v engine.View) error {
	t.Helper()
	found, err := r.Search(t.Context(), v, engine.Search{Text: "ada", Seer: seesAll})
	if err == nil && (len(found.Found) != 1 || found.Found[0].Identity.ID != "C-1") {
		err = fmt.Errorf("found %+v", found)
	}
	return err
}

// Whatever is deleted of what was derived, by hand or by a sweep, is made
// again; a file that went alone says so once.
func TestDerivedFilesCanBeDeleted(t *testing.T) {
	s, v := hamlet(t)
	r := openReader(t, s)
	if r.Ready(v) {
		t.Fatal("ready before it was prepared")
	}
	if err := ada(t, r, v); err != nil {
		t.Fatal(err)
	}
	if !r.Ready(v) {
		t.Fatal("not ready after a question")
	}
	if n, err := r.Sweep(t.Context(), []engine.View{v}, nil); n != 0 || err != nil {
		t.Errorf("swept %d that are kept: %v", n, err)
	}
	if n, err := r.Sweep(t.Context(), nil, nil); n != 1 || err != nil || r.Ready(v) {
		t.Errorf("swept %d: %v", n, err)
	}
	if err := ada(t, r, v); err != nil {
		t.Errorf("after a sweep: %v", err)
	}
	for _, name := range []string{"words-0000.parquet", "cards.zst", "cards.at", "about.json"} {
		if err := os.Remove(filepath.Join(s.e.dir, "derived", indexName(v), name)); err != nil {
			t.Fatal(err)
		}
		r.mu.Lock()
		clear(r.indexes) // as in another process
		r.mu.Unlock()
		if err := ada(t, r, v); !errors.Is(err, engine.ErrUnready) {
			t.Errorf("without %s: %v", name, err)
		}
		if err := ada(t, r, v); err != nil {
			t.Errorf("after %s went: %v", name, err)
		}
	}
}

// What a killed process left half made is swept when a reader opens, and never
// taken for whole; what a living one makes stays.
func TestHalfMadeFoldersAreSwept(t *testing.T) {
	s, v := hamlet(t)
	for _, name := range []string{"making-999999999-1", fmt.Sprintf("making-%d-1", os.Getpid()), "making-1-1", "making-x"} {
		if err := os.MkdirAll(filepath.Join(s.e.dir, "derived", name, "inner"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r := openReader(t, s)
	left, err := os.ReadDir(filepath.Join(s.e.dir, "derived"))
	if err != nil || len(left) != 1 || left[0].Name() != "making-1-1" { // process 1 lives as long as the system
		t.Errorf("left are %v, %v", left, err)
	}
	if err := ada(t, r, v); err != nil {
		t.Error(err)
	}
}

// Books too large to be made ready while somebody waits say so at once.
func TestLargeBooksAreNotMadeReadyWhileSomebodyWaits(t *testing.T) {
	s, v := hamlet(t)
	r, err := OpenReader(t.Context(), ReaderOptions{Dir: s.e.dir, Small: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := ada(t, r, v); !errors.Is(err, engine.ErrUnready) {
		t.Errorf("before: %v", err)
	}
	if err := r.Prepare(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if err := ada(t, r, v); err != nil {
		t.Errorf("after: %v", err)
	}
}

// Many who ask at once have it made once, and none of them waits for one who
// went away.
func TestManyAskWhileItIsMade(t *testing.T) {
	s, v := hamlet(t)
	r := openReader(t, s)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := r.Search(gone, v, engine.Search{Text: "ada", Seer: seesAll}); !errors.Is(err, context.Canceled) {
		t.Errorf("who went away: %v", err)
	}
	var wait sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wait.Go(func() {
			found, err := r.Search(t.Context(), v, engine.Search{Text: "quill", Seer: seesAll})
			if err == nil && len(found.Found) != 1 {
				err = errors.New("not found")
			}
			errs[i] = err
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// An erasure that replaces parts while an index of them is being made is not
// outrun by it.
func TestWhatIsMadeOfReplacedPartsDoesNotStay(t *testing.T) {
	s, v := hamlet(t)
	d := derivations{dir: filepath.Join(s.e.dir, "derived")}
	part := filepath.Join(s.e.dir, v.Books["orders"][0].Path)
	err := d.make(t.Context(), t.Context(), recipe{name: "x", from: []string{part}, build: func(_ context.Context, folder string) error {
		return errors.Join(os.WriteFile(filepath.Join(folder, "f"), nil, 0o600), os.Remove(part))
	}})
	if err == nil || !strings.Contains(err.Error(), "changed meanwhile") || d.has("x") {
		t.Errorf("made of a part that is gone: %v, there: %t", err, d.has("x"))
	}
}
