//go:build !linux && !darwin

package main

import (
	"math"
	"os"
	"syscall"
	"time"
)

func peakMemory(*os.ProcessState) int64 { return 0 }

func processTime() time.Duration { return 0 }

func freeDisk(string) (int64, error) { return math.MaxInt64, nil }

func unprivileged(string) (*syscall.SysProcAttr, error) { return nil, nil }
