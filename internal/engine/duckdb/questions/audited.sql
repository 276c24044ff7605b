-- Question:   what did each customer do in two periods, and where among all do they stand?
-- Grain:      one row for each customer (unit) with a line in either.
-- Inputs:     line (unit, ordered_at, amount, purchase, bought, profit), first and origin as in tally.sql.
-- Definition: state and activity as in placed.sql. Orders (n) are the different purchases, or what a summary says was bought. Gross profit (g) is the
--             sum over lines of which it is known, and u counts the others. Deciles rank the active by spend (s), orders (o)
--             and profit (p), the highest first; equal ones by their other sums in both windows, so that no order of rows decides.
CREATE OR REPLACE TEMP TABLE audited AS
WITH
{{template "placed.sql" .}},
worth AS (
  SELECT unit,
    coalesce(sum(profit) FILTER (ordered_at < {{.QEnd}}), 0) AS g0, coalesce(sum(profit) FILTER (ordered_at >= {{.PStart}}), 0) AS g1,
    count(*) FILTER (ordered_at < {{.QEnd}} AND profit IS NULL) AS u0, count(*) FILTER (ordered_at >= {{.PStart}} AND profit IS NULL) AS u1,
    CAST(coalesce(sum(bought) FILTER (ordered_at < {{.QEnd}}), 0) AS BIGINT) AS b0, CAST(coalesce(sum(bought) FILTER (ordered_at >= {{.PStart}}), 0) AS BIGINT) AS b1
  FROM line
  WHERE (ordered_at >= {{.QStart}} AND ordered_at < {{.QEnd}}) OR (ordered_at >= {{.PStart}} AND ordered_at < {{.PEnd}})
  GROUP BY unit
),
purchases AS (
  SELECT unit, count(*) FILTER (earlier) AS n0, count(*) FILTER (NOT earlier) AS n1
  FROM (
    SELECT DISTINCT unit, ordered_at < {{.QEnd}} AS earlier, purchase FROM line
    WHERE purchase IS NOT NULL AND ((ordered_at >= {{.QStart}} AND ordered_at < {{.QEnd}}) OR (ordered_at >= {{.PStart}} AND ordered_at < {{.PEnd}})))
  GROUP BY unit
),
summed AS (
  SELECT p.unit, p.state, p.state IN ('new', 'newbefore') AS fresh, p.a0, p.state IN ('retained', 'returning', 'new', 'newbefore') AS a1, p.r0, p.r1,
    coalesce(n.n0, 0) + w.b0 AS n0, coalesce(n.n1, 0) + w.b1 AS n1, w.g0, w.g1, w.u0, w.u1
  FROM placed p JOIN worth w ON w.unit = p.unit LEFT JOIN purchases n ON n.unit = p.unit
)
SELECT *,
  CASE WHEN a0 THEN ntile(10) OVER (PARTITION BY a0 ORDER BY r0 DESC, n0 DESC, g0 DESC, r1 DESC, n1 DESC, g1 DESC, u0, u1, a1 DESC) END AS s0,
  CASE WHEN a1 THEN ntile(10) OVER (PARTITION BY a1 ORDER BY r1 DESC, n1 DESC, g1 DESC, r0 DESC, n0 DESC, g0 DESC, u1, u0, a0 DESC) END AS s1,
  CASE WHEN a0 THEN ntile(10) OVER (PARTITION BY a0 ORDER BY n0 DESC, r0 DESC, g0 DESC, n1 DESC, r1 DESC, g1 DESC, u0, u1, a1 DESC) END AS o0,
  CASE WHEN a1 THEN ntile(10) OVER (PARTITION BY a1 ORDER BY n1 DESC, r1 DESC, g1 DESC, n0 DESC, r0 DESC, g0 DESC, u1, u0, a0 DESC) END AS o1,
  CASE WHEN a0 THEN ntile(10) OVER (PARTITION BY a0 ORDER BY g0 DESC, r0 DESC, n0 DESC, g1 DESC, r1 DESC, n1 DESC, u0, u1, a1 DESC) END AS p0,
  CASE WHEN a1 THEN ntile(10) OVER (PARTITION BY a1 ORDER BY g1 DESC, r1 DESC, n1 DESC, g0 DESC, r0 DESC, n0 DESC, u1, u0, a0 DESC) END AS p1
FROM summed
