//go:build unix

package duckdb

import (
	"errors"
	"syscall"
)

// alive tells whether a process of that number runs; signal 0 only asks.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
