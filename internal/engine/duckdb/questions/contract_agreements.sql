-- Question:   which contracts ran on the day before the opening, the cut or the end, and what did they come to?
-- Grain:      one row for contracts that have all of it in common, with the sums of what they come to a month.
-- Inputs:     contract (contract_amounts.sql), contract_origin.
-- Definition: equity.Agreement. held: 0 did not run at the cut; n ended in the n-th part of the held-out time; {{.All}} runs.
SELECT c.months, CAST(c.began AS VARCHAR) AS began, {{.Segment}} AS segment, {{.Entity}} AS entity, coalesce(nullif(o.via, 'unknown'), '') AS via,
  {{.Opened}} IS NOT NULL AS opened, {{.Is}} IS NOT NULL AS runs,
  CASE WHEN {{.Cut}} IS NULL THEN 0 {{range $i, $p := .Parts}}WHEN c.ended < {{$p}} THEN {{$i}} + 1 {{end}}ELSE {{.All}} END AS held,
  CAST(coalesce(sum({{.Opened}}), 0) AS DOUBLE) AS was, CAST(coalesce(sum({{.Cut}}), 0) AS DOUBLE) AS cut, CAST(coalesce(sum({{.Is}}), 0) AS DOUBLE) AS is_now, count(*) AS together
FROM contract c LEFT JOIN contract_origin o ON o.unit = c.unit
WHERE {{.Opened}} IS NOT NULL OR {{.Cut}} IS NOT NULL OR {{.Is}} IS NOT NULL
GROUP BY ALL ORDER BY ALL
