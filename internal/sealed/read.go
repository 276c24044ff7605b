package sealed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// The figures of each block by the last part of their names, in the order in which the document has them.
var (
	RevenueLines  = []string{"prior", "lost", "contraction", "expansion", "returning", "new_earned", "new_bought", "new_unattributed", "other", "current", "exchange"}
	CustomerLines = []string{"opening", "lost", "retained", "returning", "new_earned", "new_bought", "new_unattributed", "closing", "new_since_comparison"}
	ActiveLines   = []string{"prior", "current"}
	RateLines     = []string{
		"growth_rate", "net_revenue_retention", "gross_revenue_retention", "earned_new_customers", "earned_new_customers_bounds", "bought_new_customers",
		"unattributed_new_customers", "returning_customers", "earned_growth_rate", "earned_growth_rate_bounds", "earned_growth_ratio",
	}
	CoverageAmounts = []string{"revenue_identified", "revenue_unidentified", "revenue_excluded", "revenue", "revenue_refused"}
	CoverageCounts  = []string{
		"lines_identified", "lines_unidentified", "lines_excluded", "lines", "lines_refused", "lines_refused_undated", "lines_rounded", "history_months",
	}
	AccountLines = []string{"ledger", "identified", "unidentified", "excluded", "refused", "difference"}
)

// Subtracted are the lines that the document holds as positive amounts to take off, in the bridge and the roll-forward.
var Subtracted = []string{"lost", "contraction"}

// Bounded are the rates whose bounds always stand beside them, and the names of those.
var Bounded = map[string]string{
	"earned_new_customers": "earned_new_customers_bounds",
	"earned_growth_rate":   "earned_growth_rate_bounds",
}

// Read reads one document, whole.
func Read(data []byte) (*Document, error) {
	var d Document
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&d); err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read the statement: more follows it")
	}
	if d.Period == nil {
		return nil, errors.New("read the statement: it names no period")
	}
	if err := d.checkCohorts(); err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	if d.Customer != nil {
		d.Customer.Period, d.Customer.Compared = d.Period, d.Compared
	}
	return &d, nil
}

// UnmarshalJSON reads the figures that have a name here and leaves the others.
func (s *Statement) UnmarshalJSON(data []byte) error {
	var blocks map[string]json.RawMessage
	if err := json.Unmarshal(data, &blocks); err != nil {
		return err
	}
	var windows struct {
		Locked
		Period   *calendar.Period `json:"period"`
		Compared *calendar.Period `json:"compared_with"`
		Coverage struct {
			Reconciliation *Reconciliation `json:"reconciliation"`
		} `json:"coverage"`
	}
	if err := json.Unmarshal(data, &windows); err != nil {
		return err
	}
	*s = Statement{Locked: windows.Locked, Period: windows.Period, Compared: windows.Compared, Reconciliation: windows.Coverage.Reconciliation}
	var errs [6]error
	s.Counted, errs[0] = within[int64](blocks, "coverage", CoverageCounts)
	s.Covered, errs[1] = within[money.Amount](blocks, "coverage", CoverageAmounts)
	s.Customers, errs[2] = within[int64](blocks, "customers", CustomerLines)
	s.Revenue, errs[3] = within[money.Amount](blocks, "revenue", RevenueLines)
	s.Active, errs[4] = within[money.Amount](blocks, "active_revenue", ActiveLines)
	s.Rates, errs[5] = named[evidence.Figure](blocks, RateLines)
	return errors.Join(errs[:]...)
}

// UnmarshalJSON reads a list of accounts or a refusal.
func (r *Reconciliation) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		var lacks struct {
			Refused string `json:"refused"`
			Reason  string `json:"reason"`
			Need    string `json:"need"`
		}
		err := json.Unmarshal(data, &lacks)
		*r = Reconciliation{Reason: lacks.Refused + lacks.Reason, Need: lacks.Need}
		return err
	}
	var accounts []map[string]json.RawMessage
	if err := json.Unmarshal(data, &accounts); err != nil {
		return err
	}
	*r = Reconciliation{}
	for _, a := range accounts {
		var name string
		if raw, ok := a["account"]; ok {
			if err := json.Unmarshal(raw, &name); err != nil {
				return fmt.Errorf("reconciliation: account: %w", err)
			}
		}
		amounts, err := named[money.Amount](a, AccountLines)
		if err != nil {
			return fmt.Errorf("reconciliation: %w", err)
		}
		r.Names, r.Accounts = append(r.Names, name), append(r.Accounts, amounts)
	}
	return nil
}

// within reads the named members of one block of a statement.
func within[T any](blocks map[string]json.RawMessage, name string, keys []string) (map[string]T, error) {
	block := blocks[name]
	if absent(block) {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(block, &members); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := named[T](members, keys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

func named[T any](members map[string]json.RawMessage, keys []string) (map[string]T, error) {
	out := map[string]T{}
	for _, key := range keys {
		raw := members[key]
		if absent(raw) {
			continue
		}
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out[key] = v
	}
	return out, nil
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
