package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostile are texts that would run as script, or break out of markup, where a page forgets that they are data.
var hostile = []string{
	`<script>window.owned=1</script>`, `"><img src=x onerror="window.owned=1">`, `'><svg onload=window.owned=1>`, `javascript:window.owned=1`, `</title><script>window.owned=1</script>`,
	`{{.}}{{t "x"}}`, `</textarea><script>window.owned=1</script>`, `<a href="javascript:window.owned=1" id=x autofocus onfocus=window.owned=1>`, "\u202eevitagen\u202c", `=cmd|' /C calc'!A0`, `<style>*{display:none}</style>`,
	`--></noscript><script>window.owned=1</script>`, `" style="position:fixed" onmouseover="window.owned=1`,
	strings.Repeat("x", 9000), strings.Repeat("long<b>", 1200), "A" + strings.Repeat("\u0301", 200),
}

// TestHostileTextsRunNowhere closes books whose every text is hostile, and opens every page that a link leads to.
func TestHostileTextsRunNowhere(t *testing.T) {
	person(t, "").Close()
	folder := t.TempDir()
	quoted := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
	var customers, orders, remarks strings.Builder
	customers.WriteString("customer_id,name,email,segment,acquired_on,acquired_via,entity\n")
	orders.WriteString("customer_id,ordered_at,amount,line_id,order_id,product,entity\n")
	remarks.WriteString("remark_id,received_at,text,channel,customer_id,touchpoint\n")
	for i := range 40 {
		text := hostile[i%len(hostile)]
		id := fmt.Sprintf("%d%s", i, text)
		fmt.Fprintf(&customers, "%s,%s,%s,%s,2024-01-%02d,%s,%s\n", quoted(id), quoted(text), quoted(text+"@example.com"), quoted(text), 1+i%28, []string{"referral", "paid", "unknown"}[i%3], quoted(text))
		for m := range 14 {
			fmt.Fprintf(&orders, "%s,%d-%02d-%02d,%d.50,%s,%s,%s,%s\n", quoted(id), 2024+m/12, 1+m%12, 1+i%28, 10+i, quoted(fmt.Sprint(i, "-", m, text)), quoted(text), quoted(text), quoted(text))
		}
		fmt.Fprintf(&orders, "%s,2024-03-01,%s,%s,,,\n", quoted(id), quoted(text), quoted(fmt.Sprint("bad", i))) // refused, with its text as the reason's example
		fmt.Fprintf(&remarks, "%d,2024-05-01,%s,email,%s,%s\n", i, quoted(text), quoted(id), quoted(text))
	}
	for name, text := range map[string]string{"customers.csv": customers.String(), "orders.csv": orders.String(), "remarks.csv": remarks.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	books := filepath.Join(folder, "books.yaml")
	run(t, "init", folder)
	raise(t, books)
	run(t, "close", "--books", books, "--period", "2025-02", "--preparer", hostile[0])
	s := serve(t, folder)
	p := comeIn(t, s, "lead@example.com", walker...)
	pages := crawl(t, s, cookies(t, p))
	if len(pages.pages) < 12 {
		t.Errorf("only %d pages were found", len(pages.pages))
	}
	if err := p.Size(390, 900); err != nil {
		t.Fatal(err)
	}
	for _, route := range sorted(pages.pages) {
		visit(t, p, pages.pages[route])
		over, err := p.Overhang()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range over {
			t.Errorf("%s: over the edge: %.200s", pages.pages[route], o)
		}
		owned, err := Ask[bool](p, `window.owned !== undefined || document.querySelector("main script:not([src^='/assets/']), main style, [onerror], [onload], [onfocus], [onmouseover], a[href^='javascript:']") !== null`)
		if err != nil || owned {
			t.Errorf("%s: a hostile text became markup (%v)", pages.pages[route], err)
		}
		for _, problem := range p.Problems() {
			t.Errorf("%s: the browser tells: %s", pages.pages[route], problem)
		}
	}
}

// raise lets a close accept many refused rows, as the settings would.
func raise(t *testing.T, books string) {
	t.Helper()
	text, err := os.ReadFile(books)
	if err == nil {
		err = os.WriteFile(books, []byte(strings.Replace(string(text), "settings:\n", "settings:\n  refused_threshold: 0.5\n", 1)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
