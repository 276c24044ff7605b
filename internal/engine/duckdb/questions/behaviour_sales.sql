-- Question:   of which products was the revenue of each segment in each month?
-- Grain:      one row for each month, segment and product; -1 is all that is folded.
-- Inputs:     line (unit, ordered_at, amount, purchase, product); belongs and month_day as in behaviour_cells.sql; product_place (product, place).
-- Definition: package behaviour, Sale: lines of orders above zero.
SELECT m.month, coalesce(b.segment, -1), coalesce(p.place, -1), count(*), CAST(sum(l.amount) AS VARCHAR)
FROM line l
JOIN month_day m ON m.day = CAST(l.ordered_at AS DATE)
LEFT JOIN belongs b ON b.unit = l.unit
LEFT JOIN product_place p ON p.product = l.product
WHERE l.ordered_at >= {{.Start}} AND l.ordered_at < {{.End}} AND l.amount > 0 AND l.purchase IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
