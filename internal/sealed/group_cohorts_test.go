package sealed_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/sealed"
)

func grouped(t *testing.T, change ...string) (*sealed.Document, error) {
	t.Helper()
	data, err := os.ReadFile("testdata/groups.json")
	if err != nil {
		t.Fatal(err)
	}
	return sealed.Read([]byte(strings.NewReplacer(change...).Replace(string(data))))
}

// By hand: of the six of home who began in 2024 three were active a year later; the two of 2025 are no year old. Of all, ten
// and six began, and four of the ten were.
func TestGroupsByAge(t *testing.T) {
	d, err := grouped(t)
	if err != nil {
		t.Fatal(err)
	}
	kind := d.GroupCohorts[0].Kind("year")
	if kind == nil {
		t.Fatal("there are no groups by year")
	}
	lines := d.GroupCohorts[1].Kind("year")
	for _, c := range []struct {
		of   sealed.CohortGrid
		want []sealed.Alive
	}{
		{d.Views.Lately("year", kind.Spans), []sealed.Alive{{Began: 16, Active: 16}, {Began: 10, Active: 4}}},
		{kind.Grid(kind.Groups[0]), []sealed.Alive{{Began: 8, Active: 8}, {Began: 6, Active: 3}}},
		{kind.Grid(kind.Groups[1]), []sealed.Alive{{Began: 3, Active: 3}, {Began: 3, Active: 1}}},
		{kind.Grid(kind.Groups[2]), []sealed.Alive{{Began: 5, Active: 5}, {Began: 1, Active: 0}}},
		// By lines they are of all sixteen who began, and of the ten who have come a year far; of 2025 nobody bought from north.
		{d.GroupCohorts[1].Grid(lines, lines.Groups[0], d.Views), []sealed.Alive{{Began: 16, Active: 8}, {Began: 10, Active: 4}}},
		{d.GroupCohorts[1].Grid(lines, lines.Groups[1], d.Views), []sealed.Alive{{Began: 16, Active: 9}, {Began: 10, Active: 1}}},
	} {
		if got := c.of.Ages(); !slices.Equal(got, c.want) {
			t.Errorf("by age %v, want %v", got, c.want)
		}
	}
	if d.GroupCohorts[0].ByLine() || !d.GroupCohorts[1].ByLine() || d.GroupCohorts[2].Kind("year") != nil || kind.Group("nobody") != nil {
		t.Error("the dimensions are read as others")
	}
}

func TestGroupsWhoseListsDoNotGoTogetherAreRefused(t *testing.T) {
	if _, err := grouped(t, `"active": [6, 3]`, `"active": [6, 3, 1]`); err == nil || !strings.Contains(err.Error(), "2024") {
		t.Errorf("read %v", err)
	}
}
