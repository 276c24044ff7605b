package postgres

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// state is the server's code for what went wrong (PostgreSQL's documentation,
// appendix A), or empty when it did not answer.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// taken tells whether a row was refused because another stands in its place.
func taken(err error) bool { return state(err) == "23505" }

// again tells whether a transaction lost against another one.
func again(err error) bool { return state(err) == "40001" || state(err) == "40P01" }

// words says what usually goes wrong.
func words(where string) func(act string, err error) error {
	say := func(act, what string) error {
		return fmt.Errorf("%s store: the PostgreSQL database %s %s", act, where, what)
	}
	return func(act string, err error) error {
		code := state(err)
		for _, known := range causes {
			if strings.HasPrefix(code, known.code) && code != "" {
				return say(act, known.what)
			}
		}
		var connect *pgconn.ConnectError
		var network net.Error
		switch {
		case code == "" && (errors.As(err, &connect) || errors.As(err, &network)):
			return say(act, "cannot be reached; see whether the server runs and whether its address is right: "+reason(err))
		case code == "" && (strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "bad connection")):
			return say(act, "has ended the connection; nothing was changed unless it was acknowledged, try again")
		}
		return nil
	}
}

// reason is the last part of what a connection failed of, which holds neither
// user nor password.
func reason(err error) string {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	text := err.Error()
	if _, after, found := strings.Cut(text, "failed to connect to"); found {
		_, text, _ = strings.Cut(after, ": ")
	}
	return strings.TrimSpace(text)
}

// causes are beginnings of codes with what they mean to a person.
var causes = []struct{ code, what string }{
	{"55P03", "is held by another process for too long; run again when it has finished"},
	{"40", "was changed by others all the while; run again"},
	{"53100", "has no disk space left; nothing was changed, have some freed and run again"},
	{"53300", "takes no more connections; close some, or have max_connections raised"},
	{"53", "is out of resources; nothing was changed, run again later"},
	{"57", "is being shut down or does not take connections yet; run again later"},
	{"58", "fails to read or write its disk; ask its keepers, and restore it from a backup if need be"},
	{"XX", "is damaged; ask its keepers, and restore it from a backup if need be"},
	{"28", "does not let this user in; correct the user or the password (PGPASSWORD, ~/.pgpass)"},
	{"3D", "is not there; make it with `createdb --encoding=UTF8`"},
	{"42501", "does not allow this user to do that; make the user the owner of the database or of the schema"},
	{"25006", "is open for reading only; name the primary server"},
	{"22021", "cannot keep a text with a NUL character or bytes that are no UTF-8; take them out of the text or the file's name"},
	{"22P05", "cannot keep a text with a NUL character; take it out"},
	{"54000", "cannot keep a text that long; shorten it"},
}
