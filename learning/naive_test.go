package learning_test

import (
	"math/big"
	"slices"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

// agree counts the individual policy again: each record by itself, month by month, from what its person was on the last day of the month, in
// exact fractions of which only the running sum is rounded.
func agree(t *rapid.T, in learning.Input, books workforce.Books, s learning.Statement) {
	t.Helper()
	type table map[string]money.Amount
	closing, written, impaired := table{}, table{}, table{}
	places := in.Currency.Places()
	for _, r := range stand(books.Records, in.To.First()) {
		k, life, month, spell, ok := carried(in, books, r)
		if !ok {
			continue
		}
		left, base, since := k, k, 0
		for m := month; m < in.To && left.Sign() > 0; m++ {
			age := int(m-month) + 1
			if now := lifeOf(in, r, m); m > month && int(m)%12 == 0 && now != life {
				base, since, life = left, age-1, now
			}
			rest := money.Amount{}
			if age < life {
				used := new(big.Rat).Mul(base.Rat(), big.NewRat(int64(age-since), int64(life-since)))
				text, err := money.Parse(used.FloatString(places)) // halves away from zero
				if err != nil {
					t.Fatal(err)
				}
				rest = base.Sub(text)
			}
			left = rest
			last := min(m.Next().First()-1, spell.Left)
			at := spell.At(last)
			group := at.Department
			if at.Contractor() {
				group = "contractor " + group
			}
			gone := false
			for _, e := range in.Policies.Effects {
				gone = gone || e.Course == r.Course && calendar.MonthOf(e.Measured) <= m && calendar.MonthOf(e.Measured) < in.To
			}
			was, is := spell.At(max(r.Completed, spell.Hired)).Role, at.Role
			cooks := map[string]bool{"cook": true, "chef": true}
			if kindOf(r) == workforce.OfRole && was != is && !(cooks[was] && cooks[is]) {
				gone = true
			}
			switch {
			case gone:
				if m >= in.From {
					impaired[group] = impaired[group].Add(left)
				}
				left = money.Amount{}
			case spell.Left <= m.Next().First()-1:
				if m >= in.From {
					written[group] = written[group].Add(left)
				}
				left = money.Amount{}
			}
			if m == in.To-1 {
				closing[group] = closing[group].Add(left)
			}
		}
	}
	for prefix, section := range map[string]learning.Section{"": s.Own, "contractor ": s.Contractors} {
		for _, d := range section.Departments {
			if name := prefix + d.Name; !d.Closing.Equal(closing[name]) || !d.WrittenOff.Equal(written[name]) || !d.Impaired.Equal(impaired[name]) {
				t.Fatalf("%q: closing %s, written off %s, impaired %s; by the second method %s, %s, %s", name, d.Closing, d.WrittenOff, d.Impaired, closing[name], written[name], impaired[name])
			}
			delete(closing, prefix+d.Name)
			delete(written, prefix+d.Name)
		}
	}
	for name, a := range closing {
		if a.Sign() != 0 {
			t.Fatalf("%q carries %s by the second method, and is not in the statement", name, a)
		}
	}
}

func stand(records []workforce.Record, until calendar.Day) map[string]workforce.Record {
	out := map[string]workforce.Record{}
	for _, r := range records {
		out[r.ID] = r
	}
	for id, r := range out {
		if r.Completed >= until {
			delete(out, id)
		}
	}
	return out
}

func kindOf(r workforce.Record) string {
	if r.Course == "talking" {
		return workforce.General
	}
	return r.Kind
}

func lifeOf(in learning.Input, r workforce.Record, m calendar.Month) int {
	life := map[string]int{workforce.OfRole: in.Policies.Role.Life, workforce.General: in.Policies.General.Life}[kindOf(r)]
	if r.Course == "talking" {
		life = in.Policies.Courses["talking"].Life
	}
	for _, v := range in.Policies.Reviews {
		if v.From <= m && (v.Course == r.Course || r.Course != "talking" && v.Kind == kindOf(r)) {
			life = v.Life
		}
	}
	return life
}

// carried is the cost of a record that is on the books, its life, month and the spell that carries it.
func carried(in learning.Input, books workforce.Books, r workforce.Record) (k money.Amount, life int, month calendar.Month, spell *workforce.Spell, ok bool) {
	for _, c := range workforce.Careers(books.People, in.To.First()) {
		if c.Person != r.Person {
			continue
		}
		for i := len(c.Spells) - 1; i > 0; i-- { // whoever comes again on the next day has not left
			if a, b := &c.Spells[i-1], &c.Spells[i]; a.Left+1 == b.Hired {
				a.Left, a.Exit, a.Stretches = b.Left, b.Exit, append(slices.Clone(a.Stretches), b.Stretches...)
				c.Spells = slices.Delete(c.Spells, i, i+1)
			}
		}
		for i := range c.Spells {
			if x := &c.Spells[i]; x.Hired <= r.Completed && r.Completed <= x.Left || i == 0 && r.Completed < x.Hired {
				spell = x
			}
		}
	}
	kind := kindOf(r)
	if spell == nil || kind == "" || kind == workforce.Compliance || r.Passed != nil && !*r.Passed || r.Course == "talking" && !in.Policies.Courses["talking"].Capitalise {
		return k, 0, 0, nil, false
	}
	places := in.Currency.Places()
	if r.Direct != nil {
		k = r.Direct.Round(places)
	}
	if r.Hours != nil && r.Completed >= spell.Hired {
		if pay := spell.At(r.Completed).AnnualCost; pay != nil {
			x := new(big.Rat).Mul(pay.Rat(), r.Hours.Rat())
			a, err := money.Parse(x.Quo(x, in.Policies.Hours.Rat()).FloatString(places)) // halves away from zero
			if err != nil {
				return k, 0, 0, nil, false
			}
			k = k.Add(a)
		}
	}
	month = calendar.MonthOf(max(r.Completed, spell.Hired))
	if month >= in.To {
		return k, 0, 0, nil, false
	}
	for _, e := range in.Policies.Effects {
		if m := calendar.MonthOf(e.Measured); e.Course == r.Course && m <= month {
			return k, 0, 0, nil, false
		}
	}
	return k, lifeOf(in, r, month), month, spell, k.Sign() > 0
}
