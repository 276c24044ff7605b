-- Question:   what became of the customers between two periods?
-- Grain:      one row for each state and, of the new, each origin.
-- Inputs:     line (unit, ordered_at, amount): lines of both windows, identified, linked, without the excluded, converted;
--             first (unit, day): first lines that count as a purchase, over all history; the earliest of a unit is its first;
--             origin (unit, acquired_on, via, how): what is known of a customer.
-- Definition: product.md, "The customer statement, exactly"; who is in which state is said once, in placed.sql.
WITH
{{template "placed.sql" .}}SELECT state, via, how, count(*),
  CAST(sum(r0) AS VARCHAR), CAST(sum(r1) AS VARCHAR),
  CAST(sum(CASE WHEN r0 > r1 THEN r0 - r1 ELSE 0 END) AS VARCHAR),
  CAST(sum(CASE WHEN r1 > r0 THEN r1 - r0 ELSE 0 END) AS VARCHAR),
  CAST(sum(CASE WHEN NOT a0 OR r1 <= 0 THEN CASE WHEN a0 AND r0 < 0 THEN r0 ELSE 0 END WHEN r1 < r0 THEN r1 ELSE r0 END) AS VARCHAR),
  CAST(sum(high * high) AS VARCHAR), CAST(sum(high * low) AS VARCHAR), CAST(sum(low * low) AS VARCHAR),
  count(*) FILTER (undated AND state IN ('new', 'newbefore'))
FROM (
  -- A revenue in millionths is high · 2⁴⁸ + low, so that its square is summed without running over.
  SELECT *, CASE WHEN state IN ('new', 'newbefore') THEN CAST(r1 * 1000000 AS HUGEINT) // 281474976710656 ELSE 0 END AS high,
    CASE WHEN state IN ('new', 'newbefore') THEN CAST(r1 * 1000000 AS HUGEINT) % 281474976710656 ELSE 0 END AS low
  FROM placed)
GROUP BY state, via, how
ORDER BY state, via, how
