-- Question:   who of those who stayed and answered is unsatisfied, by what the books know of them?
-- Grain:      one row for each dimension and level that is shown, and one for the rest of a dimension.
-- Inputs:     stayed, graded; origin (unit, via, segment, entity){{if .Billed}}; running (unit, plan, billed): subscriptions that run on the period's last day{{end}}.
-- Definition: loyalty.Level. A level without a name is not known, or there is none; the others are shown while they have {{.Least}} customers and are among the {{.Most}} with the most.
WITH loyal AS (
  SELECT g.unit, g.grade = 1 AS captive, g.touchpoint FROM graded g JOIN stayed s ON s.unit = g.unit WHERE s.behaviour = 0 AND g.question = {{.Question}}
),
member (dimension, name, unit, captive) AS (
{{- range $i, $d := .Dimensions}}
  {{if $i}}UNION ALL {{end}}SELECT '{{$d.Name}}', coalesce({{$d.Column}}, ''), l.unit, l.captive FROM loyal l LEFT JOIN origin o ON o.unit = l.unit
{{- end}}
{{- range $i, $d := .Billed}}
  {{if or $i $.Dimensions}}UNION ALL {{end}}SELECT DISTINCT '{{$d.Name}}', coalesce({{$d.Column}}, ''), l.unit, l.captive FROM loyal l LEFT JOIN running r ON r.unit = l.unit
{{- end}}
),
counted AS (
  SELECT dimension, name, count(*) AS n, count(*) FILTER (captive) AS captive FROM member GROUP BY dimension, name
),
placed AS (
  SELECT *, name <> '' AND (n < {{.Least}} OR row_number() OVER (PARTITION BY dimension ORDER BY name = '', n DESC, name) > {{.Most}}) AS rest FROM counted
)
SELECT dimension, CASE WHEN rest THEN '' ELSE name END AS level, rest, CAST(sum(n) AS BIGINT), CAST(sum(captive) AS BIGINT) FROM placed GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
