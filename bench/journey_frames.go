package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/internal/browser"
)

// watchFrames keeps how long each frame of the page took, in milliseconds, until the next call, which answers them.
const watchFrames = `(() => {
	const seen = window.seenFrames ?? [];
	const own = window.seenFrames = [];
	let last = performance.now();
	const frame = (now) => { if (window.seenFrames !== own) return; own.push(now - last); last = now; requestAnimationFrame(frame); };
	requestAnimationFrame(frame);
	return seen.slice(1);
})()`

// hand is one thing that a person does to the map.
type hand struct {
	name string
	do   func(*browser.Page) error
}

// smooth has the map moved in Chromium, beside a map at rest, and writes how long frames took.
func (t *site) smooth(ctx context.Context, report *strings.Builder) (err error) {
	path, err := browser.Find()
	if errors.Is(err, browser.ErrNone) {
		fmt.Fprintf(report, "\nHow smoothly the map moves is not measured: %s.\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	b, err := browser.Start(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	p, err := t.atMap(b)
	if err != nil {
		return err
	}
	tiles, err := p.Count(".tile")
	if err != nil {
		return err
	}
	fmt.Fprintf(report, "\nThe map of %d tiles in Chromium, 1400 by 900 pixels, drawn by the processor:\n\n| | frames | p50 ms | p95 ms | longest ms | longer than 50 ms | p95 ÷ at rest |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n", tiles)
	var rest float64
	for _, h := range hands {
		if _, err := browser.Ask[[]float64](p, watchFrames); err != nil {
			return err
		}
		if err := h.do(p); err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
		took, err := browser.Ask[[]float64](p, watchFrames)
		if err != nil {
			return err
		}
		if len(took) < 20 {
			return fmt.Errorf("%s: the page drew %d frames", h.name, len(took))
		}
		slices.Sort(took)
		p95 := took[(len(took)*95+99)/100-1]
		if rest == 0 {
			rest = p95
		}
		long := 0
		for _, ms := range took {
			if ms > 50 {
				long++
			}
		}
		fmt.Fprintf(report, "| %s | %d | %.1f | %.1f | %.1f | %d | %.1f |\n", h.name, len(took), took[len(took)/2], p95, took[len(took)-1], long, p95/rest)
	}
	pdf, err := p.Paper()
	fmt.Fprintf(report, "\nSheets of paper that it prints on: %d.\n", browser.Sheets(pdf))
	return err
}

// atMap is a tab of the same person at the map.
func (t *site) atMap(b *browser.Browser) (*browser.Page, error) {
	at, err := url.Parse(t.base)
	if err != nil {
		return nil, err
	}
	p, err := b.Person(t.base)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.Bring(t.client.Jar.Cookies(at)), p.Size(1400, 900), p.Visit("/journey")); err != nil {
		return nil, err
	}
	_, err = browser.Ask[bool](p, `(document.querySelector("[data-map]").scrollIntoView({block: "start"}), document.querySelector(".tile").focus({preventScroll: true}), true)`)
	return p, err
}

// beat is how often a hand moves: as often as a screen shows it.
const beat = time.Second / 60

// hands are what is done, the first of which is nothing.
var hands = []hand{
	{"at rest", func(*browser.Page) error { time.Sleep(2 * time.Second); return nil }},
	{"the ground dragged", func(p *browser.Page) error { return drag(p, "[data-map] thead", 0.8, 120, -8, -4) }},
	{"the ground dragged back", func(p *browser.Page) error { return drag(p, "[data-map] thead", 0.2, 120, 8, 4) }},
	{"from tile to tile by arrow keys", func(p *browser.Page) error {
		return keys(p, 20, kb.ArrowRight, kb.ArrowDown, kb.ArrowRight, kb.ArrowUp)
	}},
	{"larger and smaller", func(p *browser.Page) error { return keys(p, 5, "+", "+", "-", "-") }},
	{"a tile dragged over others", func(p *browser.Page) error {
		if _, err := browser.Ask[bool](p, `(document.querySelector("[data-arrange]").click(), true)`); err != nil {
			return err
		}
		return drag(p, ".tile", 0.5, 120, 6, 3)
	}},
}

// keys presses keys in turn, so often a second, for three seconds.
func keys(p *browser.Page, rate int, list ...string) error {
	for i := range 3 * rate {
		begin := time.Now()
		if err := p.Press(list[i%len(list)]); err != nil {
			return err
		}
		time.Sleep(time.Second/time.Duration(rate) - time.Since(begin))
	}
	return nil
}

// drag presses on what a selector finds, that far across it, moves so many beats by so many pixels, and lets go outside of the map.
func drag(p *browser.Page, selector string, across float64, moves int, dx, dy float64) error {
	at, err := browser.Ask[[]float64](p, fmt.Sprintf(`(e => { e.scrollIntoView({block: "nearest"}); const r = e.getBoundingClientRect(); return [Math.max(0, r.x) + (Math.min(innerWidth, r.right) - Math.max(0, r.x)) * %g, r.y + Math.min(12, r.height / 2)]; })(document.querySelector(%q))`, across, selector))
	if err != nil {
		return err
	}
	x, y := at[0], at[1]
	press := func(kind input.DispatchMouseEventType) error {
		return p.Do(chromedp.MouseEvent(kind, x, y, chromedp.Button("left")))
	}
	if err := press(input.DispatchMouseEventTypeMousePressed); err != nil {
		return err
	}
	for range moves {
		begin := time.Now()
		x, y = min(1390, max(1, x+dx)), min(890, max(1, y+dy))
		if err := press(input.DispatchMouseEventTypeMouseMoved); err != nil {
			return err
		}
		time.Sleep(beat - time.Since(begin))
	}
	x, y = 2, 2 // above the map, where no tile is put down
	return errors.Join(press(input.DispatchMouseEventTypeMouseMoved), press(input.DispatchMouseEventTypeMouseReleased))
}
