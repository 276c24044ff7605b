-- Question:   how much of the revenue can the customer statement see?
-- Grain:      one row for each window (q, p) and kind of line.
-- Inputs:     every_line (kind, ordered_at, amount): all lines of both windows, converted; kind is identified,
--             unidentified (no customer id) or excluded (test, staff, inter-company).
-- Definition: product.md, coverage; a line is counted once, in the window of its local time.
SELECT CASE WHEN ordered_at < {{.QEnd}} THEN 'q' ELSE 'p' END AS span, kind, count(*), CAST(sum(amount) AS VARCHAR)
FROM every_line
WHERE (ordered_at >= {{.QStart}} AND ordered_at < {{.QEnd}}) OR (ordered_at >= {{.PStart}} AND ordered_at < {{.PEnd}})
GROUP BY 1, 2
ORDER BY 1, 2
