package report

import (
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// mostJobs is how many jobs without a role are named in print; the CSV and the document name all.
const mostJobs = 12

// jobsSaid names the jobs to which no role of the map answers.
func jobsSaid(jobs []sealed.TouchpointJob) string {
	var names []string
	for _, j := range jobs[:min(len(jobs), mostJobs)] {
		name := clean(j.Title)
		if j.People != nil {
			name += " (" + plainCount(*j.People) + " people)"
		}
		names = append(names, name)
	}
	if more := len(jobs) - mostJobs; more > 0 {
		names = append(names, plainInt(int64(more))+" more")
	}
	if len(names) == 0 {
		return ""
	}
	return "Nobody has drawn a line to a customer for: " + strings.Join(names, "; ") + "."
}
