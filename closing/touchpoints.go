package closing

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/journey"
	"github.com/throughline/throughline/profit"
)

// mostFound is how many names of the books are touchpoints of their own where nobody has mapped any.
const mostFound = 200

// nextDays is how long customers are watched after they passed a touchpoint, and for how long they can have passed it.
const nextDays = 90

// touchpoints adds the touchpoint statement of the period, or why there is none.
func (c *Closer) touchpoints(ctx context.Context, ledger Ledger, state State, o Order, w growth.Windows, doc *document) error {
	in := journey.Input{
		Map: c.Settings.Journey, Period: o.Named.Period, Compared: w.Compared, Currency: c.Settings.Currency, PeriodOf: c.named,
		Subscribed: c.Settings.Basis == "subscriptions",
	}
	for _, book := range []string{"interactions", "answers", "remarks", "measures"} {
		kept, dropped := state.Kept[book]
		if dropped && o.Named.Period.Start < kept {
			doc.Touchpoints = evidence.Locked{Refused: NoLonger(book, kept), UnlockedBy: "a later period, all of whose rows are kept"}
			doc.Covers = doc.Touchpoints
			return nil
		}
		in.NoBefore = in.NoBefore || dropped && w.Compared.Start < kept
	}
	c.Progress("compute the touchpoints of " + o.Named.Text)
	if !c.mapped() {
		found, err := c.found(ctx, ledger, in)
		if err != nil {
			return err
		}
		if len(found.Touchpoints) == 0 {
			doc.Touchpoints = evidence.Locked{
				Refused:    "nobody has mapped where customers meet the company, and no row of the period names a touchpoint",
				UnlockedBy: "a journey map: throughline journey import, or the page Journey; or touchpoint of interactions, answers or remarks",
			}
			doc.Covers = doc.Touchpoints
			return nil
		}
		in.Map, in.Found = found, true
	}
	in.Costs, in.NoCosts = served(doc)
	if c.mapped() {
		if err := c.jobs(ctx, ledger, state, &in); err != nil {
			return err
		}
	}
	in.Passed = calendar.Period{Start: w.Period.End - 2*nextDays, End: w.Period.End - nextDays}
	in.Next = calendar.Period{Start: in.Passed.End, End: w.Period.End}
	in.NoNext = c.noNext(state, in)
	s, err := in.State(ctx, ledger)
	if err != nil {
		return err
	}
	doc.Touchpoints, doc.Covers = touchpointLines(s.Lines), s.Coverage
	return nil
}

// jobs puts in which jobs there were on the last day. Where rows of people are no longer kept, who is left is not all, and how many is not told.
func (c *Closer) jobs(ctx context.Context, ledger Ledger, state State, in *journey.Input) (err error) {
	in.MinimumGroup = int64(c.Settings.MinimumGroup)
	if in.Jobs, err = ledger.Jobs(ctx, in.Period.End-1); err != nil {
		return err
	}
	if _, dropped := state.Kept["people"]; dropped {
		for i := range in.Jobs {
			in.Jobs[i].People = 0
		}
	}
	return nil
}

// mapped tells whether anybody has said where customers meet the company.
func (c *Closer) mapped() bool {
	return c.Settings.Journey != nil && len(c.Settings.Journey.Touchpoints) > 0
}

// found makes a map of the names that the books have: those with the most rows, each a touchpoint of its own.
func (c *Closer) found(ctx context.Context, ledger Ledger, in journey.Input) (*journey.Map, error) {
	named, err := ledger.Named(ctx, journey.Question{Spans: []calendar.Period{in.Period, in.Compared}, Period: in.PeriodOf})
	if err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	for _, n := range named {
		if n.Span == 0 && n.Name != "" && n.Others == 0 && n.Book != "costs" {
			rows[n.Name] += n.Rows
		}
	}
	names := sortedBy(rows)
	m := &journey.Map{Journeys: []journey.Journey{{Key: "found", Name: "Names in the books", Stages: []journey.Stage{{Key: "found", Name: "Not mapped"}}}}}
	if len(names) == 0 {
		return &journey.Map{}, nil
	}
	taken := map[string]bool{}
	for _, name := range names[:min(len(names), mostFound)] {
		key := journey.KeyFor(name, func(k string) bool { return taken[k] })
		taken[key] = true
		m.Touchpoints = append(m.Touchpoints, journey.Touchpoint{Key: key, Name: name, Journey: "found", Stage: "found", KnownAs: []journey.Known{{Name: name}}})
	}
	return m, nil
}

// sortedBy lists names, those with the most first.
func sortedBy(rows map[string]int64) []string {
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rows[b], rows[a]), cmp.Compare(a, b)) })
	return names
}

// served is what serving cost by name, as the statement of profit of the same close has it.
func served(doc *document) ([]journey.Cost, *evidence.Refusal) {
	switch p := doc.Profit.(type) {
	case profit.Statement:
		if why, refused := p.CostToServe.Refusal(); refused {
			return nil, &why
		}
		var out []journey.Cost
		for _, t := range p.Touchpoints {
			if t.Costed && t.Name != "" {
				out = append(out, journey.Cost{Name: t.Name, Amount: t.Cost, Contacts: t.Contacts})
			}
		}
		return out, nil
	case evidence.Locked:
		return nil, &evidence.Refusal{Reason: p.Refused, Need: p.UnlockedBy}
	}
	return nil, &evidence.Refusal{Reason: "profit is not stated", Need: "costs, by period, kind and touchpoint"}
}

// noNext says why nobody can tell what customers did after they passed a touchpoint.
func (c *Closer) noNext(state State, in journey.Input) *evidence.Refusal {
	identified := func(book string) bool { return slices.Contains(state.Mapped[book], "customer_key") }
	first, known := c.firstDay(state)
	for _, book := range []string{"interactions", "answers", "remarks"} {
		if kept, dropped := state.Kept[book]; dropped && in.Passed.Start < kept {
			return &evidence.Refusal{Reason: NoLonger(book, kept), Need: "a later period, all of whose rows are kept"}
		}
	}
	begun, passing := state.First["interactions"]
	switch {
	case !identified("interactions") && !identified("answers"):
		return &evidence.Refusal{Reason: "no contact and no answer names a customer, so nobody knows who passed a touchpoint", Need: "customer_id of interactions"}
	case c.Settings.Grain == "entity":
		return &evidence.Refusal{Reason: "a contact does not say which brand or legal entity it was about, so by entity nobody is known to have passed", Need: "grain: customer in settings"}
	case !known || first > in.Passed.Start:
		return &evidence.Refusal{Reason: fmt.Sprintf("the books begin after %s, when customers would begin to pass", in.Passed.Start), Need: "a period that ends half a year or more after the books begin"}
	case passing && begun > in.Passed.Start:
		return &evidence.Refusal{Reason: fmt.Sprintf("interactions begin on %s, and who passed a touchpoint would be counted from %s", begun, in.Passed.Start), Need: "a period that ends half a year or more after interactions begin"}
	}
	return nil
}

// touchpointLines are the lines of the touchpoint statement. They stand one a line in the document: a map has hundreds.
type touchpointLines []journey.Line

func (l touchpointLines) bytes() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteString("[")
	for i, line := range l {
		b.WriteString(map[bool]string{true: "\n    ", false: ",\n    "}[i == 0])
		if err := e.Encode(line); err != nil {
			return nil, fmt.Errorf("write the touchpoint %s: %w", line.Key, err)
		}
		b.Truncate(b.Len() - 1) // the encoder's newline
	}
	if len(l) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("]")
	return b.Bytes(), nil
}

// bytes writes the document. Touchpoints stand in the place of a null that no text can look like: texts have no line breaks.
func (d *document) bytes() ([]byte, error) {
	lines, ok := d.Touchpoints.(touchpointLines)
	if !ok {
		return encode(d)
	}
	with, err := lines.bytes()
	if err != nil {
		return nil, err
	}
	without := *d
	without.Touchpoints = nil
	data, err := encode(without)
	if err != nil {
		return nil, err
	}
	const place = "\n  \"touchpoints\": null"
	return bytes.Replace(data, []byte(place), append([]byte(place[:len(place)-len("null")]), with...), 1), nil
}

// journeyMap is the setting under which the map is named among the inputs of a seal.
const journeyMap = "journey_map"

// journeyRoles is the setting under which the words are named by which the book people knows roles, where there is such a book.
const journeyRoles = "journey_roles"

// rolesDigest is of what tells whose job a role is, beside what [journeyDigest] holds.
func rolesDigest(m *journey.Map) (string, error) {
	return digest(each(m.Roles, func(r journey.Role) journey.Role {
		return journey.Role{Key: r.Key, Department: r.Department, Was: r.Was, KnownAs: r.KnownAs}
	}))
}

// journeyDigest is of what a statement depends on in the map: not the words about steps, hand-offs and what roles do.
func journeyDigest(m *journey.Map) (string, error) {
	cut := *m
	cut.Brands = each(m.Brands, func(b journey.Brand) journey.Brand {
		return journey.Brand{Key: b.Key, Name: b.Name, Entities: b.Entities, Retired: b.Retired}
	})
	cut.Touchpoints = each(m.Touchpoints, func(t journey.Touchpoint) journey.Touchpoint {
		t.About, t.Steps, t.HandsTo = "", nil, nil
		return t
	})
	cut.Roles = each(m.Roles, func(r journey.Role) journey.Role {
		return journey.Role{Key: r.Key, Name: r.Name, Touchpoints: r.Touchpoints, Retired: r.Retired}
	})
	return digest(cut)
}

func digest(of any) (string, error) {
	data, err := json.Marshal(of)
	if err != nil {
		return "", fmt.Errorf("write the journey map: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

func each[T any](list []T, f func(T) T) []T {
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}
