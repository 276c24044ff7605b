package web

import (
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
)

// meanwhile is what others changed since a form was opened: the page that
// refuses a stale edit shows it beside what was typed. Its template is
// "meanwhile" in parts.html, and every page with an edit form has one.
type meanwhile struct {
	By     []changer
	Fields []changedField
}

// changer is one of the changes: who made it, and when.
type changer struct{ Who, When string }

// changedField is a field as it was when the form was opened, as it is now,
// and as it was typed.
type changedField struct {
	Label         string
	Before, After string
	Yours         string
	Clash         bool // it was typed too, as something else
}

// edited are a form's fields by name, as they were when it was opened, as they
// are now and as they were typed.
type edited struct{ was, is, typed map[string]string }

// labelled is a field with its words.
type labelled struct{ name, label string }

// meet puts an edit beside what changed meanwhile. A field that was not
// touched takes the newer value, so that sending the form again puts only what
// was typed in the place of what is there.
func (e edited) meet(fields []labelled) (out []changedField, next map[string]string) {
	next = map[string]string{}
	for _, f := range fields {
		was, is, typed := e.was[f.name], e.is[f.name], e.typed[f.name]
		touched := typed != was
		if was != is {
			out = append(out, changedField{Label: f.label, Before: was, After: is, Yours: typed, Clash: touched && typed != is})
		}
		next[f.name] = is
		if touched {
			next[f.name] = typed
		}
	}
	return out, next
}

// changers names who changed something since a version.
func (s *Server) changers(v *visit, changes []program.Change) []changer {
	var out []changer
	for _, c := range changes {
		out = append(out, changer{Who: s.whose(v, c.By), When: v.moment(c.At)})
	}
	return out
}

// whose names who did something: a user by address for who may know the users,
// by roles for others.
func (s *Server) whose(v *visit, by int64) string {
	if by == 0 {
		return v.t("by hand, or by the program")
	}
	u, err := s.Gate.User(v.r.Context(), by)
	if err != nil || u.Email == "" {
		return v.t("user %d", by)
	}
	if v.may(access.ReadUsers) || v.may(access.ChangeSettings) || u.ID == v.user().ID {
		return u.Email
	}
	roles := make([]string, len(u.Roles))
	for i, r := range u.Roles {
		roles[i] = v.t(string(r))
	}
	return strings.Join(roles, ", ")
}
