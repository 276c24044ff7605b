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
		places, _, err := c.places(book, c.Books[book])
		if err != nil {
			continue
		}
		var present []string
		for _, p := range places {
			present = append(present, c.called(p), c.name(p.path))
		}
		for _, source := range s.Of(book) {
			if !slices.Contains(present, source.Path) && !slices.Contains(present, fileOf(source)) {
				out = append(out, source)
			}
		}
	}
	return out
}
