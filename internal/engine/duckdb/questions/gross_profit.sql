-- Question:   what did the lines of a period earn, and how is that known?
-- Grain:      one row for each way in which a line's profit is known; '' is not at all.
-- Inputs:     line (ordered_at, amount, profit, known_by): as in tally.sql; known_by is cost, or margin with the name of the stated one.
-- Definition: docs/profit.md: amount less the cost of the line, or else amount times the margin of its product, of its customer's
--             segment, or the default.
SELECT coalesce(known_by, ''), count(*), CAST(sum(amount) AS VARCHAR), CAST(coalesce(sum(profit), 0) AS VARCHAR), CAST(coalesce(sum(abs(profit)), 0) AS VARCHAR)
FROM line
WHERE ordered_at >= {{.Start}} AND ordered_at < {{.End}}
GROUP BY 1
ORDER BY 1
