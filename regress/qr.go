package regress

import "math"

// block is how many rows are folded at once.
const block = 256

// triangle is the R of the QR factorisation of the rows added to it, had by
// Householder reflections, a block of rows at a time (Golub & Van Loan, Matrix
// Computations, 4th ed., 5.2; Demmel et al., SIAM J. Sci. Comput. 34(1), 2012). The
// normal equations, which square the condition, are never formed; memory does
// not grow with the rows.
type triangle struct {
	k    int
	rows int       // waiting below R
	buf  []float64 // by column: R, then the rows that wait
}

func newTriangle(k int) *triangle {
	return &triangle{k: k, buf: make([]float64, k*(k+block))}
}

// column j of the buffer.
func (t *triangle) column(j int) []float64 {
	return t.buf[j*(t.k+block) : (j+1)*(t.k+block)]
}

// add appends a row of k numbers.
func (t *triangle) add(row []float64) {
	at := t.k + t.rows
	for j, v := range row {
		t.buf[j*(t.k+block)+at] = v
	}
	if t.rows++; t.rows == block {
		t.fold()
	}
}

// fold turns the rows that wait into R.
func (t *triangle) fold() {
	end := t.k + t.rows
	for j := range t.k {
		v := t.column(j)
		// Below the diagonal R is zero, so only its row j and the waiting rows are reflected.
		sum := v[j] * v[j] // columns are near length 1, so no square overflows
		for _, x := range v[t.k:end] {
			sum += x * x
		}
		norm := math.Sqrt(sum)
		if norm == 0 {
			continue
		}
		alpha := -math.Copysign(norm, v[j])
		head := v[j] - alpha
		for l := j + 1; l < t.k; l++ {
			c := t.column(l)
			dot := head * c[j]
			for i := t.k; i < end; i++ {
				dot += v[i] * c[i]
			}
			dot /= head * -alpha // vᵀv/2 = -alpha (v_j - alpha)
			c[j] -= dot * head
			for i := t.k; i < end; i++ {
				c[i] -= dot * v[i]
			}
		}
		v[j] = alpha
		clear(v[t.k:end])
	}
	t.rows = 0
}

// at is an entry of R; fold first.
func (t *triangle) at(i, j int) float64 { return t.column(j)[i] }

// solve gives the x of R x = b for the leading p columns.
func (t *triangle) solve(p int, b []float64) []float64 {
	x := make([]float64, p)
	for i := p - 1; i >= 0; i-- {
		sum := b[i]
		for j := i + 1; j < p; j++ {
			sum -= t.at(i, j) * x[j]
		}
		x[i] = sum / t.at(i, i)
	}
	return x
}

// inverse is that of the leading p rows and columns of R, upper triangular.
func (t *triangle) inverse(p int) [][]float64 {
	out := square(p)
	unit := make([]float64, p)
	for j := range p {
		clear(unit)
		unit[j] = 1
		for i, v := range t.solve(p, unit) {
			out[i][j] = v
		}
	}
	return out
}

// square is a p×p matrix of zeros.
func square(p int) [][]float64 {
	out := make([][]float64, p)
	for i := range out {
		out[i] = make([]float64, p)
	}
	return out
}

// product is a·b, or a·bᵀ.
func product(a, b [][]float64, transposed bool) [][]float64 {
	p := len(a)
	out := square(p)
	for i := range p {
		for j := range p {
			for l := range p {
				if transposed {
					out[i][j] += a[i][l] * b[j][l]
				} else {
					out[i][j] += a[i][l] * b[l][j]
				}
			}
		}
	}
	return out
}
