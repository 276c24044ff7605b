-- Question:   what did customers buy of a product, by the month in which they first bought it in the window?
-- Grain:      one row for each product, month of entry, and month in which any of them bought.
-- Inputs:     bought (unit, place, month, quantity): pricing_bought.sql.
-- Definition: docs/prices.md. Exact sums.
WITH entered AS (
  SELECT unit, place, min(month) AS entry FROM bought GROUP BY unit, place
)
SELECT b.place, e.entry, b.month, count(*), CAST(sum(b.quantity) AS VARCHAR)
FROM bought b JOIN entered e ON e.unit = b.unit AND e.place = b.place
GROUP BY b.place, e.entry, b.month
ORDER BY b.place, e.entry, b.month
