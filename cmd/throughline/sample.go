package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/internal/web"
	"github.com/throughline/throughline/sim"
)

// sampleFolder is the sample company's, beside books.yaml.
const sampleFolder = "sample"

// beside is an open sample company with its pages.
type beside struct {
	*premises
	pages http.Handler
}

// Office is the sample company's.
func (b *beside) Office() *office.Office { return b.office }

// Close ends its queue, its reader and its store.
func (b *beside) Close(ctx context.Context) error { return b.close(ctx) }

// sample offers a simulated company beside the own one, with the same people,
// in a folder and over a store of its own.
func (a *app) sample(own *premises, public *url.URL, log *slog.Logger) *office.Sample {
	s := &office.Sample{
		Map: sim.Default().Journey(),
		Own: own.office, Dir: filepath.Join(filepath.Dir(own.office.Config), sampleFolder),
		Make: func(ctx context.Context, dir string, heard office.Heard) (string, error) {
			world := sim.Default()
			_, err := world.Write(ctx, dir, func(done, total int64) { heard("simulate "+world.Company, done, total) })
			return calendar.MonthOf(world.End - 1).String(), err
		},
	}
	s.Open = func(ctx context.Context, config, data string) (_ office.Beside, err error) {
		if err := os.MkdirAll(data, 0o700); err != nil {
			return nil, &books.Refusal{Where: data, What: "cannot be made or written", Do: "give the server the right to write the folder of books.yaml"}
		}
		b := &beside{premises: &premises{dir: data, gate: own.gate}}
		defer func() {
			if err != nil {
				err = errors.Join(err, b.close(ctx))
			}
		}()
		if b.store, err = sqlite.Open(ctx, filepath.Join(data, storeFile)); err != nil {
			return nil, err
		}
		if err = a.furnish(ctx, b.premises, config, log); err != nil {
			return nil, err
		}
		b.web = &web.Server{
			Office: b.office, Gate: own.gate, Forms: own.store, Sample: s, Now: a.now, Chance: own.web.Chance, Log: log,
			Public: public.String(), Proxied: own.web.Proxied, Key: own.web.Key,
		}
		if b.pages, err = b.web.Handler(); err != nil {
			return nil, err
		}
		return b, b.queue.Start(ctx, b.office)
	}
	own.office.Hooks[office.SampleJob], own.office.Hooks[office.SampleRemoveJob] = s.Begin, s.Remove
	own.web.Sample = s
	return s
}

// besidePages are the pages of the sample company while it is in view.
func besidePages(s *office.Sample) func(context.Context) (http.Handler, func(), error) {
	return func(ctx context.Context) (http.Handler, func(), error) {
		b, done, err := s.InView(ctx)
		if open, ok := b.(*beside); ok && err == nil {
			return open.pages, done, nil
		}
		return nil, done, err
	}
}
