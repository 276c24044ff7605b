// A series that left its course: its months as a line, the level that it left as a dashed one and the level since as another,
// an upright where this was noticed. Months since the change are dots.
//
//   <figure data-picture="course" data-unit="%" data-before="1.07" data-after="1.09" data-seen="noticed">
//   <tr data-x="2018-03-01" data-label="Mar 2018" data-y="1.0958" data-since data-seen>
import {axisX, axisY, dot, gridY, line, plot, ruleX, text} from "@observablehq/plot";
import {day, frame, number, scale, some} from "./numbers.js";

export const course = {
  read(table, words) {
    const rows = [...table.querySelectorAll("tr[data-x]")].map(({dataset: d}) => ({x: day(d.x), label: d.label ?? d.x, y: number(d.y), since: d.since !== undefined, seen: d.seen !== undefined}))
      .filter((r) => Number.isFinite(r.y)).sort((a, b) => a.x - b.x);
    return rows.length > 2 ? {rows, words} : null;
  },

  draw({rows, words}, width) {
    const [before, after] = [number(words.before), number(words.after)];
    const since = rows.filter((r) => r.since);
    const values = [...rows.map((r) => r.y), before, after].filter(Number.isFinite);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = (high - low) * 0.12 || 1;
    const labelled = some(rows.map((r) => r.label), width - 72);
    const label = new Map(rows.map((r) => [+r.x, r.label]));
    const level = (y, from, to, more) => (Number.isFinite(y) && from && to ? [line([{x: from.x, y}, {x: to.x, y}], {x: "x", y: "y", stroke: "var(--ink)", ...more})] : []);
    const first = rows.findIndex((r) => r.since);
    return plot({
      ...frame, width, marginLeft: 56, marginRight: 32,
      x: {type: "utc", label: null}, y: {label: null, domain: [low - room, high + room]},
      marks: [
        gridY({ticks: 4, stroke: "var(--rule)", strokeOpacity: 1}),
        axisY({tickFormat: scale([high - low], words.unit), tickSize: 0, ticks: 4}),
        axisX(rows.filter((_, i) => labelled(i)).map((r) => r.x), {tickFormat: (x) => label.get(+x), tickSize: 0}),
        ruleX(rows.filter((r) => r.seen), {x: "x", stroke: "var(--clay)", strokeWidth: 1.5}),
        line(rows, {x: "x", y: "y", stroke: "var(--petrol)", strokeWidth: 2}),
        ...level(before, rows[0], rows[Math.max(0, first - 1)], {strokeDasharray: "4 3"}),
        ...level(after, since[0], since.at(-1), {strokeWidth: 1.5}),
        dot(since, {x: "x", y: "y", r: 3.5, fill: "var(--clay)", stroke: "var(--paper)"}),
        text(rows.filter((r) => r.seen), {x: "x", y: () => high + room, text: () => words.seen, textAnchor: "end", dx: -6, dy: 8, fill: "var(--clay)", stroke: "var(--paper)", strokeWidth: 4})
      ]
    });
  }
};
