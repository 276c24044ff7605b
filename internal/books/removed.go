package books

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/throughline/throughline/internal/snapshot"
)

// Removal is what is known of a source from which an erasure took a file, so
// that nobody is blamed for a file that is missing. It names neither the person
// nor the file.
type Removal struct {
	File bool `json:"file"` // the source's own; otherwise one that is joined to it
	// How its rows were read: they cannot be read again. Empty: the settings had
	// changed since.
	Mapping  string `json:"mapping,omitempty"`
	TimeZone string `json:"timezone,omitempty"`
}

// Removals tells which sources lose a file when an erasure removes some, by
// their numbers.
func (c *Config) Removals(s snapshot.Snapshot, paths []string) (map[int64]Removal, error) {
	out := map[int64]Removal{}
	for _, book := range c.Mapped() {
		mapping := c.Books[book]
		joined, err := c.joined(book, mapping)
		if err != nil {
			return nil, err
		}
		loses := slices.ContainsFunc(joined, func(path string) bool { return slices.Contains(paths, path) })
		for _, source := range s.Of(book) {
			own := slices.Contains(paths, fileOf(source))
			if !own && !loses {
				continue
			}
			r := Removal{File: own}
			read := mapping.at(place{sheet: sheetOf(source)})
			if signature, err := c.signature(book, read); err == nil && signature == source.Signature {
				if r.Mapping, err = read.digest(); err != nil {
					return nil, err
				}
				r.TimeZone = c.Settings.TimeZone
			}
			out[source.ID] = r
		}
	}
	return out, nil
}

// Removed lists the files for want of which a book cannot be read anew, because
// an erasure removed them: all of its own, or one that is joined to them.
func (c *Config) Removed(book string, s snapshot.Snapshot, known map[int64]Removal) ([]string, error) {
	mapping := c.Books[book]
	files, _, err := c.files(book, mapping)
	if err != nil {
		return nil, err
	}
	out, err := c.lostJoins(book, s, known)
	if err != nil || len(files) > 0 {
		return out, err
	}
	for _, source := range s.Of(book) {
		if known[source.ID].File && c.from(book, mapping, fileOf(source)) && !slices.Contains(out, fileOf(source)) {
			out = append(out, fileOf(source))
		}
	}
	return out, nil
}

// from tells whether a path is one of those that a mapping names.
func (c *Config) from(book string, m Mapping, path string) bool {
	return slices.ContainsFunc(m.From, func(pattern string) bool {
		expanded, err := c.expand(book, pattern)
		if err != nil {
			return false
		}
		pattern = c.name(c.resolve(expanded))
		matches, err := filepath.Match(pattern, path)
		return pattern == path || err == nil && matches
	})
}

// lostJoins lists the files that are joined to a book's and that an erasure
// removed, as sources of whatever book.
func (c *Config) lostJoins(book string, s snapshot.Snapshot, known map[int64]Removal) (out []string, err error) {
	joined, err := c.joined(book, c.Books[book])
	if err != nil {
		return nil, err
	}
	for _, path := range joined {
		removed := slices.ContainsFunc(s.Sources, func(x snapshot.Source) bool { return fileOf(x) == path && known[x.ID].File })
		if removed && !exists(c.resolve(path)) {
			out = append(out, path)
		}
	}
	return out, nil
}

// joined names the files that are joined to a book's.
func (c *Config) joined(book string, m Mapping) (out []string, err error) {
	for _, j := range m.Join {
		path, err := c.expand(book, j.From)
		if err != nil {
			return nil, err
		}
		out = append(out, c.name(c.resolve(path)))
	}
	return out, nil
}

// digest identifies how a mapping reads a row, whatever the files and settings.
func (m Mapping) digest() (string, error) {
	data, err := json.Marshal(m.withoutPlace())
	if err != nil {
		return "", fmt.Errorf("sign a mapping: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// because says why a removed file is not in its place.
const because = "was removed by an erasure, because it held the person who was erased"

// standing tells whether our copy of a source that lost a file to an erasure
// can stand: its mapping is the one by which it was read. A time zone that was
// changed since is told, for the copy keeps the days of the one before.
func (im *Importer) standing(s snapshot.Source) (bool, error) {
	r := im.Removed[s.ID]
	digest, err := im.Config.Books[s.Book].at(place{sheet: sheetOf(s)}).digest()
	if err != nil || r.Mapping != digest {
		return false, err
	}
	if zone := im.Config.Settings.TimeZone; zone != r.TimeZone {
		im.Warn(fmt.Sprintf("%s stays as it was read, with days by the time zone %q, because a file of it %s", s.Path, r.TimeZone, because))
	}
	return true, nil
}
