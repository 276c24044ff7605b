package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the engine, bare
)

// The simulated company sells for eight years, and one month more.
const (
	firstYear = 2011
	lastYear  = 2018
	years     = lastYear - firstYear + 1
	nextMonth = "2019-01"
)

// engineFlags are what bare and generate share.
type engineFlags struct {
	memory, scratch string
	threads         int
}

func (e *engineFlags) register(f *flag.FlagSet) {
	f.StringVar(&e.memory, "memory", "3GB", "memory limit")
	f.StringVar(&e.scratch, "scratch", "", "folder for what does not fit into memory")
	f.IntVar(&e.threads, "threads", 1, "threads")
}

// engine is one connection to an empty DuckDB with Throughline's settings.
func (e *engineFlags) engine(ctx context.Context, ordered bool, do func(*sql.Conn) error) (err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, s := range []string{
		"SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false", "SET enable_progress_bar = false",
		fmt.Sprintf("SET preserve_insertion_order = %t", ordered),
		"SET memory_limit = " + literal(e.memory),
		fmt.Sprintf("SET threads = %d", e.threads),
		"SET temp_directory = " + literal(e.scratch),
	} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return do(conn)
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// generate writes the simulated lines: a Parquet file for each year, one for
// the month after them, or all years as one CSV. They are the same for the
// same numbers.
func generate(ctx context.Context, args []string) error {
	var e engineFlags
	var lines, customers int64
	var skew float64
	var dir, next, csv string
	f := flag.NewFlagSet("bench generate", flag.ContinueOnError)
	e.register(f)
	f.Int64Var(&lines, "lines", 0, "lines in the eight years")
	f.Int64Var(&customers, "customers", 0, "customers")
	f.Float64Var(&skew, "skew", 1, "skew")
	f.StringVar(&dir, "dir", "", "folder of the years' files")
	f.StringVar(&next, "next", "", "folder of the month after them")
	f.StringVar(&csv, "csv", "", "write the years of dir as this CSV file instead")
	if err := f.Parse(args); err != nil {
		return err
	}
	return e.engine(ctx, true, func(conn *sql.Conn) error {
		if csv != "" {
			_, err := conn.ExecContext(ctx, "COPY (FROM read_parquet("+literal(filepath.Join(dir, "*.parquet"))+")) TO "+literal(csv)+" (FORMAT csv, HEADER)")
			return err
		}
		for y := range years {
			begin := fmt.Sprintf("%d-01-01", firstYear+y)
			end := fmt.Sprintf("%d-01-01", firstYear+y+1)
			from, to := lines*int64(y)/years, lines*int64(y+1)/years
			if _, err := conn.ExecContext(ctx, file(from, to, customers, skew, begin, end, filepath.Join(dir, begin[:4]+".parquet"))); err != nil {
				return err
			}
		}
		_, err := conn.ExecContext(ctx, file(lines, lines+max(1, lines/(12*years)), customers, skew, "2019-01-01", "2019-02-01", filepath.Join(next, nextMonth+".parquet")))
		return err
	})
}

// file copies lines from…to, in the order of time, into one Parquet file. One
// line in fifty gives back the line before it.
func file(from, to, customers int64, skew float64, begin, end, path string) string {
	return fmt.Sprintf(`COPY (
		SELECT 'C' || lpad(CAST(least(CAST(floor(%[3]d * pow((hash(bought, 'customer') %% 1000000007) / 1000000007.0, %[4]g)) AS BIGINT), %[3]d - 1) AS VARCHAR), 8, '0') AS customer_id,
			TIMESTAMP '%[5]s' + to_seconds(CAST(floor((i - %[1]d) / (%[2]d - %[1]d) * epoch(TIMESTAMP '%[6]s' - TIMESTAMP '%[5]s')) AS BIGINT)) AS ordered_at,
			CAST(CAST((CASE WHEN i = bought THEN 1 ELSE -1 END) * CAST(100 + hash(bought, 'amount') %% 19900 AS BIGINT) AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(18,2)) AS amount
		FROM (SELECT i, CASE WHEN i %% 50 = 49 THEN i - 1 ELSE i END AS bought FROM range(%[1]d, %[2]d) t(i))
	) TO %[7]s (FORMAT parquet)`, from, to, customers, skew, begin, end, literal(path))
}
