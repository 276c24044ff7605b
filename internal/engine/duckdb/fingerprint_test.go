package duckdb

import (
	"context"
	"testing"
)

// The fingerprints of sealed statements rest on the engine's hash function,
// which its makers do not promise to keep. The values are those of DuckDB
// 1.5.5, computed apart from this code; when they change, FingerprintMethod
// must change too, so that a close knows that old fingerprints are of another
// kind and compares figures instead.
func TestFingerprintMethodNamesTheEnginesHash(t *testing.T) {
	e, err := Open(context.Background(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	for query, want := range map[string]string{
		"hash(hash('C00000001'), TIMESTAMP '2018-03-04 05:06:07', CAST(12.34 AS DECIMAL(18,6)))":                "17321928352997555302",
		"hash('throughline', CAST(12.34 AS DECIMAL(18,6)), TIMESTAMP '2018-03-04 05:06:07', hash('C00000001'))": "12443880177857405675",
		"hash(CAST(NULL AS VARCHAR))": "13787848793156543929",
		"hash(TRUE)":                  "4717996019076358352",
		"hash(DATE '2018-03-04')":     "3967369990408345616",
	} {
		var got string
		if err := e.one(context.Background(), "SELECT CAST("+query+" AS VARCHAR)", &got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s = %s, want %s: give FingerprintMethod %q a new name", query, got, want, FingerprintMethod)
		}
	}
}
