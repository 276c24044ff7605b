-- Question:   which work does a person do on a day?
-- Grain:      one row, or none where the book does not know them by then.
-- Inputs:     the book people.
-- Definition: the newest row that holds from a day before Until and is not a candidate's; of two of one day, the first by department and role; with
--             the days from which and up to which they are employed, NULL where the book does not tell.
SELECT department, role, datediff('day', DATE '1970-01-01', valid_from), {{.Left}}, {{.Hired}}
FROM read_parquet({{.Files}}, union_by_name = true)
WHERE person_id = {{.Person}} AND valid_from < {{.Until}} AND {{.Real}}
ORDER BY valid_from DESC, department, role LIMIT 1
