package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// settingsView is the company's choices that figures depend on.
type settingsView struct {
	Version   int64
	Groups    []settingGroup
	MayChange bool
	MayKeep   bool
	Why, Do   string // a refusal that belongs to no field
	Wrongs    []settingField
	Stale     *meanwhile
	History   []editLine
}

// settingGroup are settings that belong together.
type settingGroup struct {
	Name, About string
	Fields      []settingField
}

// settingField is one setting as a form has it.
type settingField struct {
	Name, Label, Help string
	Kind              string // text, long or choice
	Value             string
	Options           []option
	Wrong, Do         string // why it was refused
	Required          bool
	Fixed             bool // the visitor may not change it
}

// option is one of a closed list.
type option struct {
	Value, Text string
	Chosen      bool
}

// editLine is one change in the history.
type editLine struct {
	Who, When string
	First     bool // the first version, of which nothing is listed
	Fields    []changedField
}

var settingsPage = page[settingsView]("settings.html")

// longHistory is how many changes the page lists.
const longHistory = 20

func (s *Server) settings(v *visit) error {
	now, err := s.Office.Settings(v.r.Context())
	if err != nil {
		return err
	}
	return s.showSettings(v, http.StatusOK, settingsView{Version: now.Version}, settingTexts(now.Config))
}

// showSettings answers with the form over what stands in its fields.
func (s *Server) showSettings(v *visit, status int, view settingsView, values map[string]string, wrong ...settingWrong) error {
	view.MayChange, view.MayKeep = v.may(access.ChangeSettings), v.may(access.ReadAudit)
	view.Groups = v.settingGroups(values)
	for _, w := range wrong {
		if !view.mark(w) {
			view.Why, view.Do = w.what, w.do
		}
	}
	edits, err := s.Office.SettingsHistory(v.r.Context(), longHistory)
	if err != nil {
		return err
	}
	for _, e := range edits {
		line := editLine{Who: s.whose(v, e.By), When: v.moment(e.At), First: e.Version == 1}
		if line.First {
			e.Changed = nil
		}
		for _, c := range e.Changed {
			line.Fields = append(line.Fields, changedField{Label: v.settingLabel(c.Key), Before: shown(c.Yours), After: shown(c.Their)})
		}
		view.History = append(view.History, line)
	}
	return settingsPage.render(v, status, title{Text: v.t("Settings")}, view)
}

// settingWrong is why a form was refused.
type settingWrong struct{ field, what, do string }

// mark puts a refusal beside the field that it is about.
func (s *settingsView) mark(w settingWrong) bool {
	for i := range s.Groups {
		for j := range s.Groups[i].Fields {
			if f := &s.Groups[i].Fields[j]; f.Name == w.field {
				f.Wrong, f.Do = w.what, w.do
				s.Wrongs = append(s.Wrongs, *f)
				return true
			}
		}
	}
	return false
}

// settingsSent takes the form, or gives it back with what is wrong, or with
// what somebody else has changed meanwhile.
func (s *Server) settingsSent(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	typed := map[string]string{}
	for _, f := range settingFields {
		typed[f.name] = strings.TrimSpace(strings.ToValidUTF8(v.r.PostFormValue(f.name), "\uFFFD"))
	}
	version, err := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
	if err != nil {
		return v.notWhole("/settings")
	}
	view := settingsView{Version: version}
	change, wrong := settingsChange(typed)
	if len(wrong) > 0 {
		return s.showSettings(v, http.StatusUnprocessableEntity, view, typed, wrong...)
	}
	err = s.Office.ChangeSettings(v.r.Context(), version, v.user().ID, change)
	var stale *program.Stale
	var refused *books.Refusal
	switch {
	case errors.As(err, &stale):
		return s.settingsStale(v, version, typed)
	case errors.As(err, &refused):
		return s.showSettings(v, http.StatusUnprocessableEntity, view, typed, v.settingRefusal(refused))
	case err != nil:
		return err
	}
	if err := v.noted("settings changed", "settings"); err != nil {
		return err
	}
	return v.goTo("/settings")
}

// settingRefusal finds the field that the books' own check is about.
func (v *visit) settingRefusal(r *books.Refusal) settingWrong {
	w := settingWrong{what: r.What, do: v.advised(r)}
	if rest, ok := strings.CutPrefix(r.What, "settings: "); ok {
		if name, what, ok := strings.Cut(rest, ": "); ok {
			w.field, w.what = name, what
		}
	}
	return w
}

// settingsStale shows what changed meanwhile beside what was typed. A field
// that was not touched takes the newer value, so that saving again puts only
// what was typed in the place of what is there.
func (s *Server) settingsStale(v *visit, version int64, typed map[string]string) error {
	ctx := v.r.Context()
	now, err := s.Office.Settings(ctx)
	if err != nil {
		return err
	}
	base, err := s.Office.SettingsAt(ctx, version)
	if errors.Is(err, program.ErrNone) {
		base, err = now, nil // a version of another store: everything counts as typed
	}
	if err != nil {
		return err
	}
	edits, err := s.Office.SettingsHistory(ctx, longHistory)
	if err != nil {
		return err
	}
	stale := &meanwhile{}
	for _, e := range edits {
		if e.Version > version {
			stale.By = append(stale.By, changer{Who: s.whose(v, e.By), When: v.moment(e.At)})
		}
	}
	var fields []labelled
	for _, f := range settingFields {
		fields = append(fields, labelled{f.name, v.t(f.label)})
	}
	stale.Fields, typed = edited{was: settingTexts(base.Config), is: settingTexts(now.Config), typed: typed}.meet(fields)
	return s.showSettings(v, http.StatusConflict, settingsView{Version: now.Version, Stale: stale}, typed)
}
