package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
)

// commandLine is what only somebody with a shell and an editor can do something with.
var commandLine = regexp.MustCompile("books\\.yaml|throughline |--|`")

func asRole(role access.Role, mapped ...string) *visit {
	config := &books.Config{Books: map[string]books.Mapping{}}
	for _, name := range mapped {
		config.Books[name] = books.Mapping{}
	}
	return &visit{
		locale: locales[0], founded: true, signedIn: true, company: office.Company{Config: config},
		session: access.Session{User: access.User{ID: 1, Roles: []access.Role{role}}},
	}
}

// Every kind of refusal is told in the pages' own words, with a door that the program lead may open, whether the book that
// it is about is kept or not.
func TestEveryKindOfRefusalLeadsToAPage(t *testing.T) {
	order := office.Order{Period: "2026-03", Compare: "2025-04", Active: "any-line"}
	for _, kind := range slices.Concat(closing.Kinds, books.Kinds, engine.Kinds) {
		why := office.Outcome{Do: "edit books.yaml and run `throughline close --restate`", Kind: kind, Book: "orders"}
		for _, v := range []*visit{asRole(access.ProgramLead, "orders"), asRole(access.ProgramLead)} {
			got := v.advise(why, order)
			if !got.Own || len(got.Doors) == 0 || commandLine.MatchString(got.Do) {
				t.Errorf("%s: %q with %d doors", kind, got.Do, len(got.Doors))
			}
			if strings.Contains(got.Do, "It is for a role") {
				t.Errorf("%s: the program lead is sent to somebody else: %q", kind, got.Do)
			}
		}
		if got := asRole(access.Analyst, "orders").advise(why, order); !strings.Contains(got.Do, "It is for a role") {
			t.Errorf("%s: an analyst is not told whose it is: %q", kind, got.Do)
		}
	}
	got := asRole(access.Finance).advise(office.Outcome{Kind: closing.BooksChanged}, order)
	if want := "/closes?active=any-line&compare=2025-04&period=2026-03#close"; len(got.Doors) != 1 || got.Doors[0].Path != want {
		t.Errorf("a changed period leads to %+v, want %s", got.Doors, want)
	}
	if got := asRole(access.Finance).advise(office.Outcome{Do: "say `--to`"}, order); got.Do != "say `--to`" || got.Own {
		t.Errorf("a refusal without a kind became %+v", got)
	}
}

// onCommandLineOnly are refusals whose advice is for a shell, and which no page meets or can do anything about.
var onCommandLineOnly = []string{
	"there is no such file", // of the books.yaml that --books names: pages then set up the books
	"is a folder", "exists already and is not overwritten", "cannot be written", "no file in it looks like one of the books",
	"cannot be written: no permission", // the data folder of the server
	"is for looking before there are books of one's own, and there are some",
	"is written in a form that cannot be changed here without losing something of it", "is written in a form to which no book can be added here",
	"has %s, and a file may have %s", // the limit is the server's
	"cannot be read: no permission", "%d files",
	"yaml.FormatError", "docs/books.md shows", "from: ${%s} is not set in the environment", // whoever wrote the books.yaml by hand mends it by hand
}

// A refusal that tells what to do in the words of the command line has a kind, so that pages tell it in theirs.
func TestNoRefusalTellsPagesToUseTheCommandLine(t *testing.T) {
	found := 0
	for _, dir := range []string{"closing", "internal/books", "internal/office", "internal/engine/duckdb", "internal/sealed"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources in %s: %v", dir, err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, path, src, 0)
			if err != nil {
				t.Fatal(err)
			}
			text := func(n ast.Node) string { return string(src[n.Pos()-1 : n.End()-1]) }
			ast.Inspect(tree, func(n ast.Node) bool {
				what, do, kind := refusalIn(n, text)
				if do == "" {
					return true
				}
				found++
				spoken := regexp.MustCompile(`"([^"\\]|\\.)*"`).FindAllString(do, -1)
				if kind || !commandLine.MatchString(strings.Join(spoken, " ")) {
					return true
				}
				if !slices.ContainsFunc(onCommandLineOnly, func(x string) bool { return strings.Contains(what+do, x) }) {
					t.Errorf("%s: %s says %s and has no kind", set.Position(n.Pos()), what, do)
				}
				return true
			})
		}
	}
	if found < 60 {
		t.Errorf("only %d refusals were found", found)
	}
}

// refusalIn is a refusal that a node of the source makes.
func refusalIn(n ast.Node, text func(ast.Node) string) (what, do string, kind bool) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if n.Type == nil || !regexp.MustCompile(`(^|\.)(Refusal|Unanswerable)$`).MatchString(text(n.Type)) {
			return "", "", false
		}
		for _, e := range n.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				switch text(pair.Key) {
				case "What":
					what = text(pair.Value)
				case "Do":
					do = text(pair.Value)
				case "Kind":
					kind = true
				}
			}
		}
	case *ast.CallExpr:
		if call, ok := n.Fun.(*ast.SelectorExpr); ok && call.Sel.Name == "refuse" && len(n.Args) > 1 {
			what, do = text(n.Args[0]), text(n.Args[1])
		}
	}
	return what, do, kind
}
