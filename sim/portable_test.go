package sim

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// On arm64 the compiler fuses products and sums wherever it may. It may here
// only where a draw of Float64 is involved: its product is one by a power of
// two, which is exact, so that nothing is rounded once less.
func TestNoProductIsFused(t *testing.T) {
	if os.Getenv("THROUGHLINE_THOROUGH") == "" {
		t.Skip("compiles for another machine; tried by THROUGHLINE_THOROUGH=1")
	}
	build := exec.Command("go", "build", "-gcflags=-S", ".")
	build.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, listing)
	}
	place := regexp.MustCompile(`/sim/(\w+\.go):(\d+)\)`)
	for line := range strings.Lines(string(listing)) {
		found := place.FindStringSubmatch(line)
		if found == nil || !regexp.MustCompile(`\bFN?M(ADD|SUB)[DS]\b`).MatchString(line) {
			continue
		}
		text, err := os.ReadFile(found[1])
		if err != nil {
			t.Fatal(err)
		}
		n, _ := strconv.Atoi(found[2])
		if source := strings.Split(string(text), "\n")[n-1]; !strings.Contains(source, "Float64()") {
			t.Errorf("%s:%d is rounded once where others round twice: %s", found[1], n, strings.TrimSpace(source))
		}
	}
}
