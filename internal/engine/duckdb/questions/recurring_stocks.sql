-- Question:   what ran at each cut, by the span in which its subscription first began?
-- Grain:      one row for each such span; a count and a sum for each cut.
-- Inputs:     priced (recurring_held.sql).
-- Definition: what ran on the day before the cut: started before it, and not ended before it.
SELECT {{.First}} AS first{{range .Cuts}},
  count(*) FILTER (amount > 0 AND started_on < {{.Day}} AND ended_on >= {{.Day}}),
  CAST(coalesce(sum(CASE WHEN started_on < {{.Day}} AND ended_on >= {{.Day}} THEN {{.Home}} END), 0) AS VARCHAR){{end}}
FROM priced GROUP BY 1 ORDER BY 1
