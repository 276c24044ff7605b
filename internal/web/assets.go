package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// assetFiles are our own sheets and scripts, and under built what the npm
// build has made of libraries; without that build there are no pictures and
// every page is whole all the same.
//
//go:embed all:assets
var assetFiles embed.FS

// assets are files that a browser may keep for ever, since their names change
// with their content.
type assets struct {
	files map[string]asset  // by hashed name
	names map[string]string // plain name → hashed path
}

type asset struct {
	name    string
	content []byte
}

// sheets that are served as one, in their order.
var sheets = []string{"assets/tokens.css", "assets/look.css", "assets/forms.css", "assets/journey.css", "assets/print.css"}

func readAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}, names: map[string]string{}}
	var look bytes.Buffer
	for _, name := range sheets {
		text, err := assetFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read styles: %w", err)
		}
		look.Write(text)
	}
	a.add("look.css", look.Bytes())
	for _, folder := range []string{"assets/scripts", "assets/built"} {
		entries, err := fs.ReadDir(assetFiles, folder)
		if err != nil {
			continue // not built here
		}
		for _, e := range entries {
			if e.IsDir() || !strings.HasSuffix(e.Name(), ".js") {
				continue
			}
			text, err := assetFiles.ReadFile(path.Join(folder, e.Name()))
			if err != nil {
				return nil, fmt.Errorf("read scripts: %w", err)
			}
			a.add(e.Name(), text)
		}
	}
	return a, nil
}

func (a *assets) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	hashed := "/assets/" + hex.EncodeToString(sum[:8]) + "/" + name
	a.files[hashed], a.names[name] = asset{name, content}, hashed
}

func (a *assets) has(name string) bool { return a.names[name] != "" }

// path is where a file is served; empty when it was not built.
func (a *assets) path(name string) string { return a.names[name] }

// ServeHTTP serves the files by their hashed names.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(f.name)))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.content))
}
