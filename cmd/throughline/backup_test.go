package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/backup"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// TestRestoredBackupIsTheStateOfItsMoment takes a backup while others write settings, import and close, and brings it
// back elsewhere: the seals are the same bytes, their fingerprints are computed again and equal, and what was written in
// pairs is whole.
func TestRestoredBackupIsTheStateOfItsMoment(t *testing.T) {
	c := yearly(t)
	sealed := c.done("close", "--period", "2023-Q4", "--json")
	data := filepath.Join(c.dir, ".throughline")
	stop, wrote := make(chan struct{}), make(chan int)
	go func() { wrote <- writePairs(t, filepath.Join(data, storeFile), stop) }()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		for _, period := range []string{"2023-11", "2023-12"} {
			var out, errOut bytes.Buffer
			if code := run(context.Background(), c.args("close", "--period", period), &out, &errOut); code != exitDone {
				t.Errorf("close %s while backups are taken: %s", period, errOut.String())
			}
			c.write("data/2025.csv", "who,day,eur,line\na,2025-01-03,40,8\n")
		}
	}()
	var files []string
	for i := range 5 {
		to := filepath.Join(c.dir, "b"+strconv.Itoa(i)+".tar")
		c.done("backup", to)
		files = append(files, to)
	}
	<-closed
	close(stop)
	if n := <-wrote; n < 2 {
		t.Fatalf("only %d pairs were written while the backups were taken", n)
	}
	for i, file := range files {
		c.done("restore", file, "--check")
		to := filepath.Join(t.TempDir(), "elsewhere")
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{"restore", file, "--books", filepath.Join(to, "books.yaml"), "--data", filepath.Join(to, "data")}, &out, &errOut); code != exitDone {
			t.Fatalf("restore of backup %d: %s%s", i, out.String(), errOut.String())
		}
		if !strings.Contains(out.String(), "every session and one-time link is ended") {
			t.Errorf("restore of backup %d does not say that everybody is signed out:\n%s", i, out.String())
		}
		if said := out.String(); !strings.Contains(said, "have the fingerprint that was sealed") || strings.Contains(said, "differ") {
			t.Errorf("restore of backup %d says\n%s", i, said)
		}
		out.Reset()
		code := run(t.Context(), []string{"statement", "customer", "--period", "2023-Q4", "--format", "json", "--books", filepath.Join(to, "books.yaml"), "--data", filepath.Join(to, "data")}, &out, &errOut)
		if code != exitDone || out.String() != sealed {
			t.Errorf("the seal in backup %d is\n%s%s\nnot\n%s", i, out.String(), errOut.String(), sealed)
		}
		wholePairs(t, filepath.Join(to, "data", storeFile))
	}
}

// writePairs writes the same number into two documents, one after the other, until stop; it returns how often.
func writePairs(t *testing.T, path string, stop chan struct{}) int {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for n := 1; ; n++ {
		for _, name := range []string{"first", "second"} {
			d, err := s.Document(ctx, name)
			if err == nil {
				d.Text, d.At = strconv.Itoa(n), time.Unix(int64(n), 0).UTC()
				_, err = s.SaveDocument(ctx, d)
			}
			if err != nil {
				t.Error(err)
				return n
			}
		}
		select {
		case <-stop:
			return n
		default:
		}
	}
}

// wholePairs holds a restored store to what writePairs may have left at any one moment: the second document is the first
// or one behind it, and each has as many changes in its history as its number says.
func wholePairs(t *testing.T, path string) {
	t.Helper()
	ctx := t.Context()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	var at [2]int64
	for i, name := range []string{"first", "second"} {
		d, err := s.Document(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if d.Version == 0 {
			continue
		}
		n, err := strconv.ParseInt(d.Text, 10, 64)
		if err != nil || n != d.Version {
			t.Errorf("%s is %q at version %d", name, d.Text, d.Version)
		}
		changes, err := s.Changes(ctx, program.Entity{Kind: program.KindDocument, ID: d.ID}, 0)
		if err != nil || int64(len(changes)) != n {
			t.Errorf("%s has %d changes at %d: %v", name, len(changes), n, err)
		}
		at[i] = n
	}
	if behind := at[0] - at[1]; behind != 0 && behind != 1 {
		t.Errorf("the first is at %d and the second at %d: not one moment", at[0], at[1])
	}
}

func TestChangedBackupIsRefused(t *testing.T) {
	c := yearly(t)
	c.done("close", "--period", "2023-Q4")
	file := filepath.Join(c.dir, "whole.tar")
	c.done("backup", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[bytes.Index(flipped, []byte("PAR1"))+40] ^= 1
	for name, content := range map[string][]byte{
		"cut in the middle": whole[:len(whole)/2], "cut before the sums": whole[:len(whole)-8192], "one bit of a part": flipped, "empty": nil, "text": []byte("hello"),
	} {
		path := filepath.Join(t.TempDir(), "b.tar")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "elsewhere")
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{"restore", path, "--books", filepath.Join(to, "books.yaml"), "--data", filepath.Join(to, "data")}, &out, &errOut); code != exitRefused {
			t.Errorf("%s: status %d, %s", name, code, out.String())
		}
		if left, err := filepath.Glob(filepath.Join(to, "data", "*")); err != nil || len(left) != 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
	if said := c.refused("backup", file); !strings.Contains(said, "is there already") {
		t.Errorf("a backup over a backup: %s", said)
	}
	if said := c.refused("restore", file); !strings.Contains(said, "is there already") {
		t.Errorf("a restore over a company: %s", said)
	}
	now, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(now, whole) {
		t.Errorf("the backup was changed by reading it: %v", err)
	}
	if _, err := backup.Read(t.Context(), bytes.NewReader(whole), func(string, io.Reader) error { return nil }); err != nil {
		t.Error(err)
	}
}

// Users and what they gave are there before the books: a backup holds them,
// and a restore of it says so and stops there.
func TestBackupBeforeThereAreBooks(t *testing.T) {
	dir := t.TempDir()
	at := func(place string, args ...string) []string {
		return append(args, "--books", filepath.Join(dir, place, "books.yaml"))
	}
	if got := call(t, at("new", "backup", filepath.Join(dir, "none.tar"))...); got.code != exitRefused {
		t.Errorf("a place with nothing in it: %+v", got)
	}
	for _, args := range [][]string{
		at("old", "user", "add", "--email", "a@ex.com", "--role", "administrator"),
		at("old", "backup", filepath.Join(dir, "b.tar")),
		at("other", "restore", filepath.Join(dir, "b.tar")),
	} {
		if got := call(t, args...); got.code != exitDone {
			t.Fatalf("%s: %+v", args[0], got)
		}
	}
	if got := call(t, at("other", "user", "list")...); got.code != exitDone || !strings.Contains(got.out, "a@ex.com") {
		t.Errorf("%+v", got)
	}
}
