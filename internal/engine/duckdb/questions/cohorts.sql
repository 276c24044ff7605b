-- Question:   how do the customers who first bought together behave as they age?
-- Grain:      one row for each span of first purchase and span of activity; −1 is before the first span.
-- Inputs:     line and first, origin as in tally.sql; spans given as ordered boundaries.
-- Definition: product.md, cohorts: customers active in the span ({{if .AnyLine}}any line{{else}}net revenue above zero{{end}}) and the revenue of all who bought
--             first in the cohort, net of returns. Each span is summed by itself: its customers are few beside those of all.
WITH spent AS (
{{- range $i, $s := .Spans}}
  {{if $i}}UNION ALL {{end}}SELECT {{$i}} AS span, unit, sum(amount) AS r FROM line WHERE ordered_at >= {{$s.Start}} AND ordered_at < {{$s.End}} GROUP BY unit
{{- end}}
),
placed AS (
  SELECT f.unit, {{.First}} AS cohort
  FROM (SELECT coalesce(f.unit, o.unit) AS unit, least(o.acquired_on, f.day) AS day FROM first f FULL JOIN origin o ON o.unit = f.unit) f
  WHERE day IS NOT NULL
)
SELECT p.cohort, s.span, {{if .AnyLine}}count(*){{else}}count(*) FILTER (s.r > 0){{end}}, CAST(sum(s.r) AS VARCHAR)
FROM spent s
JOIN placed p ON p.unit = s.unit
GROUP BY 1, 2
ORDER BY 1, 2
