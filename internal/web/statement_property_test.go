package web

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// drawnStatement is a statement that adds up, of customers who spend, return and cost whatever comes.
func drawnStatement(t *rapid.T) growth.Statement {
	amount := func(label string) money.Amount {
		return money.FromMicros(rapid.Int64Range(-3_000_000_000, 9_000_000_000).Draw(t, label))
	}
	in := growth.Input{
		Windows: growth.Windows{
			Period:   calendar.Period{Start: calendar.DayOf(2026, 1, 1), End: calendar.DayOf(2027, 1, 1)},
			Compared: calendar.Period{Start: calendar.DayOf(2025, 1, 1), End: calendar.DayOf(2026, 1, 1)},
		},
		Active: growth.AnyLine, Currency: money.Currency(rapid.SampledFrom([]string{"EUR", "JPY", "KWD"}).Draw(t, "currency")),
	}
	var all money.Amount
	for _, state := range []growth.State{growth.Retained, growth.Lost, growth.Returning, growth.New, growth.NewBefore, growth.Idle} {
		if rapid.IntRange(0, 3).Draw(t, string(state)) == 0 {
			continue // nobody
		}
		c := growth.Cell{State: state, Customers: rapid.Int64Range(1, 20_000_000).Draw(t, "customers"), Prior: amount("prior"), Current: amount("current"), Kept: amount("kept")}
		if state == growth.Lost { // nobody who left has a line in the period
			c.Current = money.Amount{}
		}
		if state == growth.New || state == growth.NewBefore {
			c.Origin = growth.Origin{Via: rapid.SampledFrom([]string{"", "referral", "paid"}).Draw(t, "via")}
			c.Prior = money.Amount{}
		}
		if state == growth.Retained {
			moved := c.Current.Sub(c.Prior)
			if c.Expansion, c.Contraction = moved, (money.Amount{}); moved.Sign() < 0 {
				c.Expansion, c.Contraction = money.Amount{}, moved.Neg()
			}
		}
		all = all.Add(c.Current)
		in.Cells = append(in.Cells, c)
	}
	in.Coverage = growth.Coverage{Lines: 9, LinesIdentified: 9, Revenue: all, RevenueIdentified: all, RevenueUnidentified: amount("unidentified")}
	s, err := in.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var drawnPlace = regexp.MustCompile(` (?:x|x1|x2|cx|width)="([^"]*)%"`)

// Whatever the signs and sizes are: the page is made, nothing is drawn outside of its cell, and no number is written as none is.
func TestStatementsOfAnySignsAreDrawn(t *testing.T) {
	files, err := readAssets()
	if err != nil {
		t.Fatal(err)
	}
	set, err := parsePages(files, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	body, err := set.template(locales[0], "statement-body.html")
	if err != nil {
		t.Fatal(err)
	}
	wall, err := set.template(locales[0], "room-wall.html")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s, before := drawnStatement(t), drawnStatement(t)
		doc, earlier := documentOf(t, s), documentOf(t, before)
		o := &opened{teller: teller{locales[0], doc.Currency}, doc: doc, seal: 2, lead: doc.Headline(), name: "2026", kind: calendar.Years, rows: true}
		var b bytes.Buffer
		if err := body.ExecuteTemplate(&b, "main", o.sealedView()); err != nil {
			t.Fatal(err)
		}
		o.notes = nil
		h := office.Head{Sealed: closing.Sealed{Seal: closing.Seal{ID: 2}}, Identity: closing.Identity{Period: s.Period, Compared: s.Compared, Kind: calendar.Years}}
		past := office.Head{Sealed: closing.Sealed{Seal: closing.Seal{ID: 1}}, Identity: closing.Identity{Period: s.Compared, Kind: calendar.Years}}
		if err := wall.ExecuteTemplate(&b, "main", o.wall(h, []point{{past, earlier}, {h, doc}})); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for _, m := range drawnPlace.FindAllStringSubmatch(page, -1) {
			if x, err := strconv.ParseFloat(m[1], 64); err != nil || x < -5 || x > 105 {
				t.Fatalf("something is drawn at %s%%", m[1])
			}
		}
		for _, no := range []string{"NaN", "Inf", "−−", "+−", "&#43;−", "−0.0%", "−0.00<", "%!", "nil", "&lt;"} {
			if i := strings.Index(page, no); i >= 0 {
				t.Fatalf("the page holds %q: …%s…", no, page[max(0, i-80):min(len(page), i+80)])
			}
		}
	})
}

func documentOf(t *rapid.T, s growth.Statement) *sealed.Document {
	customer, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := sealed.Read(fmt.Appendf(nil, `{"period":{"start":%q,"end":%q},"compared_with":{"start":%q,"end":%q},"currency":%q,"active":"any-line","customer":%s}`,
		s.Period.Start, s.Period.End, s.Compared.Start, s.Compared.End, s.Currency, customer))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
