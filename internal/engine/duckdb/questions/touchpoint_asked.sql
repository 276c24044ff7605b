-- Question:   what is asked in the answers, on which scale, and which answers are high and low?
-- Grain:      one row for each question and scale as they are written (said, written).
-- Inputs:     answers (question, scale, score).
-- Definition: journey.Answered. question and scale are folded; low to high is the scale, NULL where nothing tells it; top and bottom are the lowest of the high
--             answers and the highest of the low ones. This is the only place of the rule in SQL.
WITH pair AS (
  SELECT DISTINCT question AS said, coalesce(scale, '') AS written FROM ({{.Answers}}) WHERE score IS NOT NULL
),
folded AS (
  SELECT said, written, {{.Question}} AS question, {{.Scale}} AS scale FROM pair
),
told AS (
  SELECT *, CAST(nullif(regexp_extract(scale, '^{{.Form}}$', 1), '') AS INTEGER) AS a, CAST(nullif(regexp_extract(scale, '^{{.Form}}$', 2), '') AS INTEGER) AS b FROM folded
),
ended AS (
  SELECT said, written, question, scale,
    CASE WHEN scale <> '' THEN CASE WHEN a < b AND (question <> 'nps' OR a = 0 AND b = 10) THEN a END WHEN question = 'nps' THEN 0 WHEN question IN ('csat', 'ces') THEN 1 END AS low,
    CASE WHEN scale <> '' THEN CASE WHEN a < b AND (question <> 'nps' OR a = 0 AND b = 10) THEN b END WHEN question = 'nps' THEN 10 WHEN question = 'csat' THEN 5 WHEN question = 'ces' THEN 7 END AS high
  FROM told
)
SELECT *,
  CASE WHEN question = 'nps' THEN 9 WHEN question = 'ces' THEN (low + high) // 2 + 1 WHEN high - low < 3 THEN high WHEN high - low > 10 THEN high - (high - low) // 5 ELSE high - 1 END AS top,
  CASE WHEN question = 'nps' THEN 6 WHEN question = 'ces' THEN (low + high + 1) // 2 - 1 WHEN high - low < 3 THEN low WHEN high - low > 10 THEN low + (high - low) // 5 ELSE low + 1 END AS bottom,
  CAST(dense_rank() OVER (ORDER BY question, scale) AS INTEGER) AS kind
FROM ended
