-- Question:   who was lost after the other end of a tie had left or complained?
-- Grain:      one row for each cluster (a referrer), relation, direction of time, stratum and side.
-- Inputs:     named (unit, sender, kind, bought); walk: referral_walk.sql.
-- Definition: docs/referrals.md, loss along ties. Relations: 0 and 1, the brought after their referrer left, complained; 2 and 3, the referrer after
--             one of the brought did. Reversed, the exposure lies in the window after the loss.
WITH tie AS (
  SELECT unit, sender FROM named WHERE kind = 1 AND bought
),
down AS (
  SELECT t.sender AS cluster, e.a0 AS e0, e.a1 AS e1, e.a2 AS e2, e.s0, e.s1, a.a0, a.a1, a.a2, a.h1, a.c1, a.h2, a.c2
  FROM tie t JOIN walk e ON e.unit = t.unit JOIN walk a ON a.unit = t.sender
),
up AS (
  SELECT t.sender AS cluster, any_value(e.a0) AS e0, any_value(e.a1) AS e1, any_value(e.a2) AS e2, any_value(e.s0) AS s0, any_value(e.s1) AS s1,
    count(*) FILTER (a.a0) AS was0, count(*) FILTER (a.a0 AND NOT a.a1) AS gone1, count(*) FILTER (a.a1) AS was1, count(*) FILTER (a.a1 AND NOT a.a2) AS gone2,
    count(*) FILTER (a.a1 AND a.h1) AS heard1, count(*) FILTER (a.a1 AND a.c1) AS hurt1, count(*) FILTER (a.a2 AND a.h2) AS heard2, count(*) FILTER (a.a2 AND a.c2) AS hurt2
  FROM tie t JOIN walk e ON e.unit = t.sender JOIN walk a ON a.unit = t.unit GROUP BY t.sender
),
faced AS (
  SELECT 0 AS relation, FALSE AS reversed, s1 AS stratum, NOT a1 AS exposed, cluster, NOT e2 AS lost FROM down WHERE e1 AND a0
  UNION ALL SELECT 0, TRUE, s0, NOT a2, cluster, NOT e1 FROM down WHERE e0 AND a1
  UNION ALL SELECT 1, FALSE, s1, c1, cluster, NOT e2 FROM down WHERE e1 AND a1 AND h1
  UNION ALL SELECT 1, TRUE, s0, c2, cluster, NOT e1 FROM down WHERE e0 AND a2 AND h2
  UNION ALL SELECT 2, FALSE, 2 * s1 + CASE WHEN was0 > 1 THEN 1 ELSE 0 END, gone1 > 0, cluster, NOT e2 FROM up WHERE e1 AND was0 > 0
  UNION ALL SELECT 2, TRUE, 2 * s0 + CASE WHEN was1 > 1 THEN 1 ELSE 0 END, gone2 > 0, cluster, NOT e1 FROM up WHERE e0 AND was1 > 0
  UNION ALL SELECT 3, FALSE, 2 * s1 + CASE WHEN heard1 > 1 THEN 1 ELSE 0 END, hurt1 > 0, cluster, NOT e2 FROM up WHERE e1 AND heard1 > 0
  UNION ALL SELECT 3, TRUE, 2 * s0 + CASE WHEN heard2 > 1 THEN 1 ELSE 0 END, hurt2 > 0, cluster, NOT e1 FROM up WHERE e0 AND heard2 > 0
)
SELECT relation, reversed, stratum, exposed, cluster, count(*) AS n, count(*) FILTER (lost) AS y FROM faced GROUP BY ALL
