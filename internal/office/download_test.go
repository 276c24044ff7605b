package office_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
)

// stopping is an engine that waits within an export, before or after its rows
// are read.
type stopping struct {
	office.Engine
	begun, before, read, after chan struct{}
}

func (s stopping) ExportBook(ctx context.Context, v engine.View, x engine.BookExport, heard func(done, total int64)) (engine.Exported, error) {
	s.begun <- struct{}{}
	<-s.before
	exporter, ok := s.Engine.(office.BookExporter)
	if !ok {
		return engine.Exported{}, errors.New("this engine exports nothing")
	}
	out, err := exporter.ExportBook(ctx, v, x, heard)
	s.read <- struct{}{}
	<-s.after
	return out, err
}

// stopped has the exports of an office stop.
func stopped(o *office.Office) stopping {
	s := stopping{begun: make(chan struct{}, 10), before: make(chan struct{}), read: make(chan struct{}, 10), after: make(chan struct{})}
	open := o.Engine
	o.Engine = func(ctx context.Context, zone string) (office.Engine, error) {
		e, err := open(ctx, zone)
		return stopping{e, s.begun, s.before, s.read, s.after}, err
	}
	return s
}

type downloaded struct {
	text string
	err  error
}

func download(ctx context.Context, o *office.Office) downloaded {
	f, err := o.DownloadBook(ctx, engine.BookExport{Book: "orders", Format: "csv"})
	if err != nil {
		return downloaded{err: err}
	}
	defer f.Close()
	var b bytes.Buffer
	err = f.Send(ctx, &b)
	return downloaded{b.String(), err}
}

// While rows are written the company imports and others download; what is
// written are the rows as they were when it began.
func TestADownloadHoldsUpNobody(t *testing.T) {
	o, file := uploaded(t, t.TempDir(), nil)
	s := stopped(o)
	got := make(chan downloaded, 2)
	for range 2 {
		go func() { got <- download(t.Context(), o) }()
	}
	<-s.begun
	<-s.begun // both at once
	if err := os.WriteFile(file, []byte("who,day,eur\nc,2026-02-03,7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Import(t.Context(), office.Wanted{}, nil); err != nil {
		t.Fatalf("an import beside two downloads: %v", err)
	}
	close(s.before)
	close(s.after)
	for range 2 {
		if d := <-got; d.err != nil || !strings.Contains(d.text, "CUST-77821-X") || strings.Contains(d.text, "2026-02-03") {
			t.Errorf("downloaded beside an import: %q, %v", d.text, d.err)
		}
	}
	if d := download(t.Context(), o); d.err != nil || !strings.Contains(d.text, "2026-02-03") {
		t.Errorf("downloaded afterwards: %q, %v", d.text, d.err)
	}
	if left, err := filepath.Glob(filepath.Join(o.Dir, "scratch-*-download-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// More than two wait, and whoever goes away waits no more.
func TestFewDownloadsAreMadeAtOnce(t *testing.T) {
	o, _ := uploaded(t, t.TempDir(), nil)
	s := stopped(o)
	got := make(chan downloaded, 2)
	for range 2 {
		go func() { got <- download(t.Context(), o) }()
	}
	<-s.begun
	<-s.begun
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if d := download(short, o); !errors.Is(d.err, context.DeadlineExceeded) {
		t.Errorf("a third one beside two: %q, %v", d.text, d.err)
	}
	if len(s.begun) > 0 {
		t.Error("a third one was begun beside two")
	}
	close(s.before)
	close(s.after)
	for range 2 {
		if d := <-got; d.err != nil {
			t.Error(d.err)
		}
	}
	if d := download(t.Context(), o); d.err != nil {
		t.Error(d.err)
	}
}

// An erasure does not wait for a download, which then fails in words: when it
// finds no parts any more, and when it has read them before.
func TestADownloadThatAnErasureOvertookHandsOutNothing(t *testing.T) {
	for _, late := range []bool{false, true} {
		o, _ := uploaded(t, t.TempDir(), nil)
		s := stopped(o)
		got := make(chan downloaded, 1)
		go func() { got <- download(t.Context(), o) }()
		<-s.begun
		if late {
			close(s.before)
			<-s.read
		}
		if _, err := o.Erase(t.Context(), engine.ACustomer, "CUST-77821-X", 1, nil); err != nil {
			t.Fatal(err)
		}
		if !late {
			close(s.before)
		}
		close(s.after)
		if d := <-got; !errors.Is(d.err, office.ErrRowsGone) || d.text != "" {
			t.Errorf("late %t: %q, %v", late, d.text, d.err)
		}
	}
}

// One that is being sent to a slow reader ends there.
func TestADownloadIsCutOffByAnErasure(t *testing.T) {
	o, _ := uploaded(t, t.TempDir(), nil)
	f, err := o.DownloadBook(t.Context(), engine.BookExport{Book: "orders", Format: "csv"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := o.Erase(t.Context(), engine.ACustomer, "CUST-77821-X", 1, nil); err != nil {
		t.Fatal(err)
	}
	f.Age()
	var b bytes.Buffer
	if err := f.Send(t.Context(), &b); !errors.Is(err, office.ErrRowsGone) || b.Len() > 0 {
		t.Errorf("sent after an erasure: %q, %v", b.String(), err)
	}
}
