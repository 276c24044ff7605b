-- Question:   what did each end of a tie do in three windows after each other?
-- Grain:      one row for each customer (unit) who was brought or brought somebody, and had a line or a voice in the windows.
-- Inputs:     named (unit, sender, kind, bought); line, first, origin as in tally.sql; voice (customer_key, moment, complaint): answers and
--             interactions that tell whether they are a complaint; unit (customer_key, unit, excluded).
-- Definition: docs/referrals.md, loss along ties. a: active, in each window; s: the stratum by the first and by the second window, as
--             ((cohort · 3 + revenue) · 3 + purchases) · 2 + late; h and c: heard, and complained, in the second and third.
WITH tied AS (
  SELECT unit FROM named WHERE kind = 1 AND bought UNION SELECT sender FROM named WHERE kind = 1 AND bought
),
spent AS (
  SELECT unit
{{- range $i, $w := .Spans}},
    sum(CASE WHEN ordered_at >= {{$w.Start}} AND ordered_at < {{$w.End}} THEN amount ELSE 0 END) AS r{{$i}},
    count(*) FILTER (ordered_at >= {{$w.Start}} AND ordered_at < {{$w.End}}) AS l{{$i}},
    count(*) FILTER (ordered_at >= {{$w.Start}} AND ordered_at < {{$w.End}} AND amount > 0) AS n{{$i}},
    count(*) FILTER (ordered_at >= {{$w.Middle}} AND ordered_at < {{$w.End}} AND amount > 0) AS late{{$i}}
{{- end}}
  FROM line WHERE ordered_at >= {{(index .Spans 0).Start}} AND ordered_at < {{(index .Spans 2).End}} AND unit IN (SELECT unit FROM tied) GROUP BY unit
),
acted AS (
  SELECT *{{range $i, $w := .Spans}}, r{{$i}} > 0{{if $.AnyLine}} OR l{{$i}} > 0{{end}} AS a{{$i}}{{end}} FROM spent
),
began AS (
  SELECT unit, min(day) AS day FROM (
    SELECT unit, day FROM first WHERE unit IN (SELECT unit FROM spent)
    UNION ALL
    SELECT unit, acquired_on FROM origin WHERE acquired_on IS NOT NULL AND unit IN (SELECT unit FROM spent))
  GROUP BY unit
),
cut0 AS (
  SELECT min(r) FILTER (k = (n + 2) // 3) AS low, min(r) FILTER (k = (2 * n + 2) // 3) AS high
  FROM (SELECT r0 AS r, row_number() OVER (ORDER BY r0) AS k, count(*) OVER () AS n FROM acted WHERE a0)
),
cut1 AS (
  SELECT min(r) FILTER (k = (n + 2) // 3) AS low, min(r) FILTER (k = (2 * n + 2) // 3) AS high
  FROM (SELECT r1 AS r, row_number() OVER (ORDER BY r1) AS k, count(*) OVER () AS n FROM acted WHERE a1)
),
heard AS (
  SELECT coalesce(u.unit, CAST(v.customer_key AS BIGINT)) AS unit
{{- range $i, $w := .Spans}}{{if $i}},
    count(*) FILTER (moment >= {{$w.Start}} AND moment < {{$w.End}}) > 0 AS h{{$i}},
    count(*) FILTER (moment >= {{$w.Start}} AND moment < {{$w.End}} AND complaint) > 0 AS c{{$i}}
{{- end}}{{end}}
  FROM voice v LEFT JOIN unit u ON u.customer_key = v.customer_key
  WHERE moment >= {{(index .Spans 1).Start}} AND moment < {{(index .Spans 2).End}} GROUP BY 1
)
SELECT a.unit, a0, a1, a2
{{- range $i, $w := .Spans}}{{if lt $i 2}},
  CAST((((CASE WHEN b.day >= {{$w.Start}} THEN 0 WHEN b.day >= {{$w.Before}} THEN 1 ELSE 2 END) * 3
    + CASE WHEN a.r{{$i}} > cut{{$i}}.low THEN 1 ELSE 0 END + CASE WHEN a.r{{$i}} > cut{{$i}}.high THEN 1 ELSE 0 END) * 3
    + CASE WHEN n{{$i}} > 4 THEN 2 WHEN n{{$i}} > 1 THEN 1 ELSE 0 END) * 2 + CASE WHEN late{{$i}} > 0 THEN 1 ELSE 0 END AS INTEGER) AS s{{$i}}
{{- end}}{{end}},
  coalesce(h1, FALSE) AS h1, coalesce(c1, FALSE) AS c1, coalesce(h2, FALSE) AS h2, coalesce(c2, FALSE) AS c2
FROM acted a CROSS JOIN cut0 CROSS JOIN cut1 LEFT JOIN began b ON b.unit = a.unit LEFT JOIN heard h ON h.unit = a.unit
