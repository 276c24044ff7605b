package journey

import (
	"bytes"
	"embed"
	"fmt"
)

//go:embed templates/*.json
var templates embed.FS

// Sample is a map to begin from.
type Sample struct {
	Name  string // as Template takes it
	Title string
	About string // one sentence
}

// Templates lists the maps to begin from: whole ones of companies that nobody runs, to be made one's own.
func Templates() []Sample {
	return []Sample{
		{"retail", "Retail", "A chain of shops with a web shop: from the advertisement to the return, the stockroom and the invoice."},
		{"hospitality", "Hospitality", "A hotel with a restaurant: from the first look at a room to the invoice and the letter afterwards."},
		{"subscription-software", "Subscription software", "A company that rents out software: trial, start, daily use, help, invoice, renewal and leaving."},
		{"health-practice", "Health practice", "A practice with several doctors: appointment, reception, treatment, laboratory, results, invoice and afterwards."},
		{"bank", "Bank", "A bank for households and small firms: account, card, branch, app, phone, loan, trouble and leaving."},
		{"trades-contractor", "Trades contractor", "Plumbers, electricians and builders: the call, the quote, the work in the house, the invoice and the guarantee."},
	}
}

// Template is a map to begin from, by the name that Templates lists.
func Template(name string) (Map, error) {
	for _, s := range Templates() {
		if s.Name != name {
			continue
		}
		text, err := templates.ReadFile("templates/" + name + ".json")
		if err != nil {
			return Map{}, fmt.Errorf("read the template %s: %w", name, err)
		}
		return Read(bytes.NewReader(text))
	}
	return Map{}, refuse("there is no template %q; there are %s", name, joined(templateNames()))
}

func templateNames() []string {
	var names []string
	for _, s := range Templates() {
		names = append(names, s.Name)
	}
	return names
}
