-- question: which courses were completed
-- grain:    record
-- inputs:   Files, Columns (those that the mapping may lack, as NULL), Until
-- definition: records completed before Until; in an order of their own
SELECT record_id, person_id, course, datediff('day', DATE '1970-01-01', CAST(completed_at AS DATE)), {{.Columns}}
FROM read_parquet({{.Files}}, union_by_name = true)
WHERE completed_at < {{.Until}}
ORDER BY record_id
