-- Question:   what did those do next who passed a touchpoint, and all others who are like them?
-- Grain:      one row for each touchpoint and kind of customer; touchpoint 0 are all customers, whether they passed or not.
-- Inputs:     stood: touchpoint_stood.sql; met, of the one span in which they passed, as in touchpoint_contacts.sql.
-- Definition: journey.Stratum.
WITH passed AS (
  SELECT DISTINCT unit, part // {{.Brands}} AS touchpoint FROM met WHERE unit IS NOT NULL AND part // {{.Brands}} > 0
)
SELECT 0 AS touchpoint, segment, brand, tenure, purchases, since, count(*), count(*) FILTER (again), CAST(sum(net) AS VARCHAR) FROM stood GROUP BY ALL
UNION ALL
SELECT p.touchpoint, segment, brand, tenure, purchases, since, count(*), count(*) FILTER (again), CAST(sum(net) AS VARCHAR) FROM stood s JOIN passed p ON p.unit = s.unit GROUP BY ALL
ORDER BY ALL
