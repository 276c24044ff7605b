-- What stretches of days had each customer (unit) with recurring revenue, without a day between?
-- Grain:      one row for each contract that began before the question's end.
-- Inputs:     held (recurring_held.sql).
-- Definition: package equity, contract. Rows above zero that touch or overlap are one contract; it is renewed as its first row is billed, monthly where that says
--             nothing, and the more often of two first rows.
CREATE OR REPLACE TEMP TABLE spell AS
WITH paying AS (
  SELECT unit, started_on, ended_on, CASE billed WHEN 'quarterly' THEN 3 WHEN 'annual' THEN 12 ELSE 1 END AS months FROM held WHERE amount > 0
),
reached AS (
  SELECT *, max(ended_on) OVER (PARTITION BY unit ORDER BY started_on, ended_on, months ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS so_far FROM paying
),
numbered AS (
  SELECT *, count(*) FILTER (so_far IS NULL OR so_far < started_on) OVER (PARTITION BY unit ORDER BY started_on, ended_on, months ROWS UNBOUNDED PRECEDING) AS no FROM reached
)
SELECT unit, min(started_on) AS began, max(ended_on) AS ended, arg_min(months, (started_on, months)) AS months FROM numbered GROUP BY unit, no
