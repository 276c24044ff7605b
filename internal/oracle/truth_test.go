package oracle

import (
	"os"
	"path/filepath"
	"testing"
)

// A section replaces its own alone, keeps what was written below its table, and is added at the end where there is none.
func TestASectionReplacesItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truth.md")
	for _, step := range []struct{ section, want string }{
		{"## One\n\nold\n", "# Held to simulated truth\n\n## One\n\nold\n"},
		{"## Two\n\nb\n\n**Read.** By hand.\n", "# Held to simulated truth\n\n## One\n\nold\n\n## Two\n\nb\n\n**Read.** By hand.\n"},
		{"## One\n\nnew\n", "# Held to simulated truth\n\n## One\n\nnew\n\n## Two\n\nb\n\n**Read.** By hand.\n"},
		{"## Two\n\nc", "# Held to simulated truth\n\n## One\n\nnew\n\n## Two\n\nc\n\n**Read.** By hand.\n"},
		{"## Two\n\nd\n\n**Read.** Otherwise.\n", "# Held to simulated truth\n\n## One\n\nnew\n\n## Two\n\nd\n\n**Read.** Otherwise.\n"},
	} {
		if err := WriteSection(path, step.section); err != nil {
			t.Fatal(err)
		}
		is, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(is) != step.want {
			t.Fatalf("after %q:\n%q, want\n%q", step.section, is, step.want)
		}
	}
}
