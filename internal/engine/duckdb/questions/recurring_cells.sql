-- Question:   what did the changes of each day make of the customers and their recurring revenue?
-- Grain:      one row for each span, state, and what else tells the lines of the statement apart.
-- Inputs:     changed_day (recurring_days.sql), event (recurring_event.sql).
-- Definition: package recurring, Cell. Reasons are in the order of recurring.Reasons.
WITH days AS (
  SELECT span, state, swapped, resumed, reason, count(*) AS n, sum(CASE WHEN balance > 0 THEN balance ELSE 0 END) AS up, sum(CASE WHEN balance < 0 THEN -balance ELSE 0 END) AS down
  FROM changed_day GROUP BY ALL
),
sums AS (
  SELECT d.span, d.state, d.swapped, d.resumed, d.reason,
    sum(CASE WHEN e.what = 'plan' AND a > b THEN a - b ELSE 0 END) AS plan_up, sum(CASE WHEN e.what = 'plan' AND b > a THEN b - a ELSE 0 END) AS plan_down,
    sum(CASE WHEN e.what = 'price' AND a > b THEN a - b ELSE 0 END) AS price_up, sum(CASE WHEN e.what = 'price' AND b > a THEN b - a ELSE 0 END) AS price_down,
    sum(CASE WHEN e.what = 'began' THEN a ELSE 0 END) AS began, sum(CASE WHEN e.what = 'back' THEN a ELSE 0 END) AS back,
    sum(CASE WHEN e.what = 'pause' THEN b ELSE 0 END) AS paused{{range $i, $r := .Reasons}},
    sum(CASE WHEN e.what = 'end' AND e.reason = '{{$r}}' THEN b ELSE 0 END) AS ended{{$i}}{{end}}
  FROM event e JOIN changed_day d ON d.unit = e.unit AND d.day = e.day GROUP BY ALL
)
SELECT span, state, swapped, resumed, reason, n,
  CAST(plan_up AS VARCHAR), CAST(plan_down AS VARCHAR), CAST(price_up AS VARCHAR), CAST(price_down AS VARCHAR), CAST(up AS VARCHAR), CAST(down AS VARCHAR),
  CAST(began AS VARCHAR), CAST(back AS VARCHAR), CAST(paused AS VARCHAR){{range $i, $r := .Reasons}}, CAST(ended{{$i}} AS VARCHAR){{end}}
FROM days JOIN sums USING (span, state, swapped, resumed, reason) ORDER BY 1, 2, 3, 4, 5
