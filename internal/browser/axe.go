package browser

import (
	"fmt"
	"os"
	"strings"
)

// Axe is axe-core, which npm installs beside the tests.
type Axe struct{ source string }

// ReadAxe reads axe-core from the folder in which npm has installed it.
func ReadAxe(modules string) (Axe, error) {
	text, err := os.ReadFile(modules + "/axe-core/axe.min.js")
	if err != nil {
		return Axe{}, fmt.Errorf("read axe-core: %w; .ci/browser installs it", err)
	}
	return Axe{string(text)}, nil
}

// Violation is a rule that a page breaks, and where.
type Violation struct {
	Rule  string   `json:"rule"`
	Help  string   `json:"help"`
	Where []string `json:"where"`
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s", v.Rule, v.Help, strings.Join(v.Where, " | "))
}

// rules are WCAG 2.2 AA and axe's best practices.
const rules = `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations.map(v => (
	{rule: v.id, help: v.help, where: v.nodes.slice(0, 5).map(n => n.target.join(" ") + " " + n.html.slice(0, 160) + " " + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ""))})))`

// Violations runs axe-core over the page as it stands.
func (a Axe) Violations(p *Page) ([]Violation, error) {
	if _, err := Ask[string](p, a.source+`; typeof axe`); err != nil {
		return nil, fmt.Errorf("load axe-core: %w", err)
	}
	out, err := Ask[[]Violation](p, rules)
	if err != nil {
		return nil, fmt.Errorf("run axe-core: %w", err)
	}
	return out, nil
}
