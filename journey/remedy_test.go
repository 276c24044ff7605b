package journey

import (
	"math/big"
	"testing"
)

// Forty customers, none put right: 30 last seen after two days, 10 after nine. Of a week it is known of the ten who were seen waiting on its last day: 0 of 10, Wilson's
// interval up to z² ÷ (10 + z²) = 3.841459 ÷ 13.841459 = 0.277533. A month nobody was seen.
func TestNobodyPutRightIsNoCertainty(t *testing.T) {
	p := putRight([]Remedy{{Days: 2, Still: 30}, {Days: 9, Still: 10}})
	e, ok := p.Within[1].Share.Estimate()
	if !ok || e.Value.Sign() != 0 || e.N != 10 {
		t.Fatalf("within a week %v of %d", e.Value, e.N)
	}
	near(t, "its upper end", float(e.High), 0.277533, 1e-6)
	if r, refused := p.Within[2].Share.Refusal(); !refused || r.Need != needSeen {
		t.Errorf("within a month %+v", p.Within[2].Share)
	}
}

// Thirty customers last seen on the day, and ten put right on the next one: of those of whom it is known, all ten. Wilson's interval from 10 ÷ 13.841459 = 0.722467.
func TestAllPutRightIsNoCertainty(t *testing.T) {
	p := putRight([]Remedy{{Days: 0, Still: 30}, {Days: 1, Put: 10}})
	e, ok := p.Within[1].Share.Estimate()
	if !ok || e.Value.Cmp(big.NewRat(1, 1)) != 0 || e.N != 10 {
		t.Fatalf("within a week %v of %d", e.Value, e.N)
	}
	near(t, "its lower end", float(e.Low), 0.722467, 1e-6)
}
