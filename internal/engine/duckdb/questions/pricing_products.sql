-- Question:   which products did known customers buy, for how much?
-- Grain:      one row for each product.
-- Inputs:     the parts of orders of the window; unit (customer_key, unit, excluded): customers that are not simply themselves.
-- Definition: docs/prices.md. Sales have a product, a quantity and an amount above 0; revenue is of those in the statement's currency.
SELECT o.product, CAST(coalesce(sum(o.amount) FILTER ({{.Home}}), 0) AS VARCHAR)
FROM ({{.Orders}}) o LEFT JOIN unit u ON u.customer_key = o.customer_key
WHERE o.customer_key IS NOT NULL AND u.excluded IS NULL AND o.product <> '' AND o.quantity > 0 AND o.amount > 0
GROUP BY o.product
ORDER BY coalesce(sum(o.amount) FILTER ({{.Home}}), 0) DESC, o.product
