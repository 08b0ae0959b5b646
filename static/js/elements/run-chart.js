// One chart: asks the studio for what it shows, has it drawn, and says the same in a legend and a table.

import { isLit, light } from "../charts/lit.js";
import { colour, figure, load, theme } from "../charts/look.js";

const DRAWERS = {
  line: ["uplot", () => import("../charts/lines.js")],
  bar: ["uplot", () => import("../charts/bars.js")],
  scatter: ["echarts", () => import("../charts/columns.js")],
  parallel: ["echarts", () => import("../charts/columns.js")],
};
const EARLY = "200px";

// Rows that are ticked, by the numbers of their runs.
function selected() {
  const boxes = document.querySelectorAll(".table-runs input[data-select]:checked");
  return new Set([...boxes].map((box) => Number(box.closest("tr").id.slice("run-".length))));
}

function made(name, text, className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

class RunChart extends HTMLElement {
  connectedCallback() {
    this.picture = this.querySelector(".chart-picture");
    this.legend = this.querySelector(".chart-legend");
    this.table = this.querySelector(".chart-table");
    this.note = this.querySelector(".chart-note");
    this.chart = JSON.parse(this.closest(".chart").dataset.chart);
    this.isStale = true;
    this.stop = new AbortController();
    const { signal } = this.stop;
    document.addEventListener("studio:shown", () => this.renew(), { signal });
    document.addEventListener("studio:selected", () => this.choose(), { signal });
    document.addEventListener("studio:lit", ({ detail }) => this.lit(detail), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(), { signal });
    this.legend.addEventListener("mouseover", (event) => this.name(event));
    this.legend.addEventListener("focusin", (event) => this.name(event));
    this.legend.addEventListener("mouseleave", () => light(null));
    this.watch();
  }

  disconnectedCallback() {
    this.stop.abort();
    for (const watcher of this.watchers) watcher.disconnect();
    this.drawn?.destroy();
  }

  // A chart that nobody sees asks for nothing.
  watch() {
    const seen = new IntersectionObserver(
      (entries) => {
        this.isSeen = entries.at(-1).isIntersecting;
        if (this.isSeen && this.isStale) this.refresh();
      },
      { rootMargin: EARLY },
    );
    const sized = new ResizeObserver(() => this.drawn?.resize());
    const themed = new MutationObserver(() => this.draw());
    seen.observe(this);
    sized.observe(this.picture);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.watchers = [seen, sized, themed];
  }

  renew() {
    this.isStale = true;
    if (this.isSeen) this.refresh();
  }

  async refresh() {
    this.isStale = false;
    if (this.isAsking) return void (this.isStale = true);
    this.isAsking = true;
    try {
      await this.ask();
    } catch (error) {
      this.say(`This chart cannot be drawn now. ${error.message}`);
    } finally {
      this.isAsking = false;
    }
    if (this.isStale && this.isSeen) await this.refresh();
  }

  async ask() {
    const address = new URL(this.dataset.source, location.href);
    address.searchParams.set("chart", JSON.stringify(this.chart));
    const answer = await fetch(address);
    if (answer.redirected) return location.reload();
    const text = await answer.text();
    if (!answer.ok) {
      const told = answer.headers.get("Content-Type").includes("json") ? JSON.parse(text) : {};
      return this.say(`This chart cannot be shown. ${told.detail ?? answer.statusText} ${told.hint ?? ""}`);
    }
    if (text === this.text) return;
    this.text = text;
    this.data = JSON.parse(text);
    const [library, drawer] = DRAWERS[this.data.chart.kind];
    const [{ draw }] = await Promise.all([drawer(), load(this.dataset[library])]);
    this.drawer = draw;
    this.draw();
  }

  draw() {
    if (!this.drawer || !this.isConnected) return;
    const zoom = this.drawn?.zoom;
    this.drawn?.destroy();
    this.drawn = null;
    this.picture.replaceChildren();
    this.look = theme(this);
    const { marks } = this;
    const isPart = marks.length < this.data.marks.length;
    this.picture.setAttribute("aria-label", this.data.summary + (isPart ? ` Of these, ${marks.length} selected are drawn.` : ""));
    this.list(marks);
    if (marks.length) {
      const size = () => ({ width: this.picture.clientWidth, height: this.picture.clientHeight });
      const point = (...told) => this.point(...told);
      this.drawn = this.drawer(this.picture, { ...this.data, marks }, this.look, { point, zoom, size });
    }
    this.say(this.drawn ? "" : marks.length ? "Nothing here is positive." : "No listed run has that.");
    if (isLit() !== null) this.lit(isLit());
    if (!this.table.hidden) this.fill();
  }

  // With ticked rows among those that it shows, a chart is of them alone.
  get marks() {
    const chosen = this.data.marks.filter((mark) => this.picked?.has(mark.number));
    return chosen.length ? chosen : this.data.marks;
  }

  choose() {
    const picked = selected();
    const isSame = picked.size === (this.picked?.size ?? 0) && [...picked].every((number) => this.picked.has(number));
    this.picked = picked;
    if (!isSame && this.data) this.draw();
  }

  list(marks) {
    this.legend.replaceChildren(
      ...marks.map((mark) => {
        const item = document.createElement("li");
        const swatch = made("span", "", "chart-swatch");
        swatch.style.background = colour(mark.number, this.look);
        const link = made("a", mark.name);
        link.href = mark.address;
        link.dataset.number = mark.number;
        link.prepend(swatch);
        item.append(link);
        return item;
      }),
    );
  }

  name(event) {
    const link = event.target.closest("a");
    if (link) light(Number(link.dataset.number));
  }

  lit(number) {
    // Drawing takes longer than pointing: only the last of what is pointed at in a frame is drawn.
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawn?.light(number));
    for (const link of this.legend.querySelectorAll("a")) {
      link.classList.toggle("is-lit", Number(link.dataset.number) === number);
    }
  }

  point(mark, told, left, top) {
    this.tip?.remove();
    light(mark ? mark.number : null);
    if (!mark) return;
    this.tip = made("div", "", "chart-tip");
    this.tip.append(made("b", mark.name), made("span", told));
    this.picture.append(this.tip);
    const { clientWidth, clientHeight } = this.picture;
    const x = left + 14 + this.tip.offsetWidth > clientWidth ? left - 14 - this.tip.offsetWidth : left + 14;
    const y = Math.min(Math.max(top - this.tip.offsetHeight / 2, 0), clientHeight - this.tip.offsetHeight);
    this.tip.style.transform = `translate(${Math.max(x, 0)}px, ${y}px)`;
  }

  toggle(button) {
    const isTable = this.table.hidden;
    this.table.hidden = !isTable;
    this.picture.hidden = isTable;
    this.legend.hidden = isTable;
    button.setAttribute("aria-pressed", String(isTable));
    if (isTable) this.fill();
    else this.drawn?.resize();
  }

  fill() {
    if (!this.data) return;
    const table = made("table", "", "table");
    const heads = table.createTHead().insertRow();
    for (const [place, head] of ["Run", ...this.data.heads].entries()) {
      const cell = made("th", head, place ? "right" : "");
      cell.scope = "col";
      heads.append(cell);
    }
    const body = table.createTBody();
    for (const { name, address, cells } of this.marks) {
      const row = body.insertRow();
      const link = made("a", name);
      link.href = address;
      row.insertCell().append(link);
      for (const value of cells) row.append(made("td", value === true ? "yes" : figure(value), "right number"));
    }
    this.table.replaceChildren(table);
  }

  say(text) {
    this.note.textContent = text.trim();
    this.note.hidden = !text;
  }
}

customElements.define("run-chart", RunChart);
