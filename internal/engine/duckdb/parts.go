package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
)

// assignKeys gives every id of the load its dense key: the known ones theirs,
// new ones the next numbers, written as a part of the dictionary.
func (s *staging) assignKeys(ctx context.Context, found *engine.Staged, folder string) error {
	refers := s.refers()
	if len(refers) == 0 || found.Rows == 0 {
		return nil
	}
	var ids []string
	for _, f := range refers {
		ids = append(ids, fmt.Sprintf("SELECT %s AS id FROM %s WHERE __bad IS NULL AND %[1]s IS NOT NULL", quoted(f.Column.Name), s.name))
	}
	dictionary := s.e.fresh("dictionary")
	last := int64(0)
	known := "(SELECT NULL::VARCHAR AS id, NULL::INTEGER AS key WHERE FALSE)"
	if len(s.load.Keys) > 0 {
		known = "read_parquet(" + s.e.files(s.load.Keys) + ")"
		if err := s.e.one(ctx, "SELECT coalesce(max(key), 0) FROM "+known, &last); err != nil {
			return err
		}
	}
	if err := s.e.exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT d.id, k.key FROM (SELECT DISTINCT id FROM (%s)) d LEFT JOIN %s k ON k.id = d.id",
		dictionary, strings.Join(ids, " UNION ALL "), known)); err != nil {
		return err
	}
	if err := s.newKeys(ctx, dictionary, last, found, folder); err != nil {
		return err
	}
	if err := s.keyedTable(ctx, dictionary); err != nil {
		return err
	}
	return s.e.exec(ctx, "DROP TABLE "+dictionary)
}

func (s *staging) newKeys(ctx context.Context, dictionary string, last int64, found *engine.Staged, folder string) error {
	var fresh int64
	if err := s.e.one(ctx, "SELECT count(*) FROM "+dictionary+" WHERE key IS NULL", &fresh); err != nil || fresh == 0 {
		return err
	}
	if last+fresh > 1<<31-1 {
		return fmt.Errorf("%s: more than %d different customers; the books hold no more", s.load.Name, 1<<31-1)
	}
	numbered := s.e.fresh("numbered")
	if err := s.e.exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT id, CAST(coalesce(key, %d + row_number() OVER (PARTITION BY key IS NULL)) AS INTEGER) AS key, key IS NULL AS fresh FROM %s",
		numbered, last, dictionary)); err != nil {
		return err
	}
	if err := s.e.exec(ctx, "DROP TABLE "+dictionary); err != nil {
		return err
	}
	if err := s.e.exec(ctx, "ALTER TABLE "+numbered+" RENAME TO "+dictionary); err != nil {
		return err
	}
	part, err := s.e.writePart(ctx, "SELECT id, key FROM "+dictionary+" WHERE fresh", filepath.Join(folder, "keys.parquet"), map[string]int{"id": 1, "key": 2})
	if err != nil {
		return err
	}
	part.Rows = fresh
	found.NewKeys = &part
	return nil
}

// keyedTable replaces ids by keys, once for all months.
func (s *staging) keyedTable(ctx context.Context, dictionary string) error {
	keyed := s.e.fresh("keyed")
	columns := []string{"s.__line", "s.__month", s.hashes()}
	var joins []string
	for i, f := range s.load.Fields {
		name := quoted(f.Column.Name)
		if f.Column.Refers == "" {
			columns = append(columns, "s."+name)
			continue
		}
		d := fmt.Sprintf("d%d", i)
		columns = append(columns, fmt.Sprintf("%s.key AS %s", d, quoted(KeyColumn(f.Column.Name))))
		joins = append(joins, fmt.Sprintf("LEFT JOIN %s %s ON %s.id = s.%s", dictionary, d, d, name))
	}
	err := s.e.exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT %s FROM %s s %s WHERE s.__bad IS NULL", keyed, strings.Join(columns, ", "), s.name, strings.Join(joins, " ")))
	if err != nil {
		return err
	}
	s.keyed = keyed
	return s.e.exec(ctx, "DROP TABLE "+s.name)
}

// hashes are the two halves of a row's 128-bit hash over its canonical
// content: typed values in the order of the shape, ids as text.
func (s *staging) hashes() string {
	var names, reversed []string
	for _, f := range s.load.Fields {
		n := "s." + quoted(f.Column.Name)
		names = append(names, n)
		reversed = append([]string{n}, reversed...)
	}
	return fmt.Sprintf("hash(%s) AS __h1, hash('throughline', %s) AS __h2", strings.Join(names, ", "), strings.Join(reversed, ", "))
}

// FingerprintMethod names how rows are hashed. A change of the engine's hash
// function needs a new name here, and a test notices when it is due.
const FingerprintMethod = "duckdb-1.5-hash-pair"

// write copies the good rows out by month, clustered by the first key.
func (s *staging) write(ctx context.Context, found *engine.Staged, folder string) error {
	if found.Rows == 0 {
		return nil
	}
	if s.keyed == "" {
		s.keyed = s.e.fresh("keyed")
		var names []string
		for _, f := range s.load.Fields {
			names = append(names, "s."+quoted(f.Column.Name))
		}
		if err := s.e.exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT s.__line, s.__month, %s, %s FROM %s s WHERE s.__bad IS NULL",
			s.keyed, s.hashes(), strings.Join(names, ", "), s.name)); err != nil {
			return err
		}
	}
	parts, err := s.months(ctx)
	if err != nil {
		return err
	}
	for i := range parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		written, err := s.writeMonth(ctx, parts[i].Month, folder)
		if err != nil {
			return err
		}
		parts[i].Path, parts[i].Bytes = written.Path, written.Bytes
	}
	found.Parts = parts
	return nil
}

// months counts and fingerprints the staged rows of each month.
func (s *staging) months(ctx context.Context) ([]engine.Part, error) {
	first, last := "NULL", "NULL"
	if t := s.load.Book.Time; s.maps(t) {
		day := "datediff('day', DATE '1970-01-01', CAST(" + quoted(t) + " AS DATE))"
		first, last = "min("+day+")", "max("+day+")"
	}
	var parts []engine.Part
	query := fmt.Sprintf("SELECT __month, count(*), CAST(sum(CAST(__h1 AS HUGEINT)) AS VARCHAR), CAST(sum(CAST(__h2 AS HUGEINT)) AS VARCHAR), %s, %s FROM %s GROUP BY 1 ORDER BY 1", first, last, s.keyed)
	err := s.e.each(ctx, query, func(r *sql.Rows) error {
		var month, rows int64
		var h1, h2 string
		var from, to sql.NullInt64
		if err := r.Scan(&month, &rows, &h1, &h2, &from, &to); err != nil {
			return err
		}
		p := engine.Part{Month: calendar.Month(month), Rows: rows, Fingerprint: fingerprint(rows, h1, h2)}
		if from.Valid {
			p.First, p.Last = calendar.Day(from.Int64), calendar.Day(to.Int64)
		}
		parts = append(parts, p)
		return nil
	})
	return parts, err
}

func fingerprint(rows int64, h1, h2 string) engine.Fingerprint {
	high, ok1 := new(big.Int).SetString(h1, 10)
	low, ok2 := new(big.Int).SetString(h2, 10)
	if !ok1 || !ok2 {
		panic("duckdb printed a sum that is no integer") // sums of integers are integers
	}
	return engine.NewFingerprint(rows, high.Add(high.Lsh(high, 64), low))
}

func (s *staging) maps(column string) bool {
	for _, f := range s.load.Fields {
		if f.Column.Name == column {
			return true
		}
	}
	return false
}

func (s *staging) writeMonth(ctx context.Context, month calendar.Month, folder string) (engine.Part, error) {
	var columns []string
	fields := map[string]int{}
	order := ""
	for _, f := range s.load.Fields {
		name := f.Column.Name
		if f.Column.Refers != "" {
			name = KeyColumn(name)
			if order == "" {
				order = " ORDER BY " + quoted(name)
			}
		}
		columns = append(columns, quoted(name))
		fields[name] = f.Column.Field
	}
	name := "undated"
	if month != engine.Undated {
		name = month.String()
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE __month = %d%s", strings.Join(columns, ", "), s.keyed, month, order)
	return s.e.writePart(ctx, query, filepath.Join(folder, name+".parquet"), fields)
}

// writePart copies a query's rows into one Parquet file below the data folder
// and makes it durable.
func (e *Engine) writePart(ctx context.Context, query, path string, fields map[string]int) (engine.Part, error) {
	var ids []string
	for name, id := range fields {
		ids = append(ids, fmt.Sprintf("%s: %d", quoted(name), id))
	}
	absolute := filepath.Join(e.dir, path)
	if err := os.MkdirAll(filepath.Dir(absolute), 0o755); err != nil {
		return engine.Part{}, err
	}
	if err := e.exec(ctx, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, FIELD_IDS {%s})", query, literal(absolute), strings.Join(ids, ", "))); err != nil {
		return engine.Part{}, err
	}
	size, err := syncFile(absolute)
	return engine.Part{Path: path, Bytes: size}, err
}

// syncFile makes a written file durable and tells its size.
func syncFile(path string) (size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = closing(err, f.Close) }()
	if err := f.Sync(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func dayOf(n sql.NullInt64) *calendar.Day {
	if !n.Valid {
		return nil
	}
	d := calendar.Day(n.Int64)
	return &d
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = closing(err, f.Close) }()
	return f.Sync()
}
