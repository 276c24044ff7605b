-- Question:   how are the contacts spread over customers?
-- Grain:      one row for each part: span, touchpoint and brand.
-- Inputs:     met, as in touchpoint_contacts.sql.
-- Definition: journey.Rate and journey.Mean: sums over customers, a contact that names nobody standing for itself; squares as in touchpoint_contacts.sql. Who gave up was not
--             served within any time (journey.Served); told: the contacts of which that is known.
WITH own AS (
  SELECT part, unit
    {{- range $i, $m := .Means}}, count({{$m}}) AS n{{$i}}, coalesce(sum({{$m}}), 0) AS s{{$i}}{{end}}
    {{- range $i, $f := .Flags}}, count({{$f}}) AS k{{$i}}, count(*) FILTER ({{$f}}) AS h{{$i}}{{end}}
    , count(*) FILTER (wait IS NOT NULL OR abandoned) AS told
    {{- range $i, $w := .Within}}, count(*) FILTER (wait <= {{$w}} AND abandoned IS NOT TRUE) AS w{{$i}}{{end}}
  FROM met WHERE unit IS NOT NULL GROUP BY part, unit
),
nameless AS (
  SELECT part, unit
    {{- range $i, $m := .Means}}, CAST({{$m}} IS NOT NULL AS BIGINT) AS n{{$i}}, CAST(coalesce({{$m}}, 0) AS HUGEINT) AS s{{$i}}{{end}}
    {{- range $i, $f := .Flags}}, CAST({{$f}} IS NOT NULL AS BIGINT) AS k{{$i}}, CAST(coalesce({{$f}}, FALSE) AS BIGINT) AS h{{$i}}{{end}}
    , CAST(wait IS NOT NULL OR coalesce(abandoned, FALSE) AS BIGINT) AS told
    {{- range $i, $w := .Within}}, CAST(coalesce(wait <= {{$w}} AND abandoned IS NOT TRUE, FALSE) AS BIGINT) AS w{{$i}}{{end}}
  FROM met WHERE unit IS NULL
)
SELECT part, count(unit), count(unit) FILTER (h0 > 0)
{{- range $i, $m := .Means}},
  CAST(sum((s{{$i}} >> 48) * (s{{$i}} >> 48)) AS VARCHAR), CAST(sum((s{{$i}} >> 48) * (s{{$i}} & 281474976710655)) AS VARCHAR),
  CAST(sum((s{{$i}} & 281474976710655) * (s{{$i}} & 281474976710655)) AS VARCHAR), CAST(sum(s{{$i}} * n{{$i}}) AS VARCHAR), CAST(sum(n{{$i}} * n{{$i}}) AS BIGINT)
{{- end}}
{{- range $i, $f := .Flags}},
  CAST(sum(h{{$i}} * h{{$i}}) AS BIGINT), CAST(sum(h{{$i}} * k{{$i}}) AS BIGINT), CAST(sum(k{{$i}} * k{{$i}}) AS BIGINT)
{{- end}},
  CAST(sum(told * told) AS BIGINT)
{{- range $i, $w := .Within}},
  CAST(sum(w{{$i}} * w{{$i}}) AS BIGINT), CAST(sum(w{{$i}} * told) AS BIGINT)
{{- end}}
FROM (SELECT * FROM own UNION ALL SELECT * FROM nameless)
GROUP BY part
ORDER BY part
