-- Question:   what did each customer do, who was active in the comparison period or in the period?
-- Grain:      one row for each unit that answered, and one for all others who did the same, without a unit.
-- Inputs:     line (unit, ordered_at, amount), as in tally.sql; graded: loyalty_graded.sql.
-- Definition: loyalty.Behaviour: 0 stays, 1 falls away, 2 gone, 3 not active in the comparison period. Revenue and active are those of placed.sql.
WITH
{{template "placed.sql" .}}SELECT CASE WHEN unit IN (SELECT unit FROM graded) THEN unit END AS unit,
  CASE WHEN NOT a0 THEN 3 WHEN NOT a1 THEN 2 WHEN CAST(r1 * 1000000 AS HUGEINT) * 2 >= CAST(r0 * 1000000 AS HUGEINT) THEN 0 ELSE 1 END AS behaviour,
  count(*) AS n, sum(r0) AS r0, sum(r1) AS r1
FROM judged WHERE a0 OR a1 GROUP BY 1, 2
