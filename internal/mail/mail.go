// Package mail sends the office's letters through a mail server by SMTP, as
// plain text and simple HTML beside it. It owns the form of a message and the
// connection; what a letter says and who reads it is the office's. It keeps
// nothing and reads its settings from the environment alone.
//
// The invariant: nothing from a letter becomes a header, a further reader or
// markup, and neither the password nor anybody's address is in an error.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/throughline/throughline/internal/office"
)

// Post sends letters through one mail server.
type Post struct {
	settings Settings
	now      func() time.Time
}

var _ office.Post = (*Post)(nil)

// New sends through the server of the settings.
func New(s Settings, now func() time.Time) *Post { return &Post{settings: s, now: now} }

// patience is how long a mail server may take for one answer.
const patience = 30 * time.Second

// Send hands a letter to the server. What the server will never take is an
// office.ErrUndeliverable; after any other error it may be tried again.
func (p *Post) Send(ctx context.Context, l office.Letter) error {
	message, err := p.message(l)
	if err != nil {
		return p.plain("write the letter", err, l)
	}
	ctx, done := context.WithCancel(ctx)
	defer done()
	client, err := mail.NewClient(p.settings.Host, p.options(ctx)...)
	if err != nil {
		return p.plain("set up the connection to the mail server", err, l)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return p.plain("send the letter", err, l)
	}
	return nil
}

// dial connects in such a way that the end of ctx breaks a connection which
// waits for an answer; the library itself only looks at it while connecting.
func dial(until context.Context) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			context.AfterFunc(until, func() { conn.Close() }) //nolint:errcheck // whoever reads from it hears of it
		}
		return conn, err
	}
}

func (p *Post) tls() *tls.Config {
	return &tls.Config{ServerName: p.settings.Host, RootCAs: p.settings.Trusted, MinVersion: tls.VersionTLS12}
}

func (p *Post) options(ctx context.Context) []mail.Option {
	s := p.settings
	policy := map[Encryption]mail.TLSPolicy{StartTLS: mail.TLSMandatory, None: mail.NoTLS, Implicit: mail.TLSMandatory}[s.Encryption]
	options := []mail.Option{
		mail.WithTimeout(patience), mail.WithTLSPolicy(policy), mail.WithPort(s.Port),
		mail.WithTLSConfig(p.tls()),
	}
	if s.Encryption == Implicit {
		options = append(options, mail.WithSSL()) // which only the library's own connection is known to be
	} else {
		options = append(options, mail.WithDialContextFunc(dial(ctx)))
	}
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
		if s.Encryption == None { // to this machine alone, as the settings have it
			options = append(options, mail.WithSMTPAuth(mail.SMTPAuthPlainNoEnc))
		}
	}
	return options
}

// message is the letter as it goes out.
func (p *Post) message(l office.Letter) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8))
	if err := m.FromFormat("Throughline", p.settings.From); err != nil {
		return nil, err
	}
	if err := m.To(l.To); err != nil {
		return nil, err
	}
	if n := len(m.GetTo()); n != 1 {
		return nil, fmt.Errorf("the address names %d readers", n)
	}
	m.Subject(short(oneLine(l.Subject)))
	m.SetDateWithValue(p.now())
	_, domain, _ := strings.Cut(p.settings.From, "@")
	m.SetMessageIDWithValue(short(oneLine(l.ID)) + "@" + domain) // tried again, it is the same letter
	m.SetGenHeader("Auto-Submitted", "auto-generated")           // RFC 3834: no reply of absence
	m.SetUserAgent("Throughline")
	m.SetBodyString(mail.TypeTextPlain, text(l))
	m.AddAlternativeString(mail.TypeTextHTML, markup(l))
	return m, nil
}

// plain is an error without the reader, the sender and the secrets that a
// server or a library may quote in it.
func (p *Post) plain(act string, err error, l office.Letter) error {
	words := err.Error()
	for _, secret := range []string{p.settings.Password, p.settings.User, l.To, p.settings.From} {
		if secret != "" {
			words = strings.ReplaceAll(words, secret, "…")
		}
	}
	words = office.Bare(words)
	var sending *mail.SendError
	if errors.As(err, &sending) && !sending.IsTemp() && sending.ErrorCode() >= 500 {
		return fmt.Errorf("%s: %s: %w", act, words, office.ErrUndeliverable)
	}
	if ctx := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded); ctx {
		return fmt.Errorf("%s: the mail server %s does not answer", act, p.settings)
	}
	return fmt.Errorf("%s through %s: %s", act, p.settings, words)
}
