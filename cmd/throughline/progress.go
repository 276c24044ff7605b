package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// How long an act may take before it is worth a word, and how often one is.
const (
	quiet         = 2 * time.Second
	onTerminal    = 100 * time.Millisecond
	elsewhere     = 5 * time.Second
	progressWidth = 30
)

// progress tells on standard error how far long acts have come: one line that
// rewrites itself on a terminal, plain lines now and then elsewhere. An act
// that says nothing of itself is told with the time it has taken. It is safe
// for several goroutines, because an engine reads on its own threads.
type progress struct {
	out      io.Writer
	now      func() time.Time
	terminal bool
	stop     chan struct{}
	once     sync.Once

	mu        sync.Mutex
	started   time.Time // of everything
	act       string
	since     time.Time // of the act
	at, total int64
	last      time.Time // of the last word
	drawn     bool
}

func newProgress(out io.Writer, now func() time.Time) *progress {
	f, ok := out.(*os.File)
	p := &progress{out: out, now: now, started: now(), terminal: ok && term.IsTerminal(int(f.Fd())), stop: make(chan struct{})}
	go p.tick()
	return p
}

// tick tells of acts that are silent themselves.
func (p *progress) tick() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-t.C:
			p.mu.Lock()
			if p.act != "" {
				p.draw()
			}
			p.mu.Unlock()
		}
	}
}

// done clears the line and stops; calling it again does nothing.
func (p *progress) done() {
	p.once.Do(func() { close(p.stop) })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.act = ""
	p.clear()
}

// say prints a line of its own.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.out, printable(text))
}

func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}

// report hears of an act; total 0 means that nobody knows how long it takes.
func (p *progress) report(act string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if act = printable(act); act != p.act {
		p.act, p.since = act, p.now()
	}
	p.at, p.total = done, total
	p.draw()
}

// draw tells how far the act is, when it is time for a word.
func (p *progress) draw() {
	now := p.now()
	every := elsewhere
	if p.terminal {
		every = onTerminal
	}
	if now.Sub(p.started) < quiet || now.Sub(p.last) < every {
		return
	}
	p.last = now
	taken := now.Sub(p.since).Round(time.Second)
	if p.terminal {
		fmt.Fprintf(p.out, "\r\x1b[K%s%s %s", p.act, bar(p.at, p.total), taken)
		p.drawn = true
		return
	}
	if p.total > 0 && p.at > 0 {
		fmt.Fprintf(p.out, "%s: %d%%\n", p.act, min(100, p.at*100/p.total))
		return
	}
	fmt.Fprintf(p.out, "%s: %s so far\n", p.act, taken)
}

// bar draws a share as blocks; nothing when the total is unknown.
func bar(done, total int64) string {
	if total <= 0 || done <= 0 {
		return " …"
	}
	done = min(done, total)
	full := int(done * progressWidth / total)
	return fmt.Sprintf(" [%s%s] %3d%%", strings.Repeat("█", full), strings.Repeat("░", progressWidth-full), done*100/total)
}
