package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/access"
)

func (a *app) tokenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "API tokens: for programs that act for a user",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no verb %q of token", args[0])
			}
			return c.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	c.AddCommand(a.tokenCreateCommand(), a.tokenListCommand(), a.tokenRevokeCommand())
	return c
}

func (a *app) tokenCreateCommand() *cobra.Command {
	var user, name, scopes string
	var days int
	c := &cobra.Command{
		Use: "create", Short: "make a token and print it, once", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if user == "" || name == "" || scopes == "" {
				return usage("token create needs --user, --name and --scope")
			}
			if days < 0 {
				return usage("--days %d is less than none", days)
			}
			return a.withGate(c.Context(), false, func(g *access.Gate) error {
				u, err := userNamed(c.Context(), g, user)
				if err != nil {
					return err
				}
				t := access.Token{User: u.ID, Name: name}
				if t.Scopes, err = access.ParseScopes(scopes); err != nil {
					return err
				}
				if days > 0 {
					// A day past the limit is refused as any later one is, and
					// cannot overflow.
					t.Until = a.now().UTC().AddDate(0, 0, min(days, access.TokenDays+1))
				}
				bearer, t, err := g.NewToken(c.Context(), 0, t)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.err, "token %d of user %d; it is not kept and is shown only now:\n", t.ID, u.ID)
				fmt.Fprintln(a.out, bearer)
				return nil
			})
		},
	}
	c.Flags().StringVar(&user, "user", "", "for whom it acts, by number or mail address")
	c.Flags().StringVar(&name, "name", "", "what it is for")
	c.Flags().StringVar(&scopes, "scope", "", "what it may do: rights, by commas")
	c.Flags().IntVar(&days, "days", 90, "after how many days it ends; 0: never")
	return c
}

func (a *app) tokenListCommand() *cobra.Command {
	var user string
	c := &cobra.Command{
		Use: "list", Short: "list tokens", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withGate(c.Context(), false, func(g *access.Gate) error {
				var owner int64
				if user != "" {
					u, err := userNamed(c.Context(), g, user)
					if err != nil {
						return err
					}
					owner = u.ID
				}
				all, err := g.Tokens(c.Context(), owner)
				if err != nil {
					return err
				}
				return a.printTokens(all)
			})
		},
	}
	c.Flags().StringVar(&user, "user", "", "only this user's")
	return c
}

func (a *app) printTokens(all []access.Token) error {
	day := func(t time.Time, none string) string {
		if t.IsZero() {
			return none
		}
		return t.Format("2006-01-02")
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "token\tuser\tname\tscopes\tmade\tends\tlast used\tstate")
	for _, t := range all {
		state := ""
		switch {
		case !t.Revoked.IsZero():
			state = "revoked " + day(t.Revoked, "")
		case !t.Until.IsZero() && !a.now().Before(t.Until):
			state = "ended"
		}
		fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.User, printable(t.Name), listed(t.Scopes), day(t.Made, ""), day(t.Until, "never"), day(t.Used, "not yet"), state)
	}
	return w.Flush()
}

func (a *app) tokenRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "revoke NUMBER", Short: "revoke a token, at once and for good", Args: oneArgument,
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usage("%q is not the number of a token; `throughline token list` shows them", args[0])
			}
			return a.withGate(c.Context(), false, func(g *access.Gate) error {
				if err := g.RevokeToken(c.Context(), 0, 0, id); err != nil {
					return err
				}
				fmt.Fprintf(a.err, "token %d: revoked\n", id)
				return nil
			})
		},
	}
}
