-- Question:   what was the service like at each name of a touchpoint on each day?
-- Grain:      one row for each folded name and local day.
-- Inputs:     the book interactions. Numbers below nothing are not known.
-- Definition: engine.TouchpointDay. Names are folded when there are few left of them.
WITH contact AS (
  SELECT coalesce(touchpoint, '') AS name, CAST(started_at AS DATE) AS day, CASE WHEN wait_seconds >= 0 THEN wait_seconds END AS wait,
    CASE WHEN handle_seconds >= 0 THEN handle_seconds END AS handled, CASE WHEN transfers >= 0 THEN transfers END AS transfers, abandoned, contained, resolved, reopened
  FROM ({{.Rows}})
),
written AS (
  SELECT name, day, count(*) AS contacts
    {{- range .Means}}, count({{.}}) AS {{.}}_n, coalesce(sum({{.}}), 0) AS {{.}}_sum{{end}}
    {{- range .Flags}}, count({{.}}) AS {{.}}_known, count(*) FILTER ({{.}}) AS {{.}}_had{{end}}
    , count(*) FILTER (wait IS NOT NULL OR abandoned) AS within_of
    {{- range $i, $w := .Waits}}, count(*) FILTER (wait <= {{$w}} AND abandoned IS NOT TRUE) AS within{{$i}}{{end}}
  FROM contact GROUP BY name, day
)
SELECT {{.Folded}} AS name, day, CAST(sum(contacts) AS BIGINT) AS contacts
  {{- range .Means}}, CAST(sum({{.}}_n) AS BIGINT) AS {{.}}_n, CAST(sum({{.}}_sum) AS DECIMAL(38,6)) AS {{.}}_sum{{end}}
  {{- range .Flags}}, CAST(sum({{.}}_known) AS BIGINT) AS {{.}}_known, CAST(sum({{.}}_had) AS BIGINT) AS {{.}}_had{{end}}
  , CAST(sum(within_of) AS BIGINT) AS within_of
  {{- range $i, $w := .Waits}}, CAST(sum(within{{$i}}) AS BIGINT) AS within{{$i}}{{end}}
FROM written GROUP BY 1, 2 ORDER BY 1, 2
