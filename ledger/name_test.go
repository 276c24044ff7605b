package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/ledger"
	"pgregory.net/rapid"
)

func name(t interface {
	Helper()
	Fatal(...any)
}, root string, parts ...string) ledger.Account {
	t.Helper()
	a, err := ledger.Name(root, parts...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Worked out by hand from the rules of ledger.Name.
func TestNamesReadAsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"Customer Service":          "Customer-Service",
		"Sign-up":                   "Sign--up",
		"sales":                     "X--sales",
		"4th floor":                 "4th-floor",
		"":                          "X",
		" ":                         "X20",
		"a  b":                      "X--a--X20X20--b",
		" a":                        "X20--a",
		"-":                         "X2D",
		"a-":                        "X--a--X2D",
		"a - b":                     "X--a-X2D-b",
		"R&D":                       "R--X26--D",
		"R & D":                     "R-X26-D",
		"X":                         "X58",
		"X26":                       "X58--26",
		"X-ray":                     "X58X2D--ray",
		"XL":                        "XL",
		"Xavier":                    "Xavier",
		"A:B":                       "A--X3A--B",
		"日本":                        "X--日本",
		"Ärzte":                     "Ärzte",
		"🙂":                         "X1F642",
		"\xff":                      "X1100FF",
		"Müller & Söhne / Küche #2": "Müller-X26-Söhne-X2F-Küche-X23--2",
		"!?":                        "X21X3F",
		"-X1":                       "X2DX58--1",
		"a-X1":                      "X--a--X2DX58--1",
	} {
		got := name(t, "Assets", text)
		if got != ledger.Account("Assets:"+want) {
			t.Errorf("%q is %s, want Assets:%s", text, got, want)
		}
		root, parts, err := got.Parts()
		if err != nil || root != "Assets" || !slices.Equal(parts, []string{text}) {
			t.Errorf("%s reads back as %s %q (%v)", got, root, parts, err)
		}
	}
}

func TestOnlyNamesAreAccounts(t *testing.T) {
	for _, a := range []ledger.Account{
		"", "Assets", "assets:Cash", "Cash", "Assets:", "Assets::Cash", "Assets:Cash:", "Assets:cash", "Assets:Cash-", "Assets:-Cash", "Assets:Petty cash",
		"Assets:A---B", "Assets:X--Cash", "Assets:X41", "Assets:X20--X20", "Assets:X26--X26", "Assets:A-X", "Assets:X026", "Assets:X110100", "Assets:XD800",
		"Assets:Cash;", "Assets:Cash\n", "Equity:X--A", "Assets:XFFFFFFFFF", "Assets:X1100C3X1100A4",
	} {
		if root, parts, err := a.Parts(); err == nil {
			t.Errorf("%q was read as %s %q", a, root, parts)
		}
	}
	if a, err := ledger.Name("Costs", "x"); err == nil {
		t.Errorf("a root of its own gave %s", a)
	}
	if a, err := ledger.Name("Assets"); err == nil {
		t.Errorf("nothing below the root gave %s", a)
	}
}

// accepts is the syntax of an account, stricter than both programs'.
func accepts(a ledger.Account) bool {
	for _, part := range strings.Split(string(a), ":") {
		if part == "" || strings.ContainsAny(part[:1], "-abcdefghijklmnopqrstuvwxyz") || strings.ContainsAny(part, " ;()[]{}\"'|#\t\r\n") {
			return false
		}
	}
	return strings.Contains(string(a), ":")
}

func texts() *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{"X", "-", "--", " ", "  ", "a", "A", "X26", "26", "F", "ß", "Ü", "日本", "&", ":", ";", "\n", "\x00", "\xff", "\"", "\\", "é", "е́", "ǅ", "Sales", "x", "🙂", "₂", "Ⅷ", "ª"})
	return rapid.OneOf(
		rapid.SampledFrom([]string{"Sales", "Customer Service", "Müller & Söhne / Küche #2", "", "日本", "!?", "1st", "lower case", "A:B", "2020-01-01 open Assets:Bad", strings.Repeat("Very long ", 200)}),
		rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(pieces, 0, 6).Draw(t, "pieces"), "") }),
		rapid.String(),
	)
}

func TestNamesAreInjectiveAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOfN(texts(), 1, 3).Draw(t, "a"), rapid.SliceOfN(texts(), 1, 3).Draw(t, "b")
		x, y := name(t, "Assets", a...), name(t, "Assets", b...)
		if (x == y) != slices.Equal(a, b) {
			t.Fatalf("%q is %s and %q is %s", a, x, b, y)
		}
		if !accepts(x) {
			t.Fatalf("%q is %s, which is no account", a, x)
		}
		if _, parts, err := x.Parts(); err != nil || !slices.Equal(parts, a) {
			t.Fatalf("%q is %s, which reads back as %q (%v)", a, x, parts, err)
		}
	})
}

// FuzzName holds any two texts apart, and any account that is read to the one
// way in which it is written.
func FuzzName(f *testing.F) {
	f.Add("Müller & Söhne", "a-X1")
	f.Add("X--sales", "sales")
	f.Add("X2DX58--1", "-X1")
	f.Add("\xc3\xff\xa4", "ä")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := name(t, "Income", a), name(t, "Income", b)
		if (x == y) != (a == b) || !accepts(x) {
			t.Fatalf("%q is %s and %q is %s", a, x, b, y)
		}
		if _, parts, err := x.Parts(); err != nil || !slices.Equal(parts, []string{a}) {
			t.Fatalf("%q is %s, which reads back as %q (%v)", a, x, parts, err)
		}
		if root, parts, err := ledger.Account(a).Parts(); err == nil && name(t, root, parts...) != ledger.Account(a) {
			t.Fatalf("%q is read as %s %q, which is written otherwise", a, root, parts)
		}
	})
}
