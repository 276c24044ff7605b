-- Question:   how often, how much at a time, and how soon again did the customers of each segment buy in each month?
-- Grain:      one row for each month and segment.
-- Inputs:     visited (behaviour_visits.sql); belongs (unit, segment): the place of a customer's segment, of the others nothing;
--             month_day (day, month, first_day).
-- Definition: package behaviour, Cell. One window over a customer's days gives the one before and the one after; from there on everything
--             is summed by day first, which is some thousand rows, and days are put into months at the end.
WITH followed AS (
  SELECT unit, day, spent, lag(day) OVER days AS before, lead(day) OVER days - day AS wait
  FROM visited
  WINDOW days AS (PARTITION BY unit ORDER BY day)
),
daily AS (
  SELECT f.day, coalesce(b.segment, -1) AS segment, count(*) AS visits, count(*) FILTER (f.before IS NULL OR f.before < d.first_day) AS buyers,
    sum(f.spent) AS logs, sum(CASE WHEN f.wait <= {{.Follow}} THEN f.wait ELSE {{.Follow}} END) AS waits, count(*) FILTER (f.wait <= {{.Follow}}) AS returned
  FROM followed f JOIN month_day d ON d.day = f.day LEFT JOIN belongs b ON b.unit = f.unit
  GROUP BY 1, 2
),
parts AS (
  SELECT m.month, segment, visits, buyers, logs, 0 AS followed, 0 AS waits, 0 AS returned FROM daily JOIN month_day m ON m.day = daily.day
  UNION ALL
  SELECT m.month, segment, 0, 0, 0, visits, waits, returned FROM daily JOIN month_day m ON m.day = daily.day + {{.Follow}}
)
SELECT month, segment, CAST(sum(visits) AS BIGINT), CAST(sum(buyers) AS BIGINT), CAST(sum(logs) AS BIGINT), CAST(sum(followed) AS BIGINT), CAST(sum(waits) AS BIGINT), CAST(sum(returned) AS BIGINT)
FROM parts
GROUP BY 1, 2
ORDER BY 1, 2
