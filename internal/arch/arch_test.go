package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/throughline/throughline"

// layer is a row of the picture: which packages stand in it, and which rows
// below it they may import.
type layer struct {
	name     string
	packages []string // a name ending in "/..." stands for a folder
	below    []string
}

// layers are the picture of ARCHITECTURE.md, from the bottom up.
var layers = []layer{
	{"vocabulary", []string{"fact", "money", "calendar", "evidence"}, nil},
	{"instruments", []string{"ledger", "moments", "likelihood", "regress", "change"}, []string{"vocabulary"}},
	{"domains", []string{"growth", "base", "profit", "referral", "loyalty", "recurring", "equity", "behaviour", "pricing", "clv", "survival", "workforce", "effect", "voice", "journey", "learning", "income", "culture", "incentive", "plan", "decision"},
		[]string{"vocabulary", "instruments"}},
	{"composition", []string{"closing", "room", "sim"}, []string{"vocabulary", "instruments", "domains"}},
	{"readers", []string{"internal/books/expr", "internal/books/text", "internal/books/workbook", "internal/xlsx", "internal/oracle"}, nil},
	{"terms", []string{"internal/engine", "internal/snapshot"}, []string{"vocabulary", "domains", "readers"}},
	{"application", []string{"internal/books", "internal/sealed", "internal/report", "internal/access", "internal/backup", "internal/office", "internal/program"},
		[]string{"vocabulary", "instruments", "domains", "composition", "readers", "terms"}},
	{"adapters", []string{"internal/engine/duckdb", "internal/store/relational", "internal/store/sqlite", "internal/store/postgres", "internal/store/storetest",
		"internal/jobs", "internal/mail", "internal/paper", "internal/sign/...", "internal/web/..."},
		[]string{"vocabulary", "instruments", "domains", "composition", "readers", "terms", "application"}},
	{"programs", []string{"cmd/...", "bench/...", "docs/...", "internal/arch", "internal/browser"},
		[]string{"vocabulary", "instruments", "domains", "composition", "readers", "terms", "application", "adapters"}},
}

// sideways are the imports within a row, each with its reason.
var sideways = map[string]string{
	"regress → moments":                                   "a regression centres and scales its covariates by their moments",
	"equity → clv":                                        "what a base is worth is what its customers are expected to buy",
	"workforce → survival":                                "who stays is told by survival curves",
	"learning → workforce":                                "a training asset is carried by people, who are what their careers say",
	"journey → voice":                                     "a touchpoint's scores are stated as voice states them",
	"journey → survival":                                  "how fast things are put right is told by survival curves",
	"evidence → money":                                    "an estimate prints its numbers to twelve digits, as money prints rates",
	"internal/books/workbook → internal/books/text":       "a workbook's rows come and are refused in the shapes of a text file's",
	"internal/snapshot → internal/engine":                 "a stored part is an engine's part with a place in the manifest",
	"internal/report → internal/sealed":                   "a report prints what a sealed document says",
	"internal/office → internal/books":                    "the office has the books imported, proposed and checked",
	"internal/office → internal/access":                   "whoever has the office do something is known by name",
	"internal/office → internal/sealed":                   "the office hands out sealed documents as they are read",
	"internal/office → internal/program":                  "the office keeps settings, uploads and submissions in the program's words",
	"internal/backup → internal/program":                  "a backup holds the program store as the stream that the program's port gives",
	"internal/store/sqlite → internal/store/relational":   "one set of row statements serves both databases",
	"internal/store/postgres → internal/store/relational": "one set of row statements serves both databases",
	"bench → internal/browser":                            "a benchmark moves the journey map in Chromium as the tests do",
}

// never are imports that the rows would allow and the design does not.
var never = map[string]string{
	"internal/engine/duckdb → closing": "an engine answers questions; what is sealed is not its business",
	"internal/report → growth":         "a report prints the sealed document's own bytes, so that what is printed is what was sealed",
}

// fences name the only packages that may import something from outside.
var fences = map[string][]string{
	"database/sql":                           {"internal/engine/duckdb", "internal/store/relational", "internal/store/sqlite", "internal/store/postgres", "internal/jobs", "bench"}, // bench compares with the engine bare
	"github.com/duckdb/duckdb-go/v2":         {"internal/engine/duckdb", "bench"},
	"github.com/duckdb/duckdb-go-bindings":   {"internal/engine/duckdb"},
	"modernc.org/sqlite":                     {"internal/store/sqlite", "internal/jobs"},
	"github.com/jackc/pgx/v5":                {"internal/store/postgres", "internal/jobs", "bench"},
	"github.com/pressly/goose/v3":            {"internal/store/relational", "internal/store/sqlite", "internal/store/postgres"},
	"github.com/riverqueue/river":            {"internal/jobs"},
	"github.com/go-webauthn/webauthn":        {"internal/sign/passkey"},
	"github.com/coreos/go-oidc/v3":           {"internal/sign/oidc"},
	"golang.org/x/oauth2":                    {"internal/sign/oidc"},
	"github.com/wneessen/go-mail":            {"internal/mail"},
	"golang.org/x/crypto":                    {"internal/access", "internal/backup"},
	"html/template":                          {"internal/web"},
	"github.com/spf13/cobra":                 {"cmd/throughline"},
	"github.com/xuri/excelize/v2":            {"internal/xlsx"},
	"net/http":                               {"internal/web", "internal/sign/passkey", "internal/sign/oidc", "internal/sign/oidc/oidctest", "internal/browser", "cmd/throughline", "bench"},
	"github.com/throughline/throughline/sim": {"cmd/throughline", "bench"},
}

// file is one Go file that is not a test.
type file struct {
	path    string // below the root
	pkg     string // folder below the root
	main    bool
	doc     bool
	imports map[string]string // local name → import path
	syntax  *ast.File
	set     *token.FileSet
}

// sources parses every Go file of the project but tests, whatever the system
// that it is built for.
func sources(t *testing.T) []file {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []file
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || slices.Contains([]string{"testdata", "vendor", "node_modules", "out", "bin"}, base)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		f, err := read(root, name)
		out = append(out, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatal("no Go files found")
	}
	return out
}

func read(root, name string) (file, error) {
	f := file{set: token.NewFileSet(), imports: map[string]string{}}
	var err error
	if f.path, err = filepath.Rel(root, name); err != nil {
		return f, err
	}
	f.path = filepath.ToSlash(f.path)
	f.pkg = path.Dir(f.path)
	if f.syntax, err = parser.ParseFile(f.set, name, nil, parser.ParseComments); err != nil {
		return f, err
	}
	f.main = f.syntax.Name.Name == "main"
	f.doc = f.syntax.Doc != nil
	for _, i := range f.syntax.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return f, err
		}
		local := path.Base(p)
		if strings.HasPrefix(local, "v") && strings.Trim(local[1:], "0123456789") == "" {
			local = path.Base(path.Dir(p))
		}
		if i.Name != nil {
			local = i.Name.Name
		}
		if local == "_" {
			local = "_ " + p // several may stand in one file
		}
		f.imports[local] = p
	}
	return f, nil
}

// layerOf finds a package's row.
func layerOf(pkg string) (layer, bool) {
	for _, l := range layers {
		for _, p := range l.packages {
			folder, under := strings.CutSuffix(p, "/...")
			if pkg == folder || under && strings.HasPrefix(pkg, folder+"/") {
				return l, true
			}
		}
	}
	return layer{}, false
}

// edges lists what each package imports of ours, with a file as witness.
func edges(files []file) map[[2]string]string {
	out := map[[2]string]string{}
	for _, f := range files {
		for _, p := range f.imports {
			if to, ok := strings.CutPrefix(p, module+"/"); ok {
				out[[2]string{f.pkg, to}] = f.path
			}
		}
	}
	return out
}

func TestEveryPackageStandsInTheArchitecture(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range sources(t) {
		if seen[f.pkg] {
			continue
		}
		seen[f.pkg] = true
		if _, ok := layerOf(f.pkg); !ok {
			t.Errorf("%s stands in no layer: add it to a row of layers in internal/arch/arch_test.go and to the diagram of ARCHITECTURE.md", f.pkg)
		}
		if !strings.Contains(string(text), f.pkg) {
			t.Errorf("ARCHITECTURE.md does not name %s: say there what it owns", f.pkg)
		}
	}
}

func TestImportsPointDown(t *testing.T) {
	for edge, witness := range edges(sources(t)) {
		if problem := judge(edge[0], edge[1]); problem != "" {
			t.Errorf("%s: %s", witness, problem)
		}
	}
}

// judge says what is wrong with an import, or nothing.
func judge(from, to string) string {
	name := from + " → " + to
	if reason, ok := never[name]; ok {
		return fmt.Sprintf("%s is not allowed: %s; move what is needed down to a package that both may import", name, reason)
	}
	a, okA := layerOf(from)
	b, okB := layerOf(to)
	switch {
	case !okA || !okB:
		return "" // the test above says so
	case !strings.HasPrefix(from, "internal/") && !programs(from) && strings.HasPrefix(to, "internal/"):
		return fmt.Sprintf("%s: the packages at the root can be imported on their own and never import internal/; declare a small port in %s that %s satisfies", name, from, to)
	case a.name == b.name && sideways[name] == "":
		return fmt.Sprintf("%s: both are %s, and packages of one row do not import each other; move what is shared down, or list the edge in sideways of internal/arch/arch_test.go with one sentence why", name, a.name)
	case a.name != b.name && !slices.Contains(a.below, b.name):
		return fmt.Sprintf("%s: %s may import %s, not %s; declare a port in %s, or move what is needed down", name, a.name, orNothing(a.below), b.name, from)
	}
	return ""
}

func programs(pkg string) bool {
	l, ok := layerOf(pkg)
	return ok && l.name == "programs"
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing of ours"
	}
	return strings.Join(names, ", ")
}

func orNobody(names []string) string {
	if len(names) == 0 {
		return "no package yet"
	}
	return strings.Join(names, ", ")
}

// A listed edge that nobody uses any more is a door left open.
func TestListedEdgesExist(t *testing.T) {
	found := edges(sources(t))
	for name, reason := range sideways {
		from, to, _ := strings.Cut(name, " → ")
		if found[[2]string{from, to}] == "" {
			t.Errorf("no file imports %s any more (%s): take it out of sideways", name, reason)
		}
	}
}

func TestDriversStayBehindTheirFences(t *testing.T) {
	for _, f := range sources(t) {
		for _, p := range f.imports {
			for fence, inside := range fences {
				if p != fence && !strings.HasPrefix(p, fence+"/") || slices.Contains(inside, f.pkg) || within(f.pkg, fence) {
					continue
				}
				t.Errorf("%s imports %s, which is fenced to %s: ask through a port instead, or move the fence in internal/arch/arch_test.go and ARCHITECTURE.md", f.path, p, orNobody(inside))
			}
		}
	}
}

// within tells whether a package is the fenced one itself.
func within(pkg, fence string) bool {
	return module+"/"+pkg == fence || strings.HasPrefix(module+"/"+pkg, fence+"/")
}

// seeded are the names of math/rand that do not touch its global source.
var seeded = []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "NewSource", "Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}

// The clock, chance and the end of the process arrive from outside, so that
// the same facts always give the same bytes.
func TestOnlyProgramsReadTheClockOrExit(t *testing.T) {
	for _, f := range sources(t) {
		if programs(f.pkg) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := s.X.(*ast.Ident)
			if !ok {
				return true
			}
			at := f.path + ":" + strconv.Itoa(f.set.Position(s.Pos()).Line)
			switch p := f.imports[x.Name]; {
			case p == "time" && slices.Contains([]string{"Now", "Since", "Until"}, s.Sel.Name):
				t.Errorf("%s: time.%s outside cmd: take the clock as an argument (now func() time.Time)", at, s.Sel.Name)
			case p == "os" && s.Sel.Name == "Exit", p == "log" && (strings.HasPrefix(s.Sel.Name, "Fatal") || strings.HasPrefix(s.Sel.Name, "Panic")):
				t.Errorf("%s: %s.%s outside cmd: return an error; only cmd ends the process", at, x.Name, s.Sel.Name)
			case (p == "math/rand" || p == "math/rand/v2") && !slices.Contains(seeded, s.Sel.Name):
				t.Errorf("%s: %s.%s draws from the global source: take a seeded *rand.Rand as an argument", at, x.Name, s.Sel.Name)
			}
			return true
		})
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sources(t) {
		documented[f.pkg] = documented[f.pkg] || f.doc
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment: write a paragraph that says what it owns, what it does not, and one invariant", pkg)
		}
	}
}

func TestNoDotImports(t *testing.T) {
	for _, f := range sources(t) {
		if p, ok := f.imports["."]; ok {
			t.Errorf("%s imports %s with a dot, which hides where names come from", f.path, p)
		}
	}
}
