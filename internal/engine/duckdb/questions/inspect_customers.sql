-- Question:   how are a book's amounts spread over its customers?
-- Grain:      one row.
-- Inputs:     inspected (customer_key, amount).
-- Definition: negative-only means that every row of the customer is below zero; the largest is by net amount, the smaller key of equals.
WITH customer_total AS (
  SELECT customer_key, count(*) AS n, sum(amount) AS total, max(amount) AS most
  FROM inspected
  WHERE customer_key IS NOT NULL
  GROUP BY 1
)
SELECT count(*) AS customers,
  count(*) FILTER (most < 0) AS negative, CAST(coalesce(sum(total) FILTER (most < 0), 0) AS VARCHAR) AS negative_amount,
  arg_max(customer_key, (total, -customer_key)) AS largest, arg_max(n, (total, -customer_key)) AS largest_rows,
  CAST(max(total) AS VARCHAR) AS largest_amount
FROM customer_total
