package browser

import (
	"fmt"
	"math"
)

// overhang finds what reaches over the edge of the window and does not lie in something that scrolls by itself.
const overhang = `(() => {
	const wide = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= wide) return [];
	const held = (e) => { for (let a = e.parentElement; a && a !== document.body; a = a.parentElement) if (getComputedStyle(a).overflowX !== "visible") return true; return false; };
	const over = [...document.body.querySelectorAll("*")].filter((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > wide + 1 || r.left < -1) && !held(e); });
	return ["the page is " + document.documentElement.scrollWidth + " pixels wide in a window of " + wide,
		...over.slice(0, 8).map((e) => e.tagName.toLowerCase() + "." + e.getAttribute("class") + " " + Math.round(e.getBoundingClientRect().right) + " " + (e.textContent || "").trim().slice(0, 40))];
})()`

// Overhang is what makes the page wider than its window; none is well.
func (p *Page) Overhang() ([]string, error) { return Ask[[]string](p, overhang) }

// Box is where an element lies.
type Box struct {
	What  string  `json:"what"`
	Start float64 `json:"start"` // from the left edge; from the right one on a page that reads from right to left
	Wide  float64 `json:"wide"`
}

// boxes are the places of everything that is laid out by the reading direction: not drawings, whose axes never mirror, and not
// what is scrolled out of sight.
const boxes = `(() => {
	const wide = document.documentElement.clientWidth, rtl = document.documentElement.dir === "rtl";
	const all = document.querySelectorAll("header *, main *, footer *, aside *");
	return [...all].filter((e) => !e.closest("svg, [popover], .hidden, .picture") && e.checkVisibility() && !["BR", "OPTION", "INS", "DEL"].includes(e.tagName) && getComputedStyle(e).display !== "inline").map((e) => {
		const r = e.getBoundingClientRect();
		return {what: e.tagName.toLowerCase() + "." + (e.getAttribute("class") ?? "") + " " + (e.textContent || "").trim().slice(0, 30), start: rtl ? wide - r.right : r.left, wide: r.width};
	});
})()`

// Boxes tells where things lie, from the edge that reading begins at.
func (p *Page) Boxes() ([]Box, error) { return Ask[[]Box](p, boxes) }

// Unmirrored compares a page that reads from left to right with the same page from right to left: everything must lie as far
// from its own edge.
func Unmirrored(left, right []Box) []string {
	if len(left) != len(right) {
		return []string{fmt.Sprintf("%d boxes from left to right, %d from right to left", len(left), len(right))}
	}
	var out []string
	for i, l := range left {
		if r := right[i]; math.Abs(l.Start-r.Start) > 2 || math.Abs(l.Wide-r.Wide) > 2 {
			out = append(out, fmt.Sprintf("%s: starts at %.0f and is %.0f wide from left to right, at %.0f and %.0f from right to left", l.What, l.Start, l.Wide, r.Start, r.Wide))
		}
	}
	return out
}
