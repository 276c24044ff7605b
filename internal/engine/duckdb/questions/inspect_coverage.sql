-- Question:   how many rows of a book name a customer, and which stand where no row should?
-- Grain:      one row for the rows with a customer, one for those without.
-- Inputs:     inspected (customer_key, moment, amount): one book's rows; columns it does not map are NULL.
-- Definition: the future begins on the day after {{.Today}}; a time of midnight counts as a day without a time.
SELECT customer_key IS NOT NULL AS identified, count(*) AS n, CAST(coalesce(sum(amount), 0) AS VARCHAR) AS amount,
  count(*) FILTER (moment >= {{.Today}} + 1) AS future,
  datediff('day', DATE '1970-01-01', CAST(max(moment) FILTER (moment >= {{.Today}} + 1) AS DATE)) AS last,
  count(*) FILTER (CAST(moment AS TIME) <> TIME '00:00:00') AS clocked
FROM inspected
GROUP BY 1
ORDER BY 1
