-- Question:   which values does a column of few values hold?
-- Grain:      one row a value, at most twenty, by rows; '' is unknown and comes first.
-- Inputs:     a book's parts.
SELECT coalesce(CAST({{.Column}} AS VARCHAR), '') AS value, count(*) AS n
FROM read_parquet({{.Parts}}, union_by_name = true)
GROUP BY 1
ORDER BY value = '' DESC, n DESC, value
LIMIT 20
