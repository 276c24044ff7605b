-- Question:   what became of the customers between two periods, and what did they spend?
-- Grain:      one row.
-- Inputs:     the order lines as they are: customer_id, ordered_at, amount.
-- Definition: the customer statement's without links, exclusions, currencies or origins: r0 and r1 are net revenue in the
--             comparison period and the period, active is above zero, first is the first line above zero of all history.
WITH spent AS (
  SELECT customer_id,
    sum(CASE WHEN ordered_at >= TIMESTAMP '{{.Q0}}' AND ordered_at < TIMESTAMP '{{.Q1}}' THEN amount ELSE 0 END) AS r0,
    sum(CASE WHEN ordered_at >= TIMESTAMP '{{.P0}}' AND ordered_at < TIMESTAMP '{{.P1}}' THEN amount ELSE 0 END) AS r1,
    min(CASE WHEN amount > 0 THEN ordered_at END) AS first
  FROM {{.Lines}}
  GROUP BY customer_id
)
SELECT
  CAST(sum(CASE WHEN r0 > 0 THEN 1 ELSE 0 END) AS BIGINT) AS opening,
  CAST(sum(CASE WHEN r0 > 0 AND r1 > 0 THEN 1 ELSE 0 END) AS BIGINT) AS retained,
  CAST(sum(CASE WHEN NOT r0 > 0 AND r1 > 0 AND first < TIMESTAMP '{{.Q1}}' THEN 1 ELSE 0 END) AS BIGINT) AS returning_customers,
  CAST(sum(CASE WHEN r1 > 0 THEN 1 ELSE 0 END) AS BIGINT) AS closing,
  CAST(sum(r0) AS VARCHAR) AS prior,
  CAST(sum(r1) AS VARCHAR) AS current_revenue,
  CAST(sum(CASE WHEN r0 > 0 AND r1 > 0 THEN least(r0, r1) ELSE 0 END) AS VARCHAR) AS kept,
  CAST(sum(CASE WHEN NOT r0 > 0 AND r1 > 0 AND first >= TIMESTAMP '{{.Q1}}' THEN r1 ELSE 0 END) AS VARCHAR) AS new_revenue
FROM spent
