-- Question:   on which days did each customer (unit) buy, and how much?
-- Grain:      one row for each customer and purchase day; narrow, because it is sorted.
-- Inputs:     line (unit, ordered_at, amount, purchase): a line that accrues has no purchase.
-- Definition: package behaviour, Cell: a purchase day has a line of an order above zero. What was bought on it is kept as millionths
--             of its logarithm, so that sums over days are exact.
CREATE OR REPLACE TEMP TABLE visited AS
SELECT unit, CAST(ordered_at AS DATE) AS day, CAST(round(ln(CAST(sum(amount) AS DOUBLE)) * 1000000) AS INTEGER) AS spent
FROM line
WHERE ordered_at >= {{.Start}} AND ordered_at < {{.End}} AND amount > 0 AND purchase IS NOT NULL
GROUP BY 1, 2
