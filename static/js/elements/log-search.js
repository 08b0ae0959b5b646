// <log-search>: finds lines in the whole log, on the server. It goes to the next and the one before, counts
// all of them, a second's work at a time, and marks what is in sight. Nothing of the page is rewritten for
// the marks: they are ranges that the browser paints.

import { rangeOf, rowOf } from "../lib/hits.js";

const PAUSE = 250;
const LIST = 100;
const MARKS = "log-hits";
const CURRENT = "log-hit";
const AWAY = "The studio does not answer. Enter searches again.";

class LogSearch extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.view = this.parentElement.querySelector("log-view");
    this.form = this.querySelector("form");
    this.input = this.form.elements.text;
    this.refused = this.querySelector(".search-refused");
    this.output = this.querySelector("[data-count]");
    this.hits = this.querySelector(".hits");
    this.list = this.hits.querySelector("ol");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.addEventListener("click", (event) => this.clicked(event));
    this.hits.addEventListener("toggle", () => this.hits.open && !this.list.children.length && this.fill());
    this.view.addEventListener("log:shown", (event) => this.extend(event.detail));
    this.onKey = (event) => this.slash(event);
    document.addEventListener("keydown", this.onKey);
    this.forget();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    clearTimeout(this.timer);
    this.turn = {};
    this.paint();
  }

  forget() {
    // Whatever is still on its way belongs to a wish that is no more.
    this.turn = {};
    this.spans = new Map();
    this.marked = [0, 0];
    [this.current, this.before, this.count, this.rest] = [0, 0, 0, 0];
    this.isCounted = false;
    this.refused.hidden = true;
    this.list.replaceChildren();
    this.more = 1;
    this.paint();
    this.tell();
  }

  get wish() {
    if (this.isOn("errors")) return { errors: "" };
    if (!this.input.value) return null;
    const wish = { text: this.input.value };
    for (const name of ["case", "regex"]) if (this.isOn(name)) wish[name] = "";
    return wish;
  }

  isOn(name) {
    return this.form.elements[name].getAttribute("aria-pressed") === "true";
  }

  turnOn(name, on) {
    this.form.elements[name].setAttribute("aria-pressed", String(on));
  }

  typed() {
    this.turnOn("errors", false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), PAUSE);
  }

  pressed(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      if (this.refused.hidden) this.step(event.shiftKey ? -1 : 1);
      else this.begin();
    } else if (event.key === "Escape" && this.input.value) {
      event.preventDefault();
      this.input.value = "";
      this.begin();
    }
  }

  slash(event) {
    const isTyping = event.target.closest?.("input, textarea, select, dialog[open]");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.input.select();
    this.input.focus();
  }

  clicked(event) {
    const link = event.target.closest("a[data-line]");
    if (link) {
      event.preventDefault();
      return this.show(Number(link.dataset.line));
    }
    const button = event.target.closest("button");
    const actions = {
      case: () => this.toggled("case"),
      regex: () => this.toggled("regex"),
      errors: () => this.toggled("errors"),
      previous: () => this.step(-1),
      following: () => this.step(1),
      more: () => this.fill(),
    };
    actions[button?.name]?.();
  }

  toggled(name) {
    this.turnOn(name, !this.isOn(name));
    if (name === "errors") this.input.value = "";
    else this.turnOn("errors", false);
    this.begin();
  }

  // The next one from here is shown at once; counting all of them takes as long as it takes.
  async begin() {
    clearTimeout(this.timer);
    this.forget();
    this.hits.hidden = !this.wish;
    const turn = this.turn;
    if (!this.wish) return;
    await this.step(1, { from: this.placeInSight() });
    if (turn !== this.turn || !this.refused.hidden) return;
    if (this.hits.open) this.fill();
    await this.countFrom(1, turn);
  }

  placeInSight() {
    if (this.view.following) return 1;
    const top = this.view.list.getBoundingClientRect().top;
    for (const line of this.view.list.children) {
      if (line.getBoundingClientRect().bottom > top) return Number(line.id.slice(1));
    }
    return 1;
  }

  async ask(asked) {
    const turn = this.turn;
    const address = new URL(this.dataset.src, location.href);
    const parts = Object.entries({ ...this.wish, ...asked });
    for (const [name, value] of parts) address.searchParams.set(name, value);
    const answer = await fetch(address).catch(() => null);
    const told = answer?.ok ? await answer.json() : { refused: AWAY };
    if (turn !== this.turn) return null;
    this.refused.hidden = !told.refused;
    if (!told.refused) return told;
    this.refused.textContent = told.refused;
    this.tell();
    return null;
  }

  // One step, around the end if need be; each look goes on where the one before had no time left.
  async step(by, { from } = {}) {
    if (!this.wish) return;
    this.setAttribute("aria-busy", "true");
    const start = from ?? (this.current ? this.current + by : this.placeInSight());
    const near = await this.look(by, start);
    const found = near ?? (await this.look(by, by > 0 ? 1 : Infinity));
    this.removeAttribute("aria-busy");
    if (!found) return this.tell();
    const isNext = near && from === undefined && this.before;
    const around = by > 0 ? 1 : this.isCounted && this.count + this.rest;
    await this.show(found.line, isNext ? this.before + by : !near && around);
  }

  async look(by, start) {
    let place = start;
    for (;;) {
      if (place < 1) return null;
      const asked = by > 0 ? { first: place } : { back: "" };
      if (by < 0 && place !== Infinity) asked.last = place;
      const told = await this.ask({ ...asked, limit: 1 });
      if (!told) return null;
      if (told.hits.length) return told.hits[0];
      if (told.complete) return null;
      place = by > 0 ? told.next : told.next - 1;
    }
  }

  // Which of all it is need not be counted where the one beside it was.
  async show(line, place) {
    const turn = this.turn;
    this.current = line;
    await this.view.goTo(line);
    if (turn !== this.turn) return;
    await this.markSight();
    if (!place) return this.countBefore(line);
    this.before = place;
    this.tell();
  }

  // How many lines have it; `from` grows with the log.
  async countFrom(from, turn) {
    let place = from;
    this.isCounting = true;
    while (turn === this.turn) {
      const told = await this.ask({ first: place, limit: 0 });
      if (!told) break;
      this.count += told.count;
      this.rest = told.rest;
      this.isCounted = told.complete;
      place = told.next;
      this.countedTo = place;
      this.tell();
      if (told.complete) break;
    }
    if (turn === this.turn) this.isCounting = false;
  }

  async countBefore(line) {
    const turn = this.turn;
    let [place, count] = [1, 0];
    this.before = 0;
    while (place < line) {
      const told = await this.ask({ first: place, last: line - 1, limit: 0 });
      if (!told || turn !== this.turn || line !== this.current) return;
      count += told.count;
      place = told.next;
      if (told.complete) break;
    }
    this.before = count + 1;
    this.tell();
  }

  extend({ from, to }) {
    if (!this.wish || !this.refused.hidden) return;
    this.markBetween(from, to);
    if (this.isCounted && !this.isCounting) this.countFrom(this.countedTo, this.turn);
  }

  markSight() {
    return this.markBetween(this.view.first, this.view.last);
  }

  async markBetween(first, last) {
    let place = first;
    while (place <= last) {
      const told = await this.ask({ first: place, last });
      if (!told) return;
      for (const hit of told.hits) this.spans.set(hit.line, hit.spans);
      place = told.next;
      if (told.complete) break;
    }
    this.paint();
  }

  paint() {
    if (!globalThis.Highlight) return;
    const [all, current] = [new Highlight(), new Highlight()];
    for (const [line, spans] of this.spans) {
      const text = this.view.line(line)?.querySelector(".log-text");
      if (!text) this.spans.delete(line);
      else for (const span of spans) rangeOf(text, span, line === this.current ? current : all);
    }
    for (const line of this.view.querySelectorAll(".is-hit")) line.classList.remove("is-hit");
    this.view.line(this.current)?.classList.add("is-hit");
    CSS.highlights.set(MARKS, all);
    CSS.highlights.set(CURRENT, current);
  }

  // "3 of 1,234 lines"; while it is not counted to the end, "1,234+".
  tell() {
    const total = this.count + this.rest;
    const number = `${total.toLocaleString("en")}${this.isCounted ? "" : "+"}`;
    const place = this.before && total >= this.before ? `${this.before.toLocaleString("en")} of ` : "";
    const nothing = this.isCounted && !total;
    const isRefused = !this.refused.hidden;
    this.output.textContent = !this.wish || isRefused ? "" : nothing ? "Not found" : `${place}${number} ${total === 1 ? "line" : "lines"}`;
    for (const name of ["previous", "following"]) this.form.elements[name].disabled = !this.wish || nothing || isRefused;
    this.hits.hidden = !this.wish || nothing || isRefused;
  }

  // Two at once would ask for the same lines.
  async fill() {
    const turn = this.turn;
    if (this.filling === turn) return;
    this.filling = turn;
    for (let left = LIST; left > 0 && this.more; ) {
      const told = await this.ask({ first: this.more, limit: left });
      if (!told) break;
      this.list.append(...told.hits.map((hit) => rowOf(hit)));
      left -= told.hits.length;
      this.more = told.complete ? 0 : told.next;
    }
    if (turn !== this.turn) return;
    this.filling = null;
    this.querySelector("[name=more]").hidden = !this.more;
  }
}

customElements.define("log-search", LogSearch);
