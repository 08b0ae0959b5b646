// The charts above the list: their order, their sizes, and which row and line are pointed at.
// Every change is a new address, so that views, links and the Back button know of it.

import { light } from "../charts/lit.js";
import { draggable } from "../lib/card-order.js";

const FLAGS = ["wide", "tall"];

class ChartStrip extends HTMLElement {
  connectedCallback() {
    // A list without charts does not pay for drawing, nor one that nobody adds a chart to for the form.
    const opener = document.querySelector('[data-open="chart-dialog"]');
    opener.addEventListener("click", () => this.form(), { once: true });
    if (this.querySelector("run-chart")) import("./run-chart.js");
    this.addEventListener("click", (event) => this.click(event));
    draggable(this, (card) => this.go(card));
    document.getElementById("chart-dialog").addEventListener("chart-kept", (event) => this.keep(event.detail));
  }

  get cards() {
    return [...this.querySelectorAll(".chart")];
  }

  // What cannot be drawn stays in its view, but no address takes it.
  get charts() {
    return this.cards.filter((card) => !("broken" in card.dataset)).map((card) => JSON.parse(card.dataset.chart));
  }

  click(event) {
    const button = event.target.closest("[data-chart-do]");
    if (!button) return;
    const card = button.closest(".chart");
    const what = button.dataset.chartDo;
    if (what === "table") return card.querySelector("run-chart").toggle(button);
    if (what === "edit") return this.edit(card);
    if (what === "remove") card.remove();
    if (what === "before") card.previousElementSibling.before(card);
    if (what === "after") card.nextElementSibling.after(card);
    if (FLAGS.includes(what)) {
      const chart = JSON.parse(card.dataset.chart);
      card.dataset.chart = JSON.stringify({ ...chart, [what]: !chart[what] });
    }
    this.go(card);
  }

  form() {
    return import("./chart-form.js");
  }

  async edit(card) {
    this.edited = card;
    await this.form();
    document.querySelector("chart-form").open(JSON.parse(card.dataset.chart));
  }

  keep(chart) {
    const card = this.edited?.isConnected ? this.edited : null;
    this.edited = null;
    if (!card) return this.visit([...this.charts, chart], this.charts.length + 1);
    card.dataset.chart = JSON.stringify(chart);
    return this.go(card);
  }

  go(card) {
    const place = this.cards.filter((each) => !("broken" in each.dataset)).indexOf(card);
    this.visit(this.charts, place + 1);
  }

  visit(charts, place) {
    const address = new URL(this.dataset.address, location.href);
    const columns = new URL(location.href).searchParams.get("columns");
    // Widths that were pulled since stand in the address only.
    if (columns !== null) address.searchParams.set("columns", columns);
    address.searchParams.set("charts", charts.length ? JSON.stringify(charts) : "");
    address.hash = place ? `chart-${place}` : "";
    location.assign(address);
  }
}

customElements.define("chart-strip", ChartStrip);

// A row that is pointed at is told to the charts, and what they point at to the row.
for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    if (!document.querySelector("run-chart")) return;
    const row = event.target.closest?.(".table-runs tbody tr[id]");
    if (row) light(Number(row.id.slice("run-".length)));
    else if (kind === "mouseover" && !event.target.closest?.("run-chart, [data-run-number]")) light(null);
  });
}

document.addEventListener("studio:lit", ({ detail }) => {
  for (const row of document.querySelectorAll(".table-runs tr.is-lit")) row.classList.remove("is-lit");
  if (detail !== null) document.getElementById(`run-${detail}`)?.classList.add("is-lit");
});
