package web

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/sealed"
)

// Every figure is a button that opens what it means. The definition is a native popover, so it needs no script, and prints
// as a note at the end of the page. Of a document with two statements one definition serves both.

// numView is a figure as it stands on a page.
type numView struct {
	Text    string
	Note    string // id of its definition; empty: it has none
	Refused bool
}

// noteView is a definition.
type noteView struct {
	ID, Label, Meaning, Formula string
	Parts                       []notePart
	Source                      string
	Line                        bool // of what is added up: printed, it needs no numbers
}

// notePart is what the figure came to in one statement.
type notePart struct {
	Head    string // which statement; empty where there is one only
	Working string
	Rows    []noteRow
	Doors   []door
}

// noteRow is a name and what it holds; the sealed document's own words stay in English.
type noteRow struct {
	Name, Value string
	English     bool
}

// opened is a sealed document that a page is made of.
type opened struct {
	teller
	doc   *sealed.Document
	seal  int64         // 0: it is not sealed
	kind  calendar.Kind // of the period
	name  string        // of the period
	rows  bool          // whoever looks may open the customers behind a figure
	lead  sealed.Block
	notes []noteView
}

// num is a figure that opens; it collects its definition.
func (o *opened) num(b sealed.Block, name string) (numView, sealed.Value, bool) {
	f, ok := o.doc.Figure(b, name)
	if !ok {
		return numView{}, sealed.Value{}, false
	}
	v := f.Signed()
	text := o.value(v)
	_, refused := v.Figure.Refusal()
	return numView{Text: text, Note: o.note(sealed.Key(b, name)), Refused: refused}, v, true
}

// line is num of what is added up: what the statement takes off is negative, and what adds has a plus.
func (o *opened) line(b sealed.Block, name string) (numView, sealed.Value, bool) {
	n, v, ok := o.num(b, name)
	if ok {
		n.Text = o.signed(v)
	}
	return n, v, ok
}

func noteID(name string) string { return "d-" + strings.ReplaceAll(name, ".", "-") }

// note makes the definition of a figure once and gives its id.
func (o *opened) note(name string) string {
	id := noteID(name)
	for _, n := range o.notes {
		if n.ID == id {
			return id
		}
	}
	d, ok := sealed.Define(name)
	if !ok {
		return ""
	}
	n := noteView{ID: id, Label: o.t(d.Label), Meaning: o.t(d.Meaning), Formula: o.t(d.Formula), Source: o.t(d.Source), Line: !d.Unit.Figured()}
	if d.Formula == "" {
		n.Formula = ""
	}
	blocks := o.doc.Blocks(d.Block)
	for _, b := range blocks {
		f, ok := o.doc.Figure(b, d.Name)
		if !ok {
			continue
		}
		part := notePart{Working: o.working(o.doc.Working(b, d.Name)), Rows: o.facts(f), Doors: o.doors(f)}
		if len(blocks) > 1 {
			part.Head = o.head(b)
		}
		n.Parts = append(n.Parts, part)
	}
	o.notes = append(o.notes, n)
	return id
}

// head names a statement of the document.
func (o *opened) head(b sealed.Block) string {
	if b.IsTrailing() {
		return o.t("Year to %s", o.name)
	}
	return o.name
}

// facts are what is known of a figure: its value, how sure it is and how it was had.
func (o *opened) facts(f sealed.Figure) []noteRow {
	v := f.Value
	if r, ok := v.Figure.Refusal(); ok {
		return []noteRow{{o.t("Refused"), r.Reason, true}, {o.t("Opens with"), r.Need, true}}
	}
	out := []noteRow{{o.t("Value"), o.value(v), false}}
	if v.Exact() {
		out[0].Value = o.t("%s, exact", out[0].Value)
	}
	e, ok := v.Figure.Estimate()
	if !ok {
		return out
	}
	switch {
	case v.Exact():
	case e.Value != nil:
		out = append(out, noteRow{o.sort(e), o.ends(v.Unit, e), false})
	default:
		out[0].Name = o.t("Bounds")
	}
	if b, ok := o.bounds(f); ok && e.Value != nil {
		out = append(out, noteRow{o.t("Bounds"), o.ends(v.Unit, b), false})
	}
	out = append(out, noteRow{o.t("n"), o.units(e.N, restsOn(f)), false})
	if !v.Exact() {
		out = append(out, noteRow{o.t("How"), e.Method, true})
	}
	return out
}

// restsOn is what a figure's n counts.
func restsOn(f sealed.Figure) sealed.Unit {
	switch {
	case f.On != "":
		return f.On
	case strings.HasPrefix(f.Name, "coverage."):
		return sealed.Lines
	}
	return sealed.Customers
}

// doors lead from a figure to how it was had and to whom it is about.
func (o *opened) doors(f sealed.Figure) []door {
	if o.seal == 0 {
		return nil // it is not sealed, so nothing stands behind it
	}
	out := []door{{Path: figurePath(o.seal, f.Block, f.Name), Text: o.t("How it was had")}}
	if o.rows && f.Behind != "" {
		text := o.t("The customers behind it")
		if n := f.Value.Count; f.Unit == sealed.Customers && n > 0 {
			text = o.tn(n, "The %s customer behind it", "The %s customers behind it", count(n))
		}
		out = append(out, door{Path: behindPath(o.seal, f.Block.In(sealed.Period), f.Behind), Text: text})
	}
	return out
}

func statementPath(seal int64) string { return "/statement/" + strconv.FormatInt(seal, 10) }

func figurePath(seal int64, b sealed.Block, name string) string {
	return statementPath(seal) + "/figure/" + string(b) + "." + name
}
