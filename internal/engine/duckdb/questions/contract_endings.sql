-- Question:   when did contracts begin, and at which renewal did they end?
-- Grain:      one row for each kind, day and renewal; 0 for those that run at the end.
-- Inputs:     contract (contract_amounts.sql).
-- Definition: equity.LostAt: the first renewal on the day of the end or after it; a renewal falls on the day of the beginning, or the last of a shorter month.
WITH full_months AS (
  SELECT months, began, ended, ended >= {{.Until}} AS runs, least(day(began), day(last_day(ended))) AS due,
    (year(ended) - year(began)) * 12 + month(ended) - month(began) AS apart
  FROM contract
),
renewed AS (
  SELECT months, began, runs, day(ended) = due AS at_due, apart - CASE WHEN day(ended) < due THEN 1 ELSE 0 END AS months_lived FROM full_months
)
SELECT months, CAST(began AS VARCHAR) AS began, CASE WHEN runs THEN 0 WHEN at_due AND months_lived % months = 0 THEN months_lived // months ELSE months_lived // months + 1 END AS lost, count(*) AS together
FROM renewed GROUP BY ALL ORDER BY ALL
