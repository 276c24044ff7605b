package office

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// Trial is what a book of the draft would come to.
type Trial struct {
	*books.Tried
	Glanced     *books.Glanced
	Suggestions []books.Suggestion
	// Hasty tells that not every suggestion could be tried in the time that a
	// page has.
	Hasty bool
}

// triedBooks keeps the newest trials: a page is often opened again.
type triedBooks struct {
	mu    sync.Mutex
	order []string
	kept  map[string]*Trial
}

const keptTrials = 30

func (t *triedBooks) find(key string) *Trial {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept[key]
}

func (t *triedBooks) keep(key string, trial *Trial) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil {
		t.kept = map[string]*Trial{}
	}
	for len(t.order) >= keptTrials {
		delete(t.kept, t.order[0])
		t.order = t.order[1:]
	}
	t.order, t.kept[key] = append(t.order, key), trial
}

// forget drops every trial, because they quote rows and somebody is being
// erased.
func (t *triedBooks) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.order, t.kept = nil, nil
}

// suggestTime is how long suggestions are tried for.
const suggestTime = 12 * time.Second

// Try reads the first rows of a book's files as an import would and keeps
// nothing of them: good rows, refused ones with their reasons, and what would
// mend them. It returns *Removed when it was an erasure that removed its files.
func (o *Office) Try(ctx context.Context, d Draft, book string) (*Trial, error) {
	out, err := o.try(ctx, d, book)
	var refused *books.Refusal
	if !errors.As(err, &refused) {
		return out, err
	}
	if files, unknown := o.removed(ctx, d.Config, book); unknown != nil || len(files) > 0 {
		return nil, errors.Join(unknown, &Removed{files})
	}
	return nil, err
}

func (o *Office) try(ctx context.Context, d Draft, book string) (*Trial, error) {
	if _, ok := d.Config.Books[book]; !ok {
		return nil, program.ErrNone
	}
	key, err := d.Config.Standing(book)
	if err != nil {
		return nil, err
	}
	if have := o.intake.tried.find(key); have != nil {
		return have, nil
	}
	out := &Trial{}
	err = o.look(ctx, d.Config.Settings.TimeZone, func(e Engine) error {
		t := &books.Trial{Config: d.Config, Engine: e}
		var err error
		if out.Tried, err = t.Run(ctx, book); err != nil {
			return err
		}
		if out.Glanced, err = books.Glance(ctx, d.Config, e, book); err != nil {
			if ctx.Err() != nil || !slices.ContainsFunc(out.Files, func(f books.TriedFile) bool { return f.Problem != "" }) {
				return err
			}
			// The page says why the file cannot be read so, beside the form that
			// mends it.
			out.Glanced = &books.Glanced{}
			return nil
		}
		if out.Refused == 0 {
			return nil
		}
		hurried, cancel := context.WithTimeout(ctx, suggestTime)
		defer cancel()
		out.Suggestions, err = t.Suggest(hurried, out.Glanced, out.Tried)
		if err != nil && ctx.Err() == nil && hurried.Err() != nil {
			out.Hasty, err = true, nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	o.intake.tried.keep(key, out)
	return out, nil
}

// TriedRefused hands every refused row that a trial meets to visit.
func (o *Office) TriedRefused(ctx context.Context, d Draft, book string, visit func(books.RefusedRow) error) error {
	if _, ok := d.Config.Books[book]; !ok {
		return program.ErrNone
	}
	return o.look(ctx, d.Config.Settings.TimeZone, func(e Engine) error {
		_, err := (&books.Trial{Config: d.Config, Engine: e, Refused: visit}).Run(ctx, book)
		return err
	})
}

// ErrNoSuggestion is returned for a suggestion that is no longer one.
var ErrNoSuggestion = errors.New("this is no longer suggested; the mapping or the files have changed")

// Apply takes suggestions of a trial into the draft.
func (o *Office) Apply(ctx context.Context, version, by int64, book string, codes ...string) (Draft, error) {
	d, err := o.Draft(ctx)
	if err != nil {
		return d, err
	}
	trial, err := o.Try(ctx, d, book)
	if err != nil {
		return d, err
	}
	mapping, missing := books.Combine(d.Config.Books[book], trial.Glanced, trial.Tried, codes)
	if len(missing) > 0 || len(codes) == 0 {
		return d, ErrNoSuggestion
	}
	return o.Map(ctx, version, by, book, mapping)
}

// Words says what a source's own words mean in a column of few choices, or of
// yes and no.
func (o *Office) Words(ctx context.Context, version, by int64, w Wording) (Draft, error) {
	book, _ := fact.Find(w.Book)
	column, ok := book.Column(w.Column)
	choices := Choices(column)
	if !ok || len(choices) == 0 {
		return Draft{}, program.ErrNone
	}
	for word, meaning := range w.Means {
		if meaning != "" && !slices.Contains(choices, meaning) {
			return Draft{}, &access.Refusal{Field: word, What: fmt.Sprintf("%q is not one of %s", meaning, strings.Join(choices, ", ")), Do: "choose one of the list"}
		}
	}
	return o.edited(ctx, version, by, func(c *books.Config) error {
		m, ok := c.Books[w.Book]
		if !ok || m.Columns[w.Column] == "" {
			return program.ErrNone
		}
		m.Columns = maps.Clone(m.Columns)
		m.Columns[w.Column] = books.Meaning(m.Columns[w.Column], w.Means)
		c.Books[w.Book] = m
		return nil
	})
}

// Wording is what the words of a column mean.
type Wording struct {
	Book, Column string
	Means        map[string]string // a word of the source → a choice; empty: unknown
}

// Choices are what a column of few choices may hold; nil for other columns.
func Choices(c fact.Column) []string {
	switch c.Type {
	case fact.Choice:
		return c.Choices
	case fact.Truth:
		return []string{"yes", "no"}
	}
	return nil
}
