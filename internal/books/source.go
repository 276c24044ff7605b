package books

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mappingVersion changes when the same mapping would read the same file
// differently, so that older copies are read again.
const mappingVersion = 1

// files lists the files of a mapping: in the order of `from`, those of one
// pattern by name. A file that two patterns match counts once. missing is a
// refusal for a pattern that matches nothing, which is only wrong when nothing
// was read from it before.
func (c *Config) files(book string, m Mapping) (out []string, missing, err error) {
	for _, pattern := range m.From {
		expanded, err := c.expand(book, pattern)
		if err != nil {
			return nil, nil, err
		}
		matches, err := c.match(expanded)
		if err != nil {
			return nil, nil, c.refuseBook(Unmappable, book, "from: %q is not a pattern: %v", "", pattern, err)
		}
		if len(matches) == 0 {
			missing = c.refuseBook(NoFile, book, "from: %q matches no file", "look for a typing error; the path starts from the folder of books.yaml ("+c.Dir()+")", pattern)
		}
		for _, file := range matches {
			if !slices.Contains(out, file) {
				out = append(out, file)
			}
		}
	}
	return out, missing, nil
}

// name is how a source is called: relative to books.yaml when it lies below.
func (c *Config) name(path string) string {
	dir, err := filepath.Abs(c.Dir())
	if err != nil {
		return path
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(dir, absolute); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return absolute
}

// literally escapes what a pattern would read as a wildcard.
var literally = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `*`, `\*`, `?`, `\?`)

// match expands a pattern that starts from the folder of books.yaml, whose own
// name is no pattern. A path that exists matches itself, whatever its name.
func (c *Config) match(pattern string) ([]string, error) {
	if path := c.resolve(pattern); exists(path) {
		return []string{path}, nil
	}
	if !strings.ContainsAny(pattern, "*?[") {
		return nil, nil
	}
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(literally.Replace(c.Dir()), pattern)
	}
	return glob(pattern)
}

// glob lists the files that a pattern matches, by name.
func glob(pattern string) ([]string, error) {
	matches, err := filepath.Glob(pattern)
	slices.Sort(matches)
	return slices.DeleteFunc(matches, func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && info.IsDir()
	}), err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// State is what tells whether a file is the one that was read before.
type State struct {
	Size    int64 `json:"size"`
	ModTime int64 `json:"mtime"` // nanoseconds
	Change  int64 `json:"ctime"` // nanoseconds, where the system has it
	Inode   int64 `json:"inode"` // where the system has it
	// Sheet is the one of a workbook that several sources are read from.
	Sheet string `json:"sheet,omitempty"`
}

func stateOf(path string) (State, error) {
	info, err := os.Stat(path)
	if err != nil {
		return State{}, err
	}
	s := State{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
	s.Change, s.Inode = systemState(info)
	return s, nil
}

// readable refuses what cannot be a source, in words that say what to do.
func readable(book, path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil && os.IsPermission(err):
		return &Refusal{Where: path, What: "cannot be looked at: no permission", Do: "give yourself the right to read the folder"}
	case err != nil:
		return &Refusal{Where: path, What: "is gone", Do: "put it back; or take it out of `from` of the book " + book + " and drop its rows with `throughline import --forget`", Kind: FileGone, Book: book}
	case info.IsDir():
		return &Refusal{Where: path, What: "is a folder", Do: "name its files with a pattern, such as " + filepath.Join(filepath.Base(path), "*.csv")}
	case !info.Mode().IsRegular():
		return &Refusal{Where: path, What: "is not a file", Do: "name a file"}
	case info.Size() == 0:
		return &Refusal{Where: path, What: "is empty", Do: "export it again, or take it out of `from` of the book " + book, Kind: FileEmpty, Book: book}
	}
	f, err := os.Open(path)
	if err != nil {
		return &Refusal{Where: path, What: "cannot be read: no permission", Do: "give yourself the right to read it"}
	}
	return f.Close()
}

// signature identifies everything but the file itself that its rows depend
// on: the mapping, the settings that change how a row reads, joined files.
func (c *Config) signature(book string, m Mapping) (string, error) {
	joined := map[string]State{}
	for _, j := range m.Join {
		path, err := c.expand(book, j.From)
		if err != nil {
			return "", err
		}
		path = c.resolve(path)
		if err := readable(book, path); err != nil {
			return "", err
		}
		if joined[path], err = stateOf(path); err != nil {
			return "", fmt.Errorf("read %s: %w", path, err)
		}
	}
	data, err := json.Marshal(struct {
		Version  int
		Mapping  Mapping
		TimeZone string
		Joined   map[string]State
		Nulls    bool   `json:",omitempty"` // a NULL that is written says nothing; before, its row was refused
		Rounded  string `json:",omitempty"` // the currency that net amounts are rounded to
	}{mappingVersion, m.withoutPlace(), c.Settings.TimeZone, joined, m.writesNull(), m.roundedIn(c.Settings.Currency)})
	if err != nil {
		return "", fmt.Errorf("sign mapping of %s: %w", book, err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

var writtenNull = regexp.MustCompile(`(?i)\b(THEN|ELSE)\s+NULL\b`)

func (m Mapping) writesNull() bool {
	for _, e := range m.Columns {
		if writtenNull.MatchString(e) {
			return true
		}
	}
	return false
}

func (m Mapping) roundedIn(currency string) string {
	if m.Tax == nil {
		return ""
	}
	return currency
}

// withoutPlace leaves out what does not change how a row reads.
func (m Mapping) withoutPlace() Mapping {
	m.From, m.Overlaps = nil, ""
	return m
}
