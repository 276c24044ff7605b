package regress

// Errors say under which assumption standard errors are had.
type Errors int

const (
	// Classic errors assume that all disturbances are independent and equally spread.
	Classic Errors = iota
	// HC0 errors let the spread differ from row to row (White, Econometrica 48(4), 1980).
	HC0
	// HC1 errors are HC0 with n/(n−k) (MacKinnon & White, J. Econometrics 29(3), 1985).
	HC1
	// CR0 errors let the rows of a cluster depend on each other in any way (Liang & Zeger, Biometrika 73(1), 1986; of
	// panels Arellano, Oxford Bulletin 49(4), 1987).
	CR0
	// CR1 errors are CR0 with G/(G−1)·(N−1)/(N−K) for G clusters.
	CR1
)

// String is the name that is usual for them.
func (e Errors) String() string { return [...]string{"classic", "hc0", "hc1", "cr0", "cr1"}[e] }

// Clustered tells whether clusters are needed.
func (e Errors) Clustered() bool { return e == CR0 || e == CR1 }

// Options say which standard errors are wanted.
type Options struct {
	Errors  Errors
	Cluster []int // of each row of the design, any numbers; for CR0 and CR1
}

// clusters are the groups of the table's rows that the options ask for.
func (o Options) clusters(t *table) ([]int, int, error) {
	if !o.Errors.Clustered() {
		return nil, 0, nil
	}
	if o.Cluster == nil {
		return nil, 0, refuse("clustered errors need to know the cluster of each row")
	}
	codes, n, err := t.codes("clusters", o.Cluster)
	if err == nil && n < 2 {
		err = refuse("clustered errors need at least 2 clusters; here all rows are in one")
	}
	return codes, n, err
}

// spreadOf is what the covariance of a fit is made of.
type spreadOf struct {
	options  Options
	groups   []int
	clusters int
	score    func(i int) float64 // the derivative of row i's part of the criterion by its linear predictor, without its weight
	sigma2   float64             // of classic errors
	n, k     float64             // rows and parameters of the small-sample factors
}

// covariance is that of the coordinates: the inverse of the information, or
// the sandwich about it.
func (b *basis) covariance(inverse [][]float64, s spreadOf) [][]float64 {
	bread := product(inverse, inverse, true)
	if s.options.Errors == Classic {
		return scaled(bread, s.sigma2)
	}
	meat := square(b.p)
	if s.options.Errors.Clustered() {
		b.clusteredMeat(meat, s)
	} else {
		row := make([]float64, b.p)
		for i := range b.y {
			b.row(i, row)
			e := s.score(i)
			outer(meat, row, b.weight(i)*e*e)
		}
	}
	factor := 1.0
	switch s.options.Errors {
	case HC1:
		factor = s.n / (s.n - s.k)
	case CR1:
		g := float64(s.clusters)
		factor = g / (g - 1) * (s.n - 1) / (s.n - s.k)
	}
	return scaled(product(product(bread, meat, false), bread, false), factor)
}

func (b *basis) clusteredMeat(meat [][]float64, s spreadOf) {
	sums := make([]float64, s.clusters*b.p)
	row := make([]float64, b.p)
	for i := range b.y {
		b.row(i, row)
		e := b.weight(i) * s.score(i)
		sum := sums[s.groups[i]*b.p:]
		for j, z := range row {
			sum[j] += e * z
		}
	}
	for g := range s.clusters {
		outer(meat, sums[g*b.p:(g+1)*b.p], 1)
	}
}

// outer adds scale·row·rowᵀ.
func outer(into [][]float64, row []float64, scale float64) {
	for i, a := range row {
		for j, b := range row {
			into[i][j] += scale * a * b
		}
	}
}

func scaled(m [][]float64, by float64) [][]float64 {
	for i := range m {
		for j := range m[i] {
			m[i][j] *= by
		}
	}
	return m
}
