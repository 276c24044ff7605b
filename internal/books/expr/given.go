package expr

// Given is SQL of a BOOLEAN, never NULL: true when any column used is neither NULL nor blank nor NaN, so that the source
// said something here. It is TRUE for an expression without columns. Where a CASE comes to a NULL that its author wrote,
// nothing was meant to be said; a CASE that no WHEN answers, or whose condition cannot be read, is no such NULL.
func (e *Expr) Given() string {
	if e.root.op == opCase && writesNull(e.root) {
		r := &renderer{columns: e.columns, reading: e.reading, done: map[*node]piece{}}
		if sql := r.given(e.root); !r.over {
			return sql
		}
	}
	return (&renderer{columns: e.columns}).anyGiven(e.used)
}

// writesNull tells whether a CASE has a result that is the word NULL, itself or in a CASE that is its result.
func writesNull(n *node) bool {
	_, arms, tail := n.arms()
	results := []*node{}
	for _, a := range arms {
		results = append(results, a[1])
	}
	if tail != nil {
		results = append(results, tail)
	}
	for _, k := range results {
		if k.op == opNull || k.op == opCase && writesNull(k) {
			return true
		}
	}
	return false
}

// given renders whether a tree's value says something.
func (r *renderer) given(n *node) string {
	switch {
	case n.op == opNull:
		return "FALSE"
	case n.op != opCase || !writesNull(n):
		return r.anyGiven(columnsOf(n, nil))
	}
	value, arms, tail := n.arms()
	var asked []*node
	for _, a := range arms {
		asked = append(asked, a[0])
	}
	conditions := r.conditions(n, value, asked)
	parts, unread := []string{"(CASE"}, []string{}
	for i, when := range conditions {
		parts = append(parts, r.write("WHEN %s THEN %s", when, r.given(arms[i][1])))
		used := columnsOf(asked[i], nil)
		if value != nil {
			used = columnsOf(value, used)
		}
		if len(used) > 0 {
			unread = append(unread, r.write("(%s IS NULL AND %s)", when, r.anyGiven(used)))
		}
	}
	otherwise := r.anyGiven(columnsOf(n, nil))
	if tail != nil {
		otherwise = r.join(append(unread, r.given(tail)), " OR ")
	}
	return r.join(append(parts, "ELSE ("+otherwise+") END)"), " ")
}

// anyGiven renders whether the source says something in any of some columns.
func (r *renderer) anyGiven(used []int) string {
	if len(used) == 0 {
		return "TRUE"
	}
	parts := make([]string, len(used))
	for i, c := range used {
		parts[i] = r.columns[c].given()
	}
	return "(" + r.join(parts, " OR ") + ")"
}
