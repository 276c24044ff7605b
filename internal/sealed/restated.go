package sealed

import (
	"cmp"
	"slices"
	"strings"
)

// LineOf finds the figure that a line of a restatement is about, and which part of it: empty for the value itself, or low,
// high, n, method. ok is false for lines that are no figure of the table, such as those of cohorts.
func LineOf(path string) (b Block, name, part string, ok bool) {
	b, rest, ok := SplitName(path)
	if !ok {
		return "", "", "", false
	}
	if account, is := strings.CutPrefix(rest, "coverage.reconciliation."); is {
		if i := strings.LastIndexByte(account, '.'); i >= 0 { // the account's own name may hold points
			rest = "coverage.reconciliation." + account[i+1:]
		}
	}
	if _, ok := definitionOf[Key(b, rest)]; ok {
		return b, rest, "", true
	}
	i := strings.LastIndexByte(rest, '.')
	if i < 0 {
		return "", "", "", false
	}
	if _, ok := definitionOf[Key(b, rest[:i])]; !ok {
		return "", "", "", false
	}
	if part = rest[i+1:]; part == "value" {
		part = ""
	}
	return b, rest[:i], part, true
}

// Moved are the lines of the restatement that are about a figure, empty when the document restates nothing or left it as it was.
func (d *Document) Moved(b Block, name string) []Moved {
	if d.Restatement == nil {
		return nil
	}
	var out []Moved
	for _, m := range d.Restatement.Lines {
		if at, of, _, ok := LineOf(m.Line); ok && at == b && of == name {
			out = append(out, m)
		}
	}
	return out
}

// Told is a moved line as a person needs it.
type Told struct {
	Moved
	Block Block
	Definition
	Part string // low or high; empty: the value
}

// Told are the moved lines that are about a figure, the bridge and the customers first. Methods, counts behind an estimate
// and ends that moved as their value did say nothing more; more counts what is left out, cohorts among it.
func (r *Restatement) Told() (out []Told, more int) {
	by := map[string]Moved{}
	for _, m := range r.Lines {
		by[m.Line] = m
	}
	for _, m := range r.Lines {
		b, name, part, ok := LineOf(m.Line)
		if !ok || part != "" && part != "low" && part != "high" || part != "" && follows(m, part, by) {
			more++
			continue
		}
		out = append(out, Told{Moved: m, Block: b, Definition: *definitionOf[Key(b, name)], Part: part})
	}
	slices.SortStableFunc(out, func(a, b Told) int {
		return cmp.Or(slices.Index(blocks, a.Block.Of())-slices.Index(blocks, b.Block.Of()), toldRank(a.Name)-toldRank(b.Name))
	})
	return out, more
}

// follows tells whether an end moved as the value beside it did, or as the rate whose bounds it is.
func follows(m Moved, part string, by map[string]Moved) bool {
	stem := strings.TrimSuffix(m.Line, "."+part)
	rate, bounds := strings.CutSuffix(stem, "_bounds")
	same := []string{rate + ".value"}
	if bounds {
		same = append(same, rate+"."+part)
	}
	return slices.ContainsFunc(same, func(line string) bool {
		v, ok := by[line]
		return ok && v.Before == m.Before && v.After == m.After
	})
}

func toldRank(name string) int {
	block, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return 2
	}
	return slices.Index([]string{"revenue", "customers", "(rates)", "active_revenue", "coverage"}, block)
}
