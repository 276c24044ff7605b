-- Question:   whom did automation keep from a person who came again all the same?
-- Grain:      one row for each part with a contained contact that names a customer.
-- Inputs:     met, follow, as in touchpoint_lost.sql.
-- Definition: journey.Served: followed within {{.Reach}} days by the calendar by one that is not known as contained; open while these are not over by {{.Until}}.
WITH kept AS (
  SELECT part, unit, moment FROM met WHERE contained AND unit IS NOT NULL
),
again AS (
  SELECT unit, moment FROM follow WHERE contained IS NOT TRUE AND unit IN (SELECT unit FROM kept)
),
judged AS (
  SELECT k.part, coalesce(CAST(a.moment AS DATE) - CAST(k.moment AS DATE) <= {{.Reach}}, FALSE) AS followed, CAST(k.moment AS DATE) + {{.Reach}} < {{.Until}} AS over
  FROM kept k ASOF LEFT JOIN again a ON a.unit = k.unit AND a.moment >= k.moment
)
SELECT part, count(*) FILTER (over), count(*) FILTER (over AND followed), count(*) FILTER (NOT over) FROM judged GROUP BY part ORDER BY part
