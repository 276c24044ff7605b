package books

import (
	"slices"

	"github.com/throughline/throughline/internal/snapshot"
)

// Gone lists the sources of a snapshot that are no longer among the files of
// their book: our copy of their rows is kept until somebody forgets them. A
// book whose files cannot be listed at the moment has none.
func (c *Config) Gone(s snapshot.Snapshot) []snapshot.Source {
	var out []snapshot.Source
	for _, book := range c.Mapped() {
		files, _, err := c.files(book, c.Books[book])
		if err != nil {
			continue
		}
		var present []string
		for _, f := range files {
			present = append(present, c.name(f))
		}
		for _, source := range s.Of(book) {
			if !slices.Contains(present, source.Path) {
				out = append(out, source)
			}
		}
	}
	return out
}
