// Tenths of the customers as bars, the highest first: what each brings, with its share above.
//
//   <figure data-picture="deciles"> <tr data-x="1" data-label="1" data-y="84123.10" data-said="43.5%">
import {axisX, axisY, barY, gridY, plot, ruleY, text} from "@observablehq/plot";
import {frame, number, scale} from "./numbers.js";

export const deciles = {
  read(table) {
    const rows = [...table.querySelectorAll("tr[data-x]")].map(({dataset: d}) => ({x: d.x, label: d.label ?? d.x, y: number(d.y), said: d.said ?? ""})).filter((r) => Number.isFinite(r.y));
    return rows.length > 1 ? {rows} : null;
  },

  draw({rows}, width) {
    return plot({
      ...frame, width, marginLeft: 56,
      x: {type: "band", label: null, domain: rows.map((r) => r.x), padding: 0.25}, y: {label: null, nice: true},
      marks: [
        gridY({ticks: 5, stroke: "var(--rule)", strokeOpacity: 1}),
        axisY({tickFormat: scale(rows.map((r) => r.y)), tickSize: 0, ticks: 5}),
        axisX({tickSize: 0}),
        barY(rows, {x: "x", y: "y", fill: "var(--petrol)"}),
        text(rows.filter((r) => r.y >= 0), {x: "x", y: "y", text: "said", dy: -8, fill: "var(--ink-2)"}),
        ruleY([0], {stroke: "var(--ink)"})
      ]
    });
  }
};
