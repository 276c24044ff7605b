package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Balance is what an account holds at the end of a day: what came to it less
// what came from it. Assets and expenses are above zero as a rule, liabilities,
// equity and income below.
type Balance struct {
	Account Account
	Amount  money.Amount
}

// account keeps its balance at the end of each day on which it moved, and aside
// the moves that came out of order, until somebody asks.
type account struct {
	name    Account
	points  []point // by day, each day once
	pending []point // moves, in the order of posting
}

type point struct {
	day calendar.Day
	sum sum // a balance in points, a move in pending
}

func (a *account) move(day calendar.Day, by sum) {
	switch last := len(a.points) - 1; {
	case last >= 0 && day < a.points[last].day:
		a.pending = append(a.pending, point{day, by})
	case last < 0:
		a.points = append(a.points, point{day, by})
	case day == a.points[last].day:
		a.points[last].sum = a.points[last].sum.add(by)
	default:
		a.points = append(a.points, point{day, a.points[last].sum.add(by)})
	}
}

// settle merges the pending moves into the points.
func (a *account) settle() {
	if len(a.pending) == 0 {
		return
	}
	slices.SortStableFunc(a.pending, func(x, y point) int { return cmp.Compare(x.day, y.day) })
	merged := make([]point, 0, len(a.points)+len(a.pending))
	var before, moved sum // the last point's balance; all pending moves so far
	i, k := 0, 0
	for i < len(a.points) || k < len(a.pending) {
		var day calendar.Day
		if k == len(a.pending) || i < len(a.points) && a.points[i].day <= a.pending[k].day {
			day = a.points[i].day
		} else {
			day = a.pending[k].day
		}
		if i < len(a.points) && a.points[i].day == day {
			before = a.points[i].sum
			i++
		}
		for ; k < len(a.pending) && a.pending[k].day == day; k++ {
			moved = moved.add(a.pending[k].sum)
		}
		merged = append(merged, point{day, before.add(moved)})
	}
	a.points, a.pending = merged, nil
}

// at is the balance at the end of a day; false before the account's first day.
func (a *account) at(day calendar.Day) (sum, bool) {
	a.settle()
	i := sort.Search(len(a.points), func(i int) bool { return a.points[i].day > day })
	if i == 0 {
		return sum{}, false
	}
	return a.points[i-1].sum, true
}

// Balance is what one account, without those below it, holds at the end of a
// day. It refuses an account that nothing was ever posted to; before its first
// posting an account holds nothing. It takes time in the logarithm of the days
// on which the account moved.
func (j *Journal) Balance(a Account, at calendar.Day) (money.Amount, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i, ok := j.index[a]
	if !ok {
		return money.Amount{}, fmt.Errorf("balance of %s: nothing was posted to it", short(a))
	}
	s, _ := j.accounts[i].at(at)
	return s.amount(), nil
}

// Total is what an account and all below it hold at the end of a day. The
// account may be a root, or one that only others below were posted to.
func (j *Journal) Total(a Account, at calendar.Day) (money.Amount, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var total sum
	found := false
	for i := range j.accounts {
		if rest, ok := strings.CutPrefix(string(j.accounts[i].name), string(a)); ok && (rest == "" || rest[0] == ':') {
			found = true
			s, _ := j.accounts[i].at(at)
			total = total.add(s)
		}
	}
	if !found {
		return money.Amount{}, fmt.Errorf("total of %s: nothing was posted to it or below it", short(a))
	}
	return total.amount(), nil
}

// Balances are those of every account that was posted to on that day or before,
// sorted by account, those of zero among them. They sum to zero.
func (j *Journal) Balances(at calendar.Day) []Balance {
	j.mu.Lock()
	defer j.mu.Unlock()
	return listed(j.held(at))
}

// Totals are the balances of every account with all below it, of the roots and
// of those between: a tree from which any level can be read. The roots sum to
// zero.
func (j *Journal) Totals(at calendar.Day) []Balance {
	j.mu.Lock()
	defer j.mu.Unlock()
	totals := rolled(j.held(at))
	out := make([]holding, 0, len(totals))
	for name, s := range totals {
		out = append(out, holding{name, s})
	}
	slices.SortFunc(out, func(a, b holding) int { return ordered(a.name, b.name) })
	return listed(out)
}

// rolled adds each balance to those of its account and of all above it.
func rolled(held []holding) map[Account]sum {
	totals := make(map[Account]sum, 2*len(held))
	for _, h := range held {
		for end := len(h.name); end > 0; end = strings.LastIndexByte(string(h.name[:end]), ':') {
			totals[h.name[:end]] = totals[h.name[:end]].add(h.sum)
		}
	}
	return totals
}

// Accounts are all that were posted to, sorted.
func (j *Journal) Accounts() []Account {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]Account, len(j.accounts))
	for i := range j.accounts {
		out[i] = j.accounts[i].name
	}
	slices.SortFunc(out, ordered)
	return out
}

// ordered sorts accounts with each right before those below it.
func ordered(a, b Account) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			switch {
			case a[i] == ':':
				return -1
			case b[i] == ':':
				return 1
			}
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

type holding struct {
	name Account
	sum  sum
}

// held are the balances at the end of a day, sorted by account.
func (j *Journal) held(at calendar.Day) []holding {
	out := make([]holding, 0, len(j.accounts))
	for i := range j.accounts {
		if s, ok := j.accounts[i].at(at); ok {
			out = append(out, holding{j.accounts[i].name, s})
		}
	}
	slices.SortFunc(out, func(a, b holding) int { return ordered(a.name, b.name) })
	return out
}

func listed(hs []holding) []Balance {
	out := make([]Balance, len(hs))
	for i, h := range hs {
		out[i] = Balance{h.name, h.sum.amount()}
	}
	return out
}
