package arch

import (
	"strings"
	"testing"
)

// The judge itself is tested on edges that must never come to be.
func TestTheJudgeRefusesWhatThePictureDoesNotDraw(t *testing.T) {
	for edge, want := range map[[2]string]string{
		{"money", "growth"}:                                 "vocabulary may import nothing of ours",
		{"money", "calendar"}:                               "packages of one row",
		{"growth", "clv"}:                                   "packages of one row",
		{"growth", "closing"}:                               "domains may import",
		{"closing", "internal/snapshot"}:                    "never import internal/",
		{"growth", "internal/engine"}:                       "never import internal/",
		{"internal/engine/duckdb", "internal/store/sqlite"}: "packages of one row",
		{"internal/engine/duckdb", "closing"}:               "not its business",
		{"internal/books/expr", "fact"}:                     "readers may import nothing of ours",
		{"internal/engine", "closing"}:                      "terms may import",
		{"internal/report", "growth"}:                       "sealed document's own bytes",
	} {
		if got := judge(edge[0], edge[1]); !strings.Contains(got, want) {
			t.Errorf("%s → %s: %q, want it to say %q", edge[0], edge[1], got, want)
		}
	}
	for _, edge := range [][2]string{
		{"growth", "money"}, {"evidence", "money"}, {"closing", "growth"}, {"internal/engine", "growth"}, {"internal/engine/duckdb", "growth"}, {"internal/books", "closing"},
		{"internal/snapshot", "internal/engine"}, {"cmd/throughline", "internal/store/sqlite"},
	} {
		if got := judge(edge[0], edge[1]); got != "" {
			t.Errorf("%s → %s is refused: %s", edge[0], edge[1], got)
		}
	}
}
