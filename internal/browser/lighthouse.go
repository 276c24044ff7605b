package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Lighthouse is the program that npm installs beside the tests.
type Lighthouse struct {
	Modules  string // folder in which npm has installed it
	Chromium string
}

// Score is what Lighthouse gives a page in one category, of 100, and what it takes points off for.
type Score struct {
	Category string
	Points   int
	Lacking  []string
}

type report struct {
	Categories map[string]struct {
		Score     float64
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct {
		Title        string
		Score        *float64
		DisplayValue string
	}
	RuntimeError struct{ Message string }
}

// categories that a page is measured in.
var categories = []string{"performance", "accessibility", "best-practices"}

// Measure has Lighthouse open an address as a phone does, on its usual slow network; cookie is sent along.
func (l Lighthouse) Measure(ctx context.Context, url, cookie string) ([]Score, error) {
	out := filepath.Join(os.TempDir(), fmt.Sprintf("lighthouse-%d.json", os.Getpid()))
	defer os.Remove(out) //nolint:errcheck // a file of ours in the temporary folder
	headers, err := json.Marshal(map[string]string{"Cookie": cookie})
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, "node", filepath.Join(l.Modules, "lighthouse", "cli", "index.js"), url, "--quiet", "--output=json", "--output-path="+out,
		"--only-categories="+strings.Join(categories, ","), "--extra-headers="+string(headers), "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage")
	c.Env = append(os.Environ(), "CHROME_PATH="+l.Chromium, "NO_UPDATE_NOTIFIER=1")
	var told bytes.Buffer
	c.Stdout, c.Stderr = &told, &told
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("lighthouse of %s: %w\n%s", url, err, told.String())
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("lighthouse of %s: %w", url, err)
	}
	if r.RuntimeError.Message != "" {
		return nil, fmt.Errorf("lighthouse of %s: %s", url, r.RuntimeError.Message)
	}
	return r.scores(), nil
}

func (r report) scores() []Score {
	var out []Score
	for _, name := range categories {
		c := r.Categories[name]
		s := Score{Category: name, Points: int(c.Score*100 + .5)}
		for _, ref := range c.AuditRefs {
			if a := r.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 0.9 {
				s.Lacking = append(s.Lacking, strings.TrimSpace(fmt.Sprintf("%s (%.2f) %s", ref.ID, *a.Score, a.DisplayValue)))
			}
		}
		slices.Sort(s.Lacking)
		out = append(out, s)
	}
	return out
}
