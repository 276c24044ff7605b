-- question: what the book people says of everybody, a row a change
-- grain:    person and the day from which the row holds
-- inputs:   Files, Columns (those that the mapping may lack, as NULL), Until
-- definition: rows that hold from a day before Until; in an order of their own
SELECT person_id, datediff('day', DATE '1970-01-01', valid_from), department, role, {{.Columns}}
FROM read_parquet({{.Files}}, union_by_name = true)
WHERE valid_from < {{.Until}}
ORDER BY person_id, valid_from
