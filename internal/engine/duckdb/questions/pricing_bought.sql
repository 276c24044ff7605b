-- Question:   what did each customer buy of the largest products, month by month?
-- Grain:      one row for each customer (unit), product by its place, and month as year · 12 + month − 1.
-- Inputs:     the parts of orders of the window; wanted (product, place); unit (customer_key, unit, excluded).
-- Definition: docs/prices.md. Sales have a quantity and an amount above 0; returns are not taken off.
SELECT coalesce(u.unit, CAST(o.customer_key AS BIGINT)) AS unit, w.place, CAST(year(o.ordered_at) * 12 + month(o.ordered_at) - 1 AS INTEGER) AS month, sum(CAST(o.quantity AS DECIMAL(38,6))) AS quantity
FROM ({{.Orders}}) o JOIN wanted w ON w.product = o.product LEFT JOIN unit u ON u.customer_key = o.customer_key
WHERE o.customer_key IS NOT NULL AND u.excluded IS NULL AND o.quantity > 0 AND o.amount > 0
GROUP BY ALL
