-- Question:   what did each customer do in two periods, and where among all do they stand?
-- Grain:      one row for each customer (unit) with a line in either.
-- Inputs:     line (unit, ordered_at, amount, purchase, bought, profit), first and origin as in tally.sql.
-- Definition: state and activity as in placed.sql. Orders (n) are the different purchases, or what a summary says was bought. Gross profit (g) is the
--             sum over lines of which it is known, and u counts the others. Deciles rank the active by spend (s), orders (o)
--             and profit (p), the highest first; equal ones by their other sums in both windows, so that no order of rows decides.
CREATE OR REPLACE TEMP TABLE audited AS
WITH
ordered AS (
  -- One row an order, so that lines are read once and orders are counted without keeping them apart.
  SELECT unit, ordered_at < {{.QEnd}} AS earlier, purchase, sum(amount) AS r, sum(profit) AS g, count(*) FILTER (profit IS NULL) AS u, sum(bought) AS b
  FROM line
  WHERE (ordered_at >= {{.QStart}} AND ordered_at < {{.QEnd}}) OR (ordered_at >= {{.PStart}} AND ordered_at < {{.PEnd}})
  GROUP BY ALL
),
spent AS (
  SELECT unit, coalesce(sum(r) FILTER (earlier), 0) AS r0, coalesce(sum(r) FILTER (NOT earlier), 0) AS r1
    {{- if .AnyLine}}, count(*) FILTER (earlier) > 0 AS a0, count(*) FILTER (NOT earlier) > 0 AS a1{{end}},
    coalesce(sum(g) FILTER (earlier), 0) AS g0, coalesce(sum(g) FILTER (NOT earlier), 0) AS g1,
    CAST(coalesce(sum(u) FILTER (earlier), 0) AS BIGINT) AS u0, CAST(coalesce(sum(u) FILTER (NOT earlier), 0) AS BIGINT) AS u1,
    count(purchase) FILTER (earlier) + CAST(coalesce(sum(b) FILTER (earlier), 0) AS BIGINT) AS n0,
    count(purchase) FILTER (NOT earlier) + CAST(coalesce(sum(b) FILTER (NOT earlier), 0) AS BIGINT) AS n1
  FROM ordered
  GROUP BY unit
),
{{template "placed.sql" .}},
summed AS (
  SELECT p.unit, p.state, p.state IN ('new', 'newbefore') AS fresh, p.a0, p.state IN ('retained', 'returning', 'new', 'newbefore') AS a1, p.r0, p.r1,
    s.n0, s.n1, s.g0, s.g1, s.u0, s.u1
  FROM placed p JOIN spent s ON s.unit = p.unit
)
SELECT *,
  CASE WHEN a0 THEN ntile(10) OVER (PARTITION BY a0 ORDER BY r0 DESC, n0 DESC, g0 DESC, r1 DESC, n1 DESC, g1 DESC, u0, u1, a1 DESC) END AS s0,
  CASE WHEN a1 THEN ntile(10) OVER (PARTITION BY a1 ORDER BY r1 DESC, n1 DESC, g1 DESC, r0 DESC, n0 DESC, g0 DESC, u1, u0, a0 DESC) END AS s1,
  CASE WHEN a0 THEN ntile(10) OVER (PARTITION BY a0 ORDER BY n0 DESC, r0 DESC, g0 DESC, n1 DESC, r1 DESC, g1 DESC, u0, u1, a1 DESC) END AS o0,
  CASE WHEN a1 THEN ntile(10) OVER (PARTITION BY a1 ORDER BY n1 DESC, r1 DESC, g1 DESC, n0 DESC, r0 DESC, g0 DESC, u1, u0, a0 DESC) END AS o1,
  CASE WHEN a0 THEN ntile(10) OVER (PARTITION BY a0 ORDER BY g0 DESC, r0 DESC, n0 DESC, g1 DESC, r1 DESC, n1 DESC, u0, u1, a1 DESC) END AS p0,
  CASE WHEN a1 THEN ntile(10) OVER (PARTITION BY a1 ORDER BY g1 DESC, r1 DESC, n1 DESC, g0 DESC, r0 DESC, n0 DESC, u1, u0, a0 DESC) END AS p1
FROM summed
