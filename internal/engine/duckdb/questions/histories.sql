-- Question:   which histories have the customers, and how many of them have each?
-- Grain:      one row for customers who have all of it in common: groups, the history and its mean spend at the end and at the opening.
-- Inputs:     history (history.sql), origin.
-- Definition: equity.Customer. Times are days since the first purchase; ages end on the day before the moment.
SELECT n - 1 AS repeats, CASE WHEN n > 1 THEN last - first ELSE 0 END AS recency, {{.Until}} - 1 - first AS age, CASE WHEN n > 1 THEN CAST(s - f AS DOUBLE) / (n - 1) ELSE 0 END AS mean,
  {{.Segment}} AS segment, {{.Entity}} AS entity, coalesce(nullif(o.via, 'unknown'), '') AS via, CAST(year(first) AS INTEGER) AS began,
  wn > 0 AS known, greatest(wn - 1, 0) AS was_repeats, CASE WHEN wn > 1 THEN wlast - first ELSE 0 END AS was_recency, CASE WHEN wn > 0 THEN {{.Opened}} - 1 - first ELSE 0 END AS was_age,
  CASE WHEN wn > 1 THEN CAST(ws - f AS DOUBLE) / (wn - 1) ELSE 0 END AS was_mean, count(*) AS together
FROM history h LEFT JOIN origin o ON o.unit = h.unit
GROUP BY ALL ORDER BY ALL
