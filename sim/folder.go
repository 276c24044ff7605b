package sim

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The marker of a folder that a simulation wrote: the first two lines of its
// world.yaml.
const (
	marker  = "# Simulated company: no row here is real. Written by throughline sim."
	markers = "# files: "
)

const (
	worldFile     = "world.yaml"
	booksFile     = "books.yaml"
	truthFile     = "truth.json"
	customersFile = "customers.csv"
	linksFile     = "customer_links.csv"
	controlsFile  = "controls.csv"
	lateFile      = "late/orders.csv"
	programFile   = "program.yaml"
	themesFile    = "truth-themes.csv"
)

// rowBook is a file whose rows are written as customers are drawn.
type rowBook int

const (
	contractRows rowBook = iota
	contactRows
	answerRows
	remarkRows
	themeRows
	rowBooks
)

// rowFiles are their names and heads.
var rowFiles = [rowBooks]struct{ name, head string }{
	{"subscriptions.csv", "subscription_id,customer_id,started_on,monthly_amount,ended_on,plan,currency,end_reason"},
	{"interactions.csv", "interaction_id,started_at,touchpoint,customer_id,person_id,channel,wait_seconds,handle_seconds,abandoned,transfers,resolved,reopened,contained,reason"},
	{"answers.csv", "answer_id,answered_at,question,score,choice,scale,customer_id,touchpoint,person_id,comment,language,asked_at"},
	{"remarks.csv", "remark_id,received_at,text,channel,customer_id,touchpoint,language"},
	{themesFile, "book,id,theme,tone"},
}

// smallFiles are those of people and of months, with their heads.
var smallFiles = []struct{ name, head string }{
	{"people.csv", "person_id,valid_from,department,role,hired_on,left_on,exit_kind,team,manager_id,location,annual_cost,employer,kind,entity,opened_on,offered_on,offer,offered_cost,offered_training"},
	{"trainings.csv", "record_id,person_id,course,completed_at,hours,direct_cost,score,passed,kind,stage"},
	{"pulses.csv", "pulse_id,answered_on,question,score,department,team,tenure_band,comment"},
	{"measures.csv", "period,measure,value,touchpoint,department,team,n"},
	{"costs.csv", "period,department,kind,amount,touchpoint,currency"},
	{"budgets.csv", "period,department,line,amount,priority,version"},
	{"rates.csv", "date,from,to,rate"},
	{controlsFile, "period,account,amount"},
}

var ordersFile = regexp.MustCompile(`^orders-\d{4}\.csv$`)

// files lists what a world writes, in the order in which it is documented.
func (w World) files() []string {
	files := []string{worldFile, booksFile, customersFile, linksFile}
	first, _, _ := w.Start.Date()
	last, _, _ := (w.End - 1).Date()
	for year := first; year <= last; year++ {
		files = append(files, fmt.Sprintf("orders-%04d.csv", year))
	}
	if w.Late > 0 {
		files = append(files, lateFile)
	}
	for _, f := range rowFiles {
		files = append(files, f.name)
	}
	for _, f := range smallFiles {
		files = append(files, f.name)
	}
	return append(files, programFile, truthFile)
}

// ours tells the names that a world may write, whatever a marker claims.
func ours(name string) bool {
	for _, f := range rowFiles {
		if name == f.name {
			return true
		}
	}
	for _, f := range smallFiles {
		if name == f.name {
			return true
		}
	}
	return ordersFile.MatchString(name) || slices.Contains([]string{worldFile, booksFile, truthFile, customersFile, linksFile, lateFile, programFile}, name)
}

// prepare makes the folder ready for the world's files: it is made when it is
// not there, and what an earlier simulation left in it is removed. A folder
// that holds anything else is refused.
func (w World) prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder %s: %w", dir, reason(err))
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into the folder %s: %w", dir, reason(err))
	}
	before, marked := written(dir)
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, temporary): // of a simulation that was interrupted
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("remove %s: %w", filepath.Join(dir, name), reason(err))
			}
		case !marked:
			return fmt.Errorf("%s holds %s, which no simulation wrote; name a folder that is empty or new", dir, name)
		case ours(name) && !slices.Contains(before, name):
			return fmt.Errorf("%s holds %s, which this simulation did not write and books.yaml would read; move it away or name another folder", dir, name)
		}
	}
	// The sign of completeness goes first and comes back last.
	slices.Reverse(before)
	for _, name := range before {
		if name != worldFile {
			if err := drop(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				return fmt.Errorf("remove %s: %w", filepath.Join(dir, name), reason(err))
			}
		}
	}
	if w.Late > 0 {
		if err := os.MkdirAll(filepath.Join(dir, "late"), 0o755); err != nil {
			return fmt.Errorf("make the folder %s: %w", filepath.Join(dir, "late"), reason(err))
		}
	} else if err := os.Remove(filepath.Join(dir, "late")); err == nil {
		return syncFolder(dir) // it was empty; one that is not stays
	}
	return nil
}

// written lists the files that the folder's marker names, and whether there
// is a marker at all.
func written(dir string) ([]string, bool) {
	f, err := os.Open(filepath.Join(dir, worldFile))
	if err != nil {
		return nil, false
	}
	defer f.Close() //nolint:errcheck // only read from
	lines := bufio.NewScanner(f)
	if !lines.Scan() || lines.Text() != marker || !lines.Scan() {
		return nil, false
	}
	list, ok := strings.CutPrefix(lines.Text(), markers)
	if !ok {
		return nil, false
	}
	names := strings.Split(list, ", ")
	return names, !slices.ContainsFunc(names, func(n string) bool { return !ours(n) })
}

// reason leaves out of an error of the operating system what the message
// says already.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
