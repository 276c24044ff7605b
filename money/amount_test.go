package money_test

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/throughline/throughline/money"
	"pgregory.net/rapid"
)

func must(t interface {
	Helper()
	Fatal(...any)
}, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// amounts draws amounts of up to 58 digits before the point, of either sign.
func amounts() *rapid.Generator[money.Amount] {
	return rapid.Custom(func(t *rapid.T) money.Amount {
		micros, ok := new(big.Int).SetString(rapid.StringMatching(`-?[0-9]{1,64}`).Draw(t, "micros"), 10)
		if !ok {
			t.Fatal("the generator made no number")
		}
		return money.FromBig(micros)
	})
}

func TestParseReadsPlainDecimals(t *testing.T) {
	for text, micros := range map[string]int64{
		"0": 0, "-0": 0, "+0.000": 0, "5": 5_000_000, "+5": 5_000_000, "-0.5": -500_000,
		"733265.143": 733_265_143_000, "0.000001": 1, "-0.000001": -1,
		"007.10":                      7_100_000,
		"1.2345670000":                1_234_567, // further decimals that are zeros lose nothing
		"9223372036854.775807":        9_223_372_036_854_775_807,
		"-9223372036854.775808":       -9_223_372_036_854_775_808,
		strings.Repeat("0", 64):       0,
		strings.Repeat("0", 63) + "1": 1_000_000,
	} {
		a, err := money.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !a.Equal(money.FromMicros(micros)) {
			t.Errorf("%s is %s millionths, want %d", text, a.Big(), micros)
		}
	}
}

func TestParseRefusesWhatIsNotAPlainDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"12,3O":                 `"12,3O" is not a number`,
		"":                      `"" is not a number`,
		"-":                     `"-" is not a number`,
		"+-1":                   `"+-1" is not a number`,
		".5":                    `".5" is not a number`,
		"5.":                    `"5." is not a number`,
		"1.2.3":                 `"1.2.3" is not a number`,
		"1e3":                   `"1e3" is not a number`,
		"0x1F":                  `"0x1F" is not a number`,
		"1_000":                 `"1_000" is not a number`,
		"1,000":                 `"1,000" is not a number`,
		" 1":                    `" 1" is not a number`,
		"£1":                    `"£1" is not a number`,
		"NaN":                   `"NaN" is not a number`,
		"٣":                     `"٣" is not a number`,
		"0.1234567":             `"0.1234567" has 7 decimals: at most 6 are exact`,
		"1.00000010":            `"1.00000010" has 7 decimals: at most 6 are exact`,
		strings.Repeat("9", 65): `"` + strings.Repeat("9", 40) + `…" has 65 digits: a number may have 64`,
		strings.Repeat("9", 1<<20): `"` + strings.Repeat("9", 40) +
			`…" has 1048576 characters: a number may have 64 digits`,
	} {
		a, err := money.Parse(text)
		if err == nil {
			t.Errorf("%.50q was read as %s", text, a)
		} else if err.Error() != want {
			t.Errorf("error %q\n want %q", err, want)
		}
	}
}

func TestTextIsExactAndHasAtLeastThePlacesAsked(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int
		want   string
	}{
		{"733265.143", 2, "733265.143"}, {"5", 2, "5.00"}, {"-0.5", 2, "-0.50"}, {"5", 0, "5"}, {"0", 0, "0"},
		{"0", 2, "0.00"}, {"0.000001", 0, "0.000001"}, {"-0.000001", 2, "-0.000001"}, {"100", 0, "100"},
		{"1.10", 0, "1.1"}, {"1.5", 8, "1.50000000"}, {"1.5", -3, "1.5"}, {"1234567.89", 2, "1234567.89"},
	} {
		if got := must(t, c.text).Text(c.places); got != c.want {
			t.Errorf("%s with %d places is %s, want %s", c.text, c.places, got, c.want)
		}
	}
}

func TestRoundTakesHalvesAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int
		want   string
	}{
		{"2.345", 2, "2.35"}, {"-2.345", 2, "-2.35"}, {"2.344999", 2, "2.34"}, {"-2.344999", 2, "-2.34"},
		{"0.5", 0, "1"}, {"-0.5", 0, "-1"}, {"0.499999", 0, "0"}, {"-0.499999", 0, "0"}, {"9.995", 2, "10"},
		{"1.234567", 6, "1.234567"}, {"1.234567", 9, "1.234567"}, {"1.234565", 5, "1.23457"},
		{"1250", -2, "1300"}, {"-1249.999999", -2, "-1200"}, {"499", -3, "0"}, {"500", -3, "1000"},
		{"5", -1, "10"}, {"4.999999", -1, "0"}, {"5", -1_000_000_000, "0"}, {"0", 0, "0"},
	} {
		if got := must(t, c.text).Round(c.places); !got.Equal(must(t, c.want)) {
			t.Errorf("%s rounded to %d places is %s, want %s", c.text, c.places, got, c.want)
		}
	}
}

func TestGroupedIsForPeople(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int
		want   string
	}{
		{"0", 2, "0.00"}, {"999", 0, "999"}, {"1000", 0, "1,000"}, {"-1234567.895", 2, "-1,234,567.90"},
		{"733265.143", 2, "733,265.14"}, {"999999.995", 2, "1,000,000.00"}, {"-0.004", 2, "0.00"},
		{"-100", 0, "-100"}, {"-100000.5", 0, "-100,001"}, {"1234567", -3, "1,235,000"}, {"1.5", 8, "1.50000000"},
		{"123456789012345678901234567890", 0, "123,456,789,012,345,678,901,234,567,890"},
	} {
		if got := must(t, c.text).Grouped(c.places); got != c.want {
			t.Errorf("%s grouped with %d places is %s, want %s", c.text, c.places, got, c.want)
		}
	}
}

func TestArithmeticIsExact(t *testing.T) {
	a, b := must(t, "0.1"), must(t, "0.2")
	if got := a.Add(b); !got.Equal(must(t, "0.3")) {
		t.Errorf("0.1 + 0.2 is %s", got)
	}
	if got := a.Sub(b); !got.Equal(must(t, "-0.1")) || got.Sign() != -1 || !got.Abs().Equal(a) || !got.Neg().Equal(a) {
		t.Errorf("0.1 − 0.2 is %s", got)
	}
	if got := money.Sum(); !got.IsZero() {
		t.Errorf("the sum of nothing is %s", got)
	}
	// 2⁶³−1 millionths twice: where a 64-bit sum would wrap.
	most := money.FromMicros(1<<63 - 1)
	if got := money.Sum(most, most).Text(0); got != "18446744073709.551614" {
		t.Errorf("the sum is %s", got)
	}
	if a.Cmp(b) != -1 || b.Cmp(a) != 1 || a.Cmp(a) != 0 {
		t.Error("0.1 and 0.2 are ordered wrongly")
	}
}

func TestAmountsAreImmutable(t *testing.T) {
	source := big.NewInt(1_000_000)
	one := money.FromBig(source)
	source.SetInt64(7)
	one.Big().SetInt64(7)
	one.Rat().SetInt64(7)
	other := one
	other.Add(one).Neg().Round(0).Abs()
	if one.Text(0) != "1" || other.Text(0) != "1" {
		t.Errorf("1 has become %s and %s", one, other)
	}
	var zero money.Amount
	zero.Big().SetInt64(7)
	if got := (money.Amount{}); !got.IsZero() || got.Text(0) != "0" {
		t.Errorf("zero has become %s", got)
	}
}

func TestZeroHasOneForm(t *testing.T) {
	for name, a := range map[string]money.Amount{
		"difference": must(t, "1.5").Sub(must(t, "1.5")), "parsed": must(t, "-0.00"),
		"micros": money.FromMicros(0), "rounded": must(t, "0.1").Round(0), "sum": money.Sum(must(t, "0")),
	} {
		if !reflect.DeepEqual(a, money.Amount{}) {
			t.Errorf("%s: %#v is not the zero value", name, a)
		}
	}
}

func TestJSONCarriesDecimalText(t *testing.T) {
	type line struct {
		Amount money.Amount `json:"amount"`
		Gone   money.Amount `json:"gone,omitzero"`
	}
	written, err := json.Marshal(line{Amount: must(t, "-733265.143")})
	if err != nil || string(written) != `{"amount":"-733265.143"}` {
		t.Fatalf("%s, %v", written, err)
	}
	var read line
	if err := json.Unmarshal(written, &read); err != nil || !read.Amount.Equal(must(t, "-733265.143")) {
		t.Fatalf("%s, %v", read.Amount, err)
	}
	if err := json.Unmarshal([]byte(`{"amount":"1,5"}`), &read); err == nil || !read.Amount.Equal(must(t, "-733265.143")) {
		t.Fatalf("a refused text changed the amount to %s (%v)", read.Amount, err)
	}
}

func TestPrintedAmountsReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, places := amounts().Draw(t, "a"), rapid.IntRange(-1, 6).Draw(t, "places")
		text := a.Text(places)
		if got := must(t, text); !got.Equal(a) || !reflect.DeepEqual(got, a) {
			t.Fatalf("%s reads back as %s", text, got)
		}
		if exact, ok := new(big.Rat).SetString(text); !ok || exact.Cmp(a.Rat()) != 0 {
			t.Fatalf("%s is not %s", text, a.Rat())
		}
		if _, decimals, _ := strings.Cut(text, "."); len(decimals) < places {
			t.Fatalf("%s has fewer than %d places", text, places)
		}
	})
}

func TestSubtractionUndoesAddition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")
		if got := a.Add(b).Sub(b); !got.Equal(a) {
			t.Fatalf("%s + %s − %s is %s", a, b, b, got)
		}
		if got := money.Sum(a, b, a.Neg(), b.Neg()); !got.IsZero() {
			t.Fatalf("%s and %s and their opposites sum to %s", a, b, got)
		}
		if a.Cmp(b) != a.Sub(b).Sign() || a.Cmp(b) != a.Rat().Cmp(b.Rat()) {
			t.Fatalf("%s and %s are ordered wrongly", a, b)
		}
	})
}

func TestRoundingMovesAtMostHalfAUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, places := amounts().Draw(t, "a"), rapid.IntRange(-8, 7).Draw(t, "places")
		rounded := a.Round(places)
		unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(places, -places))), nil))
		if places > 0 {
			unit.Inv(unit)
		}
		if multiple := new(big.Rat).Quo(rounded.Rat(), unit); !multiple.IsInt() {
			t.Fatalf("%s is not a multiple of %s", rounded, unit)
		}
		twice := rounded.Sub(a).Abs().Rat()
		switch twice.Add(twice, twice).Cmp(unit) {
		case 1:
			t.Fatalf("%s moved to %s", a, rounded)
		case 0:
			if rounded.Abs().Cmp(a.Abs()) < 0 {
				t.Fatalf("the half %s went towards zero, to %s", a, rounded)
			}
		}
		if got := strings.ReplaceAll(a.Grouped(places), ",", ""); !must(t, got).Equal(rounded) {
			t.Fatalf("%s grouped is %s, rounded %s", a, got, rounded)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"0", "-0.5", "733265.143", "12,3O", "1e9", "+007.100000000", "", ".", "-", "9.9999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := money.Parse(text)
		if err != nil {
			return
		}
		if again := must(t, a.Text(0)); !again.Equal(a) {
			t.Fatalf("%q is %s and reads back as %s", text, a, again)
		}
		if exact, ok := new(big.Rat).SetString(text); !ok || exact.Cmp(a.Rat()) != 0 {
			t.Fatalf("%q was read as %s", text, a)
		}
	})
}

func TestMicrosSayWhetherTheyFit(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-1.5": true,
		"9223372036854.775807": true, "9223372036854.775808": false, // 2⁶³ − 1 and 2⁶³ millionths
		"-9223372036854.775808": true, "-9223372036854.775809": false,
	} {
		a := must(t, text)
		micros, ok := a.Micros()
		if ok != want || ok && !money.FromMicros(micros).Equal(a) {
			t.Errorf("%s: %d, %v", text, micros, ok)
		}
	}
}
