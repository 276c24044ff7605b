package office

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/internal/books"
)

// nameable refuses a path that a page may not name. Whoever writes books.yaml
// on the server may name any file there; whoever only reaches the pages may
// name those beside it, and neither hidden ones nor the data folder's, because
// a refusal quotes what it could not read.
func (o *Office) nameable(key, path string) error {
	refused := &books.Refusal{
		Where: o.Config, What: fmt.Sprintf("%s: %q does not lie beside books.yaml", key, path),
		Do:   "put the file into the folder of books.yaml and write its path from there; other places are named in books.yaml itself",
		Kind: books.FileOutside,
	}
	if !filepath.IsLocal(path) || strings.HasPrefix(path, ".") || strings.Contains(filepath.ToSlash(path), "/.") {
		return refused
	}
	base, err := filepath.EvalSymlinks(filepath.Dir(o.Config))
	if err != nil {
		return refused
	}
	whole, err := filepath.EvalSymlinks(filepath.Join(base, path))
	if err != nil || !below(base, whole) {
		return refused
	}
	if data, err := filepath.EvalSymlinks(o.Dir); err == nil && below(data, whole) {
		return refused
	}
	if info, err := os.Stat(whole); err != nil || !info.Mode().IsRegular() {
		return refused
	}
	return nil
}

// below tells whether a path lies below a folder.
func below(folder, path string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative) && relative != "."
}
