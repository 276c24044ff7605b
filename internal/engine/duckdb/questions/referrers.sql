-- Question:   who brought whom most?
-- Grain:      one row for each customer who brought somebody, the most value brought first.
-- Inputs:     named (unit, sender, kind, bought): referral_named.sql; below (unit, r, deep): the period's revenue of everyone below a customer, with its own,
--             and the steps of the longest chain below; fate (unit, state, r0, r1): placed.sql.
-- Definition: docs/referrals.md. stake: what those whom they brought directly spend in the period; chain: everyone below, without themselves.
SELECT t.sender AS unit, any_value(coalesce(o.state, 'idle')) AS state, '' AS via, '' AS how,
  any_value(coalesce(o.r0, 0)) AS r0, any_value(coalesce(o.r1, 0)) AS r1, CAST(sum(coalesce(f.r1, 0)) AS DECIMAL(38,6)) AS stake,
  count(*) AS brought, any_value(b.deep) AS depth, CAST(any_value(b.r - coalesce(o.r1, 0)) AS DECIMAL(38,6)) AS chain
FROM named t JOIN below b ON b.unit = t.sender LEFT JOIN fate f ON f.unit = t.unit LEFT JOIN fate o ON o.unit = t.sender
WHERE t.kind = 1 AND t.bought GROUP BY t.sender
ORDER BY abs(stake) DESC, unit
