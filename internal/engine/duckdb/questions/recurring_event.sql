-- What happened to each subscription on each day on which a row of it began or stopped, for every question that is asked about it.
-- Grain:      one row for each row that begins, and one for each that stops and is joined by none, from {{.From}} on.
-- Inputs:     priced: recurring_held.sql with its amounts in the statement's currency at the rates of the day it began and ended.
-- Definition: a is what runs from that day on, b what ran up to it; pays and paid tell whether their monthly amounts are above zero.
SELECT unit, started_on AS day, CASE WHEN joined AND NOT same_plan THEN 'plan' WHEN joined THEN 'price' WHEN came_back THEN 'back' ELSE 'began' END AS what,
  plan_no, before_no, start_home AS a, CASE WHEN joined THEN before_home ELSE 0 END AS b, amount > 0 AS pays, joined AND before_amount > 0 AS paid, '' AS reason
FROM priced WHERE started_on >= {{.From}}
UNION ALL
SELECT unit, ended_on, CASE WHEN pauses THEN 'pause' ELSE 'end' END, plan_no, plan_no, 0, end_home, FALSE, amount > 0, CASE WHEN pauses THEN '' ELSE reason END
FROM priced WHERE NOT goes_on AND ended_on >= {{.From}} AND ended_on < {{.Until}}
