// Package whole_test tries the pages over real parts: the stores, the engine, the jobs and the gate as a server has them.
package whole_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/internal/web"
)

// house is one company with its server.
type house struct {
	t       *testing.T
	folder  string
	office  *office.Office
	gate    *access.Gate
	server  *httptest.Server
	cookies map[access.Role]string
	log     *strings.Builder
	later   *atomic.Int64 // how far the clock is beyond now
}

// now is the day of every test.
var now = time.Date(2026, 11, 5, 10, 30, 0, 0, time.UTC)

// open starts a server over the books.yaml and the files of a folder.
func open(t *testing.T, folder string) *house {
	t.Helper()
	h, end := start(t, folder)
	t.Cleanup(end)
	return h
}

func start(t *testing.T, folder string) (_ *house, end func()) {
	t.Helper()
	h := &house{t: t, folder: folder, cookies: map[access.Role]string{}, log: &strings.Builder{}, later: &atomic.Int64{}}
	dir := filepath.Join(folder, ".throughline")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx := context.WithoutCancel(t.Context()) // a house may outlive the test that opened it
	clock := func() time.Time { return now.Add(time.Duration(h.later.Load())) }
	store, err := sqlite.Open(ctx, filepath.Join(dir, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := duckdb.OpenReader(ctx, duckdb.ReaderOptions{Dir: dir, MemoryLimit: "500MB", BuildMemory: "500MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.Open(ctx, jobs.Options{Dir: dir, Now: time.Now, Every: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	h.office = &office.Office{
		Store: store, Config: filepath.Join(folder, "books.yaml"), Dir: dir, Now: clock, Customers: reader,
		Things: store, Intake: office.Intake{Uploads: store, Documents: store},
		Engine: func(ctx context.Context, zone string) (office.Engine, error) {
			return duckdb.Open(ctx, duckdb.Options{Dir: dir, MemoryLimit: "1GB", Threads: 2, TimeZone: zone})
		},
	}
	h.office.Later = office.Later{Queue: queue, Times: store, Hooks: map[office.JobKind]office.Hook{office.PrepareJob: h.office.PrepareLater}}
	if err := queue.Start(ctx, h.office); err != nil {
		t.Fatal(err)
	}
	h.gate = &access.Gate{Store: store, Now: clock, Chance: rand.Reader}
	pages := &web.Server{
		Office: h.office, Gate: h.gate, Forms: store, Now: clock, Chance: rand.Reader, Log: slog.New(slog.NewTextHandler(h.log, nil)), Public: "http://127.0.0.1", Key: []byte("0123456789abcdef0123456789abcdef"),
	}
	handler, err := pages.Handler()
	if err != nil {
		t.Fatal(err)
	}
	h.server = httptest.NewServer(handler)
	return h, func() {
		h.server.Close()
		ending, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := errors.Join(queue.Stop(ending), reader.Close(), store.Close()); err != nil {
			panic(err) // the test may be over
		}
	}
}

// write writes the files of a company into a folder.
func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// as is the session of a user with one role, made when it is first asked for.
func (h *house) as(role access.Role) string {
	h.t.Helper()
	if c := h.cookies[role]; c != "" {
		return c
	}
	ctx := h.t.Context()
	user, secret, err := h.gate.Invite(ctx, 0, access.User{Email: strings.ReplaceAll(string(role), " ", "-") + "@example.com", Roles: []access.Role{role}})
	if err != nil {
		h.t.Fatal(err)
	}
	token, _, err := h.gate.Redeem(ctx, secret, access.Chosen{Password: fmt.Sprintf("a quiet walk along the river %d", user.ID)}, access.Origin{Address: "127.0.0.1"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.cookies[role] = token
	return token
}

// page is an answer of the server.
type page struct {
	status   int
	text     string
	location string
	header   http.Header
}

func (h *house) get(role access.Role, path string) page {
	h.t.Helper()
	return h.send(role, http.MethodGet, path, nil)
}

func (h *house) post(role access.Role, path string, fields url.Values) page {
	h.t.Helper()
	return h.send(role, http.MethodPost, path, strings.NewReader(fields.Encode()))
}

func (h *house) send(role access.Role, method, path string, body io.Reader) page {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.AddCookie(&http.Cookie{Name: "throughline", Value: h.as(role)})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: time.Minute}
	answer, err := client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		h.t.Fatal(err)
	}
	return page{answer.StatusCode, string(text), answer.Header.Get("Location"), answer.Header}
}

// settled waits until a job has ended.
func (h *house) settled(job office.Job) office.Job {
	h.t.Helper()
	for range 3600 {
		j, err := h.office.Job(h.t.Context(), job.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		if !j.Ended.IsZero() {
			return j
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.t.Fatalf("job %d has not ended after three minutes: %s", job.ID, job.Kind)
	return job
}

// do asks for a task and waits for its end.
func (h *house) do(t office.Task) office.Outcome {
	h.t.Helper()
	job, err := h.office.Ask(h.t.Context(), t)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.settled(job).Outcome
}

// pause lets the jobs get on.
func (h *house) pause() { time.Sleep(50 * time.Millisecond) }
