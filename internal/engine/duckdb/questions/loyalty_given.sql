-- Question:   which answers tell whether a customer is satisfied, and what do they say?
-- Grain:      one row for each answer within the time to one of the questions.
-- Inputs:     the book answers.
-- Definition: loyalty.Question.Read: 1 unsatisfied, 2 neither, 3 satisfied; NULL where nothing tells how to read the score.
WITH said AS (
  SELECT customer_key, answered_at AS moment, lower(trim(question)) AS question, score, lower(coalesce(trim(scale), '')) AS scale, coalesce(touchpoint, '') AS touchpoint
  FROM ({{.Answers}})
  WHERE answered_at >= {{.Start}} AND answered_at < {{.End}} AND lower(trim(question)) IN ('nps', 'csat', 'ces')
),
scaled AS (
  SELECT *, regexp_full_match(scale, '{{.Scale}}') AS told, CAST(nullif(regexp_extract(scale, '{{.Scale}}', 1), '') AS INTEGER) AS said_low, CAST(nullif(regexp_extract(scale, '{{.Scale}}', 2), '') AS INTEGER) AS said_high FROM said
),
ended AS (
  SELECT *, CASE WHEN scale <> '' THEN said_low WHEN question = 'nps' THEN 0 ELSE 1 END AS low, CASE WHEN scale <> '' THEN said_high WHEN question = 'nps' THEN 10 ELSE 5 END AS high,
    scale = '' OR told AND said_low < said_high AND (question <> 'nps' OR said_low = 0 AND said_high = 10) AS known
  FROM scaled
)
SELECT customer_key, moment, question, touchpoint,
  CASE WHEN NOT known OR score IS NULL OR score < low OR score > high THEN NULL
    WHEN question = 'nps' THEN CASE WHEN score >= 9 THEN 3 WHEN score <= 6 THEN 1 ELSE 2 END
    WHEN 4 * score >= low + 3 * high THEN 3 WHEN 4 * score <= 3 * low + high THEN 1 ELSE 2 END AS grade
FROM ended
