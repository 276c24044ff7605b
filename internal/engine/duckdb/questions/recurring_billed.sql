-- Question:   what has been billed for the stretch that runs at the end, and what of it has accrued?
-- Grain:      one row for each way of billing; '' is for rows that do not say.
-- Inputs:     priced (recurring_held.sql): rows above zero that run on the day before {{.Until}}.
-- Definition: a row is billed on the day it began and every so many months after; a bill is billed_amount, or as many monthly amounts as it
--             covers. Bills below zero are counted. What accrued from the last bill's day on is whole months and parts of two, each rounded as accruals have it.
WITH row AS (
  SELECT billed, billed_amount, amount AS monthly_amount, {{.Rate}} AS rate, started_on,
    CASE billed WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 WHEN 'annual' THEN 12 END AS months
  FROM priced WHERE amount > 0 AND started_on < {{.Until}} AND ended_on >= {{.Until}}
),
guess AS (
  SELECT *, datediff('month', started_on, {{.Until}} - 1) // months * months AS k FROM row
),
cycle AS (
  SELECT *, CAST(CASE WHEN started_on + to_months(CAST(k AS INTEGER)) <= {{.Until}} - 1 THEN started_on + to_months(CAST(k AS INTEGER)) ELSE started_on + to_months(CAST(k - months AS INTEGER)) END AS DATE) AS a, {{.Until}} AS b FROM guess
),
part AS (
  SELECT *, coalesce(billed_amount, CAST(monthly_amount AS DECIMAL(38,6)) * months) AS bill, CAST(date_trunc('month', a) AS DATE) AS am, CAST(date_trunc('month', b) AS DATE) AS bm FROM cycle
),
accrued AS (
  SELECT billed, bill, rate, months IS NULL AS unsaid,
    CAST(monthly_amount AS DECIMAL(38,6)) * datediff('month', am, bm) - {{.AccruedA}} + {{.AccruedB}} AS accrued FROM part
)
SELECT coalesce(billed, ''), count(*), count(*) FILTER (bill < 0),
  CAST(coalesce(sum({{.Bill}}), 0) AS VARCHAR), CAST(coalesce(sum({{.Accrued}}), 0) AS VARCHAR)
FROM accrued GROUP BY 1 ORDER BY 1
