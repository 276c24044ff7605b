package browser

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is one tab with cookies and storage of its own, as of one person.
type Page struct {
	ctx  context.Context
	stop context.CancelFunc
	base string // scheme and host of the pages

	mu       sync.Mutex
	problems []string
	bytes    float64
	loads    int // requests since the last visit
	// Status that the last visit was answered with.
	Status int64
}

// Person opens a tab for pages under base, which shares nothing with any other.
func (b *Browser) Person(base string) (*Page, error) {
	p := &Page{base: strings.TrimSuffix(base, "/")}
	p.ctx, p.stop = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.heard))
	return p, p.begin()
}

// Bring gives the tab the cookies of somebody who is signed in already.
func (p *Page) Bring(cookies []*http.Cookie) error {
	for _, c := range cookies {
		if _, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: p.base}); err != nil {
			return fmt.Errorf("bring the cookie %s: %w", c.Name, err)
		}
	}
	return nil
}

// Tab opens a second tab of the same person.
func (p *Page) Tab() (*Page, error) {
	other := &Page{base: p.base}
	other.ctx, other.stop = chromedp.NewContext(p.ctx, chromedp.WithListener(other.heard))
	return other, other.begin()
}

func (p *Page) begin() error {
	err := chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{})
		return err
	}), chromedp.EmulateViewport(1280, 800))
	if err != nil {
		p.stop()
		return fmt.Errorf("open a tab: %w", err)
	}
	return nil
}

// Close closes the tab.
func (p *Page) Close() { p.stop() }

// heard keeps what the browser complains of, and counts bytes.
func (p *Page) heard(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.problems = append(p.problems, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, "exception: "+thrown(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if slices.Contains(complaints, e.Type) {
			p.problems = append(p.problems, fmt.Sprintf("console.%s: %s", e.Type, arguments(e.Args)))
		}
	case *network.EventLoadingFinished:
		p.bytes += e.EncodedDataLength
		p.loads++
	}
}

// complaints are the calls of the console that say that something is wrong.
var complaints = []runtime.ConsoleAPICalledType{runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert}

func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func arguments(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		text := a.Description
		if text == "" {
			text = string(a.Value)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// Visit opens an address below the base, forgets what was heard before, and waits until the page has settled.
func (p *Page) Visit(path string) error {
	if err := p.Open(path); err != nil {
		return err
	}
	return p.Settled()
}

// Open is Visit for pages whose scripts do not run, and which have nothing to wait for.
func (p *Page) Open(path string) error {
	p.Forget()
	url := path
	if strings.HasPrefix(path, "/") {
		url = p.base + path
	}
	answer, err := p.navigate(url)
	if err != nil {
		return fmt.Errorf("visit %s: %w", path, err)
	}
	p.Status = answer.Status
	return nil
}

// Count is how many elements a selector of CSS finds.
func (p *Page) Count(selector string) (int, error) {
	return Ask[int](p, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

func (p *Page) navigate(url string) (*network.Response, error) {
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.NavigateResponse(url))
}

// Forget drops what was heard so far.
func (p *Page) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems, p.bytes, p.loads = nil, 0, 0
}

// Settled waits until scripts have run and every picture is drawn, also those far down.
func (p *Page) Settled() error {
	_, err := Ask[bool](p, `new Promise(done => {
		const places = () => [...document.querySelectorAll("figure[data-picture] .picture")].filter((f) => !f.firstChild && f.checkVisibility());
		const missing = () => document.body.dataset.pictures && dispatchEvent(new Event("scroll")) && document.querySelector("figure[data-picture]") && (document.body.dataset.drawn ? places()[0] : document.body);
		const until = performance.now() + 3000;
		const drawn = () => {
			const next = missing();
			if (next && performance.now() < until) { next.scrollIntoView({block: "center"}); setTimeout(drawn, 30); return; }
			scrollTo(0, 0);
			requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 30)));
		};
		document.readyState === "complete" ? drawn() : addEventListener("load", drawn);
	})`)
	if err != nil {
		return fmt.Errorf("wait for the page: %w", err)
	}
	return nil
}

// Problems are the errors and warnings that the browser has told of since the last visit: of scripts, of the content security
// policy, of what could not be loaded. The page's own status is not one of them.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.problems), func(text string) bool {
		return p.Status >= 400 && strings.Contains(text, fmt.Sprintf("the server responded with a status of %d", p.Status))
	})
}

// Weight is how many bytes came over the wire since the last visit, compressed as they came, and in how many answers.
func (p *Page) Weight() (size, answers int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(p.bytes), p.loads
}

// Ask runs an expression in the page and waits for what it promises.
func Ask[T any](p *Page, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Do does what a person does: clicks, types, presses keys.
func (p *Page) Do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Size makes the window as wide as that.
func (p *Page) Size(width, height int64) error { return p.Do(chromedp.EmulateViewport(width, height)) }

// Look is how a person has set up the screen, or that the page is printed.
type Look struct {
	Dark, Forced, Still, Print bool
}

// Wear has the page shown as that.
func (p *Page) Wear(l Look) error {
	set := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	m := emulation.SetEmulatedMediaParams{Media: set(l.Print, "print", ""), Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: set(l.Dark, "dark", "light")},
		{Name: "forced-colors", Value: set(l.Forced, "active", "none")},
		{Name: "prefers-reduced-motion", Value: set(l.Still, "reduce", "no-preference")},
	}}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, m)
	return err
}

// Script turns the page's scripts on or off, from the next visit on.
func (p *Page) Script(on bool) error {
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	return err
}

// Uncached has every visit load everything anew, so that its weight is that of a first visit.
func (p *Page) Uncached() error {
	_, err := chromedp.Call(p.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	return err
}

// Shot is a picture of the whole page.
func (p *Page) Shot() ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.FullScreenshot(100))
}

var sheet = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// Sheets is how many sheets of paper a printed page has.
func Sheets(pdf []byte) int { return len(sheet.FindAll(append(pdf[:len(pdf):len(pdf)], ' '), -1)) }

// Paper is the page as it is printed, as PDF.
func (p *Page) Paper() ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground(), chromedp.PDFOutlineAndTagged()))
}
