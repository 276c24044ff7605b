package office

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/journey"
)

// The kinds of jobs by which a sample company comes and goes.
const (
	SampleJob       JobKind = "sample"
	SampleRemoveJob JobKind = "sample-remove"
)

// Sample is a simulated company that stands beside a company's own books for
// as long as there are none: in a folder of its own, with a store and a queue
// of its own, so that nothing of it ever meets what is real, and removing it
// is removing a folder.
type Sample struct {
	Own *Office
	Dir string // its folder, which nothing else uses
	// Make writes a simulated company's files and tells its last month.
	Make func(ctx context.Context, dir string, heard Heard) (period string, err error)
	Map  journey.Map // its journey map; empty: it has none
	// Open opens an office over it.
	Open func(ctx context.Context, config, data string) (Beside, error)

	mu     sync.RWMutex // held for reading while somebody looks at it
	beside Beside
}

// Beside is an open sample company.
type Beside interface {
	Office() *Office
	Close(ctx context.Context) error
}

// whole is the file that says that a sample company is complete and in view.
// It is the last that is made and the first that goes.
func (s *Sample) whole() string { return filepath.Join(s.Dir, ".throughline", "whole") }

// Offered tells whether a sample company can be had: while there are no books
// of one's own.
func (s *Sample) Offered() bool { return s != nil && !exists(s.Own.Config) }

// Standing tells whether a sample company is there, in view or not.
func (s *Sample) Standing() bool { return s != nil && exists(s.whole()) }

// InView is the sample company while it is what the pages show: it is there,
// and no books of one's own are. Nil otherwise. Done must be called when the
// look at it is over.
func (s *Sample) InView(ctx context.Context) (b Beside, done func(), err error) {
	if !s.Offered() || !s.Standing() {
		return nil, func() {}, nil
	}
	s.mu.RLock()
	if s.beside == nil {
		s.mu.RUnlock()
		if err := s.open(ctx); err != nil {
			return nil, func() {}, err
		}
		s.mu.RLock()
	}
	if s.beside == nil || !s.Standing() { // it was removed meanwhile
		s.mu.RUnlock()
		return nil, func() {}, nil
	}
	return s.beside, s.mu.RUnlock, nil
}

func (s *Sample) open(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beside != nil || !exists(s.Dir) {
		return nil
	}
	b, err := s.Open(context.WithoutCancel(ctx), filepath.Join(s.Dir, "books.yaml"), filepath.Join(s.Dir, ".throughline"))
	if err != nil {
		return fmt.Errorf("open the sample company: %w", err)
	}
	s.beside = b
	return nil
}

// Begin does the job that makes a sample company, closes its last month and
// brings it into view. One that a crash left behind is made anew.
func (s *Sample) Begin(ctx context.Context, _ Job, heard Heard) (Outcome, error) {
	if !s.Offered() {
		return Outcome{}, &books.Refusal{Where: "the sample company", What: "is for looking before there are books of one's own, and there are some", Do: "have one made elsewhere with `throughline demo`"}
	}
	done := Outcome{Text: "the sample company is here", Link: "/room"}
	if s.Standing() {
		return done, nil
	}
	if err := s.clear(ctx); err != nil {
		return Outcome{}, err
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return Outcome{}, fmt.Errorf("make the sample company: %w", err)
	}
	period, err := s.Make(ctx, s.Dir, heard)
	if err != nil {
		return Outcome{}, fmt.Errorf("make the sample company: %w", err)
	}
	if err := s.open(ctx); err != nil {
		return Outcome{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o := s.beside.Office()
	if len(s.Map.Touchpoints) > 0 {
		take := func(m *journey.Map) error { m.Take(s.Map, false); return nil }
		if _, err := o.ChangeJourney(ctx, JourneyEdit{Change: take}); err != nil {
			return Outcome{}, err
		}
	}
	if _, err := o.Close(ctx, Order{Period: period, Preparer: "sample"}, heard); err != nil {
		return Outcome{}, err
	}
	if _, err := o.PrepareBooks(ctx, 0); err != nil && !errors.Is(err, ErrNoQueue) {
		return Outcome{}, err
	}
	return done, writeDurably(s.whole(), []byte("simulated\n"))
}

// Leave takes the sample company out of view at once; Remove deletes it.
func (s *Sample) Leave() error {
	err := os.Remove(s.whole())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("leave the sample company: %w", err)
	}
	return syncFolder(filepath.Dir(s.whole()))
}

// Remove does the job that deletes the sample company, its books and its seals.
func (s *Sample) Remove(ctx context.Context, _ Job, _ Heard) (Outcome, error) {
	if err := s.Leave(); err != nil {
		return Outcome{}, err
	}
	return Outcome{Text: "the sample company is gone", Link: "/start"}, s.clear(ctx)
}

// clear closes what is open and deletes the folder, when nobody looks any more.
func (s *Sample) clear(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beside != nil {
		if err := s.beside.Close(ctx); err != nil {
			return fmt.Errorf("close the sample company: %w", err)
		}
		s.beside = nil
	}
	if err := os.RemoveAll(s.Dir); err != nil {
		return fmt.Errorf("remove the sample company: %w", err)
	}
	return nil
}

// Close closes the sample company when the server ends.
func (s *Sample) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beside == nil {
		return nil
	}
	err := s.beside.Close(ctx)
	s.beside = nil
	return err
}
