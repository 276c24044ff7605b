-- Question:   whom did automation keep from a person who came again all the same?
-- Grain:      one row for each part with a contained contact that names a customer.
-- Inputs:     met, follow, as in touchpoint_lost.sql.
-- Definition: journey.Served: followed within {{.Reach}} days by the calendar by one that is not known as contained; open while these are not over when the span ends
--             (until), and by nothing after it. The sums are over customers, as in journey.Rate.
WITH kept AS (
  SELECT part, unit, moment, {{.Until}} AS until FROM met WHERE contained AND unit IS NOT NULL
),
again AS (
  SELECT unit, moment FROM follow WHERE contained IS NOT TRUE AND unit IN (SELECT unit FROM kept)
),
judged AS (
  SELECT k.part, k.unit, coalesce(CAST(a.moment AS DATE) - CAST(k.moment AS DATE) <= {{.Reach}} AND a.moment < k.until, FALSE) AS followed, CAST(k.moment AS DATE) + {{.Reach}} < k.until AS over
  FROM kept k ASOF LEFT JOIN again a ON a.unit = k.unit AND a.moment >= k.moment
),
customer AS (
  SELECT part, unit, count(*) FILTER (over) AS known, count(*) FILTER (over AND followed) AS had, count(*) FILTER (NOT over) AS open FROM judged GROUP BY part, unit
)
SELECT part, CAST(sum(known) AS BIGINT), CAST(sum(had) AS BIGINT), CAST(sum(had * had) AS BIGINT), CAST(sum(had * known) AS BIGINT), CAST(sum(known * known) AS BIGINT), CAST(sum(open) AS BIGINT)
FROM customer GROUP BY part ORDER BY part
