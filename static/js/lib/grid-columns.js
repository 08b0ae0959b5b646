// Widths and pins of the list's columns. Both stand in the address, and so in the view; here they are
// laid out, by a style sheet of this module's own, since the page's rules forbid styles in the HTML.

import { keep } from "./address.js";

const WIDEST = 1200;
const NARROWEST = 40;
const STEP = 16;
const EDGE = 8;
// What is pinned leaves this much of the frame for what goes by.
const ROOM = 0.6;

const sheets = { widths: new CSSStyleSheet(), pins: new CSSStyleSheet() };
const written = { widths: "", pins: "" };
document.adoptedStyleSheets = [...document.adoptedStyleSheets, ...Object.values(sheets)];

const heads = () => [...document.querySelectorAll(".table-runs thead th")];
const cells = (place, part = "") => `.table-runs ${part} tr:not(.group, .more) > :nth-child(${place + 1})`;

function lay() {
  const all = heads();
  const widths = all.flatMap((head, place) => {
    const width = Number(head.dataset.width);
    const rule = `{ width: ${width}px; min-width: ${width}px; max-width: ${width}px; overflow: hidden; }`;
    return width ? [`${cells(place)} ${rule}`] : [];
  });
  write("widths", widths.join("\n"));
  // To ask how wide the columns came out holds up the frame, and nobody pulls at them before it is seen.
  requestAnimationFrame(() => setTimeout(pin));
}

function pin() {
  const all = heads();
  write("pins", all.some((head) => "pinned" in head.dataset) ? pins(all) : "");
}

// Each sheet that is written has the browser look at all cells anew.
function write(name, rules) {
  if (written[name] === rules) return;
  written[name] = rules;
  sheets[name].replaceSync(rules);
}

function pins(all) {
  const room = all[0].closest(".grid-frame").clientWidth * ROOM;
  const rules = [];
  let left = 0;
  for (const [place, head] of all.entries()) {
    const width = head.getBoundingClientRect().width;
    const isPinned = "pinned" in head.dataset || head.classList.contains("cell-check");
    if (!isPinned || left + width > room) break;
    rules.push(`${cells(place)} { position: sticky; left: ${left}px; }
      ${cells(place, "tbody")} { z-index: 1; background: inherit; }
      ${cells(place, "thead")} { z-index: 3; }`);
    left += width;
  }
  if (!rules.length) return "";
  const last = cells(rules.length - 1);
  rules.push(`.is-aside ${last} { box-shadow: 1px 0 var(--line-strong), 8px 0 8px -8px rgb(0 0 0 / 45%); }`);
  // A narrow screen has no room for it.
  return `@media (width >= 640px) { ${rules.join("\n")} }`;
}

document.addEventListener(
  "scroll",
  ({ target }) => {
    if (!target.matches?.(".grid-frame")) return;
    // Its parent is not drawn anew by the list; other pages have frames too.
    document.getElementById("runs")?.classList.toggle("is-aside", target.scrollLeft > 0);
  },
  { capture: true, passive: true },
);

function widen(head, width) {
  head.dataset.width = Math.round(Math.min(Math.max(width, NARROWEST), WIDEST));
  lay();
}

// "*id!width", divided by commas: the part of this column gets its width, the others stay.
function keepWidths(head) {
  const { column, width } = head.dataset;
  const parts = head.closest("table").dataset.columns.split(",").map((part) => {
    const pin = part.startsWith("*") ? "*" : "";
    if (part.slice(pin.length).split("!")[0] !== column) return part;
    return pin + column + (width ? `!${width}` : "");
  });
  head.closest("table").dataset.columns = parts.join(",");
  keep("columns", parts.join(","));
}

function edge(event) {
  const head = event.target.closest?.(".table-runs th[data-column]");
  if (!head || event.button !== 0) return null;
  return head.getBoundingClientRect().right - event.clientX > EDGE ? null : head;
}

let pulled = null;

document.addEventListener("pointerdown", (event) => {
  const head = edge(event);
  if (!head) return;
  event.preventDefault();
  pulled = { head, from: event.clientX, width: head.getBoundingClientRect().width };
});

document.addEventListener("pointermove", (event) => {
  if (pulled) widen(pulled.head, pulled.width + event.clientX - pulled.from);
});

document.addEventListener("pointerup", (event) => {
  if (!pulled) return;
  const { head, from } = pulled;
  pulled = null;
  // The click that follows is no wish to sort.
  document.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", stop, { capture: true }));
  if (event.clientX !== from) keepWidths(head);
});

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

// Twice at the edge: as wide as it would be by itself.
document.addEventListener("dblclick", (event) => {
  const head = edge(event);
  if (!head) return;
  delete head.dataset.width;
  lay();
  keepWidths(head);
});

document.addEventListener("keydown", (event) => {
  const head = event.target.closest?.(".table-runs th[data-column]");
  const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
  if (!head || !step || !event.shiftKey) return;
  event.preventDefault();
  widen(head, head.getBoundingClientRect().width + step);
  keepWidths(head);
});

lay();
document.addEventListener("studio:shown", lay);
addEventListener("resize", lay);
