package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/throughline/throughline/journey"
)

// brandView is one brand with its promise, standards and questions.
type brandView struct {
	pieceView
	Name, Promise, Words string
	Entities             []string
	Standards            []standardLine
	Lists                []questionList
	AddStandard          string
	State                string
}

// standardLine is a standard in a list.
type standardLine struct {
	Path, Notices, Says, Days string
	Touchpoints               int
	Over                      bool // it holds no more
}

// questionList are questions that come from a promise.
type questionList struct {
	Name  string
	Texts []string
}

var brandPage = page[brandView]("brand.html")

var brandPiece = piece[journey.Brand]{
	kind: journey.KindBrand, value: "brand",
	find: (*journey.Map).Brand,
	path: func(b journey.Brand) string { return brandAddress(b.Key) },
	facets: func(e *editor, _ journey.Brand) []mapField {
		return append(e.brandBody(), mapField{Name: "retired", Label: e.v.t("No more from"), Kind: "day"})
	},
	says: func(e *editor, b journey.Brand) map[string]string {
		out := brandTexts(e, b)
		out["retired"] = dayText(b.Retired)
		return out
	},
	show: showBrand,
	lost: func(v *visit) error {
		return v.refuse(http.StatusNotFound, v.t("There is no such brand"), v.t("All of them stand beside each other."), door{Path: "/promise", Text: v.t("What we promise")})
	},
	acts: []act[journey.Brand]{
		{
			heading: "The promise", about: "What service means under this name, and what is asked because of it: of customers, of those who want to work here, and of those who do.", button: "Save", noted: "promise changed",
			fields: func(e *editor, _ journey.Brand) []mapField { return e.brandBody() },
			texts:  brandTexts,
			apply: func(e *editor, key string, typed map[string]string) error {
				b, _ := e.m.Brand(key)
				return e.putBrand(b, typed)
			},
		},
		takeProposalsAct,
		{
			name: "retire", heading: "Retire it", about: "From that day on nothing is judged by its standards: they end on that day. What was judged before stays.", button: "Retire", noted: "brand retired",
			fits:   func(_ *editor, b journey.Brand) bool { return b.Retired == nil },
			fields: func(e *editor, _ journey.Brand) []mapField { return []mapField{e.fromField()} },
			texts:  func(e *editor, _ journey.Brand) map[string]string { return map[string]string{"from": e.today.String()} },
			apply: func(e *editor, key string, typed map[string]string) error {
				var wrong mistyped
				from := e.beginsOn(&wrong, "from", typed["from"])
				b, _ := e.m.Brand(key)
				b.Retired = &from
				for i := range e.m.Standards {
					x := &e.m.Standards[i]
					if x.Brand != key || x.Until != nil && *x.Until <= from {
						continue
					}
					if x.From != nil && *x.From >= from {
						return &journey.Refused{Why: e.v.t("The standard “%s” begins on %s; end it first, or name a later day.", x.Notices, *x.From)}
					}
					x.Until = &from
				}
				return wrong.err()
			},
		},
	},
}

func (e *editor) brandBody() []mapField {
	var kinds []mapOption
	for _, p := range journey.PromiseNames() {
		kinds = append(kinds, mapOption{Value: p, Text: e.v.t(promises[p])})
	}
	return []mapField{
		e.nameField(),
		{Name: "entities", Label: e.v.t("Brands or legal entities in the books"), Help: e.v.t("Of customers and orders, one a line. None: all that no other brand has."), Kind: "long"},
		{Name: "promise", Label: e.v.t("What service means"), Kind: "choice", Options: kinds},
		{Name: "words", Label: e.v.t("In its own words"), Help: e.v.t("As this brand says it to customers. Needed where the promise is one's own."), Kind: "long"},
		{Name: "touchpoints", Label: e.v.t("Asked of customers at touchpoints"), Help: e.v.t("One question a line."), Kind: "long"},
		{Name: "interviews", Label: e.v.t("Asked in interviews"), Help: e.v.t("Of those who want to work here, one a line."), Kind: "long"},
		{Name: "pulses", Label: e.v.t("Asked of our people"), Help: e.v.t("In pulses, one a line."), Kind: "long"},
	}
}

func brandTexts(_ *editor, b journey.Brand) map[string]string {
	return map[string]string{
		"name": b.Name, "entities": strings.Join(b.Entities, "\n"), "promise": b.Promise, "words": b.Words,
		"touchpoints": strings.Join(b.AtTouchpoints, "\n"), "interviews": strings.Join(b.AtInterviews, "\n"), "pulses": strings.Join(b.AtPulses, "\n"),
	}
}

func (e *editor) putBrand(b *journey.Brand, typed map[string]string) error {
	if err := e.named(typed); err != nil {
		return err
	}
	if typed["promise"] == journey.Own && typed["words"] == "" {
		return mistyped{{"words", e.v.t("A promise in one's own words has words")}}
	}
	b.Name, b.Entities, b.Promise, b.Words = typed["name"], lines(typed["entities"]), typed["promise"], typed["words"]
	b.AtTouchpoints, b.AtInterviews, b.AtPulses = lines(typed["touchpoints"]), lines(typed["interviews"]), lines(typed["pulses"])
	return nil
}

func showBrand(v *visit, status int, e *editor, b journey.Brand, p pieceView) error {
	view := brandView{pieceView: p, Name: b.Name, Promise: v.t(promises[b.Promise]), Words: b.Words, Entities: b.Entities, AddStandard: brandAddress(b.Key) + "/standards/new"}
	if b.Retired != nil {
		view.State = v.t("It is no more from %s on.", v.locale.day(*b.Retired))
	}
	if rest, ok := e.m.Rest(e.today); ok && rest.Key != b.Key && len(b.Entities) == 0 && (b.Retired == nil || e.today < *b.Retired) {
		view.State = strings.TrimSpace(view.State + " " + v.t("It has no customers: it names no entities, and %s has all that no brand names.", rest.Name))
	}
	for _, x := range e.m.Standards {
		if x.Brand == b.Key {
			view.Standards = append(view.Standards, e.standardLine(x))
		}
	}
	slices.SortStableFunc(view.Standards, func(a, b standardLine) int {
		if a.Over == b.Over {
			return 0
		}
		return map[bool]int{true: 1, false: -1}[a.Over]
	})
	for _, x := range []questionList{{v.t("Asked of customers at touchpoints"), b.AtTouchpoints}, {v.t("Asked in interviews"), b.AtInterviews}, {v.t("Asked of our people"), b.AtPulses}} {
		if len(x.Texts) > 0 {
			view.Lists = append(view.Lists, x)
		}
	}
	return brandPage.render(v, status, title{Text: b.Name}, view)
}

func (e *editor) standardLine(x journey.Standard) standardLine {
	line := standardLine{Path: standardAddress(x.Brand, x.Key), Notices: x.Notices, Says: e.v.locale.promise(x), Touchpoints: len(x.Touchpoints), Over: x.Until != nil && *x.Until <= e.today}
	switch {
	case x.From != nil && x.Until != nil:
		line.Days = e.v.t("%s up to and without %s", *x.From, *x.Until)
	case x.From != nil:
		line.Days = e.v.t("from %s", *x.From)
	case x.Until != nil:
		line.Days = e.v.t("up to and without %s", *x.Until)
	}
	return line
}

func (s *Server) brand(v *visit) error { return brandPiece.get(s, v) }

// brandSent takes one of the forms of the brand's page.
func (s *Server) brandSent(name string) func(*visit) error {
	return func(v *visit) error { return brandPiece.post(s, v, name) }
}

var newBrand = maker{
	path: "/promise/new", heading: "A new brand", about: "What service means under one name. A company with one name has one brand.", button: "Add it", kind: journey.KindBrand, noted: "brand added",
	back:   door{Path: "/promise", Text: "What we promise"},
	fields: func(e *editor) []mapField { return e.brandBody()[:4] },
	texts: func(e *editor) map[string]string {
		if len(e.m.Brands) == 0 {
			return map[string]string{"name": e.v.company.Name}
		}
		return map[string]string{}
	},
	make: func(e *editor, typed map[string]string) (string, error) {
		var b journey.Brand
		if err := e.putBrand(&b, typed); err != nil {
			return "", err
		}
		b.Key = fresh(b.Name, func(k string) bool { _, ok := e.m.Brand(k); return ok })
		e.m.Brands = append(e.m.Brands, b)
		return b.Key, nil
	},
	made: func(key string) string { return brandAddress(key) + "?done=saved" },
}

func (s *Server) brandNew(v *visit) error { return newBrand.get(s, v) }

func (s *Server) brandMade(v *visit) error { return newBrand.post(s, v) }
