// Package browser looks at pages as a person's browser does: headless Chromium opens them, and what a person would trip over is
// told: errors in the console, violations of axe-core, what hangs over the edge, what the keyboard does not reach, what does
// not mirror, words that are in no catalogue, bytes. It knows no page and judges none; its tests walk the product's.
//
// The invariant: a page that was opened and has a problem is never told as one without, so what cannot be looked at is an
// error and never silence.
package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrNone says that there is no Chromium here.
var ErrNone = errors.New("no chromium is installed; .ci/browser installs it on Debian")

// names under which Chromium is installed; THROUGHLINE_CHROMIUM names another.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// Find is the path of the Chromium that is installed here, or ErrNone.
func Find() (string, error) {
	if named := os.Getenv("THROUGHLINE_CHROMIUM"); named != "" {
		return exec.LookPath(named)
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNone
}

// Browser is one running Chromium.
type Browser struct {
	ctx  context.Context
	stop context.CancelFunc
}

// Start runs the Chromium at path until Close.
func Start(ctx context.Context, path string) (*Browser, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("no-sandbox", os.Geteuid() == 0), // Chromium's sandbox refuses root, which containers run as
		chromedp.Flag("lang", "en"),
		chromedp.CombinedOutput(io.Discard),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	own, cancel := chromedp.NewContext(allocator)
	b := &Browser{ctx: own, stop: func() { cancel(); cancelAllocator() }}
	if err := chromedp.Do(own); err != nil {
		b.stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return b, nil
}

// Close ends the browser.
func (b *Browser) Close() error {
	defer b.stop()
	return chromedp.Cancel(b.ctx)
}
