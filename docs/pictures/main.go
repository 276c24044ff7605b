// Command pictures draws the revenue bridge of a sealed statement as SVG:
//
//	throughline statement customer --period 2025 --format json | go run ./docs/pictures -title "…" > docs/pictures/bridge.svg
//
// It reads the document's exact decimals and computes no figure but the
// lengths of its bars. One hue says what customers gave, another what went
// against them; hatching means that nobody knows.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"io"
	"math/big"
	"os"
	"strings"

	"github.com/throughline/throughline/money"
)

// bar is one step of the bridge: from where it starts to where it ends.
type bar struct {
	label    string // lines parted by bars
	from, to money.Amount
	amount   money.Amount
	fill     string
}

// document is what of a sealed document is drawn: the trailing year where
// there is one, because it is the headline.
type document struct {
	windows
	Currency string     `json:"currency"`
	Customer statement  `json:"customer"`
	Trailing *statement `json:"customer_trailing_year"`
}

type windows struct {
	Period   span `json:"period"`
	Compared span `json:"compared_with"`
}

type span struct{ Start, End string }

type statement struct {
	windows
	Revenue map[string]string `json:"revenue"`
}

// drawn is the statement that is drawn.
func (d document) drawn() statement {
	if d.Trailing != nil && d.Trailing.Revenue != nil {
		return *d.Trailing
	}
	d.Customer.windows = d.windows
	return d.Customer
}

func main() {
	title := flag.String("title", "Where the revenue came from (simulated)", "what stands over the picture")
	note := flag.String("note", "Simulated: no company's data.", "what stands under it")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *title, *note); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, title, note string) error {
	var d document
	if err := json.NewDecoder(in).Decode(&d); err != nil {
		return fmt.Errorf("read the sealed document: %w", err)
	}
	s := d.drawn()
	bars, err := bridge(s.Revenue)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, draw(bars, s, d.Currency, title, note))
	return err
}

const (
	ink, faint = "#191b1f", "#62666d"
	given      = "#005f6a"
	against    = "#a23c15"
	bought     = "#7d8188"
	unknown    = "url(#unknown)"
	total      = "#45484f"
)

// bridge is the steps in their order; steps of nothing are left out.
func bridge(revenue map[string]string) ([]bar, error) {
	var bars []bar
	at := money.Amount{}
	for _, step := range []struct {
		name, label, fill string
		sign              int
	}{
		{"prior", "year before", total, 0}, {"lost", "lost", against, -1}, {"contraction", "spent less", against, -1}, {"expansion", "spent more", given, 1},
		{"returning", "returned", given, 1}, {"new_earned", "new,|earned", given, 1}, {"new_bought", "new,|bought", bought, 1},
		{"new_unattributed", "new,|not known", unknown, 1}, {"other", "other", bought, 1}, {"current", "this year", total, 0},
	} {
		amount, err := money.Parse(revenue[step.name])
		if err != nil {
			return nil, fmt.Errorf("revenue %s: %w", step.name, err)
		}
		b := bar{label: step.label, amount: amount, fill: step.fill, from: at}
		switch {
		case step.sign == 0:
			b.from, b.to = money.Amount{}, amount
		case amount.IsZero():
			continue
		case step.sign < 0:
			b.amount = amount.Neg()
			fallthrough
		default:
			b.to = at.Add(b.amount)
		}
		at = b.to
		bars = append(bars, b)
	}
	return bars, nil
}

const (
	width, left, right = 860, 24, 24
	top, plot, foot    = 92, 250, 76
)

func draw(bars []bar, s statement, currency, title, note string) string {
	most := money.Amount{}
	for _, b := range bars {
		for _, x := range []money.Amount{b.from, b.to} {
			if x.Sub(most).Sign() > 0 {
				most = x
			}
		}
	}
	y := func(a money.Amount) float64 {
		if most.IsZero() {
			return top + plot
		}
		share, _ := new(big.Rat).Quo(a.Rat(), most.Rat()).Float64()
		return top + plot - float64(plot*share)
	}
	var b strings.Builder
	height := top + plot + foot
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="-apple-system, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif">
<title>%s</title>
<defs><pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ebe8e0"/><line x1="0" y1="0" x2="0" y2="6" stroke="#7d8188" stroke-width="2"/></pattern></defs>
<rect width="%d" height="%d" fill="#fdfcf9"/>
<text x="%d" y="32" font-size="19" font-family="'Iowan Old Style', 'Palatino Linotype', P052, Charter, serif" fill="%s">%s</text>
<text x="%d" y="53" font-size="12" fill="%s">%s to %s against %s to %s (ends excluded), thousands of %s</text>
`, width, height, width, height, html.EscapeString(title), width, height, left, ink, html.EscapeString(title), left, faint,
		s.Period.Start, s.Period.End, s.Compared.Start, s.Compared.End, html.EscapeString(currency))
	step := float64(width-left-right) / float64(len(bars))
	for i, x := range bars {
		at := left + step*float64(i)
		high, low := y(x.from), y(x.to)
		if high > low {
			high, low = low, high
		}
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", at+step*.14, high, step*.72, max(low-high, 1), x.fill)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" font-size="12" text-anchor="middle" fill="%s" style="font-variant-numeric: tabular-nums">%s</text>`+"\n", at+step/2, high-6, ink, thousands(x, i == 0 || i == len(bars)-1))
		for n, word := range strings.Split(x.label, "|") {
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" font-size="12" text-anchor="middle" fill="%s">%s</text>`+"\n", at+step/2, top+plot+20+15*n, faint, html.EscapeString(word))
		}
		if i+1 < len(bars) {
			fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width=".7"/>`+"\n", at+step*.86, y(x.to), at+step*1.14, y(x.to), faint)
		}
	}
	fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s"/>`+"\n", left, top+plot, width-right, top+plot, ink)
	fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="12" fill="%s">Petrol: what customers gave. Clay: what went against. Hatched: how they came is not known. %s</text>`+"\n</svg>\n", left, height-14, faint, html.EscapeString(note))
	return b.String()
}

// thousands prints an amount for a label, with its sign where it is a step.
func thousands(x bar, whole bool) string {
	r := new(big.Rat).Quo(x.amount.Rat(), big.NewRat(1000, 1))
	text := r.FloatString(0)
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	switch {
	case negative:
		return "−" + text
	case whole:
		return text
	}
	return "+" + text
}
