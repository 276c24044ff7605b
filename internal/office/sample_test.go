package office_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/sim"
)

type besideOffice struct {
	o      *office.Office
	closed *int
}

func (b besideOffice) Office() *office.Office      { return b.o }
func (b besideOffice) Close(context.Context) error { *b.closed++; return nil }

// sampled is an own office without books and what makes a sample beside it.
func sampled(t *testing.T) (*office.Sample, *int) {
	t.Helper()
	own, closed := fresh(t), new(int)
	return &office.Sample{
		Own: own, Dir: filepath.Join(filepath.Dir(own.Config), "sample"),
		Make: func(ctx context.Context, dir string, heard office.Heard) (string, error) {
			w := sim.Default()
			w.Customers, w.Merged, w.Arrivals.PerMonth, w.Start = 100, 2, 10, calendar.DayOf(2026, 6, 1)
			w.Service.PerMonth, w.Voice.NPSPerYear, w.Subscriptions.Share, w.Foreign.Share, w.Training.PerYear = 0, 0, 0, 0, 0 // what this statement does not read
			_, err := w.Write(ctx, dir, nil)
			return calendar.MonthOf(w.End - 1).String(), err
		},
		Open: func(_ context.Context, config, _ string) (office.Beside, error) {
			return besideOffice{opened(t, filepath.Dir(config)), closed}, nil
		},
	}, closed
}

func inView(t *testing.T, s *office.Sample) office.Beside {
	t.Helper()
	b, done, err := s.InView(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	done()
	return b
}

func TestSampleCompanyComesAndGoes(t *testing.T) {
	s, closed := sampled(t)
	ctx := context.Background()
	if inView(t, s) != nil || !s.Offered() {
		t.Fatal("there is one before it was asked for")
	}
	for range 2 { // asking twice is asking once
		if out, err := s.Begin(ctx, office.Job{}, nil); err != nil || out.Link != "/room" {
			t.Fatal(out, err)
		}
	}
	b := inView(t, s)
	if b == nil {
		t.Fatal("it is not in view")
	}
	c, err := b.Office().Company(ctx)
	if err != nil || !c.Simulated {
		t.Errorf("it is not marked as simulated: %+v %v", c, err)
	}
	if seals, err := b.Office().Seals(ctx); err != nil || len(seals) != 1 {
		t.Errorf("%d seals, %v", len(seals), err)
	}
	if seals, err := s.Own.Seals(ctx); err != nil || len(seals) != 0 {
		t.Errorf("the own store has %d seals, %v", len(seals), err)
	}
	if err := s.Leave(); err != nil || inView(t, s) != nil {
		t.Fatal("it is still in view", err)
	}
	if _, err := s.Remove(ctx, office.Job{}, nil); err != nil || *closed != 1 {
		t.Fatal(err, *closed)
	}
	if _, err := os.Stat(s.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder: %v", err)
	}
}

func TestSampleThatACrashCutOffIsMadeAnew(t *testing.T) {
	s, _ := sampled(t)
	if err := os.MkdirAll(filepath.Join(s.Dir, ".throughline", "parts"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "orders-2024.csv"), []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if inView(t, s) != nil {
		t.Fatal("half a company is in view")
	}
	if _, err := s.Begin(context.Background(), office.Job{}, nil); err != nil || inView(t, s) == nil {
		t.Fatal(err)
	}
}

func TestOwnBooksTakeTheSamplesPlace(t *testing.T) {
	s, _ := sampled(t)
	ctx := context.Background()
	if _, err := s.Begin(ctx, office.Job{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Own.Config, []byte("company: Real Ltd\nsettings: {currency: EUR}\nbooks: {orders: {from: a.csv, columns: {ordered_at: d, amount: a}}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if inView(t, s) != nil || s.Offered() || !s.Standing() {
		t.Error("a simulated company hides a real one")
	}
	if _, err := s.Remove(ctx, office.Job{}, nil); err != nil || s.Standing() {
		t.Error(err)
	}
	var refusal *books.Refusal
	if _, err := s.Begin(ctx, office.Job{}, nil); !errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
}
