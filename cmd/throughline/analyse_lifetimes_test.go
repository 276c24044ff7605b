package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// analysed runs an instrument and reads its document as numbers by path, such as parameters.r.value.
func analysed(t *testing.T, args ...string) map[string]float64 {
	t.Helper()
	c := call(t, append([]string{"analyse"}, append(args, "--json")...)...)
	if c.code != exitDone {
		t.Fatalf("%v: exit %d, %s", args, c.code, c.err)
	}
	var document any
	if err := json.Unmarshal([]byte(c.out), &document); err != nil {
		t.Fatalf("%v: %v in %s", args, err, c.out)
	}
	out := map[string]float64{}
	var walk func(path string, x any)
	walk = func(path string, x any) {
		switch x := x.(type) {
		case float64:
			out[path] = x
		case bool:
			out[path] = map[bool]float64{true: 1}[x]
		case map[string]any:
			for name, y := range x {
				walk(strings.TrimPrefix(path+"."+name, "."), y)
			}
		case []any:
			for i, y := range x {
				walk(fmt.Sprintf("%s.%d", path, i), y)
			}
		}
	}
	walk("", document)
	return out
}

func holds(t *testing.T, got, want map[string]float64, relative float64) {
	t.Helper()
	for path, x := range want {
		if y, ok := got[path]; !ok || !(math.Abs(y-x) <= relative*math.Abs(x)) {
			t.Errorf("%s is %v (%v), want %v", path, y, ok, x)
		}
	}
}

func summary(t *testing.T) []string {
	return []string{filepath.Join(oracleFolder(t), "data", "cdnow_customers_summary.csv"), "--frequency", "frequency", "--recency", "recency", "--age", "T"}
}

// The numbers are those of the oracles that package clv is held to: btyd.pnbd_cdnow_mle, btyd.bgnbd_cdnow_mle and
// btyd.bgnbd_cdnow_holdout39, btyd.bgbb_donations.
func TestAnalyseLifetimesMatchesThePublishedFits(t *testing.T) {
	holds(t, analysed(t, append([]string{"lifetimes"}, summary(t)...)...), map[string]float64{"n": 2357, "parameters.r.value": 0.55327552, "parameters.alpha.value": 10.577613,
		"parameters.s.value": 0.60621358, "parameters.beta.value": 11.667911, "log_likelihood": -9594.9739298, "converged": 1}, 1e-5)
	holds(t, analysed(t, append([]string{"lifetimes", "--model", "bgnbd", "--horizon", "39"}, summary(t)...)...), map[string]float64{"parameters.r.value": 0.2425929,
		"parameters.alpha.value": 4.4135316, "parameters.a.value": 0.7928862, "parameters.b.value": 2.4257537, "log_likelihood": -9582.4255606,
		"expected.horizon": 39, "expected.total": 1653.423294, "alive.total": 1917.27635}, 1e-5)
	holds(t, analysed(t, "lifetimes", "--model", "bgbb", filepath.Join(oracleFolder(t), "data", "donations.csv"), "--frequency", "frequency", "--recency", "recency",
		"--age", "periods", "--weight", "weights", "--horizon", "5"), map[string]float64{"n": 11104, "parameters.alpha.value": 1.2035224, "parameters.beta.value": 0.74971635,
		"parameters.gamma.value": 0.65671813, "parameters.delta.value": 2.7834417, "log_likelihood": -33225.581274, "expected.total": 12884.157}, 1e-5)
}

// logOf is the sample's log of purchases as a file with names, in the order that it is given or the reverse.
func logOf(t *testing.T, reversed bool) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(oracleFolder(t), "data", "CDNOW_sample.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 5 {
			lines = append(lines, f[0]+","+f[2]+","+f[4])
		}
	}
	if reversed {
		for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
			lines[i], lines[j] = lines[j], lines[i]
		}
	}
	return plain(t, "log.csv", "id,day,usd\n"+strings.Join(lines, "\n")+"\n")
}

// Oracle btyd.rfm_from_log: the log of the sample to 1997-09-30 in weeks has 2357 customers, 946 of them with repeats, and the
// fit of the summary, whose times were rounded to two places.
func TestAnalyseLifetimesOfALogIsThatOfItsSummary(t *testing.T) {
	flags := []string{"--customer", "id", "--date", "day", "--until", "1997-09-30", "--unit", "week", "--horizon", "39"}
	forward := analysed(t, append([]string{"lifetimes", logOf(t, false)}, flags...)...)
	holds(t, forward, map[string]float64{"n": 2357, "repeaters": 946, "log.purchases": 2357 + 2457, "parameters.r.value": 0.5533, "parameters.alpha.value": 10.578,
		"parameters.s.value": 0.6062, "parameters.beta.value": 11.668}, 2e-3)
	for _, path := range []string{"log.lines", "log.lines_later"} {
		if forward[path] == 0 {
			t.Errorf("%s: none", path)
		}
	}
	holds(t, analysed(t, append([]string{"lifetimes", logOf(t, true), "--amount", "usd"}, flags...)...), forward, 0)
	days := analysed(t, "lifetimes", logOf(t, false), "--customer", "id", "--date", "day", "--until", "19970930")
	holds(t, days, map[string]float64{"parameters.r.value": forward["parameters.r.value"], "parameters.alpha.value": 7 * forward["parameters.alpha.value"],
		"parameters.beta.se": 7 * forward["parameters.beta.se"]}, 1e-5)
}

func TestAnalyseSpendAndContractMatchThePublishedFits(t *testing.T) {
	data := filepath.Join(oracleFolder(t), "data")
	// btyd.gg_cdnow_mle; t = r·√((n−2)/(1−r²)) by hand.
	holds(t, analysed(t, "spend", filepath.Join(data, "cdnow_customers_summary_with_transactions.csv"), "--frequency", "x", "--monetary", "zbar"),
		map[string]float64{"n": 946, "left_out": 1411, "parameters.p.value": 6.2488021, "parameters.q.value": 3.7445886, "parameters.gamma.value": 15.44775, "log_likelihood": -4055.9232435,
			"population_mean": 35.171002, "independence.df": 944, "independence.correlation": 0.1138839105, "independence.statistic": 0.1138839105 * math.Sqrt(944/(1-0.1138839105*0.1138839105))}, 1e-5)
	// sbg.high_end and bdw.high_end, of 1000 customers and seven years.
	text, err := os.ReadFile(filepath.Join(data, "fader_hardie_2007_survival.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := []string{"year,left"}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:9] {
		var percent float64
		if _, err := fmt.Sscan(strings.Split(line, ",")[2], &percent); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf("%d,%.0f", i, 10*percent))
	}
	rows[1], rows[5] = rows[5], rows[1] // the order does not matter
	path := plain(t, "cohort.csv", strings.Join(rows, "\n")+"\n")
	holds(t, analysed(t, "contract", path, "--period", "year", "--survivors", "left"), map[string]float64{"n": 1000, "parameters.alpha.value": 0.66808833, "parameters.beta.value": 3.8060948,
		"log_likelihood": -1611.1581474, "survival.11.period": 12, "survival.11.value": 0.37799907, "survival.0.retention": 0.85067926}, 1e-5)
	holds(t, analysed(t, "contract", path, "--model", "bdw", "--period", "year", "--survivors", "left"), map[string]float64{"parameters.alpha.value": 0.214253345,
		"parameters.beta.value": 1.42657493, "parameters.c.value": 1.72356482, "log_likelihood": -1605.3142132, "survival.11.value": 0.40392959}, 1e-4)
}

// A model that the data do not allow gives a document whose numbers are refused; a file that is not one ends with status 1.
func TestAnalyseRefusesInsteadOfNonsense(t *testing.T) {
	once := plain(t, "once.csv", "x,tx,T,m\n"+strings.Repeat("0,,100,0\n", 50))
	c := call(t, "analyse", "lifetimes", once, "--frequency", "x", "--recency", "tx", "--age", "T", "--json")
	if c.code != exitDone || !strings.Contains(c.out, `"refused": "Pareto/NBD: 0 repeat customers, need 30"`) || !strings.Contains(c.out, `"converged": false`) {
		t.Errorf("exit %d, %s%s", c.code, c.out, c.err)
	}
	for _, model := range []string{"pareto-nbd", "bgnbd", "bgbb"} {
		if c := call(t, "analyse", "lifetimes", once, "--model", model, "--frequency", "x", "--recency", "tx", "--age", "T"); c.code != exitDone || !strings.Contains(c.out, "No parameters: ") {
			t.Errorf("exit %d, %s%s", c.code, c.out, c.err)
		}
	}
	for content, want := range map[string]string{
		"x,tx,T\n1,2,3\n-1,0,3\n":    "line 3: column x: -1 is not a number of repeat purchases",
		"x,tx,T\n1.5,2,3\n":          "line 2: column x: 1.5 is not a number of repeat purchases",
		"x,tx,T\n1,4,3\n":            "line 2: last purchase at 4, which is not from 0 to the age of 3",
		"x,tx,T\n1,NA,3\n":           "line 2: last purchase at NaN",
		"x,tx,T\n0,1,3\n":            "line 2: no repeat purchase, and yet the last of them at 1",
		"x,tx,T\n1,2,-3\n":           "line 2: age -3",
		"x,tx,T\n1,2,Inf\n":          `line 2: column T: "Inf" is not a number`,
		"x,tx,T\n1,2,3\n1e300,2,3\n": "line 3: column x: 1e+300 is not a number of repeat purchases",
	} {
		path := plain(t, "rows.csv", content)
		if c := call(t, "analyse", "lifetimes", path, "--frequency", "x", "--recency", "tx", "--age", "T", "--json"); c.code != exitRefused || c.out != "" || !strings.Contains(c.err, want) {
			t.Errorf("%q: exit %d, %s%s, want %s", content, c.code, c.out, c.err, want)
		}
	}
	for content, want := range map[string]string{
		"t,n\n0,100\n1,90\n3,70\n": "line 4: period 2 is missing before period 3",
		"t,n\n1,90\n2,80\n":        "line 2: period 0 is missing",
		"t,n\n0,100\n1,90\n1,80\n": "line 4: period 1 stands twice",
		"t,n\n0,100\n1,90\n2,95\n": "line 4: column n: 95 customers are left of 90",
		"t,n\n0,100\n0.5,90\n":     "line 3: column t: 0.5 is not a period",
		"t,n\n0,-100\n1,-110\n":    "line 2: column n: -100 customers",
		"t,n\n0,100\n":             "a cohort has its size and at least one period after it",
	} {
		path := plain(t, "rows.csv", content)
		if c := call(t, "analyse", "contract", path, "--period", "t", "--survivors", "n", "--json"); c.code != exitRefused || c.out != "" || !strings.Contains(c.err, want) {
			t.Errorf("%q: exit %d, %s%s, want %s", content, c.code, c.out, c.err, want)
		}
	}
	for _, args := range [][]string{
		{"lifetimes", "x.csv"}, {"lifetimes", "x.csv", "--frequency", "x"}, {"lifetimes", "x.csv", "--frequency", "x", "--customer", "c"}, {"lifetimes", "x.csv", "--model", "magic"},
		{"lifetimes", "x.csv", "--customer", "c", "--date", "d", "--until", "soon"}, {"lifetimes", "x.csv", "--customer", "c", "--date", "d", "--until", "2011-01-01", "--unit", "year"},
		{"lifetimes", "x.csv", "--frequency", "x", "--recency", "tx", "--age", "T", "--horizon", "-1"}, {"spend", "x.csv"}, {"contract", "x.csv"}, {"contract", "x.csv", "--model", "x"},
	} {
		if c := call(t, append([]string{"analyse"}, args...)...); c.code != exitUsage {
			t.Errorf("%v: exit %d, %s", args, c.code, c.err)
		}
	}
}
