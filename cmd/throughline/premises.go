package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/mail"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/paper"
	"github.com/throughline/throughline/internal/sign/oidc"
	"github.com/throughline/throughline/internal/sign/passkey"
	"github.com/throughline/throughline/internal/store/relational"
	"github.com/throughline/throughline/internal/web"
)

// premises is one company's running server: its store, its queue, what answers
// about customers, its office, its gate and its pages.
type premises struct {
	dir    string
	store  *relational.Store
	queue  *jobs.Queue
	reader *duckdb.Reader
	shared string // address of a PostgreSQL database; empty: the store lies in dir
	office *office.Office
	gate   *access.Gate
	web    *web.Server
}

// premises opens the data folder, whether or not there are books in it yet.
func (a *app) premises(ctx context.Context, public *url.URL, proxied bool, log *slog.Logger) (*premises, error) {
	config, dir, err := a.folder()
	if err != nil {
		return nil, err
	}
	p := &premises{dir: dir, shared: a.storeAddress()}
	if p.store, err = a.openFolder(ctx, dir); err == nil {
		err = a.furnish(ctx, p, config, log)
	}
	if err == nil {
		err = a.receive(p, public, log)
	}
	if err == nil {
		p.web.Proxied = proxied
	}
	if err != nil {
		return nil, errors.Join(err, p.close(ctx))
	}
	return p, nil
}

// furnish puts the office over the open store.
func (a *app) furnish(ctx context.Context, p *premises, config string, log *slog.Logger) error {
	granted, err := grantedToEngine()
	if err != nil {
		return err
	}
	p.office = a.officeOver(p.store, config, p.dir)
	zone := ""
	if c, err := p.office.Company(ctx); err == nil {
		zone = c.TimeZone
	}
	secret, err := p.office.Secret()
	if err != nil {
		return err
	}
	if p.reader, err = duckdb.OpenReader(ctx, duckdb.ReaderOptions{Dir: p.dir, Threads: granted.threads, TimeZone: zone, Veil: engine.NewVeil(secret)}); err != nil {
		return err
	}
	p.office.Customers = p.reader
	p.office.ForgetJobs = func(ctx context.Context, words ...string) (int, error) { return p.queue.Forget(ctx, words...) }
	p.office.ForgetDerived = func(ctx context.Context) error {
		_, err := p.reader.Sweep(ctx, nil, nil)
		return err
	}
	if p.queue, err = jobs.Open(ctx, jobs.Options{Dir: p.dir, Address: p.shared, Log: log, Now: a.now, Chance: rand.Reader}); err != nil {
		return err
	}
	p.office.Later = office.Later{
		Queue: p.queue, Times: p.store,
		Hooks: map[office.JobKind]office.Hook{
			office.PrepareJob: p.office.PrepareLater,
			office.BackupJob:  a.backupLater(p, config),
		},
	}
	smtp, ok, err := mail.FromEnvironment(os.Getenv)
	if err != nil {
		return err
	}
	if ok {
		p.office.Post = mail.New(smtp, a.now)
	}
	return nil
}

// receive puts the gate and the pages before the office.
func (a *app) receive(p *premises, public *url.URL, log *slog.Logger) error {
	key, err := p.office.Secret()
	if err != nil {
		return err
	}
	p.gate = &access.Gate{Store: p.store, Now: a.now, Chance: rand.Reader}
	if c, err := p.office.Company(context.Background()); err == nil {
		p.gate.Company = c.Name
	}
	party, err := passkey.New(public.String(), "Throughline")
	switch {
	case errors.Is(err, passkey.ErrNoName): // an address of numbers has no passkeys
	case err != nil:
		return err
	default:
		p.gate.Ceremony = party
	}
	a.provider(p.gate, public)
	p.office.Address = func(ctx context.Context, user int64) (string, error) {
		u, err := p.gate.User(ctx, user)
		if errors.Is(err, access.ErrNoUser) || u.Disabled {
			return "", nil
		}
		return u.Email, err
	}
	p.office.Page = func(path string) string { return public.String() + path }
	p.web = &web.Server{
		Office: p.office, Gate: p.gate, Forms: p.store, Now: a.now, Chance: rand.Reader, Log: log, Public: public.String(), Key: key,
	}
	if path, err := paper.Find(os.Getenv("THROUGHLINE_CHROMIUM")); err == nil {
		p.web.Print = func(ctx context.Context, page []byte) ([]byte, error) { return paper.Print(ctx, path, page) }
	}
	return nil
}

// provider lets people in by single sign-on, when the environment names an
// identity provider.
func (a *app) provider(g *access.Gate, public *url.URL) {
	issuer := os.Getenv("THROUGHLINE_OIDC_ISSUER")
	if issuer == "" {
		return
	}
	label := os.Getenv("THROUGHLINE_OIDC_NAME")
	if u, err := url.Parse(issuer); label == "" && err == nil {
		label = u.Host
	}
	g.Provider = &oidc.Provider{
		Settings: oidc.Settings{
			Label: label, Issuer: issuer, Client: os.Getenv("THROUGHLINE_OIDC_CLIENT"), Secret: os.Getenv("THROUGHLINE_OIDC_SECRET"),
			Redirect: public.String() + "/oidc/back",
		},
		HTTP: &http.Client{Timeout: 10 * time.Second}, Now: a.now,
	}
	for domain := range strings.SplitSeq(os.Getenv("THROUGHLINE_OIDC_DOMAINS"), ",") {
		if domain = strings.TrimSpace(domain); domain != "" {
			g.Domains = append(g.Domains, domain)
		}
	}
}

// backupLater takes a backup by schedule into the data folder's backups.
func (a *app) backupLater(p *premises, config string) office.Hook {
	return func(ctx context.Context, _ office.Job, heard office.Heard) (office.Outcome, error) {
		c, err := p.office.Company(ctx)
		if err != nil && !errors.Is(err, office.ErrNoCompany) { // users and uploads are there before the books
			return office.Outcome{}, err
		}
		folder := filepath.Join(p.dir, "backups")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return office.Outcome{}, fmt.Errorf("take a backup: %w", err)
		}
		to := filepath.Join(folder, "backup-"+a.now().UTC().Format("20060102-150405")+".tar")
		heard("take a backup", 0, 0)
		receipt, err := a.backedUp(ctx, p.office, p.store, place(p.dir, config), c.Name, to)
		return office.Outcome{Text: fmt.Sprintf("%s holds %d files", filepath.Base(to), receipt.Files)}, err
	}
}

// close ends what was opened, in the other order; running jobs are waited for.
func (p *premises) close(ctx context.Context) error {
	var errs []error
	if p.office != nil {
		p.office.Settled()
	}
	if p.queue != nil {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		errs = append(errs, p.queue.Stop(within))
	}
	if p.reader != nil {
		errs = append(errs, p.reader.Close())
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	return errors.Join(errs...)
}

// firstLink is the way in for the first administrator; empty when there is one.
func (p *premises) firstLink(ctx context.Context) (string, error) {
	secret, err := p.gate.FirstLink(ctx)
	if errors.Is(err, access.ErrNotFirst) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("make the first link: %w", err)
	}
	return p.web.Public + "/link/" + secret, nil
}

// demoEmail is the one user of a demo.
const demoEmail = "demo@example.com"

// demoLink signs in who has started a demo, with every right that a person in
// one office can have.
func (p *premises) demoLink(ctx context.Context) (string, error) {
	all, err := p.gate.Users(ctx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(u access.User) bool { return u.Email == demoEmail })
	if i < 0 {
		u, _, err := p.gate.Invite(ctx, 0, access.User{Email: demoEmail, Name: "Demo", Roles: []access.Role{access.Administrator, access.ProgramLead}})
		if err != nil {
			return "", fmt.Errorf("make the demo's user: %w", err)
		}
		all, i = []access.User{u}, 0
	}
	secret, err := p.gate.NewLink(ctx, 0, all[i].ID, access.SignInLink)
	if err != nil {
		return "", fmt.Errorf("make the demo's link: %w", err)
	}
	return p.web.Public + "/link/" + secret, nil
}
