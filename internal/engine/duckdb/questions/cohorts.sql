-- Question:   how do the customers who first bought together behave as they age?
-- Grain:      one row for each span of first purchase and span of activity; −1 is before the first span.
-- Inputs:     line and first, origin as in tally.sql; spans given as ordered boundaries.
-- Definition: product.md, cohorts: customers active in the span ({{if .AnyLine}}any line{{else}}net revenue above zero{{end}}) and the revenue of all who bought
--             first in the cohort, net of returns.
WITH spent AS (
  SELECT unit, {{.Span}} AS span, sum(amount) AS r{{if .AnyLine}}, TRUE AS active{{end}}
  FROM line
  WHERE ordered_at >= {{.From}} AND ordered_at < {{.Until}}
  GROUP BY 1, 2
),
dated AS (
  SELECT s.span, s.r, {{if .AnyLine}}s.active{{else}}s.r > 0{{end}} AS active, CAST(least(o.acquired_on, f.day) AS DATE) AS day
  FROM spent s
  LEFT JOIN first f ON f.unit = s.unit
  LEFT JOIN origin o ON o.unit = s.unit
)
SELECT {{.First}} AS cohort, span, count(*) FILTER (active), CAST(sum(r) AS VARCHAR)
FROM dated
WHERE day IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
