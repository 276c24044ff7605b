package web

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// teller says what a sealed document holds, in a visitor's language. It rounds and names; it computes nothing.
type teller struct {
	*locale
	currency money.Currency
}

// day is a date as it is said.
func (l *locale) day(d calendar.Day) string {
	y, m, n := d.Date()
	return l.t("%d %s %d", n, l.t(m.String()), y)
}

// days are the first and the last day of a period.
func (l *locale) days(p calendar.Period) string {
	if p.Days() == 1 {
		return l.day(p.Start)
	}
	return l.t("%s to %s", l.day(p.Start), l.day(p.End-1))
}

// periodName is what a period is called within a sentence: September 2026, the third quarter of 2026. What has a name of
// the company's own calendar keeps it, and a range is its days.
func (l *locale) periodName(kind calendar.Kind, p calendar.Period, label string) string {
	y, m, _ := p.Start.Date()
	switch kind {
	case calendar.Months:
		return l.t("%s %d", l.t(m.String()), y)
	case calendar.Quarters:
		return l.t("%d, quarter %d", y, (int(m)-1)/3+1)
	case calendar.Years:
		return strconv.Itoa(y)
	case calendar.Ranges, "":
		return l.days(p)
	}
	return label
}

// spanName is a cohort's span, such as 2018-03: Mar 2018.
func (l *locale) spanName(span string) string {
	year, month, _ := strings.Cut(span, "-")
	at, err := time.Parse("01", month)
	if err != nil || len(month) != 2 {
		return strings.ReplaceAll(span, "-", " ")
	}
	return l.t(at.Format("Jan")) + " " + year
}

// cash is an amount in the statement's currency, rounded to its places.
func (t teller) cash(a money.Amount) string {
	return strings.Replace(a.Grouped(t.currency.Places()), "-", minus, 1)
}

// decimal is a number with that many places; no zero is negative.
func decimal(r *big.Rat, places int) string {
	text := r.FloatString(places)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return grouped(text)
}

// multiple is a ratio that is no share: −0.40.
func multiple(r *big.Rat) string { return decimal(r, 2) }

// ratio is a share or a multiple; bare leaves the sign of per cent out, as in the ends of an interval.
func ratio(unit sealed.Unit, r *big.Rat, bare bool) string {
	switch {
	case unit == sealed.Multiple:
		return multiple(r)
	case bare:
		return points(r)
	}
	return percent(r)
}

// value is what stands where the figure stands: the number, the ends of bounds, or that it was refused.
func (t teller) value(v sealed.Value) string {
	switch v.Unit {
	case sealed.Money:
		return t.cash(v.Amount)
	case sealed.Customers, sealed.Lines, sealed.Purchases, sealed.Months, sealed.Subscriptions, sealed.Watched, sealed.Raised, sealed.OnPeople, sealed.Contacts, sealed.OnTouchpoints:
		return count(v.Count)
	}
	e, ok := v.Figure.Estimate()
	switch {
	case !ok:
		return t.t("refused")
	case e.Value == nil:
		return t.t("%s to %s", t.number(v.Unit, e.Low, true), t.number(v.Unit, e.High, false))
	}
	return t.number(v.Unit, e.Value, false)
}

// number is one number of a figure: a ratio, money, or months.
func (t teller) number(unit sealed.Unit, r *big.Rat, bare bool) string {
	switch unit {
	case sealed.Worth:
		return strings.Replace(decimal(r, t.currency.Places()), "-", minus, 1)
	case sealed.Spell, sealed.Foretold, sealed.Expected:
		return strings.Replace(decimal(r, 0), "-", minus, 1)
	case sealed.Heads, sealed.Years, sealed.Waiting, sealed.Hours:
		return t.ofPeople(unit, r, bare)
	}
	return ratio(unit, r, bare)
}

// ofPeople is a number of people, years, days or hours, with one place where it is not whole.
func (t teller) ofPeople(unit sealed.Unit, r *big.Rat, bare bool) string {
	text := decimal(r, 1)
	if r.IsInt() && unit != sealed.Years {
		text = decimal(r, 0)
	}
	switch {
	case bare:
	case unit == sealed.Years:
		return t.t("%s years", text)
	case unit == sealed.Waiting:
		return t.t("%s days", text)
	case unit == sealed.Hours:
		return t.t("%s hours", text)
	}
	return text
}

// signed is the value of a line that is added up: with a plus where it adds.
func (t teller) signed(v sealed.Value) string {
	text := t.value(v)
	if r := v.Rat(); r != nil && r.Sign() > 0 && strings.Trim(text, "0.,%") != "" {
		return "+" + text
	}
	return text
}

// interval is what stands beside a value: its ends, or that it is exact.
func (t teller) interval(v sealed.Value) string {
	e, ok := v.Figure.Estimate()
	switch {
	case !ok && v.Unit.Figured():
		return ""
	case !ok || e.Kind == evidence.KindExact:
		return t.t("exact")
	}
	return t.ends(v.Unit, e)
}

func (t teller) ends(unit sealed.Unit, e evidence.Estimate) string {
	return t.t("%s to %s", t.number(unit, e.Low, true), t.number(unit, e.High, true))
}

// sort names the interval of an estimate.
func (t teller) sort(e evidence.Estimate) string {
	level := strconv.FormatFloat(e.Level*100, 'g', 4, 64) + "%"
	switch e.Kind {
	case evidence.KindBounds:
		return t.t("Bounds")
	case evidence.KindConfidence:
		return t.t("%s interval", level)
	case evidence.KindCredible:
		return t.t("%s credible interval", level)
	}
	return t.t("Exact")
}

// units is how many a figure rests on: 21,480 customers.
func (t teller) units(n int64, unit sealed.Unit) string {
	switch unit {
	case sealed.Lines:
		return t.tn(n, "%s line", "%s lines", count(n))
	case sealed.Rows:
		return t.tn(n, "%s row of costs", "%s rows of costs", count(n))
	case sealed.ProductMonths:
		return t.tn(n, "%s month of a product", "%s months of products", count(n))
	case sealed.OnPeople:
		return t.tn(n, "%s person", "%s people", count(n))
	case sealed.Courses:
		return t.tn(n, "%s course completed", "%s courses completed", count(n))
	case sealed.Managers:
		return t.tn(n, "%s manager", "%s managers", count(n))
	case sealed.Hirings:
		return t.tn(n, "%s hiring", "%s hirings", count(n))
	case sealed.Contacts:
		return t.tn(n, "%s contact", "%s contacts", count(n))
	case sealed.OnTouchpoints:
		return t.tn(n, "%s touchpoint", "%s touchpoints", count(n))
	case sealed.PurchaseDays:
		return t.tn(n, "%s purchase day", "%s purchase days", count(n))
	case sealed.Watched:
		return t.tn(n, "%s series", "%s series", count(n))
	}
	return t.tn(n, "%s customer", "%s customers", count(n))
}

// working is a formula with its numbers put in. What is negative is taken off rather than added.
func (t teller) working(terms []sealed.Term) string {
	var b strings.Builder
	for i, term := range terms {
		piece := term.Sign
		switch next := i + 1; {
		case piece == "":
			piece = t.precise(term.Value)
			if i > 0 && (terms[i-1].Sign == "+" || terms[i-1].Sign == "−") {
				piece = strings.TrimPrefix(piece, minus)
			}
		case piece == "to":
			piece = t.t("to")
		case (piece == "+" || piece == "−") && next < len(terms) && strings.HasPrefix(t.precise(terms[next].Value), minus):
			piece = map[string]string{"+": "−", "−": "+"}[piece]
		}
		if i > 0 && term.Sign != ")" && terms[i-1].Sign != "(" {
			b.WriteByte(' ')
		}
		b.WriteString(piece)
	}
	return b.String()
}

// precise has one more place than the page, so that what is added up by hand comes to what is printed.
func (t teller) precise(v sealed.Value) string {
	r := v.Rat()
	if v.Unit == sealed.Share && r != nil {
		return decimal(new(big.Rat).Mul(r, big.NewRat(100, 1)), 2) + "%"
	}
	return t.value(v)
}
