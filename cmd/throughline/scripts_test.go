package main

import (
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // writes the Parquet files of the scripts
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"throughline": main})
}

// TestScripts runs testdata/*.txtar, one script a theme. Beside testscript's
// own commands there are
//
//	refused ARGS…       throughline ARGS exits with 1 and prints nothing on standard output
//	wrong ARGS…         throughline ARGS exits with 2 and prints nothing on standard output
//	unsealed            throughline closes says that nothing has been sealed
//	halve FILE          cuts the second half of a file off
//	gz FILE             compresses FILE to FILE.gz and removes it
//	parquet FILE QUERY  writes a query's rows as Parquet
//	longline FILE N     writes a CSV file of which one line is N bytes long
//	keptaudit FILE      holds the audit log to the head in FILE
//	tamper FILE         changes an entry of the audit log in a store
//	forbid FILE         takes everybody's right to read away
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("THROUGHLINE_THREADS", "1")
			return nil
		},
		Condition: func(name string) (bool, error) {
			return name == "root" && os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"refused":   exits(exitRefused),
			"wrong":     exits(exitUsage),
			"unsealed":  nothingSealed,
			"halve":     halve,
			"gz":        compress,
			"parquet":   parquet,
			"longline":  longLine,
			"keptaudit": keptAudit,
			"tamper":    tamper,
			"forbid": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.Chmod(ts.MkAbs(args[0]), 0))
			},
		},
	})
}

// exits runs throughline and wants an exit status and an empty output.
func exits(want int) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		err := ts.Exec("throughline", args...)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != want {
			ts.Fatalf("throughline %s: %v, want exit status %d\n%s", strings.Join(args, " "), err, want, ts.ReadFile("stdout"))
		}
		if out := ts.ReadFile("stdout"); out != "" {
			ts.Fatalf("throughline %s: prints, although it refuses:\n%s", strings.Join(args, " "), out)
		}
		said := ts.ReadFile("stderr")
		if !strings.HasPrefix(said, "throughline: ") && !strings.Contains(said, "\nthroughline: ") {
			ts.Fatalf("the refusal does not begin with the program's name:\n%s", said)
		}
		for _, foreign := range []string{"Error:", "Binder", "goroutine", "sql:", "duckdb", "panic", "defect"} {
			if strings.Contains(said, foreign) {
				ts.Fatalf("the refusal says %q:\n%s", foreign, said)
			}
		}
	}
}

func nothingSealed(ts *testscript.TestScript, _ bool, _ []string) {
	if err := ts.Exec("throughline", "closes"); err == nil || !strings.Contains(ts.ReadFile("stderr"), "nothing has been closed") {
		ts.Fatalf("something is sealed, or the list cannot be had: %v", err)
	}
}

func halve(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()/2))
}

func compress(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	in, err := os.Open(path)
	ts.Check(err)
	out, err := os.Create(path + ".gz")
	ts.Check(err)
	z := gzip.NewWriter(out)
	_, err = io.Copy(z, in)
	ts.Check(errors.Join(err, z.Close(), out.Close(), in.Close(), os.Remove(path)))
}

func parquet(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	db, err := sql.Open("duckdb", "")
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), "COPY ("+strings.Join(args[1:], " ")+") TO '"+path+"' (FORMAT parquet)")
	ts.Check(errors.Join(err, db.Close()))
}

func longLine(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = f.WriteString("who,day,eur\na,2024-01-01,1\nb,2024-01-02,")
	ts.Check(err)
	chunk := strings.Repeat("1", 1<<20)
	for written := 0; written < n && err == nil; written += len(chunk) {
		_, err = f.WriteString(chunk)
	}
	ts.Check(err)
	_, err = f.WriteString("\nc,2024-01-03,3\n")
	ts.Check(errors.Join(err, f.Close()))
}
