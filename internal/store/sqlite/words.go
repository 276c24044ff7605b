package sqlite

import (
	"errors"
	"fmt"
	"os"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// code is SQLite's extended result code, or 0.
func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// taken tells whether a row was refused because another stands in its place:
// by a unique key, or by a trigger that keeps what is final.
func taken(err error) bool {
	switch code(err) {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return true
	case lib.SQLITE_CONSTRAINT_TRIGGER:
		return strings.Contains(err.Error(), "never changes")
	}
	return false
}

// busy tells whether another process holds the file, or has just changed its
// schema.
func busy(err error) bool {
	if err == nil {
		return false
	}
	c := code(err) & 0xff
	return c == lib.SQLITE_BUSY || c == lib.SQLITE_LOCKED || strings.Contains(err.Error(), "already exists")
}

// readOnly tells whether a store is there and only writing it is forbidden.
func readOnly(err error, path string) bool {
	_, statErr := os.Stat(path)
	c := code(err) & 0xff
	return statErr == nil && (c == lib.SQLITE_READONLY || c == lib.SQLITE_CANTOPEN)
}

// words says what usually goes wrong.
func words(path string) func(act string, err error) error {
	return func(act string, err error) error {
		switch code(err) & 0xff {
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
			return fmt.Errorf("%s store: another process has held %s for too long; run again when it has finished", act, path)
		case lib.SQLITE_FULL, lib.SQLITE_IOERR:
			return fmt.Errorf("%s store: the disk that holds %s takes no more, or fails; nothing was changed, free some space and run again", act, path)
		case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
			return fmt.Errorf("%s store: %s is damaged or no store of Throughline; restore it from a backup: %w", act, path, err)
		case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM, lib.SQLITE_AUTH:
			return fmt.Errorf("%s store: %s cannot be written; give yourself the right to, or name another folder with --data: %w", act, path, err)
		}
		return nil
	}
}
