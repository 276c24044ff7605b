package report

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

// document is what report understands of a close. Everything but the period
// may be missing, and what it does not know it does not read.
type document struct {
	Period      *calendar.Period `json:"period"`
	Compared    *calendar.Period `json:"compared_with"`
	Currency    money.Currency   `json:"currency"`
	Active      string           `json:"active"`
	Sealed      *seal            `json:"sealed"`
	Restatement *restatement     `json:"restatement"`
	Warnings    []warning        `json:"warnings"`
	Customer    *statement       `json:"customer"`
	Trailing    *statement       `json:"customer_trailing_year"`
	Cohorts     *cohorts         `json:"cohorts"`
}

type seal struct {
	At          string  `json:"at"`
	Snapshot    string  `json:"snapshot"`
	Fingerprint string  `json:"fingerprint"`
	Restates    *string `json:"restates"`
	Preparer    string  `json:"preparer"`
}

type restatement struct {
	Of    string   `json:"of"`
	At    string   `json:"sealed_at"`
	Books []change `json:"books"`
	Lines []moved  `json:"lines"`
}

type change struct {
	Book   string `json:"book"`
	Month  string `json:"month"`
	Before int64  `json:"rows_before"`
	After  int64  `json:"rows_after"`
	What   string `json:"what"`
}

type moved struct {
	Line   string `json:"line"`
	Before string `json:"before"`
	After  string `json:"after"`
	Change string `json:"change"`
}

type warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// locked is a whole block that the books do not allow.
type locked struct {
	Refused    string `json:"refused"`
	UnlockedBy string `json:"unlocked_by"`
}

type cohorts struct {
	locked
	Kind  string   `json:"kind"`
	Spans []string `json:"spans"`
	Rows  []struct {
		First string `json:"first_purchase"`
		Ages  []struct {
			Span    string        `json:"span"`
			Age     *int          `json:"age"`
			Active  *int64        `json:"active"`
			Revenue *money.Amount `json:"revenue"`
		} `json:"ages"`
	} `json:"cohorts"`
}

// statement is a customer block: its figures by their names in the JSON.
type statement struct {
	locked
	Period, Compared *calendar.Period
	Lines            map[string]int64        // coverage counted
	Covered          map[string]money.Amount // coverage in money
	Reconciliation   *reconciliation
	Customers        map[string]int64
	Revenue          map[string]money.Amount
	Active           map[string]money.Amount
	Rates            map[string]evidence.Figure
}

// reconciliation is the accounts set beside the books, or why there are none.
type reconciliation struct {
	Accounts     []map[string]money.Amount // by the names of accountLines
	Names        []string
	Reason, Need string
}

func read(data []byte) (*document, error) {
	var d document
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
	if d.Customer != nil {
		d.Customer.Period, d.Customer.Compared = d.Period, d.Compared
	}
	return &d, nil
}

// UnmarshalJSON reads the names that report knows and leaves the others.
func (s *statement) UnmarshalJSON(data []byte) error {
	var blocks map[string]json.RawMessage
	if err := json.Unmarshal(data, &blocks); err != nil {
		return err
	}
	var windows struct {
		locked
		Period   *calendar.Period `json:"period"`
		Compared *calendar.Period `json:"compared_with"`
		Coverage struct {
			Reconciliation *reconciliation `json:"reconciliation"`
		} `json:"coverage"`
	}
	if err := json.Unmarshal(data, &windows); err != nil {
		return err
	}
	*s = statement{locked: windows.locked, Period: windows.Period, Compared: windows.Compared, Reconciliation: windows.Coverage.Reconciliation}
	var errs [6]error
	s.Lines, errs[0] = within[int64](blocks["coverage"], "coverage", coverageCounts)
	s.Covered, errs[1] = within[money.Amount](blocks["coverage"], "coverage", coverageAmounts)
	s.Customers, errs[2] = within[int64](blocks["customers"], "customers", customerLines)
	s.Revenue, errs[3] = within[money.Amount](blocks["revenue"], "revenue", revenueLines)
	s.Active, errs[4] = within[money.Amount](blocks["active_revenue"], "active_revenue", activeLines)
	s.Rates, errs[5] = named[evidence.Figure](blocks, rateLines)
	return errors.Join(errs[:]...)
}

// UnmarshalJSON reads a list of accounts or a refusal.
func (r *reconciliation) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		var lacks struct {
			Refused string `json:"refused"`
			Reason  string `json:"reason"`
			Need    string `json:"need"`
		}
		err := json.Unmarshal(data, &lacks)
		*r = reconciliation{Reason: lacks.Refused + lacks.Reason, Need: lacks.Need}
		return err
	}
	var accounts []map[string]json.RawMessage
	if err := json.Unmarshal(data, &accounts); err != nil {
		return err
	}
	*r = reconciliation{}
	for _, a := range accounts {
		var name string
		if raw, ok := a["account"]; ok {
			if err := json.Unmarshal(raw, &name); err != nil {
				return fmt.Errorf("reconciliation: account: %w", err)
			}
		}
		amounts, err := named[money.Amount](a, accountLines)
		if err != nil {
			return fmt.Errorf("reconciliation: %w", err)
		}
		r.Names, r.Accounts = append(r.Names, name), append(r.Accounts, amounts)
	}
	return nil
}

// within reads the named members of one block of a statement.
func within[T any](block json.RawMessage, name string, lines []line) (map[string]T, error) {
	if absent(block) {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(block, &members); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := named[T](members, lines)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

func named[T any](members map[string]json.RawMessage, lines []line) (map[string]T, error) {
	out := map[string]T{}
	for _, l := range lines {
		raw := members[l.key]
		if absent(raw) {
			continue
		}
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("%s: %w", l.key, err)
		}
		out[l.key] = v
	}
	return out, nil
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
