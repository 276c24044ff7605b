// A value at each close: a dot with its interval, the bounds as a hatched box behind it, an upright hatched band where the
// value was refused. The zero line is "no change"; a standard is dashed. A dot has a colour only when its whole interval lies
// on one side of no change; data-less says that less is better.
//
//   <figure data-picture="over-time" data-unit="%" data-zero="0" data-standard="…">
//   <tr data-x="2026-08-31" data-label="Aug 2026" data-said="−3.9%" data-y="-3.9" data-low="-4.2" data-high="-3.5" data-bound-low="-5.3" data-bound-high="-2.1">
//   <tr data-x="2026-07-31" data-label="Jul 2026" data-refused>
import {axisX, axisY, dot, gridY, line, plot, rect, ruleX, ruleY, text} from "@observablehq/plot";
import {day, frame, number, scale, some} from "./numbers.js";

export const overTime = {
  read(table, words) {
    const rows = [...table.querySelectorAll("tr[data-x]")].map(({dataset: d}) => {
      const y = number(d.y);
      const [low, high] = [number(d.low), number(d.high)];
      return {
        x: day(d.x), label: d.label ?? d.x, said: d.said, refused: d.refused !== undefined || !Number.isFinite(y), y,
        low: Number.isFinite(low) ? low : y, high: Number.isFinite(high) ? high : y, from: number(d.boundLow), to: number(d.boundHigh)
      };
    }).sort((a, b) => a.x - b.x);
    return rows.some((r) => !r.refused) ? {rows, words} : null;
  },

  draw({rows, words}, width) {
    const zero = number(words.zero ?? "0");
    const standard = number(words.standard);
    const shown = rows.filter((r) => !r.refused);
    const [above, below] = words.less === undefined ? ["var(--petrol)", "var(--clay)"] : ["var(--clay)", "var(--petrol)"];
    const side = (r) => (r.low > zero ? above : r.high < zero ? below : "var(--ink)");
    const half = apart(rows) / 2;
    const around = (share) => ({x1: (r) => new Date(+r.x - half * share), x2: (r) => new Date(+r.x + half * share)});
    const values = shown.flatMap((r) => [r.y, r.low, r.high, r.from, r.to, standard]).filter(Number.isFinite);
    const near = Math.min(...values) <= zero || Math.min(...values) - zero < (Math.max(...values) - Math.min(...values)) * 2;
    const written = scale(values, words.unit);
    const labelled = some(rows.map((r) => r.label), width - 112);
    const ticks = rows.filter((_, i) => labelled(i));
    const label = new Map(rows.map((r) => [+r.x, r.label]));
    return plot({
      ...frame, width, marginLeft: 56, marginRight: 56,
      x: {type: "utc", label: null, domain: [new Date(+rows[0].x - half), new Date(+rows.at(-1).x + half)]},
      y: {label: null, nice: true, domain: [Math.min(...values, ...(near ? [zero] : [])), Math.max(...values, ...(near ? [zero] : []))]},
      marks: [
        gridY({ticks: 5, stroke: "var(--rule)", strokeOpacity: 1}),
        axisY({tickFormat: written, tickSize: 0, ticks: 5}),
        axisX(ticks.map((r) => r.x), {tickFormat: (x) => label.get(+x), tickSize: 0}),
        rect(rows.filter((r) => r.refused), {...around(0.7), fill: "url(#hatch)", stroke: "var(--ink-3)", strokeDasharray: "3 3"}),
        rect(shown.filter((r) => Number.isFinite(r.from) && Number.isFinite(r.to)), {...around(0.7), y1: "from", y2: "to", fill: "url(#hatch)", stroke: "var(--ink-3)"}),
        ...(near ? [ruleY([zero], {stroke: "var(--ink)"})] : []),
        ...(Number.isFinite(standard) ? [ruleY([standard], {stroke: "var(--ink)", strokeDasharray: "3 3"})] : []),
        line(rows, {x: "x", y: "y", stroke: "var(--rule-2)", strokeWidth: 1.5}),
        ruleX(shown.filter((r) => r.high > r.low), {x: "x", y1: "low", y2: "high", stroke: "var(--paper)", strokeWidth: 6}),
        ruleX(shown.filter((r) => r.high > r.low), {x: "x", y1: "low", y2: "high", stroke: side, strokeWidth: 3}),
        dot(shown, {x: "x", y: "y", r: 4.5, fill: side, stroke: "var(--paper)", strokeWidth: 1.5}),
        text(shown.slice(-1), {x: (r) => new Date(+r.x + half * 0.7), y: "y", text: (r) => r.said ?? written(r.y), textAnchor: "start", dx: 6, fontWeight: 600, fill: side, stroke: "var(--paper)", strokeWidth: 4})
      ]
    });
  }
};

// apart is the least time between two neighbours: a month when there is one.
function apart(rows) {
  const gaps = rows.slice(1).map((r, i) => r.x - rows[i].x).filter((g) => g > 0);
  return gaps.length ? Math.min(...gaps) : 30 * 86400e3;
}
