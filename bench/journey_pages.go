package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/journey"
)

// wanted is a page to ask for, and what must stand on it.
type wanted struct {
	path  string
	holds []string
}

// check tells what is missing on a page.
func (w wanted) check(page string) error {
	for _, text := range w.holds {
		if !strings.Contains(page, text) {
			return fmt.Errorf("%s does not hold %q", w.path, text)
		}
	}
	return nil
}

// journeyAsked is a kind of page with all that may be asked of it.
type journeyAsked struct {
	name string
	of   []wanted
}

// journeyServed serves the books and measures.
func (b *bench) journeyServed(ctx context.Context, s journeySettings, report *strings.Builder) (err error) {
	found, err := knownIn(b.dir)
	if err != nil {
		return err
	}
	roles, err := mapIn(b.dir)
	if err != nil {
		return err
	}
	if err := b.journeyPrepared(ctx, report); err != nil {
		return err
	}
	t, err := pagesSettings{program: b.program, books: b.path("books.yaml"), data: b.path("data", "books")}.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.end()) }()
	if err := t.prepared(ctx, touchpointAsked(found.Touchpoints[0])); err != nil {
		return err
	}
	room, err := t.open(ctx, "/journey")
	if err != nil {
		return err
	}
	pages := journeyPagesOf(found, roles)
	for _, path := range links(room, `/assets/[0-9a-f]+/look\.css`) {
		pages = append([]journeyAsked{{"a style sheet", []wanted{{path: path}}}}, pages...)
	}
	for _, how := range []struct {
		name string
		ask  func(context.Context, []wanted) ([]time.Duration, error)
	}{
		{"one at a time", func(ctx context.Context, of []wanted) ([]time.Duration, error) {
			return t.oneByOne(ctx, of, s.requests)
		}},
		{fmt.Sprintf("%g a second", s.rate), func(ctx context.Context, of []wanted) ([]time.Duration, error) {
			return onBeat(ctx, s.rate, s.seconds, func() error { return t.asked(ctx, of) })
		}},
	} {
		b.say("ask for pages, %s", how.name)
		fmt.Fprintf(report, "\n| %s | n | p50 ms | p95 ms | slowest ms | p95 ÷ that of the style sheet | CPU ms of the server, mean | load average |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", how.name)
		if err := t.measured(ctx, pages, how.ask, report); err != nil {
			return err
		}
	}
	b.say("move the map in Chromium")
	return t.smooth(ctx, report)
}

// measured asks for each kind of page and writes a row of what it took. The first is what others are compared with.
func (t *site) measured(ctx context.Context, pages []journeyAsked, ask func(context.Context, []wanted) ([]time.Duration, error), report *strings.Builder) error {
	var base time.Duration
	for _, p := range pages {
		cpu := cpuOf(t.server.Process.Pid)
		took, err := ask(ctx, p.of)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		used := cpuOf(t.server.Process.Pid) - cpu
		slices.Sort(took)
		p95 := took[(len(took)*95+99)/100-1]
		if base == 0 {
			base = p95
		}
		fmt.Fprintf(report, "| %s | %d | %.1f | %.1f | %.1f | %.1f | %.1f | %s |\n", p.name, len(took), ms(took[len(took)/2]), ms(p95), ms(took[len(took)-1]), float64(p95)/float64(base), ms(used)/float64(len(took)), loadAverage())
	}
	return nil
}

// journeyPrepared has prepared what the pages need, unless it is there.
func (b *bench) journeyPrepared(ctx context.Context, report *strings.Builder) error {
	b.say("prepare the books")
	text, u, err := command(ctx, nil, b.self, "touched", "--dir", b.dir, "--threads", strconv.Itoa(b.threads))
	if err != nil {
		return err
	}
	var steps []preparedIn
	if err := json.Unmarshal(text, &steps); err != nil {
		return err
	}
	for _, x := range steps {
		fmt.Fprintf(report, "Prepared %s: %.0f s, %.0f s of CPU, %d MB on disk.\n", x.What, x.Wall, x.CPU, x.Bytes>>20)
	}
	fmt.Fprintf(report, "Both in one process of at most %d MB.\n", u.peak>>20)
	return nil
}

// loadAverage is how much the machine had to do in the last minute; empty: not known.
func loadAverage() string {
	text, _, _ := strings.Cut(string(contents("/proc/loadavg")), " ")
	return text
}

// mapIn is the roles of the map in a folder.
func mapIn(dir string) ([]journey.Role, error) {
	m, err := journey.Read(bytes.NewReader(contents(filepath.Join(dir, "map.json"))))
	if err == nil && len(m.Roles) == 0 {
		err = errors.New("the map has no roles")
	}
	return m.Roles, err
}

// journeyPagesOf are the pages that are measured.
func journeyPagesOf(found known, roles []journey.Role) []journeyAsked {
	var places, parts []wanted
	drawn, listed := wanted{path: "/journey"}, wanted{path: "/journey?view=list"}
	for i, k := range found.Touchpoints {
		places = append(places, touchpointAsked(k))
		drawn.holds = append(drawn.holds, `data-key="`+k.Key+`"`)
		listed.holds = append(listed.holds, `href="/journey/touchpoints/`+k.Key+`"><bdi translate="no">`+html.EscapeString(placeName(i)))
	}
	for _, r := range roles {
		w := wanted{path: "/roles/" + r.Key + "/part", holds: []string{html.EscapeString(r.Name), html.EscapeString(r.Does)}}
		for _, key := range r.Touchpoints {
			w.holds = append(w.holds, `href="/journey/touchpoints/`+key+`"`)
		}
		parts = append(parts, w)
	}
	return []journeyAsked{
		{"map", []wanted{drawn}}, {"map as a list", []wanted{listed}}, {"a touchpoint, at random", places}, {"a role's part, at random", parts},
		{"what the map does not cover", []wanted{{path: "/journey/coverage", holds: []string{"kiosk ", ">" + thousands(found.Nowhere) + "<"}}}},
	}
}

// touchpointAsked is a touchpoint's page: its name, and the contacts of each brand as the generator counted them.
func touchpointAsked(k knownPlace) wanted {
	i, _ := strconv.Atoi(strings.TrimPrefix(k.Key, "place-"))
	w := wanted{path: "/journey/touchpoints/" + k.Key, holds: []string{html.EscapeString(placeName(i))}}
	for _, n := range k.Brands {
		if n[0] > 0 {
			w.holds = append(w.holds, ">"+thousands(n[0])+"<", "exact; "+thousands(n[1])+" the year before")
		}
	}
	return w
}

// thousands is a count as pages print it.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// prepared asks for a touchpoint's page until it has its months, and for the customers until they are listed.
func (t *site) prepared(ctx context.Context, w wanted) error {
	if _, err := t.ready(ctx, "/customers"); err != nil {
		return err
	}
	for begin := time.Now(); time.Since(begin) < 30*time.Minute; time.Sleep(time.Second) {
		page, err := t.open(ctx, w.path)
		if err != nil {
			return err
		}
		if strings.Contains(page, `id="trend"`) {
			return w.check(page)
		}
	}
	return fmt.Errorf("%s is still being prepared", w.path)
}

// asked opens one of some pages at random, and checks it.
func (t *site) asked(ctx context.Context, of []wanted) error {
	w := of[rand.IntN(len(of))] //nolint:gosec // which page is opened is chance
	page, err := t.open(ctx, w.path)
	if err != nil {
		return err
	}
	return w.check(page)
}

// oneByOne asks n times, each when the one before is there.
func (t *site) oneByOne(ctx context.Context, of []wanted, n int) ([]time.Duration, error) {
	var took []time.Duration
	for range n {
		begin := time.Now()
		if err := t.asked(ctx, of); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}
