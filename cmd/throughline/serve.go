package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/web"
)

type serveFlags struct {
	listen, public, certificate, key, largest string
	demo                                      bool // whoever started it is signed in by a link
}

func (f *serveFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8080", "address and port to answer on; port 0 takes a free one")
	c.Flags().StringVar(&f.public, "public", "", "how people reach the pages, such as https://books.example.com (default: the address itself)")
	c.Flags().StringVar(&f.certificate, "tls-cert", "", "file with the certificate, to answer over TLS")
	c.Flags().StringVar(&f.key, "tls-key", "", "file with the certificate's key")
	c.Flags().StringVar(&f.largest, "largest-upload", "10GB", "how large a file may be that somebody gives on the pages, such as 500MB")
}

var fileSize = regexp.MustCompile(`^([1-9][0-9]{0,5}) ?(MB|GB|TB)$`)

// largestBytes is how many bytes a file may have that somebody gives.
func (f serveFlags) largestBytes() (int64, error) {
	if f.largest == "" {
		return office.LargestUpload, nil
	}
	m := fileSize.FindStringSubmatch(f.largest)
	if m == nil {
		return 0, usage("--largest-upload: %q is not a size such as 500MB or 10GB", f.largest)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n * map[string]int64{"MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}[m[2]], err
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "serve the pages, and close by schedule",
		Long: `Serves the pages on a loopback address and runs the scheduled closes. The first
time it prints a one-time link by which the first administrator comes in. Other
machines reach it through TLS: with --tls-cert and --tls-key, or through a proxy
whose address --public names.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.serve(c.Context(), f) },
	}
	f.register(c)
	return c
}

// address is where to listen, refused when strangers could read along.
func (f serveFlags) address() (listen string, public *url.URL, err error) {
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return "", nil, usage("--listen: %q is not an address and a port, such as 127.0.0.1:8080", f.listen)
	}
	if (f.certificate == "") != (f.key == "") {
		return "", nil, usage("--tls-cert and --tls-key are given together")
	}
	if f.public != "" {
		if public, err = url.Parse(f.public); err != nil || public.Host == "" || public.Scheme != "https" && public.Scheme != "http" || public.Path != "" && public.Path != "/" {
			return "", nil, usage("--public: %q is not an address such as https://books.example.com", f.public)
		}
		public.Path = ""
	}
	if public != nil && public.Scheme == "http" && !loopback(public.Hostname()) {
		return "", nil, usage("--public %s is plain text, and passwords would cross the network in it; name the address of the TLS proxy, https://…, or give --tls-cert and --tls-key", f.public)
	}
	if !loopback(host) && f.certificate == "" && (public == nil || public.Scheme != "https") {
		return "", nil, usage("--listen %s answers other machines, and passwords would cross the network in plain text; give --tls-cert and --tls-key, or name the TLS proxy before it with --public https://…", f.listen)
	}
	return f.listen, public, nil
}

// loopback tells whether a name or an address leads to this machine alone.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

func (a *app) serve(ctx context.Context, f serveFlags) error {
	listen, public, err := f.address()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return usage("--listen %s cannot be taken: %v; another program may answer there", listen, err)
	}
	if public == nil {
		public = &url.URL{Scheme: "http", Host: named(l.Addr())}
		if f.certificate != "" {
			public.Scheme = "https"
		}
	}
	err = a.answer(ctx, l, public, f)
	if closeErr := l.Close(); err == nil && !errors.Is(closeErr, net.ErrClosed) {
		err = closeErr
	}
	return err
}

// named is an address by the name that browsers give passkeys to.
func named(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err == nil && host == "127.0.0.1" {
		return net.JoinHostPort("localhost", port)
	}
	return a.String()
}

// answer serves until the context ends, and then lets running requests finish.
func (a *app) answer(ctx context.Context, l net.Listener, public *url.URL, f serveFlags) (err error) {
	log := slog.New(slog.NewJSONHandler(a.err, &slog.HandlerOptions{ReplaceAttr: bare}))
	p, err := a.premises(ctx, public, f.public != "" && f.certificate == "", log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close(ctx)) }()
	if p.office.Largest, err = f.largestBytes(); err != nil {
		return err
	}
	sample := a.sample(p, public, log)
	defer func() { err = errors.Join(err, sample.Close(ctx)) }()
	handler, err := p.web.Handler()
	if err != nil {
		return err
	}
	server := web.HTTP(web.Beside(handler, besidePages(sample), log), log)
	if f.certificate != "" {
		pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
		if err != nil {
			return usage("--tls-cert and --tls-key: %v", err)
		}
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	}
	if err := p.queue.Start(ctx, p.office); err != nil {
		return err
	}
	defer a.tidying(ctx, p, log)()
	if err := a.welcome(ctx, p, public, f.demo); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	err = server.Shutdown(ending)
	if served := <-done; err == nil && !errors.Is(served, http.ErrServerClosed) {
		err = served
	}
	return err
}

// bare keeps what an error may quote from the books, a person or a place out of
// the log, whoever writes the line. A defect's stack holds places in our code.
func bare(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Key {
	case slog.TimeKey, slog.LevelKey, slog.MessageKey, "route", "stack":
		return attr
	}
	switch v := attr.Value.Resolve(); v.Kind() {
	case slog.KindString, slog.KindAny:
		return slog.String(attr.Key, office.Bare(v.String()))
	}
	return attr
}

// welcome prints where the pages are and the link by which somebody comes in:
// the first administrator, before there is one; at a demo, whoever started it.
func (a *app) welcome(ctx context.Context, p *premises, public *url.URL, demo bool) error {
	fmt.Fprintf(a.out, "Throughline answers on %s\n", public)
	if demo {
		link, err := p.demoLink(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "This link signs you in, once, within an hour; Ctrl-C ends the server:\n  %s\n", link)
		return nil
	}
	link, err := p.firstLink(ctx)
	if err != nil || link == "" {
		return err
	}
	fmt.Fprintf(a.out, "The first administrator comes in by this link, once, within a day:\n  %s\n", link)
	return nil
}

// serverKey is the server's own secret, made at the first start.
func serverKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, "server.key")
	key, err := os.ReadFile(path)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	if err == nil {
		return nil, fmt.Errorf("read %s: it holds %d bytes, not 32; restore it from a backup, or remove it so that a new one is made", path, len(key))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the server's key: %w", err)
	}
	key = make([]byte, 32)
	if _, err := io.ReadFull(rand.Reader, key); err != nil {
		return nil, fmt.Errorf("make the server's key: %w", err)
	}
	// Two servers that start at once must end with the same key.
	temporary := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := durable(temporary, key); err != nil {
		return nil, fmt.Errorf("make the server's key: %w", err)
	}
	err = os.Link(temporary, path)
	if rmErr := os.Remove(temporary); rmErr != nil {
		return nil, fmt.Errorf("make the server's key: %w", rmErr)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the server's key: %w", err)
	}
	return os.ReadFile(path)
}

// durable writes a file of the owner's alone and makes sure that it is on the
// disk.
func durable(path string, content []byte) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(content); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
