package browser

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// controls numbers what a person can press or fill in, in the order of the page. A group of radios is one stop.
const controls = `(() => {
	const group = new Set();
	window.walk = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter((e) => {
		if (e.disabled || e.closest("[inert]") || !e.checkVisibility({visibilityProperty: true}) || getComputedStyle(e).display === "contents") return false;
		if (e.type !== "radio") return true;
		const name = (e.form?.action ?? "") + e.name;
		return !group.has(name) && (group.add(name), true);
	});
	document.activeElement?.blur();
	window.getSelection().removeAllRanges();
	window.scrollTo(0, 0);
	return window.walk.length;
})()`

// focused says which control has the focus, and what is wrong with how that shows.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return {at: -1, what: "nothing", wrong: ""};
	const radio = (o) => o === e || (e.type === "radio" && o.type === "radio" && o.name === e.name && o.form === e.form);
	const at = window.walk.findIndex(radio);
	const style = getComputedStyle(e), box = e.getBoundingClientRect();
	let wrong = "";
	const ring = style.outlineStyle === "auto" || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
	if (!ring && style.boxShadow === "none") wrong = "its focus does not show";
	else if (box.width < 1 || box.height < 1) wrong = "it has no size";
	else if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) wrong = "it lies outside of the window";
	return {at, what: e.tagName.toLowerCase() + "." + (e.getAttribute("class") ?? "") + " " + (e.getAttribute("aria-label") ?? e.textContent ?? "").trim().slice(0, 40), wrong};
})()`

type stop struct {
	At    int    `json:"at"`
	What  string `json:"what"`
	Wrong string `json:"wrong"`
}

// Walk presses Tab through the whole page, and tells which controls it does not reach, which come out of order, and where the
// focus does not show.
func (p *Page) Walk() ([]string, error) {
	n, err := Ask[int](p, controls)
	if err != nil {
		return nil, fmt.Errorf("find the controls: %w", err)
	}
	var wrong []string
	reached, last := make([]bool, n), -1
	for range 4*n + 10 { // a day has a stop for each of its parts
		if err := p.Press(kb.Tab); err != nil {
			return nil, err
		}
		s, err := Ask[stop](p, focused)
		if err != nil {
			return nil, err
		}
		if s.Wrong != "" {
			wrong = append(wrong, s.What+": "+s.Wrong)
		}
		if s.At >= 0 && s.At == last {
			continue
		}
		if s.At < 0 || reached[s.At] {
			break // round the end of the page
		}
		if s.At < last {
			wrong = append(wrong, fmt.Sprintf("%s comes after a control that stands behind it", s.What))
		}
		reached[s.At], last = true, s.At
	}
	for i, ok := range reached {
		if !ok {
			what, err := Ask[string](p, fmt.Sprintf(`window.walk[%d].outerHTML.slice(0, 120)`, i))
			if err != nil {
				return nil, err
			}
			wrong = append(wrong, "Tab does not reach "+what)
		}
	}
	return wrong, nil
}

// Press presses keys, one after the other.
func (p *Page) Press(keys string) error { return p.Do(chromedp.KeyEvent(keys)) }

// popovers are the buttons that open something over the page, the first few of them.
const popovers = `(() => { window.openers = [...document.querySelectorAll("button[popovertarget]")].filter((b) => b.checkVisibility() && b.popoverTargetAction !== "hide").slice(0, 6); return window.openers.length; })()`

// Openers opens every definition (the first six) with Enter and closes it with Escape, and tells which does not, or loses the focus.
func (p *Page) Openers() ([]string, error) {
	n, err := Ask[int](p, popovers)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for i := range n {
		problem, err := p.opener(i)
		if err != nil {
			return nil, err
		}
		if problem != "" {
			wrong = append(wrong, problem)
		}
	}
	return wrong, nil
}

func (p *Page) opener(i int) (problem string, err error) {
	defer func() {
		if problem != "" && err == nil {
			_, err = Ask[bool](p, `(document.querySelectorAll(":popover-open").forEach((e) => e.hidePopover()), true)`)
		}
	}()
	what, err := Ask[string](p, fmt.Sprintf(`(window.opener_ = window.openers[%d], window.opener_.focus(), window.opener_.textContent.trim() + " " + window.opener_.getAttribute("popovertarget"))`, i))
	if err != nil {
		return "", err
	}
	const open = `window.opener_.popoverTargetElement?.matches(":popover-open") ?? false`
	for _, step := range []struct {
		key   string
		check string
		wrong string
	}{
		{kb.Enter, open, "Enter does not open it"},
		{"", `(() => { const r = window.opener_.popoverTargetElement.getBoundingClientRect(); return r.width > 100 && r.left >= 0 && r.right <= innerWidth + 1 && r.top >= 0 && r.bottom <= innerHeight + 1; })()`, "it does not lie in the window"},
		{kb.Escape, `!(` + open + `)`, "Escape does not close it"},
		{"", `document.activeElement === window.opener_`, "the focus does not come back to it"},
	} {
		if step.key != "" {
			if err := p.Press(step.key); err != nil {
				return "", err
			}
		}
		if ok, err := Ask[bool](p, step.check); err != nil || !ok {
			return what + ": " + step.wrong, err
		}
	}
	return "", nil
}

// Skip presses Tab once and Enter, which must lead past the head of the page.
func (p *Page) Skip() (string, error) {
	if _, err := Ask[int](p, controls); err != nil {
		return "", err
	}
	if err := p.Press(kb.Tab); err != nil {
		return "", err
	}
	shown, err := Ask[bool](p, `document.activeElement.matches(".skip") && document.activeElement.getBoundingClientRect().top >= 0`)
	if err != nil || !shown {
		return "the first Tab does not show the skip link", err
	}
	if err := p.Press(kb.Enter); err != nil {
		return "", err
	}
	inside, err := Ask[bool](p, `document.activeElement.id === "main"`)
	if err != nil || !inside {
		return "the skip link does not lead into the page", err
	}
	return "", nil
}
