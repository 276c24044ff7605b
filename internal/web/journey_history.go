package web

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// journeyHistoryView is what changed lately, of the promise, the map and the roles.
type journeyHistoryView struct {
	Lines []mapChange
	Turn  turn
	Today string
}

// mapChange is one change of one thing.
type mapChange struct {
	editLine
	Kind, Name, Path string // no path: it cannot be opened
	Made, Gone       bool
}

var journeyHistoryPage = page[journeyHistoryView]("journey-history.html")

// changesShown is how many stand on a page.
const changesShown = 50

// kindNames say what each kind of piece is.
var kindNames = map[string]string{
	journey.KindBrand: "brand", journey.KindStandard: "standard", journey.KindJourney: "journey", journey.KindDepartment: "department", journey.KindTouchpoint: "touchpoint", journey.KindRole: "role",
	journey.KindAside: "name set aside",
}

func (s *Server) journeyHistory(v *visit) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	before, err := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	changes, err := s.Office.PiecesLately(v.r.Context(), before, changesShown)
	if err != nil {
		return err
	}
	view := journeyHistoryView{Today: e.today.String()}
	for _, c := range changes {
		line, err := s.mapChange(v, e, c)
		if err != nil {
			return err
		}
		view.Lines = append(view.Lines, line)
	}
	if before > 0 {
		view.Turn.First = "/journey/history"
	}
	if len(changes) == changesShown {
		view.Turn.Next = "/journey/history?before=" + strconv.FormatInt(changes[len(changes)-1].ID, 10)
	}
	return journeyHistoryPage.render(v, http.StatusOK, title{Text: v.t("What changed lately")}, view)
}

// mapChange is one change in words.
func (s *Server) mapChange(v *visit, e *editor, c program.Change) (mapChange, error) {
	var is struct{ Key, Name, Notices, Brand string }
	body := c.After
	if body == nil {
		body = c.Before
	}
	out := mapChange{Kind: v.t(kindNames[c.Entity.Kind]), Made: c.Before == nil, Gone: c.After == nil}
	if err := json.Unmarshal(body, &is); err != nil {
		return out, err
	}
	out.Name = orElse(orElse(is.Name, is.Notices), is.Key)
	var there bool
	var err error
	switch c.Entity.Kind {
	case journey.KindBrand:
		_, there = e.m.Brand(is.Key)
		out.Path = brandAddress(is.Key)
		out.editLine, err = brandPiece.line(s, v, e, c)
	case journey.KindStandard:
		_, there = e.m.Standard(is.Key)
		out.Path = standardAddress(is.Brand, is.Key)
		out.editLine, err = standardPiece.line(s, v, e, c)
	case journey.KindJourney:
		_, there = e.m.Journey(is.Key)
		out.Path = journeyAddress(is.Key)
		out.editLine, err = journeyPiece.line(s, v, e, c)
	case journey.KindDepartment:
		_, there = e.m.Department(is.Key)
		out.Path = departmentAddress(is.Key)
		out.editLine, err = departmentPiece.line(s, v, e, c)
	case journey.KindTouchpoint:
		_, there = e.m.Touchpoint(is.Key)
		out.Path = touchpointAddress(is.Key)
		out.editLine, err = touchpointPiece.line(s, v, e, c)
	case journey.KindRole:
		_, there = e.m.Role(is.Key)
		out.Path = roleAddress(is.Key)
		out.editLine, err = rolePiece.line(s, v, e, c)
	default:
		out.editLine = editLine{Who: s.whose(v, c.By), When: v.moment(c.At)}
	}
	if !there {
		out.Path = ""
	}
	if out.Made || out.Gone {
		out.Fields = nil
	}
	return out, err
}
