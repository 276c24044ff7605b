package duckdb

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// What pages ask of touchpoints is derived in two steps. Of the parts of a book and month, which later imports leave alone, a folder holds
// the counts of each name and day and the newest words; of all of these, a folder of a snapshot holds the counts together, once by
// name and once by day.

// The forms change when the files do.
const (
	monthForm   = "touched2-"
	touchedForm = "touchpoints3-"
)

// touchedBooks are the books whose rows are counted, with the time of a row.
var touchedBooks = []struct{ name, time string }{{"interactions", "started_at"}, {"answers", "answered_at"}, {"remarks", "received_at"}}

// bookMonth is the parts of a book and month.
type bookMonth struct {
	book, time string
	month      calendar.Month
	parts      []engine.Part
}

// monthsOf lists them, the newest first.
func monthsOf(v engine.View) []bookMonth {
	var out []bookMonth
	for _, b := range touchedBooks {
		at := map[calendar.Month]int{}
		for _, p := range v.Books[b.name] {
			if p.Rows == 0 {
				continue
			}
			i, ok := at[p.Month]
			if !ok {
				i = len(out)
				at[p.Month], out = i, append(out, bookMonth{book: b.name, time: b.time, month: p.Month})
			}
			out[i].parts = append(out[i].parts, p)
		}
	}
	slices.SortStableFunc(out, func(a, b bookMonth) int { return cmp.Compare(b.month, a.month) })
	return out
}

// name is that of what is derived of the parts.
func (m bookMonth) name() string {
	h := sha256.New()
	_, _ = h.Write([]byte(m.book)) // a hash takes every byte
	for _, p := range m.parts {
		_, _ = h.Write([]byte("\x00" + p.Path + "\x00"))
		_, _ = h.Write(p.Digest[:])
	}
	return monthForm + hex.EncodeToString(h.Sum(nil)[:16])
}

// touchedName is that of the counts of all months together.
func touchedName(months []bookMonth) string {
	h := sha256.New()
	for _, m := range months {
		_, _ = h.Write([]byte(m.name() + "\x00"))
	}
	return touchedForm + hex.EncodeToString(h.Sum(nil)[:16])
}

// touchedNames are all that is derived of a view for its touchpoints.
func touchedNames(v engine.View) []string {
	months := monthsOf(v)
	if len(months) == 0 {
		return nil
	}
	names := []string{touchedName(months)}
	for _, m := range months {
		names = append(names, m.name())
	}
	return names
}

// PrepareTouchpoints makes what TouchpointDays and Words need of a view, unless it is there. Months whose parts are those of an earlier
// view are not read again.
func (r *Reader) PrepareTouchpoints(ctx context.Context, v engine.View) error {
	months := monthsOf(v)
	if len(months) == 0 {
		return nil
	}
	var from []string
	for _, m := range months {
		from = append(from, r.absolute(m.parts)...)
	}
	err := r.derived.make(ctx, r.life, recipe{name: touchedName(months), from: from, build: func(ctx context.Context, folder string) error {
		return r.building(ctx, func(e *Engine) error {
			if err := r.countMonths(ctx, e, months); err != nil {
				return err
			}
			return e.together(ctx, &r.derived, months, folder)
		})
	}})
	if err != nil || !slices.ContainsFunc(months, func(m bookMonth) bool { return !r.derived.has(m.name()) }) {
		return err
	}
	// Somebody deleted a month and left what was made of it.
	return r.building(ctx, func(e *Engine) error { return r.countMonths(ctx, e, months) })
}

// countMonths makes what is derived of the months that are not there, all with one engine.
func (r *Reader) countMonths(ctx context.Context, e *Engine, months []bookMonth) error {
	for _, m := range months {
		if err := r.derived.build(ctx, recipe{name: m.name(), from: r.absolute(m.parts), build: func(ctx context.Context, folder string) error { return e.countMonth(ctx, m, folder) }}); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) absolute(parts []engine.Part) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = filepath.Join(r.o.Dir, p.Path)
	}
	return out
}

// touched has what is derived of a view ready: at once where it is there or the books are small.
func (r *Reader) touched(ctx context.Context, v engine.View, months []bookMonth) error {
	ready, rows := r.derived.has(touchedName(months)), int64(0)
	for _, m := range months {
		ready, rows = ready && r.derived.has(m.name()), rows+counted(m.parts)
	}
	switch {
	case ready:
		return nil
	case rows > r.o.Small:
		return engine.ErrUnready
	}
	return r.PrepareTouchpoints(ctx, v)
}

// The files of a month: its counts, and its words where the book has any.
const (
	daysFile  = "days.parquet"
	wordsFile = "words.parquet"
)

// countMonth works out what is derived of a month.
func (e *Engine) countMonth(ctx context.Context, m bookMonth, folder string) error {
	has := map[string]bool{}
	for _, p := range m.parts {
		columns, err := e.columns(ctx, p.Path)
		if err != nil {
			return err
		}
		for _, c := range columns {
			has[c.name] = true
		}
	}
	l := &Ledger{e: e, has: map[string]map[string]bool{m.book: has}}
	values := map[string]any{"Means": contactMeans, "Flags": contactFlags, "Waits": journey.Waits, "Folded": foldedSQL("name"), "Score": inMillionths("r.score"), "Most": engine.MostWords, "Book": m.book}
	rows := func(columns ...column) string {
		list := make([]string, len(columns))
		for i, c := range columns {
			list[i] = l.column(m.book, c.name, c.native)
		}
		return fmt.Sprintf("SELECT %s, %s FROM read_parquet(%s, union_by_name = true)", m.time, join(list), e.files(paths(m.parts)))
	}
	touchpoint := column{"touchpoint", "VARCHAR"}
	switch m.book {
	case "interactions":
		values["Rows"] = rows(contactColumns...)
		return e.derive(ctx, "days_contacts.sql", values, filepath.Join(folder, daysFile))
	case "answers":
		values["Rows"] = rows(touchpoint, column{"question", "VARCHAR"}, column{"scale", "VARCHAR"}, column{"score", "DECIMAL(18,6)"}, column{"comment", "VARCHAR"})
		if err := e.asked(ctx, values["Rows"].(string)); err != nil {
			return err
		}
		if err := e.derive(ctx, "days_answers.sql", values, filepath.Join(folder, daysFile)); err != nil {
			return err
		}
		values["Rows"] = fmt.Sprintf("SELECT coalesce(touchpoint, '') AS name, answered_at AS moment, answer_id AS id, customer_key, comment AS words, CAST(NULL AS VARCHAR) AS channel, %s AS question, %s AS scale, score, language FROM (%s)",
			foldedSQL("question"), foldedSQL("scale"), rows(touchpoint, column{"answer_id", "VARCHAR"}, column{"customer_key", "INTEGER"}, column{"comment", "VARCHAR"}, column{"question", "VARCHAR"}, column{"scale", "VARCHAR"}, column{"score", "DECIMAL(18,6)"}, column{"language", "VARCHAR"}))
	case "remarks":
		values["Rows"] = rows(touchpoint)
		if err := e.derive(ctx, "days_remarks.sql", values, filepath.Join(folder, daysFile)); err != nil {
			return err
		}
		values["Rows"] = "SELECT coalesce(touchpoint, '') AS name, received_at AS moment, remark_id AS id, customer_key, text AS words, channel, CAST(NULL AS VARCHAR) AS question, CAST(NULL AS VARCHAR) AS scale, CAST(NULL AS DECIMAL(18,6)) AS score, language FROM (" +
			rows(touchpoint, column{"remark_id", "VARCHAR"}, column{"customer_key", "INTEGER"}, column{"text", "VARCHAR"}, column{"channel", "VARCHAR"}, column{"language", "VARCHAR"}) + ")"
	}
	return e.derive(ctx, "days_words.sql", values, filepath.Join(folder, wordsFile))
}

// dayRows is how many rows share a row group: what a question unpacks at least.
const dayRows = 8192

// togetherRows is the same in the counts of all months: with half as many rows, a question about one name took twice as long, for all the groups
// that it looks into the statistics of.
const togetherRows = 16384

// derive writes the rows of a question into a file.
func (e *Engine) derive(ctx context.Context, name string, values map[string]any, path string) error {
	query, err := question(name, values)
	if err != nil {
		return err
	}
	return e.exec(ctx, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, ROW_GROUP_SIZE %d)", query, literal(path), dayRows))
}

// together joins the counts of all months, by name and by day. A day's rows of a book are of one month, so nothing is added up.
func (e *Engine) together(ctx context.Context, d *derivations, months []bookMonth, folder string) error {
	for _, b := range touchedBooks {
		var files []string
		for _, m := range months {
			if m.book == b.name {
				files = append(files, literal(filepath.Join(d.path(m.name()), daysFile)))
			}
		}
		if len(files) == 0 {
			continue
		}
		for _, order := range []string{"name, day", "day, name"} {
			query := fmt.Sprintf("COPY (SELECT *, concat_ws(',', %s) AS packed FROM read_parquet([%s]) ORDER BY %s) TO %s (FORMAT parquet, ROW_GROUP_SIZE %d)", join(packedColumns(b.name)), join(files), order, literal(filepath.Join(folder, touchedFile(b.name, order))), togetherRows)
			if err := e.exec(ctx, query); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(filepath.Join(folder, "about.txt"), []byte(fmt.Sprintf("counts of %d months of books by name and day\n", len(months))), 0o644)
}

// touchedFile is the counts of a book in an order.
func touchedFile(book, order string) string {
	first, _, _ := strings.Cut(order, ",")
	return book + "-by-" + first + ".parquet"
}
