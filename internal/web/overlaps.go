package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// overlaps writes down whether rows that two files share are the same, and has
// the book imported again.
func (s *Server) overlaps(v *visit) error {
	name, how := v.r.PathValue("book"), v.r.PostFormValue("how")
	if _, mapped := v.company.Config.Books[name]; !mapped {
		return v.noBook()
	}
	version, err := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
	if err != nil || how != "once" && how != "keep" {
		return v.notWhole(bookPath(name))
	}
	err = s.Office.ChangeSettings(v.r.Context(), version, v.user().ID, func(c *books.Config) error {
		mapping := c.Books[name]
		mapping.Overlaps = how
		c.Books[name] = mapping
		return nil
	})
	var stale *program.Stale
	if errors.As(err, &stale) {
		return s.overlapsStale(v, version, name, how)
	}
	if err != nil {
		return err
	}
	if err := v.noted("settings changed", "book "+name); err != nil {
		return err
	}
	job, err := s.Office.Ask(v.r.Context(), office.Task{Kind: office.ImportJob, By: v.user().ID})
	if errors.Is(err, office.ErrNoQueue) {
		return v.goTo(bookPath(name))
	}
	if err != nil {
		return err
	}
	return v.goTo(runPath(job))
}

// overlapsStale shows what has become of the books meanwhile.
func (s *Server) overlapsStale(v *visit, version int64, name, how string) error {
	edits, err := s.Office.SettingsHistory(v.r.Context(), longHistory)
	if err != nil {
		return err
	}
	met := &meanwhile{}
	for _, e := range edits {
		if e.Version <= version {
			continue
		}
		met.By = append(met.By, changer{Who: s.whose(v, e.By), When: v.moment(e.At)})
		for _, c := range e.Changed {
			field := changedField{Label: v.settingLabel(c.Key), Before: shown(c.Yours), After: shown(c.Their)}
			if c.Key == "books."+name+".overlaps" {
				field.Yours, field.Clash = how, c.Their != how
			}
			met.Fields = append(met.Fields, field)
		}
	}
	return s.showBook(v, http.StatusConflict, met)
}
