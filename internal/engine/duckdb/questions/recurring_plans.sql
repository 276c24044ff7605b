-- Question:   what did the rows of each plan do?
-- Grain:      one row for each plan (0: none given; the number after the last: all others) and span between the windows' cuts.
-- Inputs:     event (recurring_event.sql).
-- Definition: package recurring, Plan. A change of plan leaves one and comes to another.
WITH moved AS (
  SELECT {{.Span}} AS span, plan_no AS plan, what, CASE WHEN what = 'plan' THEN 0 ELSE b END AS b, a, pays AND NOT paid AS up, paid AND NOT pays AS down FROM event WHERE day >= {{.From}}
  UNION ALL
  SELECT {{.Span}}, before_no, 'went', b, 0, FALSE, FALSE FROM event WHERE day >= {{.From}} AND what = 'plan'
)
SELECT plan, span,
  CAST(sum(CASE WHEN what = 'began' THEN a ELSE 0 END) AS VARCHAR), CAST(sum(CASE WHEN what = 'back' THEN a ELSE 0 END) AS VARCHAR),
  CAST(sum(CASE WHEN what = 'plan' THEN a ELSE 0 END) AS VARCHAR), CAST(sum(CASE WHEN what = 'went' THEN b ELSE 0 END) AS VARCHAR),
  CAST(sum(CASE WHEN what = 'price' THEN a - b ELSE 0 END) AS VARCHAR), CAST(sum(CASE WHEN what = 'pause' THEN b ELSE 0 END) AS VARCHAR),
  CAST(sum(CASE WHEN what = 'end' THEN b ELSE 0 END) AS VARCHAR), count(*) FILTER (what = 'began' AND up), count(*) FILTER (what = 'end' AND down)
FROM moved GROUP BY 1, 2 ORDER BY 1, 2
