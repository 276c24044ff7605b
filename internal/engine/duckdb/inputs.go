package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// inputs keeps the queries that the question reads, for who wants to ask it
// again: as the engine understood them, with the parts by their places in the
// data folder.
func (s *standings) inputs(ctx context.Context) error {
	found := map[string]string{}
	err := s.l.e.each(ctx, "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal", func(r *sql.Rows) error {
		var name, text string
		err := r.Scan(&name, &text)
		_, found[name], _ = strings.Cut(text, " AS ")
		return err
	})
	if err != nil {
		return err
	}
	if s.l.units {
		found["unit"] = s.l.unitQuery()
	}
	if s.l.from.Grain == "entity" {
		found["held_unit"] = s.l.heldQuery()
	}
	if len(s.l.from.Links) > 0 {
		found["link"] = "SELECT old_key, new_key /* led on to the id that stands at last */ FROM " + s.l.e.table(s.l.from.Links) + " WHERE old_key <> new_key"
		if s.l.has["customer_links"]["since"] {
			found["link"] += " AND (since IS NULL OR since < " + date(s.l.from.AsOf) + ")"
		}
	}
	for _, name := range []string{"line", "raw_line", "first", "origin", "held_unit", "unit", "customer", "link", "rate"} {
		if text := found[name]; text != "" {
			s.stood.Inputs = append(s.stood.Inputs, engine.Input{Name: name, SQL: s.readable(text)})
		}
	}
	return nil
}

var (
	partLists  = regexp.MustCompile(`(?:main\.)?list_value\(([^()]*)\)|\[('[^\[\]]*')\]`)
	newLines   = regexp.MustCompile(` (FROM|LEFT JOIN|WHERE|GROUP BY|UNION ALL) `)
	castLetter = regexp.MustCompile(`\(union_by_name = CAST\('t' AS BOOLEAN\)\)`)
	whiteSpace = regexp.MustCompile(`\s+`)
)

// maxNamed is how many parts of a list are named.
const maxNamed = 3

// readable shortens lists of parts, takes the data folder out of them, and
// breaks a query into lines.
func (s *standings) readable(text string) string {
	text = strings.ReplaceAll(text, strings.ReplaceAll(s.l.e.dir, "'", "''")+string(filepath.Separator), "")
	text = strings.TrimSuffix(whiteSpace.ReplaceAllString(text, " "), ";")
	text = partLists.ReplaceAllStringFunc(text, func(list string) string {
		found := partLists.FindStringSubmatch(list)
		parts := strings.Split(found[1]+found[2], ", ")
		if !strings.Contains(list, ".parquet") {
			return list
		}
		if n := len(parts); n > maxNamed+1 {
			parts = append(parts[:maxNamed:maxNamed], fmt.Sprintf("/* … %d more parts … */ %s", n-maxNamed-1, parts[n-1]))
		}
		return "[" + join(parts) + "]"
	})
	text = castLetter.ReplaceAllString(text, "union_by_name = true")
	return newLines.ReplaceAllString(strings.ReplaceAll(text, "main.", ""), "\n$1 ")
}
