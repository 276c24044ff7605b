-- Question:   how long did half of the contacts wait, and nine tenths?
-- Grain:      one row for each part with a wait that is known.
-- Inputs:     met, as in touchpoint_contacts.sql.
-- Definition: journey.Served: the shortest wait than which at least so many did not wait longer, exactly.
WITH counted AS (
  SELECT part, wait, count(*) AS n FROM met WHERE wait IS NOT NULL GROUP BY part, wait
),
ranked AS (
  SELECT part, wait, sum(n) OVER (PARTITION BY part ORDER BY wait) AS upto, sum(n) OVER (PARTITION BY part) AS total FROM counted
)
SELECT part, CAST(min(wait) FILTER (2 * upto >= total) AS VARCHAR), CAST(min(wait) FILTER (10 * upto >= 9 * total) AS VARCHAR)
FROM ranked
GROUP BY part
ORDER BY part
