package sealed

import (
	"math/big"
	"slices"

	"github.com/throughline/throughline/money"
)

// CohortSource is where the disclosure by cohort comes from.
const CohortSource = valuing

// Before is the name of the cohort of those who first bought before all spans that are shown.
const Before = "before"

// Kept is a cohort by age: how many of it were active in each span since its first, and what share that is of those active
// in the first. A place is nil where the books end before that age, or where nobody was active in the first span.
type Kept struct {
	First  string
	Active []*int64
	Shares []*big.Rat
}

// Size is how many were active in the span of first purchase.
func (k Kept) Size() int64 {
	if len(k.Active) == 0 || k.Active[0] == nil {
		return 0
	}
	return *k.Active[0]
}

// Kept are the cohorts by age, those before all spans left out, since their age is not known. A span in which a cohort has
// no line is one in which nobody of it was active.
func (c *Cohorts) Kept() []Kept {
	if c == nil || c.Refused != "" {
		return nil
	}
	var out []Kept
	for _, row := range c.Rows {
		at := slices.Index(c.Spans, row.First)
		if at < 0 {
			continue
		}
		k := Kept{First: row.First, Active: make([]*int64, len(c.Spans)-at), Shares: make([]*big.Rat, len(c.Spans)-at)}
		for age := range k.Active {
			k.Active[age] = new(int64)
		}
		for _, a := range row.Ages {
			if i := slices.Index(c.Spans, a.Span) - at; i >= 0 && a.Active != nil {
				k.Active[i] = a.Active
			}
		}
		if first := k.Size(); first > 0 {
			for age, n := range k.Active {
				k.Shares[age] = big.NewRat(*n, first)
			}
		}
		out = append(out, k)
	}
	return out
}

// Tenure is the last span's customers and revenue by how long before it they first bought.
type Tenure struct {
	From, To  int // spans since the first; To 0: and longer
	Customers int64
	Revenue   money.Amount
}

// Tenures groups the last span by years with us: spans is how many of them make a year. Who first bought before all spans
// is with those with the longest time.
func (c *Cohorts) Tenures() []Tenure {
	year := map[string]int{"month": 12, "quarter": 4, "year": 1, "fiscal year": 1, "fiscal quarter": 4, "fiscal period": 12}[c.kind()]
	if year == 0 || len(c.Spans) == 0 {
		return nil
	}
	last := len(c.Spans) - 1
	var out []Tenure
	for from := 0; from <= last; from += year {
		out = append(out, Tenure{From: from, To: from + year})
	}
	older := len(out) - 1
	if (last+1)%year == 0 { // the spans shown are whole years, so all before them are older
		out = append(out, Tenure{From: last + 1})
		older++
	}
	out[older].To = 0
	for _, row := range c.Rows {
		i := older
		if at := slices.Index(c.Spans, row.First); at >= 0 {
			i = min((last-at)/year, older)
		}
		for _, a := range row.Ages {
			if a.Span == c.Spans[last] && a.Active != nil && a.Revenue != nil {
				out[i].Customers, out[i].Revenue = out[i].Customers+*a.Active, out[i].Revenue.Add(*a.Revenue)
			}
		}
	}
	return out
}

func (c *Cohorts) kind() string {
	if c == nil || c.Refused != "" {
		return ""
	}
	return c.Kind
}
