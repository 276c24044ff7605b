package sealed

import "strings"

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
	if _, ok := definitionOf[rest]; ok {
		return b, rest, "", true
	}
	i := strings.LastIndexByte(rest, '.')
	if i < 0 {
		return "", "", "", false
	}
	if _, ok := definitionOf[rest[:i]]; !ok {
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
