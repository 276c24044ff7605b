package web

import (
	"math/big"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

// A difference of 5.6 points reads as one, not as a share of 5.6% that came back; what is refused is said once, without the money that is refused for the same reason.
func TestCameBackMoreOftenIsADifference(t *testing.T) {
	o := &opened{teller: teller{locales[0], "EUR"}, doc: &sealed.Document{Currency: "EUR"}}
	r := func(x int64) *big.Rat { return big.NewRat(x, 1000) }
	view := o.nextView(&sealed.TouchpointNext{Matched: 49, Grade: "D",
		Difference: evidence.Confidence(r(56), r(3), r(110), 0.95, 900, "x"), Revenue: evidence.Confidence(r(-9000), r(-20000), r(-100), 0.95, 900, "x")})
	if row := view.Figures[0]; row.Value != "+5.6 points" || row.Interval != "+0.3 to +11.0" || len(view.Figures) != 2 {
		t.Errorf("it reads %+v", view.Figures)
	}
	less := evidence.Confidence(r(-149), r(-200), r(0), 0.95, 900, "x")
	if row := o.nextView(&sealed.TouchpointNext{Difference: less, Revenue: less}).Figures[0]; row.Value != "−14.9 points" || row.Interval != "−20.0 to 0.0" {
		t.Errorf("it reads %+v", row)
	}
	none := evidence.Refuse("too few came back", "more who come back")
	view = o.nextView(&sealed.TouchpointNext{Matched: 49, Difference: none, Revenue: none})
	if len(view.Figures) != 1 || view.Figures[0].Refused != "too few came back" || view.Figures[0].Opens == "" || view.Figures[0].Value != "" || view.Grade != "" {
		t.Errorf("refused it reads %+v", view.Figures)
	}
}
