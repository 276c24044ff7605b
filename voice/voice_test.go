package voice_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/voice"
)

func ask(t testing.TB, key, scale string) voice.Question {
	t.Helper()
	q, err := voice.Ask(key, scale)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func float(t testing.TB, x *big.Rat) float64 {
	t.Helper()
	f, _ := x.Float64()
	return f
}

func estimate(t testing.TB, f evidence.Figure) (value, low, high float64) {
	t.Helper()
	e, ok := f.Estimate()
	if !ok {
		r, _ := f.Refusal()
		t.Fatalf("refused: %s (%v)", r.Reason, f.Err())
	}
	if e.Value == nil {
		return math.NaN(), float(t, e.Low), float(t, e.High)
	}
	return float(t, e.Value), float(t, e.Low), float(t, e.High)
}

// Promoters 9–10, passives 7–8, detractors 0–6 (Reichheld 2003); the two top answers of satisfaction, the top fifth of 0–100; what is above the
// middle of effort.
func TestAnswersStandWhereTheirScaleSays(t *testing.T) {
	for _, c := range []struct {
		key, scale string
		top, low   int // lowest of the top, highest of the bottom
	}{
		{"nps", "", 9, 6}, {" NPS ", "0 – 10", 9, 6}, {"csat", "", 4, 2}, {"csat", "1-7", 6, 2}, {"csat", "1 TO 10", 9, 2}, {"csat", "0-10", 9, 1}, {"csat", "0-100", 80, 20},
		{"csat", "1-3", 3, 1}, {"csat", "0-1", 1, 0}, {"ces", "", 5, 3}, {"ces", "1-5", 4, 2}, {"ces", "1-10", 6, 5}, {"ces", "0-100", 51, 49}, {"friendly", "1-5", 4, 2}, {"friendly", "1-4", 3, 2},
	} {
		q := ask(t, c.key, c.scale)
		if q.Top != c.top || q.Bottom != c.low {
			t.Errorf("%s on %s: top from %d, bottom to %d; want %d and %d", c.key, q.Scale, q.Top, q.Bottom, c.top, c.low)
		}
		for score, want := range map[float64]voice.Side{float64(q.Top): voice.Top, float64(q.Scale.High): voice.Top, float64(q.Bottom): voice.Bottom, float64(q.Scale.Low): voice.Bottom} {
			if got, err := q.Side(score); err != nil || got != want {
				t.Errorf("%s on %s: %v is %d (%v), want %d", c.key, q.Scale, score, got, err, want)
			}
		}
	}
	nps := ask(t, "nps", "")
	for _, score := range []float64{7, 8, 6.5, 8.9} {
		if got, err := nps.Side(score); err != nil || got != voice.Middle {
			t.Errorf("%v is %d (%v)", score, got, err)
		}
	}
	for _, score := range []float64{-1, 10.5, 11, math.NaN(), math.Inf(1)} {
		var r evidence.Refusal
		if _, err := nps.Side(score); !errors.As(err, &r) || !strings.Contains(r.Reason, "outside the scale 0-10") {
			t.Errorf("%v: %v", score, err)
		}
	}
	for _, c := range [][2]string{{"nps", "1-10"}, {"csat", "5-1"}, {"csat", "stars"}, {"friendly", ""}, {"", "1-5"}, {"ces", "4-4"}} {
		var r evidence.Refusal
		if _, err := voice.Ask(c[0], c[1]); !errors.As(err, &r) || r.Need == "" {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// Newcombe, Statistics in Medicine 17, 1998, table I: the score method without correction for continuity.
func TestSharesMatchNewcombe1998(t *testing.T) {
	for _, c := range []struct {
		k, n      int64
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {29, 29, 0.8830, 1}} {
		value, low, high := estimate(t, voice.Counts{Top: c.k, Middle: c.n - c.k}.Share())
		near(t, "share", value, float64(c.k)/float64(c.n), 1e-15)
		near(t, "from", low, c.low, 5e-5)
		near(t, "to", high, c.high, 5e-5)
	}
}

func TestNobodyIsRefusedAndSilenceIsBounded(t *testing.T) {
	for _, f := range []evidence.Figure{voice.Counts{}.NPS(), voice.Counts{}.Share(), voice.Counts{Top: -1, Middle: 3}.NPS(), voice.Counts{}.NPSBounds(9),
		voice.Counts{Top: 3}.NPSBounds(2), voice.Clusters{}.NPS(voice.Counts{}), voice.Clusters{}.Mean(0, 0)} {
		if _, ok := f.Refusal(); !ok || f.Err() != nil {
			t.Errorf("%+v is no refusal", f)
		}
	}
	// By hand: of 100 asked 50 promoters and 20 detractors among 80 answers; 20 silent: (30 − 20)/100 to (30 + 20)/100.
	c := voice.Counts{Top: 50, Middle: 10, Bottom: 20}
	value, low, high := estimate(t, c.NPSBounds(100))
	near(t, "score", value, 37.5, 1e-12)
	near(t, "from", low, 10, 1e-12)
	near(t, "to", high, 50, 1e-12)
	value, low, high = estimate(t, c.ShareBounds(100))
	near(t, "share", value, 0.625, 1e-12)
	near(t, "from", low, 0.5, 1e-12)
	near(t, "to", high, 0.7, 1e-12)
}

func TestMarginsThatNobodyCanMeetAreRefused(t *testing.T) {
	margin := func(targets ...float64) voice.Margin {
		return voice.Margin{Name: "segment", Categories: []string{"SMB", "MID", "ENT"}, Targets: targets, Of: []int{0, 0, 1, 1}}
	}
	other := voice.Margin{Name: "region", Categories: []string{"N", "S"}, Targets: []float64{50, 50}, Of: []int{0, 0, 1, 1}}
	for _, c := range []struct {
		margins []voice.Margin
		trim    float64
		want    string
	}{
		{[]voice.Margin{margin(50, 30, 20)}, 0, "nobody answered in segment ENT, which should count for 20"},
		{[]voice.Margin{margin(50, -50, 0)}, 0, "segment MID: the target -50"},
		{[]voice.Margin{margin(0, 0, 0)}, 0, "add up to nothing"},
		{[]voice.Margin{margin(60, 60, 0), other}, 0, "add up to 120, those of region to 100"},
		{[]voice.Margin{margin(60, 40, 0), other}, 0, "no weights add up to all targets"}, // segment and region are the same thing
		{[]voice.Margin{margin(99, 1, 0)}, 1, "trimmed to 1 times"},
		{[]voice.Margin{{Name: "segment", Categories: []string{"SMB"}, Targets: []float64{4}, Of: []int{0, 0, 0, 1}}}, 0, "a category of segment that has no target"},
	} {
		var r evidence.Refusal
		if _, err := voice.Rake(nil, c.margins, c.trim); !errors.As(err, &r) || !strings.Contains(r.Reason, c.want) || r.Need == "" {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// Sums of very many weights never add up to the last digit; raking arrives all the same. Targets that weights of 1, 2, 3 and 4 meet already leave them as
// they are.
func TestRakingArrivesThroughRounding(t *testing.T) {
	n := 300_000
	a := voice.Margin{Name: "a", Categories: []string{"x", "y"}, Targets: []float64{1, 1}, Of: make([]int, n)}
	b := voice.Margin{Name: "b", Categories: []string{"x", "y", "z"}, Targets: []float64{0.1, 0.9, 1}, Of: make([]int, n)}
	for i := range n {
		a.Of[i], b.Of[i] = i%2, i%3
	}
	for _, margins := range [][]voice.Margin{{a}, {a, b}} {
		r, err := voice.Rake(nil, margins, 0)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "error", r.Error, 0, 1e-9)
	}
	first := voice.Margin{Name: "a", Categories: []string{"x", "y"}, Targets: []float64{3, 7}, Of: []int{0, 0, 1, 1}}
	second := voice.Margin{Name: "b", Categories: []string{"x", "y"}, Targets: []float64{4, 6}, Of: []int{0, 1, 0, 1}}
	r, err := voice.Rake([]float64{1, 2, 3, 4}, []voice.Margin{first, second}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range r.Weights {
		near(t, "weight", w, float64(i+1), 1e-12)
	}
}

// A weight that would be 24 times the others' is cut, and the margins still hold: by hand, two margins of ten answers.
func TestTrimmedWeightsStillAddUp(t *testing.T) {
	of := []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1}
	weights := []float64{1, 1, 1, 1, 1, 1, 1, 8, 1, 1}
	r, err := voice.Rake(weights, []voice.Margin{{Name: "segment", Categories: []string{"a", "b"}, Targets: []float64{80, 20}, Of: of}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	a, b := 0.0, 0.0
	for i, w := range r.Weights {
		if of[i] == 0 {
			a += w
		} else {
			b += w
		}
	}
	near(t, "a", a, 80, 1e-9)
	near(t, "b", b, 20, 1e-9)
	if r.Trimmed != 1 || r.Weights[7] > 2*10*(1+1e-6) {
		t.Errorf("%+v", r)
	}
}

// By hand: three customers of two answers each with unit sums 2, 1 and −1: r = 1/3, Σ(U − r·n)² = 16/9 + 1/9 + 25/9 = 14/3.
func TestClustersAreARatioOfSums(t *testing.T) {
	var k voice.Clusters
	k.Add(2, 2)
	k.Add(1, 2)
	k.Add(-1, 2)
	if k != (voice.Clusters{Customers: 3, Squares: 6, Products: 4, Sizes: 12}) {
		t.Fatalf("%+v", k)
	}
	c := voice.Counts{Top: 3, Middle: 2, Bottom: 1}
	// σ² = 2/3 − 1/9 = 5/9; of the mean 14/3 ÷ 36 = 7/54. Korn & Graubard: × (6/5)·(2/3) × (t(5) ÷ t(2))² with the table's 2.570582 and 4.302653.
	want := (5.0 / 9) / (7.0 / 54) * 6 / 5 * 2 / 3 * math.Pow(2.570582/4.302653, 2)
	n, err := k.EffectiveNPS(c)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effective number", n, want, 1e-5)
	// The mean of units: 1/3 ± 4.302653·√(3/2·7/54).
	value, low, high := estimate(t, k.Mean(2, 6))
	near(t, "mean", value, 1.0/3, 1e-15)
	near(t, "half", (high-low)/2, 4.302653*math.Sqrt(1.5*7/54), 1e-5)
	for _, wrong := range []voice.Clusters{{}, {Customers: 7, Squares: 6, Products: 4, Sizes: 12}, {Customers: 2, Squares: 6, Products: 4, Sizes: 12}, {Customers: 3, Squares: 1, Products: 4, Sizes: 12}} {
		if _, ok := wrong.NPS(c).Refusal(); !ok {
			t.Errorf("%+v are taken for sums of six answers", wrong)
		}
	}
}

// By hand: 3 and 7 have the mean 5 and the error √((4 + 4)/1/2) = 2; 12.706205 is Student's point of one degree of freedom, so the interval is 5 ± 25.41, which is cut to the scale
// of 1 to 7. 4, 5 and 5 have 14/3, the error √(2/3/2/3) = 1/3 and the point 4.302653: 14/3 ± 1.434218 lies within, and stays.
func TestTheIntervalOfAMeanIsCutToItsScale(t *testing.T) {
	rows := func(scores ...float64) voice.Measured {
		r, err := (&voice.Sample{Question: ask(t, "ces", ""), Scores: scores}).Read()
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.Of(voice.All)
		if err != nil {
			t.Fatal(err)
		}
		return out.Mean
	}
	if m := rows(3, 7); m.Value != 5 || m.Low != 1 || m.High != 7 || math.Abs(m.SE-2) > 1e-12 {
		t.Errorf("of 3 and 7 it is %+v", m)
	}
	if m := rows(4, 5, 5); math.Abs(m.Low-(14.0/3-1.434218)) > 1e-6 || math.Abs(m.High-(14.0/3+1.434218)) > 1e-6 {
		t.Errorf("of 4, 5 and 5 it is %+v", m)
	}
	var k voice.Clusters
	k.Add(3, 1)
	k.Add(7, 1)
	value, low, high := estimate(t, ask(t, "ces", "").Scale.Cut(k.Mean(10, 2)))
	if value != 5 || low != 1 || high != 7 {
		t.Errorf("from sums it is %v from %v to %v", value, low, high)
	}
	if _, low, high = estimate(t, k.Mean(10, 2)); math.Abs(low+20.412410) > 1e-5 || math.Abs(high-30.412410) > 1e-5 {
		t.Errorf("uncut it is from %v to %v", low, high)
	}
}

// answers draws answers of customers, of whom some are not known.
func answers() *rapid.Generator[voice.Sample] {
	return rapid.Custom(func(t *rapid.T) voice.Sample {
		asked := rapid.SampledFrom([][2]string{{"nps", ""}, {"csat", ""}, {"ces", ""}, {"own", "0-3"}}).Draw(t, "question")
		q, err := voice.Ask(asked[0], asked[1])
		if err != nil {
			t.Fatal(err)
		}
		s := voice.Sample{Question: q}
		n, people := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "customers")
		for range n {
			s.Scores = append(s.Scores, float64(rapid.IntRange(q.Scale.Low, q.Scale.High).Draw(t, "score")))
			s.Customers = append(s.Customers, rapid.IntRange(-1, people).Draw(t, "customer"))
		}
		return s
	})
}

// of reads a sample whole.
func of(t *rapid.T, s voice.Sample) voice.Result {
	r, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Of(voice.All)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *rapid.T, what string, f evidence.Figure, m voice.Measured) {
	e, ok := f.Estimate()
	if !ok || m.Refused != "" {
		r, _ := f.Refusal()
		if f.Err() != nil || ok != (m.Refused == "") || r.Reason != m.Refused {
			t.Fatalf("%s: %q and %q (%v)", what, r.Reason, m.Refused, f.Err())
		}
		return
	}
	for i, x := range []*big.Rat{e.Value, e.Low, e.High} {
		got, _ := x.Float64()
		if want := [...]float64{m.Value, m.Low, m.High}[i]; !(math.Abs(got-want) <= 1e-8*(1+math.Abs(want))) {
			t.Fatalf("%s: %v from sums, %v from rows", what, got, want)
		}
	}
}

// The sums over customers and the rows themselves are two ways to the same figure.
func TestSumsOverCustomersSayWhatTheRowsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := answers().Draw(t, "answers")
		var c voice.Counts
		sums := map[[2]int][4]int64{} // by customer: units of the three measures, answers
		total := int64(0)
		for i, score := range s.Scores {
			side, err := s.Question.Side(score)
			if err != nil {
				t.Fatal(err)
			}
			c.Add(side)
			who := [2]int{s.Customers[i], 0}
			if who[0] < 0 {
				who[1] = i
			}
			x := sums[who]
			x[0], x[2], x[3] = x[0]+int64(side), x[2]+int64(score), x[3]+1
			if side == voice.Top {
				x[1]++
			}
			sums[who], total = x, total+int64(score)
		}
		var net, share, mean voice.Clusters
		for _, x := range sums {
			net.Add(x[0], x[3])
			share.Add(x[1], x[3])
			mean.Add(x[2], x[3])
		}
		got := of(t, s)
		same(t, "score", net.NPS(c), got.Net)
		same(t, "share", share.Share(c), got.Share)
		same(t, "mean", s.Question.Scale.Cut(mean.Mean(total, c.N())), got.Mean)
		if got.Customers != net.Customers {
			t.Fatalf("%d customers, want %d", got.Customers, net.Customers)
		}
	})
}

// Where each customer answered once, and where each answer has the same weight, the figures are those of the counts.
func TestOneAnswerEachIsNoCluster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := answers().Draw(t, "answers")
		alone := s
		alone.Customers = make([]int, len(s.Scores))
		var k voice.Clusters
		for i, score := range s.Scores {
			alone.Customers[i] = i
			side, err := s.Question.Side(score)
			if err != nil {
				t.Fatal(err)
			}
			k.Add(int64(side), 1)
		}
		plain := s
		plain.Customers = nil
		weighted := plain
		weighted.Weights = make([]float64, len(s.Scores))
		for i := range weighted.Weights {
			weighted.Weights[i] = 7
		}
		want := of(t, plain)
		same(t, "counts", want.Counts.NPS(), want.Net)
		same(t, "counts", want.Counts.Share(), want.Share)
		same(t, "sums", k.NPS(want.Counts), want.Net)
		for what, other := range map[string]voice.Sample{"customers": alone, "weights": weighted} {
			got := of(t, other)
			same(t, what, got.Net.Figure(), want.Net)
			same(t, what, got.Share.Figure(), want.Share)
			same(t, what, got.Mean.Figure(), want.Mean)
		}
	})
}

// The interval holds its value and is never narrower than that of as many independent answers; weights count by their ratios alone.
func TestNoIntervalIsNarrowerThanThatOfIndependentAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := answers().Draw(t, "answers")
		for range s.Scores {
			s.Weights = append(s.Weights, rapid.Float64Range(0.01, 20).Draw(t, "weight"))
		}
		got := of(t, s)
		if got.Net.Effective < 1 || got.Net.Effective > float64(got.Answers) || got.Share.Effective < 1 || got.Share.Effective > float64(got.Answers) {
			t.Fatalf("%v and %v of %d", got.Net.Effective, got.Share.Effective, got.Answers)
		}
		for _, m := range []voice.Measured{got.Net, got.Share} {
			if !(m.Low <= m.Value && m.Value <= m.High) {
				t.Fatalf("%+v", m)
			}
			if err := m.Figure().Err(); err != nil {
				t.Fatal(err)
			}
		}
		scaled := s
		scaled.Weights = nil
		for _, w := range s.Weights {
			scaled.Weights = append(scaled.Weights, 1000*w)
		}
		other := of(t, scaled)
		same(t, "score", other.Net.Figure(), got.Net)
		same(t, "share", other.Share.Figure(), got.Share)
		same(t, "mean", other.Mean.Figure(), got.Mean)
	})
}

// By hand: 10 respondents, of whom two detractors became promoters (+2), one passive a promoter (+1), one promoter a passive (−1) and six stayed: mean 0.4,
// Σd² = 10, variance (10 − 1.6)/9 = 14/15, error √(14/150).
func TestTheSameRespondentsTwiceAreTheirOwnChanges(t *testing.T) {
	var p voice.Pairs
	for _, c := range [][2]voice.Side{{-1, 1}, {-1, 1}, {0, 1}, {1, 0}, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {-1, -1}} {
		p.Add(c[0], c[1])
	}
	d, err := p.Change()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "change", d.Value, 40, 1e-12)
	near(t, "error", d.SE, 100*math.Sqrt(14.0/150), 1e-9)
	near(t, "t", d.Statistic, 0.4/math.Sqrt(14.0/150), 1e-9)
	near(t, "half", (d.High-d.Low)/2, 2.262157*100*math.Sqrt(14.0/150), 1e-4) // t(9) of the table
	if err := d.Figure().Err(); err != nil {
		t.Error(err)
	}
	for _, p := range []voice.Pairs{{}, {{0, 0, 1}}, {{0, 4}, {0, 0, 3}}, {{-1}}} {
		if _, err := p.Change(); err == nil {
			t.Errorf("%v is no change that can be told", p)
		}
	}
}

// Differences from rows are those from counts; of means Welch's. By hand: 1, 3, 5 and 4, 4, 6, 6 have means 3 and 5, errors √(4/3) and √(4/3/4).
func TestGroupsDifferAsTheirCountsDo(t *testing.T) {
	q := ask(t, "nps", "")
	s := voice.Sample{Question: q}
	a, b := voice.Counts{Top: 5, Middle: 3, Bottom: 2}, voice.Counts{Top: 12, Middle: 8, Bottom: 10}
	for g, c := range []voice.Counts{a, b} {
		for score, k := range map[float64]int64{10: c.Top, 7: c.Middle, 3: c.Bottom} {
			for range k {
				s.Scores, s.Groups = append(s.Scores, score), append(s.Groups, g)
			}
		}
	}
	want, err := voice.Between(a, b)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Difference(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]float64{"value": {got.Value, want.Value}, "se": {got.SE, want.SE}, "low": {got.Low, want.Low}, "high": {got.High, want.High}, "p": {got.P, want.P}} {
		near(t, what, pair[0], pair[1], 1e-9)
	}
	// Every answer another customer's: √(m/(m−1)) wider and by t, else the same.
	for i := range s.Scores {
		s.Customers = append(s.Customers, i)
	}
	if r, err = s.Read(); err != nil {
		t.Fatal(err)
	}
	if got, err = r.Difference(0, 1); err != nil {
		t.Fatal(err)
	}
	near(t, "error by customers", got.SE, want.SE*math.Sqrt(40.0/39), 1e-9)
	means := voice.Sample{Question: ask(t, "ces", ""), Scores: []float64{1, 3, 5, 4, 4, 6, 6}, Groups: []int{0, 0, 0, 1, 1, 1, 1}}
	if r, err = means.Read(); err != nil {
		t.Fatal(err)
	}
	if got, err = r.Difference(1, 0); err != nil {
		t.Fatal(err)
	}
	va, vb := 4.0/3, 4.0/3/4
	near(t, "difference of means", got.Value, 2, 1e-12)
	near(t, "error", got.SE, math.Sqrt(va+vb), 1e-12)
	near(t, "degrees of freedom", got.DF, (va+vb)*(va+vb)/(va*va/2+vb*vb/3), 1e-9)
}
