package web

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// A form about one thing of the journey map is a list of fields. What stands in a field is one text, also of a table of rows (cells
// parted by tabs, rows by line ends) and of a list of ticks (parted by line ends), so that two people's edits and two versions of
// the history are compared field by field in the same way.

// mapField is a field as the form shows it.
type mapField struct {
	Name, Label, Help string
	Kind              string // text, long, choice, day, number, check, pick (of the touchpoints), rows, ticks
	Value             string
	Options           []mapOption  // of a choice
	Groups            []tickGroup  // of ticks
	Columns           []formColumn // of rows
	Rows              [][]formCell
	Spare             int // empty rows below those that say something
	Wrong             string
	Required          bool
	Mute              bool // it stands in the history alone
}

// formColumn is a column of rows.
type formColumn struct {
	Name, Label string
	Kind        string // text, day, number, choice, pick
	Options     []mapOption
	Short       bool
	Mute        bool // the history does not tell it
}

// formCell is a cell of a row.
type formCell struct {
	formColumn
	ID, Value string
	Options   []mapOption
}

// tickGroup are boxes that belong together; it stands open when one is ticked.
type tickGroup struct {
	Name   string
	Count  int
	Boxes  []mapOption
	Opened bool
}

// mapForm is a form of a page with what stands in it.
type mapForm struct {
	Name           string // the last part of its address; empty: the page's own
	Action         string
	Heading, About string
	Button         string
	Version        int64
	Fields         []mapField
	Problems       []string // why it was refused, of no one field
	Wrong          bool     // it was refused
	Act            bool     // one of several of the page
}

// fieldWrong is why a field was refused.
type fieldWrong struct{ field, what string }

// mistyped are fields that say nothing that could be kept.
type mistyped []fieldWrong

func (m mistyped) Error() string { return m[0].field + ": " + m[0].what }

// add notes that a field is wrong.
func (m *mistyped) add(v *visit, field, what string, args ...any) {
	*m = append(*m, fieldWrong{field, v.t(what, args...)})
}

// err is nil when nothing was wrong.
func (m mistyped) err() error {
	if len(m) == 0 {
		return nil
	}
	return m
}

// typedIn reads a form's fields as they were sent.
func typedIn(fields []mapField, sent url.Values) map[string]string {
	out := map[string]string{}
	for _, f := range fields {
		switch f.Kind {
		case "rows":
			out[f.Name] = f.typedRows(sent)
		case "ticks":
			out[f.Name] = tickText(sent[f.Name])
		case "long":
			out[f.Name] = strings.TrimSpace(strings.ReplaceAll(sent.Get(f.Name), "\r\n", "\n"))
		default:
			out[f.Name] = oneLine(sent.Get(f.Name))
		}
	}
	return out
}

// oneLine is what a field of one line can hold.
func oneLine(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\t", " ", "\r", " ", "\n", " ").Replace(text))
}

func tickText(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "\n")
}

func (f mapField) typedRows(sent url.Values) string {
	var rows [][]string
	for i := 0; ; i++ {
		row, there, says := make([]string, len(f.Columns)), false, false
		for c, column := range f.Columns {
			if list := sent[f.Name+"."+column.Name]; i < len(list) {
				row[c], there = oneLine(list[i]), true
				says = says || row[c] != "" && column.Kind != "choice"
			}
		}
		if !there {
			break
		}
		if says {
			rows = append(rows, row)
		}
	}
	return rowsText(rows)
}

func rowsText(rows [][]string) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = strings.Join(row, "\t")
	}
	return strings.Join(lines, "\n")
}

// rowsOf are the rows of a text, each as long as the table is wide.
func rowsOf(text string, width int) [][]string {
	var out [][]string
	if text == "" {
		return nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		row := strings.Split(line, "\t")
		for len(row) < width {
			row = append(row, "")
		}
		out = append(out, row[:width])
	}
	return out
}

// linesOf are the ticked of a text.
func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// fill puts values into fields as they are shown.
func fill(prefix string, fields []mapField, values map[string]string) []mapField {
	out := make([]mapField, 0, len(fields))
	for _, f := range fields {
		if f.Mute {
			continue
		}
		f.Value = values[f.Name]
		switch f.Kind {
		case "choice":
			f.Options = choosing(f.Options, f.Value)
		case "rows":
			f.Rows = f.cells(prefix)
		case "ticks":
			f.Groups = f.boxes()
		}
		out = append(out, f)
	}
	return out
}

// choosing are options with one of them chosen. A value that is none of them is kept as one: it may be of something that ended.
func choosing(options []mapOption, value string) []mapOption {
	out := slices.Clone(options)
	for i := range out {
		if out[i].Chosen = out[i].Value == value; out[i].Chosen {
			return out
		}
	}
	if value == "" {
		return out
	}
	return append(out, mapOption{Value: value, Text: value, Chosen: true, Data: true})
}

func (f mapField) cells(prefix string) [][]formCell {
	rows := rowsOf(f.Value, len(f.Columns))
	for range f.Spare {
		rows = append(rows, make([]string, len(f.Columns)))
	}
	out := make([][]formCell, len(rows))
	for i, row := range rows {
		for c, column := range f.Columns {
			cell := formCell{formColumn: column, ID: prefix + f.Name + "-" + column.Name + "-" + strconv.Itoa(i+1), Value: row[c]}
			if column.Kind == "choice" {
				cell.Options = choosing(column.Options, row[c])
			}
			out[i] = append(out[i], cell)
		}
	}
	return out
}

func (f mapField) boxes() []tickGroup {
	is := map[string]bool{}
	for _, key := range linesOf(f.Value) {
		is[key] = true
	}
	out := make([]tickGroup, len(f.Groups))
	for i, g := range f.Groups {
		out[i] = tickGroup{Name: g.Name, Boxes: slices.Clone(g.Boxes)}
		for b := range out[i].Boxes {
			if out[i].Boxes[b].Chosen = is[out[i].Boxes[b].Value]; out[i].Boxes[b].Chosen {
				out[i].Count++
				out[i].Opened = true
			}
		}
	}
	return out
}

// say is a value of the field in words.
func (f mapField) say(v *visit, value string) string {
	switch f.Kind {
	case "choice":
		return optionSaid(f.Options, value)
	case "check":
		if value != "" {
			return v.t("yes")
		}
		return v.t("no")
	case "ticks":
		var names []string
		for _, key := range linesOf(value) {
			for _, g := range f.Groups {
				if i := slices.IndexFunc(g.Boxes, func(o mapOption) bool { return o.Value == key }); i >= 0 {
					key = g.Boxes[i].Text
					break
				}
			}
			names = append(names, key)
		}
		return strings.Join(names, ", ")
	case "rows":
		var rows []string
		for _, row := range rowsOf(value, len(f.Columns)) {
			var cells []string
			for c, cell := range row {
				if cell = optionSaid(f.Columns[c].Options, cell); cell != "" && !f.Columns[c].Mute {
					cells = append(cells, cell)
				}
			}
			rows = append(rows, strings.Join(cells, ", "))
		}
		return strings.Join(rows, "; ")
	}
	return value
}

func optionSaid(options []mapOption, value string) string {
	if i := slices.IndexFunc(options, func(o mapOption) bool { return o.Value == value }); i >= 0 {
		return options[i].Text
	}
	return value
}

// dayText is a day as a form has it; empty: none.
func dayText(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// dayOf reads a day of a form; empty: none.
func dayOf(text string) (*calendar.Day, error) {
	if text == "" {
		return nil, nil
	}
	d, err := calendar.ParseDay(text)
	if err != nil {
		return nil, err
	}
	return &d, nil
}

// beginsOn reads the day from which something holds.
func (e *editor) beginsOn(wrong *mistyped, field, text string) calendar.Day {
	d, err := dayOf(text)
	if err != nil || d == nil {
		wrong.add(e.v, field, "This is no day; write it as %s", e.today)
		return e.today
	}
	return *d
}

// knownText are names of the books as rows.
func knownText(known []journey.Known) string {
	var rows [][]string
	for _, k := range known {
		rows = append(rows, []string{k.Name, dayText(k.From), dayText(k.Until)})
	}
	return rowsText(rows)
}

// knownOf reads names of the books with their days.
func (e *editor) knownOf(wrong *mistyped, field, text string) []journey.Known {
	var out []journey.Known
	for _, row := range rowsOf(text, 3) {
		from, errFrom := dayOf(row[1])
		until, errUntil := dayOf(row[2])
		if row[0] == "" {
			wrong.add(e.v, field, "A row has days and no name")
			continue
		}
		if errors.Join(errFrom, errUntil) != nil {
			wrong.add(e.v, field, "A day of %s is none; write it as %s", row[0], e.today)
		}
		out = append(out, journey.Known{Name: row[0], From: from, Until: until})
	}
	return out
}

func (e *editor) knownField(help string) mapField {
	return mapField{Name: "known", Label: e.v.t("Names in the books"), Help: help, Kind: "rows", Spare: 1, Columns: []formColumn{
		{Name: "name", Label: e.v.t("Name"), Kind: "text"}, {Name: "from", Label: e.v.t("From"), Kind: "day", Short: true}, {Name: "until", Label: e.v.t("Up to and without"), Kind: "day", Short: true},
	}}
}

// Wide tells whether the form has more than fields one below the other.
func (f mapForm) Wide() bool {
	return slices.ContainsFunc(f.Fields, func(x mapField) bool { return x.Kind == "rows" || x.Kind == "ticks" })
}

// heldField is a field within its form.
type heldField struct {
	Field mapField
	ID    string
	Small bool // the box is no wider than what it takes
}

func held(form mapForm, f mapField) heldField {
	return heldField{f, formPrefix(form.Name) + f.Name, f.Kind == "day" || f.Kind == "number"}
}

// namelessField says that the books name something by no name at all.
func (e *editor) namelessField() mapField {
	return mapField{Name: "nameless", Label: e.v.t("The books do not name it, not even by its own name"), Kind: "check"}
}

// ticking is whether a box is ticked, as a form has it.
func ticking(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// mapOption is one of a closed list.
type mapOption struct {
	Value, Text  string
	Chosen, Data bool // Data: the text is the company's own, and not translated
}
