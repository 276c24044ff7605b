package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/sim"
)

// The worlds beside the benchmark are read, and the workforce is of the size that it says.
func TestWorldsAreRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("worlds", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("worlds: %v, %v", files, err)
	}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		w, err := sim.Read(file)
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		people, contractors := 0, 0
		for _, p := range w.Touchpoints {
			people += p.People
		}
		for _, d := range w.Departments {
			if people += d.People; d.Employer == "contractor" {
				contractors++
			}
		}
		if filepath.Base(name) == "workforce.yaml" && (people != 50_000 || len(w.Departments) != 12 || contractors != 2) {
			t.Errorf("%s: %d people in %d departments, %d of them contractors", name, people, len(w.Departments), contractors)
		}
	}
}
