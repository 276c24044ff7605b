package browser

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hand is somebody at the keyboard, without a mouse. Each field that is filled, file that is chosen and button that is pressed
// counts as one action.
type hand struct {
	*testing.T
	page *Page
	did  []string
}

// to presses Tab until the focus is on what the selector finds and whose words hold the text.
func (h *hand) to(selector, text string) {
	h.Helper()
	at := fmt.Sprintf(`(() => { const e = document.activeElement; return e.matches(%q) && (e.textContent + " " + (e.getAttribute("aria-label") ?? "")).includes(%q); })()`, selector, text)
	for range 400 {
		if there, err := Ask[bool](h.page, at); err != nil {
			h.Fatal(err)
		} else if there {
			return
		}
		if err := h.page.Press(kb.Tab); err != nil {
			h.Fatal(err)
		}
	}
	h.Fatalf("Tab does not reach %s %q after %v on:\n%s", selector, text, h.did, read(h.T, h.page))
}

// fill types into a field what it is to hold.
func (h *hand) fill(name, text string) {
	h.Helper()
	h.to(fmt.Sprintf("input[name=%q], textarea[name=%q]", name, name), "")
	if _, err := Ask[bool](h.page, `(document.activeElement.select(), true)`); err != nil {
		h.Fatal(err)
	}
	if err := h.page.Press(text); err != nil {
		h.Fatal(err)
	}
	h.did = append(h.did, "fill "+name)
}

// choose gives a file to the field that Tab has reached; the system's own window for files is no page of ours.
func (h *hand) choose(path string) {
	h.Helper()
	h.to("input[type=file]", "")
	if err := h.page.Do(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{path})); err != nil {
		h.Fatal(err)
	}
	h.did = append(h.did, "choose a file")
}

// press presses the button, or follows the link, that says the text, and waits for the page that answers.
func (h *hand) press(text string) {
	h.Helper()
	h.to("button, a[href]", text)
	before, err := Ask[float64](h.page, `performance.timeOrigin`)
	if err == nil {
		err = h.page.Press(kb.Enter)
	}
	if err != nil {
		h.Fatal(err)
	}
	h.did = append(h.did, "press "+text)
	h.until(time.Minute, fmt.Sprintf(`performance.timeOrigin !== %v && document.readyState === "complete"`, before))
}

// until waits for the page, which may ask again by itself meanwhile.
func (h *hand) until(patience time.Duration, expression string) {
	h.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ok, err := Ask[bool](h.page, expression); err == nil && ok {
			return
		}
	}
	h.Fatalf("not within %v after %v: %s\n%s", patience, h.did, expression, read(h.T, h.page))
}

// on waits for a page by its path.
func (h *hand) on(path string) {
	h.Helper()
	h.until(2*time.Minute, fmt.Sprintf(`location.pathname.startsWith(%q) && document.readyState === "complete"`, path))
	if err := h.page.Settled(); err != nil {
		h.Fatal(err)
	}
}

// read is what a person reads, for the words of a failure.
func read(t *testing.T, p *Page) string {
	out, err := Ask[string](p, `location.pathname + "\n" + document.body.innerText`)
	if err != nil {
		t.Log(errors.Join(errors.New("read the page"), err))
	}
	return strings.TrimSpace(out)
}
