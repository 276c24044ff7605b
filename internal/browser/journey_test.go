package browser

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// mapped is a company of its own with a map from a template, and somebody who may change it, at the map.
func mapped(t *testing.T) *Page {
	t.Helper()
	_, p := shop(t)
	beginMap(t, p)
	visit(t, p, "/journey")
	return p
}

func ask[T any](t *testing.T, p *Page, expression string) T {
	t.Helper()
	out, err := Ask[T](p, expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return out
}

// strike presses keys one after the other.
func strike(t *testing.T, p *Page, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if err := p.Press(k); err != nil {
			t.Fatal(err)
		}
	}
}

// place is where a touchpoint stands: its department and its stage.
const place = `(k => { const t = document.querySelector('[data-key="' + k + '"]'); return t.closest("tr").dataset.department + " " + t.closest("td").dataset.stage; })`

func TestTheMapIsWalkedAndArrangedByKeyboard(t *testing.T) {
	p := mapped(t)
	ask[bool](t, p, `document.querySelector(".tile").focus() ?? true`)
	first := ask[string](t, p, `document.activeElement.dataset.key`)
	strike(t, p, kb.ArrowRight)
	if next := ask[string](t, p, `document.activeElement.dataset.key ?? ""`); next == first || next == "" {
		strike(t, p, kb.ArrowDown)
		if next := ask[string](t, p, `document.activeElement.dataset.key ?? ""`); next == first || next == "" {
			t.Errorf("arrow keys stay at %s", first)
		}
	}
	strike(t, p, "+")
	if size := ask[string](t, p, `document.querySelector("[data-map]").dataset.size ?? ""`); size != "4" {
		t.Errorf("+ makes the map size %q", size)
	}
	strike(t, p, "-")

	ask[bool](t, p, `document.querySelector("[data-arrange]").click() ?? true`)
	ask[bool](t, p, fmt.Sprintf(`document.querySelector('[data-key=%q]').focus() ?? true`, first))
	before := ask[string](t, p, place+fmt.Sprintf("(%q)", first))
	strike(t, p, "m", kb.ArrowRight, kb.Escape)
	if after := ask[string](t, p, place+fmt.Sprintf("(%q)", first)); after != before {
		t.Errorf("put back, it stands at %s instead of %s", after, before)
	}
	strike(t, p, "m", kb.ArrowRight, kb.Enter)
	soon(t, p, fmt.Sprintf(`document.readyState === "complete" && %s(%q) !== %q`, place, first, before))
	after := ask[string](t, p, place+fmt.Sprintf("(%q)", first))
	if strings.Fields(after)[0] != strings.Fields(before)[0] {
		t.Errorf("moved across, it went from %s to %s", before, after)
	}
	// One goes on where one was: on the tile, in its journey, arranging.
	soon(t, p, fmt.Sprintf(`document.activeElement.dataset.key === %q && document.querySelector("[data-arrange]").ariaPressed === "true" && location.search.startsWith("?journey=") && location.hash === ""`, first))
}

func TestATileIsDraggedToAnotherPlace(t *testing.T) {
	p := mapped(t)
	if err := p.Size(1400, 900); err != nil {
		t.Fatal(err)
	}
	key := ask[string](t, p, `document.querySelector(".tile").dataset.key`)
	before := ask[string](t, p, place+fmt.Sprintf("(%q)", key))
	ask[bool](t, p, `document.querySelector("[data-arrange]").click() ?? true`)
	ask[bool](t, p, `(document.querySelector(".tile").scrollIntoView({block: "center"}), true)`)
	middle := `(e => { const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + Math.min(20, r.height / 2)]; })`
	from := ask[[]float64](t, p, middle+`(document.querySelector(".tile"))`)
	to := ask[[]float64](t, p, middle+`(document.querySelector(".tile").closest("td").nextElementSibling)`)
	steps := []chromedp.Action[chromedp.Void]{chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, from[0], from[1], chromedp.Button("left"))}
	for i := 1; i <= 5; i++ {
		part := float64(i) / 5
		steps = append(steps, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, from[0]+(to[0]-from[0])*part, from[1]+(to[1]-from[1])*part, chromedp.Button("left")))
	}
	steps = append(steps, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, to[0], to[1], chromedp.Button("left")))
	if err := errors.Join(p.Do(steps...), p.Do(chromedp.Sleep(time.Second)), p.Settled()); err != nil {
		t.Fatal(err)
	}
	soon(t, p, fmt.Sprintf(`document.readyState === "complete" && %s(%q) !== %q`, place, key, before))
}

func TestTheGroundIsDraggedOverALargeMap(t *testing.T) {
	p := mapped(t)
	if err := p.Size(900, 800); err != nil {
		t.Fatal(err)
	}
	ask[bool](t, p, `(document.querySelector("[data-map]").scrollIntoView({block: "start"}), true)`)
	at := ask[[]float64](t, p, `(e => { const r = e.getBoundingClientRect(); return [r.x + r.width * 0.7, r.y + 8]; })(document.querySelector("[data-map] thead"))`)
	if err := p.Do(
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, at[0], at[1], chromedp.Button("left")),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0]-60, at[1], chromedp.Button("left")),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0]-160, at[1], chromedp.Button("left")),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, at[0]-160, at[1], chromedp.Button("left")),
	); err != nil {
		t.Fatal(err)
	}
	if left := ask[float64](t, p, `document.querySelector("[data-map]").scrollLeft`); left < 100 {
		t.Errorf("dragged by 160 pixels, the map moved by %g", left)
	}
}

func TestTheMapPrintsOnOnePage(t *testing.T) {
	p := mapped(t)
	pdf, err := p.Paper()
	if err != nil {
		t.Fatal(err)
	}
	if pages := Sheets(pdf); pages != 1 {
		t.Errorf("the map of a template prints on %d pages", pages)
	}
}
