package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How often what is over is cleared away, and how long it is remembered that a
// form was sent.
const (
	tidyEvery = time.Hour
	formsKept = 48 * time.Hour
)

// tidying clears away sessions, links, counts of wrong tries, sent forms and
// uploads that are over, at once and every hour, until stop is called.
func (a *app) tidying(ctx context.Context, p *premises, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		ticks := time.NewTicker(tidyEvery)
		defer ticks.Stop()
		for {
			for what, err := range map[string]error{"sessions": p.gate.Tidy(ctx), "forms": p.store.Sweep(ctx, a.now().Add(-formsKept)), "uploads": p.office.RecoverUploads(ctx)} {
				if err != nil && ctx.Err() == nil {
					log.Error("tidy", slog.String("what", what), slog.String("error", err.Error()))
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}
