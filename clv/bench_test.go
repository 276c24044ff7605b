package clv

import "testing"

// The passes that a fit is made of; whole fits at size are in bench (go run ./bench lifetimes). The times of a pass are over
// 3,000 customers at exact moments, of whom hardly two are alike, which is the worst case.
func BenchmarkPass(b *testing.B) {
	h := gathered(b, newWorld(1).paretoNBD(town, 3000, 700, true))
	p, g := []float64{0.8, 60, 0.6, 90}, make([]float64, 4)
	b.Run("BG/NBD", func(b *testing.B) {
		l := newBGNBDLikelihood(h)
		b.ReportAllocs()
		for b.Loop() {
			l.at(p, g)
		}
	})
	b.Run("Pareto/NBD", func(b *testing.B) {
		l := newParetoLikelihood(h)
		b.ReportAllocs()
		for b.Loop() {
			l.at(p, g)
		}
	})
}
