// The share of each cohort that still buys, by age. The oldest cohort is ink, the newest of some age petrol, the rest grey: what
// is read off is whether the newest stays as the oldest did. Where all begin at the same share (each cohort bought when it
// began) the lines begin after it, so that the scale is spent on what differs. Refused cells are gaps. Of groups, whose order
// is no age, the row that leads is told beside the first.
//
//   <tr data-series="2023 Q4" [data-lead]> <td data-x="0" data-y="100"> … <td data-x="11" data-refused>
import {axisX, axisY, dot, gridY, line, plot, ruleY, text} from "@observablehq/plot";
import {frame, number, scale} from "./numbers.js";

const known = (s) => s.points.filter((p) => Number.isFinite(p.y));

export const retention = {
  read(table, words) {
    const series = [...table.querySelectorAll("tr[data-series]")].map((row) => ({
      name: row.dataset.series,
      lead: "lead" in row.dataset,
      points: [...row.querySelectorAll("[data-x]")].map((cell) => ({x: number(cell.dataset.x), y: number(cell.dataset.y), name: row.dataset.series}))
    }));
    const first = series.map((s) => s.points[0]?.y);
    const longest = Math.max(...series.map((s) => s.points.length));
    if (longest > 4 && first.every((y) => y === first[0])) for (const s of series) s.points.shift();
    const drawn = series.filter((s) => known(s).length > 1);
    return drawn.length ? {series: drawn, words} : null;
  },

  draw({series, words}, width) {
    const grown = series.find((s) => s.lead) ?? series.findLast((s) => known(s).length >= Math.min(4, known(series[0]).length)) ?? series.at(-1);
    const told = [series[0], grown].filter((s, i, all) => all.indexOf(s) === i);
    const rest = series.filter((s) => !told.includes(s)).flatMap((s) => s.points);
    const paint = (s) => (s === grown ? "var(--petrol)" : "var(--ink)");
    const end = (s) => known(s).at(-1);
    const all = series.flatMap((s) => s.points);
    const written = scale(all.map((p) => p.y), words.unit);
    return plot({
      ...frame, width, marginRight: Math.min(112, width / 4),
      x: {label: null}, y: {label: null, domain: [0, Math.max(...all.map((p) => p.y).filter(Number.isFinite))], nice: true},
      marks: [
        gridY({ticks: 5, stroke: "var(--rule)", strokeOpacity: 1}),
        axisY({tickFormat: written, tickSize: 0, ticks: 5}),
        axisX({tickSize: 0, ticks: Math.min(12, Math.floor(width / 56)), tickFormat: (x) => (Number.isInteger(x) ? String(x) : "")}),
        ruleY([0], {stroke: "var(--rule-2)"}),
        line(rest, {x: "x", y: "y", z: "name", stroke: "var(--rule-2)", strokeWidth: 1}),
        ...told.flatMap((s) => [
          line(s.points, {x: "x", y: "y", stroke: "var(--paper)", strokeWidth: 5}),
          line(s.points, {x: "x", y: "y", stroke: paint(s), strokeWidth: 2}),
          dot(s.points, {x: "x", y: "y", r: 2.5, fill: paint(s)}),
          text([end(s)], {x: "x", y: "y", text: "name", textAnchor: "start", dx: 8, fill: paint(s), fontWeight: 600, stroke: "var(--paper)", strokeWidth: 4})
        ]),
        ...(words.xLabel ? [text([words.xLabel], {frameAnchor: "bottom-right", dy: 30, fill: "var(--ink-3)", textAnchor: "end"})] : [])
      ]
    });
  }
};
