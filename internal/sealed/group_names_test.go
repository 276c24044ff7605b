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
