package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/report"
)

// touchpointText is the touchpoint statement of the golden document with some text in the place of other.
func touchpointText(t *testing.T, replaced ...string) string {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("testdata", "touchpoints.json"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replaced); i += 2 {
		if !bytes.Contains(document, []byte(replaced[i])) {
			t.Fatalf("the document has no %s", replaced[i])
		}
	}
	var b bytes.Buffer
	if err := report.Part(&b, "touchpoints", []byte(strings.NewReplacer(replaced...).Replace(string(document))), report.Heading{Company: company}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Where all that is clear is more, a heading without a row would say nothing.
func TestNobodyCameBackLess(t *testing.T) {
	text := touchpointText(t, `"compared": 0`, `"compared": 5`, `"clear": 0`, `"clear": 3`)
	for _, want := range []string{"After none of the touchpoints compared did customers come back less", "After 3 they came back more", "that is no praise"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	if strings.Contains(text, "* may be nothing") || strings.Contains(text, "not seen") {
		t.Error("the key of a table without a row is printed")
	}
}

// Those of no brand are not all customers of a touchpoint.
func TestCustomersOfNoBrandAreNamed(t *testing.T) {
	if text := touchpointText(t); !strings.Contains(text, "SHOP, OF NO BRAND") || !strings.Contains(text, "TELEPHONE, ONE") {
		t.Error(text)
	}
}

// Those of whom it is not known yet stand beside the others.
func TestTheOpenArePrinted(t *testing.T) {
	text := touchpointText(t, `"of": 8,
          "open": 0`, `"of": 8,
          "open": 6`)
	if !strings.Contains(text, "Telephone 8 8 6") {
		t.Error(text)
	}
}
