package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/throughline/throughline/internal/store/storetest"
)

// cluster is a private server of PostgreSQL that lives as long as the test
// binary: in a folder of its own, reached by a socket in it, run by somebody
// without rights, and without fsync, since nobody needs what it holds.
type cluster struct {
	dir     string
	server  *exec.Cmd
	alive   io.Closer // the server ends when this is closed, also by our death
	made    int
	making  sync.Mutex
	free    []string // databases with empty stores
	lending sync.Mutex
}

var shared struct {
	once    sync.Once
	cluster *cluster
	err     error
}

// stepping is set where this binary is the node that writes until it is
// killed.
const stepping = "THROUGHLINE_TEST_STEPS"

func TestMain(m *testing.M) {
	if address := os.Getenv(stepping); address != "" {
		s, err := Open(context.Background(), address)
		if err == nil {
			err = storetest.Steps(context.Background(), s, os.Stdout)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if shared.cluster != nil {
		if err := shared.cluster.end(); err != nil {
			fmt.Fprintln(os.Stderr, "end the server:", err)
			code = 1
		}
	}
	os.Exit(code)
}

var errNotInstalled = errors.New("PostgreSQL is not installed here; .ci/postgres installs it from Debian")

// running is the shared server. Where PostgreSQL is not installed the test is
// skipped, but not where everything must be checked.
func running(t *testing.T) *cluster {
	t.Helper()
	shared.once.Do(func() { shared.cluster, shared.err = start() })
	if errors.Is(shared.err, errNotInstalled) && os.Getenv("CI") == "" {
		t.Skip(shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// programs finds the newest release's folder of programs.
func programs() (string, error) {
	if found, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(found), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.Join(errNotInstalled, err)
	}
	newest := found[0]
	for _, f := range found {
		if len(f) > len(newest) || len(f) == len(newest) && f > newest {
			newest = f
		}
	}
	return filepath.Dir(newest), nil
}

// nobody is somebody without rights, as whom the server runs when we are root,
// which it refuses.
func nobody() (*syscall.SysProcAttr, int, error) {
	if os.Getuid() != 0 {
		return nil, os.Getuid(), nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, err := strconv.Atoi(u.Uid)
			if err != nil {
				return nil, 0, err
			}
			gid, err := strconv.Atoi(u.Gid)
			return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, uid, err
		}
	}
	return nil, 0, errors.New("PostgreSQL does not run as root, and there is nobody else to run it as")
}

func start() (c *cluster, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	as, uid, err := nobody()
	if err != nil {
		return nil, err
	}
	c = &cluster{}
	parent := "" // a server makes and deletes many files, which is quicker in memory
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() && os.Getenv("TMPDIR") == "" {
		parent = "/dev/shm"
	}
	if c.dir, err = os.MkdirTemp(parent, "pg"); err != nil { // short: a socket's path has 107 bytes
		return nil, err
	}
	if err := os.Chown(c.dir, uid, -1); err != nil {
		return nil, err
	}
	data := filepath.Join(c.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username=throughline", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = as, c.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// The shell waits for our end of the pipe to close, whatever becomes of us.
	c.server = exec.Command("/bin/sh", "-c", `"$@" </dev/null & server=$!; read -r _; kill -INT $server; wait $server`, "sh",
		filepath.Join(bin, "postgres"), "-D", data, "-k", c.dir, "-h", "", "-F", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=300",
		"-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "autovacuum=off", "-c", "jit=off")
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return nil, err
	}
	c.server.SysProcAttr, c.server.Dir, c.server.Stdout, c.server.Stderr = as, c.dir, log, log
	if c.alive, err = c.server.StdinPipe(); err != nil {
		return nil, err
	}
	if err := errors.Join(c.server.Start(), log.Close()); err != nil {
		return nil, err
	}
	return c, c.ready()
}

// ready waits until the server answers, and makes the database that others
// are copied from.
func (c *cluster) ready() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		if err = c.run(ctx, "postgres", "CREATE DATABASE pattern"); err == nil {
			break
		}
		select {
		case <-ctx.Done():
			log, logErr := os.ReadFile(filepath.Join(c.dir, "log"))
			return errors.Join(fmt.Errorf("the server does not answer: %w\n%s", err, log), logErr)
		case <-time.After(20 * time.Millisecond):
		}
	}
	s, err := Open(ctx, c.address("pattern"))
	if err != nil {
		return err
	}
	return s.Close()
}

func (c *cluster) address(database string) string {
	return "postgres:///" + database + "?host=" + c.dir + "&user=throughline"
}

func (c *cluster) run(ctx context.Context, database string, statements ...string) (err error) {
	conn, err := pgx.Connect(ctx, c.address(database))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// database makes one that is a copy of another: "template0" has nothing in it.
func (c *cluster) database(t *testing.T, pattern string) string {
	t.Helper()
	c.making.Lock() // a pattern is copied by one at a time
	defer c.making.Unlock()
	c.made++
	name := fmt.Sprintf("made_%d", c.made)
	if err := c.run(t.Context(), "postgres", "CREATE DATABASE "+name+" TEMPLATE "+pattern); err != nil {
		t.Fatal(err)
	}
	return name
}

// store lends a database with an empty store until the test ends. To empty one
// again takes a tenth of the time that making one takes.
func (c *cluster) store(t *testing.T) string {
	t.Helper()
	c.lending.Lock()
	name := ""
	if n := len(c.free); n > 0 {
		name, c.free = c.free[n-1], c.free[:n-1]
	}
	c.lending.Unlock()
	if name == "" {
		name = c.database(t, "pattern")
	}
	t.Cleanup(func() {
		if err := c.run(context.Background(), name, emptying); err != nil {
			t.Error(err)
			return
		}
		c.lending.Lock()
		c.free = append(c.free, name)
		c.lending.Unlock()
	})
	return name
}

// emptying deletes also what is final, which only the server's owner may do,
// and has all numbers begin anew.
const emptying = `DO $$ DECLARE x text; BEGIN
	SET LOCAL session_replication_role = replica;
	FOR x IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' LOOP EXECUTE 'DELETE FROM ' || x; END LOOP;
	FOR x IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND sequencename NOT LIKE 'goose%' LOOP EXECUTE 'ALTER SEQUENCE ' || x || ' RESTART'; END LOOP;
END $$`

func (c *cluster) end() error {
	err := errors.Join(c.alive.Close(), c.server.Wait())
	return errors.Join(err, os.RemoveAll(c.dir))
}
