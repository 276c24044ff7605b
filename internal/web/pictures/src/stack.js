// The whole base as its cohorts on top of each other: the oldest at the bottom. Returns below nothing are drawn as nothing; the
// table has them.
//
//   <figure data-picture="stack"> <tr data-series="2023 Q4"> <td data-x="2024-Q1" data-label="2024 Q1" data-y="118902.60">
import {areaY, axisX, axisY, gridY, plot, ruleY, stackY, text} from "@observablehq/plot";
import {frame, number, scale, some} from "./numbers.js";

const paints = ["var(--q6)", "var(--q5)", "var(--q4)", "var(--q3)", "var(--q2)", "var(--q1)", "var(--q0)"];

export const stack = {
  read(table) {
    const rows = [...table.querySelectorAll("tr[data-series]")];
    if (!rows.length) return null;
    const spans = [...rows[0].querySelectorAll("[data-x]")].map(({dataset: d}) => ({x: d.x, label: d.label ?? d.x}));
    const order = rows.map((r) => r.dataset.series);
    const at = new Map(spans.map((s, i) => [s.x, i]));
    const parts = rows.flatMap((r) => [...r.querySelectorAll("[data-x]")].map(({dataset: d}) => ({x: at.get(d.x), series: r.dataset.series, y: Math.max(0, number(d.y))})))
      .filter((p) => Number.isFinite(p.y));
    return spans.length > 1 && parts.length ? {spans, order, parts} : null;
  },

  draw({spans, order, parts}, width) {
    const sums = spans.map((_, i) => parts.filter((p) => p.x === i).reduce((sum, p) => sum + p.y, 0));
    const labelled = some(spans.map((s) => s.label), width - 140);
    const ticks = spans.map((_, i) => i).filter((i) => labelled(i));
    const paint = (name) => paints[Math.min(paints.length - 1, Math.floor((order.indexOf(name) * paints.length) / Math.max(order.length, 1)))];
    const last = spans.length - 1;
    const ends = [];
    let sum = 0;
    for (const name of order) {
      const y = parts.find((p) => p.x === last && p.series === name)?.y ?? 0;
      ends.push({name, y: sum + y / 2, size: y});
      sum += y;
    }
    return plot({
      ...frame, height: 320, width, marginLeft: 56, marginRight: Math.min(84, width / 5),
      x: {label: null, domain: [0, last]}, y: {label: null, nice: true, domain: [0, Math.max(...sums)]},
      marks: [
        gridY({ticks: 5, stroke: "var(--rule)", strokeOpacity: 1}),
        axisY({tickFormat: scale(sums), tickSize: 0, ticks: 5}),
        axisX(ticks, {tickFormat: (i) => spans[i].label, tickSize: 0}),
        areaY(parts, stackY({x: "x", y: "y", z: "series", order, fill: (p) => paint(p.series), stroke: "var(--paper)", strokeWidth: 0.75})),
        text(ends.filter((e) => e.size > sum * 0.07), {x: () => last, y: "y", text: "name", textAnchor: "start", dx: 8, fill: "var(--ink-2)"}),
        ruleY([0], {stroke: "var(--ink)"})
      ]
    });
  }
};
