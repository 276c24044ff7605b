-- Question:   how many paying subscriptions began, came back, paused and ended?
-- Grain:      one row for each span.
-- Inputs:     event (recurring_event.sql).
-- Definition: a subscription pays while a row of it above zero runs; one that changes to or from nothing ends or begins.
SELECT {{.Span}} AS span, count(*) FILTER (pays AND NOT paid AND what <> 'back'), count(*) FILTER (pays AND NOT paid AND what = 'back'),
  count(*) FILTER (paid AND NOT pays AND what = 'pause'), count(*) FILTER (paid AND NOT pays AND what <> 'pause')
FROM event WHERE day >= {{.From}} GROUP BY 1 ORDER BY 1
