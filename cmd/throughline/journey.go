package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

func (a *app) journeyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "journey",
		Short: "the map of where customers meet the company",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no verb %q of journey", args[0])
			}
			return c.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	c.AddCommand(a.journeyTemplateCommand(), a.journeyImportCommand(), a.journeyExportCommand(), a.journeyCheckCommand(), a.journeyShowCommand(),
		a.journeyRenameCommand(), a.journeyMergeCommand(), a.journeySplitCommand(), a.journeyRetireCommand(), a.journeyUndoCommand())
	return c
}

func (a *app) journeyTemplateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "template [NAME]", Short: "list the maps to begin from, or print one as JSON", Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			switch len(args) {
			case 0:
				for _, s := range journey.Templates() {
					fmt.Fprintf(a.out, "%-22s %s\n", s.Name, s.About)
				}
				return nil
			case 1:
				m, err := journey.Template(args[0])
				if err != nil {
					return usage("%v", err)
				}
				return m.Write(a.out)
			}
			return usage("journey template takes one name, and was given %d", len(args))
		},
	}
}

// journeyImport is what `journey import` is asked.
type journeyImport struct {
	format, on      string
	dryRun, replace bool
}

func (a *app) journeyImportCommand() *cobra.Command {
	var f journeyImport
	c := &cobra.Command{
		Use: "import FILE", Short: "read a map, or touchpoints or roles of a spreadsheet; - is standard input", Args: oneArgument,
		RunE: func(c *cobra.Command, args []string) error { return a.journeyImport(c.Context(), args[0], f) },
	}
	c.Flags().StringVar(&f.format, "format", "", "json or csv (default: as the file's name ends)")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would change, and change nothing")
	c.Flags().BoolVar(&f.replace, "replace", false, "take away what the file does not hold; of a map as JSON")
	onFlag(c, &f.on, "the day from which another holder in a table holds")
	return c
}

func onFlag(c *cobra.Command, into *string, what string) {
	c.Flags().StringVar(into, "on", "", what+" (default: today)")
}

// dayOf reads --on; empty is today in the company's time zone.
func (a *app) dayOf(ctx context.Context, co *company, text string) (calendar.Day, error) {
	if text != "" {
		day, err := calendar.ParseDay(text)
		if err != nil {
			return 0, usage("--on: %v", err)
		}
		return day, nil
	}
	c, err := co.office.Company(ctx)
	if err != nil && !errors.Is(err, office.ErrNoCompany) {
		return 0, err
	}
	return calendar.DayIn(a.now(), c.Location()), nil
}

func (a *app) journeyImport(ctx context.Context, path string, f journeyImport) error {
	format, err := journeyFormat(f.format, path)
	if err != nil {
		return err
	}
	if f.replace && format == "csv" {
		return usage("--replace takes a map as JSON; a table holds only a part of one")
	}
	data, err := readOrStdin(path)
	if err != nil {
		return err
	}
	return a.withState(ctx, func(co *company) error {
		on, err := a.dayOf(ctx, co, f.on)
		if err != nil {
			return err
		}
		return a.changeJourney(ctx, co, path, f.dryRun, func(m *journey.Map) error {
			if format == "csv" {
				return m.MergeTable(bytes.NewReader(data), on)
			}
			read, err := journey.Read(bytes.NewReader(data))
			switch {
			case err != nil:
				return err
			case f.replace:
				*m = read
			default:
				m.Take(read, false)
			}
			return nil
		})
	})
}

func journeyFormat(format, path string) (string, error) {
	if format == "" {
		format = "json"
		if ext := strings.ToLower(filepath.Ext(path)); ext == ".csv" || ext == ".tsv" {
			format = "csv"
		}
	}
	if format != "json" && format != "csv" {
		return "", usage("--format %q is neither json nor csv", format)
	}
	return format, nil
}

// readOrStdin reads a file, or standard input for -, up to what a map may be.
func readOrStdin(path string) (data []byte, err error) {
	var in io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, &books.Refusal{Where: path, What: "cannot be read", Do: "name a file that is there and that you may read"}
		}
		defer f.Close()
		in = f
	}
	data, err = io.ReadAll(io.LimitReader(in, journey.MostBytes+1))
	if err != nil {
		return nil, &books.Refusal{Where: path, What: "cannot be read to its end"}
	}
	return data, nil
}

// changeJourney changes the kept map, or says what a change would do. where is what a refusal is about.
func (a *app) changeJourney(ctx context.Context, co *company, where string, dryRun bool, change func(*journey.Map) error) error {
	var counts map[string]int
	counted := func(m *journey.Map) error {
		pieces, err := m.Pieces()
		if err != nil {
			return err
		}
		before, err := journey.Assemble(pieces)
		if err != nil {
			return err
		}
		if err := change(m); err != nil {
			return err
		}
		if counts, err = journey.Changed(&before, m); err == nil && dryRun {
			if problems := m.Check(); len(problems) > 0 {
				return &office.JourneyRefusal{Problems: problems}
			}
			return errDryRun
		}
		return err
	}
	_, err := co.office.ChangeJourney(ctx, office.JourneyEdit{Change: counted})
	if err != nil && !errors.Is(err, errDryRun) {
		return journeyRefused(where, err)
	}
	a.sayChanged(counts, dryRun)
	return nil
}

var errDryRun = errors.New("nothing was to be changed")

// journeyRefused says a refusal of the map as one of the command line.
func journeyRefused(where string, err error) error {
	var misread *journey.Misread
	var refused *journey.Refused
	var broken *office.JourneyRefusal
	var stale *program.Stale
	switch {
	case errors.As(err, &misread):
		return &books.Refusal{Where: where, What: misread.Error(), Do: "mend it there and import again; nothing was changed (docs/journey.md says what stands where)"}
	case errors.As(err, &refused):
		return &books.Refusal{Where: where, What: refused.Error(), Do: "`throughline journey show` lists what there is; nothing was changed"}
	case errors.As(err, &broken):
		return &books.Refusal{Where: where, What: broken.Error(), Do: "mend it and try again; nothing was changed"}
	case errors.As(err, &stale):
		return &books.Refusal{Where: where, What: stale.Error(), Do: "run again; nothing was changed"}
	}
	return err
}

// sayChanged says on standard error how many things of which kind changed.
func (a *app) sayChanged(counts map[string]int, dryRun bool) {
	var parts []string
	for _, kind := range journey.PieceKinds {
		if n := counts[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", kind, n))
		}
	}
	what := "nothing is different"
	if len(parts) > 0 {
		what = map[bool]string{true: "would change: ", false: "changed: "}[dryRun] + strings.Join(parts, ", ")
	}
	fmt.Fprintln(a.err, what)
}

func (a *app) journeyExportCommand() *cobra.Command {
	var format, on string
	var roles bool
	c := &cobra.Command{
		Use: "export", Short: "print the map as JSON, or its touchpoints or roles as a table", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := journeyFormat(format, "")
			if err != nil {
				return err
			}
			if roles && format != "csv" {
				return usage("--roles is of a table (--format csv); a map as JSON holds the roles")
			}
			return a.withState(c.Context(), func(co *company) error {
				day, err := a.dayOf(c.Context(), co, on)
				if err != nil {
					return err
				}
				m, _, err := co.office.Journey(c.Context())
				switch {
				case err != nil:
					return err
				case roles:
					return m.WriteRoles(a.out)
				case format == "csv":
					return m.WriteTouchpoints(a.out, day)
				}
				return m.Write(a.out)
			})
		},
	}
	c.Flags().StringVar(&format, "format", "json", "json: all of the map; csv: a table for a spreadsheet")
	c.Flags().BoolVar(&roles, "roles", false, "of the table: the roles, not the touchpoints")
	onFlag(c, &on, "of the table: the day as of which it tells who holds what")
	return c
}

func (a *app) journeyCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE", Short: "say what is wrong with a map, and what it leaves open; - is standard input", Args: oneArgument,
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := readOrStdin(args[0])
			if err != nil {
				return err
			}
			m, err := journey.Read(bytes.NewReader(data))
			if err != nil {
				return journeyRefused(args[0], err)
			}
			if problems := m.Check(); len(problems) > 0 {
				return &books.Refusal{Where: args[0], What: (&office.JourneyRefusal{Problems: problems}).Error(), Do: "mend it and check again"}
			}
			fmt.Fprintf(a.out, "the map holds: %s\n", sizes(&m))
			for _, g := range m.Lacks(calendar.DayIn(a.now(), calendar.ZoneOrUTC(""))) {
				fmt.Fprintf(a.out, "%s: %d\n", g.Lacks, len(g.Items))
				for _, it := range g.Items {
					fmt.Fprintf(a.out, "  %s (%s)\n", it.Title, it.Key)
				}
			}
			return nil
		},
	}
}

func sizes(m *journey.Map) string {
	return fmt.Sprintf("%s in %s, %s, %s, %s, %s", counted(len(m.Touchpoints), "touchpoint"), counted(len(m.Journeys), "journey"), counted(len(m.Departments), "department"),
		counted(len(m.Roles), "role"), counted(len(m.Standards), "standard"), counted(len(m.Brands), "brand"))
}

func (a *app) journeyShowCommand() *cobra.Command {
	var on string
	c := &cobra.Command{
		Use: "show", Short: "print the map as a list: journeys, stages, touchpoints and who holds them", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withState(c.Context(), func(co *company) error {
				day, err := a.dayOf(c.Context(), co, on)
				if err != nil {
					return err
				}
				m, _, err := co.office.Journey(c.Context())
				if err != nil {
					return err
				}
				if len(m.Touchpoints) == 0 {
					fmt.Fprintln(a.err, "there is no map yet; begin with one of `throughline journey template` and `throughline journey import`")
					return nil
				}
				a.showJourneys(m, day)
				return nil
			})
		},
	}
	onFlag(c, &on, "the day as of which it is told")
	return c
}

func (a *app) showJourneys(m *journey.Map, day calendar.Day) {
	fmt.Fprintf(a.out, "%s, as of %s\n", sizes(m), day)
	for _, j := range m.Journeys {
		fmt.Fprintf(a.out, "\n%s (%s)\n", printable(j.Name), j.Key)
		for _, s := range j.Stages {
			fmt.Fprintf(a.out, "  %s (%s)\n", printable(s.Name), s.Key)
			for _, t := range m.Touchpoints {
				if t.Journey == j.Key && t.Stage == s.Key && t.Open(day) {
					a.showTouchpoint(m, t, day)
				}
			}
		}
	}
	ended := slices.DeleteFunc(slices.Clone(m.Touchpoints), func(t journey.Touchpoint) bool { return !t.Over(day) })
	if len(ended) > 0 {
		fmt.Fprintln(a.out, "\nended")
	}
	for _, t := range ended {
		became := ""
		if len(t.Into) > 0 {
			became = ", became " + strings.Join(t.Into, ", ")
		}
		fmt.Fprintf(a.out, "    %s (%s) on %s%s\n", printable(t.Name), t.Key, *t.Retired, became)
	}
}

func (a *app) showTouchpoint(m *journey.Map, t journey.Touchpoint, day calendar.Day) {
	holder, owner := "no department", "nobody"
	if d, ok := m.Department(t.Department(day)); ok {
		if holder = d.Name; d.Contractor {
			holder += ", contractor"
		}
	}
	if t.Owner(day) != "" {
		owner = t.Owner(day)
	}
	fmt.Fprintf(a.out, "    %s (%s): %s; owner: %s\n", printable(t.Name), t.Key, printable(holder), printable(owner))
	for _, s := range m.Standards {
		if s.Binds(t.Key, day) {
			fmt.Fprintf(a.out, "      standard: %s\n", printable(s.Notices))
		}
	}
}
