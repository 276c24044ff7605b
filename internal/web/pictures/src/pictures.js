// Draws the pictures of a page: each is an enhancement of a table that stands in the same figure and stays there.
//
//   <figure data-picture="over-time"> … <table data-…> … </figure>
//
// The numbers, labels and words come from the table; nothing is fetched, formatted words are the server's. A drawing is hidden
// from assistive technology, which reads the table. It is as wide as the figure and drawn anew when that changes; colours are
// the tokens' variables, so a change of the colour scheme needs no drawing.
import {course} from "./course.js";
import {deciles} from "./deciles.js";
import {overTime} from "./over-time.js";
import {retention} from "./retention.js";
import {revenueMonths} from "./revenue-months.js";
import {stack} from "./stack.js";

const kinds = {course, deciles, stack, "over-time": overTime, retention, "revenue-months": revenueMonths};

for (const figure of document.querySelectorAll("figure[data-picture]")) {
  const kind = kinds[figure.dataset.picture];
  const table = figure.querySelector("table");
  if (!kind || !table) continue;
  const data = kind.read(table, figure.dataset);
  if (data) show(figure, kind, data);
}
document.body.dataset.drawn = "near"; // every picture that is near the window, from now on

// show draws a picture when it comes near the window, or when the page is printed.
function show(figure, kind, data) {
  const place = figure.querySelector(".picture") ?? before(figure);
  place.setAttribute("aria-hidden", "true");
  let [near, drawn] = [false, 0];
  const draw = () => {
    const width = Math.floor(place.clientWidth);
    if (!near || width === drawn || width < 120) return;
    drawn = width;
    const svg = kind.draw(data, width);
    svg.setAttribute("focusable", "false");
    svg.querySelectorAll("[aria-label]").forEach((e) => e.removeAttribute("aria-label")); // Plot's own words, in no catalogue
    place.replaceChildren(svg);
  };
  const come = () => {
    near = true;
    draw();
  };
  new ResizeObserver(draw).observe(place);
  new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && come(), {rootMargin: "400px"}).observe(place);
  addEventListener("beforeprint", come);
}

// before makes a place for a figure that has none, above its table.
function before(figure) {
  const place = document.createElement("div");
  place.className = "picture";
  const table = figure.querySelector("details, .scroll, table");
  table.before(place);
  return place;
}
