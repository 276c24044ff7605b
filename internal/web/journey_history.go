package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// journeyHistoryView is what changed lately, of the promise, the map and the roles.
type journeyHistoryView struct {
	Edits []mapEdit
	Turn  turn
	Today string
	Wrong string // why something was not undone
	Sends string // where what is to be undone is sent, from this page
}

// mapEdit is what was changed at once.
type mapEdit struct {
	Who, When string
	Lines     []mapChange
	More      []mapChange // beyond the first few
	N         int         // things that were changed, also those on other pages
	Undo      int64       // a change of it, by which it is undone; 0: it is not
}

// mapChange is one change of one thing.
type mapChange struct {
	editLine
	Kind, Name, Path string // no path: it cannot be opened
	Made, Gone       bool
}

var journeyHistoryPage = page[journeyHistoryView]("journey-history.html")

// changesShown is how many stand on a page, and linesShown how many of one edit before one has to ask.
const (
	changesShown = 50
	linesShown   = 8
)

// kindNames say what each kind of piece is.
var kindNames = map[string]string{
	journey.KindBrand: "brand", journey.KindStandard: "standard", journey.KindJourney: "journey", journey.KindDepartment: "department", journey.KindTouchpoint: "touchpoint", journey.KindRole: "role",
	journey.KindAside: "name set aside",
}

func (s *Server) journeyHistory(v *visit) error {
	return s.showHistory(v, http.StatusOK, "")
}

func (s *Server) showHistory(v *visit, status int, wrong string) error {
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
	view := journeyHistoryView{Today: e.today.String(), Wrong: wrong, Sends: "/journey/history/undo"}
	for rest := changes; len(rest) > 0; {
		n := 1
		for n < len(rest) && office.SameEdit(rest[n], rest[0]) {
			n++
		}
		edit, err := s.mapEdit(v, e, rest[:n])
		if err != nil {
			return err
		}
		whole := rest[:n]
		if n == len(rest) || len(rest) == len(changes) { // it may go on on another page
			if whole, err = s.Office.Edit(v.r.Context(), rest[0].ID); err != nil {
				return err
			}
		}
		if edit.N, edit.Undo, err = s.undo(v, whole); err != nil {
			return err
		}
		view.Edits, rest = append(view.Edits, edit), rest[n:]
	}
	if before > 0 {
		view.Turn.First = "/journey/history"
		view.Sends += "?before=" + strconv.FormatInt(before, 10)
	}
	if len(changes) == changesShown {
		view.Turn.Next = "/journey/history?before=" + strconv.FormatInt(changes[len(changes)-1].ID, 10)
	}
	return journeyHistoryPage.render(v, status, title{Text: v.t("What changed lately")}, view)
}

// mapEdit is what was changed at once, newest first.
func (s *Server) mapEdit(v *visit, e *editor, changes []program.Change) (mapEdit, error) {
	out := mapEdit{Who: s.whose(v, changes[0].By), When: v.moment(changes[0].At)}
	for _, c := range changes {
		line, err := s.mapChange(v, e, c)
		if err != nil {
			return out, err
		}
		out.Lines = append(out.Lines, line)
	}
	if len(out.Lines) > linesShown {
		out.Lines, out.More = out.Lines[:linesShown-2], out.Lines[linesShown-2:]
	}
	return out, nil
}

// undo is how many things an edit changed, and by which of its changes it is undone; 0 where somebody has changed one of them since.
func (s *Server) undo(v *visit, edit []program.Change) (n int, id int64, err error) {
	if len(edit) == 0 || !v.may(access.ChangeJourney) {
		return len(edit), 0, nil
	}
	can, err := s.Office.Undoable(v.r.Context(), edit)
	if can {
		id = edit[0].ID
	}
	return len(edit), id, err
}

// journeyUndone takes back what was changed at once.
func (s *Server) journeyUndone(v *visit) error {
	id, err := strconv.ParseInt(v.r.PostFormValue("change"), 10, 64)
	if err != nil {
		return v.goTo("/journey/history")
	}
	edit, err := s.Office.Edit(v.r.Context(), id)
	if err != nil {
		return err
	}
	change, err := office.Undoes(edit)
	if err == nil {
		_, err = s.Office.ChangeJourney(v.r.Context(), office.JourneyEdit{By: v.user().ID, Change: change})
	}
	var broken *office.JourneyRefusal
	var stale *program.Stale
	switch {
	case errors.As(err, &broken):
		return s.showHistory(v, http.StatusUnprocessableEntity, broken.Error())
	case errors.As(err, &stale):
		return s.showHistory(v, http.StatusConflict, stale.Error())
	case err != nil:
		return err
	}
	if err := v.noted("journey changed", "undone: "+office.EditName(edit)); err != nil {
		return err
	}
	return v.goTo("/journey/history")
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
