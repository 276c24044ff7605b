-- What did each contract come to a month, on the days before the cuts?
-- Grain:      one row for each contract (spell).
-- Inputs:     spell (contract_spells.sql), priced (recurring_held.sql).
-- Definition: package equity, contract. Credits of the customer are taken off; a contract that did not run on the day before a cut has no amount there.
CREATE OR REPLACE TEMP TABLE contract AS
WITH running AS (
  SELECT unit{{range $i, $c := .Cuts}}, coalesce(sum(CASE WHEN started_on < {{$c.Day}} AND ended_on >= {{$c.Day}} THEN {{$c.Home}} END), 0) AS m{{$i}}{{end}}
  FROM priced GROUP BY unit
)
SELECT s.unit, s.began, s.ended, s.months{{range $i, $c := .Cuts}}, CASE WHEN s.began < {{$c.Day}} AND s.ended >= {{$c.Day}} THEN r.m{{$i}} END AS a{{$i}}{{end}}
FROM spell s JOIN running r ON r.unit = s.unit
