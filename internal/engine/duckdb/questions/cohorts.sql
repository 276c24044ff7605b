-- Question:   how do the customers who first bought together behave as they age: all of them, and those of each group?
-- Grain:      one row for each span of first purchase and span of activity, −1 is before the first span; beside those of all, whose dimension is empty, one for each
--             group that is asked for, by its place among the names, −1 for all others.
-- Inputs:     line, first and origin as in audited.sql; spans given as ordered boundaries.
-- Definition: product.md, cohorts: customers active in the span ({{if .AnyLine}}any line{{else}}net revenue above zero{{end}}) and the orders, revenue and gross
--             profit of all who bought first in the cohort, net of returns; lines whose profit nobody knows are counted. Who buys first after a span has ended is in no cohort of it, so that a span's
--             column never depends on later months. A group is base.Group{{if .ByLine}}: by entities of lines a customer is in each that they bought from, and active there by what they bought there{{end}}.
WITH placed_line AS (
  SELECT {{.Span}} AS span, unit, amount, profit, purchase, bought{{if .ByLine}}, coalesce(entity, '') AS entity{{end}} FROM line
  WHERE ordered_at >= {{.Start}} AND ordered_at < {{.End}} AND ({{.Within}})
),
ordered AS ( -- lines are read here alone
  SELECT span, unit, purchase{{if .ByLine}}, entity{{end}}, sum(amount) AS r, coalesce(sum(profit), 0) AS g, count(*) FILTER (profit IS NULL) AS u, CAST(coalesce(sum(bought), 0) AS BIGINT) AS b
  FROM placed_line GROUP BY ALL
),
spent AS (
  SELECT span, list_extract({{.Ends}}, CAST(span + 1 AS BIGINT)) AS until, unit, sum(r) AS r, sum(g) AS g, CAST(sum(u) AS BIGINT) AS u,
    {{- if .ByLine}}
    count(DISTINCT purchase) + sum(b) AS n, entity, GROUPING(entity) = 1 AS whole
  FROM ordered GROUP BY GROUPING SETS ((span, unit), (span, unit, entity))
    {{- else}}
    count(purchase) + sum(b) AS n
  FROM ordered GROUP BY span, unit
    {{- end}}
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
  SELECT b.unit, b.day, {{.First}} AS cohort{{range .Dimensions}}, {{.Place}} AS {{.Name}}_place{{end}}
  FROM began b{{if .Dimensions}} LEFT JOIN origin o ON o.unit = b.unit{{end}} WHERE b.day IS NOT NULL
),
lived AS (
  SELECT p.cohort, s.span, s.r, s.g, s.u, s.n{{range .Dimensions}}, p.{{.Name}}_place{{end}}{{if .ByLine}}, s.whole, {{.ByLine}} AS line_place{{end}}
  FROM spent s JOIN placed p ON p.unit = s.unit AND p.day < s.until
)
SELECT cohort, span,
  CASE{{range .Dimensions}} WHEN GROUPING({{.Name}}_place) = 0 THEN '{{.Name}}'{{end}}{{if .ByLine}} WHEN GROUPING(line_place) = 0 THEN 'entity'{{end}} WHEN TRUE THEN '' END AS dimension,
  CASE{{range .Dimensions}} WHEN GROUPING({{.Name}}_place) = 0 THEN {{.Name}}_place{{end}}{{if .ByLine}} WHEN GROUPING(line_place) = 0 THEN line_place{{end}} WHEN TRUE THEN 0 END AS place,
  {{if .AnyLine}}count(*){{else}}count(*) FILTER (r > 0){{end}}, CAST(sum(n) AS BIGINT), CAST(sum(r) AS VARCHAR), CAST(sum(g) AS VARCHAR), CAST(sum(u) AS BIGINT)
FROM lived
GROUP BY GROUPING SETS ((cohort, span{{if .ByLine}}, whole{{end}})
  {{- range .Dimensions}}, (cohort, span, {{.Name}}_place{{if $.ByLine}}, whole{{end}}){{end}}{{if .ByLine}}, (cohort, span, line_place, whole){{end}})
{{- if .ByLine}}
HAVING whole = (GROUPING(line_place) = 1)
{{- end}}
ORDER BY 3, 4, 1, 2
