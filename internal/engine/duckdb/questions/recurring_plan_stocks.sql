-- Question:   what ran of each plan at each of the windows' cuts?
-- Grain:      one row for each plan; customers, subscriptions and a sum for each cut.
-- Inputs:     priced (recurring_held.sql).
-- Definition: as recurring_stocks.sql; a customer with two subscriptions of one plan counts once.
WITH held AS (
  SELECT plan_no, unit{{range $i, $c := .Cuts}},
    count(*) FILTER (amount > 0 AND started_on < {{$c.Day}} AND ended_on >= {{$c.Day}}) AS n{{$i}},
    sum(CASE WHEN started_on < {{$c.Day}} AND ended_on >= {{$c.Day}} THEN {{$c.Home}} ELSE 0 END) AS mrr{{$i}}{{end}}
  FROM priced WHERE ended_on >= {{(index .Cuts 0).Day}} GROUP BY plan_no, unit
)
SELECT plan_no{{range $i, $c := .Cuts}}, count(*) FILTER (n{{$i}} > 0), CAST(sum(n{{$i}}) AS BIGINT), CAST(sum(mrr{{$i}}) AS VARCHAR){{end}}
FROM held GROUP BY 1 ORDER BY 1
