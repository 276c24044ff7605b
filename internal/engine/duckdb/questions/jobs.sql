-- Question:   which jobs are there on a day, and how many have each?
-- Grain:      a department and a role, as the book people writes them.
-- Inputs:     the book people; Real, Hired and Left (those that the mapping may lack, as TRUE and NULL), On.
-- Definition: of each person the newest row that holds from On or before and is not a candidate's; of several of one day the first by department
--             and role. Who is hired after On is not at work yet, and who left before it is no more: the last day is one of work.
SELECT department, role, count(*)
FROM (
    SELECT department, role, {{.Hired}} AS hired, {{.Left}} AS gone
    FROM read_parquet({{.Files}}, union_by_name = true)
    WHERE valid_from <= {{.On}} AND {{.Real}}
    QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY valid_from DESC, department, role) = 1
)
WHERE (hired IS NULL OR hired <= {{.On}}) AND (gone IS NULL OR gone >= {{.On}})
GROUP BY ALL
ORDER BY department, role
