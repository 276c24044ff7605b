package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgres is a server of our own over a cluster in the working folder.
type postgres struct {
	bin, dir string
	attr     *syscall.SysProcAttr
	server   *exec.Cmd
	ended    chan error
	log      bytes.Buffer
	loaded   time.Duration
	version  string
}

// startPostgres makes a cluster, starts its server and loads the lines. When
// PostgreSQL is not there it says how to install it.
func (b *bench) startPostgres(ctx context.Context) (err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return err
	}
	if len(found) == 0 {
		b.notes = append(b.notes, "PostgreSQL was skipped: no /usr/lib/postgresql/*/bin; on Debian and Ubuntu `apt-get install postgresql` brings it")
		return nil
	}
	slices.Sort(found)
	p := &postgres{bin: filepath.Dir(found[len(found)-1]), dir: b.path("postgres"), ended: make(chan error, 1)}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		return err
	}
	if p.attr, err = unprivileged(p.dir); err != nil {
		return err
	}
	b.say("start PostgreSQL")
	if err := p.start(ctx, b.threads); err != nil {
		return errors.Join(err, p.stop())
	}
	if err := b.load(ctx, p); err != nil {
		return errors.Join(err, p.stop())
	}
	b.postgres = p
	return nil
}

func (p *postgres) start(ctx context.Context, threads int) error {
	data := filepath.Join(p.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(p.bin, "initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = p.attr, p.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	arguments := []string{"-D", data, "-k", p.dir, "-c", "listen_addresses="}
	for _, s := range []string{
		"shared_buffers=1GB", "work_mem=1GB", "maintenance_work_mem=512MB", "effective_cache_size=3GB", "max_wal_size=4GB", "random_page_cost=1.1",
		"wal_level=minimal", "max_wal_senders=0", "fsync=off", "autovacuum=off", "timezone=UTC",
		fmt.Sprintf("max_parallel_workers_per_gather=%d", threads), "max_parallel_workers=" + fmt.Sprint(threads),
	} {
		arguments = append(arguments, "-c", s)
	}
	p.server = exec.Command(filepath.Join(p.bin, "postgres"), arguments...)
	p.server.SysProcAttr, p.server.Dir, p.server.Stdout, p.server.Stderr = p.attr, p.dir, &p.log, &p.log
	if err := p.server.Start(); err != nil {
		return err
	}
	go func() { p.ended <- p.server.Wait() }()
	for range 120 {
		out, _, err := p.ask(ctx, "-c", "SHOW server_version")
		if err == nil {
			p.version, _, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-p.ended:
			p.server = nil
			return fmt.Errorf("postgres: %w\n%s", err, p.log.String())
		case <-time.After(250 * time.Millisecond):
		}
	}
	return errors.New("postgres does not answer after 30 seconds")
}

// stop ends the server that start started, at once when it does not comply.
func (p *postgres) stop() error {
	if p.server == nil {
		return nil
	}
	if err := p.server.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(time.Minute):
		return errors.Join(errors.New("postgres did not stop and was killed"), p.server.Process.Kill())
	}
}

func (p *postgres) ask(ctx context.Context, args ...string) ([]byte, usage, error) {
	return command(ctx, nil, filepath.Join(p.bin, "psql"), append([]string{"-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", p.dir, "-U", "bench", "-d", "postgres"}, args...)...)
}

// load copies the same lines in, which is timed apart.
func (b *bench) load(ctx context.Context, p *postgres) error {
	csv := b.path("lines.csv")
	b.say("load PostgreSQL")
	if _, _, err := command(ctx, nil, b.self, b.engineArgs("generate", "--dir", b.path("lines"), "--csv", csv)...); err != nil {
		return err
	}
	begin := time.Now()
	for _, statement := range []string{
		"CREATE TABLE lines (customer_id text NOT NULL, ordered_at timestamp NOT NULL, amount numeric(18,2) NOT NULL)",
		"COPY lines FROM " + literal(csv) + " (FORMAT csv, HEADER)",
		"VACUUM ANALYZE lines",
	} {
		if _, _, err := p.ask(ctx, "-c", statement); err != nil {
			return err
		}
	}
	p.loaded = time.Since(begin)
	return os.Remove(csv)
}

func (b *bench) askPostgres(ctx context.Context) error {
	if b.postgres == nil {
		return nil
	}
	query, err := year2018.question("lines")
	if err != nil {
		return err
	}
	before := b.postgres.spent()
	out, u, err := b.postgres.ask(ctx, "-c", query)
	if err != nil {
		return err
	}
	time.Sleep(500 * time.Millisecond) // the server's processes end a moment after the client
	u.cpu += b.postgres.spent() - before
	u.peak = 0 // the client's own says nothing
	b.record(postgresRun, u)
	a, err := parsed(strings.TrimSpace(string(out)))
	if err != nil {
		return err
	}
	return b.check(postgresRun, year2018, a)
}

func parsed(row string) (answer, error) {
	f := strings.Split(row, "|")
	if len(f) != 8 {
		return answer{}, fmt.Errorf("psql printed %q", row)
	}
	a := answer{Prior: f[4], Current: f[5], Kept: f[6], New: f[7]}
	for i, into := range []*int64{&a.Opening, &a.Retained, &a.Returning, &a.Closing} {
		n, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			return a, fmt.Errorf("psql printed %q", row)
		}
		*into = n
	}
	return a, nil
}

// spent is the CPU time of the server and its ended processes, as Linux tells
// it in hundredths of a second; elsewhere 0.
func (p *postgres) spent() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.server.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(data, []byte(") "))
	fields := strings.Fields(string(rest))
	if len(fields) < 15 {
		return 0
	}
	total := 0
	for _, f := range fields[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0
		}
		total += n
	}
	return time.Duration(total) * 10 * time.Millisecond
}
