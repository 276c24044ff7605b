-- Question:   which list price stood for a product in a month?
-- Grain:      one row for each of the largest products and month with a list price.
-- Inputs:     the parts of orders of the window; wanted (product, place); unit (customer_key, unit, excluded).
-- Definition: docs/prices.md. The lower median over the lines with a list price and a quantity above 0 in the statement's currency, of known customers
--             or not, without the excluded; and how many of them are within 1 % of it.
WITH listed AS (
  SELECT w.place, CAST(year(o.ordered_at) * 12 + month(o.ordered_at) - 1 AS INTEGER) AS month, o.list_price
  FROM ({{.Orders}}) o JOIN wanted w ON w.product = o.product LEFT JOIN unit u ON u.customer_key = o.customer_key
  WHERE u.excluded IS NULL AND o.list_price > 0 AND o.quantity > 0 AND {{.Home}}
),
middle AS (
  SELECT place, month, quantile_disc(list_price, 0.5) AS price FROM listed GROUP BY place, month
)
SELECT m.place, m.month, CAST(m.price AS VARCHAR), count(*), count(*) FILTER (100 * abs(CAST(l.list_price AS DECIMAL(38,6)) - m.price) <= m.price)
FROM listed l JOIN middle m ON m.place = l.place AND m.month = l.month
GROUP BY m.place, m.month, m.price
ORDER BY m.place, m.month
