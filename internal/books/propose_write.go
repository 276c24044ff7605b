package books

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/money"
)

// draft writes a proposal.
type draft struct {
	p      *Proposer
	chosen []*proposed
	looked []Looked
	all    []string // every file of the folder, which patterns must not catch
	books  []ProposedBook
	b      strings.Builder
}

func (d *draft) line(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

// oneLine makes text fit for a comment.
func oneLine(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\ufffd' {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

var (
	plainText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_ ()|*/.+-]*$`)
	yamlWords = strings.Fields("true false yes no on off null y n")
)

// yamlText writes a text as one YAML scalar.
func yamlText(text string) string {
	if plainText.MatchString(text) && !strings.HasSuffix(text, " ") && !slices.Contains(yamlWords, strings.ToLower(text)) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case !strconv.IsPrint(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (d *draft) text() []byte {
	d.line("# Proposed by `throughline init` from a look at the files. Every guess says why it was made:")
	d.line("# read it once from top to bottom, then let `throughline check` say what is in the books.")
	d.line("# docs/books.md lists every key.")
	base := "Example Ltd"
	if abs, err := filepath.Abs(d.p.Dir); err == nil && filepath.Base(abs) != "/" {
		base = filepath.Base(abs)
	}
	d.line("company: %s # CHANGE ME: the folder's name stands in for the company's", yamlText(base))
	currency, why := d.currency()
	d.line("settings:")
	d.line("  currency: %s # %s", currency, why)
	d.line("  timezone: UTC # CHANGE ME where days begin elsewhere, for example Europe/London: periods begin at its midnight")
	d.line("books:")
	for _, m := range d.chosen {
		from := d.b.Len()
		d.book(m)
		d.books = append(d.books, ProposedBook{Name: m.book.Name, Files: m.looked().Files, Sheets: m.group.sheets, Text: []byte(d.b.String()[from:])})
	}
	first := true
	for _, l := range d.looked {
		if l.Book != "" {
			continue
		}
		if first {
			d.line("# Files that are in no book:")
			first = false
		}
		d.line("#   %s: %s", oneLine(l.Label(), 120), oneLine(l.Note, 240))
	}
	return []byte(d.b.String())
}

// someFiles names the first files of several.
func someFiles(files []string) string {
	if len(files) <= 3 {
		return strings.Join(files, ", ")
	}
	return fmt.Sprintf("%s, %s and %d more", files[0], files[1], len(files)-2)
}

func (d *draft) book(m *proposed) {
	rows := fmt.Sprintf("the first %d rows were looked at", m.group.rows)
	if m.group.whole {
		rows = fmt.Sprintf("all %d rows were looked at", m.group.rows)
	}
	d.line("  %s: # %s; %s", m.book.Name, m.book.Purpose, rows)
	d.from(m)
	d.source(m)
	d.joined(m)
	d.line("    columns:")
	for _, c := range m.book.Columns {
		g, ok := m.columns[c.Name]
		if ok {
			d.line("      %s: %s # %s", c.Name, yamlText(g.text), oneLine(g.why, 300))
		}
	}
	if len(m.dates) == 1 {
		d.line("    dates: %s # %s", yamlText(m.dates[0]), oneLine(m.dateWhy, 300))
	} else if len(m.dates) > 1 {
		d.line("    dates: # %s", oneLine(m.dateWhy, 300))
		for _, f := range m.dates {
			d.line("      - %s", yamlText(f))
		}
	}
	if rest := m.unmapped(); len(rest) > 0 {
		d.line("    # Columns that nothing uses: %s", oneLine(strings.Join(rest, ", "), 400))
	}
	if m.group.merged > 0 {
		d.line("    # CHECK: %d merged cells cover several rows; their value stands in the first of these rows only, the others have none.", m.group.merged)
	}
	if lacking := d.lacking(m); lacking != "" {
		d.line("    # %s", lacking)
	}
	for _, n := range m.notes {
		d.line("    # %s.", oneLine(strings.TrimSuffix(n, "."), 300))
	}
}

// lacking says what an important column that was not found would allow.
func (d *draft) lacking(m *proposed) string {
	if _, ok := m.columns["customer_id"]; !ok && m.book.Name == "orders" {
		return "No customer_id was found: without it no line can be led to a customer, and a close is refused."
	}
	if _, ok := m.columns["acquired_via"]; !ok && m.book.Name == "customers" {
		return "No acquired_via was found (referral, reputation, paid, sales, partner, unknown): without it earned growth is refused."
	}
	return ""
}

func (d *draft) from(m *proposed) {
	patterns, why := d.patterns(m.group.files)
	if len(patterns) == 1 {
		d.line("    from: %s%s", yamlText(patterns[0]), why)
		return
	}
	d.line("    from:%s", why)
	for _, p := range patterns {
		d.line("      - %s", yamlText(p))
	}
}

func (d *draft) source(m *proposed) {
	var parts, why []string
	if !m.group.header {
		parts = append(parts, "header: false")
		why = append(why, "the first row reads as values, not as names")
	}
	selected := m.group.selection()
	switch {
	case selected.Sheet != "":
		parts = append(parts, "sheet: "+yamlText(selected.Sheet))
		why = append(why, fmt.Sprintf("one of the sheets of %s", m.group.files[0].rel))
	case len(selected.Sheets) > 0:
		parts = append(parts, "sheets: "+namesList(selected.Sheets))
		why = append(why, "sheets of the same columns, each a source of its own: rows that two of them share are asked about")
	}
	if selected.HeaderRow > 0 {
		parts = append(parts, fmt.Sprintf("header_row: %d", selected.HeaderRow))
		why = append(why, fmt.Sprintf("above it stands %s: CHECK", namesOf(m.group.files[0].above)))
	}
	if m.options.Decimal != "" {
		parts = append(parts, "decimal: "+strconv.Quote(m.options.Decimal))
		why = append(why, m.optional["decimal"])
	}
	if m.options.Thousands != "" {
		parts = append(parts, "thousands: "+yamlText(m.options.Thousands))
		why = append(why, m.optional["thousands"])
	}
	if len(parts) > 0 {
		d.line("    source: {%s} # %s", strings.Join(parts, ", "), oneLine(strings.Join(slices.Compact(why), "; "), 200))
	}
	if !m.group.header {
		var names []string
		for _, c := range m.group.columns {
			names = append(names, yamlText(c.name))
		}
		d.line("    names: [%s] # made up from what the columns hold: CHECK", strings.Join(names, ", "))
	}
}

func (d *draft) joined(m *proposed) {
	if len(m.joins) == 0 {
		return
	}
	d.line("    join: # what a line lacks stands in another file")
	for _, j := range m.joins {
		d.line("      - from: %s # %s", yamlText(d.path(j.file.path)), oneLine(j.why, 200))
		d.line("        on: %s", yamlText(j.on))
		o := SourceOptions{HeaderRow: j.file.headerRow}
		if len(j.file.tables) > 1 {
			o.Sheet = j.file.sheet
		}
		if text := o.yaml(); text != "" {
			d.line("        source: %s", text)
		}
	}
}

// path writes a file's path as seen from the books.yaml: relative when it
// lies below its folder, absolute otherwise.
func (d *draft) path(path string) string {
	dir, errDir := filepath.Abs(filepath.Dir(d.p.To))
	absolute, err := filepath.Abs(path)
	if errDir != nil || err != nil {
		return path
	}
	if rel, err := filepath.Rel(dir, absolute); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return absolute
}

// escaped writes a path so that as a pattern it matches itself, and so that
// nothing in it is taken for a variable.
func escaped(path string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`*?[]\$`, r) {
			return '?'
		}
		return r
	}, path)
}

// patterns covers exactly the given files: of a folder that was looked at by
// one pattern where one does it, one by one otherwise.
func (d *draft) patterns(files []found) (out []string, why string) {
	folders := map[string][]string{}
	var order []string
	n := 0
	for i, f := range files {
		if i > 0 && f.path == files[i-1].path {
			continue // another sheet of it
		}
		n++
		dir := filepath.Dir(f.path)
		if folders[dir] == nil {
			order = append(order, dir)
		}
		folders[dir] = append(folders[dir], f.path)
	}
	if n == 1 {
		return []string{escaped(d.path(files[0].path))}, ""
	}
	globbed := false
	for _, dir := range order {
		pattern := ""
		if d.p.Only == nil { // who names files means these, and none that comes later unseen
			pattern = d.glob(dir, folders[dir])
		}
		if pattern == "" {
			for _, path := range folders[dir] {
				out = append(out, escaped(d.path(path)))
			}
			continue
		}
		globbed = true
		out = append(out, pattern)
	}
	why = fmt.Sprintf(" # %d files of the same header", n)
	if globbed {
		why += "; files that come later and match are read too"
	}
	return out, why
}

// glob is the widest pattern that matches the files of a folder and no other.
func (d *draft) glob(dir string, paths []string) string {
	if len(paths) < 2 {
		return ""
	}
	ending := extension(paths[0])
	prefix := filepath.Base(paths[0])
	for _, p := range paths[1:] {
		if extension(p) != ending {
			ending = ""
		}
		for !strings.HasPrefix(filepath.Base(p), prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	stem := strings.TrimRight(prefix, "0123456789")
	for _, name := range []string{"*" + ending, escaped(stem) + "*" + ending, escaped(prefix) + "*" + ending} {
		if ending == "" || !valid(name) {
			continue
		}
		pattern := filepath.Join(escaped(dir), name)
		matches, err := glob(pattern)
		if err == nil && slices.Equal(matches, sortedPaths(paths)) {
			return filepath.ToSlash(filepath.Join(escaped(filepath.Dir(d.path(paths[0]))), name))
		}
	}
	return ""
}

// valid is false where a name was cut within a letter of several bytes.
func valid(name string) bool { return strings.ToValidUTF8(name, "") == name }

func sortedPaths(paths []string) []string {
	out := slices.Clone(paths)
	slices.Sort(out)
	return out
}

var currencyNames = map[string]string{"dollar": "USD", "dollars": "USD", "usd": "USD", "euro": "EUR", "eur": "EUR", "pound": "GBP", "gbp": "GBP", "chf": "CHF", "brl": "BRL"}
var currencySigns = map[string]string{"$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY"}

// currency is the statement's: the commonest of a currency column, or what
// the amounts or their names say.
func (d *draft) currency() (code, why string) {
	for _, m := range d.chosen {
		if m.book.Name != "orders" && m.book.Name != "subscriptions" {
			continue
		}
		if g, ok := m.columns["currency"]; ok && len(g.uses) > 0 {
			if code, n := commonest(g.uses[0].choices); known(code) {
				why := "the only currency in the sample of " + g.text
				if n > 1 {
					why = fmt.Sprintf("the commonest of %d in %s; CHECK, and map the book rates, since the others need a rate", n, g.text)
				}
				return code, why
			}
		}
		for _, name := range []string{"amount", "monthly_amount", "unit_price"} {
			for _, c := range m.columns[name].uses {
				for _, sign := range sortedKeys(c.signs) {
					if code := currencySigns[sign]; code != "" || known(sign) {
						if code == "" {
							code = sign
						}
						return code, "the amounts carry " + sign + ". CHECK"
					}
				}
				for word, code := range currencyNames {
					if slices.Contains(strings.FieldsFunc(strings.ToLower(c.name), func(r rune) bool { return r < 'a' || r > 'z' }), word) {
						return code, "by the name of " + c.name + ". CHECK"
					}
				}
			}
		}
	}
	return "EUR", "CHANGE ME: nothing in the files says which currency the amounts are in"
}

func commonest(counted map[string]int) (code string, kinds int) {
	for _, k := range sortedKeys(counted) {
		if counted[k] > counted[code] {
			code = k
		}
	}
	return strings.ToUpper(code), len(counted)
}

func known(code string) bool {
	_, err := money.ParseCurrency(code)
	return err == nil
}
