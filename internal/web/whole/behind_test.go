package whole_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/sim"
)

// simulated is a simulated company with its last month closed, for tests that change nothing of it.
var simulated struct {
	once sync.Once
	world
}

type world struct {
	house *house
	seal  int64
}

func closedWorld(t *testing.T) (*house, int64) {
	t.Helper()
	simulated.once.Do(func() {
		folder, err := os.MkdirTemp("", "throughline-whole-")
		if err != nil {
			t.Fatal(err)
		}
		w := sim.Default()
		w.Customers, w.Arrivals.PerMonth, w.Merged = 150, 25, 5
		w.Service.PerMonth, w.Voice.NPSPerYear, w.Subscriptions.Share, w.Foreign.Share, w.Training.PerYear = 0, 0, 0, 0, 0 // what this statement does not read
		if _, err := w.Write(t.Context(), folder, func(int64, int64) {}); err != nil {
			t.Fatal(err)
		}
		h, end := start(t, folder)
		before := ending
		ending = func() {
			before()
			end()
			_ = os.RemoveAll(folder) // a folder for temporary files
		}
		task, err := office.Closing(office.Order{Period: "2026-10", Preparer: "finance@example.com"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := h.do(task)
		if got.State != office.Done {
			t.Fatalf("the close: %+v", got)
		}
		simulated.house, simulated.seal = h, got.Seal
	})
	if simulated.house == nil {
		t.Fatal("the company could not be closed")
	}
	h := *simulated.house
	h.t = t
	return &h, simulated.seal
}

// Behind every line of both statements stand exactly the customers and the
// amount that were sealed; the file has them all.
func TestBehindEveryLineStandsWhatWasSealed(t *testing.T) {
	h, seal := closedWorld(t)
	for _, block := range []sealed.Block{sealed.Period, sealed.Trailing} {
		for _, line := range engine.Lines {
			path := fmt.Sprintf("/statement/%d/behind/%s", seal, line)
			p := h.get(access.Finance, path+"?of="+string(block))
			if p.status != http.StatusOK || !strings.Contains(p.text, "equal to the last place") || strings.Contains(p.text, "not what was sealed") {
				t.Errorf("%s of %s: status %d, %s", line, block, p.status, between(p.text, `<dl class="figures">`, "</dl>"))
			}
			found, err := h.office.Behind(t.Context(), office.Behind{Seal: seal, Block: block, Line: line, Seer: engine.Seer{Veil: engine.NewVeil([]byte("sixteen bytes and more"))}})
			if err != nil {
				t.Fatal(err)
			}
			units, sum := sumOf(t, h.get(access.Finance, path+"/csv?of="+string(block)).text)
			if line == engine.Unidentified || line == engine.Excluded && found.Units == 0 {
				continue // nobody stands behind them
			}
			if units != found.Units || !sum.Round(2).Equal(found.Sum.Round(2)) {
				t.Errorf("the file behind %s of %s has %d customers and %s, not %d and %s", line, block, units, sum, found.Units, found.Sum)
			}
		}
	}
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	out, _, _ := strings.Cut(rest, to)
	return out
}

// sumOf counts the rows of a downloaded list and adds what is in the figure.
func sumOf(t *testing.T, text string) (n int64, sum money.Amount) {
	t.Helper()
	cells, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range cells[1:] {
		a, err := money.Parse(row[len(row)-1])
		if err != nil {
			t.Fatal(err)
		}
		n, sum = n+1, sum.Add(a)
	}
	return n, sum
}

func TestAnAnalystOpensFiguresUnderPseudonyms(t *testing.T) {
	h, seal := closedWorld(t)
	path := fmt.Sprintf("/statement/%d/behind/lost", seal)
	for _, at := range []string{path, path + "/csv"} {
		p := h.get(access.Analyst, at)
		if p.status != http.StatusOK || strings.Contains(p.text, "customer-0") {
			t.Errorf("%s shows an analyst who customers are, or answers %d", at, p.status)
		}
	}
	if p := h.get(access.Employee, path); p.status != http.StatusForbidden {
		t.Errorf("an employee opens a figure with %d", p.status)
	}
}

func TestAFigureThatWasNotSealedIsNoPage(t *testing.T) {
	h, seal := closedWorld(t)
	for _, path := range []string{"/statement/999/behind/lost", fmt.Sprintf("/statement/%d/behind/nothing", seal), fmt.Sprintf("/statement/%d/behind/lost?of=cohorts", seal), "/statement/x/behind/lost", "/statement/999/behind/lost/csv"} {
		if p := h.get(access.Finance, path); p.status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, p.status)
		}
	}
	if p := h.get(access.Finance, fmt.Sprintf("/statement/%d/behind/lost?after=nonsense", seal)); p.status != http.StatusBadRequest {
		t.Errorf("a place that no list gave answers %d", p.status)
	}
}
