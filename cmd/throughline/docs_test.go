package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books"
)

var updateDocs = flag.Bool("update-docs", false, "write the generated part of docs/books.md")

// docPage reads a page of the documentation.
func docPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docSection is the part of a page under a heading of two hashes.
func docSection(page, heading string) string {
	_, after, ok := strings.Cut("\n"+page, "\n## `throughline "+heading)
	if !ok {
		return ""
	}
	before, _, _ := strings.Cut(after, "\n## ")
	return before
}

func TestEveryVerbAndFlagIsDocumented(t *testing.T) {
	page := docPage(t, "cli.md")
	root := (&app{out: io.Discard, err: io.Discard}).root()
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(page, "`--"+f.Name) {
			t.Errorf("docs/cli.md does not say what --%s is", f.Name)
		}
	})
	for _, c := range root.Commands() {
		part := docSection(page, c.Name())
		if part == "" {
			t.Errorf("docs/cli.md has no section \"## `throughline %s`\"", c.Name())
			continue
		}
		checkFlags(t, c, part)
	}
	if !strings.Contains(page, "--help") {
		t.Error("docs/cli.md does not name --help")
	}
}

func checkFlags(t *testing.T, c *cobra.Command, part string) {
	t.Helper()
	known := map[string]bool{"help": true, "books": true, "data": true}
	for _, v := range append([]*cobra.Command{c}, c.Commands()...) {
		if v != c && !strings.Contains(part, "`"+c.Name()+" "+v.Name()) {
			t.Errorf("docs/cli.md does not say what %s %s does", c.Name(), v.Name())
		}
		v.LocalFlags().VisitAll(func(f *pflag.Flag) {
			known[f.Name] = true
			if !f.Hidden && f.Name != "help" && !strings.Contains(part, "`--"+f.Name) {
				t.Errorf("docs/cli.md does not say what --%s of %s is", f.Name, v.CommandPath())
			}
		})
	}
	for _, m := range regexp.MustCompile("`--([a-z-]+)").FindAllStringSubmatch(part, -1) {
		if !known[m[1]] {
			t.Errorf("docs/cli.md gives %s a flag --%s, which it does not have", c.Name(), m[1])
		}
	}
}

// sourcesBelow hands every Go file that is not a test to visit.
func sourcesBelow(t *testing.T, folder string, visit func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != folder && (strings.HasPrefix(d.Name(), ".") || d.Name() == "out" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		visit(path, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryEnvironmentVariableIsDocumented(t *testing.T) {
	page := docPage(t, "cli.md")
	names := regexp.MustCompile(`THROUGHLINE_[A-Z_]+|Getenv\("([A-Z_]+)"\)`)
	sourcesBelow(t, filepath.Join("..", ".."), func(path, text string) {
		for _, m := range names.FindAllStringSubmatch(text, -1) {
			name := m[0]
			if m[1] != "" {
				name = m[1]
			}
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s reads %s, which docs/cli.md does not name", path, name)
			}
		}
	})
}

func TestEveryKeyOfBooksYAMLIsDocumented(t *testing.T) {
	page := docPage(t, "books.md")
	for _, key := range yamlKeys(reflect.TypeFor[books.Config](), nil) {
		if !strings.Contains(page, "`"+key+"`") {
			t.Errorf("docs/books.md does not say what %s is", key)
		}
	}
}

// yamlKeys lists the keys of a type and of what it holds.
func yamlKeys(t reflect.Type, seen []reflect.Type) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || slices.Contains(seen, t) {
		return nil
	}
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		if key, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); key != "" && key != "-" {
			keys = append(append(keys, key), yamlKeys(f.Type, append(seen, t))...)
		}
	}
	return keys
}

func TestEveryWarningIsDocumented(t *testing.T) {
	page := docPage(t, "close.md")
	found := map[string]bool{}
	codes := regexp.MustCompile(`(?:warn\(|Warning\{(?:Code: )?)"([a-z_]+)"`)
	sourcesBelow(t, filepath.Join("..", "..", "closing"), func(path, text string) {
		for _, m := range codes.FindAllStringSubmatch(text, -1) {
			found[m[1]] = true
			if !strings.Contains(page, "| `"+m[1]+"` |") {
				t.Errorf("%s warns of %s, which docs/close.md does not explain", path, m[1])
			}
		}
	})
	if len(found) == 0 {
		t.Error("no warning was found in closing; this test looks for the wrong thing")
	}
	_, table, _ := strings.Cut(page, "\n## Warnings")
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(table, -1) {
		if !found[m[1]] {
			t.Errorf("docs/close.md explains the warning %s, which closing never gives", m[1])
		}
	}
}

// Every name that a document of a close can hold is explained.
func TestEveryFieldOfTheDocumentIsDocumented(t *testing.T) {
	page := docPage(t, "close.md")
	tags := regexp.MustCompile("json:\"([a-z_]+)[,\"]")
	for _, pattern := range []string{"closing/document.go", "closing/cohorts.go", "closing/groups.go", "closing/compute.go", "growth/*.go", "evidence/*.go"} {
		files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files (%v)", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range tags.FindAllStringSubmatch(string(text), -1) {
				if !regexp.MustCompile("[`.\"]" + m[1] + "[`.\"]").MatchString(page) {
					t.Errorf("%s writes %s, which docs/close.md does not explain", file, m[1])
				}
			}
		}
	}
}

const (
	beginTable = "<!-- generated from package fact: go test ./cmd/throughline -run TestBooksTable -update-docs -->\n"
	endTable   = "<!-- end of generated part -->\n"
)

// The columns of the books stand in the documentation as they stand in
// package fact, because they are written from it.
func TestBooksTable(t *testing.T) {
	page := docPage(t, "books.md")
	before, rest, ok := strings.Cut(page, beginTable)
	_, after, ok2 := strings.Cut(rest, endTable)
	if !ok || !ok2 {
		t.Fatal("docs/books.md has lost the marks of its generated part")
	}
	want := before + beginTable + booksTable() + endTable + after
	if want == page {
		return
	}
	if !*updateDocs {
		t.Fatal("docs/books.md is not what package fact says; run `make docs`")
	}
	if err := os.WriteFile(filepath.Join("..", "..", "docs", "books.md"), []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func booksTable() string {
	var b strings.Builder
	for _, book := range fact.Books {
		fmt.Fprintf(&b, "\n### %s\n\n%s.", book.Name, strings.ToUpper(book.Purpose[:1])+book.Purpose[1:])
		if len(book.Key) > 0 {
			fmt.Fprintf(&b, " Natural key: %s.", quotedList(book.Key))
		}
		if book.Time != "" {
			fmt.Fprintf(&b, " Filed by the month of `%s`.", book.Time)
		}
		if len(book.OneOf) > 0 {
			fmt.Fprintf(&b, " One of %s must be mapped.", quotedList(book.OneOf))
		}
		b.WriteString("\n\n| column | holds |\n| --- | --- |\n")
		for _, c := range book.Columns {
			name, holds := "`"+c.Name+"`", c.Type.String()
			if c.Required {
				name = "**" + name + "**"
			}
			if len(c.Choices) > 0 {
				holds = "one of " + quotedList(c.Choices)
			}
			if c.Refers != "" {
				holds += ", of a " + c.Refers
			}
			fmt.Fprintf(&b, "| %s | %s |\n", name, holds)
		}
	}
	b.WriteString("\n")
	return b.String()
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	return strings.Join(quoted, ", ")
}
