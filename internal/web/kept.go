package web

import (
	"bytes"
	"fmt"
	"html/template"
	"sync"

	"github.com/throughline/throughline/internal/sealed"
)

// bodyKey names a rendered part that never changes: what is sealed, as those see it who may see the same.
type bodyKey struct {
	page string
	seal int64
	lang string
	lead sealed.Block
	rows bool
	of   string // the other seals that it shows
}

// bodies keeps rendered parts of sealed pages, the least lately made going first.
type bodies struct {
	mu    sync.Mutex
	order []bodyKey
	kept  map[bodyKey]template.HTML
	size  int
}

// most is how many bytes of rendered parts are kept.
const mostKept = 32 << 20

// once gives the part, rendering it if it is not kept.
func (b *bodies) once(key bodyKey, render func() (template.HTML, error)) (template.HTML, error) {
	b.mu.Lock()
	have, ok := b.kept[key]
	b.mu.Unlock()
	if ok {
		return have, nil
	}
	made, err := render()
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = map[bodyKey]template.HTML{}
	}
	if _, ok := b.kept[key]; !ok {
		b.order, b.size = append(b.order, key), b.size+len(made)
	}
	b.kept[key] = made
	for b.size > mostKept && len(b.order) > 1 {
		b.size -= len(b.kept[b.order[0]])
		delete(b.kept, b.order[0])
		b.order = b.order[1:]
	}
	return made, nil
}

// main renders the page's own part, without the frame round it.
func (p pageOf[T]) main(v *visit, content T) (template.HTML, error) {
	t, err := v.server.pages.template(v.locale, p.file)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "main", content); err != nil {
		return "", fmt.Errorf("render %s: %w", p.file, err)
	}
	return template.HTML(b.String()), nil // escaped by the template
}
