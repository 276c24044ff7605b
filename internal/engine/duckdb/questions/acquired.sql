-- Question:   what have the new customers of some months brought since?
-- Grain:      one row for each month of first purchase and origin.
-- Inputs:     line and first, origin as in tally.sql; months given as ordered boundaries that follow each other.
-- Definition: product.md: new are those active in the period ({{if .AnyLine}}any line{{else}}net revenue above zero{{end}}) whose first purchase, or acquired_on where that is
--             earlier, lies in it. For each month the sum over customers of the gross profit up to its end, and that of its square: a
--             profit in millionths is high · 2⁴⁸ + low, so that squares are summed without running over.
WITH spent AS (
  SELECT unit
  {{- range $i, $e := .Ends}}, coalesce(sum(profit) FILTER (ordered_at < {{$e}}), 0) AS g{{$i}}{{end}}
  FROM line
  WHERE ordered_at >= {{.Start}} AND ordered_at < {{.End}}
  GROUP BY unit
  {{- if not .AnyLine}}
  HAVING sum(amount) > 0
  {{- end}}
),
began AS (
  SELECT unit, min(day) AS day FROM first WHERE unit IN (SELECT unit FROM spent) GROUP BY unit
),
arrived AS (
  SELECT s.*, least(o.acquired_on, b.day) AS day, coalesce(o.via, '') AS via
  FROM spent s
  LEFT JOIN began b ON b.unit = s.unit
  LEFT JOIN origin o ON o.unit = s.unit
),
parted AS (
  SELECT {{.First}} AS cohort, via
  {{- range $i, $e := .Ends}}, g{{$i}}, CAST(g{{$i}} * 1000000 AS HUGEINT) // 281474976710656 AS h{{$i}}, CAST(g{{$i}} * 1000000 AS HUGEINT) % 281474976710656 AS l{{$i}}{{end}}
  FROM arrived
  WHERE day >= {{.Start}} AND day < {{.End}}
)
SELECT cohort, via, count(*)
{{- range $i, $e := .Ends}},
  CAST(sum(g{{$i}}) AS VARCHAR), CAST(sum(h{{$i}} * h{{$i}}) AS VARCHAR), CAST(sum(h{{$i}} * l{{$i}}) AS VARCHAR), CAST(sum(l{{$i}} * l{{$i}}) AS VARCHAR)
{{- end}}
FROM parted
GROUP BY 1, 2
ORDER BY 1, 2
