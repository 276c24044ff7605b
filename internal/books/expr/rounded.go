package expr

// rounded renders whether a number is inexact to six places.
func (r *renderer) rounded(root *node) string {
	parts := r.losses(root)
	if p := r.as(root, Number); p.scale > places {
		parts = append(parts, r.beyond(p, places))
	}
	if len(parts) == 0 {
		return "FALSE"
	}
	return r.write("COALESCE((%s), FALSE)", r.join(parts, " OR "))
}

// losses lists the conditions under which a number lost digits before its last step.
func (r *renderer) losses(n *node) []string {
	if n.typ == Null || n.op == opNumber || r.over {
		return nil
	}
	if n.typ == Text {
		return []string{r.cutOff(r.as(n, Text).sql)}
	}
	switch {
	case n.op == opColumn:
		if cond := r.columns[n.column].rounded(); cond != "" {
			return []string{cond}
		}
		return nil
	case n.op == opArith:
		return append(append(r.losses(n.kids[0]), r.losses(n.kids[1])...), r.step(n)...)
	case n.op == opCase:
		return r.lossesOfCase(n)
	case n.op == opCall && n.text == "coalesce":
		return r.lossesOfFirst(n)
	case n.op == opCall && n.text == "nullif", n.op == opCall && n.text == "round":
		return r.losses(n.kids[0])
	case n.op == opCall && n.text == "length":
		return nil
	}
	var out []string
	for _, k := range n.kids {
		out = append(out, r.losses(k)...)
	}
	return out
}

// step is what a product or quotient itself cuts off.
func (r *renderer) step(n *node) (out []string) {
	a, b := r.as(n.kids[0], Number), r.as(n.kids[1], Number)
	switch n.text {
	case "*":
		x, y := r.factors(a, b)
		if x != a {
			out = append(out, r.beyond(a, x.scale))
		}
		if y != b {
			out = append(out, r.beyond(b, y.scale))
		}
	case "/":
		if inv, ok := inverse(n.kids[1]); ok && a.scale+inv.scale <= maxScale {
			return nil
		}
		top, bottom := r.ratio(n, places)
		out = append(out, r.write("(TRY(%s %% %s) <> 0)", top, bottom))
	}
	return out
}

// lossesOfCase counts only the branch that a row takes.
func (r *renderer) lossesOfCase(n *node) []string {
	value, arms, tail := n.arms()
	var asked []*node
	for _, a := range arms {
		asked = append(asked, a[0])
	}
	lossy := false
	branch := func(k *node) string {
		parts := r.losses(k)
		if len(parts) == 0 {
			return "FALSE"
		}
		lossy = true
		return "(" + r.join(parts, " OR ") + ")"
	}
	parts := []string{"(CASE"}
	for i, when := range r.conditions(n, value, asked) {
		parts = append(parts, r.write("WHEN %s THEN %s", when, branch(arms[i][1])))
	}
	if tail != nil {
		parts = append(parts, "ELSE "+branch(tail))
	}
	if !lossy {
		return nil
	}
	return []string{r.join(append(parts, "END)"), " ")}
}

// lossesOfFirst counts only the argument that coalesce returns.
func (r *renderer) lossesOfFirst(n *node) []string {
	parts, lossy := []string{"(CASE"}, false
	for _, k := range n.kids {
		cond := "FALSE"
		if l := r.losses(k); len(l) > 0 {
			lossy, cond = true, "("+r.join(l, " OR ")+")"
		}
		parts = append(parts, r.write("WHEN (%s IS NOT NULL) THEN %s", r.as(k, Number).sql, cond))
	}
	if !lossy {
		return nil
	}
	return []string{r.join(append(parts, "END)"), " ")}
}
