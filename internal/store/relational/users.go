package relational

import (
	"context"
	"encoding/json"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
)

// known is how a version of a user stands in the history.
type known struct {
	Email      string        `json:"email"`
	Name       string        `json:"name"`
	Roles      []access.Role `json:"roles"`
	Department string        `json:"department"`
	Manager    int64         `json:"manager"`
	PersonID   string        `json:"person_id"`
	Locale     string        `json:"locale"`
	Disabled   bool          `json:"disabled"`
	Created    time.Time     `json:"created"`
}

func knownOf(u access.User) known {
	return known{u.Email, u.Name, u.Roles, u.Department, u.Manager, u.PersonID, u.Locale, u.Disabled, u.Created}
}

func (k known) user(id, version int64) access.User {
	return access.User{
		ID: id, Version: version, Email: k.Email, Name: k.Name, Roles: k.Roles, Department: k.Department, Manager: k.Manager,
		PersonID: k.PersonID, Locale: k.Locale, Disabled: k.Disabled, Created: k.Created.UTC(),
	}
}

const userColumns = "u.id, u.version, u.email, u.name, u.roles, u.department, u.manager, u.person_id, u.locale, u.disabled, u.created"

// userRow is a user as they lie in their table.
type userRow struct {
	access.User
	roles, created string
	disabled       int64
}

func (r *userRow) into() []any {
	u := &r.User
	return []any{&u.ID, &u.Version, &u.Email, &u.Name, &r.roles, &u.Department, &u.Manager, &u.PersonID, &u.Locale, &r.disabled, &r.created}
}

func (r *userRow) user() (u access.User, err error) {
	r.Disabled = r.disabled != 0
	if r.Created, err = moment(r.created); err != nil {
		return r.User, err
	}
	err = json.Unmarshal([]byte(r.roles), &r.Roles)
	return r.User, err
}

func readUser(scan scanner) (access.User, error) {
	var r userRow
	if err := scan(r.into()...); err != nil {
		return r.User, err
	}
	return r.user()
}

// Users lists all by id, the disabled too.
func (s *Store) Users(ctx context.Context) ([]access.User, error) {
	out, err := all(ctx, s.ask(ctx), readUser, "SELECT "+userColumns+" FROM users u ORDER BY u.id")
	return out, s.plain(ctx, "read users in", err)
}

// User is one of them, or access.ErrNoUser.
func (s *Store) User(ctx context.Context, id int64) (access.User, error) {
	return s.userWhere(ctx, "u.id = ?", id)
}

// UserByEmail finds a user by a mail address in lower case, or access.ErrNoUser.
func (s *Store) UserByEmail(ctx context.Context, email string) (access.User, error) {
	if email == "" {
		return access.User{}, access.ErrNoUser // whoever was forgotten has none
	}
	return s.userWhere(ctx, "u.email = ?", email)
}

func (s *Store) userWhere(ctx context.Context, where string, arg any) (access.User, error) {
	u, found, err := first(ctx, s.ask(ctx), readUser, "SELECT "+userColumns+" FROM users u WHERE "+where, arg)
	if err == nil && !found {
		return u, access.ErrNoUser
	}
	return u, s.plain(ctx, "read a user in", err)
}

// AddUser gives a new user the next id and version 1, or returns access.ErrTaken.
func (s *Store) AddUser(ctx context.Context, v access.UserVersion) (access.User, error) {
	u := v.User
	u.Version = 1
	if u.Created.IsZero() {
		u.Created = v.At
	}
	err := s.change(ctx, "add a user to", func(c conn) error {
		roles, err := json.Marshal(u.Roles)
		if err != nil {
			return err
		}
		u.ID, err = c.insert(ctx, `INSERT INTO users (version, email, name, roles, department, manager, person_id, locale, disabled, created)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			u.Version, u.Email, u.Name, string(roles), u.Department, u.Manager, u.PersonID, u.Locale, number(u.Disabled), stamped(u.Created))
		if s.taken(err) {
			return access.ErrTaken
		}
		if err != nil {
			return err
		}
		return c.record(ctx, userChange(u, v), nil, knownOf(u))
	})
	return u, err
}

func userChange(u access.User, v access.UserVersion) program.Change {
	return program.Change{Entity: program.Entity{Kind: program.KindUser, ID: u.ID}, Version: u.Version, At: v.At, By: v.By}
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ChangeUser replaces the user whose version is v's. It returns
// access.ErrStale when the user has another one, access.ErrTaken or
// access.ErrNoUser.
func (s *Store) ChangeUser(ctx context.Context, v access.UserVersion) (u access.User, err error) {
	err = s.change(ctx, "change a user in", func(c conn) error {
		was, found, err := first(ctx, c, readUser, "SELECT "+userColumns+" FROM users u WHERE u.id = ?"+c.d.Hold, v.ID)
		switch {
		case err != nil:
			return err
		case !found:
			return access.ErrNoUser
		case was.Version != v.Version:
			return access.ErrStale
		}
		u = v.User
		u.Version++
		u.Created = was.Created
		if err := c.writeUser(ctx, u); s.taken(err) {
			return access.ErrTaken
		} else if err != nil {
			return err
		}
		return c.record(ctx, userChange(u, v), knownOf(was), knownOf(u))
	})
	return u, err
}

func (c conn) writeUser(ctx context.Context, u access.User) error {
	roles, err := json.Marshal(u.Roles)
	if err != nil {
		return err
	}
	return c.run(ctx, `UPDATE users SET version = ?, email = ?, name = ?, roles = ?, department = ?, manager = ?, person_id = ?, locale = ?, disabled = ?
		WHERE id = ?`, u.Version, u.Email, u.Name, string(roles), u.Department, u.Manager, u.PersonID, u.Locale, number(u.Disabled), u.ID)
}

// UserVersions lists the versions after one, oldest first.
func (s *Store) UserVersions(ctx context.Context, id, after int64) ([]access.UserVersion, error) {
	changes, err := s.Changes(ctx, program.Entity{Kind: program.KindUser, ID: id}, after)
	if err != nil {
		return nil, err
	}
	var out []access.UserVersion
	for _, x := range changes {
		var k known
		if err := json.Unmarshal(x.After, &k); err != nil {
			return nil, err
		}
		out = append(out, access.UserVersion{User: k.user(id, x.Version), By: x.By, At: x.At})
	}
	return out, nil
}
