package whole_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

var worlds = flag.Int("worlds", 1, "how many companies of hostile texts are imported and looked at")

// attacks are what somebody could write into a file to reach whoever looks at it.
var attacks = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><script>alert(1)</script>`, `</textarea><svg/onload=alert(1)>`,
	`javascript:alert(1)`, `data:text/html,<script>alert(1)</script>`, `{{.Frame.User}}{{template "main" .}}`, `${7*7}<%= 7*7 %>`, `<!--`, `-->`, `]]>`, `&lt;script&gt;&#x3c;`,
	"\u202egnp.exe\u202c", "\u200f\u200e\u2066x\u2069", "nul\x00byte", "bad\xff\xfeutf8", "line\nbreak\r\n\ttab", "\u2028\u2029\u0085", "\ufeffmark",
	`=HYPERLINK("http://evil.example","x")`, `+1+1`, `-2+3`, `@SUM(1)`, "\t=1+1", `＝1+1`, `=cmd|'/c calc'!A0`,
	`../../../../etc/passwd`, `//evil.example/x`, `http://evil.example/`, `\\evil\share`, `%2e%2e%2f`, `?lang=ar-XB&q=1#x`, `'; DROP TABLE customers; --`, `" OR ""="`,
	`𝕊𝕖𝕟𝕕`, `Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦`, strings.Repeat("long<b>", 1500), strings.Repeat("\u0301", 300),
}

// Marks tell where a text of a page has come from.
const (
	idMark   = "IDMARK"   // who a customer is: not for analysts
	wordMark = "WORDMARK" // what a customer wrote: not for analysts
	openMark = "OPENMARK" // products and touchpoints: for everybody
)

// identities are the columns by which a customer can be told.
var identities = []string{"customer_id", "name", "email", "account_id", "household_id", "referred_by", "old_id", "new_id", "answer_id", "remark_id", "interaction_id", "subscription_id", "person_id", "manager_id", "line_id", "order_id", "returns_line_id"}

// texts draws what a cell may hold.
func texts(mark string) *rapid.Generator[string] {
	return rapid.Custom(func(r *rapid.T) string {
		return mark + rapid.SampledFrom([]string{"", " "}).Draw(r, "blank") + rapid.SampledFrom(attacks).Draw(r, "attack") +
			rapid.OneOf(rapid.Just(""), rapid.SampledFrom(attacks), rapid.StringN(0, 20, -1)).Draw(r, "more")
	})
}

// bare draws texts without a mark before them, so that a cell may begin with an attack.
func bare() *rapid.Generator[string] {
	return rapid.Custom(func(r *rapid.T) string {
		return rapid.SampledFrom(attacks).Draw(r, "attack") + idMark
	})
}

// hostileCompany writes a company whose every text is an attack.
type hostileCompany struct {
	seed int
	ids  []string // customers
}

func (c *hostileCompany) draw(g *rapid.Generator[string]) string {
	c.seed++
	return g.Example(c.seed)
}

// rows is how many rows each book has.
const rows = 40

// cell draws a cell of a column; n is the row.
func (c *hostileCompany) cell(book fact.Book, col fact.Column, n int) string {
	day := fmt.Sprintf("202%d-%02d-%02d", 4+n%3, 1+n%10, 1+n%28)
	hostile := n%7 == 3 // then what should be a number is an attack
	switch col.Type {
	case fact.ID:
		if col.Refers != "" || col.Name == "referred_by" {
			if book.Name == "customer_links" && col.Name == "old_id" {
				return fmt.Sprintf("%s old %d", idMark, n)
			}
			return c.ids[n%len(c.ids)]
		}
		return fmt.Sprintf("%d %s", n, c.draw(texts(idMark)))
	case fact.Text:
		mark := openMark
		switch {
		case slices.Contains(identities, col.Name):
			mark = idMark
		case col.Name == "text" || col.Name == "comment" || col.Name == "reason" || col.Name == "end_reason":
			mark = wordMark
		}
		return c.draw(texts(mark))
	case fact.Currency:
		return "EUR"
	}
	if hostile {
		return c.draw(texts(idMark)) // is refused, and quoted as refused
	}
	switch col.Type {
	case fact.Money, fact.Number, fact.Rate:
		return fmt.Sprintf("%d.25", 3+n)
	case fact.Instant:
		return day + " 10:15"
	case fact.Truth:
		return "yes"
	case fact.Choice:
		return col.Choices[n%len(col.Choices)]
	case fact.PeriodKey:
		return day[:7]
	}
	return day
}

// write writes the files and a books.yaml over them. It is JSON, which is YAML,
// so that every text reaches it as it is.
func (c *hostileCompany) write(t *testing.T, folder string) {
	t.Helper()
	for i := range rows {
		if i%5 == 4 {
			c.ids = append(c.ids, strings.TrimSpace(c.draw(bare())))
		} else {
			c.ids = append(c.ids, strings.TrimSpace(c.draw(texts(idMark))))
		}
	}
	books := map[string]any{}
	for _, book := range fact.Books {
		if book.Name == "rates" || book.Name == "customer_links" {
			continue // a ring of links or a missing rate would refuse the close
		}
		name := book.Name + ` "><svg onload=alert(1)> 'x'.csv`
		columns := map[string]string{}
		var header []string
		for i, col := range book.Columns {
			source := fmt.Sprintf("%s %d <b onclick=alert(1)>", col.Name, i)
			header, columns[col.Name] = append(header, source), `"`+source+`"`
		}
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		write := func(cells []string) {
			if err := w.Write(cells); err != nil {
				t.Fatal(err)
			}
		}
		write(header)
		for n := range rows {
			var cells []string
			for _, col := range book.Columns {
				cells = append(cells, c.cell(book, col, n))
			}
			write(cells)
		}
		w.Flush()
		if err := os.WriteFile(filepath.Join(folder, name), out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		books[book.Name] = map[string]any{"from": strings.NewReplacer(`[`, `\[`).Replace(name), "columns": columns, "source": map[string]any{"delimiter": ","}}
	}
	config := map[string]any{
		"company":  openMark + `</title><script>alert(1)</script>"><img src=x onerror=alert(1)>{{.}}` + "\u202e",
		"settings": map[string]any{"currency": "EUR", "timezone": "Europe/Berlin", "refused_threshold": 1, "margin": map[string]string{`default"><script>`: "0.35"}, "reconcile_accounts": []string{`"><script>alert(1)</script>`}},
		"books":    books,
	}
	text, err := json.MarshalIndent(config, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "books.yaml"), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Whatever stands in any column of any book, the name of a file, the head of a
// column or a setting, no page takes it for markup, no link leads away, no
// download starts a formula, and an analyst meets nobody's name or words.
func TestNoTextOfTheBooksBecomesMarkup(t *testing.T) {
	for world := range *worlds {
		t.Run(fmt.Sprint(world), func(t *testing.T) {
			folder := t.TempDir()
			(&hostileCompany{seed: world * 1_000_000}).write(t, folder)
			h := open(t, folder)
			order, err := office.Closing(office.Order{Period: "2026", Preparer: "finance@example.com"}, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := h.do(order); got.State != office.Done {
				t.Fatalf("the close: %+v", got)
			}
			job, err := h.office.PrepareBooks(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := h.settled(job).Outcome; got.State != office.Done {
				t.Fatalf("the check: %+v", got)
			}
			seen := map[string]int{}
			roles := []access.Role{access.ProgramLead, access.Analyst}
			if world > 0 {
				roles = append(roles, access.Auditor, access.Administrator, access.Executive, access.DepartmentHead)
			}
			for _, role := range roles {
				w := &walk{house: h, role: role, seen: map[string]bool{}, marks: seen}
				w.through("/", "/room", "/statement", "/customers", "/books", "/closes", "/settings", "/settings/schedules", "/settings/retention", "/account", "/people")
				for i, attack := range attacks {
					w.through("/customers?" + url.Values{"q": {attack}}.Encode())
					if i%4 == world%4 {
						w.through("/customers?"+url.Values{"id": {attack}}.Encode(), "/customers?"+url.Values{"after": {attack}}.Encode(), "/customers/"+url.PathEscape(attack))
					}
				}
				for _, book := range fact.Books {
					w.through("/books/"+book.Name, "/books/"+book.Name+"/refused.csv")
				}
				t.Logf("as %s: %d pages", role, len(w.seen))
				if len(w.seen) < 100 && role != access.DepartmentHead {
					t.Errorf("as %s only %d pages were met; this test looks at the wrong thing", role, len(w.seen))
				}
			}
			for _, mark := range []string{idMark, wordMark, openMark} {
				if seen[mark] == 0 {
					t.Errorf("no page shows %s; this test looks at the wrong thing", mark)
				}
			}
			if log := h.log.String(); strings.Contains(log, "MARK") {
				t.Errorf("the log holds a text of the books:\n%.2000s", log)
			}
		})
	}
}

// walk opens pages as somebody and follows their links.
type walk struct {
	*house
	role  access.Role
	seen  map[string]bool
	marks map[string]int // pages that show each mark
}

// most bounds how many pages one person opens.
const most = 150

func (w *walk) through(paths ...string) {
	w.t.Helper()
	for len(paths) > 0 {
		path := paths[0]
		paths = paths[1:]
		if w.seen[path] || len(w.seen) >= most {
			continue
		}
		w.seen[path] = true
		p := w.get(w.role, path)
		if p.status >= 500 {
			w.t.Errorf("as %s, %.200s: status %d", w.role, path, p.status)
		}
		kind := p.header.Get("Content-Type")
		switch {
		case p.location != "":
			paths = append(paths, p.location)
		case strings.HasPrefix(kind, "text/html"):
			paths = append(paths, w.judge(path, p.text)...)
		case strings.HasPrefix(kind, "text/csv"):
			w.judgeCSV(path, p.text)
		}
	}
}

// templates are all that our pages are written in.
var templates = sync.OnceValue(func() string {
	files, err := filepath.Glob("../pages/*.html")
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			panic(err)
		}
		b.Write(text)
	}
	return strings.ToLower(b.String())
})

// barred never stands in a page, whoever writes it.
var barred = regexp.MustCompile(`^(on.*|style|srcdoc|ping|background|xlink:.*|xml.*)$`)

// bare are attributes that stand without a value.
var bareAttributes = strings.Fields("hidden checked selected disabled required open defer multiple popover readonly reversed novalidate data-unanswered data-refused data-lead")

// written tells whether our templates write an attribute.
func written(name string) bool {
	name = strings.ToLower(name)
	return !barred.MatchString(name) && (slices.Contains(bareAttributes, name) || strings.Contains(templates(), " "+name+"=") || strings.Contains(templates(), "}"+name+"="))
}

// judge finds what the data could have made of a page, and the links in it.
func (w *walk) judge(path, text string) (links []string) {
	w.t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		w.t.Errorf("%s: %v", path, err)
		return nil
	}
	for _, mark := range []string{idMark, wordMark, openMark} {
		if strings.Contains(text, mark) {
			w.marks[mark]++
		}
	}
	asked, err := url.QueryUnescape(path)
	if w.role == access.Analyst && (strings.Contains(text, idMark) || strings.Contains(text, wordMark)) && (err != nil || !strings.Contains(asked, idMark)) {
		at := strings.Index(text, idMark)
		if at < 0 {
			at = strings.Index(text, wordMark)
		}
		w.t.Errorf("an analyst meets a customer on %s: …%.300s…", path, text[max(0, at-150):])
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if printed := strings.HasSuffix(path, "/download.html") && (n.Data == "style" || n.Data == "sup"); printed {
			continue // the page that is printed carries its own sheet and marks
		}
		if element := strings.ToLower(n.Data); !slices.Contains(implied, element) && !strings.Contains(templates(), "<"+element) || slices.Contains(foreign, element) {
			w.t.Errorf("as %s, %.200s: <%s> stands in the page", w.role, path, n.Data)
		}
		if n.Data == "script" && (n.FirstChild != nil || !strings.HasPrefix(attribute(n, "src"), "/assets/")) {
			w.t.Errorf("as %s, %.200s: a script that is not ours", w.role, path)
		}
		for _, a := range n.Attr {
			if !written(a.Key) {
				w.t.Errorf("as %s, %.200s: <%s> has the attribute %s", w.role, path, n.Data, a.Key)
			}
			if slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) && !ours(a.Val) {
				w.t.Errorf("as %s, %.200s: <%s %s=%q> leads away", w.role, path, n.Data, a.Key, a.Val)
			}
			if n.Data == "a" && a.Key == "href" && strings.HasPrefix(a.Val, "/") {
				link, _, _ := strings.Cut(a.Val, "#")
				links = append(links, link)
			}
		}
	}
	return links
}

// implied are elements that a browser adds, foreign those that no page of ours has.
var (
	implied = strings.Fields("html head body tbody")
	foreign = strings.Fields("iframe object embed base img image video audio frame frameset applet foreignobject animate set math noscript template slot style")
)

// ours tells whether an address stays here.
func ours(address string) bool {
	return address == "data:," || strings.HasPrefix(address, "#") || strings.HasPrefix(address, "?") || address == "" ||
		strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") && !strings.HasPrefix(address, `/\`)
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// number is what a spreadsheet may take for a number.
var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func (w *walk) judgeCSV(path, text string) {
	w.t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	cells, err := r.ReadAll()
	if err != nil {
		w.t.Errorf("%s: %v", path, err)
	}
	for _, row := range cells {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) && !number.MatchString(cell) {
				w.t.Errorf("%s: %.80q starts a formula", path, cell)
			}
		}
	}
	if w.role == access.Analyst && (strings.Contains(text, idMark) || strings.Contains(text, wordMark)) {
		w.t.Errorf("an analyst downloads customers from %s", path)
	}
}
