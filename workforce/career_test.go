package workforce

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
)

func day(t *testing.T, text string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// told writes careers as "hired..left exit: from role; from role | …", one person a line.
func told(careers []Career) string {
	var lines []string
	for _, c := range careers {
		var spells []string
		for _, s := range c.Spells {
			left := "open"
			if s.Left < Open {
				left = s.Left.String()
			}
			var parts []string
			for _, x := range s.Stretches {
				parts = append(parts, fmt.Sprintf("%s %s", x.From, x.Role))
			}
			spells = append(spells, fmt.Sprintf("%s..%s %s: %s", s.Hired, left, s.Exit, strings.Join(parts, "; ")))
		}
		lines = append(lines, c.Person+" "+strings.Join(spells, " | "))
	}
	return strings.Join(lines, "\n")
}

func TestCareersOfRows(t *testing.T) {
	d := func(text string) *calendar.Day { x := day(t, text); return &x }
	row := func(from, role string, hired, left *calendar.Day, exit string) Row {
		return Row{Person: "p", From: day(t, from), Role: role, Hired: hired, Left: left, Exit: exit}
	}
	for name, c := range map[string]struct {
		rows []Row
		want string
	}{
		"hired before the books, promoted, left": {[]Row{
			row("2024-01-01", "cook", d("2021-03-01"), nil, ""), row("2024-06-01", "chef", d("2021-03-01"), nil, ""),
			row("2024-09-30", "chef", d("2021-03-01"), d("2024-09-30"), "quit"),
		}, "p 2021-03-01..2024-09-30 quit: 2021-03-01 cook; 2024-06-01 chef; 2024-09-30 chef"},
		"the end is told late, and once more": {[]Row{
			row("2024-01-01", "cook", nil, nil, ""), row("2024-09-15", "cook", nil, d("2024-08-31"), "quit"),
			row("2024-12-01", "cook", nil, d("2024-08-31"), "quit"),
		}, "p 2024-01-01..2024-08-31 quit: 2024-01-01 cook"},
		"the last day and its reason are put right": {[]Row{
			row("2024-01-01", "cook", nil, nil, ""), row("2024-09-15", "cook", nil, d("2024-08-31"), ""),
			row("2024-12-01", "cook", nil, d("2024-09-10"), "quit"),
		}, "p 2024-01-01..2024-09-10 quit: 2024-01-01 cook"},
		"an end that is put right before another hiring": {[]Row{
			row("2024-01-01", "cook", d("2024-01-01"), d("2024-02-29"), "quit"), row("2024-04-01", "cook", d("2024-01-01"), d("2024-03-05"), ""),
			row("2024-05-01", "cook", d("2024-05-01"), nil, ""),
		}, "p 2024-01-01..2024-03-05 quit: 2024-01-01 cook | 2024-05-01..open : 2024-05-01 cook"},
		"back with a day of hiring, and without": {[]Row{
			row("2024-01-01", "cook", d("2024-01-01"), d("2024-02-29"), "quit"), row("2024-05-01", "cook", d("2024-05-01"), d("2024-06-30"), "quit"),
			row("2024-08-01", "chef", nil, nil, ""),
		}, "p 2024-01-01..2024-02-29 quit: 2024-01-01 cook | 2024-05-01..2024-06-30 quit: 2024-05-01 cook | 2024-08-01..open : 2024-08-01 chef"},
		"back although the first hiring is told": {[]Row{
			row("2024-01-01", "cook", d("2024-01-01"), d("2024-02-29"), "quit"), row("2024-05-01", "cook", d("2024-01-01"), nil, ""),
		}, "p 2024-01-01..2024-02-29 quit: 2024-01-01 cook | 2024-05-01..open : 2024-05-01 cook"},
		"an announced end is taken back": {[]Row{
			row("2024-01-01", "cook", nil, d("2024-03-31"), "quit"), row("2024-02-01", "cook", nil, nil, ""),
		}, "p 2024-01-01..open : 2024-01-01 cook; 2024-02-01 cook"},
		"hired ahead, as something else": {[]Row{
			row("2024-01-01", "cook", d("2024-03-01"), nil, ""), row("2024-02-01", "chef", d("2024-03-01"), nil, ""),
		}, "p 2024-03-01..open : 2024-03-01 chef"},
		"what lies ahead is not known": {[]Row{
			row("2024-01-01", "cook", nil, d("2025-01-01"), "quit"), row("2025-01-01", "chef", nil, nil, ""),
		}, "p 2024-01-01..open : 2024-01-01 cook"},
		"of one day the last stands": {[]Row{row("2024-01-01", "cook", nil, nil, ""), row("2024-01-01", "chef", nil, nil, "")},
			"p 2024-01-01..open : 2024-01-01 chef"},
		"a candidate is not employed": {[]Row{
			{Person: "p", From: day(t, "2024-01-01"), Role: "cook", Kind: Candidate}, row("2024-02-01", "cook", nil, nil, ""),
		}, "p 2024-02-01..open : 2024-02-01 cook"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(Careers(c.rows, day(t, "2025-01-01"))); got != c.want {
				t.Errorf("careers\n%s, want\n%s", got, c.want)
			}
			for _, career := range Careers(c.rows, day(t, "2025-01-01")) {
				var last calendar.Day
				for _, s := range career.Spells {
					at := s.Hired
					for _, x := range s.Stretches {
						if x.From != at || x.To <= x.From {
							t.Errorf("stretch %s..%s does not follow %s", x.From, x.To, at)
						}
						at = x.To
					}
					if s.Left < Open && at != s.Left+1 || s.Hired <= last && last > 0 {
						t.Errorf("spell %s..%s: its stretches end at %s", s.Hired, s.Left, at)
					}
					last = s.Left
				}
			}
		})
	}
}
