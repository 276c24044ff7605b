package evidence

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func rat(text string) *big.Rat {
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return x
}

// The shapes are those of "close --json" in the contract.
func TestFiguresPrintAsTheContractSays(t *testing.T) {
	for _, c := range []struct {
		figure Figure
		want   string
	}{
		{Exact(rat("3/25"), 1234, "sum"), `{"value":0.12,"low":0.12,"high":0.12,"kind":"exact","method":"sum","n":1234}`},
		{Exact(rat("1/3"), 0, "sum"), `{"value":0.333333333333,"low":0.333333333333,"high":0.333333333333,"kind":"exact","method":"sum","n":0}`},
		{Bounds(rat("-1"), rat("2/3"), 7, "ends"), `{"value":null,"low":-1,"high":0.666666666667,"kind":"bounds","method":"ends","n":7}`},
		{BoundsAround(rat("0"), rat("-1"), rat("1"), 7, "ends"), `{"value":0,"low":-1,"high":1,"kind":"bounds","method":"ends","n":7}`},
		{Confidence(rat("0.12"), rat("0.10"), rat("0.15"), 0.95, 9, "n > 3 & \"so\""),
			`{"value":0.12,"low":0.1,"high":0.15,"kind":"confidence","level":0.95,"method":"n > 3 & \"so\"","n":9}`},
		{Credible(Float(0.5), Float(0.25), Float(0.75), 0.9, 9, "posterior"),
			`{"value":0.5,"low":0.25,"high":0.75,"kind":"credible","level":0.9,"method":"posterior","n":9}`},
		{Refuse("nobody was asked", "answers"), `{"refused":"nobody was asked","need":"answers"}`},
	} {
		got, err := c.figure.MarshalJSON()
		if err != nil || string(got) != c.want {
			t.Errorf("printed %s (%v), want %s", got, err, c.want)
		}
	}
}

func TestALockedStatementSaysWhatUnlocksIt(t *testing.T) {
	got, err := json.Marshal(Locked{"no people book", "people.csv"})
	if want := `{"refused":"no people book","unlocked_by":"people.csv"}`; err != nil || string(got) != want {
		t.Errorf("printed %s (%v), want %s", got, err, want)
	}
	if got, err := json.Marshal(Locked{Refused: "no people book"}); err == nil {
		t.Errorf("printed %s, which does not say what unlocks it", got)
	}
}

func TestAFigureIsNeverBothNorNeither(t *testing.T) {
	for _, f := range []Figure{
		{},
		Exact(nil, 1, "sum"),
		Exact(Float(math.NaN()), 1, "sum"),
		Exact(rat("1"), -1, "sum"),
		Exact(rat("1"), 1, ""),
		Bounds(rat("2"), rat("1"), 1, "ends"),
		BoundsAround(nil, rat("1"), rat("2"), 1, "ends"),
		BoundsAround(rat("3"), rat("1"), rat("2"), 1, "ends"),
		Confidence(rat("1"), rat("0"), Float(math.Inf(1)), 0.95, 1, "score"),
		Confidence(rat("1"), rat("0"), rat("2"), 0, 1, "score"),
		Confidence(rat("1"), rat("0"), rat("2"), math.NaN(), 1, "score"),
		Credible(rat("1"), rat("0"), rat("2"), 95, 1, "posterior"),
		Refuse("", "answers"),
		Refuse("nobody was asked", ""),
		Exact(rat("1"), 1, "sum").Affine(nil, rat("1"), "scaled"),
	} {
		if text, err := json.Marshal(f); err == nil {
			t.Errorf("printed %s", text)
		}
		_, estimate := f.Estimate()
		_, refusal := f.Refusal()
		if f.Err() == nil || estimate || refusal {
			t.Errorf("%+v passes for a figure", f)
		}
	}
	for _, text := range []string{
		`null`, `{}`, `[]`, `{"refused":"x"}`, `{"need":"x"}`,
		`{"refused":"x","need":"y","value":1}`,
		`{"value":1,"low":1,"high":1,"kind":"exact","method":"m"}`,
		`{"value":1,"low":1,"high":1,"kind":"exact","level":0.95,"method":"m","n":1}`,
		`{"value":1,"low":1,"high":2,"kind":"exact","method":"m","n":1}`,
		`{"value":null,"low":1,"high":2,"kind":"confidence","level":0.95,"method":"m","n":1}`,
		`{"value":1,"low":1,"high":1,"kind":"guess","method":"m","n":1}`,
		`{"value":1e999999999,"low":1,"high":1,"kind":"exact","method":"m","n":1}`,
		`{"value":1,"low":1,"high":1,"kind":"exact","method":"m","n":1,"p":0.04}`,
	} {
		var f Figure
		if err := json.Unmarshal([]byte(text), &f); err == nil {
			t.Errorf("read %s", text)
		}
	}
}

func rats() *rapid.Generator[*big.Rat] {
	return rapid.Custom(func(t *rapid.T) *big.Rat {
		x := big.NewRat(rapid.Int64().Draw(t, "numerator"), max(1, rapid.Int64Min(1).Draw(t, "denominator")))
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(rapid.IntRange(0, 30).Draw(t, "power"))), nil))
		if rapid.Bool().Draw(t, "small") {
			scale.Inv(scale)
		}
		return x.Mul(x, scale)
	})
}

func figures() *rapid.Generator[Figure] {
	words := rapid.StringN(1, 20, -1).Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s })
	return rapid.Custom(func(t *rapid.T) Figure {
		a, b, c := rats().Draw(t, "a"), rats().Draw(t, "b"), rats().Draw(t, "c")
		if a.Cmp(b) > 0 {
			a, b = b, a
		}
		n, level := rapid.Int64Min(0).Draw(t, "n"), rapid.Float64Range(0.001, 0.999).Draw(t, "level")
		method := words.Draw(t, "method")
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return Exact(a, n, method)
		case 1:
			return Bounds(a, b, n, method)
		case 2:
			return Confidence(c, a, b, level, n, method)
		case 3:
			return Credible(c, a, b, level, n, method)
		}
		return Refuse(method, words.Draw(t, "need"))
	})
}

func TestAFigureReadAndPrintedAgainHasTheSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := figures().Draw(t, "figure")
		first, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var again Figure
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("read %s: %v", first, err)
		}
		second, err := json.Marshal(again)
		if err != nil || string(first) != string(second) {
			t.Fatalf("%s became %s (%v)", first, second, err)
		}
	})
}

func TestScaledFiguresKeepTheirEndsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, scale, shift := figures().Draw(t, "figure"), rats().Draw(t, "scale"), rats().Draw(t, "shift")
		g := f.Affine(scale, shift, "scaled")
		if err := g.Err(); err != nil {
			t.Fatal(err)
		}
		before, ok := f.Estimate()
		if !ok {
			if r, _ := f.Refusal(); fmt.Sprint(g.Refusal()) != fmt.Sprint(r, true) {
				t.Fatal("a refusal changed")
			}
			return
		}
		after, _ := g.Estimate()
		width := new(big.Rat).Sub(before.High, before.Low)
		width.Abs(width.Mul(width, scale))
		if width.Cmp(new(big.Rat).Sub(after.High, after.Low)) != 0 {
			t.Fatal("the width is not |scale| times what it was")
		}
	})
}

func TestAFigureSharesNoNumberWithItsCaller(t *testing.T) {
	x := rat("1")
	f := Exact(x, 1, "sum")
	x.SetInt64(2)
	e, _ := f.Estimate()
	e.Low.SetInt64(3)
	f.Affine(rat("5"), rat("5"), "scaled")
	if text, _ := json.Marshal(f); !strings.HasPrefix(string(text), `{"value":1,"low":1,"high":1,`) {
		t.Errorf("became %s", text)
	}
}

func ExampleFigure() {
	for _, f := range []Figure{
		Exact(big.NewRat(602, 680), 5, "sum over customers"),
		Refuse("growth is below 0.5%", "a period in which revenue grew"),
	} {
		text, err := json.Marshal(f)
		fmt.Println(string(text), err)
	}
	// Output:
	// {"value":0.885294117647,"low":0.885294117647,"high":0.885294117647,"kind":"exact","method":"sum over customers","n":5} <nil>
	// {"refused":"growth is below 0.5%","need":"a period in which revenue grew"} <nil>
}
