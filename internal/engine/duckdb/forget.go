package duckdb

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// forgetting takes forgotten people out of rows: of those that are imported,
// and, by the same rules, of those that are stored already. So a source that
// still holds somebody becomes the same rows again.
type forgetting struct {
	id, in string // SQL functions: the tombstone of an id, whether a text names somebody
}

// Columns of ids that name somebody without a dense key, by book.
var namedIDs = map[string]map[string]engine.Subject{
	"customers":    {"referred_by": engine.ACustomer, "account_id": engine.ACustomer, "household_id": engine.ACustomer},
	"people":       {"person_id": engine.APerson, "manager_id": engine.APerson},
	"trainings":    {"person_id": engine.APerson},
	"interactions": {"person_id": engine.APerson},
	"answers":      {"person_id": engine.APerson},
}

// spoken are columns of short texts that seldom say who somebody is and do
// when somebody wrote it there.
var spoken = map[string][]string{
	"orders": {"product"}, "subscriptions": {"plan"}, "answers": {"choice"}, "people": {"exit_kind"}, "trainings": {"course"},
}

// forgets makes the functions of a memory; nil when nobody is forgotten.
func (e *Engine) forgets(m engine.Memory) (*forgetting, error) {
	recall := m.Recall()
	if recall == nil {
		return nil, nil
	}
	f := &forgetting{id: e.fresh("forgotten_id"), in: e.fresh("forgotten_in")}
	varchar, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return nil, err
	}
	boolean, err := duckdb.NewTypeInfo(duckdb.TYPE_BOOLEAN)
	if err != nil {
		return nil, err
	}
	id := &scalar{config: duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{varchar, varchar}, ResultTypeInfo: varchar}, row: func(v []driver.Value) (any, error) {
		subject, ok1 := v[0].(string)
		text, ok2 := v[1].(string)
		if !ok1 || !ok2 {
			return nil, errors.New("a forgotten id is a text")
		}
		if tombstone, ok := recall.ID(engine.Subject(subject), text); ok {
			return tombstone, nil
		}
		return nil, nil
	}}
	in := &scalar{config: duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{varchar}, ResultTypeInfo: boolean}, row: func(v []driver.Value) (any, error) {
		text, ok := v[0].(string)
		if !ok {
			return nil, errors.New("a text is a text")
		}
		return recall.In(text), nil
	}}
	if err := duckdb.RegisterScalarUDF(e.conn, f.id, id); err != nil {
		return nil, err
	}
	return f, duckdb.RegisterScalarUDF(e.conn, f.in, in)
}

// scalar is a function of ours that SQL calls row by row.
type scalar struct {
	config duckdb.ScalarFuncConfig
	row    duckdb.RowExecutorFn
}

func (s *scalar) Config() duckdb.ScalarFuncConfig { return s.config }

func (s *scalar) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: s.row}
}

// tombstone is SQL of what stands for an id; NULL where it is nobody's.
func (f *forgetting) tombstone(subject engine.Subject, value string) string {
	return f.id + "(" + literal(string(subject)) + ", " + value + ")"
}

// touches tells whether a column may say who somebody is.
func touches(book string, c fact.Column) bool {
	_, id := namedIDs[book][c.Name]
	return id || slices.Contains(written[book], c.Name) || slices.Contains(spoken[book], c.Name)
}

// column is SQL of a column's value without forgotten people. owner is SQL
// that is true of a forgotten customer's own row, and maybe SQL that must be
// true of a text that names somebody.
func (f *forgetting) column(book string, c fact.Column, value, owner, maybe string) string {
	if subject, ok := namedIDs[book][c.Name]; ok {
		return fmt.Sprintf("coalesce(%s, %s)", f.tombstone(subject, value), value)
	}
	gone := "NULL"
	if c.Required || slices.Contains(spoken[book], c.Name) {
		gone = literal(engine.ErasedText)
	}
	named := fmt.Sprintf("%s(%s)", f.in, value)
	if maybe != "" {
		named = "CASE WHEN " + maybe + " THEN " + named + " ELSE FALSE END"
	}
	if slices.Contains(written[book], c.Name) && owner != "" {
		return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN %[2]s THEN %[3]s WHEN %[4]s THEN %[3]s ELSE %[1]s END", value, owner, gone, named)
	}
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN %[4]s THEN %[3]s ELSE %[1]s END", value, owner, gone, named)
}
