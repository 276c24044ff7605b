package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// keptAudit holds the audit log to a head that a file keeps.
func keptAudit(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("throughline", "audit", "--head", strings.TrimSpace(ts.ReadFile(args[0]))))
	if said := ts.ReadFile("stderr"); !strings.Contains(said, "nothing up to what was kept") {
		ts.Fatalf("the kept head is not spoken of:\n%s", said)
	}
}

// tamper changes entry 3 of the audit log, as whoever can write the file can.
func tamper(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	ctx := context.Background()
	rows, err := db.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
	ts.Check(err)
	var names []string
	for rows.Next() {
		var name string
		ts.Check(rows.Scan(&name))
		names = append(names, name)
	}
	ts.Check(errors.Join(rows.Err(), rows.Close()))
	for _, name := range names {
		_, err := db.ExecContext(ctx, "DROP TRIGGER "+name)
		ts.Check(err)
	}
	_, err = db.ExecContext(ctx, "UPDATE audit SET who = 9 WHERE n = 3")
	ts.Check(errors.Join(err, db.Close()))
}
