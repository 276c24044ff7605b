-- Question:   what did the changes of each day make of the customers and their recurring revenue?
-- Grain:      one row for each span, state, and what else tells the lines of the statement apart.
-- Inputs:     event (recurring_event.sql).
-- Definition: package recurring, Cell. A customer has recurring revenue while a row above zero runs: the running sum of rows that began to pay
--             less those that ceased. Reasons are in the order of recurring.Reasons.
WITH day AS (
  SELECT unit, day,
    count(*) FILTER (pays AND NOT paid) - count(*) FILTER (paid AND NOT pays) AS net, count(*) FILTER (pays AND NOT paid) AS up,
    sum(CASE WHEN what = 'plan' AND a > b THEN a - b ELSE 0 END) AS plan_up, sum(CASE WHEN what = 'plan' AND b > a THEN b - a ELSE 0 END) AS plan_down,
    sum(CASE WHEN what = 'price' AND a > b THEN a - b ELSE 0 END) AS price_up, sum(CASE WHEN what = 'price' AND b > a THEN b - a ELSE 0 END) AS price_down,
    sum(CASE WHEN what = 'began' THEN a ELSE 0 END) AS began, sum(CASE WHEN what = 'back' THEN a ELSE 0 END) AS back,
    sum(CASE WHEN what = 'pause' THEN b ELSE 0 END) AS paused,
    {{range $i, $r := .Reasons}}sum(CASE WHEN what = 'end' AND reason = '{{$r}}' THEN b ELSE 0 END) AS ended{{$i}},
    {{end}}sum(CASE WHEN what = 'end' THEN b ELSE 0 END) AS ended,
    count(*) FILTER (what = 'began') > 0 AND count(*) FILTER (what = 'end') > 0 AS swapped,
    count(*) FILTER (what = 'back' AND pays) > 0 AS resumed,
    min(CASE WHEN NOT paid OR pays OR what = 'pause' THEN 9 {{range $i, $r := .Reasons}}WHEN what = 'end' AND reason = '{{$r}}' THEN {{$i}} {{end}}ELSE {{.OtherAt}} END) AS reason
  FROM event GROUP BY unit, day
),
state AS (
  SELECT *, coalesce(sum(net) OVER earlier, 0) AS had, coalesce(sum(up) OVER earlier, 0) AS ever FROM day
  WINDOW earlier AS (PARTITION BY unit ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
judged AS (
  SELECT *, {{.Span}} AS span,
    CASE WHEN had > 0 AND had + net > 0 THEN 'stayed' WHEN had > 0 THEN 'left' WHEN had + net <= 0 THEN 'idle' WHEN ever > 0 THEN 'back' ELSE 'new' END AS state
  FROM state WHERE day >= {{.From}}
)
SELECT span, state, swapped, resumed, reason, count(*),
  CAST(sum(plan_up) AS VARCHAR), CAST(sum(plan_down) AS VARCHAR), CAST(sum(price_up) AS VARCHAR), CAST(sum(price_down) AS VARCHAR),
  CAST(sum(CASE WHEN began > ended THEN began - ended ELSE 0 END) AS VARCHAR), CAST(sum(CASE WHEN ended > began THEN ended - began ELSE 0 END) AS VARCHAR),
  CAST(sum(began) AS VARCHAR), CAST(sum(back) AS VARCHAR), CAST(sum(paused) AS VARCHAR)
  {{range $i, $r := .Reasons}}, CAST(sum(ended{{$i}}) AS VARCHAR){{end}}
FROM judged GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
