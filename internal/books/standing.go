package books

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
)

// Standing identifies what a trial of a book depends on: its mapping and its
// files as they are.
func (c *Config) Standing(book string) (string, error) {
	mapping := c.Books[book]
	signature, err := c.signature(book, mapping)
	if err != nil {
		return "", err
	}
	places, _, err := c.places(book, mapping)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, book, signature)
	for _, p := range places {
		state, err := stateText(p)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, p.path, state)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Files lists a book's files: those of `from`, in their order, and those that
// are joined to them.
func (c *Config) Files(book string) (from, joined []string, err error) {
	mapping := c.Books[book]
	if from, _, err = c.files(book, mapping); err != nil {
		return nil, nil, err
	}
	for _, j := range mapping.Join {
		path, err := c.expand(book, j.From)
		if err != nil {
			return nil, nil, err
		}
		joined = append(joined, c.resolve(path))
	}
	return from, joined, nil
}

// Called is how a file is named in books.yaml.
func (c *Config) Called(path string) string { return filepath.ToSlash(c.name(path)) }

// Lacking lists the columns that a book needs and its mapping does not give.
func (c *Config) Lacking(name string) []string {
	book, _ := fact.Find(name)
	return lacking(book, c.Books[name])
}

// Fits tells whether a file has every column that a book's mapping uses.
func (c *Config) Fits(ctx context.Context, s Sampler, name, path string) (bool, error) {
	mapping := c.Books[name]
	mapping.From = List{c.Called(path)}
	places, _, err := c.places(name, mapping)
	if err != nil {
		return false, err
	}
	for _, p := range places {
		if p.path != path {
			continue // a pattern of the same name
		}
		if fits, err := c.fits(ctx, s, mapping, p); err != nil || !fits {
			return false, err
		}
	}
	return true, nil
}

// fits tells it of one source.
func (c *Config) fits(ctx context.Context, s Sampler, mapping Mapping, p place) (bool, error) {
	g, err := glance(ctx, s, p.path, mapping.at(p).Source, mapping.Names)
	if err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		return false, nil //nolint:nilerr // what cannot be read does not fit
	}
	if len(mapping.Join) > 0 {
		return false, nil // its columns stand in other files, too
	}
	var columns []expr.Column
	for _, x := range g.Columns {
		columns = append(columns, expr.Column{Name: x.Name, Type: expr.Text, SQL: "x", Native: "VARCHAR"})
	}
	texts := []string{mapping.Where}
	for _, text := range mapping.Columns {
		texts = append(texts, text)
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		if _, err := expr.Compile(text, columns, expr.Dialect{}); err != nil {
			return false, nil //nolint:nilerr // that is the answer
		}
	}
	return len(mapping.Columns) > 0, nil
}
