package relational

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/program"
)

// Compact rewrites the database's files, so that nothing deleted is left in
// them.
func (s *Store) Compact(ctx context.Context) error {
	return s.plain(ctx, "compact", Fault(s.d.Compact(ctx, s.db)))
}

// Mentions lists every row with a text that holds the words, whatever their
// case. It reads everything.
func (s *Store) Mentions(ctx context.Context, words string) ([]program.Mention, error) {
	words = strings.ToLower(words)
	if strings.TrimSpace(words) == "" {
		return nil, nil
	}
	quoted, err := json.Marshal(words) // as texts inside JSON have them
	if err != nil {
		return nil, err
	}
	inside := strings.ToLower(strings.Trim(string(quoted), `"`))
	var out []program.Mention
	err = s.look(ctx, "search", func(c conn) error {
		for _, t := range tables {
			names, key, err := c.columns(ctx, t)
			if err != nil {
				return err
			}
			if len(names) == 0 {
				continue
			}
			err = c.rows(ctx, t, names, key, func(values []any) error {
				for i, v := range values {
					text, ok := texted(v)
					if folded := strings.ToLower(text); ok && (strings.Contains(folded, words) || strings.Contains(folded, inside)) {
						out = append(out, program.Mention{Table: t.name, Column: names[i], Row: rowKey(names, key, values), Text: text})
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func texted(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

func rowKey(names, key []string, values []any) string {
	var parts []string
	for _, k := range key {
		switch v := values[slices.Index(names, k)].(type) {
		case []byte:
			parts = append(parts, fmt.Sprintf("%x", v))
		default:
			parts = append(parts, fmt.Sprint(v))
		}
	}
	return strings.Join(parts, " ")
}
