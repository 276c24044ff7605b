-- Question:   who brought whom, and what do they spend?
-- Grain:      one row for each count: `part` says of what, `name` and `sort` which.
-- Inputs:     named (unit, sender, kind, bought, waits): referral_named.sql, kind 5: in a ring; reach (unit, top, steps): each of the brought with the top
--             of its tree; below (unit, r): the period's revenue of everyone below a customer, with its own; fate (unit, state, r1): placed.sql;
--             origin as in tally.sql; early (unit): came by referral or was brought, and had bought by the period's end.
-- Definition: docs/referrals.md. Sums are exact decimals; tenths are ranked by value, so that ties change no sum.
WITH tie AS (
  SELECT unit, sender FROM named WHERE kind = 1 AND bought
),
sent AS (
  SELECT t.sender AS unit, count(*) AS n, sum(coalesce(f.r1, 0)) AS direct FROM tie t LEFT JOIN fate f ON f.unit = t.unit GROUP BY t.sender
),
valued AS (
  SELECT s.unit, s.n, s.direct, b.r - coalesce(f.r1, 0) AS chain, coalesce(f.r1, 0) AS own, coalesce(f.state NOT IN ('lost', 'idle'), FALSE) AS active
  FROM sent s JOIN below b ON b.unit = s.unit LEFT JOIN fate f ON f.unit = s.unit
),
ranked AS (
  SELECT direct, chain, (row_number() OVER (ORDER BY direct DESC) - 1) * 10 // count(*) OVER () AS by_direct,
    (row_number() OVER (ORDER BY chain DESC) - 1) * 10 // count(*) OVER () AS by_chain, count(*) OVER () AS n
  FROM valued
),
fresh AS (
  SELECT unit, r1 FROM fate WHERE state IN ('new', 'newbefore')
),
grouped AS (
  SELECT coalesce(f.unit, e.unit) AS unit, f.unit IS NOT NULL AS fresh FROM fresh f FULL JOIN early e ON e.unit = f.unit
),
sorted AS (
  SELECT g.fresh, t.unit IS NOT NULL AS brought, coalesce(o.via, 'unknown') AS via, coalesce(p.r1, 0) AS r1
  FROM grouped g LEFT JOIN tie t ON t.unit = g.unit LEFT JOIN origin o ON o.unit = g.unit LEFT JOIN fate p ON p.unit = g.unit
)
SELECT 'named' AS part, CAST(kind AS VARCHAR) AS name, count(*) FILTER (bought) AS n, count(*) FILTER (bought AND waits) AS also, '0' AS r FROM named GROUP BY kind
UNION ALL SELECT 'active', '', count(*), 0, '0' FROM fate WHERE state NOT IN ('lost', 'idle')
UNION ALL SELECT 'sent', CAST(least(n, 3) AS VARCHAR), count(*), count(*) FILTER (active), CAST(sum(own) AS VARCHAR) FROM valued GROUP BY least(n, 3)
UNION ALL SELECT 'depth', CAST(least(steps, {{.Deepest}}) AS VARCHAR), count(*), max(steps), CAST(sum(coalesce(f.r1, 0)) AS VARCHAR)
  FROM reach r LEFT JOIN fate f ON f.unit = r.unit GROUP BY least(steps, {{.Deepest}})
UNION ALL SELECT 'trees', '', count(DISTINCT top), 0, '0' FROM reach
UNION ALL SELECT 'tenth', CAST(by_direct + 1 AS VARCHAR), count(*), 0, CAST(sum(direct) AS VARCHAR) FROM ranked WHERE n >= 10 GROUP BY by_direct
UNION ALL SELECT 'chain', CAST(by_chain + 1 AS VARCHAR), count(*), 0, CAST(sum(chain) AS VARCHAR) FROM ranked WHERE n >= 10 GROUP BY by_chain
UNION ALL SELECT 'group', concat(CASE WHEN fresh THEN 'new ' END, CASE WHEN brought THEN 'brought ' END, via), count(*), 0, CAST(sum(r1) AS VARCHAR) FROM sorted GROUP BY fresh, brought, via
ORDER BY 1, 2
