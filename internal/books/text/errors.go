package text

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// sourceError is an error of a whole file in our words; the cause stays for errors.Is but is not printed.
type sourceError struct {
	name, reason string
	cause        error
}

func (e *sourceError) Error() string { return e.name + ": " + e.reason }
func (e *sourceError) Unwrap() error { return e.cause }

func problem(name, reason string, cause error) error {
	return &sourceError{name: name, reason: reason, cause: cause}
}

// named gives an error of the source that has no name yet the name and our words.
func named(name string, err error) error {
	var told *sourceError
	if errors.As(err, &told) {
		return err
	}
	return problem(name, "gives nothing more to read, nor its end", err)
}

// excerptSize bounds the text that a Refused carries.
const excerptSize = 80

// excerpt is the beginning of raw as valid UTF-8 on one line, for a person to find the place.
func excerpt(raw []byte) string {
	var b strings.Builder
	for len(raw) > 0 {
		if b.Len() >= excerptSize {
			b.WriteString("…")
			break
		}
		c, size := utf8.DecodeRune(raw)
		switch {
		case c == utf8.RuneError && size == 1, c < ' ':
			fmt.Fprintf(&b, `\x%02X`, raw[0])
		default:
			b.WriteRune(c)
		}
		raw = raw[size:]
	}
	return b.String()
}
