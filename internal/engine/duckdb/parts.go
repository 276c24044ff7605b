package duckdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// key gives every id of the load its dense key, the known ones theirs and new
// ones the next numbers, and holds the rows with keys in place of ids.
func (s *staging) key(ctx context.Context) error {
	refers := s.refers()
	if len(refers) == 0 {
		return s.hold(ctx, "")
	}
	var ids []string
	for _, f := range refers {
		ids = append(ids, fmt.Sprintf("SELECT %s AS id FROM %s WHERE %[1]s IS NOT NULL", quoted(f.Column.Name), s.name))
	}
	distinct := "SELECT DISTINCT id, CAST(NULL AS INTEGER) AS key FROM (" + strings.Join(ids, " UNION ALL ") + ")"
	standing := "id"
	if s.forget != nil { // a forgotten id goes by its tombstone from here on
		standing = "sid"
		distinct = "SELECT *, coalesce(" + s.forget.tombstone(engine.ACustomer, "id") + ", id) AS sid FROM (" + distinct + ")"
	}
	last := int64(0)
	if len(s.load.Keys) > 0 {
		known := "read_parquet(" + s.e.files(s.load.Keys) + ")"
		if err := s.e.one(ctx, "SELECT coalesce(max(key), 0) FROM "+known, &last); err != nil {
			return err
		}
		distinct = "SELECT d.* REPLACE (k.key AS key) FROM (" + distinct + ") d LEFT JOIN " + known + " k ON k.id = d." + standing
	}
	met, dictionary := s.e.fresh("met"), s.e.fresh("dictionary")
	defer func() {
		_ = s.e.exec(context.Background(), "DROP TABLE IF EXISTS "+met)
		_ = s.e.exec(context.Background(), "DROP TABLE IF EXISTS "+dictionary)
	}()
	if err := s.e.exec(ctx, "CREATE TEMP TABLE "+met+" AS "+distinct); err != nil {
		return err
	}
	if err := s.number(ctx, met, dictionary, last); err != nil {
		return err
	}
	return s.hold(ctx, dictionary)
}

// number gives new ids the keys after last and writes them as a part of the
// dictionary. The hash of an id stands beside it, so that rows hash numbers.
func (s *staging) number(ctx context.Context, met, dictionary string, last int64) error {
	query, written := `SELECT id, key, hash(id) AS h, FALSE AS fresh FROM %[1]s WHERE key IS NOT NULL
		UNION ALL SELECT id, CAST(%[2]d + row_number() OVER () AS INTEGER), hash(id), TRUE FROM %[1]s WHERE key IS NULL`, "id, key"
	count := "count(*)"
	if s.forget != nil {
		count = "count(DISTINCT sid)"
		query, written = `SELECT id, key, hash(sid) AS h, FALSE AS fresh, sid, sid <> id AS gone FROM %[1]s WHERE key IS NOT NULL
		UNION ALL SELECT id, CAST(%[2]d + dense_rank() OVER (ORDER BY sid) AS INTEGER), hash(sid), TRUE, sid, sid <> id FROM %[1]s WHERE key IS NULL`, "DISTINCT sid AS id, key"
	}
	if err := s.e.exec(ctx, "CREATE TEMP TABLE "+dictionary+" AS "+fmt.Sprintf(query, met, last)); err != nil {
		return err
	}
	var fresh int64
	if err := s.e.one(ctx, "SELECT "+count+" FROM "+dictionary+" WHERE fresh", &fresh); err != nil || fresh == 0 {
		return err
	}
	part, err := s.e.writePart(ctx, "SELECT "+written+" FROM "+dictionary+" WHERE fresh", filepath.Join(s.load.Sources[0].Folder, "keys.parquet"), map[string]int{"id": 1, "key": 2})
	if err != nil {
		return err
	}
	part.Rows, part.Month = fresh, engine.Undated
	s.found[0].NewKeys = &part
	return nil
}

// hold makes the table of staged rows with dense keys; a refused row keeps its
// line and raw value, which for good rows would only take room.
func (s *staging) hold(ctx context.Context, dictionary string) error {
	columns := []string{"s.__file", "s.__month", "s.__bad", "s.__rounded", "s.__raw", "CASE WHEN s.__bad IS NOT NULL THEN s.__line END AS __line"}
	// Numbers join faster than text. Every id of the rows is in the dictionary,
	// so where no two ids share a hash, the same hash is the same id.
	apart := false
	if dictionary != "" && s.forget == nil {
		if err := s.e.one(ctx, "SELECT count(DISTINCT h) = count(*) FROM "+dictionary, &apart); err != nil {
			return err
		}
	}
	var joins []string
	for i, f := range s.load.Fields {
		name := quoted(f.Column.Name)
		if f.Column.Refers == "" {
			columns = append(columns, s.kept(f.Column))
			continue
		}
		d := fmt.Sprintf("d%d", i)
		columns = append(columns, fmt.Sprintf("%s.key AS %s", d, quoted(KeyColumn(f.Column.Name))), fmt.Sprintf("%s.h AS __h%d", d, i))
		on := fmt.Sprintf("%s.id = s.%s", d, name)
		if apart {
			on = fmt.Sprintf("%s.h = CASE WHEN s.%s IS NOT NULL THEN hash(s.%s) END", d, name, name)
		}
		joins = append(joins, fmt.Sprintf("LEFT JOIN %s %s ON %s", dictionary, d, on))
	}
	return s.e.exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT %s FROM %s s %s", s.keyed, strings.Join(columns, ", "), s.name, strings.Join(joins, " ")))
}

// kept is SQL of a staged column without forgotten people.
func (s *staging) kept(c fact.Column) string {
	value := "s." + quoted(c.Name)
	if s.forget == nil || !touches(s.load.Book.Name, c) {
		return value
	}
	var owners []string
	for i, f := range s.load.Fields {
		if f.Column.Refers != "" {
			owners = append(owners, fmt.Sprintf("coalesce(d%d.gone, FALSE)", i))
		}
	}
	return s.forget.column(s.load.Book.Name, c, value, strings.Join(owners, " OR "), "") + " AS " + quoted(c.Name)
}

// rowHashes are the two halves of a row's 128-bit hash over its canonical
// content: typed values in the order of the shape, the hash of an id for the id.
func rowHashes(values []string) (high, low string) {
	reversed := slices.Clone(values)
	slices.Reverse(reversed)
	return "hash(" + strings.Join(values, ", ") + ")", "hash('throughline', " + strings.Join(reversed, ", ") + ")"
}

func (s *staging) canonical() []string {
	values := make([]string, len(s.load.Fields))
	for i, f := range s.load.Fields {
		values[i] = quoted(f.Column.Name)
		if f.Column.Refers != "" {
			values[i] = fmt.Sprintf("__h%d", i)
		}
	}
	return values
}

// FingerprintMethod names how rows are hashed. A change of the engine's hash
// function needs a new name here, and a test notices when it is due.
const FingerprintMethod = "duckdb-1.5-hash-pair"

// write copies the good rows out by source and month, clustered by the first
// key.
func (s *staging) write(ctx context.Context) error {
	if err := s.months(ctx); err != nil {
		return err
	}
	for i := range s.found {
		for j := range s.found[i].Parts {
			p := &s.found[i].Parts[j]
			written, err := s.writeMonth(ctx, i, p.Month)
			if err != nil {
				return err
			}
			p.Path, p.Bytes, p.Digest = written.Path, written.Bytes, written.Digest
		}
	}
	return nil
}

// months counts and fingerprints the staged rows of each source's months.
func (s *staging) months(ctx context.Context) error {
	first, last := "NULL", "NULL"
	if t := s.load.Book.Time; s.maps(t) {
		day := dayNumber(quoted(t))
		first, last = "min("+day+")", "max("+day+")"
	}
	high, low := rowHashes(s.canonical())
	query := fmt.Sprintf("SELECT __file, __month, count(*), CAST(sum(CAST(%s AS HUGEINT)) AS VARCHAR), CAST(sum(CAST(%s AS HUGEINT)) AS VARCHAR), %s, %s FROM %s WHERE __bad IS NULL GROUP BY 1, 2 ORDER BY 1, 2",
		high, low, first, last, s.keyed)
	return s.e.each(ctx, query, func(r *sql.Rows) error {
		var file int
		var month, rows int64
		var h1, h2 string
		var from, to sql.NullInt64
		if err := r.Scan(&file, &month, &rows, &h1, &h2, &from, &to); err != nil {
			return err
		}
		p := engine.Part{Month: calendar.Month(month), Rows: rows, Fingerprint: fingerprint(rows, h1, h2)}
		if from.Valid {
			p.First, p.Last = calendar.Day(from.Int64), calendar.Day(to.Int64)
		}
		s.found[file].Parts = append(s.found[file].Parts, p)
		return nil
	})
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

func (s *staging) writeMonth(ctx context.Context, file int, month calendar.Month) (engine.Part, error) {
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
	query := fmt.Sprintf("SELECT %s FROM %s WHERE __bad IS NULL AND __file = %d AND __month = %d%s", strings.Join(columns, ", "), s.keyed, file, month, order)
	return s.e.writePart(ctx, query, filepath.Join(s.load.Sources[file].Folder, monthFile(month)), fields)
}

// monthFile names the part of a month within its folder.
func monthFile(month calendar.Month) string {
	if month == engine.Undated {
		return "undated.parquet"
	}
	return month.String() + ".parquet"
}

// dayNumber is SQL of a time's day as calendar.Day counts it.
func dayNumber(column string) string {
	return "datediff('day', DATE '1970-01-01', CAST(" + column + " AS DATE))"
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
	size, digest, err := syncFile(absolute)
	return engine.Part{Path: path, Bytes: size, Digest: digest}, err
}

// Empty writes a part of the same columns without any row, for the rows of a
// month that are no longer kept. Nothing of it counts until the manifest says so.
func (e *Engine) Empty(ctx context.Context, book fact.Book, p engine.Part, folder string) (engine.Part, error) {
	have, err := e.columns(ctx, p.Path)
	if err != nil {
		return engine.Part{}, err
	}
	fields := map[string]int{}
	for _, c := range book.Columns {
		if slices.ContainsFunc(have, func(h storedColumn) bool { return h.name == stored(c) }) {
			fields[stored(c)] = c.Field
		}
	}
	out, err := e.writePart(ctx, "SELECT * FROM read_parquet("+e.files([]string{p.Path})+") WHERE FALSE", inPlaceOf(p, folder), fields)
	out.Month, out.First, out.Last = p.Month, p.First, p.Last // of its rows, which it has no longer
	return out, err
}

// inPlaceOf names the file that takes a part's place; the same for the same part.
func inPlaceOf(p engine.Part, folder string) string {
	sum := sha256.Sum256([]byte(p.Path))
	return filepath.Join(folder, hex.EncodeToString(sum[:6])+"-"+filepath.Base(p.Path))
}

// syncFile makes a written file durable and tells its size and digest.
func syncFile(path string) (size int64, digest [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, digest, err
	}
	defer func() { err = closing(err, f.Close) }()
	if err := f.Sync(); err != nil {
		return 0, digest, err
	}
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return 0, digest, err
	}
	h.Sum(digest[:0])
	return size, digest, nil
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
