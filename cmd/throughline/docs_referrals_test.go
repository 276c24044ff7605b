package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every name that the referrals of a document can hold is explained.
func TestEveryFieldOfTheReferralsIsDocumented(t *testing.T) {
	page := docPage(t, "referrals.md")
	names := regexp.MustCompile("json:\"([a-z_]+)[,\"]|\"([a-z]+(?:_[a-z]+)+)\"")
	files, err := filepath.Glob(filepath.Join("..", "..", "referral", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range names.FindAllStringSubmatch(string(text), -1) {
			if name := m[1] + m[2]; !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s writes %s, which docs/referrals.md does not explain", file, name)
			}
		}
	}
}
