// Metrics that are no series: texts, tables, confusion matrices, accuracy tables, residuals, predictions.
// Each is drawn into a picture, and told as a summary and as tracks for the keyboard.

import { curves } from "./curves.js";
import { colour, figure } from "./look.js";

const HIGH = 220;
const LOW = 90;

const part = (element, name, className = "", text = "") => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  element.append(made);
  return made;
};

function chosen(bar, label, options, value, change) {
  const select = part(part(bar, "label", "board-field", `${label} `), "select");
  select.append(...options.map(([key, text]) => new Option(text, key, false, String(key) === String(value))));
  select.addEventListener("change", () => change(select.value));
}

const said = (value) => (value === null ? "nothing" : figure(value));

// A place for curves of a height, with a tip of what is pointed at, by mouse or keys.
function plot(place, height, chart, look, { tip }) {
  const area = part(place, "div", "kind-plot");
  area.style.height = `${height}px`;
  const size = () => ({ width: area.clientWidth, height });
  const told = chart.told ?? ((line, at) => `${chart.xName}: ${said(line.xs[at])}\n${chart.yName}: ${said(line.values[at])}`);
  function move(found, left, top) {
    if (!found) return tip(null);
    tip(found.line.name, told(found.line, found.place), left, area.offsetTop + top);
  }
  const drawn = curves(area, chart, look, { size, move, leave: () => tip(null) });
  if (!drawn) return null;
  function seen(line, at) {
    const { left, top } = drawn.cursor(line.xs[at], line.values[at]);
    return { name: line.name, text: told(line, at), left, top: area.offsetTop + top };
  }
  const tracks = drawn.lines
    .filter((line) => !line.isBound && !line.isDashed)
    .map((line, key) => ({ key, xs: line.xs, size: line.xs.length, at: (at) => seen(line, at) }));
  return Object.assign(drawn, { tracks });
}

// Plots that may be drawn anew, as one.
function together(now) {
  const all = () => now().filter(Boolean);
  return {
    resize: () => all().forEach((each) => each.resize()),
    destroy: () => all().forEach((each) => each.destroy()),
    leave: () => all().forEach((each) => each.cursor(null)),
    get tracks() {
      return all().flatMap((each) => each.tracks);
    },
  };
}

function text(picture, told) {
  part(picture, "p", "kind-figure number", Number.isFinite(Number(told.last)) && told.last !== "" ? figure(Number(told.last)) : told.last || "–");
  const count = told.total > 1 ? `the last of ${told.total} values, which are no numbers` : "logged once";
  part(picture, "p", "faint", count);
  return { summary: `${told.name}: ${told.last}, ${count}.` };
}

function ordered(xs, values) {
  const places = xs.map((_, n) => n).filter((n) => xs[n] !== null).sort((a, b) => xs[a] - xs[b]);
  return { xs: places.map((n) => xs[n]), values: places.map((n) => values[n]) };
}

function table(picture, told, look, ways) {
  const heads = told.heads.filter((head) => told.columns[head]);
  const rows = told.total === 1 ? "1 row" : `${told.total.toLocaleString("en")} rows`;
  const about = `Table ${told.name} of ${rows}: ${told.heads.join(", ")}.`;
  if (!heads.length) {
    part(picture, "p", "faint", `${about} None of its columns holds numbers, so there is no chart: it can be shown as a table.`);
    return { summary: about };
  }
  const rowNumbers = Array.from({ length: told.shown }, (_, n) => n);
  const column = (head) => told.columns[head] ?? rowNumbers;
  const bar = part(picture, "div", "kind-bar");
  const place = part(picture, "div");
  const axes = { x: heads.length > 1 ? heads[0] : "", y: heads.length > 1 ? heads[1] : heads[0] };
  let drawn = null;
  const show = () => {
    drawn?.destroy();
    place.replaceChildren();
    const line = { name: axes.y, ...ordered(column(axes.x), column(axes.y)), colour: colour(1, look) };
    drawn = plot(place, HIGH - 50, { lines: [line], xName: axes.x || "row", yName: axes.y }, look, ways);
  };
  const choose = (other) => {
    Object.assign(axes, other);
    show();
    ways.changed();
  };
  const all = heads.map((head) => [head, head]);
  chosen(bar, "Across", [["", "Row"], ...all], axes.x, (value) => choose({ x: value }));
  chosen(bar, "Upwards", all, axes.y, (value) => choose({ y: value }));
  show();
  const note = told.shown < told.total ? ` The first ${told.shown.toLocaleString("en")} rows are drawn.` : "";
  if (note) part(picture, "p", "faint", note);
  return {
    drawn: together(() => [drawn]),
    get summary() {
      return `${about} Drawn are ${axes.y} over ${axes.x || "rows"}.${note}`;
    },
  };
}

function confusion(picture, { name, data }, look, ways) {
  const { labels, matrix } = data;
  const sums = matrix.map((row) => row.reduce((a, b) => a + b, 0));
  const bar = part(picture, "div", "kind-bar");
  const frame = part(picture, "div", "kind-matrix");
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", `Confusion matrix ${name}`);
  let body = null;
  const show = (isPart) => {
    frame.replaceChildren();
    const grid = part(frame, "table", "matrix");
    part(grid, "caption", "sr", `Rows are the true classes, columns the predicted ones${isPart ? ", as parts of each row" : ""}.`);
    const head = grid.createTHead().insertRow();
    part(head, "td", "faint", "true \\ predicted");
    for (const label of labels) part(head, "th", "", label).scope = "col";
    const most = Math.max(...matrix.flat(), 1);
    body = grid.createTBody();
    matrix.forEach((numbers, n) => {
      const row = body.insertRow();
      part(row, "th", "", labels[n]).scope = "row";
      numbers.forEach((number) => {
        const share = sums[n] ? number / sums[n] : 0;
        const strength = isPart ? share : number / most;
        const cell = part(row, "td", "number", isPart ? `${(100 * share).toFixed(1)}%` : figure(number));
        cell.style.background = `color-mix(in srgb, var(--accent) ${Math.round(strength * 100)}%, var(--paper))`;
        if (strength > 0.55) cell.style.color = "var(--accent-ink)";
      });
    });
  };
  chosen(bar, "Numbers", [["raw", "Raw"], ["part", "Normalised by row"]], "raw", (value) => {
    show(value === "part");
    ways.changed();
  });
  show(false);
  const whole = sums.reduce((a, b) => a + b, 0);
  const right = matrix.reduce((sum, row, n) => sum + row[n], 0);
  const seen = (n, m) => {
    const cell = body.rows[n].cells[m + 1];
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    const [own, whole] = [cell, picture].map((each) => each.getBoundingClientRect());
    return { name: labels[n], text: `taken for ${labels[m]}: ${cell.textContent}`, left: own.right - whole.left, top: own.top - whole.top + own.height / 2 };
  };
  const tracks = labels.map((_, n) => ({ key: n, xs: [...labels.keys()], size: labels.length, at: (m) => seen(n, m) }));
  const told = whole ? `${figure(right)} of ${figure(whole)} are right (${((100 * right) / whole).toFixed(1)}%).` : "It counts nothing.";
  part(picture, "p", "faint", told);
  return { isGrown: true, tracks, summary: `Confusion matrix ${name} of ${labels.length} classes. ${told}` };
}

const IDEAL = { diagonal: [[0, 1], [0, 1]], one: [[0, 1], [1, 1]] };

function accuracy(picture, { name, data }, look, ways) {
  const bar = part(picture, "div", "kind-bar");
  const place = part(picture, "div");
  const keys = part(picture, "div", "kind-keys");
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", "Classes and averages");
  const off = new Set();
  let now = data.curves[0];
  let drawn = null;
  const change = () => {
    show();
    ways.changed();
  };
  const show = () => {
    drawn?.destroy();
    place.replaceChildren();
    const lines = now.lines
      .map((line, n) => ({ name: line.name, xs: line.points.map(([x]) => x), values: line.points.map(([, y]) => y), colour: colour(n, look) }))
      .filter((line) => !off.has(line.name) && line.xs.length);
    const [xs, values] = IDEAL[now.ideal] ?? [];
    if (xs && lines.length) lines.push({ xs, values, isDashed: true, colour: look.soft });
    drawn = plot(place, HIGH, { lines, xName: now.x, yName: now.y }, look, ways);
    part(place, "p", "kind-axis faint", `${now.y} over ${now.x.toLowerCase()}${now.ideal ? "; dashed: " + (now.kind === "calibration" ? "well calibrated" : "by chance") : ""}`);
    keys.replaceChildren();
    now.lines.forEach((line, n) => {
      const key = part(keys, "label", "kind-key");
      const box = part(key, "input");
      Object.assign(box, { type: "checkbox", checked: !off.has(line.name) });
      box.addEventListener("change", () => {
        if (!off.delete(line.name)) off.add(line.name);
        change();
      });
      part(key, "span", "chart-swatch").style.background = colour(n, look);
      part(key, "span", "", line.area === null || line.area === undefined ? line.name : `${line.name} (area ${line.area.toFixed(3)})`);
    });
  };
  chosen(bar, "Curve", data.curves.map((curve, n) => [n, curve.title]), 0, (value) => change((now = data.curves[Number(value)])));
  show();
  const areas = data.curves[0].lines.map((line) => `${line.name} ${line.area.toFixed(3)}`).join(", ");
  return {
    isGrown: true,
    drawn: together(() => [drawn]),
    get summary() {
      return `Accuracy table ${name}: ${now.title}, ${now.y} over ${now.x.toLowerCase()}. Areas under the ROC curve: ${areas}.`;
    },
  };
}

const middles = (edges) => edges.slice(1).map((edge, n) => (edge + edges[n]) / 2);
const fromNothing = (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1];

function bars({ edges, counts }, name, look) {
  const ends = [edges[0], edges.at(-1)];
  return { told: binned(edges, name, "Count", figure), range: fromNothing, ends, lines: [{ name: "Count", xs: middles(edges), values: counts, isBars: true, colour: colour(1, look) }] };
}

// A bin is told by its edges, not by its middle.
function binned(edges, xName, yName, value) {
  return (line, n) => `${xName}: ${figure(edges[n])} to ${figure(edges[n + 1])}\n${yName}: ${value(line.values[n], n)}`;
}

function residuals(picture, { name, data }, look, ways) {
  const drawn = plot(picture, HIGH, bars(data, "Predicted minus true", look), look, ways);
  part(picture, "p", "kind-axis faint", "How many over predicted minus true");
  const whole = data.counts.reduce((a, b) => a + b, 0);
  const top = data.counts.indexOf(Math.max(...data.counts));
  return {
    isGrown: true,
    drawn: together(() => [drawn]),
    summary: `Residuals ${name}: ${figure(whole)} in ${data.counts.length} bins from ${figure(data.edges[0])} to ${figure(data.edges.at(-1))}, most between ${figure(data.edges[top])} and ${figure(data.edges[top + 1])}.`,
  };
}

function predictions(picture, { name, data }, look, ways) {
  const xs = middles(data.edges);
  const ends = [data.edges[0], data.edges.at(-1)];
  const bound = (sign) => data.averages.map((mean, n) => mean + sign * data.errors[n]);
  const lines = [
    { xs, values: bound(1), isBound: true },
    { xs, values: bound(-1), isBound: true },
    { xs, values: data.averages, name: "Mean prediction", colour: colour(1, look), width: 2 },
    { xs: ends, values: ends, isDashed: true, colour: look.soft },
  ];
  const told = binned(data.edges, "True value", "Predicted", (value, n) => `${figure(value)} ± ${figure(data.errors[n])}`);
  const bands = [{ series: [1, 2], fill: colour(1, look, 0.2) }];
  const above = plot(picture, HIGH, { lines, bands, ends, told }, look, ways);
  const below = plot(picture, LOW, bars(data, "True value", look), look, ways);
  part(picture, "p", "kind-axis faint", "Mean prediction over true value with its error; dashed: ideal. Below: how many");
  return {
    isGrown: true,
    drawn: together(() => [above, below]),
    summary: `Predictions ${name} in ${data.counts.length} bins of true values from ${figure(ends[0])} to ${figure(ends[1])}; mean predictions from ${figure(data.averages[0])} to ${figure(data.averages.at(-1))}.`,
  };
}

function broken(picture, told) {
  part(picture, "p", "chart-problem", `This ${told.kind.replace("_", " ")} cannot be drawn. ${told.problem}`);
  if (told.raw) {
    const raw = part(picture, "pre", "kind-raw", told.raw);
    raw.tabIndex = 0;
  }
  return { isGrown: true, summary: `${told.name} cannot be drawn. ${told.problem}` };
}

const KINDS = { scalar: text, list: text, table, confusion_matrix: confusion, accuracy_table: accuracy, residuals, predictions };

export function drawKind(picture, told, look, ways) {
  const draw = told.problem ? broken : KINDS[told.kind];
  if (told.path && told.total > 1) {
    const every = Array.from({ length: Math.min(told.total, 500) }, (_, n) => told.total - 1 - n);
    chosen(part(picture, "div", "kind-bar"), "Logged", every.map((n) => [n, n === told.total - 1 ? `${n + 1} (last)` : String(n + 1)]), told.place, ways.choose);
  }
  const found = draw(picture, told, look, ways);
  if (told.path) {
    const link = part(picture, "a", "kind-file", told.path);
    link.href = ways.files(told.path);
  }
  return found;
}
