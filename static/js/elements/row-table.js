// The values of metrics as they were logged, a page at a time.

import { made } from "./chart-frame.js";

const PAGE = 100;

export class RowTable {
  constructor(place, names, source, signal) {
    this.place = place;
    this.names = names;
    this.source = source;
    this.name = names[0];
    this.start = 0;
    this.place.addEventListener("click", (event) => this.click(event), { signal });
    this.place.addEventListener("change", (event) => this.choose(event), { signal });
  }

  async show() {
    const answer = await fetch(`${this.source}?${new URLSearchParams({ name: this.name, start: this.start })}`);
    if (!answer.ok) return this.place.replaceChildren(made("p", "These values cannot be read now.", "chart-problem"));
    const told = await answer.json();
    this.total = told.total;
    const known = this.place.querySelector("table");
    if (known) {
      known.replaceWith(this.table(told));
      this.place.querySelector(".rows-bar").replaceWith(this.bar());
    } else this.place.replaceChildren(this.bar(), this.table(told));
  }

  // New rows may be on the page that is shown, or make one more page.
  grow() {
    if (this.total === undefined || this.start + PAGE > this.total) this.show();
  }

  bar() {
    const bar = made("div", "", "rows-bar");
    if (this.names.length > 1) {
      const select = made("select", "");
      select.setAttribute("aria-label", "Metric");
      select.append(...this.names.map((name) => new Option(name, name, false, name === this.name)));
      bar.append(select);
    }
    const end = Math.min(this.start + PAGE, this.total);
    const told = made("span", `${(this.start + 1).toLocaleString("en")}–${end.toLocaleString("en")} of ${this.total.toLocaleString("en")}`, "number");
    told.setAttribute("role", "status");
    const last = Math.floor((this.total - 1) / PAGE) * PAGE;
    const ways = { First: 0, Back: this.start - PAGE, Next: this.start + PAGE, Last: last };
    bar.append(told);
    for (const [word, start] of Object.entries(ways)) {
      const button = made("button", word, "button button-small");
      button.type = "button";
      button.dataset.start = start;
      button.disabled = start < 0 || start > last || start === this.start;
      bar.append(button);
    }
    return bar;
  }

  table({ heads, rows, kind }) {
    const table = made("table", "", "table");
    const names = kind === "scalar" ? ["Step", "Time", "Value"] : ["Row", "Time", ...(heads[0] === "value" && heads.length === 1 ? ["Value"] : heads)];
    const head = table.createTHead().insertRow();
    for (const name of names) {
      const cell = made("th", name, "right");
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    for (const [place, step, time, ...values] of rows) {
      const row = body.insertRow();
      const when = made("time", new Date(time * 1000).toISOString().replace("T", " ").replace("Z", ""));
      row.append(made("td", String(step ?? place), "right number"));
      const cell = made("td", "", "right number");
      cell.append(when);
      row.append(cell, ...values.map((value) => made("td", value === null ? "–" : String(value), "right number")));
    }
    return table;
  }

  click(event) {
    const button = event.target.closest("[data-start]");
    if (!button) return;
    this.start = Number(button.dataset.start);
    const word = button.textContent;
    this.show().then(() => this.settle(word));
  }

  // The buttons are new ones: who pressed one stays on it, or on the table if it leads nowhere now.
  settle(word) {
    this.place.scrollTop = 0;
    const same = [...this.place.querySelectorAll("[data-start]")].find((button) => button.textContent === word && !button.disabled);
    (same ?? this.place).focus({ preventScroll: true });
  }

  choose(event) {
    this.name = event.target.value;
    this.start = 0;
    this.show();
  }
}
