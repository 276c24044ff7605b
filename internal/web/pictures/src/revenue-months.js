// Revenue of each month, by customers who stayed, returned and came. Bars start at zero; returns below zero hang under it.
//
//   <figure data-picture="revenue-months"> <th data-series="stayed" data-paint="ink"> …
//   <tr data-x="2026-08-01" data-label="Aug 2026"> <td data-series="stayed" data-y="118902.60">
import {axisX, axisY, barY, gridY, plot, ruleY, stackY} from "@observablehq/plot";
import {frame, number, scale, some} from "./numbers.js";

const paints = {
  ink: {fill: "var(--ink-2)"}, petrol: {fill: "var(--petrol)"}, clay: {fill: "var(--clay)"}, bought: {fill: "var(--bought)"},
  band: {fill: "var(--band)", stroke: "var(--petrol)"}, hatch: {fill: "url(#hatch)", stroke: "var(--ink-3)"}
};
const usual = {stayed: "ink", returned: "band", came: "petrol", earned: "petrol", unattributed: "hatch", bought: "bought"};

export const revenueMonths = {
  read(table, words) {
    const paint = Object.fromEntries([...table.querySelectorAll("th[data-series]")].map(({dataset: d}) => [d.series, d.paint ?? usual[d.series] ?? "ink"]));
    const months = [...table.querySelectorAll("tr[data-x]")].map((row) => ({x: row.dataset.x, label: row.dataset.label ?? row.dataset.x}));
    const parts = [...table.querySelectorAll("tr[data-x] [data-series][data-y]")].map((cell) => ({
      x: cell.closest("tr").dataset.x, series: cell.dataset.series, y: number(cell.dataset.y)
    })).filter((p) => Number.isFinite(p.y) && p.y !== 0);
    return parts.length ? {months, parts, order: Object.keys(paint), paint, words} : null;
  },

  draw({months, parts, order, paint, words}, width) {
    const sums = months.map((m) => parts.filter((p) => p.x === m.x).reduce((sum, p) => sum + Math.abs(p.y), 0));
    const written = scale(sums, words.unit);
    const labelled = some(months.map((m) => m.label), width - 72);
    const label = new Map(months.map((m, i) => [m.x, labelled(i) ? m.label : ""]));
    const painted = (p) => paints[paint[p.series]] ?? paints.ink;
    return plot({
      ...frame, width, marginLeft: 56,
      x: {type: "band", label: null, domain: months.map((m) => m.x), padding: months.length > 48 ? 0.1 : 0.3}, y: {label: null, nice: true},
      marks: [
        gridY({ticks: 5, stroke: "var(--rule)", strokeOpacity: 1}),
        axisY({tickFormat: written, tickSize: 0, ticks: 5}),
        axisX({tickFormat: (x) => label.get(x), tickSize: 0}),
        barY(parts, stackY({x: "x", y: "y", z: "series", order, fill: (p) => painted(p).fill, stroke: (p) => painted(p).stroke ?? "none"})),
        ruleY([0], {stroke: "var(--ink)"})
      ]
    });
  }
};
