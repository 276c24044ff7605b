// The journey map by hand and by keyboard: arrow keys go from tile to tile, the ground is dragged to move over a large map, and who
// may change the map lifts a tile and puts it elsewhere. Without this script the map is a table of links, and a touchpoint's page
// moves it.
"use strict";
(() => {
const map = document.querySelector("[data-map]");
if (!map) return;
const says = document.querySelector("[data-map-says]");
const tools = document.querySelector("[data-map-tools]");
const form = document.querySelector("[data-map-move]");
const rtl = document.documentElement.dir === "rtl";
const say = (text) => { says.textContent = text; };
tools.hidden = false;

// ---------- size ----------
const sizes = [1, 2, 3, 4, 5];
let size = 3;
function zoom(by) {
  const next = Math.min(5, Math.max(1, size + by));
  map.dataset.size = next;
  size = next;
  try { sessionStorage.setItem("map-size", next); } catch { /* then a move draws it as large as at first */ }
  for (const b of tools.querySelectorAll("[data-zoom]")) b.disabled = !sizes.includes(size + Number(b.dataset.zoom));
}
tools.addEventListener("click", (event) => {
  const by = event.target.closest("[data-zoom]")?.dataset.zoom;
  if (by) zoom(Number(by));
});

// ---------- from tile to tile ----------
const cellOf = (tile) => tile.closest("td");
const cells = () => [...map.querySelectorAll("tbody tr[data-department]")].map((row) => [...row.querySelectorAll("td[data-stage]")]).filter((row) => row.length);
function placed(cell) {
  const rows = cells();
  for (let r = 0; r < rows.length; r++) {
    const c = rows[r].indexOf(cell);
    if (c >= 0) return {rows, r, c};
  }
  return null;
}
const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, rtl ? 1 : -1], ArrowRight: [0, rtl ? -1 : 1]};

function neighbour(tile, [down, across]) {
  const at = placed(cellOf(tile));
  if (!at) return null;
  const tiles = [...cellOf(tile).querySelectorAll(".tile")];
  const own = tiles.indexOf(tile);
  if (down && tiles[own + down]) return tiles[own + down];
  let {rows, r, c} = at;
  for (;;) {
    r += down;
    c += across;
    const cell = rows[r]?.[c];
    if (!cell) return null;
    const there = cell.querySelectorAll(".tile");
    if (there.length) return there[down < 0 ? there.length - 1 : Math.min(own, there.length - 1)];
  }
}

// ---------- lifting a tile ----------
let arranging = false;
let lifted = null; // {tile, target}
const arrange = tools.querySelector("[data-arrange]");
function arranged(on) {
  arranging = on;
  arrange.setAttribute("aria-pressed", String(arranging));
  map.classList.toggle("arranging", arranging);
  if (!arranging) back();
}
arrange?.addEventListener("click", () => arranged(!arranging));

function aim(cell) {
  lifted.target?.classList.remove("target");
  lifted.target = cell;
  cell?.classList.add("target");
}
function lift(tile) {
  lifted = {tile, target: null};
  tile.classList.add("lifted");
  aim(cellOf(tile));
}
function back() {
  if (!lifted) return;
  aim(null);
  lifted.tile.classList.remove("lifted");
  lifted = null;
  say(map.dataset.sayBack);
}
function named(cell) {
  const row = cell.closest("tr");
  const column = map.querySelectorAll("thead th")[1 + [...row.querySelectorAll("td")].indexOf(cell)];
  return `${row.querySelector("th").innerText.split("\n")[0]}, ${column.innerText}`;
}
function drop(before) {
  const {tile, target} = lifted;
  if (!target || (target === cellOf(tile) && before === tile)) return back();
  form.action = `/journey/touchpoints/${encodeURIComponent(tile.dataset.key)}/move`;
  form.elements.stage.value = target.dataset.stage;
  form.elements.department.value = target.closest("tr").dataset.department;
  form.elements.before.value = before && before !== tile ? before.dataset.key : "";
  form.elements.version.value = tile.dataset.version;
  say(map.dataset.sayMoved);
  form.requestSubmit();
}

map.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "+" || event.key === "=") return zoom(1), event.preventDefault();
  if (event.key === "-") return zoom(-1), event.preventDefault();
  const tile = event.target.closest?.(".tile");
  if (!tile) return;
  const step = steps[event.key];
  if (lifted) {
    if (event.key === "Escape") back();
    else if (event.key === "Enter" || event.key === " ") drop(null);
    else if (step) {
      const at = placed(lifted.target);
      const next = at?.rows[at.r + step[0]]?.[at.c + step[1]];
      if (next) {
        aim(next);
        next.scrollIntoView({block: "nearest", inline: "nearest"});
        say(`${map.dataset.sayOver} ${named(next)}`);
      }
    } else return;
    return event.preventDefault();
  }
  if (step) {
    neighbour(tile, step)?.focus();
    event.preventDefault();
  } else if (event.key.toLowerCase() === "m" && arranging) {
    lift(tile);
    say(map.dataset.sayLifted);
    event.preventDefault();
  }
});

// ---------- the pointer ----------
// A drag of the ground moves over the map; a drag of a tile, while arranging, moves the tile. A press without a drag stays a click.
const slack = 6; // pixels before a press is a drag
let press = null;
map.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  const tile = event.target.closest(".tile");
  if (tile && !arranging) return;
  if (!tile && event.target.closest("a, button")) return;
  press = {x: event.clientX, y: event.clientY, left: map.scrollLeft, tile, moved: false, id: event.pointerId};
});
addEventListener("pointermove", (event) => {
  if (!press || event.pointerId !== press.id) return;
  const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
  if (!press.moved && Math.hypot(dx, dy) < slack) return;
  if (!press.moved) {
    press.moved = true;
    press.top = scrollY;
    if (press.tile) lift(press.tile);
    else map.classList.add("panning");
  }
  if (press.tile) {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    aim(under?.closest("td[data-stage]") ?? null);
    press.over = under?.closest(".tile");
  } else {
    map.scrollLeft = press.left - dx;
    scrollTo(scrollX, press.top - dy);
  }
});
function released(event) {
  if (!press || event.pointerId !== press.id) return;
  const was = press;
  press = null;
  map.classList.remove("panning");
  if (!was.moved || !was.tile) return;
  if (event.type === "pointercancel") back();
  else drop(was.over);
}
addEventListener("pointerup", released);
addEventListener("pointercancel", released);
map.addEventListener("dragstart", (event) => event.preventDefault());
// The click that ends a drag opens nothing, and neither does one while arranging.
map.addEventListener("click", (event) => {
  if (event.target.closest(".tile") && arranging) event.preventDefault();
}, true);

// ---------- after a move ----------
// The map is drawn anew: as large as before, with the focus on the tile that was moved, and one goes on arranging.
try { zoom(Number(sessionStorage.getItem("map-size") || size) - size); } catch { /* at its first size */ }
const key = location.hash.startsWith("#moved-") ? location.hash.slice("#moved-".length) : "";
const moved = key && map.querySelector(`[data-key="${CSS.escape(key)}"]`);
if (moved) {
  if (arrange) arranged(true);
  moved.focus();
  say(`${map.dataset.sayMoved} ${named(cellOf(moved))}`);
  history.replaceState(null, "", location.pathname + location.search);
}
})();
