// The Metrics tab: which metrics are drawn and how. All of it stands in the address; what somebody has
// chosen last is remembered for the next run that they open.

import { read, write } from "../lib/arrangement.js";
import { arranged, draggable } from "../lib/card-order.js";
import { titleOf } from "../lib/names.js";
import "./metric-chart.js";

const SERIES = ["scalar", "list"];
const SIZES = ["wide", "tall"];
const LONGEST = 4000;
const PAUSE = 600;

class MetricBoard extends HTMLElement {
  connectedCallback() {
    this.cards = this.querySelector("[data-cards]");
    this.form = this.querySelector(".board-bar");
    this.find = this.querySelector("#find-metric");
    const asked = location.search.slice(1);
    this.state = read(asked || this.dataset.remembered);
    // The pages before may have been of runs with other steps.
    if (!asked) this.state.zoom = null;
    this.addEventListener("change", (event) => this.changed(event));
    this.addEventListener("input", (event) => this.typed(event));
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("focusin", (event) => event.target.matches(".chart-join") && this.offer(event.target));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    draggable(this.cards, () => this.reorder());
    document.addEventListener("studio:shown", () => this.renew());
    addEventListener("hashchange", () => this.jump());
    this.list();
    this.show();
    this.jump();
  }

  // What the list on the left says of each metric, in its order.
  list() {
    const items = [...this.querySelectorAll(".board-list li")];
    this.metrics = new Map(
      items.map((item, place) => {
        const { name, kind, count, low, high, last } = item.dataset;
        return [name, { name, kind, place, item, last, count: Number(count), low: low && Number(low), high: high && Number(high) }];
      }),
    );
    for (const part of [this.find.closest(".board-find"), this.form]) part.hidden = !items.length;
  }

  get usual() {
    const all = [...this.metrics.keys()];
    const own = all.filter((name) => !name.startsWith("system/"));
    return own.length ? own : all;
  }

  // The charts there are, each the names that are in it.
  get charts() {
    const { charts, hidden, prefix } = this.state;
    if (charts) {
      const known = charts.map((names) => names.filter((name) => this.metrics.has(name))).filter((names) => names.length);
      // What was remembered of other metrics says nothing here.
      if (known.length || !charts.length || location.search.includes("metrics=")) return known;
    }
    const shown = this.usual.filter((name) => !hidden.has(name));
    return prefix ? this.grouped(shown) : shown.map((name) => [name]);
  }

  grouped(names) {
    const groups = new Map();
    for (const name of names) {
      const cut = name.lastIndexOf("/");
      const isOne = cut > 0 && this.isCurve(name);
      const key = isOne ? `/${name.slice(0, cut)}` : `.${name}`;
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    return [...groups.values()];
  }

  isCurve(name) {
    const metric = this.metrics.get(name);
    return SERIES.includes(metric.kind) && metric.low !== undefined;
  }

  show() {
    const known = new Map([...this.cards.children].map((card) => [card.dataset.key, card]));
    const charts = this.charts;
    const cards = charts.map((names) => known.get(names.join("\n")) ?? this.card(names));
    arranged(this.cards, cards);
    cards.forEach((card, place) => this.head(card, !place, place === cards.length - 1));
    this.querySelector("[data-none]").hidden = cards.length > 0 || !this.metrics.size;
    const drawn = new Set(charts.flat());
    for (const { name, item } of this.metrics.values()) item.querySelector("[data-listed]").checked = drawn.has(name);
    this.querySelector("[data-shown]").textContent = `${drawn.size.toLocaleString("en")} of ${this.metrics.size.toLocaleString("en")}`;
    const { x, smooth, log, prefix, zoom } = this.state;
    Object.assign(this.form.elements.x, { value: x });
    Object.assign(this.form.elements.smooth, { value: smooth });
    this.form.elements["smooth-value"].value = String(smooth);
    this.form.elements.log.checked = log;
    this.form.elements.prefix.checked = prefix;
    this.form.querySelector("[data-do=reset]").hidden = !zoom;
    this.filter();
  }

  card(names) {
    const card = this.querySelector("template[data-card]").content.firstElementChild.cloneNode(true);
    const title = titleOf(names);
    card.dataset.key = names.join("\n");
    card.id = `chart-${this.metrics.get(names[0]).place}`;
    const heading = card.querySelector(".chart-title");
    Object.assign(heading, { textContent: title, title: names.join(", "), id: `${card.id}-title` });
    card.setAttribute("aria-labelledby", heading.id);
    card.querySelector(".chart-buttons").setAttribute("aria-label", title);
    card.querySelector(".chart-table").setAttribute("aria-label", `${title} as a table`);
    card.querySelector(".chart-legend").setAttribute("aria-label", `Metrics of ${title}`);
    card.querySelector(".chart-picture").setAttribute("aria-label", title);
    const isCurve = names.every((name) => this.isCurve(name));
    card.querySelector(".chart-join").hidden = !isCurve;
    card.querySelector("[data-chart-do=apart]").hidden = names.length < 2;
    const asked = new URLSearchParams(names.map((name) => ["name", name]));
    card.querySelector("[data-chart-csv]").href = `${this.dataset.csv}?${asked}`;
    const chart = card.querySelector("metric-chart");
    chart.names = names;
    chart.board = this;
    return card;
  }

  head(card, isFirst, isLast) {
    const chart = card.querySelector("metric-chart");
    const [name] = chart.names;
    for (const size of SIZES) {
      const isOn = this.state[size].has(name);
      card.classList.toggle(`is-${size}`, isOn);
      card.querySelector(`[data-chart-do=${size}]`).setAttribute("aria-pressed", String(isOn));
    }
    card.querySelector("[data-chart-do=before]").hidden = isFirst;
    card.querySelector("[data-chart-do=after]").hidden = isLast;
    chart.told();
  }

  // Another address, and the charts as it says. What is only looked at closer is not remembered.
  keep({ isForGood = true } = {}) {
    const query = write(this.state);
    history.replaceState(null, "", `${location.pathname}${query ? `?${query}` : ""}`);
    this.show();
    if (!isForGood) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.remember(), PAUSE);
  }

  remember() {
    const query = write(this.state, { zoom: false });
    if (query.length > LONGEST) return;
    const body = new FormData(this.form);
    body.set("query", query);
    fetch(this.dataset.remember, { method: "POST", body }).catch(() => {});
  }

  redraw(isOther) {
    for (const chart of this.cards.querySelectorAll("metric-chart")) {
      if (isOther) chart.renew();
      else chart.draw();
    }
  }

  changed({ target }) {
    if (target.matches("[data-listed]")) return this.tick(target.closest("li").dataset.name, target.checked);
    if (target.matches(".chart-join")) return this.join(target);
    if (!this.form.contains(target) || target.name === "smooth") return;
    const { x, log, prefix } = this.form.elements;
    const isOther = x.value !== this.state.x;
    if (target.name === "prefix") this.state.charts = null;
    Object.assign(this.state, { x: x.value, log: log.checked, prefix: prefix.checked });
    if (isOther) this.state.zoom = null;
    this.keep();
    this.redraw(isOther);
  }

  typed({ target }) {
    if (target === this.find) return this.filter();
    if (target.name !== "smooth") return;
    // The first step asks for what lies before a window as well.
    const isOther = Boolean(this.state.zoom && !this.state.smooth);
    this.state.smooth = Number(target.value);
    this.keep();
    this.redraw(isOther);
  }

  filter() {
    const words = this.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { name, item } of this.metrics.values()) {
      item.hidden = !words.every((word) => name.toLowerCase().includes(word));
    }
  }

  tick(name, isOn) {
    const isUsual = !this.state.charts && this.usual.includes(name);
    if (isUsual && isOn) this.state.hidden.delete(name);
    else if (isUsual) this.state.hidden.add(name);
    else if (isOn) this.state.charts = [...this.charts, [name]];
    else this.state.charts = this.charts.map((names) => names.filter((other) => other !== name)).filter((names) => names.length);
    this.keep();
  }

  offer(select) {
    const own = select.closest(".chart").dataset.key;
    const others = [...this.cards.children].filter((card) => card.dataset.key !== own && !card.querySelector(".chart-join").hidden);
    select.replaceChildren(select.options[0], ...others.map((card) => new Option(card.dataset.key.replaceAll("\n", ", "), card.dataset.key)));
  }

  join(select) {
    const own = select.closest(".chart").dataset.key;
    const [target, source] = [own.split("\n"), select.value];
    if (!source) return;
    this.state.charts = this.charts
      .filter((names) => names.join("\n") !== source)
      .map((names) => (names.join("\n") === own ? [...target, ...source.split("\n")] : names));
    this.keep();
  }

  click(event) {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (what === "all") Object.assign(this.state, { charts: null, hidden: new Set() });
    if (what === "none") this.state.charts = [];
    if (what === "reset") return this.zoom(null);
    if (what) return this.keep();
    const button = event.target.closest("[data-chart-do]");
    if (button) this.act(button.dataset.chartDo, button, button.closest(".chart"));
  }

  act(what, button, card) {
    const chart = card.querySelector("metric-chart");
    const [name] = chart.names;
    if (what === "png") return chart.save();
    if (what === "remove") return chart.names.forEach((each) => this.tick(each, false));
    if (what === "apart") this.state.charts = this.charts.flatMap((names) => (names[0] === name ? names.map((each) => [each]) : [names]));
    if (what === "before" || what === "after") return this.move(what, button, card);
    if (SIZES.includes(what)) this.flip(this.state[what], name);
    if (what === "table") this.flip(this.state.tables, name);
    if (what === "table") chart.toggle(button);
    this.keep({ isForGood: what !== "table" });
  }

  move(what, button, card) {
    if (what === "before") card.previousElementSibling.before(card);
    else card.nextElementSibling.after(card);
    this.reorder();
    // A card that is moved loses the focus; at an end only the way back is left.
    const other = card.querySelector(`[data-chart-do=${what === "before" ? "after" : "before"}]`);
    (button.hidden ? other : button).focus();
    const place = [...this.cards.children].indexOf(card) + 1;
    this.announce(`${card.querySelector(".chart-title").textContent}: chart ${place} of ${this.cards.children.length}`);
  }

  // The charts as their cards stand now.
  reorder() {
    this.state.charts = [...this.cards.children].map((card) => card.dataset.key.split("\n"));
    this.keep();
  }

  flip(names, name) {
    if (!names.delete(name)) names.add(name);
  }

  zoom(zoom) {
    this.state.zoom = zoom;
    this.keep({ isForGood: false });
    this.redraw(true);
  }

  // The same place on the axis, on all charts that are seen.
  cursor(x, source) {
    for (const chart of this.cards.querySelectorAll("metric-chart")) if (chart !== source) chart.follow(x);
  }

  announce(text) {
    this.querySelector("[data-said]").textContent = text;
  }

  renew() {
    this.list();
    this.show();
    for (const chart of this.cards.querySelectorAll("metric-chart")) chart.grow();
  }

  // The overview links to a metric by its name.
  jump() {
    const name = decodeURIComponent(location.hash.slice("#metric=".length));
    if (!location.hash.startsWith("#metric=") || !this.metrics.has(name)) return;
    if (!this.charts.flat().includes(name)) this.tick(name, true);
    const card = [...this.cards.children].find((each) => each.querySelector("metric-chart").names.includes(name));
    card.scrollIntoView({ block: "center" });
    card.querySelector(".chart-picture").focus({ preventScroll: true });
  }
}

customElements.define("metric-board", MetricBoard);
