package web

import (
	"bytes"
	"crypto/rand"
	"html/template"
	"path"
	"slices"
	"testing"

	"github.com/jba/templatecheck"
)

// TestTemplatesFitTheirPages holds every template to the struct that it is rendered over, in every language.
func TestTemplatesFitTheirPages(t *testing.T) {
	assets, err := readAssets()
	if err != nil {
		t.Fatal(err)
	}
	set, err := parsePages(assets, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range registered {
		sheet := set.sets["en"][r.file].Lookup("layout.html")
		if err := templatecheck.CheckHTML(sheet, r.zero); err != nil {
			t.Errorf("%s: %v", r.file, err)
		}
		var b bytes.Buffer
		if err := template.Must(sheet.Clone()).Execute(&b, r.zero); err != nil {
			t.Errorf("%s over an empty page: %v", r.file, err)
		}
	}
}

func TestEveryTemplateIsAPage(t *testing.T) {
	names, err := pageNames()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file := path.Base(name)
		if slices.Contains(shared, name) {
			continue
		}
		if !slices.ContainsFunc(registered, func(r registration) bool { return r.file == file }) {
			t.Errorf("pages/%s belongs to no page: register it with page[…](%q), or remove it", file, file)
		}
	}
}
