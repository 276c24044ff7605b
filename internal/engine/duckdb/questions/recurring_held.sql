-- Question:   which subscriptions ran, from when to when, and what stood before and after each row?
-- Grain:      one row for each row of the book that ran at least a day, without the excluded.
-- Inputs:     subscriptions, unit, plan_number (plan, no: the largest first), folded (given, reason: recurring.Fold); rows that begin on {{.Until}} or later are not known.
-- Definition: a row runs from started_on up to and without the earlier of ended_on and the start of the subscription's next row, as accruals
--             have it. Rows of the excluded cut others short and are otherwise not there. A row joins the row before it of the same
--             subscription and customer when that ran up to its start; otherwise it came back. A row stops when none joins it: it pauses
--             when its end_reason says so, or says nothing and the subscription came back.
WITH given AS (
  SELECT x.subscription_id, {{.Unit}} AS unit, {{.Excluded}} AS excluded, x.started_on, x.monthly_amount AS amount, coalesce(n.no, 0) AS plan,
    CASE WHEN x.currency <> {{.Home}} THEN x.currency END AS currency, f.reason, x.billed, x.billed_amount, x.ended_on AS said,
    lead(x.started_on) OVER (PARTITION BY x.subscription_id ORDER BY x.started_on) AS next_on
  FROM (SELECT subscription_id, customer_key, started_on, monthly_amount, {{.Columns}} FROM read_parquet({{.Files}}, union_by_name = true)) x
    LEFT JOIN plan_number n ON n.plan = x.plan LEFT JOIN folded f ON f.given = coalesce(x.end_reason, ''){{.Join}}
  WHERE x.started_on < {{.Until}}
),
ran AS (
  SELECT *, least(coalesce(said, DATE '9999-12-31'), coalesce(next_on, DATE '9999-12-31')) AS ended_on, coalesce(said > next_on, FALSE) AS cut_short FROM given
),
near AS (
  SELECT * EXCLUDE (subscription_id, excluded, said, next_on), first_value(started_on) OVER w AS first_on,
    lag(ended_on) OVER w AS before_end, lag(unit) OVER w AS before_unit, lag(amount) OVER w AS before_amount, lag(currency) OVER w AS before_currency,
    lag(plan) OVER w AS before_plan, lead(started_on) OVER w AS after_start, lead(unit) OVER w AS after_unit
  FROM ran WHERE ended_on > started_on AND NOT excluded
  WINDOW w AS (PARTITION BY subscription_id ORDER BY started_on)
)
SELECT unit, started_on, ended_on, first_on, amount, currency, billed, billed_amount, cut_short, reason, plan = before_plan AS same_plan,
  least(plan, {{.Rest}}) AS plan_no, least(before_plan, {{.Rest}}) AS before_no,
  coalesce(before_end = started_on AND before_unit = unit, FALSE) AS joined,
  coalesce(before_end < started_on AND before_unit = unit, FALSE) AS came_back,
  CASE WHEN before_end = started_on AND before_unit = unit THEN before_amount ELSE 0 END AS before_amount, before_currency,
  coalesce(after_start = ended_on AND after_unit = unit, FALSE) AS goes_on,
  reason = 'pause' OR reason = 'not_given' AND coalesce(after_start > ended_on AND after_unit = unit, FALSE) AS pauses
FROM near
