package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/journey"
)

// promiseView are the brands beside each other.
type promiseView struct {
	Brands    []brandBeside
	Rows      []promisedRow
	More      int // touchpoints that no standard binds
	MayChange bool
}

// brandBeside is what one brand promises.
type brandBeside struct {
	Path, Name, Promise, Words string
	Entities                   []string
	Standards                  int
	Bound, Touchpoints         int // touchpoints of its journeys that a standard of it binds today, and all
	Asks                       []said
	Retired                    bool
}

// promisedRow is a touchpoint with what each brand promises there.
type promisedRow struct {
	Name, Stage string
	Path        string // where it is edited; empty: not by this visitor
	Cells       [][]door
}

var promisePage = page[promiseView]("promise.html")

// promises says what each promise is.
var promises = map[string]string{
	journey.Fun: "fun and friendly", journey.Luxury: "luxury: nothing is too much", journey.Care: "care: somebody minds", journey.Simple: "simple, easy, efficient", journey.Own: "in its own words",
}

func (s *Server) promise(v *visit) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	view := promiseView{MayChange: v.may(access.ChangeJourney)}
	for _, b := range e.m.Brands {
		view.Brands = append(view.Brands, e.beside(b))
	}
	for _, t := range e.m.Touchpoints {
		if !t.Open(e.today) {
			continue
		}
		row, bound := promisedRow{Name: t.Name, Stage: e.stageName(t)}, false
		if view.MayChange {
			row.Path = touchpointEditPath(t.Key)
		}
		for _, b := range e.m.Brands {
			var cell []door
			for _, x := range e.m.Standards {
				if x.Brand == b.Key && x.Binds(t.Key, e.today) {
					cell, bound = append(cell, door{Path: standardAddress(b.Key, x.Key), Text: v.locale.promise(x)}), true
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		if bound {
			view.Rows = append(view.Rows, row)
		} else {
			view.More++
		}
	}
	return promisePage.render(v, http.StatusOK, title{Text: v.t("What we promise")}, view)
}

// beside is a brand as it stands beside others.
func (e *editor) beside(b journey.Brand) brandBeside {
	v := e.v
	out := brandBeside{Path: brandAddress(b.Key), Name: b.Name, Promise: v.t(promises[b.Promise]), Words: b.Words, Entities: b.Entities, Retired: b.Retired != nil}
	for _, x := range e.m.Standards {
		if x.Brand == b.Key && e.holds(x) {
			out.Standards++
		}
	}
	for _, t := range e.m.Touchpoints {
		j, ok := e.m.Journey(t.Journey)
		if !t.Open(e.today) || !ok || j.Brand != "" && j.Brand != b.Key {
			continue
		}
		out.Touchpoints++
		if slices.ContainsFunc(e.m.Standards, func(x journey.Standard) bool { return x.Brand == b.Key && x.Binds(t.Key, e.today) }) {
			out.Bound++
		}
	}
	for _, x := range []struct {
		name string
		list []string
	}{{v.t("Asked at touchpoints"), b.AtTouchpoints}, {v.t("Asked in interviews"), b.AtInterviews}, {v.t("Asked of our people"), b.AtPulses}} {
		out.Asks = append(out.Asks, said{x.name, v.locale.tn(int64(len(x.list)), "%d question", "%d questions", len(x.list))})
	}
	return out
}

// holds tells whether a standard holds today, whatever it binds.
func (e *editor) holds(x journey.Standard) bool {
	return (x.From == nil || *x.From <= e.today) && (x.Until == nil || e.today < *x.Until)
}

func brandAddress(key string) string { return "/promise/" + url.PathEscape(key) }

func standardAddress(brand, key string) string {
	return brandAddress(brand) + "/standards/" + url.PathEscape(key)
}
