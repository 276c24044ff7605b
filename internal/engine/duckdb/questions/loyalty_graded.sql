-- Question:   what did each customer say last?
-- Grain:      one row for each unit and question with an answer that can be read.
-- Inputs:     given: loyalty_given.sql; unit (customer_key, unit, excluded).
-- Definition: loyalty.Cell: the last answer, and the last before the period; of several in the same moment the least satisfied, and of equal ones the
--             touchpoint that is first by name, so that no order of rows decides.
WITH heard AS (
  SELECT {{.Unit}} AS unit, question, struct_pack(back := -epoch_us(moment), grade := grade, touchpoint := touchpoint) AS answer, moment < {{.PStart}} AS earlier
  FROM given x{{.Join}} WHERE x.customer_key IS NOT NULL AND grade IS NOT NULL{{.Included}}
),
last AS (SELECT unit, question, min(answer) AS now, min(answer) FILTER (earlier) AS before FROM heard GROUP BY unit, question)
SELECT unit, question, now.grade AS grade, now.touchpoint AS touchpoint, coalesce(before.grade, 0) AS before FROM last
