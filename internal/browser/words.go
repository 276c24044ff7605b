package browser

import "fmt"

// plain finds what a person reads or is read that did not come through the catalogue. In the languages of proof every sentence
// of the catalogue stands in ⟦ ⟧; what stands outside and has letters (a single one is a symbol, such as n) must be data (translate="no") or say its language.
const plain = `(() => {
	const page = document.documentElement.lang, left = [];
	const data = (e) => { for (let a = e; a && a !== document.documentElement; a = a.parentElement) if (a.getAttribute("translate") === "no" || (a.hasAttribute("lang") && a.lang !== page)) return true; return false; };
	const unsaid = (text) => { let out = text, last; do { last = out; out = out.replace(/⟦[^⟦⟧]*⟧/gu, " "); } while (out !== last); return /\p{L}{2}/u.test(out); };
	const tell = (where, text) => left.push(where + ": " + text.trim().replace(/\s+/g, " ").slice(0, 80));
	const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n = nodes.nextNode(); n; n = nodes.nextNode()) {
		const e = n.parentElement;
		if (e.closest("script, style, noscript, textarea") || data(e) || !unsaid(n.data)) continue;
		tell(e.tagName.toLowerCase() + "." + (e.getAttribute("class") ?? ""), n.data);
	}
	for (const e of document.querySelectorAll("[aria-label], [title], [placeholder], [alt], [aria-description], [aria-valuetext]"))
		for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description", "aria-valuetext"])
			if (e.hasAttribute(name) && !data(e) && unsaid(e.getAttribute(name))) tell(e.tagName.toLowerCase() + "[" + name + "]", e.getAttribute(name));
	return [...new Set(left)];
})()`

// Plain tells, of a page in a language of proof, every text that would not be translated.
func (p *Page) Plain() ([]string, error) {
	lang, err := Ask[string](p, `document.documentElement.lang`)
	if err != nil {
		return nil, err
	}
	if lang != "en-XA" && lang != "ar-XB" {
		return nil, fmt.Errorf("the page is in %q, and not in a language of proof", lang)
	}
	return Ask[[]string](p, plain)
}
