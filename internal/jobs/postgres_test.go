package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
)

// cluster is a PostgreSQL server of this test run alone; empty: there is none,
// and why.
var cluster struct {
	socket, why string
	server      *exec.Cmd
	log         bytes.Buffer
}

var databases atomic.Int64

// database makes a fresh database, or skips the test when PostgreSQL is not
// installed. In CI its absence fails.
func database(t *testing.T) string {
	t.Helper()
	if cluster.socket == "" {
		if os.Getenv("CI") != "" {
			t.Fatal(cluster.why)
		}
		t.Skip(cluster.why)
	}
	name := fmt.Sprintf("jobs%d", databases.Add(1))
	conn, err := pgx.Connect(t.Context(), address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // only read
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return address(name)
}

func address(name string) string {
	return "postgres://test@/" + name + "?host=" + cluster.socket
}

// startCluster starts a server on a socket in a folder of its own.
func startCluster() {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		cluster.why = "PostgreSQL is not installed; on Debian `apt-get install postgresql` brings it"
		return
	}
	bin := filepath.Dir(slices.Max(found))
	dir, err := os.MkdirTemp("", "jobs")
	if err != nil {
		cluster.why = err.Error()
		return
	}
	who, err := unprivileged(dir)
	if err != nil {
		cluster.why = err.Error()
		return
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = who, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		cluster.why = fmt.Sprintf("initdb: %v\n%s", err, out)
		return
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_connections=120")
	server.SysProcAttr, server.Dir, server.Stdout, server.Stderr = who, dir, &cluster.log, &cluster.log
	if err := server.Start(); err != nil {
		cluster.why = err.Error()
		return
	}
	cluster.server, cluster.socket = server, dir
	for range 200 {
		conn, err := pgx.Connect(context.Background(), address("postgres"))
		if err == nil {
			conn.Close(context.Background()) //nolint:errcheck // only tried
			return
		}
		cluster.why = err.Error()
		time.Sleep(50 * time.Millisecond)
	}
	stopCluster()
}

// unprivileged lets a test that runs as root start PostgreSQL, which refuses to.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

func stopCluster() {
	if cluster.server == nil {
		return
	}
	if err := cluster.server.Process.Signal(os.Interrupt); err == nil {
		cluster.server.Wait() //nolint:errcheck // it was interrupted
	}
	if err := os.RemoveAll(cluster.socket); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	cluster.socket = ""
}

// run runs a statement in a database.
func run(t *testing.T, address, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // only a test's
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// cut ends the connections by which servers are known to be alive.
func cut(t *testing.T, address string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // only read
	tag, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("cut %d connections: %v", tag.RowsAffected(), err)
	}
}

func TestCompaniesInOneDatabaseHaveTheirOwnJobs(t *testing.T) {
	t.Parallel()
	address := database(t)
	run(t, address, "CREATE SCHEMA acme")
	run(t, address, "CREATE SCHEMA other")
	a, b := open(t, place{address: address + "&search_path=acme"}), open(t, place{address: address + "&search_path=other"})
	h := &hall{}
	start(t, b, h)
	j := ask(t, a, office.Task{Kind: office.ImportJob})
	theirs := ask(t, b, office.Task{Kind: office.ImportJob})
	wait(t, b, theirs.ID, in(office.Done))
	if j, err := a.Job(t.Context(), j.ID); err != nil || j.State != office.Waiting || len(h.begun) != 1 {
		t.Errorf("the other company's job is %s (%v)", j.State, err)
	}
}

func TestDatabaseThatRefusesTheSchemaSaysWhatToDo(t *testing.T) {
	t.Parallel()
	address := database(t)
	role := fmt.Sprintf("poor%d", databases.Add(1))
	run(t, address, "CREATE ROLE "+role+" LOGIN")
	poor := strings.Replace(address, "test@", role+"@", 1)
	if _, err := jobs.Open(t.Context(), jobs.Options{Address: poor, Now: time.Now}); err == nil || !strings.Contains(err.Error(), `CREATE SCHEMA "throughline_jobs" AUTHORIZATION`) {
		t.Errorf("got %v", err)
	}
	run(t, address, "CREATE SCHEMA throughline_jobs AUTHORIZATION "+role)
	q, err := jobs.Open(t.Context(), jobs.Options{Address: poor, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := jobs.Open(t.Context(), jobs.Options{Address: "postgres://me:secret@host:port/x", Now: time.Now}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
