package ledger

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Row is one posting with what its transaction says.
type Row struct {
	Day      calendar.Day
	ID, Text string
	From, To Account
	Amount   money.Amount // above zero
	Memo     string
	// CorrectsDay and Corrects are the locked day and the id of the transaction
	// that this one corrects, empty where it corrects none.
	CorrectsDay, Corrects string
	Marks                 map[string]string // the others; nil for none
}

// Rows are all postings by day, then by id, then as they were posted.
func (j *Journal) Rows() iter.Seq[Row] {
	p := j.pages()
	return func(yield func(Row) bool) {
		for _, at := range p.order {
			e := p.entries[at]
			row := Row{Day: e.day, ID: e.id, Text: e.text}
			for _, m := range e.marks {
				switch m.key {
				case markCorrectsDay:
					row.CorrectsDay = m.value
				case markCorrects:
					row.Corrects = m.value
				default:
					if row.Marks == nil {
						row.Marks = map[string]string{}
					}
					row.Marks[m.key] = m.value
				}
			}
			for _, x := range e.postings {
				row.From, row.To, row.Amount, row.Memo = p.names[x.from], p.names[x.to], x.amount.amount(), x.memo
				if !yield(row) {
					return
				}
			}
		}
	}
}

// Columns name the cells of a row, as WriteCSV writes them.
var Columns = []string{"day", "id", "text", "from", "to", "amount", "currency", "memo", "corrects_day", "corrects", "marks"}

// Cells are the texts of a row under Columns. Marks are a JSON object, empty
// for none. They are not guarded against a spreadsheet.
func (r Row) Cells(c money.Currency) []string {
	marks := ""
	if len(r.Marks) > 0 {
		if text, err := json.Marshal(r.Marks); err == nil { // a map of texts always is written
			marks = string(text)
		}
	}
	return []string{r.Day.String(), r.ID, r.Text, string(r.From), string(r.To), r.Amount.Text(c.Places()), string(c), r.Memo, r.CorrectsDay, r.Corrects, marks}
}

// WriteCSV writes the rows with a head as RFC 4180 has it, in UTF-8. Texts
// stand on one line, and one that a spreadsheet would take for a formula is
// preceded by an apostrophe.
func (j *Journal) WriteCSV(w io.Writer) error {
	to := bufio.NewWriterSize(w, 1<<16)
	out := csv.NewWriter(to)
	out.UseCRLF = true
	if err := out.Write(Columns); err != nil {
		return written("CSV", err)
	}
	for r := range j.Rows() {
		cells := r.Cells(j.currency)
		for i, c := range cells {
			cells[i] = guard(c)
		}
		if err := out.Write(cells); err != nil {
			return written("CSV", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return written("CSV", err)
	}
	return written("CSV", to.Flush())
}

var nothing = meaning("")

// guard keeps a spreadsheet from taking a text for a formula: OWASP, "CSV
// Injection". The full-width signs are taken for the plain ones in some
// locales.
func guard(text string) string {
	text = string(oneLine(nil, text, nothing))
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + text
	}
	return text
}
