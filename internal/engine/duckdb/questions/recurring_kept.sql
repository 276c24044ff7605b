-- Question:   of the customers at each window's start, who is there at its end, and with how much?
-- Grain:      one row; the last cut is the end of every window.
-- Inputs:     priced (recurring_held.sql).
-- Definition: a customer is there when a row above zero runs; its amounts are of all its rows that run on the
--             day before the cut, and count where they come to more than nothing at the start, so that credits take nobody below it.
WITH held AS (
  SELECT unit{{range $i, $c := .Cuts}},
    count(*) FILTER (amount > 0 AND started_on < {{$c.Day}} AND ended_on >= {{$c.Day}}) > 0 AS there{{$i}},
    coalesce(sum(CASE WHEN started_on < {{$c.Day}} AND ended_on >= {{$c.Day}} THEN {{$c.Home}} END), 0) AS mrr{{$i}}{{end}}
  FROM priced WHERE ended_on >= {{(index .Cuts 0).Day}} GROUP BY unit
)
SELECT {{$last := .Last}}{{range $i, $w := .Windows}}{{if $i}},
  {{end}}count(*) FILTER (there{{$w}}), count(*) FILTER (there{{$w}} AND there{{$last}}), count(*) FILTER (there{{$last}}),
  CAST(coalesce(sum(mrr{{$w}}) FILTER (there{{$w}} AND mrr{{$w}} > 0), 0) AS VARCHAR), CAST(coalesce(sum(mrr{{$last}}) FILTER (there{{$w}} AND mrr{{$w}} > 0), 0) AS VARCHAR),
  CAST(coalesce(sum(least(greatest(mrr{{$last}}, 0), mrr{{$w}})) FILTER (there{{$w}} AND mrr{{$w}} > 0), 0) AS VARCHAR){{end}}
FROM held
