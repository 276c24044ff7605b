package workbook

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxTexts bounds the number of shared texts.
const maxTexts = 1 << 25

// book is a workbook without its rows.
type book struct {
	path     string
	links    map[string]link
	sheets   []listing
	date1904 bool // the days count from 1904, as on the first Macintosh
}

type listing struct {
	name, part string
	hidden     bool
	table      bool // not a chart or a macro
}

// readBook reads the list of sheets.
func readBook(a archive) (*book, error) {
	root, err := a.links("")
	if err != nil {
		return nil, err
	}
	b := &book{path: a.linked(root, "officeDocument", "xl/workbook.xml")}
	if a[strings.ToLower(b.path)] == nil {
		return nil, problem("", "is a zip file, but not a workbook: there is no list of sheets in it", nil)
	}
	if b.links, err = a.links(b.path); err != nil {
		return nil, err
	}
	isWorkbook := false
	err = a.each(b.path, "the list of sheets", func(e *xml.StartElement, _ string) {
		if e == nil {
			return
		}
		switch e.Name.Local {
		case "workbook":
			isWorkbook = true
		case "workbookPr":
			b.date1904 = truth(attribute(*e, "date1904"))
		case "sheet":
			state, l := attribute(*e, "state"), b.links[attribute(*e, "id")]
			b.sheets = append(b.sheets, listing{attribute(*e, "name"), l.target, state == "hidden" || state == "veryHidden", l.kind == "worksheet"})
		}
	})
	switch {
	case err != nil:
		return nil, err
	case !isWorkbook:
		return nil, problem("", "is an Office document, but not a workbook", nil)
	case !slices.ContainsFunc(b.sheets, func(s listing) bool { return s.table }):
		return nil, problem("", "has no sheet of cells", nil)
	}
	return b, nil
}

func truth(value string) bool { return value == "1" || value == "true" || value == "on" }

// choose finds a sheet by its name, in any case of letters as in Excel; "" is the first visible one.
func (b *book) choose(name string) (listing, error) {
	want := strings.TrimSpace(name)
	if want == "" {
		visible := slices.IndexFunc(b.sheets, func(s listing) bool { return s.table && !s.hidden })
		if visible < 0 {
			visible = slices.IndexFunc(b.sheets, func(s listing) bool { return s.table })
		}
		return b.sheets[visible], nil
	}
	for _, s := range b.sheets {
		if !strings.EqualFold(strings.TrimSpace(s.name), want) {
			continue
		}
		if !s.table {
			return s, problem("", fmt.Sprintf("the sheet %q is a chart or a macro, not cells; %s", s.name, b.listed()), nil)
		}
		return s, nil
	}
	return listing{}, problem("", fmt.Sprintf("there is no sheet %q; %s; if it was renamed, write its new name in source.sheet or source.sheets of books.yaml", want, b.listed()), nil)
}

// listed names the sheets of cells.
func (b *book) listed() string {
	var names []string
	for _, s := range b.sheets {
		if !s.table {
			continue
		}
		name := strconv.Quote(s.name)
		if s.hidden {
			name += " (hidden)"
		}
		names = append(names, name)
	}
	switch {
	case len(names) == 1:
		return "its only sheet is " + names[0]
	case len(names) > 30:
		return fmt.Sprintf("its first sheets of %d are %s", len(names), strings.Join(names[:30], ", "))
	}
	return "its sheets are " + strings.Join(names, ", ")
}

// open starts reading a sheet.
func (b *book) open(a archive, s listing, decimal string) (*sheet, error) {
	styles, err := b.styles(a)
	if err != nil {
		return nil, err
	}
	shared, err := b.texts(a)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("the sheet %q", s.name)
	t, err := a.open(s.part, what, maxSheet)
	if err != nil {
		return nil, err
	}
	return &sheet{name: s.name, what: what, tokens: t, shared: shared, styles: styles, date1904: b.date1904, decimal: decimal}, nil
}

// styles tells for each cell format how it shows numbers.
func (b *book) styles(a archive) ([]shows, error) {
	part := a.linked(b.links, "styles", "xl/styles.xml")
	if a[strings.ToLower(part)] == nil {
		return nil, nil
	}
	custom := map[string]string{}
	var formats []string
	within := ""
	err := a.each(part, "the list of formats", func(e *xml.StartElement, end string) {
		switch {
		case e == nil && end == within:
			within = ""
		case e == nil:
		case e.Name.Local == "numFmts" || e.Name.Local == "cellXfs":
			within = e.Name.Local
		case within == "numFmts" && e.Name.Local == "numFmt":
			custom[attribute(*e, "numFmtId")] = attribute(*e, "formatCode")
		case within == "cellXfs" && e.Name.Local == "xf":
			formats = append(formats, attribute(*e, "numFmtId"))
		}
	})
	out := make([]shows, len(formats))
	for i, id := range formats {
		if code, ok := custom[id]; ok {
			out[i] = showsBy(code)
		} else if n, err := strconv.Atoi(id); err == nil {
			out[i] = builtin(n)
		}
	}
	return out, err
}

// texts are the shared texts, one after the other.
type texts struct {
	all  string
	ends []uint32
}

func (t texts) at(i int) (string, bool) {
	if i < 0 || i >= len(t.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.all[from:t.ends[i]], true
}

func (b *book) texts(a archive) (texts, error) {
	var out texts
	part := a.linked(b.links, "sharedStrings", "xl/sharedStrings.xml")
	if a[strings.ToLower(part)] == nil {
		return out, nil
	}
	t, err := a.open(part, "the table of texts", maxStrings)
	if err != nil {
		return out, err
	}
	defer t.close()
	var all strings.Builder
	var one rich
	for {
		token, err := t.next()
		if err == io.EOF {
			out.all = all.String()
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "si" {
			one = rich{}
		}
		one.see(token)
		if e, ok := token.(xml.EndElement); ok && e.Name.Local == "si" {
			all.WriteString(unescaped(one.String()))
			if len(out.ends) == maxTexts || all.Len() > math.MaxUint32 {
				return out, problem("", fmt.Sprintf("the table of texts holds more than the %d that are read; export the sheet as CSV", maxTexts), nil)
			}
			out.ends = append(out.ends, uint32(all.Len()))
		}
	}
}

// rich gathers the text of an element that may be cut into runs of several fonts, without its phonetic guides.
type rich struct {
	strings.Builder
	text, guide bool
}

func (r *rich) see(token xml.Token) {
	switch e := token.(type) {
	case xml.StartElement:
		r.text = e.Name.Local == "t"
		r.guide = r.guide || e.Name.Local == "rPh"
	case xml.EndElement:
		r.text = false
		r.guide = r.guide && e.Name.Local != "rPh"
	case xml.CharData:
		if r.text && !r.guide {
			r.Write(e)
		}
	}
}

// unescaped reads _x000D_ as the character of that number (ST_Xstring, ISO/IEC 29500-1 22.9.2.19); NUL and halves of
// characters stay as they stand.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i])
		s = s[i:]
		if len(s) >= 7 && s[6] == '_' {
			if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil && n != 0 && utf8.ValidRune(rune(n)) {
				b.WriteRune(rune(n))
				s = s[7:]
				continue
			}
		}
		b.WriteString(s[:2])
		s = s[2:]
	}
}
