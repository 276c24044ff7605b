package books

import "testing"

// A simulated company is known by the first line of its books.yaml wherever that lies.
func TestASimulatedCompanySaysSo(t *testing.T) {
	for text, want := range map[string]bool{"# Simulated company: no row here is real. Written by throughline sim.\n": true, "# Our books\n": false, "": false} {
		c, err := ParseConfig("books.yaml", []byte(text+"company: Simulated Example Ltd\nsettings: {currency: EUR}\nbooks:\n  orders:\n    from: orders.csv\n    columns: {customer_id: a, ordered_at: b, amount: c}\n"))
		if err != nil || c.Simulated != want {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
}
