package base_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/throughline/throughline/base"
)

// of is a company with one customer in each of these segments, the first the largest.
func of(segments ...string) []base.Customer {
	var out []base.Customer
	for i, s := range segments {
		out = append(out, base.Customer{Is: base.Sums{Orders: 1, Revenue: euros(int64(1000 - i))}, ActiveNow: true, Segment: s})
	}
	return out
}

func TestAsManyGroupsHaveCohortsAsADocumentHolds(t *testing.T) {
	many := []string{"a", "", "all others"}
	for i := range 20 {
		many = append(many, fmt.Sprint("s", i))
	}
	for _, c := range []struct {
		segments, told []string
		others         string
	}{
		{nil, nil, ""},
		{[]string{"a"}, nil, ""}, // one group is all customers
		{[]string{"a", ""}, []string{"a", ""}, "all others"},
		{many[:8], many[:8], "all others …"},
		{many, many[:7], "all others …"}, // the seven largest, and the others as one
	} {
		told, others := state(t, of(c.segments...)).Told(base.Segment)
		if !slices.Equal(told, c.told) || others != c.others {
			t.Errorf("of %q are told %q and %q, want %q and %q", c.segments, told, others, c.told, c.others)
		}
	}
}

// By hand: seven customers with ten orders and 50 are three with four and 20, and four with six and 30. By lines one of the
// customers, and an order, are in both.
func TestGroupsComeToAll(t *testing.T) {
	sums := func(customers, orders, revenue int64) base.Sums {
		return base.Sums{Customers: customers, Orders: orders, Revenue: euros(revenue), Profit: euros(revenue / 2)}
	}
	cells := func(small base.Sums) []base.Cell {
		return []base.Cell{
			{First: 1, Span: 2, Sums: sums(7, 10, 50)},
			{First: 1, Span: 2, Dimension: base.Segment, Group: 0, Sums: small},
			{First: 1, Span: 2, Dimension: base.Segment, Group: base.Rest, Sums: sums(4, 6, 30)},
			{First: 1, Span: 2, Dimension: base.Acquisition, Group: 0, Sums: sums(1, 1, 1)}, // of another dimension
		}
	}
	for _, c := range []struct {
		small  base.Sums
		byLine bool
		comes  bool
	}{
		{sums(3, 4, 20), false, true}, {sums(3, 4, 20), true, true}, {sums(4, 5, 20), false, false}, {sums(4, 5, 20), true, true}, {sums(3, 4, 18), false, false}, {sums(3, 4, 18), true, false},
	} {
		if err := base.Divided(cells(c.small), base.Segment, c.byLine); (err == nil) != c.comes {
			t.Errorf("%+v by line %t: %v", c.small, c.byLine, err)
		}
	}
	if err := base.Divided(cells(sums(3, 4, 20))[1:], base.Segment, false); err == nil {
		t.Error("groups of nobody come to all")
	}
}
