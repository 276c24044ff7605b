-- Question:   how often did customers speak of each name of a touchpoint on each day?
-- Grain:      one row for each folded name and local day.
-- Inputs:     the book remarks.
SELECT {{.Folded}} AS name, day, CAST(sum(n) AS BIGINT) AS remarks
FROM (SELECT coalesce(touchpoint, '') AS name, CAST(received_at AS DATE) AS day, count(*) AS n FROM ({{.Rows}}) GROUP BY 1, 2)
GROUP BY 1, 2 ORDER BY 1, 2
