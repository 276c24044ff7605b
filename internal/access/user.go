package access

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Users lists all users by id, the disabled too.
func (g *Gate) Users(ctx context.Context) ([]User, error) { return g.Store.Users(ctx) }

// User finds one. ErrNoUser.
func (g *Gate) User(ctx context.Context, id int64) (User, error) { return g.Store.User(ctx, id) }

// Invite adds a user and makes the secret of their invitation's link.
func (g *Gate) Invite(ctx context.Context, by int64, u User) (added User, secret string, err error) {
	u, err = u.tidy()
	if err != nil {
		return u, "", err
	}
	err = g.Together(ctx, func(ctx context.Context) error {
		if added, err = g.add(ctx, by, u); err != nil {
			return err
		}
		secret, err = g.NewLink(ctx, by, added.ID, InvitationLink)
		return err
	})
	return added, secret, err
}

func (g *Gate) add(ctx context.Context, by int64, u User) (User, error) {
	if err := g.line(ctx, u); err != nil {
		return u, err
	}
	u.Created = g.now()
	u, err := g.Store.AddUser(ctx, UserVersion{User: u, By: by, At: u.Created})
	if err != nil {
		return u, err
	}
	return u, g.Record(ctx, Entry{Who: by, What: "user added", Object: object("user", u.ID), Detail: Detail(map[string]any{"roles": u.Roles, "department": u.Department})})
}

// ChangeUser writes a user whose Version is the one that the edit started
// from. *Stale when there is a newer one; a *Refusal when nobody would be
// left to administer.
func (g *Gate) ChangeUser(ctx context.Context, by int64, u User) (changed User, err error) {
	if u, err = u.tidy(); err != nil {
		return u, err
	}
	err = g.Together(ctx, func(ctx context.Context) error {
		was, err := g.current(ctx, u)
		if err != nil {
			return err
		}
		u.Created = was.Created
		if err := errors.Join(g.line(ctx, u), g.administered(ctx, was, u)); err != nil {
			return err
		}
		fields := differing(was, u)
		if len(fields) == 0 {
			changed = was
			return nil
		}
		if changed, err = g.Store.ChangeUser(ctx, UserVersion{User: u, By: by, At: g.now()}); err != nil {
			return err
		}
		if u.Disabled && !was.Disabled {
			if err := errors.Join(g.putOut(ctx, u.ID), g.Store.EndLinks(ctx, u.ID, InvitationLink, ResetLink, SignInLink)); err != nil {
				return err
			}
		}
		return g.Record(ctx, Entry{Who: by, What: "user changed", Object: object("user", u.ID), Detail: changes(was, u, fields)})
	})
	return changed, err
}

// current is the user as they are, when nobody changed them since.
func (g *Gate) current(ctx context.Context, u User) (User, error) {
	was, err := g.Store.User(ctx, u.ID)
	if err != nil || was.Version == u.Version {
		return was, err
	}
	since, err := g.Store.UserVersions(ctx, u.ID, u.Version)
	if err != nil {
		return was, err
	}
	return was, &Stale{Now: was, Changes: since}
}

// administered refuses to take the last administrator away.
func (g *Gate) administered(ctx context.Context, was, changed User) error {
	if !was.administers() || changed.administers() {
		return nil
	}
	all, err := g.Store.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.ID != changed.ID && u.administers() {
			return nil
		}
	}
	return &Refusal{Field: "roles", What: "nobody would be left to administer", Do: "make somebody else an administrator first"}
}

func (u User) administers() bool { return u.Has(Administrator) && !u.Disabled }

// line refuses a manager who does not exist, or who reports to the user.
func (g *Gate) line(ctx context.Context, u User) error {
	for at, seen := u.Manager, map[int64]bool{}; at != 0 && !seen[at]; {
		if at == u.ID {
			return &Refusal{Field: "manager", What: "this manager reports to the user, directly or down the line", Do: "choose another"}
		}
		seen[at] = true
		m, err := g.Store.User(ctx, at)
		if errors.Is(err, ErrNoUser) && at == u.Manager {
			return &Refusal{Field: "manager", What: "there is no such manager", Do: "choose one of the users"}
		}
		if err != nil {
			return err
		}
		at = m.Manager
	}
	return nil
}

// tidy brings a user's fields into the form in which they are kept.
func (u User) tidy() (User, error) {
	u.Email, u.Name, u.PersonID = mail(u.Email), strings.TrimSpace(u.Name), strings.TrimSpace(u.PersonID)
	var levels []string
	for _, l := range strings.Split(u.Department, "/") {
		if l = strings.TrimSpace(l); l != "" {
			levels = append(levels, l)
		}
	}
	u.Department = strings.Join(levels, "/")
	u.Roles = slices.Clone(u.Roles)
	slices.Sort(u.Roles)
	u.Roles = slices.Compact(u.Roles)
	return u, u.sound()
}

// sound refuses fields that cannot be right.
func (u User) sound() error {
	at, err := netmail.ParseAddress(u.Email)
	if err != nil || at.Address != u.Email || at.Name != "" || len(u.Email) > 254 {
		return &Refusal{Field: "email", What: "this is not a mail address", Do: "give one such as lead@example.com"}
	}
	for _, f := range [][2]string{{"name", u.Name}, {"department", u.Department}, {"person", u.PersonID}, {"locale", u.Locale}} {
		if utf8.RuneCountInString(f[1]) > 200 || strings.ContainsFunc(f[1], unicode.IsControl) || !utf8.ValidString(f[1]) {
			return &Refusal{Field: f[0], What: "the " + f[0] + " is longer than 200 characters, or holds characters that cannot be shown", Do: "shorten it"}
		}
	}
	if len(u.Roles) == 0 {
		return &Refusal{Field: "roles", What: "a user needs a role", Do: "choose at least one of " + joined(Roles)}
	}
	for _, r := range u.Roles {
		if !slices.Contains(Roles, r) {
			return &Refusal{Field: "roles", What: fmt.Sprintf("there is no role %q", r), Do: "choose from " + joined(Roles)}
		}
	}
	return nil
}

// differing names the fields in which two versions of a user differ.
func differing(a, b User) []string {
	var out []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"email", a.Email == b.Email}, {"name", a.Name == b.Name}, {"roles", slices.Equal(a.Roles, b.Roles)},
		{"department", a.Department == b.Department}, {"manager", a.Manager == b.Manager}, {"person", a.PersonID == b.PersonID},
		{"locale", a.Locale == b.Locale}, {"disabled", a.Disabled == b.Disabled},
	} {
		if !f.same {
			out = append(out, f.name)
		}
	}
	return out
}

// Differing names the fields that a newer version of a user changed.
func (v UserVersion) Differing(before User) []string { return differing(before, v.User) }

// changes tells for the audit log which fields changed, and the values of
// those that name nobody.
func changes(was, is User, fields []string) []byte {
	detail := map[string]any{"fields": fields}
	if slices.Contains(fields, "roles") {
		detail["roles"] = is.Roles
		detail["roles_before"] = was.Roles
	}
	if slices.Contains(fields, "disabled") {
		detail["disabled"] = is.Disabled
	}
	return Detail(detail)
}

// History lists every version of a user, oldest first.
func (g *Gate) History(ctx context.Context, id int64) ([]UserVersion, error) {
	return g.Store.UserVersions(ctx, id, 0)
}

// UserAt is a user as of one version. ErrNoUser when there is no such version.
func (g *Gate) UserAt(ctx context.Context, id, version int64) (User, error) {
	versions, err := g.Store.UserVersions(ctx, id, version-1)
	if err != nil {
		return User{}, err
	}
	if len(versions) == 0 || versions[0].Version != version {
		return User{}, ErrNoUser
	}
	return versions[0].User, nil
}

// Merge is what an edit that started from base comes to over a newer version:
// a field that was not touched takes the newer value.
func Merge(base, edited, newer User) User {
	out := newer
	fields := differing(base, edited)
	for name, take := range map[string]func(){
		"email": func() { out.Email = edited.Email }, "name": func() { out.Name = edited.Name }, "roles": func() { out.Roles = edited.Roles },
		"department": func() { out.Department = edited.Department }, "manager": func() { out.Manager = edited.Manager },
		"person": func() { out.PersonID = edited.PersonID }, "locale": func() { out.Locale = edited.Locale }, "disabled": func() { out.Disabled = edited.Disabled },
	} {
		if slices.Contains(fields, name) {
			take()
		}
	}
	return out
}
