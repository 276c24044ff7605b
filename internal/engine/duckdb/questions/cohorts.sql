-- Question:   how do the customers who first bought together behave as they age?
-- Grain:      one row for each span of first purchase and span of activity; −1 is before the first span.
-- Inputs:     line, first and origin as in audited.sql; spans given as ordered boundaries.
-- Definition: product.md, cohorts: customers active in the span ({{if .AnyLine}}any line{{else}}net revenue above zero{{end}}) and the orders, revenue and gross
--             profit of all who bought first in the cohort, net of returns; lines whose profit nobody knows are counted. Who buys first after a span has ended is in no cohort of it, so that a span's
--             column never depends on later months.
WITH placed_line AS (
  SELECT {{.Span}} AS span, unit, amount, profit, purchase, bought FROM line WHERE ordered_at >= {{.Start}} AND ordered_at < {{.End}} AND ({{.Within}})
),
spent AS (
  SELECT l.span, list_extract({{.Ends}}, CAST(l.span + 1 AS BIGINT)) AS until, l.unit, sum(l.amount) AS r, coalesce(sum(l.profit), 0) AS g, count(*) FILTER (l.profit IS NULL) AS u,
    CAST(coalesce(sum(l.bought), 0) AS BIGINT) AS b
  FROM placed_line l GROUP BY l.span, l.unit
),
ordered AS (
  SELECT span, unit, count(*) AS n FROM (SELECT DISTINCT span, unit, purchase FROM placed_line WHERE purchase IS NOT NULL) GROUP BY span, unit
),
{{- if not .OneFirst}}
seen AS (
  SELECT DISTINCT unit FROM spent
),
{{- end}}
began AS (
{{- if .OneFirst}}
  SELECT unit, day FROM first -- one row a unit, and nothing else is known
{{- else}}
  SELECT unit, min(day) AS day FROM (
    SELECT unit, day FROM first WHERE unit IN (SELECT unit FROM seen)
    UNION ALL
    SELECT unit, acquired_on FROM origin WHERE acquired_on IS NOT NULL AND unit IN (SELECT unit FROM seen))
  GROUP BY unit
{{- end}}
),
placed AS (
  SELECT unit, day, {{.First}} AS cohort FROM began WHERE day IS NOT NULL
)
SELECT p.cohort, s.span, {{if .AnyLine}}count(*){{else}}count(*) FILTER (s.r > 0){{end}}, CAST(sum(coalesce(o.n, 0) + s.b) AS BIGINT), CAST(sum(s.r) AS VARCHAR), CAST(sum(s.g) AS VARCHAR), CAST(sum(s.u) AS BIGINT)
FROM spent s
LEFT JOIN ordered o ON o.span = s.span AND o.unit = s.unit
JOIN placed p ON p.unit = s.unit AND p.day < s.until
GROUP BY 1, 2
ORDER BY 1, 2
