package regress

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/throughline/throughline/moments"
)

// basis are the covariates centred (where there is a constant) and scaled to
// length 1, which makes every later step blind to units.
type basis struct {
	*table
	constant      bool
	centre, scale []float64
	one           float64 // what stands for the constant: 1/√n
	p             int     // columns: the constant first, where there is one
}

// still is how small a covariate's variation may be against its size, and
// alone how small what others leave of it may be, before it is refused: far above
// rounding, far below what numbers of nine digits can show.
const (
	still = 1e-12
	alone = 1e-9
)

// newBasis refuses a covariate that does not vary. before holds the lengths of the
// covariates before effects were taken out of them; nil: none were.
func newBasis(t *table, constant bool, before []float64) (*basis, error) {
	b := &basis{table: t, constant: constant, p: len(t.x), one: 1 / math.Sqrt(t.n)}
	if constant {
		b.p++
	}
	for j, column := range t.x {
		centre, length, largest, err := t.spread(column, constant)
		if err != nil {
			return nil, err
		}
		name := t.names[j]
		switch {
		case before != nil && length <= absorbed*before[j]:
			return nil, refuseCovariate(name, "covariate %s is taken up by the effects: within them it does not vary; leave it out", name)
		case constant && length <= still*largest*math.Sqrt(t.n):
			return nil, refuseCovariate(name, "covariate %s does not vary; leave it out", name)
		case length <= minute:
			return nil, refuseCovariate(name, "covariate %s is 0 in every row; leave it out", name)
		}
		b.centre, b.scale = append(b.centre, centre), append(b.scale, length)
	}
	return b, nil
}

// spread is the centre of a column, its length about it and its largest value.
func (t *table) spread(column []float64, centred bool) (centre, length, largest float64, err error) {
	for _, v := range column {
		largest = math.Max(largest, math.Abs(v))
	}
	if largest == 0 {
		return 0, 0, 0, nil
	}
	m := moments.New(1)
	for i, v := range column {
		if err := m.AddWeighted(t.weight(i), v/largest); err != nil {
			return 0, 0, 0, err
		}
	}
	if !centred { // Σwx² = Σw(x−x̄)² + W x̄²
		return 0, largest * math.Sqrt(m.Sum(0, 0)+t.n*m.Mean(0)*m.Mean(0)), largest, nil
	}
	return largest * m.Mean(0), largest * math.Sqrt(m.Sum(0, 0)), largest, nil
}

// row writes row i of the basis.
func (b *basis) row(i int, into []float64) {
	if b.constant {
		into[0] = b.one
		into = into[1:]
	}
	for j, column := range b.x {
		into[j] = (column[i] - b.centre[j]) / b.scale[j]
	}
}

// line is a weighted least-squares fit in the coordinates of the basis.
type line struct {
	gamma   []float64
	inverse [][]float64 // of R
	rss     float64
}

// fit finds the line of y under the weights, both functions of the row.
func (b *basis) fit(y, weight func(i int) float64) (*line, error) {
	p := b.p
	t := newTriangle(p + 1)
	row := make([]float64, p+1)
	for i := range b.y {
		root := math.Sqrt(weight(i))
		b.row(i, row)
		row[p] = y(i)
		for j := range row {
			row[j] *= root
		}
		t.add(row)
	}
	t.fold()
	if err := b.independent(t); err != nil {
		return nil, err
	}
	gamma := t.solve(p, t.column(p))
	rest := t.at(p, p)
	return &line{gamma: gamma, inverse: t.inverse(p), rss: rest * rest}, nil
}

// independent refuses a covariate that is a combination of those before it.
func (b *basis) independent(t *triangle) error {
	for j := range b.p {
		length := 0.0
		for i := range j + 1 {
			length = math.Hypot(length, t.at(i, j))
		}
		if math.Abs(t.at(j, j)) > alone*length {
			continue
		}
		var with []string
		for i, share := range t.solve(j, t.column(j)) {
			if math.Abs(share) > 1e-6*length {
				with = append(with, b.name(i))
			}
		}
		slices.Sort(with)
		name := b.name(j)
		return refuseCovariate(name, "covariate %s is a combination of %s; leave one of them out", name, strings.Join(with, " and "))
	}
	return nil
}

// name is that of a column of the basis.
func (b *basis) name(j int) string {
	if !b.constant {
		return b.names[j]
	}
	if j == 0 {
		return "the constant"
	}
	return b.names[j-1]
}

// eta is the linear predictor of row i; row is scratch.
func (b *basis) eta(gamma []float64, i int, row []float64) float64 {
	b.row(i, row)
	return dot(gamma, row[:b.p])
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// back is the matrix that leads from the basis's coordinates to coefficients.
func (b *basis) back() [][]float64 {
	m, at := square(b.p), 0
	if b.constant {
		m[0][0], at = b.one, 1
	}
	for j := range b.x {
		m[at+j][at+j] = 1 / b.scale[j]
		if b.constant {
			m[0][at+j] = -b.centre[j] / b.scale[j]
		}
	}
	return m
}

// coefficients leads a fit back to the units of the design.
func (b *basis) coefficients(gamma []float64, covariance [][]float64) ([]string, []float64, [][]float64) {
	names := slices.Clone(b.names)
	if b.constant {
		names = slices.Insert(names, 0, Intercept)
	}
	m := b.back()
	out := make([]float64, b.p)
	for i := range out {
		out[i] = dot(m[i], gamma)
	}
	return names, out, product(product(m, covariance, false), m, true)
}

// rowsFor is how a number of rows is said.
func rowsFor(n float64) string { return fmt.Sprintf("%g rows", n) }
