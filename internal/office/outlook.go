package office

import (
	"context"
	"fmt"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// Outlook is what one customer is likely to do, by the models that the newest close with an equity statement has sealed.
type Outlook struct {
	equity.Outlook
	Head      Head
	LastDay   calendar.Day
	Purchases int64  // days with a purchase up to the last day
	Why       string // why nothing is told; empty: it is
}

// mostEvents is up to how many lines of one customer are read for their outlook.
const mostEvents, eventsAtOnce = 4000, 200

// Outlook tells what a customer is likely to do; nil where no close has an equity statement, or where it counts others than customers.
func (o *Office) Outlook(ctx context.Context, c engine.Customer, seer engine.Seer) (*Outlook, error) {
	head, doc, err := o.valued(ctx)
	if err != nil || doc == nil {
		return nil, err
	}
	out := &Outlook{Head: head, LastDay: doc.Equity.LastDay}
	company, err := o.Company(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Excluded != "":
		out.Why = "this customer is left out of every statement"
		return out, nil
	case company.Config.Settings.ReturnsCounted == "at the sale":
		out.Why = "returns count at their sale, which a timeline does not show"
		return out, nil
	}
	days, segment, why, err := o.boughtBy(ctx, c.Key, seer, doc)
	if err != nil || why != "" {
		out.Why = why
		return out, err
	}
	history, mean, n := equity.Lived(days, doc.Equity.LastDay+1)
	if out.Purchases = n; n == 0 {
		out.Why = "no purchase of theirs lies before the end of that close"
		return out, nil
	}
	if why, refused := doc.Equity.Base.Alive.Refusal(); refused {
		out.Why = why.Reason
		return out, nil
	}
	p := prospect(doc.Equity, segment)
	if _, told := doc.Equity.Base.Revenue.Estimate(); !told {
		p.Spend = nil // what is refused of all is not told of one
	}
	p.History, p.Mean = history, mean
	out.Outlook = p.Outlook()
	return out, nil
}

// valued is the newest close whose equity statement has figures, and counts customers.
func (o *Office) valued(ctx context.Context) (head Head, doc *sealed.Document, err error) {
	heads, err := o.Heads(ctx)
	if err != nil {
		return head, nil, err
	}
	for _, h := range heads {
		if h.Stands() && h.Usual() && h.Grain == "customer" && (head.ID == 0 || h.Period.End > head.Period.End || h.Period.End == head.Period.End && h.ID > head.ID) {
			head = h
		}
	}
	if head.ID == 0 {
		return head, nil, nil
	}
	doc, err = o.Document(ctx, head.ID)
	if err != nil || !doc.Equity.Open() {
		return head, nil, err
	}
	return head, doc, nil
}

// boughtBy sums a customer's lines by day, up to the last day of a close, and tells their segment as a statement has it.
func (o *Office) boughtBy(ctx context.Context, key engine.Key, seer engine.Seer, doc *sealed.Document) (days map[calendar.Day]money.Amount, segment, why string, err error) {
	days = map[calendar.Day]money.Amount{}
	after, read := "", 0
	for {
		page, err := o.Timeline(ctx, engine.Timeline{Key: key, Books: []string{"orders"}, After: after, Limit: eventsAtOnce, Seer: seer})
		if err != nil {
			return nil, "", "", err
		}
		segment = segmentOf(append([]engine.Customer{page.Customer}, page.Merged...))
		for _, e := range page.Events {
			switch {
			case e.Undated || e.Day > doc.Equity.LastDay || e.Amount == nil:
				continue
			case e.Currency != "" && e.Currency != string(doc.Currency):
				return nil, "", "some of their lines are in another currency than the statement", nil
			}
			days[e.Day] = days[e.Day].Add(*e.Amount)
		}
		if after, read = page.Next, read+len(page.Events); after == "" {
			return days, segment, "", nil
		}
		if read >= mostEvents {
			return nil, "", fmt.Sprintf("they have more than %d lines, which is more than a page reads", mostEvents), nil
		}
	}
}

// segmentOf is that of the one who came first among the merged ids whose segment is known; of two of one day, the first by name.
func segmentOf(ids []engine.Customer) string {
	first, segment := calendar.DayOf(9999, 12, 31), ""
	for _, c := range ids {
		on := calendar.DayOf(9999, 12, 31)
		if c.AcquiredOn != nil {
			on = *c.AcquiredOn
		}
		if c.Segment != "" && (segment == "" || on < first || on == first && c.Segment < segment) {
			first, segment = on, c.Segment
		}
	}
	return segment
}

// prospect is what a sealed equity statement says of anybody of a segment.
func prospect(e *sealed.Equity, segment string) equity.Prospect {
	life, spend, priced, _ := e.Models()
	p := equity.Prospect{Life: life}
	if priced {
		p.Spend = &spend
	}
	if e.Terms.Discount != nil {
		p.Discount = *e.Terms.Discount
	}
	returns, ok := e.Terms.Returns.Estimate()
	margin := e.Terms.MarginOf(segment)
	if ok && margin != nil {
		factor, _ := new(big.Rat).Mul(returns.Value, margin).Float64()
		p.Factor = &factor
	}
	return p
}

// verdict is by what a sealed statement tells who has gone quiet; nil where it does not tell what customers are worth.
func verdict(e *sealed.Equity) *equity.Verdict {
	if !e.Open() {
		return nil
	}
	if _, told := e.Base.Value.Estimate(); !told {
		return nil
	}
	p := prospect(e, "")
	if p.Spend == nil || p.Discount <= 0 {
		return nil
	}
	returns, ok := e.Terms.Returns.Estimate()
	margin, also := e.Terms.Margin.Estimate()
	if !ok || !also {
		return nil
	}
	v := &equity.Verdict{Life: p.Life, Spend: *p.Spend, Discount: p.Discount}
	v.Returns, _ = returns.Value.Float64()
	v.Margin, _ = margin.Value.Float64()
	for _, m := range e.Terms.Margins {
		if is, ok := m.Margin.Estimate(); ok && !m.Rest {
			x, _ := is.Value.Float64()
			v.Margins = append(v.Margins, equity.SegmentMargin{Segment: m.Name, Margin: x})
		}
	}
	return v
}

// Silent is a customer who has gone quiet, with what they last said.
type Silent struct {
	engine.Standing
	Last calendar.Day  // of their purchases
	Said *engine.Event // nil: nothing that the books hold
}

// Silent are those with the most at stake who have gone quiet by a sealed statement, and how many are listed in all.
func (o *Office) Silent(ctx context.Context, h Head, limit int, seer engine.Seer) (list []Silent, all int64, err error) {
	found, err := o.Behind(ctx, Behind{Seal: h.ID, Block: sealed.Period, Line: engine.Quiet, Limit: limit, Seer: seer})
	if err != nil {
		return nil, 0, err
	}
	doc, err := o.Document(ctx, h.ID)
	if err != nil {
		return nil, 0, err
	}
	for _, row := range found.Rows {
		one := Silent{Standing: row}
		if row.Silence != nil {
			one.Last = doc.Equity.LastDay - calendar.Day(row.Silence.Since)
		}
		if row.Customer != nil {
			if one.Said, err = o.lastSaid(ctx, row.Customer.Key, seer, doc.Equity.LastDay); err != nil {
				return nil, 0, err
			}
		}
		list = append(list, one)
	}
	return list, found.Units, nil
}

// lastSaid is the last remark or comment of a customer up to a day.
func (o *Office) lastSaid(ctx context.Context, key engine.Key, seer engine.Seer, until calendar.Day) (*engine.Event, error) {
	page, err := o.Timeline(ctx, engine.Timeline{Key: key, Books: []string{"remarks", "answers"}, Limit: 20, Seer: seer})
	if err != nil {
		return nil, err
	}
	var answer *engine.Event
	for i, e := range page.Events {
		switch {
		case e.Undated || e.Day > until:
		case e.Text != "" || e.Withheld:
			return &page.Events[i], nil
		case answer == nil:
			answer = &page.Events[i]
		}
	}
	return answer, nil
}
