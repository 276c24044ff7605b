//go:build !linux

package main

import "time"

func forgetPeak() bool { return false }

func peakNow() int64 { return 0 }

func cpuOf(int) time.Duration { return 0 }
