// One chart of a run's metrics: curves of series, or what a metric of another kind shows.

import { curves } from "../charts/curves.js";
import { nearest } from "../charts/joining.js";
import { drawKind } from "../charts/kinds.js";
import { colour, figure, load } from "../charts/look.js";
import { save } from "../charts/picture.js";
import { lasted, Series } from "../charts/series.js";
import { ChartFrame, made } from "./chart-frame.js";
import { RowTable } from "./row-table.js";

const FAINT = 0.28;
const FEWEST = 400;
const AXES = { step: "steps", time: "time", relative: "time since the run began" };

class MetricChart extends ChartFrame {
  begin(signal) {
    this.said = this.board.querySelector("[data-said]");
    this.series = new Map();
    this.rows = new RowTable(this.table, this.names, this.board.dataset.rows, signal);
    const isOpen = this.board.state.tables.has(this.names[0]);
    if (isOpen && this.table.hidden) this.toggle(this.closest(".chart").querySelector("[data-chart-do=table]"));
  }

  get metrics() {
    return this.names.map((name) => this.board.metrics.get(name)).filter(Boolean);
  }

  get isCurves() {
    // One value is a figure, not a curve.
    const isOne = this.names.length === 1 && this.metrics[0]?.count === 1;
    return !isOne && this.metrics.every((metric) => this.board.isCurve(metric.name));
  }

  // What the list says of it, in the head of the card.
  told() {
    const figures = this.closest(".chart")?.querySelector(".chart-figures");
    const [metric] = this.metrics;
    if (!figures || !metric || this.names.length > 1 || !this.isCurves) return;
    const last = Number.isFinite(Number(metric.last)) ? figure(Number(metric.last)) : metric.last;
    figures.textContent = `last ${last} · min ${figure(metric.low)} · max ${figure(metric.high)}`;
    Object.assign(figures, { title: figures.textContent, hidden: false });
  }

  address(names, more = {}) {
    const { x, zoom } = this.board.state;
    this.most = Math.max(FEWEST, Math.round(this.picture.clientWidth || this.clientWidth) * 2);
    const window_ = zoom ? { from: zoom.min, to: zoom.max } : {};
    const asked = Object.entries({ x, most: this.most, ...window_, ...more });
    return `${this.board.dataset.points}?${new URLSearchParams([...names.map((name) => ["name", name]), ...asked])}`;
  }

  async ask() {
    if (!this.isCurves) return this.askKind();
    this.kind = null;
    const address = this.address(this.names);
    const { x, zoom } = this.board.state;
    const [text, lead] = await Promise.all([this.fetched(address), this.askLead(), load(this.board.dataset.uplot)]);
    if (text === undefined) return;
    this.series = new Map(JSON.parse(text).series.map((told) => [told.name, new Series(told, this.most)]));
    for (const told of lead ? JSON.parse(lead).series : []) this.series.get(told.name).begin(told, x, zoom.min);
    this.draw();
  }

  // Only a smoothed line is drawn towards what is left of the window.
  async askLead() {
    const { smooth, zoom } = this.board.state;
    if (smooth && zoom) return this.fetched(this.address(this.names, { from: "", to: zoom.min }));
  }

  async askKind() {
    const [metric] = this.metrics;
    const asked = new URLSearchParams({ name: metric.name, ...(this.version === undefined ? {} : { start: this.version }) });
    const isText = ["scalar", "list"].includes(metric.kind);
    const answers = await Promise.all([load(this.board.dataset.uplot), isText ? "{}" : this.fetched(`${this.board.dataset.drawing}?${asked}`)]);
    if (answers[1] === undefined) return;
    this.kind = { kind: metric.kind, name: metric.name, last: metric.last, total: metric.count, ...JSON.parse(answers[1]) };
    // Without a number there is no chart, only the table.
    const isTable = metric.kind === "table" && !Object.keys(this.kind.columns).length;
    if (isTable && this.table.hidden) return this.toggle(this.closest(".chart").querySelector("[data-chart-do=table]"));
    this.draw();
  }

  // Only what came since is asked for, and put behind what is drawn.
  async grow() {
    const grown = this.metrics.filter((metric) => (this.series.get(metric.name)?.total ?? metric.count) < metric.count);
    if (this.kind) {
      if (this.metrics[0]?.count !== this.kind.total) this.renew();
      return;
    }
    if (!this.series.size || !grown.length) return;
    if (!this.isSeen || this.isAsking) return void (this.isStale = true);
    for (const { name } of grown) {
      const known = this.series.get(name);
      const text = await this.fetched(this.address([name], { after: known.total }));
      if (text === undefined) return;
      if (!known.add(JSON.parse(text).series[0], this.board.state.x)) return this.renew();
    }
    if (!this.drawn?.set?.(this.lines())) this.draw();
    this.describe();
    if (!this.table.hidden) this.rows.grow();
  }

  lines() {
    const { smooth, x } = this.board.state;
    const found = this.names.map((name) => ({ name, series: this.series.get(name), number: this.board.metrics.get(name).place }));
    const raw = found.map(({ name, series, number }) => {
      const isFaint = smooth > 0;
      return { name, series, isFaint, xs: series.xs(x), values: series.values, colour: colour(number, this.look, isFaint ? FAINT : 1) };
    });
    if (!smooth) return raw;
    const drawn = found.map(({ name, series, number }) => ({ name, series, xs: series.xs(x), values: series.smoothed(smooth), width: 2, colour: colour(number, this.look) }));
    return [...raw, ...drawn];
  }

  draw() {
    if (!this.isConnected || this.picture.hidden) return;
    if (this.kind) return this.drawKind();
    if (!this.series.size || this.names.some((name) => !this.series.has(name))) return;
    this.clear();
    const { x, log, zoom } = this.board.state;
    const chart = { lines: this.lines(), log, isTime: x === "time", sayX: x === "relative" ? lasted : undefined };
    this.drawn = curves(this.picture, chart, this.look, {
      zoom,
      size: () => this.size(),
      zoomed: (next) => this.board.zoom(next),
      move: (found, left, top, at) => this.move(found, left, top, at),
      leave: () => this.leave(),
    });
    this.say(this.drawn ? "" : this.nothing());
    this.list();
    this.describe();
    if (!this.table.hidden) this.rows.show();
  }

  nothing() {
    if (this.board.state.log) return "Nothing here is positive: a log scale has no place for it.";
    return this.board.state.zoom ? "Nothing was logged in this range." : "No number was logged.";
  }

  drawKind() {
    this.clear();
    const other = drawKind(this.picture, this.kind, this.look, {
      size: () => this.size(),
      files: (path) => this.board.dataset.files.replace("FILE", path.split("/").map(encodeURIComponent).join("/")),
      choose: (version) => {
        this.version = version;
        this.renew();
      },
      tip: (name, text, left, top) => (name ? this.tipAt(name, text, left, top) : this.untip()),
      changed: () => {
        this.walk.leave();
        this.retell();
      },
    });
    this.other = other;
    this.drawn = other.drawn;
    this.closest(".chart").classList.toggle("is-grown", Boolean(other.isGrown));
    this.retell();
    this.closest(".chart").querySelector("[data-chart-do=png]").hidden = !this.picture.querySelector("canvas");
    this.say(other.note ?? "");
    if (!this.table.hidden) this.rows.show();
  }

  retell() {
    const { summary } = this.other;
    this.picture.setAttribute("aria-label", this.tracks.length ? `${summary} Arrow keys go along what is drawn.` : summary);
  }

  list() {
    this.legend.replaceChildren(
      ...this.metrics.map(({ name, place }) => {
        const item = document.createElement("li");
        const swatch = made("span", "", "chart-swatch");
        swatch.style.background = colour(place, this.look);
        item.append(swatch, made("span", name, "chart-key"), made("span", "", "chart-now number"));
        return item;
      }),
    );
  }

  // The picture in words.
  describe() {
    const { x, zoom, smooth, log } = this.board.state;
    const how = [zoom && "a part of the range", smooth && `smoothed by ${smooth}`, log && "log scale"].filter(Boolean).join(", ");
    const all = [...this.series.values()];
    const words = all.map((series) => series.words).join(" ");
    this.picture.setAttribute("aria-label", `Line chart of ${this.names.join(", ")} over ${AXES[x]}${how ? ` (${how})` : ""}. ${words} Arrow keys go along the points.`);
    this.odd ??= this.legend.parentElement.insertBefore(made("p", "", "chart-odd"), this.table);
    this.odd.textContent = all.filter((series) => series.odd).map((series) => (all.length > 1 ? `${series.name}: ${series.odd}` : series.odd)).join(" ");
    this.odd.hidden = !this.odd.textContent;
  }

  // The value that was logged; of a smoothed line, where it is drawn as well.
  sayAt(name, place) {
    const { x, smooth } = this.board.state;
    const series = this.series.get(name);
    const drawn = smooth && series.values[place] !== null ? `${figure(series.smoothed(smooth)[place])} (logged ${series.said(place)})` : series.said(place);
    return `${series.where(x, place)}: ${drawn}`;
  }

  move(found, left, top, at) {
    this.follow(at);
    this.board.cursor(at, this);
    if (!found) return this.untip();
    const { line, place } = found;
    // On a log scale points are missing in what is drawn.
    const real = this.board.state.log ? line.series.xs(this.board.state.x).indexOf(line.xs[place]) : place;
    this.tipAt(line.name, this.sayAt(line.name, real), left, top);
  }

  leave() {
    this.untip();
    if (this.kind) return this.drawn?.leave?.();
    this.follow(null);
    this.board.cursor(null, this);
  }

  // The cursor stands where it stands on another chart; the legend says what is there.
  follow(x) {
    if (this.kind || !this.drawn || !this.isSeen) return;
    this.drawn.cursor(x);
    const lines = this.drawn.lines.filter((line) => !line.isFaint);
    const now = this.legend.querySelectorAll(".chart-now");
    this.names.forEach((name, n) => {
      const line = lines.find((each) => each.name === name);
      if (!now[n]) return;
      now[n].textContent = x === null || !line ? "" : figure(line.values[nearest(line.xs, x)]);
    });
  }

  get tracks() {
    if (this.kind) return this.other.tracks ?? this.drawn?.tracks ?? [];
    if (!this.drawn) return [];
    const lines = this.lines().filter((line) => !line.isFaint);
    return lines.map(({ name, xs, values }) => ({
      key: name,
      xs,
      size: xs.length,
      at: (place) => ({ name, text: this.sayAt(name, place), ...this.drawn?.cursor?.(xs[place], values[place]) }),
    }));
  }

  stand(_, { track, place }) {
    if (this.kind) return;
    this.follow(track.xs[place]);
    this.board.cursor(track.xs[place], this);
  }

  escape() {
    if (this.walk.place === null && this.board.state.zoom) this.board.zoom(null);
    super.escape();
  }

  toggle(button) {
    super.toggle(button);
    if (this.table.hidden) this.draw();
    if (this.odd) this.odd.hidden = !this.table.hidden || !this.odd.textContent;
  }

  fill() {
    this.rows.show();
  }

  save() {
    save(this, `${this.board.dataset.run}-${this.names.join("-")}`);
  }
}

customElements.define("metric-chart", MetricChart);
