package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/throughline/throughline/journey"
)

// journeyOneView is one journey with its stages.
type journeyOneView struct {
	pieceView
	Name, Brand string
	BrandPath   string
	Stages      []stageLine
	State       string
}

// stageLine is a stage with how many touchpoints stand in it.
type stageLine struct {
	Name, About string
	Count       int
	Add         string // where one is added to it
}

var journeyOnePage = page[journeyOneView]("journey-one.html")

func journeyAddress(key string) string { return "/journey/journeys/" + url.PathEscape(key) }

// journeyPiece is how journeys are edited.
var journeyPiece = piece[journey.Journey]{
	kind: journey.KindJourney,
	find: (*journey.Map).Journey,
	path: func(j journey.Journey) string { return journeyAddress(j.Key) },
	facets: func(e *editor, j journey.Journey) []mapField {
		out := slices.DeleteFunc(e.journeyBody(j.Key), func(f mapField) bool { return f.Name == "before" })
		return append(out, mapField{Name: "retired", Label: e.v.t("No more from"), Kind: "day"})
	},
	says: func(e *editor, j journey.Journey) map[string]string {
		out := journeyTexts(e, j)
		out["retired"] = dayText(j.Retired)
		return out
	},
	show: showJourneyOne,
	lost: func(v *visit) error {
		return v.refuse(http.StatusNotFound, v.t("There is no such journey"), v.t("All of them stand on the page by which the map is edited."), door{Path: "/journey/edit", Text: v.t("Edit the map")})
	},
	acts: []act[journey.Journey]{
		{
			heading: "Name, brand and stages", about: "A stage keeps its touchpoints when it is renamed or moved. One that is taken away must have none.", button: "Save", noted: "journey changed",
			fields: func(e *editor, j journey.Journey) []mapField { return e.journeyBody(j.Key) },
			texts:  journeyTexts,
			apply: func(e *editor, key string, typed map[string]string) error {
				j, _ := e.m.Journey(key)
				return e.putJourney(j, typed)
			},
		},
		{
			name: "retire", heading: "Retire it", about: "From that day on it is no more. No touchpoint may stand in it then.", button: "Retire", noted: "journey retired",
			fits:   func(_ *editor, j journey.Journey) bool { return j.Retired == nil },
			fields: func(e *editor, _ journey.Journey) []mapField { return []mapField{e.fromField()} },
			texts: func(e *editor, _ journey.Journey) map[string]string {
				return map[string]string{"from": e.today.String()}
			},
			apply: func(e *editor, key string, typed map[string]string) error {
				var wrong mistyped
				from := e.beginsOn(&wrong, "from", typed["from"])
				for _, t := range e.m.Touchpoints {
					if t.Journey == key && t.Open(from) {
						return &journey.Refused{Why: e.v.t("The touchpoint %s stands in it on %s; move it to another journey first, or retire it.", t.Name, from)}
					}
				}
				j, _ := e.m.Journey(key)
				j.Retired = &from
				return wrong.err()
			},
		},
	},
}

func (e *editor) journeyBody(key string) []mapField {
	brands := []mapOption{{Text: e.v.t("every brand")}}
	for _, b := range e.m.Brands {
		brands = append(brands, mapOption{Value: b.Key, Text: b.Name, Data: true})
	}
	before := []mapOption{{Text: e.v.t("last")}}
	for _, j := range e.m.Journeys {
		if j.Key != key {
			before = append(before, mapOption{Value: j.Key, Text: e.v.t("before %s", j.Name)})
		}
	}
	stages := []mapOption{{Text: e.v.t("a new one")}}
	if j, ok := e.m.Journey(key); ok {
		for _, s := range j.Stages {
			stages = append(stages, mapOption{Value: s.Key, Text: s.Name, Data: true})
		}
	}
	return []mapField{
		e.nameField(), {Name: "brand", Label: e.v.t("Of the brand"), Kind: "choice", Options: brands}, {Name: "before", Label: e.v.t("Where it stands among the journeys"), Kind: "choice", Options: before},
		{Name: "stages", Label: e.v.t("Stages"), Help: e.v.t("In the order of their numbers. To take one away, empty its name."), Kind: "rows", Spare: 2, Columns: []formColumn{
			{Name: "number", Label: e.v.t("Number"), Kind: "number", Short: true}, {Name: "name", Label: e.v.t("Name"), Kind: "text"}, {Name: "about", Label: e.v.t("What happens in it"), Kind: "text"},
			{Name: "was", Label: e.v.t("It was"), Kind: "choice", Options: stages, Short: true, Mute: true},
		}},
	}
}

func journeyTexts(e *editor, j journey.Journey) map[string]string {
	next := ""
	for i, o := range e.m.Journeys {
		if o.Key == j.Key && i+1 < len(e.m.Journeys) {
			next = e.m.Journeys[i+1].Key
		}
	}
	var stages [][]string
	for i, s := range j.Stages {
		stages = append(stages, []string{strconv.Itoa(i + 1), oneLine(s.Name), oneLine(s.About), s.Key})
	}
	return map[string]string{"name": j.Name, "brand": j.Brand, "before": next, "stages": rowsText(stages)}
}

// putJourney reads the form onto a journey. A row that says which stage it was keeps that stage's key, and so its touchpoints.
func (e *editor) putJourney(j *journey.Journey, typed map[string]string) error {
	if err := e.named(typed); err != nil {
		return err
	}
	var wrong mistyped
	type numbered struct {
		journey.Stage
		at float64
	}
	var stages []numbered
	for i, row := range rowsOf(typed["stages"], 4) {
		if row[1] == "" {
			if row[2] != "" && row[3] == "" {
				wrong.add(e.v, "stages", "A row has no name")
			}
			continue
		}
		at := float64(i + 1)
		if row[0] != "" {
			n, err := strconv.ParseFloat(row[0], 64)
			if err != nil {
				wrong.add(e.v, "stages", "%q is no number", shown(row[0]))
			}
			at = n
		}
		if row[3] != "" && slices.ContainsFunc(stages, func(s numbered) bool { return s.Key == row[3] }) {
			wrong.add(e.v, "stages", "Two rows say that they were the same stage")
		}
		stages = append(stages, numbered{journey.Stage{Key: row[3], Name: row[1], About: row[2]}, at})
	}
	slices.SortStableFunc(stages, func(a, b numbered) int { return cmp.Compare(a.at, b.at) })
	has := func(key string) bool {
		return slices.ContainsFunc(stages, func(s numbered) bool { return s.Key == key }) || slices.ContainsFunc(j.Stages, func(s journey.Stage) bool { return s.Key == key })
	}
	for i := range stages {
		if stages[i].Key == "" {
			stages[i].Key = journey.KeyFor(stages[i].Name, has)
		}
	}
	for _, s := range j.Stages {
		if n := e.standing(j.Key, s.Key); n > 0 && !slices.ContainsFunc(stages, func(x numbered) bool { return x.Key == s.Key }) {
			wrong.add(e.v, "stages", "%d touchpoints stand in %s, also counting those that are no more; it can be renamed and not taken away", n, s.Name)
		}
	}
	if len(stages) == 0 {
		wrong.add(e.v, "stages", "A journey has one stage or more")
	}
	before := typed["before"]
	moved := before != journeyTexts(e, *j)["before"]
	j.Name, j.Brand, j.Stages = typed["name"], typed["brand"], nil
	for _, s := range stages {
		j.Stages = append(j.Stages, s.Stage)
	}
	if moved {
		e.m.PlaceJourney(j.Key, before)
	}
	return wrong.err()
}

// standing counts the touchpoints of a stage.
func (e *editor) standing(in, stage string) (n int) {
	for _, t := range e.m.Touchpoints {
		if t.Journey == in && t.Stage == stage {
			n++
		}
	}
	return n
}

func showJourneyOne(v *visit, status int, e *editor, j journey.Journey, p pieceView) error {
	view := journeyOneView{pieceView: p, Name: j.Name}
	if b, ok := e.m.Brand(j.Brand); ok {
		view.Brand, view.BrandPath = b.Name, brandAddress(b.Key)
	}
	if j.Retired != nil {
		view.State = v.t("It is no more from %s on.", v.locale.day(*j.Retired))
	}
	for _, s := range j.Stages {
		line := stageLine{Name: s.Name, About: s.About, Add: touchpointNewPath(j.Key, s.Key)}
		for _, t := range e.m.Touchpoints {
			if t.Journey == j.Key && t.Stage == s.Key && t.Open(e.today) {
				line.Count++
			}
		}
		view.Stages = append(view.Stages, line)
	}
	return journeyOnePage.render(v, status, title{Text: j.Name}, view)
}

func (s *Server) journeyOne(v *visit) error { return journeyPiece.get(s, v) }

// journeySent takes one of the forms of the journey's page.
func (s *Server) journeySent(name string) func(*visit) error {
	return func(v *visit) error { return journeyPiece.post(s, v, name) }
}

var newJourney = maker{
	path: "/journey/journeys/new", heading: "A new journey", about: "A way of customers through stages, such as from hearing of us to coming back.", button: "Add it", kind: journey.KindJourney, noted: "journey added",
	back: door{Path: "/journey/edit", Text: "Edit the map"},
	fields: func(e *editor) []mapField {
		out := e.journeyBody("")
		out[3].Columns, out[3].Spare = out[3].Columns[:3], 6
		return out
	},
	texts: func(*editor) map[string]string { return map[string]string{} },
	make: func(e *editor, typed map[string]string) (string, error) {
		j := journey.Journey{Name: typed["name"], Key: fresh(typed["name"], func(k string) bool { _, ok := e.m.Journey(k); return ok })}
		before := typed["before"]
		put := map[string]string{"name": typed["name"], "brand": typed["brand"], "stages": typed["stages"]}
		if err := e.putJourney(&j, put); err != nil {
			return "", err
		}
		e.m.Journeys = append(e.m.Journeys, j)
		e.m.PlaceJourney(j.Key, before)
		return j.Key, nil
	},
	made: func(key string) string { return journeyAddress(key) + "?done=saved" },
}

func (s *Server) journeyNew(v *visit) error { return newJourney.get(s, v) }

func (s *Server) journeyMade(v *visit) error { return newJourney.post(s, v) }
