package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// Behind answers who is behind a line of a statement.
func (r *Reader) Behind(ctx context.Context, ask engine.Behind) (engine.Standings, error) {
	out := engine.Standings{Line: ask.Line}
	stood, err := r.stood(ctx, ask.Of)
	if err != nil {
		return out, err
	}
	t, ok := stood.Totals[ask.Line]
	if !ok {
		return out, fmt.Errorf("no line %q in the statement", ask.Line)
	}
	out.Units, out.Sum, out.Lines = t.Units, amount(t.Sum), t.Lines
	after := int64(0)
	if ask.After != "" {
		if after, err = cursorAt(ask.After, "r"); err != nil {
			return out, err
		}
	}
	if t.Units == 0 || after >= t.Units {
		return out, nil
	}
	keys, err := r.ranked(ctx, ask, span{after, min(after+int64(pageOf(ask.Limit)), t.Units), stood.FileRows}, &out)
	if err != nil {
		return out, r.mended(standingName(ask.Of), err)
	}
	if last := out.Rows[len(out.Rows)-1].Rank; last < t.Units {
		out.Next = "r" + strconv.FormatInt(last, 10)
	}
	return out, r.name(ctx, ask, keys, out.Rows)
}

// stood opens what is derived of a statement; where its books are small it is
// made first.
func (r *Reader) stood(ctx context.Context, s engine.Statement) (stood, error) {
	var out stood
	if !r.ReadyBehind(s) {
		if counted(s.Orders)+counted(s.Customers)+counted(s.Subscriptions) > r.o.Small {
			return out, engine.ErrUnready
		}
		if err := r.PrepareBehind(ctx, s); err != nil {
			return out, err
		}
	}
	text, err := os.ReadFile(filepath.Join(r.derived.path(standingName(s)), "about.json"))
	if err != nil {
		return out, r.mended(standingName(s), err)
	}
	return out, json.Unmarshal(text, &out)
}

// span is some ranks of a line, and how many of them a file has.
type span struct{ after, last, fileRows int64 }

// ranked reads a page of a line's files; keys are 0 for accounts and
// households.
func (r *Reader) ranked(ctx context.Context, ask engine.Behind, of span, out *engine.Standings) (keys []engine.Key, err error) {
	var files []string
	for n := of.after / of.fileRows; n*of.fileRows < of.last; n++ {
		files = append(files, literal(filepath.Join(r.derived.path(standingName(ask.Of)), rankFile(ask.Line, n))))
	}
	brought := "0, 0, '0'"
	if ask.Line == engine.Referrers || ask.Line == engine.Quiet {
		brought = "brought, depth, CAST(chain AS VARCHAR)"
	}
	query := fmt.Sprintf(`SELECT rank, coalesce(customer, 0), coalesce(grouped, ''), coalesce(entity, ''), state, via, how, CAST(r0 AS VARCHAR), CAST(r1 AS VARCHAR), CAST(stake AS VARCHAR), %s
		FROM read_parquet([%s]) WHERE rank > %d AND rank <= %d ORDER BY rank`, brought, join(files), of.after, of.last)
	err = r.with(ctx, func(e *Engine) error {
		return e.each(ctx, query, func(rows *sql.Rows) error {
			var s engine.Standing
			var key engine.Key
			var prior, current, stake, chain string
			var b engine.Brought
			if err := rows.Scan(&s.Rank, &key, &s.Group, &s.Entity, &s.State, &s.Via, &s.How, &prior, &current, &stake, &b.Customers, &b.Depth, &chain); err != nil {
				return err
			}
			if ask.Line == engine.Referrers {
				b.Chain = amount(chain)
				s.Brought = &b
			}
			if ask.Line == engine.Quiet {
				alive, _ := amount(chain).Rat().Float64()
				s.Silence = &engine.Silence{Alive: alive, Purchases: b.Customers, Since: b.Depth}
			}
			s.Prior, s.Current, s.Stake = amount(prior), amount(current), amount(stake)
			if s.Group != "" && !ask.Seer.Identified {
				s.Group = ask.Seer.Veil.Group(s.Group)
			}
			out.Rows, keys = append(out.Rows, s), append(keys, key)
			return nil
		})
	})
	return keys, err
}

// name looks up the customers of a page.
func (r *Reader) name(ctx context.Context, ask engine.Behind, keys []engine.Key, rows []engine.Standing) error {
	var wanted []engine.Key
	for _, k := range keys {
		if k != 0 {
			wanted = append(wanted, k)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	x, err := r.index(ctx, ask.Names)
	if err != nil {
		return err
	}
	found, err := x.customers(wanted, ask.Seer)
	if err != nil {
		return r.mended(indexName(ask.Names), err)
	}
	for i, k := range keys {
		if k != 0 {
			rows[i].Customer, found = &found[0], found[1:]
		}
	}
	return nil
}

// blockQuestions are those from which the statements beside the customer
// statement are made, by the name of their block.
var blockQuestions = map[engine.Line]struct{ file, title, definition string }{
	"views": {"audited.sql", "the customers of both periods", "what each did in both periods, and in which tenth they stand; bands, tenths, moves and groups are counted of it"},
}

// Question gives the question behind a line, or of a whole block,, as it was asked of the books.
func (r *Reader) Question(ctx context.Context, s engine.Statement, line engine.Line) (engine.Question, error) {
	stood, err := r.stood(ctx, s)
	if err != nil {
		return engine.Question{}, err
	}
	w, active := windows(s)
	values := bounds(w, active)
	if of, ok := blockQuestions[line]; ok {
		text, err := question(of.file, values)
		return engine.Question{Title: of.title, Definition: of.definition, SQL: text, Inputs: stood.Inputs}, err
	}
	if line == engine.Referrers {
		return engine.Question{}, fmt.Errorf("the line %q is put together from several questions", line)
	}
	b, ok := behindLines[line]
	name := "behind.sql"
	if !ok {
		if _, ok := stood.Totals[line]; !ok {
			return engine.Question{}, fmt.Errorf("no line %q in the statement", line)
		}
		b.Definition, name = "lines of the period that the bridge does not see, by why", "coverage.sql"
	}
	values["Line"], values["Table"], values["Definition"], values["Stake"], values["Where"] = line, "", b.Definition, b.Stake, b.Where
	text, err := question(name, values)
	q := engine.Question{Title: strings.ReplaceAll(string(line), "_", " "), Definition: b.Definition, SQL: text, Inputs: stood.Inputs}
	return q, err
}
