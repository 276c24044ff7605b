-- Question:   what was answered at each name of a touchpoint on each day?
-- Grain:      one row for each folded name, local day, question and scale.
-- Inputs:     the book answers; asked: touchpoint_asked.sql.
-- Definition: engine.TouchpointAnswers; squares of scores are exact, because a score on its scale is at most 9,999. Answers without a score have no question here.
WITH answer AS (
  SELECT coalesce(r.touchpoint, '') AS name, CAST(r.answered_at AS DATE) AS day, coalesce(a.question, '') AS question, coalesce(a.scale, '') AS scale, r.score IS NOT NULL AS scored, r.comment IS NOT NULL AS worded,
    CASE WHEN r.score >= a.low AND r.score <= a.high THEN {{.Score}} END AS score,
    CASE WHEN r.score >= a.low AND r.score <= a.high THEN CASE WHEN r.score >= a.top THEN 1 WHEN r.score <= a.bottom THEN -1 ELSE 0 END END AS side
  FROM ({{.Rows}}) r LEFT JOIN asked a ON r.score IS NOT NULL AND a.said = r.question AND a.written = coalesce(r.scale, '')
),
written AS (
  SELECT name, day, question, scale, count(*) FILTER (side = -1) AS low, count(*) FILTER (side = 0) AS middle, count(*) FILTER (side = 1) AS high, count(*) FILTER (scored AND side IS NULL) AS unread,
    coalesce(sum(score), 0) AS s, coalesce(sum(CAST(score AS HUGEINT) * score), 0) AS ss, count(*) FILTER (worded) AS comments
  FROM answer GROUP BY ALL
)
SELECT {{.Folded}} AS name, day, question, scale, CAST(sum(low) AS BIGINT) AS low, CAST(sum(middle) AS BIGINT) AS middle, CAST(sum(high) AS BIGINT) AS high, CAST(sum(unread) AS BIGINT) AS unread,
  CAST(sum(s) AS DECIMAL(38,0)) AS score_sum, CAST(sum(ss) AS DECIMAL(38,0)) AS score_squares, CAST(sum(comments) AS BIGINT) AS comments
FROM written GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
