package workforce

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/evidence"
)

var rowsTo = flag.String("rows", "", "a folder to which the rows of the planned company are written for testdata/held.R")

// Curves and hazard ratios of a planned company are those of R's survival 3.5-3 over rows that R works out from the books itself
// (testdata/held.R): who is at risk, from when, with which training, score and manager.
func TestCurvesAndHazardsAreRs(t *testing.T) {
	b := planned.draw(1)
	if *rowsTo != "" {
		if err := writeRows(*rowsTo, b); err != nil {
			t.Fatal(err)
		}
	}
	s, err := planned.input().State(b)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Staying.Company
	near(t, "1 year", c.Retention[0], 0.7568445, 0.7248064, 0.7857183)
	near(t, "2 years", c.Retention[1], 0.6047842, 0.5692203, 0.6383954)
	near(t, "3 years", c.Retention[2], 0.4955634, 0.4598512, 0.5302174)
	near(t, "expected stay", c.Expected, 2.89110298, 2.89110298-z975*0.06699753, 2.89110298+z975*0.06699753)
	near(t, "score", s.Selection.StayHazard, 0.7520593, 0.6306375, 0.8968594)
	near(t, "trained", s.Staying.Trained.Groups[1].Hazard, 0.4655002, 0.3287016, 0.6592312)
	near(t, "manager left", s.Staying.ManagerLeft.Groups[1].Hazard, 1.894776, 1.598865, 2.245453)
	var lead, d00, d04 evidence.Figure
	for _, x := range s.Staying.By {
		for _, g := range x.Groups {
			switch g.Name {
			case "lead":
				lead = g.Hazard
			case "d00":
				d00 = g.Hazard
			case "d04":
				d04 = g.Hazard
			}
		}
	}
	near(t, "leads", lead, 1.946935, 1.609886, 2.354551)
	near(t, "a department against the average", d00, 0.81966417, 0.63778825, 1.05340503)
	near(t, "another", d04, 0.9472210, 0.7475204, 1.2002717)
}

func writeRows(dir string, b Books) error {
	people := [][]string{{"person", "from", "role", "hired", "left", "team", "manager", "department"}}
	known := func(text string) string {
		if text == "" {
			return "NA"
		}
		return text
	}
	for _, r := range b.People {
		if r.Candidate() {
			continue
		}
		left := ""
		if r.Left != nil {
			left = fmt.Sprint(int(*r.Left))
		}
		people = append(people, []string{r.Person, fmt.Sprint(int(r.From)), r.Role, fmt.Sprint(int(*r.Hired)), known(left), r.Team, known(r.Manager), r.Department})
	}
	records := [][]string{{"person", "day", "kind", "stage", "score"}}
	for _, r := range b.Records {
		score := "NA"
		if r.Score != nil {
			score = r.Score.String()
		}
		records = append(records, []string{r.Person, fmt.Sprint(int(r.Completed)), r.Kind, r.Stage, score})
	}
	return errors.Join(writeCSV(filepath.Join(dir, "people.csv"), people), writeCSV(filepath.Join(dir, "records.csv"), records))
}

func writeCSV(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close())
}
