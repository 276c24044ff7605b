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

// Forty customers seen for thirty days, ten of them put right on the second: three quarters still wait on the last day. With twenty-two put right the curve comes down to 18/40, and by
// Greenwood's error the upper end of its interval stays above the half.
func TestAMedianOutOfSightSaysSo(t *testing.T) {
	why, refused := putRight([]Remedy{{Days: 2, Put: 10}, {Days: 30, Still: 30}}).Median.Refusal()
	if !refused || why.Reason != "not yet half were put right within the 30 days that can be seen" || why.Need != needHalf {
		t.Errorf("it says %+v", why)
	}
	why, refused = putRight([]Remedy{{Days: 2, Put: 22}, {Days: 30, Still: 18}}).Median.Refusal()
	if !refused || why.Reason != "half were put right within 2 days, but the 30 days that can be seen are too few to say how sure that is" {
		t.Errorf("it says %+v", why)
	}
	if why, _ = putRight([]Remedy{{Days: 0, Still: 35}, {Days: 1, Still: 5}}).Median.Refusal(); why.Reason != "not yet half were put right within the one day that can be seen" {
		t.Errorf("it says %+v", why)
	}
	if e, ok := putRight([]Remedy{{Days: 2, Put: 35}, {Days: 30, Still: 5}}).Median.Estimate(); !ok || e.Value.Cmp(big.NewRat(2, 1)) != 0 {
		t.Errorf("it is %+v", e)
	}
}
