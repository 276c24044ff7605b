package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// pagesSettings are the flags of pages.
type pagesSettings struct {
	program, books, data string
	rate, drillRate      float64
	seconds              int
}

func readPages(args []string) (pagesSettings, error) {
	var s pagesSettings
	f := flag.NewFlagSet("bench pages", flag.ContinueOnError)
	f.StringVar(&s.program, "program", "bin/throughline", "the program to serve with")
	f.StringVar(&s.books, "books", "", "books.yaml of a company with a seal, such as drill --keep leaves")
	f.StringVar(&s.data, "data", "", "its data folder")
	f.Float64Var(&s.rate, "rate", 200, "sealed pages a second")
	f.Float64Var(&s.drillRate, "drill-rate", 20, "searches and drill-downs a second")
	f.IntVar(&s.seconds, "seconds", 20, "for how long, each")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 || s.books == "" || s.data == "" || s.rate <= 0 || s.drillRate <= 0 || s.seconds < 1 || s.seconds > 300 {
		return s, errors.New("usage: go run ./bench pages --program BIN --books FILE --data DIR [--rate above 0] [--seconds 1 to 300]; --help lists all")
	}
	return s, nil
}

// pages measures the pages as a browser gets them from one server process: a
// style sheet, which costs the server nothing, beside sealed pages and beside
// searches, timelines and the customers behind a line. Requests begin on a
// beat, whether or not earlier ones have ended, and count from their beat.
func pages(ctx context.Context, args []string, out io.Writer) (err error) {
	s, err := readPages(args)
	if err != nil {
		return err
	}
	site, err := s.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.end()) }()
	addresses, err := site.look(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "| what | requests a second | p50 | p99 | slowest | p99 ÷ that of a style sheet |\n| --- | --- | --- | --- | --- | --- |\n")
	var base time.Duration
	for _, load := range []struct {
		name string
		of   []string
		rate float64
	}{
		{"a style sheet", addresses.sheets, s.rate}, {"sealed pages", addresses.sealed, s.rate}, {"search by id, address, words", addresses.searches, s.drillRate},
		{"timelines", addresses.timelines, s.drillRate}, {"customers behind a line", addresses.behind, s.drillRate},
		{"one of these three, by chance", slices.Concat(evenly(addresses.searches, addresses.timelines, addresses.behind)...), s.drillRate},
	} {
		took, err := site.load(ctx, load.of, load.rate, s.seconds)
		if err != nil {
			return fmt.Errorf("%s: %w", load.name, err)
		}
		slices.Sort(took)
		p99 := took[len(took)*99/100]
		if base == 0 {
			base = p99
		}
		fmt.Fprintf(out, "| %s | %g | %.1f ms | %.1f ms | %.1f ms | %.1f |\n", load.name, load.rate, ms(took[len(took)/2]), ms(p99), ms(took[len(took)-1]), float64(p99)/float64(base))
	}
	fmt.Fprintf(out, "\n%s; %s\n", machine(), time.Now().UTC().Format(time.DateOnly))
	return nil
}

// evenly repeats lists until each is about as long as the longest, so that one
// drawn from all of them is drawn from each as often.
func evenly(lists ...[]string) [][]string {
	most := 0
	for _, l := range lists {
		most = max(most, len(l))
	}
	var out [][]string
	for _, l := range lists {
		out = append(out, slices.Repeat(l, most/len(l)))
	}
	return out
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// site is a running server and somebody who is signed in to it.
type site struct {
	server *exec.Cmd
	base   string
	client *http.Client
}

const benchUser = "bench@example.com"

// serve starts the server and signs a program lead in by a one-time link.
func (s pagesSettings) serve(ctx context.Context) (*site, error) {
	own := []string{"--books", s.books, "--data", s.data}
	// The user may be there from an earlier run.
	_, _, addErr := command(ctx, nil, s.program, append([]string{"user", "add", "--email", benchUser, "--role", "program-lead", "--role", "administrator"}, own...)...)
	link, _, err := command(ctx, nil, s.program, append([]string{"user", "link", benchUser}, own...)...)
	if err != nil {
		return nil, errors.Join(addErr, err)
	}
	secret := regexp.MustCompile(`/link/([A-Za-z0-9_-]+)`).FindSubmatch(link)
	if secret == nil {
		return nil, fmt.Errorf("user link printed %q", link)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	t := &site{server: exec.Command(s.program, append([]string{"serve", "--listen", "127.0.0.1:0"}, own...)...), client: &http.Client{
		Jar: jar, Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64},
	}}
	t.server.Stderr = os.Stderr
	said, err := t.server.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := t.server.Start(); err != nil {
		return nil, err
	}
	in := bufio.NewScanner(said)
	for t.base == "" && in.Scan() {
		if m := regexp.MustCompile(`http://\S+`).FindString(in.Text()); m != "" {
			t.base = m
		}
	}
	go func() { _, _ = io.Copy(io.Discard, said) }() // what else it says
	if t.base == "" {
		return nil, errors.Join(errors.New("the server did not say where it answers"), t.end())
	}
	r, err := t.client.PostForm(t.base+"/link/"+string(secret[1]), url.Values{})
	if err == nil {
		err = r.Body.Close()
	}
	if err != nil {
		return nil, errors.Join(err, t.end())
	}
	return t, nil
}

func (t *site) end() error {
	if err := t.server.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return t.server.Wait()
}

// addresses are what is asked for.
type addresses struct{ sheets, sealed, searches, timelines, behind []string }

// look opens the pages once, follows their links, and waits until everything
// that is derived is there.
func (t *site) look(ctx context.Context) (addresses, error) {
	var a addresses
	room, err := t.ready(ctx, "/room")
	if err != nil {
		return a, err
	}
	a.sheets = links(room, `/assets/[0-9a-f]+/look\.css`)
	a.sealed = append([]string{"/room", "/statement", "/closes"}, links(room, `/statement/\d+`)...)
	statement, err := t.ready(ctx, "/statement")
	if err != nil {
		return a, err
	}
	a.sealed = append(a.sealed, links(statement, `/statement/\d+/figure/[a-z_.]+`)...)
	a.behind = links(statement+room, `/statement/\d+/behind/[a-z_]+(\?[^"]*)?`)
	for _, path := range a.behind[:min(len(a.behind), 12)] {
		page, err := t.ready(ctx, path)
		if err != nil {
			return a, err
		}
		a.behind = append(a.behind, links(page, `/statement/\d+/behind/[a-z_]+\?[^"]*after=[^"]*`)...)
		a.timelines = append(a.timelines, links(page, `/customers/[^"?/]+`)...)
	}
	list, err := t.ready(ctx, "/customers")
	if err != nil {
		return a, err
	}
	a.timelines = append(a.timelines, links(list, `/customers/[^"?/]+`)...)
	for range 40 {
		n := rand.IntN(1_000_000) //nolint:gosec // which customer is asked for is chance
		for _, q := range []string{fmt.Sprintf("C%08d", n), fmt.Sprintf("C%04d", n%1000), []string{"ba", "keli", "mo.nu", "rase", "zu an", "ti"}[n%6]} {
			a.searches = append(a.searches, "/customers?q="+url.QueryEscape(q))
		}
	}
	for name, of := range map[string][]string{"style sheets": a.sheets, "sealed pages": a.sealed, "lines": a.behind, "customers": a.timelines} {
		if len(of) == 0 {
			return a, fmt.Errorf("the pages have no links to %s", name)
		}
	}
	return a, nil
}

func links(page, pattern string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`"(`+pattern+`)"`).FindAllStringSubmatch(page, -1) {
		if path := strings.ReplaceAll(m[1], "&amp;", "&"); !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

// ready opens a page until it no longer asks to be opened again.
func (t *site) ready(ctx context.Context, path string) (string, error) {
	for begin := time.Now(); time.Since(begin) < 20*time.Minute; {
		page, err := t.open(ctx, path)
		if err != nil || !strings.Contains(page, `http-equiv="refresh"`) {
			return page, err
		}
		time.Sleep(time.Second)
	}
	return "", fmt.Errorf("%s is still being prepared", path)
}

func (t *site) open(ctx context.Context, path string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base+path, nil)
	if err != nil {
		return "", err
	}
	answer, err := t.client.Do(r)
	if err != nil {
		return "", err
	}
	page, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", path, answer.Status)
	}
	return string(page), err
}

// load asks on the beat and tells how long after its beat each answer was
// there, whole.
func (t *site) load(ctx context.Context, of []string, rate float64, seconds int) ([]time.Duration, error) {
	return onBeat(ctx, rate, seconds, func() error {
		_, err := t.open(ctx, of[rand.IntN(len(of))]) //nolint:gosec // which page is opened is chance
		return err
	})
}

// onBeat asks so many times a second, whether or not earlier ones have ended, and tells how long after its beat each had.
func onBeat(ctx context.Context, rate float64, seconds int, ask func() error) ([]time.Duration, error) {
	n := max(1, int(rate*float64(seconds)))
	took, errs := make([]time.Duration, n), make([]error, n)
	var all sync.WaitGroup
	begin := time.Now()
	for i := range n {
		beat := begin.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		time.Sleep(time.Until(beat))
		if ctx.Err() != nil {
			errs[i] = ctx.Err()
			break
		}
		all.Go(func() {
			errs[i] = ask()
			took[i] = time.Since(beat)
		})
	}
	all.Wait()
	return took, errors.Join(errs...)
}
