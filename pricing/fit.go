package pricing

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/regress"
)

// row is the logarithm of the demand for a product in a month.
type row struct {
	product int
	month   calendar.Month
	log     float64
}

// column is a covariate, of a row.
type column struct {
	name string
	of   func(row) float64
}

// noise is how disturbances of a product last: V_st = σ²[(1−w) ρ^|s−t| + w·1{s=t}] between months s and t, a shock that fades by ρ a
// month and a part w that does not last; σ² of each product.
type noise struct {
	fading, passing float64
	variance        map[int]float64
}

// table is rows with their covariates worked out, by column.
type table struct {
	rows    []row
	names   []string
	columns [][]float64
}

func tableOf(rows []row, columns []column) table {
	t := table{rows: rows}
	for _, c := range columns {
		values := make([]float64, len(rows))
		for i, r := range rows {
			values[i] = c.of(r)
		}
		t.names, t.columns = append(t.names, c.name), append(t.columns, values)
	}
	return t
}

// fit is generalised least squares of rows on columns whose noise is had by restricted maximum likelihood (Patterson &
// Thompson, Biometrika 58, 1971; Harville, JASA 72, 1977), which is not misled by how much the columns take up. Of panels with
// few months, in which ordinary errors are far too small, see Bertrand, Duflo & Mullainathan (Quarterly Journal of
// Economics 119, 2004) and Hansen (J. Econometrics 140, 2007). Rows are by product and month. A column that the others make up
// is refused by name.
func fit(rows []row, columns []column) (*regress.Fit, noise, error) {
	n := noise{passing: passings[1], variance: map[int]float64{}}
	for _, r := range rows {
		n.variance[r.product] = 1
	}
	t := tableOf(rows, columns)
	f, white, err := n.fit(t)
	if err != nil {
		return nil, n, err
	}
	for range 2 { // the spread of products and how their shocks last, each given the other
		n.spread(rows, white, f)
		n.last(t)
		if f, white, err = n.fit(t); err != nil {
			return nil, n, err
		}
	}
	return f, n, nil
}

// fit is least squares given the noise.
func (n noise) fit(t table) (*regress.Fit, regress.Design, error) {
	d, _, err := n.whitened(t)
	if err != nil {
		return nil, d, err
	}
	f, err := regress.OLS(d, regress.Options{})
	return f, d, err
}

// spread estimates each product's variance from the whitened residuals, drawn towards that of all by as much as five
// months weigh.
func (n noise) spread(rows []row, white regress.Design, f *regress.Fit) {
	const drawn = 5
	sums, counts := map[int]float64{}, map[int]float64{}
	var all float64
	for i, r := range rows {
		e := white.Outcome[i]
		for j, b := range f.Coefficients {
			e -= float64(b * white.Covariates[j][i])
		}
		sums[r.product] += float64(e * e)
		counts[r.product]++
		all += float64(e * e)
	}
	if all == 0 {
		return
	}
	mean := all / float64(len(rows))
	for k := range n.variance {
		n.variance[k] *= (sums[k] + float64(drawn*mean)) / (counts[k] + drawn) / mean
	}
}

// The grid on which it is looked for how shocks last.
var (
	fadings  = []float64{0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.9, 0.96}
	passings = []float64{0, 0.25, 0.5, 0.75}
)

// last finds how shocks last on a grid of the restricted likelihood: how they fade given what passes, then what passes given that. A
// trend of each product takes up what lasts for ever.
func (n *noise) last(t table) {
	best, at := math.Inf(-1), *n
	try := func(tried noise) {
		if l, err := tried.restricted(t); err == nil && l > best {
			best, at = l, tried
		}
	}
	for _, fading := range fadings {
		try(noise{fading, n.passing, n.variance})
	}
	fading := at.fading
	for _, passing := range passings {
		if fading > 0 && passing != n.passing { // where nothing lasts, all passes
			try(noise{fading, passing, n.variance})
		}
	}
	*n = at
}

// restricted is the restricted log-likelihood with the scale of all taken out, but for constants.
func (n noise) restricted(t table) (float64, error) {
	d, logDet, err := n.whitened(t)
	if err != nil {
		return 0, err
	}
	p, m := len(t.columns), len(t.rows)
	flat := make([]float64, 0, p*m)
	for _, c := range d.Covariates {
		flat = append(flat, c...)
	}
	x := mat.NewDense(p, m, flat) // transposed
	y := mat.NewVecDense(m, d.Outcome)
	var xx mat.SymDense
	xx.SymOuterK(1, x)
	var chol mat.Cholesky
	if !chol.Factorize(&xx) {
		return 0, errCollinear
	}
	var xy, b mat.VecDense
	xy.MulVec(x, y)
	if err := chol.SolveVecTo(&b, &xy); err != nil {
		return 0, errCollinear
	}
	rss := mat.Dot(y, y) - mat.Dot(&b, &xy)
	if !(rss > 0) {
		return 0, errCollinear
	}
	return -(logDet + chol.LogDet() + float64(float64(m-p)*math.Log(rss))) / 2, nil
}

var errCollinear = errors.New("the covariates are combinations of each other")

// whitened takes the noise out of rows, product by product: L⁻¹y and L⁻¹X for V = LL'; and the logarithm of V's determinant.
func (n noise) whitened(t table) (regress.Design, float64, error) {
	d := regress.Design{Outcome: make([]float64, len(t.rows)), Names: t.names, NoIntercept: true}
	for i, r := range t.rows {
		d.Outcome[i] = r.log
	}
	for _, c := range t.columns {
		d.Covariates = append(d.Covariates, slices.Clone(c))
	}
	var logDet float64
	for from := 0; from < len(t.rows); {
		to := from + 1
		for to < len(t.rows) && t.rows[to].product == t.rows[from].product {
			to++
		}
		l, part := n.root(t.rows[from:to])
		if l == nil {
			return d, 0, errCollinear
		}
		logDet += part
		forward(l, d.Outcome[from:to])
		for _, c := range d.Covariates {
			forward(l, c[from:to])
		}
		from = to
	}
	return d, logDet, nil
}

// root is L, with V = LL', of the rows of one product, and the logarithm of V's determinant; nil where there is none.
func (n noise) root(rows []row) ([][]float64, float64) {
	v := mat.NewSymDense(len(rows), nil)
	for i, a := range rows {
		for j := i; j < len(rows); j++ {
			c := float64((1 - n.passing) * math.Pow(n.fading, float64(rows[j].month-a.month)))
			if i == j {
				c += n.passing
			}
			v.SetSym(i, j, float64(c*n.variance[a.product]))
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(v) {
		return nil, 0
	}
	var l mat.TriDense
	chol.LTo(&l)
	out := make([][]float64, len(rows))
	for i := range out {
		out[i] = make([]float64, i+1)
		for j := range out[i] {
			out[i][j] = l.At(i, j)
		}
	}
	return out, chol.LogDet()
}

// forward replaces x by L⁻¹x.
func forward(l [][]float64, x []float64) {
	for i, of := range l {
		s := x[i]
		for j, c := range of[:i] {
			s -= float64(c * x[j])
		}
		x[i] = s / of[i]
	}
}

// interval is a coefficient with its 95% interval by Student's t on so many degrees of freedom, at most those of the fit.
func interval(f *regress.Fit, name string, df int) (value, low, high float64) {
	b, se, _ := f.Coefficient(name)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: max(1, min(float64(df), f.DF))}.Quantile(0.975)
	return b, b - float64(t*se), b + float64(t*se)
}

// effects are the columns that every fit has: a constant a product, an effect a month that all products share, and a straight trend a
// product. Without shared months there is none of the second, and every product has a trend.
func effects(rows []row, shared bool) []column {
	var out []column
	products, months := map[int]bool{}, map[calendar.Month]bool{}
	middle := 0.0
	for _, r := range rows {
		middle += float64(r.month) / float64(len(rows))
	}
	for _, r := range rows {
		if k := r.product; !products[k] {
			products[k] = true
			out = append(out, column{constantOf(k), func(r row) float64 { return only(r.product == k) }})
			if len(products) > 1 || !shared { // the months take up the trend of one
				out = append(out, column{trendOf(k), func(r row) float64 { return only(r.product == k) * (float64(r.month) - middle) / 12 }})
			}
		}
	}
	for _, r := range rows {
		if m := r.month; shared && !months[m] {
			months[m] = true
			if len(months) > 1 {
				out = append(out, column{"month " + m.String(), func(r row) float64 { return only(r.month == m) }})
			}
		}
	}
	return out
}

func constantOf(k int) string { return "product " + strconv.Itoa(k) }
func trendOf(k int) string    { return "trend " + strconv.Itoa(k) }
func slopeOf(k int) string    { return "price " + strconv.Itoa(k) }

// only is 1 where it is so, else 0.
func only(so bool) float64 {
	if so {
		return 1
	}
	return 0
}
