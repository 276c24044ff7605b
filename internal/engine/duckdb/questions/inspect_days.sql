-- Question:   on which days does a book hold far more rows than usual?
-- Grain:      one row a crowded day, at most five; at least one row, with n NULL when there is none.
-- Inputs:     inspected (moment).
-- Definition: more than 20 times the median of rows a day, over days with rows, when there are at least 14 of them.
WITH daily AS (
  SELECT CAST(moment AS DATE) AS day, count(*) AS n FROM inspected WHERE moment IS NOT NULL GROUP BY 1
),
usual AS (
  SELECT median(n) AS middle, count(*) AS days FROM daily
)
SELECT u.middle, u.days, datediff('day', DATE '1970-01-01', d.day) AS day, d.n
FROM usual u LEFT JOIN daily d ON u.days >= 14 AND d.n > 20 * u.middle
ORDER BY d.n DESC, d.day
LIMIT 5
