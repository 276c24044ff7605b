package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

// block is what a part of a close took, from when it says that it begins to when the next one does.
type block struct {
	Name      string
	Wall, CPU float64 // seconds
	Peak      int64   // bytes of resident memory at most, with what earlier blocks left; 0: not known
}

// blockWatch measures what says that it begins.
type blockWatch struct {
	done       []block
	name       string
	start      time.Time
	cpu        time.Duration
	resettable bool
}

// begin ends the block before, and is told when each begins.
func (w *blockWatch) begin(name string) {
	w.end()
	w.name, w.start, w.cpu, w.resettable = name, time.Now(), processTime(), forgetPeak()
}

func (w *blockWatch) end() {
	if w.name == "" {
		return
	}
	b := block{Name: w.name, Wall: time.Since(w.start).Seconds(), CPU: (processTime() - w.cpu).Seconds()}
	if w.resettable {
		b.Peak = peakNow()
	}
	fmt.Fprintf(os.Stderr, "%s %s: %.1f s, %.1f s of CPU, %d MB\n", time.Now().Format("15:04:05"), b.Name, b.Wall, b.CPU, b.Peak>>20)
	w.done, w.name = append(w.done, b), ""
}

// profiled writes where the CPU time goes until it is stopped, when a file is named. The engine is not Go and stands there as one.
func profiled(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
