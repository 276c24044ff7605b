-- Question:   how often, and for how long, were customers served at each touchpoint?
-- Grain:      one row for each touchpoint, span and kind of caller.
-- Inputs:     contact (unit, who, touchpoint, started_at, seconds): interactions; who is identified, unidentified or excluded.
-- Definition: docs/profit.md; a handling time below zero is none. Seconds are summed in millionths.
SELECT touchpoint, {{.Span}} AS span, who, count(*), count(*) FILTER (seconds >= 0),
  CAST(coalesce(sum(CAST(CAST(seconds AS DECIMAL(38,6)) * 1000000 AS HUGEINT)) FILTER (seconds >= 0), 0) AS VARCHAR)
FROM contact
WHERE started_at >= {{.Start}} AND started_at < {{.End}}
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
