package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/access"
)

func (a *app) userCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "user",
		Short: "who has an account, and with which roles",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no verb %q of user", args[0])
			}
			return c.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	c.AddCommand(a.userAddCommand(), a.userListCommand(), a.userChangeCommand(), a.userDisableCommand(true), a.userDisableCommand(false), a.userLinkCommand())
	return c
}

// userFlags describe a user on the command line.
type userFlags struct {
	email, name, department, manager, person string
	roles                                    []string
}

func (f *userFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "name", "", "how they are called")
	c.Flags().StringSliceVar(&f.roles, "role", nil, "a role; may stand several times")
	c.Flags().StringVar(&f.department, "department", "", "department; levels parted by /, as in Care/Phone")
	c.Flags().StringVar(&f.manager, "manager", "", "whom they report to, by number or mail address")
	c.Flags().StringVar(&f.person, "person", "", "who they are in the book of people: a person_id")
}

// onto writes what was given onto a user.
func (f userFlags) onto(ctx context.Context, c *cobra.Command, g *access.Gate, u access.User) (access.User, error) {
	given := c.Flags().Changed
	if given("email") {
		u.Email = f.email
	}
	if given("name") {
		u.Name = f.name
	}
	if given("department") {
		u.Department = f.department
	}
	if given("person") {
		u.PersonID = f.person
	}
	if given("role") {
		u.Roles = nil
		for _, text := range f.roles {
			r, err := access.ParseRole(text)
			if err != nil {
				return u, err
			}
			u.Roles = append(u.Roles, r)
		}
	}
	if given("manager") {
		u.Manager = 0
		if f.manager != "" {
			m, err := userNamed(ctx, g, f.manager)
			if err != nil {
				return u, err
			}
			u.Manager = m.ID
		}
	}
	return u, nil
}

// publicFlag is the address that links begin with.
func publicFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "public", "http://127.0.0.1:8080", "how people reach the pages; the link begins with it")
}

func linkAt(public, secret string) string { return strings.TrimRight(public, "/") + "/link/" + secret }

func (a *app) userAddCommand() *cobra.Command {
	var f userFlags
	var public string
	c := &cobra.Command{
		Use: "add", Short: "add a user and print the link of their invitation", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.email == "" || len(f.roles) == 0 {
				return usage("user add needs --email and --role")
			}
			return a.withGate(c.Context(), true, func(g *access.Gate) error {
				u, err := f.onto(c.Context(), c, g, access.User{})
				if err != nil {
					return err
				}
				u, secret, err := g.Invite(c.Context(), 0, u)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.err, "user %d added; they choose a password or a passkey by this link, once, within seven days:\n", u.ID)
				fmt.Fprintln(a.out, linkAt(public, secret))
				return nil
			})
		},
	}
	c.Flags().StringVar(&f.email, "email", "", "mail address, which they sign in with")
	f.register(c)
	publicFlag(c, &public)
	return c
}

func (a *app) userChangeCommand() *cobra.Command {
	var f userFlags
	c := &cobra.Command{
		Use: "change USER", Short: "change a user's roles, department, manager, name or mail address", Args: oneArgument,
		RunE: func(c *cobra.Command, args []string) error {
			return a.withGate(c.Context(), false, func(g *access.Gate) error {
				u, err := userNamed(c.Context(), g, args[0])
				if err != nil {
					return err
				}
				if u, err = f.onto(c.Context(), c, g, u); err != nil {
					return err
				}
				if u, err = g.ChangeUser(c.Context(), 0, u); err != nil {
					return err
				}
				return a.printUsers(c.Context(), g, []access.User{u})
			})
		},
	}
	c.Flags().StringVar(&f.email, "email", "", "another mail address")
	f.register(c)
	return c
}

func (a *app) userDisableCommand(disable bool) *cobra.Command {
	name, does := "enable", "let a disabled user in again"
	if disable {
		name, does = "disable", "end a user's sessions and let them in no more; their number stays"
	}
	return &cobra.Command{
		Use: name + " USER", Short: does, Args: oneArgument,
		RunE: func(c *cobra.Command, args []string) error {
			return a.withGate(c.Context(), false, func(g *access.Gate) error {
				u, err := userNamed(c.Context(), g, args[0])
				if err != nil {
					return err
				}
				u.Disabled = disable
				if _, err := g.ChangeUser(c.Context(), 0, u); err != nil {
					return err
				}
				fmt.Fprintf(a.err, "user %d: %sd\n", u.ID, name)
				return nil
			})
		},
	}
}

func (a *app) userLinkCommand() *cobra.Command {
	var public string
	var reset bool
	c := &cobra.Command{
		Use: "link USER", Short: "print a link that signs a user in, once, within an hour", Args: oneArgument,
		RunE: func(c *cobra.Command, args []string) error {
			return a.withGate(c.Context(), false, func(g *access.Gate) error {
				u, err := userNamed(c.Context(), g, args[0])
				if err != nil {
					return err
				}
				kind, does := access.SignInLink, "signs them in, once, within an hour"
				if reset {
					kind, does = access.ResetLink, "lets them choose a new password or passkey, once, within a day, and ends their sessions"
				}
				secret, err := g.NewLink(c.Context(), 0, u.ID, kind)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.err, "hand this to user %d alone; it %s:\n", u.ID, does)
				fmt.Fprintln(a.out, linkAt(public, secret))
				return nil
			})
		},
	}
	c.Flags().BoolVar(&reset, "reset", false, "for a user who has lost password and passkeys: they choose new ones")
	publicFlag(c, &public)
	return c
}

func (a *app) userListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "list all users", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withGate(c.Context(), false, func(g *access.Gate) error {
				all, err := g.Users(c.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return printUsersJSON(a.out, all)
				}
				return a.printUsers(c.Context(), g, all)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return c
}

func (a *app) printUsers(ctx context.Context, g *access.Gate, users []access.User) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "user\tmail\tname\troles\tdepartment\treports to\tstate")
	for _, u := range users {
		state, manager := "", ""
		if u.Disabled {
			state = "disabled"
		}
		if u.Manager != 0 {
			m, err := g.User(ctx, u.Manager)
			if err != nil {
				return err
			}
			manager = m.Email
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", u.ID, u.Email, printable(u.Name), listed(u.Roles), printable(u.Department), manager, state)
	}
	return w.Flush()
}

func listed[T ~string](names []T) string {
	text := make([]string, len(names))
	for i, n := range names {
		text[i] = string(n)
	}
	return strings.Join(text, ", ")
}

// userDocument is a user as `user list --json` prints them.
type userDocument struct {
	ID         int64         `json:"id"`
	Email      string        `json:"email"`
	Name       string        `json:"name"`
	Roles      []access.Role `json:"roles"`
	Department string        `json:"department"`
	Manager    int64         `json:"manager"`
	PersonID   string        `json:"person_id"`
	Disabled   bool          `json:"disabled"`
	Created    time.Time     `json:"created"`
}

func printUsersJSON(w io.Writer, users []access.User) error {
	document := struct {
		Users []userDocument `json:"users"`
	}{[]userDocument{}}
	for _, u := range users {
		document.Users = append(document.Users, userDocument{u.ID, u.Email, u.Name, u.Roles, u.Department, u.Manager, u.PersonID, u.Disabled, u.Created})
	}
	return printJSON(w, document)
}

func printJSON(w io.Writer, document any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(document)
}

func oneArgument(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("%s takes one argument, as in `throughline %s`", path(c), path(c.Parent())+" "+c.Use)
	}
	return nil
}
