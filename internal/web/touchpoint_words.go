package web

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/journey"
)

// figureWords are what a touchpoint's figures are called, by the name of the figure up to what follows it.
var figureWords = []struct{ name, text string }{
	{"nps", "Promoters less detractors (NPS)"}, {"csat", "Satisfied"}, {"ces", "Ease, mean score"}, {"identified", "Name the customer"}, {"abandoned", "Gave up"}, {"reached", "Got through"},
	{"contained", "Kept from a person by automation"}, {"resolved", "Settled"}, {"reopened", "Came up again"}, {"transfers", "Handed on, times a contact"}, {"wait_mean", "Wait, mean"},
	{"wait_median", "Wait, the middle one"}, {"wait_nine_tenths", "Wait that nine tenths did not exceed"}, {"handle_mean", "Handling time, mean"}, {"came_again", "Kept from a person, and came again"},
}

// touchFigure is a figure of a touchpoint in words: its name, its scale, and how numbers of it are printed.
type touchFigure struct {
	l     *locale
	name  string
	brief bool // shares in whole per cent
}

func (l *locale) touchFigure(name string) touchFigure { return touchFigure{l: l, name: name} }

// short is the figure with shares in whole per cent, for where there is little room.
func (f touchFigure) short() touchFigure {
	f.brief = true
	return f
}

// as is another figure.
func (f touchFigure) as(name string) touchFigure { return touchFigure{l: f.l, name: name} }

// label is what the figure is called.
func (f touchFigure) label() string {
	for _, w := range figureWords {
		if f.name == w.name {
			return f.l.t(w.text)
		}
	}
	switch {
	case strings.HasPrefix(f.name, "within_"):
		seconds, err := strconv.ParseInt(strings.TrimPrefix(f.name, "within_"), 10, 64)
		if err == nil {
			return f.l.t("Served within %s", f.l.lasting(seconds))
		}
	case strings.HasPrefix(f.name, "top."):
		return f.l.t("In the top two of “%s”", strings.TrimPrefix(f.name, "top."))
	case strings.HasPrefix(f.name, "mean."):
		return f.l.t("Mean of “%s”", strings.TrimPrefix(f.name, "mean."))
	case strings.HasPrefix(f.name, "measure."):
		return f.l.t("“%s”", strings.TrimPrefix(f.name, "measure.")) // the company's own word, in whichever language the page is
	}
	return f.l.t("“%s”", f.name)
}

// scale is how the figure's numbers are read.
func (f touchFigure) scale() string {
	switch {
	case f.name == "nps":
		return "points"
	case f.name == "ces", f.name == "transfers", strings.HasPrefix(f.name, "measure."), strings.HasPrefix(f.name, "mean."):
		return "number"
	case strings.HasPrefix(f.name, "wait_"), f.name == "handle_mean":
		return "seconds"
	}
	return "share"
}

// drawn is by how much a number is larger in a picture: shares are drawn in per cent.
func (f touchFigure) drawn() *big.Rat {
	if f.scale() == "share" {
		return big.NewRat(100, 1)
	}
	return big.NewRat(1, 1)
}

// standard is a target as a picture has it, and whether less is better.
func (f touchFigure) standard(t journey.Target) (text string, less bool) {
	r, ok := new(big.Rat).SetString(t.AtLeast + t.AtMost)
	if !ok {
		return "", false
	}
	return new(big.Rat).Mul(r, f.drawn()).FloatString(4), t.AtMost != ""
}

// number prints one number of the figure; bare, as the end of an interval.
func (f touchFigure) number(r *big.Rat, bare bool) string {
	switch f.scale() {
	case "points":
		return strings.Replace(decimal(r, 0), "-", minus, 1)
	case "number":
		return strings.Replace(decimal(r, 2), "-", minus, 1)
	case "seconds":
		x, _ := r.Float64()
		return f.l.lasting(int64(x + .5))
	}
	if f.brief {
		return strings.Replace(decimal(new(big.Rat).Mul(r, big.NewRat(100, 1)), 0), "-", minus, 1) + "%"
	}
	if bare {
		return points(r)
	}
	return percent(r)
}

// value prints the figure: its value, or the ends where it has no value.
func (f touchFigure) value(x evidence.Figure) string {
	e, ok := x.Estimate()
	switch {
	case !ok:
		return f.l.t("refused")
	case e.Value == nil:
		return f.l.t("%s to %s", f.number(e.Low, true), f.number(e.High, false))
	}
	return f.number(e.Value, false)
}

// interval prints what stands beside the value.
func (f touchFigure) interval(x evidence.Figure) string {
	e, ok := x.Estimate()
	switch {
	case !ok || e.Value == nil:
		return ""
	case e.Kind == evidence.KindExact:
		return f.l.t("exact")
	}
	return f.l.t("%s to %s", f.number(e.Low, true), f.number(e.High, true))
}

// goal prints a number that a standard promises, with as many places as it has.
func (f touchFigure) goal(text string) string {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return text
	}
	if f.scale() == "share" {
		return plain(r.Mul(r, hundred)) + "%"
	}
	return strings.Replace(text, "-", minus, 1)
}

// promised prints what a standard promises of the figure; that less is better is said, since more is what one expects.
func (f touchFigure) promised(atLeast, atMost string) string {
	if atMost != "" {
		return f.l.t("at most %s", f.goal(atMost))
	}
	return f.goal(atLeast)
}

// promise is what a standard promises, in a few words.
func (l *locale) promise(s journey.Standard) string {
	f := l.touchFigure(s.Measure.Name())
	if s.Target.AtLeast != "" {
		return l.t("%s: at least %s", f.label(), f.goal(s.Target.AtLeast))
	}
	return l.t("%s: at most %s", f.label(), f.goal(s.Target.AtMost))
}

// lasting is a time in the unit that is read most easily: the largest that it is whole in, or one in which it is a number of two or three places.
func (l *locale) lasting(seconds int64) string {
	switch {
	case seconds > 0 && seconds%86400 == 0:
		return l.amountOf(seconds, 86400, "1 day", "%s days")
	case seconds > 0 && seconds%3600 == 0:
		return l.amountOf(seconds, 3600, "1 hour", "%s hours")
	case seconds > -60 && seconds < 60:
		return l.tn(seconds, "1 second", "%s seconds", strings.Replace(count(seconds), "-", minus, 1))
	case seconds > -7200 && seconds < 7200:
		return l.amountOf(seconds, 60, "1 minute", "%s minutes")
	case seconds > -172800 && seconds < 172800:
		return l.amountOf(seconds, 3600, "1 hour", "%s hours")
	}
	return l.amountOf(seconds, 86400, "1 day", "%s days")
}

// amountOf is a number of units, with one place where it is not whole.
func (l *locale) amountOf(seconds, unit int64, one, many string) string {
	if seconds == unit {
		return l.t(one)
	}
	places := 1
	if seconds%unit == 0 {
		places = 0
	}
	return l.t(many, strings.Replace(decimal(big.NewRat(seconds, unit), places), "-", minus, 1))
}
