package access

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateDocs = flag.Bool("update-docs", false, "write the table of docs/rights.md")

func user(roles ...Role) User { return User{ID: 7, Roles: roles} }

func TestAnAuditorReadsAllAndChangesNothing(t *testing.T) {
	for _, m := range Rights {
		read := strings.HasPrefix(string(m.Right), "read-")
		if got := user(Auditor).May(m.Right); read && !got || slices.Contains(changing, m.Right) && got {
			t.Errorf("an auditor may %s: %v", m.Right, got)
		}
	}
}

func TestAnAnalystSeesNoPersonalData(t *testing.T) {
	for _, r := range personal {
		if user(Analyst).May(r) {
			t.Errorf("an analyst may %s", r)
		}
	}
	if !user(Analyst).May(ReadRows) {
		t.Error("an analyst cannot open a figure under pseudonyms")
	}
}

func TestAnEmployeeSeesTheirPartAndTheStatements(t *testing.T) {
	if got, want := Grants(Employee), []Right{Anyone, OwnAccount, OwnPart, ReadStatements}; !slices.Equal(got, want) {
		t.Errorf("an employee may %v, want %v", got, want)
	}
}

func TestEveryRightIsGivenToSomebodyAndSaysWhatItIs(t *testing.T) {
	for _, m := range Rights {
		given := m.Right == Anyone || m.Right == OwnAccount
		for _, r := range Roles {
			given = given || slices.Contains(grants[r], m.Right)
		}
		if !given || m.Text == "" {
			t.Errorf("%s: given %v, %q", m.Right, given, m.Text)
		}
	}
	for role, rights := range grants {
		for _, r := range rights {
			if !slices.Contains(Roles, role) || !slices.ContainsFunc(Rights, func(m Meaning) bool { return m.Right == r }) {
				t.Errorf("%s: %s is no role with a right that has a meaning", role, r)
			}
		}
	}
}

func TestNobodyAndTheDisabledMayNothing(t *testing.T) {
	disabled := user(Administrator)
	disabled.Disabled = true
	for _, u := range []User{{}, {Roles: []Role{Administrator}}, disabled} {
		for _, m := range Rights {
			if got := u.May(m.Right); got != (m.Right == Anyone) {
				t.Errorf("%+v may %s: %v", u, m.Right, got)
			}
		}
	}
}

func TestRolesAreReadAsTheyAreTyped(t *testing.T) {
	for text, want := range map[string]Role{"finance": Finance, "Program Lead": ProgramLead, "program-lead": ProgramLead, " department-head ": DepartmentHead} {
		if got, err := ParseRole(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := ParseRole("boss"); err == nil || !strings.Contains(err.Error(), "program lead") {
		t.Errorf("boss: %v, want a refusal that names the roles", err)
	}
}

// table is docs/rights.md's table, made from the one that decides.
func table() string {
	var b strings.Builder
	b.WriteString("| right | lets one |")
	for _, r := range Roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n| --- | --- |" + strings.Repeat(" :-: |", len(Roles)) + "\n")
	for _, m := range Rights {
		fmt.Fprintf(&b, "| `%s` | %s |", m.Right, m.Text)
		for _, r := range Roles {
			mark := " "
			if user(r).May(m.Right) {
				mark = " ● "
			}
			fmt.Fprintf(&b, "%s|", mark)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestTheTableOfRightsIsTheOneThatDecides(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "rights.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- rights: made by go test ./internal/access -update-docs -->\n", "<!-- end -->"
	before, rest, found := strings.Cut(string(page), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table between %q and %q", path, begin, end)
	}
	if old == table() {
		return
	}
	if !*updateDocs {
		t.Fatalf("%s differs from the table in internal/access/roles.go; run go test ./internal/access -run TestTheTableOfRights -update-docs", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+table()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
