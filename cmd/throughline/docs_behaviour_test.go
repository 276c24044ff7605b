package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every name that the behaviour of a document can hold is explained.
func TestEveryFieldOfBehaviourIsDocumented(t *testing.T) {
	page := docPage(t, "behaviour.md")
	text, err := os.ReadFile(filepath.Join("..", "..", "behaviour", "json.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("json:\"([a-z_]+)[,\"]").FindAllStringSubmatch(string(text), -1)
	if len(found) < 20 {
		t.Fatalf("only %d names are found", len(found))
	}
	for _, m := range found {
		if !strings.Contains(page, `"`+m[1]+`"`) && !strings.Contains(page, "`"+m[1]+"`") {
			t.Errorf("behaviour/json.go writes %s, which docs/behaviour.md does not explain", m[1])
		}
	}
}
