package web

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	cssComment  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSelector = regexp.MustCompile(`([^{}]+)\{`)
	cssClass    = regexp.MustCompile(`\.([a-zA-Z][\w-]*)`)
	htmlClass   = regexp.MustCompile(`class="([^"]*)"`)
	action      = regexp.MustCompile(`\{\{[^}]*\}\}`)
	word        = regexp.MustCompile(`[\w-]+`)
)

// texts reads files that a pattern finds as one.
func texts(t *testing.T, pattern string, leave string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	var b strings.Builder
	for _, name := range names {
		if leave != "" && strings.HasSuffix(name, leave) {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

// TestSheetsAndPagesAgree holds every class of the pages to the sheets, and every class of the sheets to a page, to the code that
// chooses it, or to the gallery of the browser's tests.
func TestSheetsAndPagesAgree(t *testing.T) {
	defined := map[string]bool{}
	for _, name := range sheets {
		text, err := assetFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range cssSelector.FindAllStringSubmatch(cssComment.ReplaceAllString(string(text), ""), -1) {
			for _, class := range cssClass.FindAllStringSubmatch(rule[1], -1) {
				defined[class[1]] = true
			}
		}
	}
	pages := texts(t, "pages/*.html", "")
	named := map[string]bool{}
	for _, in := range []string{pages, texts(t, "*.go", "_test.go"), texts(t, "assets/scripts/*.js", ""), texts(t, "../browser/testdata/*.html", "")} {
		for _, w := range word.FindAllString(in, -1) {
			named[w] = true
		}
	}
	for class := range defined {
		if !named[class] && !strings.HasPrefix(class, "q") { // q0 to q6 are counted
			t.Errorf("no page, no code and not the gallery uses the class .%s: take it out of the sheets", class)
		}
	}
	for _, list := range htmlClass.FindAllStringSubmatch(pages, -1) {
		for _, class := range strings.Fields(action.ReplaceAllString(list[1], " ")) {
			if !defined[class] {
				t.Errorf("no sheet defines the class %q of a page", class)
			}
		}
	}
}
