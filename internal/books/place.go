package books

import (
	"encoding/json"
	"slices"

	"github.com/throughline/throughline/internal/snapshot"
)

// inOldPlace lists the sources that are there and, where they stood before,
// those that are gone but whose rows are kept: right after the source that they
// came after. An older export must not come to stand after a newer one because
// somebody put the newer one away.
func inOldPlace(present, gone, before []string) []string {
	out := slices.Clone(present)
	at := 0
	for _, path := range before {
		if i := slices.Index(out, path); i >= 0 {
			at = i + 1
		} else if slices.Contains(gone, path) {
			out = slices.Insert(out, at, path)
			at++
		}
	}
	for _, path := range gone {
		if !slices.Contains(out, path) {
			out = slices.Insert(out, 0, path)
		}
	}
	return out
}

// renamed tells whether a file is one that was read under another name: of the
// same size, time and inode. Where the system tells no inode, nobody knows.
func renamed(s snapshot.Source, path string) bool {
	var was State
	if err := json.Unmarshal([]byte(s.State), &was); err != nil {
		return false
	}
	is, err := stateOf(path)
	return err == nil && is.Inode != 0 && is.Inode == was.Inode && is.Size == was.Size && is.ModTime == was.ModTime
}
