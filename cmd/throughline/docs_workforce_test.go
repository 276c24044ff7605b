package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/workforce"
)

// Every name that the people statement of a document can hold is explained.
func TestEveryFieldOfThePeopleStatementIsDocumented(t *testing.T) {
	page := docPage(t, "workforce.md")
	text, err := os.ReadFile(filepath.Join("..", "..", "workforce", "json.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := workforce.FigureNames[:]
	for _, m := range regexp.MustCompile("json:\"([a-z_]+)[,\"]|set\\(\"([a-z_]+)\"|\\{\"([a-z_]+)\", x\\.|\"([a-z]+(?:_[0-9a-z]+)+)\"").FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1]+m[2]+m[3]+m[4])
	}
	for _, reading := range []workforce.Reading{workforce.NotKnown, workforce.WithStaying, workforce.WithLeaving, workforce.NotToldApart} {
		names = append(names, string(reading))
	}
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("workforce writes %s, which docs/workforce.md does not explain", name)
		}
	}
}
