package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// quiet is how long an act may take before it is worth a word.
const quiet = 2 * time.Second

// progress tells on standard error how far long acts have come: one line that
// rewrites itself on a terminal, plain lines now and then elsewhere.
type progress struct {
	out      io.Writer
	now      func() time.Time
	terminal bool
	started  time.Time
	act      string
	last     time.Time
	drawn    bool
}

func newProgress(out io.Writer, now func() time.Time) *progress {
	f, ok := out.(*os.File)
	return &progress{out: out, now: now, started: now(), terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// say prints a line of its own.
func (p *progress) say(text string) {
	p.clear()
	fmt.Fprintln(p.out, text)
}

func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}

func (p *progress) done() { p.clear() }

// report hears of an act; total 0 means that nobody knows how long it takes.
func (p *progress) report(act string, done, total int64) {
	now := p.now()
	every := 5 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	changed := act != p.act
	p.act = act
	if now.Sub(p.started) < quiet || (!changed && now.Sub(p.last) < every) || (changed && !p.terminal && now.Sub(p.last) < time.Second) {
		return
	}
	p.last = now
	if p.terminal {
		fmt.Fprintf(p.out, "\r\x1b[K%s%s", act, bar(done, total))
		p.drawn = true
		return
	}
	if total > 0 && done > 0 {
		fmt.Fprintf(p.out, "%s: %d%%\n", act, done*100/total)
		return
	}
	fmt.Fprintln(p.out, act)
}

func bar(done, total int64) string {
	if total <= 0 || done <= 0 {
		return " …"
	}
	const width = 30
	full := int(done * width / max(total, done))
	return fmt.Sprintf(" [%s%s] %3d%%", strings.Repeat("█", full), strings.Repeat("░", width-full), done*100/max(total, done))
}
