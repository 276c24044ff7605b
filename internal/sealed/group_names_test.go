package sealed_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/sealed"
)

func TestNamesOfGroupsAreUnlikeEachOtherAndOurWords(t *testing.T) {
	long := strings.Repeat("long ", 800)
	names := []string{"Not  known", "not known …", long + "a", long + "b", "é", "all others"}
	shown, said := sealed.Labels(names, []string{"not known", "all others", "All customers"})
	short := "long long long long long long long long…"
	if want := []string{"Not  known", "not known …", short, short + " (2)", "é", "all others"}; !slices.Equal(shown, want) {
		t.Errorf("names are shown as %q", shown)
	}
	if want := []string{"not known … …", "all others …", "All customers"}; !slices.Equal(said, want) {
		t.Errorf("words are said as %q", said)
	}
	if got := sealed.ShortName(strings.Repeat("é", 41)); got != strings.Repeat("é", 39)+"…" {
		t.Errorf("cut to %q", got)
	}
}

// A document of another release may hold levels of a kind that this one does not know: they have their own names.
func TestLevelsOfUnknownKindsAreNamed(t *testing.T) {
	split := sealed.LoyaltySplit{Levels: []sealed.LoyaltyLevel{{Name: "north", Of: "shape"}, {Of: "rest"}, {Name: "south", Of: "level"}, {Of: "not_known"}}}
	if got, want := split.Labels("all others", "not known"), []string{"north", "all others", "south", "not known"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
