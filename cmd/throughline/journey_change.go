package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// journeyChange is what the verbs that change the map have in common.
type journeyChange struct {
	on         string
	department bool
}

func (f *journeyChange) register(c *cobra.Command) {
	onFlag(c, &f.on, "the day from which it is so")
	c.Flags().BoolVar(&f.department, "department", false, "what is named is a department, and not a touchpoint")
}

// changed runs a change from the day of --on.
func (a *app) changed(ctx context.Context, f journeyChange, where string, change func(*journey.Map, calendar.Day) error) error {
	return a.withState(ctx, func(co *company) error {
		on, err := a.dayOf(ctx, co, f.on)
		if err != nil {
			return err
		}
		return a.changeJourney(ctx, co, where, false, func(m *journey.Map) error { return change(m, on) })
	})
}

func (a *app) journeyRenameCommand() *cobra.Command {
	var department bool
	c := &cobra.Command{
		Use: "rename KEY NAME", Short: "give a touchpoint or department another name; what the books call it stays", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("journey rename takes a key and a name, as in `throughline journey rename phone \"Customer phone\"`")
			}
			return a.changed(c.Context(), journeyChange{}, args[0], func(m *journey.Map, _ calendar.Day) error {
				if department {
					return m.RenameDepartment(args[0], args[1])
				}
				return m.Rename(args[0], args[1])
			})
		},
	}
	c.Flags().BoolVar(&department, "department", false, "the key is of a department, and not of a touchpoint")
	return c
}

func (a *app) journeyMergeCommand() *cobra.Command {
	var f journeyChange
	var into string
	c := &cobra.Command{
		Use: "merge KEY... --into KEY", Short: "make one touchpoint or department of several from a day on", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || into == "" {
				return usage("journey merge takes the keys of those that end, and --into the key of the one that goes on")
			}
			return a.changed(c.Context(), f, strings.Join(args, ", "), func(m *journey.Map, on calendar.Day) error {
				if f.department {
					return m.MergeDepartments(args, into, on)
				}
				return m.Merge(args, into, on)
			})
		},
	}
	c.Flags().StringVar(&into, "into", "", "the key of the one that goes on")
	f.register(c)
	return c
}

func (a *app) journeySplitCommand() *cobra.Command {
	var f journeyChange
	var parts []string
	c := &cobra.Command{
		Use: "split KEY --part NAME --part NAME", Short: "make several touchpoints or departments of one from a day on", Args: oneArgument,
		RunE: func(c *cobra.Command, args []string) error {
			return a.changed(c.Context(), f, args[0], func(m *journey.Map, on calendar.Day) error {
				if f.department {
					return m.SplitDepartment(args[0], departmentParts(parts), on)
				}
				return m.Split(args[0], touchpointParts(parts), on)
			})
		},
	}
	c.Flags().StringArrayVar(&parts, "part", nil,
		`a part: its name, and behind a = what the books call it, parted by |, as in "Chat=web chat|messenger"; of a department the keys of the touchpoints that it takes; stands several times`)
	f.register(c)
	return c
}

// parted is a part on the command line: its name, and what stands behind it.
func parted(text string) (name string, list []string) {
	name, rest, _ := strings.Cut(text, "=")
	for _, x := range strings.Split(rest, "|") {
		if x = strings.TrimSpace(x); x != "" {
			list = append(list, x)
		}
	}
	return strings.TrimSpace(name), list
}

func touchpointParts(texts []string) []journey.Touchpoint {
	var out []journey.Touchpoint
	for _, text := range texts {
		name, known := parted(text)
		t := journey.Touchpoint{Name: name}
		for _, k := range known {
			t.KnownAs = append(t.KnownAs, journey.Known{Name: k})
		}
		out = append(out, t)
	}
	return out
}

func departmentParts(texts []string) []journey.DepartmentPart {
	var out []journey.DepartmentPart
	for _, text := range texts {
		name, touchpoints := parted(text)
		out = append(out, journey.DepartmentPart{Department: journey.Department{Name: name}, Touchpoints: touchpoints})
	}
	return out
}

func (a *app) journeyRetireCommand() *cobra.Command {
	var f journeyChange
	var why string
	c := &cobra.Command{
		Use: "retire KEY", Short: "end a touchpoint or department from a day on", Args: oneArgument,
		RunE: func(c *cobra.Command, args []string) error {
			if f.department && why != "" {
				return usage("--why is of a touchpoint")
			}
			return a.changed(c.Context(), f, args[0], func(m *journey.Map, on calendar.Day) error {
				if f.department {
					return m.RetireDepartment(args[0], on)
				}
				return m.Retire(args[0], on, why)
			})
		},
	}
	c.Flags().StringVar(&why, "why", "", "why it ends")
	f.register(c)
	return c
}

func (a *app) journeyUndoCommand() *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use: "undo", Short: "take back what was changed last, all of it; once more, and it is as it was", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withState(c.Context(), func(co *company) error {
				edit, err := co.office.LastEdit(c.Context())
				if err != nil {
					return err
				}
				if len(edit) == 0 {
					return &books.Refusal{Where: "the map", What: "nothing of it was ever changed", Do: "`throughline journey template` lists maps to begin from"}
				}
				change, err := office.Undoes(edit)
				if err != nil {
					return journeyRefused("the map", err)
				}
				if err := a.sayEdit(c.Context(), co, edit); err != nil {
					return err
				}
				return a.changeJourney(c.Context(), co, "the map", dryRun, change)
			})
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would change, and change nothing")
	return c
}

// sayEdit says on standard error whose change is to be taken back, of when, and what it changed.
func (a *app) sayEdit(ctx context.Context, co *company, edit []program.Change) error {
	who := "the command line"
	if by := edit[0].By; by != 0 {
		u, err := co.store.User(ctx, by)
		if err != nil {
			return err
		}
		who = u.Email
	}
	_, err := fmt.Fprintf(a.err, "the change by %s of %s: %s\n", who, edit[0].At.Format("2006-01-02 15:04:05 MST"), office.EditName(edit))
	return err
}
