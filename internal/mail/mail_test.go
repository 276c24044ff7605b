package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/internal/mail"
	"github.com/throughline/throughline/internal/office"
)

var noon = time.Date(2011, 10, 5, 12, 0, 0, 0, time.UTC)

const password = "correct horse battery staple"

// settings reads them as the server does, from an environment.
func settings(t *testing.T, environment map[string]string) mail.Settings {
	t.Helper()
	s, ok, err := mail.FromEnvironment(func(name string) string { return environment[name] })
	if err != nil || !ok {
		t.Fatalf("settings: %v, %v", ok, err)
	}
	return s
}

func environment(s *server, more ...string) map[string]string {
	e := map[string]string{"THROUGHLINE_SMTP_HOST": "127.0.0.1", "THROUGHLINE_SMTP_PORT": fmt.Sprint(s.port), "THROUGHLINE_SMTP_FROM": "throughline@example.com"}
	for i := 0; i < len(more); i += 2 {
		e["THROUGHLINE_SMTP_"+more[i]] = more[i+1]
	}
	return e
}

func post(t *testing.T, e map[string]string) *mail.Post {
	t.Helper()
	return mail.New(settings(t, e), func() time.Time { return noon })
}

func letter(to string) office.Letter {
	return office.Letter{
		ID: "job-17.1317816000", To: to, Subject: "Example Ltd: September 2011 is sealed",
		Paragraphs: []string{"September 2011 is sealed.", "The figures are of the twelve months that end with it: 1 October 2010 to 30 September 2011."},
		Figures:    []office.Headline{{Name: "Revenue of the period", Value: "GBP 3,500.25 (was GBP 3,190.24)"}, {Name: "Growth", Value: "43.5%"}},
		After:      []string{"Warnings beside the figures: 2. Read them together."},
		Link:       "https://throughline.example.com/closes/6?a=1&b=2", Open: "Open it in Throughline",
	}
}

func send(t *testing.T, p *mail.Post, l office.Letter) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return p.Send(ctx, l)
}

// parts takes a message apart into its headers, its text and its markup.
func parts(t interface{ Fatalf(string, ...any) }, content []byte) (netmail.Header, string, string) {
	message, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("it is %s (%v)", kind, err)
	}
	found := map[string]string{}
	for r := multipart.NewReader(message.Body, parameters["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, content)
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		body, readErr := io.ReadAll(quotedprintable.NewReader(part))
		if err := errors.Join(err, readErr); err != nil {
			t.Fatalf("%v in\n%s", err, content)
		}
		found[kind] += strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	if len(found) != 2 {
		t.Fatalf("its parts are %v", found)
	}
	return message.Header, found["text/plain"], found["text/html"]
}

func TestLetterArrivesEncryptedWithTextAndMarkup(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	s := serve(t, "starttls", cert, key, "sender", password)
	p := post(t, environment(s, "CA", cert, "USER", "sender", "PASSWORD", password))
	for range 2 {
		if err := send(t, p, letter("finance@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	got, again := s.next(t), s.next(t)
	if !got.Encrypted || !got.User || got.From != "throughline@example.com" || fmt.Sprint(got.To) != "[finance@example.com]" {
		t.Errorf("the server took %+v", got)
	}
	head, text, markup := parts(t, got.Content)
	for name, want := range map[string]string{
		"From": `"Throughline" <throughline@example.com>`, "To": "<finance@example.com>", "Subject": "Example Ltd: September 2011 is sealed",
		"Message-Id": "<job-17.1317816000@example.com>", "Auto-Submitted": "auto-generated", "Date": "Wed, 05 Oct 2011 12:00:00 +0000",
	} {
		if head.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, head.Get(name), want)
		}
	}
	if second, _, _ := parts(t, again.Content); second.Get("Message-Id") != head.Get("Message-Id") {
		t.Error("sent again it is another letter")
	}
	const want = `September 2011 is sealed.

The figures are of the twelve months that end with it: 1 October 2010 to 30 September 2011.

  Revenue of the period  GBP 3,500.25 (was GBP 3,190.24)
  Growth                 43.5%

Warnings beside the figures: 2. Read them together.

Open it in Throughline:
https://throughline.example.com/closes/6?a=1&b=2
`
	if text != want {
		t.Errorf("the text is\n%s", text)
	}
	if !strings.Contains(markup, `<a href="https://throughline.example.com/closes/6?a=1&amp;b=2">Open it in Throughline</a>`) || !strings.Contains(markup, "<td>43.5%</td>") {
		t.Errorf("the markup is\n%s", markup)
	}
}

func TestEveryEncryptionIsSpoken(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	for _, c := range []struct {
		name      string
		server    []string
		more      []string
		encrypted bool
	}{
		{"implicit", []string{"implicit", cert, key}, []string{"TLS", "implicit", "CA", cert}, true},
		{"implicit with a password", []string{"implicit", cert, key, "sender", password}, []string{"TLS", "implicit", "CA", cert, "USER", "sender", "PASSWORD", password}, true},
		{"starttls", []string{"starttls", cert, key}, []string{"TLS", "starttls", "CA", cert}, true},
		{"none", []string{"plain"}, []string{"TLS", "none"}, false},
		{"none with a password, on this machine", []string{"plain", "", "", "sender", password}, []string{"TLS", "none", "USER", "sender", "PASSWORD", password}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.server...)
			if err := send(t, post(t, environment(s, c.more...)), letter("finance@example.com")); err != nil {
				t.Fatal(err)
			}
			if got := s.next(t); got.Encrypted != c.encrypted {
				t.Errorf("encrypted: %v", got.Encrypted)
			}
		})
	}
}

func TestNothingIsSentToAServerThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	other, _ := certificate(t)
	for _, c := range []struct {
		name   string
		server []string
		more   []string
	}{
		{"a server without encryption", []string{"plain"}, []string{"TLS", "starttls"}},
		{"an unknown certificate", []string{"starttls", cert, key}, nil},
		{"somebody else's certificate", []string{"starttls", cert, key}, []string{"CA", other}},
		{"an unknown certificate from the first byte", []string{"implicit", cert, key}, []string{"TLS", "implicit"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.server...)
			err := send(t, post(t, environment(s, c.more...)), letter("finance@example.com"))
			if err == nil || errors.Is(err, office.ErrUndeliverable) {
				t.Errorf("got %v", err)
			}
			s.none(t)
		})
	}
}

func TestErrorsHoldNoAddressAndNoSecret(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	s := serve(t, "starttls", cert, key, "sender", password)
	for _, c := range []struct {
		to, password string
		final        bool
	}{
		{"nobody@example.com", password, true}, {"later@example.com", password, false}, {"finance@example.com", "wrong secret", false},
	} {
		err := send(t, post(t, environment(s, "CA", cert, "USER", "sender", "PASSWORD", c.password)), letter(c.to))
		if err == nil || errors.Is(err, office.ErrUndeliverable) != c.final {
			t.Errorf("%s: %v, final: %v", c.to, err, c.final)
			continue
		}
		for _, secret := range []string{"nobody", "later@", "finance", "example.com", "horse", "wrong secret", "sender", "c2VuZGVy"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q is in %q", secret, err)
			}
		}
	}
	s.none(t)
}

func TestServerThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	s := serve(t, "plain")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begin := time.Now()
	err := post(t, environment(s, "TLS", "none")).Send(ctx, letter("silent@example.com"))
	if err == nil || errors.Is(err, office.ErrUndeliverable) || time.Since(begin) > 20*time.Second {
		t.Errorf("after %s: %v", time.Since(begin), err)
	}
	gone := map[string]string{"THROUGHLINE_SMTP_HOST": "127.0.0.1", "THROUGHLINE_SMTP_PORT": "1", "THROUGHLINE_SMTP_FROM": "throughline@example.com"}
	if err := send(t, post(t, gone), letter("finance@example.com")); err == nil || errors.Is(err, office.ErrUndeliverable) {
		t.Errorf("no server at all: %v", err)
	}
}

var hostile = []string{
	"Acme\r\nBcc: victim@example.com", "Acme\nX-Injected: yes\n\n<script>alert(1)</script>", "Acme\r\n\r\nbody", "\u2028Bcc: victim@example.com",
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "</title><script>", "javascript:alert(1)", "=?utf-8?q?Bcc:_victim?=",
	"\x00\x1b[31m", "\u202eevil", "\xff\xfe", strings.Repeat("long ", 2000), strings.Repeat("x", 3000), "日本語の会社", "O'Brien & Söhne; \"GmbH\"", ".", "\r\n.\r\nMAIL FROM:<a@b>", "",
}

// allowed are the headers of a letter; a letter never has another one.
var allowed = []string{"Date", "Mime-Version", "Message-Id", "Subject", "User-Agent", "X-Mailer", "From", "To", "Content-Type", "Auto-Submitted"}

func TestHostileTextStaysText(t *testing.T) {
	post := mail.New(mail.Settings{Host: "127.0.0.1", Port: 25, From: "throughline@example.com"}, func() time.Time { return noon })
	text := rapid.OneOf(rapid.SampledFrom(hostile), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		l := office.Letter{
			ID: text.Draw(t, "id"), To: "finance@example.com", Subject: text.Draw(t, "subject"), Paragraphs: rapid.SliceOfN(text, 0, 3).Draw(t, "paragraphs"),
			After: rapid.SliceOfN(text, 0, 2).Draw(t, "after"), Link: text.Draw(t, "link"), Open: text.Draw(t, "open"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "figures") {
			l.Figures = append(l.Figures, office.Headline{Name: text.Draw(t, "name"), Value: text.Draw(t, "value")})
		}
		content, err := post.Bytes(l)
		if err != nil {
			t.Fatal(err)
		}
		head, _, markup := parts(t, content)
		for name, values := range head {
			if !slices.Contains(allowed, name) || len(values) != 1 {
				t.Fatalf("a header %s: %q in\n%s", name, values, content)
			}
		}
		if head.Get("To") != "<finance@example.com>" || head.Get("From") != `"Throughline" <throughline@example.com>` {
			t.Fatalf("to %s from %s", head.Get("To"), head.Get("From"))
		}
		if _, err := new(mime.WordDecoder).DecodeHeader(head.Get("Subject")); err != nil {
			t.Fatal(err)
		}
		for _, line := range bytes.Split(content, []byte("\r\n")) {
			if len(line) > 998 { // RFC 5322, section 2.1.1
				t.Fatalf("a line of %d bytes", len(line))
			}
		}
		checkMarkup(t, markup)
	})
}

// checkMarkup finds any element or attribute that a letter does not have.
func checkMarkup(t *rapid.T, markup string) {
	elements := []string{"html", "head", "meta", "title", "body", "p", "table", "tr", "th", "td", "a"}
	attributes := []string{"charset", "style", "cellpadding", "scope", "align", "href"}
	for z := html.NewTokenizer(strings.NewReader(markup)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if !slices.Contains(elements, token.Data) {
				t.Fatalf("an element %s in\n%s", token.Data, markup)
			}
			for _, a := range token.Attr {
				if !slices.Contains(attributes, a.Key) || a.Key == "href" && !strings.HasPrefix(a.Val, "http") {
					t.Fatalf("an attribute %s=%q in\n%s", a.Key, a.Val, markup)
				}
			}
		}
	}
}

func TestHostileReaderIsRefused(t *testing.T) {
	post := mail.New(mail.Settings{Host: "127.0.0.1", Port: 25, From: "throughline@example.com"}, func() time.Time { return noon })
	for _, to := range []string{"", "finance", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "Group: a@example.com, b@example.com;"} {
		if content, err := post.Bytes(letter(to)); err == nil {
			t.Errorf("%q was accepted:\n%s", to, content)
		}
	}
}

func TestSettingsSayWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := map[string]string{"HOST": "smtp.example.com", "FROM": "throughline@example.com"}
	read := func(change map[string]string) (mail.Settings, bool, error) {
		return mail.FromEnvironment(func(name string) string {
			name = strings.TrimPrefix(name, "THROUGHLINE_SMTP_")
			if value, ok := change[name]; ok {
				return value
			}
			return good[name]
		})
	}
	for want, change := range map[string]map[string]string{
		"THROUGHLINE_SMTP_HOST: is not the name":             {"HOST": "smtp.example.com:25"},
		"THROUGHLINE_SMTP_FROM: is not a mail address":       {"FROM": "Throughline <throughline@example.com>"},
		"THROUGHLINE_SMTP_PORT: \"x\"":                       {"PORT": "x"},
		"THROUGHLINE_SMTP_TLS: \"maybe\"":                    {"TLS": "maybe"},
		"THROUGHLINE_SMTP_USER: and the password":            {"USER": "sender"},
		"THROUGHLINE_SMTP_TLS: none would send":              {"USER": "sender", "PASSWORD": password, "TLS": "none"},
		"can be read by others":                              {"USER": "sender", "PASSWORD_FILE": file("open", password, 0o644)},
		"is empty":                                           {"USER": "sender", "PASSWORD_FILE": file("empty", "\n", 0o600)},
		"absent cannot be read":                              {"USER": "sender", "PASSWORD_FILE": filepath.Join(dir, "absent")},
		"THROUGHLINE_SMTP_CA: " + dir + "/text holds no":     {"CA": file("text", "no certificate", 0o600)},
		"THROUGHLINE_SMTP_CA: " + dir + "/none cannot be re": {"CA": filepath.Join(dir, "none")},
	} {
		if _, ok, err := read(change); ok || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "→") || strings.Contains(err.Error(), password) {
			t.Errorf("want a refusal with %q, got %v", want, err)
		}
	}
	if _, ok, err := read(map[string]string{"HOST": ""}); ok || err != nil {
		t.Errorf("without a host there is no mail: %v, %v", ok, err)
	}
	for _, c := range []struct {
		change map[string]string
		want   string
	}{
		{nil, "smtp.example.com:587 (starttls)"}, {map[string]string{"PORT": "465"}, "smtp.example.com:465 (implicit)"},
		{map[string]string{"TLS": "implicit"}, "smtp.example.com:465 (implicit)"}, {map[string]string{"TLS": "none"}, "smtp.example.com:25 (none)"},
		{map[string]string{"USER": "sender", "PASSWORD_FILE": file("closed", password+"\r\nmore", 0o600)}, "smtp.example.com:587 (starttls)"},
	} {
		s, ok, err := read(c.change)
		if err != nil || !ok || fmt.Sprintf("%v", s) != c.want || strings.Contains(fmt.Sprintf("%+v %#v", s, s), password) {
			t.Errorf("%v is %v (%v), want %s", c.change, s, err, c.want)
		}
		if c.change["USER"] != "" && s.Password != password {
			t.Errorf("the password is %q", s.Password)
		}
	}
}
