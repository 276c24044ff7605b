package mail

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/books"
)

// Encryption is how the connection to the mail server is protected.
type Encryption string

// The encryptions.
const (
	StartTLS Encryption = "starttls" // plain first, then encrypted or not at all
	Implicit Encryption = "implicit" // encrypted from the first byte
	None     Encryption = "none"     // for a server on the same machine or network
)

// Settings say which mail server takes the letters.
type Settings struct {
	Host           string
	Port           int
	Encryption     Encryption
	User, Password string // empty: the server wants none
	From           string // the sender's address
	Trusted        *x509.CertPool
}

// FromEnvironment reads the settings from environment variables. ok is false
// when THROUGHLINE_SMTP_HOST is not set, and no mail is sent then. The password
// comes from the environment or from a file that only its owner can read, and
// from nowhere else.
func FromEnvironment(getenv func(string) string) (s Settings, ok bool, err error) {
	s = Settings{
		Host: getenv("THROUGHLINE_SMTP_HOST"), User: getenv("THROUGHLINE_SMTP_USER"), Password: getenv("THROUGHLINE_SMTP_PASSWORD"),
		From: getenv("THROUGHLINE_SMTP_FROM"), Encryption: Encryption(getenv("THROUGHLINE_SMTP_TLS")),
	}
	if s.Host == "" {
		return Settings{}, false, nil
	}
	if strings.ContainsAny(s.Host, " \t\r\n:/@") && net.ParseIP(s.Host) == nil {
		return s, false, refuse("THROUGHLINE_SMTP_HOST", "is not the name of a server", "set it to one such as smtp.example.com, and the port in THROUGHLINE_SMTP_PORT")
	}
	if from, err := netmail.ParseAddress(s.From); err != nil || from.Address != s.From {
		return s, false, refuse("THROUGHLINE_SMTP_FROM", "is not a mail address", "set it to the address that letters come from, such as throughline@example.com")
	}
	if s.Port, err = port(getenv("THROUGHLINE_SMTP_PORT"), &s.Encryption); err != nil {
		return s, false, err
	}
	if path := getenv("THROUGHLINE_SMTP_PASSWORD_FILE"); path != "" {
		if s.Password, err = secret(path); err != nil {
			return s, false, err
		}
	}
	if (s.User == "") != (s.Password == "") {
		return s, false, refuse("THROUGHLINE_SMTP_USER", "and the password go together", "set both, or neither")
	}
	if s.User != "" && s.Encryption == None && !local(s.Host) {
		return s, false, refuse("THROUGHLINE_SMTP_TLS", "none would send the password readable over the network", "set it to starttls or implicit")
	}
	s.Trusted, err = authorities(getenv("THROUGHLINE_SMTP_CA"))
	return s, err == nil, err
}

func refuse(where, what, do string) error { return &books.Refusal{Where: where, What: what, Do: do} }

// port reads the port and settles the encryption: 465 is encrypted from the
// first byte and every other port by STARTTLS, unless it is said.
func port(text string, e *Encryption) (int, error) {
	usual := map[Encryption]int{"": 587, StartTLS: 587, Implicit: 465, None: 25}
	n, ok := usual[*e]
	if !ok {
		return 0, refuse("THROUGHLINE_SMTP_TLS", strconv.Quote(string(*e))+" is none of starttls, implicit, none", "set it to one of them")
	}
	if text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 || n > 65535 {
			return 0, refuse("THROUGHLINE_SMTP_PORT", strconv.Quote(text)+" is not a port", "set it to 587, 465 or what your mail server says")
		}
	}
	if *e == "" {
		*e = StartTLS
		if n == 465 {
			*e = Implicit
		}
	}
	return n, nil
}

// secret reads a password from a file that others cannot read.
func secret(path string) (string, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return "", refuse("THROUGHLINE_SMTP_PASSWORD_FILE", path+" can be read by others", "give it the mode 0600")
	}
	text, readErr := os.ReadFile(path)
	if err = errors.Join(err, readErr); err != nil {
		return "", refuse("THROUGHLINE_SMTP_PASSWORD_FILE", path+" cannot be read", "name a file that the server's own user can read, with the mode 0600")
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimRight(line, "\r"); line == "" {
		return "", refuse("THROUGHLINE_SMTP_PASSWORD_FILE", path+" is empty", "write the password into its first line")
	}
	return line, nil
}

// authorities reads further certificates that a mail server may be known by.
func authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, refuse("THROUGHLINE_SMTP_CA", path+" cannot be read", "name a file of certificates in PEM form")
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, refuse("THROUGHLINE_SMTP_CA", path+" holds no certificate", "name a file of certificates in PEM form")
	}
	return pool, nil
}

// local tells whether a server is on this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// String leaves the password out, so that printing settings tells nobody.
func (s Settings) String() string {
	return fmt.Sprintf("%s:%d (%s)", s.Host, s.Port, s.Encryption)
}

// GoString is String.
func (s Settings) GoString() string { return s.String() }
