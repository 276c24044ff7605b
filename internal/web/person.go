package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/throughline/throughline/internal/access"
)

// personView is one user, to look at and to change.
type personView struct {
	Path, Heading string
	Version       int64
	Form          personForm
	MayChange     bool
	Self          bool
	Disabled      bool // as it is kept, whatever the form says
	Created       string
	Sessions      int
	Way           string // how they can sign in
	Stale         *meanwhile
	History       []editLine
	Link          handedLink
	Mails         bool // a mail server is set up
	Done          string
}

var personPage = page[personView]("person.html")

// asked is the user that the address names; nil when there is none.
func (s *Server) asked(v *visit) (*access.User, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, s.noPerson(v)
	}
	u, err := s.Gate.User(v.r.Context(), id)
	if errors.Is(err, access.ErrNoUser) {
		return nil, s.noPerson(v)
	}
	return &u, err
}

func (s *Server) noPerson(v *visit) error {
	return v.refuse(http.StatusNotFound, v.t("There is no such user"), v.t("Users stand in the list of people."), door{Path: "/people", Text: v.t("People")})
}

func (s *Server) person(v *visit) error {
	u, err := s.asked(v)
	if u == nil || err != nil {
		return err
	}
	view := personView{}
	if v.r.URL.Query().Get("done") == "saved" {
		view.Done = v.t("Saved. It holds from now on.")
	}
	return s.showPerson(v, http.StatusOK, *u, view)
}

// formOf is a user as the form has them.
func (s *Server) formOf(v *visit, u access.User) (personForm, error) {
	form := personForm{Email: u.Email, Name: u.Name, Department: u.Department, Person: u.PersonID, Disabled: u.Disabled, Roles: v.roleOptions(u.Roles)}
	if u.Manager != 0 {
		m, err := s.Gate.User(v.r.Context(), u.Manager)
		if err != nil {
			return form, err
		}
		form.Manager = v.address(m)
	}
	return form, nil
}

// showPerson answers with the page; the view's form stands when it has one.
func (s *Server) showPerson(v *visit, status int, u access.User, view personView) (err error) {
	ctx := v.r.Context()
	if view.Form.Roles == nil {
		if view.Form, err = s.formOf(v, u); err != nil {
			return err
		}
	}
	if view.Version == 0 {
		view.Version = u.Version
	}
	all, err := s.Gate.Users(ctx)
	if err != nil {
		return err
	}
	view.Form.Managers = managers(all)
	sessions, err := s.Gate.Sessions(ctx, u.ID)
	if err != nil {
		return err
	}
	view.Path, view.Heading, view.MayChange, view.Self = personPath(u.ID), v.address(u), v.may(access.ManageUsers), u.ID == v.user().ID
	view.Disabled = u.Disabled
	view.Mails = s.Office.Post != nil
	view.Created, view.Sessions = v.moment(u.Created), len(sessions)
	if view.Way, err = s.wayIn(v, u); err != nil {
		return err
	}
	if view.History, err = s.personHistory(v, u); err != nil {
		return err
	}
	return personPage.render(v, status, title{Text: view.Heading}, view)
}

// wayIn says how a user can sign in.
func (s *Server) wayIn(v *visit, u access.User) (string, error) {
	password, err := s.Gate.HasPassword(v.r.Context(), u.ID)
	if err != nil {
		return "", err
	}
	keys, err := s.Gate.Passkeys(v.r.Context(), u.ID)
	switch {
	case password && len(keys) > 0:
		return v.t("password and passkey"), err
	case password:
		return v.t("password"), err
	case len(keys) > 0:
		return v.t("passkey"), err
	case s.Gate.Provider != nil:
		return v.t("none chosen yet; %s", s.Gate.Provider.Name()), err
	}
	return v.t("none chosen yet"), err
}

// personHistory are the changes of a user, newest first.
func (s *Server) personHistory(v *visit, u access.User) ([]editLine, error) {
	versions, err := s.Gate.History(v.r.Context(), u.ID)
	if err != nil {
		return nil, err
	}
	var out []editLine
	for i := 1; i < len(versions); i++ {
		was, is, err := s.both(v, versions[i-1].User, versions[i].User)
		if err != nil {
			return nil, err
		}
		line := editLine{Who: s.whose(v, versions[i].By), When: v.moment(versions[i].At)}
		for j := range was {
			if was[j].Value != is[j].Value {
				line.Fields = append(line.Fields, changedField{Label: was[j].Name, Before: was[j].Value, After: is[j].Value})
			}
		}
		out = append(out, line)
	}
	slices.Reverse(out)
	return out[:min(len(out), longHistory)], nil
}

// says lists a form's fields, in its order.
func (v *visit) says(f personForm) []said {
	var roles []string
	for _, r := range f.Roles {
		if r.Chosen {
			roles = append(roles, r.Text)
		}
	}
	state := v.t("may sign in")
	if f.Disabled {
		state = v.t("disabled")
	}
	return []said{
		{v.t("Mail address"), f.Email}, {v.t("Name"), f.Name}, {v.t("Roles"), named(roles)}, {v.t("Department"), f.Department},
		{v.t("Reports to"), f.Manager}, {v.t("In the book of people"), f.Person}, {v.t("State"), state},
	}
}

func (s *Server) both(v *visit, a, b access.User) (was, is []said, err error) {
	before, err := s.formOf(v, a)
	if err != nil {
		return nil, nil, err
	}
	after, err := s.formOf(v, b)
	return v.says(before), v.says(after), err
}

// personSent saves the form, or gives it back with what is wrong or what
// somebody else changed meanwhile.
func (s *Server) personSent(v *visit) error {
	now, err := s.asked(v)
	if now == nil || err != nil {
		return err
	}
	typed, form, err := s.typedPerson(v, *now)
	version, versionErr := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
	if versionErr != nil {
		return v.refuse(http.StatusBadRequest, v.t("This form is not whole"), v.t("Open the user again and change them there."), door{Path: personPath(now.ID), Text: v.address(*now)})
	}
	typed.Version = version
	if err == nil {
		_, err = s.Gate.ChangeUser(v.r.Context(), v.user().ID, typed)
	}
	var stale *access.Stale
	switch {
	case errors.As(err, &stale):
		return s.personStale(v, typed, form, stale)
	case form.refuse(v, err):
		return s.showPerson(v, http.StatusUnprocessableEntity, *now, personView{Form: form, Version: version})
	case err != nil:
		return err
	}
	return v.goTo(personPath(now.ID) + "?done=saved")
}

// personStale shows what changed meanwhile beside what was typed. A field that
// was not touched takes the newer value.
func (s *Server) personStale(v *visit, typed access.User, form personForm, stale *access.Stale) error {
	base, err := s.Gate.UserAt(v.r.Context(), typed.ID, typed.Version)
	if err != nil {
		return err
	}
	was, is, err := s.both(v, base, stale.Now)
	if err != nil {
		return err
	}
	yours := v.says(form)
	view := personView{Stale: &meanwhile{}, Version: stale.Now.Version}
	for _, c := range stale.Changes {
		view.Stale.By = append(view.Stale.By, changer{Who: s.whose(v, c.By), When: v.moment(c.At)})
	}
	for i := range was {
		if was[i].Value != is[i].Value {
			touched := yours[i].Value != was[i].Value
			view.Stale.Fields = append(view.Stale.Fields, changedField{
				Label: was[i].Name, Before: was[i].Value, After: is[i].Value, Yours: yours[i].Value, Clash: touched && yours[i].Value != is[i].Value,
			})
		}
	}
	if view.Form, err = s.formOf(v, access.Merge(base, typed, stale.Now)); err != nil {
		return err
	}
	return s.showPerson(v, http.StatusConflict, stale.Now, view)
}

// personLinked makes a link for a user and shows it, this once.
func (s *Server) personLinked(v *visit) error {
	u, err := s.asked(v)
	if u == nil || err != nil {
		return err
	}
	kind := access.InvitationLink
	if v.r.PostFormValue("kind") == string(access.ResetLink) {
		kind = access.ResetLink
	}
	secret, err := s.Gate.NewLink(v.r.Context(), v.user().ID, u.ID, kind)
	var refused *access.Refusal
	if errors.As(err, &refused) {
		return v.refuse(http.StatusUnprocessableEntity, refused.What, refused.Do, door{Path: personPath(u.ID), Text: v.address(*u)})
	}
	if err != nil {
		return err
	}
	if err := v.settle(personPath(u.ID)); err != nil {
		return err
	}
	v.w.Header().Set("Cache-Control", "no-store")
	return s.showPerson(v, http.StatusOK, *u, personView{Link: s.handed(v, *u, secret, kind)})
}

// personSignedOut ends all sessions of a user.
func (s *Server) personSignedOut(v *visit) error {
	u, err := s.asked(v)
	if u == nil || err != nil {
		return err
	}
	if err := s.Gate.SignOutEverywhere(v.r.Context(), v.user().ID, u.ID); err != nil {
		return err
	}
	return v.goTo(personPath(u.ID))
}
