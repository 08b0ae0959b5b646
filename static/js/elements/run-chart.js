// One chart over the list of runs: what the studio tells of them, in a picture, a legend and a table.

import { isLit, light } from "../charts/lit.js";
import { colour, figure, load } from "../charts/look.js";
import { ChartFrame, made } from "./chart-frame.js";

const DRAWERS = {
  line: ["uplot", () => import("../charts/lines.js")],
  bar: ["uplot", () => import("../charts/bars.js")],
  scatter: ["echarts", () => import("../charts/columns.js")],
  parallel: ["echarts", () => import("../charts/columns.js")],
};

const KEYS = {
  line: "Left and right go along the steps, up and down to another run.",
  bar: "Arrow keys go along the runs.",
  scatter: "Arrow keys go along the runs, from left to right.",
  parallel: "Left and right go along the axes, up and down to another run.",
};

// Rows that are ticked, by the numbers of their runs.
function selected() {
  const boxes = document.querySelectorAll(".table-runs input[data-select]:checked");
  return new Set([...boxes].map((box) => Number(box.closest("tr").id.slice("run-".length))));
}

class RunChart extends ChartFrame {
  begin(signal) {
    this.said = this.querySelector("[data-said]");
    this.chart = JSON.parse(this.closest(".chart").dataset.chart);
    document.addEventListener("studio:shown", () => this.renew(), { signal });
    document.addEventListener("studio:selected", () => this.choose(), { signal });
    document.addEventListener("studio:lit", ({ detail }) => this.lit(detail), { signal });
    this.legend.addEventListener("mouseover", (event) => this.name(event));
    this.legend.addEventListener("focusin", (event) => this.name(event));
    this.legend.addEventListener("mouseleave", () => light(null));
  }

  async ask() {
    const address = new URL(this.closest("[data-source]").dataset.source, location.href);
    address.searchParams.set("chart", JSON.stringify(this.chart));
    const text = await this.fetched(address);
    if (text === undefined || text === this.text) return;
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
    this.clear();
    const { marks } = this;
    const isPart = marks.length < this.data.marks.length;
    this.picture.setAttribute("aria-label", this.data.summary + (isPart ? ` Of these, ${marks.length} selected are drawn.` : "") + (marks.length ? ` ${KEYS[this.data.chart.kind]}` : ""));
    this.list(marks);
    if (marks.length) {
      const size = () => this.size();
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

  get tracks() {
    return this.drawn?.tracks ?? [];
  }

  stand({ number }) {
    light(number);
  }

  leave() {
    this.drawn?.leave?.();
    this.point(null);
  }

  point(mark, told, left, top) {
    light(mark ? mark.number : null);
    if (mark) this.tipAt(mark.name, told, left, top);
    else this.untip();
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
}

customElements.define("run-chart", RunChart);
