-- Question:   what did the opening customers buy who answered, by what they did and what they last said?
-- Grain:      one row for customers who did the same, said the same, and have segment and history in common.
-- Inputs:     history (history.sql), stayed (loyalty_stayed.sql), graded (loyalty_graded.sql), origin.
-- Definition: loyalty.Life. Times are days since the first purchase; the age ends on the last day of the period. Equal histories follow each other.
SELECT h.n - 1 AS repeats, CASE WHEN h.n > 1 THEN h.last - h.first ELSE 0 END AS recency, {{.Until}} - 1 - h.first AS age,
  CASE WHEN h.n > 1 THEN CAST(h.s - h.f AS DOUBLE) / (h.n - 1) ELSE 0 END AS mean,
  {{.Segment}} AS segment, t.behaviour, g.grade, count(*) AS together
FROM history h JOIN stayed t ON t.unit = h.unit JOIN graded g ON g.unit = h.unit LEFT JOIN origin o ON o.unit = h.unit
WHERE t.behaviour < 3 AND g.question = {{.Question}}
GROUP BY ALL ORDER BY ALL
